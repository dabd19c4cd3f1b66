"""After a holiday: the reviews that have piled up, spread over some days by how well they are remembered."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import chain
from statistics import fmean, median

from django.db import transaction
from django.db.models import Exists, Q, Subquery
from uuid_utils.compat import uuid7

from decks.models import Deck
from study import acts
from study.acts import Act
from study.choices import InteractionType, State
from study.enrolment import studied_cards
from study.log import UserStatistics
from study.progress import CardProgress, policy_of
from study.scheduling import fsrs
from study.scheduling.balance import weekday
from study.scheduling.days import EPOCH, day_number, day_start
from study.scheduling.spread import placed, shares

FEWEST_DAYS, MOST_DAYS = 2, 30
WORTH_SPREADING = 30  # words: fewer are a matter of minutes
STUDY_DAYS = 30  # looked at to tell what is usual
FEWEST_USUAL = 20


@dataclass(frozen=True)
class Day:
    """What comes on one day: words of the backlog, with the recall expected if there are any, and what is due then."""

    date: date
    words: int
    due: int
    recall: float | None

    @property
    def total(self):
        """Return all the reviews of the day."""
        return self.words + self.due


@dataclass(frozen=True)
class Plan:
    """A backlog over some days: each day, and each row with the number of days from today on which it comes."""

    days: list[Day]
    places: list[tuple[CardProgress, int]]
    recall: float

    @property
    def most(self):
        """Return the reviews of the fullest day."""
        return max(day.total for day in self.days)


class Backlog:
    """The reviews of a learner that were due before today, over all the decks that they study."""

    def __init__(self, user, at):
        self.user = user
        self.at = at
        self.today = day_number(at, user.zone, user.day_starts_at)
        self.weights = policy_of(user).weights

    @cached_property
    def rows(self):
        """Return the rows of the words overdue, the likeliest to be recalled first; `scheduling.spread` says why."""
        rows = self._overdue().only("word_key", "direction", "stability", "last_day")
        return sorted(rows, key=lambda row: (-self.recall(row, self.today), row.pk))

    @cached_property
    def due(self):
        """Return how many reviews fall due on today and each of the days after it, whatever is done."""
        days = [self._start(self.today + day) for day in range(MOST_DAYS + 1)]
        rows = self._reviews.filter(Exists(self._cards), next_review_at__gte=days[0], next_review_at__lt=days[-1])
        counts = rows.by_day(self.user)
        return [counts[self.today + day] for day in range(MOST_DAYS)]

    @cached_property
    def usual(self):
        """Return how many reviews a day are usual: the median of the last days with any, within the learner's limit."""
        days = self.user.days.filter(reviews__gt=0, day__lt=self.today).order_by("-day")
        reviews = days.values_list("reviews", flat=True)[:STUDY_DAYS]
        limit = max(1, self.user.reviews_per_day)
        return min(limit, max(FEWEST_USUAL, round(median(reviews)))) if reviews else limit

    @property
    def is_long(self):
        """Return whether spreading is worth offering: more than two usual days have piled up, or than a day may have.

        It doesn't matter when the learner was here last: a backlog outlives the first session after a holiday.
        """
        most = max(WORTH_SPREADING, min(2 * self.usual, self.user.reviews_per_day))
        return self._overdue()[: most + 1].count() > most

    @cached_property
    def suggested_days(self):
        """Return the fewest days on which no more comes than is usual, if there are so few."""
        room = 0
        for day, due in enumerate(self._load, start=1):
            room += 0 if self._easy[day - 1] else max(0, self.usual - due)
            if day >= FEWEST_DAYS and room >= len(self.rows):
                return day
        return MOST_DAYS

    def plan(self, days):
        """Return what would come on each of some days."""
        numbers = shares(self._load[:days], len(self.rows), self._easy[:days])
        found = placed([row.word_key for row in self.rows], numbers)
        recall = [[] for _ in range(days)]
        for row, day in zip(self.rows, found, strict=True):
            recall[day].append(self.recall(row, self.today + day))
        return Plan(
            [
                Day(
                    date=date.fromordinal(EPOCH + self.today + day),
                    words=numbers[day],
                    due=self.due[day],
                    recall=fmean(recall[day]) if recall[day] else None,
                )
                for day in range(days)
            ],
            list(zip(self.rows, found, strict=True)),
            fmean(chain(*recall)) if self.rows else 0.0,
        )

    def recall(self, row, day):
        """Return the chance that a word is recalled on a day."""
        return fsrs.retrievability(self.weights, row.stability, max(0, day - row.last_day))

    @cached_property
    def _load(self):
        """Return what each day has already; today, what was reviewed, too."""
        done = self.user.days.filter(day=self.today).values_list("reviews", flat=True).first() or 0
        return [self.due[0] + done, *self.due[1:]]

    @property
    def _easy(self):
        return [weekday(self.today + day) in self.user.easy_days for day in range(MOST_DAYS)]

    def _start(self, day):
        return day_start(day, self.user.zone, self.user.day_starts_at)

    def _overdue(self):
        """Return the rows of the words overdue, each with a card of a deck that is studied.

        That of the first answer may be in a deck that the learner has left. As a value and not by EXISTS, for which
        PostgreSQL may read every card of the decks first, for a handful of rows, too.
        """
        unburied = Q(buried_until=None) | Q(buried_until__lte=self.at)
        rows = self._reviews.filter(unburied, next_review_at__lt=self._start(self.today))
        return rows.annotate(studied_card=Subquery(self._cards.values("pk")[:1])).filter(studied_card__isnull=False)

    @property
    def _reviews(self):
        return self.user.progress.filter(state=State.REVIEW, suspended=False, stability__isnull=False)

    @property
    def _cards(self):
        """Return the cards by which a row's word is studied in its direction."""
        return studied_cards(self.user, Deck.objects.visible_to(self.user))


def is_worth_offering(queue):
    """Return whether the learner of a queue over all decks has a backlog to spread: no statement if little waits."""
    few = queue.counts.review < min(WORTH_SPREADING, queue.reviews_left)
    return not few and Backlog(queue.user, queue.at).is_long


@transaction.atomic
def spread(user, batch, days, at):
    """Spread a learner's backlog over some days as one act, and return how many words it put on a later day.

    The same batch again changes nothing: the first entry of the log has its id. `acts.undo` with that takes all back.
    """
    UserStatistics.objects.lock(user)
    if user.interactions.filter(pk=batch).exists():
        return 0
    later = [(row, day) for row, day in Backlog(user, at).plan(days).places if day]
    moves = [
        Act(
            id=uuid7() if number else batch,
            card=row.studied_card,
            direction=row.direction,
            type=InteractionType.SET_DUE,
            days=day,
        )
        for number, (row, day) in enumerate(later)
    ]
    return len(moves) and len(acts.record_many(user, moves, at, batch))


def last_spread(user):
    """Return an entry of the backlog spread as the learner's latest act, which can be taken back, or None."""
    last = user.interactions.standing().as_received().last()
    return last if last and last.batch and last.interaction_type == InteractionType.SET_DUE else None
