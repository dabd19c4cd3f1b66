"""What every request of a signed-in learner needs."""

from django.utils import timezone


class TimeZoneMiddleware:
    """Shows times in the learner's own zone."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        # Asking for the user of a request without a session costs nothing.
        if request.user.is_authenticated:
            with timezone.override(request.user.zone):
                return self.get_response(request)
        return self.get_response(request)
