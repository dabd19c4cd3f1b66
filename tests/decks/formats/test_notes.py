"""The texts of a card: what makes two cards one word, and what can't be a card."""

from hypothesis import given
from hypothesis import strategies as st

from decks.formats.notes import Note


def test_a_word_is_its_hanzi_and_its_reading_however_that_is_spaced():
    assert Note(hanzi="西安", pinyin="Xī'ān").word_key == "西安|xīān"
    assert Note(hanzi="西安", pinyin="xī ān").word_key == "西安|xīān"
    assert Note(hanzi="先", pinyin="xiān").word_key == "先|xiān"
    assert Note(english="apple").word_key is None


def test_what_can_not_be_kept_is_left_out():
    note = Note(hanzi=" 学\0生\ud800 ", english="a\nb\x07", tags=("week 1", "week_1", " ", "食物"))
    assert note.cleaned() == Note(hanzi="学生", english="a\nb", tags=("week_1", "食物"))


@given(st.text())
def test_what_is_cleaned_is_clean(text):
    once = Note(hanzi=text, tags=(text,)).cleaned()
    assert once.cleaned() == once


def test_each_problem_is_told_with_its_column():
    assert Note(hanzi="学").problems() == {}
    assert Note(english="apple").problems() == {}
    assert Note(pinyin="xué").problems() == {"hanzi": "Write the word in hanzi, or at least what it means in English."}
    assert Note(hanzi="学" * 101, tags=("a",) * 51).problems() == {
        "hanzi": "At most 100 characters: these are 101.",
        "tags": "At most 50 tags: these are 51.",
    }
    assert Note(hanzi="学", tags=("a" * 101,)).problems() == {"tags": "A tag has at most 100 characters."}
