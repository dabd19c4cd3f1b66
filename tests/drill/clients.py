"""Who answers in the drill: a browser that reads the pages, and a program that speaks JSON; both ask until answered."""

import http.client
import json
import random
import socket
import threading
import time
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from uuid_utils.compat import uuid7

TIMEOUT = 30  # of one request
PATIENCE = 90  # of one act, however often it is sent
AWAY = (502, 503)
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}
DIRECTIONS = ["chinese_to_english", "english_to_chinese"]
RATINGS = [1, 1, 1, 2, 3, 4]  # most words stay in learning, so that the pages never run out of cards
STALE, TAKEN_BACK = "in another tab", "Taken back"


class Unexpected(Exception):
    """The server answered what it never should."""


class Ledger:
    """What the clients sent and what they were told, by id; faults are lines of text."""

    def __init__(self):
        self.lock = threading.Lock()
        self.sent = {}  # id -> (card, direction, rating)
        self.recorded, self.stale, self.withdrawn = set(), set(), set()
        self.asked_back, self.taken_back = set(), set()
        self.entries = {}  # id -> the entry as the API first told it
        self.recent = []  # what the API's clients sent lately, for whoever sends it once more
        self.counts = dict.fromkeys(["broken", "cut", "repeats", "late", "lists", "pages", "offline"], 0)
        self.faults = []

    def count(self, name, number=1):
        with self.lock:
            self.counts[name] += number

    def fault(self, text):
        with self.lock:
            self.faults.append(text)

    def will_send(self, id, card, direction, rating):
        with self.lock:
            self.sent[id] = (card, direction, int(rating))

    def was_told(self, id, stale=False):
        """Note that the server took an answer or refused it as stale; it may not say the one and then the other."""
        with self.lock:
            (self.stale if stale else self.recorded).add(id)
            if id in self.stale and id in self.recorded:
                self.faults.append(f"answer {id} was both recorded and stale")

    def was_withdrawn(self, id):
        """Note that an answer was taken back before it was sent: it never was one."""
        with self.lock:
            self.withdrawn.add(id)

    def was_told_entry(self, entry):
        """Note an entry of the API's; each time it must be the answer that was sent, told in the same words."""
        id = entry["id"]
        told = {name: value for name, value in entry.items() if name != "undone_at"}
        with self.lock:
            first = self.entries.setdefault(id, told)
            wanted = self.sent[id]
        if first != told:
            self.fault(f"answer {id} was told as {first}, then as {told}")
        if (entry["card_id"], entry["direction"], entry["rating"]) != wanted:
            self.fault(f"answer {id} was sent as {wanted} and told as {entry}")
        self.was_told(id)


class Page(HTMLParser):
    """The forms of a page, by the last part of their address, and what the page says in reply."""

    def __init__(self, text):
        super().__init__()
        self.forms, self.reply = {}, ""
        self._fields, self._in_message = None, False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "form":
            address = attrs.get("action", "")
            self._fields = {}
            self.forms[address.rstrip("/").rpartition("/")[2]] = (address, self._fields)
        elif tag == "input" and self._fields is not None and attrs.get("name"):
            self._fields[attrs["name"]] = attrs.get("value", "")
        elif tag == "p" and "message" in (attrs.get("class") or "").split():
            self._in_message = True

    def handle_endtag(self, tag):
        if tag == "form":
            self._fields = None
        elif tag == "p":
            self._in_message = False

    def handle_data(self, data):
        if self._in_message:
            self.reply += data


class Line:
    """A client's connection with its cookies."""

    def __init__(self, port, ledger):
        self.port, self.ledger = port, ledger
        self.cookies = {}
        self.connection = None

    def close(self):
        if self.connection:
            self.connection.close()
            self.connection = None

    def ask(self, method, path, body=b"", cut=False, **headers):
        """Send a request until it is answered, and return the status, the address to go to, and the text.

        The same bytes each time: who sends them doesn't know whether they came. With `cut` the first reply is lost.
        """
        until = time.monotonic() + PATIENCE
        while True:
            try:
                status, text, location = self._send(method, path, body, headers, cut)
            except (OSError, http.client.HTTPException):
                self.close()
                self.ledger.count("cut" if cut else "broken")
                cut = False
            else:
                if status not in AWAY:
                    return status, location, text
                # The database is there all the time, so this is no reason to be away.
                self.ledger.fault(f"{method} {path} {body[:300]!r} answered {status}: {text[:300]}")
            if time.monotonic() > until:
                raise Unexpected(f"{method} {path} {body[:300]!r} had no answer in {PATIENCE} s")
            time.sleep(0.05)

    def _send(self, method, path, body, headers, cut):
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        token = {"X-CSRFToken": self.cookies["csrftoken"]} if "csrftoken" in self.cookies else {}
        self.connection.request(method, path, body, headers | token | {"Cookie": cookies})
        if cut:
            self.connection.sock.shutdown(socket.SHUT_RDWR)
            raise ConnectionError("cut")
        response = self.connection.getresponse()
        text = response.read().decode()
        for given in response.headers.get_all("Set-Cookie", []):
            for name, cookie in SimpleCookie(given).items():
                self.cookies[name] = cookie.value
                if cookie["max-age"] == "0" or not cookie.value:
                    del self.cookies[name]
        return response.status, text, response.headers.get("Location", "")

    def page(self, method, path, fields=None, **options):
        """Ask as a browser does, which a form always sends to another page; return the page."""
        body = urlencode(fields).encode() if fields else b""
        status, location, text = self.ask(method, path, body, **(FORM if fields else {}), **options)
        if method == "POST":
            if status != 302:
                raise Unexpected(f"POST {path} {body.decode()} answered {status}: {text[:500]}")
            path = urlsplit(location).path
            status, _, text = self.ask("GET", path)
        if status != 200:
            raise Unexpected(f"GET {path} answered {status}: {text[:500]}")
        return Page(text)

    def json(self, path, data, allowed, **options):
        """Post JSON; return the status and what came back."""
        body = json.dumps(data).encode()
        status, _, text = self.ask("POST", path, body, **JSON, **options)
        if status not in allowed:
            raise Unexpected(f"POST {path} {body.decode()[:2000]} answered {status}: {text[:1000]}")
        return status, json.loads(text)

    def log_in(self, username, password):
        address, fields = self.page("GET", "/accounts/login/").forms["login"]
        self.page("POST", address, fields | {"login": username, "password": password})
        if "sessionid" not in self.cookies:
            raise Unexpected("The log-in gave no session.")


class Client(threading.Thread):
    """A thread that acts until it is told to stop, and ends each act that it began."""

    def __init__(self, name, port, ledger, learner, deck):
        super().__init__(name=name, daemon=True)
        self.ledger, self.learner, self.deck = ledger, learner, deck
        self.halt = threading.Event()
        self.random = random.Random(name)
        self.line = Line(port, ledger)
        self.acts = 0

    def run(self):
        try:
            while not self.halt.is_set():
                self.act()
                self.acts += 1
            self.end()
        except Exception as error:
            self.ledger.fault(f"{self.name} gave up: {type(error).__name__}: {error}")
        finally:
            self.line.close()

    def end(self):
        """See through what was begun; most clients wait for each answer and have nothing left."""

    def cut(self):
        return self.random.random() < 0.03

    def rating(self):
        return self.random.choice(RATINGS)


class Browser(Client):
    """Answers the card that the session's page shows by its forms, as a browser does without JavaScript."""

    def log_in(self):
        self.line.log_in(*self.learner)
        start = f"/study/{self.deck.pk}/"
        page = self.line.page("GET", start)
        fields = {"csrfmiddlewaretoken": self.line.cookies["csrftoken"], "direction": ""}
        self.page = page if "answer" in page.forms else self.line.page("POST", start, fields)
        self.session = self.page.forms["answer"][0].removesuffix("answer/")

    def act(self):
        if "answer" not in self.page.forms:
            time.sleep(0.2)
            self.page = self.line.page("GET", self.session)
        elif "undo" in self.page.forms and self.random.random() < 0.08:
            self.undo()
        else:
            self.answer()

    def answer(self):
        address, fields = self.page.forms["answer"]
        rating = self.rating()
        self.ledger.will_send(fields["id"], fields["card"], fields["direction"], rating)
        self.page = self.submit(address, fields | {"rating": rating}, cut=self.cut())
        self.ledger.was_told(fields["id"], stale=STALE in self.page.reply)
        if self.random.random() < 0.05:
            # The second click of a double one, on another button: the first counts.
            self.ledger.count("repeats")
            self.page = self.submit(address, fields | {"rating": 5 - rating})

    def undo(self):
        address, fields = self.page.forms["undo"]
        with self.ledger.lock:
            self.ledger.asked_back.add(fields["id"])
        self.page = self.submit(address, fields, cut=self.cut())
        if TAKEN_BACK in self.page.reply:
            with self.ledger.lock:
                self.ledger.taken_back.add(fields["id"])

    def submit(self, address, fields, **options):
        self.ledger.count("pages")
        fields = fields | {"csrfmiddlewaretoken": self.line.cookies["csrftoken"]}
        return self.line.page("POST", address, fields, **options)


class Program(Client):
    """Sends answers one by one and in lists, some of them late, some once more, and takes some back."""

    ADDRESS = "/api/study/interactions"

    def log_in(self):
        self.line.log_in(*self.learner)
        _, session = self.line.json("/api/study/session", {"deck_id": str(self.deck.pk)}, [201])
        self.sessions = [session["id"], session["id"], None]
        self.cards = [str(pk) for pk in self.deck.cards.values_list("pk", flat=True)]

    def act(self):
        chance = self.random.random()
        if chance < 0.2:
            self.send_list()
        elif chance < 0.3 and self.ledger.recent:
            self.repeat()
        else:
            self.send_one(then_undo=chance > 0.9)

    def answer(self):
        # Half of the answers go to the cards that the pages show, too.
        cards = self.cards[:20] if self.random.random() < 0.5 else self.cards
        answer = {
            "id": str(self.random.choice([uuid7, uuid4])()),
            "session_id": self.random.choice(self.sessions),
            "card_id": self.random.choice(cards),
            "interaction_type": "review",
            "direction": self.random.choice(DIRECTIONS),
            "rating": self.rating(),
            "response_time": self.random.randrange(200, 9000),
        }
        if self.random.random() < 0.4:
            self.ledger.count("late")
            at = datetime.now(UTC) - timedelta(seconds=self.random.randrange(9))
            answer["answered_at"] = at.isoformat()
        self.ledger.will_send(answer["id"], answer["card_id"], answer["direction"], answer["rating"])
        return answer

    def send_one(self, then_undo):
        answer = self.answer()
        self.send(answer)
        if then_undo:
            with self.ledger.lock:
                self.ledger.asked_back.add(answer["id"])
            address = f"{self.ADDRESS}/{answer['id']}/undo"
            status, _ = self.line.json(address, {}, [200, 409], cut=self.cut())
            if status == 200:
                with self.ledger.lock:
                    self.ledger.taken_back.add(answer["id"])

    def send_list(self):
        """Send what a device kept while it was offline, here and there one of it twice."""
        answers = [self.answer() for _ in range(self.random.randrange(2, 25))]
        if self.random.random() < 0.3:
            answers.append(answers[0])
        self.ledger.count("lists")
        self.send(answers)

    def repeat(self):
        """Send once more what was sent by whichever client, perhaps at this moment."""
        with self.ledger.lock:
            again = self.random.choice(self.ledger.recent[-10:])
        self.ledger.count("repeats")
        self.send(again)

    def send(self, data):
        with self.ledger.lock:
            self.ledger.recent.append(data)
        status, told = self.line.json(self.ADDRESS, data, [200, 201], cut=self.cut())
        answers, told = (data, told) if isinstance(data, list) else ([data], [told])
        if len(answers) != len(told):
            raise Unexpected(f"{len(answers)} answers were sent, {len(told)} told: {told}")
        for answer, each in zip(answers, told, strict=True):
            entry = each.get("interaction")
            if not entry or entry["id"] != answer["id"]:
                self.ledger.fault(f"{answer} was answered with {status} {each}")
            else:
                self.ledger.was_told_entry(entry)
