"""The settings in a browser: the slider beside the share to remember, the preview, and all without JavaScript."""

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


def seen(preview):
    """Return the lines of the preview that are not hidden."""
    lines = preview.locator("p").evaluate_all("found => found.map((line) => line.innerText.trim())")
    return [" ".join(line.split()) for line in lines]


def test_the_preview_shows_a_choice_before_it_is_saved(open_page, transactional_db):
    page = open_page()
    Learner(page, scripts=True).sign_up()
    page.goto("/settings/")
    preview = page.get_by_role("region", name="Preview")
    rest = ["a while; in a moment", "我一会儿回来。 I'll be back in a while."]
    assert seen(preview) == ["一会儿 一會兒", "yīhuìr", *rest, "HSK 2 (2025)"]
    colour = "element => getComputedStyle(element).color"
    hanzi, syllable = preview.locator(".hanzi .tone4:visible").first, preview.locator(".pinyin .tone4:visible")
    assert hanzi.evaluate(colour) != syllable.evaluate(colour)

    page.get_by_role("radio", name="Traditional").check()
    page.get_by_label("Show the other script beside it").uncheck()
    page.get_by_label("Show tones as they are spoken").check()
    page.get_by_role("radio", name="HSK 3.0 (2021)").check()
    spoken = "yíhuìr spoken; in the dictionary yīhuìr"
    assert seen(preview) == ["一會兒", spoken, *rest, "HSK 1 (2021)"]

    page.get_by_role("radio", name="Both").check()
    page.get_by_role("radio", name="Colour-blind safe").check()
    assert hanzi.evaluate(colour) == preview.locator(".pinyin .tone4:visible").first.evaluate(colour)
    assert hanzi.evaluate(colour) == "rgb(161, 61, 120)"
    page.get_by_role("radio", name="Zhuyin").check()
    assert seen(preview)[1] == "ㄧˊ ㄏㄨㄟˋ ˙ㄦ spoken; in the dictionary ㄧ ㄏㄨㄟˋ ˙ㄦ"
    page.get_by_role("radio", name="Kai").check()
    assert "WenKai" in hanzi.evaluate("element => getComputedStyle(element).fontFamily")

    page.get_by_role("button", name="Save settings").press("Enter")
    page.get_by_text("Your settings are saved.").wait_for()
    user = User.objects.get()
    assert (user.script, user.both_scripts, user.hanzi_font, user.phonetic) == ("traditional", False, "kai", "zhuyin")
    assert (user.tone_change, user.tone_colours, user.tone_colours_on) == (True, "safe", "both")
    assert user.hsk_standard == "2021"
    assert seen(preview)[:2] == ["一會兒", "ㄧˊ ㄏㄨㄟˋ ˙ㄦ spoken; in the dictionary ㄧ ㄏㄨㄟˋ ˙ㄦ"]


def test_without_javascript_the_preview_shows_what_is_saved(open_page, transactional_db):
    page = open_page(java_script_enabled=False)
    Learner(page, scripts=False).sign_up()
    page.goto("/settings/")
    preview = page.get_by_role("region", name="Preview")
    assert preview.locator(".hanzi").inner_text().split() == ["一会儿", "一會兒"]
    page.get_by_role("radio", name="Traditional").check()
    page.get_by_role("button", name="Save settings").press("Enter")
    page.get_by_text("Your settings are saved.").wait_for()
    assert preview.locator(".hanzi").inner_text().split() == ["一會兒", "一会儿"]


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
