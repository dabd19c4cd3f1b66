"""What comes next, how much is left, and when the next word comes."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from accounts.models import User
from decks.models import Card, Deck
from study.choices import Direction, Rating, State
from study.log import CardInteraction
from study.models import CardProgress, Enrolment, StudySession
from study.queue import Counts, Queue

READ, WRITE = Direction.CHINESE_TO_ENGLISH, Direction.ENGLISH_TO_CHINESE
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY_OF_NOW = (date(2026, 3, 2) - date(1970, 1, 1)).days
TOMORROW = datetime(2026, 3, 3, 4, tzinfo=UTC)
LEARNING = {"state": State.LEARNING, "step": 0, "interval": 0}


def words(entries):
    return [entry.card.hanzi for entry in entries]


def asked(entries):
    return [(entry.card.hanzi, entry.direction, entry.kind) for entry in entries]


@pytest.fixture
def enrol(user):
    """Return a function that enrols the learner in a deck, in one direction unless told."""

    def enrol(deck, directions=(READ,), learner=user, **fields):
        return Enrolment.objects.create(user=learner, deck=deck, directions=list(directions), **fields)

    return enrol


@pytest.fixture
def enrolment(enrol, deck):
    return enrol(deck)


@pytest.fixture
def school(make_deck):
    return make_deck([(word, "", f"s{at}", "x") for at, word in enumerate("东南西北")], name="School")


class TestOrder:
    def test_new_words_come_as_in_the_deck(self, user, enrolment, now):
        assert words(Queue(user, now).entries(10)) == ["学生", "老师", "苹果", "水", "看"]

    def test_new_words_come_by_position_and_not_by_age(self, user, enrolment, cards, now):
        Card.objects.filter(pk=cards[4].pk).update(position=0)
        Card.objects.filter(pk=cards[0].pk).update(position=9)
        assert words(Queue(user, now).entries(10)) == ["看", "老师", "苹果", "水", "学生"]

    def test_learning_words_come_first_then_reviews_then_new_ones(self, user, enrolment, cards, remember, now):
        remember(user, cards[4], due=now - MINUTE, **LEARNING)
        remember(user, cards[3], due=now - 30 * DAY)
        assert asked(Queue(user, now).entries(3)) == [
            ("看", READ, "learning"),
            ("水", READ, "review"),
            ("学生", READ, "new"),
        ]

    def test_learning_and_relearning_words_come_by_their_minute(self, user, enrolment, cards, remember, now):
        remember(user, cards[0], due=now - MINUTE, **LEARNING)
        remember(user, cards[1], due=now - 3 * MINUTE, state=State.RELEARNING, step=0)
        remember(user, cards[2], due=now - 2 * MINUTE, **LEARNING)
        assert words(Queue(user, now).entries(3)) == ["老师", "苹果", "学生"]

    def test_reviews_come_by_how_overdue_they_are_for_their_interval(self, user, enrolment, cards, remember, now):
        user.new_per_day = 0
        remember(user, cards[0], due=now - 10 * DAY, interval=100)
        remember(user, cards[1], due=now - 2 * DAY, interval=2)
        remember(user, cards[2], due=now - 5 * DAY, interval=10)
        assert words(Queue(user, now).entries(3)) == ["老师", "苹果", "学生"]

    def test_a_word_is_due_at_its_very_moment(self, user, enrolment, cards, remember, now):
        remember(user, cards[3], due=now)
        assert words(Queue(user, now).entries(1)) == ["水"]
        assert words(Queue(user, now - timedelta(microseconds=1)).entries(1)) == ["学生"]

    def test_decks_come_in_the_order_of_enrolment(self, user, enrol, deck, school, now):
        first, second = enrol(school), enrol(deck)
        assert words(Queue(user, now).entries(6)) == ["东", "南", "西", "北", "学生", "老师"]
        Enrolment.objects.filter(pk=first.pk).update(added_at=second.added_at + DAY)
        assert words(Queue(user, now).entries(2)) == ["学生", "老师"]

    def test_a_session_over_one_deck_has_its_words_only(self, user, enrolment, enrol, school, deck, cards, remember):
        enrol(school)
        remember(user, cards[0])
        assert words(Queue(user, NOW, school.pk).entries(10)) == ["东", "南", "西", "北"]

    def test_a_session_in_one_direction_has_that_one_only(self, user, enrolment, deck, cards, remember, now):
        remember(user, cards[0], READ)
        remember(user, cards[1], WRITE)
        assert asked(Queue(user, now, deck.pk, WRITE).entries(2)) == [("老师", WRITE, "review"), ("学生", WRITE, "new")]

    def test_a_memory_in_a_direction_that_no_deck_asks_waits(self, user, enrolment, cards, remember, now):
        remember(user, cards[3], WRITE)
        assert words(Queue(user, now).entries(1)) == ["学生"]

    def test_a_learner_sees_only_their_own_memories(self, user, stranger, enrolment, cards, remember, now):
        remember(stranger, cards[4])
        assert words(Queue(user, now).entries(1)) == ["学生"]
        assert Queue(stranger, now).entries(10) == []

    def test_a_review_shows_the_card_of_a_deck_that_is_studied(self, user, enrol, deck, cards, make_deck, remember):
        remember(user, cards[0])
        school = make_deck([("学生", "", "xuésheng", "pupil")], name="School")
        enrol(school)
        (entry,) = Queue(user, NOW).entries(5)
        assert (entry.card.deck, entry.card.english, entry.kind) == (school, "pupil", "review")

    def test_as_many_entries_come_as_were_asked_for(self, user, enrolment, cards, remember, now):
        Enrolment.objects.update(directions=[READ, WRITE])
        for card in cards:
            remember(user, card, READ, due=now - DAY)
            remember(user, card, WRITE, due=now - DAY)
        assert len(Queue(user, now).entries(4)) == 4


class TestTheWordJustAnswered:
    def test_is_not_the_next_one_while_another_is_there(self, user, enrolment, cards, remember, now):
        word = remember(user, cards[4], due=now - MINUTE, **LEARNING).word_key
        assert words(Queue(user, now).entries(1)) == ["看"]
        assert words(Queue(user, now).entries(1, last=word)) == ["学生"]

    def test_waits_for_a_word_that_is_learnt_ahead(self, user, enrolment, cards, remember, now):
        user.new_per_day = 0
        word = remember(user, cards[0], due=now - MINUTE, **LEARNING).word_key
        remember(user, cards[1], due=now + 19 * MINUTE, **LEARNING)
        assert words(Queue(user, now).entries(1, last=word)) == ["老师"]

    def test_comes_again_when_nothing_else_is_left(self, user, enrolment, cards, remember, now):
        user.new_per_day = 0
        word = remember(user, cards[4], due=now + MINUTE, **LEARNING).word_key
        assert words(Queue(user, now).entries(1, last=word)) == ["看"]


class TestLearningAhead:
    @pytest.mark.parametrize(("minutes", "found"), [(20, ["看"]), (20.01, [])])
    def test_reaches_twenty_minutes(self, user, enrolment, cards, remember, now, minutes, found):
        user.new_per_day = 0
        remember(user, cards[4], due=now + minutes * MINUTE, **LEARNING)
        assert words(Queue(user, now).entries(5)) == found

    def test_waits_until_nothing_else_is_left(self, user, enrolment, cards, remember, now):
        remember(user, cards[4], due=now + MINUTE, **LEARNING)
        assert words(Queue(user, now).entries(5)) == ["学生", "老师", "苹果", "水"]

    def test_is_for_learning_only(self, user, enrolment, cards, remember, now):
        user.new_per_day = 0
        remember(user, cards[4], due=now + MINUTE)
        assert Queue(user, now).entries(5) == []


class TestLimits:
    def answer(self, user, card, at, direction=READ, rating=Rating.EASY, deck=None):
        return StudySession.start(user, deck or card.deck, None, at).answer(uuid7(), card, direction, rating, at=at)

    def test_new_words_stop_at_the_learner_s_limit(self, user, enrolment, now):
        user.new_per_day = 2
        assert words(Queue(user, now).entries(10)) == ["学生", "老师"]
        assert Queue(user, now).counts == Counts(new=2)

    def test_new_words_of_another_deck_use_the_limit_up(self, user, enrolment, enrol, school, deck, now):
        enrol(school)
        user.new_per_day = 3
        for card in school.cards.all()[:2]:
            self.answer(user, card, now)
        assert words(Queue(user, now).entries(10)) == ["学生"]
        assert words(Queue(user, now, school.pk).entries(10)) == ["西"]

    def test_new_words_of_a_deck_left_since_use_the_limit_up(self, user, enrolment, enrol, school, now):
        left = enrol(school)
        user.new_per_day = 3
        self.answer(user, school.cards.first(), now)
        left.delete()
        assert words(Queue(user, now).entries(10)) == ["学生", "老师"]

    def test_a_deck_s_own_limit_holds_for_it_alone(self, user, enrol, deck, school, now):
        enrol(deck, new_per_day=2)
        enrol(school)
        queue = Queue(user, now)
        assert words(queue.entries(10)) == ["学生", "老师", "东", "南", "西", "北"]
        assert queue.counts_by_deck == {deck.pk: Counts(new=2), school.pk: Counts(new=4)}

    def test_a_deck_s_own_limit_is_used_up_by_its_own_words(self, user, enrol, deck, school, cards, now):
        enrol(deck, new_per_day=2)
        enrol(school, new_per_day=1)
        self.answer(user, cards[0], now)
        assert words(Queue(user, now).entries(10)) == ["老师", "东"]

    def test_a_deck_s_own_limit_does_not_widen_the_learner_s(self, user, enrol, deck, now):
        enrol(deck, new_per_day=4)
        user.new_per_day = 1
        assert Queue(user, now).counts_by_deck == {deck.pk: Counts(new=1)}

    def test_a_word_answered_twice_uses_the_limit_up_once(self, user, enrolment, cards, now):
        user.new_per_day = 2
        self.answer(user, cards[0], now, rating=Rating.AGAIN)
        self.answer(user, cards[0], now + MINUTE, rating=Rating.EASY)
        assert words(Queue(user, now + MINUTE).entries(10)) == ["老师"]

    def test_both_directions_of_a_word_use_two_up(self, user, enrolment, cards, now):
        user.new_per_day = 3
        self.answer(user, cards[0], now, READ)
        self.answer(user, cards[0], now, WRITE)
        assert Queue(user, now).new_left == 1

    def test_an_answer_taken_back_gives_its_place_back(self, user, enrolment, cards, now):
        user.new_per_day = 1
        self.answer(user, cards[0], now)
        CardInteraction.objects.update(undone_at=now)
        assert Queue(user, now).new_left == 1

    def test_another_learner_s_answers_use_nothing_up(self, user, stranger, enrolment, cards, now):
        self.answer(stranger, cards[0], now)
        assert (Queue(user, now).new_left, Queue(user, now).words_answered_today) == (10, 0)

    def test_reviews_stop_at_the_learner_s_limit(self, user, enrolment, cards, remember, now):
        user.new_per_day, user.reviews_per_day = 0, 2
        for days, card in enumerate(cards):
            remember(user, card, due=now - days * DAY)
        assert words(Queue(user, now).entries(10)) == ["看", "水"]
        assert Queue(user, now).counts == Counts(review=2)

    def test_reviews_of_another_deck_use_the_limit_up(self, user, enrolment, enrol, school, cards, remember, now):
        user.new_per_day, user.reviews_per_day = 0, 2
        enrol(school)
        for card in [*cards[:2], *school.cards.all()[:2]]:
            remember(user, card)
        self.answer(user, school.cards.first(), now, rating=Rating.GOOD)
        assert len(Queue(user, now).entries(10)) == 1
        assert Queue(user, now).counts_by_deck[school.pk] == Counts(review=1)

    def test_learning_words_have_no_limit(self, user, enrolment, cards, remember, now):
        user.new_per_day, user.reviews_per_day = 0, 0
        for card in cards:
            remember(user, card, due=now - MINUTE, **LEARNING)
        assert len(Queue(user, now).entries(10)) == 5
        assert Queue(user, now).counts == Counts(learning=5)

    def test_words_begun_or_reviewed_today_are_counted(self, user, enrolment, cards, remember, now):
        remember(user, cards[1])
        self.answer(user, cards[0], now, rating=Rating.AGAIN)
        self.answer(user, cards[0], now + MINUTE)
        self.answer(user, cards[1], now + MINUTE)
        assert Queue(user, now + MINUTE).words_answered_today == 2
        assert Queue(user, now + DAY).words_answered_today == 0

    @pytest.mark.parametrize(
        ("zone", "hour", "begins"),
        [
            ("UTC", 4, datetime(2026, 3, 3, 4, tzinfo=UTC)),
            ("UTC", 0, datetime(2026, 3, 3, tzinfo=UTC)),
            ("UTC", 23, datetime(2026, 3, 2, 23, tzinfo=UTC)),
            ("Asia/Kathmandu", 4, datetime(2026, 3, 2, 22, 15, tzinfo=UTC)),
            ("America/New_York", 4, datetime(2026, 3, 3, 9, tzinfo=UTC)),
        ],
    )
    def test_limits_begin_anew_with_the_learner_s_day(self, user, enrolment, cards, zone, hour, begins):
        user.time_zone, user.day_starts_at, user.new_per_day = zone, hour, 1
        self.answer(user, cards[0], NOW)
        assert Queue(user, begins - timedelta(microseconds=1)).new_left == 0
        assert Queue(user, begins).new_left == 1

    @pytest.mark.parametrize(
        ("zone", "hour", "noon", "begins"),
        [
            # The clock jumps from 2 to 3 on 29 March: the day that begins at 4 has 23 hours before it.
            ("Europe/Berlin", 4, datetime(2026, 3, 28, 11, tzinfo=UTC), datetime(2026, 3, 29, 2, tzinfo=UTC)),
            # There is no half past two on that day: the day begins as the clock jumps.
            ("Europe/Berlin", 2, datetime(2026, 3, 28, 11, tzinfo=UTC), datetime(2026, 3, 29, 1, tzinfo=UTC)),
            # It shows 2 to 3 twice on 25 October: the day begins at the first.
            ("Europe/Berlin", 2, datetime(2026, 10, 24, 11, tzinfo=UTC), datetime(2026, 10, 25, 0, tzinfo=UTC)),
            ("Europe/Berlin", 4, datetime(2026, 10, 24, 11, tzinfo=UTC), datetime(2026, 10, 25, 3, tzinfo=UTC)),
            ("America/New_York", 4, datetime(2026, 3, 7, 17, tzinfo=UTC), datetime(2026, 3, 8, 8, tzinfo=UTC)),
        ],
    )
    def test_limits_begin_anew_when_the_clock_is_changed(self, user, enrolment, cards, zone, hour, noon, begins):
        user.time_zone, user.day_starts_at, user.new_per_day = zone, hour, 1
        self.answer(user, cards[0], noon)
        assert Queue(user, begins - timedelta(microseconds=1)).new_left == 0
        assert Queue(user, begins).new_left == 1


class TestDirections:
    @pytest.fixture
    def enrolment(self, enrol, deck):
        return enrol(deck, [READ, WRITE])

    def answer(self, user, card, direction, at, rating=Rating.EASY):
        StudySession.start(user, card.deck, None, at).answer(uuid7(), card, direction, rating, at=at)

    def test_of_a_new_word_the_first_one_of_the_deck_comes_first(self, user, enrolment, now):
        assert asked(Queue(user, now).entries(2)) == [("学生", READ, "new"), ("老师", READ, "new")]

    def test_of_a_new_word_the_other_one_comes_the_next_day(self, user, enrolment, cards, now):
        self.answer(user, cards[0], READ, now)
        assert ("学生", WRITE, "new") not in asked(Queue(user, TOMORROW - MINUTE).entries(10))
        assert asked(Queue(user, TOMORROW).entries(2)) == [("学生", WRITE, "new"), ("老师", READ, "new")]

    def test_that_are_both_due_come_on_two_days(self, user, enrolment, cards, remember, now):
        user.new_per_day = 0
        remember(user, cards[0], READ, due=now - 5 * DAY)
        remember(user, cards[0], WRITE, due=now - DAY)
        assert asked(Queue(user, now).entries(10)) == [("学生", READ, "review")]
        self.answer(user, cards[0], READ, now)
        assert Queue(user, now).entries(10) == []
        assert asked(Queue(user, TOMORROW).entries(10)) == [("学生", WRITE, "review")]

    def test_that_are_both_due_are_one_word(self, user, enrolment, deck, cards, remember, now):
        user.new_per_day = 0
        remember(user, cards[0], READ)
        remember(user, cards[0], WRITE)
        queue = Queue(user, now)
        assert (queue.counts, queue.counts_by_deck) == (Counts(review=1), {deck.pk: Counts(review=1)})

    def test_of_a_word_learnt_in_one_deck_are_kept_apart_in_another(self, user, deck, enrol, make_deck, cards, now):
        school = make_deck([("学生", "", "xuésheng", "pupil")], name="School")
        enrol(deck, [READ])
        enrol(school, [WRITE])
        self.answer(user, cards[0], READ, now)
        assert ("学生", WRITE, "new") not in asked(Queue(user, now).entries(10))
        assert Queue(user, now, school.pk).counts == Counts()

    def test_one_due_and_one_new_are_one_word_to_study(self, user, enrolment, cards, remember, now):
        user.reviews_per_day = 200
        for card in cards:
            remember(user, card, READ)
        assert Queue(user, now).counts == Counts(review=5)

    def test_one_due_comes_before_a_new_one(self, user, enrolment, cards, remember, now):
        remember(user, cards[0], WRITE)
        assert asked(Queue(user, now).entries(2)) == [("学生", WRITE, "review"), ("老师", READ, "new")]


class TestPutAside:
    @pytest.mark.parametrize("aside", [{"suspended": True}, {"buried_until": TOMORROW}])
    @pytest.mark.parametrize("state", [State.REVIEW, State.LEARNING])
    def test_a_word_put_aside_does_not_come(self, user, enrolment, cards, remember, now, aside, state):
        remember(user, cards[0], due=now - MINUTE, state=state, **aside)
        assert words(Queue(user, now).entries(10)) == ["老师", "苹果", "水", "看"]
        assert Queue(user, now).counts == Counts(new=4)

    @pytest.mark.parametrize("aside", [{"suspended": True}, {"buried_until": TOMORROW}])
    def test_a_word_put_aside_before_it_was_begun_does_not_come(self, user, enrolment, cards, remember, now, aside):
        remember(user, cards[0], stability=None, difficulty=None, state=State.LEARNING, **aside)
        assert words(Queue(user, now).entries(10)) == ["老师", "苹果", "水", "看"]
        assert Queue(user, now).counts == Counts(new=4)

    def test_a_buried_word_comes_back_at_its_time(self, user, enrolment, cards, remember, now):
        user.new_per_day = 0
        remember(user, cards[0], buried_until=TOMORROW)
        assert Queue(user, TOMORROW - MINUTE).counts == Counts()
        assert words(Queue(user, TOMORROW).entries(10)) == ["学生"]

    def test_a_row_without_a_memory_is_a_new_word(self, user, enrolment, cards, remember, now):
        remember(user, cards[0], stability=None, difficulty=None, state=State.LEARNING)
        assert asked(Queue(user, now).entries(1)) == [("学生", READ, "new")]
        assert Queue(user, now).counts == Counts(new=5)


class TestCounts:
    def test_nobody_s_queue_is_empty(self, user, now):
        queue = Queue(user, now)
        assert (queue.counts, queue.counts_by_deck, queue.entries(10)) == (Counts(), {}, [])

    def test_each_kind_is_counted(self, user, enrolment, deck, cards, remember, now):
        remember(user, cards[0], due=now + 20 * MINUTE, **LEARNING)
        remember(user, cards[1], due=now - DAY)
        remember(user, cards[2], due=now + MINUTE)
        queue = Queue(user, now)
        assert (queue.counts, queue.counts.total) == (Counts(new=2, learning=1, review=1), 4)
        assert queue.counts_by_deck == {deck.pk: queue.counts}

    def test_a_due_word_of_two_decks_counts_in_both_and_once_over_all(self, user, deck, enrol, make_deck, remember):
        school = make_deck(name="School")
        enrol(deck)
        enrol(school)
        for card in deck.cards.all():
            remember(user, card)
        queue = Queue(user, NOW)
        assert queue.counts == Counts(review=5)
        assert queue.counts_by_deck == {deck.pk: Counts(review=5), school.pk: Counts(review=5)}

    def test_a_new_word_of_two_decks_counts_in_both_and_once_over_all(self, user, deck, enrol, make_deck):
        school = make_deck(name="School")
        enrol(deck)
        enrol(school)
        queue = Queue(user, NOW)
        assert queue.counts_by_deck == {deck.pk: Counts(new=5), school.pk: Counts(new=5)}
        assert queue.counts == Counts(new=5)

    def test_a_word_due_in_one_deck_and_new_in_another_counts_once_over_all(
        self, user, deck, enrol, make_deck, cards, remember, now
    ):
        school = make_deck([("学生", "", "xuésheng", "pupil")], name="School")
        enrol(deck, [READ])
        enrol(school, [WRITE])
        remember(user, cards[0], WRITE)
        queue = Queue(user, now)
        assert asked(queue.entries(2)) == [("学生", WRITE, "review"), ("老师", READ, "new")]
        assert queue.counts == Counts(new=4, review=1)

    def test_a_new_word_twice_in_one_deck_counts_once(self, user, deck, enrolment, cards, now):
        deck.cards.create(hanzi="看", pinyin="kàn", english="to look after", position=9)
        assert len(Queue(user, now).entries(10)) == 5
        assert Queue(user, now).counts == Counts(new=5)

    def test_counting_many_decks_takes_as_many_queries_as_one(
        self, user, enrol, make_deck, now, django_assert_num_queries
    ):
        for number in range(3):
            enrol(make_deck([(f"字{number}", "", f"zì{number}", "x")], standard="2.0", level=number))
            with django_assert_num_queries(4):
                queue = Queue(user, now)
                assert len(queue.counts_by_deck) == number + 1
                assert queue.counts == Counts(new=number + 1)


class TestNextAt:
    def test_a_word_due_later_today_comes_at_its_minute(self, user, enrolment, cards, remember, now):
        remember(user, cards[0], due=now + 3 * HOUR, **LEARNING)
        remember(user, cards[1], due=now + 5 * HOUR, **LEARNING)
        user.new_per_day = 0
        assert Queue(user, now).next_at() == now + 3 * HOUR

    def test_a_word_due_tomorrow_comes_when_the_day_begins(self, user, enrolment, cards, remember, now):
        user.new_per_day = 0
        remember(user, cards[0], due=TOMORROW)
        remember(user, cards[1], due=TOMORROW + DAY)
        assert Queue(user, now).next_at() == TOMORROW

    def test_new_words_come_when_the_day_begins(self, user, enrolment, cards, remember, now):
        remember(user, cards[0], due=TOMORROW + 3 * DAY)
        assert Queue(user, now).next_at() == TOMORROW

    def test_new_words_come_when_the_learner_s_own_day_begins(self, user, enrolment, now):
        user.time_zone, user.day_starts_at = "Asia/Kathmandu", 6
        assert Queue(user, now).next_at() == datetime(2026, 3, 3, 0, 15, tzinfo=UTC)

    def test_without_new_words_the_next_review_is_waited_for(self, user, enrolment, cards, remember, now):
        for card in cards:
            remember(user, card, due=TOMORROW + 3 * DAY)
        assert Queue(user, now).next_at() == TOMORROW + 3 * DAY

    @pytest.mark.parametrize("limit", ["learner", "deck"])
    def test_new_words_that_may_never_come_are_not_waited_for(self, user, enrolment, limit, now):
        if limit == "learner":
            user.new_per_day = 0
        else:
            Enrolment.objects.update(new_per_day=0)
        assert Queue(user, now).next_at() is None

    def test_nothing_comes_to_a_learner_without_decks(self, user, cards, remember, now):
        remember(user, cards[0], due=TOMORROW)
        assert Queue(user, now).next_at() is None

    def test_what_is_put_aside_for_good_is_not_waited_for(self, user, enrolment, cards, remember, now):
        user.new_per_day = 0
        remember(user, cards[0], due=TOMORROW, suspended=True)
        assert Queue(user, now).next_at() is None

    def test_another_direction_is_not_waited_for(self, user, enrolment, deck, cards, remember, now):
        user.new_per_day = 0
        remember(user, cards[0], WRITE, due=TOMORROW)
        assert Queue(user, now).next_at() is None
        assert Queue(user, now, deck.pk, WRITE).next_at() == TOMORROW

    def test_a_due_direction_that_waits_for_its_sibling_comes_tomorrow(self, user, enrol, deck, cards, remember, now):
        enrol(deck, [READ, WRITE], new_per_day=0)
        remember(user, cards[0], READ, due=now + 9 * DAY, last_day=DAY_OF_NOW)
        remember(user, cards[0], WRITE, due=now - DAY)
        assert Queue(user, now).entries(1) == []
        assert Queue(user, now).next_at() == TOMORROW

    def test_a_review_over_today_s_limit_comes_tomorrow(self, user, enrolment, cards, remember, now):
        user.new_per_day, user.reviews_per_day = 0, 1
        remember(user, cards[0])
        remember(user, cards[1])
        StudySession.start(user, cards[0].deck, None, now).answer(uuid7(), cards[0], READ, Rating.EASY, at=now)
        assert Queue(user, now).entries(1) == []
        assert Queue(user, now).next_at() == TOMORROW

    def test_a_buried_word_comes_when_it_is_dug_out(self, user, enrolment, cards, remember, now):
        user.new_per_day = 0
        remember(user, cards[0], due=now - DAY, buried_until=TOMORROW)
        assert Queue(user, now).next_at() == TOMORROW


# Small states: for each word of one or two decks, in each direction, nothing, a memory (state, minutes until due,
# answered today or not), or one put aside.
MEMORY = st.none() | st.tuples(
    st.sampled_from(State),
    st.sampled_from([-20_000, -1, 0, 1, 19, 21, 2_000]),
    st.booleans(),
    st.sampled_from(["", "", "", "suspended", "buried"]),
)
LIMITS = st.sampled_from([0, 1, 2, 10])
DECK_LIMITS = st.none() | LIMITS


def remembered(user, card, direction, memory):
    state, minutes, today, aside = memory
    CardProgress.objects.create(
        user=user,
        card=card,
        word_key=card.word_key,
        direction=direction,
        state=state,
        step=None if state == State.REVIEW else 0,
        stability=5.0,
        difficulty=5.0,
        interval=0 if state == State.LEARNING else 5,
        next_review_at=NOW + minutes * MINUTE,
        last_reviewed_at=NOW - HOUR if today else NOW - 5 * DAY,
        last_day=DAY_OF_NOW - (0 if today else 5),
        suspended=aside == "suspended",
        buried_until=NOW + DAY if aside == "buried" else None,
    )


def learner_with(new_per_day, reviews_per_day):
    name = f"learner-{uuid7()}"
    return User.objects.create(username=name, new_per_day=new_per_day, reviews_per_day=reviews_per_day)


def deck_of(user, letters, directions, new_per_day):
    deck = Deck.objects.create(user=user, name="Words")
    Card.objects.bulk_create(
        Card(deck=deck, hanzi=letter, pinyin="x", position=at) for at, letter in enumerate(letters)
    )
    Enrolment.objects.create(user=user, deck=deck, directions=directions, new_per_day=new_per_day)
    return deck


def handed_out(user, deck=None):
    """Return how many words of each kind a session hands out if each is answered with "easy"."""
    session = StudySession(user=user, deck=deck, created_at=NOW)
    session.save()
    found = {"new": 0, "learning": 0, "review": 0}
    for _ in range(60):
        last = session.last_act()
        entries = Queue(user, NOW, deck and deck.pk).entries(1, last=last and last.card.word_key)
        if not entries:
            return Counts(**found)
        found[entries[0].kind] += 1
        session.answer(uuid7(), entries[0].card, entries[0].direction, Rating.EASY, at=NOW)
    raise AssertionError("the session never ends")


@pytest.mark.django_db
class TestCountsAndEntriesAgree:
    """Counts say before a session what it hands out; each example is rolled back."""

    explore = settings(
        max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )

    @explore
    @given(memories=st.lists(MEMORY, min_size=1, max_size=4), new=LIMITS, reviews=LIMITS, deck_limit=DECK_LIMITS)
    def test_over_one_deck_in_one_direction(self, memories, new, reviews, deck_limit):
        with transaction.atomic():
            user = learner_with(new, reviews)
            deck = deck_of(user, "甲乙丙丁"[: len(memories)], [READ], deck_limit)
            for card, memory in zip(deck.cards.all(), memories, strict=True):
                if memory:
                    remembered(user, card, READ, memory)
            queue = Queue(user, NOW)
            said = (queue.counts, queue.counts_by_deck)
            found = handed_out(user)
            transaction.set_rollback(True)
        assert said == (found, {deck.pk: found})

    @explore
    @given(memories=st.lists(st.tuples(MEMORY, MEMORY), min_size=1, max_size=3), new=LIMITS, reviews=LIMITS)
    def test_over_one_deck_in_both_directions(self, memories, new, reviews):
        with transaction.atomic():
            user = learner_with(new, reviews)
            deck = deck_of(user, "甲乙丙"[: len(memories)], [READ, WRITE], None)
            for card, pair in zip(deck.cards.all(), memories, strict=True):
                for direction, memory in zip([READ, WRITE], pair, strict=True):
                    if memory:
                        remembered(user, card, direction, memory)
            said = Queue(user, NOW).counts
            found = handed_out(user)
            transaction.set_rollback(True)
        assert said.total == found.total

    @explore
    @given(memories=st.lists(MEMORY, min_size=4, max_size=4), new=LIMITS, limits=st.tuples(DECK_LIMITS, DECK_LIMITS))
    def test_over_two_decks_that_share_words(self, memories, new, limits):
        with transaction.atomic():
            user = learner_with(new, 200)
            decks = [
                deck_of(user, letters, [READ], limit)
                for letters, limit in zip(["甲乙丙", "乙丙丁"], limits, strict=True)
            ]
            cards = {card.word_key: card for deck in decks for card in deck.cards.all()}
            for word, memory in zip(sorted(cards), memories, strict=True):
                if memory:
                    remembered(user, cards[word], READ, memory)
            queue = Queue(user, NOW)
            said = (queue.counts, queue.counts_by_deck)
            found = [handed_out_alone(user, each) for each in (None, *decks)]
            transaction.set_rollback(True)
        assert said == (found[0], dict(zip([deck.pk for deck in decks], found[1:], strict=True)))


def handed_out_alone(user, deck):
    """Return what a session hands out, and take its answers back."""
    with transaction.atomic():
        found = handed_out(user, deck)
        transaction.set_rollback(True)
    return found
