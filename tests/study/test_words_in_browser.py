"""static/js/words.js in Chromium: it puts things as the server does."""

import random
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.utils.csp import build_policy
from playwright.sync_api import sync_playwright

from study.forms import LONGEST_TYPED
from study.scheduling.answers import grade_hanzi, grade_pinyin
from study.templatetags.study import interval
from study.templatetags.verdicts import AGAIN, spelt, verdict_of
from tests.study.scheduling.test_answers_in_browser import HANZI, LATIN, PINYIN, ROOT, as_json, chromium

# One worker, one browser.
pytestmark = pytest.mark.xdist_group("browser_code")

PUT = """async ({days, syllables, outcomes, verdicts}) => {
  const {intervalText, marked, told, verdictList} = await import("/words.js");
  const texts = (element, name) => [...element.querySelectorAll(name)].map((each) => [each.textContent, each.lang]);
  return {
    intervals: days.map(intervalText),
    marked: syllables.map(([letters, tone]) => marked(letters, tone)),
    told: outcomes.map(told),
    lists: verdicts.map(([verdict, exercise]) => [...verdictList(verdict, exercise).children].map((item) => [
      item.tagName, item.className, ...["span", "small", "s"].flatMap((name) => texts(item, name)),
    ])),
  };
}"""
SYLLABLES = [(letters, tone) for letters in [*LATIN, "r", "m", "hng", "ê", "zhuangr", "ㄝ", ""] for tone in range(6)]


def random_days():
    """Return intervals of all lengths, in days: whole ones, minutes, and what a rounding decides."""
    rng = random.Random(6)
    halves = [(minute + 0.5) / 1440 for minute in range(120)] + [(hour + 0.5) / 24 for hour in range(30)]
    minutes = [minute / 1440 for minute in range(2000)]
    between = [rng.uniform(0, limit) for limit in (1 / 24, 1, 31, 365, 4000, 36500) for _ in range(500)]
    return [*range(4000), *range(4000, 36501, 7), *halves, *minutes, *between]


def graded():
    """Return verdicts on typed answers, each with the exercise in which it was typed."""
    for row in PINYIN:
        if len(row["typed"]) <= LONGEST_TYPED:
            yield grade_pinyin(row["typed"], row["accepted"], row["others"]), "pinyin"
    for row in HANZI:
        yield grade_hanzi(row["typed"], row["accepted"]), "hanzi"
        yield grade_hanzi(row["typed"], row["accepted"]), "cloze"


DAYS = random_days()
VERDICTS = list(graded())


def run_in_chromium(arguments):
    """Return what PUT returns in a page of Chromium, and what the browser complained of."""
    complaints = []
    headers = {"Content-Security-Policy": build_policy(settings.SECURE_CSP)}

    def answer(route):
        name = route.request.url.rpartition("/")[2]
        body = (ROOT / "static" / "js" / name).read_text() if name else "<!doctype html><link rel=icon href=data:,>"
        route.fulfill(body=body, content_type="text/javascript" if name else "text/html", headers=headers)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(locale="de-DE")  # whose numbers have commas
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.route("**/*", answer)
        page.goto("http://words.test/")
        found = page.evaluate(PUT, arguments)
        browser.close()
    return found | {"complaints": complaints}


@pytest.fixture(scope="module")
def put():
    """What the browser makes of everything, in a thread of its own; see test_answers_in_browser."""
    verdicts = [[as_json(verdict), exercise] for verdict, exercise in VERDICTS]
    arguments = {"days": DAYS, "syllables": SYLLABLES, "outcomes": list(AGAIN), "verdicts": verdicts}
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(run_in_chromium, arguments).result()


def test_browser_runs_the_module_under_our_csp_without_a_complaint(put):
    assert put["complaints"] == []


def test_intervals_are_told_as_on_the_server(put):
    assert len(DAYS) > 10_000
    assert dict(zip(DAYS, put["intervals"], strict=True)) == {days: interval(days) for days in DAYS}


def test_tones_are_marked_as_on_the_server(put):
    assert len(SYLLABLES) > 5000
    assert dict(zip(SYLLABLES, put["marked"], strict=True)) == {each: spelt(*each) for each in SYLLABLES}


def test_what_may_be_looked_at_again_is_told_as_on_the_server(put):
    assert put["told"] == list(AGAIN.values())


def test_verdicts_are_put_as_on_the_server(put):
    assert len(VERDICTS) > 5000
    for (verdict, exercise), found in zip(VERDICTS, put["lists"], strict=True):
        expected = []
        for each in verdict.syllables:
            parts = verdict_of(each, exercise)
            texts = [[parts["shown"], parts["lang"]], [parts["said"], ""]]
            texts += [[parts["typed"], parts["lang"]]] if parts["typed"] else []
            expected.append(["LI", each.verdict, *texts])
        assert found == expected, verdict
