"""A user who has studied for three months: simulated answers, each through StudySession.answer with its own time."""

from datetime import date, datetime, time, timedelta
from random import Random

from django.conf import settings
from django.db import transaction
from django.db.models import F, OuterRef, Subquery
from uuid_utils.compat import uuid7

from accounts.models import User
from decks.dictionary import open_dictionary
from decks.models import Card, Deck, Standard
from study.choices import Rating
from study.models import CardInteraction, Enrolment, StudySession
from study.queue import Queue
from study.scheduling import fsrs
from study.scheduling.days import EPOCH, day_number

USERNAME = PASSWORD = "demo"  # noqa: S105 (meant to be known)
EMAIL = "demo@example.com"
DAYS = 92
DAYS_OF_OWN_DECK = 32
STREAK = 12  # days without one off, until yesterday
# Word, tag, note.
WORDS = [
    ("帽子", "chapter 1", "Everybody saw a hat, and it was a snake that had eaten an elephant."),
    ("蛇", "chapter 1", "Measure word 条, as for rivers and roads: long things."),
    ("大象", "chapter 1", ""),
    ("沙漠", "chapter 2", "Both characters have the water radical. In the desert!"),
    ("飞行员", "chapter 2", "飞行 to fly + 员 a person whose job it is, as in 服务员."),
    ("羊", "chapter 2", "请你给我画一只羊。"),
    ("星球", "chapter 4", "星 star + 球 ball."),
    ("日落", "chapter 6", "He saw it forty-four times in one day."),
    ("花瓣", "chapter 8", ""),
    ("玫瑰", "chapter 8", "Only ever used together, these two."),
    ("火山", "chapter 9", "Fire mountain. Easy."),
    ("国王", "chapter 10", ""),
    ("虚荣", "chapter 11", "Compare 谦虚, modest: the same 虚."),
    ("商人", "chapter 13", ""),
    ("地理学家", "chapter 15", ""),
    ("独一无二", "chapter 20", "The first 成语 I understood without looking it up."),
    ("狐狸", "chapter 21", "Both with the dog radical 犭."),
    ("驯养", "chapter 21", "What the fox asks for. 驯 also in 驯服."),
    ("责任", "chapter 21", "你对你的玫瑰有责任。"),
    ("井", "chapter 24", "Looks like one, seen from above."),
]


def make(now, days=DAYS):
    """Make the demo user anew, with so many days of study until yesterday, and return the user."""
    User.objects.filter(username=USERNAME, email=EMAIL).delete()
    user = User.objects.create_user(USERNAME, EMAIL, PASSWORD, time_zone="Europe/Berlin")
    learner = Learner(user)
    today = day_number(now, user.zone, user.day_starts_at)
    first = today - days
    at = learner.clock(first, 5)
    for minutes, level in enumerate(("1", "2")):
        deck = Deck.objects.built_in().get(standard=Standard.HSK_2025, level=level)
        enrol(user, deck, at + timedelta(minutes=minutes))
    for day in range(first, today):
        if day == max(first, today - DAYS_OF_OWN_DECK):
            learner.deck = reading_deck(user, learner.clock(day, 6))
        if day >= today - STREAK or learner.random.random() < 0.8:
            learner.study(day)
    backdate(user, at)
    return user


def enrol(user, deck, at, **limits):
    """Let the user study a deck since a time."""
    enrolment = Enrolment.objects.create(user=user, deck=deck, **limits)
    Enrolment.objects.filter(pk=enrolment.pk).update(added_at=at)


def reading_deck(user, at):
    """Make the deck of words that the user met in a book, as if at that time, and return it."""
    about = "From 《小王子》, The Little Prince, as I go along."
    deck = Deck.objects.create(user=user, name="Words from my reading", description=about)
    for position, (hanzi, tag, notes) in enumerate(WORDS):
        reading = open_dictionary(settings.DICTIONARY_PATH).lookup(hanzi).readings[0]
        Card.objects.create(
            deck=deck,
            position=position,
            hanzi=hanzi,
            traditional=reading.traditional,
            pinyin=reading.pinyin,
            english=reading.english,
            notes=notes,
            tags=["小王子", tag],
        )
    user.decks.update(created_at=at, updated_at=at)
    deck.cards.update(created_at=at, updated_at=at)
    enrol(user, deck, at, new_per_day=4)
    return deck


def backdate(user, at):
    """Let the rows say that they were made when the user came and studied."""
    User.objects.filter(pk=user.pk).update(created_at=at)
    user.interactions.update(created_at=F("received_at"))
    first = CardInteraction.objects.filter(progress_id=OuterRef("pk")).order_by("answered_at").values("answered_at")
    user.progress.update(created_at=Subquery(first[:1]), updated_at=F("last_reviewed_at"))


class Learner:
    """Somebody whose memory follows FSRS, but not quite with the weights that the scheduler believes in."""

    def __init__(self, user):
        self.user = user
        self.deck = None
        self.random = Random(88)
        self.weights = [weight * self.random.uniform(0.92, 1.06) for weight in fsrs.DEFAULT_WEIGHTS]
        self.memories = {}

    def clock(self, day, hour):
        """Return a time in one hour of a day, on the user's clock."""
        start = datetime.combine(date.fromordinal(EPOCH + day), time(hour), self.user.zone)
        return start + timedelta(seconds=self.random.randint(0, 3599))

    @transaction.atomic
    def study(self, day):
        """Sit down once or twice: now and then for the own deck, mostly for all."""
        morning = self.clock(day, 7)
        if self.deck and self.random.random() < 0.4:
            morning = self.sit(self.deck, morning, 30) + timedelta(minutes=2)
        if self.random.random() < 0.35:
            self.sit(None, morning, self.random.randint(15, 50))
        tired = self.random.random() < 0.1
        self.sit(None, self.clock(day, 20), 25 if tired else 200)

    def sit(self, deck, at, most):
        """Answer what waits, up to `most` times, and return when that was done."""
        if not Queue(self.user, at, deck and deck.pk).counts.total:
            return at
        session = StudySession.start(self.user, deck, None, at)
        last = None
        while most > 0 and (entries := session.queue(at).entries(min(most, 20), last)):
            for entry in entries:
                rating = self.rate(entry, at)
                took = self.seconds(rating)
                at += timedelta(seconds=took)
                session.answer(uuid7(), entry.card, entry.direction, rating, at, round(1000 * took))
            most -= len(entries)
            last = entry.card.word_key
        session.end(at)
        return at

    def rate(self, entry, at):
        """Return how well a word is known now, and learn it."""
        word = entry.card.word_key, entry.direction
        if word not in self.memories:
            [rating] = self.random.choices(Rating.values, [24, 10, 56, 10])
            memory = fsrs.first(self.weights, rating)
        else:
            memory, asked_at = self.memories[word]
            days = (at - asked_at) / timedelta(days=1)
            recalled = self.random.random() < 0.985 * fsrs.retrievability(self.weights, memory.stability, days)
            [rating] = self.random.choices(Rating.values, [0, 12, 80, 8] if recalled else [1, 0, 0, 0])
            memory = fsrs.next_memory(self.weights, memory, round(days), rating)
        self.memories[word] = memory, at
        return rating

    def seconds(self, rating):
        """Return how long an answer takes: about six seconds, and longer where it comes hard."""
        slower = {Rating.AGAIN: 1.8, Rating.HARD: 1.5, Rating.GOOD: 1, Rating.EASY: 0.6}
        return min(60, self.random.lognormvariate(1.7, 0.45) * slower[rating])
