"""FSRS-6's weights fitted to one learner's answers.

The model is that of `fsrs`, written on arrays: one element a card, one step an answer, so that the work is numpy's.
The gradient is the analytic one, by hand and in reverse. Only a review on another day than the answer before it is
predicted and scored; answers of the same day change the memory only. Flat arrays have one element an answer: those
that came first on their cards, then those that came second, and so on, the cards with most answers at the front.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from math import nan

import numpy as np
import scipy  # its parts are loaded at their first use: web processes don't fit

from study.scheduling import fsrs
from study.scheduling.fsrs import HIGHEST_STABILITY, Rating
from study.scheduling.simulate import Array, Weights, bonus, first_difficulty, first_memories, kind, next_memories

# One card's answers, oldest first: the learner's day number and the rating.
type History = Sequence[tuple[int, int]]

FIRST_FIT_REVIEWS, FIRST_FIT_DAYS = 1000, 30
REFIT_GROWTH, REFIT_DAYS = 1.25, 30
TRAINED, MOST_CHANGE = 0.75, 2.0
# Below this the ridge leaves next to nothing of a fit.
FEWEST_REVIEWS = 100

DEFAULTS = np.array(fsrs.DEFAULT_WEIGHTS)
LOWEST, HIGHEST = np.array(fsrs.LOWEST_WEIGHTS), np.array(fsrs.HIGHEST_WEIGHTS)
# How much learners differ: the standard deviation of each weight over Anki's learners, as published in fsrs-rs and
# fsrs-optimizer. The first four are our guess: those are times, so they vary by factors, and it is of the logarithm.
SPREAD = np.concatenate(
    (
        (1.0, 1.0, 1.0, 1.0, 0.57, 0.28, 0.6, 0.12, 0.39, 0.18, 0.33),
        (0.3, 0.09, 0.16, 0.57, 0.25, 1.03, 0.31, 0.32, 0.14, 0.27),
    )
)
TIMES = 4
# That of a normal prior. Among 1/4 to 8 it predicted new reviews best on five of six sets of made-up learners, those
# with half these spreads and those whose memory isn't FSRS's (800 to 6,400 reviews) among them; 1/2 did on the sixth.
RIDGE = 1.0
STOP = {"maxiter": 100, "ftol": 1e-6}
CLAMPS = ((fsrs.LOWEST_STABILITY, fsrs.HIGHEST_STABILITY), (1.0, 10.0))


@dataclass(frozen=True, slots=True)
class Score:
    """How far predictions are from what happened, over so many reviews; NaN where there were none."""

    log_loss: float
    rmse_bins: float
    reviews: int


@dataclass(frozen=True, slots=True)
class Fit:
    """The weights fitted, and the scores of all reviews by the defaults and by them.

    accepted says whether they should replace those in force, reason why, in words for a log.
    """

    weights: tuple[float, ...]
    reviews: int
    default: Score
    fitted: Score
    accepted: bool
    reason: str


def due_for_fit(reviews: int, days_of_use: int, last_fit_reviews: int | None, days_since_last_fit: int | None) -> bool:
    """Return whether to fit now: first at 1,000 next-day reviews and 30 days of use; then after 25 % more and a month.

    The last two are of the last fit, accepted or not; None before the first.
    """
    if last_fit_reviews is None or days_since_last_fit is None:
        return reviews >= FIRST_FIT_REVIEWS and days_of_use >= FIRST_FIT_DAYS
    return reviews >= REFIT_GROWTH * last_fit_reviews and days_since_last_fit >= REFIT_DAYS


def fit(histories: Sequence[History], current: Sequence[float] = fsrs.DEFAULT_WEIGHTS, retention: float = 0.90) -> Fit:
    """Return the weights under which these answers are likeliest, and whether they should replace the current ones.

    With fewer than 100 reviews they are the defaults. ValueError for a rating other than 1 to 4, or days that go back.
    """
    answers = _Answers.of(histories)
    default = _score(answers, DEFAULTS, answers.scored)
    if len(answers.scored) < FEWEST_REVIEWS:
        few = "too few to fit: the defaults"
        return Fit(fsrs.DEFAULT_WEIGHTS, len(answers.scored), default, default, accepted=False, reason=few)
    early, late = np.split(answers.scored, [round(TRAINED * len(answers.scored))])
    trial = _minimum(answers, early, DEFAULTS)
    weights = _minimum(answers, answers.scored, trial)
    before, after = (_score(answers, w, late).log_loss for w in (np.array(current), trial))
    change = _mean_interval(answers, weights, retention) / _mean_interval(answers, current, retention)
    return Fit(
        weights=tuple(weights.tolist()),
        reviews=len(answers.scored),
        default=default,
        fitted=_score(answers, weights, answers.scored),
        accepted=bool(after < before and 1 / MOST_CHANGE < change < MOST_CHANGE),
        reason=f"log loss of the last quarter {before:.4f} to {after:.4f}, mean interval times {change:.2f}",
    )


def evaluate(histories: Sequence[History], weights: Sequence[float], known: Sequence[int] | None = None) -> Score:
    """Return log loss and RMSE (bins) over the next-day reviews.

    known: how many answers of each history are not to be scored, only to be remembered.
    """
    answers = _Answers.of(histories)
    return _score(answers, weights, answers.scored if known is None else answers.places(known))


def calibration(histories: Sequence[History], weights: Weights, bins: int = 20) -> list[tuple[float, float, int]]:
    """Return (mean recall predicted, part recalled, reviews) of each band of predictions that has reviews."""
    answers = _Answers.of(histories)
    recall = answers.predictions(weights)[answers.scored]
    recalled = answers.recalled[answers.scored]
    band = np.minimum((recall * bins).astype(int), bins - 1)
    counts = np.bincount(band, minlength=bins)
    sums = zip(np.bincount(band, recall, bins), np.bincount(band, recalled, bins), counts, strict=True)
    return [(float(p / n), float(y / n), int(n)) for p, y, n in sums if n]


@dataclass(frozen=True)
class _Answers:
    """A learner's answers as flat arrays.

    blocks: where the first, the second … answers of the cards lie; prior: where each one's predecessor lies.
    """

    blocks: list[slice]
    prior: Array
    card: Array
    day: Array
    elapsed: Array
    rating: Array

    @classmethod
    def of(cls, histories: Sequence[History]) -> "_Answers":
        """Return them flattened. ValueError for a rating other than 1 to 4, or days that go back."""
        lengths = np.fromiter(map(len, histories), int, len(histories))
        day, rating = np.fromiter(chain.from_iterable(chain.from_iterable(histories)), int).reshape(-1, 2).T
        card = np.repeat(np.arange(len(lengths)), lengths)
        step = np.arange(len(day)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        elapsed = np.where(step > 0, np.diff(day, prepend=0), 0)
        if (elapsed < 0).any() or (rating < Rating.AGAIN).any() or (rating > Rating.EASY).any():
            raise ValueError("a history has a rating other than 1 to 4, or days that go back")
        flat = np.lexsort((card, -lengths[card], step))
        counts = np.bincount(step)
        ends = np.cumsum(counts)
        prior = np.maximum(np.arange(len(day)) - np.repeat(np.append(0, counts)[:-1], counts), 0)
        blocks = [slice(end - count, end) for end, count in zip(ends.tolist(), counts.tolist(), strict=True)]
        return cls(blocks, prior, *(column[flat] for column in (card, day, elapsed, rating)))

    @cached_property
    def recalled(self) -> Array:
        return self.rating > Rating.AGAIN

    @cached_property
    def scored(self) -> Array:
        """The places of the next-day reviews, oldest first."""
        places = np.flatnonzero(self.elapsed)
        return places[np.argsort(self.day[places], kind="stable")]

    def places(self, known: Sequence[int]) -> Array:
        """Return the places to score when so many of each card's answers are given."""
        steps = np.repeat(np.arange(len(self.blocks)), [block.stop - block.start for block in self.blocks])
        return self.scored[(steps >= np.asarray(known)[self.card])[self.scored]]

    @cached_property
    def last(self) -> Array:
        """The places of the cards' last answers."""
        return np.setdiff1d(np.arange(len(self.day)), self.prior[self.blocks[0].stop :])

    def predictions(self, weights: Weights) -> Array:
        """Return the recall predicted for each answer; of no meaning for the first ones."""
        return fsrs.retrievability(weights, self.memories(weights)[0][self.prior], self.elapsed)

    def memories(self, weights: Weights) -> tuple[Array, Array]:
        """Return stability and difficulty after each answer."""
        stability, difficulty = np.empty(len(self.day)), np.empty(len(self.day))
        for index, block in enumerate(self.blocks):
            if index == 0:
                after = first_memories(weights, self.rating[block])
            else:
                size = block.stop - block.start
                before = (values[:size] for values in after)
                after = next_memories(weights, *before, self.elapsed[block], self.rating[block])
            stability[block], difficulty[block] = after
        return stability, difficulty


@dataclass(frozen=True, slots=True)
class _Slopes:
    """How a stability grows with the stability, difficulty and recall before, and with some of the weights."""

    by_stability: Array
    by_difficulty: Array
    by_recall: Array
    by_weight: dict[int, Array]


def _same_day_slopes(w: Weights, s: Array, _d: Array, _recall: Array, rating: Array) -> _Slopes:
    change = np.exp(w[17] * (rating - 3 + w[18])) * s ** -w[19]
    free = (rating == Rating.AGAIN) | (change > 1)
    after = np.where(free, s * change, 0.0)
    zero = np.zeros_like(s)
    by_weight = {17: after * (rating - 3 + w[18]), 18: after * w[17], 19: -after * np.log(s)}
    return _Slopes(np.where(free, (1 - w[19]) * change, 1.0), zero, zero, by_weight)


def _recalled_slopes(w: Weights, s: Array, d: Array, recall: Array, rating: Array) -> _Slopes:
    unit = s * np.exp(w[8]) * (11 - d) * s ** -w[9]
    scale, forgot = unit * bonus(w, rating), np.expm1(w[10] * (1 - recall))
    gain, steep = scale * forgot, scale * (forgot + 1)
    return _Slopes(
        by_stability=1 + (1 - w[9]) * gain / s,
        by_difficulty=-gain / (11 - d),
        by_recall=-w[10] * steep,
        by_weight={
            8: gain,
            9: -gain * np.log(s),
            10: steep * (1 - recall),
            15: np.where(rating == Rating.HARD, unit * forgot, 0.0),
            16: np.where(rating == Rating.EASY, unit * forgot, 0.0),
        },
    )


def _forgotten_slopes(w: Weights, s: Array, d: Array, recall: Array, _rating: Array) -> _Slopes:
    scale = w[11] * d ** -w[12] * np.exp(w[14] * (1 - recall))
    power, cap = (s + 1) ** w[13], s * np.exp(-w[17] * w[18])
    free = scale * (power - 1) < cap
    scale, capped = np.where(free, scale, 0.0), np.where(free, 0.0, cap)
    left = scale * (power - 1)
    return _Slopes(
        by_stability=scale * w[13] * power / (s + 1) + capped / s,
        by_difficulty=-w[12] * left / d,
        by_recall=-w[14] * left,
        by_weight={
            11: left / w[11],
            12: -left * np.log(d),
            13: scale * power * np.log(s + 1),
            14: left * (1 - recall),
            17: -w[18] * capped,
            18: -w[17] * capped,
        },
    )


def _recall_slopes(w: Weights, s: Array, elapsed: Array) -> tuple[Array, Array, Array]:
    """Return recall and its slopes by stability and by weight 20."""
    power = 0.9 ** (-1 / w[20])
    grown = 1 + (power - 1) * elapsed / s
    recall = grown ** -w[20]
    by_stability = w[20] * recall / grown * (power - 1) * elapsed / s**2
    by_decay = -recall * (np.log(grown) + power * np.log(0.9) / w[20] * elapsed / s / grown)
    return recall, by_stability, by_decay


class _Loss:
    """The log loss of some reviews, weighted towards the newest, and its gradient by the weights."""

    def __init__(self, answers: _Answers, places: Array) -> None:
        """Prepare for the reviews at these places, oldest first: the newest counts four times as much."""
        self.answers, self.places = answers, places
        self.importance = 0.25 + 0.75 * (np.arange(1, len(places) + 1) / len(places)) ** 3
        kinds = kind(answers.elapsed, answers.rating)
        kinds[answers.blocks[0]] = -1  # a first answer has none
        formulas = enumerate((_same_day_slopes, _recalled_slopes, _forgotten_slopes))
        self.formulas = [(slopes, np.flatnonzero(kinds == index)) for index, slopes in formulas]

    def __call__(self, w: Array) -> tuple[float, Array]:
        """Return the sum of the losses and its gradient."""
        answers, places = self.answers, self.places
        after = answers.memories(w)
        s, d = (values[answers.prior] for values in after)
        recall, recall_by_s, recall_by_decay = _recall_slopes(w, s, answers.elapsed)
        # The chance that was given to what happened, and how it grows with recall.
        sign = np.where(answers.recalled[places], 1.0, -1.0)
        chance = np.where(sign > 0, recall[places], 1 - recall[places])
        by_recall = np.zeros_like(recall)
        by_recall[places] = -self.importance * sign / chance
        slopes = [(rows, of(w, s[rows], d[rows], recall[rows], answers.rating[rows])) for of, rows in self.formulas]
        by_s, by_d = self._by_memories(w, slopes, by_recall, recall_by_s, after)
        gradient = self._by_weights(w, slopes, by_s, by_d, d)
        for rows, slope in slopes:
            by_recall[rows] += by_s[rows] * slope.by_recall
        gradient[20] = _dot(by_recall, recall_by_decay)
        return -_dot(self.importance, np.log(chance)), gradient

    def _by_memories(
        self,
        w: Array,
        slopes: list[tuple[Array, _Slopes]],
        by_recall: Array,
        recall_by_s: Array,
        after: tuple[Array, Array],
    ) -> tuple[Array, Array]:
        """Return the loss's slopes by the stability and difficulty after each answer, from the last answers back."""
        s_by_s, s_by_d, by_s, by_d = np.zeros((4, len(by_recall)))
        for rows, slope in slopes:
            s_by_s[rows] = slope.by_stability + slope.by_recall * recall_by_s[rows]
            s_by_d[rows] = slope.by_difficulty
        d_by_d = (1 - w[7]) * (1 + w[6] * (self.answers.rating - 3) / 9)
        direct = by_recall * recall_by_s
        # Where a memory was clamped, what came before it no longer counts.
        free_s, free_d = (((values > low) & (values < high)) for values, (low, high) in zip(after, CLAMPS, strict=True))
        blocks = self.answers.blocks
        for block, earlier in zip(blocks[:0:-1], blocks[-2::-1], strict=True):
            prior = slice(earlier.start, earlier.start + block.stop - block.start)
            by_s[prior] = free_s[prior] * (direct[block] + by_s[block] * s_by_s[block])
            by_d[prior] = free_d[prior] * (by_s[block] * s_by_d[block] + by_d[block] * d_by_d[block])
        return by_s, by_d

    def _by_weights(self, w: Array, slopes: list[tuple[Array, _Slopes]], by_s: Array, by_d: Array, d: Array) -> Array:
        """Return the gradient but for the part of weight 20."""
        first, rating = self.answers.blocks[0], self.answers.rating
        gradient = np.zeros_like(DEFAULTS)
        gradient[:4] = np.bincount(rating[first] - 1, by_s[first], 4)
        for rows, slope in slopes:
            for index, by_weight in slope.by_weight.items():
                gradient[index] += _dot(by_s[rows], by_weight)
        steps = rating[first] - 1
        gradient[4] = by_d[first].sum()
        gradient[5] = -_dot(by_d[first], steps * np.exp(w[5] * steps))
        later = slice(first.stop, None)
        change = (rating[later] - 3) * (10 - d[later]) / 9
        total, easy = by_d[later].sum(), first_difficulty(w, Rating.EASY)
        gradient[4] += w[7] * total
        gradient[5] -= 3 * w[7] * np.exp(3 * w[5]) * total
        gradient[6] = -(1 - w[7]) * _dot(by_d[later], change)
        gradient[7] = _dot(by_d[later], easy - d[later] + w[6] * change)
        return gradient


def _dot(one: Array, other: Array) -> float:
    # Not `@`: on a busy machine OpenBLAS's threads wait for one another, and a fit takes ten times as long.
    return float((one * other).sum())


def _minimum(answers: _Answers, places: Array, start: Array) -> Array:
    """Return the weights where the loss of these reviews and the ridge are least together, from a start."""
    loss, ones = _Loss(answers, places), np.ones(len(DEFAULTS) - TIMES)

    def penalised(x: Array) -> tuple[float, Array]:
        weights = _weights(x)
        value, gradient = loss(weights)
        return value + RIDGE / 2 * _dot(x, x), gradient * SPREAD * np.append(weights[:TIMES], ones) + RIDGE * x

    bounds = np.column_stack((_spreads(LOWEST), _spreads(HIGHEST)))
    best = scipy.optimize.minimize(penalised, _spreads(start), jac=True, method="L-BFGS-B", bounds=bounds, options=STOP)
    return np.clip(_weights(best.x), LOWEST, HIGHEST)


def _spreads(weights: Array) -> Array:
    """Return how many spreads each weight is from its default."""
    return np.append(np.log(weights[:TIMES] / DEFAULTS[:TIMES]), (weights - DEFAULTS)[TIMES:]) / SPREAD


def _weights(spreads: Array) -> Array:
    """Return the weights so many spreads from the defaults."""
    moved = SPREAD * spreads
    return np.append(DEFAULTS[:TIMES] * np.exp(moved[:TIMES]), (DEFAULTS + moved)[TIMES:])


def _score(answers: _Answers, weights: Weights, places: Array) -> Score:
    if not len(places):
        return Score(nan, nan, 0)
    recall, recalled = answers.predictions(weights)[places], answers.recalled[places]
    log_loss = -np.log(np.where(recalled, recall, 1 - recall)).mean()
    _, bins = np.unique(_bins(answers)[places], axis=0, return_inverse=True)
    off = np.bincount(bins, recall) - np.bincount(bins, recalled)
    return Score(float(log_loss), float(np.sqrt((off**2 / np.bincount(bins)).sum() / len(places))), len(places))


def _bins(answers: _Answers) -> Array:
    """Return the bins of RMSE (bins): by days elapsed, next-day reviews and lapses, as fsrs-rs counts them.

    It names each bin by a number within it; which bin it is is all that the score depends on.
    """
    by_card = np.lexsort((np.arange(len(answers.day)), answers.card))
    card, reviewed = answers.card[by_card], answers.elapsed[by_card] > 0
    happened = np.array((reviewed, reviewed & ~answers.recalled[by_card]), int)
    before = happened.cumsum(axis=1) - happened
    counts = np.empty_like(before)
    counts[:, by_card] = before - before[:, np.searchsorted(card, card)]
    length, lapses = counts
    columns = ((answers.elapsed, 3.62), (length + 2, 1.89), (lapses, 1.73))
    return np.column_stack([np.floor(np.log(np.maximum(n, 0.5)) / np.log(base)) for n, base in columns]).astype(int)


def _mean_interval(answers: _Answers, weights: Weights, retention: float) -> float:
    """Return the mean of the cards' next intervals, in days."""
    stability = answers.memories(weights)[0][answers.last]
    return float(np.minimum(fsrs.interval(weights, stability, retention), HIGHEST_STABILITY).mean())
