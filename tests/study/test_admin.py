from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from uuid_utils.compat import uuid7

from accounts.models import User
from study.choices import Direction, Rating
from study.models import CardInteraction, CardProgress, Enrolment, StudySession, UserStatistics

HISTORY = ["studysession", "cardinteraction", "userstatistics"]
LISTS = [*HISTORY, "cardprogress", "enrolment"]


@pytest.fixture
def as_staff(client, db):
    client.force_login(User.objects.create_superuser("boss", "boss@example.com"))
    return client


@pytest.fixture
def learn(deck, now):
    """Return a function that lets a new learner answer the first card of the deck."""

    def learn(username):
        learner = User.objects.create_user(username)
        session = StudySession.start(learner, deck, Direction.CHINESE_TO_ENGLISH, now)
        session.answer(uuid7(), deck.cards.first(), Direction.CHINESE_TO_ENGLISH, Rating.GOOD, now, 900)
        return learner

    return learn


def list_of(model):
    return reverse(f"admin:study_{model}_changelist")


def listed(client, model, **query):
    return list(client.get(list_of(model), query).context["cl"].result_list)


@pytest.mark.parametrize("model", LISTS)
def test_learners_are_sent_to_the_log_in(client, user, model):
    client.force_login(user)
    response = client.get(list_of(model))
    assert response.status_code == 302
    assert response.url.startswith("/admin/login/")


@pytest.mark.parametrize("model", LISTS)
def test_rows_are_found_by_the_learner_s_name(as_staff, learn, model):
    learn("anna")
    bert = learn("bert")
    [found] = listed(as_staff, model, q="BER")
    assert found.user == bert


@pytest.mark.parametrize("model", ["cardinteraction", "cardprogress"])
def test_answers_and_progress_are_found_by_word(as_staff, learn, model):
    learn("anna")
    assert len(listed(as_staff, model, q="学")) == 1
    assert listed(as_staff, model, q="水") == []


@pytest.mark.parametrize(
    ("model", "hit", "miss"),
    [
        ("cardprogress", {"state__exact": "learning"}, {"state__exact": "review"}),
        ("cardprogress", {"mastery": 1}, {"mastery": 3}),
        ("cardprogress", {"direction__exact": "chinese_to_english"}, {"direction__exact": "writing"}),
        ("cardinteraction", {"interaction_type__exact": "review"}, {"interaction_type__exact": "flip"}),
        ("cardinteraction", {"rating__exact": 3}, {"rating__exact": 1}),
        ("studysession", {"mode__exact": "review"}, {"mode__exact": "quiz"}),
        ("studysession", {"created_at__year": 2026}, {"created_at__year": 2025}),
        ("enrolment", {"order__exact": "position"}, {"order__exact": "frequency"}),
    ],
)
def test_rows_are_filtered(as_staff, learn, model, hit, miss):
    learn("anna")
    assert len(listed(as_staff, model, **hit)) == 1
    assert listed(as_staff, model, **miss) == []


@pytest.mark.parametrize(
    ("model", "queries"),
    [("studysession", 7), ("cardinteraction", 5), ("userstatistics", 5), ("cardprogress", 5), ("enrolment", 5)],
)
def test_a_list_asks_as_often_for_30_rows_as_for_3(as_staff, learn, model, queries, django_assert_num_queries):
    for number in range(30):
        learn(f"learner{number}")
        if number in (2, 29):
            with django_assert_num_queries(queries):
                assert len(listed(as_staff, model)) == number + 1


@pytest.mark.parametrize("model", HISTORY)
def test_history_is_read_only(as_staff, learn, model):
    learn("anna")
    [row] = listed(as_staff, model)
    url = reverse(f"admin:study_{model}_change", args=[row.pk])
    assert as_staff.get(url).status_code == 200
    refused = [
        as_staff.post(url, {"_save": "Save"}),
        as_staff.get(reverse(f"admin:study_{model}_add")),
        as_staff.post(reverse(f"admin:study_{model}_delete", args=[row.pk]), {"post": "yes"}),
    ]
    assert [response.status_code for response in refused] == [403, 403, 403]
    as_staff.post(list_of(model), {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"})
    assert listed(as_staff, model) == [row]


def test_what_is_remembered_follows_from_the_log_and_is_not_edited(as_staff, learn, every_row):
    learn("anna")
    progress = CardProgress.objects.get()
    before = every_row()["user_card_progress"]
    url = reverse("admin:study_cardprogress_change", args=[progress.pk])
    assert as_staff.get(url).status_code == 200
    assert as_staff.post(url, {"suspended": "on", "stability": "999"}).status_code == 403
    assert every_row()["user_card_progress"] == before


def test_staff_give_a_learner_a_deck_without_a_box_of_all_users(as_staff, user, stranger, deck):
    url = reverse("admin:study_enrolment_add")
    assert stranger.username not in as_staff.get(url).text
    new = {"user": user.pk, "deck": deck.pk, "directions": "chinese_to_english", "order": "position"}
    as_staff.post(url, new)
    assert Enrolment.objects.get().user == user


def test_a_user_is_deleted_with_their_history_and_nobody_else_s(as_staff, learn):
    anna, bert = learn("anna"), learn("bert")
    url = reverse("admin:accounts_user_delete", args=[anna.pk])
    assert as_staff.post(url, {"post": "yes"}).status_code == 302
    for model in (CardInteraction, CardProgress, Enrolment, StudySession, UserStatistics):
        assert [row.user for row in model.objects.all()] == [bert]


def test_a_long_table_is_counted_by_the_planner_and_a_search_exactly(as_staff, learn):
    learn("anna")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE pg_class SET reltuples = 5000000 WHERE relname = 'card_interactions'")
    assert as_staff.get(list_of("cardinteraction")).context["cl"].result_count == 5_000_000
    assert as_staff.get(list_of("cardinteraction"), {"q": "anna"}).context["cl"].result_count == 1


def test_sessions_are_found_year_by_year(as_staff, learn, deck, now):
    StudySession.start(learn("anna"), deck, None, now + timedelta(days=400))
    page = as_staff.get(list_of("studysession")).text
    assert [year for year in range(2020, 2030) if f"created_at__year={year}" in page] == [2026, 2027]
