"""The words that one is easily taken for: those a learner has begun, then those of HSK that are still to come."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from decks.dictionary.similar import similarity, spoken
from decks.models import Deck

MOST_LEARNT, MOST_TO_COME = 12, 4
_FOUND = 20  # of the dictionary's words of one pinyin


@dataclass(frozen=True)
class Contrast:
    """A word beside another: `kind` is "homophone" or "lookalike", progress None if it is not begun."""

    kind: str
    hanzi: str
    traditional: str
    pinyin: str
    english: str
    progress: Any = None


def contrasts(progress, dictionary):
    """Return the words that a learner may take for that of a progress row: look-alikes first, then homophones."""
    card = progress.card
    alike = written_alike(card.hanzi, dictionary)
    learnt = _learnt(progress, alike, dictionary)
    known = {card.hanzi, *(each.hanzi for each in learnt)}
    to_come = [each for each in _to_come(card, alike, dictionary) if each.hanzi not in known]
    return [*learnt[:MOST_LEARNT], *to_come[:MOST_TO_COME]]


def written_alike(hanzi, dictionary):
    """Return what a word is with one of its characters replaced by one that looks like it, and the word itself."""
    return [hanzi] + [
        hanzi[:place] + other + hanzi[place + 1 :]
        for place, character in enumerate(hanzi)
        for other in dictionary.lookalikes(character)
    ]


def _learnt(progress, alike, dictionary):
    same_look, same_sound = Q(card__hanzi__in=alike), Q()
    if sound := spoken(progress.card.pinyin):
        same_sound = Q(word_key__endswith=f"|{sound}")
    rows = (
        progress.user.progress.filter(same_look | same_sound, card__deck__in=Deck.objects.visible_to(progress.user))
        .exclude(Q(word_key=progress.word_key) | Q(card__hanzi=""))
        .select_related("card")
        .order_by("-lapses", "pk")
    )
    # Of a word's directions, the one that the learner looks at.
    by_word = {row.word_key: row for row in sorted(rows, key=lambda row: row.direction == progress.direction)}
    found = [_contrast(progress.card, row.card, dictionary, row) for row in by_word.values()]
    return _in_order([each for each in found if each])


def _to_come(card, alike, dictionary):
    words = [word for hanzi in alike if (word := dictionary.lookup(hanzi)) and word.simplified == hanzi]
    if card.pinyin:
        words += dictionary.search(card.pinyin, _FOUND)
    found = {}
    for word in words:
        if any(word.hsk.values()) and word.simplified != card.hanzi:
            reading = next((r for r in word.readings if spoken(r.pinyin) == spoken(card.pinyin)), word.readings[0])
            found[word.simplified] = _contrast(card, _Entry(word.simplified, reading), dictionary)
    return _in_order([each for each in found.values() if each])


class _Entry:
    """A word of the dictionary with the texts of a card."""

    def __init__(self, hanzi, reading):
        self.hanzi, self.traditional = hanzi, reading.traditional
        self.pinyin, self.english = reading.pinyin, reading.english


def _contrast(card, other, dictionary, progress=None):
    """Return a word beside that of a card, or None if they are not alike."""
    keys, others = (dictionary.similar_keys(each.hanzi, each.pinyin) for each in (card, other))
    kind = similarity(keys, others)
    return kind and Contrast(kind, other.hanzi, other.traditional, other.pinyin, other.english, progress)


def _in_order(found):
    return sorted(found, key=lambda each: each.kind == "homophone")
