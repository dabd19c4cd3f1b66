"""A learner's decks: made, copied, put in order, deleted and brought back."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from decks.formats.notes import TEXTS, Note
from decks.models import Deck
from study import many
from study.log import CardInteraction, UserStatistics
from study.models import Enrolment
from study.rebuild import Rebuild

KEPT_FOR = timedelta(days=30)  # that a deletion can be undone
# How a deck is studied, without by whom.
WAYS = ["new_per_day", "directions", "exercises", "order", "place"]


def note_of(card):
    """Return the texts of a card as a note."""
    return Note(tags=tuple(card.tags), **{name: getattr(card, name) for name in TEXTS})


@transaction.atomic
def make(user, pk, **fields):
    """Return a new deck of the learner's own, which they study; asked for again under its id, the one that there is."""
    # First, as whoever changes what is studied does; so a second request waits for this one.
    UserStatistics.objects.touch(user)
    if made := Deck.objects.filter(pk=pk, user=user).first():
        return made
    deck = Deck.objects.make(user, pk=pk, **fields)
    Enrolment.objects.start(user, deck)
    return deck


@transaction.atomic
def copy(user, deck, pk):
    """Return a private deck of the learner's own with a deck's cards, which they study as they studied that one.

    A memory is of a word, so what they know of it is what they know of the copy. Asked for again under its id, it is
    the copy that there is.
    """
    UserStatistics.objects.touch(user)
    if made := Deck.objects.filter(pk=pk, user=user).first():
        return made
    fields = {"name": deck.name, "description": deck.description, "tags": deck.tags, "copied_from": deck}
    made = Deck.objects.make(user, pk=pk, **fields)
    made.add([note_of(card) for card in deck.cards.all()])
    studied = user.enrolments.filter(deck=deck).first()
    ways = {name: getattr(studied, name) for name in WAYS} if studied else {}
    Enrolment.objects.change(user, made, **ways)
    if studied:
        Enrolment.objects.stop(user, deck)
    return made


@transaction.atomic
def move(user, deck, by):
    """Put a deck so many places down in the order of the learner's decks, up if it is less than nothing."""
    UserStatistics.objects.touch(user)
    enrolments = list(user.enrolments.order_by("place", "added_at"))
    moved = next((each for each in enrolments if each.deck_id == deck.pk), None)
    if moved is None:
        return
    at = enrolments.index(moved)
    enrolments.insert(max(0, at + by), enrolments.pop(at))
    for place, enrolment in enumerate(enrolments):
        enrolment.place = place
    Enrolment.objects.bulk_update(enrolments, ["place"])


def lost_with(deck):
    """Return what goes with a deck: its cards, what its owner would lose with them, and how many others study it."""
    cards = deck.cards.values("pk")
    loss = many.loss(deck.user, cards)
    others = deck.enrolments.exclude(user=deck.user).count()
    return {"cards": cards.count(), "words": loss.words, "answers": loss.answers, "others": others}


@transaction.atomic
def delete(deck):
    """Take a deck away from everybody who studies it; it can be brought back for 30 days."""
    for learner in User.objects.filter(enrolments__deck=deck).order_by("pk"):
        UserStatistics.objects.touch(learner)  # first, as whoever changes what is studied does
    deck = Deck.objects.existing().select_for_update(no_key=True).filter(pk=deck.pk).first()
    if deck is None:
        return
    enrolments = list(deck.enrolments.all())
    deck.studied_by = [
        {name: getattr(each, name) for name in WAYS}
        | {"user": str(each.user_id), "added_at": each.added_at.isoformat()}
        for each in enrolments
    ]
    deck.enrolments.all().delete()
    deck.deleted_at = timezone.now()
    deck.save(update_fields=["deleted_at", "studied_by"])


@transaction.atomic
def restore(deck):
    """Bring a deleted deck back to everybody who studied it."""
    deck.refresh_from_db(fields=["studied_by"])
    learners = User.objects.filter(pk__in=[each["user"] for each in deck.studied_by]).order_by("pk")
    learners = {str(learner.pk): learner for learner in learners}
    for learner in learners.values():
        UserStatistics.objects.touch(learner)
    deck = Deck.objects.select_for_update(no_key=True).filter(pk=deck.pk).exclude(deleted_at=None).first()
    if deck is None:
        return
    for each in deck.studied_by:
        if each["user"] in learners:
            Enrolment.objects.change(learners[each["user"]], deck, **{name: each[name] for name in WAYS})
            deck.enrolments.filter(user=each["user"]).update(added_at=each["added_at"])
    deck.deleted_at, deck.studied_by = None, []
    deck.save(update_fields=["deleted_at", "studied_by"])


def purge(before):
    """Delete for good what was deleted before a time, and return how many decks that were.

    What was learnt by a deck alone goes with it, so its learners' totals are made again from what is left.
    """
    doomed = Deck.objects.filter(deleted_at__lt=before).values_list("pk", flat=True)
    return sum(purge_one(pk, before) for pk in list(doomed))


@transaction.atomic
def purge_one(pk, before):
    """Delete a deck for good if it was deleted before a time and wasn't brought back; return whether it was."""
    learners = CardInteraction.objects.filter(card__deck=pk).order_by().values_list("user", flat=True).distinct()
    learners = list(User.objects.filter(pk__in=list(learners)).order_by("pk"))
    for learner in learners:
        UserStatistics.objects.touch(learner)
    deck = Deck.objects.select_for_update().filter(pk=pk, deleted_at__lt=before).first()
    if deck is None:
        return False
    deck.delete()
    for learner in learners:
        Rebuild(learner, lambda line: None).run(write=True)
    return True
