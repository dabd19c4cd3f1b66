"""Fuzz: intervals drawn from a window, so that words learnt together don't come back together for ever.

The draw is a hash of integers that JavaScript computes alike (Math.imul, >>> 0), so that what a button promised is
what it does, on any device and at a retry.
"""

from math import floor, inf
from typing import SupportsInt

SHORTEST_FUZZED = 2.5
# From, to (days), and what that part of the interval adds to the window on either side.
PARTS = ((2.5, 7.0, 0.15), (7.0, 20.0, 0.10), (20.0, inf, 0.05))
BITS_32 = 0xFFFFFFFF


def rounded(days: float) -> int:
    """Return the nearest whole number, a half upwards, as JavaScript's Math.round (Python's goes to the even one)."""
    return floor(days + 0.5)


def window(interval: float, minimum: int, maximum: int) -> tuple[int, int]:
    """Return the fewest and the most days for an interval, within minimum and maximum (which wins over minimum).

    Anki's ranges: none under 2.5 days; then one day and 15 % of the part from 2.5 to 7, 10 % to 20, 5 % above.
    """
    minimum = min(minimum, maximum)
    interval = min(max(interval, minimum), maximum)
    spread = _spread(interval)
    fewest, most = (min(max(rounded(days), minimum), maximum) for days in (interval - spread, interval + spread))
    return fewest, most


def pick(fewest: int, most: int, draw: int) -> int:
    """Return the days within the window, both ends included, that a draw of 32 bits stands for."""
    return fewest + (draw * (most - fewest + 1) >> 32)


def draw(key: SupportsInt, reps: int) -> int:
    """Return 32 bits for a card (a UUID, or its 128 bits as an int) before an answer: a different draw each time."""
    bits = int(key)
    return murmur3([bits >> 96 & BITS_32, bits >> 64 & BITS_32, bits >> 32 & BITS_32, bits & BITS_32, reps])


def murmur3(words: list[int], seed: int = 0) -> int:
    """Return MurmurHash3_x86_32 (Austin Appleby, public domain) of unsigned words of 32 bits."""
    state = seed
    for word in words:
        mixed = word * 0xCC9E2D51 & BITS_32
        mixed = (mixed << 15 | mixed >> 17) & BITS_32
        state ^= mixed * 0x1B873593 & BITS_32
        state = (state << 13 | state >> 19) & BITS_32
        state = state * 5 + 0xE6546B64 & BITS_32
    state ^= 4 * len(words)
    state = (state ^ state >> 16) * 0x85EBCA6B & BITS_32
    state = (state ^ state >> 13) * 0xC2B2AE35 & BITS_32
    return state ^ state >> 16


def _spread(interval: float) -> float:
    if interval < SHORTEST_FUZZED:
        return 0.0
    spread = 1.0
    for start, end, share in PARTS:  # sum() would make up for rounding, which JavaScript does not
        spread += share * max(0.0, min(interval, end) - start)
    return spread
