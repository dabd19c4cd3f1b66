"""Where a learner has a word of the dictionary."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from decks.models import Visibility
from study.models import CardProgress, Enrolment

XUE = [("学生", "學生", "xuésheng", "student"), ("长", "長", "cháng", "long"), ("长", "長", "zhǎng", "to grow")]


@pytest.fixture
def own(make_deck, user):
    return make_deck(XUE, name="Mine", user=user, visibility=Visibility.PRIVATE)


@pytest.fixture
def as_user(client, user):
    client.force_login(user)
    return client


def mine(client, word, **extra):
    return client.get(reverse("entry-mine", args=[word]), **extra)


def remember(user, card, at, **fields):
    fields = {"state": "review", "stability": 30.0, "difficulty": 5.0, "interval": 30, "last_day": 1} | fields
    return CardProgress.objects.create(
        user=user, card=card, word_key=card.word_key, direction="chinese_to_english", next_review_at=at, **fields
    )


def cards(response):
    return [(card.deck.name, card.pinyin, len(known)) for card, known in response.context["cards"]]


def shown(response):
    return " ".join(re.sub(r"<[^>]*>", " ", response.content.decode()).split())


def test_a_word_is_shown_in_each_deck_with_its_state(as_user, user, own, make_deck, django_assert_num_queries):
    Enrolment.objects.start(user, make_deck(XUE, name="Studied"))
    at = timezone.now() + timedelta(days=3)
    remember(user, own.cards.get(hanzi="学生"), at)
    with django_assert_num_queries(4):
        response = mine(as_user, "学生", headers={"hx-request": "true"})
    assert cards(response) == [("Mine", "xuésheng", 1), ("Studied", "xuésheng", 1)]
    state = f"xuésheng Chinese → English: mastered, due {at.day} {at:%B} {at.year}"
    assert shown(response) == f"Mine {state} Studied {state}"


def test_each_reading_is_a_word_of_its_own(as_user, user, own):
    remember(user, own.cards.get(pinyin="zhǎng"), timezone.now() - timedelta(days=1), stability=3.0)
    response = mine(as_user, "長", headers={"hx-request": "true"})
    assert cards(response) == [("Mine", "cháng", 0), ("Mine", "zhǎng", 1)]
    assert "New: not studied yet" in shown(response)
    assert "Chinese → English: review, due now" in shown(response)


def test_a_deck_that_is_studied_counts_and_one_that_only_could_be_does_not(as_user, user, make_deck):
    studied = make_deck(XUE, name="Studied")
    make_deck(XUE, name="Not studied")
    Enrolment.objects.start(user, studied)
    assert cards(mine(as_user, "学生")) == [("Studied", "xuésheng", 0)]


def test_nobody_sees_what_somebody_else_has(client, user, stranger, own):
    remember(user, own.cards.get(hanzi="学生"), timezone.now())
    client.force_login(stranger)
    response = mine(client, "学生", headers={"hx-request": "true"})
    assert cards(response) == []
    assert shown(response) == "In none of your decks yet."


def test_a_deleted_deck_counts_no_more(as_user, own):
    own.deleted_at = timezone.now()
    own.save()
    assert cards(mine(as_user, "学生")) == []


def test_without_scripts_it_is_a_page_with_a_way_back(as_user, own):
    content = mine(as_user, "学生").content.decode()
    assert "<h1>" in content
    assert reverse("entry", args=["学生"]) in content


def test_a_visitor_is_sent_to_the_log_in(client, db):
    assert mine(client, "学生").url.startswith("/accounts/login/")


def test_a_word_that_is_none_is_a_404(as_user):
    assert mine(as_user, "没有这个词").status_code == 404


def test_it_is_only_read(as_user):
    assert as_user.post(reverse("entry-mine", args=["学生"])).status_code == 405
