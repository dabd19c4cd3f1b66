"""Writing a word on its page of the dictionary, by strokes made from the middle lines of its drawing."""

import pytest
from django.conf import settings

from decks.dictionary import open_dictionary
from tests.e2e.conftest import PHONE

# As static/js/writing.js has it: the square is 1024 units wide, a sixteenth of it free on each side; hanzi-writer puts
# a character's own 1024 units, which begin 124 under its base line and go upwards, into what is left.
SIZE, PADDING, BELOW = 1024, 64, 124
SCALE = (SIZE - 2 * PADDING) / SIZE
TEN = "一人心女长我是国学龟"


def medians(character):
    return open_dictionary(settings.DICTIONARY_PATH).character(character).medians


class Pen:
    """A pointer over the square of an exercise, which is found within a part of the page."""

    def __init__(self, page, within="#practice"):
        self.page = page
        self.box = page.locator(f"{within} .writing-square svg").bounding_box()

    def place(self, x, y):
        """Return where a point of a drawing is on the screen."""
        unit = self.box["width"] / SIZE
        down = SIZE - PADDING - (y + BELOW) * SCALE
        return self.box["x"] + (PADDING + x * SCALE) * unit, self.box["y"] + down * unit

    def draw(self, stroke):
        first, *rest = [self.place(*point) for point in stroke]
        self.page.mouse.move(*first)
        self.page.mouse.down()
        for point in rest:
            self.page.mouse.move(*point, steps=3)
        self.page.mouse.up()


@pytest.fixture
def practise(open_page):
    """Return a function that opens a word's entry on a phone and begins to write the word."""

    def practise(word, **options):
        page = open_page(viewport=PHONE, **({"reduced_motion": "reduce"} | options))
        page.goto(f"/dictionary/{word}/")
        page.get_by_role("button", name="Practise writing").click()
        status(page, "troke 1 of")
        page.locator("#practice .writing").scroll_into_view_if_needed()
        return page

    return practise


def status(page, text):
    page.locator("#practice .writing-status").filter(has_text=text).wait_for()


def result(page):
    """Wait until all is written; return the grade and what is said."""
    page.get_by_role("button", name="Write it again").wait_for()
    return page.locator("#practice").get_attribute("data-grade"), page.locator("#practice [data-result]").inner_text()


@pytest.mark.parametrize("character", TEN)
def test_a_character_drawn_as_it_is_written_is_good(practise, character):
    page = practise(character)
    strokes = medians(character)
    for number, stroke in enumerate(strokes, 1):
        status(page, f"Stroke {number} of {len(strokes)}")
        Pen(page).draw(stroke)
    plural = "s" if len(strokes) > 1 else ""
    assert result(page) == ("3", f"All {len(strokes)} stroke{plural} right. On a card that would be “Good”.")


def test_the_characters_of_a_word_come_one_after_another_while_strokes_move(practise):
    page = practise("学生", reduced_motion="no-preference")
    for place, character in enumerate("学生", 1):
        for number, stroke in enumerate(medians(character), 1):
            status(page, f"Character {place} of 2, stroke {number} of")
            Pen(page).draw(stroke)
    assert result(page) == ("3", "All 13 strokes right. On a card that would be “Good”.")


def test_strokes_drawn_backwards_are_misses_and_fail(practise):
    page = practise("国")
    for number, stroke in enumerate(medians("国"), 1):
        status(page, f"Stroke {number} of 8")
        Pen(page).draw(stroke[::-1])
        status(page, f"Not quite. Stroke {number} of 8")
        Pen(page).draw(stroke)
    grade, said = result(page)
    assert (grade, said) == ("1", "8 misses in 8 strokes. 国: 8 misses. On a card that would be “Again”.")


def test_strokes_in_the_wrong_order_are_misses(practise):
    page = practise("生")
    strokes = medians("生")
    for stroke in (strokes[4], strokes[2], *strokes):
        Pen(page).draw(stroke)
    grade, said = result(page)
    assert (grade, said) == ("1", "2 misses in 5 strokes. 生: 2 misses. On a card that would be “Again”.")


def test_one_miss_is_hard(practise):
    page = practise("学")
    strokes = medians("学")
    for stroke in (strokes[7], *strokes):
        Pen(page).draw(stroke)
    grade, said = result(page)
    assert (grade, said) == ("2", "1 miss in 8 strokes. 学: 1 miss. On a card that would be “Hard”.")


def test_after_three_misses_the_stroke_is_shown_till_the_next_try(practise):
    page = practise("龟")
    strokes = medians("龟")
    hint = page.locator("#practice .writing-hint")
    for misses in (1, 2):
        Pen(page).draw(strokes[0][::-1])
        status(page, "Not quite." if misses == 1 else "Not quite: 2 misses.")
        assert hint.count() == 0
    Pen(page).draw(strokes[0][::-1])
    status(page, "Not quite: 3 misses. Stroke 1 of 7: see the hint")
    hint.wait_for()
    Pen(page).draw(strokes[0])
    status(page, "Stroke 2 of 7")
    assert hint.count() == 0
    for stroke in strokes[1:]:
        Pen(page).draw(stroke)
    grade, said = result(page)
    assert (grade, said) == ("1", "3 misses in 7 strokes. 龟: 3 misses, 1 hint. On a card that would be “Again”.")


def test_a_skipped_stroke_counts_as_a_miss_and_a_hint_is_counted_once_a_stroke(practise):
    page = practise("学生")
    strokes = medians("学")
    page.get_by_role("button", name="Skip this stroke").click()
    status(page, "Character 1 of 2, stroke 2 of 8")
    for _ in range(2):
        page.get_by_role("button", name="Hint").click()
    for stroke in strokes[1:]:
        Pen(page).draw(stroke)
    status(page, "Character 2 of 2, stroke 1 of 5")
    for stroke in medians("生"):
        Pen(page).draw(stroke)
    assert result(page) == (
        "2",
        "1 miss in 13 strokes. 学: 1 miss, 1 skipped, 1 hint; 生: 0 misses. On a card that would be “Hard”.",
    )


def test_by_keyboard_one_may_skip_every_stroke_and_give_up(practise):
    page = practise("长")
    skip = page.get_by_role("button", name="Skip this stroke")
    for number in range(1, 5):
        status(page, f"Stroke {number} of 4")
        skip.press("Enter")
    said = "4 misses in 4 strokes. 长: 4 misses, 4 skipped. On a card that would be “Again”."
    assert result(page) == ("1", said)
    again = page.get_by_role("button", name="Write it again")
    assert again.evaluate("button => button === document.activeElement")
    again.press("Enter")
    status(page, "Stroke 1 of 4")
    page.get_by_role("button", name="Give up").press("Enter")
    assert result(page) == ("1", said)


def test_a_finger_draws_without_moving_the_page(practise):
    page = practise("心", has_touch=True)
    pen, strokes = Pen(page), medians("心")
    scrolled = page.evaluate("scrollY")
    touches = page.context.new_cdp_session(page)
    for stroke in strokes:
        points = [dict(zip("xy", pen.place(*point), strict=True)) for point in stroke]
        touches.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": points[:1]})
        for point in points[1:]:
            touches.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
        touches.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert result(page) == ("3", "All 4 strokes right. On a card that would be “Good”.")
    assert page.evaluate("scrollY") == scrolled


def test_what_has_no_drawing_is_named_and_not_asked(practise):
    page = practise("卡拉OK")
    for place, character in enumerate("卡拉", 1):
        status(page, f"Character {place} of 2, stroke 1 of")
        for stroke in medians(character):
            Pen(page).draw(stroke)
    assert result(page) == (
        "3",
        "All 13 strokes right. On a card that would be “Good”. There is no drawing of O, K.",
    )


def test_strokes_come_from_our_origin_and_need_no_cookie(open_page, server):
    page = open_page(viewport=PHONE)
    page.goto("/dictionary/学生/", wait_until="networkidle")
    page.context.add_cookies([{"name": "sessionid", "value": "somebody", "url": server}])
    asked = {}
    page.on("request", lambda request: asked.update({request.url.removeprefix(server): request}))
    page.get_by_role("button", name="Practise writing").click()
    status(page, "Character 1 of 2, stroke 1 of 8")
    strokes = ["/strokes/5b66.json", "/strokes/751f.json"]
    assert all(url.startswith("/static/") or url in strokes for url in asked)
    assert ["cookie" in asked[url].all_headers() for url in strokes] == [False, False]


def test_ink_has_the_colour_of_the_page_and_changes_with_it(practise):
    page = practise("一")
    page.get_by_role("button", name="Give up").click()
    result(page)
    drawn = page.locator("#practice svg path[clip-path]").nth(1)
    assert drawn.get_attribute("stroke") == "rgba(31,27,22,1)"
    page.emulate_media(color_scheme="dark")
    page.locator("#practice svg path[stroke='rgba(237,231,218,1)']").first.wait_for(state="attached")
    assert drawn.get_attribute("stroke") == "rgba(237,231,218,1)"


def test_a_character_shows_how_it_is_written_in_place_of_the_letter(open_page):
    page = open_page(viewport=PHONE)
    page.goto("/dictionary/学生/")
    page.get_by_role("button", name="Show strokes of 生").click()
    page.get_by_role("img", name="The strokes of 生").wait_for()
    assert page.locator(".square > span").evaluate_all("letters => letters.map((each) => each.hidden)") == [False, True]


def test_strokes_that_do_not_come_can_be_asked_for_again(browser, server):
    context = browser.new_context(base_url=server, viewport=PHONE, reduced_motion="reduce")
    page = context.new_page()
    page.goto("/dictionary/一/")
    context.route("**/strokes/**", lambda route: route.abort())
    page.get_by_role("button", name="Practise writing").click()
    status(page, "The strokes could not be fetched.")
    context.unroute("**/strokes/**")
    page.get_by_role("button", name="Try again").click()
    status(page, "Stroke 1 of 1")
    Pen(page).draw(medians("一")[0])
    assert result(page)[0] == "3"
    context.close()


def test_without_javascript_nothing_is_offered_that_needs_it(open_page):
    page = open_page(java_script_enabled=False)
    page.goto("/dictionary/学生/")
    assert page.get_by_role("button").all_inner_texts() == ["Look up"]


def test_the_exercise_tells_what_it_asks_and_ends_when_it_is_taken_away(open_page):
    page = open_page(viewport=PHONE)
    page.goto("/dictionary/一/")
    told = page.evaluate("""async () => {
      const { writing, library: libraryUrl } = document.getElementById("practice").dataset;
      const { mount } = await import(writing);
      const asked = [];
      let shown;
      const first = new Promise((resolve) => { shown = resolve; });
      const onProgress = (progress) => { asked.push(progress); shown(); };
      const exercise = mount(document.body, { characters: "生", libraryUrl, outline: true, onProgress });
      await first;
      exercise.hint();
      exercise.skipStroke();
      exercise.destroy();
      exercise.skipStroke();
      const nothing = await new Promise((onDone) => mount(document.body, { characters: "OK", libraryUrl, onDone }));
      return [asked, document.querySelectorAll(".writing-square").length, nothing];
    }""")
    same = {"character": "生", "index": 0, "count": 1, "strokes": 5}
    assert told == [
        [
            {**same, "stroke": 1, "misses": 0, "hints": 0},
            {**same, "stroke": 1, "misses": 0, "hints": 1},
            {**same, "stroke": 2, "misses": 1, "hints": 1},
        ],
        0,
        {"characters": [], "undrawn": ["O", "K"], "strokes": 0, "misses": 0, "grade": None},
    ]


GRADES = [
    ([(8, 0, 0, 0)], 3),
    ([(8, 1, 0, 0)], 2),
    ([(8, 2, 0, 0)], 1),
    ([(1, 1, 0, 0)], 2),
    ([(1, 1, 1, 0)], 1),
    ([(9, 2, 0, 0)], 2),
    ([(8, 1, 0, 0), (10, 2, 1, 0)], 2),
    ([(8, 2, 0, 0), (10, 2, 0, 0)], 1),
    ([(8, 0, 0, 1)], 2),
    ([(8, 0, 0, 2)], 1),
    ([(20, 3, 0, 1)], 2),
    ([(20, 0, 0, 0), (1, 1, 1, 0)], 1),
    ([(20, 0, 0, 0, True)], 1),
    ([], None),
]


def test_the_grade_follows_from_misses_and_hints(open_page):
    page = open_page()
    page.goto("/dictionary/一/")
    keys = ("strokes", "misses", "skipped", "hints", "gaveUp")
    written = [[dict(zip(keys, (*each, False), strict=False)) for each in characters] for characters, _ in GRADES]
    graded = page.evaluate(
        """async (written) => {
          const { gradeOf } = await import(document.getElementById("practice").dataset.writing);
          return written.map(gradeOf);
        }""",
        written,
    )
    assert graded == [grade for _, grade in GRADES]
