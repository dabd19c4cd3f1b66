"""What the tests of studying start from: a session over the small deck, and ready-made memories."""

from datetime import timedelta

import pytest
from django.db import connection

from decks.models import Visibility
from study.choices import Direction, State
from study.models import CardProgress, Enrolment, StudySession
from study.scheduling.days import day_number


@pytest.fixture(autouse=True)
def _quick_passwords(settings):
    """The safe hash takes half a second for each learner made."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def cards(deck):
    return list(deck.cards.all())


@pytest.fixture
def card(cards):
    return cards[0]


@pytest.fixture
def session(user, deck, now):
    return StudySession.start(user, deck, None, now)


@pytest.fixture
def as_user(client, user):
    client.force_login(user)
    return client


@pytest.fixture
def remember(now):
    """Return a function that gives a learner a memory of a card's word: a review due now, ten days after the last."""

    def remember(user, card, direction=Direction.CHINESE_TO_ENGLISH, due=now, interval=10, **fields):
        last = due - timedelta(days=interval)
        fields = {
            "state": State.REVIEW,
            "stability": float(interval or 1),
            "difficulty": 5.0,
            "last_reviewed_at": last,
            "last_day": day_number(last, user.zone, user.day_starts_at),
            "reps": 3,
        } | fields
        return CardProgress.objects.create(
            user=user,
            card=card,
            word_key=card.word_key,
            direction=direction,
            interval=interval,
            next_review_at=due,
            **fields,
        )

    return remember


@pytest.fixture
def private_deck(make_deck, stranger):
    return make_deck(name="Wang's own", user=stranger, visibility=Visibility.PRIVATE)


@pytest.fixture
def strangers_session(stranger, deck, now):
    return StudySession.start(stranger, deck, None, now)


@pytest.fixture
def many_decks(user, remember, make_deck):
    """Return a function that makes enrolled decks of five words, one of them known."""

    def many_decks(count, first=0):
        for number in range(first, first + count):
            words = [(f"字{number}{at}", "", f"zì{number}{at}", "x") for at in range(5)]
            made = make_deck(words, name=f"Deck {number}", user=user)
            Enrolment.objects.create(user=user, deck=made, directions=[Direction.CHINESE_TO_ENGLISH])
            remember(user, made.cards.first())

    return many_decks


@pytest.fixture
def every_row(db):
    """Return a function that returns the rows of every table, as a mapping from its name to a sorted list of JSON.

    Left out is what only says how far the log has come, and what is kept of the queue: an entry that is taken back
    keeps its number. No totals are totals of nothing.
    """

    def every_row():
        with connection.cursor() as cursor:
            rows = {}
            for table in connection.introspection.table_names(cursor):
                left_out = "{sequence}" if table == "user_statistics" else "{plan,begun_until,begun_version}"
                cursor.execute(
                    f"SELECT (to_jsonb(found) - '{left_out}'::text[])::text FROM \"{table}\" AS found ORDER BY 1"
                )
                rows[table] = [row for (row,) in cursor.fetchall()]
            rows["user_statistics"] = [
                row for row in rows["user_statistics"] if '"total_views": 0, "study_time_ms": 0' not in row
            ]
            return rows

    return every_row
