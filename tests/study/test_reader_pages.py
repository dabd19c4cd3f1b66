"""The reader's pages and its API: whose texts they are, what is kept of them, and that nothing breaks them."""

import re
import time
from urllib.parse import urlencode

import pytest
from django.test import Client
from uuid_utils.compat import uuid7

from decks.models import Deck, Visibility
from study.models import Reading
from study.readings import LONGEST_TEXT
from tests.study.pages import main_of, page
from tests.study.texts import a_text, know

NOBODY_S = "01900000-0000-7000-8000-000000000000"
HOSTILE = {
    "markup": "<script>alert(1)</script><b>学生</b> &amp; \"' {{ 学生 }} {% url %}",
    "NULs": "学\0生\0",
    "RTL marks": "\u202e学生\u202c \u200f老师\u2066水\u2069",
    "one line": "学生老师" * 12_500,
    "one line of letters": "a" * 50_000,
    "punctuation": "。，！？（）「」…—!?.,:;" * 100,
    "spaces": "学 生\t老\u3000师\u00a0水",
    "lines": "学\n" * 20_000,
    "rare": "𠀀𠮷龘㐀豈〇⺮\U0002fa1d",
    "emoji": "👩‍👩‍👧‍👦🇨🇳学生❤️",
}


@pytest.fixture
def make_text(user):
    """Return a function that makes a text of the learner's, or of somebody else."""

    def make_text(text="我是学生。老师喝水。", title="水", user=user, **fields):
        return Reading.objects.create(user=user, title=title, text=text, **fields)

    return make_text


@pytest.fixture
def known(user, make_deck, remember):
    return know(user, make_deck, remember)


def words_on(response):
    """Return the words of the text on a page, as (text, state)."""
    links = re.findall(r'<a id="w\d+" class="(\w+)" href="\d+/">(.*?)</a>', main_of(response))
    return [(re.sub(r"<rt.*?</rt>|<[^>]*>", "", text), state) for state, text in links]


# ---- Whose texts they are

ADDRESSES = ["", "0/", "cut/", "rename/", "delete/", "deck/"]


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_only_the_learner_sees_a_text_or_changes_it(client, user, stranger, make_text, address, method):
    text = make_text()
    path = f"/reader/{text.pk}/{address}"
    response = getattr(client, method)(path)
    assert (response.status_code, response["Location"].split("?")[0]) == (302, "/accounts/login/")
    stranger.is_staff = stranger.is_superuser = True
    stranger.save()
    client.force_login(stranger)
    data = {"bounds": "2 3 4", "title": "Mine", "name": "Mine", "id": uuid7(), "words": "学生"}
    assert getattr(client, method)(path, data).status_code == (
        405 if method == "post" and address in ("", "0/") else 404
    )
    text.refresh_from_db()
    assert (text.title, text.cuts, Deck.objects.count()) == ("水", {}, 0)
    client.force_login(user)
    assert client.get(path).status_code in (200, 302, 405)


def test_a_list_has_only_the_learners_own_texts(client, user, stranger, make_text):
    make_text(title="Mine")
    make_text(title="Wang's", user=stranger)
    assert client.get("/reader/").status_code == 302
    client.force_login(user)
    assert "Mine" in page(client.get("/reader/"))
    assert "Wang" not in page(client.get("/reader/"))


@pytest.mark.parametrize("address", ["0190/", f"{NOBODY_S}/", f"{NOBODY_S}/deck/"])
def test_a_text_that_is_not_there_is_not_found(as_user, address):
    assert as_user.get(f"/reader/{address}").status_code == 404


def test_forms_need_their_token(user, make_text):
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    text = make_text()
    for path in ("/reader/", *(f"/reader/{text.pk}/{address}" for address in ("cut/", "rename/", "delete/", "deck/"))):
        assert client.post(path, {"text": "学生"}).status_code == 403
    assert Reading.objects.count() == 1


# ---- A text is kept


def test_a_pasted_text_is_kept_and_shown(as_user, known):
    response = as_user.post("/reader/", {"text": " 我是学生。\r\n老师喝水。 ", "title": ""})
    text = Reading.objects.get()
    assert response["Location"] == f"/reader/{text.pk}/"
    assert (text.title, text.text, text.cuts) == ("我是学生。", "我是学生。\n老师喝水。", {})
    response = as_user.get(response["Location"])
    assert words_on(response) == [
        *(("我", "review"), ("是", "review"), ("学生", "mastered")),
        *(("老师", "learning"), ("喝", "unknown"), ("水", "learning")),
    ]
    said = page(response)
    assert (
        "You know 50 % of its 6 running words. 3 words more and you know 95 %. 3 words more and you know 98 %." in said
    )
    assert "6 different words (3 known) of 8 different characters" in said


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("学" * (LONGEST_TEXT + 1), "At most 50,000 characters: these are 50,001."),
        (" \n\0 ", "Paste a Chinese text."),
        ("", "Paste a Chinese text."),
    ],
    ids=["long", "only what can't be shown", "empty"],
)
def test_a_text_that_can_not_be_kept_stays_in_the_form(as_user, text, why):
    response = as_user.post("/reader/", {"text": text, "title": "Title"})
    assert why in page(response, 400)
    assert 'value="Title"' in main_of(response, 400)
    assert main_of(response, 400).count("学") == text.count("学")
    assert not Reading.objects.exists()


def test_the_longest_text_is_kept_whole_whatever_its_line_ends(as_user):
    as_user.post("/reader/", {"text": "学生\r\n" * (LONGEST_TEXT // 3)})
    assert len(Reading.objects.get().text) == LONGEST_TEXT // 3 * 3 - 1


@pytest.mark.parametrize("name", HOSTILE)
def test_no_text_breaks_the_pages(as_user, name):
    response = as_user.post("/reader/", {"text": HOSTILE[name], "title": HOSTILE[name][:100]}, follow=True)
    assert response.status_code == 200
    assert "<script>alert" not in response.content.decode()
    text = Reading.objects.get()
    for address in ("", "?page=2", "?page=99", "?pinyin=all&colours=off&script=written", "deck/", "delete/"):
        assert as_user.get(f"/reader/{text.pk}/{address}").status_code == 200
    for start in (0, 1, len(text.text) - 1, len(text.text), 10**30):
        assert as_user.get(f"/reader/{text.pk}/{start}/").status_code in (200, 404)


def test_half_of_a_surrogate_pair_is_left_out(as_user):
    body = urlencode({"text": "学生", "title": ""}) + "%ED%A0%80"
    as_user.generic("POST", "/reader/", body, content_type="application/x-www-form-urlencoded")
    assert Reading.objects.get().text == "学生"


def test_the_texts_come_page_by_page_the_newest_first(as_user, make_text, django_assert_num_queries):
    for number in range(25):
        make_text(title=f"Text {number}.", text="学生" * number + "水")
    with django_assert_num_queries(4):  # the session, the learner, how many, and a page of them
        first = page(as_user.get("/reader/"))
    assert re.findall(r"Text (\d+)\. ", first) == [str(number) for number in range(24, 4, -1) for _ in range(2)]
    assert "49 characters" in first
    assert re.findall(r"Text (\d+)\. ", page(as_user.get("/reader/?page=2")))[::2] == list("43210")


def test_a_text_gets_another_title(as_user, make_text):
    text = make_text()
    as_user.post(f"/reader/{text.pk}/rename/", {"title": "  A  story\0 "})
    text.refresh_from_db()
    assert text.title == "A story"
    as_user.post(f"/reader/{text.pk}/rename/", {"title": " "})
    text.refresh_from_db()
    assert text.title == "我是学生。老师喝水。"
    assert "at most 100 characters" in page(as_user.post(f"/reader/{text.pk}/rename/", {"title": "x" * 101}), 400)


def test_a_text_is_deleted_once_that_is_confirmed(as_user, make_text):
    text = make_text()
    assert "Delete “ 水 ”?" in page(as_user.get(f"/reader/{text.pk}/delete/"))
    assert Reading.objects.exists()
    assert "“水” is deleted." in page(as_user.post(f"/reader/{text.pk}/delete/", follow=True))
    assert not Reading.objects.exists()
    assert as_user.get(f"/reader/{text.pk}/").status_code == 404


# ---- How it is shown


def test_a_page_takes_the_same_queries_whatever_its_text(as_user, known, make_text, django_assert_num_queries):
    texts = [make_text(), make_text(a_text(20_000))]
    for text in texts:
        with django_assert_num_queries(4):  # the session, the learner, the text, and what is known of it
            as_user.get(f"/reader/{text.pk}/")
        with django_assert_num_queries(5):  # and in which decks its words are
            as_user.get(f"/reader/{text.pk}/deck/")
        with django_assert_num_queries(5):  # what is known of the word, and its card
            as_user.get(f"/reader/{text.pk}/0/")


def test_a_line_may_end_between_words_but_in_none(as_user, make_text):
    text = make_text("“我是学生”，他说。")
    shown = re.sub(r"<(?!wbr)[^>]*>", "", main_of(as_user.get(f"/reader/{text.pk}/?pinyin=none")))
    assert "“我<wbr>是<wbr>学生”，他<wbr>说。" in shown


def test_a_place_of_a_text_leads_to_its_page(as_user, make_text):
    text = make_text("\n".join(["我是学生。" * 1000] * 3))
    shown = [
        re.findall(r"Page (\d) of 3", page(as_user.get(f"/reader/{text.pk}/{asked}")))
        for asked in ("", "?page=2", "?at=0", "?at=5001", "?at=10003", "?at=999999999999", "?at=x", "?page=x")
    ]
    assert shown == [["1"], ["2"], ["1"], ["2"], ["3"], ["3"], ["1"], ["1"]]


def test_ways_of_reading_are_kept_for_the_next_pages(as_user, make_text):
    text = make_text("他說學生")
    plain = main_of(as_user.get(f"/reader/{text.pk}/"))
    assert ("他说" in re.sub("<[^>]*>", "", re.sub("<rt.*?</rt>", "", plain)), "<rt" in plain) == (True, True)
    shown = main_of(as_user.get(f"/reader/{text.pk}/?pinyin=none&colours=off&script=written"))
    assert ('class="text plain"' in shown, "<rt" in shown, 'lang="zh-Hant" dir' in shown) == (True, False, True)
    assert 'class="text plain"' in main_of(as_user.get(f"/reader/{text.pk}/"))
    assert 'class="text plain"' in main_of(as_user.get(f"/reader/{text.pk}/?colours=purple"))


def test_pinyin_or_zhuyin_stands_over_words_as_the_learner_has_chosen(as_user, user, make_text):
    text = make_text("学生")
    assert '<rt lang="zh-Latn-pinyin">xuésheng</rt>' in main_of(as_user.get(f"/reader/{text.pk}/"))
    user.phonetic = "zhuyin"
    user.save()
    assert '<rt lang="zh-Bopo">ㄒㄩㄝˊ ˙ㄕㄥ</rt>' in main_of(as_user.get(f"/reader/{text.pk}/"))


# ---- A word


def test_a_word_leads_to_its_entry_and_what_is_known_of_it(as_user, known, make_text):
    text = make_text()
    said = page(as_user.get(f"/reader/{text.pk}/2/"))
    assert "student" in said
    assert "To you it is known (mastered) ." in said
    assert "我" not in said
    assert "I know this word" not in said
    assert "I know this word" in page(as_user.get(f"/reader/{text.pk}/5/"))


def test_for_a_dialog_there_is_only_the_word(as_user, make_text):
    response = as_user.get(f"/reader/{make_text().pk}/2/", headers={"HX-Request": "true"})
    assert "<html" not in response.content.decode()
    assert 'value="2 3 4"' in response.content.decode()


def test_a_word_that_is_known_already_is_marked_so(as_user, known, make_text):
    text = make_text()
    form = main_of(as_user.get(f"/reader/{text.pk}/5/")).split('action="/study/acts/"')[1].split("</form>")[0]
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    response = as_user.post("/study/acts/", fields)
    assert response["Location"] == f"/reader/{text.pk}/?at=5#w5"
    assert ("老师", "mastered") in words_on(as_user.get(f"/reader/{text.pk}/"))


def test_words_are_split_and_joined(as_user, make_text):
    text = make_text("小明是学生。\n" * 3)
    response = as_user.post(f"/reader/{text.pk}/cut/", {"bounds": "0 2", "everywhere": "on"})
    assert response["Location"] == f"/reader/{text.pk}/?at=0#w0"
    shown = as_user.get(f"/reader/{text.pk}/")
    assert [word for word, _ in words_on(shown)] == ["小明", "是", "学生"] * 3
    assert "小明: one word now, in 3 places." in page(shown)
    as_user.post(f"/reader/{text.pk}/cut/", {"bounds": "3 4 5"})
    assert [word for word, _ in words_on(as_user.get(f"/reader/{text.pk}/"))][:7] == [
        *("小明", "是", "学", "生", "小明", "是", "学生")
    ]
    as_user.post(f"/reader/{text.pk}/cut/", {"reset": "1"})
    text.refresh_from_db()
    assert text.cuts == {}


@pytest.mark.parametrize("bounds", ["", "0", "x y", "0 1", "0 3 2", "-1 2", "0 999999", "4 7", "0 " * 50])
def test_cuts_that_can_not_be_are_refused(as_user, make_text, bounds):
    text = make_text()
    response = as_user.post(f"/reader/{text.pk}/cut/", {"bounds": bounds})
    if bounds == "0 1":  # it is a word already
        assert response.status_code == 302
    else:
        assert "Your text is as it was." in page(response, 400)
    text.refresh_from_db()
    assert text.cuts in ({}, {"apart": [], "together": []})


# ---- A deck of its words


def deck_form(as_user, text, address="deck/"):
    """Return the fields of the form by which a deck is made."""
    markup = main_of(as_user.get(f"/reader/{text.pk}/{address}"))
    form = markup.split("make-deck" if not address else "choose-words")[1].split("</form>")[0]
    names = {name: re.search(rf'name="{name}" value="([^"]*)"', form)[1] for name in ("id",)}
    names["name"] = re.search(r'name="name" value="([^"]*)"', form)[1]
    return names | {"words": re.findall(r'name="words" value="(\w+)" checked', form)}


def test_one_button_makes_a_deck_of_the_words_that_are_in_none(as_user, user, known, make_text):
    text = make_text("我喝水。猫喝水，猫是学生。", title="猫")
    fields = deck_form(as_user, text, "") | {"top": "2"}
    response = as_user.post(f"/reader/{text.pk}/deck/", fields, follow=True)
    deck = Deck.objects.get(pk=fields["id"])
    assert (deck.user, deck.name, deck.visibility) == (user, "猫", Visibility.PRIVATE)
    assert list(deck.cards.values_list("hanzi", "pinyin", "sentence", "sentence_pinyin", "sentence_translation")) == [
        ("喝", "hē", "我喝水。", "Wǒ hē shuǐ.", ""),
        ("猫", "māo", "猫喝水，猫是学生。", "Māo hē shuǐ, māo shì xuésheng.", ""),
    ]
    assert user.enrolments.filter(deck=deck).exists()
    assert "猫: 2 words, and you study it now." in page(response)


def test_words_are_ticked_one_by_one_and_told_where_they_are_already(as_user, user, known, make_text):
    text = make_text("喝水。猫喝水。")
    shown = page(as_user.get(f"/reader/{text.pk}/deck/"))
    assert "In your deck Mine, learning." in shown
    assert deck_form(as_user, text)["words"] == ["喝", "猫"]
    assert deck_form(as_user, text, "deck/?top=1")["words"] == ["喝"]
    fields = deck_form(as_user, text) | {"words": ["水", "猫"], "name": "Two"}
    as_user.post(f"/reader/{text.pk}/deck/", fields)
    assert list(user.decks.get(name="Two").cards.values_list("hanzi", flat=True)) == ["水", "猫"]


def test_the_same_form_sent_twice_makes_one_deck(as_user, user, make_text):
    text = make_text()
    fields = deck_form(as_user, text)
    first = as_user.post(f"/reader/{text.pk}/deck/", fields)
    again = as_user.post(f"/reader/{text.pk}/deck/", fields, follow=True)
    assert again.redirect_chain == [(first["Location"], 302)]
    assert "this deck was made before" in page(again)
    assert user.decks.count() == 1
    assert user.decks.get().cards.count() == 6


def test_an_id_of_somebody_elses_deck_makes_none(as_user, user, stranger, make_deck, make_text):
    theirs = make_deck(user=stranger, name="Wang's")
    fields = deck_form(as_user, make_text())
    response = as_user.post(f"/reader/{Reading.objects.get().pk}/deck/", fields | {"id": theirs.pk})
    assert "The deck that this form has made is gone." in page(response, 400)
    assert str(theirs.pk) not in main_of(response, 400)
    assert (user.decks.count(), theirs.cards.count()) == (0, 5)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"words": []}, "Tick at least one word."),
        ({"words": ["飞机"]}, "Tick at least one word."),
        ({"name": ""}, "This field is required."),
        ({"name": "x" * 101}, "at most 100 characters"),
        ({"words": [], "top": "0"}, "greater than or equal to 1"),
        ({"id": "x"}, "Enter a valid UUID"),
    ],
)
def test_a_deck_that_can_not_be_made_is_refused(as_user, user, make_text, fields, why):
    text = make_text()
    response = as_user.post(f"/reader/{text.pk}/deck/", deck_form(as_user, text) | fields)
    assert why in page(response, 400)
    assert not user.decks.exists()


def test_of_a_text_that_is_known_there_is_nothing_to_learn(as_user, known, make_text):
    text = make_text("我是学生")
    assert "You know every word of this text." in page(as_user.get(f"/reader/{text.pk}/deck/"))
    assert "You know 100 % of its 3 running words." in page(as_user.get(f"/reader/{text.pk}/"))


# ---- As JSON


@pytest.fixture
def analyse(as_user):
    """Return a function that has a text analysed."""
    return lambda data: as_user.post("/api/reader/analyse", data, content_type="application/json")


def test_a_text_is_analysed_and_not_kept(analyse, known):
    response = analyse({"text": "我是學生。龘！猫猫"})
    assert response.status_code == 200
    data = response.json()
    assert data["tokens"] == [
        {"text": "我", "word": "我", "state": "review"},
        {"text": "是", "word": "是", "state": "review"},
        {"text": "學生", "word": "学生", "state": "mastered"},
        {"text": "。", "word": None, "state": "ignored"},
        {"text": "龘", "word": "龘", "state": "unknown"},
        {"text": "！", "word": None, "state": "ignored"},
        {"text": "猫", "word": "猫", "state": "unknown"},
        {"text": "猫", "word": "猫", "state": "unknown"},
    ]
    assert (data["running_words"], data["distinct_words"], data["distinct_characters"]) == (6, 5, 6)
    assert data["known"] == 0.5
    assert data["goals"] == {"95": 2, "98": 2}
    assert data["by_level"]["1"] == {"running": 5, "known": 3, "distinct": 4, "distinct_known": 3}
    assert data["by_level"]["none"] == {"running": 1, "known": 0, "distinct": 1, "distinct_known": 0}
    assert [(each["word"], each["count"], each["pinyin"]) for each in data["unknown"]] == [
        ("猫", 2, "māo"),
        ("龘", 1, "dá"),
    ]
    assert not Reading.objects.exists()


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        ({}, {"text": ["This field is required."]}),
        ({"text": ""}, {"text": ["This field may not be blank."]}),
        ({"text": "学" * 50_001}, {"text": ["At most 50,000 characters: these are 50,001."]}),
        ({"text": "学\0"}, {"text": ["Null characters are not allowed."]}),
        ({"text": ["学"]}, {"text": ["Not a valid string."]}),
    ],
    ids=["none", "empty", "long", "NUL", "list"],
)
def test_the_api_says_what_is_wrong_with_a_text(analyse, data, detail):
    response = analyse(data)
    assert (response.status_code, response.json()) == (
        400,
        {"detail": detail, "error_code": "VALIDATION_ERROR", "status_code": 400},
    )


@pytest.mark.parametrize("body", [rb'{"text": "\ud800"}', b'["text"]', b'{"text": ', b"\xff", b"null"])
def test_hostile_json_is_refused(as_user, body):
    response = as_user.generic("POST", "/api/reader/analyse", body, content_type="application/json")
    assert response.json()["status_code"] == response.status_code == 400


def test_the_api_is_for_learners_only_and_tells_each_their_own(client, user, stranger, known):
    send = lambda: client.post("/api/reader/analyse", {"text": "我"}, content_type="application/json")  # noqa: E731
    response = send()
    assert (response.status_code, response.json()["status_code"]) == (403, 403)
    for learner, state in ((user, "review"), (stranger, "unknown")):
        client.force_login(learner)
        assert send().json()["tokens"][0]["state"] == state
    assert client.get("/api/reader/analyse").status_code == 405


@pytest.mark.parametrize("name", HOSTILE)
def test_no_text_breaks_the_api(analyse, name):
    assert analyse({"text": HOSTILE[name]}).status_code == (400 if "\0" in HOSTILE[name] else 200)


# ---- How long it takes


def test_a_text_of_20_000_characters_is_pasted_and_shown_within_a_second(as_user, known):
    text = a_text(20_000)
    as_user.post("/reader/", {"text": "学生"}, follow=True)  # templates and the dictionary are read once
    started, cpu = time.perf_counter(), time.process_time()
    response = as_user.post("/reader/", {"text": text}, follow=True)
    taken, cpu = time.perf_counter() - started, time.process_time() - cpu
    print(f"20,000 characters: {1000 * cpu:.0f} ms of CPU, {1000 * taken:.0f} ms, {len(response.content):,} bytes")
    assert words_on(response)
    assert cpu < 1
