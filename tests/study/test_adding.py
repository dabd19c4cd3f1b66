"""Pasted words as rows: what may be made of each line, and what becomes of it when it is saved."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from decks.models import Card, Deck
from study import adding
from study.adding import Paste, TooMuch
from study.models import Enrolment


@pytest.fixture
def mine(make_deck, user):
    return make_deck([], name="Mine", user=user)


def hanzi(rows):
    return [row.note.hanzi for row in rows]


@pytest.mark.parametrize(
    ("text", "way", "words"),
    [
        ("吃早饭", "whole", ["吃", "早饭"]),
        ("我去。", "split", ["我", "去"]),
        ("我昨天去北京看朋友", "split", ["我", "昨天", "去", "北京", "看", "朋友"]),
        ("我昨天去北京看朋友\tmy trip", "whole", ["我", "昨天", "去", "北京", "看", "朋友"]),
    ],
)
def test_a_line_without_an_entry_may_be_cut(text, way, words):
    [cut] = Paste(text).cuts
    assert (cut.way, cut.words) == (way, words)


@pytest.mark.parametrize("text", ["学生", "朋友们", "学学学学", "iPhone手机", "student", "xuesheng", "\U0002a6a4"])
def test_other_lines_may_not(text):
    paste = Paste(text)
    assert (len(paste.rows), paste.cuts) == (1, [])


def test_only_one_way_to_take_a_line_is_added(user, mine):
    paste = Paste("我去北京。\n北京\n我")
    paste.compare(user, mine)
    paste.leave_out_known(paste.rows)
    assert hanzi(paste.adding) == ["我", "去", "北京"]
    paste.cuts[0].way = "whole"
    paste.compare(user, mine)
    assert [(row.note.hanzi, row.earlier) for row in paste.rows if row.shown] == [
        ("我去北京。", 0),
        ("北京", 0),
        ("我", 0),
    ]


def test_the_rows_of_a_page_are_limited():
    assert len(Paste("看 " * 1000).rows) == 1000
    with pytest.raises(TooMuch, match="At most 1,000 words"):
        Paste("看 " * 1001)


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_paste_becomes_rows_that_are_known_by_their_place(first, second):
    rows = Paste(f"{first}\n{second}").rows
    assert [row.number for row in rows] == list(range(len(rows)))
    assert all(row.note.cleaned() == row.note for row in rows)


def test_words_are_saved_in_their_order_behind_the_others(user, mine):
    Card.objects.create(deck=mine, hanzi="水", pinyin="shuǐ", position=7)
    assert adding.save(user, mine, Paste("看\n学生").rows, {}) == 2
    assert list(mine.cards.values_list("position", "hanzi")) == [(7, "水"), (8, "看"), (9, "学生")]
    assert Enrolment.objects.get().user == user


@pytest.mark.parametrize(
    ("there", "seen", "added"),
    [
        (0, {}, 2),  # the learner wants it twice
        (1, {}, 1),  # one came from another tab meanwhile
        (1, {"看|kàn": 1}, 2),  # the learner has seen that one
        (2, {}, 0),  # the page was sent before
        (3, {"看|kàn": 1}, 0),  # the page was sent before
    ],
)
def test_a_word_is_added_unless_that_was_done_already(user, mine, there, seen, added):
    Card.objects.bulk_create(Card(deck=mine, hanzi="看", pinyin="kàn") for _ in range(there))
    assert adding.save(user, mine, Paste("看\n看").rows, seen) == added


def test_all_or_none(user, mine, monkeypatch):
    rows = Paste("看\n学生").rows
    rows[1].note = rows[1].note.__class__()
    new = Deck(user=user, name="New")
    with pytest.raises(Exception, match="cards_have_something_to_ask"):
        adding.save(user, new, rows, {})
    assert list(user.decks.all()) == [mine]
    assert not Card.objects.exists()
    assert not Enrolment.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("studied", [False, True])
def test_pages_sent_at_once_add_each_word_once(studied):
    user = User.objects.create_user("li", "li@example.com", "correct horse")
    deck = Deck(user=user, name="New")
    if studied:
        deck.save()
        Enrolment.objects.start(user, deck)
    rows = Paste("看\n学生\n长").rows
    barrier = threading.Barrier(4, timeout=30)

    def send():
        try:
            connection.ensure_connection()
            barrier.wait()
            return adding.save(user, deck, rows, {})
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        added = [each.result() for each in [pool.submit(send) for _ in range(4)]]
    assert sorted(added) == [0, 0, 0, 3]
    assert deck.cards.count() == 3
