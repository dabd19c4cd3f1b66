"""What a learner should answer next: learning cards when their minute comes, then reviews, then new words.

A word is one memory (its `word_key`) in each direction, whichever deck it is met in; its directions don't come on
one day. Limits count the learner's day over all decks, sessions and devices.
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Case, Count, Exists, F, Min, OuterRef, Q, Value, When
from django.db.models.functions import Extract, Greatest

from decks.models import Card, Deck
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
    """What COUNTS says of a deck; the last two are the same for each."""

    new_words: list[str]
    due_elsewhere: list[str]
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
            self.user.interactions.standing()
            .filter(day=self.day, received_at__gt=self.at - timedelta(days=3), cram=False, rating__isnull=False)
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
        visible = Deck.objects.visible_to(self.user)
        enrolments = self.user.enrolments.filter(deck__in=visible).select_related("deck").order_by("added_at")
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
        found = {}
        self._take(found, self._due(self._learning(self.at), size), size)
        self._take(found, self._due(self._reviews(), size), min(size - len(found), self.reviews_left))
        if len(found) < size:
            self._take(found, self._new(size - len(found)), size - len(found))
        if set(found) <= {last}:
            self._take(found, self._due(self._learning(self.at + LEARN_AHEAD), size), size)
        entries = sorted(found.values(), key=lambda entry: entry.card.word_key == last)
        return entries[:count]

    @cached_property
    def counts(self):
        """Return how many words wait over all the decks in scope; a word of two decks counts once."""
        if not self._counted:
            return Counts()
        first = next(iter(self._counted.values()))
        return Counts(len(self._new_words), first.all_learning, min(first.all_review, self.reviews_left))

    @cached_property
    def _new_words(self):
        """Return the words to begin today, in order, as a mapping to their enrolments."""
        words = {}
        for enrolment in self.enrolments:
            row = self._counted[enrolment.deck_id]
            fresh = [word for word in row.new_words if word not in words and word not in row.due_elsewhere]
            room = min(self.new_left_in(enrolment), self.new_left - len(words))
            words |= dict.fromkeys(fresh[:room], enrolment)
        return words

    @cached_property
    def counts_by_deck(self):
        """Return how many words wait in each deck in scope; a word of two decks counts in both."""
        limits = {enrolment.deck_id: self.new_left_in(enrolment) for enrolment in self.enrolments}
        return {
            deck: Counts(min(len(row.new_words), limits[deck]), row.learning, min(row.review, self.reviews_left))
            for deck, row in self._counted.items()
        }

    @cached_property
    def _counted(self):
        """Return a row for each deck in scope, all of one statement."""
        if not self.enrolments:
            return {}
        parameters = {
            "user": self.user.pk,
            "decks": [enrolment.deck_id for enrolment in self.enrolments],
            # Some of a deck's next words may be another deck's, too.
            "most": 2 * self.new_left,
            "direction": self.direction,
            "at": self.at,
            "ahead": self.at + LEARN_AHEAD,
            "day": self.day,
        }
        with connection.cursor() as cursor:
            cursor.execute(COUNTS, parameters)
            return {row[0]: CountedDeck(list(dict.fromkeys(row[1])), *row[2:]) for row in cursor.fetchall()}

    def next_at(self):
        """Return when the next word in scope comes, or None: as it falls due, or as a new one on the next day."""
        tomorrow = day_start(self.day + 1, self.user.zone, self.user.day_starts_at)
        free_at = Greatest("next_review_at", "buried_until")
        # What is due and yet not asked waits for tomorrow, be it for its sibling or for the limit.
        waits = Q(self._sibling_today()) | Q(next_review_at__lte=self.at) & ~Q(buried_until__gt=self.at)
        soon = self._in_scope().filter(next_review_at__lt=tomorrow)
        soon_at = soon.aggregate(at=Min(Case(When(waits, then=Value(tomorrow)), default=free_at)))["at"]
        later = self._in_scope().filter(next_review_at__gte=tomorrow).order_by("next_review_at")
        times = [soon_at, later.values_list(free_at, flat=True).first(), self._new_words_wait() and tomorrow]
        return min(filter(None, times), default=None)

    def _new_words_wait(self):
        """Return whether any deck in scope has a word that is not begun in one of its directions."""
        decks = [each.deck_id for each in self.enrolments if self.user.new_per_day and each.new_per_day != 0]
        with connection.cursor() as cursor:
            cursor.execute(
                WORDS_WAIT, {"user": self.user.pk, "decks": decks, "direction": self.direction, "at": self.at}
            )
            return cursor.fetchone()[0]

    def _in_scope(self):
        """Return the progress rows of words that are learnt in scope, due or not."""
        rows = self.user.progress.filter(suspended=False, stability__isnull=False)
        enrolled = {"deck__enrolments__user": self.user, "deck__in": [each.deck_id for each in self.enrolments]}
        if self.direction:
            rows = rows.filter(direction=self.direction)
        else:
            enrolled["deck__enrolments__directions__contains"] = [OuterRef("direction")]
        return rows.filter(Exists(Card.objects.filter(word_key=OuterRef("word_key"), **enrolled)))

    def _sibling_today(self):
        """Return a condition on progress rows: the word was asked today in another direction."""
        siblings = self.user.progress.filter(word_key=OuterRef("word_key"), last_day=self.day)
        return Exists(siblings.exclude(direction=OuterRef("direction")))

    def _askable(self):
        """Return the progress rows in scope that may be asked today, once they are due."""
        unburied = Q(buried_until=None) | Q(buried_until__lte=self.at)
        return self._in_scope().filter(unburied, ~self._sibling_today())

    def _learning(self, until):
        rows = self._askable().filter(state__in=[State.LEARNING, State.RELEARNING], next_review_at__lte=until)
        return rows.order_by("next_review_at")

    def _reviews(self):
        """Return the reviews due, the most overdue in proportion to its interval first."""
        overdue = Extract(self.at - F("next_review_at"), "epoch") / F("interval")
        return self._askable().filter(state=State.REVIEW, next_review_at__lte=self.at).order_by(-overdue, "id")

    def _due(self, rows, size):
        """Return entries of the first rows, each with the card of a deck in scope; enough for `size` words."""
        directions = {direction for enrolment in self.enrolments for direction in enrolment.directions}
        rows = list(rows[: size * len(directions)])
        decks = [enrolment.deck_id for enrolment in self.enrolments]
        cards = Card.objects.filter(word_key__in=[row.word_key for row in rows], deck__in=decks)
        by_word = {card.word_key: card for card in cards.order_by("-position", "-id")} if rows else {}
        # A deck may be left, or closed to others, between two statements.
        return [Entry(by_word[row.word_key], row.direction, row) for row in rows if row.word_key in by_word]

    def _take(self, found, entries, most):
        """Add up to `most` entries to those found, one a word: its directions don't come on one day."""
        room = len(found) + most
        for entry in entries:
            if len(found) < room:
                found.setdefault(entry.card.word_key, entry)

    def _new(self, size):
        """Return entries of the next words to begin, each in the first direction of its deck that is not begun."""
        words = dict(list(self._new_words.items())[: size + 1])
        if not words:
            return []
        decks = [enrolment.deck_id for enrolment in self.enrolments]
        cards = Card.objects.filter(word_key__in=words, deck__in=decks).order_by("-position", "-id")
        by_place = {(card.word_key, card.deck_id): card for card in cards}
        rows = {(row.word_key, row.direction): row for row in self.user.progress.filter(word_key__in=words)}
        found = []
        for word, enrolment in words.items():
            direction = next(way for way in enrolment.directions if self._to_begin(rows.get((word, way))))
            found.append(Entry(by_place[word, enrolment.deck_id], direction, rows.get((word, direction))))
        return found

    def _to_begin(self, row):
        """Return whether a word with this progress row, or none, is still to be begun."""
        if row is None:
            return True
        return row.stability is None and not row.suspended and not (row.buried_until and row.buried_until > self.at)


WORDS_WAIT = """
SELECT EXISTS (
    SELECT FROM enrolments JOIN cards USING (deck_id)
    CROSS JOIN unnest(
        CASE WHEN %(direction)s::text IS NULL THEN directions ELSE ARRAY[%(direction)s::text] END
    ) AS wanted (direction)
    WHERE enrolments.user_id = %(user)s
    AND deck_id = ANY (%(decks)s::uuid[])
    AND NOT EXISTS (
        SELECT FROM user_card_progress AS begun
        WHERE begun.user_id = %(user)s
        AND begun.word_key = cards.word_key
        AND begun.direction = wanted.direction
        AND (stability IS NOT NULL OR suspended OR buried_until > %(at)s)
    )
)
"""

# The new words of a deck are those that a session would hand out, no more than twice the day's limit of them, so that
# a long deck costs no more than a short one.
COUNTS = """
WITH scope AS (
    SELECT deck_id,
        CASE WHEN %(direction)s::text IS NULL THEN directions ELSE ARRAY[%(direction)s::text] END AS directions
    FROM enrolments
    WHERE user_id = %(user)s AND deck_id = ANY (%(decks)s)
), due AS (
    SELECT word_key, direction, state
    FROM user_card_progress AS progress
    WHERE user_id = %(user)s
    AND stability IS NOT NULL
    AND NOT suspended
    AND (buried_until IS NULL OR buried_until <= %(at)s)
    -- Both bounds, so that the first one can be looked up in the index.
    AND next_review_at <= %(ahead)s
    AND (state <> 'review' OR next_review_at <= %(at)s)
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
), due_once AS (
    SELECT word_key, bool_or(learning) AS learning FROM due_words GROUP BY word_key
)
SELECT scope.deck_id, new.words,
    ARRAY(SELECT word_key FROM due_once WHERE word_key = ANY (new.words)) AS due_elsewhere,
    (SELECT count(*) FROM due_words WHERE due_words.deck_id = scope.deck_id AND learning) AS learning,
    (SELECT count(*) FROM due_words WHERE due_words.deck_id = scope.deck_id AND NOT learning) AS review,
    (SELECT count(*) FROM due_once WHERE learning) AS all_learning,
    (SELECT count(*) FROM due_once WHERE NOT learning) AS all_review
FROM scope CROSS JOIN LATERAL (
    SELECT array(
        SELECT word_key FROM cards
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
        AND NOT EXISTS (
            SELECT FROM due_words WHERE due_words.deck_id = scope.deck_id AND due_words.word_key = cards.word_key
        )
        ORDER BY cards.position, cards.id
        LIMIT %(most)s
    ) AS words
) AS new
"""
