"""How the words of a session are asked: by which exercise, and what that takes."""

from dataclasses import dataclass, field
from functools import cached_property

from django.conf import settings

from accounts.models import Script
from decks.audio import is_ambiguous, sounds_of
from decks.dictionary import DictionaryMissing, open_dictionary
from decks.dictionary.pinyin import numbers
from study.choices import EXERCISES, Exercise, Rating
from study.face import Face
from study.queue import Entry
from study.quiz import choices_for
from study.scheduling.answers import Verdict
from study.typed import RETRIED, expected, verdict

TYPED = {Exercise.PINYIN, Exercise.HANZI, Exercise.CLOZE}


@dataclass(frozen=True)
class Checked:
    """What the program says of an answer: the grade that it suggests, with what was typed or chosen.

    One that is not `final` may be looked at again: the tones are missing, or it is another reading of the word.
    """

    suggested: int
    typed: str = ""
    verdict: Verdict | None = None
    choice: dict | None = None
    final: bool = True


@dataclass(frozen=True)
class Asked:
    """An entry of a session's queue with the exercise by which it is asked.

    `choices` are those of a quiz, `expected` what may be typed, `characters` what is to be drawn.
    """

    entry: Entry
    exercise: str
    face: Face
    choices: list = field(default_factory=list)
    expected: dict = field(default_factory=dict)
    characters: str = ""

    @property
    def is_typed(self):
        """Return whether the learner types the answer."""
        return self.exercise in TYPED

    def check(self, typed, choice, warned):
        """Return what the program says of what was typed or of the id of a choice, as Checked.

        The same text that was `warned` of before is final.
        """
        if self.choices:
            chosen = next((each for each in self.choices if each["id"] == choice), None)
            right = bool(chosen and chosen["right"])
            return Checked(Rating.GOOD if right else Rating.AGAIN, chosen["text"] if chosen else "", choice=chosen)
        found = verdict(self.exercise, typed, self.expected)
        final = found.outcome not in RETRIED or (bool(typed) and typed == warned)
        return Checked(Rating.GOOD if found.outcome == "right" else Rating.AGAIN, typed, found, final=final)

    @cached_property
    def speech(self):
        """Return what to say of the word, as the page's sound takes it; None for a card without hanzi."""
        card = self.entry.card
        if not card.hanzi:
            return None
        return {
            "text": card.hanzi,
            "lang": "zh-Hans",
            "urls": sounds_of(card.hanzi, numbers(card.pinyin)),
            "ambiguous": is_ambiguous(card.hanzi),
        }


def asked(session, entries):
    """Return entries of a session's queue as Asked; one that its exercise can't be done with is asked as a card."""
    wished = _wished(session, entries)
    of_quiz = [entry for entry, exercise in zip(entries, wished, strict=True) if exercise == Exercise.QUIZ]
    choices = dict(zip(map(id, of_quiz), choices_for(session.user, of_quiz), strict=True))
    return [
        _asked(session.user, entry, exercise, choices.get(id(entry)))
        for entry, exercise in zip(entries, wished, strict=True)
    ]


def _wished(session, entries):
    """Return the exercise that the learner wants for each entry: the session's, else the deck's for its direction."""
    if session.exercise:
        return [_allowed(entry.direction, session.exercise) for entry in entries]
    decks = {entry.card.deck_id for entry in entries}
    by_deck = dict(session.user.enrolments.filter(deck__in=decks).values_list("deck", "exercises")) if decks else {}
    return [_allowed(entry.direction, by_deck.get(entry.card.deck_id, {}).get(entry.direction)) for entry in entries]


def _allowed(direction, exercise):
    exercises = EXERCISES[direction]
    return exercise if exercise in exercises else exercises[0]


def _asked(user, entry, exercise, choices):
    card = entry.card
    face = Face(card, user, entry.direction, exercise, entry.note)
    found = {}
    if exercise == Exercise.QUIZ:
        found = {"choices": choices or []}
    elif exercise == Exercise.STROKES:
        found = {"characters": drawable(card, user)}
    elif exercise in TYPED and (exercise != Exercise.CLOZE or face.cloze):
        accepted = expected(card, _dictionary(), spoken=user.tone_change)
        found = {"expected": accepted if accepted["pinyin" if exercise == Exercise.PINYIN else "hanzi"] else {}}
    if exercise != Exercise.CARDS and not any(found.values()):
        exercise, found = Exercise.CARDS, {}
        face = Face(card, user, entry.direction, exercise, entry.note)
    return Asked(entry, exercise, face, **found)


def drawable(card, user):
    """Return the characters of a word in the learner's script if any can be drawn, else ""."""
    text = card.traditional if user.script == Script.TRADITIONAL and card.traditional else card.hanzi
    try:
        found = map(_dictionary().character, text)
        return text if any(character and character.drawing for character in found) else ""
    except DictionaryMissing:
        return ""


def _dictionary():
    return open_dictionary(settings.DICTIONARY_PATH)
