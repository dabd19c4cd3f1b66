"""What a learner does to a word: one method records it, whatever it is, and one takes it back.

Each act is an entry of the log with what it left behind; a progress row is the fold of its entries. So an act is
recorded by writing the entry and applying it, taken back by marking it and folding the others, and the whole table
can be rebuilt from the log.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from uuid_utils.compat import uuid7

from decks.models import Card
from study.choices import GRADED, InteractionType, State
from study.log import CardInteraction, UserStatistics
from study.progress import CardProgress, policy_of
from study.scheduling import fsrs, policy
from study.scheduling.days import day_number, day_start

CLOCK_AHEAD = timedelta(minutes=5)  # noted in the log
CLOCK_WRONG = timedelta(hours=24)  # refused
KNOWN_DAYS = 90
MEMORY_CHANGES = [*GRADED, InteractionType.RESET, InteractionType.SET_DUE, InteractionType.MARK_KNOWN]


class StaleAnswer(Exception):
    """The answer is for a card as it was before another one: from a second tab, or with an id that is taken."""


class ActRefused(ValueError):
    """The act can't be done: its message says why, in the learner's words."""


@dataclass(frozen=True, kw_only=True)
class Act:
    """What a learner did, by their own clock, or with no time of its own just now.

    `days` goes with SET_DUE and MARK_KNOWN, `rating` with a grade.
    `reps` is how often the word had been answered when it was shown, if that is known.
    """

    id: UUID
    card: Card
    direction: str
    type: str
    at: datetime | None = None
    rating: int | None = None
    response_time: int | None = None
    days: int | None = None
    typed: str = ""
    device: str = ""
    reps: int | None = None


def record(user, act, received_at, session=None):
    """Record one act, change the word's row as it says, and return the entry of the log, with its `progress`.

    The same id again returns what was recorded and changes nothing. StaleAnswer if the word was answered since it
    was shown or if the id belongs to another act; ActRefused if the act makes no sense.
    """
    if act.at and act.at - received_at > CLOCK_WRONG:
        raise ActRefused("The time of the answer is more than a day ahead: is the clock of this device right?")
    try:
        with transaction.atomic():
            # Always the session first, then the word: whoever locks in one order never waits for each other.
            if session:
                session.lock()
            progress = CardProgress.objects.lock(user, act.card, act.direction, received_at)
            if earlier := user.interactions.filter(id=act.id, card=act.card, direction=act.direction).first():
                if earlier.undone_at and not progress.entries().exists():
                    progress.delete()  # made by the lock alone: the act was taken back
                earlier.repeated, earlier.progress = True, progress
                return earlier
            if act.reps not in (None, progress.reps) and not progress.rekeyed:
                raise StaleAnswer
            progress.user = user
            if act.at is None:
                # Whoever waited for the lock came after the one who held it.
                received_at = max(received_at, progress.last_reviewed_at or received_at)
            return _record(act, progress, received_at, session)
    except IntegrityError as error:
        if CardInteraction.objects.filter(id=act.id).exists():
            raise StaleAnswer from error
        raise


def _record(act, progress, received_at, session):
    entry = _entry(act, progress, received_at, session)
    entry.repeated, entry.progress = False, progress
    met = session and session.has_answered(act.card)
    if entry.graded and progress.last_reviewed_at and entry.answered_at < progress.last_reviewed_at:
        _insert_late(entry, progress)
    else:
        if entry.graded:
            _refit(progress)
        _fill(entry, progress, act.days)
        entry.save(force_insert=True)
        progress.apply(entry)
    progress.save(update_fields=CardProgress.FOLDED)
    if session and entry.rating is not None:
        session.count(entry, new_card=not met)
    UserStatistics.objects.count(entry)
    return entry


def _entry(act, progress, received_at, session):
    """Return the entry of an act without what it leaves behind."""
    user = progress.user
    at = min(act.at or received_at, received_at)
    return CardInteraction(
        id=act.id,
        session=session,
        user=user,
        card=act.card,
        progress_id=progress.pk,
        interaction_type=act.type,
        direction=act.direction,
        rating=act.rating,
        response_time=act.response_time,
        answered_at=at,
        received_at=received_at,
        time_zone=user.time_zone,
        utc_offset=at.astimezone(user.zone).utcoffset().total_seconds() // 60,
        day=day_number(at, user.zone, user.day_starts_at),
        typed=act.typed,
        device=act.device,
        clock_ahead=bool(act.at) and act.at - received_at > CLOCK_AHEAD,
        cram=bool(session and session.cramming and act.rating),
        params_version=user.params_version,
    )


def _fill(entry, progress, days):
    """Fill in what was before an entry and what it leaves behind."""
    for name, value in progress.memory_fields("before").items():
        setattr(entry, name, value)
    after = progress.memory_fields("after") | _after(entry, progress, days)
    for name, value in after.items():
        setattr(entry, name, value)


def _after(entry, progress, days):
    """Return the columns of what an entry leaves behind where it changes something."""
    if entry.graded:
        return _after_grade(entry, progress, entry.session and entry.session.load)
    after = {}
    match entry.interaction_type:
        case InteractionType.BURY:
            after = {"due_after": _day_start(progress.user, entry.day + 1)}
        case InteractionType.UNBURY:
            after = {"due_after": None}
        case InteractionType.RESET:
            after = CardProgress().memory_fields("after")
        case InteractionType.SET_DUE:
            after = _after_set_due(entry, progress, days)
        case InteractionType.MARK_KNOWN:
            after = _after_mark_known(entry, progress, days)
    return after


def _after_grade(entry, progress, load=None):
    settings = policy_of(progress.user)
    outcome = policy.answer(progress.schedule, entry.rating, entry.answered_at, settings, progress.card_id, load)
    return {
        "retrievability": outcome.retrievability,
        "raw_interval": outcome.raw_interval,
        "interval": outcome.interval_days,
        "state_after": str(outcome.card.state),
        "step_after": outcome.card.step,
        "stability_after": outcome.card.memory.stability,
        "difficulty_after": outcome.card.memory.difficulty,
        "interval_after": outcome.card.interval,
        "due_after": outcome.due_at,
    }


def _after_set_due(entry, progress, days):
    if progress.stability is None:
        raise ActRefused("A word that you have not begun has no date: begin it, or mark it as known.")
    return {
        "state_after": State.REVIEW,
        "step_after": None,
        "interval": float(days),
        "interval_after": progress.interval or max(1, days),
        "due_after": _day_start(progress.user, entry.day + days),
    }


def _after_mark_known(entry, progress, days):
    """Return a memory that is due when the learner said, if recall is to be as they wish; as easy as "easy"."""
    settings = policy_of(progress.user)
    days = days or KNOWN_DAYS
    per_day_of_stability = fsrs.interval(settings.weights, 1.0, settings.retention)
    return {
        "state_after": State.REVIEW,
        "step_after": None,
        "stability_after": days / per_day_of_stability,
        "difficulty_after": fsrs.first(settings.weights, fsrs.Rating.EASY).difficulty,
        "interval": float(days),
        "interval_after": days,
        "due_after": _day_start(progress.user, entry.day + days),
    }


def _day_start(user, day):
    return day_start(day, user.zone, user.day_starts_at)


def _refit(progress):
    """Compute a memory anew where the learner's weights have changed since; its due date stays as it is."""
    if progress.stability is None or progress.params_version == progress.user.params_version:
        return
    memory, last_day = None, None
    weights = policy_of(progress.user).weights
    for entry in (
        progress.entries().filter(interaction_type__in=MEMORY_CHANGES, cram=False).order_by("answered_at", "id")
    ):
        if not entry.graded:
            stays = entry.interaction_type == InteractionType.SET_DUE
            known = entry.stability_after and fsrs.Memory(entry.stability_after, entry.difficulty_after)
            memory, last_day = (memory, last_day) if stays else (known, entry.day)
        elif memory is None:
            memory, last_day = fsrs.first(weights, entry.rating), entry.day
        else:
            elapsed = max(0, entry.day - last_day)
            memory, last_day = fsrs.next_memory(weights, memory, elapsed, entry.rating), entry.day
    if memory:
        progress.stability, progress.difficulty = memory.stability, memory.difficulty


def _insert_late(entry, progress):
    """Record an answer older than the last one, and what follows from all of the word's answers in order.

    The later answers stay in the log as they were given; an entry of the program's own holds the row that follows.
    """
    earlier = list(progress.entries())
    in_order = sorted([*earlier, entry], key=lambda each: (each.answered_at, each.id))
    row = progress.fold([])
    for each in in_order:
        if each.interaction_type == InteractionType.REPLAYED:
            continue
        if each.graded:
            again = _after_grade(each, row)
            if each is entry:
                for name, value in {**row.memory_fields("before"), **again}.items():
                    setattr(entry, name, value)
            row.apply(CardInteraction(**_copied(each), **row.memory_fields("before"), **again))
        else:
            row.apply(each)
    row.created_at, row.updated_at = progress.created_at, entry.received_at
    replay = CardInteraction(**_copied(entry) | {"id": uuid7(), "rating": None, "response_time": None})
    replay.interaction_type, replay.replayed = InteractionType.REPLAYED, row.dump()
    entry.save(force_insert=True)
    replay.save(force_insert=True)
    progress.apply(replay)


def _copied(entry):
    """Return the columns of an entry that say what was done, by whom and when."""
    names = [
        *("id", "session_id", "user_id", "card_id", "progress_id", "interaction_type", "direction", "rating"),
        *("response_time", "answered_at", "received_at", "time_zone", "utc_offset", "day", "params_version"),
    ]
    return {name: getattr(entry, name) for name in names}


def undo(user, id, at):
    """Take a learner's latest act back, exactly, and return its entry; the same again changes nothing.

    CardInteraction.DoesNotExist if the learner has no such act, StaleAnswer if it is not the latest.
    """
    with transaction.atomic():
        entry = user.interactions.exclude(interaction_type=InteractionType.REPLAYED).get(id=id)
        if entry.session:
            entry.session.user = user
            entry.session.lock()
        progress = CardProgress.objects.select_for_update().filter(pk=entry.progress_id).first()
        entry.refresh_from_db(fields=["undone_at"])
        if entry.undone_at:
            return entry
        progress.user = user
        latest = user.interactions.standing().exclude(interaction_type=InteractionType.REPLAYED)
        if latest.as_received().last() != entry:
            raise StaleAnswer
        _take_back(entry, progress, at)
        return entry


def _take_back(entry, progress, at):
    """Mark an entry, with the replay that it caused, and put the rows back as they were without it."""
    caused = progress.entries().filter(interaction_type=InteractionType.REPLAYED, received_at=entry.received_at)
    caused.update(undone_at=at)
    entry.undone_at = at
    entry.save(update_fields=["undone_at"])
    entries = list(progress.entries())
    if entries:
        progress.fold(entries).save(force_update=True, update_fields=CardProgress.FOLDED)
    else:
        progress.delete()
    if entry.session:
        entry.session.recount(reopen=entry.rating is not None and entry.received_at)
    UserStatistics.objects.count(entry, sign=-1)
