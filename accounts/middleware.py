"""What every request of a signed-in learner needs."""

from django.conf import settings
from django.utils import timezone


class TimeZoneMiddleware:
    """Shows times in the learner's own zone."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        # Without its cookie the session isn't asked, so that an answer that is the same for all doesn't vary with it.
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            with timezone.override(request.user.zone):
                return self.get_response(request)
        return self.get_response(request)
