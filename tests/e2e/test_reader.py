"""The reader in a browser: a text is pasted, its words are looked up and joined, and become a deck."""

import re

import pytest

from accounts.models import User
from decks.models import Deck
from study.models import Enrolment, Reading
from tests.e2e.conftest import ARTIFACTS, DESK, PHONE
from tests.e2e.exercises import has_focus, make_deck, make_learner, press, sign_in
from tests.e2e.test_access import Axe, twice

TEXT = """王小明是学生。他每天早上六点起床，喝一杯水，吃一个苹果，然后坐公共汽车去学校。
老师很喜欢王小明，因为他总是认真听课。下课以后，他和朋友们一起打篮球，或者去图书馆看书。
“你长大以后想做什么？”老师问。王小明笑了笑，说：“我想当一名科学家，研究大海里的动物。”"""


@pytest.fixture
def reads(open_page, server):
    """Return a function that opens the reader, whose learner studies a small deck and has pasted a text."""

    def reads(text=TEXT, title="小明的一天", **options):
        page = open_page(**({"viewport": DESK, "reduced_motion": "reduce"} | options))
        learner = make_learner()
        Enrolment.objects.create(user=learner, deck=make_deck())
        sign_in(page, server, learner)
        page.goto("/reader/")
        page.get_by_label("Text").fill(text)
        page.get_by_label("Title").fill(title)
        page.get_by_role("button", name="Read it").press("Enter")
        page.locator("#sheet .text a").first.wait_for()
        return page

    return reads


def word(page, text):
    """Return the first word on the page that is written so."""
    return page.locator("#sheet .text a").filter(has_text=re.compile(f"^{text}(?![\u4e00-\u9fff])")).first


def test_a_text_is_pasted_a_word_looked_up_two_joined_and_a_deck_made(reads):
    page = reads()
    word(page, "学生").click()
    page.locator("#entry .entry").get_by_text("student").wait_for()
    page.keyboard.press("Escape")
    has_focus(page, "#sheet .text a")
    word(page, "小").click()
    page.locator("#entry").get_by_role("button", name="小明 as one word").click()
    page.get_by_text("小明: one word now, in 3 places.").wait_for()
    assert word(page, "小明").inner_text() == "小明"
    page.get_by_label("Name of the deck").fill("Xiaoming")
    page.get_by_label("Words", exact=True).select_option("10")
    page.get_by_role("button", name="Make a deck").click()
    page.get_by_text("Xiaoming: 10 words, and you study it now.").wait_for()
    assert page.get_by_role("heading", name="Xiaoming").is_visible()
    deck = Deck.objects.get(name="Xiaoming")
    sentence = deck.cards.get(hanzi="一").sentence
    assert sentence == "他每天早上六点起床，喝一杯水，吃一个苹果，然后坐公共汽车去学校。"


def test_arrow_keys_go_from_word_to_word(reads):
    page = reads()
    assert page.locator('#sheet .text a[tabindex="0"]').count() == 1
    page.locator('#sheet .text a[tabindex="0"]').focus()
    press(page, "ArrowRight", "ArrowRight", "ArrowLeft")
    second = page.evaluate("document.activeElement.id")
    assert second == "w1"
    press(page, "ArrowDown")
    down = page.evaluate("document.activeElement.getBoundingClientRect().top")
    assert down > page.locator("#w1").bounding_box()["y"]
    press(page, "ArrowUp", "Home", "End", "Enter")
    page.locator("#entry .entry").wait_for()
    press(page, "Escape", "Tab")
    assert page.evaluate("document.activeElement.closest('.text')") is None


def test_words_that_are_selected_are_joined(reads):
    page = reads()
    page.evaluate("""() => {
      const [from, , to] = document.querySelectorAll("#sheet .text a");
      getSelection().setBaseAndExtent(from, 0, to, to.childNodes.length);
    }""")
    page.get_by_role("button", name="Make “王小明” one word").click()
    page.get_by_text("王小明: one word now, in 3 places.").wait_for()
    assert Reading.objects.get().cuts["together"][:2] == [1, 2]


def test_how_it_is_shown_changes_in_its_place(reads):
    page = reads()
    assert page.locator("#sheet rt").count()
    page.get_by_text("How it is shown").click()
    page.get_by_role("link", name="None").press("Enter")
    page.locator("#sheet .text:not(.with-pinyin)").wait_for()
    assert page.locator("#sheet rt").count() == 0
    has_focus(page, "[data-way][aria-current]")
    page.get_by_role("link", name="Off").click()
    page.locator("#sheet .text.plain").wait_for()
    assert page.url.endswith(f"/reader/{Reading.objects.get().pk}/")


def test_all_of_it_works_without_a_script(reads):
    page = reads(java_script_enabled=False)
    word(page, "小").click()
    page.get_by_role("button", name="小明 as one word").click()
    page.get_by_text("小明: one word now, in 3 places.").wait_for()
    page.get_by_text("How it is shown").click()
    page.get_by_role("link", name="Over all words").click()
    page.get_by_role("link", name="Choose word by word").click()
    page.get_by_role("link", name="10", exact=True).click()
    page.get_by_label("他", exact=True).uncheck()
    page.get_by_role("button", name="Make the deck").click()
    page.get_by_text("小明的一天: 9 words, and you study it now.").wait_for()


def test_axe_finds_nothing_grave_on_the_reader(reads):
    page, axe = reads(viewport=PHONE), Axe()
    reading = Reading.objects.get()
    axe.look(page, "reading")
    page.goto(f"/reader/{reading.pk}/?pinyin=all")
    page.get_by_text("How it is shown").click()
    axe.look(page, "reading, ways")
    word(page, "学生").click()
    page.locator("#entry .entry").wait_for()
    axe.look(page, "reading, a word")
    for name, address in (("texts", ""), ("a word", f"{reading.pk}/4/"), ("deck", f"{reading.pk}/deck/"),
                          ("delete", f"{reading.pk}/delete/")):  # fmt: skip
        page.goto(f"/reader/{address}")
        axe.look(page, name)
    axe.report("reader")


def test_text_of_twice_the_size_fits_a_phone(reads):
    page = reads(viewport=PHONE)
    reading = Reading.objects.get()
    for address in ("", f"{reading.pk}/?pinyin=all", f"{reading.pk}/4/", f"{reading.pk}/deck/"):
        page.goto(f"/reader/{address}")
        page.wait_for_load_state("networkidle")
        twice(page, f"reader {address[37:]}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_the_reader_is_photographed_and_fits_the_screen(reads, size, scheme):
    page = reads(viewport=size, color_scheme=scheme)
    learner, reading = User.objects.get(), Reading.objects.get()

    def photograph(name, **options):
        page.evaluate("document.fonts.ready")
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], name
        page.screenshot(path=ARTIFACTS / f"reader-{name}-{size['width']}-{scheme}.png", **options)

    for at, card in enumerate(Deck.objects.get().cards.all()):
        if at < 4:
            state, stability = [("review", 40.0), ("review", 5.0), ("learning", 1.0), ("review", 30.0)][at]
            learner.progress.create(
                card=card, word_key=card.word_key, direction="chinese_to_english", state=state, stability=stability,
                difficulty=5.0, interval=1, next_review_at=reading.created_at, last_day=1,
            )  # fmt: skip
    photograph("texts-new")
    page.reload()
    photograph("reading", full_page=True)
    word(page, "学生").click()
    page.locator("#entry .entry").wait_for()
    photograph("word")
    page.goto("/reader/")
    photograph("texts", full_page=True)
    page.goto(f"/reader/{reading.pk}/deck/")
    photograph("deck")
