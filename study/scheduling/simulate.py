"""What a wish costs: a year of study simulated, for each retention one might wish for.

The memory model is `fsrs` on arrays, one element a card; `fit` uses it too. No scipy here: a request may ask for this.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from study.scheduling import fsrs
from study.scheduling.fsrs import HIGHEST_STABILITY, LOWEST_STABILITY, Rating

type Array = np.ndarray
type Weights = Sequence[float] | Array

RETENTIONS = (0.70, 0.80, 0.85, 0.90, 0.93, 0.95, 0.97)
# What Anki's learners do, as published in fsrs-rs (SimulatorConfig): how often they answer again, hard, good and easy
# to a new card; hard, good and easy to one recalled; and in (re)learning steps, by the answer before.
FIRST_RATINGS = (0.24, 0.094, 0.495, 0.171)
REVIEW_RATINGS = (0.224, 0.631, 0.145)
STEP_RATINGS = np.array(
    ((0.3686, 0.0628, 0.5108, 0.0577), (0.0442, 0.4553, 0.4457, 0.0549), (0.0519, 0.047, 0.8462, 0.055))
)
RELEARNING_RATINGS = np.array(
    ((0.2157, 0.0643, 0.6595, 0.0604), (0.05, 0.4638, 0.4475, 0.0387), (0.1057, 0.1434, 0.7266, 0.0244))
)
# Their seconds for an answer of each rating: learning, review, relearning.
LEARNING_SECONDS = np.array((19.58, 18.79, 13.78, 10.71))
REVIEW_SECONDS = np.array((19.38, 17.59, 12.38, 8.94))
RELEARNING_SECONDS = np.array((16.44, 15.25, 12.32, 8.03))
LEARNING_STEPS, RELEARNING_STEPS = 2, 1


@dataclass(frozen=True, slots=True)
class Point:
    """One retention wished for: the minutes of study a day, on average, and the words known on the last day."""

    retention: float
    minutes_a_day: float
    known_on_last_day: float


def curve(
    weights: Weights = fsrs.DEFAULT_WEIGHTS,
    retentions: Sequence[float] = RETENTIONS,
    words: int = 1000,
    new_per_day: int = 10,
    days: int = 365,
    seed: int = 0,
) -> list[Point]:
    """Return what each retention costs and yields.

    A learner like Anki's average one answers everything on its day. Intervals are rounded, not fuzzed; steps are
    ours, 1m 10m and 10m. Known are the words recalled if all were asked: the sum of their recall.
    """
    return [
        _year(weights, retention, words, new_per_day, days, np.random.default_rng(seed)) for retention in retentions
    ]


def _year(
    weights: Weights, retention: float, words: int, new_per_day: int, days: int, random: np.random.Generator
) -> Point:
    year = _Year(weights, words, random)
    due = np.arange(words) // new_per_day
    for day in range(days):
        rows = np.flatnonzero(due == day)
        new = year.last_day[rows] < 0
        year.learn(rows[new], day)
        year.review(rows[~new], day)
        interval = np.maximum(np.floor(fsrs.interval(weights, year.stability[rows], retention) + 0.5), 1)
        due[rows] = day + interval.astype(int)
    begun = np.flatnonzero(year.last_day >= 0)
    recall = fsrs.retrievability(weights, year.stability[begun], days - 1 - year.last_day[begun])
    return Point(retention, float(year.seconds / 60 / days), float(recall.sum()))


class _Year:
    """One learner's words: their memories, the days of the last answers, and the seconds spent on them."""

    def __init__(self, weights: Weights, words: int, random: np.random.Generator) -> None:
        self.weights, self.random, self.seconds = weights, random, 0.0
        self.stability, self.difficulty = np.ones(words), np.ones(words)
        self.last_day = np.full(words, -1)

    def learn(self, rows: Array, day: int) -> None:
        """Answer new words, and their learning steps."""
        rating = 1 + self.random.choice(4, len(rows), p=FIRST_RATINGS)
        self.stability[rows], self.difficulty[rows] = first_memories(self.weights, rating)
        self.last_day[rows] = day
        self.seconds += LEARNING_SECONDS[rating - 1].sum()
        left = LEARNING_STEPS - (rating == Rating.GOOD)
        left[rating == Rating.EASY] = 0
        self._steps(rows, rating, left, LEARNING_STEPS, STEP_RATINGS, LEARNING_SECONDS)

    def review(self, rows: Array, day: int) -> None:
        """Answer words due, and the relearning steps of those forgotten."""
        elapsed = day - self.last_day[rows]
        recall = fsrs.retrievability(self.weights, self.stability[rows], elapsed)
        passed = 2 + self.random.choice(3, len(rows), p=REVIEW_RATINGS)
        rating = np.where(self.random.random(len(rows)) < recall, passed, 1)
        self._answer(rows, elapsed, rating)
        self.last_day[rows] = day
        self.seconds += REVIEW_SECONDS[rating - 1].sum()
        left = np.where(rating == Rating.AGAIN, RELEARNING_STEPS, 0)
        self._steps(rows, rating, left, RELEARNING_STEPS, RELEARNING_RATINGS, RELEARNING_SECONDS)

    def _steps(self, rows: Array, rating: Array, left: Array, steps: int, chances: Array, seconds: Array) -> None:
        """Answer on the same day until no step is left; the chances of a rating are those after the one before."""
        while (open_ := left > 0).any():
            rows, rating, left = rows[open_], rating[open_], left[open_]
            drawn = self.random.random((len(rows), 1)) > np.cumsum(chances[rating - 1], axis=1)[:, :3]
            rating = 1 + drawn.sum(axis=1)
            self._answer(rows, np.zeros_like(rows), rating)
            self.seconds += seconds[rating - 1].sum()
            left = np.select([rating == 1, rating == 2, rating == 3], [steps, left, left - 1], 0)

    def _answer(self, rows: Array, elapsed: Array, rating: Array) -> None:
        before = self.stability[rows], self.difficulty[rows]
        self.stability[rows], self.difficulty[rows] = next_memories(self.weights, *before, elapsed, rating)


def first_memories(weights: Weights, rating: Array) -> tuple[Array, Array]:
    """Return stabilities and difficulties after the first answers: `fsrs.first`."""
    w = np.asarray(weights)
    return _stability(w[rating - 1]), _difficulty(first_difficulty(w, rating))


def next_memories(
    weights: Weights, stability: Array, difficulty: Array, elapsed: Array, rating: Array
) -> tuple[Array, Array]:
    """Return stabilities and difficulties after one more answer each: `fsrs.next_memory`."""
    recall = fsrs.retrievability(weights, stability, elapsed)
    after = np.empty_like(stability)
    kinds = kind(elapsed, rating)
    for index, formula in enumerate((_same_day, _recalled, _forgotten)):
        rows = np.flatnonzero(kinds == index)
        after[rows] = formula(weights, stability[rows], difficulty[rows], recall[rows], rating[rows])
    return _stability(after), _difficulty(_next_difficulty(weights, difficulty, rating))


def kind(elapsed: Array, rating: Array) -> Array:
    """Return 0 for an answer of the same day, 1 for a success, 2 for a lapse."""
    return np.where(elapsed == 0, 0, np.where(rating > Rating.AGAIN, 1, 2))


def _stability(days: Array) -> Array:
    return np.clip(days, LOWEST_STABILITY, HIGHEST_STABILITY)


def _difficulty(value: Array) -> Array:
    return np.clip(value, 1.0, 10.0)


def first_difficulty(w: Weights, rating: Array | int) -> Array:
    return w[4] - np.exp(w[5] * (rating - 1)) + 1


def _next_difficulty(w: Weights, d: Array, rating: Array) -> Array:
    damped = d - w[6] * (rating - 3) * (10 - d) / 9
    return w[7] * first_difficulty(w, Rating.EASY) + (1 - w[7]) * damped


def bonus(w: Weights, rating: Array) -> Array:
    return np.array([1.0, 1.0, w[15], 1.0, w[16]])[rating]


def _same_day(w: Weights, s: Array, _d: Array, _recall: Array, rating: Array) -> Array:
    change = np.exp(w[17] * (rating - 3 + w[18])) * s ** -w[19]
    return s * np.where(rating == Rating.AGAIN, change, np.maximum(change, 1.0))


def _recalled(w: Weights, s: Array, d: Array, recall: Array, rating: Array) -> Array:
    growth = np.exp(w[8]) * (11 - d) * s ** -w[9]
    return s * (1 + growth * np.expm1(w[10] * (1 - recall)) * bonus(w, rating))


def _forgotten(w: Weights, s: Array, d: Array, recall: Array, _rating: Array) -> Array:
    left = w[11] * d ** -w[12] * ((s + 1) ** w[13] - 1) * np.exp(w[14] * (1 - recall))
    return np.minimum(left, s * np.exp(-w[17] * w[18]))
