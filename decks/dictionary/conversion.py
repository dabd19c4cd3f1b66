"""Chinese text from one script to the other, word by word as CC-CEDICT pairs them."""

import functools
import re
from collections.abc import Callable

from decks.dictionary.search import HANZI
from decks.dictionary.words import Word

Lookup = Callable[[str], list[Word]]
# After these a 只 counts animals, vessels or one of a pair: 隻.
_COUNTS = re.compile(r"[一二两兩三四五六七八九十百千万萬几幾数數每半这這那哪\d]$")
_TITLES = frozenset(("先生", "女士", "小姐", "老师", "太太", "教授", "医生", "经理", "局长", "校长", "主任", "同学"))


def to_traditional(words: list[str], lookup: Lookup) -> str:
    """Return segmented text in traditional characters; what is traditional already, or no Chinese, stays."""
    lookup = functools.cache(lookup)
    written = ""
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word == "只" and _COUNTS.search(written):
            written += "隻"
        else:
            written += _traditional(word, lookup, is_name=written.endswith("姓") or following in _TITLES)
    return written


def _traditional(word: str, lookup: Lookup, *, is_name: bool) -> str:
    """Return a word's traditional form, of a family name that of the name: 姓姜, not 姓薑."""
    if not HANZI.search(word):
        return word
    named = next((each for each in lookup(word) if each.simplified == word), None)
    if named and is_name and len(word) == 1:
        surnames = (each for each in named.readings if each.senses[0].startswith("surname "))
        return next((each.traditional for each in surnames), named.traditional)
    return named.traditional if named else word


def to_simplified(words: list[str], lookup: Lookup) -> str:
    """Return segmented text in simplified characters; what is simplified already, or no Chinese, stays."""
    lookup = functools.cache(lookup)
    return "".join(_simplified(word, lookup) for word in words)


def _simplified(word: str, lookup: Lookup) -> str:
    """Return a word's simplified form; that of the most frequent word where it is of several: 著 is 着."""
    found = lookup(word) if HANZI.search(word) else []
    return found[0].simplified if found else word
