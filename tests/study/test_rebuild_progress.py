"""The rows that follow from the log: compared with it, and made again from it."""

from datetime import timedelta
from io import StringIO
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from study import acts
from study.acts import Act
from study.choices import Direction, InteractionType, Mode, Rating
from study.log import CardInteraction, UserStatistics
from study.models import CardProgress, StudySession
from study.scheduling import fsrs

ID = UUID("01990000-0000-7000-8000-000000000001")
READ, WRITE = Direction.CHINESE_TO_ENGLISH, Direction.ENGLISH_TO_CHINESE
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
UNGRADED = ["flip", "suspend", "unsuspend", "bury", "unbury", "set_due", "mark_known", "reset"]
ROWS = ["user_card_progress", "study_sessions", "user_statistics", "card_interactions"]


@pytest.fixture
def do(now):
    """Return a function that records an act of a learner on a card."""

    def do(learner, card, at=now, rating=Rating.GOOD, type=InteractionType.REVIEW, received=None, session=None, **rest):
        act = Act(**{"id": uuid7(), "direction": READ} | rest, card=card, type=type, rating=rating, at=at)
        return acts.record(learner, act, received or at, session)

    return do


@pytest.fixture
def studied(do, user, stranger, deck, session, cards, now):
    """Two learners with a session each, late answers, acts of every kind and some taken back."""
    theirs = StudySession.start(stranger, deck, None, now)
    for learner, sitting in ((user, session), (stranger, theirs)):
        for at, card in enumerate(cards):
            do(learner, card, at=now + at * MINUTE, session=sitting, response_time=1_000)
            do(learner, card, at=now + DAY + at * MINUTE, rating=Rating.EASY, response_time=500)
        do(learner, cards[0], at=now + HOUR, received=now + 2 * DAY, rating=Rating.AGAIN, session=sitting)
        for at, kind in enumerate(UNGRADED):
            do(learner, cards[1], at=now + 3 * DAY + at * MINUTE, type=InteractionType(kind), rating=None, days=5)
        last = do(learner, cards[2], at=now + 4 * DAY, rating=Rating.AGAIN, session=sitting)
        acts.undo(learner, last.pk, now + 5 * DAY)
    return cards


def rebuild(*arguments):
    """Return the lines that the command writes and its exit code."""
    out = StringIO()
    try:
        call_command("rebuild_progress", *arguments, stdout=out)
    except CommandError as error:
        return [*out.getvalue().splitlines(), str(error)], error.returncode
    return out.getvalue().splitlines(), 0


@pytest.fixture
def rows(every_row):
    return lambda: {name: found for name, found in every_row().items() if name in ROWS}


class TestNothingDiffers:
    def test_what_was_recorded_is_borne_out_by_the_log(self, studied):
        assert rebuild("--check") == (["0 rows differ, 0 broken chains, 0 rows without a log."], 0)

    def test_writing_changes_no_row_of_any_table(self, studied, every_row):
        before = every_row()
        assert rebuild() == (["0 rows were made anew, 0 broken chains, 0 rows without a log."], 0)
        assert every_row() == before

    def test_a_learner_without_a_log_has_nothing(self, user, stranger, every_row):
        before = every_row()
        assert rebuild()[1] == 0
        assert every_row() == before

    def test_a_cram_session_and_an_ended_one_are_borne_out(self, do, user, deck, cards, now):
        cram = StudySession.start(user, deck, None, now, Mode.CRAM)
        do(user, cards[0], session=cram, at=now + MINUTE)
        cram.end(now + HOUR)
        assert rebuild("--check")[1] == 0


class TestDifferences:
    CHANGES = [
        ("stability", 3.25),
        ("difficulty", 9.5),
        ("state", "relearning"),
        ("interval", 77),
        ("reps", 40),
        ("lapses", 3),
        ("consecutive_correct", 99),
        ("study_time_ms", 1),
        ("suspended", True),
        ("flip_count", 12),
        ("params_version", 6),
    ]

    @pytest.mark.parametrize(("column", "value"), CHANGES)
    def test_a_column_is_named_with_both_values_and_made_again(self, studied, user, rows, column, value):
        before = rows()
        row = user.progress.get(card=studied[3])
        good = getattr(row, column)
        CardProgress.objects.filter(pk=row.pk).update(**{column: value})
        changed = rows()
        lines, code = rebuild("--check")
        assert lines == [
            f"li, progress {row.pk}: {column} is {value}, replayed {good}",
            "1 rows differ from the log, 0 broken chains, 0 rows without a log.",
        ]
        assert (code, rows()) == (1, changed)
        lines, code = rebuild()
        assert lines[-1] == "1 rows were made anew, 0 broken chains, 0 rows without a log."
        assert (code, rows()) == (0, before)

    @pytest.mark.parametrize("column", ["next_review_at", "last_reviewed_at", "created_at", "updated_at"])
    def test_a_time_is_made_again(self, studied, user, rows, now, column):
        before = rows()
        user.progress.filter(card=studied[3]).update(**{column: now + 77 * DAY})
        assert rebuild("--check")[1] == 1
        rebuild()
        assert rows() == before

    @pytest.mark.parametrize(
        ("column", "value"), [("cards_studied", 9), ("correct_answers", 0), ("session_duration", 1.5)]
    )
    def test_a_session_s_totals_are_made_again_and_its_end_is_left(self, studied, session, rows, now, column, value):
        session.end(now + 7 * DAY)
        before = rows()
        StudySession.objects.filter(pk=session.pk).update(**{column: value})
        good = {"cards_studied": 5, "correct_answers": 5, "session_duration": 60.0}[column]
        lines, code = rebuild("--check")
        assert (lines[0], code) == (f"li, session {session.pk}: {column} is {value}, replayed {good}", 1)
        rebuild()
        assert rows() == before

    @pytest.mark.parametrize("column", ["total_views", "total_correct_answers", "total_quiz_attempts", "study_time_ms"])
    def test_a_learner_s_totals_are_made_again(self, studied, user, rows, column):
        before = rows()
        UserStatistics.objects.filter(user=user).update(**{column: 123_456})
        lines, code = rebuild("--check")
        assert (len(lines), code) == (2, 1)
        assert lines[0].startswith(f"li, totals: {column} is 123456, replayed ")
        rebuild()
        assert rows() == before

    def test_lost_totals_are_made_again(self, studied, rows):
        before = rows()
        UserStatistics.objects.all().delete()
        assert rebuild("--check")[1] == 1
        rebuild()
        assert rows() == before

    def test_every_lost_row_is_made_again_with_its_id(self, studied, rows):
        before = rows()
        CardProgress.objects.all().delete()
        lines, code = rebuild("--check")
        assert (lines[-1], code) == ("10 rows differ from the log, 0 broken chains, 0 rows without a log.", 1)
        assert not CardProgress.objects.exists()
        rebuild()
        assert rows() == before

    def test_a_lost_row_in_another_direction_and_of_a_corrected_card_is_made_again(self, do, user, card, rows, now):
        do(user, card, direction=WRITE)
        card.pinyin = "xuéshēng"
        card.save()
        before = rows()
        CardProgress.objects.all().delete()
        rebuild()
        assert rows() == before

    def test_a_lost_row_whose_word_has_another_one_is_said_to_be_lost(self, do, user, card, remember, rows):
        lost = do(user, card).progress_id
        CardProgress.objects.all().delete()
        remember(user, card)
        lines, _ = rebuild()
        assert f"li, progress {lost}: not made again, 学生|xuésheng has another row" in lines

    def test_a_row_without_a_log_is_said_and_left_alone(self, studied, user, deck, remember, rows):
        other = deck.cards.create(hanzi="山", pinyin="shān", position=9)
        row = remember(user, other)
        before = rows()
        lines, code = rebuild("--check")
        assert lines == [
            f"li, progress {row.pk}: no entry of the log stands for it; left alone",
            "0 rows differ, 0 broken chains, 1 rows without a log.",
        ]
        assert code == 0
        rebuild()
        assert rows() == before

    def test_all_that_was_changed_at_once_is_made_again(self, studied, rows):
        before = rows()
        CardProgress.objects.update(
            reps=50, stability=1.5, difficulty=2.0, last_day=1, next_review_at="2026-01-01T00:00Z"
        )
        StudySession.objects.update(cards_studied=50)
        UserStatistics.objects.update(total_views=50)
        lines, code = rebuild("--check")
        assert (lines[-1], code) == ("14 rows differ from the log, 0 broken chains, 0 rows without a log.", 1)
        rebuild()
        assert rows() == before
        assert rebuild("--check")[1] == 0


class TestUser:
    def test_only_the_learner_named_is_looked_at(self, studied, user, stranger, rows):
        before = rows()
        CardProgress.objects.update(reps=50)
        lines, code = rebuild("--user", "LI", "--check")
        assert (code, {line.split(",")[0] for line in lines[:-1]}) == (1, {"li"})
        rebuild("--user", "li")
        assert set(user.progress.values_list("reps", flat=True)) != {50}
        assert set(stranger.progress.values_list("reps", flat=True)) == {50}
        rebuild()
        assert rows() == before

    def test_an_unknown_learner_is_an_error(self, user):
        assert rebuild("--user", "nobody") == (["There is no learner “nobody”."], 1)


class TestChain:
    @pytest.fixture
    def answered(self, do, user, card, now):
        return [do(user, card, at=now + at * DAY) for at in range(4)]

    @pytest.mark.parametrize(
        "change",
        [{"stability_before": 1.25}, {"step_before": 1}, {"due_before": None}, {"interval_before": 700}],
    )
    def test_an_entry_that_did_not_find_what_was_left_is_a_broken_chain(self, answered, rows, change):
        CardInteraction.objects.filter(pk=answered[2].pk).update(**change)
        before = rows()
        lines, code = rebuild("--check")
        assert lines[0] == f"li, progress {answered[0].progress_id}: broken chain at entry {answered[2].pk}"
        assert (code, lines[-1]) == (1, "0 rows differ from the log, 1 broken chains, 0 rows without a log.")
        assert rebuild()[1] == 0
        assert rows() == before

    def test_an_entry_that_is_gone_breaks_the_chain(self, answered):
        answered[1].delete()
        lines, code = rebuild("--check")
        assert (code, f"li, progress {answered[0].progress_id}: broken chain at entry {answered[2].pk}" in lines) == (
            1,
            True,
        )

    def test_the_beginning_of_a_log_is_no_break(self, do, user, card, remember, now):
        remember(user, card)
        do(user, card)
        assert "broken" not in "".join(rebuild("--check")[0][:-1])

    @pytest.mark.parametrize("kind", UNGRADED)
    def test_no_act_breaks_it(self, do, user, card, answered, now, kind):
        for at in (9, 12):
            do(user, card, at=now + at * DAY, type=InteractionType(kind), rating=None, days=3)
            do(user, card, at=now + (at + 1) * DAY)
        assert rebuild("--check")[1] == 0

    def test_neither_a_late_answer_nor_one_taken_back_breaks_it(self, do, user, card, answered, now):
        do(user, card, at=now + 1.5 * DAY, received=now + 5 * DAY)
        do(user, card, at=now + 6 * DAY)
        acts.undo(user, do(user, card, at=now + 7 * DAY).pk, now + 8 * DAY)
        do(user, card, at=now + 9 * DAY)
        assert rebuild("--check")[1] == 0

    def test_new_weights_do_not_break_it(self, do, user, card, answered, now):
        user.weights, user.params_version = [2 * fsrs.DEFAULT_WEIGHTS[0], 2.0, 4.0, *fsrs.DEFAULT_WEIGHTS[3:]], 1
        do(user, card, at=now + 30 * DAY)
        do(user, card, at=now + 60 * DAY)
        assert rebuild("--check")[1] == 0


class TestCost:
    def test_queries_do_not_grow_with_the_rows(self, do, user, session, deck, cards, now):
        found = []
        for times in (1, 9):
            for at in range(times):
                for card in cards:
                    do(user, card, at=now + len(found) * DAY + at * HOUR, session=session)
            StudySession.start(user, deck, None, now + 30 * DAY + times * DAY)
            CardProgress.objects.update(reps=500)
            with CaptureQueriesContext(connection) as queries:
                rebuild()
            found.append(len(queries))
        assert found[0] == found[1]

    @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(lost=st.sets(st.integers(0, 9)), chunk=st.integers(1, 4))
    def test_any_rows_lost_are_made_again_whatever_is_read_or_written_at_a_time(self, studied, rows, lost, chunk):
        before = rows()
        ids = sorted(CardProgress.objects.values_list("pk", flat=True))
        CardProgress.objects.filter(pk__in=[ids[at] for at in lost]).delete()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("study.rebuild.CHUNK", chunk)
            patch.setattr("study.rebuild.BATCH", chunk)
            rebuild()
        assert rows() == before
