"""Which decks a learner studies, and how."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator
from django.db import models, transaction
from django.db.models import OuterRef, Q
from uuid_utils.compat import uuid7

from decks.models import Card, Deck
from study.choices import Direction, Order
from study.log import UserStatistics


def default_directions():
    """Return the directions in which a newly added deck is studied."""
    return [Direction.CHINESE_TO_ENGLISH, Direction.ENGLISH_TO_CHINESE]


def studied_cards(user, decks):
    """Return the cards of some decks by which the word of an outer progress row is studied in its direction."""
    return Card.objects.filter(
        word_key=OuterRef("word_key"),
        deck__in=decks,
        deck__enrolments__user=user,
        deck__enrolments__directions__contains=[OuterRef("direction")],
    )


def decks_of(user):
    """Return the decks that are a learner's own, or that they study."""
    mine = Q(user=user) | Q(pk__in=user.enrolments.values("deck"))
    return Deck.objects.visible_to(user).filter(mine)


class EnrolmentQuerySet(models.QuerySet):
    def start(self, user, deck):
        """Return the learner's enrolment in a deck, made if need be."""
        enrolment, made = self.get_or_create(user=user, deck=deck)
        if made:
            UserStatistics.objects.touch(user)
        return enrolment

    @transaction.atomic
    def change(self, user, deck, **fields):
        """Have a learner study a deck as these fields say; how far it is begun is left to who keeps that."""
        # First, as whoever records an act does: what waits in a session was chosen by the decks as they were.
        UserStatistics.objects.touch(user)
        self.update_or_create(user=user, deck=deck, defaults=fields)

    @transaction.atomic
    def stop(self, user, deck):
        """Have a learner study a deck no more; their memories of its words stay."""
        UserStatistics.objects.touch(user)
        self.filter(user=user, deck=deck).delete()


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
    exercises = models.JSONField(
        default=dict, blank=True, help_text="Of each direction; the first of EXERCISES where none is given."
    )
    order = models.CharField(max_length=9, choices=Order, default=Order.POSITION)
    place = models.PositiveSmallIntegerField(default=0, editable=False, help_text="Among the learner's decks.")
    # Every card before this place is begun, in that version of the deck, unless a trigger has emptied it since.
    begun_until = models.BigIntegerField(null=True, blank=True, editable=False)
    begun_version = models.BigIntegerField(null=True, blank=True, editable=False)

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        db_table = "enrolments"
        ordering = ["place", "added_at"]
        constraints = [
            models.UniqueConstraint(fields=["user", "deck"], name="enrolments_once_for_each_deck"),
            models.CheckConstraint(
                condition=Q(directions__len__gt=0, directions__contained_by=Direction.values),
                name="enrolments_directions_are_known",
            ),
        ]

    def __str__(self):
        return f"{self.user} studies {self.deck}"
