from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Count, F, Max, Min
from django.urls import reverse

from accounts.models import User
from decks.models import Card, Deck, Visibility
from flashcards import demo
from study.choices import Direction, Rating
from study.models import policy_of
from study.queue import Queue
from study.scheduling import policy
from study.scheduling.days import day_number

pytestmark = pytest.mark.xdist_group("demo")
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
TODAY = day_number(NOW, ZoneInfo("Europe/Berlin"), 4)
DAYS = 7


def make_built_in_decks():
    for level, size in (("1", 30), ("2", 10)):
        deck = Deck.objects.create(
            name=f"HSK 3.0 (2025) Level {level}", standard="2025", level=level, visibility=Visibility.PUBLIC
        )
        Card.objects.bulk_create(
            Card(deck=deck, position=number, hanzi=f"字{level}{number}", english=f"word {number}")
            for number in range(size)
        )


@pytest.fixture(scope="module")
def made(django_db_setup, django_db_blocker):
    """A demo user of a week, made once: these tests only read it, or change it in a transaction of their own."""
    with django_db_blocker.unblock():
        make_built_in_decks()
        yield demo.make(NOW, DAYS)
        User.objects.all().delete()
        Deck.objects.all().delete()


@pytest.fixture
def learner(made, db):
    return User.objects.get(pk=made.pk)


def test_the_user_signs_in_with_what_the_command_prints(learner, client):
    for login in ("demo", "demo@example.com"):
        client.logout()
        client.post(reverse("account_login"), {"login": login, "password": "demo"})
        assert client.get(reverse("home")).context["user"] == learner
    assert learner.time_zone == "Europe/Berlin"
    assert (learner.is_staff, learner.is_superuser) == (False, False)


def test_the_user_studies_the_first_two_levels_and_a_deck_of_their_own(learner):
    names = [enrolment.deck.name for enrolment in learner.enrolments.all()]
    assert names == ["HSK 3.0 (2025) Level 1", "HSK 3.0 (2025) Level 2", "Words from my reading"]


def test_the_own_deck_has_twenty_words_with_texts_notes_and_tags(learner):
    deck = learner.decks.get()
    cards = list(deck.cards.all())
    assert [card.hanzi for card in cards] == [word for word, _, _ in demo.WORDS]
    assert len(cards) == 20
    assert all(card.pinyin and card.english and card.traditional for card in cards)
    assert cards[3].traditional == "沙漠"
    assert cards[0].tags == ["小王子", "chapter 1"]
    assert sum(bool(card.notes) for card in cards) == 15
    assert deck.visibility == Visibility.PRIVATE


def test_the_user_has_studied_each_day_until_yesterday(learner):
    days = learner.interactions.values_list("day", flat=True).distinct()
    assert sorted(days) == list(range(TODAY - DAYS, TODAY))
    assert learner.interactions.aggregate(at=Max("answered_at"))["at"] < NOW


def test_both_directions_are_studied_and_ten_words_a_day_begun_at_most(learner):
    directions = set(learner.interactions.values_list("direction", flat=True))
    assert directions == {Direction.CHINESE_TO_ENGLISH, Direction.ENGLISH_TO_CHINESE}
    begun = learner.interactions.filter(state_before="").values("day").annotate(words=Count("pk"))
    assert max(row["words"] for row in begun) == 10


def test_every_memory_follows_from_the_log(learner):
    settings = policy_of(learner)
    assert learner.progress.count() > 50
    for progress in learner.progress.all():
        card = policy.Card()
        answers = learner.interactions.filter(progress_id=progress.pk).select_related("session").order_by("answered_at")
        for answer in answers:
            assert answer.stability_before == (card.memory and card.memory.stability)
            outcome = policy.answer(
                card, answer.rating, answer.answered_at, settings, progress.card_id, answer.session.load
            )
            card = outcome.card
            assert (answer.stability_after, answer.due_after) == (card.memory.stability, outcome.due_at)
        assert progress.schedule == card
        assert progress.next_review_at == outcome.due_at
        assert (progress.created_at, progress.updated_at) == (answers[0].answered_at, card.last_at)


def test_the_sessions_and_totals_are_those_of_the_answers(learner):
    sessions = learner.sessions.all()
    assert {session.deck_id for session in sessions} == {None, learner.decks.get().pk}
    for session in sessions:
        answers = session.interactions.all()
        assert session.cards_studied == answers.values("card").distinct().count()
        assert session.correct_answers == answers.exclude(rating=Rating.AGAIN).count()
        assert session.ended_at == answers.aggregate(at=Max("answered_at"))["at"]
        assert session.created_at < answers.aggregate(at=Min("answered_at"))["at"]
        assert session.session_duration * 60 == pytest.approx(
            (session.ended_at - session.created_at).total_seconds(), abs=1e-3
        )
    assert learner.totals.total_views == learner.interactions.count()


def test_every_row_was_made_when_the_user_studied(learner):
    assert not learner.interactions.exclude(created_at=F("answered_at"), received_at=F("answered_at")).exists()
    assert NOW - timedelta(days=DAYS + 1) < learner.created_at < learner.sessions.aggregate(at=Min("created_at"))["at"]
    deck = learner.decks.get()
    enrolled = learner.enrolments.get(deck=deck).added_at
    assert deck.created_at == deck.updated_at == enrolled == deck.cards.first().created_at
    assert enrolled < deck.sessions.aggregate(at=Min("created_at"))["at"]


def test_words_wait_today(learner):
    counts = Queue(learner, NOW).counts
    assert counts.new == 10
    assert counts.review >= 5


def test_making_it_again_replaces_this_user_and_nobody_else(learner, user, capsys):
    before = list(User.objects.exclude(pk=learner.pk).values())
    call_command("demo", days=2)
    again = User.objects.get(username="demo")
    assert again.pk != learner.pk
    assert list(User.objects.exclude(pk=again.pk).values()) == before
    assert Deck.objects.exclude(user=None).get().user == again
    assert f"User 'demo', password 'demo': {again.interactions.count()} answers" in capsys.readouterr().out


def test_somebody_else_of_that_name_is_left_alone(learner):
    User.objects.update(username="Demo", email="me@example.com")
    with pytest.raises(CommandError, match="Somebody else has the name 'demo'"):
        call_command("demo")
    assert User.objects.get().pk == learner.pk


def test_a_deployed_site_gets_no_user_whose_password_everybody_knows(learner, settings):
    settings.DEPLOYED = True
    with pytest.raises(CommandError, match="not on a deployed site"):
        call_command("demo")
    assert User.objects.get() == learner


def test_without_built_in_decks_the_command_says_what_to_do(learner):
    Deck.objects.built_in().delete()
    with pytest.raises(CommandError, match="load_decks"):
        call_command("demo")
    assert User.objects.get() == learner
