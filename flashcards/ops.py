"""What operators ask of a running server."""

import logging
import sys

from django.conf import settings
from django.db import Error, InterfaceError, OperationalError, connection
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.utils import timezone
from django.views import defaults
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from decks import audio

logger = logging.getLogger(__name__)


@require_safe
@never_cache
def health(request):
    """Answer 200 while the database answers, else 503 without saying why: the log does."""
    answer = {"status": "healthy", "timestamp": timezone.now().isoformat(), "version": settings.VERSION}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        logger.exception("The database does not answer.")
        unhealthy = {"status": "unhealthy", "database": "disconnected", "error": "database unavailable"}
        return JsonResponse(answer | unhealthy, status=503)
    return JsonResponse(answer | {"database": "connected"})


class HealthMiddleware:
    """Answers /health by itself: probes name the host as they like, and a cookie must not cost a query."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return health(request) if request.path == "/health" else self.get_response(request)


def server_error(request):
    """Answer with the page of errors: 500, or 503 while the database is away, when trying again will help."""
    away = isinstance(sys.exception(), (OperationalError, InterfaceError))
    if request.path.startswith("/api/"):
        detail = "The database does not answer. Try again." if away else "Something went wrong on our side."
        code = "UNAVAILABLE" if away else "SERVER_ERROR"
        response = JsonResponse({"detail": detail, "error_code": code, "status_code": 503 if away else 500})
    else:
        response = defaults.server_error(request)
    response.status_code = 503 if away else 500
    if away:
        response["Retry-After"] = "30"
    return response


@require_safe
def favicon(request):
    """Lead browsers that ask for no other icon, as those of the admin do, to ours."""
    return redirect(static("img/favicon.svg"))


@require_safe
def credits_page(request):
    """Whose work we stand on, with its licences."""
    return render(request, "credits.html", {"audio_credit": audio.pack().credit})
