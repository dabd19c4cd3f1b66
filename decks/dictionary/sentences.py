"""Example sentences: Chinese and English of hsk-sentences-audio, with pinyin of our own.

The package's own pinyin and glosses are wrong too often (到了 as dào liǎo).
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import zip_longest

from pypinyin import Style, pinyin
from pypinyin_dict.phrase_pinyin_data import cc_cedict

from decks.dictionary.cedict import Entry
from decks.dictionary.pinyin import marks, search_key
from decks.dictionary.ranking import demotion
from decks.dictionary.segmentation import segment
from decks.dictionary.sources import python_file

_PUNCTUATION = {"。": ".", "，": ",", "？": "?", "！": "!", "、": ",", "：": ":", "；": ";", "“": "“", "”": "”"}
_ENDS = ("。", "？", "！")
_VAGUE = 40  # a word that more sentences say tells nothing of one of them
_EXPECTED = 0.05  # of how often a character is read in the usual way
_PAST = {"grew": "grow", "grown": "grow", "paid": "pay", "taught": "teach", "fell": "fall", "hid": "hide"}
_STYLE = {"style": Style.TONE3, "neutral_tone_with_five": True, "errors": list}


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a sentence and how it is read there, in numbers; None for what has no reading."""

    text: str
    reading: str | None


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence cut into words."""

    chinese: str
    english: str
    tokens: tuple[Token, ...]

    @property
    def pinyin(self) -> str:
        return spelt(self.tokens)


def pairs() -> dict[str, str]:
    """Return the English of each Chinese sentence that has some."""
    with python_file("hsk_sentences_audio", "data/sentences.json").open(encoding="utf-8") as file:
        records = json.load(file)
    english = {record["chinese"].strip(): record["translation"]["en"].strip() for record in reversed(records)}
    return {chinese: text for chinese, text in reversed(english.items()) if text and "placeholder" not in text}


def examples(
    words: Mapping[str, list[Entry]], costs: Mapping[str, float], spoken: Mapping[str, Mapping[str, int]]
) -> Iterator[Example]:
    """Yield each sentence, its words read as the sentence means them; the entries of a word are best first."""
    readings = {word: _readings(entries, spoken.get(word, {})) for word, entries in words.items() if len(entries) > 1}
    cc_cedict.load()
    sentences = pairs()
    counts = Counter(stem for english in sentences.values() for stem in _stems(english))
    vague = frozenset(stem for stem, count in counts.items() if count > _VAGUE)
    for chinese, english in sentences.items():
        said = _stems(english) - vague
        yield Example(chinese, english, tuple(_read(segment(chinese, costs), chinese, said, words, readings)))


def _read(
    tokens: list[str],
    chinese: str,
    said: frozenset[str],
    words: Mapping[str, list[Entry]],
    ambiguous: Mapping[str, Mapping[str, frozenset[str]]],
) -> Iterator[Token]:
    guesses = _syllables(chinese)
    start = 0
    for word, following in zip_longest(tokens, tokens[1:]):
        entries = words.get(word)
        reading = entries[0].pinyin if entries else None
        if len(readings := ambiguous.get(word, {})) > 1:
            particle = start > 0 and (word, following) != ("得", "了")
            reading = choose(readings, guesses[start : start + len(word)], said, may_be_particle=particle)
        start += len(word)
        yield Token(word, reading)


def _readings(entries: list[Entry], spoken: Mapping[str, int]) -> dict[str, frozenset[str]]:
    """Return what each reading of a word that can be expected may mean, the usual reading first."""
    usual = entries[0].pinyin
    readings: dict[str, frozenset[str]] = {}
    for entry in entries:
        rare = spoken.get(entry.pinyin, 0) < spoken.get(usual, 0) * _EXPECTED and entry.pinyin != usual
        if not demotion(entry) and not rare and entry.pinyin[0].isupper() == usual[0].isupper():
            readings[entry.pinyin] = readings.get(entry.pinyin, frozenset()).union(*map(_stems, entry.senses))
    return readings


def choose(
    readings: Mapping[str, frozenset[str]], guess: list[str | None], said: frozenset[str], may_be_particle: bool
) -> str:
    """Return how a word is read in a sentence, in numbers: citation tones, for they are an entry's.

    The words that the English says decide, then pypinyin's guess if the words around led it there, then what is
    usual. A particle stays one whatever pypinyin guesses: it takes 到了 for the word dào liǎo.
    """
    usual = next(iter(readings))
    if usual.endswith("5") and len(guess) == 1:
        return usual if may_be_particle else next((each for each in readings if each[-1] != "5"), usual)
    shared = {reading: len(stems & said) for reading, stems in readings.items()}
    best = max(shared.values())
    if best and list(shared.values()).count(best) == 1:
        return max(shared, key=shared.__getitem__)
    if None in guess:
        return usual
    key = search_key(" ".join(guess))
    return next((reading for reading in readings if search_key(reading) == key), usual)


def _syllables(chinese: str) -> list[str | None]:
    """Return pypinyin's guess for each character, None where it only knows the character by itself."""
    guesses = [syllable[0] for syllable in pinyin(chinese, **_STYLE)]
    alone = [pinyin(character, **_STYLE)[0][0] for character in chinese]
    return [guess if guess != by_itself else None for guess, by_itself in zip(guesses, alone, strict=True)]


@cache
def _stems(english: str) -> frozenset[str]:
    """Return the beginnings of the words."""
    return frozenset(_PAST.get(word, word)[:5] for word in re.findall(r"[a-z]{3,}", english.lower()))


def spelt(tokens: tuple[Token, ...]) -> str:
    """Return the pinyin of a sentence: words apart, its beginning a capital."""
    text, capital = "", True
    for token in tokens:
        if token.text in _PUNCTUATION:
            text += _PUNCTUATION[token.text]
            capital = capital or token.text in _ENDS
            continue
        word = marks(token.reading) if token.reading else token.text
        text += (" " if text and not text.endswith("“") else "") + (word[:1].upper() + word[1:] if capital else word)
        capital = False
    return text
