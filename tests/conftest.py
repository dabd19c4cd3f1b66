"""What most tests start from: two learners, a small deck, a fixed time."""

from datetime import UTC, datetime

import pytest
from django.db import connection

from accounts.models import User
from decks.models import Card, Deck, Visibility

WORDS = [
    ("学生", "學生", "xuésheng", "student"),
    ("老师", "老師", "lǎoshī", "teacher"),
    ("苹果", "蘋果", "píngguǒ", "apple"),
    ("水", "水", "shuǐ", "water"),
    ("看", "看", "kàn", "to look; to read"),
]


@pytest.fixture
def now():
    """Noon on a Monday, in UTC."""
    return datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def user(db):
    return User.objects.create_user("li", "li@example.com", "correct horse")


@pytest.fixture
def stranger(db):
    return User.objects.create_user("wang", "wang@example.com", "battery staple")


@pytest.fixture
def make_deck(db):
    """Return a function that makes a built-in deck of (hanzi, traditional, pinyin, english) words."""

    def make(words=WORDS, name="HSK 0", user=None, visibility=Visibility.PUBLIC, **fields):
        deck = Deck.objects.create(name=name, user=user, visibility=visibility, **fields)
        Card.objects.bulk_create(
            Card(deck=deck, position=position, hanzi=hanzi, traditional=traditional, pinyin=pinyin, english=english)
            for position, (hanzi, traditional, pinyin, english) in enumerate(words)
        )
        return deck

    return make


@pytest.fixture
def deck(make_deck):
    return make_deck(standard="2025", level="1")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """End what is still connected, such as a browser's last request, before the database is dropped."""
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
