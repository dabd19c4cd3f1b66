"""What the dictionary says: words, readings, characters, sentences, and how the file packs readings."""

import gzip
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from decks.dictionary.senses import Reference, references

STANDARDS = ("2025", "2021", "2.0")
LEVELS = {
    "2025": ("1", "2", "3", "4", "5", "6", "7-9"),
    "2021": ("1", "2", "3", "4", "5", "6", "7-9"),
    "2.0": ("1", "2", "3", "4", "5", "6"),
}
# What stands for the short forms of some radicals; hardly a font has these.
FULL_FORMS = dict(zip("⺮⺙⻊⺈⺌⺍⺊⺁⺺⺧⺀", "竹攵足刀小小卜厂聿牛冫", strict=True))
_FIELD, _READING = "\x1f", "\x1e"


@dataclass(frozen=True, slots=True)
class Reading:
    """One pronunciation of a word with its meanings; `english` is their gist, for a card."""

    traditional: str
    pinyin: str
    pinyin_numbers: str
    zhuyin: str
    english: str
    senses: tuple[str, ...]
    measure_words: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True)
class Word:
    """A simplified headword. Frequency is on the Zipf scale; rank 1 is the most frequent word.

    A composed word is in an HSK list but not in CC-CEDICT: its reading is put together from its parts'.
    """

    simplified: str
    readings: tuple[Reading, ...]
    hsk: dict[str, str | None]
    frequency: float | None
    rank: int | None
    composed: bool

    @property
    def traditional(self) -> str:
        return self.readings[0].traditional


@dataclass(frozen=True)
class Character:
    """A character; `drawing` is gzipped JSON in the form that hanzi-writer loads, if it can be drawn."""

    character: str
    radical: str
    radical_number: int
    stroke_count: int
    parts: tuple[str, ...]
    readings: tuple[str, ...]
    definition: str
    hsk: dict[str, str | None]
    drawing: bytes | None

    @cached_property
    def _drawn(self) -> dict:
        return json.loads(gzip.decompress(self.drawing)) if self.drawing else {"strokes": [], "medians": []}

    @property
    def strokes(self) -> list[str]:
        """The outline of each stroke, as an SVG path."""
        return self._drawn["strokes"]

    @property
    def medians(self) -> list[list[list[int]]]:
        """The points along the middle of each stroke."""
        return self._drawn["medians"]


@dataclass(frozen=True, slots=True)
class Sentence:
    """An example."""

    chinese: str
    pinyin: str
    english: str


def pack(readings: Iterable[tuple[str, ...]]) -> str:
    """Return readings as one text, which takes less time to read than JSON or rows of their own."""
    return _READING.join(_FIELD.join(reading) for reading in readings)


def unpack(packed: str) -> tuple[Reading, ...]:
    """Return the readings of a packed text."""
    return tuple(_unpacked(*reading.split(_FIELD)) for reading in packed.split(_READING))


def _unpacked(
    traditional: str, pinyin: str, numbers: str, zhuyin: str, english: str, senses: str, measure_words: str
) -> Reading:
    measured = tuple(references(measure_words)) if measure_words else ()
    return Reading(traditional, pinyin, numbers, zhuyin, english, tuple(senses.split("/")), measured)


def tokens(text: str, *, begins: bool, ends: bool) -> str:
    """Return a text as the full-text index of hanzi has it: a token for each character, for its beginning and end."""
    found = ["begin"] * begins + [f"x{ord(character):x}" for character in text.lower()] + ["end"] * ends
    return " ".join(found)
