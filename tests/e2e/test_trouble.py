"""What goes wrong on a device while one studies: nothing is answered that wasn't, nothing is lost that was."""

from collections import Counter

import pytest

from accounts.models import User
from study.log import CardInteraction
from tests.e2e.conftest import PHONE
from tests.e2e.learner import Learner
from tests.e2e.line import Line

# Keys as they come in a burst while the page is busy: before anything that the first of them has set off.
BURST = """keys => {
    for (const key of keys) {
        document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
        document.activeElement.dispatchEvent(new KeyboardEvent("keyup", { key, bubbles: true, cancelable: true }));
    }
}"""


@pytest.fixture
def line(server):
    line = Line(int(server.rpartition(":")[2]))
    yield line
    line.cut()


@pytest.fixture
def learner(open_page, line, hsk_decks):
    page = open_page(base_url=line.address, viewport=PHONE, service_workers="allow")
    learner = Learner(page, scripts=True)
    learner.sign_up()
    User.objects.update(new_per_day=57)
    learner.enrol()
    learner.start()
    page.locator("#card[data-held='57']").wait_for()
    return learner


def saved(page):
    """Wait until all that was done has been acknowledged."""
    page.locator("#sync[data-state=saved]").wait_for(timeout=30_000)


def answers():
    """Return how often each word was answered, in the order of the answers."""
    found = CardInteraction.objects.filter(undone_at=None, rating__isnull=False).order_by("sequence")
    return Counter(found.values_list("card__hanzi", flat=True))


def test_keys_in_a_burst_turn_no_card_but_the_one_that_is_shown(learner):
    page = learner.page
    page.evaluate(BURST, [" ", "3"])
    page.wait_for_timeout(300)
    assert not page.locator("#card .reveal").evaluate("details => details.open")


# The device takes one act, and then nothing more.
FULL = """() => {
    const add = IDBObjectStore.prototype.add;
    let taken = 0;
    IDBObjectStore.prototype.add = function (...given) {
        const request = add.apply(this, given);
        if (++taken > 1) setTimeout(() => this.transaction.abort());
        return request;
    };
    IDBTransaction.prototype.commit = () => {}; // so that there is something to abort
}"""


def test_a_full_device_loses_no_answer_as_long_as_the_page_is_open(learner, line):
    page = learner.page
    page.evaluate(FULL)
    learner.grade(4)
    saved(page)
    line.cut()
    first = learner.shown()
    learner.grade(4)
    second = learner.shown()
    learner.grade(4)
    page.get_by_text("this device has no room to keep them: leave this page open").wait_for()
    page.get_by_text("Not sent: 2 to send").wait_for()
    page.keyboard.press("u")
    page.get_by_text(f"Taken back: {second}").wait_for()
    line.mend()
    page.evaluate("dispatchEvent(new Event('online'))")
    saved(page)
    assert first in answers()
    assert second not in answers()


def test_answers_are_kept_after_the_data_of_the_site_were_deleted(learner):
    page = learner.page
    learner.grade(4)
    saved(page)
    page.evaluate("new Promise((done) => { indexedDB.deleteDatabase('flashcards').onsuccess = done; })")
    learner.grade(4)
    learner.grade(4)
    page.wait_for_timeout(500)
    saved(page)
    assert sorted(answers().values()) == [1, 1, 1]
