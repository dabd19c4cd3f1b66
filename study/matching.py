"""Which cards a learner's search finds: in either script, in pinyin with marks, numbers or neither, in English."""

import re
import unicodedata

from decks.dictionary.pinyin import marks, search_key

_SEPARATORS = re.compile(r"[\s\u00a0'’·\-]")


def search_parameters(text):
    """Return the parameters of SEARCHED for a text that isn't empty."""
    text = unicodedata.normalize("NFC", text)
    letters, tones = search_key(text)
    toned = _SEPARATORS.sub("", marks(text)).lower()
    return {
        "hanzi": text,
        "english": text.lower(),
        # Whoever writes tones means them; an empty text is found in no card.
        "toned": toned if tones else "",
        "letters": "" if tones or not re.fullmatch("[a-z]+", letters) else letters,
    }


# The word's key holds its pinyin as it is compared here; a card without hanzi has no such key.
_TONED = "CASE WHEN cards.hanzi = '' THEN lower(cards.pinyin) ELSE split_part(cards.word_key, '|', 2) END"
_LETTERS = f"translate({_TONED}, 'āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜüêḿńňǹ', 'aaaaeeeeiiiioooouuuuvvvvvemnnn')"
# By position and not by LIKE, so that no character of the learner's is a wildcard.
SEARCHED = f"""
    strpos(cards.hanzi, %(hanzi)s) > 0
    OR strpos(cards.traditional, %(hanzi)s) > 0
    OR strpos(lower(cards.english), %(english)s) > 0
    OR %(toned)s <> '' AND strpos({_TONED}, %(toned)s) > 0
    OR %(letters)s <> '' AND strpos(replace(replace({_LETTERS}, 'nue', 'nve'), 'lue', 'lve'), %(letters)s) > 0
"""
