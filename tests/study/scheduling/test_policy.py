import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from study.scheduling import fsrs
from study.scheduling.days import day_number, day_start
from study.scheduling.fsrs import Memory, Rating
from study.scheduling.policy import (
    Card,
    Policy,
    State,
    answer,
    difficulty_score,
    mastery_level,
    preview,
    retrievability_now,
)

DATA = Path(__file__).parents[2] / "data"
VECTORS = json.loads((DATA / "policy_vectors.json").read_text())
HEADER, *TRACE = map(json.loads, (DATA / "scheduler_trace_lb_off.jsonl").read_text().splitlines())
BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
TODAY = 20780  # 2026-11-23
KEY = 0x019ABCDE012374569ABCDEF012345678
POLICY = Policy(zone=BERLIN)
MINUTE = 60 / 86400
TEN_MINUTES = 600 / 86400


def policy_of(settings):
    own = {"zone": ZoneInfo(settings["zone"]), "weights": VECTORS["weights"][settings["weights"]]}
    return Policy(**settings | own | {"easy_days": frozenset(settings.get("easy_days", ()))})


def load_of(case):
    return {int(day): reviews for day, reviews in case["load"].items()} if "load" in case else None


def card_of(values):
    stability, difficulty = values.pop("stability"), values.pop("difficulty")
    return Card(**values, memory=None if stability is None else Memory(stability, difficulty))


def values_of(outcome):
    """Return an outcome as the vectors have it."""
    card, memory = outcome.card, outcome.card.memory
    names = ("state", "step", "last_day", "interval", "reps", "lapses")
    return {
        "card": {name: getattr(card, name) for name in names}
        | {"stability": pytest.approx(memory.stability, rel=1e-9), "difficulty": pytest.approx(memory.difficulty)},
        "due_at": outcome.due_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "interval_days": outcome.interval_days,
        "raw_interval": pytest.approx(outcome.raw_interval, rel=1e-9),
        "retrievability": outcome.retrievability and pytest.approx(outcome.retrievability, rel=1e-9),
    }


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["name"])
def test_vector(case):
    at = datetime.fromisoformat(case["at"])
    key = int(case["key"].replace("-", ""), 16)
    outcomes = preview(card_of(dict(case["card"])), at, policy_of(case["policy"]), key, load_of(case))
    assert {str(int(rating)): values_of(outcome) for rating, outcome in outcomes.items()} == case["outcomes"]


@pytest.mark.parametrize(
    "case", VECTORS["days"], ids=lambda case: f"{case['zone']} {case['rollover_hour']} {case['at']}"
)
def test_vector_of_days(case):
    zone, rollover_hour, day = ZoneInfo(case["zone"]), case["rollover_hour"], case["day"]
    assert day_number(datetime.fromisoformat(case["at"]), zone, rollover_hour) == day
    assert day_start(day, zone, rollover_hour) == datetime.fromisoformat(case["start"])
    assert day_start(day + 1, zone, rollover_hour) == datetime.fromisoformat(case["next"])


def review(stability=20.0, difficulty=5.0, interval=20, elapsed=20):
    return Card(State.REVIEW, None, Memory(stability, difficulty), TODAY - elapsed, None, interval, 8, 1)


def learning(step, stability=2.3065, state=State.LEARNING):
    return Card(state, step, Memory(stability, 2.118), TODAY, NOON, 0, 3, 0)


def days(card, policy=POLICY, key=KEY, load=None):
    """Return the days of the four buttons at noon."""
    return [outcome.interval_days for outcome in preview(card, NOON, policy, key, load).values()]


def test_new_word_takes_the_steps_and_easy_graduates():
    outcomes = preview(Card(), NOON, POLICY, KEY)
    assert [outcome.card.state for outcome in outcomes.values()] == ["learning", "learning", "learning", "review"]
    assert [outcome.card.step for outcome in outcomes.values()] == [0, 0, 1, None]
    assert [outcomes[rating].due_at - NOON for rating in (1, 2, 3)] == [
        timedelta(minutes=1),
        timedelta(minutes=5, seconds=30),
        timedelta(minutes=10),
    ]
    assert outcomes[Rating.GOOD].card.memory == fsrs.first(fsrs.DEFAULT_WEIGHTS, Rating.GOOD)
    assert outcomes[Rating.GOOD].retrievability is None
    assert outcomes[Rating.EASY].card.interval == outcomes[Rating.EASY].interval_days == 9
    assert outcomes[Rating.EASY].due_at == datetime(2026, 12, 2, 3, tzinfo=UTC)


def test_last_step_is_repeated_by_hard_and_left_by_good():
    outcomes = preview(learning(1), NOON, POLICY, KEY)
    assert outcomes[Rating.HARD].interval_days == TEN_MINUTES
    assert outcomes[Rating.HARD].card.step == 1
    assert (outcomes[Rating.GOOD].card.state, outcomes[Rating.GOOD].card.interval) == ("review", 2)


def test_hard_on_the_only_step_is_half_as_long_again():
    policy = Policy(zone=BERLIN, learning_steps=(600,))
    assert preview(Card(), NOON, policy, KEY)[Rating.HARD].interval_days == 900 / 86400


def test_a_step_past_the_rollover_lasts_till_the_day_begins():
    at = datetime(2026, 11, 24, 2, 55, tzinfo=UTC)  # five minutes before the rollover
    again, hard, good, _ = preview(Card(), at, POLICY, KEY).values()
    assert again.due_at == at + timedelta(minutes=1)
    assert hard.due_at == good.due_at == datetime(2026, 11, 24, 3, tzinfo=UTC)
    assert (again.interval_days, hard.interval_days, good.interval_days) == (MINUTE, 1, 1)
    assert (good.card.state, good.card.step, good.card.interval, good.card.last_day) == ("learning", 1, 0, TODAY)


def test_without_steps_every_answer_graduates_and_a_lapse_stays_in_review():
    policy = Policy(zone=BERLIN, learning_steps=(), relearning_steps=())
    assert {outcome.card.state for outcome in preview(Card(), NOON, policy, KEY).values()} == {"review"}
    lapse = answer(review(), Rating.AGAIN, NOON, policy, KEY)
    assert (lapse.card.state, lapse.card.step, lapse.card.lapses, lapse.card.interval) == ("review", None, 2, 2)
    assert lapse.due_at == datetime(2026, 11, 25, 3, tzinfo=UTC)


def test_a_lapse_relearns_with_the_interval_it_left_and_keeps_it():
    lapse = answer(review(stability=400.0, difficulty=2.0, elapsed=500), 1, NOON, POLICY, KEY)
    assert (lapse.card.state, lapse.card.step, lapse.card.lapses, lapse.card.reps) == ("relearning", 0, 2, 9)
    assert (lapse.card.interval, lapse.interval_days) == (round(lapse.raw_interval), TEN_MINUTES)
    hard = answer(lapse.card, 2, NOON, POLICY, KEY)
    assert (hard.card.interval, hard.card.lapses) == (lapse.card.interval, 2)
    again = answer(lapse.card, 1, NOON, POLICY, KEY)
    assert (again.card.interval, again.card.lapses) == (round(again.raw_interval), 2)
    assert answer(lapse.card, 3, NOON, POLICY, KEY).card.state == "review"


def test_passed_reviews_are_apart_and_longer_than_before():
    for key in range(50):
        again, hard, good, easy = days(review(), key=key)
        assert again < 20 < hard < good < easy
    # By the formula 0.67, 0.92 and 1.46 days: the order alone parts them, and fuzz begins at three days.
    assert {tuple(days(review(0.3, 9.5, 1, 1), key=key)[1:]) for key in range(50)} == {(1, 2, 3), (1, 2, 4)}


def test_a_passed_review_is_shorter_than_before_only_where_fuzz_cannot_explain_it():
    card = review(20.0, 9.9, 24, 3)  # raw 20.9, 21.5, 22.7, and 24 is the end of the window of 20.9
    assert min(days(card, key=key)[1] for key in range(50)) == 24
    shrunk = {days(review(20.0, 9.9, 25, 3), key=key)[1] for key in range(100)}
    assert shrunk == {18, 19, 20, 21, 22, 23, 24}


def test_the_order_of_the_buttons_gives_way_at_the_maximum():
    assert days(review(), Policy(zone=BERLIN, maximum_interval=10))[1:] == [10, 10, 10]
    assert days(review(), Policy(zone=BERLIN, maximum_interval=1))[1:] == [1, 1, 1]
    assert days(Card(), Policy(zone=BERLIN, maximum_interval=5, learning_steps=(864000,))) == [5, 5, 5, 5]


def test_a_free_day_within_the_windows_is_taken_by_each_button_that_reaches_it():
    full = {TODAY + day: 100 for day in range(1, 91)}
    assert days(review()) == [TEN_MINUTES, 48, 64, 100]
    # The window of "good" ends before 65 and that of "easy" after the 90 days for which reviews are counted.
    assert days(review(), load=full | {TODAY + day: 0 for day in (45, 60, 65, 90)}) == [TEN_MINUTES, 45, 60, 100]
    # The buttons stay apart, so of two that reach the one free day only the worse has it.
    for key in range(20):
        _, hard, good, easy = days(review(2.0, 9.9, 2, 2), key=key, load=full | {TODAY + 4: 0})
        assert hard == 4 < good < easy


def test_an_easy_day_is_avoided_with_a_load_and_without():
    policy = Policy(zone=BERLIN, easy_days=frozenset({6}))
    sundays = {41, 48, 55, 62, 90, 97}  # days after a Monday
    for load in (None, {}, {TODAY + day: 2 * (day % 7 != 6) for day in range(1, 91)}):
        due = {day for key in range(200) for day in days(review(), policy, key, load)[1:]}
        assert due & sundays == set()
    assert sundays < {day for key in range(200) for day in days(review(), key=key)[1:]}


def test_a_lapse_and_a_step_of_days_are_not_balanced():
    policy = Policy(zone=BERLIN, relearning_steps=(), learning_steps=(60, 4 * 86400), easy_days=frozenset(range(4)))
    full = {TODAY + day: 100 * (day in (4, 7)) for day in range(1, 91)}
    for key in range(20):
        assert days(review(400.0, 2.0, 400, 500), policy, key, full)[0] == 7
        assert days(learning(0), policy, key, full)[2] == 4


def test_a_clock_put_back_makes_a_same_day_answer():
    ahead = review(elapsed=-3)
    outcome = answer(ahead, Rating.GOOD, NOON, POLICY, KEY)
    assert (outcome.card.memory.stability, outcome.retrievability) == (20.0, 1.0)
    assert outcome.card.last_day == TODAY


def test_recall_is_predicted_in_days_for_the_answer_and_in_fractions_to_sort():
    card = Card(State.REVIEW, None, Memory(1.0, 5.0), TODAY - 1, NOON - timedelta(hours=12), 1, 1, 0)
    assert answer(card, Rating.GOOD, NOON, POLICY, KEY).retrievability == pytest.approx(0.9)
    assert retrievability_now(card, NOON, POLICY) == fsrs.retrievability(fsrs.DEFAULT_WEIGHTS, 1.0, 0.5)
    assert retrievability_now(card, NOON - timedelta(days=2), POLICY) == 1.0
    assert retrievability_now(review(), NOON, POLICY) == pytest.approx(0.9)
    assert retrievability_now(Card(), NOON, POLICY) is None


def test_mastery_follows_from_the_memory():
    assert mastery_level(Card()) == 0
    assert mastery_level(learning(0, 90.0)) == 1
    assert mastery_level(learning(0, 90.0, State.RELEARNING)) == 1
    assert mastery_level(review(stability=20.999)) == 2
    assert mastery_level(review(stability=21.0)) == 3


@pytest.mark.parametrize(("difficulty", "score"), [(1, 0.1), (5.5, 2.55), (10, 5.0)])
def test_difficulty_score_is_linear(difficulty, score):
    assert difficulty_score(difficulty) == pytest.approx(score, rel=1e-12)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"retention": 0.699}, "a retention of 0.699"),
        ({"retention": 0.971}, "a retention of 0.971"),
        ({"retention": float("nan")}, "a retention of nan"),
        ({"maximum_interval": 0}, "the longest interval"),
        ({"maximum_interval": 36501}, "the longest interval"),
        ({"rollover_hour": 24}, "begin at 24"),
        ({"rollover_hour": -1}, "begin at -1"),
        ({"learning_steps": (60, 0)}, "a step cannot take 0 seconds"),
        ({"relearning_steps": (float("inf"),)}, "a step cannot take inf"),
        ({"easy_days": frozenset({0, 7})}, r"weekdays are 0 to 6, not \[7\]"),
        ({"easy_days": frozenset({-1, 6})}, r"weekdays are 0 to 6, not \[-1\]"),
        ({"weights": (1.0,) * 20}, "21 weights"),
        ({"weights": (*fsrs.DEFAULT_WEIGHTS[:20], 0.9)}, "weight 20 is 0.9"),
    ],
)
def test_a_setting_out_of_its_range_is_refused(setting, message):
    with pytest.raises(ValueError, match=message):
        Policy(zone=BERLIN, **setting)


@pytest.mark.parametrize("retention", [0.70, 0.97])
def test_retention_may_be_at_its_bounds(retention):
    assert Policy(zone=BERLIN, retention=retention).retention == retention


@pytest.mark.parametrize("rating", [0, 5])
def test_another_rating_is_refused(rating):
    with pytest.raises(ValueError, match="Rating"):
        answer(Card(), rating, NOON, POLICY, KEY)


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="no time zone"):
        preview(Card(), datetime(2026, 11, 23), POLICY, KEY)


def test_a_memory_without_its_day_is_refused():
    with pytest.raises(ValueError, match="needs the day"):
        Card(State.REVIEW, memory=Memory(1.0, 5.0))


ANKI_STATES = ["new", "learning", "review", "relearning"]
SHANGHAI = ZoneInfo(HEADER["tz"])


def anki_policy(line):
    preset = HEADER["deck_configs"][str(HEADER["decks"][str(line["home_deck"])][1])]
    steps = {kind: [60 * minutes for minutes in preset[kind]["delays"]] for kind in ("new", "lapse")}
    return Policy(
        zone=SHANGHAI,
        rollover_hour=HEADER["rollover"],
        retention=preset["desiredRetention"],
        learning_steps=steps["new"],
        relearning_steps=steps["lapse"],
    )


def anki_card(before, policy):
    if before["type"] == 0:
        return Card()
    data, state = json.loads(before["data"]), ANKI_STATES[before["type"]]
    last_day = day_number(datetime.fromtimestamp(data["lrt"], UTC), SHANGHAI, HEADER["rollover"])
    steps = {"learning": policy.learning_steps, "relearning": policy.relearning_steps}.get(state)
    step = len(steps) - before["left"] if steps else None
    memory = Memory(data["s"], data["d"])
    return Card(state, step, memory, last_day, None, before["ivl"], before["reps"], before["lapses"])


def anki_offers(line):
    """Return state, days (whole or of the step's seconds) and memory that Anki offered under each button."""
    for rating in Rating:
        offer = line["states"][rating.name.lower()]["normal"]
        if "review" in offer:
            yield rating, "review", offer["review"]["scheduled_days"], offer["review"]["memory_state"]
        else:
            state = next(iter(offer))
            step = offer[state].get("learning", offer[state])
            # What passes the rollover is a matter of days, which the trace has only after the answer.
            past = step["scheduled_secs"] * 1000 + line["t_ms"] >= line["next_day_at"] * 1000
            yield rating, state, 1 if past else step["scheduled_secs"] / 86400, step["memory_state"]


def test_trace_of_anki_has_the_same_memory_after_each_of_its_answers():
    assert len(TRACE) == 333
    for line in TRACE:
        policy = anki_policy(line)
        at = datetime.fromtimestamp(line["t_ms"] / 1000, UTC)
        card = answer(anki_card(line["before"], policy), line["rating"], at, policy, KEY).card
        after = line["after"]
        stored = json.loads(after["data"])
        # Four decimals, of a number of 32 bits.
        assert card.memory.stability == pytest.approx(stored["s"], rel=2e-6, abs=6e-5)
        assert card.memory.difficulty == pytest.approx(stored["d"], abs=6e-4)
        assert (card.state, card.reps, card.lapses) == (ANKI_STATES[after["type"]], after["reps"], after["lapses"])


def test_trace_of_anki_offers_only_what_some_draw_of_ours_would_offer():
    rng = random.Random(1)
    keys = [rng.getrandbits(128) for _ in range(200)]
    for line in TRACE:
        policy = anki_policy(line)
        at = datetime.fromtimestamp(line["t_ms"] / 1000, UTC)
        card = anki_card(line["before"], policy)
        previews = [preview(card, at, policy, key) for key in keys]
        for rating, state, offered, memory in anki_offers(line):
            assert previews[0][rating].card.state == state
            assert previews[0][rating].card.memory.stability == pytest.approx(memory["stability"], rel=2e-6)
            assert previews[0][rating].card.memory.difficulty == pytest.approx(memory["difficulty"], abs=1e-5)
            assert offered in {outcomes[rating].interval_days for outcomes in previews}
