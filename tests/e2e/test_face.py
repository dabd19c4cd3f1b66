"""A card in the browser: its colours come with the answer."""

from accounts.models import User
from tests.e2e.learner import Learner

COLOURS = "found => found.map((element) => getComputedStyle(element).color)"


def test_the_tones_of_a_word_are_not_told_before_it_is_answered(open_page, hsk_1):
    page = open_page(color_scheme="light")
    learner = Learner(page, scripts=True)
    learner.sign_up()
    User.objects.update(tone_colours_on="both", both_scripts=False)
    learner.enrol()
    learner.start()
    characters = page.locator("#prompt [class^=tone]")
    ink = page.locator("#prompt").evaluate("element => getComputedStyle(element).color")
    asked = characters.evaluate_all(COLOURS)
    assert set(asked) == {ink}
    page.keyboard.press("Space")
    page.locator("#answer").wait_for(state="visible")
    told = characters.evaluate_all(COLOURS)
    assert told == page.locator("#answer > .pinyin [class^=tone]").evaluate_all(COLOURS)
    assert ink not in told
