"""What is done with many cards at once, and what goes with them."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.core.management import call_command

from decks.models import Card, Deck, DeckFull
from study import acts, many
from study.acts import Act, record
from study.choices import Direction, Rating
from study.models import CardProgress, Enrolment, StudyDay, StudySession, UserStatistics

READ, WRITE = Direction.CHINESE_TO_ENGLISH, Direction.ENGLISH_TO_CHINESE
DAY = timedelta(days=1)


@pytest.fixture
def deck(user, make_deck):
    deck = make_deck(user=user, name="Mine")
    Enrolment.objects.create(user=user, deck=deck, directions=[READ, WRITE])
    return deck


@pytest.fixture
def ids(cards):
    return [card.pk for card in cards]


def states(learner):
    return {
        (row.card.hanzi, row.direction): (row.suspended, row.stability is not None)
        for row in learner.progress.select_related("card")
    }


def test_words_are_suspended_in_each_direction_studied_and_taken_up_again(user, cards, ids, remember, now):
    remember(user, cards[0])
    count, _ = many.act_on(user, ids[:2], many.ACTS["suspend"], now)
    assert count == 2
    assert states(user) == {
        ("学生", READ): (True, True),
        ("学生", WRITE): (True, False),
        ("老师", READ): (True, False),
        ("老师", WRITE): (True, False),
    }
    assert many.act_on(user, ids, many.ACTS["unsuspend"], now)[0] == 2
    assert set(states(user).values()) == {(False, True), (False, False)}
    assert many.act_on(user, ids[:2], many.ACTS["unsuspend"], now) == (0, None)


def test_what_was_done_to_many_is_taken_back_at_once(user, ids, now, monkeypatch, every_row):
    monkeypatch.setattr("study.many.BATCH", 3)
    UserStatistics.objects.lock(user)
    before = every_row()
    count, last = many.act_on(user, ids, many.ACTS["suspend"], now)
    assert (count, len(states(user))) == (5, 10)
    acts.undo(user, last.pk, now)
    after = every_row()
    assert not CardProgress.objects.exists()
    assert {name for name in after if after[name] != before[name]} == {"card_interactions"}


def test_words_are_started_over_and_the_log_stays(user, cards, ids, now):
    for number, card in enumerate(cards[:2], start=1):
        record(user, Act(id=UUID(int=number), card=card, direction=READ, type="review", rating=3, at=now), now)
    count, last = many.act_on(user, ids, many.ACTS["reset"], now)
    assert count == 2
    assert states(user) == {("学生", READ): (False, False), ("老师", READ): (False, False)}
    assert user.interactions.filter(rating__isnull=False).count() == 2
    call_command("rebuild_progress", "--check")
    acts.undo(user, last.pk, now)
    assert states(user) == {("学生", READ): (False, True), ("老师", READ): (False, True)}


def test_a_word_of_two_cards_is_done_once(user, deck, cards, now):
    twin = deck.cards.create(hanzi="学生", pinyin="xué sheng", english="student", position=9)
    assert many.act_on(user, [cards[0].pk, twin.pk], many.ACTS["suspend"], now)[0] == 1
    assert user.interactions.count() == 2


def test_cards_are_tagged_once_and_untagged(ids, cards, now):
    Card.objects.filter(pk=ids[0]).update(tags=["a"])
    Card.objects.filter(pk=ids[1]).update(tags=[f"t{at}" for at in range(50)])
    many.tag(ids[:3], ("a", "b"), now)
    found = {card.pk: card for card in Card.objects.filter(pk__in=ids)}
    assert [found[pk].tags for pk in (ids[0], ids[2], ids[3])] == [["a", "b"], ["a", "b"], []]
    assert len(found[ids[1]].tags) == 50
    assert (found[ids[2]].updated_at, found[ids[3]].updated_at) == (now, cards[3].updated_at)
    many.untag(ids, ("a", "t0"), now)
    assert [card.tags for card in Card.objects.filter(pk__in=[ids[0], ids[2]])] == [["b"], ["b"]]
    assert len(Card.objects.get(pk=ids[1]).tags) == 49


def test_cards_are_moved_behind_those_of_another_deck_with_what_is_known(user, cards, ids, make_deck, remember, now):
    other = make_deck([("山", "", "shān", "hill")], user=user, name="Other")
    remember(user, cards[0])
    before = list(CardProgress.objects.values())
    assert many.move(user, [ids[2], ids[0]], other) == 2
    assert list(other.cards.values_list("hanzi", "position")) == [("山", 0), ("学生", 1), ("苹果", 2)]
    assert many.move(user, [ids[0]], other) == 0
    assert list(CardProgress.objects.values()) == before


@pytest.mark.parametrize(
    ("chosen", "at", "order"),
    [
        ([4], 1, "看学老苹水"),
        ([3, 0], 2, "老学水苹看"),
        ([0], 5, "老苹水看学"),
        ([0, 1], 99, "苹水看学老"),
        ([2], 3, "学老苹水看"),
    ],
)
def test_cards_are_put_in_a_place_in_the_order_that_they_are_in(user, deck, ids, chosen, at, order):
    many.place(user, deck, [ids[each] for each in chosen], at)
    assert "".join(card.hanzi[0] for card in deck.cards.all()) == order
    assert [card.position for card in deck.cards.all()] == [0, 1, 2, 3, 4]


def test_a_card_of_another_deck_is_put_nowhere(user, deck, make_deck):
    other = make_deck(user=user)
    many.place(user, deck, [other.cards.last().pk], 1)
    assert [card.hanzi for card in other.cards.all()] == [card.hanzi for card in deck.cards.all()]


def test_a_full_deck_takes_no_more(user, ids, deck, make_deck, monkeypatch):
    monkeypatch.setattr("study.many.MOST_CARDS", 2)
    other = make_deck([("山", "", "shān", "hill")], user=user, name="Other")
    with pytest.raises(DeckFull, match="at most 2 cards, and Other has 1"):
        many.move(user, ids[:2], other)
    assert deck.cards.count() == 5


@pytest.fixture
def answered(user, stranger, deck, cards, now):
    """Two learners have answered three words of the deck, one answer of which was taken back."""
    Deck.objects.filter(pk=deck.pk).update(visibility="public")
    number = iter(range(1, 99))
    for learner in (user, stranger):
        session = StudySession.start(learner, deck, None, now)
        for card in cards[:3]:
            for at in (now, now + 3 * DAY):
                act = Act(id=UUID(int=next(number)), card=card, direction=READ, type="review", rating=Rating.GOOD)
                last = record(learner, act, at, session)
        acts.undo(learner, last.pk, now + 3 * DAY)


def test_what_cards_take_with_them_is_said(user, make_deck, answered, ids):
    assert many.loss(user, ids[:2]) == many.Loss(words=2, answers=4)
    assert many.loss(user, ids[3:]) == many.Loss(words=0, answers=0)
    make_deck([("学生", "", "xuésheng", "student")])  # a built-in deck keeps the word
    assert many.loss(user, ids[:2]) == many.Loss(words=1, answers=2)


def test_deleted_cards_take_their_answers_off_everything(user, stranger, session, answered, ids):
    many.delete(ids[:2])
    assert Card.objects.count() == 3
    for learner in (user, stranger):
        assert learner.progress.count() == 1
        totals = UserStatistics.objects.get(user=learner)
        assert totals.total_views == 1
        assert [day.answers for day in StudyDay.objects.filter(user=learner)] == [1]
    call_command("rebuild_progress", "--check")


def test_what_another_card_keeps_of_a_deleted_one_stays(user, make_deck, answered, ids):
    kept = make_deck([("学生", "", "xuésheng", "student")]).cards.get()
    many.delete(ids[:2])
    assert user.progress.get(card=kept).reps == 2
    assert UserStatistics.objects.get(user=user).total_views == 3
    call_command("rebuild_progress", "--check")


def test_queries_do_not_grow_with_the_cards(user, make_deck, remember, now, django_assert_max_num_queries):
    deck = make_deck([(f"字{at}", "", f"zì{at}", "x") for at in range(40)], user=user)
    ids = [card.pk for card in deck.cards.all()]
    with django_assert_max_num_queries(12):
        many.act_on(user, ids, many.ACTS["suspend"], now)
    with django_assert_max_num_queries(20):
        many.delete(ids)
    assert not Card.objects.exists()
