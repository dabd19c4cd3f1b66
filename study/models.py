"""What a learner studies, remembers and has answered."""

from collections import defaultdict

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator
from django.db import IntegrityError, models, transaction
from django.db.models import Case, Count, F, Q, Value, When
from django.utils import timezone
from uuid_utils.compat import uuid7

from decks.models import Card, Deck
from study.choices import Direction, InteractionType, Mastery, Mode, Order, Rating, State, one_of
from study.log import CardInteraction, UserStatistics
from study.queue import Queue
from study.scheduling import fsrs, policy
from study.scheduling.days import day_number, day_start

MASTERED_STABILITY = 21  # days


def default_directions():
    """Return the directions in which a newly added deck is studied."""
    return [Direction.CHINESE_TO_ENGLISH, Direction.ENGLISH_TO_CHINESE]


class StaleAnswer(Exception):
    """The answer is for a card as it was before another one: from a second tab, or with an id that is taken."""


def policy_of(user):
    """Return the learner's settings as the scheduler takes them."""
    return policy.Policy(
        zone=user.zone,
        rollover_hour=user.day_starts_at,
        weights=user.weights or fsrs.DEFAULT_WEIGHTS,
        retention=user.desired_retention,
        learning_steps=user.learning_steps,
        relearning_steps=user.relearning_steps,
    )


class EnrolmentQuerySet(models.QuerySet):
    def start(self, user, deck):
        """Return the learner's enrolment in a deck, made if need be."""
        return self.get_or_create(user=user, deck=deck)[0]


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

    objects = EnrolmentQuerySet.as_manager()

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


class CardProgressQuerySet(models.QuerySet):
    def lock(self, user, card, direction):
        """Return the locked row of a word, whichever card it came from; made if this is its first answer."""
        word = self.select_for_update().filter(user=user, word_key=card.word_key, direction=direction)
        if not (progress := word.first()):
            # Of two first answers at once, the second waits here and then finds the row of the first.
            self.bulk_create(
                [CardProgress(user=user, card=card, word_key=card.word_key, direction=direction)],
                ignore_conflicts=True,
            )
            progress = word.first()
        if not progress:
            # The card was made another word while the learner had a memory of that one too, which is gone since.
            self.filter(user=user, card=card, direction=direction).update(word_key=card.word_key)
            progress = word.first()
        return progress

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
    total_study_time = models.FloatField(default=0, help_text="Seconds.")
    suspended = models.BooleanField(default=False)
    buried_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = CardProgressQuerySet.as_manager()

    # What an answer changes.
    ANSWERED = [
        *("state", "step", "stability", "difficulty", "interval", "next_review_at", "last_reviewed_at", "last_day"),
        *("params_version", "consecutive_correct", "reps", "lapses", "total_study_time", "updated_at"),
    ]

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
                # Of null, SQL says neither yes nor no, and a check takes that for a yes.
                condition=Q(stability=None, difficulty=None)
                | Q(stability__isnull=False, difficulty__isnull=False, stability__gt=0, difficulty__range=(1, 10)),
                name="progress_memory_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(stability=None) | Q(next_review_at__isnull=False, last_day__isnull=False),
                name="progress_remembered_words_have_a_date",
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

    def preview(self, at):
        """Return what each rating would do now."""
        return policy.preview(self.schedule, at, policy_of(self.user), self.card_id)

    def review(self, rating, at, response_time):
        """Take a grade, and return the scheduler's outcome; not saved."""
        outcome = policy.answer(self.schedule, rating, at, policy_of(self.user), self.card_id)
        after = outcome.card
        self.state, self.step, self.interval = after.state, after.step, after.interval
        self.stability, self.difficulty = after.memory.stability, after.memory.difficulty
        self.reps, self.lapses, self.last_day = after.reps, after.lapses, after.last_day
        self.last_reviewed_at, self.next_review_at = at, outcome.due_at
        self.consecutive_correct = 0 if rating == Rating.AGAIN else self.consecutive_correct + 1
        self.total_study_time += (response_time or 0) / 1000
        self.params_version = self.user.params_version
        return outcome

    def memory_fields(self, suffix):
        """Return the memory state as the log's columns that end in "before" or "after"."""
        new = self.stability is None
        return {
            f"state_{suffix}": "" if new else self.state,
            f"step_{suffix}": self.step,
            f"stability_{suffix}": self.stability,
            f"difficulty_{suffix}": self.difficulty,
            f"due_{suffix}": self.next_review_at,
        }


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

    # What an answer changes.
    TOTALS = ["cards_studied", "correct_answers", "session_duration"]

    @classmethod
    def start(cls, user, deck, direction, at, mode=Mode.REVIEW):
        """Return the session to go on with: today's open one of the same kind, else a new one."""
        if deck:
            Enrolment.objects.start(user, deck)
        user.seen(at)
        today = day_start(day_number(at, user.zone, user.day_starts_at), user.zone, user.day_starts_at)
        kind = {"deck": deck, "direction": direction, "mode": mode}
        going_on = user.sessions.filter(**kind, ended_at=None, created_at__gte=today).first()
        return going_on or cls.objects.create(user=user, created_at=at, **kind)

    def queue(self, at):
        """Return what waits in this session."""
        return Queue(self.user, at, self.deck_id, self.direction)

    def cards(self):
        """Return the cards that may be answered in this session."""
        decks = Deck.objects.visible_to(self.user)
        if self.deck_id:
            return Card.objects.filter(deck__in=decks.filter(pk=self.deck_id))
        return Card.objects.filter(deck__in=decks.filter(enrolments__user=self.user))

    def last_word(self):
        """Return the key of the word answered last, or None."""
        return self.interactions.order_by("-answered_at", "-id").values_list("card__word_key", flat=True).first()

    def answers(self):
        """Return the graded answers that count."""
        return self.interactions.filter(rating__isnull=False, undone_at=None)

    def hard_cards(self):
        """Return the cards forgotten in this session, those forgotten most often first."""
        forgotten = Q(interactions__session=self, interactions__rating=Rating.AGAIN, interactions__undone_at=None)
        cards = Card.objects.filter(forgotten).annotate(times=Count("interactions"))
        return cards.order_by("-times", "position")

    def answer(self, id, card, direction, rating, at, response_time=None, reps=None):
        """Record one graded answer, reschedule the word, and return the interaction.

        The same id again returns what was recorded and changes nothing. `reps` is how often the word had been
        answered when it was shown; StaleAnswer if it has been since, or if the id belongs to another answer.
        """
        try:
            with transaction.atomic():
                # Always the session first, then the word: whoever locks in one order never waits for each other.
                self.refresh_from_db(fields=self.TOTALS, from_queryset=StudySession.objects.select_for_update())
                progress = CardProgress.objects.lock(self.user, card, direction)
                if earlier := self.user.interactions.filter(id=id, card=card, direction=direction).first():
                    return earlier
                if reps not in (None, progress.reps):
                    raise StaleAnswer
                progress.user = self.user
                return self._record(id, card, progress, rating, at, response_time)
        except IntegrityError as error:
            if CardInteraction.objects.filter(id=id).exists():
                raise StaleAnswer from error
            raise

    def _record(self, id, card, progress, rating, at, response_time):
        before = progress.memory_fields("before") | {"interval_before": progress.interval}
        outcome = progress.review(rating, at, response_time)
        progress.save(update_fields=CardProgress.ANSWERED)
        met = self.interactions.filter(card=card).exists()
        interaction = CardInteraction.objects.create(
            id=id,
            session=self,
            user=self.user,
            card=card,
            progress_id=progress.pk,
            interaction_type=InteractionType.REVIEW,
            direction=progress.direction,
            rating=rating,
            response_time=response_time,
            answered_at=at,
            received_at=at,
            time_zone=self.user.time_zone,
            utc_offset=at.astimezone(self.user.zone).utcoffset().total_seconds() // 60,
            day=progress.last_day,
            params_version=progress.params_version,
            retrievability=outcome.retrievability,
            raw_interval=outcome.raw_interval,
            interval=outcome.interval_days,
            **before,
            **progress.memory_fields("after"),
        )
        self._count(rating, at, new_card=not met)
        UserStatistics.objects.count_view(self.user, response_time)
        return interaction

    def _count(self, rating, at, new_card):
        """Add an answer to the totals of the locked session."""
        self.cards_studied += new_card
        self.correct_answers += rating != Rating.AGAIN
        self.session_duration = max(self.session_duration, (at - self.created_at).total_seconds() / 60)
        self.save(update_fields=self.TOTALS)

    def end(self, at):
        """Close the session; once closed it stays as it was."""
        StudySession.objects.filter(pk=self.pk, ended_at=None).update(ended_at=at)
