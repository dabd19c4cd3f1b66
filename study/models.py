"""What a learner studies, remembers and has answered."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone
from uuid_utils.compat import uuid7

from decks.models import Card, Deck

MASTERED_STABILITY = 21  # days


class LongNamedIndex(models.Index):
    """An index under a name that operators were promised; PostgreSQL takes 63 characters, Django 30."""

    max_name_length = 63


class Direction(models.TextChoices):
    CHINESE_TO_ENGLISH = "chinese_to_english", "Chinese → English"
    ENGLISH_TO_CHINESE = "english_to_chinese", "English → Chinese"
    LISTENING = "listening", "Listening"
    WRITING = "writing", "Writing"


class State(models.TextChoices):
    LEARNING = "learning", "Learning"
    REVIEW = "review", "Review"
    RELEARNING = "relearning", "Relearning"


class Mastery(models.IntegerChoices):
    NEW = 0, "New"
    LEARNING = 1, "Learning"
    REVIEW = 2, "Review"
    MASTERED = 3, "Mastered"


class Order(models.TextChoices):
    POSITION = "position", "As in the deck"
    FREQUENCY = "frequency", "Most frequent first"


class Mode(models.TextChoices):
    REVIEW = "review", "Flashcards"
    QUIZ = "quiz", "Quiz"


class InteractionType(models.TextChoices):
    FLIP = "flip", "Seen"
    REVIEW = "review", "Graded by the learner"
    QUIZ_CORRECT = "quiz_correct", "Quiz: right"
    QUIZ_INCORRECT = "quiz_incorrect", "Quiz: wrong"


class Rating(models.IntegerChoices):
    AGAIN = 1, "Again"
    HARD = 2, "Hard"
    GOOD = 3, "Good"
    EASY = 4, "Easy"


def default_directions():
    """Return the directions in which a newly added deck is studied."""
    return [Direction.CHINESE_TO_ENGLISH, Direction.ENGLISH_TO_CHINESE]


def one_of(field, choices):
    """Return a condition: the column holds one of the choices."""
    return Q(**{f"{field}__in": choices.values})


class Enrolment(models.Model):
    """A learner studies a deck: their own, a built-in or a public one, without copying its cards."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.DB_CASCADE, related_name="enrolments", db_index=False)
    deck = models.ForeignKey(Deck, models.DB_CASCADE, related_name="enrolments")
    added_at = models.DateTimeField(auto_now_add=True)
    new_per_day = models.PositiveSmallIntegerField(
        "new words a day",
        null=True,
        blank=True,
        validators=[MaxValueValidator(999)],
        help_text="From this deck; empty: only the limit over all decks counts.",
    )
    directions = ArrayField(models.CharField(max_length=18, choices=Direction), default=default_directions)
    order = models.CharField(max_length=9, choices=Order, default=Order.POSITION)

    class Meta:
        db_table = "enrolments"
        ordering = ["added_at"]
        constraints = [
            models.UniqueConstraint(fields=["user", "deck"], name="enrolments_once_for_each_deck"),
            models.CheckConstraint(
                condition=Q(directions__len__gt=0, directions__contained_by=Direction.values),
                name="enrolments_directions_are_known",
            ),
        ]

    def __str__(self):
        return f"{self.user} studies {self.deck}"


class CardProgress(models.Model):
    """What one learner remembers of one word in one direction, made by the first answer."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.DB_CASCADE, related_name="progress", db_index=False)
    card = models.ForeignKey(Card, models.DB_CASCADE, related_name="progress", db_index=False)
    # A copy of the card's, kept by a trigger (see the first migration), so that the word is found from any deck.
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
    total_study_time = models.FloatField(default=0, help_text="Seconds.")
    suspended = models.BooleanField(default=False)
    buried_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "user_card_progress"
        verbose_name_plural = "card progress"
        indexes = [
            models.Index(fields=["user", "next_review_at"], name="idx_user_card_progress_user_id"),
            models.Index(fields=["card"], name="idx_user_card_progress_card_id"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["user", "card", "direction"], name="progress_once_for_each_direction"),
            models.UniqueConstraint(fields=["user", "word_key", "direction"], name="progress_once_for_each_word"),
            models.CheckConstraint(condition=one_of("direction", Direction), name="progress_direction_is_known"),
            models.CheckConstraint(condition=one_of("state", State), name="progress_state_is_known"),
            models.CheckConstraint(
                condition=Q(stability=None, difficulty=None) | Q(stability__gt=0, difficulty__range=(1, 10)),
                name="progress_memory_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(stability=None) | Q(next_review_at__isnull=False, last_day__isnull=False),
                name="progress_remembered_words_have_a_date",
            ),
        ]

    def __str__(self):
        return f"{self.word_key} ({self.get_direction_display()})"


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
    mode = models.CharField(max_length=10, choices=Mode, default=Mode.REVIEW)
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
        ]

    def __str__(self):
        return f"{self.user}, {self.created_at:%Y-%m-%d %H:%M}"


class CardInteraction(models.Model):
    """One answer. The log is append-only: an answer taken back is marked, never changed or deleted.

    Nothing refers to it by foreign key, so that it can be partitioned by month, and it refers to the progress row
    by value, so that the row can be rebuilt from it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    session = models.ForeignKey(
        StudySession, models.DB_CASCADE, null=True, blank=True, related_name="interactions", db_index=False
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.DB_CASCADE, related_name="interactions", db_index=False)
    card = models.ForeignKey(Card, models.DB_CASCADE, related_name="interactions")
    progress_id = models.UUIDField()
    interaction_type = models.CharField(max_length=14, choices=InteractionType)
    direction = models.CharField(max_length=18, choices=Direction)
    rating = models.PositiveSmallIntegerField(choices=Rating, null=True, blank=True)
    response_time = models.PositiveIntegerField(null=True, blank=True, help_text="Milliseconds.")
    answered_at = models.DateTimeField(help_text="By the learner's clock, never later than received.")
    received_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)
    time_zone = models.CharField(max_length=64)
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
    due_after = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "card_interactions"
        indexes = [
            LongNamedIndex(fields=["session", "card"], name="idx_card_interactions_session_id"),
            LongNamedIndex(fields=["user", "answered_at"], name="idx_card_interactions_user_id"),
            LongNamedIndex(fields=["progress_id"], name="idx_card_interactions_progress_id"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(rating=None, interaction_type=InteractionType.FLIP)
                | Q(rating__range=(1, 4), interaction_type=InteractionType.REVIEW)
                | Q(rating=3, interaction_type=InteractionType.QUIZ_CORRECT)
                | Q(rating=1, interaction_type=InteractionType.QUIZ_INCORRECT),
                name="interactions_rating_fits_type",
            ),
            models.CheckConstraint(condition=one_of("direction", Direction), name="interactions_direction_is_known"),
            models.CheckConstraint(
                condition=Q(answered_at__lte=F("received_at")), name="interactions_are_not_from_the_future"
            ),
        ]

    def __str__(self):
        return f"{self.get_interaction_type_display()}: {self.rating or '–'}"


class UserStatistics(models.Model):
    """A learner's totals, kept in the transaction of each answer."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.DB_CASCADE, primary_key=True, related_name="totals")
    total_views = models.PositiveIntegerField(default=0)
    total_correct_answers = models.PositiveIntegerField(default=0)
    total_quiz_attempts = models.PositiveIntegerField(default=0)
    study_time_minutes = models.FloatField(default=0)

    class Meta:
        db_table = "user_statistics"
        verbose_name_plural = "user statistics"

    def __str__(self):
        return str(self.user)
