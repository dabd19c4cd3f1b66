"""What is kept of a session's queue tells the same as the queue itself, whatever happens meanwhile."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from accounts.models import User
from decks.models import Card, Deck, Visibility
from study import acts
from study.acts import Act, ActRefused, NotTheirs, StaleAnswer
from study.choices import Direction, InteractionType, Rating, State
from study.log import UserStatistics
from study.models import CardProgress, Enrolment, StudySession
from study.queue import Queue
from study.scheduling.days import day_number
from study.waiting import REVIEWS

READ, WRITE = Direction.CHINESE_TO_ENGLISH, Direction.ENGLISH_TO_CHINESE
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
# No two of them look or sound alike.
LETTERS = "山水火木金土日月人口手足目耳心天风雨雪花草鸟鱼马牛"
REVIEW, FLIP = InteractionType.REVIEW, InteractionType.FLIP
DAYS = {InteractionType.SET_DUE: [0, 0, 3], InteractionType.MARK_KNOWN: [1, 30]}
PUT_ASIDE = [kind for kind in InteractionType if kind not in {REVIEW, FLIP} and "quiz" not in kind]


class AsOfThePlan(Queue):
    """A queue that puts reviews in the order of the time at which a plan was made: it changes with every minute."""

    made_at = None

    def _rows(self, statement, most):
        parameters = self._parameters
        if statement == REVIEWS and self.made_at:
            self.__dict__["_parameters_then"] = parameters | {"at": self.made_at}
        return super()._rows(statement, most)

    @property
    def _parameters(self):
        return self.__dict__.pop("_parameters_then", None) or super()._parameters


def deck_of(user, words, name, owner=None):
    deck = Deck.objects.create(user=owner, name=name, visibility=Visibility.PUBLIC)
    Card.objects.bulk_create(
        Card(deck=deck, hanzi=word, pinyin=f"x{LETTERS.index(word)}", position=at) for at, word in enumerate(words)
    )
    return deck


class World:
    """A learner with two decks that share five words, some of them begun long ago, and a session."""

    def __init__(self, new, reviews, both_ways, alone, begun):
        name = f"learner-{uuid7()}"
        self.user = User.objects.create(username=name, new_per_day=new, reviews_per_day=reviews)
        self.owner = User.objects.create(username=f"owner-{uuid7()}")
        self.at = NOON
        self.decks = [
            deck_of(self.user, LETTERS[:15], "First"),
            deck_of(self.user, LETTERS[10:], "Second", self.owner),
        ]
        for deck in self.decks:
            Enrolment.objects.create(user=self.user, deck=deck, directions=[READ, WRITE] if both_ways else [READ])
        self.cards = list(Card.objects.filter(deck__in=self.decks).order_by("deck__name", "position"))
        for number, (card, interval, late, direction) in enumerate(begun):
            self.remember(self.cards[card], interval, late, direction, number)
        self.id = StudySession.start(self.user, self.decks[0] if alone else None, None, self.at).pk
        self.planned = 0

    def remember(self, card, interval, late, direction, number):
        if CardProgress.objects.filter(user=self.user, word_key=card.word_key, direction=direction).exists():
            return
        due = NOON.replace(hour=4) - late * DAY
        CardProgress.objects.create(
            user=self.user,
            card=card,
            word_key=card.word_key,
            direction=direction,
            state=State.REVIEW,
            stability=float(interval),
            difficulty=5.0,
            interval=interval,
            next_review_at=due,
            last_reviewed_at=due - interval * DAY,
            last_day=day_number(due, self.user.zone, 4) - interval,
            reps=1,
        )

    @property
    def session(self):
        """Return the session as each request reads it."""
        session = StudySession.objects.get(pk=self.id)
        session.user = self.user
        return session

    def do(self, card, direction, type=REVIEW, rating=None, ago=None, session=None, **fields):
        at = None if ago is None else self.at - ago
        act = Act(id=uuid7(), card=card, direction=direction, type=type, rating=rating, at=at, **fields)
        try:
            return acts.record(self.user, act, self.at, session)
        except (ActRefused, NotTheirs, StaleAnswer):
            return None

    # What may happen.

    def answer(self, place, rating):
        """Answer the next word, or one of those that are shown with it."""
        entries = self.session.waiting(self.at, place + 1, self.last).entries
        for entry in entries[-1:]:
            self.do(entry.card, entry.direction, rating=rating, session=self.session)
        self.at += 5 * SECOND

    def answer_any(self, number, direction, rating, here):
        self.do(self.cards[number % len(self.cards)], direction, rating=rating, session=self.session if here else None)

    def answer_list(self, numbers, rating, ago):
        """Answer several words at once, as from a device that was offline."""
        told = []
        for place, number in enumerate(numbers):
            card = self.cards[number % len(self.cards)]
            at = self.at - ago + place * SECOND
            told.append(Act(id=uuid7(), card=card, direction=READ, type=REVIEW, rating=rating, at=at, session=self.id))
        acts.record_many(self.user, told, self.at)

    def ungraded(self, type, number, direction, days, here):
        days = DAYS[type][days % len(DAYS[type])] if type in DAYS else None
        card = self.cards[number % len(self.cards)]
        self.do(card, direction, type, days=days, session=self.session if here else None)

    def undo(self):
        if latest := self.user.interactions.standing().as_received().last():
            acts.undo(self.user, latest.pk, self.at)

    def wait(self, minutes):
        self.at += minutes * MINUTE

    def settle(self, new, reviews, hour):
        """Change the settings as the page does."""
        self.user.new_per_day, self.user.reviews_per_day, self.user.day_starts_at = new, reviews, hour
        UserStatistics.objects.touch(self.user)
        self.user.save()

    def enrol(self, second, ways, limit, order):
        fields = {"directions": ways, "new_per_day": limit, "order": order}
        Enrolment.objects.change(self.user, self.decks[second], **fields)

    def unenrol(self):
        Enrolment.objects.stop(self.user, self.decks[1])

    def move(self, number, position):
        """The owner of the other deck changes it: a plan needn't know for ten minutes."""
        Card.objects.filter(pk=self.decks[1].cards.all()[number % 5].pk).update(position=position)
        self.check_readable()
        self.at += 10 * MINUTE

    def hide(self, visibility):
        self.decks[1].visibility = visibility
        self.decks[1].save()
        self.check_readable()
        self.at += 10 * MINUTE

    def delete(self, number):
        cards = list(self.decks[1].cards.all())
        if len(cards) > 5:
            cards[number % len(cards)].delete()
            self.cards = list(Card.objects.filter(deck__in=self.decks).order_by("deck__name", "position"))
        self.check_readable()
        self.at += 10 * MINUTE

    # What is to be.

    @property
    def last(self):
        last = self.session.last_act()
        return last and last.card.word_key

    def check_readable(self):
        for entry in self.session.waiting(self.at, 10, self.last).entries:
            assert Card.objects.filter(pk=entry.card.pk, deck__in=Deck.objects.visible_to(self.user)).exists()

    def check(self, count):
        before = self.session.plan
        found = self.session.waiting(self.at, count, self.last)
        plan = self.session.plan
        self.planned += plan == before
        queue = AsOfThePlan(self.user, self.at, self.session.deck_id)
        queue.made_at = datetime.fromtimestamp(plan["made_at"], UTC)
        expected = queue.entries(count, self.last)
        assert (asked(found.entries), found.counts) == (asked(expected), queue.counts)
        assert found.counts == self.session.queue(self.at).counts


def asked(entries):
    return [(entry.card.hanzi, entry.direction, entry.kind) for entry in entries]


numbers = st.integers(0, 29)
directions = st.sampled_from([READ, READ, WRITE])
ratings = st.sampled_from(Rating)
answers = st.tuples(st.just(World.answer), st.sampled_from([0, 0, 0, 0, 1, 3]), ratings)
waits = st.tuples(st.just(World.wait), st.sampled_from([0.5, 1, 6, 9, 11, 21, 60, 950, 1440]))
others = st.one_of(
    st.tuples(st.just(World.answer_any), numbers, directions, ratings, st.booleans()),
    st.tuples(
        st.just(World.answer_list),
        st.lists(numbers, min_size=1, max_size=4),
        ratings,
        st.sampled_from([SECOND, MINUTE, 30 * MINUTE, 9 * HOUR, DAY, 3 * DAY]),
    ),
    st.tuples(
        st.just(World.ungraded),
        st.sampled_from([FLIP, *PUT_ASIDE]),
        numbers,
        directions,
        st.integers(0, 2),
        st.booleans(),
    ),
    st.tuples(st.just(World.undo)),
    waits,
)
changes = st.one_of(
    st.tuples(
        st.just(World.settle),
        st.sampled_from([0, 1, 4, 20]),
        st.sampled_from([0, 1, 5, 200]),
        st.sampled_from([4, 4, 12]),
    ),
    st.tuples(
        st.just(World.enrol),
        st.booleans(),
        st.sampled_from([[READ], [READ, WRITE], [WRITE, READ]]),
        st.sampled_from([None, 0, 2]),
        st.sampled_from(["position", "frequency"]),
    ),
    st.tuples(st.just(World.unenrol)),
    st.tuples(st.just(World.move), numbers, st.integers(0, 20)),
    st.tuples(st.just(World.hide), st.sampled_from(Visibility)),
    st.tuples(st.just(World.delete), numbers),
)
# Mostly answers, as in life.
histories = st.lists(
    st.one_of(answers, answers, answers, answers, waits, others, others, changes), min_size=8, max_size=30
)
memories = st.lists(
    st.tuples(
        numbers.filter(lambda number: number < 25),
        st.sampled_from([1, 3, 10, 60]),
        st.sampled_from([-1, 0, 0, 1, 8]),
        directions,
    ),
    max_size=20,
)


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
@given(
    new=st.sampled_from([3, 10]),
    reviews=st.sampled_from([4, 200]),
    both_ways=st.booleans(),
    alone=st.booleans(),
    begun=memories,
    count=st.sampled_from([1, 1, 3]),
    history=histories,
)
def test_the_plan_tells_what_a_fresh_queue_tells(new, reviews, both_ways, alone, begun, count, history):
    with transaction.atomic():
        world = World(new, reviews, both_ways, alone, begun)
        world.check(count)
        for act, *values in history:
            act(world, *values)
            world.check(count)
        transaction.set_rollback(True)


def test_new_words_do_not_run_out_where_a_plan_ends(user):
    user.new_per_day = 50
    user.save()
    deck = Deck.objects.create(name="Fifty", user=user)
    Card.objects.bulk_create(Card(deck=deck, english=f"word {at}", position=at) for at in range(50))
    session = StudySession.start(user, deck, READ, NOON)
    asked = []
    for number in range(50):
        [entry] = session.waiting(NOON + number * SECOND).entries
        session.answer(uuid7(), entry.card, READ, Rating.EASY, NOON + number * SECOND)
        asked.append(entry.card.position)
    assert asked == list(range(50))
    assert session.waiting(NOON + MINUTE).entries == []
