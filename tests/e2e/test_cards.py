"""The cards of a deck in a browser: searched, edited in their rows, chosen by mouse and by keyboard."""

import re

import pytest
from django.utils import timezone

from decks.models import Card, Deck
from study.acts import Act, record
from study.models import Enrolment
from tests.e2e.conftest import ARTIFACTS, DESK, PHONE
from tests.e2e.exercises import TEXTS, make_learner, sign_in
from tests.e2e.test_access import Axe

WORDS = [
    ("学生", "學生", "xuésheng", "student"),
    ("学习", "學習", "xuéxí", "to learn; to study"),
    ("苹果", "蘋果", "píngguǒ", "apple"),
    ("水", "水", "shuǐ", "water"),
    ("图书馆", "圖書館", "túshūguǎn", "library (a building in which books are kept and lent to readers)"),
    ("老师", "老師", "lǎoshī", "teacher"),
]


@pytest.fixture
def deck(transactional_db):
    """A deck of sixty cards of a learner who knows two words of it."""
    learner = make_learner()
    deck = Deck.objects.create(name="Words of my own", user=learner)
    Enrolment.objects.create(user=learner, deck=deck)
    words = [dict(zip(TEXTS, each, strict=False)) for each in WORDS]
    words += [{"hanzi": f"字{at}", "pinyin": "zì", "english": f"character {at}"} for at in range(54)]
    Card.objects.bulk_create(Card(deck=deck, position=at, **word) for at, word in enumerate(words))
    for number, card in enumerate(deck.cards.all()[:2], start=1):
        act = Act(id=f"01990000-0000-7000-8000-00000000000{number}", card=card, direction="chinese_to_english",
                  type="review", rating=4)  # fmt: skip
        record(learner, act, timezone.now())
    deck.cards.filter(hanzi="学生").update(tags=["school", "people::young"])
    return deck


@pytest.fixture
def open_cards(open_page, server, deck):
    """Return a function that opens the list of the deck's cards, its learner signed in."""

    def open_cards(**options):
        page = open_page(**({"viewport": DESK, "reduced_motion": "reduce"} | options))
        sign_in(page, server, deck.user)
        page.goto(f"/decks/{deck.pk}/cards/")
        return page

    return open_cards


def allow_refusals(page):
    """Keep the browser from complaining of a form that is refused: what comes with it is looked at."""

    def as_fine(route):
        response = route.fetch()
        route.fulfill(response=response, status=200 if response.status in (400, 409) else response.status)

    page.route(re.compile(r"/cards/[0-9a-f-]{36}/|/cards/\?q="), as_fine)


def test_cards_are_searched_edited_in_their_row_tagged_and_deleted(open_cards, deck):
    page = open_cards()
    page.get_by_role("searchbox", name="Search").fill("xue")
    page.keyboard.press("Enter")
    page.get_by_text("2 cards found").wait_for()
    assert page.locator(".browse tbody tr").count() == 2

    page.get_by_role("link", name="Edit 学习").click()
    form = page.get_by_role("form", name="Edit 学习")
    assert form.get_by_label("Hanzi").evaluate("field => field === document.activeElement")
    form.get_by_label("English").fill("to read up")
    form.get_by_role("button", name="Save").click()
    page.get_by_role("row").filter(has_text="to read up").wait_for()
    page.locator("#said", has_text="学习: saved.").wait_for()
    assert page.get_by_role("link", name="Edit 学习").evaluate("link => link === document.activeElement")
    assert deck.cards.get(hanzi="学习").english == "to read up"

    assert not page.locator("#many").is_visible()
    page.get_by_label("Choose 学生").check()
    page.get_by_label("Choose 学习").press("Space")
    assert page.locator("#chosen").inner_text() == "2 cards chosen."
    page.get_by_label("Tags").fill("mine")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_text("2 cards tagged: mine.").wait_for()
    assert [card.hanzi for card in deck.cards.filter(tags__contains=["mine"])] == ["学生", "学习"]

    page.get_by_label("Choose 学习").check()
    page.get_by_role("button", name="Delete").click()
    page.get_by_text("What you know of 1 word goes with it, and 1 answer that you gave.").wait_for()
    page.get_by_role("button", name="Delete 1 card").click()
    page.get_by_text("1 card deleted.").wait_for()
    assert not deck.cards.filter(hanzi="学习").exists()


def test_other_hanzi_are_asked_about_in_the_row_and_escape_leaves_it(open_cards, deck):
    page = open_cards()
    page.get_by_role("link", name="Edit 水").press("Enter")
    page.get_by_role("form", name="Edit 水").get_by_label("English").fill("never mind")
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Edit 水").wait_for()
    assert deck.cards.get(hanzi="水").english == "water"

    page.get_by_role("link", name="Edit 学生").press("Enter")
    allow_refusals(page)
    form = page.get_by_role("form", name="Edit 学生")
    form.get_by_label("Hanzi").fill("学员")
    form.get_by_label("Hanzi").press("Enter")
    form.get_by_role("radio", name="The same word: keep what I know of it").check()
    form.get_by_role("button", name="Save").press("Enter")
    page.get_by_role("link", name="Edit 学员").wait_for()
    assert deck.user.progress.get(word_key="学员|xuésheng").reps == 1


def test_many_are_chosen_with_shift_and_all_of_a_page(open_cards):
    page = open_cards()
    page.get_by_label("Choose 学生").click()
    page.get_by_label("Choose 水").click(modifiers=["Shift"])
    assert page.locator("#chosen").inner_text() == "4 cards chosen."
    page.get_by_label("Choose 学习").click()
    page.get_by_label("Choose 苹果").click(modifiers=["Shift"])
    assert page.locator("#chosen").inner_text() == "2 cards chosen."
    page.get_by_label("Choose every card on this page").check()
    assert page.locator("#chosen").inner_text() == "50 cards chosen."
    page.get_by_label("All 60 that there are").check()
    page.get_by_role("button", name="Suspend").click()
    page.get_by_text("60 words suspended.").wait_for()
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("Taken back").wait_for()


def test_without_javascript_all_works_by_forms(open_cards, deck):
    page = open_cards(java_script_enabled=False)
    page.get_by_text("Filter and order").click()
    page.get_by_label("What you know of it").select_option("New")
    page.get_by_role("button", name="Show these").click()
    page.get_by_text("58 cards found").wait_for()
    page.get_by_role("link", name="Next").click()
    assert page.locator(".browse tbody tr").count() == 8
    page.get_by_role("link", name="Edit 字53").click()
    page.get_by_label("English").fill("the last")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("字53: saved.").wait_for()
    page.get_by_label("Choose 苹果").check()
    page.get_by_role("button", name="Suspend").click()
    page.get_by_text("1 word suspended.").wait_for()
    assert deck.cards.get(hanzi="字53").english == "the last"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["390", "1280"])
def test_the_pages_are_photographed_and_fit_the_screen(open_cards, deck, size, scheme):
    page = open_cards(viewport=size, color_scheme=scheme)

    def photograph(name, whole=False):
        page.wait_for_load_state("networkidle")
        page.evaluate("document.fonts.ready")
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], name
        ARTIFACTS.mkdir(exist_ok=True)
        page.screenshot(path=ARTIFACTS / f"{name}-{size['width']}-{scheme}.png", full_page=whole)

    photograph("cards")
    page.get_by_label("Choose 学习").check()
    photograph("cards-chosen")
    page.goto(f"/decks/{deck.pk}/cards/?q=is:new")
    for summary in ("Filter and order", "How to search"):
        page.get_by_text(summary, exact=True).click()
    photograph("cards-help")
    page.goto(f"/decks/{deck.pk}/cards/")
    page.get_by_role("link", name="Edit 学生").click()
    page.get_by_role("form", name="Edit 学生").wait_for()
    photograph("cards-editing")
    page.goto(f"/cards/{deck.cards.first().pk}/")
    photograph("card", whole=True)
    page.goto(f"/decks/{deck.pk}/cards/new/")
    photograph("card-new", whole=True)


def test_axe_finds_nothing_grave(open_cards, deck):
    page, axe = open_cards(viewport=PHONE), Axe()
    axe.look(page, "cards")
    page.get_by_label("Choose 学习").check()
    for summary in ("Filter and order", "How to search"):
        page.get_by_text(summary, exact=True).click()
    axe.look(page, "cards, some chosen")
    page.get_by_role("link", name="Edit 水").click()
    page.get_by_role("form", name="Edit 水").wait_for()
    axe.look(page, "cards, one edited")
    allow_refusals(page)
    card = deck.cards.first()
    addresses = {
        "cards, of all decks": "/cards/",
        "cards, search refused": f"/decks/{deck.pk}/cards/?q=is:odd",
        "cards, none found": f"/decks/{deck.pk}/cards/?q=qqq",
        "card": f"/cards/{card.pk}/",
        "card, new": f"/decks/{deck.pk}/cards/new/",
    }
    for name, address in addresses.items():
        page.goto(address)
        axe.look(page, name)
    page.goto(f"/cards/{card.pk}/")
    page.get_by_label("Hanzi").fill("学员")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Is it still the same word?").first.wait_for()
    axe.look(page, "card, the question")
    axe.report("cards")
