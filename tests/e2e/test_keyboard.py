"""A session of cards by keyboard alone: what each press does, what it records, and where the focus is."""

import re

import pytest

from study.models import WordNote
from tests.e2e.exercises import acts, asked, has_focus, press, recorded, tab_to

READ = "chinese_to_english"


# ---- Cards


def test_space_and_enter_show_the_answer_and_the_numbers_grade_it(begin):
    page = begin(READ, "cards")
    for word, key, grade in (("学生", "Space", 1), ("老师", "Enter", 2), ("苹果", "Space", 3), ("水", "Enter", 4)):
        asked(page, word)
        has_focus(page, ".reveal > summary")
        press(page, str(grade))
        assert not page.locator("#answer").is_visible()
        press(page, key)
        page.locator("#answer").wait_for()
        has_focus(page, ".grades button[value='3']")
        press(page, str(grade))
    asked(page, "看")
    assert recorded(4) == [
        ("学生", "review", 1, ""),
        ("老师", "review", 2, ""),
        ("苹果", "review", 3, ""),
        ("水", "review", 4, ""),
    ]
    assert all(0 < act.response_time < 60_000 for act in acts(4))


def test_an_answer_at_once_does_not_show_the_next_one(begin):
    page = begin(READ, "cards")
    page.evaluate("""() => {
      for (const key of [" ", "4"])
        document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    }""")
    asked(page, "老师")
    recorded(1)
    assert not page.locator("#answer").is_visible()


def test_enter_on_the_answer_gives_the_grade_that_has_the_focus(begin):
    page = begin(READ, "cards")
    press(page, "Enter")
    page.locator("#answer").wait_for()
    press(page, "Enter")
    asked(page, "老师")
    press(page, "Space")
    page.locator("#answer").wait_for()
    tab_to(page, ".grades button[value='2']", "Shift+Tab")
    press(page, "Enter")
    asked(page, "苹果")
    assert recorded(2) == [("学生", "review", 3, ""), ("老师", "review", 2, "")]


def test_u_takes_back_one_answer_after_another_also_after_a_reload(begin):
    page = begin(READ, "cards")
    for word in ("学生", "老师", "苹果"):
        asked(page, word)
        press(page, "Space", "4")
    asked(page, "水")
    recorded(3)
    press(page, "u")
    page.get_by_text("Taken back: 苹果.").wait_for()
    asked(page, "苹果")
    assert not page.locator("#answer").is_visible()
    has_focus(page, ".reveal > summary")
    assert [word for word, *_ in recorded(2)] == ["学生", "老师"]
    page.reload()
    page.locator("#card[data-ready]").wait_for()
    for word, left in (("老师", ["学生"]), ("学生", [])):
        press(page, "u")
        page.get_by_text(f"Taken back: {word}.").wait_for()
        page.locator("#card[data-ready]").wait_for()
        asked(page, word)
        assert [word for word, *_ in recorded(len(left))] == left


@pytest.mark.parametrize(
    ("key", "type", "says"), [("s", "suspend", "学生: suspended."), ("b", "bury", "学生: buried until tomorrow.")]
)
def test_a_word_is_put_aside_before_or_after_its_answer_and_taken_back(begin, key, type, says):
    page = begin(READ, "cards")
    press(page, key)
    page.get_by_role("status").get_by_text(says).wait_for()
    asked(page, "老师")
    press(page, "Space", key)
    asked(page, "苹果")
    assert recorded(2) == [("学生", type, None, ""), ("老师", type, None, "")]
    press(page, "u", "u")
    asked(page, "学生")
    recorded(0)


def test_p_without_a_sound_does_nothing(begin):
    page = begin(READ, "cards")
    press(page, "p")
    asked(page, "学生")
    assert not page.locator("#answer").is_visible()
    press(page, "Space", "p")
    assert page.locator("#answer").is_visible()
    assert page.locator("#card .play:visible").count() == 0
    assert recorded(0) == []


def test_a_key_with_control_or_alt_is_the_browsers(begin):
    page = begin(READ, "cards")
    press(page, "Control+u", "Alt+s", "Meta+b")
    press(page, "Space", "Control+4")
    asked(page, "学生")
    assert recorded(0) == []


# ---- Beside the card


def test_a_note_is_written_by_e_without_a_letter_being_taken_for_a_key(begin):
    page = begin(READ, "cards")
    press(page, "Space", "e")
    has_focus(page, "#note-text")
    page.keyboard.type("usb? 1234 e p")
    assert page.locator("#note-text").input_value() == "usb? 1234 e p"
    tab_to(page, ".note-form button")
    press(page, "Enter")
    page.get_by_text("Your note is saved.").wait_for()
    has_focus(page, ".grades button[value='3']")
    assert page.locator("#answer .notes.own").inner_text() == "usb? 1234 e p"
    assert not page.locator(".menu").is_visible()
    assert [note.text for note in WordNote.objects.all()] == ["usb? 1234 e p"]
    assert recorded(0) == []
    press(page, "3")
    asked(page, "老师")
    press(page, "e")
    assert page.locator("#note-text").input_value() == ""
    press(page, "Escape")
    assert not page.locator(".menu").is_visible()
    has_focus(page, ".more > summary")
    assert recorded(1) == [("学生", "review", 3, "")]


def test_a_saved_note_stands_on_the_back_when_the_word_comes_again(begin):
    page = begin(READ, "cards")
    press(page, "e")
    page.keyboard.type("a child under a roof")
    tab_to(page, ".note-form button")
    press(page, "Enter")
    page.get_by_text("Your note is saved.").wait_for()
    press(page, "Space", "4")
    asked(page, "老师")
    press(page, "u")
    asked(page, "学生")
    press(page, "Space")
    assert page.locator("#answer .notes.own").inner_text() == "a child under a roof"


def test_a_note_that_is_saved_late_goes_to_no_other_word(begin):
    page, waiting = begin(READ, "cards"), []
    page.route("**/note/**", lambda route: waiting.extend([route]))
    press(page, "Space", "e")
    page.keyboard.type("mine")
    tab_to(page, ".note-form button")
    press(page, "Enter", "3")
    asked(page, "老师")
    press(page, "Space")
    page.wait_for_timeout(100)
    [route] = waiting
    route.continue_()
    page.get_by_text("Your note is saved.").wait_for()
    assert page.locator(".notes.own").count() == 0
    assert [(note.word_key, note.text) for note in WordNote.objects.all()] == [("学生|xuésheng", "mine")]


def test_help_opens_by_its_key_and_gives_the_focus_back(begin):
    page = begin(READ, "cards")
    press(page, "?")
    page.get_by_role("dialog", name="Keys and gestures").wait_for()
    has_focus(page, "#help button")
    press(page, "1", "s", "u", "b")
    press(page, "Escape")
    page.get_by_role("dialog").wait_for(state="hidden")
    has_focus(page, ".reveal > summary")
    press(page, "Space", "?")
    press(page, "Enter")
    page.get_by_role("dialog").wait_for(state="hidden")
    has_focus(page, ".grades button[value='3']")
    assert recorded(0) == []


def test_everything_of_the_menu_is_reached_and_done_by_keyboard(begin):
    page = begin(READ, "cards")
    tab_to(page, ".more > summary", "Shift+Tab")
    press(page, "Enter")
    page.locator(".menu").wait_for()
    tab_to(page, "button[value=mark_known]")
    press(page, "Tab")
    has_focus(page, "input[name=days]")
    press(page, "Control+a")
    page.keyboard.type("30")
    press(page, "Enter")
    page.get_by_text("学生: known already.").wait_for()
    asked(page, "老师")
    assert not page.locator(".menu").is_visible()
    [known] = acts(1)
    assert (known.interaction_type, known.rating, round(known.interval)) == ("mark_known", None, 30)
    tab_to(page, ".more > summary", "Shift+Tab")
    press(page, "Space")
    tab_to(page, "#help-button")
    press(page, "Enter")
    page.get_by_role("dialog", name="Keys and gestures").wait_for()
    press(page, "Escape")
    has_focus(page, "#help-button")
    press(page, "Escape")
    assert not page.locator(".menu").is_visible()
    has_focus(page, ".more > summary")


def test_a_word_of_the_sentence_is_looked_up_and_left_again(begin):
    page = begin(READ, "cards")
    press(page, "Space")
    page.locator("#answer").wait_for()
    tab_to(page, "#answer .sentence a.word", "Shift+Tab")
    word = page.evaluate("document.activeElement.textContent")
    press(page, "Enter")
    page.locator("#entry .entry").wait_for()
    assert page.locator("#entry h2").inner_text().startswith(word)
    has_focus(page, "#entry button")
    press(page, "2", "u")
    press(page, "Escape")
    page.get_by_role("dialog").wait_for(state="hidden")
    has_focus(page, "#answer .sentence a.word")
    assert page.evaluate("document.activeElement.textContent") == word
    press(page, "2")
    asked(page, "老师")
    assert recorded(1) == [("学生", "review", 2, "")]


def test_a_session_is_paused_gone_on_with_and_ended(begin):
    page = begin(READ, "cards")
    press(page, "Space", "4")
    asked(page, "老师")
    recorded(1)
    tab_to(page, ".pause", "Shift+Tab")
    press(page, "Enter")
    page.wait_for_url(re.compile(r":\d+/$"))
    tab_to(page, "button[aria-label='Study HSK 0']")
    press(page, "Enter")
    page.wait_for_url("**/study/session/*/")
    page.locator("#card[data-ready] .flashcard").wait_for()
    tab_to(page, ".more > summary")
    press(page, "Enter")
    tab_to(page, "form[action$='/end/'] button")
    press(page, "Enter")
    page.wait_for_url("**/summary/")


def test_the_last_word_leads_to_the_summary(begin):
    page = begin(READ, "cards")
    for word in ("学生", "老师", "苹果", "水", "看", "朋友"):
        asked(page, word)
        press(page, "Space", "4")
    page.get_by_role("button", name="See the summary").wait_for()
    has_focus(page, ".empty button")
    press(page, "Enter")
    page.wait_for_url("**/summary/")
    assert page.get_by_role("heading", level=1).inner_text().startswith("You studied 6 words")
    recorded(6)
