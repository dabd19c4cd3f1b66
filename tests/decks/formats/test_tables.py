"""Files of every kind as records: which column holds what, on which line each stands, and what is wrong with it."""

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decks.formats.columns import as_text, both_scripts, note_of, target_of, with_marks
from decks.formats.csv import delimiter_of
from decks.formats.notes import Note
from decks.formats.records import BadFile
from decks.formats.tables import open_table


def opened(text):
    return open_table(text if isinstance(text, bytes) else text.encode())


def notes(text):
    table = opened(text)
    return [table.note(record)[0] for record in table.records()]


STUDENT = Note("学生", "", "xuésheng", "student")


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiters_and_ends_of_lines_are_told_apart(delimiter, end):
    rows = [["学生", "xuésheng", "student"], ["水", "shuǐ", f'"water, tea; "" or{end}rain\t"']]
    text = end.join(delimiter.join(row) for row in rows) + end
    assert notes(text) == [STUDENT, Note("水", "", "shuǐ", f'water, tea; " or{end}rain')]
    assert opened(text).delimiter == delimiter


@given(
    st.sampled_from(",\t;"),
    st.lists(st.text(st.sampled_from("abc 学生,;.'")), min_size=2, max_size=2).map(lambda row: [*row, "x"]),
)
def test_the_delimiter_of_quoted_texts_is_the_one_between_them(delimiter, row):
    line = delimiter.join('"' + field + '"' for field in row) + "\n"
    assert delimiter_of(line * 3) == delimiter


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        ("hanzi,traditional,pinyin,english", ("hanzi", "traditional", "pinyin", "english")),
        ("Simplified,Traditional,Pinyin,Definition", ("hanzi", "traditional", "pinyin", "english")),
        ("Word,Pinyin,Meaning,HSK", ("hanzi", "pinyin", "english", "hsk")),
        ("Word,Pinyin,Part of speech,Definition", ("hanzi", "pinyin", "tags", "english")),
        ("汉字,拼音,英文,标签", ("hanzi", "pinyin", "english", "tags")),
        ("漢語,繁體,漢語拼音,釋義", ("", "traditional", "pinyin", "english")),
        ("Simplified Chinese,PINYIN,English Definition,Notes", ("hanzi", "pinyin", "english", "notes")),
        ("id,Hanzi,Reading,Translation", ("", "hanzi", "pinyin", "english")),
        ("Sentence,Sentence pinyin,Sentence translation,Word",
         ("sentence", "sentence_pinyin", "sentence_translation", "hanzi")),
    ],
)  # fmt: skip
def test_names_of_columns_are_known(header, columns):
    table = opened(f"{header}\n学生,x,y,z\n")
    assert (table.header, table.columns) == (True, columns)


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("student,学生\nteacher,老师\n", ("english", "hanzi")),
        ("学生,學生,xue2sheng5,student\n老师,老師,lao3shi1,teacher\n", ("hanzi", "traditional", "pinyin", "english")),
        ("xuésheng,学生\nlǎoshī,老师\n", ("pinyin", "hanzi")),
        ("学生,我们都是这个学校的学生。\n老师,他是我们最喜欢的老师。\n", ("hanzi", "sentence")),
        ("学生\n老师\n", ("hanzi",)),
        ("汉字,hànzì,Chinese character\n拼音,pīnyīn,phonetic writing\n", ("hanzi", "pinyin", "english")),
        ("café,tea house\nthé,tea\n", ("english", "")),
    ],
)
def test_without_names_what_stands_in_a_column_tells_what_it_is(text, columns):
    table = opened(text)
    assert (table.header, table.columns) == (False, columns)


def test_front_and_back_hold_either_language():
    assert opened("Front\tBack\nstudent\t学生\n").columns == ("english", "hanzi")
    assert opened("Front\tBack\n学生\tstudent\n").columns == ("hanzi", "english")


def test_ankis_head_says_how_its_export_is_written():
    text = (
        "#separator:tab\n#html:true\n#guid column:1\n#notetype column:2\n#deck column:3\n#tags column:6\n"
        "x|y\tBasic\tMine::HSK\t学生[sound:a.mp3]\t<div>student</div><br>one &amp; all&nbsp;\tHSK1 food\n"
        'z|y\tBasic\tMine\t水\t"wa""ter\nand tea"\t\n'
    )
    table = opened(text)
    assert (table.kind, table.columns) == ("Anki", ("", "", "", "hanzi", "english", "tags"))
    assert [record.line for record in table.records()] == [7, 8]
    assert notes(text) == [
        Note("学生", english="student\none & all", tags=("HSK1", "food")),
        Note("水", english='wa"ter\nand tea'),
    ]


def test_ankis_head_may_name_the_columns():
    text = "#separator:Comma\n#columns:Hanzi,Pinyin,Meaning\n学生,xue2 sheng5,student\n"
    assert notes(text) == [STUDENT]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("xue2 sheng5", "xuésheng"),
        ("xue2sheng5", "xuésheng"),
        ("xue2sheng0", "xuésheng"),
        ("nv3", "nǚ"),
        ("lu:4", "lǜ"),
        ("Bei3jing1", "Běijīng"),
        ("xi1'an1", "xī'ān"),
        ("jian4//mian4", "jiànmiàn"),
        ("wan2r5", "wánr"),
        ("xuésheng", "xuésheng"),
        ("3 apples", "3 apples"),
        ("see no. 4", "see no. 4"),
        ("", ""),
    ],
)
def test_pinyin_with_numbers_gets_marks(written, read):
    assert with_marks(written) == read


@pytest.mark.parametrize(
    ("written", "hanzi", "traditional"),
    [
        ("学生[學生]", "学生", "學生"),
        ("学生【學生】", "学生", "學生"),
        ("學生|学生", "学生", "學生"),
        ("学生", "学生", ""),
        ("给(gěi)", "给(gěi)", ""),
        ("", "", ""),
    ],
)
def test_both_scripts_in_one_field_are_two_texts(written, hanzi, traditional):
    assert both_scripts(written, "") == {"hanzi": hanzi, "traditional": traditional}


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("a<br>b<br/>c", "a\nb\nc"),
        ("<div>a</div><div>b</div>", "a\nb"),
        ('<span style="color:red">学</span>生', "学生"),
        ("fish &amp; chips&nbsp;", "fish & chips"),
        ("<script>alert(1)</script>x", "x"),
        ("a < b & c > d", "a < b & c > d"),
        ("x[sound:x.mp3]", "x"),
        ("R&D; Q&A", "R&D; Q&A"),
        ("<b", "<b"),
        ("<!-- x --><i>y</i>", "y"),
    ],
)
def test_html_becomes_text(field, text):
    assert as_text(field) == text


def test_an_hsk_level_is_a_tag():
    assert note_of(["学生", "1"], ["hanzi", "hsk"]).tags == ("HSK_1",)
    assert note_of(["学生", "HSK 7-9", "n., food"], ["hanzi", "hsk", "tags"]).tags == ("n.", "food", "HSK_7-9")


def test_two_columns_of_one_kind_are_both_kept():
    note = note_of(["学生", "student", "pupil"], ["hanzi", "english", "english"])
    assert note == Note("学生", english="student\npupil")


def test_names_are_known_however_they_are_spaced_and_written():
    assert [target_of(name) for name in (" Part_of-Speech ", "ＨＳＫ", "English:", "nonsense")] == [
        "tags",
        "hsk",
        "english",
        None,
    ]


def test_other_columns_and_a_first_line_that_is_no_header_may_be_said():
    table = opened("拼音\t汉字\n学生\t老师\n")
    assert (table.header, table.columns) == (True, ("pinyin", "hanzi"))
    other = table.mapped(None, header=False)
    assert (other.header, other.columns) == (False, ("hanzi", "traditional"))
    assert [record.fields[0] for record in other.records()] == ["拼音", "学生"]
    assert table.mapped(["notes", "hanzi"]).columns == ("notes", "hanzi")


def problems(text):
    return [(record.line, record.problem) for record in opened(text).records() if record.problem]


def test_lines_are_those_of_the_file():
    table = opened('\n\nhanzi,english\n\n学生,"a\r\nb\n\nc"\n水,x\n')
    assert [(record.line, record.fields[0]) for record in table.records()] == [(5, "学生"), (9, "水")]


def test_a_quote_that_is_never_closed_spoils_its_own_line_alone():
    text = 'hanzi,english\n水,water\n看,"to look\n山,mountain\n人,"a person"\n'
    assert problems(text) == [(3, 'A quote (") is opened and never closed.')]
    assert [note.hanzi for note in notes_of_good(text)] == ["水", "山", "人"]


def notes_of_good(text):
    table = opened(text)
    return [table.note(record)[0] for record in table.records() if not record.problem]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "The file is empty."),
        (b"\xef\xbb\xbf \n\n", "The file is empty."),
        (bytes(range(256)) * 9, "This is no text file"),
        (b"x" * (20 * 2**20 + 1), "The file is larger than 20 MB."),
        (b"x" * 10_000_000, "Line 1: A text is longer than 131,072 characters"),
        (b",".join([b"x"] * 10_000), "Line 1: 10,000 columns: at most 100 can be read."),
        (b"hanzi,english\n" + b"x,y\n" * 100_001, "The file has more than 100,000 lines"),
        (b"hanzi,english\n" + b'x,"y\n' * 200, "More than 100 quotes are opened and never closed."),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_says_why(data, message):
    with pytest.raises(BadFile, match=message.replace("(", r"\(")):
        list(open_table(data).records())


def test_zeros_and_other_unseen_characters_are_dropped():
    assert notes("hanzi,english\n学\0生,stu\x07dent\n" + "水,water\n" * 40)[0] == Note("学生", english="student")


def test_a_line_with_bytes_of_another_encoding_is_told():
    data = b"hanzi,english\n" + "水,water\n".encode() * 40 + b"\xff\xd8,x\n"
    assert problems(data) == [(42, "Some of its bytes are not UTF-8.")]


@given(
    st.binary(max_size=200) | st.text(st.sampled_from("学生ab1\"',;\t\r\n#<>&/=[]|\ufeff"), max_size=60).map(str.encode)
)
def test_any_file_is_read_or_refused(data):
    with suppress(BadFile):
        table = open_table(data)
        for record in table.records():
            assert isinstance(table.note(record)[0], Note)


@pytest.mark.parametrize(
    "field",
    [
        "a" * 130_000 + "1",
        "a" * 130_000,
        "a1" * 60_000,
        " " * 130_000,
        "<b>" + " " * 130_000,
        "<!--" * 32_000,
        "<![CDATA[" * 14_000,
        "<a " * 40_000,
        "<!--" * 7_000,
        "<![CDATA[" * 3_000,
        "<a " * 9_000,
        "</" * 14_000,
        "<!x" * 9_000,
        "<?x" * 9_000,
        "<script>" * 3_700,
        "<b>" * 9_000,
        "<" * 130_000,
        "&" * 130_000,
        "&a" * 60_000,
        "[sound:" * 18_000,
        "学[" * 60_000,
        "学|" * 60_000,
    ],
)
@pytest.mark.parametrize("column", ["Hanzi", "Pinyin", "English", "Tags", "HSK"])
def test_no_text_takes_long(field, column):
    begun = time.process_time()
    notes(f"Hanzi,{column}\n学,{field}\n" if column != "Hanzi" else f"Hanzi,English\n{field},x\n")
    # As much as all of a file would hold, if each of its texts were like this.
    assert time.process_time() - begun < 10  # what tries every place for every end takes minutes


@pytest.mark.parametrize(
    "head",
    [
        "#separator:\r",
        '#separator:"',
        "#separator:",
        "#separator:学",
        "#tags column:" + "9" * 5000,
        "#tags column:٣",
        "#tags column:-1",
        "#columns:" + "x," * 200_000,
        "#columns:" + "x" * 200_000,
        '#columns:"',
        "#deck column:99",
    ],
)
def test_a_head_that_says_nonsense_is_read_as_far_as_it_goes(head):
    table = opened(f"{head}\n学生\tstudent\n")
    assert table.kind == "Anki"
    assert len(table.columns) <= 100
    for record in table.records():
        table.note(record)
