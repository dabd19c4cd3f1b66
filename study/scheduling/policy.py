"""What an answer does to a card: the one policy around the memory model, Anki's with the differences said here.

State is updated on every graded answer. Every function takes the moment and the learner's settings: no clock, no
rows. The browser has the same policy and is held to the same vectors, tests/data/policy_vectors.json.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from math import isfinite
from typing import SupportsInt
from zoneinfo import ZoneInfo

from study.scheduling import balance, fsrs, fuzz
from study.scheduling.days import day_number, day_start
from study.scheduling.fsrs import Memory, Rating

LOWEST_RETENTION, HIGHEST_RETENTION = 0.70, 0.97
LONGEST_INTERVAL = 36500
MASTERED_STABILITY = 21.0
DAY = timedelta(days=1)
WEEKDAYS = frozenset(range(7))


class State(StrEnum):
    """Where a card is on its way."""

    NEW = "new"
    LEARNING = "learning"
    REVIEW = "review"
    RELEARNING = "relearning"


LEARNT = (State.REVIEW, State.RELEARNING)


@dataclass(frozen=True, slots=True)
class Card:
    """One card as one learner knows it.

    last_at and last_day are the time and the learner's day of the last graded answer: a day's number is kept and
    never computed again, for the learner may move. interval is in days as last scheduled: 0 in learning, that of
    the lapse in relearning. ValueError for a memory without its day.
    """

    state: str = State.NEW
    step: int | None = None
    memory: Memory | None = None
    last_day: int | None = None
    last_at: datetime | None = None
    interval: int = 0
    reps: int = 0
    lapses: int = 0

    def __post_init__(self) -> None:
        if self.memory is not None and self.last_day is None:
            raise ValueError("a memory needs the day of the last answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A learner's settings. ValueError for one out of its range.

    Steps are in seconds; easy_days are the weekdays, 0 for Monday, on which the learner wants little to do.
    """

    zone: ZoneInfo
    rollover_hour: int = 4
    weights: Sequence[float] = fsrs.DEFAULT_WEIGHTS
    retention: float = 0.90
    learning_steps: Sequence[float] = (60, 600)
    relearning_steps: Sequence[float] = (600,)
    maximum_interval: int = LONGEST_INTERVAL
    easy_days: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        fsrs.check_weights(self.weights)
        if not LOWEST_RETENTION <= self.retention <= HIGHEST_RETENTION:
            raise ValueError(f"a retention of {self.retention} is not {LOWEST_RETENTION} to {HIGHEST_RETENTION}")
        if not 0 <= self.rollover_hour <= 23:
            raise ValueError(f"a day cannot begin at {self.rollover_hour} o'clock")
        if not 1 <= self.maximum_interval <= LONGEST_INTERVAL:
            raise ValueError(f"the longest interval is 1 to {LONGEST_INTERVAL} days, not {self.maximum_interval}")
        for seconds in (*self.learning_steps, *self.relearning_steps):
            if not (isfinite(seconds) and seconds > 0):
                raise ValueError(f"a step cannot take {seconds} seconds")
        if not self.easy_days <= WEEKDAYS:
            raise ValueError(f"weekdays are 0 to 6, not {sorted(self.easy_days - WEEKDAYS)}")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one button does.

    due_at is in UTC. interval_days is whole for a matter of days, else the seconds of the step as a part of a day
    (a minute is 1/1440; a step of 24 hours inside a day of 25 is 1.0). raw_interval is the formula's, in days.
    retrievability is the recall predicted for this answer, in whole days of the learner, as the model was fitted;
    None where nothing was remembered.
    """

    card: Card
    due_at: datetime
    interval_days: float
    raw_interval: float
    retrievability: float | None


def answer(
    card: Card,
    rating: int,
    at: datetime,
    policy: Policy,
    key: SupportsInt,
    load: Mapping[int, int] | None = None,
    today: int | None = None,
) -> Outcome:
    """Return what this answer does: exactly what `preview` said of the button, given the same load.

    today is the learner's day of the answer where it is known already: it is kept, for the learner may move.
    key is the card's UUID or its 128 bits; load the reviews due on each of the learner's days, from tomorrow to
    balance.COUNTED_DAYS ahead (none where it is silent), or None to fuzz alone. ValueError for another rating than
    1 to 4, or a time without a zone.
    """
    chosen = Rating(rating)
    return next(outcome for button, outcome in _buttons(card, at, policy, key, load, today) if button is chosen)


def preview(
    card: Card, at: datetime, policy: Policy, key: SupportsInt, load: Mapping[int, int] | None = None
) -> dict[Rating, Outcome]:
    """Return what each of the four buttons would do at this moment. ValueError for a time without a zone."""
    return dict(_buttons(card, at, policy, key, load))


def retrievability_now(card: Card, at: datetime, policy: Policy) -> float | None:
    """Return the chance of recall with fractions of a day, to sort by; None where nothing is remembered."""
    if card.memory is None:
        return None
    if card.last_at is None:
        elapsed = float(day_number(at, policy.zone, policy.rollover_hour) - card.last_day)
    else:
        elapsed = (at - card.last_at) / DAY
    return fsrs.retrievability(policy.weights, card.memory.stability, max(0.0, elapsed))


def mastery_level(card: Card) -> int:
    """Return 0 new, 1 learning, 2 review or 3 mastered (in review, with a stability of 21 days or more)."""
    if card.memory is None:
        return 0
    if card.state in (State.LEARNING, State.RELEARNING):
        return 1
    return 3 if card.memory.stability >= MASTERED_STABILITY else 2


def difficulty_score(difficulty: float) -> float:
    """Return the difficulty (1 to 10) on the scale from 0.1 to 5.0."""
    return 0.1 + (difficulty - 1.0) * 4.9 / 9.0


@dataclass(frozen=True, slots=True)
class _Asked:
    """A card at a moment: what its four buttons share. elapsed is in the learner's days."""

    card: Card
    at: datetime
    policy: Policy
    today: int
    elapsed: int
    draw: int
    load: Mapping[int, int] | None


def _buttons(
    card: Card,
    at: datetime,
    policy: Policy,
    key: SupportsInt,
    load: Mapping[int, int] | None,
    today: int | None = None,
) -> Iterator[tuple[Rating, Outcome]]:
    """Yield the outcome of each button from the worst grade to the best, each no sooner than the one before."""
    if today is None:
        today = day_number(at, policy.zone, policy.rollover_hour)
    # After a clock was put back the answer is one of the same day, never one before the last.
    elapsed = 0 if card.last_day is None else max(0, today - card.last_day)
    asked = _Asked(card, at.astimezone(UTC), policy, today, elapsed, fuzz.draw(key, card.reps), load)
    worse = 0
    for rating in Rating:
        outcome = _outcome(asked, rating, worse)
        yield rating, outcome
        worse = _whole_days(asked, rating, outcome, worse)


def _whole_days(asked: _Asked, rating: Rating, outcome: Outcome, worse: int) -> int:
    """Return the days that the next better button has to reach."""
    days = int(outcome.interval_days)
    if rating == Rating.GOOD and outcome.card.state != State.REVIEW:
        # As in Anki "easy" goes a day beyond graduation by "good", even where "good" is still a step.
        return max(days, _days(asked, rating, outcome.raw_interval, worse))
    return days


def _outcome(asked: _Asked, rating: Rating, worse: int) -> Outcome:
    """Return what a button does, given the whole days of the next worse one."""
    recall, memory = _remembered(asked, rating)
    raw = fsrs.interval(asked.policy.weights, memory.stability, asked.policy.retention)
    step = _step(asked.card, rating, asked.policy)
    if step is None:
        days = _days(asked, rating, raw, worse)
        due_at, interval_days, place = _start(asked, days), float(days), (State.REVIEW, None, days)
    else:
        index, seconds = step
        due_at, interval_days = _due_after(asked, seconds)
        place = _place_in_steps(asked, rating, index, raw)
    return Outcome(_answered(asked, rating, memory, place), due_at, interval_days, raw, recall)


def _remembered(asked: _Asked, rating: Rating) -> tuple[float | None, Memory]:
    """Return the recall predicted, in whole days, and the memory after the answer."""
    weights, memory = asked.policy.weights, asked.card.memory
    if memory is None:
        return None, fsrs.first(weights, rating)
    recall = fsrs.retrievability(weights, memory.stability, asked.elapsed)
    return recall, fsrs.next_memory(weights, memory, asked.elapsed, rating)


def _step(card: Card, rating: Rating, policy: Policy) -> tuple[int, float] | None:
    """Return the step that a button leads to and its seconds; None where it leads to an interval of days."""
    if card.state == State.REVIEW and rating != Rating.AGAIN:
        return None
    steps = policy.relearning_steps if card.state in LEARNT else policy.learning_steps
    if not steps or rating == Rating.EASY:
        return None
    if rating == Rating.AGAIN:
        return 0, steps[0]
    # The learner may have shortened the list since: then this is its last step.
    index = min(card.step or 0, len(steps) - 1)
    if rating == Rating.HARD:
        return index, _hard_seconds(steps, index)
    return (index + 1, steps[index + 1]) if index + 1 < len(steps) else None


def _hard_seconds(steps: Sequence[float], index: int) -> float:
    if index > 0:
        return steps[index]
    return (steps[0] + steps[1]) / 2 if len(steps) > 1 else 1.5 * steps[0]


def _due_after(asked: _Asked, seconds: float) -> tuple[datetime, float]:
    """Return when a step ends and its length in days; past the rollover it lasts till a day begins."""
    due_at = asked.at + timedelta(seconds=seconds)
    days = day_number(due_at, asked.policy.zone, asked.policy.rollover_hour) - asked.today
    if days < 1:
        return due_at, timedelta(seconds=seconds) / DAY
    days = min(days, asked.policy.maximum_interval)
    return _start(asked, days), float(days)


def _days(asked: _Asked, rating: Rating, raw: float, worse: int) -> int:
    """Return the interval in days of a card that is in review after the answer."""
    card, maximum = asked.card, asked.policy.maximum_interval
    if rating == Rating.AGAIN:
        return _lapse_days(raw, asked.policy)
    reviewed = card.state == State.REVIEW
    apart = rating == Rating.EASY or (reviewed and rating == Rating.GOOD)
    least = max(1, worse + apart)
    if reviewed:
        window = fuzz.window(raw, max(least, _least_growth(card.interval, raw, maximum)), maximum)
    else:
        window = fuzz.window(fuzz.rounded(raw), least, maximum)
    return balance.pick(window, asked.draw, asked.today, asked.load, asked.policy.easy_days)


def _least_growth(previous: int, raw: float, maximum: int) -> int:
    """Return the fewest days after a passed review: more than before where the formula says more.

    Where it says less, as many as before if fuzz alone could make up the difference, else it has really shrunk.
    Anki's rule, which explains each of the passed reviews in scheduler_trace_lb_off.jsonl.
    """
    if fuzz.rounded(raw) > previous:
        return previous + 1
    _, most = fuzz.window(raw, 1, maximum)
    return previous if previous <= most else 1


def _lapse_days(raw: float, policy: Policy) -> int:
    return min(max(1, fuzz.rounded(raw)), policy.maximum_interval)


def _place_in_steps(asked: _Asked, rating: Rating, index: int, raw: float) -> tuple[State, int, int]:
    """Return the state, the step and the interval of a card in learning, or in relearning, where its lapse left one."""
    if asked.card.state not in LEARNT:
        return State.LEARNING, index, 0
    interval = _lapse_days(raw, asked.policy) if rating == Rating.AGAIN else asked.card.interval
    return State.RELEARNING, index, interval


def _answered(asked: _Asked, rating: Rating, memory: Memory, place: tuple[State, int | None, int]) -> Card:
    state, step, interval = place
    lapsed = rating == Rating.AGAIN and asked.card.state == State.REVIEW
    return Card(
        state=state,
        step=step,
        memory=memory,
        last_day=asked.today,
        last_at=asked.at,
        interval=interval,
        reps=asked.card.reps + 1,
        lapses=asked.card.lapses + lapsed,
    )


def _start(asked: _Asked, days: int) -> datetime:
    return day_start(asked.today + days, asked.policy.zone, asked.policy.rollover_hour)
