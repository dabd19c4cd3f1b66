"""The other exercises by keyboard, by pen and by finger: what each does, what it records, and where the focus is."""

import pytest

from tests.e2e.conftest import PHONE
from tests.e2e.exercises import Finger, asked, has_focus, press, recorded, tab_to
from tests.e2e.test_writing import Pen, medians

READ, WRITE = "chinese_to_english", "english_to_chinese"


# ---- Typed answers


def test_typed_pinyin_is_right_wrong_or_asked_for_again(begin):
    page = begin(READ, "pinyin")
    has_focus(page, "#typed")
    page.keyboard.type("xue2sheng")
    press(page, "Enter")
    page.get_by_role("status").get_by_text("Right.").wait_for()
    has_focus(page, ".grades button[value='3']")
    press(page, "Enter")
    asked(page, "老师")
    page.keyboard.type("lao4shi1")
    press(page, "Enter")
    page.get_by_role("status").get_by_text("Not quite.").wait_for()
    assert page.locator(".verdict li").all_inner_texts() == ["lǎo\nwrong tone\nlào", "shī\nright"]
    has_focus(page, ".grades button[value='1']")
    press(page, "Enter")
    asked(page, "苹果")
    page.keyboard.type("ping guo")
    press(page, "Enter")
    page.get_by_text("Which tones?").wait_for()
    has_focus(page, "#typed")
    assert not page.locator("#answer").is_visible()
    press(page, "Enter")
    page.locator("#answer").wait_for()
    has_focus(page, ".grades button[value='1']")
    press(page, "2")
    asked(page, "水")
    assert recorded(3) == [
        ("学生", "quiz_correct", 3, "xue2sheng"),
        ("老师", "quiz_incorrect", 1, "lao4shi1"),
        ("苹果", "review", 2, "ping guo"),
    ]


def test_a_warning_may_be_answered_with_the_tones(begin):
    page = begin(READ, "pinyin")
    press(page, "Enter")
    page.get_by_text("Type what you know").wait_for()
    page.keyboard.type("xuesheng")
    press(page, "Enter")
    page.get_by_text("Which tones?").wait_for()
    press(page, "Control+a")
    page.keyboard.type("xuésheng")
    press(page, "Enter")
    page.get_by_role("status").get_by_text("Right.").wait_for()
    press(page, "3")
    asked(page, "老师")
    assert recorded(1) == [("学生", "quiz_correct", 3, "xuésheng")]


def test_no_shortcut_fires_while_an_answer_is_typed(begin):
    page = begin(READ, "pinyin")
    page.keyboard.type("subpe?1234 ")
    assert page.locator("#typed").input_value() == "subpe?1234 "
    assert not page.locator("#answer").is_visible()
    assert page.get_by_role("dialog").count() == 0
    tab_to(page, ".reveal > summary")
    press(page, "Space")
    page.locator("#answer").wait_for()
    press(page, "2")
    asked(page, "老师")
    has_focus(page, "#typed")
    assert recorded(1) == [("学生", "review", 2, "")]


COMPOSE = """(text) => {
  const field = document.activeElement;
  const key = (key, more) => field.dispatchEvent(
    new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, isComposing: true, ...more }));
  field.dispatchEvent(new CompositionEvent("compositionstart", { bubbles: true }));
  for (const each of ["x", "u", "e", "s", "1", " "]) key(each);
  key("Enter", { keyCode: 229 });
  field.value = text;
  field.dispatchEvent(new InputEvent("input", { bubbles: true, isComposing: true, data: text }));
  field.dispatchEvent(new CompositionEvent("compositionend", { bubbles: true, data: text }));
}"""


def test_hanzi_are_typed_with_an_input_method(begin):
    page = begin(WRITE, "hanzi")
    asked(page, "student")
    has_focus(page, "#typed")
    page.evaluate(COMPOSE, "学生")
    assert not page.locator("#answer").is_visible()
    assert page.get_by_role("dialog").count() == 0
    press(page, "Enter")
    page.get_by_role("status").get_by_text("Right.").wait_for()
    press(page, "Enter")
    asked(page, "teacher")
    page.keyboard.insert_text("老是")
    press(page, "Enter")
    page.get_by_role("status").get_by_text("Not quite.").wait_for()
    press(page, "1")
    asked(page, "apple")
    assert recorded(2) == [("学生", "quiz_correct", 3, "学生"), ("老师", "quiz_incorrect", 1, "老是")]


def test_what_is_composed_outside_a_field_is_no_shortcut(begin):
    page = begin(READ, "cards")
    page.evaluate(
        """for (const key of ["s", "b", " ", "Enter", "3"]) {
          const pressed = new KeyboardEvent("keydown", { key, bubbles: true, isComposing: true });
          document.activeElement.dispatchEvent(pressed);
        }"""
    )
    asked(page, "学生")
    assert not page.locator("#answer").is_visible()
    assert recorded(0) == []


def test_the_gap_of_a_sentence_is_filled(begin):
    page = begin(WRITE, "cloze")
    asked(page, "我是")
    has_focus(page, "#typed")
    page.keyboard.insert_text("学生")
    press(page, "Enter")
    page.get_by_role("status").get_by_text("Right.").wait_for()
    press(page, "4")
    asked(page, "她是我的")
    assert recorded(1) == [("学生", "review", 4, "学生")]


# ---- Quiz, writing, listening


def choices(page):
    """Return the texts of the choices, without the keys that stand on them."""
    return page.locator(".choices button").evaluate_all(
        "each => each.map(({ firstChild }) => firstChild.textContent.trim())"
    )


def place_of(page, right):
    """Return the number of the choice that is the right one, or of one that isn't."""
    texts = choices(page)
    assert len(texts) == 4
    return next(place for place, text in enumerate(texts, 1) if (text == right[0]) == right[1])


def test_a_choice_is_made_by_its_number_and_then_graded(begin):
    page = begin(READ, "quiz")
    press(page, str(place_of(page, ("student", True))))
    page.get_by_role("status").get_by_text("Right.").wait_for()
    has_focus(page, ".grades button[value='3']")
    press(page, "Enter")
    asked(page, "老师")
    wrong = place_of(page, ("teacher", False))
    chosen = choices(page)[wrong - 1]
    press(page, str(wrong))
    page.get_by_role("status").get_by_text("Not that one.").wait_for()
    has_focus(page, ".grades button[value='1']")
    press(page, "Enter")
    asked(page, "苹果")
    tab_to(page, ".choices button")
    press(page, "Enter")
    page.locator("#answer").wait_for()
    press(page, "2")
    asked(page, "水")
    *first, (word, type, rating, _) = recorded(3)
    assert first == [("学生", "quiz_correct", 3, "student"), ("老师", "quiz_incorrect", 1, chosen)]
    assert (word, type, rating) == ("苹果", "review", 2)


def test_the_characters_are_written_without_a_pointer_by_giving_up_or_skipping(begin):
    page = begin("writing", "strokes")
    page.get_by_text("Character 1 of 2, stroke 1 of 8").wait_for()
    tab_to(page, ".writing-buttons button:nth-child(2)", "Shift+Tab")
    for stroke in range(2, 9):
        press(page, "Enter")
        page.get_by_text(f"Character 1 of 2, stroke {stroke} of 8").wait_for()
    press(page, "Tab")
    has_focus(page, ".writing-buttons button:nth-child(3)")
    press(page, "Enter")
    page.locator("#answer").wait_for()
    has_focus(page, ".grades button[value='1']")
    press(page, "Enter")
    asked(page, "teacher")
    press(page, "Space")
    page.locator("#answer").wait_for()
    has_focus(page, ".grades button[value='3']")
    press(page, "3")
    asked(page, "apple")
    assert recorded(2) == [("学生", "quiz_incorrect", 1, ""), ("老师", "review", 3, "")]


def test_listening_without_a_sound_is_read_instead(begin):
    page = begin("listening", "cards")
    asked(page, "xuésheng")
    assert page.locator(".sound-fallback").bounding_box()["height"] > 20
    assert not page.locator(".listen .play").is_visible()
    press(page, "Space")
    assert page.locator("#answer .hanzi").first.inner_text().startswith("学生")
    press(page, "3")
    asked(page, "lǎoshī")
    assert recorded(1) == [("学生", "review", 3, "")]


# ---- A pen and a finger


def test_a_word_drawn_on_a_phone_is_suggested_as_good_and_the_learner_may_overrule_it(begin):
    page = begin("writing", "strokes", viewport=PHONE)
    for word, key in (("学生", "Enter"), ("老师", "4")):
        for place, character in enumerate(word, 1):
            strokes = medians(character)
            for number, stroke in enumerate(strokes, 1):
                page.get_by_text(f"Character {place} of 2, stroke {number} of {len(strokes)}").wait_for()
                page.locator(".writing-square").scroll_into_view_if_needed()
                Pen(page, "#card").draw(stroke)
        page.locator("#answer").wait_for()
        assert page.evaluate("document.activeElement.matches('.grades .suggested[value=\"3\"]')")
        press(page, key)
    asked(page, "apple")
    assert recorded(2) == [("学生", "quiz_correct", 3, ""), ("老师", "review", 4, "")]


@pytest.fixture
def phone(begin):
    """The page on a phone, and a finger."""
    page = begin(READ, "cards", viewport=PHONE, has_touch=True)
    return page, Finger(page)


def test_a_tap_turns_the_card_and_a_swipe_grades_it(phone):
    page, finger = phone
    finger.go((195, 250), (60, 250))
    assert not page.locator("#answer").is_visible()
    for word, to, following in (("学生", 60, "老师"), ("老师", 330, "苹果")):
        asked(page, word)
        finger.tap(page.locator("#prompt"))
        page.locator("#answer").wait_for()
        finger.tap(page.locator("#prompt"))
        assert page.locator("#answer").is_visible()
        finger.go((195, 250), (to, 258))
        asked(page, following)
    assert recorded(2) == [("学生", "review", 1, ""), ("老师", "review", 3, "")]


def test_a_finger_that_scrolls_grades_nothing(phone):
    page, finger = phone
    page.set_viewport_size({"width": 390, "height": 500})
    finger.tap(page.locator("#prompt"))
    page.locator("#answer").wait_for()
    page.evaluate("scrollTo(0, 0)")
    finger.go((195, 350), (215, 120), (260, 60))
    page.wait_for_function("scrollY > 40")
    finger.go((195, 250), (235, 255))
    asked(page, "学生")
    assert page.locator("#card").get_attribute("data-swipe") is None
    assert recorded(0) == []


def test_a_tap_on_what_has_a_use_of_its_own_turns_and_grades_nothing(phone):
    page, finger = phone
    finger.tap(page.locator("#prompt"))
    page.locator("#answer").wait_for()
    finger.tap(page.get_by_text("More about this word"))
    page.locator(".about .parts").wait_for()
    finger.tap(page.locator("#answer .sentence a.word").first)
    page.locator("#entry .entry").wait_for()
    finger.tap(page.get_by_role("button", name="Close"))
    page.get_by_role("dialog").wait_for(state="hidden")
    finger.tap(page.locator(".more > summary"))
    page.locator(".menu").wait_for()
    assert page.locator("#answer").is_visible()
    asked(page, "学生")
    assert recorded(0) == []
