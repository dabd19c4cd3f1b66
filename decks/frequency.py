"""How frequent a word is."""

from django.conf import settings

from decks.dictionary import DictionaryMissing, open_dictionary


def frequency_rank(hanzi):
    """Return a word's place among the most frequent ones, 1 for the first; None in no list, or with no dictionary."""
    try:
        word = open_dictionary(settings.DICTIONARY_PATH).lookup(hanzi)
    except DictionaryMissing:
        return None
    return word and word.rank
