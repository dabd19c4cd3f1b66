"""The dictionary's pages, as a browser without scripts sees them, and the drawings of characters."""

import gzip
import json

import pytest
from django.conf import settings
from django.urls import reverse

from accounts.models import HanziFont, HskStandard, Script
from decks.dictionary import open_dictionary
from tests.decks.pages import links, text

XUE = "/strokes/5b66.json"


@pytest.fixture
def as_user(client, user):
    client.force_login(user)
    return client


def entry(client, word, **extra):
    return client.get(reverse("entry", args=[word]), **extra)


# The strokes


def test_a_drawing_comes_packed_as_it_is_stored(client, db, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get(XUE, headers={"accept-encoding": "br, gzip"})
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"
    assert response["Content-Encoding"] == "gzip"
    assert response["Cache-Control"] == "public, max-age=86400"
    assert response["Vary"] == "Accept-Encoding"
    assert response.content == open_dictionary(settings.DICTIONARY_PATH).character("学").drawing
    drawing = json.loads(gzip.decompress(response.content))
    assert (len(drawing["strokes"]), len(drawing["medians"])) == (8, 8)


@pytest.mark.parametrize("accepted", [None, "br", "gzip;q=0", "gzip; q=0.0, br", "identity"])
def test_a_drawing_is_unpacked_for_whoever_reads_no_gzip(client, accepted):
    response = client.get(XUE, headers={"accept-encoding": accepted} if accepted else {})
    assert "Content-Encoding" not in response
    assert response["Vary"] == "Accept-Encoding"
    assert len(json.loads(response.content)["strokes"]) == 8


def test_a_drawing_that_has_not_changed_is_not_sent_again(client, db, django_assert_num_queries):
    etag = client.get(XUE)["ETag"]
    with django_assert_num_queries(0):
        response = client.get(XUE, headers={"if-none-match": etag, "accept-encoding": "gzip"})
    assert (response.status_code, response.content, response["ETag"]) == (304, b"", etag)
    assert (response["Cache-Control"], response["Vary"]) == ("public, max-age=86400", "Accept-Encoding")
    assert client.get("/strokes/751f.json")["ETag"] != etag


@pytest.mark.parametrize(
    "code",
    [
        "3410",
        "4dff",
        "0041",
        "d800",
        "dfff",
        "110000",
        "ffffff",
        "5B66",
        "5b66 ",
        "+5b66",
        "0x5b66",
        "学",
        "0",
        "-1",
        "x",
    ],
)
def test_a_character_without_a_drawing_is_a_404_that_a_script_can_read(client, db, code, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get(f"/strokes/{code}.json")
    assert response.status_code == 404
    detail = "There is no drawing of this character."
    assert response.json() == {"detail": detail, "error_code": "NOT_FOUND", "status_code": 404}


def test_a_drawing_is_only_read(client):
    assert client.post(XUE).status_code == 405


# An entry


def test_an_entry_tells_all_of_a_word(client, db, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = entry(client, "学生")
    page = text(response)
    assert "学生 學生 HSK 3.0 (2025) level 1 HSK 3.0 (2021) level 1 HSK 2.0 level 1" in page
    assert "Among the 500 most frequent words xué sheng ㄒㄩㄝˊ ˙ㄕㄥ Listen" in page
    assert "student schoolchild" in page
    assert "Alone 学 xué learning, knowledge; school Radical 子 (39) Strokes 8 Contains 小 冖 子" in page
    assert "老师 说话 ， 学生 听写 。 Lǎoshī shuōhuà, xuésheng tīngxiě." in page
    content = response.content.decode()
    assert '<span class="tone2">xué</span><span class="tone5">sheng</span>' in content
    assert content.count("<mark>学生</mark>") == 5
    assert '<span lang="zh-Hans">学生</span>' in content
    assert '<span lang="zh-Hant" class="other-script">學生</span>' in content
    assert "<title>学生 xuésheng · Chinese Flashcards</title>" in content


def test_a_learner_costs_a_query_for_their_decks(as_user, django_assert_num_queries):
    with django_assert_num_queries(3):
        entry(as_user, "画蛇添足")


def test_the_best_reading_comes_first(client):
    assert [each.pinyin for each, *_ in entry(client, "得").context["readings"]] == ["de", "dé", "děi", "dè"]


def test_references_and_measure_words_are_links_where_there_is_an_entry(client):
    assert links(entry(client, "马"))["匹"] == "匹 pǐ"
    tortoise = links(entry(client, "龟"))
    assert (tortoise["皲"], tortoise["龟兹"]) == ("皲 jūn", "龟兹 Qiūcí")
    de = entry(client, "的")
    assert "as in 皮革的 pígéde" in text(de)
    assert "皮革的" not in links(de)
    assert "(Taiwan pr. zhàng)" in text(entry(client, "长"))


def test_each_word_of_a_sentence_leads_to_its_entry_but_the_one_that_is_read(client):
    page = entry(client, "行")
    assert {"我们", "走", "语言", "练"} <= links(page).keys()
    assert "行" not in links(page)
    assert page.content.decode().count("<mark>行</mark>") == 3


def test_a_traditional_form_leads_to_the_word_with_its_own_reading_first(client):
    page = entry(client, "髮")
    assert page.context["word"].simplified == "发"
    assert page.context["forms"] == [("zh-Hant", "髮"), ("zh-Hans", "发")]
    assert [each.pinyin for each, *_ in page.context["readings"]] == ["fà", "fā"]
    assert [each.character for each, *_ in page.context["characters"]] == ["髮"]


def test_a_learner_sees_their_script_their_standard_first_and_their_face(as_user, user):
    user.script, user.hsk_standard, user.hanzi_font = Script.TRADITIONAL, HskStandard.HSK_2, HanziFont.KAI
    user.stroke_leniency = "lenient"
    user.save()
    page = entry(as_user, "画蛇添足")
    assert page.context["forms"] == [("zh-Hant", "畫蛇添足"), ("zh-Hans", "画蛇添足")]
    assert page.context["levels"][0] == ("HSK 2.0", "6")
    content = page.content.decode()
    assert '<article class="entry kai"' in content
    assert 'data-characters="畫蛇添足" data-leniency="lenient"' in content


def test_another_learner_keeps_their_own_way(client, stranger, user):
    user.script = Script.TRADITIONAL
    user.save()
    client.force_login(stranger)
    assert entry(client, "学生").context["forms"][0] == ("zh-Hans", "学生")


@pytest.mark.parametrize(
    ("word", "band"), [("的", 100), ("长", 200), ("学生", 500), ("龟", 10_000), ("画蛇添足", None), ("㐄", None)]
)
def test_how_frequent_a_word_is_is_told_in_bands(client, word, band):
    assert entry(client, word).context["frequent"] == band


def test_a_word_that_is_put_together_says_so(client):
    assert "Not in CC-CEDICT: put together from its parts." in text(entry(client, "车上"))


def test_what_cannot_be_drawn_is_not_practised(client):
    content = entry(client, "㐄").content.decode()
    assert "data-practise" not in content
    assert "js/dictionary" not in content


@pytest.mark.parametrize(
    ("character", "parts"),
    [
        ("学", ["小", "冖", "子"]),
        ("得", ["彳"]),
        ("生", []),
        ("跑", ["足", "包"]),
        ("龜", ["刀", "丨", "彐", "囗", "乂"]),
    ],
)
def test_a_character_names_those_of_its_parts_that_can_be_shown_and_looked_up(client, character, parts):
    [(_, _, named)] = entry(client, character).context["characters"]
    assert named == parts


# Its core, for a dialog


@pytest.mark.parametrize("extra", [{"headers": {"hx-request": "true"}}, {"query_params": {"part": "1"}}])
def test_a_dialog_gets_the_core_alone(client, extra):
    response = entry(client, "学生", **extra)
    content = response.content.decode().strip()
    assert content.startswith('<article class="entry" aria-labelledby="entry-word">')
    assert content.endswith("</article>")
    assert '<h2 id="entry-word" class="hanzi">' in content
    assert "schoolchild" in content
    assert "The whole entry" in content
    assert "Radical" not in content
    assert response["Vary"] == "HX-Request, Cookie"


def test_a_dialog_is_told_that_a_word_is_unknown(client):
    response = entry(client, "xyzzy", query_params={"part": "1"})
    assert text(response, 404) == "No entry for “xyzzy” CC-CEDICT doesn’t have this word."


# A word that is not there


def test_an_unknown_word_is_a_404_with_a_way_on(client):
    response = entry(client, "学生老师")
    page = text(response, 404)
    assert "No entry for “学生老师” CC-CEDICT doesn’t have this word." in page
    assert links(response) == {"学生": "学生 學生", "老师": "老师 老師"}
    assert 'name="q" value="学生老师"' in response.content.decode()


@pytest.mark.parametrize(
    "written",
    ["%00", "%ED%A0%80", "%FF", "%F0%9F%98%80", "a" * 5000, "%3Cscript%3Ealert(1)%3C", "%3Fq", "  "],
)
@pytest.mark.parametrize("part", ["", "?part=1"])
def test_rubbish_is_an_unknown_word(client, written, part):
    response = client.get(f"/dictionary/{written}/{part}")
    assert response.status_code == 404
    assert b"alert(1)<" not in response.content
    assert b"No entry for" in response.content


# What else an entry leads to


def test_an_entry_names_characters_with_the_same_part_and_words_that_contain_it(client):
    page = entry(client, "学")
    assert dict(page.context["sharing"])["子"][:4] == ["好", "字", "李", "季"]
    assert [forms[0][1] for forms, *_ in page.context["containing"]][:4] == ["学生", "大学", "学校", "学习"]
    assert page.context["all_containing"] == "/dictionary/?q=%2A%E5%AD%A6%2A&list=1"


def test_a_character_that_is_a_part_of_others_names_them(client):
    assert dict(entry(client, "长").context["sharing"])["长"][:3] == ["张", "帐", "账"]


def test_a_traditional_entry_names_traditional_characters(client):
    assert dict(entry(client, "說").context["sharing"])["言"][:3] == ["這", "説", "讓"]


def test_a_simplified_word_that_is_another_ones_traditional_form_says_so(client):
    assert "乾 is also the traditional form of 干 gàn ." in text(entry(client, "乾"))
    assert "is also the traditional form" not in text(entry(client, "学生"))


@pytest.mark.parametrize("name", ["dictionary", "entry"])
def test_the_dictionary_is_only_read(client, name):
    assert client.post(reverse(name, args=["学"] if name == "entry" else [])).status_code == 405
