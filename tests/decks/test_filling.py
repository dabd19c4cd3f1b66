"""A card's gaps are filled from the dictionary, what is written stays."""

import pytest
from django.db import IntegrityError

from decks.filling import fill
from decks.formats.notes import Note
from decks.models import Card, DeckFull


def test_hanzi_alone_get_the_rest():
    note = fill(Note(hanzi="学生"))
    found = (note.hanzi, note.traditional, note.pinyin, note.english)
    assert found == (
        "学生",
        "學生",
        "xuésheng",
        "student; schoolchild",
    )
    assert "学生" in note.sentence
    assert note.sentence_pinyin
    assert note.sentence_translation


def test_traditional_characters_find_the_simplified_ones():
    assert fill(Note(hanzi="學生")).hanzi == "学生"
    assert fill(Note(traditional="頭髮")).pinyin == "tóufa"
    # 发 is two characters in traditional.
    assert fill(Note(hanzi="髮")).pinyin == "fà"


def test_pinyin_chooses_the_reading():
    assert fill(Note(hanzi="长", pinyin="zhǎng")).english.startswith("chief")
    assert fill(Note(hanzi="长", pinyin="cháng")).english.startswith("long")


def test_what_is_written_stays():
    note = fill(Note(hanzi="学生", english="pupil", sentence="学生！"))
    assert (note.english, note.sentence, note.sentence_translation) == ("pupil", "学生！", "")


def test_a_reading_that_the_dictionary_has_not_is_left_alone():
    assert fill(Note(hanzi="学生", pinyin="xué shí")) == Note(hanzi="学生", pinyin="xué shí")
    assert fill(Note(hanzi="学学学学")) == Note(hanzi="学学学学")
    assert fill(Note(english="apple")) == Note(english="apple")


def test_cards_come_behind_the_others_in_their_order(make_deck, user):
    deck = make_deck(user=user)
    deck.add([Note(hanzi="猫", tags=("pets",)), Note(hanzi="狗")])
    cards = [(card.position, card.hanzi, card.tags) for card in deck.cards.all()[5:]]
    assert cards == [
        (5, "猫", ["pets"]),
        (6, "狗", []),
    ]
    assert deck.cards.get(hanzi="猫").frequency_rank


def test_the_database_makes_the_same_key(make_deck, user):
    deck = make_deck(words=[], user=user)
    notes = [
        Note(hanzi="西安", pinyin="Xī'ān"),
        Note(hanzi="女儿", pinyin="nǚ’ér"),
        Note(hanzi="好", pinyin="h\u030cao"),
    ]
    deck.add(notes)
    assert list(Card.objects.values_list("word_key", flat=True)) == [note.word_key for note in notes]


def test_all_cards_or_none(make_deck, user, monkeypatch):
    deck = make_deck(user=user)
    with pytest.raises(IntegrityError):
        deck.add([Note(hanzi="猫"), Note()])
    monkeypatch.setattr("decks.models.MOST_CARDS", 6)
    with pytest.raises(DeckFull, match="at most 6 cards, and this one has 5"):
        deck.add([Note(hanzi="猫"), Note(hanzi="狗")])
