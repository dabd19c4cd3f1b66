"""The learner's days: limits, due dates and streaks where clocks change, and for a learner who flies east and west."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from uuid_utils.compat import uuid7

from study.acts import Act, record
from study.choices import Direction, InteractionType, Rating
from study.log import CardInteraction, StudyDay
from study.models import CardProgress, Enrolment, StudySession
from study.queue import Queue
from study.scheduling.days import day_number
from study.streak import streak_of

READ, WRITE = Direction.CHINESE_TO_ENGLISH, Direction.ENGLISH_TO_CHINESE
INSTANT, MINUTE, HOUR, DAY = timedelta(microseconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
BERLIN, NEW_YORK, KATHMANDU, APIA = "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Apia"
AUCKLAND, HONOLULU = "Pacific/Auckland", "Pacific/Honolulu"

# An evening before the clock changes, if it does there, and the instant at which the learner's next day begins: at
# four on the wall, or at Apia, which left out 30 December 2011, when the clock jumped over that.
EVENINGS = [
    pytest.param(BERLIN, "2026-03-28T20:00", "2026-03-29T02:00Z", id="Berlin, spring"),
    pytest.param(BERLIN, "2026-10-24T20:00", "2026-10-25T03:00Z", id="Berlin, autumn"),
    pytest.param(NEW_YORK, "2026-03-07T20:00", "2026-03-08T08:00Z", id="New York, spring"),
    pytest.param(NEW_YORK, "2026-10-31T20:00", "2026-11-01T09:00Z", id="New York, autumn"),
    pytest.param(KATHMANDU, "2026-11-23T20:00", "2026-11-23T22:15Z", id="Kathmandu"),
    pytest.param(APIA, "2011-12-29T20:00", "2011-12-30T10:00Z", id="Apia, over the date line"),
    pytest.param(APIA, "2026-11-23T20:00", "2026-11-23T15:00Z", id="Apia today"),
]


def wall(text, zone):
    """Return the instant at which a clock in a zone shows a time."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def number(text):
    """Return the number of a date."""
    return (date.fromisoformat(text) - date(1970, 1, 1)).days


@pytest.fixture
def live_in(user):
    """Return a function that moves the learner to a zone."""

    def live_in(zone):
        user.time_zone = zone
        user.save(update_fields=["time_zone"])

    return live_in


@pytest.fixture
def one_way(user, deck):
    """Enrol the learner in the small deck, in one direction."""
    return Enrolment.objects.create(user=user, deck=deck, directions=[READ])


@pytest.fixture
def answer(user, deck):
    """Return a function that answers a card at a time in a session, or on a device without one."""

    def answer(card, at, rating=Rating.EASY, direction=READ, device=""):
        if device:
            act = Act(id=uuid7(), card=card, direction=direction, type=InteractionType.REVIEW, rating=rating, at=at)
            return record(user, act, at)
        session = StudySession.start(user, card.deck, None, at)
        return session.answer(uuid7(), card, direction, rating, at)

    return answer


@pytest.fixture
def due_daily(user, remember):
    """Return a function that gives the learner a memory of a card which one more "hard" keeps for a day."""

    def due_daily(card, due, direction=READ):
        return remember(user, card, direction, due=due, interval=1, stability=0.1, difficulty=10.0)

    return due_daily


def counts(user, at):
    """Return how many new words and reviews the queue still has for a learner."""
    found = Queue(user, at).counts
    return found.new, found.review


@pytest.mark.parametrize(("zone", "evening", "next_day"), EVENINGS)
class TestWhereClocksChange:
    def test_the_limit_of_new_words_lasts_till_the_next_day_begins(
        self, user, one_way, make_deck, cards, answer, live_in, zone, evening, next_day
    ):
        live_in(zone)
        user.new_per_day = 3
        other = make_deck([("东", "", "dōng", "x"), ("西", "", "xī", "x")], name="School")
        Enrolment.objects.create(user=user, deck=other, directions=[READ])
        at, begins = wall(evening, zone), datetime.fromisoformat(next_day)
        assert counts(user, at) == (3, 0)
        answer(cards[0], at)
        answer(other.cards.first(), at + HOUR)
        assert counts(user, at + HOUR) == (1, 0)
        answer(cards[1], at + 2 * HOUR, device="phone")
        assert counts(user, at + 2 * HOUR) == (0, 0)
        assert counts(user, begins - INSTANT) == (0, 0)
        assert counts(user, begins) == (3, 0)

    def test_the_limit_of_reviews_lasts_till_the_next_day_begins(
        self, user, one_way, cards, answer, live_in, remember, zone, evening, next_day
    ):
        live_in(zone)
        user.reviews_per_day, user.new_per_day = 2, 0
        at, begins = wall(evening, zone), datetime.fromisoformat(next_day)
        for card in cards:
            remember(user, card, due=at - HOUR)
        answer(cards[0], at)
        answer(cards[1], at + HOUR, device="phone")
        assert counts(user, at + HOUR) == (0, 0)
        assert counts(user, begins - INSTANT) == (0, 0)
        assert counts(user, begins) == (0, 2)

    def test_a_review_of_the_evening_is_due_when_the_next_day_begins(
        self, user, one_way, cards, answer, live_in, due_daily, zone, evening, next_day
    ):
        live_in(zone)
        user.new_per_day = 0
        at, begins = wall(evening, zone), datetime.fromisoformat(next_day)
        due_daily(cards[0], at - HOUR)
        entry = answer(cards[0], at, Rating.HARD)
        assert (entry.interval, entry.due_after) == (1, begins)
        assert counts(user, begins - INSTANT) == (0, 0)
        assert counts(user, begins) == (0, 1)

    def test_a_long_interval_ends_at_four_on_the_wall(
        self, user, one_way, cards, answer, live_in, zone, evening, next_day
    ):
        live_in(zone)
        at = wall(evening, zone)
        entry = answer(cards[0], at)
        due = entry.due_after.astimezone(ZoneInfo(zone))
        assert entry.interval >= 5
        assert due.replace(tzinfo=None) == datetime.fromisoformat(evening[:10]) + entry.interval * DAY + 4 * HOUR
        elapsed = day_number(entry.due_after, user.zone, 4) - entry.day
        assert elapsed == entry.interval

    def test_an_answer_before_and_one_after_the_day_begins_are_two_days_in_a_row(
        self, user, one_way, cards, answer, live_in, zone, evening, next_day
    ):
        live_in(zone)
        begins = datetime.fromisoformat(next_day)
        answer(cards[0], begins - INSTANT)
        assert streak_of(user, begins - INSTANT).days == 1
        answer(cards[1], begins)
        assert streak_of(user, begins).days == 2
        assert [day.day for day in StudyDay.objects.all()] == [number(evening[:10]), number(evening[:10]) + 1]

    def test_two_answers_of_one_long_or_short_day_are_one_day(
        self, user, one_way, cards, answer, live_in, zone, evening, next_day
    ):
        live_in(zone)
        begins = datetime.fromisoformat(next_day)
        answer(cards[0], begins - 8 * HOUR)
        answer(cards[1], begins - INSTANT)
        assert streak_of(user, begins - INSTANT).days == 1
        assert [(day.day, day.answers) for day in StudyDay.objects.all()] == [(number(evening[:10]), 2)]


class TestStreakWhereClocksChange:
    @pytest.mark.parametrize(
        ("zone", "first"),
        [
            (BERLIN, "2026-03-27"),
            (BERLIN, "2026-10-23"),
            (NEW_YORK, "2026-03-06"),
            (NEW_YORK, "2026-10-30"),
            (KATHMANDU, "2026-11-21"),
            (APIA, "2026-11-21"),
        ],
    )
    @pytest.mark.parametrize("hour", ["04:00", "12:00", "23:59"])
    def test_an_answer_a_day_is_a_row(self, user, one_way, cards, answer, live_in, zone, first, hour):
        live_in(zone)
        for at in range(5):
            on = date.fromisoformat(first) + at * DAY
            answer(cards[at], wall(f"{on}T{hour}", zone))
        result = streak_of(user, wall(f"{on}T23:59", zone))
        assert (result.days, result.rests, result.first) == (5, (), number(first))

    def test_both_passes_of_a_repeated_hour_are_one_day(self, user, one_way, cards, answer, live_in):
        live_in(BERLIN)
        first_pass = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # half past two in Berlin, for the first time
        answer(cards[0], first_pass)
        answer(cards[1], first_pass + HOUR)
        assert streak_of(user, first_pass + HOUR).days == 1

    @pytest.mark.parametrize("rollover", [0, 4])
    def test_a_date_that_a_zone_left_out_is_not_missed(self, user, one_way, cards, answer, live_in, rollover):
        user.day_starts_at = rollover
        live_in(APIA)
        for card, on in zip(cards, ("2011-12-28", "2011-12-29", "2011-12-31", "2012-01-01"), strict=False):
            at = wall(f"{on}T20:00", APIA)
            answer(card, at)
        result = streak_of(user, at)
        assert (result.days, result.rests) == (4, ())

    def test_what_was_left_out_is_told_before_the_next_answer_too(self, user, one_way, cards, answer, live_in):
        live_in(APIA)
        answer(cards[0], wall("2011-12-29T20:00", APIA))
        result = streak_of(user, wall("2011-12-31T12:00", APIA))
        assert (result.days, result.rests, result.open) == (1, (), True)


class TestFlyingWest:
    def test_refills_no_limit(self, user, one_way, make_deck, answer, live_in):
        user.new_per_day = 2
        words = make_deck([(f"字{at}", "", f"zì{at}", "x") for at in range(20)], name="Words")
        Enrolment.objects.exclude(deck=words).delete()
        Enrolment.objects.create(user=user, deck=words, directions=[READ])
        cards = iter(words.cards.order_by("position"))
        live_in(AUCKLAND)
        for day in ("2026-06-01", "2026-06-02"):
            at = wall(f"{day}T08:00", AUCKLAND)
            assert counts(user, at) == (2, 0)
            answer(next(cards), at)
            answer(next(cards), at)
        live_in(HONOLULU)
        for time, left in [("01T12:00", 0), ("01T23:00", 0), ("02T04:00", 0), ("03T03:59", 0), ("03T04:00", 2)]:
            assert counts(user, wall(f"2026-06-{time}", HONOLULU)) == (left, 0), time

    def test_and_back_refills_no_limit_of_reviews(self, user, one_way, cards, answer, live_in, remember):
        user.reviews_per_day, user.new_per_day = 1, 0
        live_in(NEW_YORK)
        for card in cards:
            remember(user, card, due=wall("2026-06-01T04:00", NEW_YORK))
        answer(cards[0], wall("2026-06-01T20:00", NEW_YORK))
        live_in(BERLIN)
        at = wall("2026-06-02T05:00", BERLIN)
        assert counts(user, at) == (0, 1)
        answer(cards[1], at)
        live_in(NEW_YORK)
        assert counts(user, wall("2026-06-01T23:30", NEW_YORK)) == (0, 0)
        assert counts(user, wall("2026-06-02T23:30", NEW_YORK)) == (0, 0)
        assert counts(user, wall("2026-06-03T04:00", NEW_YORK)) == (0, 1)

    @pytest.mark.parametrize(
        ("from_", "to", "morning", "evening"),
        [
            (BERLIN, NEW_YORK, "2026-06-01T10:00", "2026-06-01T23:00"),
            (AUCKLAND, HONOLULU, "2026-06-02T10:00", "2026-06-02T12:00"),
        ],
    )
    def test_asks_no_word_twice_on_one_day(
        self, user, one_way, cards, answer, live_in, due_daily, from_, to, morning, evening
    ):
        user.new_per_day = 0
        live_in(from_)
        at = wall(morning, from_)
        due_daily(cards[0], at - HOUR)
        entry = answer(cards[0], at, Rating.HARD)
        live_in(to)
        later = wall(evening, to)
        assert entry.due_after < later  # the day has begun where they were
        assert counts(user, later) == (0, 0)
        assert Queue(user, later).entries(1) == []
        tomorrow = wall(f"{date.fromisoformat(evening[:10]) + DAY}T04:00", to)
        assert Queue(user, later).next_at() == tomorrow
        assert counts(user, tomorrow) == (0, 1)
        again = answer(cards[0], tomorrow, Rating.HARD)
        assert again.day - entry.day == 1

    def test_asks_a_word_in_no_other_direction_on_that_day(self, user, one_way, cards, answer, live_in, remember):
        user.new_per_day = 0
        Enrolment.objects.update(directions=[READ, WRITE])
        live_in(AUCKLAND)
        at = wall("2026-06-02T10:00", AUCKLAND)
        remember(user, cards[0], READ, due=at - HOUR)
        remember(user, cards[0], WRITE, due=at - HOUR)
        answer(cards[0], at)
        live_in(HONOLULU)
        assert counts(user, wall("2026-06-02T12:00", HONOLULU)) == (0, 0)
        assert counts(user, wall("2026-06-03T04:00", HONOLULU)) == (0, 1)

    def test_keeps_the_row_and_counts_no_date_twice(self, user, one_way, cards, answer, live_in):
        live_in(AUCKLAND)
        answer(cards[0], wall("2026-06-01T10:00", AUCKLAND))
        answer(cards[1], wall("2026-06-02T10:00", AUCKLAND))
        live_in(HONOLULU)
        at = wall("2026-06-01T20:00", HONOLULU)
        assert streak_of(user, at).days == 2
        answer(cards[2], at)
        assert streak_of(user, at).days == 2
        at = wall("2026-06-02T20:00", HONOLULU)
        answer(cards[3], at)
        assert streak_of(user, at).days == 2
        at = wall("2026-06-03T20:00", HONOLULU)
        answer(cards[4], at)
        assert streak_of(user, at).days == 3
        assert [(day.day, day.answers) for day in StudyDay.objects.all()] == [
            (number("2026-06-01"), 2),
            (number("2026-06-02"), 2),
            (number("2026-06-03"), 1),
        ]


class TestFlyingEast:
    def test_a_date_lost_over_the_date_line_is_not_missed(self, user, one_way, cards, answer, live_in):
        live_in(HONOLULU)
        # Both rest days of the month are taken.
        for card, day in zip(cards, ("05", "07", "09"), strict=False):
            answer(card, wall(f"2026-06-{day}T20:00", HONOLULU))
        live_in(AUCKLAND)
        at = wall("2026-06-11T12:00", AUCKLAND)  # 16 hours after noon on the 10th, less the 22 of the zones
        before = streak_of(user, at)
        assert (before.days, before.open) == (3, True)
        answer(cards[3], at)
        after = streak_of(user, at)
        assert (after.days, after.rests, after.rests_left) == (4, (number("2026-06-08"), number("2026-06-06")), 0)

    def test_a_date_that_was_only_shortened_is_missed(self, user, one_way, cards, answer, live_in):
        live_in(NEW_YORK)
        answer(cards[0], wall("2026-06-01T20:00", NEW_YORK))
        live_in(BERLIN)
        at = wall("2026-06-03T12:00", BERLIN)
        answer(cards[1], at)
        assert streak_of(user, at).rests == (number("2026-06-02"),)

    def test_another_learner_s_flight_is_not_one_s_own(self, user, stranger, one_way, cards, answer, live_in):
        Enrolment.objects.start(stranger, cards[0].deck)
        for zone, day in ((HONOLULU, "09"), (AUCKLAND, "11")):
            stranger.time_zone = zone
            act = {"direction": READ, "type": InteractionType.REVIEW, "rating": Rating.EASY}
            record(stranger, Act(id=uuid7(), card=cards[0], **act), wall(f"2026-06-{day}T20:00", zone))
        answer(cards[0], wall("2026-06-09T20:00", "UTC"))
        at = wall("2026-06-11T20:00", "UTC")
        answer(cards[1], at)
        assert streak_of(user, at).rests == (number("2026-06-10"),)
        assert streak_of(stranger, wall("2026-06-11T20:00", AUCKLAND)).rests == ()

    def test_a_review_comes_on_the_day_on_which_it_was_due(self, user, one_way, cards, answer, live_in, due_daily):
        user.new_per_day = 0
        live_in(NEW_YORK)
        at = wall("2026-06-01T20:00", NEW_YORK)
        due_daily(cards[0], at - HOUR)
        answer(cards[0], at, Rating.HARD)
        live_in(BERLIN)
        on_the_wall = wall("2026-06-02T10:00", BERLIN)  # four in New York
        assert counts(user, on_the_wall) == (0, 1)
        assert answer(cards[0], on_the_wall, Rating.HARD).due_after == wall("2026-06-03T04:00", BERLIN)


ROUND_THE_WORLD = [BERLIN, NEW_YORK, HONOLULU, AUCKLAND, KATHMANDU, BERLIN, AUCKLAND, HONOLULU, APIA, NEW_YORK]


@pytest.mark.parametrize("stops", [ROUND_THE_WORLD, ROUND_THE_WORLD[::-1]], ids=["there", "and back"])
def test_a_learner_who_goes_round_the_world_gets_no_day_and_no_word_twice(user, make_deck, live_in, stops):
    user.new_per_day, user.reviews_per_day = 2, 4
    user.learning_steps = []
    words = make_deck([(f"字{at:02}", "", f"zì{at:02}", "x") for at in range(60)], name="Words")
    Enrolment.objects.create(user=user, deck=words, directions=[READ, WRITE])
    at = datetime(2026, 10, 20, 12, tzinfo=UTC)
    for zone in stops:
        live_in(zone)
        for _ in range(4):
            session = StudySession.start(user, words, None, at)
            while entries := Queue(user, at).entries(1):
                session.answer(uuid7(), entries[0].card, entries[0].direction, Rating.HARD, at)
                at += MINUTE
            at += 8 * HOUR
    asked = Counter(CardInteraction.objects.values_list("day", "card__word_key"))
    assert set(asked.values()) == {1}
    days = StudyDay.objects.all()
    assert max(day.new_words for day in days) == 2
    assert max(day.reviews for day in days) <= 4
    assert CardProgress.objects.count() == sum(day.new_words for day in days)
    # None was lost: every date from the first to the last brought its new words, but for those that never were.
    lost = 2 * (days[len(days) - 1].day - days[0].day + 1) - CardProgress.objects.count()
    assert lost == 0
