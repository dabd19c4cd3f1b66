"""Taking acts back: every row is as it was before."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest
import time_machine
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from study import acts
from study.acts import Act, StaleAnswer
from study.choices import Direction, InteractionType, Mode, Rating, State
from study.log import CardInteraction, UserStatistics
from study.models import CardProgress, StudySession
from study.queue import Queue
from study.scheduling import fsrs

ID = UUID("01990000-0000-7000-8000-000000000001")
OTHER_ID = UUID("01990000-0000-7000-8000-000000000002")
READ, WRITE = Direction.CHINESE_TO_ENGLISH, Direction.ENGLISH_TO_CHINESE
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
REVIEW, SET_DUE, MARK_KNOWN = InteractionType.REVIEW, InteractionType.SET_DUE, InteractionType.MARK_KNOWN
# Each kind of act with what goes with it.
KINDS = [
    *((REVIEW, {"rating": rating, "response_time": 1_234}) for rating in Rating),
    (InteractionType.QUIZ_CORRECT, {"rating": 3}),
    (InteractionType.QUIZ_INCORRECT, {"rating": 1}),
    (InteractionType.FLIP, {"response_time": 900}),
    (InteractionType.SUSPEND, {}),
    (InteractionType.UNSUSPEND, {}),
    (InteractionType.BURY, {}),
    (InteractionType.UNBURY, {}),
    (InteractionType.RESET, {}),
    (SET_DUE, {"days": 5}),
    (MARK_KNOWN, {"days": 30}),
]
NAMES = [f"{kind}-{fields['rating']}" if "rating" in fields else str(kind) for kind, fields in KINDS]
each_kind = pytest.mark.parametrize(("type", "fields"), KINDS, ids=NAMES)
# A word that is not begun has no date to set: that is refused.
each_kind_for_a_new_word = pytest.mark.parametrize(
    ("type", "fields"),
    [kind for kind in KINDS if kind[0] != SET_DUE],
    ids=[name for name in NAMES if name != "set_due"],
)
NO_TOTALS = {"total_views": 0, "total_correct_answers": 0, "total_quiz_attempts": 0, "study_time_ms": 0}


@pytest.fixture
def do(user, card, now):
    """Return a function that records an act on the first card, now and without a session unless told."""

    def do(
        type=REVIEW, at=now, card=card, direction=READ, id=None, session=None, learner=user, received=None, **fields
    ):
        if type == REVIEW:
            fields = {"rating": Rating.GOOD} | fields
        act = Act(id=id or uuid7(), card=card, direction=direction, type=type, at=at, **fields)
        return acts.record(learner, act, received or at, session)

    return do


@pytest.fixture
def kept(db):
    """Return a function that returns every row of what follows from the log; no totals are totals of nothing.

    Left out is what only says how far the log has come, and what is kept of the queue.
    """

    def kept():
        with connection.cursor() as cursor:
            rows = {}
            for table in ("user_card_progress", "study_sessions", "study_days", "user_statistics"):
                left_out = "{sequence,plan}"
                cursor.execute(
                    f"SELECT (to_jsonb(found) - '{left_out}'::text[])::text FROM {table} AS found ORDER BY 1"
                )
                rows[table] = [json.loads(row) for (row,) in cursor.fetchall()]
        rows["user_statistics"] = [row for row in rows["user_statistics"] if not NO_TOTALS.items() <= row.items()]
        rows["log"] = list(CardInteraction.objects.standing().order_by("pk").values())
        return rows

    return kept


class TestEveryAct:
    @each_kind_for_a_new_word
    def test_on_a_new_word_leaves_no_row_when_taken_back(self, do, user, session, kept, now, type, fields):
        before = kept()
        entry = do(type, at=now + MINUTE, session=session, **fields)
        assert kept() != before
        acts.undo(user, entry.pk, now + HOUR)
        assert kept() == before
        assert not CardProgress.objects.exists()

    @each_kind
    @pytest.mark.parametrize("state", ["learning", "review", "relearning", "suspended", "buried", "reset", "known"])
    def test_on_a_begun_word_leaves_every_row_as_it_was(self, do, user, session, cards, kept, now, type, fields, state):
        do(at=now - 20 * DAY, response_time=800, rating=Rating.GOOD if state == "learning" else Rating.EASY)
        if state == "relearning":
            do(at=now - 3 * DAY, rating=Rating.AGAIN)
        elif state not in {"learning", "review"}:
            kind = {"suspended": "suspend", "buried": "bury", "reset": "reset", "known": "mark_known"}[state]
            do(InteractionType(kind), at=now - 3 * DAY)
        do(at=now + SECOND, card=cards[1], session=session)
        if type == SET_DUE and state == "reset":
            with pytest.raises(acts.ActRefused):
                do(type, at=now + MINUTE, session=session, **fields)
            return
        before = kept()
        entry = do(type, at=now + MINUTE, session=session, **fields)
        acts.undo(user, entry.pk, now + HOUR)
        assert kept() == before

    @each_kind
    def test_in_a_cram_session_leaves_every_row_as_it_was(self, do, user, deck, kept, now, type, fields):
        do(at=now - 20 * DAY)
        cram = StudySession.start(user, deck, None, now, Mode.CRAM)
        before = kept()
        entry = do(type, at=now + MINUTE, session=cram, **fields)
        acts.undo(user, entry.pk, now + HOUR)
        assert kept() == before

    @each_kind
    def test_after_new_weights_leaves_every_row_as_it_was(self, do, user, kept, now, type, fields):
        do(at=now - 20 * DAY, rating=Rating.EASY)
        user.weights, user.params_version = [2 * fsrs.DEFAULT_WEIGHTS[0], *fsrs.DEFAULT_WEIGHTS[1:]], 1
        before = kept()
        entry = do(type, **fields)
        acts.undo(user, entry.pk, now + HOUR)
        assert kept() == before

    @each_kind
    def test_is_marked_in_the_log_and_otherwise_stays(self, do, user, now, type, fields):
        do(at=now - DAY)
        do(type, id=ID, **fields)
        written = CardInteraction.objects.filter(pk=ID).values().get()
        entry = acts.undo(user, ID, now + HOUR)
        assert CardInteraction.objects.filter(pk=ID).values().get() == written | {"undone_at": now + HOUR}
        assert (entry.pk, entry.undone_at) == (ID, now + HOUR)

    @each_kind
    def test_taken_back_twice_is_the_same_as_once(self, do, user, every_row, now, type, fields):
        do(at=now - DAY)
        do(type, id=ID, **fields)
        acts.undo(user, ID, now + HOUR)
        before = every_row()
        again = acts.undo(user, ID, now + 2 * HOUR)
        assert (again.pk, again.undone_at) == (ID, now + HOUR)
        assert every_row() == before

    @each_kind_for_a_new_word
    def test_on_a_new_word_taken_back_twice_is_the_same_as_once(self, do, user, every_row, now, type, fields):
        do(type, id=ID, **fields)
        acts.undo(user, ID, now + HOUR)
        before = every_row()
        assert acts.undo(user, ID, now + 2 * HOUR).undone_at == now + HOUR
        assert every_row() == before

    @each_kind
    def test_sent_again_after_it_was_taken_back_changes_nothing(self, do, user, session, every_row, now, type, fields):
        do(at=now - DAY)
        do(type, id=ID, session=session, **fields)
        acts.undo(user, ID, now + HOUR)
        before = every_row()
        assert do(type, id=ID, session=session, at=now + 2 * HOUR, **fields).repeated
        assert every_row() == before

    @each_kind_for_a_new_word
    def test_on_a_new_word_sent_again_after_it_was_taken_back_changes_nothing(
        self, do, user, every_row, now, type, fields
    ):
        do(type, id=ID, **fields)
        acts.undo(user, ID, now + HOUR)
        before = every_row()
        assert do(type, id=ID, at=now + 2 * HOUR, **fields).repeated
        assert every_row() == before


class TestSeveral:
    def test_acts_back_in_a_row_go_through_every_state(self, do, user, session, cards, kept, now):
        states, ids = [], []
        for at, (kind, fields) in enumerate([(MARK_KNOWN, {"days": 9}), *KINDS, *reversed(KINDS)]):
            states.append(kept())
            card = cards[at % 2] if kind != SET_DUE else cards[0]
            if kind == SET_DUE and not CardProgress.objects.filter(card=card, stability__isnull=False):
                do(MARK_KNOWN, card=card, at=now + at * HOUR, id=(known := uuid7()), session=session)
                ids.append(known)
                states.append(kept())
            ids.append(do(kind, card=card, at=now + at * HOUR + SECOND, session=session, **fields).pk)
        while ids:
            acts.undo(user, ids.pop(), now + 99 * DAY)
            assert kept() == states.pop()
        assert not CardProgress.objects.exists()

    def test_acts_of_several_sessions_are_taken_back_across_them(self, do, user, deck, session, card, kept, now):
        states, ids = [], []
        for day in range(3):
            sitting = StudySession.start(user, deck, None, now + day * DAY)
            states.append(kept())
            ids.append(do(at=now + day * DAY + MINUTE, session=sitting).pk)
        for at in (2, 1, 0):
            rows = kept()["study_sessions"]
            acts.undo(user, ids[at], now + 9 * DAY)
            found = kept()
            expected = states[at]
            assert {**found, "study_sessions": 0} == {**expected, "study_sessions": 0}
            # Sessions begun since are still there.
            assert len(found["study_sessions"]) == len(rows)
            assert all(row in found["study_sessions"] for row in expected["study_sessions"])

    def test_an_act_of_an_ended_session_goes_back_to_before_its_end(self, do, user, session, kept, now):
        before = kept()
        entry = do(at=now + MINUTE, session=session)
        session.end(now + 2 * MINUTE)
        acts.undo(user, entry.pk, now + HOUR)
        assert kept() == before

    def test_an_act_recorded_after_the_end_of_its_session_leaves_it_ended(self, do, user, session, kept, now):
        do(at=now + MINUTE, session=session)
        session.end(now + 2 * MINUTE)
        before = kept()
        # Answered before the end, and sent after it.
        entry = do(at=now + 1.5 * MINUTE, received=now + HOUR, session=session)
        acts.undo(user, entry.pk, now + 2 * HOUR)
        assert kept() == before

    def test_an_act_that_is_no_answer_leaves_an_ended_session_ended(self, do, user, session, kept, now):
        session.end(now + MINUTE)
        before = kept()
        entry = do(InteractionType.BURY, at=now + HOUR, session=session)
        acts.undo(user, entry.pk, now + 2 * HOUR)
        assert kept() == before

    def test_an_answer_without_a_session_can_be_taken_back(self, do, user, kept, now):
        before = kept()
        acts.undo(user, do().pk, now)
        assert kept() == before

    def test_a_word_of_two_decks_is_taken_back_from_either(self, do, user, make_deck, kept, card, now):
        do(at=now)
        before = kept()
        other = make_deck(name="School").cards.get(word_key=card.word_key)
        entry = do(at=now + 10 * MINUTE, card=other)
        acts.undo(user, entry.pk, now + HOUR)
        assert kept() == before

    @settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        history=st.lists(
            st.tuples(
                st.integers(0, 1),
                st.sampled_from(KINDS),
                st.sampled_from([SECOND, MINUTE, 10 * MINUTE, HOUR, DAY, 9 * DAY]),
                st.booleans(),
            ),
            min_size=1,
            max_size=8,
        )
    )
    def test_any_history_is_taken_back_act_by_act(self, do, user, session, cards, kept, now, history):
        with transaction.atomic():
            states, ids, at = [], [], now
            for card, (kind, fields), gap, in_session in history:
                at += gap
                begun = CardProgress.objects.filter(card=cards[card], stability__isnull=False)
                if kind == SET_DUE and not begun:
                    continue
                states.append(kept())
                sitting = session if in_session else None
                ids.append(do(kind, at=at, card=cards[card], session=sitting, **fields).pk)
            while ids:
                acts.undo(user, ids.pop(), at + DAY)
                assert kept() == states.pop()
            transaction.set_rollback(True)


class TestOnlyTheLatest:
    @each_kind
    def test_an_act_before_another_one_is_stale(self, do, user, cards, every_row, now, type, fields):
        do(at=now - DAY)
        do(type, id=ID, **fields)
        do(InteractionType.FLIP, at=now + SECOND, card=cards[1])
        before = every_row()
        with pytest.raises(StaleAnswer):
            acts.undo(user, ID, now + HOUR)
        assert every_row() == before

    def test_a_stranger_s_later_act_does_not_count(self, do, user, stranger, now):
        do(id=ID)
        do(at=now + MINUTE, learner=stranger)
        assert acts.undo(user, ID, now + HOUR).undone_at == now + HOUR

    def test_once_the_latest_is_taken_back_the_one_before_can_be(self, do, user, now):
        do(id=ID)
        do(id=OTHER_ID, at=now + MINUTE)
        acts.undo(user, OTHER_ID, now + HOUR)
        assert acts.undo(user, ID, now + HOUR).undone_at == now + HOUR
        assert not CardProgress.objects.exists()

    def test_the_latest_is_the_one_received_last(self, do, user, cards, now):
        do(id=ID, at=now, received=now)
        do(id=OTHER_ID, at=now - HOUR, received=now + MINUTE, card=cards[1])
        with pytest.raises(StaleAnswer):
            acts.undo(user, ID, now + HOUR)
        acts.undo(user, OTHER_ID, now + HOUR)

    def test_an_unknown_id_is_none(self, do, user, now):
        do()
        with pytest.raises(CardInteraction.DoesNotExist):
            acts.undo(user, OTHER_ID, now)

    def test_another_learner_s_id_is_none(self, do, user, stranger, every_row, now):
        do(id=ID)
        before = every_row()
        with pytest.raises(CardInteraction.DoesNotExist):
            acts.undo(stranger, ID, now)
        assert every_row() == before


class TestAfterwards:
    def test_the_word_can_be_answered_again_as_if_nothing_had_been(self, do, user, session, cards, now):
        do(at=now - 9 * DAY, rating=Rating.EASY)
        do(id=ID, rating=Rating.AGAIN, session=session, response_time=5_000)
        acts.undo(user, ID, now + SECOND)
        entry = do(id=OTHER_ID, at=now + MINUTE, rating=Rating.GOOD, session=session, reps=1)
        progress = CardProgress.objects.get()
        assert (progress.reps, progress.lapses, progress.state) == (2, 0, State.REVIEW)
        assert (entry.state_before, progress.total_study_time) == (State.REVIEW, 0.0)
        session.refresh_from_db()
        assert (session.cards_studied, session.correct_answers, session.session_duration) == (1, 1, 1.0)
        assert UserStatistics.objects.get().total_views == 2

    def test_a_new_word_can_be_begun_again(self, do, user, now):
        do(id=ID, rating=Rating.AGAIN)
        acts.undo(user, ID, now + SECOND)
        entry = do(at=now + MINUTE, rating=Rating.EASY, reps=0)
        assert (entry.state_before, CardProgress.objects.get().created_at) == ("", now + MINUTE)

    def test_an_answer_given_twice_and_taken_back_each_time_is_nowhere(self, do, user, kept, session, now):
        before = kept()
        for at in range(3):
            entry = do(at=now + at * MINUTE, session=session, response_time=333)
            acts.undo(user, entry.pk, now + at * MINUTE + SECOND)
        assert kept() == before

    def test_the_word_comes_again_at_once(self, do, user, deck, session, now):
        assert Queue(user, now).entries(1)[0].card.hanzi == "学生"
        do(id=ID, rating=Rating.EASY, session=session)
        assert Queue(user, now).entries(1)[0].card.hanzi == "老师"
        acts.undo(user, ID, now)
        assert Queue(user, now).entries(1)[0].card.hanzi == "学生"


class TestOverTheApi:
    @pytest.fixture(autouse=True)
    def clock(self, now):
        with time_machine.travel(now, tick=False) as clock:
            yield clock

    def undo(self, client, id):
        return client.post(f"/api/study/interactions/{id}/undo")

    @each_kind
    def test_the_reply_has_the_entry_and_the_row_as_it_is_again(self, do, as_user, now, type, fields):
        do(at=now - DAY)
        before = CardProgress.objects.get()
        do(type, id=ID, **fields)
        reply = self.undo(as_user, ID)
        assert reply.status_code == 200
        assert reply.json()["interaction"]["id"] == str(ID)
        assert reply.json()["interaction"]["undone_at"] == "2026-03-02T12:00:00Z"
        progress = reply.json()["progress"]
        assert (progress["id"], progress["reps"], progress["stability"]) == (str(before.pk), 1, before.stability)

    def test_of_a_new_word_no_progress_is_left(self, do, as_user):
        do(id=ID)
        assert self.undo(as_user, ID).json()["progress"] is None

    def test_undone_twice_answers_the_same(self, do, as_user, clock, now):
        do(at=now - DAY)
        do(id=ID)
        first = self.undo(as_user, ID)
        clock.shift(HOUR)
        again = self.undo(as_user, ID)
        assert (again.status_code, again.json()) == (200, first.json())

    def test_of_a_new_word_undone_twice_answers_the_same(self, do, as_user, clock):
        do(id=ID)
        first = self.undo(as_user, ID)
        clock.shift(HOUR)
        again = self.undo(as_user, ID)
        assert (again.status_code, again.json()) == (200, first.json())

    def test_one_before_the_latest_is_a_409(self, do, as_user, now):
        do(id=ID, at=now - MINUTE)
        do()
        reply = self.undo(as_user, ID)
        assert (reply.status_code, reply.json()["error_code"], reply.json()["status_code"]) == (409, "CONFLICT", 409)

    @pytest.mark.parametrize("whose", ["nobody's", "a stranger's"])
    def test_another_s_is_a_404(self, do, as_user, stranger, every_row, whose):
        if whose == "a stranger's":
            do(id=ID, learner=stranger)
        before = every_row()
        reply = self.undo(as_user, ID)
        assert (reply.status_code, reply.json()["error_code"], reply.json()["status_code"]) == (404, "NOT_FOUND", 404)
        assert every_row() == before


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def at_once(self, calls):
        barrier = threading.Barrier(len(calls), timeout=30)

        def run(call):
            try:
                connection.ensure_connection()
                barrier.wait()
                return call()
            except StaleAnswer:
                return "stale"
            finally:
                connection.close()

        with ThreadPoolExecutor(len(calls)) as pool:
            return [each.result() for each in [pool.submit(run, call) for call in calls]]

    def learner(self, user):
        return type(user).objects.get(pk=user.pk)

    def undo(self, user, id, at):
        return acts.undo(self.learner(user), id, at)

    @pytest.mark.parametrize("round_", range(3))
    @pytest.mark.parametrize("in_session", [False, True])
    def test_an_act_taken_back_eight_times_is_taken_back_once(self, do, user, session, kept, now, in_session, round_):
        do(at=now - DAY, response_time=100)
        before = kept()
        do(id=ID, session=session if in_session else None)
        found = self.at_once(8 * [partial(self.undo, user, ID, now + HOUR)])
        assert [(each.pk, each.undone_at) for each in found] == 8 * [(ID, now + HOUR)]
        assert kept() == before

    @pytest.mark.parametrize("round_", range(3))
    @pytest.mark.parametrize("in_session", [False, True])
    def test_an_act_on_a_new_word_taken_back_eight_times_is_taken_back_once(
        self, do, user, session, kept, now, in_session, round_
    ):
        before = kept()
        do(id=ID, session=session if in_session else None)
        found = self.at_once(8 * [partial(self.undo, user, ID, now + HOUR)])
        assert [(each.pk, each.undone_at) for each in found] == 8 * [(ID, now + HOUR)]
        assert kept() == before

    @pytest.mark.parametrize("round_", range(4))
    @pytest.mark.parametrize("known", [False, True], ids=["a new word", "a known word"])
    @pytest.mark.parametrize("in_session", [False, True])
    def test_an_undo_and_a_new_answer_are_as_one_after_the_other(
        self, do, user, session, kept, now, in_session, known, round_
    ):
        if known:
            do(at=now - DAY)
        sitting = session if in_session else None
        do(id=ID, session=sitting)

        def answer():
            mine = StudySession.objects.get(pk=session.pk) if in_session else None
            return do(id=OTHER_ID, at=now + MINUTE, session=mine, learner=self.learner(user))

        undone, _ = self.at_once([partial(self.undo, user, ID, now + HOUR), answer])
        taken_back = undone != "stale"
        progress = CardProgress.objects.get()
        assert progress.reps == 2 + known - taken_back
        assert CardInteraction.objects.filter(undone_at=None).count() == 2 + known - taken_back
        assert UserStatistics.objects.get().total_views == 2 + known - taken_back
        folded = progress.fold(progress.entries())
        assert {name: getattr(folded, name) for name in CardProgress.FOLDED} == {
            name: getattr(progress, name) for name in CardProgress.FOLDED
        }
        if in_session:
            session.refresh_from_db()
            assert (session.cards_studied, session.correct_answers) == (1, 2 - taken_back)

    @pytest.mark.parametrize("round_", range(3))
    def test_an_undo_and_an_answer_to_another_word_are_both_counted(self, do, user, session, cards, now, round_):
        do(id=ID, session=session)

        def answer():
            mine = StudySession.objects.get(pk=session.pk)
            return do(at=now + MINUTE, card=cards[1], session=mine, learner=self.learner(user))

        undone, _ = self.at_once([partial(self.undo, user, ID, now + HOUR), answer])
        left = 1 if undone != "stale" else 2
        session.refresh_from_db()
        assert (session.cards_studied, session.correct_answers) == (left, left)
        assert UserStatistics.objects.get().total_views == CardProgress.objects.count() == left
