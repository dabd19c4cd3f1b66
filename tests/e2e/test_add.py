"""A learner pastes words, mends one, saves them and studies one: by keyboard, on a phone, and without scripts."""

import re

import pytest
from django.conf import settings

from decks.dictionary import open_dictionary
from decks.models import Deck
from study.models import CardProgress
from tests.e2e.conftest import ARTIFACTS, DESK, PHONE
from tests.e2e.exercises import has_focus, make_learner, press, ready, recorded, sign_in, tab_to
from tests.e2e.test_access import CUT, Axe, allow_refusals

HETERONYMS = ["长", "行", "得", "还", "着", "便宜"]
MIXED = """1. 长
2. 学生、老师
行
學生
吃早饭
我昨天去北京看朋友了。
苹果\tping2guo3\tapple
她\tshe
学生\txué shēng
shi4
水 water, the element
student"""


def two_hundred():
    """Return 200 words: the first of HSK 1, some with several readings, and one that has no entry."""
    words = [word.simplified for word in open_dictionary(settings.DICTIONARY_PATH).hsk_words("2025", "1")]
    words = [word for word in words if word not in HETERONYMS][:193]
    return [*HETERONYMS, *words, "吃早饭"]


@pytest.fixture
def learner(transactional_db):
    return make_learner()


@pytest.fixture
def deck(learner):
    return Deck.objects.create(user=learner, name="Chapter 1")


@pytest.fixture
def open_add(open_page, server, learner, deck):
    """Return a function that opens the page of the deck where words are typed."""

    def open_add(**options):
        page = open_page(**({"viewport": DESK, "reduced_motion": "reduce"} | options))
        sign_in(page, server, learner)
        page.goto(f"/decks/{deck.pk}/add/")
        return page

    return open_add


def preview(page, text):
    """Send a text, and wait for its cards."""
    page.get_by_label("Words").fill(text)
    page.get_by_role("button", name="See the cards").press("Enter")
    page.get_by_role("heading", name="Look at the cards").wait_for()


def texts(page, place):
    """Return what stands in the fields of a row."""
    return page.locator(f"#word-{place} > :is(input, textarea)").evaluate_all("all => all.map((each) => each.value)")


def test_two_hundred_words_are_pasted_mended_saved_and_one_is_studied_by_keyboard(open_add, deck):
    page = open_add()
    page.keyboard.press("Tab")
    tab_to(page, "#id_text")
    page.keyboard.insert_text("\n".join(two_hundred()))
    press(page, "Control+Enter")
    page.get_by_role("heading", name="Look at the cards").wait_for()
    assert page.locator(".word").count() == 202  # 吃早饭 may become two
    assert page.get_by_role("button", name="Add 200 words").is_visible()
    tab_to(page, "[name=reading-0]")
    press(page, "ArrowDown")
    assert texts(page, 0) == ["长", "長", "zhǎng", "chief; head; elder"]
    tab_to(page, "#english-0", "Shift+Tab")
    press(page, "Control+a")
    page.keyboard.insert_text("to grow; chief")
    page.get_by_role("button", name="Add 200 words").focus()
    press(page, "Enter")
    page.wait_for_url("**/decks/*/")
    assert "Added 200 words to Chapter 1." in page.locator(".messages").inner_text()
    assert deck.cards.count() == 200
    tab_to(page, "main form button.primary")
    press(page, "Enter")
    page.wait_for_url("**/study/session/*/")
    ready(page)
    assert page.locator("#card .prompt [lang=zh-Hans]").first.inner_text() == "长"
    press(page, "Space")
    assert "zhǎng" in page.locator("#answer").inner_text()
    assert "to grow" in page.locator("#answer").inner_text()
    press(page, "3")
    assert recorded(1) == [("长", "review", 3, "")]
    assert CardProgress.objects.get().word_key == "长|zhǎng"


def test_without_scripts_the_same_is_done_by_the_form_alone(open_add, deck):
    page = open_add(java_script_enabled=False)
    preview(page, "长\n吃早饭\n学生\n学生")
    page.locator("#word-0 .readings [type=radio]").nth(1).check()
    page.get_by_label("2 words").check()
    page.get_by_label("Hanzi, word 5").fill("老师")
    page.get_by_role("button", name=re.compile("^Add")).press("Enter")
    assert "look at its card again" in page.locator("main").inner_text()
    assert page.locator("#word-0 .readings [type=radio]").nth(1).is_checked()
    page.locator("#word-5 .keep input").uncheck()
    page.get_by_role("button", name="Add 4 words").press("Enter")
    page.wait_for_url("**/decks/*/")
    cards = list(deck.cards.values_list("hanzi", "pinyin"))
    assert cards == [("长", "zhǎng"), ("吃", "chī"), ("早饭", "zǎofàn"), ("老师", "lǎoshī")]


def test_a_choice_fills_what_the_learner_did_not_write(open_add):
    page = open_add()
    preview(page, "长\nshi4")
    page.locator("#english-0").fill("to grow")
    page.locator("#word-0 .readings [type=radio]").nth(1).check()
    assert texts(page, 0) == ["长", "長", "zhǎng", "to grow"]
    page.locator("#word-0 .readings [type=radio]").nth(0).check()
    assert texts(page, 0) == ["长", "長", "cháng", "to grow"]
    page.locator("#word-1 .readings [type=radio]").nth(1).check()
    assert texts(page, 1)[:3] == ["事", "事", "shì"]


def test_the_button_counts_what_is_ticked(open_add):
    page = open_add()
    preview(page, "学生\n吃早饭\n老师")
    button = page.locator(".add-bar .primary")
    counted = [button.inner_text()]
    for act in (
        lambda: page.locator("#word-0 .keep input").uncheck(),
        lambda: page.get_by_label("2 words").check(),
        lambda: page.locator("#word-2 .keep input").uncheck(),
        lambda: page.locator("#word-3 .keep input").uncheck(),
    ):
        act()
        counted.append(button.inner_text())
    assert counted == ["Add 3 words", "Add 2 words", "Add 3 words", "Add 2 words", "Add 1 word"]
    page.get_by_label("Show only").check()
    assert page.locator(".word:visible").count() == 2


COMPOSED = """field => {
  field.focus();
  return [true, false].map((isComposing) => {
    const enter = new KeyboardEvent("keydown", { key: "Enter", isComposing, bubbles: true, cancelable: true });
    return [field.dispatchEvent(enter), document.activeElement === field];
  });
}"""


def test_enter_goes_on_to_the_next_field_unless_a_word_is_being_composed(open_add, deck):
    page = open_add()
    preview(page, "学生")
    # What the page leaves to the browser and the focus that stays: an input method ends its word by this key.
    assert page.locator("#hanzi-0").evaluate(COMPOSED) == [[True, True], [False, False]]
    has_focus(page, "#traditional-0")
    press(page, "Enter")
    has_focus(page, "#pinyin-0")
    assert not deck.cards.exists()


def look(axe, page, name):
    """Look at a page of cards from its end, where the bar with the buttons covers none of them."""
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    axe.look(page, name)


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_axe_finds_nothing_grave_where_words_are_added(open_add, size):
    page, axe = open_add(viewport=size), Axe()
    page.get_by_text("What a line may hold").press("Enter")
    axe.look(page, "add words")
    preview(page, MIXED)
    look(axe, page, "add words, cards")
    page.goto("/add/")
    axe.look(page, "add words, to a deck of choice")
    allow_refusals(page)
    page.get_by_role("button", name="See the cards").press("Enter")
    page.locator(".error-summary").wait_for()
    axe.look(page, "add words, none")
    page.go_back()
    page.get_by_label("Words").fill(MIXED)
    page.get_by_role("button", name="See the cards").press("Enter")
    page.locator("#hanzi-0").fill("长" * 101)
    page.get_by_role("button", name=re.compile("^Add")).press("Enter")
    page.locator(".error-summary, .message").wait_for()
    page.get_by_role("button", name=re.compile("^Add")).press("Enter")
    page.locator(".error-summary").wait_for()
    look(axe, page, "add words, cards with an error")
    axe.report(f"add-{size['width']}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["390", "1280"])
def test_the_pages_are_photographed_and_fit_the_screen(open_add, size, scheme):
    page = open_add(viewport=size, color_scheme=scheme)

    def photograph(name, **options):
        page.evaluate("document.fonts.ready")
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], name
        ARTIFACTS.mkdir(exist_ok=True)
        page.screenshot(path=ARTIFACTS / f"{name}-{size['width']}-{scheme}.png", **options)

    page.goto("/add/")
    page.locator("#id_deck").select_option("A new deck")
    photograph("add-to-new-deck")
    page.go_back()
    page.get_by_text("What a line may hold").press("Enter")
    page.get_by_label("Words").fill(MIXED)
    photograph("add-words", full_page=True)
    page.get_by_role("button", name="See the cards").press("Enter")
    page.get_by_role("heading", name="Look at the cards").wait_for()
    photograph("add-cards")
    photograph("add-cards-all", full_page=True)
    allow_refusals(page)
    page.locator("#hanzi-0").fill("")
    page.get_by_role("button", name=re.compile("^Add")).press("Enter")
    page.locator(".message").wait_for()
    page.locator("#hanzi-1").fill("学" * 101)
    for _ in range(2):
        page.get_by_role("button", name=re.compile("^Add")).press("Enter")
    page.locator(".error-summary").wait_for()
    photograph("add-cards-wrong")
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    photograph("add-cards-twice")
    assert page.evaluate(CUT) == []
