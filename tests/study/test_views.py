"""The pages of study around its sessions, as a browser without scripts sees them."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from decks.models import Deck, Visibility
from study.choices import Direction, Rating, State
from study.models import Enrolment, StudySession
from tests.study.pages import page

ID = UUID("01990000-0000-7000-8000-000000000001")
READ, WRITE = Direction.CHINESE_TO_ENGLISH, Direction.ENGLISH_TO_CHINESE
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
NOWHERE = UUID("01990000-0000-7000-8000-00000000dead")
EVIL = "<script>alert('学')</script>&"
ESCAPED = "&lt;script&gt;alert(&#x27;学&#x27;)&lt;/script&gt;&amp;"


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


class TestAccess:
    """Who may see what: everybody, a learner, the owner of a row."""

    @pytest.mark.parametrize(("name", "status"), [("home", 200), ("library", 200), ("decks", 302), ("study", 302)])
    def test_pages_without_a_row_signed_out(self, client, db, name, status):
        response = client.get(reverse(name))
        assert response.status_code == status
        if status == 302:
            assert response["Location"] == f"{reverse('account_login')}?next={reverse(name)}"

    @pytest.mark.parametrize("name", ["home", "library", "decks", "study"])
    def test_pages_without_a_row_signed_in(self, as_user, name):
        assert as_user.get(reverse(name)).status_code == 200

    @pytest.mark.parametrize(
        ("visibility", "status"), [(Visibility.PRIVATE, 404), (Visibility.UNLISTED, 200), (Visibility.PUBLIC, 200)]
    )
    def test_a_stranger_s_deck_is_found_if_shared(self, client, as_user, make_deck, stranger, visibility, status):
        deck = make_deck(name="Wang's", user=stranger, visibility=visibility)
        for name in ("deck", "study-deck"):
            assert as_user.get(reverse(name, args=[deck.pk])).status_code == status

    @pytest.mark.parametrize(
        ("visibility", "status"), [(Visibility.PRIVATE, 404), (Visibility.UNLISTED, 200), (Visibility.PUBLIC, 200)]
    )
    def test_a_visitor_finds_a_deck_if_shared(self, client, make_deck, stranger, visibility, status):
        deck = make_deck(name="Wang's", user=stranger, visibility=visibility)
        assert client.get(reverse("deck", args=[deck.pk])).status_code == status

    def test_one_s_own_private_deck_is_found(self, as_user, user, make_deck):
        deck = make_deck(name="My own", user=user, visibility=Visibility.PRIVATE)
        assert as_user.get(reverse("deck", args=[deck.pk])).status_code == 200

    @pytest.mark.parametrize("name", ["enrol", "unenrol", "study-deck"])
    def test_a_stranger_s_private_deck_cannot_be_studied(self, as_user, private_deck, every_row, name):
        before = every_row()
        assert as_user.post(reverse(name, args=[private_deck.pk]), {"direction": ""}).status_code == 404
        assert every_row() == before

    @pytest.mark.parametrize("name", ["enrol", "unenrol", "study-deck"])
    def test_a_visitor_is_asked_to_log_in_to_study(self, client, deck, every_row, name):
        before = every_row()
        response = client.post(reverse(name, args=[deck.pk]))
        assert (response.status_code, response["Location"].split("?")[0]) == (302, reverse("account_login"))
        assert every_row() == before

    def test_a_deck_made_private_is_no_longer_shown_to_those_who_study_it(self, as_user, user, make_deck, stranger):
        deck = make_deck(name="Wang's", user=stranger, visibility=Visibility.PUBLIC)
        Enrolment.objects.start(user, deck)
        Deck.objects.filter(pk=deck.pk).update(visibility=Visibility.PRIVATE)
        assert as_user.get(reverse("deck", args=[deck.pk])).status_code == 404
        assert "学生" not in page(as_user.post(reverse("study"), {"direction": ""}, follow=True))

    def test_someone_else_s_form_is_refused_without_the_token(self, user, session, form, every_row):
        client = Client(enforce_csrf_checks=True)
        client.force_login(user)
        before = every_row()
        assert client.post(reverse("answer", args=[session.pk]), form).status_code == 403
        assert every_row() == before

    @pytest.mark.parametrize("name", ["enrol", "unenrol"])
    def test_a_deck_is_not_enrolled_in_by_a_link(self, as_user, deck, name):
        assert as_user.get(reverse(name, args=[deck.pk])).status_code == 405


class TestGetChangesNothing:
    def addresses(self, deck, session):
        return [
            *(reverse(name) for name in ("home", "library", "decks", "study", "device")),
            *(reverse(name, args=[deck.pk]) for name in ("deck", "study-deck")),
            *(reverse(name, args=[session.pk]) for name in ("session", "pack", "summary")),
            f"{reverse('home')}?card=3",
            f"{reverse('deck', args=[deck.pk])}?page=2",
        ]

    @pytest.mark.parametrize("method", ["get", "head"])
    def test_to_a_learner_s_rows(self, as_user, user, deck, session, cards, remember, every_row, method):
        remember(user, cards[0])
        session.answer(ID, cards[1], READ, Rating.AGAIN, at=session.created_at)
        before = every_row()
        for address in self.addresses(deck, session):
            assert getattr(as_user, method)(address).status_code == 200
        assert every_row() == before

    def test_for_a_visitor(self, client, deck, session, every_row):
        before = every_row()
        for address in self.addresses(deck, session):
            client.get(address)
        assert every_row() == before
        assert "sessionid" not in client.cookies

    def test_of_an_ended_session(self, as_user, session, now, every_row):
        session.end(now)
        before = every_row()
        for name in ("session", "pack", "summary"):
            as_user.get(reverse(name, args=[session.pk]), follow=True)
        assert every_row() == before


class TestWelcome:
    def test_the_first_word_of_hsk_1_can_be_tried(self, client, deck):
        assert "Try it: word 1 of 5 学生 學生" in page(client.get(reverse("home")))

    def test_the_next_button_leads_through_the_words(self, client, deck):
        response = client.get(reverse("home"), {"card": 1})
        assert "Try it: word 2 of 5 老师" in page(response)
        assert '<button name="card" value="2">' in response.content.decode()

    @pytest.mark.parametrize(
        "card", ["", "-1", "10", "5000", "1.0", "٣", "³", "01", " 1", "x", "1e0", "\x00", "9" * 5000, EVIL]
    )
    def test_nonsense_for_a_card_is_the_first_word(self, client, deck, card):
        response = client.get(reverse("home"), {"card": card})
        assert "Try it: word 1 of 5 学生" in page(response)
        assert "<script>alert" not in response.content.decode()

    def test_it_does_without_a_deck(self, client, db):
        assert "Try it" not in page(client.get(reverse("home")))

    def test_it_takes_one_query(self, client, deck, django_assert_num_queries):
        with django_assert_num_queries(1):
            client.get(reverse("home"))


class TestHome:
    def test_without_a_deck_it_leads_to_the_library(self, as_user):
        response = as_user.get(reverse("home"))
        assert "You study no deck yet." in page(response)
        assert f'<a href="{reverse("library")}" role="button">' in response.content.decode()

    def test_it_says_what_is_due_by_deck(self, as_user, user, deck, cards, remember, now):
        Enrolment.objects.create(user=user, deck=deck, directions=[READ])
        remember(user, cards[0])
        remember(user, cards[1], due=now + MINUTE, state=State.LEARNING, step=0, interval=0)
        text = page(as_user.get(reverse("home")))
        assert "HSK 0 3 1 1 Study" in text
        assert "5 words due, about 1 min" in text

    def test_it_says_how_many_are_done_and_when_the_next_comes(self, as_user, user, enrolment, session, cards, now):
        user.new_per_day = 1
        user.save()
        session.answer(ID, cards[0], READ, Rating.EASY, at=now)
        text = page(as_user.get(reverse("home")))
        assert "Done for today: 1 word The next word comes 16 hours from now." in text
        assert "HSK 0 0 0 0 Done" in text

    def test_it_says_when_nothing_is_due(self, as_user, user, enrolment):
        user.new_per_day = 0
        user.save()
        assert "Nothing is due" in page(as_user.get(reverse("home")))

    def test_an_empty_deck_is_done(self, as_user, user, make_deck):
        Enrolment.objects.start(user, make_deck([], name="Empty", user=user))
        assert "Empty 0 0 0 Done" in page(as_user.get(reverse("home")))

    @pytest.mark.parametrize("count", [1, 3, 9])
    def test_it_takes_few_queries_for_any_number_of_decks(self, as_user, many_decks, count, django_assert_num_queries):
        many_decks(count)
        for queries in (10, 6):  # the second time the counts are known
            with django_assert_num_queries(queries):
                assert page(as_user.get(reverse("home"))).count("4 0 1 Study") == count


class TestLibrary:
    def test_without_decks_it_says_so(self, client, db):
        assert "No deck is here yet." in page(client.get(reverse("library")))

    def test_decks_are_sorted_by_standard_and_level(self, client, make_deck, user):
        make_deck(name="Shared", user=user)
        for standard, level in [("2.0", "1"), ("2025", "2"), ("2025", "1"), ("2021", "7-9")]:
            make_deck([], name=f"{standard} L{level}", standard=standard, level=level)
        response = client.get(reverse("library"))
        names = [deck.name for deck in response.context["built_in"]]
        assert names == ["2025 L1", "2025 L2", "2021 L7-9", "2.0 L1"]
        assert "Shared by learners Shared by li 学生 老师 苹果 水 看 5 words" in page(response)

    def test_only_public_decks_are_listed(self, as_user, make_deck, user, stranger):
        for owner in (user, stranger):
            for visibility in Visibility:
                make_deck([], name=f"{owner} {visibility}", user=owner, visibility=visibility)
        names = [deck.name for deck in as_user.get(reverse("library")).context["page"]]
        assert sorted(names) == ["li public", "wang public"]

    def test_a_deck_that_is_studied_has_no_button(self, as_user, enrolment, deck):
        response = as_user.get(reverse("library"))
        assert "HSK 0 学生 老师 苹果 水 看 5 words You study it" in page(response)
        assert reverse("enrol", args=[deck.pk]) not in response.content.decode()

    def test_a_visitor_has_no_button(self, client, deck):
        assert reverse("enrol", args=[deck.pk]) not in client.get(reverse("library")).content.decode()

    @pytest.mark.parametrize("count", [1, 3, 9])
    def test_it_takes_six_queries_for_any_number_of_decks(self, as_user, many_decks, count, django_assert_num_queries):
        many_decks(count)
        with django_assert_num_queries(6):
            assert page(as_user.get(reverse("library"))).count("5 words") == count


class TestDecks:
    def test_without_a_deck_it_leads_to_the_library(self, as_user):
        assert "You study no deck yet." in page(as_user.get(reverse("decks")))

    def test_a_word_counts_at_its_best_level(self, as_user, user, enrolment, cards, remember):
        remember(user, cards[0], READ, stability=30.0)
        remember(user, cards[0], WRITE, state=State.LEARNING, step=0)
        remember(user, cards[1], stability=3.0)
        remember(user, cards[2], state=State.RELEARNING, step=0)
        remember(user, cards[3], stability=None, difficulty=None, state=State.LEARNING)
        assert "HSK 0 5 1 1 1 Stop" in page(as_user.get(reverse("decks")))

    def test_another_learner_s_words_and_decks_do_not_count(self, as_user, enrolment, stranger, cards, remember):
        remember(stranger, cards[0])
        Enrolment.objects.start(stranger, Deck.objects.create(name="Wang's", user=stranger))
        text = page(as_user.get(reverse("decks")))
        assert "HSK 0 5 0 0 0 Stop" in text
        assert "Wang's" not in text

    @pytest.mark.parametrize("count", [1, 3, 9])
    def test_it_takes_five_queries_for_any_number_of_decks(self, as_user, many_decks, count, django_assert_num_queries):
        many_decks(count)
        with django_assert_num_queries(5):
            assert page(as_user.get(reverse("decks"))).count("Stop") == count


class TestDeck:
    def test_it_shows_each_card_with_what_is_known(self, as_user, user, enrolment, deck, cards, remember):
        remember(user, cards[0], stability=30.0)
        text = page(as_user.get(reverse("deck", args=[deck.pk])))
        assert "5 cards Word Pinyin English You 学生 學生" in text
        assert "student Mastered 老师" in text
        assert "teacher New 苹果" in text

    def test_a_visitor_is_asked_to_sign_up(self, client, deck):
        text = page(client.get(reverse("deck", args=[deck.pk])))
        assert "Sign up to study it" in text
        assert "You 学生" not in text

    def test_another_learner_s_memory_is_not_shown(self, as_user, stranger, deck, cards, remember):
        remember(stranger, cards[0], stability=30.0)
        assert "Mastered" not in page(as_user.get(reverse("deck", args=[deck.pk])))

    def test_an_empty_deck_says_so(self, as_user, user, make_deck):
        deck = make_deck([], name="Empty", user=user)
        assert "0 cards Word Pinyin English You No cards yet." in page(as_user.get(reverse("deck", args=[deck.pk])))

    def test_a_deck_of_250_cards_has_three_pages(self, as_user, make_deck, user):
        deck = make_deck([(f"字{at}", "", f"zì{at}", "x") for at in range(250)], name="Long", user=user)
        address, pages = reverse("deck", args=[deck.pk]), []
        while address:
            response = as_user.get(address)
            assert "250 cards" in page(response)
            shown = [card.hanzi for card, _ in response.context["cards"]]
            pages.append((shown[0], shown[-1]))
            following = response.context["following"]
            address = following and f"{reverse('deck', args=[deck.pk])}?after={following}"
        assert pages == [("字0", "字99"), ("字100", "字199"), ("字200", "字249")]

    def test_cards_in_one_place_come_one_after_the_other(self, as_user, make_deck, user):
        deck = make_deck([(f"字{at}", "", f"zì{at}", "x") for at in range(150)], name="Long", user=user)
        deck.cards.update(position=7)
        first = as_user.get(reverse("deck", args=[deck.pk]))
        second = as_user.get(reverse("deck", args=[deck.pk]), {"after": first.context["following"]})
        shown = [card.hanzi for response in (first, second) for card, _ in response.context["cards"]]
        assert sorted(shown) == sorted(f"字{at}" for at in range(150))

    @pytest.mark.parametrize("after", ["x", "1.x", "-1.x", "9" * 99, "\0"])
    def test_a_place_that_is_none_is_the_first(self, as_user, deck, after):
        assert "学生" in page(as_user.get(reverse("deck", args=[deck.pk]), {"after": after}))

    @pytest.mark.parametrize("count", [10, 30, 90, 250])
    def test_it_takes_seven_queries_for_any_number_of_cards(
        self, as_user, user, make_deck, remember, count, django_assert_num_queries
    ):
        deck = make_deck([(f"字{at}", "", f"zì{at}", "x") for at in range(count)], name="Long", user=user)
        for card in deck.cards.all()[: count // 10]:
            remember(user, card)
        with django_assert_num_queries(7):
            as_user.get(reverse("deck", args=[deck.pk]))

    @pytest.mark.parametrize("field", ["hanzi", "traditional", "pinyin", "english"])
    def test_html_in_a_card_is_text(self, as_user, make_deck, user, field):
        deck = make_deck([], name=EVIL, description=EVIL, user=user)
        deck.cards.create(**{"hanzi": "学", field: EVIL})
        found = as_user.get(reverse("deck", args=[deck.pk])).content.decode()
        assert "<script>alert" not in found
        assert f"<h1>{ESCAPED}</h1>" in found


class TestEnrolling:
    def test_a_deck_is_studied_from_then_on(self, as_user, user, deck):
        response = as_user.post(reverse("enrol", args=[deck.pk]))
        assert (response.status_code, response["Location"]) == (302, reverse("home"))
        assert list(user.enrolments.values_list("deck", "directions")) == [(deck.pk, [READ, WRITE])]

    def test_twice_is_once(self, as_user, user, deck):
        as_user.post(reverse("enrol", args=[deck.pk]))
        as_user.post(reverse("enrol", args=[deck.pk]))
        assert user.enrolments.count() == 1

    def test_how_a_deck_is_studied_can_be_changed(self, as_user, user, enrolment, deck):
        as_user.post(reverse("enrol", args=[deck.pk]), {"directions": [WRITE], "new_per_day": "7"})
        assert list(user.enrolments.values_list("directions", "new_per_day")) == [([WRITE], 7)]
        as_user.post(reverse("enrol", args=[deck.pk]), {"directions": [READ, WRITE], "new_per_day": ""})
        assert list(user.enrolments.values_list("directions", "new_per_day")) == [([READ, WRITE], None)]

    @pytest.mark.parametrize(
        "data",
        [
            {"new_per_day": "5"},
            {"new_per_day": "1000", "directions": [READ]},
            {"new_per_day": "-1", "directions": [READ]},
            {"new_per_day": "many", "directions": [READ]},
            {"new_per_day": "5", "directions": ["sideways"]},
        ],
    )
    def test_what_cannot_be_is_refused_with_the_page(self, as_user, user, enrolment, deck, every_row, data):
        before = every_row()
        response = as_user.post(reverse("enrol", args=[deck.pk]), data)
        assert (response.status_code, bool(response.context["form"].errors)) == (400, True)
        assert every_row() == before

    def test_what_cannot_be_does_not_enrol(self, as_user, user, deck):
        assert as_user.post(reverse("enrol", args=[deck.pk]), {"new_per_day": "-1"}).status_code == 400
        assert not user.enrolments.exists()

    def test_stopping_keeps_what_was_learnt(self, as_user, user, session, deck, card, now, every_row):
        session.answer(ID, card, READ, Rating.GOOD, at=now)
        before = every_row()
        response = as_user.post(reverse("unenrol", args=[deck.pk]))
        assert (response.status_code, response["Location"]) == (302, reverse("decks"))
        after = every_row()
        assert {table for table in after if after[table] != before[table]} <= {"enrolments", "django_session"}
        assert after["enrolments"] == []

    def test_coming_back_finds_it_again(self, as_user, user, session, deck, card, now):
        session.answer(ID, card, READ, Rating.EASY, at=now)
        as_user.post(reverse("unenrol", args=[deck.pk]))
        as_user.post(reverse("enrol", args=[deck.pk]))
        assert "HSK 0 5 0 1 0 Stop" in page(as_user.get(reverse("decks")))

    def test_stopping_leaves_other_learners_alone(self, as_user, enrolment, stranger, deck):
        Enrolment.objects.start(stranger, deck)
        as_user.post(reverse("unenrol", args=[deck.pk]))
        assert list(Enrolment.objects.values_list("user__username", flat=True)) == ["wang"]

    def test_a_deck_that_is_stopped_already_stays_stopped(self, as_user, deck):
        response = as_user.post(reverse("unenrol", args=[deck.pk]))
        assert (response.status_code, response["Location"]) == (302, reverse("decks"))


class TestStart:
    def test_without_a_deck_it_leads_to_the_library(self, as_user):
        text = page(as_user.get(reverse("study")))
        assert "You study no deck yet." in text
        assert "Start" not in text

    def test_it_says_what_waits(self, as_user, enrolment, deck):
        text = page(as_user.get(reverse("study-deck", args=[deck.pk])))
        assert "HSK 0 5 new, 0 learning, 0 to review: about 2 min." in text

    def test_it_says_when_the_next_word_comes(self, as_user, user, enrolment, deck, cards, remember, now):
        user.new_per_day = 0
        user.save()
        remember(user, cards[0], due=now + 2 * DAY)
        assert "Nothing is due; the next word comes 2 days from now." in page(as_user.get(reverse("study")))

    def test_a_deck_not_yet_studied_is_enrolled_in_by_starting(self, as_user, user, deck):
        assert "You don't study this deck yet." in page(as_user.get(reverse("study-deck", args=[deck.pk])))
        as_user.post(reverse("study-deck", args=[deck.pk]))
        assert user.enrolments.get().deck == deck

    @pytest.mark.parametrize(("sent", "direction"), [("", None), *((each, each) for each in Direction)])
    def test_a_session_starts_in_a_direction(self, as_user, user, deck, sent, direction, now):
        response = as_user.post(reverse("study-deck", args=[deck.pk]), {"direction": sent})
        session = user.sessions.get()
        assert response["Location"] == reverse("session", args=[session.pk])
        assert (session.deck, session.direction, session.created_at) == (deck, direction, now)

    @pytest.mark.parametrize("direction", ["sideways", "Writing", "listening,writing", "None"])
    def test_a_direction_that_cannot_be_is_refused(self, as_user, user, deck, direction):
        response = as_user.post(reverse("study-deck", args=[deck.pk]), {"direction": direction})
        assert response.status_code == 400
        assert not user.sessions.exists()

    def test_starting_notes_that_the_learner_is_active(self, as_user, user, deck, now):
        as_user.post(reverse("study-deck", args=[deck.pk]))
        user.refresh_from_db()
        assert user.last_active_at == now

    @pytest.mark.parametrize("count", [1, 3, 9])
    def test_it_takes_seven_queries_for_any_number_of_decks(
        self, as_user, many_decks, count, django_assert_num_queries
    ):
        many_decks(count)
        with django_assert_num_queries(7):
            as_user.get(reverse("study"))


class TestTimeZone:
    def test_a_day_s_limit_begins_anew_on_the_page_at_the_learner_s_hour(self, as_user, user, enrolment, card, clock):
        user.time_zone, user.new_per_day = "Asia/Kathmandu", 1
        user.save()
        StudySession.start(user, card.deck, None, datetime(2026, 3, 2, 12, tzinfo=UTC)).answer(
            ID, card, READ, Rating.EASY, at=datetime(2026, 3, 2, 12, tzinfo=UTC)
        )
        clock.move_to(datetime(2026, 3, 2, 22, 14, tzinfo=UTC))
        assert "HSK 0 0 0 0 Done" in page(as_user.get(reverse("home")))
        clock.move_to(datetime(2026, 3, 2, 22, 15, tzinfo=UTC))
        assert "HSK 0 1 0 0 Study" in page(as_user.get(reverse("home")))
