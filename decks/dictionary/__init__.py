"""The dictionary: a read-only file that `manage.py build_dictionary` makes from the installed packages."""

from decks.dictionary.lookup import Dictionary, DictionaryMissing, open_dictionary
from decks.dictionary.senses import Reference, parse_sense
from decks.dictionary.words import LEVELS, STANDARDS, Character, Reading, Sentence, Word

__all__ = [
    "LEVELS",
    "STANDARDS",
    "Character",
    "Dictionary",
    "DictionaryMissing",
    "Reading",
    "Reference",
    "Sentence",
    "Word",
    "open_dictionary",
    "parse_sense",
]
