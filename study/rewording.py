"""A card's texts changed: what was known of its word stays with it, unless it is another word now.

Triggers leave a memory to the other cards of its word, and let it follow a card that is the only one (see the first
migration of study). What they leave behind is done here: whoever knew the word knows it by its new spelling, too.
"""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from uuid_utils.compat import uuid7

from accounts.models import User
from decks.formats.notes import word_key
from study import acts
from study.acts import Act
from study.choices import InteractionType
from study.ledger import Ledger
from study.log import CardInteraction, UserStatistics
from study.notes import WordNote
from study.progress import CardProgress
from study.scheduling.days import day_number


@dataclass(frozen=True)
class Reworded:
    """What came of a change: whether the word is another one, and the act by which it was begun anew, if one was."""

    is_other_word: bool
    entry: CardInteraction | None = None


def is_question(card, note):
    """Return whether to ask if the word is the same: its hanzi change, and somebody knows something of it."""
    changes = word_key(card.hanzi, "") != word_key(note.hanzi, "")
    return changes and CardProgress.objects.filter(word_key=card.word_key, user__in=learners_of(card)).exists()


def learners_of(card):
    """Return whom a change of a card's word concerns: its owner, and who studies its deck or knows it by this card."""
    concerned = Q(pk=card.deck.user_id) | Q(enrolments__deck=card.deck_id) | Q(progress__card=card)
    return User.objects.filter(concerned).distinct()


@transaction.atomic
def reword(card, note, same_word, at):
    """Give a card the texts of a note, and return what came of it; to its owner, whether the word begins anew."""
    old = card.word_key
    learners = list(learners_of(card).filter(progress__word_key=old).order_by("pk"))
    for learner in learners:
        UserStatistics.objects.lock(learner)  # before the card and the memories: in the order of whoever answers
    known = list(CardProgress.objects.filter(word_key=old, user__in=learners))
    for name, value in note.columns().items():
        setattr(card, name, value)
    card.save(update_fields=[*note.columns(), "updated_at"])
    card.refresh_from_db(fields=["word_key"])
    if card.word_key == old:
        return Reworded(is_other_word=False)
    _carry_notes(card, old)
    if same_word:
        for learner in learners:
            _keep(learner, card, [row for row in known if row.user_id == learner.pk], at)
        return Reworded(is_other_word=True)
    begun = {learner.pk: _begin_anew(learner, card, known, at) for learner in learners}
    return Reworded(is_other_word=True, entry=begun.get(card.deck.user_id))


def _carry_notes(card, old):
    """Let what learners wrote of the word be found by its new spelling, too."""
    written = WordNote.objects.filter(word_key=old, user__in=learners_of(card))
    WordNote.objects.bulk_create(
        [WordNote(user_id=note.user_id, word_key=card.word_key, text=note.text) for note in written],
        ignore_conflicts=True,
    )


def _keep(learner, card, known, at):
    """Have a learner know a card's new word as they knew the old one, where that memory was left to other cards.

    The copy begins with an entry of the log that holds it whole, so that it follows from the log as any other does.
    """
    there = set(learner.progress.filter(Q(word_key=card.word_key) | Q(card=card)).values_list("direction", flat=True))
    ledger = Ledger(learner)
    for row in known:
        if row.direction not in there:
            copy = CardProgress(user=learner, card=card, word_key=card.word_key, direction=row.direction)
            ledger.enter(_whole(learner, row, copy, at), copy)
    ledger.write()


def _whole(learner, row, copy, at):
    """Return an entry of the log by which a memory is another one's copy."""
    kind = InteractionType.SUSPEND if row.suspended else InteractionType.UNSUSPEND
    return CardInteraction(
        id=uuid7(),
        user_id=learner.pk,
        card_id=copy.card_id,
        progress_id=copy.pk,
        # Of a memory, the kind that weights fitted anew begin from; it says nothing of how it came about.
        interaction_type=kind if row.stability is None else InteractionType.MARK_KNOWN,
        direction=row.direction,
        answered_at=at,
        received_at=at,
        created_at=at,
        time_zone=learner.time_zone,
        utc_offset=int(at.astimezone(learner.zone).utcoffset().total_seconds() // 60),
        day=day_number(at, learner.zone, learner.day_starts_at) if row.last_day is None else row.last_day,
        params_version=row.params_version,
        replayed=row.dump(),
        **copy.memory_fields("before"),
        **row.memory_fields("after"),
    )


def _begin_anew(learner, card, known, at):
    """Have a learner begin a card's new word as one that they never met; return the last of the acts."""
    followed = learner.progress.filter(pk__in=[row.pk for row in known], word_key=card.word_key)
    wanted = []
    for row in followed:
        kinds = {InteractionType.RESET: row.stability is not None, InteractionType.UNSUSPEND: row.suspended}
        wanted += [
            Act(id=uuid7(), card=card, direction=row.direction, type=kind) for kind, is_due in kinds.items() if is_due
        ]
    done = acts.record_many(learner, wanted, at, batch=uuid7())
    return next((entry for entry in reversed(done) if isinstance(entry, CardInteraction)), None)
