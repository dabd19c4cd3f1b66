"""Long work, done by `manage.py db_worker`."""

from django.tasks import task
from django.utils import timezone

from accounts.models import User
from study.models import Import, ScheduleFit


@task()
def fit_schedule(user_id):
    """Fit a learner's schedule if that is due; return the fit's id, or None where nothing was done."""
    user = User.objects.filter(pk=user_id).first()
    made = user and ScheduleFit.make(user, timezone.now())
    return str(made.pk) if made else None


@task()
def import_cards(import_id):
    """Take the cards of a file into their deck; a second time, or after it was stopped, do nothing."""
    if waiting := Import.objects.filter(pk=import_id).select_related("user").first():
        waiting.run()
