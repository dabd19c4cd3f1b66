"""The pages of cards: the list with its search, one card, and many at once; as a browser without scripts sees them."""

import json
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from urllib.parse import quote
from uuid import UUID

import pytest
import time_machine
from django.urls import reverse

from decks.models import Card, Deck, Visibility
from study.acts import Act, record
from study.choices import Direction
from study.models import CardProgress, Enrolment, StudySession
from tests.study.pages import main_of, pack_in, page

READ = Direction.CHINESE_TO_ENGLISH
NOWHERE = UUID("01990000-0000-7000-8000-00000000dead")
EVIL = "<script>alert('学')</script>&"
ROW = {"headers": {"HX-Request": "true"}}


@pytest.fixture(autouse=True)
def _clock(now):
    with time_machine.travel(now, tick=False):
        yield


@pytest.fixture
def mine(user, make_deck):
    """A deck of the learner's own that they study."""
    deck = make_deck(user=user, name="Mine", visibility=Visibility.PRIVATE)
    Enrolment.objects.create(user=user, deck=deck)
    return deck


@pytest.fixture
def card(mine):
    return mine.cards.first()


def list_of(deck, **given):
    return reverse("deck-cards", args=[deck.pk], query=given or None)


def address(card, name="card"):
    return reverse(name, args=[card.pk])


def words(response):
    """Return the words of the list that a page shows."""
    rows = re.findall(r'<th scope="row" class="hanzi">(.*?)</th>', main_of(response), re.DOTALL)
    return ["".join(re.sub(r"<small.*?</small>|<[^>]*>", "", row).split()) for row in rows]


def fields(card, **texts):
    """Return what the form of a card sends."""
    card.refresh_from_db()
    return {
        "hanzi": card.hanzi,
        "traditional": card.traditional,
        "pinyin": card.pinyin,
        "english": card.english,
        "tags": " ".join(card.tags),
        "version": card.updated_at.isoformat(),
    } | texts


# The list


def test_the_cards_of_a_deck_are_listed_with_what_is_known(as_user, user, mine, card, remember, now):
    remember(user, card, due=now + timedelta(days=12), interval=30)
    Card.objects.filter(pk=card.pk).update(tags=["school"])
    response = as_user.get(list_of(mine))
    assert words(response) == ["学生", "老师", "苹果", "水", "看"]
    shown = page(response)
    assert "5 cards" in shown
    assert "xué sheng student school Chinese → English: Mastered, 12 d Edit 学生" in shown
    assert "lǎo shī teacher New Edit 老师" in shown


def test_the_cards_of_all_decks_are_those_owned_or_studied(as_user, user, stranger, mine, make_deck):
    studied, other = make_deck([("山", "", "shān", "hill")], name="Studied"), make_deck([("火", "", "huǒ", "fire")])
    Enrolment.objects.create(user=user, deck=studied)
    make_deck([("土", "", "tǔ", "earth")], user=stranger, visibility=Visibility.PRIVATE)
    assert other.cards.count() == 1
    response = as_user.get(reverse("cards"))
    assert sorted(words(response)) == sorted(["学生", "老师", "苹果", "水", "看", "山"])
    assert "hill Studied New" in page(response)
    assert "Edit 山" not in page(response)


@pytest.mark.parametrize(("count", "queries"), [(3, 6), (120, 7)])
def test_the_list_takes_as_many_queries_whatever_it_holds(
    as_user, user, make_deck, remember, django_assert_num_queries, count, queries
):
    deck = make_deck([(f"字{number}", "", f"zì{number}", "x") for number in range(count)], user=user)
    for each in deck.cards.all():
        remember(user, each)
    for given in ({}, {"q": "zi is:due hanzi:字"}, {"sort": "-due"}, {"sort": "hanzi"}):
        with django_assert_num_queries(queries):
            response = as_user.get(list_of(deck, **given))
        assert len(words(response)) == min(count, 50)
    with django_assert_num_queries(queries - 1):
        as_user.get(reverse("cards"))


def test_pages_lead_forth_and_back(as_user, user, make_deck):
    deck = make_deck([(f"字{number:03}", "", "", "x") for number in range(120)], user=user)

    def links(response):
        found = re.findall(r'href="(\?[^"]*)" rel="(\w+)"', response.content.decode())
        return {rel: list_of(deck) + unescape(href) for href, rel in found}

    first = as_user.get(list_of(deck, sort="-hanzi"))
    assert sorted(links(first)) == ["last", "next"]
    second = as_user.get(links(first)["next"])
    assert (words(second)[0], sorted(links(second))) == ("字069", ["first", "last", "next", "prev"])
    last = as_user.get(links(second)["last"])
    assert (words(last)[-1], sorted(links(last))) == ("字000", ["first", "prev"])
    assert words(as_user.get(links(second)["prev"])) == words(first)
    assert words(as_user.get(links(last)["first"])) == words(first)
    assert words(as_user.get(links(last)["prev"]))[-1] == "字050"


def test_a_search_finds_and_says_how_many(as_user, mine):
    response = as_user.get(list_of(mine, q="shui or kan"))
    assert words(response) == ["水", "看"]
    assert "2 cards found" in page(response)


def test_a_search_that_finds_nothing_offers_all_cards(as_user, mine):
    response = as_user.get(list_of(mine, q="tag:none"))
    assert "No card is found." in page(response)
    assert f'href="{list_of(mine)}"' in main_of(response)


def test_a_search_that_cannot_be_read_is_kept_and_told_where(as_user, mine):
    response = as_user.get(list_of(mine, q='学 is:odd "<b>"', sort="hanzi"))
    markup = main_of(response, 400)
    assert "At character 3: There is no “is:odd”; there are is:new," in page(response, 400)
    assert 'value="学 is:odd &quot;&lt;b&gt;&quot;"' in markup
    assert 'aria-describedby="card-query-error"' in markup
    assert "<title>Error: Cards of Mine" in response.content.decode()


@pytest.mark.parametrize(
    "query", ["(" * 400, "a" * 60_000, "\x00", "%\\_%", "'; --", "%(user)s %s", "\u202e\u0300😀", "-" * 300, "*" * 400]
)
def test_hostile_searches_are_answered(as_user, mine, query):
    for url in (list_of(mine), reverse("cards")):
        assert as_user.get(url, {"q": query}).status_code in (200, 400)
        assert as_user.get(url, {"q": "", "after": query, "before": query, "sort": query}).status_code == 200


@pytest.mark.parametrize(
    ("given", "query", "sort"),
    [
        ({"q": "学", "state": "is:due"}, "学 is:due", ""),
        ({"q": "a or b", "state": "is:leech"}, "(a or b) is:leech", ""),
        ({"q": "", "direction": "listening", "tag": "food fruit"}, "dir:listening tag:food tag:fruit", ""),
        ({"tag": 'a"b'}, 'tag:a\\"b', ""),
        ({"q": "is:due", "state": "is:due"}, "is:due", ""),
        ({"q": "", "state": "'; --", "backwards": "1", "sort": "due"}, "", "-due"),
    ],
)
def test_filters_become_a_part_of_the_search(as_user, mine, given, query, sort):
    response = as_user.get(list_of(mine), given)
    wanted = {name: value for name, value in {"q": query, "sort": sort}.items() if value}
    assert response.status_code == 302
    followed = as_user.get(response.url)
    assert followed.status_code == 200
    assert (followed.wsgi_request.GET.dict()) == wanted


def test_what_is_on_a_card_is_text_in_the_list(as_user, mine, card):
    Card.objects.filter(pk=card.pk).update(hanzi=EVIL, pinyin=EVIL, english=EVIL, tags=[EVIL])
    for url in (list_of(mine), reverse("cards"), address(card)):
        content = as_user.get(url).content.decode()
        assert "<script>alert" not in content
        assert "&lt;script&gt;alert" in content


def test_a_deck_without_cards_invites_to_write_one(as_user, user):
    deck = Deck.objects.create(name="Empty", user=user)
    assert reverse("card-new", args=[deck.pk]) in main_of(as_user.get(list_of(deck)))


def test_the_list_of_a_deck_of_somebody_else_offers_no_edit(as_user, deck):
    markup = main_of(as_user.get(list_of(deck)))
    assert 'value="suspend"' in markup
    for name in ("tag", "untag", "move", "delete"):
        assert f'value="{name}"' not in markup
    assert "/cards/" + str(deck.cards.first().pk) not in markup


# One card


def test_a_card_is_edited(as_user, mine, card):
    assert 'value="xuésheng"' in main_of(as_user.get(address(card)))
    sent = fields(card, english="pupil\r\nstudent", notes=" n ", tags="a b::c a", sentence="他是学生。")
    response = as_user.post(address(card), sent)
    assert (response.status_code, response.url) == (302, list_of(mine))
    card.refresh_from_db()
    assert (card.english, card.notes, card.tags) == ("pupil\nstudent", "n", ["a", "b::c"])
    assert card.sentence == "他是学生。"
    assert "学生: saved." in page(as_user.get(response.url))


def test_whoever_edits_a_card_goes_back_to_where_they_were_within_the_site(as_user, mine, card):
    back = "/study/session/01990000-0000-7000-8000-00000000dead/"
    assert f'name="next" value="{back}"' in main_of(as_user.get(address(card), {"next": back}))
    assert as_user.post(address(card), fields(card, next=back)).url == back
    for evil in ("https://evil.example/", "//evil.example", "javascript:alert(1)"):
        assert evil not in main_of(as_user.get(address(card), {"next": evil}))
        assert as_user.post(address(card), fields(card, next=evil)).url == list_of(mine)


@pytest.mark.parametrize(
    ("texts", "name", "message"),
    [
        ({"hanzi": "", "english": " "}, "hanzi", "Write the word in hanzi, or at least what it means in English."),
        ({"hanzi": "字" * 101}, "hanzi", "Ensure this value has at most 100 characters (it has 101)."),
        ({"notes": "x" * 10_001}, "notes", "Ensure this value has at most 10000 characters (it has 10001)."),
        ({"tags": "x" * 101}, "tags", "A tag has at most 100 characters."),
        ({"tags": " ".join(map(str, range(51)))}, "tags", "At most 50 tags: these are 51."),
        ({"pinyin": "a\x00"}, "pinyin", "Null characters are not allowed."),
        ({"word": "perhaps"}, "word", "Select a valid choice."),
    ],
)
def test_what_can_be_on_no_card_is_told_by_its_field(as_user, mine, card, texts, name, message):
    response = as_user.post(address(card), fields(card, **texts))
    assert message in str(response.context["form"].errors[name])
    assert message in page(response, 400)
    before = card.updated_at
    card.refresh_from_db()
    assert card.updated_at == before


def test_other_hanzi_of_a_known_word_ask_whether_it_is_the_same(as_user, user, mine, card, remember, now):
    remember(user, card, interval=30)
    sent = fields(card, hanzi="学員", english="trainee")
    response = as_user.post(address(card), sent)
    shown = page(response, 400)
    assert "Is it still the same word?" in shown
    assert "It was 学生 until now." in shown
    assert 'value="学員"' in main_of(response, 400)
    card.refresh_from_db()
    assert card.hanzi == "学生"
    assert as_user.post(address(card), sent | {"word": "same"}).status_code == 302
    card.refresh_from_db()
    assert (card.hanzi, card.english) == ("学員", "trainee")
    assert user.progress.get().interval == 30
    assert user.progress.get().word_key == "学員|xuésheng"


def test_another_word_is_begun_anew_and_that_is_taken_back(as_user, user, mine, card, remember):
    record(user, Act(id=NOWHERE, card=card, direction=READ, type="review", rating=4), datetime.now(UTC))
    response = as_user.post(address(card), fields(card, hanzi="老虎", pinyin="lǎohǔ", word="other"))
    followed = as_user.get(response.url)
    assert "老虎: saved, and begun anew. Undo" in page(followed)
    assert user.progress.get().stability is None
    [entry] = re.findall(r'name="id" value="([^"]*)"', main_of(followed))
    as_user.post(reverse("word-undo"), {"id": entry})
    assert user.progress.get().stability > 1


def test_an_unknown_word_is_changed_without_a_question(as_user, mine, card):
    assert as_user.post(address(card), fields(card, hanzi="学員")).status_code == 302
    card.refresh_from_db()
    assert card.word_key == "学員|xuésheng"


def test_pinyin_is_corrected_without_a_question(as_user, user, card, remember):
    remember(user, card, interval=30)
    assert as_user.post(address(card), fields(card, pinyin="xuéshēng")).status_code == 302
    assert (user.progress.get().word_key, user.progress.get().interval) == ("学生|xuéshēng", 30)


def test_an_edit_over_a_newer_version_is_refused_with_both_texts(as_user, mine, card):
    with time_machine.travel(datetime(2026, 3, 2, 13, tzinfo=UTC), tick=False):
        sent = fields(card, english="mine", notes="kept")
        as_user.post(address(card), fields(card, english="theirs"))
        response = as_user.post(address(card), sent | {"version": "2026-03-02T12:00:00+00:00"})
    shown = page(response, 409)
    assert "English There now: theirs Yours: mine" in shown
    assert "Notes There now: (empty) Yours: kept" in shown
    card.refresh_from_db()
    assert card.english == "theirs"
    again = re.search(r'name="version" value="([^"]*)"', main_of(response, 409))[1]
    assert as_user.post(address(card), sent | {"version": unescape(again)}).status_code == 302
    card.refresh_from_db()
    assert (card.english, card.notes) == ("mine", "kept")


@pytest.mark.parametrize("version", ["", "x", "2026-03-02T11:59:59+00:00", "9" * 40])
def test_an_edit_of_no_version_is_refused(as_user, card, version):
    assert as_user.post(address(card), fields(card, english="x", version=version)).status_code == 409


def test_a_card_is_edited_in_its_row(as_user, mine, card):
    form = as_user.get(address(card), **ROW)
    assert form.content.decode().strip().startswith(f'<tr id="card-{card.pk}" class="editing">')
    assert "HX-Request" in form.headers["Vary"]
    refused = as_user.post(address(card), fields(card, hanzi="", english=""), **ROW)
    assert refused.status_code == 400
    assert 'class="editing"' in refused.content.decode()
    saved = as_user.post(address(card), fields(card, english="pupil"), **ROW)
    assert saved.status_code == 200
    assert '<td class="english">pupil</td>' in saved.content.decode()
    assert json.loads(saved.headers["HX-Trigger"]) == {"said": "学生: saved."}
    row = as_user.get(address(card), {"row": "1"}, **ROW)
    assert row.content.decode().strip().startswith(f'<tr id="card-{card.pk}"><td class="pick">')


def test_a_word_begun_anew_in_its_row_has_the_page_made_anew(as_user, user, card):
    record(user, Act(id=NOWHERE, card=card, direction=READ, type="review", rating=4), datetime.now(UTC))
    response = as_user.post(address(card), fields(card, hanzi="老虎", word="other"), **ROW)
    assert response.headers["HX-Refresh"] == "true"


def test_a_card_is_deleted_with_what_goes_with_it_said(as_user, user, mine, card, remember):
    remember(user, card)
    assert "What you know of 1 word goes with it, and 0 answers that you gave." in page(as_user.get(address(card)))
    response = as_user.post(address(card, "card-delete"))
    assert (response.status_code, response.url) == (302, list_of(mine))
    assert not Card.objects.filter(pk=card.pk).exists()
    assert not CardProgress.objects.exists()


def test_a_card_is_written_and_the_dictionary_fills_the_rest(as_user, mine):
    new = reverse("card-new", args=[mine.pk])
    assert "Add a card" in page(as_user.get(new))
    assert as_user.post(new, {"hanzi": "朋友", "tags": "people", "fill": "on"}).url == new
    card = mine.cards.last()
    assert (card.hanzi, card.pinyin, card.position, card.tags) == ("朋友", "péngyou", 5, ["people"])
    assert card.english.startswith("friend")
    as_user.post(new, {"hanzi": "高山"})
    assert (mine.cards.last().hanzi, mine.cards.last().pinyin) == ("高山", "")
    assert "Write the word in hanzi" in page(as_user.post(new, {"hanzi": " "}), 400)


def test_a_full_deck_takes_no_card(as_user, mine, monkeypatch):
    monkeypatch.setattr("decks.models.MOST_CARDS", 5)
    response = as_user.post(reverse("card-new", args=[mine.pk]), {"hanzi": "山"})
    assert "A deck holds at most 5 cards, and this one has 5." in page(response, 400)


# Many


@pytest.fixture
def do(as_user, mine):
    """Return a function that does something with cards of the deck and returns the page that follows."""

    def do(kind, cards=(), deck=mine, **given):
        sent = {"do": kind, "card": [str(card.pk) for card in cards], "deck": deck.pk if deck else ""} | given
        response = as_user.post(reverse("cards-many"), sent)
        return as_user.get(response.url) if response.status_code == 302 else response

    return do


def test_chosen_cards_are_tagged_and_untagged(do, mine):
    cards = list(mine.cards.all())
    assert "2 cards tagged: food, x." in page(do("tag", cards[:2], tags=" food x food "))
    assert [card.tags for card in mine.cards.all()] == [["food", "x"], ["food", "x"], [], [], []]
    assert "1 card no longer tagged: x." in page(do("untag", cards[:1], tags="x"))
    assert mine.cards.first().tags == ["food"]


def test_all_that_a_search_finds_is_tagged(do, mine):
    assert "2 cards tagged: liquid." in page(do("tag", every="1", q="water or apple", tags="liquid"))
    assert [card.hanzi for card in mine.cards.filter(tags=["liquid"])] == ["苹果", "水"]


def test_cards_are_moved_to_another_deck(do, user, mine):
    other = Deck.objects.create(name="Other", user=user)
    assert "2 cards moved to Other." in page(do("move", mine.cards.all()[:2], to=other.pk))
    assert (mine.cards.count(), [card.hanzi for card in other.cards.all()]) == (3, ["学生", "老师"])


def test_words_are_suspended_and_that_is_taken_back(do, as_user, user, mine):
    shown = do("suspend", every="1", q="")
    assert "5 words suspended. Undo" in page(shown)
    assert user.progress.filter(suspended=True).count() == 10
    [entry] = re.findall(r'name="id" value="([^"]*)"', main_of(shown))
    as_user.post(reverse("word-undo"), {"id": entry})
    assert not user.progress.exists()
    assert "0 words taken up again." in page(do("unsuspend", every="1"))


def test_cards_are_deleted_once_one_is_sure(do, user, mine, card, remember):
    remember(user, card)
    asked = do("delete", mine.cards.all()[:2])
    assert "Delete 2 cards? What you know of 1 word goes with it" in page(asked)
    assert mine.cards.count() == 5
    sent = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', main_of(asked))
    assert sorted(value for name, value in sent if name == "card") == sorted(str(c.pk) for c in mine.cards.all()[:2])
    assert "2 cards deleted." in page(do("delete", mine.cards.all()[:2], sure="1"))
    assert mine.cards.count() == 3


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({"do": "tag", "tags": "x"}, "Choose cards first."),
        ({"do": "tag", "every": "1"}, "Write which tags."),
        ({"do": "tag", "every": "1", "tags": "x" * 101}, "A tag has at most 100 characters."),
        ({"do": "move", "every": "1"}, "Choose a deck."),
        ({"do": "sell", "every": "1"}, "Select a valid choice."),
        ({}, "This field is required."),
        ({"do": "suspend", "card": ["x"]}, "Enter a valid UUID."),
        ({"do": "suspend", "every": "1", "q": "is:odd"}, "There is no “is:odd”"),
        ({"do": "suspend", "every": "1", "q": "\x00"}, "Null characters are not allowed."),
        ({"do": "suspend", "every": "1", "deck": "x"}, "Enter a valid UUID."),
    ],
)
def test_what_cannot_be_done_is_told(as_user, mine, every_row, sent, message):
    before = every_row()["cards"]
    response = as_user.post(reverse("cards-many"), sent)
    assert response.status_code == 302
    assert message in page(as_user.get(response.url))
    assert every_row()["cards"] == before


def test_of_cards_of_other_decks_among_ones_own_nothing_is_changed(do, mine, deck):
    shown = page(do("tag", [mine.cards.first(), deck.cards.first()], deck=None, tags="x"))
    assert "Nothing was changed: 1 of these cards are of decks that aren’t yours." in shown
    assert not Card.objects.exclude(tags=[]).exists()


def test_all_that_is_found_over_all_decks_is_changed_in_ones_own(do, user, mine, deck):
    Enrolment.objects.create(user=user, deck=deck)
    assert "1 card tagged: x." in page(do("tag", deck=None, every="1", q="water", tags="x"))
    assert Card.objects.get(tags=["x"]).deck == mine


# Who may


def every_url(deck, card):
    """Return each address of a deck and a card, with whether it only reads."""
    return {
        list_of(deck): "reads",
        reverse("card-new", args=[deck.pk]): "edits",
        address(card): "edits",
        address(card, "card-delete"): "edits",
    }


def test_a_visitor_is_sent_to_the_log_in(client, mine, card, deck, every_row):
    before = every_row()
    for each, its in ((mine, card), (deck, deck.cards.first())):
        for url in [*every_url(each, its), reverse("cards"), reverse("cards-many")]:
            for response in (client.get(url), client.post(url, {"hanzi": "x"})):
                assert response.status_code == 302, url
                assert response.url == f"/accounts/login/?next={quote(url)}"
    assert every_row() == before


def test_a_private_deck_of_somebody_else_is_not_there(client, stranger, mine, card, every_row):
    client.force_login(stranger)
    before = every_row()["cards"]
    for url in every_url(mine, card):
        assert client.get(url).status_code == 404, url
        assert client.post(url, fields(card)).status_code in (404, 405), url
    for kind in ("suspend", "reset", "tag", "move", "delete"):
        for chosen in ({"card": [str(card.pk)]}, {"every": "1", "deck": mine.pk}):
            sent = {"do": kind, "tags": "x", "to": mine.pk, "sure": "1"} | chosen
            assert client.post(reverse("cards-many"), sent).status_code == 404, sent
    assert words(client.get(reverse("cards"))) == []
    assert every_row()["cards"] == before


@pytest.mark.parametrize("visibility", [Visibility.PUBLIC, Visibility.UNLISTED])
def test_a_shared_deck_of_somebody_else_is_looked_at_and_put_aside_but_not_changed(
    client, user, stranger, mine, card, every_row, visibility
):
    Deck.objects.filter(pk=mine.pk).update(visibility=visibility)
    own = Deck.objects.create(name="Wang's", user=stranger)
    client.force_login(stranger)
    before = every_row()["cards"]
    assert len(words(client.get(list_of(mine)))) == 5
    for url, does in every_url(mine, card).items():
        if does == "edits":
            assert client.get(url).status_code == 404, url
            assert client.post(url, fields(card)).status_code == 404, url
    for kind in ("tag", "untag", "move", "delete"):
        for chosen in ({"card": [str(card.pk)]}, {"every": "1", "deck": mine.pk}):
            sent = {"do": kind, "tags": "x", "to": own.pk, "sure": "1"} | chosen
            assert client.post(reverse("cards-many"), sent).status_code == 404, sent
    assert every_row()["cards"] == before
    assert client.post(reverse("cards-many"), {"do": "suspend", "card": [str(card.pk)]}).status_code == 302
    assert stranger.progress.filter(suspended=True).count() == 2
    assert not user.progress.exists()


def test_cards_are_moved_to_no_deck_of_somebody_else(client, as_user, stranger, mine, card):
    theirs = Deck.objects.create(name="Wang's", user=stranger, visibility=Visibility.PUBLIC)
    sent = {"do": "move", "card": [str(card.pk)], "to": theirs.pk}
    assert as_user.post(reverse("cards-many"), sent).status_code == 404
    assert theirs.cards.count() == 0


def test_a_deleted_deck_is_not_there(as_user, mine, card, now):
    Deck.objects.filter(pk=mine.pk).update(deleted_at=now)
    for url in every_url(mine, card):
        assert as_user.get(url).status_code == 404, url
    assert words(as_user.get(reverse("cards"))) == []


@pytest.mark.parametrize("pk", [NOWHERE])
def test_what_never_was_is_not_there(as_user, pk):
    for name in ("deck-cards", "card-new", "card", "card-delete"):
        assert as_user.get(reverse(name, args=[pk])).status_code == 404
    assert as_user.post(reverse("cards-many"), {"do": "suspend", "card": [str(pk)]}).status_code == 404


def test_whoever_comes_back_from_the_log_in_is_led_on(as_user, card):
    assert as_user.get(reverse("cards-many")).url == reverse("cards")
    assert as_user.get(address(card, "card-delete")).url == address(card)


# The way from a session


def test_a_session_leads_to_cards_of_ones_own_and_back(as_user, user, mine, deck, now):
    for each, is_own in ((mine, True), (deck, False)):
        session = StudySession.start(user, each, None, now)
        url = reverse("session", args=[session.pk])
        response = as_user.get(url)
        [link] = re.findall(r'<a class="edit-card" href="([^"]*)"( hidden)?>', main_of(response))
        first = each.cards.first()
        assert link == (f"{address(first)}?next={quote(url, safe='')}", "" if is_own else " hidden")
        assert {card["own"] for card in pack_in(response)["cards"].values()} == {is_own}
        if is_own:
            assert as_user.get(link[0]).context["back"] == url
        session.end(now)


def test_the_page_of_a_word_leads_to_a_card_of_ones_own_alone(as_user, user, card, deck, remember):
    for each, is_own in ((card, True), (deck.cards.get(hanzi="水"), False)):
        progress = remember(user, each)
        assert ("Edit the card" in page(as_user.get(address(progress, "word")))) is is_own


def test_chosen_cards_are_exported_as_a_file_that_comes_in_again(as_user, mine):
    chosen = [card for card in mine.cards.all() if card.hanzi in ("老师", "水")]
    sent = {"do": "export", "card": [str(card.pk) for card in chosen], "deck": str(mine.pk)}
    response = as_user.post(reverse("cards-many"), sent)
    assert response["Content-Disposition"] == 'attachment; filename="Cards.csv"'
    lines = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in lines] == ["hanzi", "老师", "水"]


def test_cards_of_somebody_s_shared_deck_may_be_exported_and_private_ones_not(as_user, stranger, make_deck):
    for visibility, status in ((Visibility.PUBLIC, 200), (Visibility.PRIVATE, 404)):
        deck = make_deck(user=stranger, name="Theirs", visibility=visibility)
        sent = {"do": "export", "card": [str(deck.cards.first().pk)]}
        assert as_user.post(reverse("cards-many"), sent).status_code == status


def test_cards_are_put_in_a_place_of_their_deck(as_user, mine):
    last = mine.cards.last()
    sent = {"do": "place", "card": [str(last.pk)], "deck": str(mine.pk), "place": "1"}
    assert "1 card put in place 1." in page(as_user.post(reverse("cards-many"), sent, follow=True))
    assert mine.cards.first() == last
    for wrong, said in (
        ({"place": ""}, "Write a place: 1 is the first one."),
        ({"place": "0"}, "greater than or equal to 1"),
        ({"deck": ""}, "Choose cards in the list of their deck."),
    ):
        assert said in page(as_user.post(reverse("cards-many"), sent | wrong, follow=True))


def test_cards_of_somebody_s_shared_deck_keep_their_places(as_user, stranger, make_deck):
    deck = make_deck(user=stranger, visibility=Visibility.PUBLIC)
    sent = {"do": "place", "card": [str(deck.cards.last().pk)], "deck": str(deck.pk), "place": "1"}
    assert as_user.post(reverse("cards-many"), sent).status_code == 404
    assert deck.cards.first().hanzi == "学生"
