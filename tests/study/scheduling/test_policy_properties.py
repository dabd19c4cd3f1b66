"""What holds over any history, for any learner."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from study.scheduling import fsrs, fuzz
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
)
keys = st.integers(0, 2**128 - 1)
ratings = st.sampled_from([1, 2, 3, 3, 3, 4])
# How late an answer comes, in seconds: at once, within the day, after weeks; or before the card was due.
delays = st.one_of(st.just(0), st.integers(0, 90000), st.integers(0, 90 * 86400), st.integers(-90000, 0))
histories = st.lists(st.tuples(ratings, delays), min_size=1, max_size=12)
starts = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))


def walk(policy, key, at, history):
    """Yield the card, the time and the four outcomes before each answer of a history."""
    card = Card()
    for rating, delay in history:
        outcomes = preview(card, at, policy, key)
        yield card, at, outcomes, rating
        card = outcomes[rating].card
        at = max(at, outcomes[rating].due_at + timedelta(seconds=delay)) if at.year < 2500 else at


@settings(max_examples=400, deadline=None)
@given(policies, keys, starts, histories)
def test_a_better_grade_never_comes_back_sooner(policy, key, at, history):
    for _, _, outcomes, _ in walk(policy, key, at, history):
        again, hard, good, easy = outcomes.values()
        assert again.due_at <= hard.due_at <= good.due_at
        assert good.due_at < easy.due_at or easy.interval_days == policy.maximum_interval
        assert again.interval_days <= hard.interval_days <= good.interval_days <= easy.interval_days


@settings(max_examples=300, deadline=None)
@given(policies, keys, starts, histories)
def test_the_answer_is_what_the_preview_promised(policy, key, at, history):
    for card, moment, outcomes, _ in walk(policy, key, at, history):
        assert list(outcomes) == list(Rating)
        assert {rating: answer(card, rating, moment, policy, key) for rating in Rating} == outcomes


@settings(max_examples=300, deadline=None)
@given(policies, keys, starts, histories)
def test_outcomes_are_whole(policy, key, at, history):
    for card, moment, outcomes, _ in walk(policy, key, at, history):
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
@given(policies, keys, starts, histories)
def test_an_interval_is_within_the_fuzz_of_the_formula_or_moved_by_the_order(policy, key, at, history):
    for card, _, outcomes, _ in walk(policy, key, at, history):
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
@given(policies, keys, starts, histories)
def test_a_success_never_lowers_stability(policy, key, at, history):
    for card, _, outcomes, _ in walk(policy, key, at, history):
        if card.memory:
            for rating in (Rating.HARD, Rating.GOOD, Rating.EASY):
                assert outcomes[rating].card.memory.stability >= card.memory.stability
