import pytest
from django.conf import settings

from decks.dictionary import LEVELS, open_dictionary
from decks.models import Card
from study.scheduling.answers import grade_hanzi, grade_pinyin
from study.typed import expected

# Nothing here asks the database, so that a query would fail the test.


@pytest.fixture(scope="module")
def dictionary():
    return open_dictionary(settings.DICTIONARY_PATH)


def of(dictionary, hanzi, pinyin, traditional=""):
    return expected(Card(hanzi=hanzi, pinyin=pinyin, traditional=traditional), dictionary)


def test_a_word_with_one_reading_expects_that(dictionary):
    assert of(dictionary, "学生", "xuésheng", "學生") == {
        "pinyin": ["xue2 sheng5"],
        "others": [],
        "hanzi": ["学生", "學生"],
    }


def test_the_first_reading_is_the_cards_own(dictionary):
    for level in LEVELS["2025"][:2]:
        for word in dictionary.hsk_words("2025", level):
            reading = word.readings[0]
            found = of(dictionary, word.simplified, reading.pinyin, reading.traditional)
            assert found["pinyin"][0] == reading.pinyin_numbers
            assert grade_pinyin(reading.pinyin, found["pinyin"], found["others"]).outcome == "right"
            assert grade_hanzi(reading.traditional, found["hanzi"]).outcome == "right"


@pytest.mark.parametrize(
    ("hanzi", "pinyin", "traditional", "readings"),
    [
        ("谁", "shéi", "誰", ["shei2", "shui2"]),  # also pr. [shui2]
        ("知道", "zhīdào", "知道", ["zhi1 dao4", "zhi1 dao5"]),  # also pr. [zhi1dao5]
        ("垃圾", "lājī", "垃圾", ["la1 ji1", "le4 se4"]),  # Taiwan pr. [le4 se4]
        ("待会儿", "dāihuìr", "待會兒", ["dai1 hui4 r5", "dai1 hui3 r5", "dai1 hui5 r5"]),  # also pr. … or …
        ("胺", "àn", "胺", ["an4", "an1"]),  # colloquial pr. [an1]; Taiwan pr. [an1]
    ],
)
def test_readings_that_the_dictionary_calls_as_good_are_right(dictionary, hanzi, pinyin, traditional, readings):
    assert of(dictionary, hanzi, pinyin, traditional)["pinyin"] == readings


@pytest.mark.parametrize(
    ("hanzi", "pinyin", "traditional", "readings"),
    [
        ("尽量", "jǐnliàng", "儘量", ["jin3 liang4", "jin4 liang4"]),  # the same senses
        ("过来", "guòlái", "過來", ["guo4 lai2", "guo4 lai5"]),  # guo4 lai5: see 過來[guo4 lai2]
        ("过来", "guòlai", "過來", ["guo4 lai5", "guo4 lai2"]),
    ],
)
def test_readings_of_the_same_meaning_are_right(dictionary, hanzi, pinyin, traditional, readings):
    assert of(dictionary, hanzi, pinyin, traditional)["pinyin"] == readings


@pytest.mark.parametrize(
    ("hanzi", "pinyin", "traditional", "others"),
    [
        ("还", "hái", "還", ["huan2"]),
        ("好", "hǎo", "好", ["hao4"]),
        ("地方", "dìfang", "地方", ["di4 fang1"]),
        ("行", "xíng", "行", ["hang2", "heng2", "xing4"]),  # a sense of xing2 has "Taiwan pr. [xing4]"
        ("的", "de", "的", ["di4", "di2", "di1", "di5"]),  # "also pr. [di4] or [di5] in poetry and songs"
        ("大心", "dàxīn", "大心", []),  # Tai-lo is no Mandarin
    ],
)
def test_readings_of_the_hanzi_that_are_not_asked_for_are_others(dictionary, hanzi, pinyin, traditional, others):
    assert of(dictionary, hanzi, pinyin, traditional)["others"] == others


@pytest.mark.parametrize("pinyin", ["hái/huán", "hái; huán", "hái, huán", "hái，huán", "hái / huán ", "hai2, huan2"])
def test_a_card_may_hold_several_readings(dictionary, pinyin):
    found = of(dictionary, "还", pinyin, "還")
    assert (found["pinyin"], found["others"]) == (["hai2", "huan2"], [])


@pytest.mark.parametrize("hanzi", ["一不做，二不休", "一不做,二不休", ""])
def test_a_comma_may_be_one_of_a_phrase(dictionary, hanzi):
    assert of(dictionary, hanzi, "yī bù zuò, èr bù xiū")["pinyin"] == ["yi1 bu4 zuo4 , er4 bu4 xiu1"]


@pytest.mark.parametrize(
    ("hanzi", "pinyin", "readings"),
    [
        ("女儿", "nv3er2", ["nu:3 er2"]),
        ("女儿", "nü3 er2", ["nu:3 er2"]),
        ("女儿", "nu\u03083 er2", ["nu:3 er2"]),
        ("学生", "xue2sheng0", ["xue2 sheng5"]),
        ("学生", "xue2 sheng5", ["xue2 sheng5"]),
        ("学生", "ㄒㄩㄝˊ ㄕㄥ˙", ["ㄒㄩㄝˊ ㄕㄥ˙"]),
    ],
)
def test_a_learners_numbers_and_zhuyin_are_readings_too(dictionary, hanzi, pinyin, readings):
    found = of(dictionary, hanzi, pinyin)
    assert found["pinyin"] == readings
    assert grade_pinyin(pinyin, found["pinyin"]).outcome == "right"


def test_tones_that_a_learner_left_out_come_from_the_dictionary(dictionary):
    assert of(dictionary, "学生", "xuesheng", "學生")["pinyin"] == ["xue2 sheng5"]
    assert of(dictionary, "吗", "ma", "嗎")["pinyin"] == ["ma5"]  # whose tone is none


def test_tones_that_nobody_knows_are_not_asked_for(dictionary):
    found = of(dictionary, "好猫", "hao mao")
    assert found["pinyin"] == ["hao mao"]
    assert grade_pinyin("hao3mao1", found["pinyin"]).outcome == "right"


@pytest.mark.parametrize("pinyin", ["", " ", "/", ", ;", "还"])
def test_a_card_without_pinyin_expects_none(dictionary, pinyin):
    assert of(dictionary, "还", pinyin, "還") == {"pinyin": [], "others": [], "hanzi": ["还", "還"]}


def test_a_word_of_no_dictionary_expects_what_the_card_says(dictionary):
    assert of(dictionary, "龘龘猫", "dádámāo") == {"pinyin": ["da2 da2 mao1"], "others": [], "hanzi": ["龘龘猫"]}


def test_a_card_without_hanzi_expects_none(dictionary):
    assert of(dictionary, "", "hǎo") == {"pinyin": ["hao3"], "others": [], "hanzi": []}


def test_without_a_dictionary_a_card_expects_its_own_readings(tmp_path):
    missing = open_dictionary(tmp_path / "none.sqlite3")
    assert of(missing, "还", "hái/huán", "還") == {"pinyin": ["hai2", "huan2"], "others": [], "hanzi": ["还", "還"]}


def test_variants_that_are_read_the_same_are_spellings(dictionary):
    assert of(dictionary, "里", "lǐ", "裡")["hanzi"] == ["里", "裡", "裏"]
    assert of(dictionary, "你", "nǐ", "你")["hanzi"] == ["你"]  # 妳 is a word of its own


@pytest.mark.parametrize(
    ("hanzi", "pinyin", "readings"),
    [
        ("法", "fǎ", ["fa3"]),  # of Fa3, short for France: Taiwan pr. [Fa4]
        ("花", "huā", ["hua1"]),  # of 蘤, a variant: also pr. [wei3]
    ],
)
def test_what_is_as_good_for_another_word_is_not_for_this_one(dictionary, hanzi, pinyin, readings):
    assert of(dictionary, hanzi, pinyin, hanzi)["pinyin"] == readings


def test_letters_of_either_size_are_the_same_reading(dictionary):
    assert of(dictionary, "西安", "xī'ān", "西安")["pinyin"] == ["xi1 an1"]
    assert of(dictionary, "西安", "xī'ān", "西安")["others"] == []


def test_where_tones_are_shown_as_spoken_they_may_be_typed_so(dictionary):
    card = Card(hanzi="一下", pinyin="yīxià")
    assert expected(card, dictionary)["pinyin"] == ["yi1 xia4"]
    assert expected(card, dictionary, spoken=True)["pinyin"] == ["yi1 xia4", "yi2 xia4"]
    assert expected(Card(hanzi="学生", pinyin="xuésheng"), dictionary, spoken=True)["pinyin"] == ["xue2 sheng5"]
    assert expected(Card(hanzi="玩儿", pinyin="wánr"), dictionary, spoken=True)["pinyin"] == ["wan2 r5"]
