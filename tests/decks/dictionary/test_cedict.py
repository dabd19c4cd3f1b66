import pytest
from hypothesis import given
from hypothesis import strategies as st

from decks.dictionary import Reference, parse_sense
from decks.dictionary.cedict import CedictError, Entry, parse, parse_line


def test_there_are_as_many_entries_as_the_file_says(entries):
    assert len(entries) == 125_049
    assert len({entry.simplified for entry in entries}) == 121_284
    assert len({entry.traditional for entry in entries}) == 122_467


def test_an_entry_is_known_by_both_scripts_and_its_reading(entries):
    assert len({(entry.traditional, entry.simplified, entry.pinyin) for entry in entries}) == 125_049


def test_a_line_is_an_entry():
    assert parse_line("學生 学生 [xue2 sheng5] /student/schoolchild/", 1) == Entry(
        "學生", "学生", "xue2 sheng5", ("student", "schoolchild")
    )


def test_measure_words_are_no_sense():
    entry = parse_line("學校 学校 [xue2 xiao4] /school/CL:所[suo3],個|个[ge4]/", 1)
    assert entry.senses == ("school",)
    assert entry.measure_words == (Reference("所", "所", "suo3"), Reference("個", "个", "ge4"))


def test_measure_words_within_a_sense_leave_the_rest_of_it():
    entry = parse_line("望遠鏡 望远镜 [wang4 yuan3 jing4] /telescope (CL:部[bu4]); binoculars (CL:副[fu4])/", 1)
    assert entry.senses == ("telescope; binoculars",)
    assert [word.simplified for word in entry.measure_words] == ["部", "副"]


def test_no_sense_holds_measure_words(entries):
    assert sum(bool(entry.measure_words) for entry in entries) == 1_555
    assert [entry for entry in entries if any("CL:" in sense for sense in entry.senses)] == []


def test_every_entry_has_a_sense(entries):
    assert [entry for entry in entries if not entry.senses] == []


def test_readings_that_are_not_letters_and_a_tone_are_kept(entries):
    syllables = {syllable for entry in entries for syllable in entry.pinyin.split()}
    assert {",", "·", "P", "r5", "m2", "xx5"} <= syllables


@pytest.mark.parametrize(
    "line", ["學生 学生 /student/", "學生 [xue2 sheng5] /student/", "學生 学生 [xue2 sheng5]", "x"]
)
def test_a_bad_line_is_named_by_its_number(line):
    with pytest.raises(CedictError, match=r"^Line 3 "):
        list(parse(["# comment", "我 我 [wo3] /I; me/", line]))


def test_comments_and_empty_lines_are_passed_over():
    assert list(parse(["# CC-CEDICT", "#! entries=1", "", "我 我 [wo3] /I; me/"])) == [
        Entry("我", "我", "wo3", ("I; me",))
    ]


hanzi = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=1, max_size=6)
sense = st.text("abcdefghij ;'()-", min_size=1, max_size=30).map(str.strip).filter(bool)


@given(hanzi, hanzi, st.sampled_from(["ni3 hao3", "lu:4", "A A zhi4", "xx5"]), st.lists(sense, min_size=1, max_size=5))
def test_any_entry_that_is_written_as_a_line_is_read_back(traditional, simplified, pinyin, senses):
    line = f"{traditional} {simplified} [{pinyin}] /{'/'.join(senses)}/"
    assert parse_line(line, 1) == Entry(traditional, simplified, pinyin, tuple(senses))


@given(st.text(max_size=60).filter(lambda text: "/" not in text))
def test_any_line_that_is_no_entry_is_a_named_error(line):
    with pytest.raises(CedictError, match=r"^Line 7 "):
        parse_line(line, 7)


def test_a_reference_is_parted_from_the_text_around_it():
    assert parse_sense("variant of 著|着[zhe5], a particle") == [
        "variant of ",
        Reference("著", "着", "zhe5"),
        ", a particle",
    ]


def test_a_reference_of_one_form_has_it_in_both_scripts():
    (reference,) = parse_sense("使用[shi3 yong4]")
    assert reference == Reference("使用", "使用", "shi3 yong4")
    assert reference.pinyin == "shǐyòng"


def test_a_reference_within_brackets_and_with_commas_is_found():
    pieces = parse_sense("(same as 只要功夫深，鐵杵磨成針|只要功夫深，铁杵磨成针[zhi3 yao4]) x")
    assert pieces == ["(same as ", Reference("只要功夫深，鐵杵磨成針", "只要功夫深，铁杵磨成针", "zhi3 yao4"), ") x"]


def test_brackets_without_a_word_are_text():
    assert parse_sense("also pr. [yao1] here") == ["also pr. [yao1] here"]


def test_the_references_of_all_senses_are_found(entries):
    referring = [entry for entry in entries if any(len(parse_sense(sense)) > 1 for sense in entry.senses)]
    assert len(referring) > 15_000
