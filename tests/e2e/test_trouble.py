"""What goes wrong on a device while one studies: nothing is answered that wasn't, nothing is lost that was."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.models import User
from decks.models import Deck
from study.log import CardInteraction
from study.models import StudySession, WordNote
from tests.e2e.conftest import PHONE
from tests.e2e.learner import DECK, Learner
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
def learner(open_page, line, hsk_1):
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


def test_answers_are_kept_after_the_data_of_the_site_were_deleted(learner, line):
    page = learner.page
    line.delay = 0.3  # so that one sees it being sent
    learner.grade(4)
    saved(page)
    page.evaluate("new Promise((done) => { indexedDB.deleteDatabase('flashcards').onsuccess = done; })")
    learner.grade(4)
    page.locator("#sync[data-state=sending]").wait_for()
    saved(page)
    learner.grade(4)
    page.locator("#sync[data-state=sending]").wait_for()
    saved(page)
    assert sorted(answers().values()) == [1, 1, 1]


def kept(page, store):
    """Return what the device keeps in a store."""
    return page.evaluate(
        """store => new Promise((done) => {
            indexedDB.open("flashcards").onsuccess = ({ target: { result: database } }) => {
                database.transaction(store).objectStore(store).getAll().onsuccess = ({ target }) => {
                    database.close();
                    done(target.result);
                };
            };
        })""",
        store,
    )


def ready(page):
    page.locator("#card[data-ready]").wait_for()


def test_a_page_that_is_opened_hours_later_without_a_network_has_the_time_of_then(learner, line):
    page, context = learner.page, learner.page.context
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    page.reload()
    page.locator("#card[data-held]").wait_for()
    address = page.url
    line.cut()
    context.set_offline(True)
    page.close()

    learner.page = page = context.new_page()
    later = datetime.now(UTC) + timedelta(hours=3)
    page.clock.install(time=later)
    page.goto(address)
    ready(page)
    learner.grade(4)
    page.get_by_text("Offline: 1 to send").wait_for()
    [message] = kept(page, "outbox")
    assert abs(datetime.fromisoformat(message["act"]["answered_at"]) - later) < timedelta(minutes=1)


def test_a_device_whose_clock_is_wrong_answers_by_the_servers_also_without_a_network(learner, line):
    page, context = learner.page, learner.page.context
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    address = page.url
    page.close()
    fast = timedelta(days=2)
    page = context.new_page()
    page.clock.install(time=datetime.now(UTC) + fast)
    page.goto(address)
    page.locator("#card[data-held='57']").wait_for()
    page.close()
    line.cut()
    context.set_offline(True)

    learner.page = page = context.new_page()
    page.clock.install(time=datetime.now(UTC) + fast)
    page.goto(address)
    ready(page)
    learner.grade(4)
    page.get_by_text("Offline: 1 to send").wait_for()
    [message] = kept(page, "outbox")
    assert abs(datetime.fromisoformat(message["act"]["answered_at"]) - datetime.now(UTC)) < timedelta(minutes=1)


def test_what_was_answered_on_a_first_visit_is_not_asked_again_without_a_network(learner, line, open_page):
    address, cookies = learner.page.url, learner.page.context.storage_state()
    learner.page.close()
    learner.page = page = open_page(service_workers="allow", storage_state=cookies)
    page.goto(address)
    page.locator("#card[data-held='57']").wait_for()
    page.wait_for_function("async () => (await (await caches.open('pages')).keys()).length === 1")
    learner.grade(4)
    learner.grade(4)
    saved(page)
    following = learner.shown()
    line.cut()
    page.context.set_offline(True)
    page.close()

    learner.page = page = page.context.new_page()
    page.goto(address)
    ready(page)
    assert learner.shown() == following
    assert len(kept(page, "packs")[0]["cards"]) == 57


@pytest.fixture
def with_goal(learner):
    """The learner with a session of two words before them."""
    user = User.objects.get()
    session = StudySession.start(user, Deck.objects.get(name=DECK), None, timezone.now(), goal_cards=2)
    learner.page.goto(f"/study/session/{session.pk}/")
    learner.page.locator("#card[data-held='57']").wait_for()
    return learner


def test_a_server_that_takes_no_answers_does_not_have_the_page_loaded_again_and_again(with_goal, line):
    page, loads = with_goal.page, []
    page.route("**/api/study/interactions", lambda route: route.abort())
    page.on("domcontentloaded", lambda page: loads.append(page.url))
    with_goal.grade(4)
    with_goal.grade(4)
    page.get_by_role("heading", name="All that is on this device is done").wait_for()
    page.wait_for_timeout(1500)
    assert loads == []
    page.unroute("**/api/study/interactions")
    page.evaluate("dispatchEvent(new Event('online'))")
    page.get_by_role("heading", name="You have done what you set out to").wait_for()
    assert sorted(answers().values()) == [1, 1]


def test_cards_that_never_come_leave_no_dead_card_behind(with_goal):
    page = with_goal.page
    page.route("**/pack/", lambda route: None)
    with_goal.grade(4)
    page.keyboard.press("Space")
    page.keyboard.press("4")
    page.get_by_text("Looking for what comes next.").wait_for()
    page.get_by_role("heading", name="All that is on this device is done").wait_for(timeout=30_000)
    assert page.get_by_text("Looking for what comes next.").count() == 0


def write_note(page, text):
    page.keyboard.press("e")
    page.locator("#note-text").fill(text)
    page.get_by_role("button", name="Save the note").click()


def test_a_note_that_is_not_saved_is_not_said_to_be(learner):
    page = learner.page
    other = page.context.new_page()
    other.goto("/")
    other.get_by_role("button", name="Log out").click()
    other.get_by_role("link", name="Log in").first.wait_for()
    write_note(page, "like a seal")
    page.get_by_text("Your note could not be saved").wait_for()
    assert page.locator("#note-text").input_value() == "like a seal"
    assert WordNote.objects.count() == 0


def test_a_note_that_is_saved_late_stands_on_its_own_card_whenever_that_comes(learner, line):
    page, word = learner.page, learner.shown()
    line.delay = 0.3
    write_note(page, "like a seal")
    page.locator("#card .reveal > summary").focus()
    learner.grade(4)
    page.keyboard.press("Space")
    page.get_by_text("Your note is saved.").wait_for()
    assert page.locator("#card .notes.own").count() == 0
    page.keyboard.press("u")
    page.get_by_text(f"Taken back: {word}").wait_for()
    page.keyboard.press("Space")
    assert page.locator("#card .notes.own").inner_text() == "like a seal"
    page.goto("/")
    assert page.get_by_text("your note is saved").count() == 0


def test_what_waits_to_be_sent_is_not_asked_again_after_another_learner_was_here(learner, line):
    page, context = learner.page, learner.page.context
    address = page.url
    stop = lambda route: route.abort()  # noqa: E731
    context.route("**/api/study/interactions", stop)
    first = learner.shown()
    learner.grade(4)
    learner.grade(1)
    following = learner.shown()
    page.get_by_text("2 to send").wait_for()
    page.goto("/")
    page.get_by_role("button", name="Log out").press("Enter")
    page.get_by_role("link", name="Log in").first.wait_for()
    page.wait_for_function("async () => !(await caches.keys()).includes('pages')")
    learner.log_in()
    page.goto(address)
    ready(page)
    assert learner.shown() == following
    learner.grade(4)
    context.unroute("**/api/study/interactions", stop)
    page.evaluate("dispatchEvent(new Event('online'))")
    saved(page)
    assert answers()[first] == 1
    assert sorted(answers().values()) == [1, 1, 1]


def test_a_word_that_was_answered_on_another_device_is_not_asked_when_one_comes_back(learner):
    page, user = learner.page, User.objects.get()
    word = learner.shown()
    session = StudySession.objects.get()
    session.answer(uuid7(), session.deck.cards.get(hanzi=word), "chinese_to_english", 3, timezone.now())
    page.clock.install()
    page.evaluate("Object.defineProperty(document, 'hidden', { value: true, configurable: true })")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.clock.fast_forward("06:00")
    page.evaluate("Object.defineProperty(document, 'hidden', { value: false, configurable: true })")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.get_by_text(f"{word} was answered elsewhere: that answer counts.").wait_for()
    assert learner.shown() != word
    assert user.interactions.count() == 1


# Into what waits to be sent, as if the server's word that it has it had never come.
PUT_BACK = """message => new Promise((done) => {
    indexedDB.open("flashcards").onsuccess = ({ target: { result: database } }) => {
        database.transaction("outbox", "readwrite").objectStore("outbox").add(message).onsuccess = done;
    };
})"""


def test_a_word_whose_acknowledgement_was_lost_is_asked_when_it_is_due_again(learner):
    page, word = learner.page, learner.shown()
    learner.grade(4)
    saved(page)
    page.get_by_text("More", exact=True).click()
    page.get_by_role("button", name="End the session").click()
    page.wait_for_url("**/summary/")
    [answer] = CardInteraction.objects.all()
    act = {
        "id": str(answer.pk),
        "session_id": str(answer.session_id),
        "card_id": str(answer.card_id),
        "direction": answer.direction,
        "interaction_type": answer.interaction_type,
        "answered_at": answer.answered_at.isoformat(),
        "rating": answer.rating,
    }
    page.evaluate(PUT_BACK, {"act": act, "user": page.locator("body").get_attribute("data-user")})
    with time_machine.travel(timezone.now() + timedelta(days=12), tick=True):
        page.context.route("**/api/study/interactions", lambda route: route.abort())
        page.goto("/")
        learner.start()
        page.locator("#sync[data-state=waiting]").wait_for()
        assert page.locator(".progress-line .review b").inner_text() == "1"
        page.context.unroute("**/api/study/interactions")
        page.evaluate("dispatchEvent(new Event('online'))")
        saved(page)
        assert answers() == {word: 1}


def test_an_undo_that_can_not_be_done_now_leaves_the_page_where_it_is(learner, line):
    page = learner.page
    word = learner.shown()
    learner.grade(4)
    saved(page)
    page.reload()
    page.locator("#card[data-held]").wait_for()
    following = learner.shown()
    line.cut()
    page.keyboard.press("u")
    page.get_by_text("To take back what was done earlier, you must be online and signed in.").wait_for()
    assert learner.shown() == following
    line.mend()
    page.keyboard.press("u")
    page.get_by_text(f"Taken back: {word}").wait_for()
    assert answers() == {}


# Answers that come from elsewhere: [status, text, headers] for each, then the server's own.
REPLIES = """replies => {
    const { fetch } = window;
    window.asked = 0;
    window.fetch = (address, ...options) => {
        if (!String(address).startsWith("/api/")) return fetch(address, ...options);
        window.asked += 1;
        if (!replies.length) return fetch(address, ...options);
        const [status, text, headers] = replies.shift();
        return Promise.resolve(new Response(text, { status, headers }));
    };
}"""


def test_what_a_proxy_says_of_an_answer_is_not_taken_for_the_servers_word(learner):
    page = learner.page
    page.evaluate(REPLIES, [[404, "<h1>nginx</h1>", {}], [200, "<h1>Welcome to the hotel</h1>", {}]])
    word = learner.shown()
    learner.grade(4)
    page.locator("#sync[data-state=waiting]").wait_for()
    saved(page)
    assert answers() == {word: 1}
    page.evaluate(REPLIES, [[200, "<h1>Welcome to the hotel</h1>", {}], [404, "<h1>nginx</h1>", {}]])
    page.keyboard.press("u")
    page.locator("#sync[data-state=waiting]").wait_for()
    saved(page)
    assert answers() == {}


def test_a_server_that_asks_for_time_is_left_alone(learner):
    page = learner.page
    page.evaluate(REPLIES, [[429, "{}", {"Retry-After": "4"}]])
    for _ in range(4):
        learner.grade(4)
    page.get_by_text("Kept on this device: 4 to send").wait_for()
    assert page.evaluate("asked") == 1
    saved(page)
    assert sorted(answers().values()) == [1, 1, 1, 1]


def test_two_tabs_of_a_session_leave_behind_what_can_be_gone_on_with(learner, line):
    page, context = learner.page, learner.page.context
    other = context.new_page()
    other.goto(page.url)
    other.locator("#card[data-held='57']").wait_for()
    session, words = StudySession.objects.get(), Deck.objects.get(name=DECK).cards.order_by("position")
    for card in words[20:23]:  # on another device
        session.answer(uuid7(), card, "chinese_to_english", 4, timezone.now())
    page.reload()
    page.locator("#card[data-held='54']").wait_for()
    line.cut()
    context.set_offline(True)
    learner.page = other
    learner.grade(4)
    other.get_by_text("Offline: 1 to send").wait_for()
    other.close()
    page.reload()
    ready(page)
    learner.page = page
    for _ in range(53):
        learner.grade(4)
    assert page.get_by_role("heading", name="All that is on this device is done").is_visible()


# The pack is asked for, and its answer held back until the page is told to let it come.
HELD_BACK = """() => {
    const { fetch } = window;
    window.fetch = async (address, ...options) => {
        const response = await fetch(address, ...options);
        if (!String(address).endsWith("/pack/")) return response;
        window.fetch = fetch;
        window.isHeld = true;
        await new Promise((come) => { window.come = come; });
        return response;
    };
}"""


def test_cards_that_are_on_their_way_bring_back_no_word_answered_in_another_tab(learner):
    page = learner.page
    other = page.context.new_page()
    other.goto(page.url)
    other.locator("#card[data-held='57']").wait_for()
    other.evaluate(HELD_BACK)
    other.evaluate("Object.defineProperty(document, 'hidden', { value: true, configurable: true })")
    other.clock.install()
    other.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    other.clock.fast_forward("06:00")
    other.evaluate("Object.defineProperty(document, 'hidden', { value: false, configurable: true })")
    other.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    other.wait_for_function("() => window.isHeld")
    learner.grade(4)
    saved(page)
    learner.page = other
    other.get_by_text("was answered in another tab: that answer counts.").wait_for()
    other.evaluate("come()")
    other.wait_for_timeout(500)
    for _ in range(3):
        learner.grade(4)
    other.wait_for_timeout(300)
    saved(other)
    assert sorted(answers().values()) == [1, 1, 1, 1]
