from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from study.scheduling.days import day_number, day_start

zones = st.sampled_from(sorted(available_timezones())).map(ZoneInfo)
rollover_hours = st.integers(0, 23)
instants = st.datetimes(datetime(1975, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))


def number(iso):
    """Return the number of a date."""
    return (date.fromisoformat(iso) - date(1970, 1, 1)).days


@pytest.mark.parametrize(
    ("zone", "rollover_hour", "day", "start"),
    [
        ("UTC", 0, "1970-01-01", "1970-01-01T00:00"),
        ("Asia/Shanghai", 4, "2026-11-23", "2026-11-22T20:00"),
        ("Asia/Kathmandu", 4, "2026-11-23", "2026-11-22T22:15"),
        # Berlin, spring: 02:00 becomes 03:00 at 01:00 UTC.
        ("Europe/Berlin", 4, "2026-03-28", "2026-03-28T03:00"),
        ("Europe/Berlin", 4, "2026-03-29", "2026-03-29T02:00"),
        ("Europe/Berlin", 2, "2026-03-29", "2026-03-29T01:00"),
        ("Europe/Berlin", 3, "2026-03-29", "2026-03-29T01:00"),
        ("Europe/Berlin", 2, "2026-03-30", "2026-03-30T00:00"),
        # Berlin, autumn: 03:00 becomes 02:00 at 01:00 UTC.
        ("Europe/Berlin", 4, "2026-10-25", "2026-10-25T03:00"),
        ("Europe/Berlin", 2, "2026-10-25", "2026-10-25T00:00"),
        ("Europe/Berlin", 3, "2026-10-25", "2026-10-25T02:00"),
        # New York: 02:00 becomes 03:00 at 07:00 UTC; in autumn 02:00 becomes 01:00 at 06:00 UTC.
        ("America/New_York", 4, "2026-03-08", "2026-03-08T08:00"),
        ("America/New_York", 2, "2026-03-08", "2026-03-08T07:00"),
        ("America/New_York", 1, "2026-11-01", "2026-11-01T05:00"),
        ("America/New_York", 4, "2026-11-01", "2026-11-01T09:00"),
        # Half an hour is left out at Lord Howe: 02:00 becomes 02:30 at 15:30 UTC.
        ("Australia/Lord_Howe", 2, "2026-10-04", "2026-10-03T15:30"),
        # Apia left out 30 December 2011: after 29 December 24:00 (10:00 UTC) came 31 December 00:00.
        ("Pacific/Apia", 4, "2011-12-29", "2011-12-29T14:00"),
        ("Pacific/Apia", 4, "2011-12-30", "2011-12-30T10:00"),
        ("Pacific/Apia", 4, "2011-12-31", "2011-12-30T14:00"),
        ("Pacific/Apia", 0, "2011-12-30", "2011-12-30T10:00"),
        ("Pacific/Apia", 0, "2011-12-31", "2011-12-30T10:00"),
    ],
)
def test_day_begins_at_the_rollover_on_the_wall(zone, rollover_hour, day, start):
    assert day_start(number(day), ZoneInfo(zone), rollover_hour) == datetime.fromisoformat(start).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "rollover_hour", "at", "day"),
    [
        ("Europe/Berlin", 4, "2026-11-23T03:59:59.999999+01:00", "2026-11-22"),
        ("Europe/Berlin", 4, "2026-11-23T04:00+01:00", "2026-11-23"),
        ("Europe/Berlin", 4, "2026-11-23T23:59+01:00", "2026-11-23"),
        ("Europe/Berlin", 0, "2026-11-23T00:00+01:00", "2026-11-23"),
        ("Asia/Kathmandu", 4, "2026-11-22T22:14:59+00:00", "2026-11-22"),
        # The hour from 02:00 to 03:00 passes twice.
        ("Europe/Berlin", 2, "2026-10-25T01:59:59+02:00", "2026-10-24"),
        ("Europe/Berlin", 2, "2026-10-25T02:00+02:00", "2026-10-25"),
        ("Europe/Berlin", 2, "2026-10-25T02:00+01:00", "2026-10-25"),
        ("Europe/Berlin", 3, "2026-10-25T02:59+01:00", "2026-10-24"),
        # At Troll 03:00 becomes 01:00: the rollover at 02:00 was reached, and is not taken back.
        ("Antarctica/Troll", 2, "2026-10-25T01:59+02:00", "2026-10-24"),
        ("Antarctica/Troll", 2, "2026-10-25T02:00+02:00", "2026-10-25"),
        ("Antarctica/Troll", 2, "2026-10-25T01:30+00:00", "2026-10-25"),
        # St John's went from 00:01 back to 23:01 of the day before.
        ("America/St_Johns", 0, "2006-10-29T00:00-02:30", "2006-10-29"),
        ("America/St_Johns", 0, "2006-10-28T23:30-03:30", "2006-10-29"),
        ("Pacific/Apia", 4, "2011-12-29T23:59-10:00", "2011-12-29"),
        ("Pacific/Apia", 4, "2011-12-31T00:00+14:00", "2011-12-30"),
        ("Pacific/Apia", 0, "2011-12-31T00:00+14:00", "2011-12-31"),
        ("Pacific/Apia", 4, "2011-12-31T04:00+14:00", "2011-12-31"),
    ],
)
def test_day_at_an_instant(zone, rollover_hour, at, day):
    assert day_number(datetime.fromisoformat(at), ZoneInfo(zone), rollover_hour) == number(day)


def test_the_instant_counts_and_not_the_zone_it_is_written_in():
    berlin, shanghai = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Shanghai")
    at = datetime(2026, 10, 25, 2, 30, tzinfo=berlin, fold=1)
    assert day_number(at, shanghai, 10) == day_number(at.astimezone(UTC), shanghai, 10) == number("2026-10-24")


def test_days_are_23_and_25_hours_long_when_the_clock_changes():
    berlin = ZoneInfo("Europe/Berlin")
    starts = [day_start(number("2026-03-27") + day, berlin, 4) for day in range(4)]
    assert [(end - start) // timedelta(hours=1) for start, end in pairwise(starts)] == [24, 23, 24]
    starts = [day_start(number("2026-10-23") + day, berlin, 4) for day in range(4)]
    assert [(end - start) // timedelta(hours=1) for start, end in pairwise(starts)] == [24, 25, 24]


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="has no time zone"):
        day_number(datetime(2026, 11, 23), ZoneInfo("UTC"), 4)


@settings(max_examples=1500, deadline=None)
@given(zones, rollover_hours, instants)
def test_an_instant_lies_between_the_start_of_its_day_and_the_next(zone, rollover_hour, at):
    day = day_number(at, zone, rollover_hour)
    start = day_start(day, zone, rollover_hour)
    assert start <= at < day_start(day + 1, zone, rollover_hour)
    assert start.tzinfo is UTC
    assert day_number(start, zone, rollover_hour) == day
    assert day_number(start - timedelta(microseconds=1), zone, rollover_hour) < day


@settings(max_examples=500, deadline=None)
@given(zones, rollover_hours, instants, st.timedeltas(timedelta(0), timedelta(days=3)))
def test_days_only_grow(zone, rollover_hour, at, later):
    assert day_number(at, zone, rollover_hour) <= day_number(at + later, zone, rollover_hour)
    day = day_number(at, zone, rollover_hour)
    starts = [day_start(day + ahead, zone, rollover_hour) for ahead in range(-2, 3)]
    assert starts == sorted(starts)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Pacific/Apia", "Antarctica/Troll", "Asia/Gaza"])
@pytest.mark.parametrize("rollover_hour", [0, 1, 2, 3, 4, 23])
def test_every_quarter_of_an_hour_of_three_years_has_a_day_that_follows_the_one_before(zone, rollover_hour):
    zone = ZoneInfo(zone)
    at = datetime(2010, 12, 31, tzinfo=UTC)
    before = day_number(at, zone, rollover_hour)
    start = day_start(before + 1, zone, rollover_hour)
    while at.year < 2013:
        at += timedelta(hours=3) if start - at > timedelta(hours=6) else timedelta(minutes=15)
        day = day_number(at, zone, rollover_hour)
        assert day == before if at < start else day > before
        if day > before:
            before, start = day, day_start(day + 1, zone, rollover_hour)
