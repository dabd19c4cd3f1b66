"""What the API's answers have in common."""

from rest_framework.views import exception_handler

NAMES = {400: "VALIDATION_ERROR", 401: "UNAUTHORIZED", 403: "FORBIDDEN", 404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED"}
NAMES |= {409: "CONFLICT", 413: "TOO_LARGE", 415: "UNSUPPORTED_MEDIA_TYPE", 429: "THROTTLED"}


def error(exception, context):
    """Return an error's answer in the one shape that all of them have."""
    response = exception_handler(exception, context)
    if response is None:
        return None
    code = response.status_code
    detail = response.data
    if isinstance(detail, dict) and set(detail) == {"detail"}:
        detail = detail["detail"]
    response.data = {"detail": detail, "error_code": NAMES.get(code, "ERROR"), "status_code": code}
    return response
