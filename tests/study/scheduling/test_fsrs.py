import gzip
import json
import math
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import fsrs as py_fsrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from study.scheduling import fsrs
from study.scheduling.fsrs import DEFAULT_WEIGHTS, Memory, Rating

DATA = Path(__file__).parents[2] / "data"
GOLDEN = json.loads(gzip.decompress((DATA / "golden_fsrs6.json.gz").read_bytes()))

stabilities = st.floats(0.001, 36500)
difficulties = st.floats(1, 10)
weight_sets = st.tuples(*map(st.floats, fsrs.LOWEST_WEIGHTS, fsrs.HIGHEST_WEIGHTS))


def states(weights, history):
    """Yield the memory after each answer of a history of (elapsed days, rating)."""
    memory = None
    for elapsed, rating in history:
        memory = fsrs.next_memory(weights, memory, elapsed, rating) if memory else fsrs.first(weights, rating)
        yield memory


@pytest.mark.parametrize("weights", ["default", "alt"])
def test_memory_and_interval_are_those_of_fsrs_rs(weights):
    answers, other_days = 0, 0
    parameters = GOLDEN["P"][weights]
    for history, expected in zip(GOLDEN["H"], GOLDEN["fsrs_rs_python_0_9_3"][weights], strict=True):
        for memory, (stability, difficulty, interval) in zip(states(parameters, history), expected, strict=True):
            assert memory.stability == pytest.approx(stability, rel=2e-5)
            assert memory.difficulty == pytest.approx(difficulty, abs=1e-5)
            difference = abs(round(fsrs.interval(parameters, memory.stability, 0.9)) - round(interval))
            assert difference <= 1
            answers, other_days = answers + 1, other_days + difference
    assert answers == 15420
    assert other_days <= answers * 0.001


def test_default_weights_are_the_published_ones():
    assert list(DEFAULT_WEIGHTS) == GOLDEN["P"]["default"]
    assert tuple(py_fsrs.Scheduler().parameters) == DEFAULT_WEIGHTS


def test_bounds_of_the_weights_are_those_of_py_fsrs():
    assert fsrs.LOWEST_WEIGHTS == py_fsrs.scheduler.LOWER_BOUNDS_PARAMETERS
    assert fsrs.HIGHEST_WEIGHTS == py_fsrs.scheduler.UPPER_BOUNDS_PARAMETERS


def test_memory_is_that_of_py_fsrs_over_random_histories():
    rng = random.Random(6)
    for weights in (DEFAULT_WEIGHTS, tuple(GOLDEN["P"]["alt"])):
        scheduler = py_fsrs.Scheduler(weights, enable_fuzzing=False)
        for _ in range(60):
            card, at = py_fsrs.Card(), datetime(2026, 1, 1, tzinfo=UTC)
            history = [(rng.choice([0, 1, 2, 5, 20, 90]), rng.choice([1, 2, 3, 3, 3, 4])) for _ in range(15)]
            for (elapsed, rating), memory in zip(history, states(weights, history), strict=True):
                at += timedelta(days=elapsed)
                card, _ = scheduler.review_card(card, py_fsrs.Rating(rating), at)
                assert memory.difficulty == pytest.approx(card.difficulty, rel=1e-12)
                if card.stability > fsrs.HIGHEST_STABILITY:  # py-fsrs has no upper end
                    break
                assert memory.stability == pytest.approx(card.stability, rel=1e-12)


def test_first_answer_sets_the_memory_by_rating():
    assert fsrs.first(DEFAULT_WEIGHTS, Rating.AGAIN) == Memory(0.212, 6.4133)
    assert fsrs.first(DEFAULT_WEIGHTS, Rating.GOOD) == Memory(2.3065, pytest.approx(2.118103970459))
    assert fsrs.first(DEFAULT_WEIGHTS, Rating.EASY) == Memory(8.2956, 1.0)


@pytest.mark.parametrize(
    ("rating", "elapsed", "stability", "difficulty"),
    [(1, 0, 1.596818, 8.341762), (2, 0, 5, 6.665996), (3, 0, 5, 4.990230), (4, 0, 8.129610, 3.314464)],
)
def test_same_day_answers_have_their_own_formula(rating, elapsed, stability, difficulty):
    after = fsrs.next_memory(DEFAULT_WEIGHTS, Memory(5.0, 5.0), elapsed, rating)
    assert after == Memory(pytest.approx(stability, rel=1e-6), pytest.approx(difficulty, rel=1e-6))


def test_recall_is_certain_at_once_and_nine_in_ten_after_the_stability():
    assert fsrs.retrievability(DEFAULT_WEIGHTS, 7.0, 0) == 1.0
    assert fsrs.retrievability(DEFAULT_WEIGHTS, 7.0, 7.0) == pytest.approx(0.9, rel=1e-12)
    assert fsrs.interval(DEFAULT_WEIGHTS, 7.0, 0.9) == pytest.approx(7.0, rel=1e-12)


@given(weight_sets, stabilities, st.floats(0.70, 0.97))
def test_interval_is_the_time_at_which_recall_is_the_retention(weights, stability, retention):
    days = fsrs.interval(weights, stability, retention)
    assert fsrs.retrievability(weights, stability, days) == pytest.approx(retention, rel=1e-9)


@given(weight_sets, stabilities, difficulties, st.integers(0, 40000), st.sampled_from([2, 3, 4]))
def test_a_success_never_lowers_stability(weights, stability, difficulty, elapsed, rating):
    assert fsrs.next_memory(weights, Memory(stability, difficulty), elapsed, rating).stability >= stability


@given(weight_sets, stabilities, difficulties, st.integers(1, 40000))
def test_a_lapse_never_raises_stability(weights, stability, difficulty, elapsed):
    assert fsrs.next_memory(weights, Memory(stability, difficulty), elapsed, 1).stability <= stability


@given(weight_sets, stabilities, difficulties, st.integers(0, 40000))
def test_a_better_grade_leaves_a_memory_that_is_stabler_and_easier(weights, stability, difficulty, elapsed):
    after = [fsrs.next_memory(weights, Memory(stability, difficulty), elapsed, rating) for rating in Rating]
    assert after == sorted(after, key=lambda memory: memory.stability)
    assert after == sorted(after, key=lambda memory: -memory.difficulty)
    for memory in after:
        assert 0.001 <= memory.stability <= 36500
        assert 1 <= memory.difficulty <= 10


def test_fewer_than_no_days_cannot_have_elapsed():
    with pytest.raises(ValueError, match="-1 days"):
        fsrs.next_memory(DEFAULT_WEIGHTS, Memory(5.0, 5.0), -1, Rating.GOOD)


@pytest.mark.parametrize("index", range(21))
@pytest.mark.parametrize("weight", [math.nan, math.inf, -math.inf, -0.001, 100.001, "1", None])
def test_a_weight_out_of_its_bounds_is_named(index, weight):
    weights = [*DEFAULT_WEIGHTS[:index], weight, *DEFAULT_WEIGHTS[index + 1 :]]
    with pytest.raises(ValueError, match=rf"^weight {index} is "):
        fsrs.check_weights(weights)


@pytest.mark.parametrize("weights", [(), DEFAULT_WEIGHTS[:19], (*DEFAULT_WEIGHTS, 1.0)])
def test_another_number_of_weights_than_21_is_refused(weights):
    with pytest.raises(ValueError, match=f"21 weights, not {len(weights)}"):
        fsrs.check_weights(weights)


@pytest.mark.parametrize("weights", [DEFAULT_WEIGHTS, fsrs.LOWEST_WEIGHTS, fsrs.HIGHEST_WEIGHTS])
def test_weights_at_their_bounds_are_accepted(weights):
    fsrs.check_weights(weights)
