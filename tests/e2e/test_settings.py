"""The settings in a browser: the slider beside the share to remember, and the page without JavaScript."""

import pytest

from accounts.models import User
from tests.e2e.learner import Learner


@pytest.fixture(autouse=True)
def _no_curve_yet(settings, request):
    name = request.node.name
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": name}}


def test_the_slider_says_what_a_share_costs_before_it_is_saved(open_page, transactional_db):
    page = open_page()
    Learner(page, scripts=True).sign_up()
    page.goto("/settings/")
    page.locator("#curve-figures").wait_for(state="attached")
    says, number = page.locator("#curve-says"), page.get_by_role("spinbutton", name="Share of words to remember")
    assert says.inner_text().startswith("To remember 90 % takes about 10 min a day over a year, and you know 949 of")
    spot = page.locator("#curve .chart-dot").first.get_attribute("cx")
    page.get_by_role("slider").fill("0.95")
    assert number.input_value() == "0.95"
    assert says.inner_text().startswith("To remember 95 % takes about 14 min a day over a year, and you know 975 of")
    assert page.locator("#curve .chart-dot").first.get_attribute("cx") > spot
    number.fill("0.8")
    assert page.get_by_role("slider").input_value() == "0.8"
    page.get_by_role("button", name="Save settings").press("Enter")
    page.get_by_text("Your settings are saved.").wait_for()
    assert User.objects.get().desired_retention == 0.8


def test_without_javascript_the_curve_is_a_page_of_its_own(open_page, transactional_db):
    page = open_page(java_script_enabled=False)
    Learner(page, scripts=False).sign_up()
    page.goto("/settings/")
    assert page.get_by_role("slider").count() == 0
    assert page.locator("#curve-figures").count() == 0
    page.get_by_role("link", name="See it on a page of its own").press("Enter")
    page.wait_for_url("**/settings/curve/")
    assert page.locator("#curve-figures tbody tr").count() == 7
    page.get_by_role("link", name="Back to the settings").press("Enter")
    page.wait_for_url("**/settings/")
    assert page.locator("#curve-figures").count() == 1
