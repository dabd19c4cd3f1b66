"""A card's gaps, filled from the dictionary."""

from dataclasses import replace

from django.conf import settings

from decks.dictionary import open_dictionary
from decks.formats.notes import word_key


def texts_of(word, reading):
    """Return a card's texts for one reading of a word, by column, with the best example of it."""
    examples = open_dictionary(settings.DICTIONARY_PATH).sentences(word.simplified, reading.pinyin_numbers, limit=1)
    return {
        "hanzi": word.simplified,
        "traditional": reading.traditional,
        "pinyin": reading.pinyin,
        "english": reading.english,
        "sentence": examples[0].chinese if examples else "",
        "sentence_pinyin": examples[0].pinyin if examples else "",
        "sentence_translation": examples[0].english if examples else "",
    }


def fill(note):
    """Return a note with its gaps filled from the dictionary; what is written stays.

    Hanzi in traditional characters become those of the traditional column. A sentence is given only to a note that has
    none of its three texts, and only if it is the dictionary's reading.
    """
    written = note.hanzi or note.traditional
    word = open_dictionary(settings.DICTIONARY_PATH).lookup(written) if written else None
    if word is None:
        return note
    reading = _reading(word, note, written)
    if reading is None:
        return note
    texts = texts_of(word, reading)
    if note.sentence or note.sentence_pinyin or note.sentence_translation:
        texts |= {name: getattr(note, name) for name in texts if name.startswith("sentence")}
    kept = {name: text for name in texts if (text := getattr(note, name)) and name != "hanzi"}
    return replace(note, **(texts | kept))


def _reading(word, note, written):
    """Return the reading that a note's pinyin says, without one the first that is written so; None if there is none."""
    readings = sorted(word.readings, key=lambda each: written not in (word.simplified, each.traditional))
    if not note.pinyin:
        return readings[0]
    wanted = word_key("", note.pinyin)
    return next((each for each in readings if word_key("", each.pinyin) == wanted), None)
