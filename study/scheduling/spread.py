"""A backlog spread over days: how much goes on each, and what.

What is likeliest to be recalled comes first. In a simulation of 1,000 words overdue since a month, 100 a day (12
learners, default weights, each word asked once), 960 are remembered on the last day; 950 in a random order, and 943
with the likeliest forgotten, or the most overdue, first. Going on as they fall due for 60 days from the start both
ways know the same (947 and 948), but the first took 913 minutes and the last 940, in the ten days 344 and 413: what
is half forgotten loses little by waiting, what is barely remembered is forgotten twice if it has to. After a week,
two weeks and three months away the order is the same.
"""

from collections.abc import Hashable, Sequence
from heapq import heapify, heapreplace


def shares(already: Sequence[int], count: int, shut: Sequence[bool] | None = None) -> list[int]:
    """Return how many of `count` go on each day, so that the days, with what is there already, are as even as can be.

    Of two days alike the earlier one is given more. Nothing goes on a day that is shut, unless all are.
    """
    found = [0] * len(already)
    is_open = [not each for each in shut] if shut and not all(shut) else [True] * len(already)
    heap = [(load, day) for day, load in enumerate(already) if is_open[day]]
    heapify(heap)
    for _ in range(count):
        load, day = heap[0]
        found[day] += 1
        heapreplace(heap, (load + 1, day))
    return found


def placed(words: Sequence[Hashable], shares: Sequence[int]) -> list[int]:
    """Return the day of each of some words, in order; there are as many shares as words.

    Each comes on the first day that has room, a word that is there twice on two days where that can be.
    """
    left, there = list(shares), [set() for _ in shares]
    found = []
    for word in words:
        room = [day for day, share in enumerate(left) if share]
        day = next((day for day in room if word not in there[day]), room[0])
        left[day] -= 1
        there[day].add(word)
        found.append(day)
    return found
