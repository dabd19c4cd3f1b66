import pytest

from decks.dictionary.cedict import Entry
from decks.dictionary.ranking import Ranking, demotion

USUAL = {
    "还": "hái", "都": "dōu", "着": "zhe",
    "行": "xíng", "得": "de", "长": "cháng", "了": "le", "的": "de", "地": "de",
    "和": "hé", "好": "hǎo", "看": "kàn", "教": "jiāo", "大": "dà", "少": "shǎo", "乐": "lè", "数": "shù",
    "重": "zhòng",
    "觉": "jué", "空": "kōng", "种": "zhǒng", "差": "chà", "只": "zhǐ", "发": "fā", "干": "gàn", "当": "dāng",
    "为": "wèi", "便": "biàn", "给": "gěi", "会": "huì", "还是": "háishi", "东西": "dōngxi", "地道": "dìdao",
    "地方": "dìfang", "便宜": "piányi", "多少": "duōshao", "教授": "jiàoshòu", "结果": "jiéguǒ", "过去": "guòqù",
    "张": "zhāng", "王": "wáng", "土地": "tǔdì", "女人": "nǚrén", "咳": "ké", "晕": "yūn",
}  # fmt: skip
SCRIPT = {
    "后": "後",
    "干": "幹",
    "发": "發",
    "里": "裡",
    "面": "面",
    "只": "只",
    "脏": "髒",
    "台风": "颱風",
    "复习": "復習",
}


@pytest.mark.parametrize(("word", "pinyin"), USUAL.items())
def test_the_common_reading_comes_first(dictionary, word, pinyin):
    assert dictionary.lookup(word).readings[0].pinyin == pinyin


@pytest.mark.parametrize(("word", "traditional"), SCRIPT.items())
def test_of_two_words_written_alike_in_simplified_script_the_common_one_comes_first(dictionary, word, traditional):
    assert dictionary.lookup(word).traditional == traditional


def test_a_surname_comes_last_though_the_file_has_it_first():
    surname, usual = Entry("還", "还", "Huan2", ("surname Huan",)), Entry("還", "还", "hai2", ("still",))
    assert Ranking([], {}, {}).sorted([surname, usual]) == [usual, surname]


@pytest.mark.parametrize(
    ("senses", "expected"),
    [
        (("still",), 0),
        (("surname Huan",), 2),
        (("variant of 著|着[zhe5]",), 1),
        (("old variant of 著|着[zhe5]", "surname Zhu"), 1),
        (("used in 執著|执着[zhi2 zhuo2]",), 1),
        (("see 好吃[hao3 chi1]", "also pr. [x]"), 1),
        (("erhua variant of 一點|一点[yi1 dian3]",), 1),
        (("variant of 假[jia3]", "to borrow"), 0),
        (("to see sb off",), 0),
    ],
)
def test_what_only_sends_the_reader_elsewhere_is_demoted(senses, expected):
    assert demotion(Entry("x", "x", "x1", senses)) == expected


def test_a_variant_comes_after_a_word_read_alike_though_the_file_has_it_first():
    variant, usual = Entry("着", "着", "zhe5", ("variant of 著|着[zhe5]",)), Entry("著", "着", "zhe5", ("particle",))
    assert Ranking([], {}, {}).sorted([variant, usual]) == [usual, variant]


def test_what_modern_text_reads_decides_between_meanings():
    one, two = Entry("数", "数", "shu3", ("to count",)), Entry("数", "数", "shu4", ("number",))
    assert Ranking([], {"数": {"shu4": 1079, "shu3": 91}}, {}).sorted([one, two]) == [two, one]


def test_the_senses_of_a_reading_stay_in_their_order(dictionary, entries):
    entry = next(each for each in entries if (each.traditional, each.pinyin) == ("說", "shuo1"))
    assert dictionary.lookup("说").readings[0].senses == entry.senses
