"""What a learner does in the browser."""

import re
from collections import defaultdict

DECK = "HSK 3.0 (2025) Level 1"


class Learner:
    """What a learner does on the pages; with JavaScript by keyboard alone, without it by pressing buttons."""

    def __init__(self, page, scripts):
        self.page = page
        self.scripts = scripts

    def sign_up(self):
        self.page.goto("/accounts/signup/")
        self.page.get_by_label("Username").fill("meili")
        self.page.get_by_label(re.compile("Email")).fill("meili@example.com")
        self.page.get_by_label("Password", exact=True).fill("yi er san si wu")
        if not self.scripts:
            self.page.get_by_label("Time zone").select_option("Europe/Berlin")
        self.page.get_by_role("button", name="Sign up").press("Enter")
        self.page.wait_for_url("**/")

    def log_out_and_in(self):
        self.page.get_by_role("button", name="Log out").press("Enter")
        self.log_in()

    def log_in(self):
        self.page.get_by_role("link", name="Log in").first.press("Enter")
        self.page.get_by_label(re.compile("Username or email|Email or username|Login", re.IGNORECASE)).fill("meili")
        self.page.get_by_label("Password", exact=True).fill("yi er san si wu")
        self.page.get_by_role("button", name="Log in").press("Enter")
        self.page.wait_for_url("**/")

    def enrol(self):
        self.page.get_by_role("link", name="Library").first.press("Enter")
        self.page.get_by_role("button", name=f"Study {DECK}").press("Enter")
        self.page.wait_for_url("**/")

    def start(self):
        self.page.get_by_role("button", name=f"Study {DECK}").press("Enter")
        self.page.wait_for_url("**/study/session/*/")

    def shown(self):
        """Return the word that is asked, "" when nothing is left."""
        if self.scripts:
            # Until then it may turn to another one: that of the page may be answered on this device.
            self.page.locator("#card[data-ready] .prompt, #card .empty").first.wait_for()
        self.page.locator("#card .prompt, #card .empty").first.wait_for()
        prompt = self.page.locator("#card .prompt [lang=zh-Hans]")
        return prompt.first.inner_text() if prompt.count() else ""

    def grade(self, rating):
        """Show the answer and grade it; wait for the next card."""
        if self.scripts:
            self.page.locator("#card[data-ready] .flashcard").evaluate("card => card.id = 'before'")
            if not self.page.locator("#card .answer").is_visible():
                self.page.keyboard.press("Space")
            self.page.locator("#card .answer").wait_for(state="visible")
            self.page.keyboard.press(str(rating))
            self.page.locator("#card:not(:has(#before))").wait_for()
        else:
            card = self.page.locator("#card .grades input[name=id]").input_value()
            self.page.locator("#card .reveal > summary").press("Enter")
            self.page.locator(f"#card button[name=rating][value='{rating}']").press("Enter")
            self.page.locator(f"#card:not(:has(.grades input[value='{card}']))").wait_for()

    def study(self, first_grades):
        """Answer until nothing is left; return each word with its grades in order."""
        answered = defaultdict(list)
        grades = iter(first_grades)
        while word := self.shown():
            rating = 3 if answered[word] else next(grades)
            self.grade(rating)
            answered[word].append(rating)
        return answered

    def finish(self):
        self.page.get_by_role("button", name="See the summary").press("Enter")
        self.page.wait_for_url("**/summary/")

    def due(self):
        """Return the home page's new, learning and review counts of the deck."""
        self.page.goto("/")
        row = self.page.get_by_role("row").filter(has_text=DECK)
        return [int(row.locator(f"td.{kind}").inner_text()) for kind in ("new", "learning", "review")]
