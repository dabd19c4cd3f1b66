from hypothesis import given
from hypothesis import strategies as st

from study.scheduling.spread import placed, shares

loads = st.lists(st.integers(0, 60), min_size=1, max_size=30)


class TestShares:
    def test_level_days_of_unlike_length(self):
        assert shares([10, 0, 4, 30], 12) == [0, 8, 4, 0]

    def test_give_what_is_over_to_the_earlier_days(self):
        assert shares([0, 0, 0], 8) == [3, 3, 2]

    def test_leave_days_that_are_shut(self):
        assert shares([0, 0, 0, 0], 8, [False, True, True, False]) == [4, 0, 0, 4]

    def test_count_every_day_if_all_are_shut(self):
        assert shares([0, 0], 8, [True, True]) == [4, 4]

    @given(loads, st.integers(0, 400))
    def test_give_everything_and_put_no_day_above_one_that_could_have_had_it(self, already, count):
        found = shares(already, count)
        assert sum(found) == count
        highest = max([load + share for load, share in zip(already, found, strict=True) if share], default=0)
        assert all(load + share >= highest - 1 for load, share in zip(already, found, strict=True))


class TestPlaced:
    def test_words_come_in_their_order(self):
        assert placed("abcde", [2, 0, 3]) == [0, 0, 2, 2, 2]

    def test_a_word_that_is_there_twice_comes_on_two_days(self):
        assert placed("aabcd", [3, 2]) == [0, 1, 0, 0, 1]

    def test_and_on_one_day_if_no_other_has_room(self):
        assert placed("aa", [2, 0]) == [0, 0]

    @given(st.lists(st.integers(0, 20), max_size=100), st.integers(1, 30))
    def test_every_share_is_used_up(self, words, days):
        numbers = shares([0] * days, len(words))
        found = placed(words, numbers)
        assert [found.count(day) for day in range(days)] == numbers
