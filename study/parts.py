"""What the characters of a word are made of, and what their parts mean."""

import re
import unicodedata
from dataclasses import replace
from functools import lru_cache

_RADICAL = re.compile(r"\brad(ical|\.)")
_FIRST_RADICAL = 0x2F00


def characters(written, dictionary):
    """Return each character of a word once, with its meanings, and its parts that have some."""
    return [found for each in dict.fromkeys(written) if (found := _made_of(each, dictionary))]


@lru_cache(maxsize=4096)
def _made_of(character, dictionary):
    if not (found := dictionary.character(character)):
        return None
    parts = [(part, said[0]) for part in found.parts if (said := _meanings_of_part(part, dictionary))]
    # Its drawing, of some kilobytes, isn't kept with it.
    return replace(found, drawing=None), _meanings(found), parts


def _meanings(character):
    """Return what a character means; that it is a radical, too, tells a learner nothing."""
    return [each for each in character.definition.split("; ") if each and not _RADICAL.search(each)]


def _meanings_of_part(part, dictionary):
    """Return what a part of a character means, as the short form of a radical if not by itself: 讠 as 言."""
    if not (character := dictionary.character(part)):
        return []
    radical = dictionary.character(unicodedata.normalize("NFKC", chr(_FIRST_RADICAL + character.radical_number - 1)))
    is_short_form = radical and character.stroke_count <= radical.stroke_count
    return _meanings(character) or (_meanings(radical) if is_short_form else [])
