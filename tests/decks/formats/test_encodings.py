"""Bytes read as text, whatever they were written in: each encoding told from the others."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decks.formats.encodings import NoText, decode

SIMPLIFIED = "学生,xuésheng,student\n老师,lǎoshī,teacher\n苹果,píngguǒ,apple\n"
TRADITIONAL = "學習,xuéxí,to study\n電腦,diànnǎo,computer\n國語,guóyǔ,Mandarin\n醫生,yīshēng,doctor\n"
FRENCH = "élève;étudiant à l'école\ncafé;thé à la menthe\nnaïf;garçon\nœuvre;cœur\n"
GERMAN = "Größe;Straße;Müßiggang\nÄpfel;Öl;Übung\nweiß;heiß;süß\n"
SPANISH = "¿Qué?;¡Español!\nniño;mañana;corazón\n"
RARE = "𠮷野家,Jíyějiā,😀\n龘,dá,dragons in flight\n"


@pytest.mark.parametrize("text", [SIMPLIFIED, TRADITIONAL, SIMPLIFIED + TRADITIONAL, RARE + SIMPLIFIED])
@pytest.mark.parametrize(
    ("encoding", "mark", "name"),
    [
        ("utf-8", b"", "UTF-8"),
        ("utf-8", codecs.BOM_UTF8, "UTF-8"),
        ("utf-16-le", codecs.BOM_UTF16_LE, "UTF-16"),
        ("utf-16-be", codecs.BOM_UTF16_BE, "UTF-16"),
        ("utf-16-le", b"", "UTF-16"),
        ("utf-16-be", b"", "UTF-16"),
        ("utf-32-le", codecs.BOM_UTF32_LE, "UTF-32-LE"),
        ("utf-32-be", codecs.BOM_UTF32_BE, "UTF-32-BE"),
        ("gb18030", b"", "GB18030"),
    ],
)
def test_chinese_is_read_in_every_encoding(text, encoding, mark, name):
    found = decode(mark + text.encode(encoding))
    assert (found.text, found.name, found.damaged) == (text, name, False)


@pytest.mark.parametrize(
    "text", [FRENCH, GERMAN, SPANISH, *FRENCH.split("\n")[:3], *GERMAN.split("\n")[:3], "Größe;size\n"]
)
def test_latin_1_is_not_taken_for_chinese(text):
    found = decode(text.encode("cp1252"))
    assert (found.text, found.name) == (text, "Latin 1")


@pytest.mark.parametrize(
    "word", [*"学生老师苹果水看行得地", "學習", "電腦", "國語", "東西", "時間", "說話", "你好，世界。", "nǐ hǎo", "𠮷"]
)
def test_one_word_is_enough_to_tell_chinese(word):
    found = decode(f"{word},x\n".encode("gb18030"))
    assert (found.text, found.name) == (f"{word},x\n", "GB18030")


HANZI = st.text(st.characters(codec="gb2312", min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=1, max_size=4)
ENGLISH = st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyz -'"), max_size=12)
LATIN = st.lists(st.sampled_from((FRENCH + GERMAN + SPANISH).replace(";", "\n").split()), min_size=3, max_size=12)


@given(st.lists(st.tuples(HANZI, ENGLISH), min_size=1, max_size=8), st.sampled_from([",", "\t", ";"]))
def test_lists_of_words_are_read_alike_in_every_encoding(rows, delimiter):
    text = "".join(f"{hanzi}{delimiter}{english}\r\n" for hanzi, english in rows)
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"):
        assert decode(text.encode(encoding)).text == text


@given(LATIN)
def test_lists_of_european_words_are_read_alike_in_latin_1_and_utf_8(words):
    text = ";".join(words) + "\n"
    assert decode(text.encode()).text == text
    assert decode(text.encode("cp1252")).text == text


def test_a_few_bad_bytes_leave_utf_8_what_it_is():
    data = (SIMPLIFIED * 20).encode() + b"\xff\xfe,bad\n" + b"\xed\xa0\x80,half a pair\n"
    found = decode(data)
    assert (found.name, found.damaged) == ("UTF-8", True)
    assert found.text.startswith(SIMPLIFIED)
    assert "\ufffd" in found.text


def test_half_a_pair_in_utf_16_is_damage():
    found = decode(codecs.BOM_UTF16_LE + "学\n".encode("utf-16-le") + b"\x00\xd8\n\x00")
    assert (found.text[:2], found.damaged) == ("学\n", True)


@pytest.mark.parametrize(
    "data",
    [bytes(range(256)) * 8, b"\x89PNG\r\n\x1a\n" + bytes(400), b"PK\x03\x04\x14\x00\x06\x00" * 20, b"\0" * 1000],
)
def test_what_is_no_text_is_refused(data):
    with pytest.raises(NoText, match="This is no text file"):
        decode(data)


@given(st.binary(max_size=300))
def test_any_bytes_are_text_or_none(data):
    try:
        found = decode(data)
    except NoText:
        return
    assert found.text.encode("utf-8", "surrogatepass").decode("utf-8", "strict") == found.text
