from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from study.scheduling.logs import Log, LogError, read

HEADER = "card_id,review_rating,review_time,review_duration"
DAY = (date(2026, 3, 2) - date(1970, 1, 1)).days


def log(*rows, header=HEADER, zone="UTC", rollover=4):
    return read([f"{line}\n" for line in (header, *rows)], ZoneInfo(zone), rollover)


def test_rows_in_any_order_become_histories_in_order_of_time():
    found = log(
        "b,1,2026-03-04T12:00:00+00:00,900",
        "a,4,2026-03-07T12:00:00+00:00,900",
        "b,3,2026-03-02T12:10:00+00:00,900",
        "a,3,2026-03-02T12:00:00+00:00,900",
    )
    assert found.histories() == [[(DAY, 3), (DAY + 5, 4)], [(DAY, 3), (DAY + 2, 1)]]
    assert (found.unrated, found.repeated) == (0, 0)


@pytest.mark.parametrize(
    "time",
    [
        "2026-03-02T12:00:00+00:00",
        "2026-03-02T12:00:00Z",
        "2026-03-02 12:00:00.000+00:00",
        "2026-03-02T20:00:00+08:00",
        "2026-03-02T20:00:00",  # in the zone
        str(int(datetime(2026, 3, 2, 12, tzinfo=UTC).timestamp())),
        str(int(datetime(2026, 3, 2, 12, tzinfo=UTC).timestamp()) * 1000),
        "1772452800000.0",
    ],
)
def test_a_time_may_be_written_in_many_ways(time):
    same = "a,3,2026-03-02T12:00:00+00:00,1"
    assert log(same, f"a,3,{time},1", zone="Asia/Shanghai") == Log([("a", DAY, 3)], unrated=0, repeated=1)


@pytest.mark.parametrize(
    ("zone", "rollover", "day"), [("UTC", 4, DAY - 1), ("UTC", 3, DAY), ("Asia/Shanghai", 4, DAY), ("UTC", 0, DAY)]
)
def test_a_day_begins_at_the_rollover_in_the_zone(zone, rollover, day):
    assert log("a,3,2026-03-02T03:59:00Z,1", zone=zone, rollover=rollover).answers == [("a", day, 3)]


def test_rows_without_a_rating_and_repeated_rows_are_counted():
    found = log(
        "a,3,2026-03-02T12:00:00Z,1",
        "a,0,2026-03-02T13:00:00Z,1",
        "a,,2026-03-02T14:00:00Z,1",
        "",
        "a,3.0,2026-03-02T12:00:00Z,2",
        "a,1,2026-03-02T12:00:00Z,1",
    )
    assert found == Log([("a", DAY, 3), ("a", DAY, 1)], unrated=2, repeated=1)


def test_columns_may_come_in_any_order_and_quoted():
    found = log('"2026-03-02T12:00:00Z",x,"1","a"', header='Review_Time, state,"review_rating",card_id')
    assert found.answers == [("a", DAY, 1)]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("a,5,2026-03-02T12:00:00Z,1", "line 3: '5' is no review_rating from 1 to 4"),
        ("a,2.5,2026-03-02T12:00:00Z,1", "line 3: '2.5' is no review_rating from 1 to 4"),
        ("a,nan,2026-03-02T12:00:00Z,1", "line 3: 'nan' is no review_rating from 1 to 4"),
        ("a,good,2026-03-02T12:00:00Z,1", "line 3: could not convert string to float: 'good'"),
        ("a,3,yesterday,1", "line 3: Invalid isoformat string: 'yesterday'"),
        ("a,3,,1", "line 3: Invalid isoformat string: ''"),
        ("a,3,0001-01-01T00:00:00+08:00,1", "line 3: date value out of range"),
        (",3,2026-03-02T12:00:00Z,1", "line 3: no card_id"),
        ("a,3", "line 3: 2 values are too few"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line(row, message):
    with pytest.raises(LogError) as caught:
        log("a,3,2026-03-02T12:00:00Z,1", row)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([], "line 1: no column card_id, review_rating, review_time"),
        (["card_id,rating,review_time\n"], "line 1: no column review_rating"),
    ],
)
def test_missing_columns_are_named(lines, message):
    with pytest.raises(LogError) as caught:
        read(lines, ZoneInfo("UTC"), 4)
    assert str(caught.value) == message


def test_what_is_known_ends_with_a_part_of_the_next_day_reviews():
    found = log(
        "a,3,2026-03-01T12:00:00Z,1",
        "b,3,2026-03-01T12:01:00Z,1",
        "a,3,2026-03-01T12:10:00Z,1",  # of the same day
        "a,3,2026-03-03T12:00:00Z,1",  # the first review
        "c,3,2026-03-03T12:05:00Z,1",
        "b,3,2026-03-03T12:06:00Z,1",  # the second
        "c,3,2026-03-09T12:00:00Z,1",  # the third
        "a,3,2026-03-09T12:01:00Z,1",  # the fourth
    )
    assert found.known(0.5) == [3, 2, 1]
    assert found.known(0.25) == [3, 1, 1]
    assert found.known(0.01) == [2, 1, 0]
    assert found.known(0.99) == [4, 2, 2]
    assert log().known(0.5) == []
