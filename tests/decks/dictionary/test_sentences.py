import re

import pytest

from decks.dictionary.pinyin import search_key
from decks.dictionary.sentences import Token, choose, pairs, spelt

JIAO = {"jiao1": frozenset({"teach"}), "jiao4": frozenset({"relig"})}
LE = {"le5": frozenset({"compl"}), "liao3": frozenset({"finis"})}


@pytest.fixture(scope="module")
def sentences(dictionary):
    return dictionary._rows("SELECT chinese, pinyin, english FROM sentences")


def test_sentences_without_english_are_left_out(sentences):
    assert len(pairs()) == len(sentences) == 4269
    assert [english for _, _, english in sentences if "placeholder" in english or not english] == []


def test_a_sentence_is_written_by_words_with_a_capital_and_punctuation(dictionary):
    (example,) = [each for each in dictionary.sentences("认识", limit=50) if each.chinese == "你好，很高兴认识你。"]
    assert example.pinyin == "Nǐhǎo, hěn gāoxìng rènshi nǐ."


def test_every_sentence_is_spelt_to_its_end(sentences):
    assert [pinyin for _, pinyin, _ in sentences if not re.fullmatch(r"[A-ZÀ-ɏ0-9].*[.?!]", pinyin)] == []
    assert [pinyin for _, pinyin, _ in sentences if re.search(r"[一-鿿]", pinyin)] == []


def test_le_after_a_verb_is_no_liao(sentences):
    read = {chinese: pinyin for chinese, pinyin, _ in sentences if "到了" in chinese}
    assert len(read) > 10
    assert [pinyin for pinyin in read.values() if "liǎo" in pinyin] == []


def test_yi_and_bu_keep_the_tone_they_have_alone(sentences):
    changed = [pinyin for chinese, pinyin, _ in sentences if "不" in chinese and re.search(r"\bbú\b", pinyin)]
    changed += [pinyin for chinese, pinyin, _ in sentences if "一" in chinese and re.search(r"\b(yí|yì) ge?", pinyin)]
    assert changed == []


def test_examples_are_of_the_word_not_of_its_characters(dictionary):
    examples = dictionary.sentences("学", limit=100)
    assert examples
    assert all("学" in dictionary.segment(example.chinese) for example in examples)


def test_with_a_reading_only_sentences_that_read_the_word_so_are_given(dictionary):
    grow, long = dictionary.sentences("长", "zhang3", limit=50), dictionary.sentences("长", "chang2", limit=50)
    assert grow
    assert long
    assert all("zhǎng" in example.pinyin.lower() for example in grow)
    assert all("cháng" in example.pinyin.lower() for example in long)


def test_no_more_examples_are_given_than_asked_for(dictionary):
    assert len(dictionary.sentences("我", limit=2)) == 2
    assert dictionary.sentences("没有这个词") == []


def test_the_english_decides_how_a_word_is_read():
    assert choose(JIAO, ["jiao1"], frozenset({"relig"}), may_be_particle=True) == "jiao4"


def test_the_words_around_decide_when_the_english_says_nothing():
    assert choose(JIAO, ["jiao4"], frozenset(), may_be_particle=True) == "jiao4"
    assert choose(JIAO, [None], frozenset(), may_be_particle=True) == "jiao1"


def test_a_particle_stays_one_unless_it_begins_the_sentence():
    assert choose(LE, ["liao3"], frozenset({"finis"}), may_be_particle=True) == "le5"
    assert choose(LE, [None], frozenset(), may_be_particle=False) == "liao3"


def test_each_sentence_begins_with_a_capital():
    tokens = tuple(
        Token(text, reading)
        for text, reading in [("我", "wo3"), ("。", None), ("爱", "ai4"), ("，", None), ("是", "shi4")]
    )
    assert spelt(tokens) == "Wǒ. Ài, shì"


def test_the_pinyin_of_a_sentence_is_that_of_its_words(dictionary, sentences):
    _, pinyin, _ = next(row for row in sentences if row[0] == "老师教我们汉字。")
    assert pinyin == "Lǎoshī jiāo wǒmen hànzì."
    assert search_key(pinyin) == ("laoshijiaowomenhanzi", "311344")
