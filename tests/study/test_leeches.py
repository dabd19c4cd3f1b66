"""Which words don't stick: the score, in Python and in a query, and that of a session."""

from uuid import UUID

import pytest

from study import leeches
from study.choices import Direction, Rating, State
from study.models import CardProgress, StudySession

READ, WRITE = Direction.CHINESE_TO_ENGLISH, Direction.ENGLISH_TO_CHINESE


@pytest.fixture
def row(user, card, remember):
    """Return a function that gives the word a number of lapses, the number expected and its variance."""

    def row(lapses, expected, variance, **fields):
        return remember(user, card, lapses=lapses, expected_lapses=expected, lapse_variance=variance, **fields)

    return row


@pytest.mark.parametrize(
    ("lapses", "expected", "variance", "score", "leech"),
    [
        (6, 2.0, 1.0, 4.0, True),
        (6, 2.0, 4.0, 2.0, False),
        (3, 0.25, 0.25, 5.5, True),
        (2, 0.25, 0.0625, 7.0, False),  # too few to say
        (4, 0.9, 1.0, 3.1, False),  # more than 3.1, not 3.1 itself
        (4, 0.89, 1.0, 3.11, True),
        (3, 5.0, 1.0, -2.0, False),
        (0, 0.0, 0.0, None, False),
        (9, 0.0, 0.0, None, False),  # nothing was predicted
    ],
)
def test_a_leech_is_forgotten_three_times_and_far_more_often_than_expected(
    row, user, lapses, expected, variance, score, leech
):
    progress = row(lapses, expected, variance)
    assert leeches.score(progress) == pytest.approx(score)
    assert leeches.is_leech(progress) is leech
    assert list(user.progress.filter(leeches.LEECH)) == ([progress] if leech else [])


def test_a_word_started_over_is_no_leech(row, user):
    progress = row(9, 1.0, 1.0, stability=None, difficulty=None, state=State.LEARNING, interval=0)
    assert leeches.is_leech(progress) is False
    assert not user.progress.filter(leeches.LEECH).exists()


def test_a_suspended_leech_stays_one(row, user):
    progress = row(9, 1.0, 1.0, suspended=True)
    assert leeches.is_leech(progress) is True
    assert user.progress.filter(leeches.LEECH).get() == progress


def test_the_highest_score_comes_first(user, cards, remember, django_assert_num_queries):
    fair = remember(user, cards[0], lapses=20, expected_lapses=4, lapse_variance=16)
    bad = remember(user, cards[1], lapses=6, expected_lapses=1, lapse_variance=1)
    worst = remember(user, cards[2], lapses=4, expected_lapses=0.5, lapse_variance=0.25)
    with django_assert_num_queries(1):
        found = list(leeches.worst_first(user.progress))
        assert [progress.card for progress in found] == [cards[2], cards[1], cards[0]]
    assert found == [worst, bad, fair]
    assert [progress.score for progress in found] == [7.0, 5.0, 4.0]


def test_a_session_has_the_leeches_forgotten_in_it(user, stranger, deck, cards, remember, session, now):
    for learner in (user, stranger):
        for card in cards[:3]:
            remember(learner, card, lapses=6, expected_lapses=1, lapse_variance=1)
    other = StudySession.start(stranger, deck, None, now)
    for number, (sitting, card, rating) in enumerate(
        [(session, cards[0], Rating.AGAIN), (session, cards[1], Rating.GOOD), (other, cards[2], Rating.AGAIN)]
    ):
        sitting.answer(UUID(int=number + 1), card, READ, rating, now)
    assert [progress.card for progress in leeches.forgotten_in(session)] == [cards[0]]
    assert [progress.user for progress in leeches.forgotten_in(session)] == [user]
    assert [progress.card for progress in leeches.forgotten_in(other)] == [cards[2]]


def test_a_forgotten_word_that_sticks_is_none_of_a_session(user, card, remember, session, now):
    remember(user, card)
    session.answer(UUID(int=1), card, READ, Rating.AGAIN, now)
    assert list(leeches.forgotten_in(session)) == []


def test_a_leech_is_not_put_aside(user, card, remember, session, now):
    remember(user, card, lapses=8, expected_lapses=1, lapse_variance=1)
    session.answer(UUID(int=1), card, READ, Rating.AGAIN, now)
    progress = CardProgress.objects.get()
    assert leeches.is_leech(progress) is True
    assert progress.suspended is False
