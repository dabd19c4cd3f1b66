import subprocess
import sys

import numpy as np
import pytest

from study.scheduling import fsrs
from study.scheduling.fsrs import Memory
from study.scheduling.simulate import RETENTIONS, curve, first_memories, next_memories
from tests.study.scheduling.learners import Random, drawn_weights

# scheduling.md: 1,000 words at 10 a day, default weights.
PUBLISHED_MINUTES = (6.1, 7.7, 8.0, 9.9, 11.7, 14.5, 19.7)
PUBLISHED_KNOWN = (818, 896, 923, 949, 966, 976, 986)


@pytest.mark.parametrize("weights", [fsrs.DEFAULT_WEIGHTS, drawn_weights(Random(1)), fsrs.HIGHEST_WEIGHTS])
def test_memories_of_many_cards_are_those_of_each(weights):
    random = np.random.default_rng(5)
    ratings, elapsed = random.integers(1, 5, 500), random.choice([0, 1, 2, 10, 400, 20000], 500)
    stability, difficulty = 10 ** random.uniform(-3, 4.5, 500), random.uniform(1, 10, 500)
    rows = list(zip(stability.tolist(), difficulty.tolist(), elapsed.tolist(), ratings.tolist(), strict=True))
    expected = [fsrs.next_memory(weights, Memory(s, d), days, rating) for s, d, days, rating in rows]
    after = np.column_stack(next_memories(weights, stability, difficulty, elapsed, ratings))
    assert after == pytest.approx(np.array([(m.stability, m.difficulty) for m in expected]), rel=1e-9)


def test_first_memories_are_those_of_each():
    expected = [fsrs.first(fsrs.DEFAULT_WEIGHTS, rating) for rating in (1, 2, 3, 4)]
    after = np.column_stack(first_memories(fsrs.DEFAULT_WEIGHTS, np.array([1, 2, 3, 4])))
    assert after == pytest.approx(np.array([(m.stability, m.difficulty) for m in expected]), rel=1e-12)


def test_a_year_costs_and_yields_what_was_published():
    points = curve()
    assert tuple(point.retention for point in points) == RETENTIONS
    assert [point.minutes_a_day for point in points] == pytest.approx(PUBLISHED_MINUTES, rel=0.08)
    assert [point.known_on_last_day for point in points] == pytest.approx(PUBLISHED_KNOWN, rel=0.012)


def test_the_same_seed_gives_the_same_year():
    assert curve(retentions=[0.9], words=100) == curve(retentions=[0.9], words=100)
    assert curve(retentions=[0.9], words=100) != curve(retentions=[0.9], words=100, seed=1)


def test_what_is_known_is_no_more_than_what_was_begun():
    (point,) = curve(retentions=[0.9], words=1000, new_per_day=3, days=10)
    assert 25 < point.known_on_last_day <= 30


def test_nothing_begun_costs_nothing():
    (point,) = curve(retentions=[0.9], words=0)
    assert (point.minutes_a_day, point.known_on_last_day) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("module", "heavy"), [("policy", "numpy"), ("logs", "numpy"), ("simulate", "scipy"), ("fit", "django")]
)
def test_modules_load_no_more_than_they_need(module, heavy):
    code = f"import sys, study.scheduling.{module}; sys.exit({heavy!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
