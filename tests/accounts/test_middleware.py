"""A learner's own zone holds while their request is answered, and not longer."""

from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from django.utils import timezone

from accounts.middleware import TimeZoneMiddleware, without_user

KATHMANDU = ZoneInfo("Asia/Kathmandu")


def plain(request):
    return timezone.get_current_timezone()


@without_user
def same_for_all(request):
    return timezone.get_current_timezone()


class Unasked:
    """A user whom nobody may look up."""

    @property
    def is_authenticated(self):
        raise AssertionError("somebody looked the user up")


@pytest.fixture
def answer(settings):
    """Return a function that answers a request by a view, as Django does; it returns the zone of the view."""

    def answer(view, user, cookie=True):
        request = RequestFactory().get("/")
        request.user = user
        if cookie:
            request.COOKIES[settings.SESSION_COOKIE_NAME] = "x"

        def get_response(request):
            middleware.process_view(request, view, [], {})
            return view(request)

        middleware = TimeZoneMiddleware(get_response)
        return middleware(request)

    return answer


def test_times_are_in_the_learner_s_zone(answer, user):
    user.time_zone = "Asia/Kathmandu"
    assert answer(plain, user) == KATHMANDU


def test_afterwards_the_zone_is_as_before(answer, user):
    user.time_zone = "Asia/Kathmandu"
    before = timezone.get_current_timezone()
    answer(plain, user)
    assert timezone.get_current_timezone() == before
    with timezone.override("Europe/Berlin"):
        answer(plain, user)
        assert timezone.get_current_timezone() == ZoneInfo("Europe/Berlin")


def test_a_visitor_has_the_zone_of_the_site(answer):
    assert answer(plain, AnonymousUser()) == timezone.get_default_timezone()


def test_without_a_cookie_nobody_is_looked_up(answer):
    assert answer(plain, Unasked(), cookie=False) == timezone.get_default_timezone()


def test_nor_for_what_is_the_same_for_everybody(answer):
    assert answer(same_for_all, Unasked()) == timezone.get_default_timezone()
