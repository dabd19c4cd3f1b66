"""Load balance: among the days that fuzz allows, a day with less to do is likelier, and an easy day hardly likely.

A weight is one quotient of whole numbers and the weights are added up in the order of the days, so that any language
with IEEE doubles picks the same day.
"""

from bisect import bisect_right
from collections.abc import Collection, Mapping
from itertools import accumulate

from study.scheduling import fuzz

# Reviews are counted for so many days ahead; a window that ends later is fuzz alone.
COUNTED_DAYS = 90
EASY_DAY = 1e-4


def weekday(day: int) -> int:
    """Return 0 (Monday) to 6 of a learner's day."""
    return (day + 3) % 7  # day 0 was a Thursday


def pick(
    window: tuple[int, int], draw: int, today: int, load: Mapping[int, int] | None, easy_days: Collection[int]
) -> int:
    """Return the days within the window, both ends included, that a draw of 32 bits stands for.

    load has the reviews due on each of the learner's days, none where it is silent; None to balance nothing. With no
    easy days either, the days are equally likely.
    """
    fewest, most = window
    if most > COUNTED_DAYS:
        load = None
    if load is None and not easy_days:
        return fuzz.pick(fewest, most, draw)
    sums = list(accumulate(_weight(days, today + days, load or {}, easy_days) for days in range(fewest, most + 1)))
    return fewest + bisect_right(sums, draw / 2**32 * sums[-1])


def _weight(days: int, day: int, load: Mapping[int, int], easy_days: Collection[int]) -> float:
    """Return 1 / (reviews² days), or that of an easy day; this review is counted in, so an empty day has a weight."""
    reviews = load.get(day, 0) + 1
    return (EASY_DAY if weekday(day) in easy_days else 1.0) / (reviews * reviews * days)
