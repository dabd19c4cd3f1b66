"""A real Chromium as one of the drill's browsers: keys, htmx, and whatever it does by itself about a broken line."""

import time

from playwright.sync_api import Error, sync_playwright

from tests.drill.clients import PATIENCE, STALE, TAKEN_BACK, Browser, Unexpected
from tests.e2e.conftest import FLAGS, chromium

SHOWN = """() => {
    const form = document.querySelector("#card form.grades");
    return {
        card: Boolean(document.querySelector("#card")),
        fields: form && Object.fromEntries(new FormData(form)),
        undo: document.querySelector("#card .undo [name=id]")?.value,
        trouble: !document.querySelector("#trouble")?.hidden,
        reply: document.querySelector("#feedback")?.textContent ?? "",
    };
}"""


class Chromium(Browser):
    """Answers by the keyboard, and again whenever the page says that it doesn't know what became of the answer."""

    def run(self):
        address = f"http://127.0.0.1:{self.line.port}"
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
            context = browser.new_context(base_url=address)
            context.add_cookies(
                [{"name": name, "value": value, "url": address} for name, value in self.line.cookies.items()]
            )
            self.tab = context.new_page()
            self.open()
            super().run()
            browser.close()

    def open(self):
        """Open the session's page, however often that takes, and return what it shows."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                self.tab.goto(self.session)
                shown = self.tab.evaluate(SHOWN)
            except Error:
                self.ledger.count("broken")
            else:
                if shown["card"]:
                    return shown
            if time.monotonic() > until:
                raise Unexpected(f"{self.session} did not open in {PATIENCE} s")
            self.tab.wait_for_timeout(50)

    def shown(self):
        """Return what the page shows; nothing while another one comes."""
        try:
            return self.tab.evaluate(SHOWN)
        except Error:
            return {"card": False, "fields": None, "undo": None, "trouble": False, "reply": ""}

    def act(self):
        shown = self.shown()
        if not shown["fields"]:
            self.tab.wait_for_timeout(200)
            self.open()
        elif shown["undo"] and self.random.random() < 0.05:
            self.take_back(shown["undo"])
        else:
            self.grade(shown["fields"])

    def grade(self, fields):
        id, rating = fields["id"], self.rating()
        self.ledger.will_send(id, fields["card"], fields["direction"], rating)
        self.ledger.count("pages")
        self.tab.keyboard.press("Space")
        self.tab.keyboard.press(str(rating))
        until = time.monotonic() + PATIENCE
        while True:
            shown = self.shown()
            if shown["card"] and (shown["fields"] or {}).get("id") != id:
                self.ledger.was_told(id, stale=STALE in shown["reply"])
                return
            if shown["trouble"] and shown["card"]:
                self.ledger.count("broken")
                self.tab.keyboard.press(str(rating))
            if self.tab.url.startswith("chrome-error:"):
                # Sent before htmx was there, so the page is gone with its form: nobody knows, and nobody asks again.
                self.ledger.count("broken")
                self.ledger.never_told(id)
                self.open()
                return
            if time.monotonic() > until:
                raise Unexpected(f"Chromium's answer {id} had no reply in {PATIENCE} s")
            self.tab.wait_for_timeout(50)

    def take_back(self, id):
        with self.ledger.lock:
            self.ledger.asked_back.add(id)
        try:
            with self.tab.expect_navigation():
                self.tab.keyboard.press("u")
            reply = self.shown()["reply"]
        except Error:
            self.ledger.count("broken")
            reply = self.open()["reply"]
        if TAKEN_BACK in reply:
            with self.ledger.lock:
                self.ledger.taken_back.add(id)
