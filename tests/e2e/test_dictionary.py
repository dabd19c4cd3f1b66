"""The dictionary in a browser: words while one types, more of them, and a word put into a deck."""

import re

import pytest
from playwright.sync_api import expect

from decks.models import Deck
from tests.e2e.conftest import DESK, PHONE
from tests.e2e.exercises import make_learner, sign_in


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_words_come_while_one_types_and_the_address_follows(open_page, size):
    page = open_page(viewport=size)
    page.goto("/dictionary/")
    page.get_by_label("Hanzi, pinyin or English").press_sequentially("beij", delay=30)
    expect(page.locator(".found .hanzi").first).to_contain_text("北京")
    expect(page.get_by_role("status").filter(has_text="words")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/dictionary/\?q=beij&list=1$"))
    page.reload()
    expect(page.locator(".found .hanzi").first).to_contain_text("北京")
    page.get_by_label("Hanzi, pinyin or English").fill("")
    expect(page.locator(".ways li")).to_have_count(7)
    expect(page).to_have_url(re.compile("/dictionary/$"))


def test_more_words_follow_and_the_keyboard_goes_on_from_them(open_page):
    page = open_page(viewport=PHONE)
    page.goto("/dictionary/?q=学*")
    page.get_by_role("link", name="Show more words").press("Enter")
    expect(page.locator(".found li:not(.more)")).to_have_count(60)
    expect(page.locator(".found li:nth-child(31) a")).to_be_focused()


def test_enter_leads_to_the_one_word_that_is_meant(open_page):
    page = open_page(viewport=DESK)
    page.goto("/dictionary/")
    page.get_by_label("Hanzi, pinyin or English").fill("xuesheng")
    page.keyboard.press("Enter")
    page.wait_for_url("**/dictionary/%E5%AD%A6%E7%94%9F/")


def test_a_word_is_added_and_the_entry_shows_where_it_is(open_page, server):
    learner = make_learner()
    Deck.objects.create(user=learner, name="My words")
    page = open_page(viewport=PHONE)
    sign_in(page, server, learner)
    page.goto("/dictionary/学习/")
    expect(page.get_by_text("In none of your decks yet.")).to_be_visible()
    page.get_by_role("button", name="Add to this deck").click()
    expect(page.get_by_text("Added 学习 xuéxí to My words.")).to_be_visible()
    expect(page.locator(".mine li")).to_contain_text("New: not studied yet")
