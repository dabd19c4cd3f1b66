"""What the first visit to the study page costs: bytes as they come over the line, and requests, by kind."""

from collections import Counter, defaultdict
from urllib.parse import urlsplit

from tests.e2e.conftest import ARTIFACTS, PHONE
from tests.e2e.exercises import make_deck, make_learner, sign_in, study

BUDGET = {"JavaScript": 60_000, "CSS": 30_000}
FONT_RULES = ("/static/vendor/noto-sans-", "/static/vendor/wenkai/")
KINDS = {".js": "JavaScript", ".css": "CSS", ".woff2": "fonts"}


class Traffic:
    """Counts what a page fetches: the encoded bytes of each reply's body and headers, as the browser saw them."""

    def __init__(self, page):
        self.addresses, self.sizes = {}, {}
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.requestWillBeSent", self._asked)
        session.on("Network.loadingFinished", self._finished)

    def _asked(self, event):
        self.addresses[event["requestId"]] = urlsplit(event["request"]["url"]).path

    def _finished(self, event):
        self.sizes[event["requestId"]] = event["encodedDataLength"]

    def by_kind(self):
        """Return for each kind the bytes and the number of requests."""
        bytes, requests = defaultdict(int), Counter()
        for id, address in self.addresses.items():
            kind = kind_of(address)
            bytes[kind] += round(self.sizes.get(id, 0))
            requests[kind] += 1
        return {kind: (bytes[kind], requests[kind]) for kind in sorted(requests)}


def kind_of(address):
    if address.startswith("/strokes/"):
        return "strokes"
    if address.startswith(FONT_RULES) and address.endswith(".css"):
        return "rules of fonts"
    return next((kind for end, kind in KINDS.items() if address.endswith(end)), "other")


def first_visit(page, learner, deck, direction, exercise):
    """Return what the page fetches until it can be worked."""
    traffic = Traffic(page)
    study(page, learner, deck, direction, exercise)
    if exercise == "strokes":
        page.get_by_text("Character 1 of 2, stroke 1 of 8").wait_for()
    page.wait_for_load_state("networkidle")
    return traffic


def table(exercise, found):
    """Return the sizes as lines of text."""
    total, requests = (sum(column) for column in zip(*found.values(), strict=True))
    rows = [*found.items(), ("together", (total, requests))]
    lines = [f"  {kind:<15}{size:>9,} bytes in {count:>2} requests" for kind, (size, count) in rows]
    return "\n".join([f"The study page at its first visit, {exercise}:", *lines])


def test_the_study_page_comes_within_its_budget(open_page, server, capsys):
    deck, learner, told = make_deck(), make_learner(), []
    for direction, exercise in (("chinese_to_english", "cards"), ("writing", "strokes")):
        page = open_page(viewport=PHONE)
        sign_in(page, server, learner)
        traffic = first_visit(page, learner, deck, direction, exercise)
        found = traffic.by_kind()
        told.append(table(exercise, found))
        draws = any("hanzi-writer.min" in address for address in traffic.addresses.values())
        assert draws is (exercise == "strokes")
        counted = [id for id, address in traffic.addresses.items() if kind_of(address) in BUDGET]
        assert set(counted) <= traffic.sizes.keys()
        assert {kind: found[kind][0] for kind in BUDGET if not 0 < found[kind][0] <= BUDGET[kind]} == {}
    ARTIFACTS.mkdir(exist_ok=True)
    (ARTIFACTS / "sizes.txt").write_text("\n".join(told) + "\n")
    with capsys.disabled():
        print("\n" + "\n".join(told))
