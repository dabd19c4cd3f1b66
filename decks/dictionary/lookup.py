"""The dictionary's file, read."""

import functools
import json
import sqlite3
import threading
from pathlib import Path

from decks.dictionary import conversion, search, segmentation
from decks.dictionary.similar import similar_keys
from decks.dictionary.words import LEVELS, STANDARDS, Character, Reading, Sentence, Word, unpack

_WORD = "w.simplified, w.readings, w.hsk2025, w.hsk2021, w.hsk20, w.frequency, w.rank, w.composed"
_LEVEL = {"2025": "hsk2025", "2021": "hsk2021", "2.0": "hsk20"}


class DictionaryMissing(FileNotFoundError):
    """There is no dictionary at the path."""


@functools.cache
def open_dictionary(path: Path | str) -> "Dictionary":
    """Return the dictionary of a file, the same for the same path."""
    return Dictionary(Path(path))


class _Connection(sqlite3.Connection):
    """A connection that closes with its thread."""

    def __del__(self) -> None:
        self.close()


class Dictionary:
    """A read-only dictionary. It opens its file on first use, once a thread, so it survives a fork."""

    def __init__(self, path: Path):
        self.path = path
        self._local = threading.local()

    def _rows(self, statement: str, *parameters: object) -> list[tuple]:
        connection = getattr(self._local, "connection", None) or self._connect()
        return connection.execute(statement, parameters).fetchall()

    def _connect(self) -> sqlite3.Connection:
        if not self.path.exists():
            raise DictionaryMissing(f"There is no dictionary at {self.path}: run `manage.py build_dictionary`.")
        address = f"{self.path.absolute().as_uri()}?mode=ro&immutable=1"
        self._local.connection = sqlite3.connect(address, uri=True, check_same_thread=False, factory=_Connection)
        return self._local.connection

    def preload(self) -> None:
        """Read what is kept in memory, and close the file again: what is forked then shares it, but no connection."""
        self.segment("")
        self.lookalikes("")
        self._local.connection.close()
        del self._local.connection

    def lookup(self, word: str) -> Word | None:
        """Return a word by its simplified form, else by its traditional one."""
        rows = self._rows(
            f"SELECT {_WORD} FROM headwords h JOIN words w ON w.id = h.word_id"  # noqa: S608
            " WHERE h.headword = ? ORDER BY h.is_traditional, h.word_id LIMIT 1",
            word,
        )
        return _word(*rows[0]) if rows else None

    def homographs(self, word: str) -> list[Word]:
        """Return every word that is written so in one of the scripts, the most frequent first."""
        rows = self._rows(
            f"SELECT {_WORD} FROM headwords h JOIN words w ON w.id = h.word_id"  # noqa: S608
            " WHERE h.headword = ? GROUP BY w.id ORDER BY w.id",
            word,
        )
        return [_word(*row) for row in rows]

    def readings(self, word: str) -> list[Reading]:
        """Return the readings of a word, the best first; those that are written as asked before others: 髮 is fà."""
        found = self.lookup(word)
        asked = (found.simplified,) if found and found.simplified == word else ()
        return sorted(found.readings if found else (), key=lambda reading: word not in (*asked, reading.traditional))

    def hsk_levels(self, word: str) -> dict[str, str | None]:
        """Return the level of a word by each standard, None where a standard doesn't list it."""
        found = self.lookup(word)
        return dict(found.hsk) if found else dict.fromkeys(STANDARDS)

    def search(self, query: str, limit: int = 50) -> list[Word]:
        """Return the words that a query in either script, in pinyin of any kind or in English finds, best first."""
        query = search.normal(query)
        found = search.find(self._rows, query, limit)
        return self._numbered(found) if found else self._of_phrase(query)[:limit]

    def meant(self, query: str) -> Word | None:
        """Return the word that a query means if it can mean no other, though longer ones may begin so, too."""
        query = search.normal(query)
        found = self._numbered(search.exact(self._rows, query)) or self.search(query, 2)
        return found[0] if len(found) == 1 else None

    def _of_phrase(self, query: str) -> list[Word]:
        """Return what a phrase in hanzi is: a word of mixed script, else the words that it consists of."""
        query = query.rstrip("?")  # the mark of a question rather than a pattern
        if not search.HANZI.search(query) or "*" in query or "?" in query:
            return []
        found = self.lookup(query) or self.lookup(self.to_simplified(query))
        parts = [found] if found else map(self.lookup, self.segment(query))
        return list({word.simplified: word for word in parts if word}.values())

    def nearby(self, query: str) -> list[str]:
        """Return queries close to one that finds nothing."""
        return search.nearby(self._rows, search.normal(query))

    def _numbered(self, numbers: list[int]) -> list[Word]:
        """Return the words of these numbers, in their order."""
        places = ",".join("?" * len(numbers))
        rows = self._rows(f"SELECT w.id, {_WORD} FROM words w WHERE w.id IN ({places})", *numbers)  # noqa: S608
        words = {number: _word(*row) for number, *row in rows}
        return [words[number] for number in numbers]

    def containing(self, word: str, limit: int = 20) -> list[Word]:
        """Return the longer words that a word is within, the most frequent first."""
        found = search.find(self._rows, f"*{word}*", limit + 1) if search.HANZI.search(word) else []
        return [each for each in self._numbered(found) if word not in (each.simplified, each.traditional)][:limit]

    def sharing(self, part: str, *, traditional: bool = False, limit: int = 12) -> list[str]:
        """Return the characters of a script that have a part, the most frequent first."""
        rows = self._rows(
            "SELECT character FROM components WHERE part = ? AND is_traditional = ? ORDER BY place LIMIT ?",
            *(part, traditional, limit),
        )
        return [character for (character,) in rows]

    def to_traditional(self, text: str) -> str:
        """Return a text in traditional characters."""
        return conversion.to_traditional(self.segment(text), self.homographs)

    def to_simplified(self, text: str) -> str:
        """Return a text in simplified characters."""
        return conversion.to_simplified(self.segment(text), self.homographs)

    def segment(self, text: str) -> list[str]:
        """Return the words of a text, whatever stands between them included."""
        return segmentation.segment(text, self._costs)

    @functools.cached_property
    def _costs(self) -> dict[str, float]:
        return segmentation.costs(
            self._rows("SELECT h.headword, w.frequency FROM headwords h JOIN words w ON w.id = h.word_id")
        )

    def levels(self, standard: str) -> tuple[str, ...]:
        """Return the levels of a standard, the lowest first."""
        return LEVELS[standard]

    def hsk_words(self, standard: str, level: str) -> list[Word]:
        """Return the words of a level, the most frequent first; the first reading is the one to learn."""
        rows = self._rows(
            f"SELECT {_WORD} FROM words w WHERE {_LEVEL[standard]} = ? ORDER BY w.id",  # noqa: S608
            level,
        )
        return [_word(*row) for row in rows]

    def by_rank(self, first: int, last: int) -> list[Word]:
        """Return the words whose rank is from one number to another, the most frequent first."""
        # Words are numbered in the order of their rank, so none has a number above it.
        rows = self._rows(
            f"SELECT {_WORD} FROM words w WHERE w.id <= ? AND w.rank BETWEEN ? AND ? ORDER BY w.id",  # noqa: S608
            *(last, first, last),
        )
        return [_word(*row) for row in rows]

    def hsk_characters(self, standard: str, level: str) -> list[str]:
        """Return the characters of a level, the most frequent first; HSK 2.0 has no list of characters."""
        rows = self._rows(
            f"SELECT c.character FROM characters c LEFT JOIN words w ON w.simplified = c.character"  # noqa: S608
            f" WHERE c.{_LEVEL[standard]} = ? ORDER BY w.id IS NULL, w.id, c.character",
            level,
        )
        return [character for (character,) in rows]

    def sentences(self, word: str, reading: str | None = None, limit: int = 3) -> list[Sentence]:
        """Return examples of a word, the best first; with a reading in numbers, only those that read it so."""
        rows = self._rows(
            "SELECT s.chinese, s.pinyin, s.english FROM words w JOIN examples e ON e.word_id = w.id"
            " JOIN sentences s ON s.id = e.sentence_id"
            " WHERE w.simplified = ? AND (? IS NULL OR e.reading = ?) ORDER BY e.position LIMIT ?",
            *(word, reading, reading, limit),
        )
        return [Sentence(*row) for row in rows]

    def character(self, character: str) -> Character | None:
        """Return a character, simplified or traditional."""
        rows = self._rows(
            "SELECT character, radical, radical_number, stroke_count, parts, readings, definition,"
            " hsk2025, hsk2021, hsk20, drawing FROM characters WHERE character = ?",
            character,
        )
        return _character(*rows[0]) if rows else None

    def lookalikes(self, character: str) -> list[str]:
        """Return the characters of either script that look like one, the likest first."""
        return list(self._lookalikes.get(character, ""))

    def similar_keys(self, hanzi: str, pinyin: str) -> frozenset[str]:
        """Return the keys of a card's word: two words look or sound alike if they have one in common; see `similar`."""
        return similar_keys(hanzi, pinyin, self._lookalikes)

    @functools.cached_property
    def _lookalikes(self) -> dict[str, str]:
        return dict(self._rows("SELECT character, others FROM lookalikes"))

    def counts(self) -> dict[str, int]:
        """Return how many entries, words, characters, drawings and sentences there are."""
        return json.loads(self._rows("SELECT value FROM meta WHERE key = 'counts'")[0][0])


def _word(simplified, readings, hsk2025, hsk2021, hsk20, frequency, rank, composed) -> Word:
    levels = {"2025": hsk2025, "2021": hsk2021, "2.0": hsk20}
    return Word(simplified, unpack(readings), levels, frequency, rank, bool(composed))


def _character(name, radical, number, strokes, parts, readings, definition, *rest) -> Character:
    *levels, drawing = rest
    hsk = dict(zip(STANDARDS, levels, strict=True))
    return Character(
        name, radical, number, strokes, tuple(parts.split()), tuple(readings.split()), definition, hsk, drawing
    )
