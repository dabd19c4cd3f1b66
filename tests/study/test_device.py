"""Who is signed in on a device, as its scripts ask: the user's id, and the token with which they send what was done."""

import pytest
from django.test import Client
from django.urls import reverse
from uuid_utils.compat import uuid7

from study.choices import Direction
from study.models import CardInteraction

DEVICE, INTERACTIONS = "/study/device/", "/api/study/interactions"


@pytest.fixture
def strict():
    """A browser whose forms are refused without their token."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def act(session, card):
    return {
        "id": str(uuid7()),
        "session_id": str(session.pk),
        "card_id": str(card.pk),
        "direction": Direction.LISTENING,
        "rating": 3,
    }


def test_nobody_is_signed_in(strict, db):
    response = strict.get(DEVICE)
    found = response.json()
    assert (set(found), found["user"]) == ({"user", "token"}, None)
    assert len(found["token"]) == 64


def test_each_learner_is_told_their_own_id(client, user, stranger):
    for learner in (user, stranger):
        client.force_login(learner)
        assert client.get(DEVICE).json()["user"] == str(learner.pk)


def test_whoever_signs_out_is_nobody_again(client, user):
    client.force_login(user)
    client.logout()
    assert client.get(DEVICE).json()["user"] is None


def test_the_token_is_taken_by_the_api(strict, user, session, act):
    strict.force_login(user)
    token = strict.get(DEVICE).json()["token"]
    refused = strict.post(INTERACTIONS, [act], "application/json", headers={"X-CSRFToken": "x" * 64})
    assert (refused.status_code, CardInteraction.objects.count()) == (403, 0)
    taken = strict.post(INTERACTIONS, [act], "application/json", headers={"X-CSRFToken": token})
    assert (taken.status_code, CardInteraction.objects.get().user) == (201, user)


def test_a_visitor_s_token_opens_nothing(strict, session, act):
    token = strict.get(DEVICE).json()["token"]
    response = strict.post(INTERACTIONS, [act], "application/json", headers={"X-CSRFToken": token})
    assert response.status_code in (401, 403)
    assert not CardInteraction.objects.exists()


def test_after_signing_in_again_there_is_another_one(strict, user):
    password = {"login": "li", "password": "correct horse"}
    before = strict.get(DEVICE)
    token = before.json()["token"]
    response = strict.post(reverse("account_login"), password | {"csrfmiddlewaretoken": token})
    assert response.status_code == 302
    assert strict.get(DEVICE).json()["user"] == str(user.pk)
    assert strict.cookies["csrftoken"].value != before.cookies["csrftoken"].value


def test_it_is_kept_nowhere(client, db):
    response = client.get(DEVICE)
    assert "no-store" in response["Cache-Control"]
    assert "Cookie" in response["Vary"]


def test_it_is_only_read(client, db):
    assert client.head(DEVICE).status_code == 200
    assert client.post(DEVICE).status_code == 405


def test_it_asks_the_database_for_the_user_alone(client, user, django_assert_num_queries):
    with django_assert_num_queries(0):
        client.get(DEVICE)
    client.force_login(user)
    with django_assert_num_queries(2):
        client.get(DEVICE)
