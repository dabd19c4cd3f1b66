"""Answers given offline and sent later: the row is as if all had come in order."""

import random
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from study import acts
from study.acts import Act, ActRefused
from study.choices import Direction, InteractionType, Rating
from study.log import CardInteraction, UserStatistics
from study.models import CardProgress, StudySession
from study.rebuild import Rebuild
from study.scheduling import fsrs

READ, WEIGHTS = Direction.CHINESE_TO_ENGLISH, fsrs.DEFAULT_WEIGHTS
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
REVIEW = InteractionType.REVIEW
LOW_ID, HIGH_ID = UUID("00000000-0000-7000-8000-000000000001"), UUID("ffffffff-ffff-4fff-bfff-ffffffffffff")
UNGRADED = ["suspend", "unsuspend", "bury", "unbury", "reset", "set_due", "mark_known"]
# What says when a row was written, not what is remembered.
WRITTEN = {"created_at", "updated_at"}
FOLDED = [name for name in CardProgress.FOLDED if name not in WRITTEN]

answers = st.lists(
    st.tuples(
        st.sampled_from([SECOND, MINUTE, 11 * MINUTE, 5 * HOUR, DAY, 3 * DAY, 25 * DAY]),
        st.sampled_from([(REVIEW, rating) for rating in Rating] + [("quiz_correct", 3), ("quiz_incorrect", 1)]),
        st.sampled_from([None, 700, 60_000]),
    ),
    min_size=2,
    max_size=8,
)
many_times = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], print_blob=True
)


@pytest.fixture
def do(user, card, now):
    """Return a function that records an act on the first card at a time, received then unless told."""

    def do(at=now, rating=Rating.GOOD, received=None, type=REVIEW, id=None, session=None, learner=user, **fields):
        fields = {"card": card, "direction": READ, "rating": rating} | fields
        return acts.record(learner, Act(id=id or uuid7(), type=type, at=at, **fields), received or at, session)

    return do


@pytest.fixture
def row():
    """Return a function that returns what is remembered of the one word."""

    def row(**which):
        progress = CardProgress.objects.get(**which)
        return {name: getattr(progress, name) for name in FOLDED}

    return row


@pytest.fixture
def differing(user):
    """Return a function that returns what the rebuild finds to differ, or to be broken."""

    def differing(learner=user):
        lines = []
        Rebuild(learner, lines.append).run(write=False)
        return lines

    return differing


def in_vain(work):
    """Do some work and undo all that it wrote; return what it returned."""
    with transaction.atomic():
        found = work()
        transaction.set_rollback(True)
    return found


class TestAsInOrder:
    @many_times
    @given(history=answers, seed=st.integers(0, 10_000))
    def test_answers_in_any_order_make_the_row_of_those_in_order(self, do, row, differing, user, now, history, seed):
        told, at = [], now
        for gap, (kind, rating), took in history:
            at += gap
            told.append({"at": at, "type": InteractionType(kind), "rating": rating, "response_time": took})
        shuffled = random.Random(seed).sample(told, len(told))

        def in_order():
            for each in told:
                do(**each)
            return row(), UserStatistics.objects.values().get()

        def in_another_order():
            for number, each in enumerate(shuffled):
                do(**each, received=at + number * SECOND)
            return row(), UserStatistics.objects.values().get(), differing()

        expected, totals = in_vain(in_order)
        found, found_totals, wrong = in_vain(in_another_order)
        assert (found, found_totals, wrong) == (expected, totals, [])

    @many_times
    @given(history=answers, seed=st.integers(0, 10_000))
    def test_so_it_is_when_they_come_all_at_once_in_a_list(self, do, row, differing, now, history, seed):
        """A list is recorded in the order of the answers' times, and received at one time."""
        told, at = [], now
        for gap, (kind, rating), took in history:
            at += gap
            told.append({"at": at, "type": InteractionType(kind), "rating": rating, "response_time": took})
        pick = random.Random(seed)
        first = sorted(pick.sample(range(len(told)), pick.randint(1, len(told))))

        def in_order():
            for each in told:
                do(**each)
            return row()

        def in_two_lists():
            for received, list_ in ((at, first), (at + HOUR, [n for n in range(len(told)) if n not in first])):
                for number in list_:
                    do(**told[number], received=received)
            return row(), differing()

        assert in_vain(in_two_lists) == (in_vain(in_order), [])

    def test_the_late_answer_says_what_it_found_in_its_place(self, do, now):
        first = do(at=now - 10 * DAY, rating=Rating.EASY)
        do(at=now)
        late = do(at=now - 4 * DAY, received=now + MINUTE)
        late.refresh_from_db()
        assert (late.state_before, late.stability_before, late.due_before) == (
            first.state_after,
            first.stability_after,
            first.due_after,
        )
        assert late.retrievability is not None
        assert (late.answered_at, late.received_at) == (now - 4 * DAY, now + MINUTE)

    def test_the_answers_already_in_the_log_stay_as_they_were_given(self, do, now):
        do(at=now - 10 * DAY, rating=Rating.EASY)
        do(at=now)
        before = list(CardInteraction.objects.order_by("pk").values())
        do(at=now - 4 * DAY, received=now + MINUTE, id=HIGH_ID)
        old = CardInteraction.objects.exclude(pk=HIGH_ID)
        assert list(old.order_by("pk").values()) == before

    def test_a_late_lapse_counts(self, do, row, now):
        do(at=now - 10 * DAY, rating=Rating.EASY)
        do(at=now)
        do(at=now - DAY, received=now + MINUTE, rating=Rating.AGAIN)
        assert (row()["lapses"], row()["consecutive_correct"], row()["reps"]) == (1, 1, 3)

    def test_an_answer_on_two_devices_on_one_day_is_kept_twice(self, do, row, now):
        do(at=now - 10 * DAY, rating=Rating.EASY)
        do(at=now, device="laptop")
        do(at=now - HOUR, received=now + MINUTE, device="phone")
        log = CardInteraction.objects.order_by("answered_at")
        assert list(log.values_list("device", flat=True)) == ["", "phone", "laptop"]
        assert row()["reps"] == 3

    def test_the_second_on_one_day_is_a_same_day_review(self, do, row, stranger, now):
        for learner, order in (("li", [now - HOUR, now]), ("wang", [now, now - HOUR])):
            who = {} if learner == "li" else {"learner": stranger}
            do(at=now - 10 * DAY, rating=Rating.EASY, **who)
            for number, at in enumerate(order):
                do(at=at, received=now + number * MINUTE, **who)
        assert row(user=stranger) == row(user__username="li")


class TestWithOtherActs:
    """An answer from before an act, sent after it, leaves what the learner has chosen since."""

    @pytest.fixture
    def in_and_out_of_order(self, do, row, user, stranger, now):
        """Return a function that returns two learners' rows: the second one's answer before the act came late."""

        def both(type, days=None, then=True):
            rows = []
            for learner, late in ((user, False), (stranger, True)):
                answer = {"at": now - HOUR, "learner": learner, "rating": Rating.AGAIN}
                do(at=now - 9 * DAY, learner=learner, rating=Rating.EASY)
                if not late:
                    do(**answer)
                do(at=now, learner=learner, type=type, rating=None, days=days)
                if then:
                    do(at=now + 9 * DAY, learner=learner)
                if late:
                    do(**answer, received=now + 10 * DAY)
                rows.append(row(user=learner))
            return rows

        return both


class TestClocks:
    @pytest.mark.parametrize("ahead", [24 * HOUR + SECOND, 400 * DAY])
    def test_more_than_a_day_ahead_is_refused_and_leaves_nothing(self, do, every_row, now, ahead):
        before = every_row()
        with pytest.raises(ActRefused, match="more than a day ahead"):
            do(at=now + ahead, received=now)
        assert every_row() == before

    @pytest.mark.parametrize(
        ("ahead", "flagged"),
        [(SECOND, False), (5 * MINUTE, False), (5 * MINUTE + SECOND, True), (3 * HOUR, True), (24 * HOUR, True)],
    )
    def test_less_is_taken_for_the_time_of_receipt(self, do, row, now, ahead, flagged):
        entry = do(at=now + ahead, received=now)
        entry.refresh_from_db()
        assert (entry.answered_at, entry.received_at, entry.clock_ahead) == (now, now, flagged)
        assert row()["last_reviewed_at"] == now

    @pytest.mark.parametrize("ago", [timedelta(0), 5 * DAY])
    def test_a_slow_clock_is_not_flagged(self, do, now, ago):
        assert do(at=now - ago, received=now).clock_ahead is False


class TestTotals:
    def test_a_late_answer_counts_in_its_session_and_totals(self, do, user, deck, cards, now):
        session = StudySession.start(user, deck, None, now - 2 * HOUR)
        do(at=now - HOUR, session=session, response_time=2_000)
        do(at=now - 2 * HOUR + MINUTE, received=now, session=session, rating=Rating.AGAIN, response_time=1_000)
        session.refresh_from_db()
        assert (session.cards_studied, session.correct_answers, session.session_duration) == (1, 1, 60.0)
        assert UserStatistics.objects.values_list("total_views", "study_time_ms").get() == (2, 3_000)

    def test_an_answer_from_before_its_session_takes_no_time(self, do, session, now):
        do(at=now - HOUR, received=now, session=session)
        session.refresh_from_db()
        assert (session.cards_studied, session.session_duration) == (1, 0.0)

    def test_a_stranger_s_row_is_left_alone(self, do, row, stranger, now):
        do(at=now, learner=stranger)
        before = row()
        do(at=now)
        do(at=now - DAY, received=now + MINUTE)
        assert row(user=stranger) == before


class TestUndo:
    def test_a_late_answer_is_taken_back_exactly(self, do, user, now):
        do(at=now - 10 * DAY, rating=Rating.EASY)
        do(at=now)
        before = CardProgress.objects.values().get()
        late = do(at=now - DAY, received=now + MINUTE, rating=Rating.AGAIN)
        acts.undo(user, late.pk, now + HOUR)
        assert CardProgress.objects.values().get() == before
        assert CardInteraction.objects.standing().count() == 2

    def test_an_answer_after_a_late_one_is_taken_back_exactly(self, do, user, now):
        do(at=now)
        do(at=now - DAY, received=now + MINUTE, rating=Rating.AGAIN)
        before = CardProgress.objects.values().get()
        acts.undo(user, do(at=now + DAY).pk, now + 2 * DAY)
        assert CardProgress.objects.values().get() == before

    def test_a_late_answer_sent_again_changes_nothing(self, do, every_row, now):
        do(at=now)
        do(at=now - DAY, received=now + MINUTE, id=LOW_ID)
        before = every_row()
        assert do(at=now - DAY, received=now + HOUR, id=LOW_ID).repeated
        assert every_row() == before


class TestRebuilt:
    """Whatever was done, the log says how the rows are."""

    @settings(many_times, max_examples=60)
    @given(
        history=st.lists(
            st.tuples(
                st.integers(0, 1),
                st.sampled_from([*Rating, "quiz_correct", "flip", *UNGRADED, "undo", "undo", "late", "late", "late"]),
                st.sampled_from([SECOND, 10 * MINUTE, DAY, 12 * DAY]),
                st.booleans(),
            ),
            max_size=14,
        )
    )
    @example(history=[(0, Rating.GOOD, DAY, False), (0, "late", DAY, True), (0, "undo", DAY, False)])
    def test_a_random_mixture_differs_in_nothing(self, do, user, session, cards, differing, now, history):
        def mixture():
            at, done = now, []
            for card, kind, gap, sat in history:
                at += gap
                fields = {"card": cards[card], "session": session if sat else None}
                if kind == "undo":
                    done and acts.undo(user, done.pop(), at)
                    continue
                if kind == "late":
                    fields |= {"at": at - 5 * DAY, "received": at}
                elif kind in tuple(Rating):
                    fields |= {"at": at, "rating": kind}
                elif kind == "quiz_correct":
                    fields |= {"at": at, "type": InteractionType(kind), "rating": 3}
                elif kind != "set_due" or CardProgress.objects.filter(card=cards[card], stability__isnull=False):
                    fields |= {"at": at, "type": InteractionType(kind), "rating": None, "days": 4}
                else:
                    continue
                done.append(do(**fields).pk)
            return differing()

        assert in_vain(mixture) == []
