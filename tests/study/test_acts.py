"""What each act on a word leaves behind in its row, the log and the totals, and what the queue makes of it."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from django.db import IntegrityError
from uuid_utils.compat import uuid7

from study import acts
from study.acts import Act, ActRefused, StaleAnswer
from study.choices import Direction, InteractionType, Mastery, Mode, Rating, State
from study.log import CardInteraction, UserStatistics
from study.models import CardProgress, Enrolment, StudySession
from study.queue import Queue
from study.scheduling import fsrs

ID = UUID("01990000-0000-7000-8000-000000000001")
READ, WRITE = Direction.CHINESE_TO_ENGLISH, Direction.ENGLISH_TO_CHINESE
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
DAY_OF_NOW = (date(2026, 3, 2) - date(1970, 1, 1)).days
TODAY, TOMORROW = datetime(2026, 3, 2, 4, tzinfo=UTC), datetime(2026, 3, 3, 4, tzinfo=UTC)
DAYS = {InteractionType.SET_DUE: 5, InteractionType.MARK_KNOWN: 30}
FLIP, SUSPEND, UNSUSPEND = InteractionType.FLIP, InteractionType.SUSPEND, InteractionType.UNSUSPEND
BURY, UNBURY, RESET = InteractionType.BURY, InteractionType.UNBURY, InteractionType.RESET
SET_DUE, MARK_KNOWN = InteractionType.SET_DUE, InteractionType.MARK_KNOWN
UNGRADED = [FLIP, SUSPEND, UNSUSPEND, BURY, UNBURY, RESET, SET_DUE, MARK_KNOWN]
# What an act that is no answer leaves alone, whatever it is.
ANSWERED = ["reps", "lapses", "consecutive_correct", "last_reviewed_at", "quiz_attempts", "quiz_correct"]
MEMORY = ["state", "step", "stability", "difficulty", "interval", "next_review_at", "last_day"]

each_act = pytest.mark.parametrize("type", UNGRADED)


@pytest.fixture
def do(user, card, now):
    """Return a function that records an act on the first card, now and without a session unless told."""

    def do(type, rating=None, at=now, card=card, direction=READ, id=None, session=None, learner=user, **fields):
        act = Act(id=id or uuid7(), card=card, direction=direction, type=type, rating=rating, at=at, **fields)
        return acts.record(learner, act, at, session)

    return do


@pytest.fixture
def answer(do):
    """Return a function that records a graded answer."""
    return lambda rating=Rating.GOOD, **fields: do(InteractionType.REVIEW, rating, **fields)


@pytest.fixture
def enrolment(user, deck):
    return Enrolment.objects.create(user=user, deck=deck, directions=[READ])


@pytest.fixture
def begun(answer, now):
    """A word that graduated three days ago."""
    answer(Rating.EASY, at=now - 3 * DAY)
    return CardProgress.objects.get()


def columns(row, names):
    return {name: getattr(row, name) for name in names}


def words(user, at):
    return [entry.card.hanzi for entry in Queue(user, at).entries(10)]


class TestEveryAct:
    @each_act
    def test_leaves_what_was_answered_alone(self, do, begun, type):
        do(type, days=DAYS.get(type))
        assert columns(CardProgress.objects.get(), ANSWERED) == columns(begun, ANSWERED)

    @each_act
    def test_is_one_entry_of_the_log_with_no_rating(self, do, begun, user, card, now, type):
        made = do(type, days=DAYS.get(type), id=ID, device="phone")
        entry = CardInteraction.objects.get(pk=ID)
        assert made == entry
        assert (entry.interaction_type, entry.rating, entry.response_time, entry.device) == (type, None, None, "phone")
        assert (entry.user, entry.card, entry.progress_id, entry.direction) == (user, card, begun.pk, READ)
        assert (entry.answered_at, entry.received_at, entry.day) == (now, now, DAY_OF_NOW)
        assert CardInteraction.objects.count() == 2

    @each_act
    def test_says_in_the_log_what_was_before(self, do, begun, type):
        entry = do(type, days=DAYS.get(type))
        entry.refresh_from_db()
        assert (entry.state_before, entry.step_before) == (State.REVIEW, None)
        assert (entry.stability_before, entry.difficulty_before) == (begun.stability, begun.difficulty)
        assert (entry.interval_before, entry.due_before) == (begun.interval, begun.next_review_at)

    @each_act
    def test_is_no_answer_in_its_session(self, do, begun, session, now, type):
        do(type, days=DAYS.get(type), session=session, at=now + MINUTE)
        session.refresh_from_db()
        assert (session.cards_studied, session.correct_answers, session.session_duration) == (0, 0, 0.0)

    @each_act
    def test_counts_as_a_view_only_when_the_card_was_seen(self, do, begun, user, type):
        do(type, days=DAYS.get(type))
        totals = UserStatistics.objects.values_list("user", "total_views", "total_quiz_attempts").get()
        assert totals == (user.pk, 2 if type == FLIP else 1, 0)

    @each_act
    def test_with_the_same_id_again_changes_no_row_of_any_table(self, do, begun, every_row, now, type):
        first = do(type, days=DAYS.get(type), id=ID, response_time=700)
        before = every_row()
        again = do(type, days=DAYS.get(type), id=ID, at=now + HOUR, response_time=9_000)
        assert (again, again.repeated, first.repeated) == (first, True, False)
        assert every_row() == before

    @pytest.mark.parametrize("type", [kind for kind in UNGRADED if kind != SET_DUE])
    def test_on_a_new_word_with_the_same_id_again_changes_no_row_of_any_table(self, do, every_row, now, type):
        do(type, days=DAYS.get(type), id=ID)
        before = every_row()
        assert do(type, days=DAYS.get(type), id=ID, at=now + HOUR).repeated
        assert every_row() == before

    @each_act
    def test_with_an_id_of_another_learner_is_stale(self, do, begun, stranger, every_row, type):
        do(FLIP, learner=stranger, id=ID)
        before = every_row()
        with pytest.raises(StaleAnswer):
            do(type, days=DAYS.get(type), id=ID)
        assert every_row() == before

    @each_act
    @pytest.mark.parametrize("rating", Rating)
    def test_with_a_rating_is_refused(self, do, begun, every_row, type, rating):
        before = every_row()
        with pytest.raises(IntegrityError, match="interactions_rating_fits_type"):
            do(type, rating, days=DAYS.get(type))
        assert every_row() == before

    @each_act
    def test_touches_only_the_learner_s_own_row_of_one_direction(self, do, begun, answer, stranger, now, type):
        answer(direction=WRITE)
        answer(learner=stranger)
        others = CardProgress.objects.exclude(pk=begun.pk).order_by("pk")
        before = list(others.values())
        do(type, days=DAYS.get(type), at=now + MINUTE)
        assert list(others.values()) == before

    @each_act
    def test_is_of_the_row_s_time(self, do, begun, now, type):
        do(type, days=DAYS.get(type))
        progress = CardProgress.objects.get()
        assert (progress.created_at, progress.updated_at) == (now - 3 * DAY, now)


class TestFlip:
    def test_a_first_look_at_a_new_word_makes_a_row_without_a_memory(self, do, now):
        do(FLIP, response_time=1_500)
        progress = CardProgress.objects.get()
        assert (progress.flip_count, progress.first_flipped_at, progress.last_flipped_at) == (1, now, now)
        assert (progress.stability, progress.next_review_at, progress.reps) == (None, None, 0)
        assert (progress.mastery_level, progress.total_study_time) == (Mastery.NEW, 1.5)

    def test_each_look_is_counted_and_the_first_is_kept(self, do, now):
        for minutes in range(3):
            do(FLIP, at=now + minutes * MINUTE)
        progress = CardProgress.objects.get()
        assert (progress.flip_count, progress.first_flipped_at) == (3, now)
        assert progress.last_flipped_at == now + 2 * MINUTE

    def test_a_look_counts_in_the_learner_s_views_and_minutes(self, do, user):
        do(FLIP, response_time=30_000)
        totals = UserStatistics.objects.get()
        assert (totals.user, totals.total_views, totals.total_quiz_attempts) == (user, 1, 0)
        assert totals.study_time_minutes == 0.5

    def test_a_look_leaves_the_memory_as_it_was(self, do, begun):
        do(FLIP)
        assert columns(CardProgress.objects.get(), MEMORY) == columns(begun, MEMORY)

    def test_a_word_only_looked_at_is_still_new_in_the_queue(self, do, enrolment, user, now):
        do(FLIP)
        assert [(each.card.hanzi, each.kind) for each in Queue(user, now).entries(1)] == [("学生", "new")]
        assert Queue(user, now).counts.new == 5

    def test_a_word_looked_at_and_then_answered_is_one_row(self, do, answer, now):
        do(FLIP)
        entry = answer(at=now + MINUTE)
        assert (entry.state_before, CardProgress.objects.get().reps) == ("", 1)


class TestSuspend:
    def test_a_suspended_word_keeps_its_memory(self, do, begun):
        do(SUSPEND)
        progress = CardProgress.objects.get()
        assert progress.suspended is True
        assert columns(progress, MEMORY) == columns(begun, MEMORY)

    def test_a_suspended_word_does_not_come(self, do, begun, enrolment, user):
        due = begun.next_review_at
        assert words(user, due)[0] == "学生"
        do(SUSPEND)
        assert "学生" not in words(user, due)
        assert Queue(user, due).counts.review == 0

    def test_a_suspended_new_word_does_not_come(self, do, enrolment, user, now):
        do(SUSPEND)
        assert words(user, now) == ["老师", "苹果", "水", "看"]
        assert Queue(user, now).counts.new == 4

    def test_a_word_taken_up_again_comes_as_before(self, do, begun, enrolment, user, now):
        do(SUSPEND)
        do(UNSUSPEND, at=now + MINUTE)
        progress = CardProgress.objects.get()
        assert progress.suspended is False
        assert columns(progress, MEMORY) == columns(begun, MEMORY)
        assert words(user, begun.next_review_at)[0] == "学生"

    def test_a_new_word_taken_up_again_is_new(self, do, enrolment, user, now):
        do(SUSPEND)
        do(UNSUSPEND, at=now + MINUTE)
        assert words(user, now + MINUTE) == ["学生", "老师", "苹果", "水", "看"]

    def test_suspending_twice_is_suspended_and_twice_in_the_log(self, do, begun):
        do(SUSPEND)
        do(SUSPEND)
        assert CardProgress.objects.get().suspended is True
        assert CardInteraction.objects.filter(interaction_type=SUSPEND).count() == 2

    def test_a_suspended_direction_leaves_the_other(self, do, user, deck, now):
        Enrolment.objects.create(user=user, deck=deck, directions=[READ, WRITE])
        do(SUSPEND)
        first = Queue(user, now).entries(5)
        assert [(each.card.hanzi, each.direction) for each in first if each.card.hanzi == "学生"] == [("学生", WRITE)]


class TestBury:
    def test_a_buried_word_waits_for_the_learner_s_next_day(self, do, begun, enrolment, user):
        due = begun.next_review_at
        do(BURY, at=due)
        assert CardProgress.objects.get().buried_until == due + DAY
        assert "学生" not in words(user, due)
        assert "学生" not in words(user, due + DAY - timedelta(microseconds=1))
        assert words(user, due + DAY)[0] == "学生"

    def test_a_buried_new_word_waits_for_the_next_day(self, do, enrolment, user, now):
        do(BURY)
        assert words(user, now) == ["老师", "苹果", "水", "看"]
        assert words(user, TOMORROW) == ["学生", "老师", "苹果", "水", "看"]

    @pytest.mark.parametrize(
        ("zone", "hour", "at", "until"),
        [
            ("UTC", 4, datetime(2026, 3, 2, 3, 59, tzinfo=UTC), datetime(2026, 3, 2, 4, tzinfo=UTC)),
            ("UTC", 4, datetime(2026, 3, 2, 4, tzinfo=UTC), datetime(2026, 3, 3, 4, tzinfo=UTC)),
            ("Asia/Kathmandu", 4, datetime(2026, 3, 2, 22, 14, tzinfo=UTC), datetime(2026, 3, 2, 22, 15, tzinfo=UTC)),
            ("Asia/Kathmandu", 4, datetime(2026, 3, 2, 22, 15, tzinfo=UTC), datetime(2026, 3, 3, 22, 15, tzinfo=UTC)),
            ("Asia/Kathmandu", 0, datetime(2026, 3, 2, 18, 14, tzinfo=UTC), datetime(2026, 3, 2, 18, 15, tzinfo=UTC)),
            # The night in which New York's clock jumps over two o'clock.
            ("America/New_York", 4, datetime(2026, 3, 7, 20, tzinfo=UTC), datetime(2026, 3, 8, 8, tzinfo=UTC)),
        ],
    )
    def test_the_next_day_is_that_of_the_learner_s_own_clock(self, do, user, zone, hour, at, until):
        user.time_zone, user.day_starts_at = zone, hour
        entry = do(BURY, at=at)
        assert CardProgress.objects.get().buried_until == until
        assert entry.due_after == until

    def test_burying_keeps_the_memory(self, do, begun):
        do(BURY)
        assert columns(CardProgress.objects.get(), MEMORY) == columns(begun, MEMORY)

    def test_a_word_dug_out_comes_at_once(self, do, begun, enrolment, user):
        due = begun.next_review_at
        do(BURY, at=due)
        do(UNBURY, at=due + MINUTE)
        assert CardProgress.objects.get().buried_until is None
        assert words(user, due + MINUTE)[0] == "学生"

    def test_digging_out_what_is_not_buried_changes_only_the_times_of_the_row(self, do, begun, now):
        do(UNBURY)
        expected = columns(begun, CardProgress.FOLDED) | {"updated_at": now, "last_act_at": now}
        assert columns(CardProgress.objects.get(), CardProgress.FOLDED) == expected


class TestReset:
    def test_a_word_forgotten_on_purpose_is_as_new(self, do, begun, now):
        entry = do(RESET)
        progress = CardProgress.objects.get()
        assert columns(progress, MEMORY) == {
            "state": State.LEARNING,
            "step": None,
            "stability": None,
            "difficulty": None,
            "interval": 0,
            "next_review_at": None,
            "last_day": None,
        }
        assert progress.mastery_level == Mastery.NEW
        assert (entry.state_after, entry.stability_after, entry.due_after) == ("", None, None)

    def test_it_comes_again_as_a_new_word(self, do, begun, enrolment, user, now):
        do(RESET)
        assert [(each.card.hanzi, each.kind) for each in Queue(user, now).entries(1)] == [("学生", "new")]

    @pytest.mark.parametrize("rating", Rating)
    def test_its_next_answer_is_a_first_one(self, do, answer, begun, now, rating):
        do(RESET)
        entry = answer(rating, at=now + MINUTE)
        progress = CardProgress.objects.get()
        assert fsrs.Memory(progress.stability, progress.difficulty) == fsrs.first(fsrs.DEFAULT_WEIGHTS, rating)
        assert (entry.state_before, entry.retrievability, progress.lapses) == ("", None, 0)

    def test_a_word_not_begun_can_be_reset_too(self, do, enrolment, user, now):
        do(RESET)
        assert (CardProgress.objects.get().stability, words(user, now)[0]) == (None, "学生")

    def test_a_reset_is_remembered_when_the_weights_change(self, do, answer, begun, user, now):
        do(RESET)
        answer(Rating.GOOD, at=now + MINUTE)
        user.weights, user.params_version = [2 * fsrs.DEFAULT_WEIGHTS[0], *fsrs.DEFAULT_WEIGHTS[1:]], 1
        entry = answer(Rating.GOOD, at=now + 11 * MINUTE)
        assert entry.stability_before == fsrs.first(user.weights, Rating.GOOD).stability


class TestSetDue:
    @pytest.mark.parametrize("days", [0, 1, 5, 36_500])
    def test_a_word_comes_on_the_day_chosen_and_its_memory_stays(self, do, begun, days):
        entry = do(SET_DUE, days=days)
        progress = CardProgress.objects.get()
        assert progress.next_review_at == TODAY + days * DAY
        expected = columns(begun, MEMORY) | {"next_review_at": TODAY + days * DAY}
        assert columns(progress, MEMORY) == expected
        assert (entry.interval, entry.due_after, entry.stability_after) == (days, TODAY + days * DAY, begun.stability)

    def test_no_days_is_now(self, do, begun, enrolment, user, now):
        assert "学生" not in words(user, now)
        do(SET_DUE, days=0)
        assert [(each.card.hanzi, each.kind) for each in Queue(user, now).entries(1)] == [("学生", "review")]

    def test_the_queue_waits_for_the_day(self, do, begun, enrolment, user, now):
        do(SET_DUE, days=40)
        assert "学生" not in words(user, TODAY + 40 * DAY - MINUTE)
        assert words(user, TODAY + 40 * DAY)[0] == "学生"

    def test_the_days_are_the_learner_s_own(self, do, begun, user):
        user.time_zone = "Asia/Kathmandu"
        do(SET_DUE, days=2, at=datetime(2026, 3, 2, 22, 14, tzinfo=UTC))
        assert CardProgress.objects.get().next_review_at == datetime(2026, 3, 3, 22, 15, tzinfo=UTC)

    def test_a_word_in_learning_becomes_a_review(self, do, answer, now):
        answer(Rating.GOOD)
        learning = CardProgress.objects.get()
        do(SET_DUE, days=7, at=now + MINUTE)
        progress = CardProgress.objects.get()
        assert (progress.state, progress.step, progress.interval) == (State.REVIEW, None, 7)
        assert (progress.stability, progress.last_day) == (learning.stability, learning.last_day)

    def test_a_word_in_learning_that_is_put_on_today_has_an_interval(self, do, answer, now):
        answer(Rating.GOOD)
        do(SET_DUE, days=0, at=now + MINUTE)
        progress = CardProgress.objects.get()
        assert (progress.interval, progress.next_review_at) == (1, TODAY)

    def test_a_word_not_begun_is_refused_and_leaves_nothing(self, do, every_row):
        before = every_row()
        with pytest.raises(ActRefused, match="not begun"):
            do(SET_DUE, days=3)
        assert every_row() == before

    @pytest.mark.parametrize("type", [RESET, FLIP, SUSPEND])
    def test_a_word_with_a_row_but_without_a_memory_is_refused(self, do, begun, every_row, now, type):
        do(RESET)
        do(type, at=now + MINUTE)
        before = every_row()
        with pytest.raises(ActRefused, match="not begun"):
            do(SET_DUE, days=3, at=now + HOUR)
        assert every_row() == before

    def test_the_answer_after_counts_from_the_last_answer(self, do, answer, begun, now):
        do(SET_DUE, days=7)
        entry = answer(at=now + 7 * DAY)
        expected = fsrs.next_memory(
            fsrs.DEFAULT_WEIGHTS, fsrs.Memory(begun.stability, begun.difficulty), 10, Rating.GOOD
        )
        assert (entry.stability_after, entry.difficulty_after) == (expected.stability, expected.difficulty)
        assert entry.interval > begun.interval


class TestMarkKnown:
    @pytest.mark.parametrize("days", [1, 30, 365, 36_500])
    @pytest.mark.parametrize("known", [False, True], ids=["a new word", "a begun word"])
    def test_a_known_word_is_due_on_the_day_chosen(self, do, request, known, days):
        if known:
            request.getfixturevalue("begun")
        do(MARK_KNOWN, days=days)
        progress = CardProgress.objects.get()
        assert progress.next_review_at == TODAY + days * DAY
        assert (progress.state, progress.step, progress.interval) == (State.REVIEW, None, days)
        assert (progress.stability, progress.last_day) == (pytest.approx(days), DAY_OF_NOW)
        assert progress.difficulty == fsrs.first(fsrs.DEFAULT_WEIGHTS, Rating.EASY).difficulty

    def test_without_a_day_it_is_due_in_a_quarter(self, do):
        do(MARK_KNOWN)
        progress = CardProgress.objects.get()
        assert (progress.next_review_at, progress.interval) == (TODAY + 90 * DAY, 90)
        assert progress.mastery_level == Mastery.MASTERED

    @pytest.mark.parametrize("retention", [0.7, 0.85, 0.9, 0.97])
    def test_on_that_day_recall_is_as_the_learner_wishes(self, do, user, retention):
        user.desired_retention = retention
        do(MARK_KNOWN, days=60)
        stability = CardProgress.objects.get().stability
        assert fsrs.retrievability(fsrs.DEFAULT_WEIGHTS, stability, 60) == pytest.approx(retention, abs=1e-9)

    @pytest.mark.parametrize("retention", [0.7, 0.9, 0.97])
    @pytest.mark.parametrize("days", [1, 30, 365])
    def test_the_interval_after_is_longer_and_that_of_the_formula(self, do, answer, user, now, days, retention):
        user.desired_retention = retention
        known = do(MARK_KNOWN, days=days)
        entry = answer(Rating.GOOD, at=now + days * DAY)
        memory = fsrs.Memory(known.stability_after, known.difficulty_after)
        memory = fsrs.next_memory(fsrs.DEFAULT_WEIGHTS, memory, days, Rating.GOOD)
        assert entry.raw_interval == fsrs.interval(fsrs.DEFAULT_WEIGHTS, memory.stability, retention)
        assert entry.interval > days
        assert (entry.state_before, entry.retrievability) == (State.REVIEW, pytest.approx(retention, abs=1e-9))

    def test_forgetting_a_known_word_is_a_lapse(self, do, answer, now):
        do(MARK_KNOWN, days=30)
        answer(Rating.AGAIN, at=now + 30 * DAY)
        progress = CardProgress.objects.get()
        assert (progress.state, progress.lapses, progress.reps) == (State.RELEARNING, 1, 1)
        assert progress.stability < 30

    def test_a_known_new_word_is_no_longer_handed_out_until_its_day(self, do, enrolment, user, now):
        do(MARK_KNOWN, days=30)
        assert words(user, now) == ["老师", "苹果", "水", "看"]
        assert words(user, TODAY + 30 * DAY)[0] == "学生"

    def test_a_known_word_takes_none_of_the_day_s_new_words(self, do, enrolment, user, now):
        user.new_per_day = 2
        do(MARK_KNOWN)
        assert words(user, now) == ["老师", "苹果"]

    def test_the_days_are_the_learner_s_own(self, do, user):
        user.time_zone = "Asia/Kathmandu"
        do(MARK_KNOWN, days=2, at=datetime(2026, 3, 2, 22, 14, tzinfo=UTC))
        assert CardProgress.objects.get().next_review_at == datetime(2026, 3, 3, 22, 15, tzinfo=UTC)

    def test_new_weights_leave_what_the_learner_said(self, do, answer, user, now):
        do(MARK_KNOWN, days=30)
        user.weights, user.params_version = [2 * fsrs.DEFAULT_WEIGHTS[0], *fsrs.DEFAULT_WEIGHTS[1:]], 1
        entry = answer(Rating.GOOD, at=now + 30 * DAY)
        assert (entry.stability_before, entry.params_version) == (pytest.approx(30), 1)


class TestQuiz:
    @pytest.mark.parametrize(
        ("type", "rating", "right"), [(InteractionType.QUIZ_CORRECT, 3, 1), (InteractionType.QUIZ_INCORRECT, 1, 0)]
    )
    def test_a_quiz_answer_moves_the_memory_like_its_grade(self, do, user, session, now, type, rating, right):
        do(type, rating, session=session, at=now + MINUTE, response_time=60_000)
        progress = CardProgress.objects.get()
        assert fsrs.Memory(progress.stability, progress.difficulty) == fsrs.first(fsrs.DEFAULT_WEIGHTS, rating)
        assert (progress.quiz_attempts, progress.quiz_correct, progress.reps) == (1, right, 1)
        assert progress.last_quiz_attempt_at == now + MINUTE
        totals = UserStatistics.objects.get()
        assert (totals.total_views, totals.total_quiz_attempts, totals.total_correct_answers) == (1, 1, right)
        assert totals.study_time_minutes == 1.0
        session.refresh_from_db()
        assert (session.cards_studied, session.correct_answers, session.session_duration) == (1, right, 1.0)

    @pytest.mark.parametrize(
        ("type", "rating"),
        [(InteractionType.QUIZ_CORRECT, 1), (InteractionType.QUIZ_INCORRECT, 3), (InteractionType.QUIZ_CORRECT, None)],
    )
    def test_another_rating_than_its_own_is_refused(self, do, every_row, type, rating):
        before = every_row()
        with pytest.raises(IntegrityError, match="interactions_rating_fits_type"):
            do(type, rating)
        assert every_row() == before


class TestCram:
    @pytest.fixture
    def cram(self, user, deck, now):
        return StudySession.start(user, deck, None, now, Mode.CRAM)

    @pytest.mark.parametrize("rating", Rating)
    def test_an_answer_leaves_the_schedule_as_it_is(self, answer, begun, cram, now, rating):
        entry = answer(rating, session=cram, at=now + MINUTE)
        progress = CardProgress.objects.get()
        assert columns(progress, [*MEMORY, *ANSWERED]) == columns(begun, [*MEMORY, *ANSWERED])
        assert (entry.cram, entry.graded, entry.stability_after) == (True, False, begun.stability)

    def test_an_answer_counts_in_the_session_and_the_totals(self, answer, begun, cram, now):
        answer(session=cram, at=now + MINUTE, response_time=2_000)
        cram.refresh_from_db()
        assert (cram.cards_studied, cram.correct_answers, cram.session_duration) == (1, 1, 1.0)
        assert UserStatistics.objects.get().total_views == 2
        assert CardProgress.objects.get().total_study_time == 2.0

    def test_a_new_word_crammed_is_still_new(self, answer, cram, user, now):
        answer(session=cram, at=now)
        assert words(user, now)[0] == "学生"
        assert CardProgress.objects.get().stability is None


class TestNewWeights:
    """A memory is computed anew with the learner's weights when the word is next answered; not before."""

    @pytest.fixture
    def refitted(self, begun, user):
        user.weights = [weight * 1.1 if at < 4 else weight for at, weight in enumerate(fsrs.DEFAULT_WEIGHTS)]
        user.params_version = 1
        user.save()
        return begun

    @pytest.mark.parametrize("type", [FLIP, SUSPEND, UNSUSPEND, BURY, UNBURY])
    def test_an_act_that_is_no_answer_leaves_the_memory_as_the_log_has_it(self, do, refitted, type):
        do(type)
        progress = CardProgress.objects.get()
        assert columns(progress, MEMORY) == columns(refitted, MEMORY)
        assert columns(progress.fold(progress.entries()), MEMORY) == columns(progress, MEMORY)

    def test_an_answer_starts_from_the_memory_by_the_new_weights_and_moves_no_date_before(self, answer, refitted, user):
        entry = answer(Rating.GOOD)
        assert entry.stability_before == fsrs.first(user.weights, Rating.EASY).stability
        assert (entry.due_before, entry.params_version) == (refitted.next_review_at, 1)


class TestOverTheApi:
    @pytest.fixture(autouse=True)
    def clock(self, now):
        with time_machine.travel(now, tick=False) as clock:
            yield clock

    @pytest.fixture
    def post(self, as_user, card):
        """Return a function that posts an act on the first card."""

        def post(**fields):
            act = {"id": str(uuid7()), "card_id": str(card.pk), "direction": READ} | fields
            return as_user.post("/api/study/interactions", act, content_type="application/json")

        return post

    @each_act
    def test_each_act_is_recorded_as_by_its_method(self, post, do, begun, stranger, answer, now, type):
        answer(Rating.EASY, at=now - 3 * DAY, learner=stranger)
        do(type, days=DAYS.get(type), learner=stranger)
        reply = post(interaction_type=type, days=DAYS.get(type))
        mine, theirs = CardProgress.objects.order_by("user__username")
        assert reply.status_code == 201
        assert columns(mine, CardProgress.FOLDED) == columns(theirs, CardProgress.FOLDED)
        assert reply.json()["interaction"]["interaction_type"] == type
        assert reply.json()["progress"]["suspended"] is (type == SUSPEND)

    @each_act
    def test_the_same_id_twice_answers_the_same_and_changes_nothing(self, post, begun, every_row, clock, type):
        first = post(id=str(ID), interaction_type=type, days=DAYS.get(type))
        before = every_row()
        clock.shift(HOUR)
        again = post(id=str(ID), interaction_type=type, days=DAYS.get(type))
        assert (first.status_code, again.status_code) == (201, 200)
        assert again.json() == first.json()
        assert every_row() == before

    @each_act
    @pytest.mark.parametrize("rating", [1, 3])
    def test_each_act_with_a_rating_is_a_400(self, post, begun, every_row, type, rating):
        before = every_row()
        reply = post(interaction_type=type, days=DAYS.get(type), rating=rating)
        assert (reply.status_code, list(reply.json()["detail"])) == (400, ["rating"])
        assert every_row() == before

    def test_a_date_for_a_word_not_begun_is_a_400(self, post, every_row):
        before = every_row()
        reply = post(interaction_type=SET_DUE, days=3)
        assert reply.status_code == 400
        assert list(reply.json()["detail"]) == ["non_field_errors"]
        assert every_row() == before

    @pytest.mark.parametrize("type", [SET_DUE, MARK_KNOWN])
    @pytest.mark.parametrize("days", [-1, 36_501, "soon", 1.5])
    def test_days_out_of_range_are_a_400(self, post, begun, every_row, type, days):
        before = every_row()
        reply = post(interaction_type=type, days=days)
        assert (reply.status_code, list(reply.json()["detail"])) == (400, ["days"])
        assert every_row() == before

    def test_a_date_without_days_is_a_400(self, post, begun):
        reply = post(interaction_type=SET_DUE)
        assert (reply.status_code, reply.json()["detail"]) == (400, {"days": ["Say in how many days."]})

    @pytest.mark.parametrize("type", ["replayed", "guess", "", None])
    def test_an_act_that_is_none_of_a_client_s_is_a_400(self, post, every_row, type):
        before = every_row()
        reply = post(interaction_type=type, rating=3)
        assert (reply.status_code, list(reply.json()["detail"])) == (400, ["interaction_type"])
        assert every_row() == before
