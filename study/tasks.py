"""Long work, done by `manage.py db_worker`."""

from django.tasks import task
from django.utils import timezone

from accounts.models import User
from study.models import ScheduleFit


@task()
def fit_schedule(user_id):
    """Fit a learner's schedule if that is due; return the fit's id, or None where nothing was done."""
    user = User.objects.filter(pk=user_id).first()
    made = user and ScheduleFit.make(user, timezone.now())
    return str(made.pk) if made else None
