import json
import re
from dataclasses import asdict
from pathlib import Path

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from decks.dictionary import LEVELS, open_dictionary
from decks.dictionary.pinyin import marks, plain, zhuyin
from study.scheduling.answers import Verdict, grade_hanzi, grade_pinyin

VECTORS = json.loads((Path(__file__).parents[2] / "data" / "typed_answers.json").read_text())
# What learners type, and what nobody would.
LETTERS = st.sampled_from("abceghinorsuvzxü:'’ ·˙-123450ǎāéǐòǚㄅㄓㄧㄨㄩㄢㄤㄦˊˇˋˉ\u0304\u030c\u0308ＡＮ３你😀")
TYPED = st.text() | st.text(LETTERS, max_size=30)
SYLLABLES = "ni3 hao3 nu:3 er2 r5 xi1 an1 xian1 lu:e4 zhuang4 m2 xx5 , · P coser shi2ke4 wan2 ma5 11 e2 yuan2"
READINGS = st.lists(st.sampled_from(SYLLABLES.split()), max_size=6).map(" ".join)


def syllable_texts(verdict):
    """Return the syllables of a verdict as the vectors write them."""
    return [
        f"{each.expected or '-'}{each.tone if each.expected else ''} "
        f"{each.typed or '-'}{each.typed_tone if each.typed else ''} {each.verdict}"
        for each in verdict.syllables
    ]


def character_texts(verdict):
    return [f"{each.expected or '-'} {each.typed or '-'} {each.verdict}" for each in verdict.syllables]


def joined(reading):
    return reading.replace(" ", "")


def name(row):
    return f"{row['note']} ({row['typed']!r})"


@pytest.fixture(scope="module")
def hsk_readings():
    dictionary = open_dictionary(settings.DICTIONARY_PATH)
    words = [word for level in LEVELS["2025"] for word in dictionary.hsk_words("2025", level)]
    return list(dict.fromkeys(reading.pinyin_numbers for word in words for reading in word.readings[:1]))


@pytest.mark.parametrize("row", VECTORS["pinyin"], ids=name)
def test_typed_pinyin_is_worth_what_the_vectors_say(row):
    verdict = grade_pinyin(row["typed"], row["accepted"], row["others"])
    assert (verdict.outcome, verdict.reading) == (row["outcome"], row["reading"])
    assert syllable_texts(verdict) == row["syllables"]


@pytest.mark.parametrize("row", VECTORS["hanzi"], ids=name)
def test_typed_hanzi_are_worth_what_the_vectors_say(row):
    verdict = grade_hanzi(row["typed"], row["accepted"])
    assert (verdict.outcome, verdict.reading) == (row["outcome"], row["reading"])
    assert character_texts(verdict) == row["syllables"]


def test_vectors_hold_every_verdict():
    assert (len(VECTORS["pinyin"]), len(VECTORS["hanzi"])) == (335, 31)
    outcomes = {"right", "tones_missing", "other_reading", "wrong", "empty"}
    verdicts = {"right", "tone_missing", "wrong_tone", "wrong_syllable", "missing", "extra"}
    assert {row["outcome"] for row in VECTORS["pinyin"]} == outcomes
    assert {text.split()[-1] for row in VECTORS["pinyin"] for text in row["syllables"]} == verdicts
    assert {row["outcome"] for row in VECTORS["hanzi"]} == {"right", "wrong", "empty"}
    characters = {text.split()[-1] for row in VECTORS["hanzi"] for text in row["syllables"]}
    assert characters == {"right", "wrong", "missing", "extra"}


def test_a_verdict_is_plain_data():
    assert asdict(grade_pinyin("nǐ", ["ni3 hao3"])) == {
        "outcome": "wrong",
        "reading": 0,
        "syllables": (
            {"expected": "ni", "tone": 3, "typed": "ni", "typed_tone": 3, "verdict": "right"},
            {"expected": "hao", "tone": 3, "typed": "", "typed_tone": 0, "verdict": "missing"},
        ),
    }


@pytest.mark.parametrize("write", [joined, marks, zhuyin], ids=["numbers", "marks", "zhuyin"])
def test_every_hsk_word_is_right_in_each_way_to_write_it(hsk_readings, write):
    assert len(hsk_readings) > 9000
    wrong = [reading for reading in hsk_readings if grade_pinyin(write(reading), [reading]).outcome != "right"]
    assert wrong == []


def test_every_hsk_word_without_its_tones_lacks_only_them(hsk_readings):
    outcomes = {reading: grade_pinyin(plain(reading), [reading]).outcome for reading in hsk_readings}
    neutral = {reading for reading in hsk_readings if not re.search("[1-4]", reading)}
    assert {reading for reading, outcome in outcomes.items() if outcome == "right"} == neutral
    assert set(outcomes.values()) == {"right", "tones_missing"}


@given(TYPED, st.lists(READINGS, max_size=3), st.lists(READINGS, max_size=2))
def test_whatever_is_typed_gets_a_verdict_that_agrees_with_its_syllables(typed, accepted, others):
    verdict = grade_pinyin(typed, accepted, others)
    verdicts = {each.verdict for each in verdict.syllables}
    if verdict.outcome == "right":
        assert verdicts == {"right"}
    elif verdict.outcome == "tones_missing":
        assert verdicts in ({"tone_missing"}, {"right", "tone_missing"})
    elif verdict.outcome == "empty":
        assert verdict == Verdict("empty", None, ())
    else:
        assert verdicts - {"right", "tone_missing"}


@given(TYPED, st.lists(READINGS, min_size=1, max_size=3))
def test_every_expected_syllable_is_answered_once_and_in_order(typed, accepted):
    verdict = grade_pinyin(typed, accepted)
    if verdict.outcome != "empty":
        missing = grade_pinyin("q", [accepted[verdict.reading]])  # q is of no syllable of these
        assert [each.expected for each in verdict.syllables if each.expected] == [
            each.expected for each in missing.syllables if each.expected
        ]


@given(READINGS)
def test_a_reading_is_right_as_the_dictionary_writes_it(reading):
    assert grade_pinyin(reading, ["ba1", reading]).outcome in ("right", "empty")


@given(st.text(), st.lists(st.text(), max_size=3))
def test_whatever_hanzi_are_typed_get_a_verdict(typed, accepted):
    verdict = grade_hanzi(typed, accepted)
    assert (verdict.outcome == "right") == ({each.verdict for each in verdict.syllables} == {"right"})


@pytest.mark.parametrize("typed", ["a", "zhuang", "ㄓ", "\u030c", "ǘ", "'", "˙", "1", "ﷺ", "😀"])
def test_only_the_beginning_of_an_endless_answer_is_read(typed):
    accepted = ["a1 " * 100, "zhuang1 " * 30]
    assert grade_pinyin(typed * 100_000, accepted) == grade_pinyin(typed * 200, accepted)
    assert grade_hanzi("学" * 100_000, ["学生"]) == grade_hanzi("学" * 200, ["学生"])


def test_only_the_beginning_of_an_endless_reading_is_asked_for():
    assert grade_pinyin("a", ["a" * 100_000]) == grade_pinyin("a", ["a" * 200])
