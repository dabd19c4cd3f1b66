"""A learner on the study page whose session asks one exercise, and what was recorded of it."""

import time
from itertools import pairwise

from django.test import Client
from django.utils import timezone

from accounts.models import User
from decks.models import Card, Deck, Visibility
from study.log import CardInteraction
from study.models import StudySession

SENTENCES = [
    ("学生", "學生", "xuésheng", "student", "我是学生。", "Wǒ shì xuésheng.", "I am a student."),
    ("老师", "老師", "lǎoshī", "teacher", "她是我的老师。", "Tā shì wǒ de lǎoshī.", "She is my teacher."),
    ("苹果", "蘋果", "píngguǒ", "apple", "我想吃苹果。", "Wǒ xiǎng chī píngguǒ.", "I would like to eat an apple."),
    ("水", "水", "shuǐ", "water", "请给我一杯水。", "Qǐng gěi wǒ yì bēi shuǐ.", "Please give me a glass of water."),
    ("看", "看", "kàn", "to look; to read", "他在看电视。", "Tā zài kàn diànshì.", "He is watching television."),
    (
        "朋友",
        "朋友",
        "péngyou",
        "friend",
        "他是我的好朋友。",
        "Tā shì wǒ de hǎo péngyou.",
        "He is a good friend of mine.",
    ),
]
TEXTS = ("hanzi", "traditional", "pinyin", "english", "sentence", "sentence_pinyin", "sentence_translation")
PATIENCE = 10  # seconds


def make_learner(**settings):
    """Return a learner; who signs in by a cookie needs no password."""
    learner = User(username="meili", email="meili@example.com", time_zone="Europe/Berlin", **settings)
    learner.set_unusable_password()
    learner.save()
    return learner


def make_deck(sentences=SENTENCES):
    """Return a built-in deck of these words with their sentences."""
    deck = Deck.objects.create(name="HSK 0", visibility=Visibility.PUBLIC, standard="2025", level="1")
    words = (dict(zip(TEXTS, each, strict=True)) for each in sentences)
    Card.objects.bulk_create(Card(deck=deck, position=position, **word) for position, word in enumerate(words))
    return deck


def sign_in(page, server, learner):
    """Have the browser carry the learner's session."""
    client = Client()
    client.force_login(learner)
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": server}])


def study(page, learner, deck, direction, exercise, **kind):
    """Open the study page of a session that asks one exercise, and return the session; the learner is signed in."""
    session = StudySession.start(learner, deck, direction, timezone.now(), exercise=exercise, **kind)
    page.goto(f"/study/session/{session.pk}/")
    ready(page)
    return session


def ready(page):
    """Wait until the page works by its script, and has told that nothing waits to be sent."""
    page.locator("#card[data-ready] .flashcard").wait_for()
    page.locator("#sync[data-state=saved]").wait_for()
    page.locator("#card[data-held]").wait_for()


def recorded(count):
    """Wait until so many acts stand in the log; return each as (hanzi, type, rating, what was typed)."""
    return [(act.card.hanzi, act.interaction_type, act.rating, act.typed) for act in acts(count)]


def acts(count):
    """Wait until so many acts stand in the log, and return them in order."""
    until = time.monotonic() + PATIENCE
    while True:
        found = list(CardInteraction.objects.standing().as_received().select_related("card"))
        if len(found) == count:
            return found
        assert time.monotonic() < until, found
        time.sleep(0.05)


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def asked(page, text):
    """Wait until a card asks so."""
    page.locator("#prompt").filter(has_text=text).wait_for()


def has_focus(page, selector):
    """Assert that an element has the focus, and that one sees it."""
    page.wait_for_function("selector => document.activeElement.matches(selector)", arg=selector)
    seen = page.evaluate("""() => {
      const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
      return [document.activeElement.matches(":focus-visible"), outlineStyle, outlineWidth];
    }""")
    assert seen == [True, "solid", "3px"], selector


def tab_to(page, selector, key="Tab"):
    """Go on from element to element, each of which shows its focus, until the wanted one has it."""
    for _ in range(40):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        press(page, key)
        if not page.evaluate("document.activeElement === document.body"):  # the browser's own bar comes in between
            has_focus(page, "*")
    raise AssertionError(f"{selector} is not reached by {key}.")


class Finger:
    """Real touches, as the browser gets them from a screen."""

    def __init__(self, page):
        self.session = page.context.new_cdp_session(page)

    def go(self, *points, steps=8):
        """Put the finger on the first point, lead it over the others and take it off."""
        self._send("touchStart", points[0])
        for (x, y), (to_x, to_y) in pairwise(points):
            for step in range(1, steps + 1):
                self._send("touchMove", (x + (to_x - x) * step / steps, y + (to_y - y) * step / steps))
        self._send("touchEnd")

    def tap(self, locator):
        """Touch the middle of an element."""
        locator.scroll_into_view_if_needed()
        box = locator.bounding_box()
        self.go((box["x"] + box["width"] / 2, box["y"] + box["height"] / 2))

    def _send(self, kind, *points):
        points = [{"x": x, "y": y} for x, y in points]
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
