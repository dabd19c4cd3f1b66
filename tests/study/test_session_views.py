"""The pages of a session, as a browser without scripts sees them."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from uuid_utils.compat import uuid7

from accounts.models import Script
from decks.models import Card
from study.choices import Direction, Rating, State
from study.log import CardInteraction
from study.models import CardProgress, Enrolment, StudySession
from tests.study.pages import hidden_fields, main_of, pack_in, page, shown

ID = UUID("01990000-0000-7000-8000-000000000001")
READ, WRITE = Direction.CHINESE_TO_ENGLISH, Direction.ENGLISH_TO_CHINESE
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
NOWHERE = UUID("01990000-0000-7000-8000-00000000dead")
EVIL = "<script>alert('学')</script>&"
ESCAPED = "&lt;script&gt;alert(&#x27;学&#x27;)&lt;/script&gt;&amp;"
PAGES = ["session", "pack", "summary"]
FORMS = ["check", "answer", "act", "undo", "session-note", "go-on", "end"]


@pytest.fixture(autouse=True)
def clock(now):
    """Noon on a Monday, until a test moves on."""
    with time_machine.travel(now, tick=False) as clock:
        yield clock


@pytest.fixture
def enrolment(user, deck):
    return Enrolment.objects.start(user, deck)


@pytest.fixture
def form(card):
    """What the page sends for "good"."""
    return {"id": ID, "card": card.pk, "direction": READ, "rating": 3, "reps": 0}


def address_of(name, pk, card):
    """Return the address of a session's page or form."""
    return reverse(name, args=[pk, card.pk] if name == "session-note" else [pk])


def sent(client, name, pk, card, form):
    """Return what a page answers, or a form that is filled in."""
    method = client.get if name in PAGES else client.post
    return method(address_of(name, pk, card), form | {"type": "bury", "text": "a note"})


class TestAccess:
    @pytest.mark.parametrize("name", [*PAGES, *FORMS])
    def test_a_session_asks_a_visitor_to_log_in(self, client, session, card, form, every_row, name):
        before = every_row()
        response = sent(client, name, session.pk, card, form)
        assert (response.status_code, response["Location"].split("?")[0]) == (302, reverse("account_login"))
        assert every_row() == before

    @pytest.mark.parametrize("name", [*PAGES, *FORMS])
    def test_a_stranger_s_session_is_not_found(self, as_user, strangers_session, card, form, every_row, name):
        before = every_row()
        assert sent(as_user, name, strangers_session.pk, card, form).status_code == 404
        assert every_row() == before

    @pytest.mark.parametrize("name", [*PAGES, *FORMS])
    def test_a_session_that_does_not_exist_is_not_found(self, as_user, card, form, every_row, name):
        before = every_row()
        assert sent(as_user, name, NOWHERE, card, form).status_code == 404
        assert every_row() == before

    @pytest.mark.parametrize("name", PAGES)
    def test_one_s_own_session_is_found(self, as_user, session, name):
        assert as_user.get(reverse(name, args=[session.pk])).status_code == 200

    @pytest.mark.parametrize("name", FORMS)
    def test_a_session_is_not_changed_by_a_link_but_shown(self, as_user, session, card, name, every_row):
        before = every_row()
        response = as_user.get(address_of(name, session.pk, card))
        assert (response.status_code, response["Location"]) == (302, reverse("session", args=[session.pk]))
        assert every_row() == before

    @pytest.mark.parametrize("name", FORMS)
    def test_someone_else_s_form_is_refused_without_the_token(self, user, session, card, form, every_row, name):
        client = Client(enforce_csrf_checks=True)
        client.force_login(user)
        before = every_row()
        assert sent(client, name, session.pk, card, form).status_code == 403
        assert every_row() == before


class TestSession:
    def address(self, session, name="answer"):
        return reverse(name, args=[session.pk])

    def test_words_are_studied_by_plain_forms_to_the_summary(self, as_user, user, make_deck, clock):
        deck = make_deck([("学生", "", "xuésheng", "student"), ("水", "", "shuǐ", "water")], name="Two", user=user)
        Enrolment.objects.create(user=user, deck=deck, directions=[READ])
        response = as_user.post(reverse("study-deck", args=[deck.pk]), {"direction": ""}, follow=True)
        asked = []
        for rating in [1, 3, 3, 3, 4]:
            asked.append(shown(response).hanzi)
            clock.shift(5)
            fields = hidden_fields(response) | {"rating": rating}
            response = as_user.post(self.address(user.sessions.get()), fields, follow=True)
        assert asked == ["学生", "水", "学生", "水", "学生"]
        text = page(response)
        assert "Nothing is left for now You studied 2 words in this session." in text
        assert "The next one comes" in text
        text = page(as_user.post(self.address(user.sessions.get(), "end"), follow=True))
        assert "You studied 2 words in less than a minute" in text
        assert "What was hard 学生 xué sheng student forgotten once" in text
        assert "Done for now. The next word comes" in text

    def test_the_page_has_a_word_and_what_each_grade_does(self, as_user, session):
        response = as_user.get(self.address(session, "session"))
        text = page(response)
        assert "5 new 0 learning 0 to review 学生 學生 Show answer" in text
        assert "Again 1 min 1 Hard 6 min 2 Good 10 min 3 Easy" in text
        assert {"id", "card", "direction", "reps", "shown_at"} == hidden_fields(response).keys()

    @pytest.mark.parametrize("which", ["a stranger's", "nobody's"])
    def test_a_taken_id_tells_nothing_of_a_card_that_is_not_theirs(
        self, as_user, session, strangers_session, private_deck, card, now, which
    ):
        strangers_session.answer(ID, card, READ, Rating.GOOD, at=now)
        hidden = private_deck.cards.first().pk if which == "a stranger's" else uuid7()
        form = {"id": ID, "card": hidden, "direction": READ, "rating": 3}
        assert as_user.post(self.address(session), form, follow=True).status_code == 404

    def test_each_showing_has_an_id_of_its_own(self, as_user, session):
        ids = {UUID(hidden_fields(as_user.get(self.address(session, "session")))["id"]) for _ in range(3)}
        assert [made.version for made in ids] == [7, 7, 7]

    def test_english_to_chinese_does_not_show_the_word(self, as_user, user, deck, now):
        session = StudySession.start(user, deck, WRITE, now)
        prompt = page(as_user.get(self.address(session, "session"))).split("Show answer")[0]
        assert "student" in prompt
        assert "学生" not in prompt

    def test_time_is_measured_from_when_the_word_was_shown(self, as_user, session, clock):
        fields = hidden_fields(as_user.get(self.address(session, "session")))
        clock.shift(7.25)
        as_user.post(self.address(session), fields | {"rating": 3})
        assert CardInteraction.objects.get().response_time == 7250

    @pytest.mark.parametrize(
        ("shown", "milliseconds"),
        [("2026-03-02T11:58:59Z", 60_000), ("2026-03-02T12:00:01Z", None), ("", None), ("2026-03-02T12:00:00Z", 0)],
    )
    def test_a_time_is_a_minute_at_most_and_never_below_nothing(self, as_user, session, form, shown, milliseconds):
        as_user.post(self.address(session), form | {"shown_at": shown})
        assert CardInteraction.objects.get().response_time == milliseconds

    def test_an_answer_leads_back_to_the_session(self, as_user, session, form, now):
        response = as_user.post(self.address(session), form)
        assert (response.status_code, response["Location"]) == (302, self.address(session, "session"))
        interaction = CardInteraction.objects.get()
        assert (interaction.pk, interaction.rating, interaction.answered_at) == (ID, Rating.GOOD, now)

    def test_an_answer_leads_to_the_next_card(self, as_user, session, form):
        response = as_user.post(self.address(session), form, follow=True)
        assert response.redirect_chain == [(self.address(session, "session"), 302)]
        assert shown(response).hanzi == "老师"

    def test_the_last_answer_leads_to_the_end_of_the_session(self, as_user, user, make_deck, now):
        deck = make_deck([("水", "", "shuǐ", "water")], name="One", user=user)
        Enrolment.objects.create(user=user, deck=deck, directions=[READ])
        session = StudySession.start(user, deck, None, now)
        form = {"id": ID, "card": deck.cards.get().pk, "direction": READ, "rating": 4}
        response = as_user.post(self.address(session), form, follow=True)
        assert "Nothing is left for now" in page(response)
        assert shown(response) is None
        # Nothing is left for the script to show: the page does without.
        assert "js/study" not in response.content.decode()

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("id", "x"),
            ("id", ""),
            ("card", "1"),
            ("direction", "sideways"),
            ("direction", ""),
            ("rating", "0"),
            ("rating", "5"),
            ("rating", "good"),
            ("rating", ""),
            ("reps", "-1"),
            ("reps", "x"),
            ("shown_at", "noon"),
            ("suggested", "5"),
            ("suggested", "good"),
            ("typed", "x" * 201),
            ("typed", "a\0b"),
        ],
    )
    def test_a_bad_answer_is_refused_by_the_field_s_name(self, as_user, session, form, every_row, field, value):
        before = every_row()
        response = as_user.post(self.address(session), form | {field: value})
        assert (response.status_code, response["Content-Type"]) == (400, "text/plain")
        assert response.content.decode().startswith(f"* {field}\n")
        assert every_row() == before

    def test_a_card_of_another_deck_is_not_found(self, as_user, user, session, make_deck, form, every_row):
        other = make_deck(name="Other", user=user)
        Enrolment.objects.start(user, other)
        before = every_row()
        assert as_user.post(self.address(session), form | {"card": other.cards.first().pk}).status_code == 404
        assert every_row() == before

    def test_a_card_of_a_stranger_s_private_deck_is_not_found(
        self, as_user, user, enrolment, private_deck, form, now, every_row
    ):
        session = StudySession.start(user, None, None, now)
        before = every_row()
        assert as_user.post(self.address(session), form | {"card": private_deck.cards.first().pk}).status_code == 404
        assert every_row() == before

    def test_a_card_that_does_not_exist_is_not_found(self, as_user, session, form):
        assert as_user.post(self.address(session), form | {"card": NOWHERE}).status_code == 404

    def test_a_card_of_two_enrolled_learners_is_answered_by_one(self, as_user, user, stranger, deck, form, now):
        """The deck has two enrolments: the card is found once."""
        Enrolment.objects.start(user, deck)
        Enrolment.objects.start(stranger, deck)
        session = StudySession.start(user, None, None, now)
        assert as_user.post(self.address(session), form).status_code == 302
        assert CardProgress.objects.get().user == user

    def test_the_same_answer_twice_is_recorded_once(self, as_user, session, form, every_row):
        as_user.post(self.address(session), form)
        before = every_row()
        response = as_user.post(self.address(session), form, follow=True)
        assert "another tab" not in page(response)
        assert every_row() == before

    def test_an_answer_from_a_stale_tab_says_that_the_other_one_counts(self, as_user, session, form):
        as_user.post(self.address(session), form)
        text = page(as_user.post(self.address(session), form | {"id": uuid7(), "rating": 1}, follow=True))
        assert "学生 was answered in another tab: that answer counts." in text
        assert CardInteraction.objects.get().rating == Rating.GOOD

    def test_a_word_whose_memory_was_taken_back_can_be_answered_from_its_page(self, as_user, session, card, remember):
        remember(session.user, card, stability=None, difficulty=None, state=State.LEARNING, reps=4)
        response = as_user.get(self.address(session, "session"))
        assert shown(response) == card
        as_user.post(self.address(session), hidden_fields(response) | {"rating": 3, "shown_at": ""})
        assert CardProgress.objects.get().reps == 5

    def test_an_ended_session_shows_its_summary(self, as_user, session, now):
        session.end(now)
        response = as_user.get(self.address(session, "session"))
        assert (response.status_code, response["Location"]) == (302, self.address(session, "summary"))

    def test_an_answer_to_an_ended_session_is_not_lost(self, as_user, session, form, now):
        session.end(now)
        text = page(as_user.post(self.address(session), form, follow=True))
        assert CardInteraction.objects.get().session == session
        assert "You studied 1 word in less than a minute" in text

    def test_an_answer_to_an_ended_session_leads_to_no_next_card(self, as_user, session, form, now):
        session.end(now)
        response = as_user.post(self.address(session), form, follow=True)
        assert response.redirect_chain[-1] == (self.address(session, "summary"), 302)
        assert "老师" not in response.content.decode()

    def test_ending_twice_keeps_the_first_end(self, as_user, session, clock, now):
        as_user.post(self.address(session, "end"))
        clock.shift(60)
        response = as_user.post(self.address(session, "end"))
        assert response["Location"] == self.address(session, "summary")
        assert StudySession.objects.get().ended_at == now

    @pytest.mark.parametrize("field", ["hanzi", "traditional", "pinyin", "english", "sentence", "notes"])
    @pytest.mark.parametrize("direction", [READ, WRITE])
    def test_html_in_a_card_is_text(self, as_user, user, make_deck, now, field, direction):
        deck = make_deck([], name=EVIL, user=user)
        deck.cards.create(**{"hanzi": "学", "english": "to learn", field: EVIL})
        session = StudySession.start(user, deck, direction, now)
        response = as_user.get(self.address(session, "session"))
        main = main_of(response)
        # The one script is data, which no text of it can end.
        [data] = re.findall(r"<script\b.*?</script\b", main, re.DOTALL | re.IGNORECASE)
        assert data.startswith('<script id="pack" type="application/json">')
        inside = data.removeprefix('<script id="pack" type="application/json">').removesuffix("</script")
        assert not set("<>&") & set(inside)
        assert "\\u003Cscript\\u003E" in inside
        assert ESCAPED in main
        assert "<script" not in "".join(each["html"] for each in pack_in(response)["cards"].values())

    @pytest.mark.parametrize("count", [5, 15, 45])
    # Reviews are asked for only where some are left.
    @pytest.mark.parametrize(("decks", "planned"), [(1, 23), (3, 24), (9, 24)])
    def test_it_takes_the_same_queries_for_any_number_of_answers_and_decks(
        self, as_user, user, many_decks, decks, planned, count, django_assert_num_queries, now
    ):
        user.new_per_day = 50
        user.save()
        many_decks(decks)
        session = StudySession.start(user, None, None, now)
        for number in range(count):
            card = session.queue(now).entries(1)[0].card if number < 3 else Card.objects.first()
            session.answer(uuid7(), card, READ, Rating.AGAIN, at=now)
        with django_assert_num_queries(planned):
            as_user.get(self.address(session, "session"))
        # The log-in (2), the session, its last act, the number of the log, the card, its exercise; and for the script
        # the number, the cards, their exercises, which of them were answered.
        with django_assert_num_queries(11):
            as_user.get(self.address(session, "session"))

    def test_it_takes_the_same_queries_for_any_number_of_decks_without_new_words(
        self, as_user, user, make_deck, remember, now
    ):
        def queries(decks):
            while user.enrolments.count() < decks:
                number = user.enrolments.count()
                deck = make_deck([(f"字{number}", "", "zì", "x")], name=f"Deck {number}", user=user)
                Enrolment.objects.create(user=user, deck=deck, directions=[READ])
                remember(user, deck.cards.get(), due=now + 3 * DAY)
            with CaptureQueriesContext(connection) as captured:
                assert "Nothing is left" in page(as_user.get(self.address(session, "session")))
            return len(captured)

        session = StudySession.start(user, None, None, now)
        queries(decks=1)  # from now on the plan knows that nothing is left
        assert [queries(decks) for decks in (1, 3, 9)] == 3 * [queries(decks=9)]

    @pytest.mark.parametrize("count", [1, 3, 9])
    def test_an_answer_takes_the_same_queries_after_any_number_of_answers(
        self, as_user, session, card, count, django_assert_num_queries, now
    ):
        for _ in range(count):
            session.answer(uuid7(), card, READ, Rating.AGAIN, at=now)
        form = {"id": ID, "card": card.pk, "direction": READ, "rating": 3, "reps": count}
        with django_assert_num_queries(7):
            as_user.post(self.address(session), form)


class TestSummary:
    def test_the_last_answer_can_be_taken_back_from_it(self, as_user, session, card, now):
        session.answer(uuid7(), card, READ, Rating.GOOD, at=now)
        session.end(now)
        before = as_user.get(reverse("summary", args=[session.pk]))
        assert reverse("undo", args=[session.pk]) in before.content.decode()
        response = as_user.post(reverse("undo", args=[session.pk]), {"id": before.context["last"].pk}, follow=True)
        assert shown(response) == card
        assert not CardProgress.objects.exists()

    def address(self, session):
        return reverse("summary", args=[session.pk])

    def test_without_an_answer_it_says_so(self, as_user, session):
        text = page(as_user.get(self.address(session)))
        assert "No word was answered in this session" in text
        assert "5 words are still due." in text

    def test_it_says_what_was_studied_and_what_was_hard(self, as_user, user, session, cards, now):
        user.script = Script.TRADITIONAL
        user.save()
        for card, rating in [(0, 3), (1, 1), (1, 1), (2, 1), (3, 3)]:
            session.answer(uuid7(), cards[card], READ, rating, at=now + 3 * MINUTE)
        text = page(as_user.get(self.address(session)))
        assert "You studied 4 words in 3 minutes" in text
        assert re.search(r"老師 老师 .* forgotten 2 times 蘋果 苹果 .* forgotten once", text)

    def test_it_says_how_many_answers_were_right(self, as_user, session, cards, now):
        for card, rating in [(0, 3), (1, 1), (1, 3)]:
            session.answer(uuid7(), cards[card], READ, rating, at=now)
        assert "Answers 3, 2 remembered" in page(as_user.get(self.address(session)))

    def test_it_goes_on_in_the_same_direction(self, as_user, user, deck, now):
        session = StudySession.start(user, deck, WRITE, now)
        found = as_user.get(self.address(session)).content.decode()
        assert f'<input type="hidden" name="direction" value="{WRITE}">' in found
        assert reverse("study-deck", args=[deck.pk]) in found

    def test_html_in_a_hard_card_is_text(self, as_user, user, make_deck, now):
        deck = make_deck([], name=EVIL, user=user)
        card = deck.cards.create(hanzi=EVIL, traditional=EVIL + "x", pinyin=EVIL, english=EVIL)
        session = StudySession.start(user, deck, None, now)
        session.answer(ID, card, READ, Rating.AGAIN, at=now)
        found = as_user.get(self.address(session)).content.decode()
        assert "<script>alert" not in found
        assert found.count(ESCAPED) > 3

    @pytest.mark.parametrize("count", [1, 3, 9])
    def test_it_takes_the_same_queries_for_any_number_of_hard_cards(
        self, as_user, user, make_deck, now, count, django_assert_num_queries
    ):
        deck = make_deck([(f"字{at}", "", f"zì{at}", "x") for at in range(12)], name="Long", user=user)
        session = StudySession.start(user, deck, None, now)
        for card in deck.cards.all()[:count]:
            session.answer(uuid7(), card, READ, Rating.AGAIN, at=now)
        with django_assert_num_queries(12):
            assert page(as_user.get(self.address(session))).count("forgotten once") == count
