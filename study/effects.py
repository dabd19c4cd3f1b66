"""What an act leaves behind: the columns of its entry in the log that say what was before and what is after."""

from accounts.models import zone_named
from study.choices import InteractionType, State
from study.log import CardInteraction
from study.progress import CardProgress, policy_of
from study.scheduling import fsrs, policy
from study.scheduling.days import day_start

KNOWN_DAYS = 90
COPIED = [
    *("id", "session_id", "user_id", "card_id", "progress_id", "interaction_type", "direction", "rating"),
    *("response_time", "answered_at", "received_at", "time_zone", "utc_offset", "day", "params_version", "cram"),
]
MEMORY = ["state", "step", "stability", "difficulty", "interval", "due"]


class ActRefused(ValueError):
    """The act can't be done: its message says why, in the learner's words."""


def fill(entry, progress, days, load):
    """Fill in an entry, given the days that go with SET_DUE and MARK_KNOWN and its session's load of due reviews.

    ActRefused if the act makes no sense; then the entry is not to be used.
    """
    _set(entry, progress, _after(entry, progress, days, load))


def again(entry, progress, load):
    """Return an entry as it would have been on the row as it now turns out to have been, earlier answers included.

    The learner's day, zone and what they chose stand; a grade is computed anew.
    """
    copy = CardInteraction(**{name: getattr(entry, name) for name in COPIED})
    match entry.interaction_type:
        case InteractionType.SET_DUE:
            after = _again_set_due(entry, progress)
        case InteractionType.RESET | InteractionType.MARK_KNOWN:
            after = {f"{name}_after": getattr(entry, f"{name}_after") for name in MEMORY}
        case InteractionType.BURY | InteractionType.UNBURY:
            after = {"due_after": entry.due_after}
        case _:
            after = _after(copy, progress, None, load)
    _set(copy, progress, after)
    return copy


def _set(entry, progress, after):
    for name, value in {**progress.memory_fields("before"), **progress.memory_fields("after"), **after}.items():
        setattr(entry, name, value)


def _after(entry, progress, days, load):
    """Return the columns of what an entry leaves behind where it changes something."""
    if entry.graded:
        return _after_grade(entry, progress, load)
    after = {}
    match entry.interaction_type:
        case InteractionType.BURY:
            after = {"due_after": _day_start(entry, progress, 1)}
        case InteractionType.UNBURY:
            after = {"due_after": None}
        case InteractionType.RESET:
            after = CardProgress().memory_fields("after")
        case InteractionType.SET_DUE:
            after = _after_set_due(entry, progress, days)
        case InteractionType.MARK_KNOWN:
            after = _after_mark_known(entry, progress, days or KNOWN_DAYS)
    return after


def _after_grade(entry, progress, load):
    settings = policy_of(progress.user, zone_named(entry.time_zone))
    outcome = policy.answer(
        progress.schedule, entry.rating, entry.answered_at, settings, progress.card_id, load, entry.day
    )
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
        "due_after": _day_start(entry, progress, days),
    }


def _again_set_due(entry, progress):
    if progress.stability is None:
        return {}  # forgotten on purpose before, as it turns out
    return {
        "state_after": State.REVIEW,
        "step_after": None,
        "interval": entry.interval,
        "interval_after": progress.interval or max(1, int(entry.interval)),
        "due_after": entry.due_after,
    }


def _after_mark_known(entry, progress, days):
    """Return a memory that is due when the learner said, if recall is to be as they wish; as easy as "easy"."""
    settings = policy_of(progress.user)
    per_day_of_stability = fsrs.interval(settings.weights, 1.0, settings.retention)
    return {
        "state_after": State.REVIEW,
        "step_after": None,
        "stability_after": days / per_day_of_stability,
        "difficulty_after": fsrs.first(settings.weights, fsrs.Rating.EASY).difficulty,
        "interval": float(days),
        "interval_after": days,
        "due_after": _day_start(entry, progress, days),
    }


def _day_start(entry, progress, days):
    """Return when the day begins that comes so many days after an entry's, on the clock that it was made by."""
    return day_start(entry.day + days, zone_named(entry.time_zone), progress.user.day_starts_at)
