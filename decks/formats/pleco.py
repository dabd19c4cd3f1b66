"""Pleco's flashcards, as it exports them: a text file, or XML.

Documented by its manual: the text file's lines, 简体[繁體], pinyin with numbers and the definition between tabs, with a
line `//Category/Subcategory` before the cards of a category. Assumed from files of its users, as no schema of it is
published: the XML, that 100 points of a score are a day, and the characters of its own (U+EAB1 for a new line; those
beside it begin and end bold, italic and coloured text).
"""

import re
from collections.abc import Iterator
from xml.parsers import expat

from decks.formats.records import LONGEST_FIELD, BadFile, Record, Score

COLUMNS = ("Simplified", "Traditional", "Pinyin", "Definition", "Categories")
TARGETS = ("hanzi", "traditional", "pinyin", "english", "tags")
POINTS_A_DAY = 100
MOST_DAYS = 36500
_FIRST_SECOND, _LAST_SECOND = 946_684_800, 4_102_444_800  # the years 2000 to 2100
_HAN = r"[\u2e80-\u2fdf\u3005-\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
_TEXT_LINE = re.compile(rf"{_HAN}[^\t\[]*(\[[^\t\]]+\])?\t[^\t]*(\t.*)?")
_BRACKETS = re.compile(rf"{_HAN}[^\t\[]*\[[^\t\]]+\]\t")
_CATEGORY = re.compile(r"//\S")
_FORMATTING = re.compile("[\ueab0\ueab2-\ueabf]")
_END = re.compile(r"\r\n|\r|\n")
_CHUNK = 1 << 16
_DEEPEST = 20


def is_xml(text: str) -> bool:
    """Return whether a text is Pleco's XML."""
    return "<plecoflash" in text[:2000]


def is_text(text: str) -> bool:
    """Return whether a text is Pleco's own kind: categories, or both scripts in one field, in lines of tabs."""
    lines = [line for line in _END.split(text[:20_000])[:50] if line.strip()]
    cards = [line for line in lines if not _CATEGORY.match(line)]
    special = len(cards) < len(lines) or any(_BRACKETS.match(line) for line in cards)
    return special and bool(cards) and sum(bool(_TEXT_LINE.match(line)) for line in cards) * 2 > len(cards)


def text_records(text: str) -> Iterator[Record]:
    """Yield the cards of a text export."""
    category = ""
    start, line = 0, 0
    while start < len(text):
        end = _END.search(text, start)
        written = text[start : end.start() if end else len(text)]
        start, line = end.end() if end else len(text), line + 1
        if _CATEGORY.match(written):
            category = tag_of(written[2:])
        elif written.strip():
            yield _text_record(line, written, category)


def _text_record(line: int, written: str, category: str) -> Record:
    if len(written) > LONGEST_FIELD:
        return Record(line, problem=f"The line is longer than {LONGEST_FIELD:,} characters.")
    word, pinyin, definition = (*written.split("\t", 2), "", "")[:3]
    # Both scripts of the word are told apart with those of every other file.
    return Record(line, (word, "", _reading(pinyin), _plain(definition), category))


def tag_of(category: str) -> str:
    """Return the tag of a category; a tag has no space in it, and its levels stand between colons."""
    levels = ("_".join(level.split()) for level in category.split("/"))
    return "::".join(filter(None, levels))


def _plain(text: str) -> str:
    return _FORMATTING.sub("", text.replace("\ueab1", "\n"))


def _reading(pinyin: str) -> str:
    return pinyin.replace("//", "")


def xml_records(text: str) -> Iterator[Record]:
    """Yield the cards of an XML export; what is no well-formed one, or brings its own entities, is a `BadFile`."""
    reader = _Reader()
    data = text.encode("utf-8", errors="replace")
    try:
        for start in range(0, len(data), _CHUNK):
            reader.parser.Parse(data[start : start + _CHUNK], False)
            yield from reader.taken()
        reader.parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise BadFile(f"Line {error.lineno}: this is not XML as Pleco writes it.") from None
    yield from reader.taken()


class _Reader:
    """An XML parser that makes cards of what it meets. Files come from strangers: it takes no document type at all."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate("utf-8")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.EntityDeclHandler = self._refuse
        self.depth = 0
        self.cards: list[Record] = []
        self.card: dict[str, object] | None = None
        self.place = ""
        self.length = 0

    def taken(self) -> list[Record]:
        """Return the cards met since the last time."""
        cards, self.cards = self.cards, []
        return cards

    def _refuse(self, *declared: object) -> None:
        raise BadFile("The file declares a document type or entities, which Pleco's never do.")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise BadFile("The elements of the file are nested too deeply.")
        if name == "card":
            self.card = {"line": self.parser.CurrentLineNumber, "tags": []}
            self.length = 0
        elif self.card is None:
            return
        elif name == "headword":
            self.place = "tc" if attributes.get("charset") == "tc" else "sc"
        elif name in ("pron", "defn"):
            self.place = name
        elif name == "catassign":
            self.card["tags"].append(tag_of(attributes.get("category", "")))
        elif name == "scoreinfo" and "score" not in self.card:
            self.card["score"] = score_of(attributes)

    def _text(self, text: str) -> None:
        if self.card is not None and self.place:
            self.length += len(text)
            if self.length <= LONGEST_FIELD:
                self.card[self.place] = self.card.get(self.place, "") + text

    def _end(self, name: str) -> None:
        self.depth -= 1
        if name in ("headword", "pron", "defn"):
            self.place = ""
        elif name == "card" and self.card is not None:
            self.cards.append(self._record(self.card))
            self.card = None

    def _record(self, card: dict) -> Record:
        if self.length > LONGEST_FIELD:
            return Record(card["line"], problem=f"The card is longer than {LONGEST_FIELD:,} characters.")
        pinyin, definition = _reading(card.get("pron", "")), _plain(card.get("defn", ""))
        tags = " ".join(filter(None, card["tags"]))
        fields = (card.get("sc", ""), card.get("tc", ""), pinyin, definition, tags)
        return Record(card["line"], fields, score=card.get("score"), scored="score" in card)


def score_of(attributes: dict[str, str]) -> Score | None:
    """Return what a score says of a memory, or None where it says nothing.

    That is a card that was never reviewed, or whose points don't make a day, or whose last review has no date.
    """
    reviewed, points, at = (_number(attributes.get(name)) for name in ("reviewed", "score", "lastreviewedtime"))
    if reviewed < 1 or points < POINTS_A_DAY or not _FIRST_SECOND <= at <= _LAST_SECOND:
        return None
    return Score(min(points // POINTS_A_DAY, MOST_DAYS), at)


def _number(written: str | None) -> int:
    return int(written) if written and written.isascii() and written.isdigit() and len(written) < 16 else 0
