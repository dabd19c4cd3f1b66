"""What a learner should answer next: learning cards when their minute comes, then reviews, then new words.

A word is one memory (its `word_key`) in each direction, whichever deck it is met in; its directions don't come on
one day. Limits count the learner's day over all decks, sessions and devices.
"""

from collections import deque
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection
from django.db.models import Case, Count, Exists, Max, Min, OuterRef, Q, Value, When
from django.db.models.functions import Greatest

from decks.dictionary import DictionaryMissing, open_dictionary
from decks.models import Card, Deck
from study.choices import State
from study.enrolment import studied_cards
from study.places import find
from study.plan import LEARN_AHEAD, Counts, Plan
from study.scheduling.days import day_number, day_start
from study.waiting import BEGUN_UNTIL, COUNTS, LEARNING, REVIEWS, WORDS_WAIT

MOST_LEARNING = 500
SPARE_WORDS = 50
APART = 7  # days between the beginnings of words that look or sound alike
NO_PLACE = 2**63 - 1  # behind every card


@dataclass(frozen=True)
class Entry:
    """A card to be answered in one direction; progress is None where the word is new in it."""

    card: Card
    direction: str
    progress: Any = None
    note: str = ""  # what the learner wrote about the word

    @property
    def kind(self):
        """Return "new", "learning" or "review"."""
        if self.progress is None or self.progress.stability is None:
            return "new"
        return "review" if self.progress.state == State.REVIEW else "learning"


def entries_of(user, found):
    """Return entries for some (card's id, direction), those left out whose card is gone or hidden; one statement."""
    if not found:
        return []
    places = find(user, [(None, card, direction, None) for card, direction in found])
    return [
        Entry(place.card, direction, place.progress, place.note)
        for place, (_, direction) in zip(places, found, strict=True)
        if place.readable
    ]


def one_a_word(rows):
    """Return rows of what waits by their word, the first of each."""
    found = {}
    for first, card, direction, word in rows:
        found.setdefault(word, [first, str(card), direction, word])
    return found


@lru_cache(maxsize=50_000)
def keys_of(word):
    """Return what a word looks and sounds like, of its key; two words are alike if they share one. Empty: unknown."""
    hanzi, _, pinyin = word.partition("|")
    try:
        return open_dictionary(settings.DICTIONARY_PATH).similar_keys(hanzi, pinyin) if pinyin else frozenset()
    except DictionaryMissing:
        return frozenset()


class Answered(NamedTuple):
    """How many words of a deck were begun and how many reviewed today, with the numbers of the latest such entries."""

    new: int = 0
    reviews: int = 0
    latest_new: int | None = None
    latest_review: int | None = None


class CountedDeck(NamedTuple):
    """What COUNTS says of a deck; the last two are the same for each."""

    new_words: list[str]
    due_elsewhere: list[str]
    learning: int
    review: int
    all_learning: int
    all_review: int


class Queue:
    """The words that wait for one learner at one time, over the decks they study, one of them or some chosen ones."""

    def __init__(self, user, at, deck_id=None, direction=None, chosen=()):
        self.user = user
        self.at = at
        self.decks = [deck_id] if deck_id else chosen
        self.direction = direction
        self.day = day_number(at, user.zone, user.day_starts_at)

    @cached_property
    def answered_today(self):
        """Return for each deck what was Answered of it on this day."""
        rows = (
            self.user.interactions.standing()
            .filter(day=self.day, received_at__gt=self.at - timedelta(days=3), cram=False, rating__isnull=False)
            .values_list("card__deck")
            .annotate(
                new=Count("progress_id", distinct=True, filter=Q(state_before="")),
                reviews=Count("progress_id", distinct=True, filter=Q(state_before=State.REVIEW)),
                latest_new=Max("sequence", filter=Q(state_before="")),
                latest_review=Max("sequence", filter=Q(state_before=State.REVIEW)),
            )
        )
        return {deck: Answered(*found) for deck, *found in rows}

    @property
    def words_answered_today(self):
        """Return how many words were begun or reviewed on this day."""
        return sum(deck.new + deck.reviews for deck in self.answered_today.values())

    @property
    def new_left(self):
        """Return how many new words the learner's own limit still allows today."""
        return max(0, self.user.new_per_day - sum(deck.new for deck in self.answered_today.values()))

    @property
    def reviews_left(self):
        """Return how many reviews the learner's limit still allows today."""
        return max(0, self.user.reviews_per_day - sum(deck.reviews for deck in self.answered_today.values()))

    @cached_property
    def enrolments(self):
        """Return the enrolments in scope, with their cards' directions narrowed to the one asked for."""
        visible = Deck.objects.visible_to(self.user)
        enrolments = self.user.enrolments.filter(deck__in=visible).select_related("deck").order_by("place", "added_at")
        if self.decks:
            enrolments = enrolments.filter(deck__in=self.decks)
        enrolments = list(enrolments)
        if self.direction:
            for enrolment in enrolments:
                enrolment.directions = [self.direction]
        return enrolments

    def new_left_in(self, enrolment):
        """Return how many new words of one deck may come today."""
        if enrolment.new_per_day is None:
            return self.new_left
        begun = self.answered_today.get(enrolment.deck_id, Answered()).new
        return max(0, min(self.new_left, enrolment.new_per_day - begun))

    def entries(self, count, last=None):
        """Return up to `count` entries, best first; the word `last` isn't first if that can be helped."""
        plan = self.plan(count + 1)  # one more, in case that the first is to come later
        return entries_of(self.user, plan.first(count, self.at, last))

    def plan(self, size, sequence=0):
        """Return what waits, with the first `size` words that are not in learning, as a plan for a session."""
        counts = self.counts
        learning = one_a_word(self._rows(LEARNING, MOST_LEARNING))
        # A word may be in learning in one direction and in review in another: it is asked once a day.
        directions = {direction for enrolment in self.enrolments for direction in enrolment.directions}
        most = (size + len(learning)) * len(directions)
        reviews = one_a_word(self._rows(REVIEWS, most) if counts.review else [])
        reviews = [row for word, row in reviews.items() if word not in learning][: counts.review]
        new = self._new(size)
        return Plan(
            sequence=sequence,
            made_at=self.at.timestamp(),
            day_ends=self._tomorrow.timestamp(),
            new=counts.new,
            review=counts.review,
            learning=[[due.timestamp(), *row] for due, *row in learning.values()],
            items=self._interleaved(reviews, new, size),
            # The queue was asked for no more than `size` of either kind.
            more=max(len(reviews), len(new)) >= size or len(reviews) + len(new) > size or len(new) < counts.new,
        )

    def _interleaved(self, reviews, new, size):
        """Return the first words, the new ones spread evenly among the reviews of the whole day."""
        answered = [self.answered_today.get(enrolment.deck_id, Answered()) for enrolment in self.enrolments]
        begun, reviewed = sum(deck.new for deck in answered), sum(deck.reviews for deck in answered)
        all_new, all_reviews = begun + self.counts.new, reviewed + self.counts.review
        found, reviews, new = [], deque(reviews), deque(new)
        # What was answered last, so that the words go on as they began.
        latest_new = max((deck.latest_new or 0 for deck in answered), default=0)
        was_new = latest_new > max((deck.latest_review or 0 for deck in answered), default=0)
        while len(found) < size and (reviews or new):
            step = begun + reviewed + len(found) + 1
            behind = begun < step * all_new // (all_new + all_reviews)
            was_new = bool(new) and (not reviews or (behind and (not was_new or all_new >= all_reviews)))
            begun += was_new
            reviewed -= was_new
            found.append(new.popleft() if was_new else reviews.popleft())
        return found

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
        words, like = {}, dict(self._begun_this_week)
        for enrolment in self.enrolments:
            row = self._counted[enrolment.deck_id]
            fresh = [word for word in row.new_words if word not in words and word not in row.due_elsewhere]
            room = min(self.new_left_in(enrolment), self.new_left - len(words))
            words |= dict.fromkeys(self._apart(fresh, room, like), enrolment)
        return words

    def _apart(self, fresh, room, like):
        """Return up to `room` words, none like another that was begun this week; `like` comes to have their keys.

        A word that is begun in one direction is no stranger in the next.
        """
        found = []
        for word in fresh:
            if len(found) == room:
                break
            keys = keys_of(word)
            if all(like.get(key, (word,))[0] == word for key in keys):
                found.append(word)
                like.update(dict.fromkeys(keys, (word, self.day)))
        return found

    @cached_property
    def _begun_this_week(self):
        """Return what the words begun in the last seven days look and sound like, as a mapping to (word, day)."""
        if not any(row.new_words for row in self._counted.values()):
            return {}
        begun = (
            self.user.interactions.standing()
            .filter(received_at__gt=self.at - timedelta(days=APART + 2), day__gt=self.day - APART)
            .filter(state_before="", rating__isnull=False, cram=False)
            .values_list("card__word_key", "day")
        )
        return {key: (word, day) for word, day in begun.order_by("day") for key in keys_of(word)}

    @cached_property
    def counts_by_deck(self):
        """Return how many words wait in each deck in scope; a word of two decks counts in both."""
        limits = {enrolment.deck_id: self.new_left_in(enrolment) for enrolment in self.enrolments}
        return {
            deck: Counts(
                len(self._apart(row.new_words, limits[deck], dict(self._begun_this_week))),
                row.learning,
                min(row.review, self.reviews_left),
            )
            for deck, row in self._counted.items()
        }

    @cached_property
    def _counted(self):
        """Return a row for each deck in scope, all of one statement."""
        if not self.enrolments:
            return {}
        # Some of a deck's next words may be another deck's, too, or have to wait for one that is like them.
        most = 2 * self.new_left + SPARE_WORDS if self.new_left else 0
        rows = self._rows(COUNTS, most)
        return {row[0]: CountedDeck(list(dict.fromkeys(row[1])), *row[2:]) for row in rows}

    def _rows(self, statement, most):
        """Return the rows of one of the statements on what waits."""
        with connection.cursor() as cursor:
            cursor.execute(statement, self._parameters | {"most": most})
            return cursor.fetchall()

    @property
    def _parameters(self):
        return {
            "user": self.user.pk,
            "decks": [enrolment.deck_id for enrolment in self.enrolments],
            "direction": self.direction,
            "at": self.at,
            # What a step put off until tomorrow isn't learnt ahead today.
            "ahead": min(self.at + LEARN_AHEAD, self._tomorrow - timedelta(microseconds=1)),
            "tomorrow": self._tomorrow,
            "day": self.day,
        }

    @cached_property
    def _tomorrow(self):
        return day_start(self.day + 1, self.user.zone, self.user.day_starts_at)

    def note_begun(self):
        """Note with each enrolment how far its deck is begun; the learner's log is locked."""
        if self.enrolments and not self.direction:
            with connection.cursor() as cursor:
                cursor.execute(BEGUN_UNTIL, self._parameters | {"end": NO_PLACE})

    def next_at(self):
        """Return when the next word in scope comes, or None: as it falls due, or as a new one on the next day."""
        tomorrow = self._tomorrow
        free_at = Greatest("next_review_at", "buried_until")
        # What is due and yet not asked waits for tomorrow, be it for its sibling or for the limit.
        waits = Q(self._sibling_today()) | Q(next_review_at__lte=self.at) & ~Q(buried_until__gt=self.at)
        waits |= Q(state=State.REVIEW, last_day__gte=self.day)
        soon = self._in_scope().filter(next_review_at__lt=tomorrow)
        soon_at = soon.aggregate(at=Min(Case(When(waits, then=Value(tomorrow)), default=free_at)))["at"]
        later = self._in_scope().filter(next_review_at__gte=tomorrow).order_by("next_review_at")
        times = [soon_at, later.values_list(free_at, flat=True).first(), self._new_words_wait() and self._next_new_at()]
        return min(filter(None, times), default=None)

    def _next_new_at(self):
        """Return when the next new word may come: tomorrow, or when all that wait were like others for long enough."""
        waiting = {word for row in self._counted.values() for word in row.new_words}
        free_on = [max(self._like_until(word), self.day + 1) for word in waiting]
        if len(waiting) >= SPARE_WORDS:
            free_on.append(self.day + 1)
        day = min(free_on, default=self.day + 1)
        return day_start(day, self.user.zone, self.user.day_starts_at)

    def _like_until(self, word):
        """Return the first day on which no other word that is like this one was begun in the last seven."""
        like = (self._begun_this_week.get(key, (word, None)) for key in keys_of(word))
        return max((day + APART for other, day in like if other != word), default=self.day)

    def _new_words_wait(self):
        """Return whether any deck in scope has a word that is not begun in one of its directions."""
        decks = [each.deck_id for each in self.enrolments if self.user.new_per_day and each.new_per_day != 0]
        with connection.cursor() as cursor:
            cursor.execute(WORDS_WAIT, self._parameters | {"decks": decks})
            return cursor.fetchone()[0]

    def _in_scope(self):
        """Return the progress rows of words that are learnt in scope, due or not."""
        rows = self.user.progress.filter(suspended=False, stability__isnull=False)
        decks = [each.deck_id for each in self.enrolments]
        if self.direction:
            cards = Card.objects.filter(word_key=OuterRef("word_key"), deck__in=decks)
            return rows.filter(Exists(cards), direction=self.direction)
        return rows.filter(Exists(studied_cards(self.user, decks)))

    def _sibling_today(self):
        """Return a condition on progress rows: the word was asked today in another direction."""
        siblings = self.user.progress.filter(word_key=OuterRef("word_key"), last_day__gte=self.day)
        return Exists(siblings.exclude(direction=OuterRef("direction")))

    def _new(self, size):
        """Return the next words to begin, each in the first direction of its deck that is not begun."""
        words = dict(list(self._new_words.items())[:size])
        if not words:
            return []
        decks = [enrolment.deck_id for enrolment in self.enrolments]
        cards = Card.objects.filter(word_key__in=words, deck__in=decks).order_by("-position", "-id")
        by_place = {(word, deck): card for word, deck, card in cards.values_list("word_key", "deck", "id")}
        rows = {(row.word_key, row.direction): row for row in self.user.progress.filter(word_key__in=words)}
        found = []
        for word, enrolment in words.items():
            direction = next((way for way in enrolment.directions if self._to_begin(rows.get((word, way)))), None)
            # A deck may have changed between two statements.
            if direction and (word, enrolment.deck_id) in by_place:
                found.append(["new", str(by_place[word, enrolment.deck_id]), direction, word])
        return found

    def _to_begin(self, row):
        """Return whether a word with this progress row, or none, is still to be begun."""
        if row is None:
            return True
        return row.stability is None and not row.suspended and not (row.buried_until and row.buried_until > self.at)
