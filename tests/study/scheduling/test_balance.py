import random
from collections import Counter
from datetime import date
from fractions import Fraction
from statistics import mean, pstdev

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from study.scheduling import balance, fuzz

MONDAY = 20780  # 2026-11-23
LAST_DRAW = 2**32 - 1
NO_DAYS = frozenset()
SUNDAY = frozenset({6})

draws = st.integers(0, LAST_DRAW)
windows = st.tuples(st.integers(1, 120), st.integers(0, 20)).map(lambda pair: (pair[0], pair[0] + pair[1]))
counts = st.lists(st.integers(0, 1000), min_size=5, max_size=5)
loads = st.none() | counts.map(lambda cycle: {MONDAY + day: cycle[day % 5] for day in range(1, 91)})
weekdays = st.frozensets(st.integers(0, 6))


def picked(window, load, easy_days=NO_DAYS, count=1000):
    """Return how many of evenly spread draws fall on each day of the window."""
    draws = range(0, 2**32, 2**32 // count + 1)
    return Counter(balance.pick(window, draw, MONDAY, load, easy_days) for draw in draws)


def test_weekday_is_that_of_the_date():
    for day in (-4, -1, 0, 1, MONDAY, MONDAY + 6):
        assert balance.weekday(day) == date.fromordinal(date(1970, 1, 1).toordinal() + day).weekday()


@settings(deadline=None)
@given(windows, draws)
def test_with_neither_a_load_nor_easy_days_it_is_fuzz(window, draw):
    assert balance.pick(window, draw, MONDAY, None, NO_DAYS) == fuzz.pick(*window, draw)


def test_a_day_weighs_one_over_the_square_of_its_reviews_and_over_the_interval():
    # This review counts, so the days have 1, 2, 5 and 10; Thursday the 26th is the easy day.
    load = {MONDAY + 2: 1, MONDAY + 3: 4, MONDAY + 4: 9}
    weights = [Fraction(1), Fraction(1, 2**2 * 2), Fraction(1, 10**4) / (5**2 * 3), Fraction(1, 10**2 * 4)]
    for days in (1, 2, 3, 4):
        up_to = sum(weights[:days]) / sum(weights) * 2**32
        last = int(up_to) if days < 4 else LAST_DRAW
        assert balance.pick((1, 4), last - 1, MONDAY, load, frozenset({3})) == days
        if days < 4:
            assert balance.pick((1, 4), last + 1, MONDAY, load, frozenset({3})) == days + 1


def test_days_with_nothing_due_differ_by_the_interval_only():
    assert picked((10, 12), {}) == {10: 365, 11: 332, 12: 303}


def test_a_light_day_is_taken_by_most_and_a_full_one_by_few():
    counts = picked((30, 34), {MONDAY + 30: 99, MONDAY + 31: 99, MONDAY + 32: 9, MONDAY + 33: 99, MONDAY + 34: 99})
    assert counts[32] == pytest.approx(1000 / 1.04, abs=2)


def test_an_easy_day_is_avoided_though_nothing_is_due_on_it_and_much_on_the_others():
    # The 29th is the only Sunday; Anki would send every one of these reviews there.
    load = {MONDAY + days: 0 if days == 6 else 15 for days in range(1, 91)}
    assert picked((4, 8), load)[6] > 970
    assert picked((4, 8), load, SUNDAY)[6] < 15


def test_where_every_day_is_easy_the_load_decides():
    load = {MONDAY + days: days % 4 for days in range(1, 91)}
    assert picked((20, 30), load, frozenset(range(7))) == picked((20, 30), load)


def test_a_window_that_ends_after_the_days_counted_has_no_load_but_easy_days():
    empty = {MONDAY + day: 100 for day in range(1, 91)} | {MONDAY + 85: 0}
    assert picked((80, 90), empty)[85] > 990
    assert picked((80, 91), empty) == picked((80, 91), None)
    assert picked((80, 91), empty, SUNDAY) == picked((80, 91), None, SUNDAY)
    assert picked((80, 91), None, SUNDAY)[83] == picked((80, 91), None, SUNDAY)[90] == 0


def test_today_and_the_past_are_not_looked_at():
    assert picked((5, 9), {MONDAY - 1: 90, MONDAY: 90}) == picked((5, 9), {})


@settings(deadline=None)
@given(windows, st.lists(draws, min_size=2, max_size=2).map(sorted), loads, weekdays)
def test_what_is_picked_is_within_the_window_and_grows_with_the_draw(window, pair, load, easy_days):
    days = [balance.pick(window, draw, MONDAY, load, easy_days) for draw in (0, *pair, LAST_DRAW)]
    assert days == sorted(days)
    assert (days[0], days[-1]) == window


@settings(deadline=None)
@given(st.integers(1, 89), draws, st.integers(0, 10**6), weekdays)
def test_a_window_of_one_day_is_that_day(days, draw, reviews, easy_days):
    assert balance.pick((days, days), draw, MONDAY, {MONDAY + days: reviews}, easy_days) == days


def daily_reviews(balanced, easy_days=NO_DAYS):
    """Return the reviews of each of 112 days when 10,000 are spread, each over its own window, as they are answered."""
    rng = random.Random(7)
    load = Counter()
    for _ in range(10000):
        today, interval = MONDAY + rng.randrange(200), rng.uniform(2.5, 80)
        draw = fuzz.draw(rng.getrandbits(128), 3)
        window = fuzz.window(interval, 1, 36500)
        load[today + balance.pick(window, draw, today, load if balanced else None, easy_days)] += 1
    return [load[day] for day in range(MONDAY + 70, MONDAY + 182)]


def test_balance_evens_the_days_out():
    fuzzed, balanced = daily_reviews(balanced=False), daily_reviews(balanced=True)
    assert [round(pstdev(counts) / mean(counts), 3) for counts in (fuzzed, balanced)] == [0.135, 0.066]


def test_an_easy_day_has_few_reviews():
    counts = daily_reviews(balanced=True, easy_days=SUNDAY)
    assert [sum(counts[weekday::7]) for weekday in range(7)] == [935, 914, 911, 923, 912, 927, 32]
