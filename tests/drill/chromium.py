"""A real Chromium as one of the drill's browsers: it answers by keys, whether the server is there or not."""

import time

from playwright.sync_api import Error, sync_playwright

from tests.drill.clients import PATIENCE, Browser, Unexpected
from tests.e2e.conftest import FLAGS, chromium

OPENED = "#card[data-ready], #card .empty"
# What the page shows, and what it keeps on the device: at one moment, and all that was pressed before.
SHOWN = """async (session) => {
    const done = (request) => new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
    });
    const database = await done(indexedDB.open("flashcards"));
    const stores = database.transaction(["states", "outbox"]);
    const [state, outbox] = await Promise.all([
        done(stores.objectStore("states").get(session)),
        done(stores.objectStore("outbox").getAll()),
    ]);
    database.close();
    const card = document.querySelector("#card[data-ready] .flashcard");
    return {
        prompt: card?.querySelector(".prompt").textContent.trim(),
        direction: card?.dataset.direction,
        open: card?.querySelector(".reveal").open ?? false,
        acts: (state?.undos ?? []).map((act) => act.id),
        waiting: outbox.map(({ act, undo }) => act?.id ?? undo),
    };
}"""


class Chromium(Browser):
    """Answers by the keyboard, now and then without a network; what the device keeps no longer was acknowledged."""

    def log_in(self):
        super().log_in()
        self.words = {}
        for card in self.deck.cards.all():
            self.words |= dict.fromkeys([card.hanzi, card.english], str(card.pk))
        self.pressed, self.undone, self.replies = set(), set(), {}

    def run(self):
        address = f"http://127.0.0.1:{self.line.port}"
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
            self.context = browser.new_context(base_url=address, service_workers="block")
            self.context.add_cookies(
                [{"name": name, "value": value, "url": address} for name, value in self.line.cookies.items()]
            )
            self.context.on("weberror", lambda each: self.ledger.fault(f"{self.name}'s page: {each.error}"))
            self.context.on("response", self.hear)
            self.tab = self.context.new_page()
            self.open()
            super().run()
            browser.close()

    def hear(self, response):
        """Keep what the server said of an undo for good."""
        [*_, id, last] = response.url.split("/")
        if last == "undo" and response.status < 500:
            self.replies[id] = response.status

    def open(self):
        """Open the session's page, however often that takes."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                self.tab.goto(self.session)
                self.tab.locator(OPENED).first.wait_for(timeout=5000)
            except Error:
                self.ledger.count("broken")
                self.tab.wait_for_timeout(50)
            else:
                return
        raise Unexpected(f"{self.session} did not open in {PATIENCE} s")

    def shown(self):
        """Return what the page shows and keeps; the page is opened again where that can't be told."""
        while True:
            try:
                shown = self.tab.evaluate(SHOWN, self.session.split("/")[3])
            except Error:
                self.open()
            else:
                self.acknowledged(self.pressed - set(shown["waiting"]))
                return shown

    def acknowledged(self, ids):
        for id in ids:
            self.ledger.was_told(id)
        self.pressed -= ids

    def act(self):
        shown = self.shown()
        chance = self.random.random()
        if not shown["prompt"]:
            self.tab.wait_for_timeout(200)
            self.open()
        elif chance < 0.03:
            self.go_offline()
        elif chance < 0.07 and shown["acts"]:
            self.take_back(shown["acts"][-1])
        else:
            id = self.grade(shown)
            if id and chance > 0.9:
                self.tab.wait_for_timeout(self.random.randrange(12))  # while it is being sent
                self.take_back(id)
        self.tab.wait_for_timeout(self.random.choice([0, 0, 20, 100]))

    def grade(self, shown):
        """Answer the card that is shown by two keys, and return the id of the act that the page has made of them.

        None if the page was about to show something else.
        """
        rating, card = self.rating(), self.words[shown["prompt"]]
        self.ledger.count("pages")
        self.tab.keyboard.press("Space")
        self.tab.keyboard.press(str(rating))
        until = time.monotonic() + PATIENCE
        while True:
            after = self.shown()
            if after["acts"] and after["acts"][-1] not in self.ledger.sent:
                break
            if not after["open"]:
                return None
            if time.monotonic() > until:
                raise Unexpected(f"the keys that were to answer {shown} did nothing")
            self.tab.wait_for_timeout(20)
        id = after["acts"][-1]
        self.ledger.will_send(id, card, shown["direction"], rating)
        self.pressed.add(id)
        return id

    def take_back(self, id):
        """Take the latest act back by a key; whether the server has to be told is the page's affair."""
        with self.ledger.lock:
            self.ledger.asked_back.add(id)
        self.pressed.discard(id)
        self.undone.add(id)
        self.tab.keyboard.press("u")
        until = time.monotonic() + PATIENCE
        while id in self.shown()["acts"]:
            if time.monotonic() > until:
                raise Unexpected(f"the key that was to take {id} back did nothing")
            self.tab.wait_for_timeout(10)

    def go_offline(self):
        """Answer some cards without a network; now and then the tab is closed before that is back."""
        self.ledger.count("offline")
        self.context.set_offline(True)
        for _ in range(self.random.randrange(2, 12)):
            shown = self.shown()
            if not shown["prompt"]:
                break
            self.grade(shown)
        if self.random.random() < 0.5:
            self.tab.close()
            self.tab = self.context.new_page()
        self.context.set_offline(False)
        self.open()

    def end(self):
        """Wait until the device keeps nothing, and note what became of that which was taken back."""
        until = time.monotonic() + PATIENCE
        while waiting := self.shown()["waiting"]:
            if time.monotonic() > until:
                raise Unexpected(f"{waiting} were not sent in {PATIENCE} s")
            self.tab.wait_for_timeout(100)
        self.tab.wait_for_timeout(500)  # for the last of the replies to be heard here, too
        for id in self.undone:
            status = self.replies.get(id)
            self.ledger.was_withdrawn(id) if status is None else self.ledger.was_told(id)
            if status == 200:
                with self.ledger.lock:
                    self.ledger.taken_back.add(id)
