"""Four choices for a card, one of them right: which they are, and how it is told which one was chosen."""

from random import Random

from django.conf import settings
from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import Script
from decks.dictionary import DictionaryMissing
from decks.dictionary.glosses import shown
from decks.models import Card, Deck
from study.choices import EXERCISES, Direction, Exercise
from study.distractors import Pool, distractors, known, pools_for

MOST_OF_DECK = 150  # of a deck that is no list of HSK's, how many cards may stand beside another
TEXTS = ("hanzi", "traditional", "pinyin", "english")
HALF = 8  # of the letters of a choice's id


def choices_for(user, entries):
    """Return for each entry of a queue its four choices, or None where there are none; at most two statements.

    Which they are, and in which order, follows from the card and from how often it was answered, so that it is the
    same wherever it is asked.
    """
    try:
        shelf = Shelf(user, {entry.card.deck_id for entry in entries if quizzable(entry.direction)})
        return [four_choices(user, entry, shelf) for entry in entries]
    except DictionaryMissing:
        return [None] * len(entries)


def quizzable(direction):
    """Return whether a direction can be asked with choices."""
    return Exercise.QUIZ in EXERCISES[direction]


def four_choices(user, entry, shelf):
    """Return the choices of one entry, or None."""
    card, direction = entry.card, entry.direction
    if not quizzable(direction):
        return None
    word = word_of(card)
    # A text that names hanzi only, as "variant of …" does, tells the answer or nothing.
    if not (word.hanzi and word.text) or (direction == Direction.LISTENING and not word.sounds):
        return None
    reps = entry.progress.reps if entry.progress else 0
    chance = Random(f"{card.pk} {direction} {reps}")
    in_english = direction != Direction.ENGLISH_TO_CHINESE
    others = distractors(settings.DICTIONARY_PATH, word, shelf.pools(card, word), chance, in_english)
    if others is None:
        return None
    ids = [choice_id(card, direction, f"{each.hanzi}|{each.pinyin}") for each in others]
    wrong = [shown_as(user, direction, each, id_, right=False) for each, id_ in zip(others, ids, strict=True)]
    choices = [right_choice(user, card, direction), *wrong]
    chance.shuffle(choices)
    return choices


def word_of(card):
    """Return a card's word with what the dictionary knows of it."""
    return known(settings.DICTIONARY_PATH, *(getattr(card, name) for name in TEXTS))


def right_choice(user, card, direction):
    """Return the choice of a card that is right; its id doesn't change with the card's texts."""
    return shown_as(user, direction, card, choice_id(card, direction, card.pk), right=True)


def shown_as(user, direction, word, id, *, right):
    """Return a card or another word as a choice, in the learner's script."""
    if direction != Direction.ENGLISH_TO_CHINESE:
        text, language = shown(word.english), "en"
    elif user.script == Script.TRADITIONAL and word.traditional:
        text, language = word.traditional, "zh-Hant"
    else:
        text, language = word.hanzi, "zh-Hans"
    texts = {name: getattr(word, name) for name in TEXTS}
    return {"id": id, "text": text, "lang": language, "right": right} | texts


def choice_id(card, direction, name):
    """Return the id of a choice, signed: it says neither which word it is nor whether it is right."""
    word = half("word", card, direction, name)
    return word + half("choice", card, direction, word)


def half(salt, card, direction, name):
    """Return one half of a choice's id, which only this site can make."""
    text = f"{card.pk} {direction} {name}"
    return salted_hmac(f"study.quiz.{salt}", text, algorithm="sha256").hexdigest()[:HALF]


def is_right(card, direction, id):
    """Return whether a choice of a card is the right one; None if it was never offered.

    So a choice can be told that was offered before the card, the learner's settings or the dictionary changed.
    """
    if not constant_time_compare(id[HALF:], half("choice", card, direction, id[:HALF])):
        return None
    return id == choice_id(card, direction, card.pk)


class Shelf:
    """What may stand beside the cards of some decks."""

    def __init__(self, user, decks):
        self.user = user
        rows = Deck.objects.filter(pk__in=decks).values_list("pk", "standard", "level") if decks else ()
        self.levels = {pk: (standard, level) for pk, standard, level in rows}
        self.own = self._words([pk for pk, (standard, _) in self.levels.items() if not standard])

    def _words(self, decks):
        """Return a pool of the first cards of each deck."""
        words = {deck: [] for deck in decks}
        if decks:
            place = Window(RowNumber(), partition_by=F("deck"), order_by=["position", "id"])
            cards = Card.objects.filter(deck__in=decks).alias(place=place).filter(place__lte=MOST_OF_DECK)
            for deck, *texts in cards.order_by("deck", "position", "id").values_list("deck", *TEXTS):
                words[deck].append(known(settings.DICTIONARY_PATH, *texts))
        return {deck: Pool(found) for deck, found in words.items()}

    def pools(self, card, word):
        """Return the pools for a card: its deck's if that is no list of HSK's, then the dictionary's."""
        standard, level = self.levels.get(card.deck_id, ("", ""))
        own = self.own.get(card.deck_id)
        dictionary = pools_for(settings.DICTIONARY_PATH, word.hanzi, standard or self.user.hsk_standard, level)
        return [own, *dictionary] if own else dictionary
