"""static/js/answers.js in Chromium, under our CSP, held to the vectors and to the Python code."""

import json
import os
import random
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import pytest
from django.conf import settings
from django.utils.csp import build_policy
from playwright.sync_api import sync_playwright

from decks.dictionary import LEVELS, open_dictionary
from decks.dictionary.pinyin import marks, plain, zhuyin
from study.scheduling.answers import grade_hanzi, grade_pinyin

# One worker, one browser.
pytestmark = pytest.mark.xdist_group("browser_code")

ROOT = Path(__file__).parents[3]
VECTORS = json.loads((ROOT / "tests" / "data" / "typed_answers.json").read_text())
FILES = {
    "/": ("text/html", "<!doctype html><title>Answers</title><link rel=icon href=data:,>"),
    "/answers.js": ("text/javascript", (ROOT / "static" / "js" / "answers.js").read_text()),
}
GRADE = """async ({pinyin, hanzi}) => {
  const {gradeHanzi, gradePinyin} = await import("/answers.js");
  return {
    pinyin: pinyin.map(({typed, accepted, others}) => gradePinyin(typed, accepted, others)),
    hanzi: hanzi.map(({typed, accepted}) => gradeHanzi(typed, accepted)),
    alone: gradePinyin("ma", ["ma5"]),
  };
}"""
SLIPS = "aeiounghzrvü:'’ ·˙-012345ǎāéǐòǚńㄅㄓㄧㄨㄩㄢㄤㄦㄫˊˇˋˉ\u0304\u030c\u0308\u0303ＡＮ３ßɑ你😀\n"
# Every way to put symbols of zhuyin together.
ZHUYIN = [
    initial + medial + final
    for initial in ["", *"ㄅㄆㄇㄈㄉㄊㄋㄌㄍㄎㄏㄐㄑㄒㄓㄔㄕㄖㄗㄘㄙㄫ"]
    for medial in ["", *"ㄧㄨㄩ"]
    for final in ["", *"ㄚㄛㄜㄝㄞㄟㄠㄡㄢㄣㄤㄥㄦ"]
]
INITIALS = "b p m f d t n l g k h j q x zh ch sh r z c s y w"
FINALS = (
    "a o e ai ei ao ou an en ang eng ong er i ia io ie iai iao iu ian in iang ing iong"
    " u ua uo uai ui uan un uang ue ü üe üan ün v ve r m ng"
)
# Every way to put an initial and a final together.
LATIN = [initial + final for initial in ["", *INITIALS.split()] for final in FINALS.split()]


def chromium():
    """Return the path of the machine's Chromium; without one these tests fail, they don't pass unseen."""
    found = map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))
    path = os.environ.get("CHROMIUM") or next(filter(None, found), None)
    assert path, "The browser's code is tested in Chromium: install it, or set CHROMIUM to its path."
    return path


def answer(route):
    """Answer a request with one of FILES and the site's Content-Security-Policy."""
    kind, body = FILES["/" + route.request.url.split("/", 3)[3]]
    policy = build_policy(settings.SECURE_CSP)
    route.fulfill(body=body, content_type=kind, headers={"Content-Security-Policy": policy})


def run_in_chromium(arguments):
    """Return what GRADE returns in a page of Chromium, and what the browser complained of."""
    complaints = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.route("**/*", answer)
        page.goto("http://answers.test/")
        computed = page.evaluate(GRADE, arguments)
        browser.close()
    return computed | {"complaints": complaints}


def random_answers():
    """Yield typed answers to words of HSK, as they may be written and with slips; Python's verdict goes with each."""
    rng = random.Random(4)
    dictionary = open_dictionary(settings.DICTIONARY_PATH)
    readings = [
        reading.pinyin_numbers
        for level in LEVELS["2025"][:3]
        for word in dictionary.hsk_words("2025", level)
        for reading in word.readings
    ] + ["wan2 r5", "ka3 la1 O K", "xx5", "Ma3 ke4 · Tu3 wen1", "m2", "coser", "", ","]
    writings = [str, marks, zhuyin, plain, lambda reading: reading.replace(" ", "")]
    for _ in range(4000):
        accepted = rng.choices(readings, k=rng.choice([1, 1, 2, 3]))
        typed = rng.choice(writings)(accepted[0])
        for _ in range(rng.choice([0, 0, 1, 2, 5])):
            place = rng.randrange(len(typed) + 1)
            typed = typed[:place] + rng.choice(["", *SLIPS]) + typed[place + rng.choice([0, 1]) :]
        yield {"typed": typed, "accepted": accepted, "others": rng.choices(readings, k=rng.choice([0, 1]))}


def random_hanzi():
    rng = random.Random(5)
    for _ in range(500):
        typed = "".join(rng.choices("学生學大，。 ＡBkｋ１𠮷\u2f26", k=rng.randrange(6)))
        yield {"typed": typed, "accepted": rng.sample(["学生", "學生", "卡拉OK", "大𠮷"], rng.randrange(4))}


def endless_answers():
    for typed in ["a", "zhuang", "ㄓ", "\u030c", "ǘ", "˙", "ﷺ", "😀a"]:
        yield {"typed": typed * 1000, "accepted": ["a1 " * 100, "zhuang1 " * 30], "others": []}


PINYIN = [
    *({"typed": typed, "accepted": ["ba1"], "others": []} for typed in [*ZHUYIN, *LATIN]),
    *random_answers(),
    *endless_answers(),
]
HANZI = list(random_hanzi())


@pytest.fixture(scope="module")
def graded():
    """What the browser makes of everything, in a thread of its own: Playwright leaves a loop running in its thread,
    where the e2e tests may have another and Django would take the thread for an asynchronous one.
    """
    arguments = {"pinyin": [*VECTORS["pinyin"], *PINYIN], "hanzi": [*VECTORS["hanzi"], *HANZI]}
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(run_in_chromium, arguments).result()


def as_json(verdict):
    return asdict(verdict) | {"syllables": [asdict(syllable) for syllable in verdict.syllables]}


def test_browser_runs_the_module_under_our_csp_without_a_complaint(graded):
    assert graded["complaints"] == []


def test_every_vector_of_pinyin_holds(graded):
    for row, verdict in zip(VECTORS["pinyin"], graded["pinyin"][: len(VECTORS["pinyin"])], strict=True):
        syllables = [
            f"{each['expected'] or '-'}{each['tone'] if each['expected'] else ''} "
            f"{each['typed'] or '-'}{each['typed_tone'] if each['typed'] else ''} {each['verdict']}"
            for each in verdict["syllables"]
        ]
        found = verdict | {"syllables": syllables}
        assert found == {name: row[name] for name in ("outcome", "reading", "syllables")}, row["note"]


def test_every_vector_of_hanzi_holds(graded):
    for row, verdict in zip(VECTORS["hanzi"], graded["hanzi"][: len(VECTORS["hanzi"])], strict=True):
        characters = verdict["syllables"]
        syllables = [f"{each['expected'] or '-'} {each['typed'] or '-'} {each['verdict']}" for each in characters]
        found = verdict | {"syllables": syllables}
        assert found == {name: row[name] for name in ("outcome", "reading", "syllables")}, row["note"]


def test_verdicts_on_pinyin_are_those_of_python(graded):
    verdicts = graded["pinyin"][len(VECTORS["pinyin"]) :]
    assert len(verdicts) > 5000
    for row, verdict in zip(PINYIN, verdicts, strict=True):
        assert verdict == as_json(grade_pinyin(row["typed"], row["accepted"], row["others"])), row


def test_verdicts_on_hanzi_are_those_of_python(graded):
    for row, verdict in zip(HANZI, graded["hanzi"][len(VECTORS["hanzi"]) :], strict=True):
        assert verdict == as_json(grade_hanzi(row["typed"], row["accepted"])), row


def test_other_readings_may_be_left_out(graded):
    assert graded["alone"] == as_json(grade_pinyin("ma", ["ma5"]))
