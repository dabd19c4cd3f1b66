"""A note on a word, written while it is asked."""

from uuid import UUID

import pytest
from django.urls import reverse

from decks.models import Visibility
from study.models import StudySession, WordNote
from study.notes import LONGEST_NOTE
from tests.study.pages import main_of, page, shown

NOWHERE = UUID("01990000-0000-7000-8000-00000000dead")


@pytest.fixture
def write(as_user, session, card):
    """Return a function that writes a note on the first card, or another one."""

    def write(text, of=card, follow=False):
        return as_user.post(reverse("session-note", args=[session.pk, of.pk]), {"text": text}, follow=follow)

    return write


def notes():
    return list(WordNote.objects.values_list("user__username", "word_key", "text"))


def test_it_is_kept_and_shown_with_the_card(write, card):
    response = write("One who learns", follow=True)
    assert notes() == [("li", card.word_key, "One who learns")]
    assert shown(response) == card
    assert "学生: your note is saved." in page(response)
    assert '<p class="notes own">One who learns</p>' in main_of(response)
    assert ">One who learns</textarea>" in main_of(response)


def test_written_anew_it_takes_the_place_of_the_first(write, card):
    write("One")
    write("Two")
    assert notes() == [("li", card.word_key, "Two")]


@pytest.mark.parametrize("text", ["", "   ", "\r\n"])
def test_without_text_it_is_deleted(write, text):
    write("One")
    response = write(text, follow=True)
    assert notes() == []
    assert "notes own" not in main_of(response)


def test_a_browser_s_line_breaks_count_once(write):
    assert write("a\r\n" * (LONGEST_NOTE // 2)).status_code == 302
    assert notes()[0][2] == ("a\n" * (LONGEST_NOTE // 2)).strip()


@pytest.mark.parametrize("text", ["x" * (LONGEST_NOTE + 1), "a\0b"])
def test_one_that_can_t_be_is_refused_by_the_field_s_name(write, text):
    write("One")
    response = write(text)
    assert (response.status_code, response["Content-Type"]) == (400, "text/plain")
    assert response.content.decode().startswith("* text\n")
    assert notes()[0][2] == "One"


def test_html_in_it_is_text(write):
    evil = "</textarea><script>alert(1)</script>"
    response = write(evil, follow=True)
    before_the_data = main_of(response).split('<script id="pack"')[0]
    assert "<script" not in before_the_data
    assert before_the_data.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 2


def test_two_learners_have_their_own_of_one_word(client, write, session, stranger, strangers_session, card):
    write("Li's")
    client.force_login(stranger)
    response = client.get(reverse("session", args=[strangers_session.pk]))
    assert "Li's" not in response.content.decode()
    client.post(reverse("session-note", args=[strangers_session.pk, card.pk]), {"text": "Wang's"})
    assert sorted(notes()) == [("li", card.word_key, "Li's"), ("wang", card.word_key, "Wang's")]
    client.post(reverse("session-note", args=[strangers_session.pk, card.pk]), {"text": ""})
    assert notes() == [("li", card.word_key, "Li's")]


def test_a_stranger_s_private_card_is_not_found(write, private_deck):
    assert write("Mine", of=private_deck.cards.first()).status_code == 404
    assert notes() == []


def test_a_stranger_s_public_card_has_one_of_mine(write, make_deck, stranger):
    deck = make_deck([("猫", "貓", "māo", "cat")], user=stranger, visibility=Visibility.PUBLIC)
    assert write("Miao", of=deck.cards.get()).status_code == 302
    assert notes() == [("li", "猫|māo", "Miao")]


def test_a_card_that_does_not_exist_is_not_found(as_user, session):
    response = as_user.post(reverse("session-note", args=[session.pk, NOWHERE]), {"text": "x"})
    assert response.status_code == 404


def test_the_same_word_in_another_deck_has_it_too(as_user, write, user, make_deck, now):
    write("One who learns")
    other = StudySession.start(user, make_deck(name="Other"), None, now)
    assert "One who learns" in page(as_user.get(reverse("session", args=[other.pk])))


def test_it_takes_few_queries(write, django_assert_num_queries):
    write("One")
    # The log-in (2), the session, the card, and the note in a transaction of its own (4).
    with django_assert_num_queries(8):
        write("Two")
