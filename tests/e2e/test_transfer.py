"""A file taken into a deck in the browser: looked at, its columns changed, taken; with scripts and without."""

import re
from itertools import pairwise

import pytest

from decks.models import Deck
from study.imports import Import
from tests.e2e.conftest import DESK, PHONE
from tests.e2e.exercises import make_learner, sign_in

WORDS = "汉字,拼音,释义,备注\n水,shui3,water,tea\n山,shan1,mountain,high\n".encode("gb18030")


@pytest.fixture
def learner(transactional_db):
    return make_learner()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_file_is_looked_at_changed_and_taken(open_page, server, learner, scripts):
    deck = Deck.objects.create(user=learner, name="Nature")
    page = open_page(viewport=DESK, java_script_enabled=scripts)
    sign_in(page, server, learner)
    page.goto(f"/decks/{deck.pk}/import/")
    page.get_by_label("File").set_input_files({"name": "words.csv", "mimeType": "text/csv", "buffer": WORDS})
    page.get_by_role("button", name="Look at the cards").press("Enter")
    page.get_by_role("heading", name="2 cards").wait_for()
    first = page.locator(".import-lines tbody tr").first
    assert re.sub(r"\s+", " ", first.inner_text()).startswith("2 水 shuǐ water")
    page.get_by_label("备注").select_option("Tags")
    if scripts:
        page.locator(".import-lines .badge").first.wait_for()
        assert page.evaluate("document.activeElement.id") in ("id_column_3", "")
    else:
        page.get_by_role("button", name="Look again").press("Enter")
        page.locator(".import-lines .badge").first.wait_for()
    page.get_by_role("button", name="Import 2 cards").press("Enter")
    page.get_by_text("2 cards added.").wait_for()
    assert [(card.hanzi, card.pinyin, card.tags) for card in deck.cards.all()] == [
        ("水", "shuǐ", ["tea"]),
        ("山", "shān", ["high"]),
    ]


def test_the_bar_follows_a_long_import_by_itself(open_page, server, learner, now):
    deck = Deck.objects.create(user=learner, name="Long")
    text = "hanzi,english\n" + "".join(f"字{at},x\n" for at in range(1500))
    begun = Import.objects.begin(learner, "long.csv", text.encode(), now, deck)
    begun.queue()
    page = open_page(viewport=PHONE)
    sign_in(page, server, learner)
    page.goto(f"/import/{begun.pk}/")
    assert page.get_by_text("Waiting to begin: 1,500 lines.").is_visible()
    shares = []
    for done in (500, 1000):
        Import.objects.filter(pk=begun.pk).update(state="running", done=done)
        page.get_by_text(f"{done:,} of 1,500 lines.").wait_for()
        shares.append(page.get_by_role("progressbar").evaluate("bar => bar.position"))
    assert all(earlier < later for earlier, later in pairwise(shares))
    begun.run()
    page.get_by_text("Done. 1,500 cards added.").wait_for()
    page.get_by_role("button", name="To the deck").or_(page.get_by_role("link", name="To the deck")).press("Enter")
    page.wait_for_url(f"**/decks/{deck.pk}/")
