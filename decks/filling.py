"""A card's gaps, filled from the dictionary."""

from dataclasses import dataclass, replace

from django.conf import settings

from decks.dictionary import open_dictionary
from decks.dictionary.pinyin import search_key
from decks.dictionary.ranking import demotion
from decks.formats.notes import Note, word_key
from decks.formats.pasted import HANZI, has_tones

MOST_CHOICES = 8
_CANDIDATES = 40  # words that are read as asked, among which some only as surnames


@dataclass(frozen=True, slots=True)
class Choice:
    """One reading of a word, of those that a learner may mean."""

    hanzi: str
    traditional: str
    pinyin: str
    english: str

    @property
    def key(self):
        """Tells it from the others."""
        return f"{self.hanzi} {self.traditional} {self.pinyin}"


@dataclass(frozen=True, slots=True)
class Completed:
    """A note with its gaps filled but for the sentence, and what there is to say of that."""

    note: Note
    choices: tuple[Choice, ...] = ()  # where several are likely, the likeliest first
    known: bool = True  # to the dictionary; else it is put together from its parts
    reads: str = ""  # how the dictionary reads it, where the pinyin that was typed says otherwise


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


# What was typed, which may mean several words or none


def complete(note):
    """Return what a typed note most likely means, and what else it may mean; what is written stays."""
    dictionary = open_dictionary(settings.DICTIONARY_PATH)
    if not note.hanzi and not note.traditional:
        return _by_pinyin(dictionary, note)
    word = dictionary.lookup(note.hanzi) or (dictionary.lookup(note.traditional) if note.traditional else None)
    if word is None:
        return _from_parts(dictionary, note)
    if note.traditional == word.simplified != note.hanzi:  # the scripts stand the other way round
        note = replace(note, traditional=note.hanzi)
    readings, note, reads = _as_typed(_in_script(word, note), note)
    choices = _choices(word, readings)
    several = not reads and len({choice.pinyin.lower() for choice in choices}) > 1
    return Completed(_filled(note, choices[0]), choices if several else (), reads=reads)


def parts(hanzi):
    """Return the words of which a text consists, each once; what stands between them left out."""
    segments = open_dictionary(settings.DICTIONARY_PATH).segment(hanzi)
    return [each for each in dict.fromkeys(segments) if HANZI.search(each)]


def with_sentence(note):
    """Return a note with the dictionary's example of its reading; nothing else of it changes."""
    found = fill(note)
    names = ("sentence", "sentence_pinyin", "sentence_translation")
    return replace(note, **{name: getattr(found, name) for name in names})


def _in_script(word, note):
    """Return the readings of a word that are written as typed: of 髮 those of hair alone."""
    forms = {note.traditional} if note.traditional else {note.hanzi} - {word.simplified}
    return [each for each in word.readings if each.traditional in forms] or list(word.readings)


def _as_typed(readings, note):
    """Return the readings that typed pinyin may mean, the note, and how the dictionary reads what it contradicts.

    Without tones it may be no pinyin at all: 她 she.
    """
    if not note.pinyin:
        return readings, note, ""
    letters, tones = search_key(note.pinyin)
    alike = [each for each in readings if search_key(each.pinyin)[0] == letters]
    if not has_tones(note.pinyin):
        if alike:
            return alike, replace(note, pinyin=""), ""
        english = "; ".join(filter(None, (note.pinyin, note.english)))
        return readings, replace(note, pinyin="", english=english), ""
    same = [each for each in alike if search_key(each.pinyin)[1] == tones]
    same = [each for each in same if each.pinyin[0].isupper() == note.pinyin[0].isupper()] or same  # Cháng, a surname
    return (same, note, "") if same else (alike or readings, note, (alike or readings)[0].pinyin)


def _choices(word, readings):
    """Return the readings that a learner may mean; surnames and variants only if there is nothing else."""
    likely = [each for each in readings if demotion(each) == 0] or readings[:1]
    common = {each.pinyin for each in likely}
    found = {}
    for each in likely:
        if each.pinyin == each.pinyin.lower() or each.pinyin.lower() not in common:
            choice = Choice(word.simplified, each.traditional, each.pinyin, each.english)
            found.setdefault(choice.key, choice)
    return tuple(found.values())


def _filled(note, choice):
    """Return a note with its gaps filled as a choice says, its hanzi in simplified characters."""
    return replace(
        note,
        hanzi=choice.hanzi,
        traditional=note.traditional or choice.traditional,
        pinyin=note.pinyin or choice.pinyin,
        english=note.english or choice.english,
    )


def _by_pinyin(dictionary, note):
    """Return the words that are read so, the most frequent first."""
    letters, tones = search_key(note.pinyin)
    found = {}
    for word in dictionary.search(note.pinyin, _CANDIDATES) if letters else []:
        for choice in _choices(word, word.readings):
            key = search_key(choice.pinyin)
            if key[0] == letters and (not tones or key[1] == tones):
                found.setdefault(choice.key, choice)
    choices = tuple(found.values())[:MOST_CHOICES]
    if not choices:
        return Completed(note, known=False)
    return Completed(_filled(replace(note, pinyin=""), choices[0]), choices if len(choices) > 1 else ())


def _from_parts(dictionary, note):
    """Return a note on a word without an entry: its reading and other script are its parts', its English nobody's."""
    written = note.hanzi or note.traditional
    segments = dictionary.segment(written)
    words = [dictionary.lookup(each) for each in segments]
    pairs = list(zip(segments, words, strict=True))
    spoken = [word.readings[0].pinyin if word else each for each, word in pairs if word or each.isalnum()]
    unknown = any(word is None and HANZI.search(each) for each, word in pairs)
    return Completed(
        replace(
            note,
            hanzi="".join(word.simplified if word else each for each, word in pairs),
            traditional=note.traditional or "".join(word.traditional if word else each for each, word in pairs),
            pinyin=note.pinyin or ("" if unknown else " ".join(spoken)),
        ),
        known=False,
    )
