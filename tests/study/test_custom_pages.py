"""The page on which a learner makes a session of their own, and the session that comes of it."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from uuid_utils.compat import uuid7

from decks.models import Card, Visibility
from study.choices import Direction, Filter, InteractionType, Mode, Rating
from study.log import CardInteraction, UserStatistics
from study.models import CardProgress, Enrolment, StudySession
from tests.study.pages import hidden_fields, page

READ, WRITE = Direction.CHINESE_TO_ENGLISH, Direction.ENGLISH_TO_CHINESE
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
CUSTOM = "/study/custom/"
NOWHERE = UUID("01990000-0000-7000-8000-00000000dead")


@pytest.fixture(autouse=True)
def clock(now):
    """Noon on a Monday, until a test moves on."""
    with time_machine.travel(now, tick=False) as clock:
        yield clock


@pytest.fixture
def enrolment(user, deck):
    return Enrolment.objects.create(user=user, deck=deck, directions=[READ, WRITE])


@pytest.fixture
def food(cards, enrolment):
    """Three cards of the deck with a tag."""
    Card.objects.filter(pk__in=[card.pk for card in cards[:3]]).update(tags=["food"])
    return cards[:3]


def started(response):
    """Return the session to which an answer leads."""
    assert response.status_code == 302
    return StudySession.objects.get(pk=response["Location"].split("/")[-2])


def checked(response):
    """Return the values of the radios and boxes that are ticked."""
    inputs = re.findall(r"<input[^>]*\bchecked\b[^>]*>", response.content.decode())
    return [re.search(r'value="([^"]*)"', each)[1] if "value=" in each else "on" for each in inputs]


def grade(client, session, rating):
    """Grade the card that a session shows, and return its page without scripts."""
    fields = hidden_fields(client.get(reverse("session", args=[session.pk])))
    return client.post(reverse("answer", args=[session.pk]), fields | {"rating": rating}, follow=True)


class TestAccess:
    def test_a_visitor_is_asked_to_log_in(self, client, deck):
        for address in (CUSTOM, f"/study/{deck.pk}/custom/"):
            for method in (client.get, client.post):
                response = method(address)
                assert (response.status_code, response["Location"]) == (302, f"/accounts/login/?next={address}")

    def test_a_stranger_s_private_deck_is_not_found(self, as_user, make_deck, stranger, every_row):
        closed = make_deck(name="Wang's own", user=stranger, visibility=Visibility.PRIVATE)
        before = every_row()
        for pk in (closed.pk, NOWHERE):
            assert as_user.get(f"/study/{pk}/custom/").status_code == 404
            assert as_user.post(f"/study/{pk}/custom/", {"filter": "all"}).status_code == 404
        assert every_row() == before

    def test_a_stranger_s_tags_are_not_shown(self, as_user, make_deck, stranger, enrolment, food):
        theirs = make_deck([("东", "", "dōng", "east")], name="Wang's own", user=stranger)
        theirs.cards.update(tags=["secret"])
        Enrolment.objects.create(user=stranger, deck=theirs)
        content = as_user.get(CUSTOM).content.decode()
        assert '<option value="food">food (3)</option>' in content
        assert "secret" not in content


class TestForm:
    def test_what_one_may_choose(self, as_user, food):
        text = page(as_user.get(CUSTOM))
        for choice in ("Forgotten today", "With a tag", "Found by a search", "Due in the next days", "All that I have"):
            assert choice in text
        assert "Leave my schedule as it is" in text
        assert "from all the decks that you study" in text

    def test_without_tags_there_is_none_to_choose(self, as_user, enrolment):
        assert "With a tag" not in page(as_user.get(CUSTOM))

    def test_a_deck_has_its_own_tags(self, as_user, user, food, deck, make_deck):
        other = make_deck([("东", "", "dōng", "east")], name="Other", user=user)
        other.cards.update(tags=["compass"])
        Enrolment.objects.create(user=user, deck=other)
        assert "food (3)" not in page(as_user.get(f"/study/{other.pk}/custom/"))
        assert "compass (1)" in page(as_user.get(f"/study/{other.pk}/custom/"))

    def test_a_tag_is_escaped(self, as_user, food):
        Card.objects.filter(pk=food[0].pk).update(tags=['<b>"x"</b>'])
        content = as_user.get(CUSTOM).content.decode()
        assert (
            '<option value="&lt;b&gt;&quot;x&quot;&lt;/b&gt;">&lt;b&gt;&quot;x&quot;&lt;/b&gt; (1)</option>' in content
        )

    def test_without_a_deck_one_is_shown_the_library(self, as_user, db):
        response = as_user.get(CUSTOM)
        assert "You study no deck yet" in page(response)
        assert reverse("library") in response.content.decode()

    def test_a_deck_that_is_not_studied_offers_to_be(self, as_user, deck):
        response = as_user.post(f"/study/{deck.pk}/custom/", {"filter": "all"})
        assert "You don't study this deck yet" in page(response)
        assert reverse("enrol", args=[deck.pk]) in response.content.decode()
        assert not Enrolment.objects.exists()

    @pytest.mark.parametrize(
        ("fields", "complaint"),
        [
            ({}, "Which words: This field is required."),
            ({"filter": "nonsense"}, "Which words: Select a valid choice. nonsense is not one"),
            ({"filter": "tag"}, "Tag: Choose a tag."),
            ({"filter": "tag", "tag": "x" * 101}, "Tag: Ensure this value has at most 100 characters (it has 101)."),
            ({"filter": "tag", "tag": "a\0b"}, "Tag: Null characters are not allowed."),
            ({"filter": "search", "text": "  "}, "Search: Write what to look for, in 100 characters at most."),
            ({"filter": "search", "text": "x" * 101}, "Search: Write what to look for, in 100 characters at most."),
            ({"filter": "ahead", "days": "31"}, "Days: A number of days from 1 to 30."),
            ({"filter": "ahead", "days": "x"}, "Days: A number of days from 1 to 30."),
            ({"filter": "ahead", "days": ""}, "Days: A number of days from 1 to 30."),
            ({"filter": "failed", "direction": "up"}, "Direction: Select a valid choice."),
        ],
    )  # fmt: skip
    def test_a_bad_value_is_refused_and_says_why(self, as_user, food, every_row, fields, complaint):
        before = every_row()
        assert complaint in page(as_user.post(CUSTOM, fields), 400)
        assert every_row() == before

    def test_what_was_written_is_still_there(self, as_user, food):
        fields = {"filter": "ahead", "days": "31", "text": "水 & 火", "direction": WRITE, "cram": "on", "tag": "food"}
        response = as_user.post(CUSTOM, fields)
        assert checked(response) == ["ahead", WRITE, "on"]
        content = response.content.decode()
        assert 'value="31"' in content
        assert 'value="水 &amp; 火"' in content
        assert '<option value="food" selected>' in content

    @pytest.mark.parametrize(
        ("fields", "text"),
        [
            ({"filter": "failed"}, "You have forgotten no word today."),
            ({"filter": "tag", "tag": "<i>"}, "No word with the tag “<i>” can be asked now."),
            ({"filter": "search", "text": "zzz"}, "No word that you study was found by “zzz”."),
            ({"filter": "ahead", "days": 3}, "No review is due by then, or you have answered its word today."),
            ({"filter": "all"}, "You have begun no word yet."),
        ],
    )
    def test_where_nothing_is_found_it_says_so(self, as_user, food, fields, text):
        response = as_user.post(CUSTOM, fields)
        assert text in page(response)
        assert checked(response)[0] == fields["filter"]
        assert not StudySession.objects.exists()

    def test_new_words_that_only_a_cram_takes_today_are_told_of(self, as_user, user, food):
        user.new_per_day = 0
        user.save()
        text = page(as_user.post(CUSTOM, {"filter": "tag", "tag": "food"}))
        assert "There are 3 if you leave your schedule as it is." in text

    @pytest.mark.parametrize("address", ["study", "deck", "study-deck"])
    def test_it_is_linked(self, as_user, deck, enrolment, address):
        of_a_deck = address != "study"
        content = as_user.get(reverse(address, args=[deck.pk] if of_a_deck else [])).content.decode()
        assert f'href="{reverse("custom-deck", args=[deck.pk]) if of_a_deck else CUSTOM}"' in content

    def test_it_costs_the_same_for_many_cards_and_decks(self, as_user, user, make_deck, remember, food):
        def cost(method):
            with CaptureQueriesContext(connection) as queries:
                assert method(CUSTOM, {"filter": "tag", "tag": "none"}).status_code == 200
            return len(queries)

        before = cost(as_user.get), cost(as_user.post)
        for number in range(3):
            deck = make_deck([(f"字{at}", "", "zì", "x") for at in range(100)], name=f"{number}", user=user)
            deck.cards.update(tags=["food"])
            Enrolment.objects.create(user=user, deck=deck)
        assert (cost(as_user.get), cost(as_user.post)) == before
        # The log-in (2), the decks, the tags; and twice, the second time as in a cram: decks, words, and the limit.
        assert before == (4, 9)


class TestStart:
    @pytest.mark.parametrize(
        ("fields", "kept"),
        [
            ({"filter": "tag", "tag": "food"}, (Filter.TAG, "food", Mode.REVIEW, None)),
            ({"filter": "tag", "tag": "food", "days": "x"}, (Filter.TAG, "food", Mode.REVIEW, None)),
            ({"filter": "search", "text": " SHUI ", "direction": WRITE}, (Filter.SEARCH, "SHUI", Mode.REVIEW, WRITE)),
            ({"filter": "ahead", "days": "09", "cram": "on"}, (Filter.AHEAD, "9", Mode.CRAM, None)),
            ({"filter": "all", "tag": "food"}, ("", "", Mode.CRAM, None)),
        ],
    )
    def test_a_session_begins_as_it_was_asked_for(self, as_user, user, deck, food, remember, now, fields, kept):
        remember(user, food[0], due=now + DAY)
        session = started(as_user.post(f"/study/{deck.pk}/custom/", fields))
        assert (session.filter, session.filter_value, session.mode, session.direction) == kept
        assert (session.user, session.deck) == (user, deck)
        assert started(as_user.post(CUSTOM, fields)).deck is None

    def test_one_that_is_under_way_goes_on_and_one_that_is_through_begins_anew(self, as_user, food, clock):
        fields = {"filter": "tag", "tag": "food", "direction": READ}
        first = started(as_user.post(CUSTOM, fields))
        grade(as_user, first, 3)
        assert started(as_user.post(CUSTOM, fields)) == first
        grade(as_user, first, 3)
        clock.shift(MINUTE)
        assert "That was all of them" in page(grade(as_user, first, 3))
        second = started(as_user.post(CUSTOM, fields))
        assert second != first
        assert StudySession.objects.get(pk=first.pk).ended_at
        assert "student" in page(as_user.get(reverse("session", args=[second.pk])))

    def test_the_api_begins_one_too(self, as_user, deck, food):
        def post(**fields):
            return as_user.post("/api/study/session", {"deck_id": str(deck.pk), **fields}, "application/json")

        response = post(filter="tag", filter_value=" food ", mode="cram")
        assert response.status_code == 201
        assert (response.json()["filter"], response.json()["filter_value"]) == ("tag", "food")
        cards = as_user.get(f"/api/study/session/{response.json()['id']}/cards").json()
        assert sorted(each["card"]["hanzi"] for each in cards) == ["学生", "老师", "苹果"]
        refused = post(filter="ahead", filter_value="31")
        assert refused.status_code == 400
        assert refused.json()["detail"] == {"filter_value": ["A number of days from 1 to 30."]}
        assert post(filter="nonsense").status_code == 400
        assert post().json()["filter"] == ""


class TestSession:
    def test_a_cram_says_so_and_shows_no_intervals(self, as_user, user, food, remember):
        for card in food:
            remember(user, card)
        session = started(as_user.post(CUSTOM, {"filter": "tag", "tag": "food", "cram": "on"}))
        response = as_user.get(reverse("session", args=[session.pk]))
        assert "With a tag: food. Your schedule stays as it is." in page(response)
        grades = response.content.decode().split('<form class="grades"', 1)[1].split("</form>")[0]
        assert "<small>" not in grades
        assert re.findall(r"<span>(\w+)</span>", grades) == ["Again", "Hard", "Good", "Easy"]
        counting = started(as_user.post(CUSTOM, {"filter": "tag", "tag": "food"}))
        response = as_user.get(reverse("session", args=[counting.pk]))
        assert "Your schedule stays as it is" not in page(response)
        assert response.content.decode().count("<small>") == 4

    def test_a_usual_session_says_nothing_of_it(self, as_user, session):
        content = as_user.get(reverse("session", args=[session.pk])).content.decode()
        assert "session-kind" not in content

    def test_a_cram_through_the_pages_moves_no_word(self, as_user, user, food, remember, clock):
        for card in food:
            remember(user, card)
        rows = list(CardProgress.objects.order_by("pk").values("stability", "next_review_at", "reps", "last_day"))
        session = started(as_user.post(CUSTOM, {"filter": "tag", "tag": "food", "cram": "on"}))
        for rating in (1, 3, 3, 3):
            response = grade(as_user, session, rating)
            clock.shift(MINUTE)
        assert "That was all of them" in page(response)
        assert list(CardProgress.objects.order_by("pk").values(*rows[0])) == rows
        assert list(CardInteraction.objects.values_list("cram", flat=True)) == [True] * 4
        summary = page(as_user.post(reverse("end", args=[session.pk]), follow=True))
        assert "You studied 3 words" in summary
        assert "You remembered each word of your choice." in summary
        assert "A second go" not in summary

    def test_a_second_go_at_what_was_hard(self, as_user, user, cards, enrolment, remember):
        for card in cards[:2]:
            remember(user, card)
        usual = started(as_user.post("/study/", {"direction": READ}))
        grade(as_user, usual, 1)
        grade(as_user, usual, 3)
        response = as_user.post(reverse("end", args=[usual.pk]), follow=True)
        assert "A second go at what was hard today" in page(response)
        form = response.content.decode().split(f'action="{CUSTOM}"', 1)[1].split("</form>")[0]
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
        fields.pop("csrfmiddlewaretoken")
        assert fields == {"filter": "failed", "direction": READ, "exercise": ""}
        again = started(as_user.post(CUSTOM, fields))
        assert (again.filter, again.mode) == (Filter.FAILED, Mode.REVIEW)
        assert "1 learning" in page(as_user.get(reverse("session", args=[again.pk])))

    def test_a_session_left_halfway_says_how_many_were_left(self, as_user, food):
        session = started(as_user.post(CUSTOM, {"filter": "tag", "tag": "food"}))
        grade(as_user, session, 3)
        response = as_user.post(reverse("end", args=[session.pk]), follow=True)
        assert "2 words of your choice were left." in page(response)
        assert f'href="{CUSTOM}"' in response.content.decode()

    def test_acts_in_the_session_put_a_word_aside(self, as_user, user, food, remember):
        rows = [remember(user, card) for card in food]
        session = started(as_user.post(CUSTOM, {"filter": "tag", "tag": "food"}))
        first = as_user.get(reverse("session", args=[session.pk])).content.decode()
        assert all(f'value="{kind}"' in first for kind in ("bury", "suspend", "mark_known", "set_due", "reset"))
        for row, kind, days in zip(rows, ("set_due", "mark_known", "reset"), (7, 40, ""), strict=True):
            fields = {"id": uuid7(), "card": row.card_id, "direction": READ, "type": kind, "days": days}
            response = as_user.post(reverse("act", args=[session.pk]), fields, follow=True)
        assert "That was all of them" in page(response)
        due, known, new = CardProgress.objects.order_by("pk")
        assert (due.next_review_at - rows[0].next_review_at).days == 6
        assert known.interval == 40
        assert new.stability is None

    def test_an_act_that_makes_no_sense_is_refused_in_words(self, as_user, food):
        session = started(as_user.post(CUSTOM, {"filter": "tag", "tag": "food"}))
        fields = {"id": uuid7(), "card": food[0].pk, "direction": READ, "type": InteractionType.SET_DUE, "days": 3}
        response = as_user.post(reverse("act", args=[session.pk]), fields, follow=True)
        assert "A word that you have not begun has no date" in page(response)
        assert not CardInteraction.objects.exists()

    def test_a_card_costs_the_same_in_a_long_deck(self, as_user, user, make_deck, django_assert_num_queries):
        UserStatistics.objects.touch(user)
        for count in (10, 300):
            words = [(f"字{count}-{at}", "", "zì", "x") for at in range(count)]
            deck = make_deck(words, name=f"{count}", user=user)
            deck.cards.update(tags=["food"])
            Enrolment.objects.create(user=user, deck=deck)
            session = started(as_user.post(f"/study/{deck.pk}/custom/", {"filter": "tag", "tag": "food"}))
            with django_assert_num_queries(18):  # a plan is made
                as_user.get(reverse("session", args=[session.pk]))
            grade(as_user, session, Rating.AGAIN)
            # The log-in (2), the session, its last act, the number of the log, the card, its exercise; and for the
            # script the number, the cards, their exercises, which of them were answered.
            with django_assert_num_queries(11):
                as_user.get(reverse("session", args=[session.pk]))
