"""Every page for everybody: what axe-core finds, text of twice the size, forced colours, no motion unasked."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.models import User
from decks.models import Deck
from flashcards import demo
from study import shelf
from study.models import Enrolment, WordNote
from tests.e2e.conftest import ARTIFACTS, DESK, PHONE
from tests.e2e.exercises import make_deck, make_learner, sign_in, study
from tests.e2e.test_sound import CHINESE, VOICES

AXE = (settings.BASE_DIR / "node_modules/axe-core/axe.min.js").read_text()
REQUIRED = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
GRAVE = {"serious", "critical"}
RUN = """async (tags) => {
  const { violations } = await axe.run(document, {
    runOnly: { type: "tag", values: tags },
    rules: { "target-size": { enabled: true } },
    resultTypes: ["violations"],
  });
  const said = ({ target, failureSummary }) => `${target}: ${failureSummary.split("\\n").slice(1, 3).join(";")}`;
  return violations.map(({ id, impact, tags, nodes }) => ({ id, impact, tags, nodes: nodes.map(said) }));
}"""
MOTIONS = "document.getAnimations().map((each) => each.animationName)"
EXERCISES = [
    ("chinese_to_english", "cards"),
    ("english_to_chinese", "cards"),
    ("listening", "cards"),
    ("writing", "cards"),
    ("chinese_to_english", "pinyin"),
    ("english_to_chinese", "hanzi"),
    ("english_to_chinese", "cloze"),
    ("chinese_to_english", "quiz"),
    ("english_to_chinese", "quiz"),
    ("writing", "strokes"),
]
STATIC = (".css", ".js", ".woff2", ".svg")
TYPED = {"pinyin": ("xue sheng", "xue2sheng1"), "hanzi": ("学生", "学先"), "cloze": ("学生", "老生")}


class Axe:
    """Looks at pages, and keeps what it finds by the page's name and its colours."""

    def __init__(self):
        self.found = {}

    def look(self, page, name):
        """Look at a page in light and in dark; its learner wants no motion."""
        page.evaluate("document.fonts.ready")
        assert page.evaluate(MOTIONS) == [], name
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.evaluate(AXE)
            self.found[f"{name}, {scheme}"] = page.evaluate(RUN, [*REQUIRED, "best-practice"])

    def report(self, part):
        """Write what was found, page by page, and fail for what is grave."""
        lines = []
        for page, found in self.found.items():
            lines.append(f"{page}: {summary(found)}")
            lines += [f"    {each['impact']} {each['id']} {node}" for each in found for node in each["nodes"]]
        ARTIFACTS.mkdir(exist_ok=True)
        (ARTIFACTS / f"axe-{part}.txt").write_text("\n".join(lines) + "\n")
        assert self.grave() == []

    def grave(self):
        """Return what keeps somebody from using a page."""
        return [
            f"{page}: {each['id']} {node}"
            for page, found in self.found.items()
            for each in found
            if each["impact"] in GRAVE and set(each["tags"]) & set(REQUIRED)
            for node in each["nodes"]
        ]


def summary(found):
    """Return how many violations of each impact there are, as text."""
    of_each = {impact: sum(each["impact"] == impact for each in found) for impact in (*GRAVE, "moderate", "minor")}
    return ", ".join(f"{count} {impact}" for impact, count in of_each.items() if count) or "nothing"


def visit(page, axe, addresses):
    """Look at each page by its name."""
    for name, address in addresses.items():
        page.goto(address)
        page.wait_for_load_state("networkidle")
        axe.look(page, name)


def test_axe_finds_nothing_grave_on_what_a_visitor_sees(open_page):
    page, axe, deck = open_page(viewport=PHONE, reduced_motion="reduce"), Axe(), make_deck()
    visit(page, axe, {
        "welcome": "/",
        "sign-up": "/accounts/signup/",
        "library": "/library/",
        "deck, signed out": f"/decks/{deck.pk}/",
        "dictionary": "/dictionary/",
        "dictionary, found": "/dictionary/?q=xuesheng",
        "dictionary, nothing found": "/dictionary/?q=qqqq",
        "entry": "/dictionary/学生/",
        "credits": "/credits/",
        "offline": "/offline/",
        "log-in": "/accounts/login/",
    })  # fmt: skip
    page.get_by_label("Password", exact=True).fill("wrong")
    page.get_by_label(re.compile("Username", re.IGNORECASE)).fill("nobody")
    page.get_by_role("button", name="Log in").press("Enter")
    page.locator(".error-summary").wait_for()
    axe.look(page, "log-in, with errors")
    page.goto("/accounts/signup/")
    page.get_by_role("button", name="Sign up").press("Enter")
    page.locator(".error-summary").wait_for()
    axe.look(page, "sign-up, with errors")
    page.goto("/dictionary/学生/")
    page.get_by_role("button", name="Practise writing").press("Enter")
    page.get_by_text("stroke 1 of").wait_for()
    axe.look(page, "entry, while writing")
    axe.report("visitor")


@pytest.mark.parametrize("code", ["400", "403", "403_csrf", "404", "429", "500"])
def test_axe_finds_nothing_grave_on_pages_of_errors(open_page, code):
    page, axe = open_page(viewport=PHONE, reduced_motion="reduce"), Axe()
    page.route(
        "**/trouble/", lambda route: route.fulfill(body=render_to_string(f"{code}.html"), content_type="text/html")
    )
    page.goto("/trouble/")
    axe.look(page, code)
    axe.report(f"error-{code}")


def allow_refusals(page):
    """Keep the browser from complaining of a form that is refused with 400: that page is what is looked at."""
    page.route(
        lambda address: not address.endswith(STATIC),
        lambda route: (
            route.fulfill(response=route.fetch(max_redirects=0), status=200)
            if route.request.method == "POST"
            else route.continue_()
        ),
    )


def refuse(page, axe, name, address, button, choose="", **fields):
    """Send a form with fields that are wrong, and look at what comes back."""
    page.goto(address)
    if choose:
        page.get_by_label(choose).check()
    for field, value in fields.items():
        page.locator(f"[name={field}]").fill(value)
    # What the browser itself refuses never comes to the server.
    page.locator("form:has(.field)").evaluate_all("forms => forms.forEach((form) => { form.noValidate = true; })")
    page.get_by_role("button", name=button, exact=True).press("Enter")
    page.locator(".error-summary").wait_for()
    axe.look(page, name)


def test_axe_finds_nothing_grave_on_the_pages_around_studying(open_page, server, hsk_decks):
    page, axe = open_page(viewport=PHONE, reduced_motion="reduce"), Axe()
    learner = demo.make(timezone.now() - timedelta(days=9), days=20)
    deck = Deck.objects.filter(user=None, enrolments__user=learner).first()
    row = learner.progress.filter(reps__gte=3).first()
    learner.progress.filter(pk=row.pk).update(lapses=9, expected_lapses=1, lapse_variance=1)
    sign_in(page, server, learner)
    visit(page, axe, {
        "home": "/",
        "decks": "/decks/",
        "library, signed in": "/library/",
        "deck": f"/decks/{deck.pk}/",
        "start": "/study/",
        "start, one deck": f"/study/{deck.pk}/",
        "custom study": "/study/custom/",
        "leeches": "/study/leeches/",
        "word": f"/study/words/{row.pk}/",
        "backlog": "/study/backlog/",
        "settings": "/settings/",
        "curve": "/settings/curve/",
        "change of password": "/accounts/password/change/",
        "log-out": "/accounts/logout/",
        "entry, signed in": "/dictionary/学生/",
    })  # fmt: skip
    allow_refusals(page)
    refuse(
        page, axe, "settings, with errors", "/settings/", "Save settings", desired_retention="3", learning_steps="soon"
    )
    refuse(page, axe, "start, with errors", "/study/", "Start", choose="A number of words", cards="0")
    refuse(page, axe, "custom study, with errors", "/study/custom/", "Start", choose="Found by a search", text="")
    axe.report("learner")


def test_axe_finds_nothing_grave_on_the_pages_of_decks(open_page, server):
    page, axe = open_page(viewport=PHONE, reduced_motion="reduce"), Axe()
    deck, learner = make_deck(), make_learner()
    theirs = shelf.copy(User.objects.create_user("wang", "wang@example.com", "battery staple"), deck, uuid7())
    Deck.objects.filter(pk=theirs.pk).update(visibility="public", name="Shared", tags=["food"])
    own = shelf.copy(learner, theirs, uuid7())
    Enrolment.objects.start(learner, deck)
    Enrolment.objects.stop(learner, shelf.make(learner, uuid7(), name="Resting"))
    shelf.delete(shelf.make(learner, uuid7(), name="Gone"))
    sign_in(page, server, learner)
    visit(page, axe, {
        "decks, in order": "/decks/",
        "library, with shared decks": "/library/",
        "library, nothing found": "/library/?q=zzz",
        "deck, own": f"/decks/{own.pk}/",
        "deck, shared": f"/decks/{theirs.pk}/",
        "deck, to edit": f"/decks/{own.pk}/edit/",
        "deck, to delete": f"/decks/{own.pk}/delete/",
        "deck, to report": f"/decks/{theirs.pk}/report/",
        "decks, deleted": "/decks/deleted/",
    })  # fmt: skip
    allow_refusals(page)
    refuse(page, axe, "new deck, with errors", "/decks/new/", "Make the deck", description="x", tags="y" * 101)
    axe.report("decks")


def test_axe_finds_nothing_grave_on_home_and_a_session_from_the_first_word_to_the_last(open_page, server):
    page, axe, learner = open_page(viewport=PHONE, reduced_motion="reduce"), Axe(), make_learner()
    sign_in(page, server, learner)
    visit(page, axe, {"home, empty": "/", "decks, none": "/decks/", "leeches, none": "/study/leeches/"})
    deck = make_deck()
    study(page, learner, deck, "chinese_to_english", "cards", goal_cards=2)
    page.keyboard.press("Space")
    page.keyboard.press("1")
    page.keyboard.press("s")
    page.get_by_text("suspended.").wait_for()
    axe.look(page, "study, after an act")
    page.keyboard.press("Space")
    page.keyboard.press("4")
    page.keyboard.press("Space")
    page.keyboard.press("4")
    page.get_by_role("button", name="See the summary").wait_for()
    axe.look(page, "end of a session")
    page.get_by_role("button", name="See the summary").press("Enter")
    page.wait_for_url("**/summary/")
    axe.look(page, "summary")
    page.goto(f"/study/words/{learner.progress.first().pk}/")
    axe.look(page, "word, begun today")
    learner.new_per_day = 0
    learner.save()
    visit(page, axe, {"home, done": "/", "start, nothing due": f"/study/{deck.pk}/"})
    axe.report("session")


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_axe_finds_nothing_grave_on_any_exercise(open_page, server, size):
    page, axe, deck = open_page(viewport=size, reduced_motion="reduce"), Axe(), make_deck()
    learner = make_learner(tone_colours_on="both", tone_change=True)
    WordNote.objects.write(learner, deck.cards.first().word_key, "A child 子 under a roof.")
    page.add_init_script(VOICES % CHINESE)
    sign_in(page, server, learner)
    for direction, exercise in EXERCISES:
        study(page, learner, deck, direction, exercise)
        name = f"study, {direction}, {exercise}"
        axe.look(page, f"{name}, front")
        answer(page, exercise, lambda name=name: axe.look(page, f"{name}, warned"))
        axe.look(page, f"{name}, back")
    page.get_by_text("More about this word").press("Enter")
    axe.look(page, "study, more about the word")
    page.get_by_text("More", exact=True).press("Enter")
    axe.look(page, "study, menu")
    page.get_by_role("button", name="Keys and gestures").press("Enter")
    axe.look(page, "study, help")
    page.keyboard.press("Escape")
    page.locator("#answer .sentence a.word").first.press("Enter")
    page.locator("#entry .entry").wait_for()
    axe.look(page, "study, dictionary")
    silent = open_page(viewport=size, reduced_motion="reduce")
    sign_in(silent, server, learner)
    study(silent, learner, deck, "listening", "cards")
    axe.look(silent, "study, listening without a voice, front")
    axe.report(f"exercises-{size['width']}")


def answer(page, exercise, when_warned=lambda: None):
    """Answer wrongly; pinyin at first without its tones, which is warned of."""
    if exercise in TYPED:
        warned, wrong = TYPED[exercise]
        if exercise == "pinyin":
            page.get_by_role("textbox").fill(warned)
            page.keyboard.press("Enter")
            page.locator(".verdict-note").wait_for()
            when_warned()
        page.locator("input[name=typed]").fill(wrong)
        page.keyboard.press("Enter")
    elif exercise == "quiz":
        # Each choice ends with the key that stands for it.
        wrong = page.locator(".choices button").filter(has_not_text=re.compile(r"^\s*(student|学生)\s*\d$"))
        wrong.first.press("Enter")
    elif exercise == "strokes":
        page.get_by_role("button", name="Give up").press("Enter")
    else:
        page.keyboard.press("Space")
    page.locator("#answer").wait_for()


CUT = """() => {
  const hidden = (element) => element.closest(".visually-hidden, .skip, svg") || !element.checkVisibility();
  const fits = (element) => {
    const { left, right, width } = element.getBoundingClientRect();
    const clipped = getComputedStyle(element).overflowX === "hidden" && element.scrollWidth > element.clientWidth + 1;
    return width <= 1 || (left >= -1 && right <= innerWidth + 1 && !clipped);
  };
  const cut = [...document.body.querySelectorAll("*")].filter((element) => !hidden(element) && !fits(element));
  return cut.map((element) => `${element.tagName}.${element.className}: ${element.textContent.trim().slice(0, 40)}`);
}"""
COVERED = """() => {
  scrollTo(0, document.documentElement.scrollHeight);
  const seen = (selector) => [...document.querySelectorAll(selector)].filter((each) => each.checkVisibility());
  const [bar] = seen("#card .grades, #card summary[role=button]");
  const rest = seen("#card .flashcard > *, #answer > *");
  const lowest = (each) => each.getBoundingClientRect().bottom;
  const last = Math.max(...rest.filter((each) => !each.matches(".reveal")).map(lowest));
  return last - bar.getBoundingClientRect().top;
}"""


def twice(page, name):
    """Assert that with text of twice the size nothing leaves the screen."""
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    page.evaluate("document.fonts.ready")
    page.screenshot(path=ARTIFACTS / f"twice-{re.sub(r'\W+', '-', name)}.png")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], name
    assert page.evaluate(CUT) == [], name


def test_text_of_twice_the_size_fits_a_phone(open_page, server):
    page, deck, learner = open_page(viewport=PHONE, reduced_motion="reduce"), make_deck(), make_learner()
    sign_in(page, server, learner)
    for direction, exercise in EXERCISES:
        study(page, learner, deck, direction, exercise)
        twice(page, f"{direction} {exercise} front")
        assert page.evaluate(COVERED) <= 0
        answer(page, exercise)
        twice(page, f"{direction} {exercise} back")
        assert page.evaluate(COVERED) <= 0
    for address in ("/", "/library/", f"/decks/{deck.pk}/", "/study/", "/study/custom/", "/settings/", "/decks/",
                    "/dictionary/学生/", "/dictionary/?q=xuesheng", "/credits/", "/offline/"):  # fmt: skip
        page.goto(address)
        page.wait_for_load_state("networkidle")
        twice(page, address)


def test_the_answer_comes_in_with_a_motion_that_may_be_refused(open_page, server):
    deck, learner = make_deck(), make_learner()
    for wish, motions in (("no-preference", ["answer"]), ("reduce", [])):
        page = open_page(viewport=PHONE, reduced_motion=wish)
        sign_in(page, server, learner)
        study(page, learner, deck, "chinese_to_english", "cards")
        page.keyboard.press("Space")
        assert page.evaluate(MOTIONS) == motions


OUTLINES = "found => found.map((each) => getComputedStyle(each).outlineStyle)"


def test_forced_colours_leave_every_state_told_apart(open_page, server):
    page = open_page(viewport=PHONE, reduced_motion="reduce", forced_colors="active")
    deck, learner = make_deck(), make_learner()
    sign_in(page, server, learner)
    for direction, exercise in EXERCISES:
        study(page, learner, deck, direction, exercise)
        photograph(page, f"forced-{direction}-{exercise}-front")
        underlined = page.locator(".progress-line .now").evaluate("each => getComputedStyle(each).textDecorationLine")
        assert underlined == "underline"
        answer(page, exercise)
        photograph(page, f"forced-{direction}-{exercise}-back")
        assert page.locator(".grades button:focus-visible").evaluate_all(OUTLINES) == ["solid"]
        if exercise == "quiz":
            assert page.locator(".choices .right").evaluate_all(OUTLINES) == ["solid"]
            assert page.locator(".choices .wrong").evaluate_all(OUTLINES) == ["dashed"]
            page.keyboard.press("Tab")
            assert page.locator(".grades .suggested").evaluate_all(OUTLINES) == ["dashed"]


def photograph(page, name):
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, forced_colors="active")
        page.screenshot(path=ARTIFACTS / f"{name}-{scheme}.png")


def test_axe_sees_what_is_wrong(open_page):
    page, axe = open_page(reduced_motion="reduce"), Axe()
    page.set_content("<p style='color: #999; background: #aaa'>Hardly to be read</p><button></button>")
    axe.look(page, "bad")
    found = {each.split()[2] for each in axe.grave()}
    assert {"button-name", "color-contrast"} <= found
