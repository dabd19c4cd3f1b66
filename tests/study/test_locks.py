"""Who waits for whom: lists in opposite orders, answers of one moment, and what is deleted while it is answered."""

import contextlib
import json
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse
from uuid_utils.compat import uuid7

from decks.models import Card, Deck
from study import acts
from study.choices import Direction, Rating
from study.enrolment import Enrolment
from study.models import CardInteraction, CardProgress, StudySession, UserStatistics

READ = Direction.CHINESE_TO_ENGLISH
TIMES = 6
MANY = [(chr(0x4E00 + place), "", "yī", f"word {place}") for place in range(60)]

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(calls):
    """Run each call in a thread with a connection of its own, all let go together; return their results in order."""
    barrier = threading.Barrier(len(calls), timeout=30)

    def run(call):
        try:
            connection.ensure_connection()
            with connection.cursor() as cursor:
                cursor.execute("SET statement_timeout = '60s'")
            barrier.wait()
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


@pytest.fixture
def post(user):
    """Return a function that posts JSON as the learner, each time as another device; an error is a status, too."""
    Client().force_login(user)

    def post(data):
        device = Client(raise_request_exception=False)
        device.force_login(user)
        answer = device.post("/api/study/interactions", json.dumps(data), content_type="application/json")
        return answer.status_code, answer.json()

    return post


@pytest.fixture
def deadlocks():
    """Return a function that returns how many deadlocks there were since the test began."""

    def count():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
            return cursor.fetchone()[0]

    before = count()
    return lambda: count() - before


def answer_of(card, session=None, rating=Rating.GOOD):
    return {
        "id": str(uuid7()),
        "card_id": str(card.pk),
        "session_id": session and str(session.pk),
        "direction": READ,
        "rating": rating,
        "response_time": 1000,
    }


def check_memories(user):
    """Assert that each row is the fold of its entries."""
    for row in CardProgress.objects.filter(user=user):
        row.user = user
        folded = row.fold(list(row.entries()))
        assert {name: getattr(row, name) for name in CardProgress.FOLDED} == {
            name: getattr(folded, name) for name in CardProgress.FOLDED
        }


@contextlib.contextmanager
def held(row):
    """Hold a word's row, as the change of a card does: whoever answers it has found all and can't write yet."""
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("SELECT FROM user_card_progress WHERE id = %s FOR UPDATE", [row.pk])
        yield
        other.rollback()
    finally:
        other.close()


def waiting():
    """Return how many connections to this database wait for a lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(DISTINCT pg_locks.pid) FROM pg_locks JOIN pg_stat_activity USING (pid) "
            "WHERE NOT granted AND datname = current_database()"
        )
        return cursor.fetchone()[0]


def one_waits_for_another(row, first, second):
    """Let the first wait for a word's row, then the second for whatever it does, and return what came of them."""

    def run(call):
        try:
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        with held(row):
            one = pool.submit(run, first)
            wait_until(lambda: waiting() == 1)
            other = pool.submit(run, second)
            wait_until(lambda: other.done() or waiting() == 2)
        return one.result(60), other.result(60)


def wait_until(true):
    for _ in range(600):
        if true():
            return
        time.sleep(0.05)
    raise AssertionError("it never came so far")


def delete_deck(pk):
    """Delete a deck; of two that wait for each other one is told to try again, and does."""
    for _ in range(3):
        with contextlib.suppress(OperationalError):
            Deck.objects.get(pk=pk).delete()
            return


class TestListsInOppositeOrders:
    @pytest.mark.parametrize("round_", range(3))
    @pytest.mark.parametrize("in_session", [False, True], ids=["without a session", "in one session"])
    def test_are_both_recorded(self, round_, in_session, user, make_deck, now, post, deadlocks):
        deck = make_deck(MANY)
        session = StudySession.start(user, deck, None, now) if in_session else None
        cards = list(deck.cards.all())
        there, back = ([answer_of(card, session) for card in each] for each in (cards, cards[::-1]))
        (first, told), (second, told_too) = at_once([partial(post, there), partial(post, back)])
        assert (first, second) == (201, 201)
        ids = [each["interaction"]["id"] for each in told + told_too]
        assert ids == [answer["id"] for answer in there + back]
        assert list(CardProgress.objects.values_list("reps", flat=True)) == 60 * [2]
        numbers = sorted(CardInteraction.objects.values_list("sequence", flat=True))
        assert numbers == list(range(numbers[0], numbers[0] + 120))
        assert UserStatistics.objects.get().total_views == 120
        assert deadlocks() == 0
        call_command("rebuild_progress", "--check")

    def test_of_two_sessions_are_both_recorded(self, user, make_deck, now, post, deadlocks):
        deck = make_deck(MANY)
        one = StudySession.start(user, deck, None, now)
        other = StudySession.start(user, deck, READ, now)
        cards = list(deck.cards.all())
        there = [answer_of(card, (one, other)[place % 2]) for place, card in enumerate(cards)]
        back = [answer_of(card, (one, other)[place % 2]) for place, card in enumerate(cards[::-1])]
        assert [status for status, _ in at_once([partial(post, there), partial(post, back)])] == [201, 201]
        # What one list answers in the one session, the other list answers in the other one.
        assert list(StudySession.objects.values_list("cards_studied", "correct_answers")) == 2 * [(60, 60)]
        assert deadlocks() == 0
        call_command("rebuild_progress", "--check")


class TestAnswersOfOneMoment:
    @pytest.mark.parametrize("round_", range(3))
    def test_take_effect_one_after_the_other(self, round_, user, session, cards, now):
        calls = [
            partial(session_of(session).answer, uuid7(), card, READ, rating, at=now)
            for rating in Rating
            for card in cards
        ]
        entries = at_once(calls)
        assert {(entry.answered_at, entry.received_at) for entry in entries} == {(now, now)}
        numbers = sorted(CardInteraction.objects.values_list("sequence", flat=True))
        assert numbers == list(range(numbers[0], numbers[0] + 20))
        assert list(CardProgress.objects.values_list("reps", flat=True)) == 5 * [4]
        check_memories(user)
        call_command("rebuild_progress", "--check")

    def test_are_taken_back_in_the_order_in_which_they_took_effect(self, user, session, card, now):
        at_once([partial(session_of(session).answer, uuid7(), card, READ, rating, at=now) for rating in Rating])
        for left in (3, 2, 1):
            acts.undo(user, CardInteraction.objects.standing().as_received().last().pk, now)
            assert CardProgress.objects.get().reps == left
            check_memories(user)
            call_command("rebuild_progress", "--check")


def session_of(session):
    """Return a session as another request reads it."""
    return StudySession.objects.get(pk=session.pk)


class TestASessionDeletedWhileItIsAnswered:
    @pytest.mark.parametrize("round_", range(2))
    def test_leaves_answers_that_were_recorded_and_refuses_others(self, round_, user, session, cards, post, deadlocks):
        post(answer_of(cards[0], session))
        answers = [answer_of(card, session) for card in (cards * TIMES)[: 2 * TIMES]]
        delete = StudySession.objects.filter(pk=session.pk).delete
        told = at_once([*(partial(post, answer) for answer in answers[:TIMES]), delete])[:-1]
        told += at_once([partial(post, answer) for answer in answers[TIMES:]])
        statuses = [status for status, _ in told]
        assert set(statuses) <= {201, 404}
        assert statuses[TIMES:] == TIMES * [404]
        assert deadlocks() == 0
        kept = {str(id) for id in CardInteraction.objects.values_list("pk", flat=True)}
        recorded = {answer["id"] for answer, status in zip(answers, statuses, strict=True) if status == 201}
        assert recorded <= kept
        assert len(kept) == len(recorded) + 1
        check_memories(user)
        call_command("rebuild_progress", "--check")

    def test_between_finding_and_writing_is_a_404_or_comes_after(self, user, session, card, post):
        post(answer_of(card, session))
        answer, delete = answer_of(card, session), StudySession.objects.filter(pk=session.pk).delete
        (status, _), _ = one_waits_for_another(CardProgress.objects.get(), partial(post, answer), delete)
        assert status in (201, 404)
        assert CardInteraction.objects.filter(pk=answer["id"]).count() == (status == 201)
        assert StudySession.objects.count() == 0
        check_memories(user)
        call_command("rebuild_progress", "--check")

    def test_between_finding_and_writing_is_a_404_or_comes_after_on_the_page(self, user, session, card, post):
        post(answer_of(card, session))
        tab = Client(raise_request_exception=False)
        tab.force_login(user)
        form = {"id": uuid7(), "card": card.pk, "direction": READ, "rating": 3, "reps": 1}
        answer = partial(tab.post, reverse("answer", args=[session.pk]), form)
        delete = StudySession.objects.filter(pk=session.pk).delete
        response, _ = one_waits_for_another(CardProgress.objects.get(), answer, delete)
        assert response.status_code in (302, 404)
        assert CardInteraction.objects.filter(pk=form["id"]).count() == (response.status_code == 302)
        check_memories(user)
        call_command("rebuild_progress", "--check")


class TestADeckDeletedWhileItIsAnswered:
    @pytest.fixture
    def own(self, user, make_deck):
        """A deck of the learner's, whose first words are in another deck of theirs, too."""
        make_deck(MANY[:10], name="Other", user=user)
        deck = make_deck(MANY, name="Own", user=user)
        for each in Deck.objects.filter(user=user):
            Enrolment.objects.create(user=user, deck=each)
        return deck

    @pytest.mark.parametrize("round_", range(2))
    def test_leaves_the_memories_of_words_that_other_decks_have(self, round_, user, own, now, post, deadlocks):
        session = StudySession.start(user, own, None, now)
        cards = list(own.cards.all())
        post([answer_of(card, session) for card in cards])
        calls = [partial(post, answer_of(card, session)) for card in cards[: TIMES // 2] + cards[-TIMES // 2 :]]
        calls.append(partial(post, [answer_of(card, session) for card in cards[::-1]]))
        *told, _ = at_once([*calls, partial(delete_deck, own.pk)])
        assert {status for status, _ in told[:-1]} <= {201, 404}
        status, of_list = told[-1]
        assert status in (200, 201)
        errors = Counter(each["error"]["status_code"] for each in of_list if "error" in each)
        assert set(errors) <= {404}
        assert deadlocks() == 0
        status, _ = post(answer_of(cards[0], session))
        assert status == 404
        assert CardProgress.objects.exclude(card__deck__name="Other").count() == 0
        assert Card.objects.count() == 10
        assert CardProgress.objects.count() == 10
        check_memories(user)

    @pytest.mark.parametrize("shared", [True, False], ids=["a word of two decks", "a word of this deck"])
    @pytest.mark.parametrize("answer_first", [True, False], ids=["answered first", "deleted first"])
    def test_between_finding_and_writing_is_a_404_or_comes_after(self, shared, answer_first, user, own, now, post):
        session = StudySession.start(user, own, None, now)
        card = list(own.cards.all())[0 if shared else -1]
        post(answer_of(card, session))
        answer = answer_of(card, session)
        calls = [partial(post, answer), partial(delete_deck, own.pk)]
        found = one_waits_for_another(CardProgress.objects.get(), *(calls if answer_first else calls[::-1]))
        status, _ = found[0 if answer_first else 1]
        assert status in (201, 404)
        # What was recorded of a word that no deck has goes with the deck.
        assert CardInteraction.objects.filter(pk=answer["id"]).count() == (shared and status == 201)
        assert not Deck.objects.filter(pk=own.pk).exists()
        assert CardProgress.objects.count() == shared
        check_memories(user)
