"""FSRS-6: what a learner remembers of a card, and when recall falls to the retention wished for.

Formulas: https://github.com/open-spaced-repetition/fsrs4anki/wiki/The-Algorithm (FSRS-6). Every time is in days.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from math import exp

DEFAULT_WEIGHTS = (
    *(0.212, 1.2931, 2.3065, 8.2956),  # 0-3: stability after the first answer, by rating
    *(6.4133, 0.8334, 3.0194, 0.001),  # 4-7: difficulty
    *(1.8722, 0.1666, 0.796),  # 8-10: stability after a success
    *(1.4835, 0.0614, 0.2629, 1.6483),  # 11-14: stability after a lapse
    *(0.6014, 1.8729),  # 15, 16: factors of "hard" and "easy"
    *(0.5425, 0.0912, 0.0658),  # 17-19: answers on the same day
    0.1542,  # 20: how fast the curve of forgetting falls
)
# The published bounds of the weights, as in py-fsrs 6.3.2 and fsrs-rs.
LOWEST_WEIGHTS = (
    *(0.001, 0.001, 0.001, 0.001),
    *(1.0, 0.001, 0.001, 0.001),
    *(0.0, 0.0, 0.001),
    *(0.001, 0.001, 0.001, 0.0),
    *(0.0, 1.0),
    *(0.0, 0.0, 0.0),
    0.1,
)
HIGHEST_WEIGHTS = (
    *(100.0, 100.0, 100.0, 100.0),
    *(10.0, 4.0, 4.0, 0.75),
    *(4.5, 0.8, 3.5),
    *(5.0, 0.25, 0.9, 4.0),
    *(1.0, 6.0),
    *(2.0, 2.0, 0.8),
    0.8,
)
# fsrs-rs and ts-fsrs end at a century; py-fsrs has no upper end.
LOWEST_STABILITY, HIGHEST_STABILITY = 0.001, 36500.0


class Rating(IntEnum):
    """The four buttons."""

    AGAIN = 1
    HARD = 2
    GOOD = 3
    EASY = 4


@dataclass(frozen=True, slots=True)
class Memory:
    """Stability: the days until recall falls to 90 %. Difficulty: from 1 to 10."""

    stability: float
    difficulty: float


def check_weights(weights: Sequence[float]) -> None:
    """Raise ValueError, naming the index, unless these are 21 numbers within FSRS-6's published bounds."""
    if len(weights) != len(DEFAULT_WEIGHTS):
        raise ValueError(f"FSRS-6 has {len(DEFAULT_WEIGHTS)} weights, not {len(weights)}")
    for index, (weight, low, high) in enumerate(zip(weights, LOWEST_WEIGHTS, HIGHEST_WEIGHTS, strict=True)):
        # NaN is within no bounds, so it fails here too.
        if not isinstance(weight, int | float) or not low <= weight <= high:
            raise ValueError(f"weight {index} is {weight!r}, not a number from {low} to {high}")


def first(weights: Sequence[float], rating: int) -> Memory:
    """Return the memory after the first answer: S₀ = w[rating - 1], D₀ = w₄ - exp(w₅ (rating - 1)) + 1."""
    return Memory(_stability(weights[rating - 1]), _difficulty(_first_difficulty(weights, rating)))


def next_memory(weights: Sequence[float], memory: Memory, elapsed_days: int, rating: int) -> Memory:
    """Return the memory after an answer given so many of the learner's days after the one before.

    0 days have a formula of their own, that of same-day answers. ValueError for fewer.
    """
    if elapsed_days < 0:
        raise ValueError(f"{elapsed_days} days have elapsed")
    if elapsed_days == 0:
        stability = _same_day(weights, memory, rating)
    else:
        recall = retrievability(weights, memory.stability, elapsed_days)
        after = _forgotten if rating == Rating.AGAIN else _recalled
        stability = after(weights, memory, recall, rating)
    return Memory(_stability(stability), _next_difficulty(weights, memory.difficulty, rating))


def retrievability(weights: Sequence[float], stability: float, elapsed_days: float) -> float:
    """Return the chance of recall after 0 days or more: R = (1 + F t / S)^-w₂₀, F such that R(S) = 0.9."""
    return (1 + _factor(weights) * elapsed_days / stability) ** -weights[20]


def interval(weights: Sequence[float], stability: float, retention: float) -> float:
    """Return the days, unrounded, after which recall falls to the retention: the inverse of R."""
    return stability / _factor(weights) * (retention ** (-1 / weights[20]) - 1)


def _factor(weights: Sequence[float]) -> float:
    return 0.9 ** (-1 / weights[20]) - 1


def _recalled(weights: Sequence[float], memory: Memory, recall: float, rating: int) -> float:
    """Return S'ᵣ = S (1 + e^w₈ (11 - D) S^-w₉ (e^(w₁₀ (1 - R)) - 1) · w₁₅ if hard · w₁₆ if easy)."""
    bonus = {Rating.HARD: weights[15], Rating.EASY: weights[16]}.get(rating, 1)
    growth = exp(weights[8]) * (11 - memory.difficulty) * memory.stability ** -weights[9]
    return memory.stability * (1 + growth * (exp(weights[10] * (1 - recall)) - 1) * bonus)


def _forgotten(weights: Sequence[float], memory: Memory, recall: float, rating: int) -> float:
    """Return S'f = w₁₁ D^-w₁₂ ((S + 1)^w₁₃ - 1) e^(w₁₄ (1 - R)), at most what a same-day lapse would leave."""
    left = weights[11] * memory.difficulty ** -weights[12] * ((memory.stability + 1) ** weights[13] - 1)
    return min(left * exp(weights[14] * (1 - recall)), memory.stability / exp(weights[17] * weights[18]))


def _same_day(weights: Sequence[float], memory: Memory, rating: int) -> float:
    """Return S' = S e^(w₁₇ (rating - 3 + w₁₈)) S^-w₁₉, and no less than S after a success."""
    change = exp(weights[17] * (rating - 3 + weights[18])) * memory.stability ** -weights[19]
    # Without the clamp a "good" would lower a high stability; py-fsrs and fsrs-rs have it for "hard" too.
    return memory.stability * (change if rating == Rating.AGAIN else max(change, 1.0))


def _first_difficulty(weights: Sequence[float], rating: int) -> float:
    return weights[4] - exp(weights[5] * (rating - 1)) + 1


def _next_difficulty(weights: Sequence[float], difficulty: float, rating: int) -> float:
    """Return D' = w₇ D₀(easy) + (1 - w₇) (D - w₆ (rating - 3) (10 - D) / 9), D₀ unclamped."""
    damped = difficulty - weights[6] * (rating - 3) * (10 - difficulty) / 9
    return _difficulty(weights[7] * _first_difficulty(weights, Rating.EASY) + (1 - weights[7]) * damped)


def _stability(days: float) -> float:
    return min(max(days, LOWEST_STABILITY), HIGHEST_STABILITY)


def _difficulty(value: float) -> float:
    return min(max(value, 1.0), 10.0)
