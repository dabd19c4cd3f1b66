"""A real browser against a real server: Debian's Chromium, driven by Playwright."""

import os
import shutil
import time
from pathlib import Path

import pytest
from django.test.testcases import LiveServerThread
from playwright.sync_api import sync_playwright

from decks import builtin
from decks.models import Standard
from tests.e2e.exercises import make_deck, make_learner, sign_in, study

# Playwright's loop runs in this thread, which Django takes for an asynchronous one.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

ARTIFACTS = Path(__file__).parents[2] / "artifacts"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"]
PATIENCE = 5  # seconds
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 800}


def chromium():
    """Return the path of the machine's Chromium; without one these tests fail, they don't pass unseen."""
    found = map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))
    path = os.environ.get("CHROMIUM") or next(filter(None, found), None)
    assert path, "The browser tests need Chromium: `make test` installs it where it may, else set CHROMIUM."
    return path


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server_thread(django_db_setup):
    """The site in a thread of this process, so that a test moves its clock. WhiteNoise serves the static files as in
    production, which pytest-django's own live server keeps it from doing.
    """
    thread = LiveServerThread("127.0.0.1", static_handler=lambda application: application)
    thread.daemon = True
    thread.start()
    thread.is_ready.wait()
    if thread.error:
        raise thread.error
    yield thread
    thread.terminate()


@pytest.fixture
def server(server_thread, transactional_db):
    """The address of the site."""
    return f"http://127.0.0.1:{server_thread.port}"


def is_complaint(message):
    """Return whether the browser complains of more than a line that was cut on purpose."""
    return message.type == "error" and "net::ERR_" not in message.text


def settle(contexts, asked):
    """Wait until nothing is asked of the site any more: emptying the tables would lock out what it still answers."""
    pages = [page for context in contexts for page in context.pages]
    until = time.monotonic() + PATIENCE
    while pages and asked and time.monotonic() < until:
        pages[0].wait_for_timeout(20)


@pytest.fixture
def open_page(browser, server):
    """Return a function that opens a page in a new browser profile; what the browser complains of fails the test."""
    contexts, complaints, asked = [], [], set()

    def open_page(**options):
        # Most tests want each file from the server.
        options = {"base_url": server, "service_workers": "block"} | options
        context = browser.new_context(timezone_id="Europe/Berlin", **options)
        context.set_default_timeout(10_000)
        contexts.append(context)
        context.on("request", lambda request: asked.update([request]))
        for end in ("requestfinished", "requestfailed"):
            context.on(end, lambda request: asked.difference_update([request]))
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if is_complaint(message) else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_page
    settle(contexts, asked)
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def hsk_1(transactional_db):
    """One built-in deck, where the others would only take time."""
    builtin.load_level(Standard.HSK_2025, "1", builtin.Loaded())


@pytest.fixture
def hsk_decks(transactional_db):
    """The built-in decks; loaded for each test, which leaves an empty database behind."""
    builtin.load()


@pytest.fixture
def begin(open_page, server):
    """Return a function that opens the study page for an exercise, on a desk unless said otherwise.

    Its learner is signed in, and nothing is answered yet.
    """

    def begin(direction, exercise, **options):
        page = open_page(**({"viewport": DESK, "reduced_motion": "reduce"} | options))
        learner = make_learner()
        sign_in(page, server, learner)
        study(page, learner, make_deck(), direction, exercise)
        return page

    return begin
