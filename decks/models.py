"""Decks and their cards."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q, Value
from django.db.models.functions import Cast, Coalesce, Concat, Lower
from django.urls import reverse
from uuid_utils.compat import uuid7

from accounts.models import HskStandard as Standard
from decks.formats.notes import LONGEST_TAG
from decks.frequency import frequency_rank

MOST = 2**31 - 1  # what PostgreSQL's integer holds
MOST_CARDS = 100_000  # in a deck
MOST_DECKS = 1000  # of a learner; deleted ones count until they are gone


class NoRoom(ValueError):
    """There would be more than is kept."""


class DeckFull(NoRoom):
    """A deck would have too many cards."""


class TooManyDecks(NoRoom):
    """A learner would have too many decks."""


class Visibility(models.TextChoices):
    PRIVATE = "private", "Private"
    UNLISTED = "unlisted", "Unlisted: whoever has the link"
    PUBLIC = "public", "Public"


class DeckQuerySet(models.QuerySet):
    def make(self, user, **fields):
        """Return a new deck of a learner's; `TooManyDecks` if they have as many as are kept."""
        if user.decks.count() >= MOST_DECKS:
            raise TooManyDecks(f"You have {MOST_DECKS:,} decks, which is as many as can be kept.")
        return self.create(user=user, **fields)

    def built_in(self):
        return self.filter(user=None)

    def own(self, user):
        """Return the decks that a learner made, and may change."""
        return self.existing().filter(user=user)

    def in_library(self):
        return self.existing().filter(visibility=Visibility.PUBLIC)

    def existing(self):
        """Return the decks that nobody has deleted; those that somebody has are kept for a while, to be undone."""
        return self.filter(deleted_at=None)

    def visible_to(self, user):
        """Return the decks that a learner, or None for a visitor, may open: their own and shared ones."""
        shared = ~Q(visibility=Visibility.PRIVATE)
        return self.existing().filter(shared | Q(user=user) if user else shared)


class Deck(models.Model):
    """A named list of cards: one user's, or built in."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.DB_CASCADE, related_name="decks", null=True, blank=True)
    name = models.CharField(max_length=100)
    description = models.TextField(blank=True)
    visibility = models.CharField(max_length=8, choices=Visibility, default=Visibility.PRIVATE)
    # Which list of words a built-in deck holds; "7-9" is one level.
    standard = models.CharField(max_length=4, choices=Standard, blank=True, editable=False)
    level = models.CharField(max_length=3, blank=True, editable=False)
    # Goes up with each change of its cards, by triggers (see the second migration).
    version = models.BigIntegerField(default=0, editable=False)
    tags = ArrayField(models.CharField(max_length=LONGEST_TAG), default=list, blank=True)
    copied_from = models.ForeignKey(
        "self", models.DB_SET_NULL, related_name="copies", null=True, blank=True, editable=False
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Who studied it when it was deleted, and how: comes back with it.
    studied_by = models.JSONField(default=list, blank=True, editable=False)

    objects = DeckQuerySet.as_manager()

    class Meta:
        db_table = "decks"
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["standard", "level"],
                condition=Q(user=None) & ~Q(standard=""),
                name="decks_one_for_each_hsk_level",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="decks_name_is_not_empty"),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("deck", args=[self.pk])

    @transaction.atomic
    def add(self, notes):
        """Put cards behind the others, in the order of their notes, and return them; too many raise `DeckFull`."""
        # The lock on the row makes a second one wait for this one.
        Deck.objects.select_for_update(no_key=True).get(pk=self.pk)
        there = self.cards.aggregate(count=models.Count("id"), last=models.Max("position"))
        if there["count"] + len(notes) > MOST_CARDS:
            raise DeckFull(f"A deck holds at most {MOST_CARDS:,} cards, and this one has {there['count']:,}.")
        first = 0 if there["last"] is None else there["last"] + 1
        cards = [
            Card(deck=self, position=position, frequency_rank=frequency_rank(note.hanzi), **note.columns())
            for position, note in enumerate(notes, start=first)
        ]
        Card.objects.bulk_create(cards, batch_size=1000)
        self.save(update_fields=["updated_at"])
        return cards


class RegexpReplace(models.Func):
    """PostgreSQL's regexp_replace; immutable, so that a generated column may use it."""

    function = "REGEXP_REPLACE"


class Normalize(models.Func):
    """Unicode's normal form C: macOS writes é as e and an accent."""

    function = "NORMALIZE"


class Card(models.Model):
    """One word of a deck. It holds its own text: dictionaries change, a learner's card doesn't."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    deck = models.ForeignKey(Deck, models.DB_CASCADE, related_name="cards", db_index=False)
    position = models.PositiveIntegerField(default=0)
    hanzi = models.CharField(max_length=100, blank=True, help_text="In simplified characters.")
    traditional = models.CharField(max_length=100, blank=True)
    pinyin = models.CharField(max_length=200, blank=True, help_text="With tone marks.")
    english = models.TextField(blank=True)
    # One word, one memory: cards with the same hanzi and pinyin share the learner's progress.
    word_key = models.GeneratedField(
        expression=models.Case(
            models.When(hanzi="", then=Cast("id", models.TextField())),
            default=Concat(
                Normalize("hanzi"),
                Value("|"),
                Lower(RegexpReplace(Normalize("pinyin"), Value(r"[\s\u00a0'’·\-]"), Value(""), Value("g"))),
                output_field=models.TextField(),
            ),
            output_field=models.TextField(),
        ),
        output_field=models.TextField(),
        db_persist=True,
    )
    sentence = models.TextField("example sentence", blank=True)
    sentence_pinyin = models.TextField(blank=True)
    sentence_translation = models.TextField(blank=True)
    notes = models.TextField(blank=True)
    frequency_rank = models.PositiveIntegerField(
        null=True, blank=True, editable=False, help_text="1 for the most frequent word; null: in no list."
    )
    # Where the card comes when the most frequent words come first.
    frequency_place = models.GeneratedField(
        expression=Coalesce(Cast("frequency_rank", models.BigIntegerField()), Value(MOST)) * Value(MOST + 1)
        + models.F("position"),
        output_field=models.BigIntegerField(),
        db_persist=True,
    )
    tags = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "cards"
        ordering = ["position", "id"]
        indexes = [
            models.Index(fields=["deck", "position", "id"], name="idx_cards_deck_id"),
            models.Index(fields=["word_key", "deck"], name="idx_cards_word_key"),
            models.Index(fields=["deck", "frequency_place", "id"], name="idx_cards_frequency_place"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(hanzi="") | ~Q(english=""),
                name="cards_have_something_to_ask",
                violation_error_message="A card needs hanzi or english.",
            )
        ]

    def __str__(self):
        return self.hanzi or self.english[:40]

    def save(self, *args, update_fields=None, **kwargs):
        """Keep the word's frequency with it."""
        if update_fields is None or "hanzi" in update_fields:
            self.frequency_rank = frequency_rank(self.hanzi)
            update_fields = update_fields and {*update_fields, "frequency_rank"}
        super().save(*args, update_fields=update_fields, **kwargs)

    def clean(self):
        """Say which field lacks what, before the database does."""
        if not self.hanzi and not self.english:
            raise ValidationError({"hanzi": "Write the word in hanzi, or at least what it means in English."})


class Reason(models.TextChoices):
    WRONG = "wrong", "Its words or their meanings are wrong"
    OFFENSIVE = "offensive", "It insults or threatens people"
    SPAM = "spam", "It advertises something"
    COPYRIGHT = "copyright", "It was copied from somebody who didn't allow it"
    OTHER = "other", "Something else"


class DeckReport(models.Model):
    """One learner's report of one deck, until staff have seen to it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    deck = models.ForeignKey(Deck, models.DB_CASCADE, related_name="reports")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.DB_CASCADE, related_name="deck_reports")
    reason = models.CharField(max_length=9, choices=Reason)
    text = models.TextField("What is it?", max_length=2000, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "deck_reports"
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["deck", "user"], condition=Q(settled_at=None), name="deck_reports_one_open_for_each_learner"
            ),
            models.CheckConstraint(condition=Q(reason__in=Reason.values), name="deck_reports_reason_is_known"),
        ]

    def __str__(self):
        return f"{self.get_reason_display()}: {self.deck}"
