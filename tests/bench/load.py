"""What asks, and what counts: keep-alive clients, and the CPU time of the processes that answer them."""

import gzip
import json
import os
import re
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

from uuid_utils.compat import uuid7

TOKEN = "b" * 32  # Django takes any such secret if cookie and header agree
TICKS = os.sysconf("SC_CLK_TCK")
TIMEOUT = 90
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}


class NotThere(Exception):
    """The address answers 404 or 405."""


class Client:
    """One learner's browser: one connection, one session cookie."""

    def __init__(self, port, cookie):
        self.address = ("127.0.0.1", port)
        self.head = (
            f"Host: 127.0.0.1:{port}\r\nCookie: sessionid={cookie}; csrftoken={TOKEN}\r\nX-CSRFToken: {TOKEN}\r\n"
        )
        self.socket = None

    def get(self, path, **headers):
        return self.send("GET", path, headers=headers)

    def post(self, path, fields):
        return self.send("POST", path, urlencode(fields).encode(), FORM)

    def post_json(self, path, data):
        return self.send("POST", path, json.dumps(data).encode(), JSON)

    def send(self, method, path, body=b"", headers=None):
        """Return the status, the headers as text and the body."""
        more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in (headers or {}).items())
        request = f"{method} {path} HTTP/1.1\r\n{self.head}{more}Content-Length: {len(body)}\r\n\r\n".encode() + body
        if self.socket is None:
            self.socket = socket.create_connection(self.address, TIMEOUT)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(request)
        received = self._read()
        if received is None:
            raise ConnectionError(f"{method} {path}: the server closed the connection")
        return received

    def close(self):
        if self.socket:
            self.socket.close()
            self.socket = None

    def _read(self):
        data = b""
        while b"\r\n\r\n" not in data:
            part = self.socket.recv(65536)
            if not part:
                return None
            data += part
        head, _, body = data.partition(b"\r\n\r\n")
        head = head.decode("latin-1")
        length = int(re.search(r"(?i)content-length: (\d+)", head)[1])
        while len(body) < length:
            body += self.socket.recv(65536)
        if re.search(r"(?i)\nconnection: close", head):
            self.close()
        return int(head.split(" ", 2)[1]), head, body


class Learner:
    """What one learner does over and over; each method but the first is one request of a kind."""

    def __init__(self, client, due, deck):
        self.client, self.due, self.deck = client, due, deck
        self.at = 0
        self.session = None
        self.held = []

    def start(self):
        """Begin a session over all decks, as a browser does."""
        self.at = 0
        status, head, body = self.client.post("/study/", {"direction": ""})
        if status != 302:
            raise RuntimeError(f"POST /study/ answered {status}: {body[:300]!r}")
        self.session = re.search(r"/study/session/([0-9a-f-]{36})/", head)[1]
        self.client.close()

    def hold(self):
        """Keep the session's next cards, as the study page does."""
        pack = json.loads(gzip.decompress(self.pack()))
        if len(pack["items"]) != 250:
            raise RuntimeError(f"The pack of 250 has {len(pack['items'])}")
        self.held = [pack["cards"][key] for key in pack["items"]]
        self.client.close()

    def nothing(self):
        self._checked(self.client.get("/bench/nothing"))

    def floor(self):
        self._checked(self.client.post("/bench/floor", self._next_answer()))

    def floor_by_hand(self):
        self._checked(self.client.post("/bench/floor-by-hand", self._next_answer()))

    def answer_json(self):
        """Send one answer as the study page does in the background, one in ten forgotten."""
        act = self._act(*self._next_card())
        told = self._checked(self.client.post_json("/api/study/interactions", [act]))
        if "error" in json.loads(told)[0]:
            raise RuntimeError(f"The answer was refused: {told[:500]!r}")

    def answer_form(self):
        """Send one answer as a form; where it sends to isn't asked for."""
        card, direction = self._next_card()
        fields = {"id": str(uuid7()), "card": card, "direction": direction, "rating": self._rating()}
        status, _, body = self.client.post(f"/study/session/{self.session}/answer/", fields)
        if status != 302:
            raise RuntimeError(f"The form was answered with {status}: {body[:500]!r}")

    def batch_100(self):
        """Send a hundred answers at once, as the study page does that was offline."""
        acts = [self._act(*self._next_card()) for _ in range(100)]
        self._checked(self.client.post_json("/api/study/interactions", acts))

    def pack(self):
        """Return what the study page keeps on the device, compressed."""
        return self._checked(self.client.get(f"/study/session/{self.session}/pack/", Accept_Encoding="gzip"))

    def page(self):
        """Open the session's page."""
        if b'id="pack"' not in self._checked(self.client.get(f"/study/session/{self.session}/")):
            raise RuntimeError("The session's page has no cards")

    def cards(self):
        self._browse("")

    def cards_deep(self):
        self._browse(self._deep())

    def cards_search(self):
        self._browse("?q=xuesheng")

    def cards_due(self):
        self._browse("?q=is:due")

    def cards_due_deep(self):
        self._browse(f"?q=is:due&{self._deep()[1:]}")

    def _deep(self):
        """Return what leads behind the 399th page of fifty cards."""
        return "?" + urlencode({"after": json.dumps([self.deck, 19_949, "ffffffff-ffff-ffff-ffff-ffffffffffff"])})

    def _browse(self, query):
        """Open a page of the cards of the deck of 20,000."""
        if b'class="browse"' not in self._checked(self.client.get(f"/decks/{self.deck}/cards/{query}")):
            raise RuntimeError("The page has no cards")

    def home(self):
        self._checked(self.client.get("/"))

    def queue(self):
        body = self._checked(self.client.get(f"/api/study/session/{self.session}/cards?count=20"))
        if len(json.loads(body)) != 20:
            raise RuntimeError(f"The queue of 20 has {len(json.loads(body))}")

    def _next_answer(self):
        self.at += 1
        return {"id": str(uuid7()), "card": self.due[self.at % len(self.due)]}

    def _next_card(self):
        """Return the next card of the pack with its direction, over and over."""
        card = self.held[self.at % len(self.held)]
        self.at += 1
        return card["card"], card["direction"]

    def _rating(self):
        return 1 if self.at % 10 == 0 else 3

    def _act(self, card, direction):
        """Return an answer as the study page sends it."""
        return {
            "id": str(uuid7()),
            "session_id": self.session,
            "card_id": card,
            "direction": direction,
            "interaction_type": "review",
            "answered_at": datetime.now(UTC).isoformat(),
            "rating": self._rating(),
            "response_time": 3000 + self.at % 5000,
            "typed": "",
        }

    def _checked(self, answer):
        status, _, body = answer
        if status in (404, 405):
            raise NotThere(f"{status}: {body[:200]!r}")
        if status not in (200, 201):
            raise RuntimeError(f"The server answered {status}: {body[:500]!r}")
        return body


@dataclass
class Pass:
    """What came of some seconds of one kind of request; CPU is in ms a request."""

    seconds: float
    requests: int
    server: float
    postgres: float
    latencies: list = field(repr=False)
    floor: float = 0.0  # what the floor cost around this pass

    def __str__(self):
        return (
            f"{self.cpu:8.2f} ms ({self.server:.2f} + {self.postgres:.2f}), "
            f"floor {self.floor:.2f} ms, {self.rate:.1f}/s"
        )

    @property
    def cpu(self):
        return self.server + self.postgres

    @property
    def ratio(self):
        return self.cpu / self.floor

    @property
    def rate(self):
        return self.requests / self.seconds


def run(learners, kind, seconds, most, pids):
    """Let each learner ask for some seconds, at most so often, and return the pass; pids are gunicorn's, Postgres's."""
    latencies = []

    def ask(learner):
        act = getattr(learner, kind)
        for _ in range(most):
            at = time.monotonic()
            if at >= until:
                break
            act()
            latencies.append(time.monotonic() - at)
        learner.client.close()

    before = [cpu(pid) for pid in pids]
    began = time.monotonic()
    until = began + seconds
    at_once(learners, ask)
    took = time.monotonic() - began
    spent = [cpu(pid) - earlier for pid, earlier in zip(pids, before, strict=True)]
    return Pass(took, len(latencies), *(1000 * each / len(latencies) for each in spent), sorted(latencies))


def at_once(learners, act):
    """Let all learners act at the same time; the first one's trouble is ours."""
    with ThreadPoolExecutor(len(learners)) as threads:
        for done in [threads.submit(act, learner) for learner in learners]:
            done.result()


def cpu(root):
    """Return the CPU seconds of a process and all it has started, those that have ended too."""
    parents, times = {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name, in brackets, may hold anything; what follows it has the parent first but one.
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        pid = int(stat.parent.name)
        parents[pid] = int(fields[1])
        times[pid] = sum(map(int, fields[11:15]))
    family = {root}
    while more := {pid for pid, parent in parents.items() if parent in family} - family:
        family |= more
    return sum(times.get(pid, 0) for pid in family) / TICKS
