"""The page on which words are pasted, looked at as cards and saved."""

import re
import time
from html import unescape
from urllib.parse import urlencode
from uuid import UUID

import pytest
from django.conf import settings as site
from django.test import Client
from django.urls import reverse

from decks.dictionary import open_dictionary
from decks.models import Card, Deck, Visibility
from study.models import Enrolment
from tests.study.pages import main_of, page

NOWHERE = UUID("01990000-0000-7000-8000-00000000dead")
FORM = "application/x-www-form-urlencoded"
FIELD = re.compile(r"<(input|textarea|option)\b([^>]*)>(?:\n?([^<]*)</textarea>)?")


@pytest.fixture
def mine(make_deck, user):
    return make_deck([], name="Mine", user=user, visibility=Visibility.PRIVATE)


@pytest.fixture
def address(mine):
    return reverse("deck-add", args=[mine.pk])


@pytest.fixture
def paste(as_user, address):
    """Return a function that pastes a text to the learner's deck and returns the page of cards."""

    def paste(text, to=address, **fields):
        return as_user.post(to, {"text": text} | fields)

    return paste


def fields_of(response, status=200):
    """Return what the form of cards would send as it stands, as pairs."""
    found = []
    form = main_of(response, status).split('id="cards-to-be"')[1].split("</form>")[0]
    for tag, attributes, content in FIELD.findall(form):
        named = dict(re.findall(r'([\w-]+)="([^"]*)"', attributes))
        if "name" not in named or named["name"] == "csrfmiddlewaretoken":
            continue
        if named.get("type") in ("checkbox", "radio") and not re.search(r"\bchecked\b", attributes):
            continue
        found.append((named["name"], unescape(content if tag == "textarea" else named.get("value", ""))))
    return found


def send(client, address, pairs, **changes):
    """Send the form of cards as a browser does, with some fields changed; a mapping has values by row."""
    data = {}
    for name, value in pairs:
        data.setdefault(name, []).append(value)
    for keyword, change in changes.items():
        name = keyword.replace("__", "-")
        by_row = isinstance(change, dict)
        data[name] = [change.get(at, value) for at, value in enumerate(data[name])] if by_row else change
    return client.post(address, urlencode({"act": "save"} | data, doseq=True), content_type=FORM)


def cards_of(deck):
    return list(deck.cards.values_list("hanzi", "traditional", "pinyin", "english"))


STUDENT = ("学生", "學生", "xuésheng", "student; schoolchild")
TEACHER = ("老师", "老師", "lǎoshī", "teacher")


class TestAccess:
    def test_a_visitor_is_asked_to_log_in(self, client, address):
        for each in ("/add/", address):
            for method in (client.get, client.post):
                response = method(each)
                assert (response.status_code, response["Location"]) == (302, f"/accounts/login/?next={each}")

    @pytest.mark.parametrize("visibility", Visibility)
    def test_only_the_owner_adds_to_a_deck(self, client, stranger, mine, address, visibility):
        Deck.objects.filter(pk=mine.pk).update(visibility=visibility)
        client.force_login(stranger)
        assert client.get(address).status_code == 404
        assert client.post(address, {"text": "学生"}).status_code == 404
        assert client.post(address, {"text": "学生", "hanzi": "学生", "act": "save"}).status_code == 404
        assert not mine.cards.exists()

    def test_a_built_in_a_deleted_and_no_deck_are_not_found(self, as_user, deck, mine, address, now):
        Deck.objects.filter(pk=mine.pk).update(deleted_at=now)
        for each in (address, reverse("deck-add", args=[deck.pk]), reverse("deck-add", args=[NOWHERE])):
            assert as_user.get(each).status_code == 404
            assert as_user.post(each, {"text": "学生"}).status_code == 404

    def test_a_stranger_s_deck_can_not_be_chosen(self, as_user, private_deck, deck):
        for chosen in (private_deck.pk, deck.pk, NOWHERE, "nonsense"):
            response = as_user.post("/add/", {"text": "学生", "deck": chosen})
            assert "Select a valid choice" in page(response, 400)

    def test_a_new_deck_never_takes_the_place_of_a_stranger_s(self, as_user, private_deck):
        data = {"text": "学生", "deck": "new", "name": "Mine", "new": private_deck.pk}
        assert "That deck isn't there any more." in page(as_user.post("/add/", data), 400)

    def test_a_form_without_its_token_is_refused(self, user, mine, address):
        client = Client(enforce_csrf_checks=True)
        client.force_login(user)
        body = "text=%E5%AD%A6%E7%94%9F&act=save&hanzi=a&traditional=&pinyin=&english="
        assert client.post(address, body, content_type=FORM).status_code == 403
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', client.get(address).content.decode())[1]
        response = client.post(address, f"{body[:24]}&csrfmiddlewaretoken={token}", content_type=FORM)
        assert response.status_code == 200

    def test_other_methods_are_refused(self, as_user, address):
        assert as_user.put(address).status_code == 405


class TestText:
    def test_a_text_may_come_along(self, as_user, address, mine):
        assert "学生\n老师</textarea>" in main_of(as_user.get(address, {"text": "学生\n老师"}))
        assert f'<option value="{mine.pk}" selected>' in main_of(as_user.get("/add/", {"deck": mine.pk}))

    @pytest.mark.parametrize(
        ("text", "error"),
        [
            ("", "Type or paste some words."),
            (" \n\t\n", "There is no word in it."),
            ("学生\n" * 501, "At most 500 lines at once: these are 501."),
            ("学" * 50_001, "At most 50,000 characters: these are 50,001."),
            (("学生 " * 3 + "\n") * 400, "At most 1,000 words at once"),
            ("学\0生", "Null characters are not allowed."),
        ],
    )
    def test_too_much_or_nothing_is_told_and_the_text_kept(self, paste, text, error):
        response = paste(text)
        assert error in page(response, 400)
        assert text.strip()[:40] in main_of(response, 400)

    def test_as_much_as_is_allowed_is_taken(self, paste):
        assert "Add 1 word" in page(paste("学生\n" * 500))

    def test_one_may_go_back_to_the_text(self, as_user, paste, address):
        fields = fields_of(paste("学生\n老师"))
        response = send(as_user, address, fields, act="edit")
        assert "学生\n老师</textarea>" in main_of(response)


class TestPreview:
    def test_the_cards_are_shown_filled_and_nothing_is_saved(self, paste, mine):
        fields = fields_of(paste("学生\n老師\txxx"))
        columns = {name: [value for key, value in fields if key == name] for name in ("hanzi", "pinyin", "english")}
        assert columns == {
            "hanzi": ["学生", "老师"],
            "pinyin": ["xuésheng", "lǎoshī"],
            "english": ["student; schoolchild", "xxx"],
        }
        assert [value for name, value in fields if name == "keep"] == ["0", "1"]
        assert not mine.cards.exists()

    def test_a_word_with_several_readings_asks_the_likeliest_first(self, paste):
        response = paste("长\n学生")
        assert re.findall(r'name="reading-0" value="([^"]*)"( checked)?', main_of(response)) == [
            ("长 長 cháng", " checked"),
            ("长 長 zhǎng", ""),
        ]
        assert 'name="reading-1"' not in main_of(response)
        assert "1 with several readings" in page(response)

    def test_pinyin_alone_asks_for_the_word(self, paste):
        chosen = re.findall(r'name="reading-0" value="([^"]*)"', main_of(paste("shi4")))
        assert chosen[:3] == ["是 是 shì", "事 事 shì", "市 市 shì"]

    def test_what_the_deck_or_the_paste_has_already_is_left_out(self, paste, make_deck, mine, user):
        Card.objects.create(deck=mine, hanzi="学生", pinyin="xué sheng")
        response = paste("学生\n老师\n老师\n看、看")
        assert [value for name, value in fields_of(response) if name == "keep"] == ["1", "3"]
        text = page(response)
        assert "In this deck already" in text
        assert "On line 2 already" in text
        assert "Twice on line 4" in text
        assert ("seen", "1 学生|xuésheng") in fields_of(response)

    def test_other_decks_that_the_learner_knows_are_named(self, paste, make_deck, user, deck, stranger):
        make_deck(name="My second", user=user, visibility=Visibility.PRIVATE)
        make_deck(name="Wang's own", user=stranger, visibility=Visibility.PRIVATE)
        make_deck(name="Studied by nobody")
        Enrolment.objects.create(user=user, deck=deck)
        response = paste("学生")
        assert "Also in HSK 0, My second " in page(response)
        assert ("keep", "0") in fields_of(response)

    def test_a_deck_that_was_shared_once_is_not_named(self, paste, make_deck, user, stranger):
        hidden = make_deck(name="Wang's own", user=stranger, visibility=Visibility.PRIVATE)
        Enrolment.objects.create(user=user, deck=hidden)
        assert "Wang" not in page(paste("学生"))

    def test_an_unknown_word_is_flagged(self, paste):
        text = page(paste("吃早饭\tto have breakfast\nstudent"))
        assert "Not in the dictionary: its pinyin is put together from its parts" in text
        assert "Write it in hanzi" in text

    def test_pinyin_that_the_dictionary_has_not_is_kept_and_told(self, paste):
        response = paste("学生\txué shēng")
        assert "The dictionary reads it xuésheng" in page(response)
        assert ("pinyin", "xué shēng") in fields_of(response)

    def test_what_is_typed_is_escaped(self, paste):
        response = paste("学生\t<script>alert(1)</script>\n学<b>\"'")
        assert "<script>alert" not in response.content.decode()
        assert "&lt;script&gt;" in response.content.decode()


class TestSaving:
    def test_the_ticked_cards_are_saved_with_their_sentences_and_studied(self, as_user, paste, mine, address, user):
        fields = fields_of(paste("老师\n长\n学生"))
        response = send(as_user, address, fields, keep=["0", "2"])
        assert (response.status_code, response["Location"]) == (302, mine.get_absolute_url())
        assert cards_of(mine) == [TEACHER, STUDENT]
        assert "学生" in mine.cards.get(hanzi="学生").sentence
        assert user.enrolments.get().deck == mine
        shown = page(as_user.get(mine.get_absolute_url()))
        assert "Added 2 words to Mine." in shown
        assert "Study" in shown

    def test_a_reading_is_chosen_without_scripts(self, as_user, paste, mine, address):
        send(as_user, address, fields_of(paste("长")), reading__0="长 長 zhǎng")
        assert cards_of(mine) == [("长", "長", "zhǎng", "chief; head; elder")]

    def test_a_choice_may_be_changed_as_often_as_one_looks(self, as_user, paste, mine, address):
        response = paste("长\nshi4")
        for _ in range(2):
            fields = fields_of(response)
            changes = {"reading__0": "长 長 zhǎng", "reading__1": "市 市 shì"}
            response = send(as_user, address, fields, act="look", **changes)
            assert re.findall(r'value="([^"]*)" checked data', main_of(response)) == list(changes.values())
        send(as_user, address, fields_of(response), reading__0="长 長 cháng")
        assert [card[::2] for card in cards_of(mine)] == [("长", "cháng"), ("市", "shì")]

    def test_what_the_learner_wrote_outlives_another_reading(self, as_user, paste, mine, address):
        fields = fields_of(paste("长"))
        send(as_user, address, fields, reading__0="长 長 zhǎng", english=["to grow"])
        assert cards_of(mine) == [("长", "長", "zhǎng", "to grow")]

    def test_a_reading_that_is_typed_is_looked_at_before_it_is_saved(self, as_user, paste, mine, address):
        response = send(as_user, address, fields_of(paste("长")), pinyin=["zhang3"])
        assert "look at its card again" in page(response)
        assert not mine.cards.exists()
        assert "Added 1 word" in page(send_again(as_user, address, response))
        assert cards_of(mine) == [("长", "長", "zhǎng", "chief; head; elder")]

    def test_another_word_is_filled_anew_and_looked_at(self, as_user, paste, mine, address):
        response = send(as_user, address, fields_of(paste("学生\t\tmy word")), hanzi=["老師"])
        assert "look at its card again" in page(response)
        send_again(as_user, address, response)
        assert cards_of(mine) == [("老师", "老師", "lǎoshī", "my word")]

    def test_another_word_that_the_deck_has_is_left_out_again(self, as_user, paste, mine, address):
        Card.objects.create(deck=mine, hanzi="老师", pinyin="lǎoshī")
        response = send(as_user, address, fields_of(paste("学生\n看")), hanzi={0: "老师"})
        assert [value for name, value in fields_of(response) if name == "keep"] == ["1"]

    def test_a_word_for_pinyin_is_chosen(self, as_user, paste, mine, address):
        send(as_user, address, fields_of(paste("shi4")), reading__0="市 市 shì")
        assert [card[0] for card in cards_of(mine)] == ["市"]

    def test_a_line_is_cut_or_kept(self, as_user, paste, mine, address):
        fields = fields_of(paste("我去北京。\n吃早饭"))
        assert [(name, value) for name, value in fields if name.startswith("cut")] == [
            ("cut-0", "split"),
            ("cut-1", "whole"),
        ]
        send(as_user, address, fields)
        assert [card[0] for card in cards_of(mine)] == ["我", "去", "北京", "吃早饭"]
        mine.cards.all().delete()
        send(as_user, address, fields, cut__0="whole", cut__1="split")
        assert [card[0] for card in cards_of(mine)] == ["我去北京。", "吃", "早饭"]

    def test_errors_are_told_by_line_and_nothing_is_lost(self, as_user, paste, mine, address):
        fields = fields_of(paste("学生\n\n老师\n看"))
        response = send(
            as_user, address, fields, hanzi={1: "师" * 101, 2: ""}, english={0: "pupil"}, keep=["0", "1", "2"]
        )
        text = page(send(as_user, address, fields_of(response)), 400)
        assert "Line 3, 师师师" in text
        assert "hanzi: At most 100 characters: these are 101." in text
        assert "Line 4, hanzi: Write the word in hanzi, or leave it out." in text
        assert ("english", "pupil") in fields_of(response)
        assert not mine.cards.exists()

    def test_nothing_ticked_is_told(self, as_user, paste, address):
        assert "Tick at least one word." in page(send(as_user, address, fields_of(paste("学生")), keep=[]), 400)

    def test_a_full_deck_is_told(self, as_user, paste, mine, address, monkeypatch):
        monkeypatch.setattr("decks.models.MOST_CARDS", 1)
        response = send(as_user, address, fields_of(paste("学生\n老师")))
        assert "A deck holds at most 1 cards" in page(response, 400)
        assert not mine.cards.exists()
        assert not Enrolment.objects.exists()

    def test_the_same_page_sent_twice_adds_once(self, as_user, paste, mine, address):
        Card.objects.create(deck=mine, hanzi="看", pinyin="kàn")
        fields = fields_of(paste("学生\n看\n看\n老师"))
        keep = ["0", "1", "2", "3"]  # the learner insists on having 看 three times
        said = [page(as_user.get(send(as_user, address, fields, keep=keep)["Location"])) for _ in range(2)]
        assert "Added 4 words to Mine." in said[0]
        assert "Nothing to add to Mine: 4 were in it already." in said[1]
        assert mine.cards.count() == 5

    def test_what_another_tab_has_added_meanwhile_is_left_out(self, as_user, paste, mine, address):
        fields = fields_of(paste("学生\n老师"))
        Card.objects.create(deck=mine, hanzi="学生", pinyin="xuésheng")
        response = send(as_user, address, fields)
        assert "Added 1 word to Mine. 1 was in it already." in page(as_user.get(response["Location"]))
        assert mine.cards.count() == 2

    @pytest.mark.parametrize("broken", ["hanzi", "english"])
    def test_a_page_of_other_rows_is_shown_anew(self, as_user, paste, mine, address, broken):
        fields = [each for each in fields_of(paste("学生\n老师")) if each[0] != broken] + [(broken, "学生")]
        assert "look at the words again" in page(send(as_user, address, fields))
        assert not mine.cards.exists()

    @pytest.mark.parametrize("seen", ["", "x", "-1 学生|xuésheng", "9" * 5000 + " a", "² b"])
    def test_nonsense_in_hidden_fields_does_no_harm(self, as_user, paste, mine, address, seen):
        fields = fields_of(paste("我去北京。\n长"))
        send(as_user, address, fields, seen=[seen], cut__0="x", reading__4="x", was__4="x", keep=["0", "99", "x", "4"])
        assert mine.cards.exists()

    def test_more_fields_than_any_page_has_are_refused(self, as_user, address):
        assert as_user.post(address, "a=1&" * 10_001, content_type=FORM).status_code == 400
        assert as_user.post(address, "a=" + "1" * 3_000_000, content_type=FORM).status_code == 400


class TestNewDeck:
    def test_a_deck_is_chosen(self, as_user, mine, paste):
        fields = fields_of(paste("学生", to="/add/", deck=mine.pk))
        response = send(as_user, "/add/", fields)
        assert response["Location"] == mine.get_absolute_url()
        assert cards_of(mine) == [STUDENT]

    def test_a_deck_is_made_with_its_words_and_once(self, as_user, paste, user, mine):
        shown = main_of(as_user.get("/add/"))
        new = re.search(r'name="new" value="([^"]*)"', shown)[1]
        fields = fields_of(paste("学生", to="/add/", deck="new", name="Chapter 1", new=new))
        assert user.decks.get() == mine
        for _ in range(2):
            send(as_user, "/add/", fields)
        made = user.decks.exclude(pk=mine.pk).get()
        assert (made.name, made.visibility, str(made.pk)) == ("Chapter 1", "private", new)
        assert cards_of(made) == [STUDENT]
        assert user.enrolments.get().deck == made

    def test_a_new_deck_needs_a_name(self, paste, user):
        for name in ("", " ", "x" * 101):
            response = paste("学生", to="/add/", deck="new", name=name)
            assert "Name of the new deck:" in page(response, 400)
            assert "学生</textarea>" in main_of(response, 400)


class TestSpeed:
    def words(self):
        """Return 200 words: those of HSK 1, some with several readings, and one that is in no dictionary."""
        dictionary = open_dictionary(site.DICTIONARY_PATH)
        words = dictionary.hsk_words("2025", "1")[:150] + dictionary.hsk_words("2025", "4")[:49]
        return [*(word.simplified for word in words), "吃早饭"]

    def test_the_number_of_queries_does_not_grow_with_the_lines(
        self, as_user, paste, mine, address, django_assert_num_queries
    ):
        words = self.words()
        for count in (2, 200):
            with django_assert_num_queries(5):
                response = paste("\n".join(words[:count]))
            fields = fields_of(response)
            mine.enrolments.all().delete()
            with django_assert_num_queries(22):
                send(as_user, address, fields)
            assert mine.cards.count() == count

    def test_two_hundred_words_take_less_than_two_seconds_of_processor_time(self, as_user, paste, mine, address):
        words = "\n".join(self.words())
        as_user.get(address)
        start = time.process_time()
        response = paste(words)
        looked = time.process_time() - start
        fields = fields_of(response)
        start = time.process_time()
        send(as_user, address, fields)
        saved = time.process_time() - start
        print(f"200 words: {looked:.2f} s for the preview, {saved:.2f} s to save")
        assert mine.cards.count() == 200
        assert looked + saved < 2


def send_again(client, address, response):
    """Send the form of a page as it stands, and return where it leads to."""
    return client.get(send(client, address, fields_of(response))["Location"])
