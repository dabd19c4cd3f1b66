"""What every request of a signed-in learner needs."""

from django.conf import settings
from django.utils import timezone


def without_user(view):
    """Mark a view whose answer is the same for everybody, so that nobody is looked up for it; return it."""
    view.without_user = True
    return view


class TimeZoneMiddleware:
    """Shows times in the learner's own zone."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        with timezone.override(None):
            return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        """Take the learner's zone for the view."""
        # Without its cookie the session isn't asked, so that an answer that is the same for all doesn't vary with it.
        if getattr(view, "without_user", False) or settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return
        if request.user.is_authenticated:
            timezone.activate(request.user.zone)
