"""What a learner does with many cards at once. What is done to memories is an act on each, recorded as any other."""

from collections import defaultdict
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Count, Exists, Func, Max, OuterRef, Q, Value
from uuid_utils.compat import uuid7

from accounts.models import User
from decks.formats.notes import MOST_TAGS
from decks.models import MOST_CARDS, Card, Deck, DeckFull
from study import acts
from study.acts import Act
from study.choices import InteractionType
from study.enrolment import default_directions
from study.log import CardInteraction, StudyDay, UserStatistics

ACTS = {
    "suspend": InteractionType.SUSPEND,
    "unsuspend": InteractionType.UNSUSPEND,
    "reset": InteractionType.RESET,
}
BATCH = 500  # acts recorded at a time


@dataclass(frozen=True)
class Loss:
    """What goes with some cards: how many words are known by them alone, and how many answers tell so."""

    words: int
    answers: int


# Memories


@transaction.atomic
def act_on(user, cards, kind, at):
    """Do an act of ACTS to each memory of these cards' words, and return (how many words, the last entry or None).

    All of it is one act to whoever takes it back.
    """
    memories = _memories(user, cards, kind)
    wanted = [Act(id=uuid7(), card=card, direction=direction, type=kind) for card, direction in memories]
    words, last, batch = set(), None, uuid7()
    for start in range(0, len(wanted), BATCH):
        for entry in acts.record_many(user, wanted[start : start + BATCH], at, batch):
            if isinstance(entry, CardInteraction):
                words.add(entry.progress.word_key)
                last = entry
    return len(words), last


def _memories(user, cards, kind):
    """Return (a card's id, a direction) for each memory that an act changes; of words not begun, those to suspend."""
    words = {}
    for pk, deck, word in Card.objects.filter(pk__in=cards).values_list("pk", "deck", "word_key"):
        words.setdefault(word, (pk, deck))
    known = defaultdict(dict)
    rows = user.progress.filter(word_key__in=words).values_list("word_key", "direction", "suspended", "stability")
    for word, direction, suspended, stability in rows:
        known[word][direction] = (suspended, stability)
    studied = dict(user.enrolments.values_list("deck", "directions"))
    for word, (pk, deck) in words.items():
        new = dict.fromkeys(studied.get(deck) or default_directions(), (False, None))
        directions = new | known[word] if kind == InteractionType.SUSPEND else known[word]
        for direction, memory in directions.items():
            if _changes(kind, *memory):
                yield pk, direction


def _changes(kind, suspended, stability):
    if kind == InteractionType.RESET:
        return stability is not None
    return suspended == (kind == InteractionType.UNSUSPEND)


# Texts and decks


def tag(cards, tags, at):
    """Give cards these tags; a card that has as many as it may gets no more."""
    for each in tags:
        without = Card.objects.filter(pk__in=cards, tags__len__lt=MOST_TAGS).exclude(tags__contains=[each])
        without.update(tags=Func("tags", Value(each), function="array_append"), updated_at=at)


def untag(cards, tags, at):
    """Take these tags off cards."""
    for each in tags:
        tagged = Card.objects.filter(pk__in=cards, tags__contains=[each])
        tagged.update(tags=Func("tags", Value(each), function="array_remove"), updated_at=at)


@transaction.atomic
def move(user, cards, deck):
    """Put cards behind those of another deck, in the order that they are in, and return how many were in others.

    DeckFull if there is no room for them.
    """
    UserStatistics.objects.touch(user)  # first, as whoever records an act does
    Deck.objects.select_for_update().get(pk=deck.pk)
    there = deck.cards.aggregate(count=Count("pk"), last=Max("position"))
    moved = list(Card.objects.filter(pk__in=cards).exclude(deck=deck).order_by("deck_id", "position", "id"))
    if there["count"] + len(moved) > MOST_CARDS:
        raise DeckFull(f"A deck holds at most {MOST_CARDS:,} cards, and {deck} has {there['count']:,}.")
    first = 0 if there["last"] is None else there["last"] + 1
    for position, card in enumerate(moved, start=first):
        card.deck, card.position = deck, position
    Card.objects.bulk_update(moved, ["deck", "position"], batch_size=1000)
    return len(moved)


@transaction.atomic
def place(user, deck, cards, at):
    """Put cards of a deck in a place among its cards, 1 being the first, in the order that they are in."""
    UserStatistics.objects.touch(user)  # first, as whoever records an act does
    Deck.objects.select_for_update(no_key=True).get(pk=deck.pk)
    chosen = set(cards)
    there = list(deck.cards.order_by("position", "id").values_list("pk", flat=True))
    order = [pk for pk in there if pk not in chosen]
    order[at - 1 : at - 1] = [pk for pk in there if pk in chosen]
    with connection.cursor() as cursor:
        cursor.execute(ORDER, [order])


ORDER = """
UPDATE cards SET position = place - 1
FROM unnest(%s::uuid[]) WITH ORDINALITY AS wanted (id, place)
WHERE cards.id = wanted.id AND position <> place - 1
"""


def loss(user, cards):
    """Return what a learner would lose with these cards: what no other card lets them keep."""
    others = Card.objects.filter(word_key=OuterRef("word_key")).exclude(pk__in=cards)
    kept = others.filter(Q(deck__user=None) | Q(deck__enrolments__user=user))
    lost = user.progress.filter(card__in=cards).exclude(Exists(kept))
    words = lost.filter(stability__isnull=False).values("word_key").distinct().count()
    answers = user.interactions.standing().filter(progress_id__in=lost.values("pk"), rating__isnull=False).count()
    return Loss(words, answers)


@transaction.atomic
def delete(cards):
    """Delete cards, and take the answers that go with them off the totals, the days and the sessions of who gave them.

    What another card of a word lets a learner keep stays, by the triggers of the first migration of study.
    """
    learners = list(User.objects.filter(interactions__card__in=cards).distinct().order_by("pk"))
    for learner in learners:
        UserStatistics.objects.lock(learner)
    entries = defaultdict(list)
    for entry in CardInteraction.objects.standing().filter(card__in=cards).defer("typed", "device", "replayed"):
        entries[entry.user_id].append(entry)
    Card.objects.filter(pk__in=cards).delete()
    for learner in learners:
        _forget(learner, entries[learner.pk])


def _forget(learner, entries):
    """Take those of some entries that are gone off what is kept of a learner's log."""
    left = set(learner.interactions.filter(pk__in=[entry.pk for entry in entries]).values_list("pk", flat=True))
    gone = [entry for entry in entries if entry.pk not in left]
    UserStatistics.objects.take_off(learner, gone)
    StudyDay.objects.take_off(learner, gone)
    # Of those that are left, too: they are another card's now.
    for session in learner.sessions.filter(pk__in={entry.session_id for entry in entries} - {None}):
        session.recount(reopen=None)
    UserStatistics.objects.touch(learner)
