"""What may be typed for a card: its readings, those of its hanzi that it doesn't ask for, and its spellings."""

import re
import unicodedata

from decks.dictionary import DictionaryMissing
from decks.dictionary.pinyin import numbers, plain
from decks.dictionary.senses import references
from decks.dictionary.tone_change import spoken_tones
from study.choices import Exercise
from study.scheduling.answers import grade_hanzi, grade_pinyin

# Not right and not wrong: the learner is told so, and may try again.
RETRIED = ["tones_missing", "other_reading", "empty"]

_NUMBERED = re.compile(r"[a-zü:][0-5]", re.IGNORECASE)
_LETTER = re.compile(r"[a-zㄅ-ㄩ]", re.IGNORECASE)
_ZHUYIN = re.compile(r"[ㄅ-ㄩ]")
_TONED = re.compile(r"[1-4]")
# "also pr. [shui2]" speaks of the whole word, "to allow (Taiwan pr. [ting4])" of one sense of it.
_PRONOUNCED = re.compile(r"pr\. ((?:\[[^\]]+\](?:,|,? or| etc)? ?)+)")
_EQUAL = re.compile(r"(?:\(coll\.\) )?(?:also|Taiwan|Beijing|colloquial|coll\.) " + _PRONOUNCED.pattern)
_VARIANT = re.compile(r"(?:old )?variant of ")


def verdict(exercise, typed, accepted):
    """Return what is right and what is wrong in a typed answer; None if nothing would be right."""
    if exercise == Exercise.PINYIN:
        return grade_pinyin(typed, accepted["pinyin"], accepted["others"]) if accepted["pinyin"] else None
    return grade_hanzi(typed, accepted["hanzi"]) if accepted["hanzi"] else None


def expected(card, dictionary, spoken=False):
    """Return a card's readings in numbers, other readings of its hanzi, and its spellings, as a mapping of lists.

    With `spoken` the reading as it is spoken is as good: yi2 xia4 for yi1 xia4.
    """
    readings = _dictionary_readings(card, dictionary) if card.hanzi else ()
    own = _unique([fitting for each in _own_readings(card) for fitting in _with_tones(each, readings)])
    asked = [each for each in readings if _is_among(each.pinyin_numbers, own)]
    meant = [each for each in asked if _is_meant(each, own, card)] or asked
    pinyin = _unique([*own, *_equal_readings(meant, readings, card.hanzi)])
    if spoken:
        pinyin = _unique([*pinyin, *(_as_spoken(each, card.hanzi) for each in pinyin)])
    said = [each for reading in meant for each in _pronounced(reading.senses, _PRONOUNCED.search)]
    others = _unique([*(each.pinyin_numbers for each in readings), *said])
    return {
        "pinyin": pinyin,
        "others": [each for each in others if pinyin and not _is_among(each, pinyin)],
        "hanzi": _spellings(card, asked),
    }


def _dictionary_readings(card, dictionary):
    try:
        word = dictionary.lookup(card.hanzi)
    except DictionaryMissing:
        return ()
    return word.readings if word else ()


# ---- The card's own readings


def _own_readings(card):
    """Return the readings of a card's field in numbers; several stand between slashes, semicolons or commas."""
    readings = []
    for part in re.split(r"[/;；|]", unicodedata.normalize("NFC", card.pinyin)):
        several = [_in_numbers(each) for each in re.split(r"[,，、]", part)]
        readings += several if _are_readings(several, card.hanzi) else [_in_numbers(part)]
    return [each for each in readings if _LETTER.search(each)]


def _are_readings(several, hanzi):
    """Return whether each of the parts reads the whole word, since a phrase may hold a comma: 一不做，二不休."""
    length = sum(character.isalnum() for character in hanzi)
    return all(len(each.split()) == length for each in several)


def _in_numbers(written):
    """Return one reading of a learner's in numbers; numbers and zhuyin are taken as they are."""
    if _NUMBERED.search(written):
        written = re.sub("[üv]", "u:", re.sub("[ÜV]", "U:", written.replace("0", "5")))
        return " ".join(re.sub(r"([1-5])", r"\1 ", written).split())
    return written.strip() if _ZHUYIN.search(written) else numbers(written)


def _with_tones(reading, readings):
    """Return a reading, or where its writer left the tones out those of the dictionary, else what asks for none."""
    known = _is_among(reading, [each.pinyin_numbers for each in readings])
    if known or _TONED.search(reading) or _ZHUYIN.search(reading):
        return [reading]
    found = [each.pinyin_numbers for each in readings if plain(each.pinyin_numbers) == plain(reading)]
    return found or [re.sub(r"\d", "", reading)]


def _as_spoken(reading, hanzi):
    """Return a reading with the tones that its syllables have in speech."""
    syllables = [(each[:-1], int(each[-1])) if each[-1].isdigit() else (each, 0) for each in reading.split()]
    tones = spoken_tones(syllables, hanzi)
    return " ".join(f"{letters}{tone or ''}" for (letters, _), tone in zip(syllables, tones, strict=True))


# ---- What the dictionary adds


def _is_meant(reading, own, card):
    """Return whether a reading is of this word, and not of a surname or of a rare character simplified to the same."""
    return reading.pinyin_numbers in own and reading.traditional in (card.hanzi, card.traditional)


def _equal_readings(meant, readings, hanzi):
    """Return what is as good as the readings that are meant: by their senses, or since it means the same."""
    said = [each for reading in meant for each in _pronounced(reading.senses, _EQUAL.fullmatch)]
    same = [each.pinyin_numbers for each in readings if any(_same_meaning(each, one, hanzi) for one in meant)]
    return [*said, *same]


def _pronounced(senses, find):
    """Return the pronunciations in numbers that senses give."""
    matches = [match for sense in senses for part in sense.split("; ") if (match := find(part))]
    brackets = [bracket for match in matches for bracket in re.findall(r"\[([^\]]+)\]", match[1])]
    return [" ".join(re.findall(r"(?:[a-zü]|u:)+[1-5]", bracket, re.IGNORECASE)) for bracket in brackets]


def _same_meaning(one, other, hanzi):
    """Return whether two readings mean the same: by the same senses, or since one only says to see the other."""
    return set(one.senses) == set(other.senses) or _points_to(one, other, hanzi) or _points_to(other, one, hanzi)


def _points_to(reading, other, hanzi):
    if len(reading.senses) > 1 or not reading.senses[0].startswith("see "):
        return False
    found = references(reading.senses[0])
    return any(each.simplified == hanzi and _is_among(each.pinyin_numbers, [other.pinyin_numbers]) for each in found)


def _spellings(card, asked):
    """Return a card's spellings, and the variants of them that are read the same."""
    own = _unique([card.hanzi, card.traditional])
    variants = [each.traditional for each in asked if any(_is_variant(sense, own) for sense in each.senses)]
    return _unique([*own, *variants])


def _is_variant(sense, spellings):
    return bool(_VARIANT.match(sense)) and any(each.traditional in spellings for each in references(sense))


def _is_among(reading, readings):
    return reading.lower() in {each.lower() for each in readings}


def _unique(texts):
    """Return the texts without empty ones and repetitions, in their order."""
    unique = {}
    for text in texts:
        unique.setdefault(text.lower(), text)
    return [text for text in unique.values() if text]
