"""Acts on a word by the forms of the pages: the same as by the API, once each, and taken back by a button."""

import re
from datetime import timedelta
from html import unescape
from uuid import UUID

import pytest
import time_machine
from django.urls import reverse
from uuid_utils.compat import uuid7

from decks.models import Visibility
from study.choices import Direction, InteractionType, State
from study.log import CardInteraction
from study.models import CardProgress, Enrolment

READ, WRITE = Direction.CHINESE_TO_ENGLISH, Direction.ENGLISH_TO_CHINESE
DAY = timedelta(days=1)
ACTS, UNDO = "/study/acts/", "/study/acts/undo/"
ID = UUID("01990000-0000-7000-8000-000000000001")
NOWHERE = UUID("01990000-0000-7000-8000-00000000dead")
EVERY_ACT = [
    ("flip", None),
    ("suspend", None),
    ("unsuspend", None),
    ("bury", None),
    ("unbury", None),
    ("reset", None),
    ("set_due", 0),
    ("set_due", 36500),
    ("mark_known", 1),
    ("mark_known", 36500),
    ("mark_known", None),
]


@pytest.fixture(autouse=True)
def clock(now):
    """Noon on a Monday, until a test moves on."""
    with time_machine.travel(now, tick=False) as clock:
        yield clock


@pytest.fixture
def send(client, user, card):
    """Return a function that sends a form as the learner: an act on the card, unless told."""
    client.force_login(user)

    def send(type="suspend", days=None, **fields):
        form = {"id": ID, "card": card.pk, "direction": READ, "type": type, "next": reverse("decks")} | fields
        return client.post(ACTS, form | ({} if days is None else {"days": days}))

    return send


def page(response, status=200):
    """Return the text of a page, between its tags."""
    assert response.status_code == status
    main = response.content.decode().split("<main", 1)[1].split("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", "<main" + main)).split())


def forms(response, address):
    """Return the hidden fields, the numbers and the buttons' types of each form of a page that goes to an address."""
    found = []
    for form in re.findall(r"<form[^>]*>.*?</form>", response.content.decode(), re.DOTALL):
        if f'action="{address}"' in form.split(">", 1)[0]:
            fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
            fields.pop("csrfmiddlewaretoken")
            days = re.findall(r'name="days" value="(\d+)"', form)
            found.append((fields, days, re.findall(r'<button name="type" value="(\w+)"', form)))
    return found


def rows(user):
    """Return what a learner's log and progress hold, but for what differs in any two: ids and whose it is."""
    apart = {"id", "user_id", "progress_id"}
    return [
        [{name: value for name, value in row.items() if name not in apart} for row in table.filter(user=user).values()]
        for table in (CardInteraction.objects.order_by("sequence"), CardProgress.objects.order_by("word_key"))
    ]


class TestAccess:
    @pytest.mark.parametrize("address", [ACTS, UNDO])
    def test_a_visitor_is_asked_to_log_in_and_then_sent_to_what_is_due(self, client, user, card, every_row, address):
        before = every_row()
        response = client.post(address, {"id": ID, "card": card.pk, "direction": READ, "type": "suspend"})
        assert (response.status_code, response["Location"]) == (302, f"/accounts/login/?next={address}")
        assert every_row() == before
        client.force_login(user)
        assert client.get(address)["Location"] == "/"

    def test_a_stranger_s_private_card_is_not_found(self, send, make_deck, stranger, every_row):
        closed = make_deck(name="Wang's own", user=stranger, visibility=Visibility.PRIVATE)
        before = every_row()
        assert send(card=closed.cards.first().pk).status_code == 404
        assert send(card=NOWHERE).status_code == 404
        assert every_row() == before

    def test_an_act_changes_the_learner_s_own_word_alone(self, send, stranger, card, remember):
        theirs = remember(stranger, card)
        send("suspend")
        theirs.refresh_from_db()
        assert theirs.suspended is False
        assert list(CardInteraction.objects.values_list("user__username", flat=True)) == ["li"]

    def test_a_stranger_s_act_is_not_taken_back(self, send, client, stranger, every_row):
        send("suspend")
        client.force_login(stranger)
        before = every_row()
        assert client.post(UNDO, {"id": ID}).status_code == 404
        assert every_row() == before

    @pytest.mark.parametrize("id", ["", "nonsense", str(NOWHERE)])
    def test_an_act_that_is_not_there_is_not_taken_back(self, as_user, id):
        assert as_user.post(UNDO, {"id": id}).status_code == 404


class TestActs:
    @pytest.mark.parametrize(("kind", "days"), EVERY_ACT)
    def test_each_does_the_same_as_by_the_api(self, send, client, user, stranger, card, remember, kind, days):
        fields = {"suspended": kind == "unsuspend"}
        remember(user, card, **fields)
        remember(stranger, card, **fields)
        assert send(kind, days).status_code == 302
        client.force_login(stranger)
        act = {"id": str(uuid7()), "card_id": str(card.pk), "direction": READ, "interaction_type": kind, "days": days}
        assert client.post("/api/study/interactions", act, "application/json").status_code == 201
        assert rows(user) == rows(stranger)
        assert [entry["interaction_type"] for entry in rows(user)[0]] == [kind]

    @pytest.mark.parametrize("kind", ["flip", "suspend", "bury", "mark_known"])
    def test_a_word_that_is_not_begun_is_acted_on_too(self, send, user, card, kind):
        assert send(kind).status_code == 302
        row = CardProgress.objects.get(user=user, card=card, direction=READ)
        assert (row.flip_count, row.suspended, bool(row.buried_until), row.stability is not None) == (
            kind == "flip",
            kind == "suspend",
            kind == "bury",
            kind == "mark_known",
        )

    def test_what_each_leaves_behind(self, send, user, card, remember, now):
        row = remember(user, card)
        for kind, days in [("set_due", 5), ("mark_known", 40), ("suspend", None), ("bury", None)]:
            send(kind, days, id=uuid7())
        row.refresh_from_db()
        rollover = now.replace(hour=4)
        assert (row.interval, row.next_review_at, row.suspended) == (40, rollover + 40 * DAY, True)
        assert row.buried_until == rollover + DAY
        for kind in ("unsuspend", "unbury", "reset"):
            send(kind, id=uuid7())
        row.refresh_from_db()
        assert (row.suspended, row.buried_until, row.stability, row.state) == (False, None, None, State.LEARNING)

    def test_sent_twice_it_is_done_once(self, send, every_row):
        assert send("mark_known", 40).status_code == 302
        before = [every_row()[table] for table in ("card_interactions", "user_card_progress", "user_statistics")]
        assert send("mark_known", 40).status_code == 302
        assert [
            every_row()[table] for table in ("card_interactions", "user_card_progress", "user_statistics")
        ] == before

    def test_the_same_id_for_something_else_does_nothing_and_says_so(self, send, as_user, card, cards):
        send("suspend")
        send("mark_known")
        assert "学生: suspended, as you said first." in page(as_user.get(reverse("decks")))
        send("suspend", card=cards[1].pk)
        assert "That was not done: you have done something else meanwhile." in page(as_user.get(reverse("decks")))
        assert list(CardInteraction.objects.values_list("interaction_type", "card")) == [("suspend", card.pk)]

    def test_a_stranger_s_id_is_taken(self, send, client, stranger, card):
        send("suspend")
        client.force_login(stranger)
        response = client.post(
            ACTS, {"id": ID, "card": card.pk, "direction": READ, "type": "bury", "next": reverse("decks")}, follow=True
        )
        assert "That was not done" in page(response)
        assert CardInteraction.objects.get().interaction_type == "suspend"

    @pytest.mark.parametrize(
        ("asked", "sent_to"),
        [
            ("/decks/?page=2", "/decks/?page=2"),
            ("", "/"),
            ("https://evil.example/", "/"),
            ("//evil.example/", "/"),
            ("/\\evil.example", "/"),
            ("javascript:alert(1)", "/"),
            ("http://testserver/library/", "http://testserver/library/"),
        ],
    )
    def test_one_is_sent_back_within_the_site(self, send, as_user, asked, sent_to):
        assert send("suspend", next=asked)["Location"] == sent_to
        assert as_user.post(UNDO, {"id": ID, "next": asked})["Location"] == sent_to

    def test_what_it_costs(self, send, django_assert_num_queries, user, card, remember):
        remember(user, card)
        send("flip", id=uuid7())  # makes the row of the learner's totals
        # The log-in (2); in a savepoint (2): lock, find, write.
        with django_assert_num_queries(7):
            send("suspend")


class TestRefusal:
    @pytest.mark.parametrize(
        ("fields", "complaint"),
        [
            ({"type": "set_due"}, "Days from today: Say in how many days."),
            ({"type": "set_due", "days": -1}, "Days from today: Ensure this value is greater than or equal to 0."),
            ({"type": "set_due", "days": 36501}, "Days from today: Ensure this value is less than or equal to 36500."),
            ({"type": "set_due", "days": "soon"}, "Days from today: Enter a whole number."),
            ({"type": "mark_known", "days": 0}, "A word that you know comes back in a day at the earliest."),
            ({"type": "review"}, "What to do: Select a valid choice. review is not one of the available choices."),
            ({"type": ""}, "What to do: This field is required."),
            ({"direction": "up"}, "Direction: Select a valid choice. up is not one of the available choices."),
            ({"id": "x"}, "Id: Enter a valid UUID."),
            ({"card": "x"}, "Card: Enter a valid UUID."),
        ],
    )
    def test_bad_input_is_refused_with_its_reason(self, send, user, card, remember, every_row, fields, complaint):
        remember(user, card)
        before = every_row()
        assert complaint in page(send(**fields), 400)
        assert every_row() == before

    def test_an_act_that_makes_no_sense_is_refused_and_can_be_mended(self, send, as_user, card):
        response = send("set_due", 12)
        text = page(response, 400)
        assert "That was not done: 学生" in text
        assert "A word that you have not begun has no date: begin it, or mark it as known." in text
        content = response.content.decode()
        assert '<option value="set_due" selected>' in content
        assert 'name="days" value="12"' in content
        assert not CardProgress.objects.exists()
        [(fields, days, _)] = forms(response, ACTS)
        assert (fields["card"], fields["next"], days) == (str(card.pk), reverse("decks"), ["12"])
        assert fields["id"] != str(ID)
        mended = as_user.post(ACTS, fields | {"direction": READ, "type": "mark_known", "days": 12})
        assert (mended.status_code, mended["Location"]) == (302, reverse("decks"))
        assert CardProgress.objects.get().interval == 12


class TestUndo:
    def test_the_message_offers_it_and_it_brings_all_back(self, send, as_user, user, card, every_row):
        send("mark_known", 40, id=uuid7())
        as_user.get(reverse("decks"))
        before = every_row()["user_card_progress"]
        send("reset")
        response = as_user.get(reverse("decks"))
        assert "学生: forgotten on purpose. Undo" in page(response)
        [(fields, _, _)] = forms(response, UNDO)
        assert fields == {"id": str(ID), "next": reverse("decks")}
        back = as_user.post(UNDO, fields, follow=True)
        assert back.redirect_chain == [(reverse("decks"), 302)]
        assert "Taken back: 学生." in page(back)
        assert every_row()["user_card_progress"] == before

    def test_twice_is_as_once(self, send, as_user, every_row):
        send("suspend")
        as_user.post(UNDO, {"id": ID})
        before = every_row()["card_interactions"]
        assert as_user.post(UNDO, {"id": ID}).status_code == 302
        assert every_row()["card_interactions"] == before
        assert not CardProgress.objects.exists()

    def test_only_the_latest_is_taken_back(self, send, as_user):
        send("suspend")
        send("bury", id=uuid7())
        response = as_user.post(UNDO, {"id": ID, "next": reverse("decks")}, follow=True)
        assert "You have done something else since" in page(response)
        assert CardProgress.objects.get().suspended is True

    def test_of_an_act_taken_back_a_repeat_is_told(self, send, as_user):
        send("suspend")
        as_user.post(UNDO, {"id": ID, "next": "/"})
        send("suspend")
        assert "学生: that was taken back." in page(as_user.get(reverse("decks")))
        assert not CardProgress.objects.exists()

    def test_from_the_page_of_a_word_that_is_gone_one_is_sent_to_its_deck(self, send, as_user, card):
        send("suspend")
        back = reverse("word", args=[CardProgress.objects.get().pk])
        assert as_user.post(UNDO, {"id": ID, "next": back})["Location"] == reverse("deck", args=[card.deck_id])


class TestForms:
    """The forms as the pages show them."""

    @pytest.mark.parametrize(
        ("fields", "acts"),
        [
            ({}, [["bury", "suspend"], ["mark_known"], ["set_due"], ["reset"]]),
            ({"suspended": True}, [["unsuspend"], ["mark_known"], ["set_due"], ["reset"]]),
            ({"buried": 1}, [["unbury", "suspend"], ["mark_known"], ["set_due"], ["reset"]]),
            ({"buried": -1}, [["bury", "suspend"], ["mark_known"], ["set_due"], ["reset"]]),
            ({"stability": None, "difficulty": None}, [["bury", "suspend"], ["mark_known"]]),
        ],
    )
    def test_the_page_of_a_word_offers_what_fits(self, as_user, user, card, remember, now, fields, acts):
        if days := fields.pop("buried", None):
            fields = {"buried_until": now + days * DAY}
        row = remember(user, card, direction=WRITE, **fields)
        address = reverse("word", args=[row.pk])
        found = forms(as_user.get(address), ACTS)
        assert [types for *_, types in found] == acts
        assert [days for _, days, _ in found] == [[], ["90"], ["1"], []][: len(acts)]
        assert {(each["card"], each["direction"], each["next"]) for each, *_ in found} == {
            (str(card.pk), WRITE, address)
        }
        assert len({each["id"] for each, *_ in found}) == len(acts)

    def test_each_form_of_a_word_s_page_works_as_it_stands(self, as_user, user, card, remember, clock):
        row = remember(user, card)
        address = reverse("word", args=[row.pk])
        for kind in ("suspend", "unsuspend", "bury", "unbury", "set_due", "mark_known", "reset", "mark_known"):
            found = forms(as_user.get(address), ACTS)
            [(fields, days)] = [(each, days) for each, days, types in found if kind in types]
            response = as_user.post(ACTS, fields | {"type": kind} | ({"days": days[0]} if days else {}), follow=True)
            assert response.redirect_chain == [(address, 302)]
            assert f"学生: {InteractionType(kind).label.lower()}. Undo" in page(response)
            clock.shift(1)
        assert CardInteraction.objects.count() == 8
        row.refresh_from_db()
        assert (row.suspended, row.buried_until, row.interval) == (False, None, 90)

    def test_in_a_session_they_go_to_the_session(self, as_user, user, session, card, remember):
        remember(user, card)
        found = forms(as_user.get(reverse("session", args=[session.pk])), reverse("act", args=[session.pk]))
        assert [types for *_, types in found] == [["bury", "suspend"], ["mark_known"], ["set_due"], ["reset"]]
        fields, days, _ = found[2]
        as_user.post(reverse("act", args=[session.pk]), fields | {"type": "set_due", "days": days[0]})
        assert CardInteraction.objects.get().session == session

    def test_the_words_of_a_deck_lead_to_their_pages(self, as_user, user, deck, cards, remember, now):
        Enrolment.objects.create(user=user, deck=deck)
        plain = remember(user, cards[0])
        aside = remember(user, cards[1], suspended=True)
        later = remember(user, cards[2], buried_until=now + DAY)
        response = as_user.get(reverse("deck", args=[deck.pk]))
        links = re.findall(r'<a class="state" href="([^"]*)" [^>]*>([^<]*)</a>', response.content.decode())
        assert links == [
            (reverse("word", args=[plain.pk]), "Review"),
            (reverse("word", args=[aside.pk]), "Review, suspended"),
            (reverse("word", args=[later.pk]), "Review, not today"),
        ]
        assert forms(response, ACTS) == []
