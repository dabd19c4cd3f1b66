"""The learner's days: they begin at the rollover hour on the learner's own clock.

A day has the number of its local date, counted from 1 January 1970 (day 0). It begins at the first instant at which
the clock on the wall shows the rollover hour of that date, or later where the clock jumps over it. An hour that the
clock repeats never brings a day back, so numbers only grow. A date that a zone left out has a day only if the clock
still shows a time before the rollover of the next one; otherwise its beginning is that of the next day.
"""

from bisect import bisect_left
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

EPOCH = date(1970, 1, 1).toordinal()


def day_number(at: datetime, zone: ZoneInfo, rollover_hour: int) -> int:
    """Return the learner's day at an instant: days since 1970-01-01. ValueError for a naive time."""
    if at.utcoffset() is None:
        raise ValueError(f"{at} has no time zone")
    local = at.astimezone(zone)
    day = local.toordinal() - EPOCH - (local.hour < rollover_hour)
    # The second pass of a repeated hour may show a time before the rollover that the first pass had reached.
    if local.fold and day_start(day + 1, zone, rollover_hour) <= at:
        return day + 1
    return day


def day_start(day: int, zone: ZoneInfo, rollover_hour: int) -> datetime:
    """Return the first instant of a day, in UTC."""
    wall = datetime.combine(date.fromordinal(EPOCH + day), time(rollover_hour))
    start = wall.replace(tzinfo=zone).astimezone(UTC)
    if _wall(start, zone) == wall:
        return start
    return _after_the_gap(wall, zone)


def _wall(at: datetime, zone: ZoneInfo) -> datetime:
    return at.astimezone(zone).replace(tzinfo=None)


def _after_the_gap(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant at which a clock jumps over a time on the wall; zoneinfo doesn't tell its transitions."""
    # In a gap, fold chooses the offset after it (an instant too early) or the one before it (too late): PEP 495.
    early, late = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (1, 0))
    seconds = range(int((late - early).total_seconds()))
    jumped = bisect_left(seconds, wall, key=lambda second: _wall(early + timedelta(seconds=second), zone))
    return early + timedelta(seconds=jumped)
