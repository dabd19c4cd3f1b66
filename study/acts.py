"""What a learner does to a word: one method records it, whatever it is, and one takes it back.

Each act is an entry of the log with what it left behind; a progress row is the fold of its entries. So an act is
recorded by writing the entry and applying it, taken back by marking it and folding the others, and the whole table
can be rebuilt from the log.
"""

from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from uuid import UUID

from django.db import IntegrityError, OperationalError, transaction
from django.utils import timezone

from decks.models import Card
from study.effects import ActRefused, again, fill
from study.ledger import Ledger
from study.log import CardInteraction, StudyDay, UserStatistics
from study.progress import refit
from study.scheduling.days import day_number

CLOCK_AHEAD = timedelta(minutes=5)  # noted in the log
CLOCK_WRONG = timedelta(hours=24)  # refused
TRIES = 4
# Somebody took an id, or deleted a card or a session, between our finding and writing: found anew, it is as it is now.
CROSSED = {"23505", "23503", "40P01"}  # unique and foreign key violated, deadlock


class StaleAnswer(Exception):
    """The answer is for a card as it was before another one: from a second tab, or with an id that is taken."""


class NotTheirs(LookupError):
    """The act names a card or a session that is gone or somebody else's: its message says which."""


@dataclass(frozen=True, kw_only=True)
class Act:
    """What a learner did, by their own clock, or with no time of its own just now.

    `card` may be a card or its id, `session` is the id of the sitting, if there was one. `days` goes with SET_DUE and
    MARK_KNOWN, `rating` with a grade. `reps` is how often the word had been answered when it was shown, where that is
    known.
    """

    id: UUID
    card: Card | UUID
    direction: str
    type: str
    at: datetime | None = None
    rating: int | None = None
    response_time: int | None = None
    days: int | None = None
    typed: str = ""
    device: str = ""
    reps: int | None = None
    session: UUID | None = None


def record(user, act, received_at, session=None):
    """Record one act, change the word's row as it says, and return the entry of the log, with its `progress`.

    `repeated` says of the entry whether it was there before: the same id again returns what was recorded and changes
    nothing. StaleAnswer if the word was answered since it was shown or if the id belongs to another act; ActRefused
    if the act makes no sense; NotTheirs if the card or the session isn't the learner's to study.
    """
    if session:
        act = replace(act, session=session.pk)
    [result] = record_many(user, [act], received_at)
    if isinstance(result, Exception):
        raise result
    if session and result.session:
        session.take_over(result.session)
    return result


def record_many(user, acts, received_at, batch=None):
    """Record acts in the order given, all that can be, and return for each its entry or what stood against it.

    See `record` for both. Those of one batch are taken back together.
    """
    if not acts:
        return []
    for _ in range(TRIES):
        try:
            return _record_many(user, acts, received_at, batch)
        except (IntegrityError, OperationalError) as error:
            trouble = error
            if sqlstate(error) not in CROSSED:
                raise
    raise trouble


def _record_many(user, acts, received_at, batch):
    with transaction.atomic():
        desk = Desk(user, acts, received_at, batch)
        results = [desk.take(act, place) for act, place in zip(acts, desk.places, strict=True)]
        desk.ledger.write()
    return results


def sqlstate(error):
    """Return PostgreSQL's code of an error."""
    return getattr(error.__cause__, "sqlstate", None)


class Desk:
    """Where some acts of one learner are recorded, with their log locked."""

    def __init__(self, user, acts, received_at, batch=None):
        self.user = user
        self.received_at = received_at
        self.batch = batch
        self.ledger = Ledger(user)
        wanted = [(act.id, getattr(act.card, "pk", act.card), act.direction, act.session) for act in acts]
        self.places = self.ledger.find(wanted)
        self.recorded = self._recorded(acts)
        self.met = set()

    def _recorded(self, acts):
        """Return the learner's entries that have the acts' ids already."""
        taken = [act.id for act, place in zip(acts, self.places, strict=True) if place.taken_by == self.user.pk]
        return self.user.interactions.in_bulk(taken) if taken else {}

    def take(self, act, place):
        """Return the entry of one act, new or from before, or the exception that says why there is none."""
        try:
            return self._take(act, place)
        except (ActRefused, NotTheirs, StaleAnswer) as refused:
            return refused

    def _take(self, act, place):
        # First whether it is theirs: of a card that isn't, no other answer may tell anything.
        if not place.card or not place.readable:
            raise NotTheirs("No such card.")
        if act.session and not place.session:
            raise NotTheirs("No such session.")
        if place.taken_by not in (None, self.user.pk):
            raise StaleAnswer
        if earlier := self.recorded.get(act.id):
            return self._repeat(act, place, earlier)
        if place.session and place.session.deck_id not in (None, place.card.deck_id):
            raise NotTheirs("No such card in the deck of this session.")
        if place.session and place.session.direction not in (None, act.direction):
            raise ActRefused("This session asks in another direction.")
        if act.at and act.at - self.received_at > CLOCK_WRONG:
            raise ActRefused("The time of the answer is more than a day ahead: is the clock of this device right?")
        if act.reps not in (None, place.progress.reps) and not place.rekeyed:
            raise StaleAnswer
        entry = self._record(act, place)
        entry.repeated, entry.progress, entry.session = False, place.progress, place.session
        entry.card = place.card
        self.recorded[act.id] = entry
        return entry

    def _repeat(self, act, place, earlier):
        same_word = place.card.pk == earlier.card_id or place.progress.pk == earlier.progress_id
        if not same_word or act.direction != earlier.direction:
            raise StaleAnswer
        earlier = copy(earlier)  # in a list, what it repeats may have a place of its own
        earlier.repeated = True
        earlier.progress = None if place.progress._state.adding and earlier.undone_at else place.progress
        earlier.session = place.session
        return earlier

    def _record(self, act, place):
        progress, session = place.progress, place.session
        entry = self._entry(act, place)
        if progress.last_act_at and entry.answered_at < progress.last_act_at:
            self._insert_late(entry, progress, act.days)
        else:
            if entry.graded:
                self._refit(progress)
            fill(entry, progress, act.days, session and session.load)
        self.ledger.enter(entry, progress)
        if session:
            self._count(entry, place)
        return entry

    def _count(self, entry, place):
        """Have the session's totals and plan follow an entry."""
        session = place.session
        if entry.rating is not None:
            met = place.met or (session.pk, entry.card_id) in self.met
            self.met.add((session.pk, entry.card_id))
            session.count(entry, new_card=not met)
        session.follow(entry, place.progress)
        self.ledger.keep(session)

    def _entry(self, act, place):
        """Return the entry of an act without what it leaves behind."""
        user, progress, session = self.user, place.progress, place.session
        received_at = self.received_at
        if act.at is None and progress.last_act_at:
            # Whoever waited for the lock came after the one who held it.
            received_at = max(received_at, progress.last_act_at)
        at = min(act.at or received_at, received_at)
        return CardInteraction(
            id=act.id,
            session_id=session and session.pk,
            user_id=user.pk,
            card_id=place.card.pk,
            progress_id=progress.pk,
            batch=self.batch,
            interaction_type=str(act.type),
            direction=str(act.direction),
            rating=act.rating,
            response_time=act.response_time,
            answered_at=at,
            received_at=received_at,
            created_at=timezone.now(),
            time_zone=user.time_zone,
            utc_offset=int(at.astimezone(user.zone).utcoffset().total_seconds() // 60),
            day=day_number(at, user.zone, user.day_starts_at),
            typed=act.typed,
            device=act.device,
            clock_ahead=bool(act.at) and act.at - self.received_at > CLOCK_AHEAD,
            cram=bool(session and session.cramming and act.rating),
            params_version=user.params_version,
        )

    def _refit(self, progress):
        if progress.stability is not None and progress.params_version != self.user.params_version:
            self.ledger.write()  # what is to be read includes what was just done
            refit(self.user, [progress])

    def _insert_late(self, entry, progress, days):
        """Fill in an entry older than the word's last one, with the row that follows from all of them in order.

        The later entries stay in the log as they were given.
        """
        self.ledger.write()
        entry.sequence = self.ledger.sequence + 1
        in_order = sorted([*progress.entries(), entry], key=lambda each: (each.answered_at, each.sequence))
        sessions = {each.session_id for each in in_order}
        loads = {each.pk: each.load for each in self.user.sessions.filter(pk__in=sessions - {None})}
        row = progress.fold([])
        for each in in_order:
            load = loads.get(each.session_id)
            if each is entry:
                fill(entry, row, days, load)
                row.apply(entry)
            else:
                row.apply(again(each, row, load))
        row.created_at, row.updated_at = progress.created_at, entry.received_at
        entry.replayed = row.dump()


def undo(user, id, at):
    """Take a learner's latest act back, exactly, and return its entry; the same again changes nothing.

    An act on many words is taken back as a whole. CardInteraction.DoesNotExist if the learner has no such act,
    StaleAnswer if it is not the latest.
    """
    with transaction.atomic():
        ledger = Ledger(user)
        entry = user.interactions.get(id=id)
        if entry.undone_at:
            return entry
        latest = user.interactions.standing().as_received().last()
        together = [entry]
        if entry.batch and entry.batch == latest.batch:
            together = list(user.interactions.standing().filter(batch=entry.batch))
        elif latest.pk != entry.pk:
            raise StaleAnswer
        take_back(ledger, together, at)
        entry.undone_at = at
        return entry


def take_back(ledger, entries, at):
    """Mark entries of the log, and put the rows back as they were without them."""
    user = ledger.user
    user.interactions.filter(pk__in=[entry.pk for entry in entries]).update(undone_at=at)
    rows = user.progress.in_bulk({entry.progress_id for entry in entries})
    log = CardInteraction.objects.standing().filter(progress_id__in=rows).order_by("progress_id", "sequence")
    for pk, left in groupby(log, attrgetter("progress_id")):
        ledger.change(rows.pop(pk).fold(left))
    # No entry stands for the others.
    user.progress.filter(pk__in=rows).delete()
    for session in user.sessions.filter(pk__in={entry.session_id for entry in entries} - {None}):
        answered = [entry.received_at for entry in entries if entry.session_id == session.pk and entry.rating]
        session.recount(reopen=min(answered, default=None))
    UserStatistics.objects.take_off(user, entries)
    StudyDay.objects.take_off(user, entries)
    ledger.write()
    UserStatistics.objects.touch(user)
