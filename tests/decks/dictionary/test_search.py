"""What a query finds, how fast, and what is near when it finds nothing."""

import statistics
import time

import pytest

from decks.dictionary import english
from decks.dictionary.pinyin import spelling
from decks.dictionary.search import normal, sound

ENGLISH = """
    a|to|the|of|in|I|he|be|not|and|person|people|dog|run|to run|running|study|good|water|eat|school|women|men|can|long
    big|time|year|go|machine|China|Chinese|university|happy|red|love|look|evening|children|compu|appl*|government
    variant of|surname|house|to drink tea|used in|old|place name|abbr for|to be able to|zzzz
""".strip().replace("\n    ", "|")


def found(dictionary, query, limit=30):
    return [word.simplified for word in dictionary.search(query, limit)]


def milliseconds(act):
    start = time.perf_counter()
    act()
    return 1000 * (time.perf_counter() - start)


def test_english_finds_something_in_milliseconds_whatever_the_word(dictionary, capsys):
    queries = ENGLISH.split("|")
    assert [query for query in queries if not dictionary.search(query)] == ["zzzz"]
    taken = [min(milliseconds(lambda query=query: dictionary.search(query, 31)) for _ in range(5)) for query in queries]
    with capsys.disabled():
        print(
            f"\n{len(queries)} searches in English: median {statistics.median(taken):.2f} ms, worst {max(taken):.2f} ms"
        )


@pytest.mark.parametrize(
    ("word", "stem"),
    [
        ("dogs", "dog"),
        ("running", "run"),
        ("making", "mak"),
        ("make", "mak"),
        ("studies", "studi"),
        ("study", "studi"),
        ("studied", "studi"),
        ("falling", "fall"),
        ("boxes", "box"),
        ("glass", "glass"),
        ("thing", "thing"),
        ("ate", "eat"),
        ("children", "child"),
    ],
)
def test_a_word_is_known_by_its_stem(word, stem):
    assert english.stem(word) == stem


def test_what_stands_before_an_english_word_says_nothing_unless_it_is_alone():
    assert english.bare(["to", "the", "school"]) == ["school"]
    assert english.bare(["to"]) == ["to"]


def test_a_gloss_is_cut_at_its_semicolons_but_not_within_brackets():
    assert english.synonyms("to fold; (of a chair; bed) to collapse") == ["to fold", "(of a chair; bed) to collapse"]


@pytest.mark.parametrize(
    ("numbers", "spelt"),
    [("nu:3 er2", "nv3er2"), ("lu:e4", "lve4"), ("lve4", "lve4"), ("ju2", "ju2"), ("Xi1 an1", "xi1an1"), ("O K", "ok")],
)
def test_pinyin_has_one_spelling(numbers, spelt):
    assert spelling(numbers) == spelt


@pytest.mark.parametrize(
    ("query", "spelt"),
    [
        ("bei3jing", "bei3jing1"),
        ("beijing1", "bei3jing1"),
        ("běijing", "bei3jing1"),
        ("bei jing", "bei3jing1"),
        ("xi'an", "xi1an1"),
        ("ma5", "ma5"),
        ("ma0", "ma5"),
        ("nü", "nv3"),
        ("lüè", "lve4"),
        ("jü", "ju2"),
    ],
)
def test_pinyin_may_be_typed_in_part(query, spelt):
    assert sound(query).spelling.fullmatch(spelt)


@pytest.mark.parametrize(
    ("query", "spelt"), [("bei4jing", "bei3jing1"), ("xi'an", "xian1"), ("ma5", "ma3"), ("xi1an1", "xian1")]
)
def test_pinyin_that_says_otherwise_does_not_match(query, spelt):
    assert not sound(query).spelling.fullmatch(spelt)


@pytest.mark.parametrize("query", ["学", "a+b", "x9", "5", "*", "", "中a"])
def test_what_is_no_pinyin_is_none(query):
    assert sound(query) is None


def test_a_query_is_trimmed_and_its_full_width_letters_are_plain():
    assert normal("\u3000ｘｕｅ＊　 \0") == "xue*"
    assert len(normal("好" * 5000)) == 100


@pytest.mark.parametrize("query", ["学*", "*学", "?学", "*学*", "学?生", "*学*生*", "??", "一?一?"])
def test_a_pattern_of_hanzi_finds_what_fits_it_the_frequent_first(dictionary, query):
    fits = {
        "学*": lambda word: word.startswith("学"),
        "*学": lambda word: word.endswith("学"),
        "?学": lambda word: len(word) == 2 and word.endswith("学"),
        "*学*": lambda word: "学" in word,
        "学?生": lambda word: len(word) == 3 and word[0] + word[2] == "学生",
        "*学*生*": lambda word: "生" in word.partition("学")[2] and "学" in word,
        "??": lambda word: False,
        "一?一?": lambda word: len(word) == 4 and word[0] == word[2] == "一",
    }[query]
    words = dictionary.search(query, 40)
    assert all(fits(word.simplified) for word in words)
    assert bool(words) == (query not in ("??", "学?生"))
    ranks = [word.rank or 10**9 for word in words]
    assert ranks == sorted(ranks)


def test_a_pattern_finds_words_by_their_traditional_form_too(dictionary):
    assert found(dictionary, "?學", 3) == found(dictionary, "?学", 3) == ["大学", "科学", "文学"]


def test_a_question_in_hanzi_is_no_pattern_but_a_phrase(dictionary):
    assert found(dictionary, "你好吗？") == ["你好", "吗"]


def test_words_that_contain_a_word_are_longer_ones(dictionary):
    words = [word.simplified for word in dictionary.containing("学生", 5)]
    assert words == ["大学生", "小学生", "中学生", "留学生", "学生会"]
    assert dictionary.containing("xyz") == []


def test_characters_that_share_a_part_are_of_one_script(dictionary):
    assert dictionary.sharing("讠", limit=3) == ["说", "让", "该"]
    assert dictionary.sharing("言", traditional=True, limit=3) == ["這", "說", "説"]
    assert dictionary.sharing("x") == []


def test_what_is_misspelt_is_near_what_is_meant(dictionary):
    assert dictionary.nearby("compter")[0] == "computer"
    assert dictionary.nearby("zongguo") == ["zhongguo"]
    assert dictionary.nearby("没有这个词") == dictionary.nearby("") == []


def test_a_query_that_means_one_word_is_told_from_one_that_may_mean_more(dictionary):
    assert dictionary.meant("xuesheng").simplified == "学生"
    assert dictionary.meant("学習").simplified == "学习"
    assert dictionary.meant("ma") is None
    assert dictionary.meant("zzzz") is None


def test_an_erhua_form_means_what_its_base_means(dictionary):
    assert dictionary.lookup("女孩儿").readings[0].english == "girl; lass"
    assert dictionary.lookup("男孩儿").readings[0].english == dictionary.lookup("男孩").readings[0].english


def test_no_card_says_only_that_a_word_is_a_form_of_another(dictionary):
    words = dictionary.by_rank(1, 20_000)
    assert [word.simplified for word in words if word.readings[0].english.startswith(("erhua", "variant of"))] == []


def test_a_text_of_both_scripts_and_none_is_converted_where_it_is_chinese(dictionary):
    assert dictionary.to_traditional("Hi，我學习。\n<b>😀</b>") == "Hi，我學習。\n<b>😀</b>"
    assert dictionary.to_simplified("Hi，我學习。\n<b>😀</b>") == "Hi，我学习。\n<b>😀</b>"
