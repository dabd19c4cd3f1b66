"""What most tests start from: two learners, a small deck, a fixed time."""

from datetime import UTC, datetime

import pytest

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
