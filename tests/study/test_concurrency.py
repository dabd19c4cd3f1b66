"""Answers that come at once: from threads with connections of their own, and over real sockets."""

import http.client
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from urllib.parse import urlencode, urlsplit
from uuid import UUID

import pytest
from django.db import connection
from django.urls import reverse
from uuid_utils.compat import uuid7

from study.choices import Direction, Rating
from study.log import CardInteraction, UserStatistics
from study.models import CardProgress, StaleAnswer, StudySession

ID = UUID("01990000-0000-7000-8000-000000000001")
READ, WRITE = Direction.CHINESE_TO_ENGLISH, Direction.ENGLISH_TO_CHINESE
TIMES = 8

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(calls):
    """Run each call in a thread with a connection of its own, all let go together; return their results in order."""
    barrier = threading.Barrier(len(calls), timeout=30)

    def run(call):
        try:
            connection.ensure_connection()
            barrier.wait()
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def answer_in(session, id, card, direction, at, rating=Rating.GOOD, reps=None, response_time=1000):
    """Answer as a request does: with a session read anew."""
    session = StudySession.objects.get(pk=session.pk)
    try:
        return session.answer(id, card, direction, rating, at=at, response_time=response_time, reps=reps)
    except StaleAnswer:
        return "stale"


def totals():
    """Return what an answer counts up: views, minutes, cards studied, remembered answers, each word's answers."""
    views, minutes = UserStatistics.objects.values_list("total_views", "study_time_minutes").get()
    studied, correct = StudySession.objects.values_list("cards_studied", "correct_answers").get()
    reps = list(CardProgress.objects.values_list("reps", flat=True))
    return views, round(minutes * 60, 6), studied, correct, reps


@pytest.mark.parametrize("round_", range(3))
@pytest.mark.parametrize("known", [False, True], ids=["a new word", "a known word"])
class TestTheSameAnswer:
    @pytest.fixture(autouse=True)
    def _known(self, known, user, card, remember):
        if known:
            remember(user, card, reps=0)

    def test_sent_twice_at_once_is_recorded_once(self, round_, session, card, now):
        first, second = at_once(2 * [partial(answer_in, session, ID, card, READ, now, reps=0)])
        assert first == second == CardInteraction.objects.get()
        assert totals() == (1, 1.0, 1, 1, [1])

    def test_sent_eight_times_at_once_is_recorded_once(self, round_, session, card, now):
        found = at_once(TIMES * [partial(answer_in, session, ID, card, READ, now, reps=0)])
        assert found == TIMES * [CardInteraction.objects.get()]
        assert totals() == (1, 1.0, 1, 1, [1])

    def test_sent_eight_times_at_once_without_saying_the_reps_is_recorded_once(self, round_, session, card, now):
        found = at_once(TIMES * [partial(answer_in, session, ID, card, READ, now)])
        assert found == TIMES * [CardInteraction.objects.get()]
        assert totals() == (1, 1.0, 1, 1, [1])


class TestDifferentAnswers:
    def test_of_one_new_word_are_both_kept_in_order(self, session, card, now):
        calls = [
            partial(answer_in, session, uuid7(), card, READ, now + timedelta(seconds=second)) for second in range(2)
        ]
        found = at_once(calls)
        # Whichever came first: the row is as if they had come in order.
        assert set(CardInteraction.objects.exclude(rating=None)) == set(found)
        progress = CardProgress.objects.get()
        assert (progress.reps, progress.state, progress.last_reviewed_at) == (2, "review", now + timedelta(seconds=1))
        assert totals() == (2, 2.0, 1, 2, [2])

    def test_of_one_word_that_say_the_reps_are_recorded_once(self, session, user, card, remember, now):
        remember(user, card, reps=3)
        found = at_once([partial(answer_in, session, uuid7(), card, READ, now, reps=3) for _ in range(TIMES)])
        assert found.count("stale") == TIMES - 1
        assert totals() == (1, 1.0, 1, 1, [4])

    def test_of_two_cards_in_one_session_are_both_counted(self, session, cards, now):
        at_once([partial(answer_in, session, uuid7(), card, READ, now) for card in cards[:2]])
        assert totals() == (2, 2.0, 2, 2, [1, 1])

    def test_of_every_card_in_both_directions_are_all_counted(self, session, cards, now):
        at_once(
            [
                partial(answer_in, session, uuid7(), card, READ, now, rating=rating)
                for card, rating in zip(cards, [1, 2, 3, 4, 1], strict=True)
            ]
        )
        at_once([partial(answer_in, session, uuid7(), card, WRITE, now) for card in cards])
        assert totals() == (10, 10.0, 5, 8, 10 * [1])

    @pytest.mark.parametrize("round_", range(2))
    def test_of_both_directions_of_a_card_count_it_once(self, round_, session, card, now):
        at_once([partial(answer_in, session, uuid7(), card, direction, now) for direction in Direction])
        assert StudySession.objects.get().cards_studied == 1

    def test_of_two_learners_with_one_id_are_one_recorded_and_one_stale(self, session, stranger, deck, card, now):
        strangers = StudySession.start(stranger, deck, None, now)
        found = at_once([partial(answer_in, each, ID, card, READ, now) for each in (session, strangers)])
        assert found.count("stale") == 1
        assert (CardInteraction.objects.count(), CardProgress.objects.count()) == (1, 1)

    @pytest.mark.parametrize("round_", range(3))
    def test_of_one_new_word_from_two_decks_make_one_row(self, round_, session, user, make_deck, card, now):
        school = StudySession.start(user, make_deck(name="School"), None, now)
        pair = [(session, card), (school, school.deck.cards.first())]
        at_once([partial(answer_in, each, uuid7(), card, READ, now) for each, card in TIMES // 2 * pair])
        assert (CardProgress.objects.get().reps, CardInteraction.objects.count()) == (TIMES, TIMES)
        assert list(StudySession.objects.values_list("cards_studied", "correct_answers")) == 2 * [(1, 4)]


class TestOverHttp:
    @pytest.fixture
    def post(self, client, user, live_server):
        """Return a function that posts an answer over a socket of its own, and returns the status or cuts the line."""
        self.others = self.connections()
        client.force_login(user)
        token = "a" * 32
        address = urlsplit(live_server.url)
        headers = {
            "Cookie": f"sessionid={client.cookies['sessionid'].value}; csrftoken={token}",
            "Content-Type": "application/x-www-form-urlencoded",
            "X-CSRFToken": token,
            "Connection": "close",
        }

        def post(session, cut=False, **data):
            body = urlencode(data)
            line = http.client.HTTPConnection(address.hostname, address.port, timeout=30)
            try:
                line.request("POST", reverse("answer", args=[session.pk]), body, headers)
                if cut:
                    line.sock.shutdown(socket.SHUT_RDWR)
                    return "cut"
                return line.getresponse().status
            finally:
                line.close()

        yield post
        self.wait_until_the_server_is_idle()

    def connections(self):
        """Return the processes of the database that serve somebody else."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
                "AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
            )
            return {pid for (pid,) in cursor.fetchall()}

    def wait_until_the_server_is_idle(self):
        """Each request's thread closes its connection at its end; the server of other tests keeps its own."""
        for _ in range(100):
            if self.connections() <= self.others:
                return
            time.sleep(0.1)
        raise AssertionError("a request still runs")

    @pytest.fixture
    def form(self, card):
        return {"id": ID, "card": card.pk, "direction": READ, "rating": 3, "reps": 0}

    @pytest.mark.parametrize("known", [False, True], ids=["a new word", "a known word"])
    def test_an_answer_sent_eight_times_at_once_is_recorded_once(
        self, post, session, form, user, card, remember, known
    ):
        if known:
            remember(user, card, reps=0)
        assert at_once(TIMES * [partial(post, session, **form)]) == TIMES * [302]
        assert (CardInteraction.objects.count(), CardProgress.objects.get().reps) == (1, 1)
        assert StudySession.objects.values_list("cards_studied", "correct_answers").get() == (1, 1)

    def test_an_answer_whose_reply_was_lost_is_recorded_once_when_repeated(self, post, session, form):
        assert post(session, cut=True, **form) == "cut"
        assert post(session, **form) == 302
        self.wait_until_the_server_is_idle()
        assert (CardInteraction.objects.count(), CardProgress.objects.get().reps) == (1, 1)
        assert UserStatistics.objects.get().total_views == 1

    def test_an_answer_whose_reply_was_lost_is_recorded_without_a_repeat(self, post, session, form):
        assert post(session, cut=True, **form) == "cut"
        for _ in range(100):
            if CardInteraction.objects.exists():
                break
            time.sleep(0.1)
        assert CardInteraction.objects.get().pk == ID

    def test_cut_lines_among_eight_at_once_and_a_repeat_make_one_answer(self, post, session, form):
        calls = [partial(post, session, cut=number % 2 == 0, **form) for number in range(TIMES)]
        assert at_once(calls) == TIMES // 2 * ["cut", 302]
        assert post(session, **form) == 302
        self.wait_until_the_server_is_idle()
        assert (CardInteraction.objects.count(), CardProgress.objects.get().reps) == (1, 1)
        assert StudySession.objects.values_list("cards_studied", "correct_answers").get() == (1, 1)

    def test_of_the_same_cards_answered_in_two_tabs_at_once_each_counts_once(self, post, session, cards):
        calls = [
            partial(post, session, id=uuid7(), card=card.pk, direction=READ, rating=3, reps=0)
            for card in cards
            for _ in range(2)
        ]
        assert at_once(calls) == 10 * [302]
        assert CardInteraction.objects.count() == 5
        assert list(CardProgress.objects.values_list("reps", flat=True)) == 5 * [1]
        assert StudySession.objects.get().cards_studied == 5
