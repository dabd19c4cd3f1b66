"""What happened: the append-only log of answers, and the totals kept beside it."""

from collections import Counter, defaultdict

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from uuid_utils.compat import uuid7

from decks.models import Card
from study.choices import GRADED, Direction, InteractionType, Rating, State, one_of

UNGRADED = [kind for kind in InteractionType if kind not in GRADED]


class LongNamedIndex(models.Index):
    """An index under a name that operators were promised; PostgreSQL takes 63 characters, Django 30."""

    max_name_length = 63


class CardInteractionQuerySet(models.QuerySet):
    def standing(self):
        """Return what was not taken back."""
        return self.filter(undone_at=None)

    def as_received(self):
        """Return the entries in the order in which they took effect."""
        return self.order_by("sequence")


class CardInteraction(models.Model):
    """One answer or another act on a word. The log is append-only: what is taken back is marked, never changed.

    Nothing refers to it by foreign key, so that it can be partitioned by month, and it refers to the progress row
    by value, so that the row can be rebuilt from it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    session = models.ForeignKey(
        "study.StudySession", models.DB_CASCADE, null=True, blank=True, related_name="interactions", db_index=False
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.DB_CASCADE, related_name="interactions", db_index=False)
    card = models.ForeignKey(Card, models.DB_CASCADE, related_name="interactions")
    progress_id = models.UUIDField()
    sequence = models.BigIntegerField(help_text="The learner's entries in the order in which they took effect.")
    batch = models.UUIDField(null=True, blank=True, help_text="Of an act on many words: what is taken back together.")
    interaction_type = models.CharField(max_length=14, choices=InteractionType)
    direction = models.CharField(max_length=18, choices=Direction)
    rating = models.PositiveSmallIntegerField(choices=Rating, null=True, blank=True)
    response_time = models.PositiveIntegerField(null=True, blank=True, help_text="Milliseconds.")
    answered_at = models.DateTimeField(help_text="By the learner's clock, never later than received.")
    received_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)
    time_zone = models.CharField(max_length=64)
    clock_ahead = models.BooleanField(default=False, help_text="The device's clock was five minutes ahead or more.")
    cram = models.BooleanField(default=False, help_text="Counts for no schedule.")
    utc_offset = models.SmallIntegerField(help_text="Minutes east of UTC.")
    day = models.IntegerField(help_text="The learner's day; day 0 is 1 January 1970.")
    typed = models.TextField(blank=True, help_text="What the learner typed, if anything.")
    device = models.CharField(max_length=100, blank=True)
    params_version = models.PositiveIntegerField(default=0)
    retrievability = models.FloatField(null=True, blank=True, help_text="Predicted, at the time of the answer.")
    raw_interval = models.FloatField(null=True, blank=True, help_text="Days, by the formula.")
    interval = models.FloatField(null=True, blank=True, help_text="Days, as scheduled.")
    state_before = models.CharField(max_length=10, choices=State, blank=True, help_text="Empty: a new word.")
    step_before = models.PositiveSmallIntegerField(null=True, blank=True)
    stability_before = models.FloatField(null=True, blank=True)
    difficulty_before = models.FloatField(null=True, blank=True)
    interval_before = models.PositiveIntegerField(null=True, blank=True)
    due_before = models.DateTimeField(null=True, blank=True)
    state_after = models.CharField(max_length=10, choices=State, blank=True)
    step_after = models.PositiveSmallIntegerField(null=True, blank=True)
    stability_after = models.FloatField(null=True, blank=True)
    difficulty_after = models.FloatField(null=True, blank=True)
    interval_after = models.PositiveIntegerField(null=True, blank=True)
    due_after = models.DateTimeField(null=True, blank=True)
    # Of an entry that came after a later one: every column of the progress row as it follows from all in order.
    replayed = models.JSONField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = CardInteractionQuerySet.as_manager()

    class Meta:
        db_table = "card_interactions"
        indexes = [
            LongNamedIndex(fields=["session", "card"], name="idx_card_interactions_session_id"),
            LongNamedIndex(fields=["user", "received_at"], name="idx_card_interactions_user_id"),
            LongNamedIndex(fields=["progress_id"], name="idx_card_interactions_progress_id"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["user", "sequence"], name="interactions_one_after_the_other"),
            models.CheckConstraint(
                condition=Q(rating=None, interaction_type__in=UNGRADED)
                | Q(rating__isnull=False)
                & (
                    Q(rating__range=(1, 4), interaction_type=InteractionType.REVIEW)
                    | Q(rating=3, interaction_type=InteractionType.QUIZ_CORRECT)
                    | Q(rating=1, interaction_type=InteractionType.QUIZ_INCORRECT)
                ),
                name="interactions_rating_fits_type",
            ),
            models.CheckConstraint(condition=one_of("direction", Direction), name="interactions_direction_is_known"),
            models.CheckConstraint(
                condition=Q(answered_at__lte=F("received_at")), name="interactions_are_not_from_the_future"
            ),
        ]

    def __str__(self):
        return f"{self.get_interaction_type_display()}: {self.rating or '–'}"

    @property
    def graded(self):
        """Return whether this is an answer that counts for the schedule."""
        return self.rating is not None and not self.cram

    @property
    def views(self):
        """Return how often a card was looked at for this entry: once, or not at all."""
        return int(self.rating is not None or self.interaction_type == InteractionType.FLIP)


class UserStatisticsQuerySet(models.QuerySet):
    def lock(self, user):
        """Lock a learner's totals, made if need be, and return the number of the latest entry of their log.

        Whoever writes a learner's log does this first: so entries take effect one after the other, and nobody who
        holds one row of the learner's waits for another.
        """
        row = self.select_for_update().filter(user=user).values_list("sequence", flat=True)
        if (sequence := row.first()) is None:
            self.bulk_create([UserStatistics(user=user)], ignore_conflicts=True)
            sequence = row.get()
        return sequence

    def sequence(self, user):
        """Return the number of the latest entry of a learner's log, or higher."""
        return self.filter(user=user).values_list("sequence", flat=True).first() or 0

    def touch(self, user):
        """Let what was kept of a learner's queue count for nothing: their settings or decks are others now."""
        self.bulk_create([UserStatistics(user=user)], ignore_conflicts=True)
        self.filter(user=user).update(sequence=F("sequence") + 1)

    def take_off(self, user, entries):
        """Take entries of the log off their learner's totals."""
        sums = Counter()
        for entry in entries:
            sums.update(UserStatistics.figures(entry))
        self.filter(user=user).update(**{name: F(name) - sums[name] for name in UserStatistics.FIGURES})


class UserStatistics(models.Model):
    """A learner's totals, kept in the transaction of each answer."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.DB_CASCADE, primary_key=True, related_name="totals")
    # Of the latest entry of the log, or higher; whoever writes the log locks this row first.
    sequence = models.BigIntegerField(default=0, editable=False)
    total_views = models.PositiveIntegerField(default=0)
    total_correct_answers = models.PositiveIntegerField(default=0, help_text="In a quiz.")
    total_quiz_attempts = models.PositiveIntegerField(default=0)
    # Whole numbers add up in any order and can be taken off again; minutes with fractions don't quite.
    study_time_ms = models.PositiveBigIntegerField(default=0)
    study_time_minutes = models.GeneratedField(
        expression=F("study_time_ms") / Value(60_000.0), output_field=models.FloatField(), db_persist=True
    )

    objects = UserStatisticsQuerySet.as_manager()

    class Meta:
        db_table = "user_statistics"
        verbose_name_plural = "user statistics"

    def __str__(self):
        return str(self.user)

    FIGURES = ["total_views", "total_correct_answers", "total_quiz_attempts", "study_time_ms"]

    @staticmethod
    def figures(entry):
        """Return what an entry of the log adds to each total."""
        quiz = entry.interaction_type in (InteractionType.QUIZ_CORRECT, InteractionType.QUIZ_INCORRECT)
        return {
            "total_views": entry.views,
            "total_correct_answers": int(entry.interaction_type == InteractionType.QUIZ_CORRECT),
            "total_quiz_attempts": int(quiz),
            "study_time_ms": (entry.response_time or 0) * entry.views,
        }


class StudyDayQuerySet(models.QuerySet):
    def take_off(self, user, entries):
        """Take entries of the log off their days."""
        sums = defaultdict(Counter)
        for entry in entries:
            if entry.rating is not None:
                sums[entry.day].update(StudyDay.figures(entry))
        for number, figures in sums.items():
            day = self.filter(user=user, day=number)
            day.update(**{name: F(name) - figures[name] for name in StudyDay.FIGURES})
            day.filter(answers=0).delete()


class StudyDay(models.Model):
    """What a learner did on one of their days, kept in the transaction of each answer."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.DB_CASCADE, related_name="days", db_index=False)
    day = models.IntegerField(help_text="The learner's day; day 0 is 1 January 1970.")
    answers = models.PositiveIntegerField(default=0)
    new_words = models.PositiveIntegerField(default=0)
    reviews = models.PositiveIntegerField(default=0, help_text="Answers to words that were in review.")
    forgotten = models.PositiveIntegerField(default=0, help_text="Of the reviews, those answered with “again”.")
    study_time_ms = models.PositiveBigIntegerField(default=0)

    pk = models.CompositePrimaryKey("user_id", "day")

    objects = StudyDayQuerySet.as_manager()

    FIGURES = ["answers", "new_words", "reviews", "forgotten", "study_time_ms"]

    class Meta:
        db_table = "study_days"
        ordering = ["day"]

    def __str__(self):
        return f"{self.user_id}, day {self.day}"

    @staticmethod
    def figures(entry):
        """Return what an entry of the log adds to its day."""
        review = entry.graded and entry.state_before == State.REVIEW
        return {
            "answers": int(entry.rating is not None),
            "new_words": int(entry.graded and entry.state_before == ""),
            "reviews": int(review),
            "forgotten": int(review and entry.rating == Rating.AGAIN),
            "study_time_ms": (entry.response_time or 0) * int(entry.rating is not None),
        }
