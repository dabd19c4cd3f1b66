"""Answers as they are recorded, and what the tables refuse."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction
from uuid_utils.compat import uuid7

from accounts.models import User
from decks.models import Card, Deck
from study.choices import Direction, InteractionType, Mastery, Rating, State
from study.log import CardInteraction, UserStatistics
from study.models import CardProgress, Enrolment, StaleAnswer, StudySession, policy_of
from study.progress import grades
from study.queue import Entry
from study.scheduling import fsrs, policy

ID = UUID("01990000-0000-7000-8000-000000000001")
OTHER_ID = UUID("01990000-0000-7000-8000-000000000002")
READ, WRITE = Direction.CHINESE_TO_ENGLISH, Direction.ENGLISH_TO_CHINESE
DAY_OF_NOW = (date(2026, 3, 2) - date(1970, 1, 1)).days
MINUTE = timedelta(minutes=1)
TABLES_OF_A_LEARNER = {"enrolments", "study_sessions", "user_card_progress", "card_interactions", "user_statistics"}


def delete_in_sql(row):
    with connection.cursor() as cursor:
        cursor.execute(f'DELETE FROM "{row._meta.db_table}" WHERE id = %s', [row.pk])


def delete_in_django(row):
    row.delete()


def preview(progress, at, session):
    """Return what a session shows on the buttons of a word."""
    [buttons] = grades(session, [Entry(progress.card, progress.direction, progress)], at)
    return dict(buttons)


by_either_way = pytest.mark.parametrize("delete", [delete_in_django, delete_in_sql])


@pytest.fixture
def other_session(stranger, deck, now):
    return StudySession.start(stranger, deck, None, now)


@pytest.fixture
def second_deck(make_deck):
    """A deck whose first word is that of the first deck too."""
    return make_deck([("学生", "學生", "xué sheng", "pupil"), ("山", "山", "shān", "mountain")], name="School")


class TestScheduling:
    @pytest.mark.parametrize(
        ("rating", "state", "step", "due"),
        [
            (Rating.AGAIN, State.LEARNING, 0, MINUTE),
            (Rating.HARD, State.LEARNING, 0, 5.5 * MINUTE),
            (Rating.GOOD, State.LEARNING, 1, 10 * MINUTE),
            # 4 o'clock on 10 March; the button said eight days.
            (Rating.EASY, State.REVIEW, None, timedelta(days=8) - timedelta(hours=8)),
        ],
    )
    def test_a_first_answer_makes_one_row_with_the_grade_s_state(self, session, card, now, rating, state, step, due):
        session.answer(ID, card, READ, rating, at=now)
        progress = CardProgress.objects.get()
        promised = policy.preview(policy.Card(), now, policy_of(session.user), card.pk, session.load)[rating]
        assert (progress.state, progress.step, progress.next_review_at) == (state, step, promised.due_at)
        if rating != Rating.EASY:
            assert promised.due_at == now + due

    @pytest.mark.parametrize("rating", Rating)
    def test_a_first_answer_sets_the_memory_that_fsrs_says(self, session, card, now, rating):
        session.answer(ID, card, READ, rating, at=now)
        progress = CardProgress.objects.get()
        assert fsrs.Memory(progress.stability, progress.difficulty) == fsrs.first(fsrs.DEFAULT_WEIGHTS, rating)
        assert (progress.reps, progress.lapses, progress.last_day, progress.last_reviewed_at) == (1, 0, DAY_OF_NOW, now)

    def test_the_row_is_the_learner_s_own_of_that_word_and_direction(self, session, user, card, now):
        session.answer(ID, card, WRITE, Rating.GOOD, at=now)
        progress = user.progress.get()
        assert (progress.card, progress.word_key, progress.direction) == (card, "学生|xuésheng", WRITE)

    def test_a_second_good_answer_lets_the_word_graduate(self, session, card, now):
        session.answer(ID, card, READ, Rating.GOOD, at=now)
        learning = CardProgress.objects.get()
        promised = preview(learning, now + 10 * MINUTE, session)[Rating.GOOD]
        session.answer(OTHER_ID, card, READ, Rating.GOOD, at=now + 10 * MINUTE)
        progress = CardProgress.objects.get()
        assert (progress.state, progress.step, progress.reps) == (State.REVIEW, None, 2)
        assert (progress.interval, progress.next_review_at) == (promised.interval_days, promised.due_at)

    def test_a_graduated_word_comes_when_a_day_begins(self, session, card, now):
        session.answer(ID, card, READ, Rating.EASY, at=now)
        progress = CardProgress.objects.get()
        assert progress.next_review_at == datetime(2026, 3, 2, 4, tzinfo=UTC) + timedelta(days=progress.interval)

    def test_each_button_does_what_its_preview_said(self, session, user, card, remember, now):
        for rating in Rating:
            progress = remember(user, card)
            promised = preview(progress, now, session)[rating]
            interaction = session.answer(uuid7(), card, READ, rating, at=now)
            progress.refresh_from_db()
            assert (progress.next_review_at, interaction.interval) == (promised.due_at, promised.interval_days)
            progress.delete()

    def test_a_forgotten_review_is_a_lapse_and_is_learnt_again(self, session, user, card, remember, now):
        remember(user, card, lapses=1, consecutive_correct=3)
        session.answer(ID, card, READ, Rating.AGAIN, at=now)
        progress = CardProgress.objects.get()
        assert (progress.state, progress.step, progress.lapses, progress.consecutive_correct) == ("relearning", 0, 2, 0)
        assert (progress.next_review_at, progress.stability < 10) == (now + 10 * MINUTE, True)

    def test_forgetting_a_word_still_in_learning_is_no_lapse(self, session, card, now):
        session.answer(ID, card, READ, Rating.AGAIN, at=now)
        session.answer(OTHER_ID, card, READ, Rating.AGAIN, at=now + MINUTE)
        progress = CardProgress.objects.get()
        assert (progress.state, progress.lapses, progress.reps) == (State.LEARNING, 0, 2)

    def test_right_answers_in_a_row_are_counted_with_hard_ones(self, session, card, now):
        for at, rating in enumerate([Rating.AGAIN, Rating.HARD, Rating.GOOD, Rating.EASY]):
            session.answer(uuid7(), card, READ, rating, at=now + at * MINUTE)
        assert CardProgress.objects.get().consecutive_correct == 3

    def test_the_learner_s_own_settings_are_used(self, session, user, card, remember, now):
        remember(user, card)
        user.desired_retention = 0.8
        user.relearning_steps = [120]
        user.weights = [*fsrs.DEFAULT_WEIGHTS]
        user.params_version = 4
        user.save()
        session.user = user
        wished = policy.preview(CardProgress.objects.get().schedule, now, policy_of(user), card.pk, session.load)
        assert wished[Rating.AGAIN].due_at == now + 2 * MINUTE
        session.answer(ID, card, READ, Rating.GOOD, at=now)
        progress = CardProgress.objects.get()
        assert (progress.interval, progress.params_version) == (wished[Rating.GOOD].interval_days, 4)
        assert progress.interval > 20

    def test_directions_of_a_word_are_memories_of_their_own(self, session, card, now):
        session.answer(ID, card, READ, Rating.EASY, at=now)
        session.answer(OTHER_ID, card, WRITE, Rating.AGAIN, at=now)
        found = CardProgress.objects.order_by("direction").values_list("direction", "state", "reps")
        assert list(found) == [(READ, State.REVIEW, 1), (WRITE, State.LEARNING, 1)]

    def test_two_learners_of_one_deck_have_a_row_each(self, session, other_session, card, now):
        session.answer(ID, card, READ, Rating.EASY, at=now)
        other_session.answer(OTHER_ID, card, READ, Rating.AGAIN, at=now)
        found = CardProgress.objects.order_by("user__username").values_list("user__username", "state")
        assert list(found) == [("li", State.REVIEW), ("wang", State.LEARNING)]


class TestLog:
    def test_a_first_answer_has_no_state_before_and_that_of_the_row_after(self, session, card, now):
        interaction = session.answer(ID, card, READ, Rating.GOOD, at=now)
        interaction.refresh_from_db()
        assert (interaction.state_before, interaction.step_before, interaction.stability_before) == ("", None, None)
        assert (interaction.difficulty_before, interaction.due_before, interaction.interval_before) == (None, None, 0)
        progress = CardProgress.objects.get()
        for name, column in (("state", "state"), ("step", "step"), ("due", "next_review_at")):
            assert getattr(interaction, f"{name}_after") == getattr(progress, column)
        assert (interaction.stability_after, interaction.difficulty_after) == (progress.stability, progress.difficulty)

    def test_a_later_answer_has_the_state_that_it_found(self, session, user, card, remember, now):
        before = remember(user, card, due=now - timedelta(days=2))
        interaction = session.answer(ID, card, READ, Rating.AGAIN, at=now)
        interaction.refresh_from_db()
        assert (interaction.state_before, interaction.step_before) == (State.REVIEW, None)
        assert (interaction.stability_before, interaction.difficulty_before) == (10.0, 5.0)
        assert (interaction.due_before, interaction.interval_before) == (before.next_review_at, 10)
        assert (interaction.state_after, interaction.step_after) == (State.RELEARNING, 0)

    def test_an_answer_says_who_what_and_when(self, session, user, card, now):
        interaction = session.answer(ID, card, WRITE, Rating.HARD, at=now, response_time=1234)
        interaction.refresh_from_db()
        assert (interaction.pk, interaction.session, interaction.user, interaction.card) == (ID, session, user, card)
        assert (interaction.interaction_type, interaction.direction) == (InteractionType.REVIEW, WRITE)
        assert (interaction.rating, interaction.response_time) == (Rating.HARD, 1234)
        assert (interaction.answered_at, interaction.received_at) == (now, now)
        assert interaction.progress_id == CardProgress.objects.get().pk

    @pytest.mark.parametrize(
        ("zone", "at", "offset", "day"),
        [
            ("UTC", datetime(2026, 3, 2, 3, 59, tzinfo=UTC), 0, DAY_OF_NOW - 1),
            ("UTC", datetime(2026, 3, 2, 4, 0, tzinfo=UTC), 0, DAY_OF_NOW),
            ("Asia/Kathmandu", datetime(2026, 3, 1, 22, 14, tzinfo=UTC), 345, DAY_OF_NOW - 1),
            ("Asia/Kathmandu", datetime(2026, 3, 1, 22, 15, tzinfo=UTC), 345, DAY_OF_NOW),
            ("America/New_York", datetime(2026, 3, 2, 8, 59, tzinfo=UTC), -300, DAY_OF_NOW - 1),
            ("America/New_York", datetime(2026, 3, 2, 9, 0, tzinfo=UTC), -300, DAY_OF_NOW),
            ("Europe/Berlin", datetime(2026, 7, 2, 2, 0, tzinfo=UTC), 120, DAY_OF_NOW + 122),
        ],
    )
    def test_an_answer_keeps_the_learner_s_zone_offset_and_day(self, session, user, card, zone, at, offset, day):
        user.time_zone = zone
        interaction = session.answer(ID, card, READ, Rating.GOOD, at=at)
        interaction.refresh_from_db()
        assert (interaction.time_zone, interaction.utc_offset, interaction.day) == (zone, offset, day)

    def test_what_was_predicted_is_kept(self, session, user, card, remember, now):
        remember(user, card)
        promised = preview(CardProgress.objects.get(), now, session)[Rating.GOOD]
        interaction = session.answer(ID, card, READ, Rating.GOOD, at=now)
        interaction.refresh_from_db()
        assert interaction.retrievability == pytest.approx(0.9, abs=1e-9)  # ten days after, at a stability of ten
        assert (interaction.raw_interval, interaction.interval) == (promised.raw_interval, promised.interval_days)


class TestTotals:
    def test_a_session_counts_cards_once_and_remembered_answers(self, session, cards, now):
        for at, (card, rating) in enumerate(
            [(0, Rating.AGAIN), (1, Rating.GOOD), (0, Rating.HARD), (2, Rating.EASY), (0, Rating.AGAIN)]
        ):
            session.answer(uuid7(), cards[card], READ, rating, at=now + at * MINUTE)
        session = StudySession.objects.get()
        assert (session.cards_studied, session.correct_answers, session.session_duration) == (3, 3, 4.0)

    def test_both_directions_of_a_card_are_one_card_studied(self, session, card, now):
        session.answer(ID, card, READ, Rating.GOOD, at=now)
        session.answer(OTHER_ID, card, WRITE, Rating.GOOD, at=now)
        assert StudySession.objects.get().cards_studied == 1

    def test_a_card_of_an_earlier_session_counts_in_the_next_one(self, session, user, card, now):
        session.answer(ID, card, READ, Rating.GOOD, at=now)
        session.end(now)
        later = StudySession.start(user, session.deck, None, now + MINUTE)
        later.answer(OTHER_ID, card, READ, Rating.GOOD, at=now + 3 * MINUTE)
        later.refresh_from_db()
        assert (later.cards_studied, later.correct_answers, later.session_duration) == (1, 1, 2.0)

    def test_the_caller_s_session_has_the_new_figures(self, session, card, now):
        session.answer(ID, card, READ, Rating.GOOD, at=now + MINUTE)
        assert (session.cards_studied, session.correct_answers, session.session_duration) == (1, 1, 1.0)

    def test_a_learner_s_totals_grow_with_each_answer(self, session, user, cards, now):
        for card, milliseconds in zip(cards, [1_500, 60_000, None], strict=False):
            session.answer(uuid7(), card, READ, Rating.GOOD, at=now, response_time=milliseconds)
        totals = UserStatistics.objects.get()
        assert (totals.user, totals.total_views, totals.study_time_minutes) == (user, 3, pytest.approx(1.025))

    def test_a_word_s_study_time_is_in_seconds(self, session, card, now):
        session.answer(ID, card, READ, Rating.AGAIN, at=now, response_time=1_500)
        session.answer(OTHER_ID, card, READ, Rating.GOOD, at=now + MINUTE, response_time=2_000)
        assert CardProgress.objects.get().total_study_time == 3.5

    def test_totals_are_each_learner_s_own(self, session, other_session, card, now):
        session.answer(ID, card, READ, Rating.GOOD, at=now)
        other_session.answer(OTHER_ID, card, READ, Rating.GOOD, at=now)
        assert list(UserStatistics.objects.values_list("total_views", flat=True)) == [1, 1]


class TestMastery:
    @pytest.mark.parametrize(
        ("state", "stability", "mastery"),
        [
            (State.LEARNING, None, Mastery.NEW),
            (State.LEARNING, 0.2, Mastery.LEARNING),
            (State.LEARNING, 50.0, Mastery.LEARNING),
            (State.RELEARNING, 50.0, Mastery.LEARNING),
            (State.REVIEW, 20.999, Mastery.REVIEW),
            (State.REVIEW, 21.0, Mastery.MASTERED),
            (State.REVIEW, 500.0, Mastery.MASTERED),
        ],
    )
    def test_mastery_follows_from_the_memory(self, user, card, remember, state, stability, mastery):
        remember(user, card, state=state, stability=stability, difficulty=stability and 5.0)
        assert CardProgress.objects.get().mastery_level == mastery

    @pytest.mark.parametrize("state", State)
    def test_the_database_and_the_scheduler_agree_on_mastery(self, user, card, remember, state):
        for stability in (1.0, 20.9, 21.0, 90.0):
            remember(user, card, state=state, stability=stability, step=None if state == State.REVIEW else 0)
            progress = CardProgress.objects.get()
            assert progress.mastery_level == policy.mastery_level(progress.schedule)
            progress.delete()

    @pytest.mark.parametrize(("difficulty", "score"), [(1.0, 0.1), (5.5, 2.55), (10.0, 5.0)])
    def test_the_difficulty_score_goes_from_a_tenth_to_five(self, user, card, remember, difficulty, score):
        remember(user, card, difficulty=difficulty)
        assert CardProgress.objects.get().difficulty_score == pytest.approx(score, abs=1e-12)

    def test_a_word_without_a_memory_has_no_difficulty_score(self, user, card, remember):
        remember(user, card, state=State.LEARNING, stability=None, difficulty=None)
        assert CardProgress.objects.get().difficulty_score is None


class TestRepeats:
    def test_the_same_answer_again_returns_what_was_recorded(self, session, card, now):
        first = session.answer(ID, card, READ, Rating.GOOD, at=now, response_time=900, reps=0)
        again = session.answer(ID, card, READ, Rating.GOOD, at=now + MINUTE, response_time=900, reps=0)
        assert again == first
        assert (again.answered_at, again.rating) == (now, Rating.GOOD)

    def test_the_same_answer_again_changes_no_row_of_any_table(self, session, card, every_row, now):
        session.answer(ID, card, READ, Rating.GOOD, at=now, response_time=900, reps=0)
        before = every_row()
        session.answer(ID, card, READ, Rating.AGAIN, at=now + 5 * MINUTE, response_time=20_000, reps=0)
        assert every_row() == before

    def test_an_old_answer_repeated_after_newer_ones_changes_nothing(self, session, user, card, every_row, now):
        first = session.answer(ID, card, READ, Rating.GOOD, at=now, reps=0)
        session.answer(OTHER_ID, card, READ, Rating.GOOD, at=now + 10 * MINUTE, reps=1)
        session.end(now + 11 * MINUTE)
        later = StudySession.start(user, session.deck, None, now + 12 * MINUTE)
        before = every_row()
        assert later.answer(ID, card, READ, Rating.GOOD, at=now + 20 * MINUTE, reps=0) == first
        assert every_row() == before

    def test_an_answer_repeated_after_the_card_was_corrected_is_still_a_repeat(self, session, card, every_row, now):
        first = session.answer(ID, card, READ, Rating.GOOD, at=now)
        card.pinyin = "xuéshēng"
        card.save()
        before = every_row()
        assert session.answer(ID, card, READ, Rating.GOOD, at=now + MINUTE) == first
        assert every_row() == before

    def test_an_id_that_another_learner_used_is_stale(self, session, other_session, card, every_row, now):
        other_session.answer(ID, card, READ, Rating.GOOD, at=now)
        before = every_row()
        with pytest.raises(StaleAnswer):
            session.answer(ID, card, READ, Rating.GOOD, at=now)
        assert every_row() == before

    def test_an_id_that_another_learner_used_is_stale_for_a_known_word(
        self, session, user, other_session, card, remember, every_row, now
    ):
        remember(user, card)
        other_session.answer(ID, card, READ, Rating.GOOD, at=now)
        before = every_row()
        with pytest.raises(StaleAnswer):
            session.answer(ID, card, READ, Rating.GOOD, at=now)
        assert every_row() == before

    def test_an_id_that_another_card_used_is_stale(self, session, cards, every_row, now):
        session.answer(ID, cards[0], READ, Rating.GOOD, at=now)
        before = every_row()
        with pytest.raises(StaleAnswer):
            session.answer(ID, cards[1], READ, Rating.GOOD, at=now)
        assert every_row() == before

    def test_an_id_that_the_other_direction_used_is_stale(self, session, card, every_row, now):
        session.answer(ID, card, READ, Rating.GOOD, at=now)
        before = every_row()
        with pytest.raises(StaleAnswer):
            session.answer(ID, card, WRITE, Rating.GOOD, at=now)
        assert every_row() == before

    def test_an_answer_to_a_card_as_it_was_before_another_one_is_stale(self, session, card, every_row, now):
        session.answer(ID, card, READ, Rating.GOOD, at=now, reps=0)
        before = every_row()
        with pytest.raises(StaleAnswer):
            session.answer(OTHER_ID, card, READ, Rating.AGAIN, at=now + MINUTE, reps=0)
        assert every_row() == before

    def test_a_stale_answer_to_a_new_word_leaves_no_empty_row(self, session, card, every_row, now):
        before = every_row()
        with pytest.raises(StaleAnswer):
            session.answer(ID, card, READ, Rating.GOOD, at=now, reps=1)
        assert every_row() == before

    def test_answers_that_know_the_last_one_are_taken_and_so_are_those_that_don_t_say(self, session, card, now):
        session.answer(uuid7(), card, READ, Rating.GOOD, at=now, reps=0)
        session.answer(uuid7(), card, READ, Rating.GOOD, at=now + MINUTE, reps=1)
        session.answer(uuid7(), card, READ, Rating.GOOD, at=now + 2 * MINUTE)
        assert CardProgress.objects.get().reps == 3

    def test_an_answer_that_cannot_be_recorded_leaves_nothing(self, session, card, every_row, now):
        before = every_row()
        with pytest.raises(IntegrityError):
            session.answer(ID, card, READ, Rating.GOOD, at=now, response_time=-1)
        assert every_row() == before


class TestOneMemoryPerWord:
    def test_the_same_word_in_another_deck_is_the_same_memory(self, session, user, second_deck, card, now):
        session.answer(ID, card, READ, Rating.GOOD, at=now)
        school = StudySession.start(user, second_deck, None, now)
        school.answer(OTHER_ID, second_deck.cards.first(), READ, Rating.GOOD, at=now + 10 * MINUTE, reps=1)
        progress = CardProgress.objects.get()
        assert (progress.reps, progress.state, progress.card) == (2, State.REVIEW, card)

    def test_a_word_counts_in_each_session_where_it_was_answered(self, session, user, second_deck, card, now):
        session.answer(ID, card, READ, Rating.GOOD, at=now)
        school = StudySession.start(user, second_deck, None, now)
        school.answer(OTHER_ID, second_deck.cards.first(), READ, Rating.GOOD, at=now + 10 * MINUTE)
        assert list(StudySession.objects.values_list("cards_studied", flat=True)) == [1, 1]

    def test_the_log_of_a_shared_word_has_both_cards_and_one_row(self, session, user, second_deck, card, now):
        session.answer(ID, card, READ, Rating.GOOD, at=now)
        school = StudySession.start(user, second_deck, None, now)
        other = second_deck.cards.first()
        school.answer(OTHER_ID, other, READ, Rating.GOOD, at=now + 10 * MINUTE)
        found = CardInteraction.objects.order_by("answered_at").values_list("card", "progress_id")
        progress = CardProgress.objects.get()
        assert list(found) == [(card.pk, progress.pk), (other.pk, progress.pk)]

    @pytest.mark.parametrize("how", ["save", "update", "bulk_update", "sql"])
    def test_the_memory_follows_a_card_whose_pinyin_is_corrected(self, session, card, now, how):
        session.answer(ID, card, READ, Rating.GOOD, at=now)
        card.pinyin = "xuéshēng"
        if how == "save":
            card.save()
        elif how == "update":
            Card.objects.filter(pk=card.pk).update(pinyin=card.pinyin)
        elif how == "bulk_update":
            Card.objects.bulk_update([card], ["pinyin"])
        else:
            with connection.cursor() as cursor:
                cursor.execute("UPDATE cards SET pinyin = %s WHERE id = %s", [card.pinyin, card.pk])
        card.refresh_from_db()
        session.answer(OTHER_ID, card, READ, Rating.GOOD, at=now + 10 * MINUTE, reps=1)
        progress = CardProgress.objects.get()
        assert (progress.word_key, progress.reps) == ("学生|xuéshēng", 2)

    def test_every_learner_s_memory_follows_in_every_direction(self, session, other_session, card, now):
        session.answer(uuid7(), card, READ, Rating.GOOD, at=now)
        session.answer(uuid7(), card, WRITE, Rating.GOOD, at=now)
        other_session.answer(uuid7(), card, READ, Rating.GOOD, at=now)
        Card.objects.filter(pk=card.pk).update(hanzi="同学", pinyin="tóngxué")
        assert list(CardProgress.objects.values_list("word_key", flat=True)) == 3 * ["同学|tóngxué"]

    def test_a_correction_of_the_meaning_moves_nothing(self, session, card, every_row, now):
        session.answer(ID, card, READ, Rating.GOOD, at=now)
        before = every_row()["user_card_progress"]
        Card.objects.filter(pk=card.pk).update(english="pupil; student", notes="x")
        assert every_row()["user_card_progress"] == before

    def test_a_card_corrected_into_a_word_already_learnt_keeps_both_memories(self, session, cards, now):
        session.answer(uuid7(), cards[0], READ, Rating.GOOD, at=now)
        session.answer(uuid7(), cards[1], READ, Rating.EASY, at=now)
        cards[0].hanzi, cards[0].pinyin = cards[1].hanzi, cards[1].pinyin
        cards[0].save()
        rows = CardProgress.objects.order_by("word_key").values_list("word_key", "card", "state")
        assert list(rows) == [
            ("学生|xuésheng", cards[0].pk, State.LEARNING),
            ("老师|lǎoshī", cards[1].pk, State.REVIEW),
        ]

    def test_a_card_corrected_into_a_word_already_learnt_is_answered_as_that_word(self, session, cards, now):
        session.answer(uuid7(), cards[0], READ, Rating.GOOD, at=now)
        session.answer(uuid7(), cards[1], READ, Rating.EASY, at=now)
        cards[0].hanzi, cards[0].pinyin = cards[1].hanzi, cards[1].pinyin
        cards[0].save()
        session.answer(ID, cards[0], READ, Rating.GOOD, at=now + MINUTE, reps=1)
        assert CardProgress.objects.get(card=cards[1]).reps == 2
        assert CardProgress.objects.get(card=cards[0]).reps == 1

    def test_a_card_corrected_twice_can_still_be_answered_when_the_word_it_met_is_gone(self, session, cards, now):
        # The first card's own row kept its old word, since the new one had a row; then that row went with its card.
        session.answer(uuid7(), cards[0], READ, Rating.GOOD, at=now)
        session.answer(uuid7(), cards[1], READ, Rating.EASY, at=now)
        cards[0].hanzi, cards[0].pinyin = cards[1].hanzi, cards[1].pinyin
        cards[0].save()
        cards[1].delete()
        session.answer(ID, cards[0], READ, Rating.GOOD, at=now + MINUTE)
        assert CardInteraction.objects.get(pk=ID).card == cards[0]

    def test_a_correction_in_one_deck_leaves_the_memory_to_the_other_deck_of_the_word(
        self, session, user, second_deck, card, now
    ):
        Enrolment.objects.start(user, second_deck)
        session.answer(ID, card, READ, Rating.EASY, at=now)
        Card.objects.filter(pk=card.pk).update(hanzi="学校", pinyin="xuéxiào")
        assert user.progress.filter(word_key=second_deck.cards.first().word_key).exists()

    @by_either_way
    def test_deleting_one_deck_keeps_the_memory_and_the_log_of_a_word_that_another_deck_teaches(
        self, session, user, second_deck, card, now, delete
    ):
        school = StudySession.start(user, second_deck, None, now)
        school.answer(ID, second_deck.cards.first(), READ, Rating.EASY, at=now)
        session.answer(OTHER_ID, card, READ, Rating.GOOD, at=now + MINUTE)
        delete(second_deck)
        progress = user.progress.get(word_key=card.word_key)
        assert (progress.card, progress.reps) == (card, 2)
        log = user.interactions.order_by("answered_at").values_list("id", "card", "progress_id")
        assert list(log) == [(ID, card.pk, progress.pk), (OTHER_ID, card.pk, progress.pk)]

    def test_a_deck_that_its_owner_deletes_leaves_learners_what_their_other_decks_teach(
        self, session, user, stranger, make_deck, card, now
    ):
        shared = make_deck(name="Wang's", user=stranger)
        lesson = StudySession.start(user, shared, None, now)
        for each in shared.cards.all():
            lesson.answer(uuid7(), each, READ, Rating.EASY, at=now)
        shared.delete()
        assert (user.progress.count(), user.interactions.count()) == (5, 5)
        session.answer(ID, card, READ, Rating.GOOD, at=now + MINUTE, reps=1)
        assert user.progress.get(card=card).reps == 2

    def test_a_word_twice_in_a_deck_that_is_deleted_is_left_to_the_other_deck(
        self, session, user, second_deck, card, now
    ):
        school = StudySession.start(user, second_deck, None, now)
        school.answer(ID, second_deck.cards.first(), READ, Rating.EASY, at=now)
        second_deck.cards.create(hanzi="学生", pinyin="xuésheng", position=9)
        second_deck.delete()
        assert user.progress.get().card == card

    def test_deleting_one_of_two_cards_of_a_word_keeps_its_answers_in_the_session(self, session, deck, card, now):
        copy = deck.cards.create(hanzi="学生", pinyin="xuésheng", position=9)
        session.answer(ID, card, READ, Rating.AGAIN, at=now)
        card.delete()
        assert list(session.hard_cards()) == [copy]

    def test_an_answer_repeated_after_its_card_left_the_word_to_another_is_recorded_once(
        self, session, user, second_deck, card, now
    ):
        Enrolment.objects.start(user, second_deck)
        session.answer(ID, card, READ, Rating.GOOD, at=now, reps=0)
        Card.objects.filter(pk=card.pk).update(hanzi="学校", pinyin="xuéxiào")
        card.refresh_from_db()
        with pytest.raises(StaleAnswer):
            session.answer(ID, card, READ, Rating.GOOD, at=now + MINUTE, reps=0)
        assert (CardInteraction.objects.count(), CardProgress.objects.get().reps) == (1, 1)


class TestConstraints:
    @pytest.fixture
    def refuses(self):
        def refuses(constraint, rows, **fields):
            with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
                rows.update(**fields)

        return refuses

    @pytest.mark.parametrize(
        ("interaction_type", "rating"),
        [
            (InteractionType.FLIP, 3),
            (InteractionType.REVIEW, None),
            (InteractionType.REVIEW, 0),
            (InteractionType.REVIEW, 5),
            (InteractionType.QUIZ_CORRECT, 4),
            (InteractionType.QUIZ_CORRECT, None),
            (InteractionType.QUIZ_INCORRECT, 3),
            (InteractionType.QUIZ_INCORRECT, None),
            ("guess", 3),
        ],
    )
    def test_a_rating_that_does_not_fit_the_type_is_refused(
        self, session, card, now, refuses, interaction_type, rating
    ):
        session.answer(ID, card, READ, Rating.GOOD, at=now)
        rows = CardInteraction.objects.all()
        refuses("interactions_rating_fits_type", rows, interaction_type=interaction_type, rating=rating)

    @pytest.mark.parametrize(
        ("interaction_type", "rating"),
        [
            (InteractionType.FLIP, None),
            (InteractionType.REVIEW, 1),
            (InteractionType.REVIEW, 4),
            (InteractionType.QUIZ_CORRECT, 3),
            (InteractionType.QUIZ_INCORRECT, 1),
        ],
    )
    def test_a_rating_that_fits_the_type_is_taken(self, session, card, now, interaction_type, rating):
        session.answer(ID, card, READ, Rating.GOOD, at=now)
        assert CardInteraction.objects.update(interaction_type=interaction_type, rating=rating) == 1

    def test_an_answer_from_the_future_is_refused(self, session, card, now, refuses):
        session.answer(ID, card, READ, Rating.GOOD, at=now)
        rows = CardInteraction.objects.all()
        refuses("interactions_are_not_from_the_future", rows, answered_at=now + timedelta(seconds=1))

    @pytest.mark.parametrize("direction", ["", "sideways", "CHINESE_TO_ENGLISH"])
    def test_an_unknown_direction_is_refused(self, session, card, now, refuses, direction):
        session.answer(ID, card, READ, Rating.GOOD, at=now)
        refuses("interactions_direction_is_known", CardInteraction.objects.all(), direction=direction)
        refuses("progress_direction_is_known", CardProgress.objects.all(), direction=direction)
        refuses("sessions_direction_is_known", StudySession.objects.all(), direction=direction)
        refuses("enrolments_directions_are_known", Enrolment.objects.all(), directions=[direction])

    def test_an_enrolment_without_a_direction_is_refused(self, session, refuses):
        refuses("enrolments_directions_are_known", Enrolment.objects.all(), directions=[])

    def test_an_unknown_state_or_mode_is_refused(self, session, card, now, refuses):
        session.answer(ID, card, READ, Rating.GOOD, at=now)
        refuses("progress_state_is_known", CardProgress.objects.all(), state="new")
        refuses("sessions_mode_is_known", StudySession.objects.all(), mode="guess")

    @pytest.mark.parametrize(
        "memory",
        [
            {"stability": None},
            {"difficulty": None},
            {"stability": 0.0},
            {"stability": -1.0},
            {"difficulty": 0.9},
            {"difficulty": 10.1},
        ],
    )
    def test_half_a_memory_or_one_out_of_range_is_refused(self, session, card, now, refuses, memory):
        session.answer(ID, card, READ, Rating.GOOD, at=now)
        refuses("progress_memory_is_whole", CardProgress.objects.all(), **memory)

    @pytest.mark.parametrize("column", ["next_review_at", "last_day"])
    def test_a_memory_without_its_date_is_refused(self, session, card, now, refuses, column):
        session.answer(ID, card, READ, Rating.GOOD, at=now)
        refuses("progress_remembered_words_have_a_date", CardProgress.objects.all(), **{column: None})

    def test_a_second_row_of_one_word_is_refused(self, session, user, second_deck, card, now, remember):
        session.answer(ID, card, READ, Rating.GOOD, at=now)
        with pytest.raises(IntegrityError, match="progress_once_for_each_word"):
            remember(user, second_deck.cards.first())

    def test_a_second_enrolment_in_one_deck_is_refused(self, session, user, deck):
        with pytest.raises(IntegrityError, match="enrolments_once_for_each_deck"):
            Enrolment.objects.create(user=user, deck=deck)


class TestDeleting:
    @pytest.fixture
    def second_deck(self, make_deck):
        """A deck that shares no word with the first one."""
        return make_deck([("河", "河", "hé", "river"), ("山", "山", "shān", "mountain")], name="Nature")

    @pytest.fixture
    def studied(self, session, other_session, second_deck, card, now):
        """Two learners studied the deck; the first one a second deck, too."""
        session.answer(uuid7(), card, READ, Rating.GOOD, at=now)
        other_session.answer(uuid7(), card, READ, Rating.GOOD, at=now)
        school = StudySession.start(session.user, second_deck, None, now)
        school.answer(uuid7(), second_deck.cards.last(), READ, Rating.GOOD, at=now)

    def left(self, every_row):
        return {table: len(rows) for table, rows in every_row().items() if table in TABLES_OF_A_LEARNER}

    @by_either_way
    def test_a_deleted_deck_takes_its_cards_and_what_belongs_to_them(self, studied, deck, every_row, delete):
        delete(deck)
        assert self.left(every_row) == {
            "enrolments": 1,
            "study_sessions": 1,
            "user_card_progress": 1,
            "card_interactions": 1,
            "user_statistics": 2,
        }
        assert (Deck.objects.count(), Card.objects.count()) == (1, 2)

    @by_either_way
    def test_a_deleted_card_takes_its_memories_and_answers(self, studied, card, every_row, delete):
        delete(card)
        assert self.left(every_row) == {
            "enrolments": 3,
            "study_sessions": 3,
            "user_card_progress": 1,
            "card_interactions": 1,
            "user_statistics": 2,
        }

    @by_either_way
    def test_a_deleted_learner_leaves_nothing_but_built_in_decks(self, studied, user, deck, now, every_row, delete):
        mine = Deck.objects.create(user=user, name="My words")
        my_session = StudySession.start(user, mine, None, now)
        for hanzi, pinyin in [("我", "wǒ"), ("水", "shuǐ")]:  # the built-in deck has water, too
            my_session.answer(uuid7(), mine.cards.create(hanzi=hanzi, pinyin=pinyin), READ, Rating.GOOD, at=now)
        delete(user)
        assert self.left(every_row) == dict.fromkeys(TABLES_OF_A_LEARNER, 1)
        assert (User.objects.count(), Deck.objects.count(), Card.objects.count()) == (1, 2, 7)

    @by_either_way
    def test_a_deleted_session_leaves_the_memory_and_the_answers_that_made_it(
        self, studied, session, every_row, delete
    ):
        answers = set(session.interactions.values_list("pk", flat=True))
        delete(session)
        assert self.left(every_row) == {
            "enrolments": 3,
            "study_sessions": 2,
            "user_card_progress": 3,
            "card_interactions": 3,
            "user_statistics": 2,
        }
        assert set(CardInteraction.objects.filter(session=None).values_list("pk", flat=True)) == answers


class TestSessions:
    def test_starting_again_within_half_an_hour_goes_on_with_the_open_session(self, session, card, user, deck, now):
        session.answer(ID, card, READ, Rating.GOOD, at=now + 20 * MINUTE)
        assert StudySession.start(user, deck, None, now + 50 * MINUTE) == session
        assert StudySession.start(user, deck, None, now + 51 * MINUTE) != session

    @pytest.mark.parametrize("kind", ["deck", "direction", "ended", "tomorrow"])
    def test_another_kind_of_session_is_a_new_one(self, session, user, deck, now, kind):
        if kind == "ended":
            session.end(now)
        at = now + timedelta(days=1) if kind == "tomorrow" else now
        another = StudySession.start(user, None if kind == "deck" else deck, WRITE if kind == "direction" else None, at)
        assert another != session

    def test_a_session_of_the_evening_goes_on_after_midnight(self, user, deck):
        user.time_zone = "Europe/Berlin"
        evening = datetime(2026, 3, 2, 23, 30, tzinfo=ZoneInfo("Europe/Berlin"))
        session = StudySession.start(user, deck, None, evening)
        assert StudySession.start(user, deck, None, evening + 30 * MINUTE) == session

    def test_a_new_day_begins_a_new_session(self, user, deck):
        user.time_zone = "Europe/Berlin"
        night = datetime(2026, 3, 3, 3, 50, tzinfo=ZoneInfo("Europe/Berlin"))
        session = StudySession.start(user, deck, None, night)
        assert StudySession.start(user, deck, None, night + 9 * MINUTE) == session
        assert StudySession.start(user, deck, None, night + 10 * MINUTE) != session

    def test_the_open_session_of_another_learner_is_not_gone_on_with(self, session, stranger, deck, now):
        assert StudySession.start(stranger, deck, None, now) != session

    def test_starting_enrols_in_the_deck_once(self, session, user, deck, now):
        StudySession.start(user, deck, WRITE, now)
        assert list(user.enrolments.values_list("deck", flat=True)) == [deck.pk]

    def test_the_first_end_of_a_session_counts(self, session, now):
        session.end(now + MINUTE)
        session.end(now + 9 * MINUTE)
        assert StudySession.objects.get().ended_at == now + MINUTE

    def test_hard_cards_are_those_forgotten_most_often_first(self, session, cards, now):
        for card, rating in [(0, 1), (1, 1), (1, 1), (2, 3)]:
            session.answer(uuid7(), cards[card], READ, rating, at=now)
        assert [(card, card.times) for card in session.hard_cards()] == [(cards[1], 2), (cards[0], 1)]

    def test_hard_cards_are_of_this_session_and_not_taken_back(self, session, other_session, cards, now):
        other_session.answer(uuid7(), cards[0], READ, Rating.AGAIN, at=now)
        undone = session.answer(uuid7(), cards[1], READ, Rating.AGAIN, at=now)
        CardInteraction.objects.filter(pk=undone.pk).update(undone_at=now)
        assert list(session.hard_cards()) == []
