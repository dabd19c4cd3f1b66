from collections import defaultdict
from itertools import combinations

import pytest

from decks.dictionary.similar import LOOK, SOUND, similar_keys, similarity, spoken

LOOKALIKES = {"未": "末", "末": "未木", "木": "末"}
CONFUSED = """
    己已 已巳 土士 未末 人入 大太 大天 太犬 日目 白自 我找 买卖 干千 午牛 刀力 贝见 问间 今令 名各 外处 小少 了子
    免兔 晴睛 清请 情清 折拆 拔拨 辩辨 历厉 很根 很银 课棵 饱抱 喝渴 那哪 他她 吗妈 快块 说脱
"""
UNLIKE = "一二 二三 打扫 说请 我你 中国 学生 水火 手子 好坏 快慢 猫狗"


def alike(one, other, lookalikes=LOOKALIKES):
    return similarity(similar_keys(*one, lookalikes), similar_keys(*other, lookalikes))


def test_a_word_has_a_key_for_its_sound_for_its_look_and_for_each_word_like_it():
    assert similar_keys("末日", "mò rì", LOOKALIKES) == {
        "sound:mòrì",
        "look:末日",
        "look:[未末]日",
        "look:[木末]日",
    }


def test_words_of_one_pinyin_are_homophones():
    assert alike(("他", "tā"), ("她", "tā")) == "homophone"
    assert alike(("他", "tā"), ("塔", "tǎ")) is None


@pytest.mark.parametrize("written", ["Xī'ān", "xī ān", "XĪ’ĀN", "xī-ān", "xī·ān", "xi\u0304a\u0304n", "xī\u00a0ān"])
def test_pinyin_is_compared_as_the_key_of_a_card_has_it(written):
    assert spoken(written) == "xīān"


def test_words_that_differ_in_one_character_like_another_look_alike():
    assert alike(("未来", "wèilái"), ("末来", "mòlái")) == "lookalike"
    assert alike(("周末", "zhōumò"), ("周未", "zhōuwèi")) == "lookalike"


def test_likeness_does_not_go_from_neighbour_to_neighbour():
    assert alike(("未", "wèi"), ("末", "mò")) == alike(("末", "mò"), ("木", "mù")) == "lookalike"
    assert alike(("未", "wèi"), ("木", "mù")) is None


def test_the_character_like_another_stands_in_the_same_place():
    assert alike(("末日", "mòrì"), ("日未", "rìwèi")) is None
    assert alike(("末日", "mòrì"), ("未", "wèi")) is None
    assert alike(("末木", "mòmù"), ("未末", "wèimò")) is None


def test_one_spelling_with_two_readings_looks_alike():
    assert alike(("长", "cháng"), ("长", "zhǎng")) == "lookalike"


def test_what_both_looks_and_sounds_alike_is_a_homophone():
    assert alike(("未", "wèi"), ("末", "wèi")) == "homophone"


def test_a_card_without_hanzi_or_pinyin_is_like_no_other():
    assert similar_keys("", "", LOOKALIKES) == frozenset()
    assert similar_keys("木", "", {}) == {"look:木"}
    assert similar_keys("", "mù", {}) == {"sound:mù"}


@pytest.fixture(scope="module")
def keys(dictionary):
    """The level and the keys of each word of HSK 3.0 (2025), read as it is to be learnt."""
    return {
        word.simplified: (level, dictionary.similar_keys(word.simplified, word.readings[0].pinyin))
        for level in dictionary.levels("2025")
        for word in dictionary.hsk_words("2025", level)
    }


def groups(keys, kind):
    found = defaultdict(list)
    for word, each in keys.items():
        for key in each:
            if key.startswith(kind):
                found[key].append(word)
    return [words for words in found.values() if len(words) > 1]


def test_the_words_of_hsk_have_519_groups_of_one_pinyin(keys):
    """Of 2025, by the reading to learn; the specification's 647 groups of 1,531 words are of another list."""
    same = groups({word: each for word, (_, each) in keys.items()}, SOUND)
    assert (len(keys), len(same), sum(map(len, same))) == (10_896, 519, 1_277)
    assert {"他", "她", "它", "塌"} in map(set, same)


def test_the_words_of_the_first_four_levels_of_hsk_have_118_pairs_that_look_alike(keys):
    low = {word: each for word, (level, each) in keys.items() if level in "1234"}
    pairs = {pair for words in groups(low, LOOK) for pair in combinations(words, 2)}
    assert len(pairs) == pytest.approx(118, abs=2)  # another processor rounds otherwise
    assert {("人", "入"), ("大", "太"), ("买", "卖"), ("他们", "她们"), ("节目", "节日")} <= pairs


@pytest.mark.parametrize("pair", CONFUSED.split())
def test_characters_that_learners_confuse_look_alike(dictionary, pair):
    assert pair[1] in dictionary.lookalikes(pair[0])
    assert pair[0] in dictionary.lookalikes(pair[1])


@pytest.mark.parametrize("pair", UNLIKE.split())
def test_characters_that_nobody_confuses_do_not_look_alike(dictionary, pair):
    assert pair[1] not in dictionary.lookalikes(pair[0])


def test_the_likest_character_comes_first(dictionary):
    assert dictionary.lookalikes("己")[:2] == ["已", "巳"]
    assert dictionary.lookalikes("拔")[0] == "拨"


def test_what_is_no_character_looks_like_none(dictionary):
    assert dictionary.lookalikes("x") == dictionary.lookalikes("学生") == dictionary.lookalikes("") == []
