"""What was typed is read from each way in which people paste words."""

import re
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decks.formats.notes import Note
from decks.formats.pasted import HANZI, parse, spelt, syllables


def words(text):
    """Return the words of a paste as (hanzi, traditional, pinyin, English)."""
    return [(word.hanzi, word.traditional, word.pinyin, word.english) for line in parse(text) for word in line.words]


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("学生", ("学生", "", "", "")),
        ("  学生\u3000", ("学生", "", "", "")),
        ("\ufeff学生\u200b", ("学生", "", "", "")),
        ("學生", ("學生", "", "", "")),
        ("学生\txuésheng\tstudent", ("学生", "", "xuésheng", "student")),
        ("学生\txue2 sheng5\tstudent, pupil", ("学生", "", "xuésheng", "student, pupil")),
        ("学生\t\tstudent", ("学生", "", "", "student")),
        ("学生\txuesheng", ("学生", "", "xuesheng", "")),
        ("学生\tstudent", ("学生", "", "", "student")),
        ("学生\tstudent\txue2sheng5", ("学生", "", "xuésheng", "student")),
        ("学生\t學生\txue2sheng5\tstudent", ("学生", "學生", "xuésheng", "student")),
        ("學生\t学生\t[xue2 sheng5]\tstudent", ("學生", "学生", "xuésheng", "student")),
        ("学生[學生]\txue2sheng5\tstudent", ("学生", "學生", "xuésheng", "student")),
        ("xuésheng\t学生\tstudent", ("学生", "", "xuésheng", "student")),
        ("student\t学生", ("学生", "", "", "student")),
        ("学生, xuésheng, student, pupil", ("学生", "", "xuésheng", "student, pupil")),
        ("学生; xue2sheng5; student", ("学生", "", "xuésheng", "student")),
        ("学生  xuésheng  student", ("学生", "", "xuésheng", "student")),
        ("学生 xuésheng student", ("学生", "", "xuésheng", "student")),
        ("学生 xue sheng a student", ("学生", "", "xue sheng", "a student")),
        ("学生 - student", ("学生", "", "", "student")),
        ("学生: student", ("学生", "", "", "student")),
        ("学生 = student", ("学生", "", "", "student")),
        ("学生 student", ("学生", "", "", "student")),
        ("学生 (xuésheng) student", ("学生", "", "xuésheng", "student")),
        ("学生（xuésheng）", ("学生", "", "xuésheng", "")),
        ("student - 学生", ("学生", "", "", "student")),
        ("學生 学生 xuésheng student", ("學生", "学生", "xuésheng", "student")),
        ("個 classifier for 人", ("個", "", "", "classifier for 人")),
        ("男人 men", ("男人", "", "", "men")),
        ("學生 学生 [xue2 sheng5] /student/schoolchild/", ("学生", "學生", "xuésheng", "student; schoolchild")),
        ("学生 [xue2 sheng5] /student/", ("学生", "", "xuésheng", "student")),
        ("学生[xuésheng]", ("学生", "", "xuésheng", "")),
        ("女儿 nu:3 er2 daughter", ("女儿", "", "nǚ'ér", "daughter")),
        ("女儿 nv3er2 daughter", ("女儿", "", "nǚ'ér", "daughter")),
        ("吗 ma0", ("吗", "", "ma", "")),
        ("哪儿 na3r5 where", ("哪儿", "", "nǎr", "where")),
        ("西安 Xi1'an1", ("西安", "", "Xī'ān", "")),
        ("好 hăo good", ("好", "", "hǎo", "good")),
        ("T恤", ("T恤", "", "", "")),
        ("卡拉OK", ("卡拉OK", "", "", "")),
        ("21世纪", ("21世纪", "", "", "")),
        ("我昨天去北京，你呢？", ("我昨天去北京，你呢？", "", "", "")),
        ("xuesheng", ("", "", "xuesheng", "")),
        ("xue sheng", ("", "", "xue sheng", "")),
        ("xue2sheng5", ("", "", "xuésheng", "")),
        ("xuésheng\tstudent", ("", "", "xuésheng", "student")),
        ("xue2sheng5 student", ("", "", "xuésheng", "student")),
        ("student", ("", "", "", "student")),
        ("a word & another", ("", "", "", "a word & another")),
    ],
)
def test_a_line_with_one_word(line, word):
    assert words(line) == [word]


@pytest.mark.parametrize(
    "bullet", ["1. ", "1.", "12) ", "(3) ", "（3）", "1、", "4: ", "7 ", "7\t", "① ", "- ", "* ", "• ", "· "]
)
def test_numbers_and_bullets_are_dropped(bullet):
    assert words(f"{bullet}学生\txuésheng") == [("学生", "", "xuésheng", "")]


def test_a_bullet_alone_and_a_number_that_belongs_to_the_word_stay():
    assert words("1.\n1.5倍\n3D打印") == [("", "", "", "1."), ("1.5倍", "", "", ""), ("3D打印", "", "", "")]


@pytest.mark.parametrize("separator", [" ", "  ", ", ", "，", "、", ";", "\t", " / ", " | "])
def test_several_words_in_a_line(separator):
    assert [word[0] for word in words(separator.join(["学生", "老师", "看"]))] == ["学生", "老师", "看"]


def test_several_words_in_pinyin():
    assert [word[2] for word in words("xuesheng, lao3shi1")] == ["xuesheng", "lǎoshī"]


@pytest.mark.parametrize("text", ["ma" * 25_000, "学 " + "ma " * 16_000, "学" + "(a" * 24_000, "[ " * 25_000])
def test_what_is_very_long_is_read_as_well(text):
    assert [line.text for line in parse(text)] == [text.strip()]


def test_lines_keep_their_number_and_what_was_typed():
    lines = [(line.number, line.text) for line in parse("1. 学生\r\n\r\n \u3000\n老师\tteacher")]
    assert lines == [(1, "1. 学生"), (4, "老师\tteacher")]


@pytest.mark.parametrize(
    ("pinyin", "expected"),
    [
        ("xuésheng", ["xue2", "sheng5"]),
        ("xue2sheng5", ["xue2", "sheng5"]),
        ("xuesheng1", ["xue5", "sheng1"]),
        ("lüè", ["lu:e4"]),
        ("Bei3jing1", ["Bei3", "jing1"]),
        ("student", []),
        ("OK", []),
        ("m", []),
        ("xue6", []),
        ("ma" * 25_000, []),
        ("", []),
    ],
)
def test_syllables_of_pinyin(pinyin, expected):
    assert syllables(pinyin) == expected


def test_pinyin_with_marks_stays_as_it_was_written():
    assert spelt("xué  shēng") == "xué shēng"


PIECES = st.sampled_from(
    ["学生", "學生", "xue2", "sheng5", "xuésheng", "student", "[", "]", "/", "\t", " ", ",", "，", "、", "。", "1.",
     "- ", "(", "）", "u:", "儿", "\n", "\r\n", "\u2028", "𠮷", "\ud800", "\x00", "é", "\u0301", "٣", "²", "ⅳ"]
)  # fmt: skip
SAYS = re.compile(r"[^\W_]")


@settings(max_examples=400)
@given(st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=25).map("".join)))
def test_any_paste_is_read_and_no_line_is_lost(text):
    lines = parse(text)
    said = [number for number, line in enumerate(text.splitlines(), 1) if SAYS.search(line)]
    assert set(said) <= {line.number for line in lines}
    for line in lines:
        assert line.words
        for word in line.words:
            assert word != Note()
        kept = "".join(word.hanzi + word.traditional + word.pinyin + word.english for word in line.words)
        assert Counter(HANZI.findall(kept)) == Counter(HANZI.findall(line.text))


@given(
    st.lists(st.sampled_from(["学生", "老师", "苹果", "长", "行"]), min_size=1, max_size=20), st.sampled_from("\t,、; ")
)
def test_no_hanzi_of_a_line_are_lost(hanzi, separator):
    assert [word[0] for word in words(separator.join(hanzi))] == hanzi
