"""What a learner remembers of each word: a fold of the log, kept beside it."""

from collections import Counter, defaultdict
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from django.conf import settings
from django.db import models
from django.db.models import Case, Count, F, Q, Value, When
from django.utils import timezone
from uuid_utils.compat import uuid7

from decks.models import Card
from study.choices import GRADED, Direction, InteractionType, Mastery, Rating, State, one_of
from study.log import CardInteraction
from study.scheduling import fsrs, policy
from study.scheduling.days import day_number
from study.scheduling.policy import MASTERED_STABILITY


def policy_of(user, zone=None):
    """Return the learner's settings as the scheduler takes them, in their time zone or another."""
    return policy.Policy(
        zone=zone or user.zone,
        rollover_hour=user.day_starts_at,
        weights=user.weights or fsrs.DEFAULT_WEIGHTS,
        retention=user.desired_retention,
        learning_steps=user.learning_steps,
        relearning_steps=user.relearning_steps,
        easy_days=frozenset(user.easy_days),
    )


MEMORY_CHANGES = [*GRADED, InteractionType.RESET, InteractionType.SET_DUE, InteractionType.MARK_KNOWN]


def grades(session, entries, at):
    """Return for each entry of a session's queue the four ratings, each with what it would do."""
    rows = [entry.progress or CardProgress(card=entry.card) for entry in entries]
    refit(session.user, rows)
    settings, load = policy_of(session.user), session.load
    found = [policy.preview(row.schedule, at, settings, row.card_id, load) for row in rows]
    return [[(Rating(rating), outcome) for rating, outcome in each.items()] for each in found]


def refit(user, rows):
    """Compute memories anew where the learner's weights have changed since; due dates stay. Not saved.

    One statement for any number of rows, and none if there is nothing to do.
    """
    stale = {row.pk: row for row in rows if row.stability is not None and row.params_version != user.params_version}
    if not stale:
        return
    weights = policy_of(user).weights
    log = CardInteraction.objects.standing().filter(
        progress_id__in=stale, interaction_type__in=MEMORY_CHANGES, cram=False
    )
    for pk, entries in groupby(log.order_by("progress_id", "answered_at", "sequence"), attrgetter("progress_id")):
        if memory := remembered(entries, weights):
            stale[pk].stability, stale[pk].difficulty = memory.stability, memory.difficulty


def remembered(entries, weights):
    """Return the memory that a word's entries leave with these weights, in the order of their times; None for none."""
    memory = last_day = None
    for entry in entries:
        if entry.interaction_type == InteractionType.SET_DUE:
            continue
        if not entry.graded:
            memory = fsrs.Memory(entry.stability_after, entry.difficulty_after) if entry.stability_after else None
        elif memory is None:
            memory = fsrs.first(weights, entry.rating)
        else:
            memory = fsrs.next_memory(weights, memory, max(0, entry.day - last_day), entry.rating)
        last_day = entry.day
    return memory


class CardProgressQuerySet(models.QuerySet):
    def by_day(self, user):
        """Return how many of the rows fall due on each of the learner's days, as a counter."""
        counts = Counter()
        for due_at, count in self.values_list("next_review_at").annotate(count=Count("pk")):
            counts[day_number(due_at, user.zone, user.day_starts_at)] += count
        return counts

    def by_word(self, cards):
        """Return the rows of these cards' words, as a mapping from the word's key to a list."""
        rows = defaultdict(list)
        for row in self.filter(word_key__in=[card.word_key for card in cards]).order_by("direction"):
            rows[row.word_key].append(row)
        return rows


class CardProgress(models.Model):
    """What one learner remembers of one word in one direction, made by the first answer."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.DB_CASCADE, related_name="progress", db_index=False)
    card = models.ForeignKey(Card, models.DB_CASCADE, related_name="progress", db_index=False)
    # A copy of the card's, kept by triggers (see the first migration), so that the word is found from any deck.
    word_key = models.TextField(editable=False)
    direction = models.CharField(max_length=18, choices=Direction)
    state = models.CharField(max_length=10, choices=State, default=State.LEARNING)
    step = models.PositiveSmallIntegerField(null=True, blank=True)
    stability = models.FloatField(null=True, blank=True, help_text="Days until recall falls to 90 %.")
    difficulty = models.FloatField(null=True, blank=True, help_text="From 1 to 10.")
    interval = models.PositiveIntegerField(default=0, help_text="Days, as last scheduled; 0 in learning.")
    next_review_at = models.DateTimeField(null=True, blank=True)
    last_reviewed_at = models.DateTimeField(null=True, blank=True)
    last_day = models.IntegerField(null=True, blank=True, help_text="The learner's day of the last graded answer.")
    params_version = models.PositiveIntegerField(default=0)
    mastery_level = models.GeneratedField(
        expression=Case(
            When(stability=None, then=Value(Mastery.NEW)),
            When(state__in=[State.LEARNING, State.RELEARNING], then=Value(Mastery.LEARNING)),
            When(stability__gte=MASTERED_STABILITY, then=Value(Mastery.MASTERED)),
            default=Value(Mastery.REVIEW),
        ),
        output_field=models.PositiveSmallIntegerField(choices=Mastery),
        db_persist=True,
    )
    difficulty_score = models.GeneratedField(
        expression=Value(0.1) + (F("difficulty") - Value(1.0)) * Value(4.9) / Value(9.0),
        output_field=models.FloatField(),
        db_persist=True,
    )
    flip_count = models.PositiveIntegerField(default=0)
    first_flipped_at = models.DateTimeField(null=True, blank=True)
    last_flipped_at = models.DateTimeField(null=True, blank=True)
    quiz_attempts = models.PositiveIntegerField(default=0)
    quiz_correct = models.PositiveIntegerField(default=0)
    last_quiz_attempt_at = models.DateTimeField(null=True, blank=True)
    consecutive_correct = models.PositiveIntegerField(default=0)
    reps = models.PositiveIntegerField(default=0)
    lapses = models.PositiveIntegerField(default=0)
    study_time_ms = models.PositiveBigIntegerField(default=0)
    total_study_time = models.GeneratedField(
        expression=F("study_time_ms") / Value(1000.0), output_field=models.FloatField(), db_persist=True
    )
    suspended = models.BooleanField(default=False)
    buried_until = models.DateTimeField(null=True, blank=True)
    # The sums over its reviews of 1 - R and of R (1 - R), R being the recall predicted: what tells a leech.
    expected_lapses = models.FloatField(default=0.0)
    lapse_variance = models.FloatField(default=0.0)
    last_act_at = models.DateTimeField(null=True, blank=True, help_text="The latest time of any entry of the log.")
    # By the log, not by the clock: a row that is rebuilt is the same row.
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = CardProgressQuerySet.as_manager()

    # What follows from the log; the rest says whose row it is.
    FOLDED = [
        *("state", "step", "stability", "difficulty", "interval", "next_review_at", "last_reviewed_at", "last_day"),
        *("params_version", "flip_count", "first_flipped_at", "last_flipped_at", "quiz_attempts", "quiz_correct"),
        *("last_quiz_attempt_at", "consecutive_correct", "reps", "lapses", "study_time_ms", "suspended"),
        *("buried_until", "expected_lapses", "lapse_variance", "last_act_at", "created_at", "updated_at"),
    ]

    class Meta:
        db_table = "user_card_progress"
        verbose_name_plural = "card progress"
        indexes = [
            models.Index(fields=["user", "next_review_at"], name="idx_user_card_progress_user_id"),
            models.Index(fields=["card"], name="idx_user_card_progress_card_id"),
            models.Index(
                fields=["user", "next_review_at"],
                condition=~Q(state=State.REVIEW) & Q(stability__isnull=False),
                name="progress_in_learning",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["user", "card", "direction"], name="progress_once_for_each_direction"),
            models.UniqueConstraint(fields=["user", "word_key", "direction"], name="progress_once_for_each_word"),
            models.CheckConstraint(condition=one_of("direction", Direction), name="progress_direction_is_known"),
            models.CheckConstraint(condition=one_of("state", State), name="progress_state_is_known"),
            models.CheckConstraint(
                # Of null, SQL says neither yes nor no, and a check takes that for a yes.
                condition=Q(stability=None, difficulty=None)
                | Q(stability__isnull=False, difficulty__isnull=False, stability__gt=0, difficulty__range=(1, 10)),
                name="progress_memory_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(stability=None) | Q(next_review_at__isnull=False, last_day__isnull=False),
                name="progress_remembered_words_have_a_date",
            ),
            models.CheckConstraint(
                condition=Q(stability=None) | ~Q(state=State.REVIEW) | Q(interval__gte=1),
                name="progress_reviews_have_an_interval",
            ),
        ]

    def __str__(self):
        return f"{self.word_key} ({self.get_direction_display()})"

    @property
    def mastery(self):
        """Return the mastery level's name."""
        return Mastery(self.mastery_level).label

    @property
    def schedule(self):
        """Return the row as the scheduler takes it."""
        if self.stability is None:
            return policy.Card(reps=self.reps, lapses=self.lapses)
        return policy.Card(
            state=self.state,
            step=self.step,
            memory=fsrs.Memory(self.stability, self.difficulty),
            last_day=self.last_day,
            last_at=self.last_reviewed_at,
            interval=self.interval,
            reps=self.reps,
            lapses=self.lapses,
        )

    def apply(self, entry):
        """Take one entry of the log; nothing else changes what follows from it, so it can be rebuilt. Not saved."""
        if entry.replayed:
            self._load(entry.replayed)
            return
        self.created_at = self.created_at or entry.received_at
        if entry.graded:
            self._remember(entry)
            self._count_grade(entry)
        else:
            self._apply_ungraded(entry)
        self.study_time_ms += (entry.response_time or 0) * entry.views
        self.updated_at = entry.received_at
        self.last_act_at = max(self.last_act_at or entry.answered_at, entry.answered_at)

    def _apply_ungraded(self, entry):
        match entry.interaction_type:
            case InteractionType.RESET | InteractionType.SET_DUE | InteractionType.MARK_KNOWN:
                self._remember(entry)
            case InteractionType.SUSPEND | InteractionType.UNSUSPEND:
                self.suspended = entry.interaction_type == InteractionType.SUSPEND
            case InteractionType.BURY | InteractionType.UNBURY:
                self.buried_until = entry.due_after
            case InteractionType.FLIP:
                self.flip_count += 1
                self.first_flipped_at = self.first_flipped_at or entry.answered_at
                self.last_flipped_at = entry.answered_at

    def _remember(self, entry):
        """Take the memory that an entry left behind."""
        self.state, self.step = entry.state_after or State.LEARNING, entry.step_after
        self.stability, self.difficulty = entry.stability_after, entry.difficulty_after
        self.interval, self.next_review_at = entry.interval_after, entry.due_after
        # A date that was set says nothing about the memory, nor with which weights it was computed.
        if entry.interaction_type != InteractionType.SET_DUE:
            self.last_day = None if self.stability is None else entry.day
            self.params_version = entry.params_version

    def _count_grade(self, entry):
        self.reps += 1
        self.lapses += entry.rating == Rating.AGAIN and entry.state_before == State.REVIEW
        self.consecutive_correct = 0 if entry.rating == Rating.AGAIN else self.consecutive_correct + 1
        self.last_reviewed_at = entry.answered_at
        if entry.state_before == State.REVIEW and entry.retrievability is not None:
            self.expected_lapses += 1 - entry.retrievability
            self.lapse_variance += entry.retrievability * (1 - entry.retrievability)
        if entry.interaction_type != InteractionType.REVIEW:
            self.quiz_attempts += 1
            self.quiz_correct += entry.interaction_type == InteractionType.QUIZ_CORRECT
            self.last_quiz_attempt_at = entry.answered_at

    def dump(self):
        """Return what follows from the log as JSON; `_load` reads it back exactly."""
        values = {name: getattr(self, name) for name in self.FOLDED}
        return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}

    def _load(self, dumped):
        for name, value in dumped.items():
            setattr(self, name, self._meta.get_field(name).to_python(value))

    def entries(self):
        """Return the entries of the log that made this row and stand, in the order in which they took effect."""
        return CardInteraction.objects.filter(progress_id=self.pk).standing().as_received()

    def fold(self, entries):
        """Return a row that is like this one's beginning, with entries of the log applied in order. Not saved."""
        row = CardProgress(
            id=self.id,
            user=self.user,
            card_id=self.card_id,
            word_key=self.word_key,
            direction=self.direction,
            created_at=None,
        )
        for entry in entries:
            row.apply(entry)
        return row

    def memory_fields(self, suffix):
        """Return the memory state as the log's columns that end in "before" or "after"."""
        new = self.stability is None
        return {
            f"state_{suffix}": "" if new else self.state,
            f"step_{suffix}": self.step,
            f"stability_{suffix}": self.stability,
            f"difficulty_{suffix}": self.difficulty,
            f"interval_{suffix}": self.interval,
            f"due_{suffix}": self.next_review_at,
        }
