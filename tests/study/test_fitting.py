from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from uuid_utils.compat import uuid7

from accounts.models import User
from study.choices import Direction, InteractionType
from study.fitting import Health, Readiness, ScheduleFit, health, histories, publish
from study.models import CardInteraction, UserStatistics
from study.scheduling import fsrs
from study.scheduling.days import day_number
from study.scheduling.fit import calibration, evaluate, fit
from tests.study.answered import count_days, entry, write
from tests.study.scheduling.learners import study

REVIEWS = 1100
# Of these two made-up learners the fit serves the first; it would more than double the intervals of the second.
SERVED, REFUSED = 1, 3


@pytest.fixture(scope="module")
def served():
    return study(SERVED, REVIEWS).histories


@pytest.fixture(scope="module")
def refused():
    return study(REFUSED, REVIEWS).histories


@pytest.fixture
def log(user, card):
    """Return a function that writes acts (kind or rating, day) on one word into the learner's log."""
    progress_id = uuid7()

    def log(*acts, owner=user, word=progress_id):
        entries = []
        for minute, (act, day, *rest) in enumerate(acts):
            fields = rest[0] if rest else {}
            kind = InteractionType.REVIEW if isinstance(act, int) else act
            rating = act if isinstance(act, int) else None
            entries.append(entry(owner, card, word, day, minute, rating, kind, **fields))
        return CardInteraction.objects.bulk_create(entries)

    return log


def fitted(user, reviews, at, **fields):
    """Return a fit that was made."""
    bands = [[0.9, 0.88, reviews]]
    fields = {"accepted": False, "weights": None, "params_version": 0, "calibration": bands} | fields
    return user.fits.create(
        made_at=at,
        reviews=reviews,
        reason="made up",
        log_loss_before=0.4,
        log_loss_after=0.3,
        rmse_bins_before=0.05,
        rmse_bins_after=0.04,
        **fields,
    )


class TestHistories:
    def test_they_are_the_answers_of_each_word_in_order(self, user, card, log):
        log((3, 10), (1, 12), (3, 12))
        log((4, 11), word=uuid7())
        assert sorted(histories(user)) == [[(10, 3), (12, 1), (12, 3)], [(11, 4)]]

    def test_a_strangers_answers_are_not_in_them(self, user, stranger, log):
        log((3, 10))
        log((1, 10), owner=stranger, word=uuid7())
        assert list(histories(user)) == [[(10, 3)]]

    def test_what_was_taken_back_or_crammed_is_left_out(self, user, log, now):
        log((3, 10), (1, 11, {"undone_at": now}), (1, 12, {"cram": True}), (4, 13))
        assert list(histories(user)) == [[(10, 3), (13, 4)]]

    def test_graded_quizzes_count_and_looks_do_not(self, user, card, log):
        log((3, 10), (InteractionType.FLIP, 11))
        quiz = InteractionType.QUIZ_INCORRECT
        word = user.interactions.first().progress_id
        entry(user, card, word, 12, 5, 1, quiz).save()
        assert list(histories(user)) == [[(10, 3), (12, 1)]]

    def test_an_answer_that_came_late_stands_where_it_was_given(self, user, log):
        log((3, 10, {"sequence": 1}), (4, 14, {"sequence": 2}), (1, 12, {"sequence": 3}))
        assert list(histories(user)) == [[(10, 3), (12, 1), (14, 4)]]

    def test_answers_of_one_instant_stand_as_they_took_effect(self, user, card):
        word = uuid7()
        entry(user, card, word, 10, 0, 1, sequence=8).save()
        entry(user, card, word, 10, 0, 3, sequence=7).save()
        assert list(histories(user)) == [[(10, 3), (10, 1)]]

    def test_a_word_that_was_reset_begins_anew(self, user, log):
        log((3, 10), (1, 12), (InteractionType.RESET, 12), (4, 12), (3, 20))
        assert list(histories(user)) == [[(10, 3), (12, 1)], [(12, 4), (20, 3)]]

    def test_what_follows_known_already_is_left_out_until_a_reset(self, user, log):
        log((3, 10), (InteractionType.MARK_KNOWN, 11), (3, 101), (InteractionType.RESET, 102), (1, 102), (3, 103))
        assert list(histories(user)) == [[(10, 3)], [(102, 1), (103, 3)]]

    def test_dates_set_by_hand_and_words_put_aside_change_nothing(self, user, log):
        acts = [InteractionType.SET_DUE, InteractionType.SUSPEND, InteractionType.UNSUSPEND, InteractionType.BURY]
        log((3, 10), *((act, 11) for act in acts), (4, 12))
        assert list(histories(user)) == [[(10, 3), (12, 4)]]

    def test_the_days_are_those_of_the_log_whatever_the_zone_is_now(self, user, log):
        log((3, 10), (3, 11))
        user.time_zone, user.day_starts_at = "Asia/Tokyo", 0
        assert list(histories(user)) == [[(10, 3), (11, 3)]]

    def test_a_day_that_comes_twice_takes_nothing_off_the_days_after_it(self, user, card):
        word = uuid7()
        for minute, (day, rating) in enumerate([(10, 3), (9, 1), (10, 3), (13, 4)]):
            found = entry(user, card, word, 10, minute, rating)
            found.day = day
            found.save()
        assert list(histories(user)) == [[(10, 3), (10, 1), (11, 3), (14, 4)]]

    def test_a_memory_follows_from_its_history(self, user, session, card, now):
        """What the acts of a learner leave behind is what the model makes of the answers that are fitted to."""
        for days, rating in [(0, 3), (0.01, 3), (4, 1), (4.01, 3), (9, 4)]:
            at = now + timedelta(days=days)
            session.answer(uuid7(), card, Direction.CHINESE_TO_ENGLISH, rating, at)
        [[(day, rating), *later]] = histories(user)
        memory = fsrs.first(fsrs.DEFAULT_WEIGHTS, rating)
        for next_day, rating in later:
            memory, day = fsrs.next_memory(fsrs.DEFAULT_WEIGHTS, memory, next_day - day, rating), next_day
        progress = user.progress.get()
        assert (progress.stability, progress.difficulty) == pytest.approx((memory.stability, memory.difficulty))

    def test_they_are_one_query(self, user, log, django_assert_num_queries):
        log((3, 10), (3, 11))
        log((3, 12), (3, 13), word=uuid7())
        with django_assert_num_queries(1):
            assert len(list(histories(user))) == 2


class TestReadiness:
    def test_only_reviews_on_later_days_count(self, user, log, now):
        log((3, 10), (3, 10), (1, 12), (3, 12), (3, 15))
        ready = Readiness.of(user, now)
        assert (ready.reviews, ready.days, ready.due) == (2, 3, False)
        assert ready.missing == "998 more reviews and 27 more days of study"
        assert str(ready) == "2 of 1,000 reviews, 3 of 30 days of study"

    @pytest.mark.parametrize(
        ("reviews", "days", "due", "missing"),
        [
            (999, 30, False, "1 more review"),
            (1000, 29, False, "1 more day of study"),
            (1000, 30, True, ""),
        ],
    )
    def test_the_first_fit_takes_1000_reviews_and_30_days(self, now, reviews, days, due, missing):
        ready = Readiness(reviews, days, None, now)
        assert (ready.due, ready.missing) == (due, missing)

    @pytest.mark.parametrize(
        ("reviews", "days_since", "due", "missing"),
        [
            (1250, 29, False, "not before 3 March 2026"),
            (1249, 30, False, "1 more review"),
            (1200, 29, False, "50 more reviews, and not before 3 March 2026"),
            (1250, 30, True, ""),
        ],
    )
    def test_a_later_fit_takes_a_quarter_more_and_a_month(self, user, now, reviews, days_since, due, missing):
        last = fitted(user, 1000, now - timedelta(days=days_since))
        ready = Readiness(reviews, 3, last, now)
        assert (ready.due, ready.missing) == (due, missing)

    def test_it_goes_by_the_latest_fit(self, user, now):
        fitted(user, 4000, now - timedelta(days=90))
        latest = fitted(user, 2000, now - timedelta(days=40))
        assert Readiness.of(user, now).last == latest

    def test_the_estimate_reads_the_days_and_not_the_log(self, user, stranger, card, now, django_assert_num_queries):
        write(user, card, [[(10, 3), (10, 3), (12, 1)], [(12, 3)]])
        write(stranger, card, [[(10, 3), (11, 3)]], shift=5)
        with django_assert_num_queries(2):
            ready = Readiness.estimate(user, now)
        assert (ready.reviews, ready.days, ready.last) == (2, 2, None)


class TestMake:
    def test_an_accepted_fit_takes_effect_and_says_what_it_did(self, user, stranger, card, served, now):
        write(user, card, served)
        made = ScheduleFit.make(user, now)
        expected = fit(list(histories(user)))
        user.refresh_from_db()
        stranger.refresh_from_db()
        assert expected.accepted
        assert (user.weights, user.params_version) == (list(expected.weights), 1)
        assert (stranger.weights, stranger.params_version, stranger.fits.count()) == (None, 0, 0)
        made.refresh_from_db()
        assert (made.user, made.made_at, made.reviews) == (user, now, REVIEWS)
        assert (made.accepted, made.reason, made.weights) == (True, expected.reason, list(expected.weights))
        assert made.params_version == 1
        assert (made.log_loss_before, made.rmse_bins_before) == (expected.default.log_loss, expected.default.rmse_bins)
        assert (made.log_loss_after, made.rmse_bins_after) == (expected.fitted.log_loss, expected.fitted.rmse_bins)
        bands = calibration(list(histories(user)), expected.weights)
        assert [tuple(band) for band in made.calibration] == bands

    def test_a_refused_fit_is_kept_and_changes_nothing(self, user, card, refused, now):
        write(user, card, refused)
        made = ScheduleFit.make(user, now)
        user.refresh_from_db()
        assert (made.accepted, made.weights, made.params_version) == (False, None, 0)
        assert (user.weights, user.params_version) == (None, 0)
        bands = calibration(list(histories(user)), fsrs.DEFAULT_WEIGHTS)
        assert [tuple(band) for band in made.calibration] == bands

    def test_new_weights_move_no_due_date(self, user, card, remember, served, now):
        progress = remember(user, card)
        before = user.progress.values().get(pk=progress.pk)
        write(user, card, served)
        assert ScheduleFit.make(user, now).accepted
        assert user.progress.values().get(pk=progress.pk) == before

    def test_a_learner_who_is_not_due_is_left_alone(self, user, card, served, now):
        write(user, card, served[:40])
        assert ScheduleFit.make(user, now) is None
        assert not ScheduleFit.objects.exists()

    def test_it_is_compared_with_the_weights_in_force(self, user, card, served, now):
        user.weights, user.params_version = list(fit(served).weights), 4
        user.save()
        write(user, card, served)
        made = ScheduleFit.make(user, now)
        assert made.log_loss_before == pytest.approx(evaluate(served, user.weights).log_loss)
        assert made.accepted is fit(list(histories(user)), user.weights).accepted
        assert made.params_version == 4 + made.accepted

    def test_weights_that_changed_meanwhile_win(self, user, card, served, now):
        write(user, card, served)
        User.objects.filter(pk=user.pk).update(params_version=7)  # of which `user` knows nothing
        assert ScheduleFit.make(user, now) is None
        user.refresh_from_db()
        assert (user.weights, user.params_version, user.fits.count()) == (None, 7, 0)

    def test_of_two_fits_at_once_the_second_does_nothing(self, user, card, served, now):
        write(user, card, served)
        first = ScheduleFit.make(user, now)
        late = ScheduleFit(**{field.attname: getattr(first, field.attname) for field in ScheduleFit._meta.fields})
        late.pk, late.params_version, late.accepted, late.weights = uuid7(), 1, False, None
        assert late._take_effect(None) is False
        assert list(user.fits.all()) == [first]

    def test_an_account_closed_meanwhile_keeps_nothing(self, user):
        User.objects.filter(pk=user.pk).delete()
        made = ScheduleFit(user=user, accepted=False, params_version=0)
        assert made._take_effect(None) is False
        assert not UserStatistics.objects.exists()

    def test_what_waits_in_sessions_is_put_together_anew(self, user, card, served, now):
        write(user, card, served)
        ScheduleFit.make(user, now)
        first = UserStatistics.objects.get(user=user).sequence
        publish(user)
        assert UserStatistics.objects.get(user=user).sequence == first + 1

    @pytest.mark.parametrize(("accepted", "weights"), [(True, None), (False, [1.0] * 21)])
    def test_weights_are_kept_exactly_where_they_were_taken(self, user, now, accepted, weights):
        with pytest.raises(IntegrityError), transaction.atomic():
            fitted(user, 1000, now, accepted=accepted, weights=weights)


class TestCandidates:
    def test_they_are_those_who_may_be_due(self, user, stranger, card, served, now):
        write(user, card, served)
        write(stranger, card, served[:40])
        assert list(ScheduleFit.objects.candidates(now)) == [user]

    @pytest.mark.parametrize(("reviews", "days_since", "found"), [(800, 30, True), (800, 29, False), (2000, 90, False)])
    def test_after_a_fit_they_need_more_answers_and_a_month(self, user, card, served, now, reviews, days_since, found):
        write(user, card, served)
        fitted(user, reviews, now - timedelta(days=days_since))
        assert ScheduleFit.objects.candidates(now).exists() is found

    def test_the_latest_fit_decides(self, user, card, served, now):
        write(user, card, served)
        fitted(user, 900, now - timedelta(days=60))
        assert ScheduleFit.objects.candidates(now).exists()
        fitted(user, 950, now - timedelta(days=3))
        assert not ScheduleFit.objects.candidates(now).exists()

    def test_many_answers_on_few_days_are_not_enough(self, user, card, now):
        write(user, card, [[(day, 3) for day in range(29)]] * 40)
        assert not ScheduleFit.objects.candidates(now).exists()

    def test_a_closed_account_is_none(self, user, card, served, now):
        write(user, card, served)
        User.objects.filter(pk=user.pk).update(is_active=False)
        assert not ScheduleFit.objects.candidates(now).exists()


class TestPublish:
    def test_it_takes_the_published_weights_again(self, user, stranger):
        for learner in (user, stranger):
            learner.weights, learner.params_version = list(fsrs.HIGHEST_WEIGHTS), 3
            learner.save()
        assert publish(user) is True
        user.refresh_from_db()
        stranger.refresh_from_db()
        assert (user.weights, user.params_version) == (None, 4)
        assert (stranger.weights, stranger.params_version) == (list(fsrs.HIGHEST_WEIGHTS), 3)

    def test_who_has_none_of_their_own_keeps_the_version(self, user):
        assert publish(user) is False
        user.refresh_from_db()
        assert user.params_version == 0


class TestHealth:
    @pytest.fixture
    def today(self, user, now):
        return day_number(now, user.zone, user.day_starts_at)

    def test_it_compares_what_was_recalled_with_what_was_predicted(self, user, stranger, log, now, today):
        log((3, today - 2, {"retrievability": 0.9}), (1, today - 1, {"retrievability": 0.8}))
        log((1, today - 1, {"retrievability": 0.1}), owner=stranger, word=uuid7())
        assert health(user, now) == Health(2, pytest.approx(0.85), 0.5)
        assert health(user, now).points == pytest.approx(-35)

    def test_the_last_90_days_count(self, user, log, now, today):
        log((3, today - 90, {"retrievability": 0.5}), (3, today - 89, {"retrievability": 0.7}))
        assert health(user, now) == Health(1, pytest.approx(0.7), 1.0)

    def test_only_standing_predicted_reviews_of_a_later_day_count(self, user, log, now, today):
        log(
            (3, today, {}),
            (3, today, {"retrievability": 1.0}),
            (3, today, {"retrievability": 0.7, "cram": True}),
            (3, today, {"retrievability": 0.7, "undone_at": now}),
            (InteractionType.FLIP, today),
        )
        assert health(user, now) == Health(0, None, None)
        assert (health(user, now).points, health(user, now).warns) == (0.0, False)

    def test_it_is_one_query(self, user, log, now, today, django_assert_num_queries):
        log(*((3, today, {"retrievability": 0.9, "sequence": number}) for number in range(5)))
        with django_assert_num_queries(1):
            health(user, now)

    @pytest.mark.parametrize(
        ("reviews", "recalled", "warns"),
        [(200, 0.84, True), (199, 0.84, False), (200, 0.86, False), (200, 0.96, True), (200, 0.94, False)],
    )
    def test_it_warns_beyond_5_points_over_200_reviews(self, reviews, recalled, warns):
        assert Health(reviews, 0.9, recalled).warns is warns


def test_staff_read_the_fits_and_change_none(client, user, now):
    fitted(user, 1000, now)
    client.force_login(User.objects.create_superuser("boss", "boss@example.com"))
    page = client.get(reverse("admin:study_schedulefit_changelist"))
    assert [str(found.user) for found in page.context["cl"].queryset] == ["li"]
    assert client.get(reverse("admin:study_schedulefit_add")).status_code == 403


def test_the_days_of_a_made_up_log_are_counted(user, card):
    write(user, card, [[(10, 3), (12, 1)]])
    count_days(user)
    assert list(user.days.values_list("day", "answers", "reviews")) == [(10, 1, 0), (12, 1, 1)]
