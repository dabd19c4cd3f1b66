from collections import Counter
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from study.scheduling import fuzz


@pytest.mark.parametrize(
    ("days", "whole"), [(0.0, 0), (0.49, 0), (0.5, 1), (1.5, 2), (2.5, 3), (3.49, 3), (36500.0, 36500)]
)
def test_halves_round_upwards(days, whole):
    assert fuzz.rounded(days) == whole


@pytest.mark.parametrize(
    ("interval", "fewest", "most"),
    [
        (0.01, 1, 1),
        (2.49, 2, 2),
        (2.5, 2, 4),  # 1
        (5, 4, 6),  # 1.375
        (7, 5, 9),  # 1.675
        (10, 8, 12),  # 1.975
        (20, 17, 23),  # 2.975
        (100, 93, 107),  # 6.975
        (1000, 948, 1052),  # 51.975
    ],
)
def test_window_has_the_ranges_of_anki(interval, fewest, most):
    assert fuzz.window(interval, 1, 36500) == (fewest, most)


def test_window_keeps_the_minimum_and_the_maximum():
    assert fuzz.window(10, 9, 36500) == (9, 12)
    assert fuzz.window(10, 15, 36500) == (15, 17)  # around 15: 2.475
    assert fuzz.window(10, 1, 11) == (8, 11)
    assert fuzz.window(1000, 1, 100) == (93, 100)
    assert fuzz.window(10, 30, 20) == (20, 20)


@pytest.mark.parametrize(
    ("draw", "days"), [(0, 8), (0x33333333, 8), (0x33333334, 9), (0x80000000, 10), (2**32 - 1, 12)]
)
def test_pick_parts_the_draws_evenly_among_the_days(draw, days):
    assert fuzz.pick(8, 12, draw) == days


@settings(deadline=None)
@given(st.floats(0.001, 40000), st.integers(1, 40000), st.integers(1, 36500), st.integers(0, 2**32 - 1))
def test_what_is_picked_is_within_the_window_and_the_limits(interval, minimum, maximum, draw):
    fewest, most = fuzz.window(interval, minimum, maximum)
    assert min(minimum, maximum) <= fewest <= fuzz.pick(fewest, most, draw) <= most <= maximum


def words(data):
    return [int.from_bytes(data[at : at + 4], "little") for at in range(0, len(data), 4)]


@pytest.mark.parametrize(
    ("data", "seed", "expected"),
    [
        (b"", 0, 0),
        (b"", 1, 0x514E28B7),
        (b"", 0xFFFFFFFF, 0x81F16F39),
        (b"\xff\xff\xff\xff", 0, 0x76293B50),
        (b"\x21\x43\x65\x87", 0, 0xF55B516B),
        (b"\x21\x43\x65\x87", 0x5082EDEE, 0x2362F9DE),
        (b"\0\0\0\0", 0, 0x2362F9DE),
        (b"test", 0, 0xBA6BD213),
        (b"aaaa", 0x9747B28C, 0x5A97808A),
    ],
)
def test_murmur3_has_its_published_values(data, seed, expected):
    assert fuzz.murmur3(words(data), seed) == expected


def test_draw_takes_a_uuid_or_its_bits():
    key = UUID("019abcde-0123-7456-89ab-cdef01234567")
    assert fuzz.draw(key, 3) == fuzz.draw(key.int, 3) == 0x924EBCB2
    assert fuzz.draw(key, 3) == fuzz.murmur3([0x019ABCDE, 0x01237456, 0x89ABCDEF, 0x01234567, 3])


def test_every_part_of_the_key_and_the_count_of_answers_change_the_draw():
    draws = {fuzz.draw(1 << bit, 0) for bit in range(128)} | {fuzz.draw(0, reps) for reps in range(128)}
    assert len(draws) == 256


def test_draws_are_even_over_keys_and_over_the_answers_of_one_card():
    by_key = Counter(fuzz.pick(0, 9, fuzz.draw(key << 64, 5)) for key in range(10000))
    by_reps = Counter(fuzz.pick(0, 9, fuzz.draw(2**127 + 5, reps)) for reps in range(10000))
    for counts in (by_key, by_reps):
        # 1000 expected, five standard deviations (30) either side.
        assert all(850 < counts[days] < 1150 for days in range(10))
