"""Every exercise, front and back, on a phone and a desk, light and dark: kept in artifacts/ to be looked at."""

import pytest

from study.choices import EXERCISES
from tests.e2e.conftest import ARTIFACTS, DESK, PHONE
from tests.e2e.learner import DECK, Learner

SIZES = {"390": PHONE, "1280": DESK}
# A browser that has a Chinese voice, as most have outside of tests.
VOICE = """
    const voice = { name: "Mei", lang: "zh-CN", localService: true, default: true, voiceURI: "mei" };
    speechSynthesis.getVoices = () => [voice];
    speechSynthesis.speak = (said) => setTimeout(() => {
        said.onstart?.(new Event("start"));
        said.onend?.(new Event("end"));
    });
    window.SpeechSynthesisUtterance = class extends EventTarget { constructor(text) { super(); this.text = text; } };
"""
TYPED = {"pinyin": "wo2", "hanzi": "你", "cloze": "你"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", SIZES)
def test_every_exercise_is_photographed_and_fits_the_screen(open_page, hsk_1, width, scheme):
    page = open_page(viewport=SIZES[width], color_scheme=scheme, reduced_motion="reduce")
    page.add_init_script(VOICE)
    learner = Learner(page, scripts=True)

    def photograph(name):
        page.evaluate("document.fonts.ready")
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[width]["width"], name
        ARTIFACTS.mkdir(exist_ok=True)
        page.screenshot(path=ARTIFACTS / f"exercise-{name}-{width}-{scheme}.png")

    learner.sign_up()
    learner.enrol()
    page.get_by_role("link", name=DECK).press("Enter")
    start = page.get_by_role("link", name="Choose how and how much").get_attribute("href")
    page.goto(start)
    photograph("start")
    for direction, exercises in EXERCISES.items():
        for exercise in exercises:
            page.goto(start)
            page.get_by_label(direction.label, exact=True).check()
            page.get_by_label("Exercise").select_option(exercise)
            page.get_by_role("button", name="Start").click()
            page.locator(f"#card[data-ready] .flashcard[data-exercise={exercise}]").wait_for()
            name = f"{direction}-{exercise}"
            if exercise == "strokes":
                page.locator(".writing svg").first.wait_for()
            photograph(f"{name}-front")
            if exercise in TYPED:
                page.locator("[name=typed]").fill(TYPED[exercise])
                page.locator("[name=typed]").press("Enter")
            elif exercise == "quiz":
                page.keyboard.press("2")
            else:
                page.keyboard.press("Space")
            page.locator("#card .answer").wait_for(state="visible")
            photograph(f"{name}-back")
