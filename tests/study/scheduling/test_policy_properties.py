"""What holds over any history, for any learner."""

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from study.scheduling import balance, fsrs, fuzz
from study.scheduling.days import day_number, day_start
from study.scheduling.fsrs import Rating
from study.scheduling.policy import Card, Policy, State, answer, preview

steps = st.lists(st.sampled_from([1, 60, 300, 600, 3600, 43200, 86400, 259200]), max_size=3, unique=True).map(sorted)
policies = st.builds(
    Policy,
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Antarctica/Troll"]).map(
        ZoneInfo
    ),
    rollover_hour=st.integers(0, 23),
    weights=st.one_of(
        st.just(fsrs.DEFAULT_WEIGHTS), st.tuples(*map(st.floats, fsrs.LOWEST_WEIGHTS, fsrs.HIGHEST_WEIGHTS))
    ),
    retention=st.floats(0.70, 0.97),
    learning_steps=steps,
    relearning_steps=steps,
    maximum_interval=st.sampled_from([1, 2, 10, 365, 36500]),
    easy_days=st.frozensets(st.integers(0, 6)),
)
keys = st.integers(0, 2**128 - 1)
ratings = st.sampled_from([1, 2, 3, 3, 3, 4])
# How late an answer comes, in seconds: at once, within the day, after weeks; or before the card was due.
delays = st.one_of(st.just(0), st.integers(0, 90000), st.integers(0, 90 * 86400), st.integers(-90000, 0))
histories = st.lists(st.tuples(ratings, delays), min_size=1, max_size=12)
# Reviews due tomorrow, the day after and so on, the same at each answer; None: no balance.
loads = st.none() | st.lists(st.integers(0, 300), max_size=balance.COUNTED_DAYS)
starts = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))


def load_at(at, policy, counts):
    today = day_number(at, policy.zone, policy.rollover_hour)
    return None if counts is None else dict(enumerate(counts, start=today + 1))


def walk(policy, key, at, history, counts):
    """Yield the card, the time and the four outcomes before each answer of a history."""
    card = Card()
    for rating, delay in history:
        outcomes = preview(card, at, policy, key, load_at(at, policy, counts))
        yield card, at, outcomes, rating
        card = outcomes[rating].card
        at = max(at, outcomes[rating].due_at + timedelta(seconds=delay)) if at.year < 2500 else at


@settings(max_examples=400, deadline=None)
@given(policies, keys, starts, histories, loads)
def test_a_better_grade_never_comes_back_sooner(policy, key, at, history, counts):
    for _, _, outcomes, _ in walk(policy, key, at, history, counts):
        again, hard, good, easy = outcomes.values()
        assert again.due_at <= hard.due_at <= good.due_at
        assert good.due_at < easy.due_at or easy.interval_days == policy.maximum_interval
        assert again.interval_days <= hard.interval_days <= good.interval_days <= easy.interval_days


@settings(max_examples=300, deadline=None)
@given(policies, keys, starts, histories, loads)
def test_the_answer_is_what_the_preview_promised(policy, key, at, history, counts):
    for card, moment, outcomes, _ in walk(policy, key, at, history, counts):
        assert list(outcomes) == list(Rating)
        load = load_at(moment, policy, counts)
        assert {rating: answer(card, rating, moment, policy, key, load) for rating in Rating} == outcomes


@settings(max_examples=300, deadline=None)
@given(policies, keys, starts, histories, loads)
def test_outcomes_are_whole(policy, key, at, history, counts):
    for card, moment, outcomes, _ in walk(policy, key, at, history, counts):
        today = day_number(moment, policy.zone, policy.rollover_hour)
        for rating, outcome in outcomes.items():
            after = outcome.card
            lapsed = rating == Rating.AGAIN and card.state == State.REVIEW
            assert (after.reps, after.lapses) == (card.reps + 1, card.lapses + lapsed)
            assert (after.last_day, after.last_at) == (today, moment)
            assert moment < outcome.due_at
            assert outcome.due_at.tzinfo is UTC
            assert (after.state == State.REVIEW) == (after.step is None)
            assert (after.interval == 0) == (after.state == State.LEARNING)
            assert after.interval <= policy.maximum_interval
            if after.state == State.REVIEW:
                assert outcome.interval_days == after.interval
            # A step of 24 hours may end within the same day, where that has 25.
            if outcome.interval_days >= 1 and outcome.due_at != moment + timedelta(days=outcome.interval_days):
                due_day = today + int(outcome.interval_days)
                assert outcome.due_at == day_start(due_day, policy.zone, policy.rollover_hour)


@settings(max_examples=300, deadline=None)
@given(policies, keys, starts, histories, loads)
def test_an_interval_is_within_the_fuzz_of_the_formula_or_moved_by_the_order(policy, key, at, history, counts):
    for card, _, outcomes, _ in walk(policy, key, at, history, counts):
        hard = outcomes[Rating.HARD]
        if card.state != State.REVIEW:
            continue
        raw = max(1, min(hard.raw_interval, policy.maximum_interval))
        fewest, most = fuzz.window(raw, 1, policy.maximum_interval)
        worse = int(outcomes[Rating.AGAIN].interval_days)
        if worse <= fewest and not fewest < card.interval + 1 <= most + 1:
            assert fewest <= hard.card.interval <= most
        if fuzz.rounded(hard.raw_interval) > card.interval:
            assert hard.card.interval > card.interval or hard.card.interval == policy.maximum_interval


@settings(max_examples=200, deadline=None)
@given(policies, keys, starts, histories, loads)
def test_a_success_never_lowers_stability(policy, key, at, history, counts):
    for card, _, outcomes, _ in walk(policy, key, at, history, counts):
        if card.memory:
            for rating in (Rating.HARD, Rating.GOOD, Rating.EASY):
                assert outcomes[rating].card.memory.stability >= card.memory.stability


LEARNERS = [
    Policy(zone=ZoneInfo(zone), retention=retention, easy_days=frozenset(easy_days), learning_steps=steps)
    for zone, retention, easy_days, steps in [
        ("UTC", 0.90, (), (60, 600)),
        ("Europe/Berlin", 0.85, (6,), (60, 600)),
        ("America/New_York", 0.95, (5, 6), ()),
        ("Asia/Shanghai", 0.70, (), (600, 86400)),
    ]
]


def test_ten_thousand_random_histories_keep_every_promise():
    rng = random.Random(10000)
    days_of_load = [None, [0] * 90, [rng.randrange(200) for _ in range(90)]]
    answers = 0
    for history in range(10000):
        policy, counts, key = LEARNERS[history % 4], days_of_load[history % 3], rng.getrandbits(128)
        at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=rng.randrange(86400 * 365))
        graded = [(rng.choice((1, 2, 3, 3, 3, 4)), rng.randrange(-3600, 5 * 86400)) for _ in range(rng.randint(2, 6))]
        for card, moment, outcomes, rating in walk(policy, key, at, graded, counts):
            answers += 1
            assert answer(card, rating, moment, policy, key, load_at(moment, policy, counts)) == outcomes[rating]
            again, hard, good, easy = outcomes.values()
            assert again.interval_days <= hard.interval_days <= good.interval_days <= easy.interval_days
            assert again.due_at <= hard.due_at <= good.due_at
            assert good.due_at < easy.due_at or easy.interval_days == policy.maximum_interval
            if card.memory:
                kept = min(outcome.card.memory.stability for outcome in (hard, good, easy))
                assert kept >= card.memory.stability
    assert answers == 39888
