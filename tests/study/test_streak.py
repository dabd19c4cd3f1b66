"""Days in a row, with two rest days a month, and how few rows it takes to tell."""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from study.log import StudyDay
from study.streak import CHUNK, Streak, streak, streak_of

EPOCH = date(1970, 1, 1)
NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)


def number(month, day, year=2026):
    """Return the number of a date."""
    return (date(year, month, day) - EPOCH).days


def march(*days):
    """Return the numbers of days of March 2026, newest first."""
    return sorted((number(3, day) for day in days), reverse=True)


TODAY = number(3, 20)


def found(studied, today=TODAY, skipped=()):
    """Return a streak as its days, its days of rest in March, and what is left of them."""
    result = streak(studied, today, skipped)
    return result.days, [day - number(3, 1) + 1 for day in result.rests], result.rests_left


class TestRow:
    @pytest.mark.parametrize(
        ("studied", "expected"),
        [
            pytest.param([], (0, [], 2), id="nothing studied"),
            pytest.param([20], (1, [], 2), id="today only"),
            pytest.param([19], (1, [], 2), id="yesterday only: today is open"),
            pytest.param([18, 19, 20], (3, [], 2), id="three days"),
            pytest.param([17, 18, 20], (3, [19], 1), id="a rest day is not counted"),
            pytest.param([16, 17, 20], (3, [19, 18], 0), id="two rest days"),
            pytest.param([15, 16, 20], (1, [], 2), id="three days missed end the row, which then needs no rest"),
            pytest.param([10, 11, 18], (1, [19], 1), id="missed since: a rest day while the row is open"),
            pytest.param([16, 17], (2, [19, 18], 0), id="both rest days since"),
            pytest.param([15, 16], (0, [], 2), id="three days missed since: no row and no rest day used"),
            pytest.param(
                [12, 13, 15, 17, 18, 20], (4, [19, 16], 0), id="what came after the first miss of three stays"
            ),
        ],
    )
    def test_counts_the_days_of_study(self, studied, expected):
        assert found(march(*studied)) == expected

    def test_each_month_has_two_rest_days_of_its_own(self):
        studied = [number(2, 25), number(2, 26), number(3, 3), number(3, 4)]
        result = streak(sorted(studied, reverse=True), number(3, 4))
        rests = (number(3, 2), number(3, 1), number(2, 28), number(2, 27))
        assert result == Streak(4, rests, rests_left=0, first=number(2, 25), open=False)

    def test_a_month_is_that_of_the_missed_day(self):
        studied = [number(2, 26), number(3, 1), number(3, 2)]
        assert found(studied[::-1], number(3, 2)) == (3, [0, -1], 2)

    def test_a_new_month_brings_new_rest_days(self):
        studied = [number(3, day) for day in (31, 30, 29, 26)]
        assert streak(studied, number(3, 31)).rests_left == 0
        assert streak([number(4, 1), *studied], number(4, 1)).rests_left == 2

    def test_today_is_open_until_it_is_studied(self):
        assert streak(march(19), TODAY).open is True
        assert streak(march(19, 20), TODAY).open is False

    def test_days_after_today_were_studied_before_a_flight_west(self):
        assert found(march(19, 20, 21)) == (3, [], 2)
        assert found(march(19, 21)) == (2, [20], 1)

    def test_a_date_that_was_skipped_is_neither_studied_nor_missed(self):
        assert found(march(15, 16, 20), skipped=march(18)) == (3, [19, 17], 0)

    def test_is_read_no_further_than_it_reaches(self):
        read = []

        def days():
            for day in march(20, 19, 10, 9, 8):
                read.append(day)
                yield day

        streak(days(), TODAY)
        assert read == march(20, 19, 10)


def obvious(studied, today, skipped):
    """Return what `streak` does by trying every first day, the earliest first."""
    end = max([today, *studied])
    for first in sorted(studied):
        missed = [day for day in range(first, end) if day not in studied and day not in skipped]
        months = [(EPOCH + timedelta(days=day)).strftime("%Y-%m") for day in missed]
        if all(months.count(month) <= 2 for month in months):
            rests = tuple(reversed(missed))
            left = 2 - months.count((EPOCH + timedelta(days=end)).strftime("%Y-%m"))
            return Streak(len([day for day in studied if day >= first]), rests, left, first, end not in studied)
    return Streak(0, (), 2, None, open=True)


days_of_a_season = st.integers(number(1, 20), number(4, 10))


@given(st.sets(days_of_a_season), days_of_a_season, st.sets(days_of_a_season, max_size=3))
def test_is_the_longest_row_that_keeps_the_rule(missed, today, skipped):
    studied = set(range(number(1, 20), number(4, 10))) - missed
    assert streak(sorted(studied, reverse=True), today, skipped - studied) == obvious(studied, today, skipped)


@given(st.sets(days_of_a_season), days_of_a_season)
def test_is_the_longest_row_of_a_learner_who_comes_seldom(studied, today):
    assert streak(sorted(studied, reverse=True), today) == obvious(studied, today, ())


@pytest.fixture
def study(user):
    """Return a function that makes days of study, one answer each unless told."""

    def study(days, learner=user, answers=1):
        StudyDay.objects.bulk_create(StudyDay(user=learner, day=day, answers=answers) for day in days)

    return study


class TestOfALearner:
    def test_is_that_of_their_own_days(self, user, stranger, study):
        study(march(18, 19, 20))
        study(march(14, 15, 16), stranger)
        assert streak_of(user, NOW).days == 3
        assert streak_of(stranger, NOW) == Streak(0, (), 2, None, open=True)

    def test_a_day_without_an_answer_was_not_studied(self, user, study):
        study(march(16, 17, 20))
        study(march(18, 19), answers=0)
        assert streak_of(user, NOW).rests == tuple(march(18, 19))

    def test_begins_its_day_at_the_learner_s_rollover(self, user, study):
        study(march(18, 19))
        at = datetime(2026, 3, 20, 3, 59, tzinfo=UTC)
        assert streak_of(user, at).open is False
        assert streak_of(user, at + timedelta(minutes=1)).open is True

    @pytest.mark.parametrize(("length", "statements"), [(0, 1), (CHUNK - 1, 1), (CHUNK, 2), (3 * CHUNK, 3), (1100, 5)])
    def test_reads_more_days_only_where_it_reaches_further(
        self, user, study, django_assert_num_queries, length, statements
    ):
        study(range(TODAY - length + 1, TODAY + 1))
        with django_assert_num_queries(statements):
            assert streak_of(user, NOW).days == length

    def test_does_not_read_on_behind_the_day_that_ends_it(self, user, study, django_assert_num_queries):
        study(range(TODAY - 9, TODAY + 1))
        study(range(TODAY - 1000, TODAY - 20))
        with django_assert_num_queries(1):
            assert streak_of(user, NOW).days == 10

    def test_a_row_of_years_with_every_rest_day_taken(self, user, study):
        rests = {number(month, day, year) for year in (2024, 2025, 2026) for month in range(1, 13) for day in (7, 17)}
        study(set(range(number(1, 1, 2024), TODAY + 1)) - rests)
        length = sum(monthrange(year, month)[1] - 2 for year in (2024, 2025) for month in range(1, 13)) + 29 + 26 + 18
        assert streak_of(user, NOW).days == length
        assert streak_of(user, NOW).rests_left == 0
