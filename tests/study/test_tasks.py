import pytest
from django.core.management import call_command
from django.tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from accounts.models import User
from study.models import ScheduleFit
from study.tasks import fit_schedule
from tests.study.answered import write
from tests.study.scheduling.learners import study

# The worker looks after its connection between tasks, which it could not within a test's transaction.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def histories():
    return study(1, 1100).histories


def work():
    """Do what waits in the queue, as `manage.py db_worker` does."""
    call_command("db_worker", batch=True, startup_delay=False, reload=False, verbosity=0)


def test_a_queued_fit_is_made_by_the_worker(user, stranger, card, histories):
    write(user, card, histories)
    queued = fit_schedule.enqueue(str(user.pk))
    assert (queued.status, ScheduleFit.objects.count()) == (TaskResultStatus.READY, 0)
    work()
    queued.refresh()
    made = user.fits.get()
    assert (queued.status, queued.return_value) == (TaskResultStatus.SUCCESSFUL, str(made.pk))
    user.refresh_from_db()
    assert (user.params_version, user.weights) == (1, made.weights)
    assert stranger.fits.count() == 0


def test_a_fit_that_is_queued_twice_is_made_once(user, card, histories):
    write(user, card, histories)
    both = [fit_schedule.enqueue(str(user.pk)) for _ in range(2)]
    work()
    for queued in both:
        queued.refresh()
    assert [queued.return_value for queued in both] == [str(user.fits.get().pk), None]


def test_a_learner_who_is_not_due_is_left_alone(user):
    assert fit_schedule.call(str(user.pk)) is None
    assert not ScheduleFit.objects.exists()


def test_an_account_that_is_gone_fails_nothing(user):
    queued = fit_schedule.enqueue(str(user.pk))
    User.objects.all().delete()
    work()
    assert DBTaskResult.objects.get(pk=queued.id).status == TaskResultStatus.SUCCESSFUL
