"""Pleco's flashcards, from its text files and its XML; strangers write files, too."""

import pytest

from decks.formats.notes import Note
from decks.formats.pleco import score_of, tag_of
from decks.formats.records import BadFile, Score
from decks.formats.tables import open_table

TEXT = (
    "//HSK/Level 1\n"
    "学生[學生]\txue2sheng5\tnoun \ueab2student\ueab3\ueab1pupil\n"
    '水\tshui3\t"water" (H2O)\n'
    "\n"
    "//My words\r\n"
    "见面\tjian4//mian4\n"
    "好\n"
)
XML = """<?xml version="1.0" encoding="UTF-8"?>
<plecoflash formatversion="2" creator="Pleco User 1" generator="Pleco 3.2" platform="iPhone OS">
<categories><category name="HSK/Level 1"/></categories>
<cards>
<card language="chinese" created="1333600000" modified="1333600000">
<entry>
<headword charset="sc">学生</headword><headword charset="tc">學生</headword>
<pron type="hypy" tones="numbers">xue2sheng5</pron>
<defn>student\ueab1pupil &amp; co</defn>
</entry>
<dictref dictid="PACE" entryid="1"/>
<scoreinfo scorefile="Default" score="600" difficulty="100" correct="3" incorrect="0" reviewed="3"
 firstreviewedtime="1733000000" lastreviewedtime="1733600000"/>
<catassign category="HSK/Level 1"/><catassign category="School"/>
</card>
<card language="chinese"><entry><headword charset="sc">水</headword></entry>
<scoreinfo score="100" reviewed="0"/></card>
</cards>
</plecoflash>
"""


def read(text):
    table = open_table(text if isinstance(text, bytes) else text.encode())
    return table, list(table.records())


def test_a_text_export_is_told_from_a_table_and_its_categories_are_tags():
    table, records = read(TEXT)
    assert table.kind == "Pleco"
    assert [record.line for record in records] == [2, 3, 6, 7]
    assert [table.note(record)[0] for record in records] == [
        Note("学生", "學生", "xuésheng", "noun student\npupil", tags=("HSK::Level_1",)),
        Note("水", "", "shuǐ", '"water" (H2O)', tags=("HSK::Level_1",)),
        Note("见面", "", "jiànmiàn", tags=("My_words",)),
        Note("好", tags=("My_words",)),
    ]


def test_both_scripts_without_a_category_are_plecos_too():
    assert read("学生[學生]\txue2sheng5\tstudent\n")[0].kind == "Pleco"
    assert read("学生\txue2sheng5\tstudent\n")[0].kind == "CSV"


def test_an_xml_export_is_read_with_its_scores():
    table, records = read(XML)
    assert table.kind == "Pleco XML"
    assert [record.line for record in records] == [5, 16]
    assert [table.note(record)[0] for record in records] == [
        Note("学生", "學生", "xuésheng", "student\npupil & co", tags=("HSK::Level_1", "School")),
        Note("水"),
    ]
    assert [(record.scored, record.score) for record in records] == [(True, Score(6, 1733600000)), (True, None)]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030"])
def test_xml_is_read_in_other_encodings(encoding):
    text = XML.replace("\ueab1", "/")
    table, records = read(text.encode(encoding))
    assert table.note(records[0])[0].hanzi == "学生"


@pytest.mark.parametrize(
    ("attributes", "score"),
    [
        ({"score": "100", "reviewed": "1", "lastreviewedtime": "1733600000"}, Score(1, 1733600000)),
        ({"score": "99999999", "reviewed": "1", "lastreviewedtime": "1733600000"}, Score(36500, 1733600000)),
        ({"score": "99", "reviewed": "5", "lastreviewedtime": "1733600000"}, None),
        ({"score": "600", "reviewed": "0", "lastreviewedtime": "1733600000"}, None),
        ({"score": "600", "reviewed": "3"}, None),
        ({"score": "600", "reviewed": "3", "lastreviewedtime": "0"}, None),
        ({"score": "-1", "reviewed": "3", "lastreviewedtime": "1733600000"}, None),
        ({"score": "six", "reviewed": "٣", "lastreviewedtime": "9" * 400}, None),
        ({}, None),
    ],
)
def test_a_score_means_something_once_it_makes_a_day(attributes, score):
    assert score_of(attributes) == score


def test_a_category_is_a_tag_without_spaces():
    assert [tag_of(name) for name in ("HSK/Level 1", "/", " a  b ", "A//B")] == ["HSK::Level_1", "", "a_b", "A::B"]


BOMB = "<!DOCTYPE plecoflash [" + "".join(f'<!ENTITY a{at + 1} "{f"&a{at};" * 10}">' for at in range(9)) + "]>"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<!DOCTYPE plecoflash><plecoflash/>", "declares a document type or entities"),
        (f"{BOMB}<plecoflash>&a9;</plecoflash>", "declares a document type or entities"),
        ('<!DOCTYPE plecoflash [<!ENTITY x SYSTEM "file:///etc/passwd">]><plecoflash>&x;</plecoflash>', "declares"),
        ("<plecoflash><cards><card>", "Line 1: this is not XML as Pleco writes it."),
        ("<plecoflash>\n<card>&nosuch;</card></plecoflash>", "Line 2: this is not XML"),
        ("<plecoflash>" + "<x>" * 100_000, "nested too deeply"),
    ],
)
def test_hostile_xml_is_refused(text, message):
    table_or_error = pytest.raises(BadFile, match=message)
    with table_or_error:
        read(text)


def test_a_card_of_endless_text_is_left_out_alone():
    long = "x" * 200_000
    card = "<card><entry><headword charset='sc'>水</headword><defn>{}</defn></entry></card>"
    _, records = read(f"<plecoflash><cards>{card.format(long)}{card.format('water')}</cards></plecoflash>")
    assert [record.problem for record in records] == ["The card is longer than 131,072 characters.", ""]
