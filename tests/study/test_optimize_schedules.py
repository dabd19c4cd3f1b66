import csv
import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from io import StringIO
from random import Random

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django_tasks_db.models import DBTaskResult

from accounts.models import User
from study.models import ScheduleFit
from study.scheduling import fsrs
from study.scheduling.fit import evaluate, fit
from study.tasks import fit_schedule
from tests.study.answered import write
from tests.study.scheduling.learners import study


@pytest.fixture(scope="module")
def histories():
    return study(3, reviews=800).histories


@pytest.fixture(scope="module")
def learner():
    """One whom a fit serves."""
    return study(1, 1100).histories


@pytest.fixture
def log(tmp_path, histories):
    """A file with the answers, shuffled, at noon and the minutes after it."""
    epoch = datetime(1970, 1, 1, 12, tzinfo=UTC)
    rows = [
        (card, rating, (epoch + timedelta(days=day, minutes=minute)).isoformat(), 4000)
        for card, history in enumerate(histories)
        for minute, (day, rating) in enumerate(history)
    ]
    Random(0).shuffle(rows)
    path = tmp_path / "log.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as lines:
        csv.writer(lines).writerows([("card_id", "review_rating", "review_time", "review_duration"), *rows])
    return path


def run(capsys, *arguments):
    call_command("optimize_schedules", *map(str, arguments))
    out, err = capsys.readouterr()
    return json.loads(out), err


def scores(score):
    return pytest.approx({"log_loss": score.log_loss, "rmse_bins": score.rmse_bins})


def test_a_log_is_fitted_without_a_database(log, histories, capsys):
    result, err = run(capsys, "--log", log)
    expected = fit(histories)
    assert list(result) == ["reviews", "weights", "accepted", "default", "fitted"]
    assert result["reviews"] == 800
    assert result["weights"] == pytest.approx(expected.weights, rel=0.02, abs=1e-3)
    assert result["default"] == scores(expected.default)
    assert result["fitted"] == scores(evaluate(histories, result["weights"]))
    assert result["accepted"] is expected.accepted
    assert "left out: 0 without a rating, 0 repeated" in err


def test_the_first_part_is_fitted_and_the_rest_scored(log, histories, capsys):
    whole, _ = run(capsys, "--log", log)
    result, err = run(capsys, "--log", log, "--train", "0.75")
    assert result["reviews"] == 200
    assert "reviews to fit to: 600;" in err
    assert result["weights"] != whole["weights"]
    assert result["fitted"]["log_loss"] < result["default"]["log_loss"]
    assert result["default"] != whole["default"]


def test_a_small_log_gives_the_defaults_and_says_so(tmp_path, capsys):
    path = tmp_path / "small.csv"
    path.write_text("card_id,review_rating,review_time\n1,3,2026-03-02T12:00:00Z\n1,3,2026-03-02T12:10:00Z\n")
    result, err = run(capsys, "--log", path)
    nothing = {"log_loss": None, "rmse_bins": None}
    assert result == {
        "reviews": 0,
        "weights": list(fsrs.DEFAULT_WEIGHTS),
        "accepted": False,
        "default": nothing,
        "fitted": nothing,
    }
    assert "too few to fit: the defaults" in err


def test_the_zone_and_the_rollover_decide_what_is_a_next_day_review(tmp_path, capsys):
    path = tmp_path / "small.csv"
    path.write_text("card_id,review_rating,review_time\n1,3,2026-03-02T12:00:00Z\n1,3,2026-03-02T21:00:00Z\n")
    assert run(capsys, "--log", path)[0]["reviews"] == 0
    assert run(capsys, "--log", path, "--timezone", "Asia/Shanghai")[0]["reviews"] == 1
    assert run(capsys, "--log", path, "--timezone", "Asia/Shanghai", "--rollover", "6")[0]["reviews"] == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"card_id,review_time\n", "line 1: no column review_rating"),
        (b"card_id,review_rating,review_time\n1,3,2026-03-02\n1,9,2026-03-02\n", "line 3: '9' is no review_rating"),
        (b"card_id,review_rating,review_time\n\xff,3,2026-03-02\n", "can't decode byte 0xff"),
        (b"", "line 1: no column card_id"),
    ],
)
def test_a_log_that_cannot_be_read_prints_nothing(tmp_path, capsys, content, message):
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    with pytest.raises(CommandError) as caught:
        call_command("optimize_schedules", "--log", str(path))
    assert message in str(caught.value)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "arguments",
    [
        ("--timezone", "Mars/Olympus"),
        ("--timezone", "../etc"),
        ("--rollover", "24"),
        ("--train", "1"),
        ("--train", "much"),
    ],
)
def test_wrong_arguments_are_refused(log, arguments):
    with pytest.raises(CommandError, match=arguments[0]):
        call_command("optimize_schedules", "--log", str(log), *arguments)


def test_a_missing_file_ends_with_status_1_and_nothing_printed(tmp_path):
    command = [sys.executable, "manage.py", "optimize_schedules", "--log", str(tmp_path / "none.csv")]
    ended = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "No such file" in ended.stderr


class TestLearners:
    @staticmethod
    def lines(capsys, *arguments):
        call_command("optimize_schedules", *arguments)
        return capsys.readouterr().out.splitlines()

    def test_every_learner_who_is_due_is_fitted(self, user, stranger, card, learner, capsys):
        write(user, card, learner)
        write(stranger, card, learner[:40])
        third = User.objects.create_user("chen")
        write(third, card, learner)
        found = self.lines(capsys)
        assert [fit.user for fit in ScheduleFit.objects.order_by("user__username")] == [third, user]
        assert found == [f"{fit.user}: {fit}" for fit in ScheduleFit.objects.order_by("user__username")]
        assert found[0].startswith("chen: fitted to 1,100 reviews and taken: log loss of the last quarter 0.")
        assert self.lines(capsys) == []

    def test_nobody_to_fit_is_no_error(self, db, capsys):
        assert self.lines(capsys) == []

    def test_one_learner_is_fitted_by_name(self, user, stranger, card, learner, capsys):
        write(user, card, learner)
        write(stranger, card, learner)
        assert len(self.lines(capsys, "--user", "LI")) == 1
        assert (user.fits.count(), stranger.fits.count()) == (1, 0)

    def test_a_learner_named_who_is_not_due_is_told_of(self, user, card, learner, capsys):
        write(user, card, [[(10, 3), (12, 3)]])
        expected = ["li: not due: 1 of 1,000 reviews, 2 of 30 days of study"]
        assert self.lines(capsys, "--user", "li") == expected
        assert self.lines(capsys, "--user", "li", "--enqueue") == expected

    def test_an_unknown_name_is_an_error(self, user):
        with pytest.raises(CommandError, match="There is no learner 'wang'"):
            call_command("optimize_schedules", "--user", "wang")

    def test_fits_can_be_left_to_the_worker(self, user, stranger, card, learner, capsys):
        write(user, card, learner)
        write(stranger, card, learner[:40])
        assert self.lines(capsys, "--enqueue") == ["li: queued"]
        assert not ScheduleFit.objects.exists()
        [queued] = DBTaskResult.objects.all()
        assert (queued.task.func, queued.args_kwargs["args"]) == (fit_schedule.func, [str(user.pk)])

    def test_a_learner_who_cannot_be_fitted_holds_up_nobody(self, user, stranger, card, learner, capsys, caplog):
        User.objects.filter(pk=user.pk).update(weights=[0.0] * 21)  # no weights at all: forgetting takes no time
        write(user, card, learner)
        write(stranger, card, learner)
        with pytest.raises(CommandError, match="Learners who could not be fitted: 1"):
            call_command("optimize_schedules")
        assert list(ScheduleFit.objects.values_list("user__username", flat=True)) == ["wang"]
        assert caplog.messages == [f"The schedule of learner {user.pk} could not be fitted."]

    def test_the_queries_of_a_learner_do_not_grow_with_the_log(self, user, card, learner, django_assert_num_queries):
        write(user, card, learner)
        # The candidates; the log and the last fit; in a savepoint: who it is, the totals (twice), the learner locked,
        # the last fit again, the weights, the fit.
        with django_assert_num_queries(12):
            call_command("optimize_schedules", stdout=StringIO())


@pytest.mark.parametrize(
    "arguments", [("--train", "0.5"), ("--log", "log.csv", "--user", "li"), ("--log", "log.csv", "--enqueue")]
)
def test_options_that_do_not_go_together_are_refused(arguments):
    with pytest.raises(CommandError):
        call_command("optimize_schedules", *arguments)
