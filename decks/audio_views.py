"""Recordings, served without a session: the name of a file is the hash of its content, so it is kept for ever.

WhiteNoise knows the files of its start alone, and neither the first byte by itself nor If-Range.
"""

import os
import re

from django.conf import settings
from django.http import FileResponse, HttpResponse, HttpResponseNotFound
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe
from whitenoise.responders import SlicedFile

from decks.audio import NAME, TYPES

KEPT = "public, max-age=31536000, immutable"
_PATH = re.compile(rf"/audio/({NAME})")
_RANGE = re.compile(r"([0-9]*)-([0-9]*)")


class AudioMiddleware:
    """Answers /audio/… by itself: a cookie must neither cost a query nor keep an answer out of caches."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        recording = _PATH.fullmatch(request.path_info)
        return sound(request, recording[1]) if recording else self.get_response(request)


@require_safe
def sound(request, name):
    """Answer with a recording, or with the part of it that is asked for."""
    digest, extension = name.split(".")
    etag = f'"{digest}"'
    try:
        file = (settings.AUDIO_PATH / name).open("rb")
    except FileNotFoundError:
        # Another machine may have it, and this one soon.
        return HttpResponseNotFound(headers={"Cache-Control": "no-store"})
    if response := get_conditional_response(request, etag=etag):
        file.close()
    else:
        response = _content(file, _wanted_range(request, etag), TYPES[extension])
    if response.status_code in (200, 206, 304):
        response["Cache-Control"] = KEPT
        response["Accept-Ranges"] = "bytes"
        response["ETag"] = etag
    return response


def _content(file, wanted, content_type):
    """Return the whole file, a part of it, or the refusal of a range that it doesn't have."""
    if wanted is None:
        return FileResponse(file, content_type=content_type)
    size = os.fstat(file.fileno()).st_size
    try:
        first, last = _ends(wanted, size)
    except ValueError:
        file.close()
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    headers = {"Content-Range": f"bytes {first}-{last}/{size}", "Content-Length": last - first + 1}
    return FileResponse(SlicedFile(file, first, last), status=206, content_type=content_type, headers=headers)


def _wanted_range(request, etag):
    """Return what is written of the one range to answer with; None for the whole file."""
    unit, _, wanted = request.headers.get("Range", "").partition("=")
    if request.method != "GET" or unit.strip().lower() != "bytes" or "," in wanted:
        return None
    return wanted.strip() if request.headers.get("If-Range", etag) == etag else None


def _ends(wanted, size):
    """Return the first and the last byte of a range; raise ValueError if the file has none of it."""
    written = _RANGE.fullmatch(wanted)
    if not written or wanted == "-":
        raise ValueError(wanted)
    first, last = written.groups()
    start = int(first) if first else max(size - int(last), 0)
    end = min(int(last), size - 1) if first and last else size - 1
    if start > end:
        raise ValueError(wanted)
    return start, end
