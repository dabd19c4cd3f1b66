import re
from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.core.cache import cache
from django.tasks import TaskResultStatus
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags
from django_tasks_db.models import DBTaskResult
from uuid_utils.compat import uuid7

from study import settings_charts
from study.models import CardInteraction, UserStatistics
from study.scheduling import fsrs
from study.scheduling.days import day_number
from study.scheduling.simulate import curve
from study.settings_charts import between, round_numbers
from study.settings_forms import SettingsForm, StepsField, written
from study.settings_views import CURVE_BEING_MADE, FIT_TASK, curve_key
from tests.study.answered import entry, write
from tests.study.scheduling.learners import study
from tests.study.test_fitting import fitted

PAGE, CURVE = reverse("settings"), reverse("settings-curve")
FIT, RESET = reverse("settings-fit"), reverse("settings-reset-weights")
SENT = {
    "desired_retention": "0.85",
    "new_per_day": "15",
    "reviews_per_day": "150",
    "learning_steps": "1m 10m 1h",
    "relearning_steps": "",
    "easy_days": ["5", "6"],
    "script": "traditional",
    "hanzi_font": "kai",
    "phonetic": "zhuyin",
    "tone_change": "on",
    "tone_colours": "safe",
    "tone_colours_on": "both",
    "hsk_standard": "2.0",
    "stroke_leniency": "lenient",
    "time_zone": "Asia/Taipei",
    "day_starts_at": "5",
}
SAVED = {
    "desired_retention": 0.85,
    "new_per_day": 15,
    "reviews_per_day": 150,
    "learning_steps": [60, 600, 3600],
    "relearning_steps": [],
    "easy_days": [5, 6],
    "script": "traditional",
    "both_scripts": False,
    "hanzi_font": "kai",
    "phonetic": "zhuyin",
    "tone_change": True,
    "tone_colours": "safe",
    "tone_colours_on": "both",
    "hsk_standard": "2.0",
    "sound_on_reveal": False,
    "stroke_leniency": "lenient",
    "time_zone": "Asia/Taipei",
    "day_starts_at": 5,
}
OWN_WEIGHTS = list(fsrs.HIGHEST_WEIGHTS)


@pytest.fixture(autouse=True)
def _cache_of_its_own(settings):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": uuid7().hex}}


@pytest.fixture(scope="module")
def points():
    return curve()


@pytest.fixture
def drawn(user, points):
    """The curve of the default settings has been worked out."""
    cache.set(curve_key(user), [(p.retention, p.minutes_a_day, p.known_on_last_day) for p in points])


@pytest.fixture(scope="module")
def histories():
    return study(1, 1100).histories


@pytest.fixture
def due(user, card, histories):
    """The learner is due for a fit."""
    write(user, card, histories)


def values(user):
    user.refresh_from_db()
    return {name: getattr(user, name) for name in SAVED}


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def text(response):
    return " ".join(response.content.decode().split())


def reviews(user, card, number, recalled, predicted=0.9):
    """Write reviews of today into a learner's log, so many of them recalled."""
    today = day_number(timezone.now(), user.zone, user.day_starts_at)
    rows = [
        entry(user, card, uuid7(), today - 1, minute, 3 if minute < recalled else 1, retrievability=predicted)
        for minute in range(number)
    ]
    CardInteraction.objects.bulk_create(rows)


@pytest.mark.django_db
class TestForm:
    def test_every_setting_is_there_and_is_explained(self):
        form = SettingsForm()
        assert form.fields.keys() == SAVED.keys()
        assert [name for name, field in form.fields.items() if not field.help_text] == []

    @pytest.mark.parametrize(
        ("typed", "seconds"),
        [
            ("1m 10m", [60, 600]),
            ("90s, 2H", [90, 7200]),
            ("1d", [86_400]),
            ("  ", []),
            ("10m 1m", [600, 60]),
        ],
    )
    def test_steps_are_typed_as_times(self, typed, seconds):
        assert StepsField().clean(typed) == seconds

    @pytest.mark.parametrize(
        ("typed", "message"),
        [
            ("10", "“10” is no time: write 30s, 1m, 2h or 1d, with spaces between."),
            ("1m ten", "“ten” is no time: write 30s, 1m, 2h or 1d, with spaces between."),
            ("-1m", "“-1m” is no time: write 30s, 1m, 2h or 1d, with spaces between."),
            ("1m 0m", "“0m” won't do: a step takes from 1 second to 30 days."),
            ("31d", "“31d” won't do: a step takes from 1 second to 30 days."),
            ("1m " * 11, "11 steps are too many: 10 at most."),
        ],
    )
    def test_steps_that_make_no_sense_say_why(self, typed, message):
        form = SettingsForm(SENT | {"learning_steps": typed})
        assert form.errors == {"learning_steps": [message]}

    @pytest.mark.parametrize(("seconds", "text"), [(60, "1m"), (90, "90s"), (7200, "2h"), (86_400, "1d"), (1, "1s")])
    def test_steps_are_written_in_the_longest_unit_that_fits(self, seconds, text):
        assert written(seconds) == text
        assert StepsField().clean(text) == [seconds]

    def test_the_learners_steps_are_shown_as_they_are_typed(self, user):
        user.learning_steps = [30, 600]
        assert SettingsForm(instance=user)["learning_steps"].value() == "30s 10m"

    def test_not_every_day_can_be_easy(self):
        form = SettingsForm(SENT | {"easy_days": list("0123456")})
        assert form.errors == {"easy_days": ["Leave at least one day for the reviews."]}


class TestSaving:
    def test_the_settings_are_the_learners_own(self, as_user, user, stranger):
        before = values(stranger)
        response = as_user.post(PAGE, SENT)
        assert (response.status_code, response["Location"]) == (302, PAGE)
        assert said(response) == ["Your settings are saved."]
        assert values(user) == SAVED
        assert values(stranger) == before

    def test_what_is_shown_and_sent_back_changes_nothing(self, as_user, user):
        before = values(user)
        form = as_user.get(PAGE).context["form"]
        sent = {name: form[name].value() for name in form.fields}
        assert sent["learning_steps"] == "1m 10m"
        as_user.post(PAGE, sent)
        assert values(user) == before

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("time_zone", "Mars/Olympus"),
            ("desired_retention", "0.99"),
            ("desired_retention", "0.69"),
            ("desired_retention", "nan"),
            ("desired_retention", ""),
            ("new_per_day", "-1"),
            ("new_per_day", "1000"),
            ("reviews_per_day", "10000"),
            ("learning_steps", "soon"),
            ("relearning_steps", "99d"),
            ("easy_days", ["7"]),
            ("day_starts_at", "24"),
            ("script", "runes"),
            ("phonetic", "runes"),
            ("tone_colours", "rainbow"),
            ("tone_colours_on", "english"),
            ("hanzi_font", "comic"),
            ("hsk_standard", "1999"),
            ("stroke_leniency", ""),
        ],
    )
    def test_a_setting_out_of_range_changes_nothing_and_is_shown_again(self, as_user, user, field, value):
        before = values(user)
        response = as_user.post(PAGE, SENT | {field: value})
        assert response.status_code == 400
        assert list(response.context["form"].errors) == [field]
        assert response.context["form"]["new_per_day"].value() == (value if field == "new_per_day" else "15")
        assert f'id="id_{field}_error"' in text(response)
        assert values(user) == before

    def test_a_refused_form_leaves_the_rest_of_the_page_as_it_was(self, as_user, user, drawn):
        page = as_user.post(PAGE, SENT | {"script": "runes"})
        assert 'To remember <output class="wished">90 %</output>' in text(page)

    def test_only_settings_are_written(self, as_user, user):
        as_user.post(PAGE, SENT | {"username": "boss", "is_staff": "on", "params_version": "9", "weights": "1"})
        user.refresh_from_db()
        assert (user.username, user.is_staff, user.params_version, user.weights) == ("li", False, 0, None)

    def test_of_two_tabs_the_later_one_stays(self, as_user, user):
        as_user.post(PAGE, SENT | {"new_per_day": "3"})
        as_user.post(PAGE, SENT | {"new_per_day": "4"})
        assert values(user)["new_per_day"] == 4

    def test_what_waits_in_sessions_is_put_together_anew(self, as_user, user):
        as_user.post(PAGE, SENT)
        assert UserStatistics.objects.get(user=user).sequence == 1

    def test_a_stranger_is_asked_to_log_in(self, client, db):
        for address in (PAGE, CURVE, FIT, RESET):
            assert client.get(address)["Location"].startswith(reverse("account_login"))
            assert client.post(address, SENT)["Location"].startswith(reverse("account_login"))


class TestLook:
    """The preview, and the classes by which every page looks as the learner wants."""

    PREVIEW, BODY = 'id="preview" aria-label="Preview"', "<body"

    def classes(self, response, start):
        [found] = re.findall(f'{start} class="([^"]*)"', text(response))
        return set(found.split())

    def test_a_new_learner_sees_how_words_look_by_default(self, as_user):
        page = as_user.get(PAGE)
        assert self.classes(page, self.PREVIEW) == {
            *("preview", "script-simplified", "both-scripts", "font-sans", "phonetic-pinyin", "cited"),
            *("tones-pleco", "tones-on-pinyin", "hsk-2025"),
        }
        assert self.classes(page, self.BODY) == {"tones-pleco", "tones-on-pinyin", "font-sans"}

    def test_it_shows_what_is_saved(self, as_user):
        as_user.post(PAGE, SENT)
        page = as_user.get(PAGE)
        assert self.classes(page, self.PREVIEW) == {
            *("preview", "script-traditional", "one-script", "font-kai", "phonetic-zhuyin", "spoken"),
            *("tones-safe", "tones-on-both", "hsk-20"),
        }
        assert self.classes(page, self.BODY) == {"tones-safe", "tones-on-both", "font-kai"}

    def test_a_visitor_has_the_defaults(self, client, db):
        assert self.classes(client.get(reverse("home")), self.BODY) == {"tones-pleco", "tones-on-pinyin", "font-sans"}

    def test_every_way_is_there_to_be_chosen(self, as_user):
        page = as_user.get(PAGE).content.decode()
        preview = page[page.index('id="preview"') : page.index("</section>", page.index('id="preview"'))]
        ways = re.findall(r'<span class="if-(\w+) if-(\w+)">(.*?)</span>(?=<span class="if|</p>)', preview)
        shown = {(one, other): strip_tags(html) for one, other, html in ways}
        assert shown == {
            ("simplified", "cited"): "一会儿 一會兒",
            ("simplified", "spoken"): "一会儿 一會兒",
            ("traditional", "cited"): "一會兒 一会儿",
            ("traditional", "spoken"): "一會兒 一会儿",
            ("pinyin", "cited"): "yīhuìr",
            ("pinyin", "spoken"): "yíhuìr spoken; in the dictionary yīhuìr",
            ("zhuyin", "cited"): "ㄧ ㄏㄨㄟˋ ˙ㄦ",
            ("zhuyin", "spoken"): "ㄧˊ ㄏㄨㄟˋ ˙ㄦ spoken; in the dictionary ㄧ ㄏㄨㄟˋ ˙ㄦ",
        }
        levels = re.findall(r'<span class="if-(hsk-\d+)">([^<]*)</span>', preview)
        assert levels == [("hsk-2025", "HSK 2 (2025)"), ("hsk-2021", "HSK 1 (2021)"), ("hsk-20", "HSK 3 (2.0)")]

    def test_without_a_dictionary_there_are_settings_all_the_same(self, as_user, settings, tmp_path):
        settings.DICTIONARY_PATH = tmp_path / "none.sqlite3"
        assert "一会儿" in text(as_user.get(PAGE))


class TestHealth:
    def test_without_reviews_the_page_says_what_will_stand_there(self, as_user):
        assert "You had no reviews in the last 90 days." in text(as_user.get(PAGE))

    def test_recall_is_shown_beside_the_prediction(self, as_user, user, stranger, card):
        reviews(user, card, 10, recalled=9)
        reviews(stranger, card, 20, recalled=0)
        page = text(as_user.get(PAGE))
        assert "you recalled <b>90 %</b> of 10 reviews; the schedule had predicted <b>90 %</b>" in page
        assert "Warning" not in page

    @pytest.mark.parametrize(
        ("recalled", "says"), [(160, "you forget more than the schedule expects"), (196, "you remember more")]
    )
    def test_a_difference_of_more_than_5_points_is_a_warning(self, as_user, user, card, recalled, says):
        reviews(user, card, 200, recalled)
        page = text(as_user.get(PAGE))
        assert f"<b>Warning:</b> {says}" in page


class TestFit:
    def test_before_the_first_fit_the_page_says_what_it_takes(self, as_user, user, card):
        write(user, card, [[(10, 3), (11, 3), (12, 3)]])
        page = as_user.get(PAGE)
        assert "The schedule uses the published weights" in text(page)
        assert "A fit takes 1,000 reviews on later days, and 30 days of study; you have about 2, on 3 days." in text(
            page
        )
        assert "calibration" not in page.context
        assert "Reset to published weights" not in text(page)

    def test_an_accepted_fit_is_told_with_how_well_it_predicts(self, as_user, user, stranger, now):
        user.weights = OWN_WEIGHTS
        user.save()
        bands = [[0.8, 0.7, 100], [0.9, 0.95, 300]]
        fitted(user, 400, now, accepted=True, weights=OWN_WEIGHTS, calibration=bands)
        fitted(stranger, 777, now + timedelta(days=1), calibration=[[0.5, 0.4, 777]])
        page = text(as_user.get(PAGE))
        assert "On 2 March 2026 the schedule was fitted to 400 of your reviews" in page
        assert "the fitted schedule predicts that you recall 88 %; you recalled 89 %" in page
        assert '<th scope="row">80 %</th><td>70 %</td><td>100</td>' in page
        assert '<th scope="row">Log loss</th><td>0.4000</td><td>0.3000</td>' in page
        assert '<th scope="row">RMSE (bins)</th><td>0.0500</td><td>0.0400</td>' in page
        assert "New weights move no dates" in page
        assert "Reset to published weights" in page
        assert "777" not in page

    def test_a_fit_that_was_not_taken_is_told_too(self, as_user, user, now):
        fitted(user, 1048, now)
        page = text(as_user.get(PAGE))
        assert "On 2 March 2026 a fit to 1,048 of your reviews was tried and not taken" in page
        assert "The next fit comes at 1,310 reviews" in page
        assert "What decided: made up." in page

    def test_the_latest_fit_is_told(self, as_user, user, now):
        fitted(user, 1048, now - timedelta(days=60))
        fitted(user, 2000, now)
        assert "a fit to 2,000 of your reviews" in text(as_user.get(PAGE))

    def test_too_early_a_fit_is_refused_kindly(self, as_user, user, card):
        write(user, card, [[(10, 3), (11, 3), (12, 3)]])
        response = as_user.post(FIT)
        assert (response.status_code, response["Location"]) == (302, PAGE)
        missing = "998 more reviews and 27 more days of study"
        assert said(response) == [f"It is too early to fit the schedule to you: {missing}. Nothing has changed."]
        assert not DBTaskResult.objects.exists()

    def test_a_fit_that_is_due_is_left_to_the_worker(self, as_user, user, due):
        response = as_user.post(FIT)
        assert said(response) == ["The schedule will be fitted to your answers; that takes a few minutes."]
        [queued] = DBTaskResult.objects.all()
        assert (queued.task_path, queued.args_kwargs["args"]) == ("study.tasks.fit_schedule", [str(user.pk)])
        assert not user.fits.exists()
        assert "A fit to your answers is on its way." in text(as_user.get(PAGE))

    def test_pressed_twice_it_is_queued_once(self, as_user, user, due):
        as_user.post(FIT)
        assert said(as_user.post(FIT))[-1] == "The fit to your answers is on its way already."
        assert DBTaskResult.objects.count() == 1

    def test_what_became_of_it_is_told_once(self, as_user, user, due):
        as_user.post(FIT)
        DBTaskResult.objects.update(status=TaskResultStatus.FAILED, finished_at=timezone.now())
        assert "the last fit failed. Your schedule is as it was" in text(as_user.get(PAGE))
        assert "the last fit failed" not in text(as_user.get(PAGE))

    def test_a_task_that_was_deleted_meanwhile_is_forgotten(self, as_user, user, due):
        as_user.post(FIT)
        DBTaskResult.objects.all().delete()
        assert "A fit to your answers is on its way" not in text(as_user.get(PAGE))
        assert FIT_TASK not in as_user.session

    def test_the_published_weights_can_be_had_back(self, as_user, user, stranger):
        for learner in (user, stranger):
            learner.weights, learner.params_version = OWN_WEIGHTS, 2
            learner.save()
        response = as_user.post(RESET)
        assert said(response) == ["You are back on the published weights. No date has moved."]
        user.refresh_from_db()
        stranger.refresh_from_db()
        assert (user.weights, user.params_version) == (None, 3)
        assert (stranger.weights, stranger.params_version) == (OWN_WEIGHTS, 2)

    @pytest.mark.parametrize("address", [FIT, RESET])
    def test_a_link_changes_nothing(self, as_user, user, due, address):
        user.weights = OWN_WEIGHTS
        user.save()
        assert as_user.get(address)["Location"] == PAGE
        user.refresh_from_db()
        assert (user.weights, DBTaskResult.objects.count()) == (OWN_WEIGHTS, 0)

    def test_after_a_reset_the_page_says_so(self, as_user, user, now):
        fitted(user, 1048, now, accepted=True, weights=OWN_WEIGHTS)
        assert "You have gone back to the published weights since." in text(as_user.get(PAGE))


class TestCurve:
    def test_the_page_does_not_wait_for_it(self, as_user):
        page = text(as_user.get(PAGE))
        assert f'hx-get="{CURVE}" hx-trigger="load"' in page
        assert f'<a href="{CURVE}">See it on a page of its own</a>' in page
        assert "curve-figures" not in page

    def test_it_is_worked_out_once_for_all_who_have_these_inputs(self, as_user, user, stranger, points):
        part = as_user.get(CURVE, headers={"HX-Request": "true"})
        assert part.context["curve"] == points
        assert text(part).startswith('<div id="curve">')
        assert "9.5" in text(part)
        assert cache.get(CURVE_BEING_MADE) is None
        as_user.force_login(stranger)
        assert as_user.get(PAGE).context["curve"] == points

    def test_it_has_a_page_of_its_own(self, as_user, drawn):
        page = text(as_user.get(CURVE))
        assert "<h1>What remembering costs</h1>" in page
        assert 'id="curve-figures"' in page

    def test_the_wish_is_said_and_marked(self, as_user, user, drawn, points):
        user.desired_retention = 0.88
        user.save()
        page = as_user.get(PAGE)
        assert (
            'To remember <output class="wished">88 %</output> takes about <output class="minutes">9</output> min a day'
            ' over a year, and you know <output class="known">938</output> of 1,000 words at its end.'
        ) in text(page)
        x, y = page.context["minutes_chart"].spot
        assert f'<circle class="chart-dot" cx="{x}" cy="{y}" r="5"/>' in text(page)
        assert "optimal" not in text(page)

    @pytest.mark.parametrize("change", [{"new_per_day": 20}, {"weights": OWN_WEIGHTS}], ids=["new words", "weights"])
    def test_other_inputs_have_a_curve_of_their_own(self, as_user, user, drawn, change):
        for name, value in change.items():
            setattr(user, name, value)
        user.save()
        assert as_user.get(PAGE).context["curve"] is None

    def test_who_takes_no_new_words_sees_the_curve_of_ten(self, as_user, user, drawn):
        user.new_per_day = 0
        user.save()
        assert "1,000 words, 10 new a day" in text(as_user.get(PAGE))

    def test_the_site_works_out_one_at_a_time(self, as_user):
        cache.set(CURVE_BEING_MADE, True)
        part = text(as_user.get(CURVE, headers={"HX-Request": "true"}))
        assert 'hx-trigger="load delay:2s"' in part
        assert "is being worked out" in part


class TestQueries:
    def test_the_page_asks_for_session_user_days_fit_and_health(self, as_user, drawn, django_assert_num_queries):
        with django_assert_num_queries(5):
            as_user.get(PAGE)

    def test_a_long_history_asks_for_no_more(self, as_user, user, due, drawn, now, django_assert_num_queries):
        fitted(user, 1000, now)
        fitted(user, 1048, now)
        with django_assert_num_queries(5):
            as_user.get(PAGE)

    def test_saving_counts(self, as_user, django_assert_num_queries):
        # Session, user; the two constraints between savepoints; the totals and the settings in one transaction.
        with django_assert_num_queries(13):
            as_user.post(PAGE, SENT)

    def test_the_curve_asks_for_session_and_user(self, as_user, drawn, django_assert_num_queries):
        with django_assert_num_queries(2):
            as_user.get(CURVE, headers={"HX-Request": "true"})


class TestCharts:
    @pytest.mark.parametrize(
        ("low", "high", "numbers"),
        [
            (0, 20.04, [0, 10, 20, 30]),
            (0, 1.3, [0, 0.5, 1, 1.5]),
            (809, 985, [800, 850, 900, 950, 1000]),
            (0.7, 1.0, [0.7, 0.8, 0.9, 1.0]),
            (365, 365, [365, 365.1]),
        ],
    )
    def test_axes_have_few_round_numbers_that_enclose_the_values(self, low, high, numbers):
        assert round_numbers(low, high) == pytest.approx(numbers)
        assert len(round_numbers(low, high)) <= 5

    @pytest.mark.parametrize(("place", "value"), [(0.7, 6), (0.75, 7), (0.8, 8), (0.97, 20)])
    def test_between_two_points_the_line_is_straight(self, place, value):
        assert between([0.7, 0.8, 0.97], [6, 8, 20], place) == pytest.approx(value)

    def test_what_was_predicted_rightly_lies_on_the_line(self):
        chart = settings_charts.calibration([(0.6, 0.6, 100), (0.9, 0.8, 400)])
        assert chart.points == "50,172 312,12"
        assert [mark for _, mark in chart.x_marks] == ["60 %", "70 %", "80 %", "90 %", "100 %"]
        [right, wrong] = chart.dots
        assert right == (50, 172, 4, "predicted 60 %, recalled 60 %, reviews 100")
        assert wrong == (246.5, 92, 8, "predicted 90 %, recalled 80 %, reviews 400")
