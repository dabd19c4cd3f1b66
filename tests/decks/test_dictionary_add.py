"""A word of the dictionary, put into a deck."""

from uuid import UUID

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from decks import models
from decks.models import Card, Visibility


@pytest.fixture
def own(make_deck, user):
    return make_deck([], name="Mine", user=user, visibility=Visibility.PRIVATE)


@pytest.fixture
def as_user(client, user):
    client.force_login(user)
    return client


def add(client, word, deck, reading=0):
    pk = getattr(deck, "pk", deck)
    return client.post(reverse("entry-add", args=[word]), {"deck": pk, "reading": reading})


def told(response):
    *_, message = get_messages(response.wsgi_request)
    return message.level_tag, str(message)


def test_a_word_becomes_a_whole_card(as_user, own, django_assert_num_queries):
    with django_assert_num_queries(13):
        response = add(as_user, "学生", own)
    assert (response.status_code, response.url) == (302, reverse("entry", args=["学生"]))
    card = own.cards.get()
    assert (card.hanzi, card.traditional, card.pinyin, card.english) == (
        "学生",
        "學生",
        "xuésheng",
        "student; schoolchild",
    )
    assert card.sentence == "他是不是学生？"
    assert told(response) == ("success", f'Added 学生 xuésheng to <a href="/decks/{own.pk}/">Mine</a>.')


def test_it_is_added_in_the_reading_that_is_chosen(as_user, own):
    add(as_user, "长", own, 1)
    assert own.cards.get().pinyin == "zhǎng"
    assert own.cards.get().sentence == "" or "长" in own.cards.get().sentence


def test_a_traditional_word_is_added_as_the_word_it_is(as_user, own):
    add(as_user, "學校", own)
    assert own.cards.get().hanzi == "学校"


def test_a_word_that_is_there_is_not_added_twice(as_user, own):
    add(as_user, "学生", own)
    response = add(as_user, "学生", own)
    assert own.cards.count() == 1
    assert told(response)[1] == f'学生 xuésheng was in <a href="/decks/{own.pk}/">Mine</a> already.'


def test_another_reading_of_a_word_is_another_word(as_user, own):
    add(as_user, "长", own, 0)
    add(as_user, "长", own, 1)
    assert [card.pinyin for card in own.cards.all()] == ["cháng", "zhǎng"]


def test_the_name_of_a_deck_is_no_markup(as_user, make_deck, user):
    deck = make_deck([], name="<b>Mine</b>", user=user)
    assert "&lt;b&gt;Mine&lt;/b&gt;" in told(add(as_user, "学生", deck))[1]


def test_a_deck_that_is_full_takes_none(as_user, own, monkeypatch):
    monkeypatch.setattr(models, "MOST_CARDS", 0)
    response = add(as_user, "学生", own)
    assert told(response) == ("error", "A deck holds at most 0 cards, and this one has 0.")
    assert not Card.objects.exists()


@pytest.mark.parametrize("reading", ["", "-1", "99", "x"])
def test_a_reading_that_the_word_has_not_is_refused(as_user, own, reading):
    response = add(as_user, "学生", own, reading)
    assert response.status_code == 400
    assert b"There is a problem" in response.content
    assert not Card.objects.exists()


def test_no_deck_at_all_is_refused_with_a_reason(as_user, own):
    response = add(as_user, "学生", "")
    assert response.status_code == 400
    assert b"Choose a deck." in response.content


@pytest.mark.parametrize("deck", ["x", UUID(int=1)])
def test_a_deck_that_is_none_is_a_404(as_user, own, deck):
    assert add(as_user, "学生", deck).status_code == 404


@pytest.mark.parametrize("visibility", Visibility)
def test_a_strangers_deck_takes_no_word(client, stranger, own, make_deck, visibility):
    own.visibility = visibility
    own.save()
    make_deck([], name="Theirs", user=stranger)
    client.force_login(stranger)
    assert add(client, "学生", own).status_code == 404
    assert not Card.objects.exists()


def test_a_built_in_deck_takes_no_word(as_user, own, deck):
    before = deck.cards.count()
    assert add(as_user, "学校", deck).status_code == 404
    assert deck.cards.count() == before


def test_a_deleted_deck_takes_no_word(as_user, own, now):
    own.deleted_at = now
    own.save()
    assert add(as_user, "学生", own).status_code == 404
    assert not Card.objects.exists()


def test_a_visitor_is_sent_to_the_log_in_and_then_to_the_entry(client, own):
    response = add(client, "学生", own)
    assert response.status_code == 302
    assert response.url.startswith("/accounts/login/?next=")
    assert not Card.objects.exists()


def test_whoever_comes_back_from_the_log_in_sees_the_entry(as_user):
    assert as_user.get(reverse("entry-add", args=["学生"])).url == reverse("entry", args=["学生"])


def test_a_word_that_is_none_is_a_404(as_user, own):
    assert add(as_user, "没有这个词", own).status_code == 404


def test_an_entry_offers_the_learners_own_decks_and_every_reading(as_user, own, stranger, make_deck):
    make_deck([], name="Theirs", user=stranger)
    content = as_user.get(reverse("entry", args=["长"])).content.decode()
    assert f'<option value="{own.pk}">Mine</option>' in content
    assert "Theirs" not in content
    assert '<option value="1">zhǎng' in content


def test_without_a_deck_an_entry_says_where_to_make_one(as_user):
    assert b"you need a deck of your own" in as_user.get(reverse("entry", args=["长"])).content


def test_a_visitor_is_offered_the_log_in(client):
    content = client.get(reverse("entry", args=["学生"])).content.decode()
    assert '<a href="/accounts/login/?next=/dictionary/%25E5%25AD%25A6%25E7%2594%259F/">Log in</a>' in content
    assert "add-word" not in content
