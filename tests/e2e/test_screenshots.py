"""Every page of the main job on a phone and a desk, light and dark: kept in artifacts/ to be looked at."""

import pytest

from tests.e2e.conftest import ARTIFACTS, DESK, PHONE
from tests.e2e.learner import DECK, Learner

SIZES = {"390": PHONE, "1280": DESK}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", SIZES)
def test_the_pages_are_photographed_and_fit_the_screen(open_page, hsk_decks, width, scheme):
    page = open_page(viewport=SIZES[width], color_scheme=scheme, reduced_motion="reduce")
    learner = Learner(page, scripts=True)

    def photograph(name):
        page.evaluate("document.fonts.ready")
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[width]["width"], name
        ARTIFACTS.mkdir(exist_ok=True)
        page.screenshot(path=ARTIFACTS / f"{name}-{width}-{scheme}.png")

    page.goto("/")
    photograph("welcome")
    page.goto("/accounts/signup/")
    photograph("sign-up")
    learner.sign_up()
    photograph("home-empty")
    page.goto("/library/")
    photograph("library")
    learner.enrol()
    photograph("home")
    page.get_by_role("link", name=DECK).press("Enter")
    page.wait_for_url("**/decks/*/")
    photograph("deck")
    page.goto("/")
    learner.start()
    photograph("study-front")
    page.keyboard.press("Space")
    photograph("study-back")
    learner.grade(1)
    page.get_by_text("More", exact=True).click()
    photograph("study-more")
    page.keyboard.press("u")
    page.get_by_text("Taken back").wait_for()
    photograph("study-undone")
    learner.study([1, 3, 2, 4, 3, 3, 1, 3, 3, 3])
    photograph("study-done")
    learner.finish()
    photograph("summary")
    page.goto("/")
    photograph("home-done")
    page.goto("/decks/")
    photograph("decks")
    page.goto("/settings/")
    photograph("settings")
