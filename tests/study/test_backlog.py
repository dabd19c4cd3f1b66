"""A backlog spread over days: what counts as one, what comes when, one act that is done once and can be taken back."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from html import unescape
from uuid import UUID

import pytest
import time_machine
from django.db import connection
from django.urls import reverse
from uuid_utils.compat import uuid7

from accounts.models import User
from decks.models import Visibility
from study import acts
from study.acts import Act
from study.backlog import Backlog, is_worth_offering, spread
from study.choices import Direction, InteractionType, Rating, State
from study.log import CardInteraction, StudyDay, UserStatistics
from study.models import CardProgress, Enrolment
from study.queue import Queue
from study.scheduling import fsrs

READ, WRITE = Direction.CHINESE_TO_ENGLISH, Direction.ENGLISH_TO_CHINESE
DAY = timedelta(days=1)
BATCH = UUID("01990000-0000-7000-8000-0000000000b1")
OTHER_BATCH = UUID("01990000-0000-7000-8000-0000000000b2")
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
TODAY = (date(2026, 3, 2) - date(1970, 1, 1)).days
THIS_MORNING = datetime(2026, 3, 2, 4, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock(now):
    """Noon on a Monday, until a test moves on."""
    with time_machine.travel(now, tick=False) as clock:
        yield clock


@pytest.fixture
def pile(user, make_deck, remember):
    """Return a function that gives a learner a deck of words overdue; the first one is remembered best."""

    def pile(count, learner=user, directions=(READ,), name="Pile", first=0):
        words = [(f"字{at:02}", "", f"zì{at:02}", "x") for at in range(first, first + count)]
        deck = make_deck(words, name=name, user=learner)
        Enrolment.objects.create(user=learner, deck=deck, directions=list(directions))
        for at, card in enumerate(deck.cards.order_by("position")):
            for direction in directions:
                remember(learner, card, direction, due=THIS_MORNING - 5 * DAY, stability=200.0 - at / 4)
        return deck

    return pile


@pytest.fixture
def answered(user, make_deck):
    """Return a function that lets a learner begin a deck of words two months ago, so that all are overdue."""

    def answered(count):
        deck = make_deck([(f"字{at:02}", "", f"zì{at:02}", "x") for at in range(count)], name="Begun", user=user)
        Enrolment.objects.create(user=user, deck=deck, directions=[READ])
        easy = {"direction": READ, "type": InteractionType.REVIEW, "rating": Rating.EASY}
        answers = [Act(id=uuid7(), card=card, **easy) for card in deck.cards.order_by("position")]
        acts.record_many(user, answers, NOW - 60 * DAY)
        return deck

    return answered


@pytest.fixture
def usual(user):
    """Return a function that notes the reviews of the days before today, yesterday's first."""

    def usual(*reviews, learner=user):
        StudyDay.objects.bulk_create(
            StudyDay(user=learner, day=TODAY - 1 - at, answers=count, reviews=count) for at, count in enumerate(reviews)
        )

    return usual


def due_days(user):
    """Return on how many days from today each word is due, by the word and the direction's first letter."""
    rows = CardProgress.objects.filter(user=user).select_related("card").order_by("card__hanzi", "direction")
    return [(row.card.hanzi, row.direction, max(0, (row.next_review_at - THIS_MORNING).days)) for row in rows]


def words_by_day(user, days):
    """Return the words due on each day."""
    return [[hanzi for hanzi, _, day in due_days(user) if day == wanted] for wanted in range(days)]


class TestWhatCounts:
    def test_reviews_that_were_due_before_today(self, user, pile):
        pile(3)
        CardProgress.objects.filter(card__hanzi="字01").update(next_review_at=THIS_MORNING)
        CardProgress.objects.filter(card__hanzi="字02").update(next_review_at=THIS_MORNING - timedelta(microseconds=1))
        assert [row.card.hanzi for row in Backlog(user, NOW).rows] == ["字00", "字02"]

    @pytest.mark.parametrize(
        ("fields", "counts"),
        [
            ({"suspended": True}, 0),
            ({"buried_until": NOW + DAY}, 0),
            ({"buried_until": NOW}, 1),
            ({"state": State.RELEARNING, "step": 0}, 0),
            ({"stability": None, "difficulty": None}, 0),
        ],
    )
    def test_not_what_is_put_aside_or_not_in_review(self, user, pile, fields, counts):
        pile(1)
        CardProgress.objects.update(**fields)
        assert len(Backlog(user, NOW).rows) == counts

    def test_only_in_the_directions_and_decks_that_are_studied(self, user, pile):
        pile(2, directions=(READ, WRITE))
        Enrolment.objects.update(directions=[WRITE])
        assert {row.direction for row in Backlog(user, NOW).rows} == {WRITE}
        Enrolment.objects.all().delete()
        assert Backlog(user, NOW).rows == []

    def test_a_word_of_two_decks_counts_once(self, user, pile, make_deck):
        pile(1)
        second = make_deck([("字00", "", "zì00", "x")], name="Second", user=user)
        Enrolment.objects.create(user=user, deck=second, directions=[READ])
        assert len(Backlog(user, NOW).rows) == 1

    def test_only_one_s_own(self, user, stranger, pile):
        pile(2)
        pile(3, stranger)
        assert (len(Backlog(user, NOW).rows), len(Backlog(stranger, NOW).rows)) == (2, 3)

    def test_before_today_is_before_the_learner_s_rollover(self, user, pile):
        User.objects.update(time_zone="Asia/Kathmandu", day_starts_at=6)
        pile(1)
        begins = datetime(2026, 3, 2, 0, 15, tzinfo=UTC)
        CardProgress.objects.update(next_review_at=begins - timedelta(seconds=1))
        learner = User.objects.get(pk=user.pk)
        assert len(Backlog(learner, begins - timedelta(seconds=1)).rows) == 0
        assert len(Backlog(learner, begins).rows) == 1


class TestUsual:
    def test_is_the_median_of_the_days_of_study(self, user, usual):
        usual(40, 0, 500, 60)
        assert Backlog(user, NOW).usual == 60

    def test_leaves_today_out(self, user, usual):
        usual(40)
        StudyDay.objects.create(user=user, day=TODAY, answers=90, reviews=90)
        assert Backlog(user, NOW).usual == 40

    @pytest.mark.parametrize(("limit", "reviews", "expected"), [(30, 90, 30), (200, 3, 20), (10, 3, 10), (0, 3, 1)])
    def test_is_within_the_limit_and_not_next_to_nothing(self, user, usual, limit, reviews, expected):
        user.reviews_per_day = limit
        usual(reviews)
        assert Backlog(user, NOW).usual == expected

    def test_is_the_limit_where_nothing_is_known(self, user):
        assert Backlog(user, NOW).usual == 200

    def test_is_one_s_own(self, user, stranger, usual):
        usual(40, learner=stranger)
        assert Backlog(user, NOW).usual == 200


class TestOffer:
    @pytest.mark.parametrize(
        ("usually", "limit", "words", "expected"),
        [(20, 200, 40, False), (20, 200, 41, True), (90, 35, 35, False), (90, 35, 36, True), (20, 5, 31, True)],
    )
    def test_from_two_usual_days_or_the_limit_of_one(self, user, pile, usual, usually, limit, words, expected):
        user.reviews_per_day = limit
        usual(usually)
        pile(words)
        assert is_worth_offering(Queue(user, NOW)) is expected

    def test_asks_nothing_more_where_little_waits(self, user, pile, django_assert_num_queries):
        pile(29)
        queue = Queue(user, NOW)
        assert queue.counts.review == 29
        with django_assert_num_queries(0):
            assert is_worth_offering(queue) is False

    def test_goes_on_when_the_day_s_limit_is_reached(self, user, pile, usual):
        user.reviews_per_day = 0
        pile(31)
        assert is_worth_offering(Queue(user, NOW)) is True

    def test_costs_two_statements(self, user, pile, usual, django_assert_num_queries):
        pile(60)
        usual(20)
        queue = Queue(user, NOW)
        assert queue.counts.review == 60
        with django_assert_num_queries(2):
            assert is_worth_offering(queue) is True


class TestPlan:
    def test_puts_what_is_remembered_best_first(self, user, pile):
        pile(6)
        plan = Backlog(user, NOW).plan(3)
        assert [(row.card.hanzi, day) for row, day in plan.places] == [
            ("字00", 0),
            ("字01", 0),
            ("字02", 1),
            ("字03", 1),
            ("字04", 2),
            ("字05", 2),
        ]

    def test_goes_by_recall_and_not_by_stability(self, user, pile):
        pile(2)
        CardProgress.objects.filter(card__hanzi="字00").update(last_day=TODAY - 300)
        assert [row.card.hanzi for row in Backlog(user, NOW).rows] == ["字01", "字00"]

    def test_levels_the_days_with_what_falls_due_anyway(self, user, pile, deck, cards, remember):
        Enrolment.objects.create(user=user, deck=deck, directions=[READ])
        for card in cards[:3]:
            remember(user, card, due=THIS_MORNING + DAY)
        remember(user, cards[3], due=NOW + timedelta(hours=3))
        pile(8)
        days = Backlog(user, NOW).plan(3).days
        assert [(day.words, day.due, day.total) for day in days] == [(3, 1, 4), (1, 3, 4), (4, 0, 4)]
        assert [day.date for day in days] == [date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4)]

    def test_takes_what_was_reviewed_today_into_account(self, user, pile):
        StudyDay.objects.create(user=user, day=TODAY, answers=4, reviews=4)
        pile(8)
        assert [day.words for day in Backlog(user, NOW).plan(3).days] == [0, 4, 4]

    def test_leaves_easy_days_easy(self, user, pile):
        user.easy_days = [1]  # Tuesday, which is tomorrow
        pile(8)
        assert [day.words for day in Backlog(user, NOW).plan(3).days] == [4, 0, 4]

    def test_says_the_recall_of_each_day_by_the_learner_s_own_weights(self, user, pile):
        user.weights = [*fsrs.DEFAULT_WEIGHTS[:20], 0.3]
        pile(2)
        CardProgress.objects.update(stability=10.0, last_day=TODAY - 20)
        plan = Backlog(user, NOW).plan(2)
        expected = [fsrs.retrievability(user.weights, 10.0, 20), fsrs.retrievability(user.weights, 10.0, 21)]
        assert [day.recall for day in plan.days] == pytest.approx(expected)
        assert plan.recall == pytest.approx(sum(expected) / 2)

    def test_says_no_recall_of_a_day_without_any(self, user, pile):
        pile(1)
        assert [day.recall is None for day in Backlog(user, NOW).plan(2).days] == [False, True]

    def test_the_directions_of_a_word_come_on_different_days(self, user, pile):
        pile(4, directions=(READ, WRITE))
        for word in ("字00", "字01", "字02", "字03"):
            days = [day for row, day in Backlog(user, NOW).plan(4).places if row.card.hanzi == word]
            assert len(set(days)) == 2

    @pytest.mark.parametrize(("words", "days"), [(1, 2), (40, 2), (41, 3), (100, 5), (700, 30)])
    def test_suggests_days_of_the_usual_length(self, user, pile, usual, words, days):
        usual(20)
        pile(words)
        assert Backlog(user, NOW).suggested_days == days

    def test_suggests_more_days_where_other_reviews_are_due(self, user, pile, usual, deck, cards, remember):
        usual(20)
        pile(40)
        Enrolment.objects.create(user=user, deck=deck, directions=[READ])
        remember(user, cards[0], due=THIS_MORNING + DAY)
        assert Backlog(user, NOW).suggested_days == 3

    def test_of_any_length_takes_four_statements(self, user, pile, usual, django_assert_num_queries):
        usual(20)
        for number in range(2):
            pile(20, name=f"Pile {number}", first=20 * number)
            with django_assert_num_queries(4):
                waiting = Backlog(user, NOW)
                waiting.plan(waiting.suggested_days)


class TestSpread:
    def test_moves_the_dates_only(self, user, pile):
        pile(4)
        before = {row.pk: row for row in CardProgress.objects.all()}
        assert spread(user, BATCH, 2, NOW) == 2
        for row in CardProgress.objects.all():
            was = before[row.pk]
            for name in ("state", "stability", "difficulty", "interval", "last_day", "last_reviewed_at", "reps"):
                assert getattr(row, name) == getattr(was, name)
        assert words_by_day(user, 2) == [["字00", "字01"], ["字02", "字03"]]
        assert CardProgress.objects.get(card__hanzi="字02").next_review_at == THIS_MORNING + DAY
        assert CardProgress.objects.get(card__hanzi="字00") == before[CardProgress.objects.get(card__hanzi="字00").pk]

    def test_is_one_batch_of_the_log(self, user, pile):
        pile(6)
        spread(user, BATCH, 3, NOW)
        entries = CardInteraction.objects.order_by("sequence")
        assert [(each.card.hanzi, each.interaction_type, each.interval, each.batch) for each in entries] == [
            ("字02", InteractionType.SET_DUE, 1, BATCH),
            ("字03", InteractionType.SET_DUE, 1, BATCH),
            ("字04", InteractionType.SET_DUE, 2, BATCH),
            ("字05", InteractionType.SET_DUE, 2, BATCH),
        ]
        assert entries[0].pk == BATCH

    def test_counts_as_no_study(self, user, pile):
        pile(4)
        spread(user, BATCH, 2, NOW)
        assert not StudyDay.objects.filter(answers__gt=0).exists()

    def test_the_same_batch_again_changes_nothing(self, user, pile, every_row):
        pile(40)
        assert spread(user, BATCH, 4, NOW) == 30
        before = every_row()
        assert spread(user, BATCH, 5, NOW + DAY) == 0
        assert every_row() == before

    def test_the_same_batch_again_changes_nothing_when_it_was_taken_back(self, user, answered, every_row):
        answered(4)
        spread(user, BATCH, 2, NOW)
        acts.undo(user, BATCH, NOW)
        before = every_row()
        assert spread(user, BATCH, 2, NOW) == 0
        assert every_row() == before

    def test_is_taken_back_as_one_act(self, user, answered):
        answered(40)
        before = list(CardProgress.objects.order_by("pk").values())
        spread(user, BATCH, 4, NOW)
        assert list(CardProgress.objects.order_by("pk").values()) != before
        acts.undo(user, BATCH, NOW)
        assert list(CardProgress.objects.order_by("pk").values()) == before
        assert CardInteraction.objects.filter(batch=BATCH, undone_at=NOW).count() == 30
        assert CardInteraction.objects.filter(undone_at=None).count() == 40

    def test_leaves_a_stranger_s_words(self, user, stranger, pile):
        pile(4)
        pile(4, stranger)
        before = due_days(stranger)
        spread(user, BATCH, 2, NOW)
        assert due_days(stranger) == before
        assert spread(stranger, OTHER_BATCH, 2, NOW) == 2

    def test_a_word_is_moved_by_a_card_that_is_studied(self, user, stranger, pile, make_deck):
        pile(4)
        lost = make_deck([("字03", "", "zì03", "x")], name="Lost", user=stranger, visibility=Visibility.PRIVATE)
        CardProgress.objects.filter(card__hanzi="字03").update(card=lost.cards.get())
        assert spread(user, BATCH, 2, NOW) == 2
        assert words_by_day(user, 2) == [["字00", "字01"], ["字02", "字03"]]

    def test_costs_as_many_statements_for_any_number_of_words(self, user, pile, django_assert_max_num_queries):
        UserStatistics.objects.lock(user)
        counts = []
        for number, batch in enumerate((BATCH, OTHER_BATCH)):
            pile(10 + 40 * number, name=f"Pile {number}", first=10 * number)
            with django_assert_max_num_queries(20) as captured:
                assert spread(user, batch, 2, NOW) > 0
            counts.append(len(captured))
        assert counts[0] == counts[1]

    @pytest.mark.django_db(transaction=True)
    def test_at_once_from_two_tabs_is_done_once(self, user, pile):
        pile(40)
        barrier = threading.Barrier(4, timeout=30)

        def run(_):
            try:
                learner = User.objects.get(pk=user.pk)
                barrier.wait()
                return spread(learner, BATCH, 4, NOW)
            finally:
                connection.close()

        with ThreadPoolExecutor(4) as pool:
            assert sorted(pool.map(run, range(4))) == [0, 0, 0, 30]
        assert CardInteraction.objects.count() == 30


def page(response, status=200):
    """Return the text of a page, between its tags."""
    assert response.status_code == status
    main = response.content.decode().split("<main", 1)[1].split("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", "<main" + main)).split())


class TestPage:
    @pytest.mark.parametrize("name", ["backlog", "undo-backlog"])
    @pytest.mark.parametrize("method", ["get", "post"])
    def test_a_visitor_is_asked_to_log_in(self, client, name, method):
        response = getattr(client, method)(reverse(name))
        assert (response.status_code, response["Location"].split("?")[0]) == (302, reverse("account_login"))

    def test_shows_what_each_day_brings(self, as_user, pile, usual):
        usual(20)
        pile(40)
        text = page(as_user.get(reverse("backlog")))
        assert "40 reviews from before today" in text
        assert "You usually review about 20 a day." in text
        assert "Today 20 0 20 99 % Tue 3 March 20 0 20 99 %" in text
        assert "Spread over 2 days" in text

    def test_shows_the_days_asked_for_and_changes_nothing(self, as_user, pile, every_row):
        pile(40)
        before = every_row()
        text = page(as_user.get(reverse("backlog"), {"days": 4}))
        assert "Today 10 0 10 99 %" in text
        assert "Spread over 4 days" in text
        assert every_row() == before

    @pytest.mark.parametrize("days", ["", "1", "31", "x", "-3", "9" * 5000])
    def test_nonsense_for_days_is_told_and_changes_nothing(self, as_user, pile, every_row, days):
        pile(40)
        before = every_row()
        assert "There is a problem" in page(as_user.get(reverse("backlog"), {"days": days}), 400)
        response = as_user.post(reverse("backlog"), {"days": days, "batch": BATCH})
        assert "There is a problem" in page(response, 400)
        assert every_row() == before

    def test_without_a_batch_nothing_is_done(self, as_user, pile, every_row):
        pile(40)
        before = every_row()
        assert as_user.post(reverse("backlog"), {"days": 2}).status_code == 400
        assert every_row() == before

    def test_without_a_backlog_there_is_nothing_to_spread(self, as_user):
        text = page(as_user.get(reverse("backlog")))
        assert "Nothing has piled up" in text
        assert "Spread over" not in text

    def test_spreads_and_offers_to_take_it_back(self, as_user, answered):
        answered(40)
        text = page(as_user.post(reverse("backlog"), {"days": 4, "batch": BATCH}, follow=True))
        assert "Done: over 4 days. 30 words will come later, the others are due now." in text
        assert "Your reviews are spread 10 of them are for today." in text
        assert "Take the spreading back" in text
        assert "Spread over" not in text
        text = page(as_user.post(reverse("undo-backlog"), {"batch": BATCH}, follow=True))
        assert "Taken back: every word is due again when it was." in text
        assert "40 reviews from before today" in text
        assert "Take the spreading back" not in text

    def test_can_be_done_anew_on_another_day(self, as_user, pile, clock):
        pile(40)
        as_user.post(reverse("backlog"), {"days": 4, "batch": BATCH})
        clock.shift(2 * DAY)
        text = page(as_user.get(reverse("backlog")))
        assert "20 reviews from before today" in text
        assert "Spread over 2 days Take the spreading back" in text

    def test_the_same_form_sent_twice_is_done_once(self, as_user, pile):
        pile(40)
        form = {"days": 4, "batch": BATCH}
        as_user.post(reverse("backlog"), form)
        as_user.post(reverse("backlog"), form)
        assert CardInteraction.objects.count() == 30

    def test_is_not_taken_back_after_another_act(self, as_user, user, pile):
        deck = pile(40)
        as_user.post(reverse("backlog"), {"days": 4, "batch": BATCH})
        card = deck.cards.first()
        acts.record(user, Act(id=OTHER_BATCH, card=card, direction=READ, type=InteractionType.BURY), NOW)
        assert "Take the spreading back" not in page(as_user.get(reverse("backlog")))
        text = page(as_user.post(reverse("undo-backlog"), {"batch": BATCH}, follow=True))
        assert "You have studied since, so this can't be taken back any more." in text
        assert CardInteraction.objects.filter(batch=BATCH, undone_at=None).count() == 30

    @pytest.mark.parametrize("batch", ["", "x", str(BATCH), str(OTHER_BATCH)])
    def test_a_stranger_s_or_no_batch_is_not_found(self, as_user, stranger, pile, every_row, batch):
        pile(40, stranger)
        spread(stranger, BATCH, 4, NOW)
        before = every_row()
        assert as_user.post(reverse("undo-backlog"), {"batch": batch}).status_code == 404
        assert every_row() == before

    def test_costs_as_many_statements_for_any_number_of_words(self, as_user, pile, usual, django_assert_num_queries):
        usual(20)
        for number in range(2):
            pile(20, name=f"Pile {number}", first=20 * number)
            with django_assert_num_queries(7):
                as_user.get(reverse("backlog"))
