"""Learners made up for the tests: weights of their own, and a log of what they answered under our policy."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from heapq import heapify, heappop, heappush
from math import exp
from random import Random
from zoneinfo import ZoneInfo

from study.scheduling import fsrs, policy
from study.scheduling.fit import DEFAULTS, HIGHEST, LOWEST, SPREAD, TIMES
from study.scheduling.simulate import FIRST_RATINGS, REVIEW_RATINGS

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
HOURS_TO_NOON = timedelta(hours=8)
DAYS_OFF = 0.1
AGAIN_IN_STEPS = 0.1


@dataclass(frozen=True)
class Learner:
    """True weights, and each card's (day, rating) answers."""

    weights: tuple[float, ...]
    histories: list[list[tuple[int, int]]]


def drawn_weights(random: Random, spreads: float = 1.0) -> tuple[float, ...]:
    """Return weights as far from the defaults as learners are (normal, the first stabilities lognormal), in bounds."""
    weights: list[float] = []
    while len(weights) < len(DEFAULTS):
        index = len(weights)
        moved = random.gauss(0, spreads * SPREAD[index])
        weight = DEFAULTS[index] * exp(moved) if index < TIMES else DEFAULTS[index] + moved
        if LOWEST[index] <= weight <= HIGHEST[index]:
            weights.append(float(weight))
    # Who says "easy" at first sight remembers longer than who says "good".
    return (*sorted(weights[:4]), *weights[4:])


def study(seed: int, reviews: int, new_a_day: int = 10, weights: Sequence[float] | None = None, **settings) -> Learner:
    """Return a learner who answers what is due, a day off in ten, until so many next-day reviews are done."""
    random = Random(seed)
    weights = weights or drawn_weights(random)
    rules = policy.Policy(zone=ZoneInfo("UTC"), **settings)
    waiting = [(START + timedelta(days=number // new_a_day, seconds=number), number) for number in range(reviews)]
    heapify(waiting)
    cards = [policy.Card()] * reviews
    memories: list[fsrs.Memory | None] = [None] * reviews
    histories: list[list[tuple[int, int]]] = [[] for _ in range(reviews)]
    while reviews:
        at, number = heappop(waiting)
        card, memory = cards[number], memories[number]
        day = policy.day_number(at, rules.zone, rules.rollover_hour)
        elapsed = day - card.last_day if card.last_day is not None else 0
        rating = drawn_rating(random, weights, memory, elapsed)
        memories[number] = fsrs.next_memory(weights, memory, elapsed, rating) if memory else fsrs.first(weights, rating)
        histories[number].append((day, rating))
        outcome = policy.answer(card, rating, at, rules, number << 96)
        cards[number] = outcome.card
        heappush(waiting, (_answered_at(random, outcome), number))
        reviews -= elapsed > 0
    return Learner(tuple(weights), [history for history in histories if history])


def drawn_rating(random: Random, weights: Sequence[float], memory: fsrs.Memory | None, elapsed: int) -> int:
    """Return what a learner of these weights answers so many days after the last answer, if there was one."""
    if memory is None:
        return random.choices((1, 2, 3, 4), FIRST_RATINGS)[0]
    if elapsed == 0:
        return random.choices((1, 3), (AGAIN_IN_STEPS, 1 - AGAIN_IN_STEPS))[0]
    if random.random() > fsrs.retrievability(weights, memory.stability, elapsed):
        return 1
    return random.choices((2, 3, 4), REVIEW_RATINGS)[0]


def _answered_at(random: Random, outcome: policy.Outcome) -> datetime:
    """Return when the learner answers what is due: a step at once, a review at noon of a day they study."""
    if outcome.interval_days < 1:
        return outcome.due_at
    at = outcome.due_at + HOURS_TO_NOON
    while random.random() < DAYS_OFF:
        at += timedelta(days=1)
    return at
