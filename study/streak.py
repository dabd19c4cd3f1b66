"""How many days in a row a learner has studied, and the rest days that keep the row whole."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from django.db import connection

from study.scheduling.days import EPOCH, day_number

RESTS_A_MONTH = 2
CHUNK = 64
JUMP = 12 * 60  # minutes: a clock put forward by more leaves less than half of a date


@dataclass(frozen=True, slots=True)
class Streak:
    """A row of days: how many were studied and which were rest days, newest first.

    first is the row's first day, None where there is no row; rests_left are the rest days that this month still has;
    open says that today is yet to be studied.
    """

    days: int
    rests: tuple[int, ...]
    rests_left: int
    first: int | None
    open: bool


def streak(studied: Iterable[int], today: int, skipped: Collection[int] = ()) -> Streak:
    """Return the row that goes on today, from the days of study, newest first; read no further than it reaches.

    It is the longest row up to today that begins with a day of study and misses at most two days of each calendar
    month: its rest days. They keep the row and don't count as days of study.

    - Today isn't missed while it lasts. A day after today is one that the learner studied before they flew west.
    - What was missed before the row's first day costs nothing; since its last day of study it takes rest days as long
      as the row is open, and none where nothing is left to keep.
    - A third miss in a month leaves what came after the first of the three.
    - Skipped are the dates that the learner's clock jumped over: neither studied nor missed.
    """
    count, rests, first, latest = 0, [], None, None
    for day in studied:
        if first is None:
            latest, today = day, max(today, day)
        missed = [each for each in range((first or today) - 1, day, -1) if each not in skipped]
        if max(Counter(map(_month, rests + missed)).values(), default=0) > RESTS_A_MONTH:
            break
        count, rests, first = count + 1, rests + missed, day
    left = RESTS_A_MONTH - sum(_month(day) == _month(today) for day in rests)
    return Streak(count, tuple(rests), left, first, open=latest != today)


def _month(day: int) -> tuple[int, int]:
    on = date.fromordinal(EPOCH + day)
    return on.year, on.month


def streak_of(user, at):
    """Return a learner's streak at a time; of their days, as many are read as it reaches back over."""
    today = day_number(at, user.zone, user.day_starts_at)
    studied, skipped, size = [], set(), CHUNK
    while True:
        days = user.days.filter(answers__gt=0).order_by("-day")
        more = list((days.filter(day__lt=studied[-1]) if studied else days).values_list("day", flat=True)[:size])
        skipped |= _skipped(user, at, [*(studied[-1:] or [today]), *more])
        studied += more
        found = streak(studied, today, skipped)
        if len(more) < size or found.first != studied[-1]:
            return found
        size *= 2


def _skipped(user, at, days):
    """Return the dates between days of study, newest first, that passed by a change of the clock, as in a flight east.

    The first of the days may be today, with no answer yet: then the clock is as it is now.
    """
    alone = [earlier + 1 for later, earlier in pairwise(days) if later - earlier == 2]
    if not alone:
        return set()
    offset = at.astimezone(user.zone).utcoffset().total_seconds() // 60
    with connection.cursor() as cursor:
        cursor.execute(SKIPPED, {"user": user.pk, "days": alone, "now": int(offset), "jump": JUMP})
        return {day for (day,) in cursor.fetchall()}


# The clock as it was at the last answer before a date and at the first one after it. Any zone's day falls within the
# times looked through, so that the index on them finds the few answers.
SKIPPED = """
SELECT day
FROM unnest(%(days)s::int[]) AS missed (day)
CROSS JOIN LATERAL (SELECT timestamptz '1970-01-01 00:00Z' + day * interval '1 day' AS midnight) AS times
WHERE coalesce((
    SELECT utc_offset FROM card_interactions AS entry
    WHERE user_id = %(user)s AND entry.day = missed.day + 1 AND rating IS NOT NULL AND undone_at IS NULL
    AND received_at BETWEEN midnight + interval '10 hours' AND midnight + interval '83 hours'
    ORDER BY received_at LIMIT 1
), %(now)s) - (
    SELECT utc_offset FROM card_interactions AS entry
    WHERE user_id = %(user)s AND entry.day = missed.day - 1 AND rating IS NOT NULL AND undone_at IS NULL
    AND received_at BETWEEN midnight - interval '38 hours' AND midnight + interval '35 hours'
    ORDER BY received_at DESC LIMIT 1
) > %(jump)s
"""
