"""How a word is pronounced, in pinyin or zhuyin, syllable by syllable with its tones."""

import re
from functools import lru_cache
from typing import NamedTuple

from accounts.models import Phonetic
from decks.dictionary.pinyin import marks, numbers, toned, zhuyin
from decks.dictionary.tone_change import spoken_tones

LANGUAGES = {Phonetic.PINYIN: "zh-Latn-pinyin", Phonetic.ZHUYIN: "zh-Bopo"}
_JOINED = re.compile(r"[\s'’\-]*")  # what stands between the syllables of one word
HANZI = "[\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
_HANZI = re.compile(HANZI)


class Syllable(NamedTuple):
    """A syllable with its tone, 1 to 5, or what stands between two, with 0."""

    text: str
    tone: int
    changed: bool = False  # not the dictionary's tone, but that which is spoken


class Said(NamedTuple):
    """A pronunciation; where it is the spoken one and another than the dictionary's, with that."""

    lang: str
    syllables: tuple[Syllable, ...]
    citation: tuple[Syllable, ...] = ()

    @property
    def text(self):
        return "".join(syllable.text for syllable in self.syllables)


def is_hanzi(text):
    """Return whether there is a Chinese character in a text."""
    return bool(_HANZI.search(text))


@lru_cache(maxsize=8192)
def said(pinyin, phonetic, hanzi="", tone_change=False):
    """Return how pinyin with tone marks is shown; with tone change, as the word is spoken."""
    cited = syllables(pinyin)
    if cited and not any(tone for _, tone, _ in cited):
        return Said(LANGUAGES[Phonetic.PINYIN], cited)
    spoken = _spoken(cited, hanzi) if tone_change else cited
    citation = _written(cited, phonetic) if spoken != cited else ()
    return Said(LANGUAGES[phonetic], _written(spoken, phonetic), citation)


def syllables(pinyin):
    """Return the syllables of pinyin with tone marks; a text whose tones nobody can tell is one piece without any."""
    found = [Syllable(*each) for each in toned(pinyin)]
    tones = [each.tone for each in found if each.tone]
    in_numbers = any(character.isdigit() for character in pinyin)
    if in_numbers or (len(tones) > 1 and set(tones) == {5}):
        return (Syllable(pinyin, 0),)
    return tuple(found)


@lru_cache(maxsize=8192)
def tones(text, pinyin, tone_change=False):
    """Return the tone of each character of a word, 0 for what has none; nothing where they don't match the pinyin."""
    cited = syllables(pinyin)
    shown = _spoken(cited, text) if tone_change else cited
    found = [0] * len(text)
    for place, syllable in _aligned(text, [each for each in shown if each.tone]):
        found[place] = syllable.tone
    return tuple(found)


def _aligned(text, said):
    """Return the places of the characters with their syllables; erhua may be in either of the two alone."""
    places = [place for place, character in enumerate(text) if is_hanzi(character)]
    without_er = [place for place in places if text[place] not in "儿兒"]
    without_r = [syllable for syllable in said if syllable.text.lower() != "r"]
    for some, others in ((places, said), (places, without_r), (without_er, said)):
        if len(some) == len(others):
            return list(zip(some, others, strict=True))
    return []


def _spoken(cited, hanzi):
    """Return the syllables of one word with the tones that are spoken."""
    said = [each for each in cited if each.tone]
    if not all(each.tone or _JOINED.fullmatch(each.text) for each in cited):
        return cited  # several readings, or another language among them
    spoken = iter(spoken_tones([each[:2] for each in said], "".join(filter(is_hanzi, hanzi))))
    return tuple(_with_tone(each, next(spoken)) if each.tone else each for each in cited)


def _with_tone(syllable, tone):
    if tone == syllable.tone:
        return syllable
    return Syllable(marks(f"{numbers(syllable.text)[:-1]}{tone}"), tone, changed=True)


def _written(cited, phonetic):
    """Return syllables as they are written: those of zhuyin stand apart."""
    if phonetic == Phonetic.PINYIN:
        return cited
    found = []
    for each in cited:
        if found and found[-1].tone and each.tone:
            found.append(Syllable(" ", 0))
        if each.tone:
            found.append(each._replace(text=zhuyin(numbers(each.text))))
        else:
            found.append(Syllable(" " if _JOINED.fullmatch(each.text) else each.text, 0))
    return tuple(found)
