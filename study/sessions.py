"""One sitting of a learner."""

from datetime import timedelta
from typing import NamedTuple

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import Count, Max, Q
from django.utils import timezone
from uuid_utils.compat import uuid7

from decks.models import Card, Deck
from study import acts
from study.choices import Direction, Exercise, Filter, InteractionType, Mode, Rating, State, one_of
from study.enrolment import Enrolment
from study.filtered import FilteredPlan, FilteredQueue
from study.ledger import TOTALS
from study.log import UserStatistics
from study.plan import Counts, Plan
from study.queue import Entry, Queue, entries_of
from study.scheduling.balance import COUNTED_DAYS
from study.scheduling.days import day_number, day_start

BREAK = timedelta(minutes=30)  # who comes back later sits down anew
PLANNED = 40  # cards of a plan: more would make the row longer, fewer the queue be asked more often
DAYS_AHEAD = COUNTED_DAYS + 1  # today and the days that the scheduler evens out


class Waiting(NamedTuple):
    """What waits in a session: the first entries of its queue, and how many words there are.

    `reached` says that the learner has done what they set out to: then nothing waits, whatever is due.
    """

    entries: list[Entry]
    counts: Counts
    reached: bool = False


def due_days(user, at):
    """Return a session's first day and how many reviews fall due on each of the days from it.

    Counted once, when a session begins: so a button's preview is what the answer does, on every device.
    """
    today = day_number(at, user.zone, user.day_starts_at)
    until = day_start(today + DAYS_AHEAD, user.zone, user.day_starts_at)
    reviews = user.progress.filter(state=State.REVIEW, suspended=False, next_review_at__range=(at, until))
    counts = reviews.by_day(user)
    return {"first_day": today, "due_days": [counts[today + day] for day in range(DAYS_AHEAD)]}


class StudySession(models.Model):
    """One sitting of one learner, over one deck or all."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.DB_CASCADE, related_name="sessions", db_index=False)
    deck = models.ForeignKey(Deck, models.DB_CASCADE, null=True, blank=True, related_name="sessions")
    direction = models.CharField(
        max_length=18,
        choices=Direction,
        null=True,
        blank=True,
        help_text="Empty: every direction of the deck.",
    )
    chosen = ArrayField(models.UUIDField(), default=list, blank=True, help_text="Some of all decks; empty: all.")
    exercise = models.CharField(max_length=7, choices=Exercise, blank=True, help_text="Empty: as each deck says.")
    mode = models.CharField(max_length=10, choices=Mode, default=Mode.REVIEW)
    goal_cards = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Words; empty: all that wait.")
    goal_minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    filter = models.CharField(max_length=8, choices=Filter, blank=True, help_text="Empty: what is due.")
    filter_value = models.CharField(max_length=200, blank=True, help_text="The tag, the text or the days ahead.")
    # How many reviews fell due on that day and the next 90 when the session began: what the scheduler evens out.
    first_day = models.IntegerField(default=0, editable=False)
    due_days = ArrayField(models.PositiveIntegerField(), default=list, editable=False)
    # The next cards with their counts, and the learner's sequence number up to which that is so.
    plan = models.JSONField(null=True, blank=True, editable=False)
    cards_studied = models.PositiveIntegerField(default=0)
    correct_answers = models.PositiveIntegerField(default=0)
    session_duration = models.FloatField(default=0, help_text="Minutes, from the start to the last answer.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "study_sessions"
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["user", "created_at"], name="idx_study_sessions_user_id")]
        constraints = [
            models.CheckConstraint(
                condition=Q(direction=None) | one_of("direction", Direction),
                name="sessions_direction_is_known",
            ),
            models.CheckConstraint(condition=one_of("mode", Mode), name="sessions_mode_is_known"),
            models.CheckConstraint(
                condition=Q(exercise="") | one_of("exercise", Exercise), name="sessions_exercise_is_known"
            ),
            models.CheckConstraint(condition=Q(filter="") | one_of("filter", Filter), name="sessions_filter_is_known"),
        ]

    def __str__(self):
        return f"{self.user}, {self.created_at:%Y-%m-%d %H:%M}"

    TOTALS = TOTALS
    KIND = {"filter": "", "filter_value": "", "exercise": "", "goal_cards": None, "goal_minutes": None, "chosen": []}

    @classmethod
    def start(cls, user, deck, direction, at, mode=Mode.REVIEW, **kind):
        """Return the session to go on with: today's open one of the same kind, else a new one.

        The kind may have a filter with its filter_value, an exercise, goal_cards or goal_minutes, and `chosen`, the
        ids of some decks.
        """
        if deck:
            Enrolment.objects.start(user, deck)
        user.seen(at)
        today = day_start(day_number(at, user.zone, user.day_starts_at), user.zone, user.day_starts_at)
        kind = cls.KIND | kind | {"deck": deck, "direction": direction, "mode": mode}
        going_on = user.sessions.filter(**kind, ended_at=None, created_at__gte=today).first()
        if going_on and (going_on.paused_for(at) > BREAK or going_on.has_reached(at)):
            going_on = None
        return going_on or cls.objects.create(user=user, created_at=at, **kind, **due_days(user, at))

    @classmethod
    def paused(cls, user, at):
        """Return today's latest session that was begun and not ended, to be gone on with on any device, or None."""
        today = day_start(day_number(at, user.zone, user.day_starts_at), user.zone, user.day_starts_at)
        found = user.sessions.filter(ended_at=None, created_at__gte=today, cards_studied__gt=0).select_related("deck")
        session = found.first()
        return None if session is None or session.has_reached(at) else session

    @property
    def last_at(self):
        """Return when the last answer was given, or when the session began."""
        return self.created_at + timedelta(minutes=self.session_duration)

    @property
    def load(self):
        """Return how many reviews are due on each of the learner's days, as counted when the session began."""
        return dict(enumerate(self.due_days, self.first_day))

    def queue(self, at):
        """Return what waits in this session."""
        if self.filter or self.cramming:
            return FilteredQueue(self, at)
        return Queue(self.user, at, self.deck_id, self.direction, self.chosen)

    def paused_for(self, at):
        """Return how long ago the last answer was, or the beginning."""
        return at - self.last_at

    @property
    def ends_at(self):
        """Return when the minutes that the learner set out to study are over; None if they set none."""
        return self.goal_minutes and self.created_at + timedelta(minutes=self.goal_minutes)

    @property
    def has_all_words(self):
        """Return whether as many words were begun or reviewed as the learner set out to."""
        return self.goal_cards is not None and self.cards_studied >= self.goal_cards

    def has_reached(self, at):
        """Return whether the learner has done what they set out to; what is in learning may still come back."""
        return self.has_all_words or bool(self.ends_at and at >= self.ends_at)

    def go_on(self):
        """Study what waits, whatever the learner had set out to."""
        self.goal_cards = self.goal_minutes = None
        self.save(update_fields=["goal_cards", "goal_minutes"])

    def waiting(self, at, count=1, last=None, sequence=None):
        """Return up to `count` entries of the queue, best first, and how many words wait, as a Waiting.

        The word `last` isn't first if that can be helped. `sequence` is the number at which the learner's log stands,
        where that is known. What the session's plan tells isn't asked for again.
        """
        if sequence is None:
            sequence = UserStatistics.objects.sequence(self.user)
        if self.ends_at and at >= self.ends_at:
            return Waiting([], Counts(), reached=True)
        # With all the words done, those in learning are seen through.
        wanted = {"last": last, "fresh": not self.has_all_words}
        plan = self._read_plan()
        found = plan.first(count, at, **wanted) if plan and plan.holds(sequence, at) else None
        entries = None if found is None else entries_of(self.user, found)
        if entries is None or len(entries) < len(found):
            plan = self._make_plan(at, count)
            entries = entries_of(self.user, plan.first(count, at, **wanted))
        counts = plan.counts(at)
        if self.has_all_words:
            counts = Counts(learning=counts.learning)
        return Waiting(entries, counts, reached=self.has_all_words and not entries)

    def upcoming(self, at, size):
        """Return a plan with the next `size` words, and the number at which the learner's log stands."""
        sequence = UserStatistics.objects.sequence(self.user)
        plan = self._read_plan()
        if not plan or not plan.holds(sequence, at) or (len(plan.items) < size and plan.more):
            # A longer one is not kept with the session: each answer would write it anew.
            plan = self._make_plan(at, size) if size <= PLANNED else self.queue(at).plan(size + 1, sequence)
        return plan, sequence

    def _read_plan(self):
        """Return the plan that is kept, or None."""
        return (FilteredPlan if self.filter or self.cramming else Plan).read(self.plan)

    @transaction.atomic
    def _make_plan(self, at, count):
        """Make the plan anew and keep it; nothing is done to the learner's words meanwhile."""
        sequence = UserStatistics.objects.lock(self.user)
        queue = self.queue(at)
        queue.note_begun()  # first, so that what is begun is skipped once
        plan = queue.plan(max(count, PLANNED) + 1, sequence)
        self.plan = plan.dump()
        StudySession.objects.filter(pk=self.pk).update(plan=self.plan)
        return plan

    def last_act(self):
        """Return the latest entry of this session that stands, or None."""
        return self.interactions.standing().select_related("card").as_received().last()

    def answers(self):
        """Return the graded answers that count."""
        return self.interactions.filter(rating__isnull=False, undone_at=None)

    def hard_cards(self):
        """Return the cards forgotten in this session, those forgotten most often first."""
        forgotten = Q(interactions__session=self, interactions__rating=Rating.AGAIN, interactions__undone_at=None)
        cards = Card.objects.filter(forgotten).annotate(times=Count("interactions"))
        return cards.order_by("-times", "position")

    def answer(self, id, card, direction, rating, at, response_time=None, reps=None):
        """Record one graded answer and return its entry in the log; see `acts.record`."""
        act = acts.Act(
            id=id,
            card=card,
            direction=direction,
            type=InteractionType.REVIEW,
            rating=rating,
            response_time=response_time,
            reps=reps,
        )
        return self.record(act, at)

    def record(self, act, received_at):
        """Record an act in this session and return its entry in the log; see `acts.record`."""
        return acts.record(self.user, act, received_at, self)

    @property
    def cramming(self):
        """Return whether answers leave the schedule as it is."""
        return self.mode == Mode.CRAM

    def count(self, entry, new_card):
        """Add an answer to the totals. Not saved."""
        self.cards_studied += new_card
        self.correct_answers += entry.rating != Rating.AGAIN
        self.session_duration = max(self.session_duration, self._minutes(entry.answered_at))

    def follow(self, entry, progress):
        """Have the plan follow an entry, if it can. Not saved."""
        plan = self._read_plan()
        self.plan = plan and plan.after(entry, progress)

    def take_over(self, written):
        """Take over what an act changed in the same row."""
        for name in [*self.TOTALS, "plan"]:
            setattr(self, name, getattr(written, name))

    def recount(self, reopen):
        """Count the totals from the answers; the learner's log is locked.

        The session goes on if it ended after the time `reopen`, that of the answer that was taken back; None for none.
        """
        found = self.answers().aggregate(
            cards=Count("card", distinct=True),
            correct=Count("pk", filter=~Q(rating=Rating.AGAIN)),
            last_at=Max("answered_at"),
        )
        self.cards_studied, self.correct_answers = found["cards"], found["correct"]
        self.session_duration = max(0.0, self._minutes(found["last_at"])) if found["last_at"] else 0.0
        self.save(update_fields=self.TOTALS)
        if reopen:
            StudySession.objects.filter(pk=self.pk, ended_at__gte=reopen).update(ended_at=None)

    def _minutes(self, at):
        return (at - self.created_at).total_seconds() / 60

    def end(self, at):
        """Close the session; once closed it stays closed, and an answer that comes late still counts in it."""
        StudySession.objects.filter(pk=self.pk, ended_at=None).update(ended_at=at)
