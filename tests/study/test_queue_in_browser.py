"""static/js/queue.js in Chromium, fed with a session's pack: it asks what the server asks, whatever is done."""

import json
import random
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.csp import build_policy
from playwright.sync_api import sync_playwright
from uuid_utils.compat import uuid7

from accounts.models import User
from decks.models import Card, Deck
from study import acts
from study.acts import Act
from study.choices import Direction, Filter, InteractionType, Mode
from study.models import Enrolment, StudySession
from study.pack import MOST_CARDS, pack_of, place
from study.scheduling.days import day_number, day_start
from tests.study.scheduling.test_answers_in_browser import ROOT, chromium

# One worker, one browser.
pytestmark = pytest.mark.xdist_group("browser_code")

READ, WRITE = Direction.CHINESE_TO_ENGLISH, Direction.ENGLISH_TO_CHINESE
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LATE = datetime(2026, 3, 3, 3, 40, tzinfo=UTC)  # 20 minutes before the learner's next day
# No two of them look or sound alike.
LETTERS = "山水火木金土日月人口手足目耳心天风雨雪花草鸟鱼马牛"
PUT_ASIDE = {"suspend": None, "bury": None, "mark_known": 30, "set_due": 0, "reset": None}
COMES_BACK = ["set_due", "reset"]  # perhaps today: the page asks the server
PLAY = """async (games) => {
  const queue = await import("/queue.js");
  return games.map(({ pack, steps }) => {
    let state = { ...pack, last: null };
    const undos = [];
    return steps.map(({ at, does, pack: newer }) => {
      if (newer) {
        const kept = Object.fromEntries(undos.map(({ key }) => [key, state.cards[key]]));
        const fresh = { ...newer, last: state.last };
        state = queue.caughtUp(fresh, undos, newer);
        state = { ...state, cards: { ...kept, ...state.cards } };
      }
      const key = queue.reached(state, at) ? null : queue.next(state, at);
      const { items, done } = state;
      const learning = state.learning.map(([time, each]) => [Math.round(time), each]);
      const told = { key, counts: queue.counts(state, at), done, reached: queue.reached(state, at), items, learning };
      if (does.undo) state = queue.undone(state, undos.pop());
      else if (state.cards[does.key]) {
        undos.push(queue.noted(state, does.key, { ...does, at }));
        state = does.rating ? queue.graded(state, does.key, does.rating, at, pack)[0] : queue.without(state, does.key);
      }
      return told;
    });
  });
}"""


def run_in_chromium(games):
    """Return what queue.js tells at each step of some games, and what the browser complained of."""
    complaints = []
    headers = {"Content-Security-Policy": build_policy(settings.SECURE_CSP)}

    def answer(route):
        name = route.request.url.rpartition("/")[2]
        body = (ROOT / "static" / "js" / name).read_text() if name else "<!doctype html><link rel=icon href=data:,>"
        route.fulfill(body=body, content_type="text/javascript" if name else "text/html", headers=headers)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(timezone_id="America/Los_Angeles")  # not to be taken for the learner's
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.route("**/*", answer)
        page.goto("http://queue.test/")
        found = page.evaluate(PLAY, games)
        browser.close()
    return found, complaints


def as_json(value):
    """Return a value as a browser gets it."""
    return json.loads(json.dumps(value, cls=DjangoJSONEncoder))


def milliseconds(at):
    return (at - EPOCH) // timedelta(milliseconds=1)


class Game:
    """What a learner does in a session, with what the server tells at each step; all by one random number."""

    def __init__(self, seed, start=NOON, aside=0, new=(3, 100), **kind):
        self.rng = random.Random(seed)
        self.at = start
        self.aside = aside
        self.id = None
        self.user = self.learner(new)
        self.deck = self.words()
        self.id = StudySession.start(self.user, None, None, start, **kind).pk
        self.pack = self.packed()
        self.newer, self.is_stale = None, False
        self.done = []
        self.steps = []

    def learner(self, new):
        rng = self.rng
        return User.objects.create(
            username=f"learner-{uuid7()}",
            new_per_day=rng.choice(new),
            learning_steps=rng.choice([[], [60, 600], [600, 86400], [600, 1195]]),
            relearning_steps=rng.choice([[], [600], [300, 3600]]),
            desired_retention=rng.choice([0.8, 0.9, 0.95]),
            easy_days=rng.choice([[], [1, 5]]),
        )

    def words(self):
        """Make a deck, some words of which are to be reviewed or in learning."""
        deck = Deck.objects.create(user=self.user, name="Words")
        words = self.rng.sample(LETTERS, 14)
        cards = [Card(deck=deck, hanzi=word, pinyin=f"x{at}", position=at) for at, word in enumerate(words)]
        Card.objects.bulk_create(cards)
        # Of a word that is put aside, another direction may come, of which the page doesn't know.
        ways = [READ] if self.aside else self.rng.choice([[READ], [READ, WRITE]])
        Enrolment.objects.create(user=self.user, deck=deck, directions=ways)
        for card in self.rng.sample(cards, 8):
            self.learn(card, self.rng.choice(ways), self.rng.choice(["review", "review", "today", "yesterday"]))
        deck.cards.update(tags=["food"])
        return deck

    def learn(self, card, direction, kind):
        """Answer a word before the session: so that it is due since this day began, or is in learning."""
        if kind != "review":
            ago = MINUTE if kind == "today" else DAY
            self.record(card, direction, self.at - ago * self.rng.uniform(1, 1.1), rating=self.rng.choice([1, 2]))
            return
        # All are due since the same time, so that their order stays as it is.
        self.record(card, direction, self.at - 9 * DAY, rating=4)
        self.record(card, direction, self.at - DAY, InteractionType.SET_DUE, days=1)

    def record(self, card, direction, at, type=InteractionType.REVIEW, **fields):
        at = at.replace(microsecond=at.microsecond // 1000 * 1000)
        act = Act(id=uuid7(), card=card, direction=direction, type=type, **fields)
        return acts.record(self.user, act, at, self.session if self.id else None)

    @property
    def session(self):
        """Return the session as each request reads it."""
        session = StudySession.objects.get(pk=self.id)
        session.user = self.user
        return session

    def packed(self):
        return as_json(pack_of(self.session, self.at, MOST_CARDS))

    def told(self):
        """Return what the server says now."""
        session = self.session
        last = session.last_act()
        waiting = session.waiting(self.at, last=last and last.card.word_key)
        plan, _ = session.upcoming(self.at, MOST_CARDS)
        return {
            "key": next((f"{entry.card.pk}:{entry.direction}" for entry in waiting.entries), None),
            "counts": {"new": waiting.counts.new, "learning": waiting.counts.learning, "review": waiting.counts.review},
            "done": session.cards_studied,
            "reached": waiting.reached,
            "items": [place(each) for each in plan.items],
            "learning": [[round(1000 * each[0]), place(each)] for each in plan.learning],
        }

    def play(self, steps=18):
        """Do something at each step until the day ends; now and then the page hears late of the server's state."""
        ends = day_start(day_number(self.at, self.user.zone, 4) + 1, self.user.zone, 4)
        while len(self.steps) < steps and self.at < ends:
            self.steps.append({"at": milliseconds(self.at), "told": self.told()})
            if self.is_stale:
                self.steps[-1]["pack"], self.newer, self.is_stale = self.packed(), None, False
            elif self.rng.random() < 0.15:
                self.newer = self.packed()
            elif self.newer and self.rng.random() < 0.5:
                self.steps[-1]["pack"], self.newer = self.newer, None
            self.steps[-1]["does"] = self.act(self.steps[-1]["told"]["key"])
            wait = self.rng.choice([3 * SECOND, 8 * SECOND, 8 * SECOND, MINUTE, 4 * MINUTE, 11 * MINUTE])
            self.at += wait + timedelta(milliseconds=self.rng.randrange(1000))
        return self

    def act(self, key):
        """Do what chance wants, and return what was done as the page keeps it."""
        if self.done and self.rng.random() < 0.15:
            acts.undo(self.user, self.done.pop(), self.at)
            self.newer = None  # the page can't undo what only the server did
            return {"undo": True}
        if key is None:
            return {}
        card, direction = key.split(":")
        if self.rng.random() < self.aside:
            begun = self.user.progress.filter(card=card, stability__isnull=False).exists()
            kind = self.rng.choice([each for each in PUT_ASIDE if begun or each not in COMES_BACK])
            self.done.append(self.record(UUID(card), direction, self.at, kind, days=PUT_ASIDE[kind]).pk)
            self.is_stale = kind in COMES_BACK
            return {"id": str(self.done[-1]), "key": key}
        rating = self.rng.choice([1, 1, 2, 3, 3, 3, 4])
        self.done.append(self.record(UUID(card), direction, self.at, rating=rating).pk)
        return {"id": str(self.done[-1]), "key": key, "rating": rating}


def check(games):
    """Hold what the browser tells at each step to what the server told."""
    arguments = [{"pack": game.pack, "steps": game.steps} for game in games]
    with ThreadPoolExecutor(1) as thread:
        found, complaints = thread.submit(run_in_chromium, arguments).result()
    assert complaints == []
    for number, (game, told) in enumerate(zip(games, found, strict=True)):
        for step, (mine, each) in enumerate(zip(told, game.steps, strict=True)):
            assert mine == each["told"], (number, step, [one["does"] for one in game.steps[: step + 1]])


@pytest.mark.django_db
@pytest.mark.parametrize("start", [NOON, LATE], ids=["noon", "late"])
def test_a_usual_session_goes_on_as_on_the_server(start):
    check([Game(seed, start).play() for seed in range(8)])


@pytest.mark.django_db
def test_words_that_are_put_aside_come_no_more():
    # Where there are new words, others take their places in the order of the day.
    check([Game(seed, aside=0.3, new=[0]).play() for seed in range(10, 16)])


@pytest.mark.django_db
@pytest.mark.parametrize("mode", [Mode.REVIEW, Mode.CRAM])
def test_a_session_of_its_own_kind_goes_on_as_on_the_server(mode):
    kind = {"filter": Filter.TAG, "filter_value": "food", "mode": mode}
    check([Game(seed, aside=0.15, new=[100], **kind).play() for seed in range(20, 28)])


@pytest.mark.django_db
@pytest.mark.parametrize("goal", [{"goal_cards": 4}, {"goal_minutes": 15}])
def test_a_session_with_a_goal_ends_as_on_the_server(goal):
    check([Game(seed, **goal).play(25) for seed in range(30, 36)])
