"""Studying over a bad line: nothing waits for it, nothing is lost by it, nothing is doubled."""

import statistics
import time
from collections import Counter

import pytest
from django.core.management import call_command

from accounts.models import User
from study.log import CardInteraction
from tests.e2e.conftest import ARTIFACTS, PHONE
from tests.e2e.learner import Learner
from tests.e2e.line import Line

# From a key to the next front: when the card in the page is another one and has been painted.
WATCH = """() => {
    window.times = [];
    let pressed = 0;
    document.addEventListener("keydown", (event) => { if (event.key === "3") pressed = event.timeStamp; }, true);
    new MutationObserver((changes) => {
        const added = changes.flatMap((change) => [...change.addedNodes]);
        if (!added.some((node) => node.classList?.contains("flashcard"))) return;
        requestAnimationFrame(() => {
            const channel = new MessageChannel(); // after the frame is painted
            channel.port1.onmessage = () => window.times.push(performance.now() - pressed);
            channel.port2.postMessage(null);
        });
    }).observe(document.getElementById("card"), { childList: true });
}"""


@pytest.fixture
def line(server):
    line = Line(int(server.rpartition(":")[2]))
    yield line
    line.cut()


@pytest.fixture
def learner(open_page, line, hsk_1):
    """A learner on a phone who has many words before them."""
    page = open_page(base_url=line.address, viewport=PHONE, service_workers="allow")
    learner = Learner(page, scripts=True)
    learner.sign_up()
    User.objects.update(new_per_day=57)
    learner.enrol()
    learner.start()
    page.locator("#card[data-held='57']").wait_for()
    return learner


def saved(page, timeout=90_000):
    """Wait until all that was done has been acknowledged."""
    over = page.get_by_role("button", name="See the summary")  # which comes by itself once all is saved
    page.locator("#sync[data-state=saved]").or_(over).wait_for(timeout=timeout)


def answers():
    """Return how often each word was answered."""
    return Counter(CardInteraction.objects.filter(undone_at=None, rating__isnull=False).values_list("card", flat=True))


def test_the_next_front_does_not_wait_for_a_slow_line(learner, line, capsys):
    page = learner.page
    line.delay = 0.3
    page.evaluate(WATCH)
    for _ in range(30):
        learner.shown()
        page.keyboard.press("Space")
        page.keyboard.press("3")
    page.wait_for_function("() => window.times.length >= 30")
    times = page.evaluate("window.times")
    saved(page)
    recorded = list(CardInteraction.objects.order_by("answered_at").values_list("card__hanzi", "response_time"))
    assert len(recorded) == 30, recorded
    middle, worst = statistics.median(times), max(times)
    told = f"from key to next front, with 300 ms added to each request: median {middle:.1f} ms, worst {worst:.1f} ms"
    ARTIFACTS.mkdir(exist_ok=True)
    (ARTIFACTS / "latency.txt").write_text(told + "\n")
    with capsys.disabled():
        print(f"\n{told}")


PRESS = """(...keys) => {
    for (const key of keys) document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
}"""


def test_whoever_answers_at_once_does_not_see_the_next_answer(learner):
    page = learner.page
    learner.shown()
    word = page.evaluate(
        f"""() => {{
            ({PRESS})(" ", "4");
            return document.querySelector("#card .flashcard").textContent;
        }}"""
    )
    page.wait_for_timeout(200)
    assert page.locator("#card .flashcard").text_content() == word
    assert page.locator("#card .answer").is_hidden()


def test_a_server_that_is_away_for_a_minute_loses_and_doubles_nothing(learner, line):
    page = learner.page
    for _ in range(5):
        learner.grade(4)
    saved(page)
    line.cut()
    until = time.monotonic() + 60
    for _ in range(12):
        learner.grade(4)
    page.get_by_text("your answers are kept on this device and sent later").wait_for()
    page.locator("#sync").get_by_text("Kept on this device: ").wait_for()
    while time.monotonic() < until:
        page.wait_for_timeout(1000)
    assert CardInteraction.objects.count() == 5
    learner.grade(4)
    line.mend()
    saved(page)
    page.get_by_text("You are back online: all your answers are saved.").wait_for()
    assert sorted(answers().values()) == [1] * 18
    call_command("rebuild_progress", check=True)


def test_a_reply_that_is_lost_is_no_second_answer(learner, line):
    page = learner.page
    page.route("**/api/study/interactions", lost_once())
    learner.grade(4)
    learner.grade(4)
    saved(page)
    assert sorted(answers().values()) == [1, 1]


def lost_once():
    """Return a route on which the first reply is lost after the server has done its work."""
    lost = []

    def route(route):
        route.fetch()
        if lost:
            route.continue_()
        else:
            lost.append(True)
            route.abort()

    return route


def test_sixty_answers_without_a_network_arrive_when_it_is_back(learner, line, open_page):
    page, context = learner.page, learner.page.context
    page.wait_for_function("() => caches.match(location.pathname).then(Boolean)")
    address = page.url
    line.cut()
    context.set_offline(True)
    for rating in [1, 4, 4, 1, *[4] * 16, 1, *[4] * 9]:
        learner.grade(rating)
    page.locator("#sync").get_by_text("Offline: 30 to send", exact=True).wait_for()
    page.close()

    learner.page = page = context.new_page()
    page.goto(address)
    page.locator("#card[data-ready]").wait_for()
    for _ in range(30):
        learner.grade(4)
    assert page.get_by_role("heading", name="All that is on this device is done").is_visible()
    assert CardInteraction.objects.count() == 0

    line.mend()
    context.set_offline(False)
    saved(page)
    assert CardInteraction.objects.count() == 60
    assert sorted(answers().values()) == [1] * 54 + [2] * 3
    call_command("rebuild_progress", check=True)
