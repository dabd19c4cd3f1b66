"""What operators ask of a running server."""

import logging

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

logger = logging.getLogger(__name__)


@require_safe
@never_cache
def health(request):
    """Answer 200 while the database answers, else 503 without saying why: the log does."""
    answer = {"status": "healthy", "timestamp": timezone.now().isoformat(), "version": settings.VERSION}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        logger.exception("The database does not answer.")
        unhealthy = {"status": "unhealthy", "database": "disconnected", "error": "database unavailable"}
        return JsonResponse(answer | unhealthy, status=503)
    return JsonResponse(answer | {"database": "connected"})


@require_safe
def credits_page(request):
    """Whose work we stand on, with its licences."""
    return render(request, "credits.html")
