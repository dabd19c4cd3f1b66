"""Words that are easily taken for one another: homophones and look-alikes.

A word has keys, and two words are similar if they have a key in common, so that many are compared with many by the
intersection of sets. `sound:` and the pinyin with its tones is a key of all that are spoken alike. `look:` and the word
with a pair of characters in one place is a key of the two that differ in that place: likeness goes from 未 to 末 and
from 末 to 木, yet not from 未 to 木.
"""

import re
import unicodedata
from collections.abc import Mapping

SOUND, LOOK = "sound:", "look:"
_UNSPOKEN = re.compile(r"[\s\u00a0'’·\-]")  # as the word_key of a card leaves it out


def similar_keys(hanzi: str, pinyin: str, lookalikes: Mapping[str, str]) -> frozenset[str]:
    """Return the keys of a word, given the characters that look like each one; a word shares all keys with itself.

    Words in the same characters with another pinyin (长 cháng, zhǎng) look alike, too.
    """
    keys = {LOOK + hanzi} if hanzi else set()
    for place, character in enumerate(hanzi):
        for other in lookalikes.get(character, ""):
            first, second = sorted((character, other))
            keys.add(f"{LOOK}{hanzi[:place]}[{first}{second}]{hanzi[place + 1 :]}")
    if sound := spoken(pinyin):
        keys.add(SOUND + sound)
    return frozenset(keys)


def spoken(pinyin: str) -> str:
    """Return pinyin with tone marks as it is compared: in small letters, nothing between the syllables."""
    return _UNSPOKEN.sub("", unicodedata.normalize("NFC", pinyin)).lower()


def similarity(keys: frozenset[str], others: frozenset[str]) -> str | None:
    """Return how the words of two sets of keys are alike: "homophone", "lookalike" (both: homophone) or None."""
    common = keys & others
    if any(key.startswith(SOUND) for key in common):
        return "homophone"
    return "lookalike" if common else None
