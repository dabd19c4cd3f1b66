"""static/js/scheduling.js in Chromium, under our CSP, held to the vectors and to the Python code."""

import gzip
import json
import os
import random
import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.utils.csp import build_policy
from playwright.sync_api import sync_playwright

from study.scheduling.days import day_number, day_start
from study.scheduling.policy import Card, Policy, preview

# One worker, one browser.
pytestmark = pytest.mark.xdist_group("browser_code")

ROOT = Path(__file__).parents[3]
MODULE = ROOT / "static" / "js" / "scheduling.js"
VECTORS = json.loads((ROOT / "tests" / "data" / "policy_vectors.json").read_text())
GOLDEN = json.loads(gzip.decompress((ROOT / "tests" / "data" / "golden_fsrs6.json.gz").read_bytes()))
CASES = [
    case | {"policy": {"easy_days": []} | case["policy"] | {"weights": VECTORS["weights"][case["policy"]["weights"]]}}
    for case in VECTORS["cases"]
]
# Zones of all kinds whose rules are old, so that the browser's edition of them is as good as Python's.
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Antarctica/Troll"]
FILES = {
    "/": ("text/html", b"<!doctype html><title>Scheduling</title><link rel=icon href=data:,>"),
    "/scheduling.js": ("text/javascript", MODULE.read_bytes()),
}
COMPUTE = """async ({golden, weights, cases, days, walks}) => {
  const {answer, dayNumber, dayStart, firstMemory, interval, nextMemory, preview} = await import("/scheduling.js");
  const memories = (w, history) => {
    let memory = null;
    return history.map(([elapsed, rating]) => {
      memory = memory ? nextMemory(w, memory, elapsed, rating) : firstMemory(w, rating);
      return [memory.stability, memory.difficulty, interval(w, memory.stability, 0.9)];
    });
  };
  const shown = ({card, at, policy, key, load}) => preview(card, new Date(at), policy, key, load);
  const given = ({card, at, policy, key, load}, rating) => answer(card, rating, Date.parse(at), policy, key, load);
  const refused = (rating) => {
    try { given(cases[0], rating); } catch (error) { return `${error.name}: ${error.message}`; }
  };
  return {
    golden: Object.fromEntries(Object.entries(weights).map(([name, w]) => [name, golden.map((h) => memories(w, h))])),
    cases: cases.map(shown),
    answers: cases.map((one) => Object.fromEntries([1, 2, 3, 4].map((rating) => [rating, given(one, rating)]))),
    days: days.map(({zone, rollover_hour, at}) => {
      const day = dayNumber(Date.parse(at), zone, rollover_hour);
      return [day, dayStart(day, zone, rollover_hour), dayStart(day + 1, zone, rollover_hour)];
    }),
    walks: walks.map(shown),
    refused: [0, 5, "3"].map(refused),
  };
}"""


def chromium():
    """Return the path of the machine's Chromium; without one these tests fail, they don't pass unseen."""
    found = map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))
    path = os.environ.get("CHROMIUM") or next(filter(None, found), None)
    assert path, "The browser's code is tested in Chromium: install it, or set CHROMIUM to its path."
    return path


class Handler(BaseHTTPRequestHandler):
    """Serves FILES with the site's Content-Security-Policy."""

    def do_GET(self):
        kind, body = FILES[self.path]
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Security-Policy", build_policy(settings.SECURE_CSP))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        """Say nothing."""


def run_in_chromium(arguments):
    """Return what COMPUTE returns in a page of Chromium, and what the browser complained of."""
    complaints = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
            page = browser.new_page(timezone_id="America/Los_Angeles")  # not to be taken for the learner's
            page.on("console", lambda message: complaints.append(message.text))
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.goto(f"http://127.0.0.1:{server.server_port}/")
            computed = page.evaluate(COMPUTE, arguments)
            browser.close()
    finally:
        server.shutdown()
        server.server_close()
    return computed | {"complaints": complaints}


def milliseconds(at):
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def random_instants():
    """Return learner's days at random times, those near a change of the clock as often as not, as Python has them."""
    rng = random.Random(3)
    for _ in range(2000):
        zone, rollover_hour = rng.choice(ZONES), rng.choice([0, 1, 2, 3, 4, 23])
        at = datetime(1990, 1, 1, tzinfo=UTC) + timedelta(milliseconds=rng.randrange(46 * 365 * 86_400_000))
        if rng.random() < 0.5:  # European clocks change in the last week of these months
            at = at.replace(month=rng.choice([3, 10]), day=rng.randint(25, 31), hour=rng.randint(0, 4))
        day = day_number(at, ZoneInfo(zone), rollover_hour)
        starts = [milliseconds(day_start(day + ahead, ZoneInfo(zone), rollover_hour)) for ahead in (0, 1)]
        yield {"zone": zone, "rollover_hour": rollover_hour, "at": at.isoformat()}, [day, *starts]


def random_walks():
    """Yield questions to the browser's `preview`, and what Python's answers, over random histories with a load."""
    rng = random.Random(4)
    for _ in range(150):
        own = {
            "rollover_hour": rng.randrange(24),
            "retention": rng.uniform(0.70, 0.97),
            "learning_steps": rng.choice([[], [60, 600], [600, 86400], [90.5]]),
            "relearning_steps": rng.choice([[], [600], [300, 3600]]),
            "maximum_interval": rng.choice([30, 36500]),
        }
        zone, easy_days = rng.choice(ZONES), rng.sample(range(7), rng.choice([0, 0, 1, 2]))
        weights = rng.choice(list(VECTORS["weights"].values()))
        policy = Policy(zone=ZoneInfo(zone), weights=weights, easy_days=frozenset(easy_days), **own)
        plain = own | {"zone": zone, "weights": weights, "easy_days": easy_days}
        at, card, key = (
            datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=rng.randrange(9000)),
            Card(),
            rng.getrandbits(128),
        )
        for _ in range(8):
            today = day_number(at, policy.zone, policy.rollover_hour)
            load = rng.choice([None, {today + ahead: rng.randrange(60) for ahead in range(1, 91)}])
            outcomes = preview(card, at, policy, key, load)
            uuid = f"{key:032x}"
            yield {"card": card_data(card), "at": at.isoformat(), "policy": plain, "key": uuid, "load": load}, outcomes
            outcome = outcomes[rng.choice([1, 2, 3, 3, 3, 4])]
            card, at = outcome.card, outcome.due_at + timedelta(milliseconds=rng.randrange(3 * 86_400_000))


def card_data(card):
    names = ("state", "step", "last_day", "interval", "reps", "lapses")
    stability, difficulty = (card.memory.stability, card.memory.difficulty) if card.memory else (None, None)
    return {name: getattr(card, name) for name in names} | {"stability": stability, "difficulty": difficulty}


def close(value):
    return value if value is None else pytest.approx(value, rel=1e-9)


def outcome_data(outcome):
    """Return an outcome of the browser in the form of the vectors, to be compared with `expected`."""
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=outcome["due_at"])
    card = {name: value for name, value in outcome["card"].items() if name != "last_at"}
    return outcome | {"card": card, "due_at": at.isoformat(timespec="milliseconds").replace("+00:00", "Z")}


def expected(outcome):
    card = outcome["card"]
    floats = {name: close(outcome[name]) for name in ("raw_interval", "retrievability")}
    memory = {name: close(card[name]) for name in ("stability", "difficulty")}
    return outcome | floats | {"card": card | memory}


DAYS, EXPECTED_DAYS = zip(*random_instants(), strict=True)
WALKS, EXPECTED_WALKS = zip(*random_walks(), strict=True)


@pytest.fixture(scope="module")
def computed():
    """What the browser makes of everything, in a thread of its own: Playwright leaves a loop running in its thread,
    where the e2e tests may have another and Django would take the thread for an asynchronous one.
    """
    arguments = {
        "golden": GOLDEN["H"],
        "weights": GOLDEN["P"],
        "cases": CASES,
        "days": [*VECTORS["days"], *DAYS],
        "walks": WALKS,
    }
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(run_in_chromium, arguments).result()


def test_browser_runs_the_module_under_our_csp_without_a_complaint(computed):
    assert "script-src 'self'" in build_policy(settings.SECURE_CSP)
    assert computed["complaints"] == []


@pytest.mark.parametrize("weights", ["default", "alt"])
def test_memory_and_interval_are_those_of_fsrs_rs(computed, weights):
    answers, other_days = 0, 0
    for mine, theirs in zip(computed["golden"][weights], GOLDEN["fsrs_rs_python_0_9_3"][weights], strict=True):
        for (stability, difficulty, days), (its_stability, its_difficulty, its_days) in zip(mine, theirs, strict=True):
            assert stability == pytest.approx(its_stability, rel=2e-5)
            assert difficulty == pytest.approx(its_difficulty, abs=1e-5)
            difference = abs(round(days) - round(its_days))
            assert difference <= 1
            answers, other_days = answers + 1, other_days + difference
    assert answers == 15420
    assert other_days <= answers * 0.001


def test_every_vector_of_the_policy_holds(computed):
    assert len(computed["cases"]) == 285
    for case, outcomes in zip(VECTORS["cases"], computed["cases"], strict=True):
        mine = {rating: outcome_data(outcome) for rating, outcome in outcomes.items()}
        assert mine == {rating: expected(outcome) for rating, outcome in case["outcomes"].items()}, case["name"]


def test_the_answer_is_what_the_preview_promised(computed):
    assert computed["answers"] == computed["cases"]


def test_every_vector_of_the_days_holds(computed):
    for case, found in zip(VECTORS["days"], computed["days"][: len(VECTORS["days"])], strict=True):
        starts = [milliseconds(datetime.fromisoformat(case[name])) for name in ("start", "next")]
        assert found == [case["day"], *starts], case


def test_days_are_those_of_python_at_random_times(computed):
    assert computed["days"][len(VECTORS["days"]) :] == list(EXPECTED_DAYS)


def test_outcomes_are_those_of_python_over_random_histories(computed):
    assert len(computed["walks"]) == 1200
    for found, outcomes in zip(computed["walks"], EXPECTED_WALKS, strict=True):
        for rating, outcome in outcomes.items():
            mine, theirs = found[str(int(rating))], card_data(outcome.card)
            memory = {name: close(theirs[name]) for name in ("stability", "difficulty")}
            assert mine["card"] == theirs | memory | {"last_at": milliseconds(outcome.card.last_at)}
            assert (mine["due_at"], mine["interval_days"]) == (milliseconds(outcome.due_at), outcome.interval_days)
            assert mine["raw_interval"] == close(outcome.raw_interval)
            assert mine["retrievability"] == close(outcome.retrievability)


def test_another_rating_is_refused(computed):
    assert computed["refused"] == [f"RangeError: {rating} is not a rating" for rating in (0, 5, 3)]
