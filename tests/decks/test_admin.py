import pytest
from django.urls import reverse

from accounts.models import User
from decks.models import Card, Deck, Visibility

DECKS, CARDS = reverse("admin:decks_deck_changelist"), reverse("admin:decks_card_changelist")


@pytest.fixture
def as_staff(client, db):
    client.force_login(User.objects.create_superuser("boss", "boss@example.com"))
    return client


@pytest.fixture
def own_deck(make_deck, user):
    return make_deck(name="Words of Li", user=user, visibility=Visibility.PRIVATE)


def listed(client, url, **query):
    return list(client.get(url, query).context["cl"].result_list)


@pytest.mark.parametrize("url", [DECKS, CARDS])
def test_learners_are_sent_to_the_log_in(client, user, url):
    client.force_login(user)
    response = client.get(url)
    assert response.status_code == 302
    assert response.url.startswith("/admin/login/")


def test_decks_are_found_by_name_and_by_whose_they_are(as_staff, deck, own_deck):
    assert listed(as_staff, DECKS, q="hsk") == [deck]
    assert listed(as_staff, DECKS, q="li") == [own_deck]


def test_decks_are_told_apart_by_owner_and_visibility(as_staff, deck, own_deck):
    assert listed(as_staff, DECKS, owner="built-in") == [deck]
    assert listed(as_staff, DECKS, owner="learner") == [own_deck]
    assert listed(as_staff, DECKS, visibility__exact="private") == [own_deck]
    assert listed(as_staff, DECKS, standard__exact="2025") == [deck]


def test_a_deck_leads_to_its_cards_with_their_number(as_staff, deck, own_deck):
    Card.objects.filter(deck=own_deck, position__gt=1).delete()
    link = f"{CARDS}?deck__id__exact={own_deck.pk}"
    assert f'<a href="{link}">2</a>' in as_staff.get(DECKS).text
    assert f'<a href="{link}">2</a>' in as_staff.get(reverse("admin:decks_deck_change", args=[own_deck.pk])).text
    assert listed(as_staff, CARDS, deck__id__exact=own_deck.pk) == list(own_deck.cards.all())


def test_a_deck_without_cards_has_0(as_staff):
    empty = Deck.objects.create(name="Empty")
    assert f'<a href="{CARDS}?deck__id__exact={empty.pk}">0</a>' in as_staff.get(DECKS).text


@pytest.mark.parametrize("query", ["学生", "學生", "xuésheng", "STUDENT"])
def test_cards_are_found_in_either_script_by_pinyin_and_english(as_staff, deck, query):
    assert [str(card) for card in listed(as_staff, CARDS, q=query)] == ["学生"]


def test_cards_are_told_apart_by_who_owns_their_deck(as_staff, deck, own_deck):
    assert listed(as_staff, CARDS, owner="learner") == list(own_deck.cards.all())
    assert listed(as_staff, CARDS, owner="built-in") == list(deck.cards.all())


@pytest.mark.parametrize(("url", "queries"), [(DECKS, 4), (CARDS, 4)])
def test_a_list_asks_as_often_for_30_rows_as_for_3(as_staff, make_deck, user, url, queries, django_assert_num_queries):
    for number in range(30):
        make_deck([("水", "水", "shuǐ", "water")], name=f"Deck {number}", user=user)
        if number in (2, 29):
            with django_assert_num_queries(queries):
                assert len(listed(as_staff, url)) == number + 1


def test_a_form_has_no_box_of_all_users_or_decks(as_staff, deck, stranger):
    card = deck.cards.first()
    of_deck = as_staff.get(reverse("admin:decks_deck_change", args=[deck.pk])).text
    of_card = as_staff.get(reverse("admin:decks_card_change", args=[card.pk])).text
    Deck.objects.create(name="Another deck")
    assert "admin-autocomplete" in of_deck
    assert stranger.username not in of_deck
    assert "admin-autocomplete" in of_card
    assert "Another deck" not in of_card


def test_staff_choose_a_deck_by_typing_its_name(as_staff, deck, own_deck):
    field = {"app_label": "decks", "model_name": "card", "field_name": "deck", "term": "words"}
    answer = as_staff.get(reverse("admin:autocomplete"), field).json()
    assert answer["results"] == [{"id": str(own_deck.pk), "text": "Words of Li"}]


def test_staff_correct_a_card(as_staff, deck):
    card = deck.cards.first()
    texts = {"deck": deck.pk, "position": 0, "hanzi": "学生", "pinyin": "xuésheng", "english": "pupil", "tags": ""}
    as_staff.post(reverse("admin:decks_card_change", args=[card.pk]), texts)
    card.refresh_from_db()
    assert card.english == "pupil"


@pytest.mark.parametrize("of", ["deck", "card"])
def test_what_is_built_in_is_not_deleted(as_staff, deck, of):
    row = deck if of == "deck" else deck.cards.first()
    one = as_staff.post(reverse(f"admin:decks_{of}_delete", args=[row.pk]), {"post": "yes"})
    chosen = {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"}
    as_staff.post(reverse(f"admin:decks_{of}_changelist"), chosen)
    assert one.status_code == 403
    assert type(row).objects.filter(pk=row.pk).exists()


def test_staff_delete_a_learner_s_deck_without_reading_its_rows(as_staff, own_deck, django_assert_max_num_queries):
    url = reverse("admin:decks_deck_delete", args=[own_deck.pk])
    with django_assert_max_num_queries(6):
        page = as_staff.get(url).text
    assert "Words of Li, with what learners have learnt from it alone" in page
    assert "学生" not in page
    as_staff.post(url, {"post": "yes"})
    assert not Deck.objects.filter(pk=own_deck.pk).exists()
    assert not Card.objects.exists()
