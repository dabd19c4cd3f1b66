"""What a learner should answer next: learning cards when their minute comes, then reviews, then new words.

A word is one memory (its `word_key`) in each direction, whichever deck it is met in; its directions don't come on
one day. Limits count the learner's day over all decks, sessions and devices.
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property, reduce
from operator import or_
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Count, Exists, F, Min, OuterRef, Q
from django.db.models.functions import Extract

from decks.models import Card
from study.choices import State
from study.scheduling.days import day_number, day_start

LEARN_AHEAD = timedelta(minutes=20)


@dataclass(frozen=True)
class Entry:
    """A card to be answered in one direction; progress is None where the word is new in it."""

    card: Card
    direction: str
    progress: Any = None

    @property
    def kind(self):
        """Return "new", "learning" or "review"."""
        if self.progress is None or self.progress.stability is None:
            return "new"
        return "review" if self.progress.state == State.REVIEW else "learning"


@dataclass(frozen=True)
class Counts:
    """How many words wait."""

    new: int = 0
    learning: int = 0
    review: int = 0

    @property
    def total(self):
        return self.new + self.learning + self.review


class CountedDeck(NamedTuple):
    """A row of COUNTS; the last two are the same in each row."""

    deck: UUID
    new: int
    learning: int
    review: int
    all_learning: int
    all_review: int


class Queue:
    """The words that wait for one learner at one time, over the decks they study or one of them."""

    def __init__(self, user, at, deck_id=None, direction=None):
        self.user = user
        self.at = at
        self.deck_id = deck_id
        self.direction = direction
        self.day = day_number(at, user.zone, user.day_starts_at)

    @cached_property
    def answered_today(self):
        """Return for each deck how many new words and reviews were answered on this day."""
        rows = (
            self.user.interactions.filter(
                day=self.day, answered_at__gt=self.at - timedelta(days=3), undone_at=None, rating__isnull=False
            )
            .values_list("card__deck")
            .annotate(
                new=Count("progress_id", distinct=True, filter=Q(state_before="")),
                reviews=Count("progress_id", distinct=True, filter=Q(state_before=State.REVIEW)),
            )
        )
        return {deck: (new, reviews) for deck, new, reviews in rows}

    @property
    def words_answered_today(self):
        """Return how many words were begun or reviewed on this day."""
        return sum(new + reviews for new, reviews in self.answered_today.values())

    @property
    def new_left(self):
        """Return how many new words the learner's own limit still allows today."""
        return max(0, self.user.new_per_day - sum(new for new, _ in self.answered_today.values()))

    @property
    def reviews_left(self):
        """Return how many reviews the learner's limit still allows today."""
        return max(0, self.user.reviews_per_day - sum(reviews for _, reviews in self.answered_today.values()))

    @cached_property
    def enrolments(self):
        """Return the enrolments in scope, with their cards' directions narrowed to the one asked for."""
        enrolments = self.user.enrolments.select_related("deck").order_by("added_at")
        if self.deck_id:
            enrolments = enrolments.filter(deck=self.deck_id)
        enrolments = list(enrolments)
        if self.direction:
            for enrolment in enrolments:
                enrolment.directions = [self.direction]
        return enrolments

    def new_left_in(self, enrolment):
        """Return how many new words of one deck may come today."""
        if enrolment.new_per_day is None:
            return self.new_left
        started, _ = self.answered_today.get(enrolment.deck_id, (0, 0))
        return max(0, min(self.new_left, enrolment.new_per_day - started))

    def entries(self, count, last=None):
        """Return up to `count` entries, best first; the word `last` isn't first if that can be helped."""
        size = count + 1
        found = self._due(self._learning(self.at), size)
        found += self._due(self._reviews(), min(size - len(found), self.reviews_left))
        found += self._new(min(size - len(found), self.new_left))
        found = _one_a_word(found)
        if not found or [entry.card.word_key for entry in found] == [last]:
            found = _one_a_word(found + self._due(self._learning(self.at + LEARN_AHEAD), size))
        found.sort(key=lambda entry: entry.card.word_key == last)
        return found[:count]

    @cached_property
    def counts(self):
        """Return how many words wait over all the decks in scope; a word of two decks counts once."""
        new = sum(row.new for row in self._counted)
        learning, review = (self._counted[0].all_learning, self._counted[0].all_review) if self._counted else (0, 0)
        return Counts(min(new, self.new_left), learning, min(review, self.reviews_left))

    @property
    def counts_by_deck(self):
        """Return how many words wait in each deck in scope; a word of two decks counts in both."""
        return {row.deck: Counts(row.new, row.learning, min(row.review, self.reviews_left)) for row in self._counted}

    @cached_property
    def _counted(self):
        """Return a row for each deck in scope, all of one statement."""
        parameters = {
            "user": self.user.pk,
            "decks": [enrolment.deck_id for enrolment in self.enrolments],
            "limits": [self.new_left_in(enrolment) for enrolment in self.enrolments],
            "direction": self.direction,
            "at": self.at,
            "ahead": self.at + LEARN_AHEAD,
            "day": self.day,
        }
        with connection.cursor() as cursor:
            cursor.execute(COUNTS, parameters)
            return [CountedDeck(*row) for row in cursor.fetchall()]

    def next_at(self):
        """Return when the next word in scope comes, or None: as it falls due, or as a new one on the next day."""
        waiting = self._progress().filter(next_review_at__gt=self.at)
        due_at = waiting.aggregate(at=Min("next_review_at"))["at"]
        tomorrow = day_start(self.day + 1, self.user.zone, self.user.day_starts_at)
        if (due_at is None or due_at > tomorrow) and self._new_words_wait():
            return tomorrow
        return due_at

    def _new_words_wait(self):
        """Return whether any deck in scope has a word that is not begun in one of its directions."""
        wanted = [
            Q(~self._begun(direction), deck=enrolment.deck_id)
            for enrolment in self.enrolments
            for direction in enrolment.directions
            if self.user.new_per_day and enrolment.new_per_day != 0
        ]
        return bool(wanted) and Card.objects.filter(reduce(or_, wanted)).exists()

    def _progress(self):
        """Return the progress rows in scope that may be asked, whenever they are due."""
        rows = self.user.progress.filter(Q(buried_until=None) | Q(buried_until__lte=self.at), suspended=False)
        enrolled = {"deck__enrolments__user": self.user}
        if self.deck_id:
            enrolled["deck"] = self.deck_id
        if self.direction:
            rows = rows.filter(direction=self.direction)
        else:
            enrolled["deck__enrolments__directions__contains"] = [OuterRef("direction")]
        in_scope = Card.objects.filter(word_key=OuterRef("word_key"), **enrolled)
        sibling_today = self.user.progress.filter(word_key=OuterRef("word_key"), last_day=self.day).exclude(
            direction=OuterRef("direction")
        )
        return rows.filter(Exists(in_scope), ~Exists(sibling_today), stability__isnull=False)

    def _learning(self, until):
        rows = self._progress().filter(state__in=[State.LEARNING, State.RELEARNING], next_review_at__lte=until)
        return rows.order_by("next_review_at")

    def _reviews(self):
        """Return the reviews due, the most overdue in proportion to its interval first."""
        overdue = Extract(self.at - F("next_review_at"), "epoch") / F("interval")
        return self._progress().filter(state=State.REVIEW, next_review_at__lte=self.at).order_by(-overdue, "id")

    def _due(self, rows, size):
        """Return entries of the first rows, each with the card of a deck in scope."""
        rows = list(rows[: max(0, size)])
        decks = [enrolment.deck_id for enrolment in self.enrolments]
        cards = Card.objects.filter(word_key__in=[row.word_key for row in rows], deck__in=decks).select_related("deck")
        by_word = {card.word_key: card for card in cards.order_by("-position")} if rows else {}
        return [Entry(by_word[row.word_key], row.direction, row) for row in rows]

    def _new(self, size):
        """Return entries of words not yet begun, deck by deck."""
        found = []
        for enrolment in self.enrolments:
            room = min(size - len(found), self.new_left_in(enrolment))
            found += self._new_in(enrolment, room) if room > 0 else []
        return found

    def _new_in(self, enrolment, size):
        """Return entries of one deck's new words; the directions of one word follow each other, a day apart."""
        found = [
            Entry(card, direction)
            for direction in enrolment.directions
            for card in self._cards_to_begin(direction).filter(deck=enrolment.deck_id)[:size]
        ]
        found.sort(key=lambda entry: (entry.card.position, enrolment.directions.index(entry.direction)))
        return _one_a_word(found)[:size]

    def _cards_to_begin(self, direction):
        """Return the cards whose word is not begun in a direction, nor was asked today in another."""
        asked_today = self.user.progress.filter(word_key=OuterRef("word_key"), last_day=self.day)
        return Card.objects.filter(~self._begun(direction), ~Exists(asked_today)).select_related("deck")

    def _begun(self, direction):
        """Return a condition on cards: the word is begun, or put aside, in a direction."""
        put_aside = Q(suspended=True) | Q(buried_until__gt=self.at)
        rows = self.user.progress.filter(word_key=OuterRef("word_key"), direction=direction)
        return Exists(rows.filter(put_aside | Q(stability__isnull=False)))


def _one_a_word(entries):
    """Return the entries without a word's second one: its directions don't come on one day."""
    return list({entry.card.word_key: entry for entry in reversed(entries)}.values())[::-1]


# New words are counted up to the deck's limit only, so that a long deck costs no more than a short one.
COUNTS = """
WITH scope AS (
    SELECT enrolment.deck_id, new_limit,
        CASE WHEN %(direction)s::text IS NULL THEN directions ELSE ARRAY[%(direction)s::text] END AS directions
    FROM enrolments AS enrolment
    JOIN unnest(%(decks)s::uuid[], %(limits)s::int[]) AS limits (deck_id, new_limit) USING (deck_id)
    WHERE user_id = %(user)s
), due AS (
    SELECT word_key, direction, state
    FROM user_card_progress AS progress
    WHERE user_id = %(user)s
    AND stability IS NOT NULL
    AND NOT suspended
    AND (buried_until IS NULL OR buried_until <= %(at)s)
    AND next_review_at <= CASE WHEN state = 'review' THEN %(at)s ELSE %(ahead)s END
    AND NOT EXISTS (
        SELECT FROM user_card_progress AS sibling
        WHERE sibling.user_id = %(user)s
        AND sibling.word_key = progress.word_key
        AND sibling.direction <> progress.direction
        AND sibling.last_day = %(day)s
    )
), due_words AS (
    SELECT deck_id, word_key, bool_or(state <> 'review') AS learning
    FROM scope JOIN cards USING (deck_id) JOIN due USING (word_key)
    WHERE direction = ANY (directions)
    GROUP BY deck_id, word_key
)
SELECT scope.deck_id, new.words,
    (SELECT count(*) FROM due_words WHERE due_words.deck_id = scope.deck_id AND learning) AS learning,
    (SELECT count(*) FROM due_words WHERE due_words.deck_id = scope.deck_id AND NOT learning) AS review,
    (SELECT count(DISTINCT word_key) FROM due_words WHERE learning) AS all_learning,
    (SELECT count(DISTINCT word_key) FROM due_words WHERE NOT learning) AS all_review
FROM scope CROSS JOIN LATERAL (
    SELECT count(*) AS words
    FROM (
        SELECT FROM cards
        WHERE cards.deck_id = scope.deck_id
        AND EXISTS (
            SELECT FROM unnest(scope.directions) AS wanted (direction)
            WHERE NOT EXISTS (
                SELECT FROM user_card_progress AS begun
                WHERE begun.user_id = %(user)s
                AND begun.word_key = cards.word_key
                AND begun.direction = wanted.direction
                AND (stability IS NOT NULL OR suspended OR buried_until > %(at)s)
            )
        )
        AND NOT EXISTS (
            SELECT FROM user_card_progress AS today
            WHERE today.user_id = %(user)s AND today.word_key = cards.word_key AND today.last_day = %(day)s
        )
        LIMIT scope.new_limit
    ) AS waiting
) AS new
"""
