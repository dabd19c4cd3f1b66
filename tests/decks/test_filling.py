"""A card's gaps are filled from the dictionary, what is written stays."""

import pytest
from django.db import IntegrityError

from decks.filling import complete, fill, parts, with_sentence
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


def said(note):
    """Return what a typed note most likely means, and the pinyin of what else it may mean."""
    found = complete(note)
    texts = (found.note.hanzi, found.note.traditional, found.note.pinyin, found.note.english.split(";")[0])
    return texts, [choice.pinyin for choice in found.choices]


@pytest.mark.parametrize(
    ("hanzi", "readings"),
    [
        ("长", ["cháng", "zhǎng"]),
        ("行", ["xíng", "háng"]),
        ("得", ["de", "dé", "děi"]),
        ("还", ["hái", "huán"]),
        ("着", ["zhe", "zháo", "zhuó", "zhāo"]),
        ("好", ["hǎo", "hào"]),
        ("便宜", ["piányi", "biànyí"]),
        ("学生", []),
        ("高", []),  # Gāo is a surname
        ("里", []),  # 裡 and 里 are read alike
    ],
)
def test_a_word_with_several_readings_has_choices_the_likeliest_first(hanzi, readings):
    assert [choice.pinyin for choice in complete(Note(hanzi=hanzi)).choices] == readings


@pytest.mark.parametrize(
    ("note", "texts"),
    [
        (Note(hanzi="學生"), ("学生", "學生", "xuésheng", "student")),
        (Note(hanzi="学生", traditional="學生"), ("学生", "學生", "xuésheng", "student")),
        (Note(hanzi="學生", traditional="学生"), ("学生", "學生", "xuésheng", "student")),
        (Note(hanzi="髮"), ("发", "髮", "fà", "hair")),
        (Note(hanzi="发", traditional="髮"), ("发", "髮", "fà", "hair")),
        (Note(hanzi="长", pinyin="zhǎng"), ("长", "長", "zhǎng", "chief")),
        (Note(hanzi="还", pinyin="Huán"), ("还", "還", "Huán", "Huan (surname)")),
        (Note(hanzi="长", pinyin="zhang"), ("长", "長", "zhǎng", "chief")),
        (Note(hanzi="她", pinyin="she"), ("她", "她", "tā", "she")),
        (Note(hanzi="学生", english="pupil"), ("学生", "學生", "xuésheng", "pupil")),
        (Note(pinyin="xue sheng"), ("学生", "學生", "xuésheng", "student")),
        (Note(pinyin="xuésheng", english="pupil"), ("学生", "學生", "xuésheng", "pupil")),
    ],
)
def test_what_was_typed_decides_what_is_meant(note, texts):
    assert said(note) == (texts, [])


def test_pinyin_without_tones_leaves_those_that_it_fits():
    assert said(Note(hanzi="好", pinyin="hao"))[1] == ["hǎo", "hào"]
    assert [choice.hanzi for choice in complete(Note(pinyin="shì")).choices][:3] == ["是", "事", "市"]
    assert {choice.pinyin for choice in complete(Note(pinyin="shì")).choices} == {"shì"}


@pytest.mark.parametrize("pinyin", ["xué shēng", "lǎoshī"])
def test_pinyin_that_the_dictionary_has_not_is_kept(pinyin):
    found = complete(Note(hanzi="学生", pinyin=pinyin))
    assert (found.note.pinyin, found.note.traditional, found.reads) == (pinyin, "學生", "xuésheng")
    assert found.known


@pytest.mark.parametrize(
    ("note", "texts"),
    [
        (Note(hanzi="吃早飯"), ("吃早饭", "吃早飯", "chī zǎofàn", "")),
        (Note(hanzi="吃早饭", pinyin="chīzǎofàn", english="x"), ("吃早饭", "吃早飯", "chīzǎofàn", "x")),
        (Note(hanzi="iPhone手机"), ("iPhone手机", "iPhone手機", "iPhone shǒujī", "")),
        (Note(hanzi="\U0002a6a4学"), ("\U0002a6a4学", "\U0002a6a4學", "", "")),
        (Note(pinyin="bàbàbàbà"), ("", "", "bàbàbàbà", "")),
        (Note(english="student"), ("", "", "", "student")),
    ],
)
def test_a_word_without_an_entry_is_put_together_from_its_parts(note, texts):
    assert said(note) == (texts, [])
    assert not complete(note).known


def test_a_text_is_cut_into_its_words_once_each():
    assert parts("我去北京，我看朋友。OK?") == ["我", "去", "北京", "看", "朋友"]


def test_a_sentence_comes_along_and_nothing_else_changes():
    note = with_sentence(Note(hanzi="学生", traditional="", pinyin="xuésheng", english=""))
    assert "学生" in note.sentence
    assert (note.traditional, note.english) == ("", "")
    assert with_sentence(Note(hanzi="学生", pinyin="xué shí")).sentence == ""
