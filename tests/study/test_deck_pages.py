"""The pages of a learner's own decks, and who may see and do what."""

import re

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone
from uuid_utils.compat import uuid7

from decks.models import Deck, DeckReport, Visibility
from study import shelf
from study.models import Enrolment
from tests.study.pages import page

FIELDS = {"name": "Food", "description": "What I eat", "tags": "food, home", "visibility": "unlisted"}


@pytest.fixture
def as_user(client, user):
    client.force_login(user)
    return client


@pytest.fixture
def own(make_deck, user):
    return make_deck(name="Mine", user=user, visibility=Visibility.PRIVATE)


@pytest.fixture
def theirs(make_deck, stranger):
    return {each: make_deck(name=f"Theirs, {each}", user=stranger, visibility=each) for each in Visibility}


def told(response):
    """Return what a reply's page will say first."""
    return [str(each) for each in get_messages(response.wsgi_request)]


class TestMaking:
    def test_a_deck_is_made_and_studied(self, as_user, user):
        pk = uuid7()
        response = as_user.post(reverse("deck-new"), {**FIELDS, "id": str(pk)})
        assert response["Location"] == reverse("deck", args=[pk])
        deck = user.decks.get()
        assert (deck.name, deck.description, deck.tags, deck.visibility) == (
            *("Food", "What I eat", ["food", "home"], "unlisted"),
        )
        assert user.enrolments.get().deck == deck
        assert page(as_user.get(response["Location"])).startswith("Food is made. Add its first words. Food")

    def test_what_is_sent_twice_is_one_deck(self, as_user, user):
        for _ in range(2):
            as_user.post(reverse("deck-new"), {**FIELDS, "id": "0192f0aa-0000-7000-8000-000000000001"})
        assert user.decks.count() == 1

    def test_the_id_of_somebody_else_s_deck_is_refused(self, as_user, theirs):
        taken = str(theirs[Visibility.PUBLIC].pk)
        assert as_user.post(reverse("deck-new"), {**FIELDS, "id": taken}).status_code == 403
        assert as_user.post(reverse("deck-copy", args=[taken]), {"id": taken}).status_code == 403

    @pytest.mark.parametrize(
        ("field", "value", "said"),
        [
            ("name", "", "This field is required."),
            ("name", "   ", "This field is required."),
            ("name", "x" * 101, "at most 100 characters"),
            ("name", "a\0b", "Null characters are not allowed."),
            ("description", "x" * 5001, "At most 5,000 characters: these are 5,001."),
            ("tags", " ".join(map(str, range(51))), "At most 50 tags: these are 51."),
            ("tags", "x" * 101, "A tag has at most 100 characters."),
            ("visibility", "everybody", "Select a valid choice."),
        ],
    )
    def test_a_field_that_is_wrong_says_why_and_keeps_the_rest(self, as_user, user, field, value, said):
        response = as_user.post(reverse("deck-new"), {**FIELDS, field: value})
        assert said in page(response, 400)
        kept = "home" if field != "tags" else "What I eat"
        assert kept in response.content.decode()
        assert user.decks.count() == 0

    def test_a_deck_is_renamed_and_shared_by_its_link(self, as_user, own):
        response = as_user.post(reverse("deck-edit", args=[own.pk]), FIELDS)
        assert response["Location"] == own.get_absolute_url()
        text = page(as_user.get(reverse("deck-edit", args=[own.pk])))
        assert text.startswith("Saved: Food. Edit Food")
        assert f"Its link: http://testserver{own.get_absolute_url()}" in text
        assert "Whoever has its link can see it. food home" in page(as_user.get(own.get_absolute_url()))

    def test_html_in_a_name_is_text(self, as_user, own):
        evil = "<script>alert(1)</script>"
        as_user.post(reverse("deck-edit", args=[own.pk]), {**FIELDS, "name": evil, "tags": evil, "description": evil})
        for name in ("deck", "deck-edit", "deck-delete"):
            content = as_user.get(reverse(name, args=[own.pk])).content.decode()
            assert evil not in content
            assert "&lt;script&gt;alert(1)" in content

    def test_more_decks_than_can_be_kept_are_refused(self, as_user, user, theirs, monkeypatch):
        monkeypatch.setattr("decks.models.MOST_DECKS", 1)
        as_user.post(reverse("deck-new"), FIELDS)
        assert "You have 1 decks, which is as many" in page(as_user.post(reverse("deck-new"), FIELDS), 400)
        as_user.post(reverse("deck-copy", args=[theirs["public"].pk]))
        assert user.decks.count() == 1


class TestWays:
    def test_the_order_is_changed_by_buttons(self, as_user, user, make_deck):
        decks = [make_deck([], name=name) for name in "ab"]
        for each in decks:
            Enrolment.objects.start(user, each)
        as_user.post(reverse("deck-move", args=[decks[0].pk]), {"to": "down"})
        content = as_user.get(reverse("decks")).content.decode()
        assert re.findall(r'aria-label="Move (\w) (\w+)"( disabled)?', content) == [
            *[("b", "up", " disabled"), ("b", "down", ""), ("a", "up", ""), ("a", "down", " disabled")],
        ]

    def test_own_decks_that_are_not_studied_are_listed_apart(self, as_user, user, own):
        assert "Your decks that you don’t study now Mine 5 words Study" in page(as_user.get(reverse("decks")))
        Enrolment.objects.start(user, own)
        assert "don’t study now" not in page(as_user.get(reverse("decks")))

    def test_a_copy_is_made_and_said(self, as_user, user, theirs):
        pk = uuid7()
        response = as_user.post(reverse("deck-copy", args=[theirs["unlisted"].pk]), {"id": str(pk)})
        assert response["Location"] == reverse("deck", args=[pk])
        assert "is your own copy now" in told(response)[0]
        assert "A copy of Theirs, unlisted ." in page(as_user.get(response["Location"]))
        assert user.decks.get().cards.count() == 5

    def test_a_private_original_is_not_named(self, as_user, user, theirs):
        made = shelf.copy(user, theirs["unlisted"], uuid7())
        Deck.objects.filter(pk=theirs["unlisted"].pk).update(visibility=Visibility.PRIVATE)
        assert "Theirs" not in page(as_user.get(made.get_absolute_url())).replace(made.name, "")


class TestDeleting:
    def test_it_is_asked_done_and_undone(self, as_user, user, own):
        Enrolment.objects.start(user, own)
        text = page(as_user.get(reverse("deck-delete", args=[own.pk])))
        assert "5 cards nothing that you learnt" in text
        response = as_user.post(reverse("deck-delete", args=[own.pk]))
        assert response["Location"] == reverse("decks")
        assert as_user.get(own.get_absolute_url()).status_code == 404
        shown = as_user.get(reverse("decks"))
        assert page(shown).startswith("Mine is deleted. Undo Decks")
        assert reverse("deck-restore", args=[own.pk]) in shown.content.decode()
        assert "Mine 5 words until" in page(as_user.get(reverse("decks-deleted")))
        response = as_user.post(reverse("deck-restore", args=[own.pk]))
        assert response["Location"] == own.get_absolute_url()
        assert user.enrolments.get().deck == own
        assert "You have deleted no deck" in page(as_user.get(reverse("decks-deleted")))

    def test_what_others_lose_is_said(self, as_user, own, stranger):
        Enrolment.objects.start(stranger, own)
        text = page(as_user.get(reverse("deck-delete", args=[own.pk])))
        assert "1 other learner studies it, and will not be able to any more" in text


class TestLibrary:
    def test_shared_decks_are_found_by_name_description_and_tag(self, client, make_deck, user):
        make_deck(name="Kitchen", user=user, tags=["food"])
        make_deck(name="Garden", user=user, description="trees and food")
        make_deck(name="Street", user=user)
        for query, names in {"food": {"Kitchen", "Garden"}, "STREET": {"Street"}, "food tree": {"Garden"}}.items():
            response = client.get(reverse("library"), {"q": query})
            assert {deck.name for deck in response.context["page"]} == names
        assert "No deck is shared that has “nothing”" in page(client.get(reverse("library"), {"q": "nothing"}))

    def test_the_next_page_keeps_what_was_asked(self, client, make_deck, user):
        for at in range(25):
            make_deck([], name=f"Food {at}", user=user)
        response = client.get(reverse("library"), {"q": "food"})
        assert "Page 1 of 2" in page(response)
        assert 'href="?q=food&amp;page=2" rel="next"' in response.content.decode()


class TestReports:
    def test_staff_are_told_once_by_each(self, as_user, user, theirs):
        address = reverse("deck-report", args=[theirs["public"].pk])
        assert as_user.get(address).status_code == 200
        for reason in ("spam", "wrong"):
            response = as_user.post(address, {"reason": reason, "text": "See card 3"})
        assert response["Location"] == theirs["public"].get_absolute_url()
        report = DeckReport.objects.get()
        assert (report.user, report.reason, report.text, report.settled_at) == (user, "wrong", "See card 3", None)

    def test_one_without_a_reason_says_so(self, as_user, theirs):
        response = as_user.post(reverse("deck-report", args=[theirs["public"].pk]), {"text": "Bad"})
        assert "This field is required." in page(response, 400)
        assert DeckReport.objects.count() == 0

    def test_own_and_built_in_decks_are_not_reported_by_oneself_or_hidden(self, as_user, own):
        assert as_user.get(reverse("deck-report", args=[own.pk])).status_code == 404

    def test_staff_take_a_deck_out_of_the_library(self, admin_client, user, theirs):
        deck = theirs["public"]
        report = DeckReport.objects.create(deck=deck, user=user, reason="spam")
        changelist = reverse("admin:decks_deckreport_changelist")
        assert "Theirs, public" in admin_client.get(changelist, {"settled": "no"}).content.decode()
        admin_client.post(changelist, {"action": "hide", "_selected_action": [str(report.pk)]})
        deck.refresh_from_db()
        report.refresh_from_db()
        assert deck.visibility == Visibility.PRIVATE
        assert report.settled_at <= timezone.now()
        assert "Theirs, public" not in admin_client.get(changelist, {"settled": "no"}).content.decode()


# Who gets what: by address and method, for the owner of a private deck, another learner and a visitor. A page that
# wants a learner sends a visitor to the log-in.
PRIVATE = [
    *[("deck", "get", 200, 404, 404), ("deck-edit", "get", 200, 404, 302), ("deck-edit", "post", 400, 404, 302)],
    *[("deck-delete", "get", 200, 404, 302), ("deck-delete", "post", 302, 404, 302)],
    *[
        ("deck-restore", "post", 302, 404, 302),
        ("deck-copy", "post", 302, 404, 302),
        ("deck-move", "post", 302, 404, 302),
    ],
    *[("deck-report", "get", 404, 404, 302), ("enrol", "post", 302, 404, 302), ("unenrol", "post", 302, 404, 302)],
]
SHARED = {
    ("deck", "get"): 200,
    ("deck-edit", "get"): 404,
    ("deck-edit", "post"): 404,
    ("deck-delete", "get"): 404,
    ("deck-delete", "post"): 404,
    ("deck-restore", "post"): 404,
    ("deck-copy", "post"): 302,
    ("deck-move", "post"): 404,
    ("deck-report", "get"): 200,
    ("enrol", "post"): 302,
    ("unenrol", "post"): 302,
}


class TestAccess:
    @pytest.mark.parametrize(("name", "method", "for_owner", "for_other", "for_visitor"), PRIVATE)
    def test_a_private_deck_is_its_owner_s(
        self, client, user, stranger, own, name, method, for_owner, for_other, for_visitor
    ):
        Enrolment.objects.start(user, own)
        address = reverse(name, args=[own.pk])
        found = [getattr(client, method)(address)]
        for learner in (stranger, user):
            client.force_login(learner)
            found.append(getattr(client, method)(address))
        assert [each.status_code for each in found] == [for_visitor, for_other, for_owner]
        if for_visitor == 302:
            assert found[0]["Location"].startswith(reverse("account_login"))
        assert Deck.objects.get(pk=own.pk).name == "Mine"

    @pytest.mark.parametrize("visibility", ["unlisted", "public"])
    @pytest.mark.parametrize(("name", "method"), SHARED)
    def test_a_shared_deck_is_others_to_see_and_to_copy(self, as_user, theirs, name, method, visibility):
        response = getattr(as_user, method)(reverse(name, args=[theirs[visibility].pk]))
        assert response.status_code == SHARED[name, method]

    def test_an_unlisted_deck_is_open_by_its_link_only(self, client, user, theirs):
        assert client.get(theirs["unlisted"].get_absolute_url()).status_code == 200
        client.force_login(user)
        for address in ("library", "decks", "home"):
            assert "Theirs, unlisted" not in client.get(reverse(address)).content.decode()
        assert (
            '<meta name="robots" content="noindex">'
            in client.get(theirs["unlisted"].get_absolute_url()).content.decode()
        )

    @pytest.mark.parametrize("name", ["deck-new", "decks", "decks-deleted"])
    def test_a_visitor_is_sent_to_the_log_in(self, client, db, name):
        assert client.get(reverse(name))["Location"] == f"{reverse('account_login')}?next={reverse(name)}"

    def test_a_deck_that_was_deleted_is_nobody_s_to_see(self, client, user, stranger, theirs):
        deck = theirs["public"]
        shelf.delete(deck)
        assert client.get(deck.get_absolute_url()).status_code == 404
        client.force_login(user)
        assert client.post(reverse("deck-restore", args=[deck.pk])).status_code == 404
        assert "Theirs, public" not in client.get(reverse("library")).content.decode()
        client.force_login(stranger)
        assert client.get(deck.get_absolute_url()).status_code == 404
        assert client.get(reverse("deck-edit", args=[deck.pk])).status_code == 404
