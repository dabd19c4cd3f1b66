"""Where the time goes: the statements of a request, their plans, and the functions that Python spends its time in."""

import cProfile
import pstats
import re
import time
from collections import defaultdict
from statistics import median
from urllib.parse import urlencode

from django.db import connection
from django.test import Client

from accounts.models import User
from tests.bench import load, report, seed

KINDS = ["nothing", "floor", "answer_json", "answer_form", "batch_100", "pack", "page", "home", "queue"]
TIMES = 30
SLOW = 1.0  # ms; plans are shown of what takes longer
FUNCTIONS = 45


class Browser:
    """Asks our views in this process, as load.Client asks them over a socket."""

    def __init__(self, user):
        self.client = Client(HTTP_HOST="127.0.0.1", HTTP_X_CSRFTOKEN=load.TOKEN, enforce_csrf_checks=True)
        self.client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        self.client.cookies["csrftoken"] = load.TOKEN

    def get(self, path, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._answer(self.client.get(path, headers=headers))

    def post(self, path, fields):
        form = "application/x-www-form-urlencoded"
        return self._answer(self.client.post(path, urlencode(fields), content_type=form))

    def post_json(self, path, data):
        return self._answer(self.client.post(path, data, content_type="application/json"))

    def close(self):
        pass

    def _answer(self, response):
        return response.status_code, "".join(f"{name}: {value}\n" for name, value in response.items()), response.content


class Statements:
    """What a request says to the database, as an execute wrapper."""

    def __init__(self):
        self.said = []

    def __call__(self, execute, sql, params, many, context):
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.said.append((sql, params, (time.perf_counter() - began) * 1000))


def main(options):
    """Print statements for each size, plans of the slow ones at the most rows, and functions at the fewest."""
    kinds = [kind for kind in KINDS if not options.only or kind in options.only]
    sizes = options.sizes or seed.SIZES
    for size in sizes:
        for kind in kinds:
            try:
                _statements(size, kind, plans=size == sizes[-1])
                if size == sizes[0]:
                    _functions(size, kind)
            except load.NotThere as error:
                print(f"## {kind}: not there yet ({error})")


def _learner(size):
    seed.reset()
    user = User.objects.get(username=seed.usernames(size)[0])
    with connection.cursor() as cursor:
        cursor.execute("SELECT card_id::text FROM bench_due WHERE user_id = %s ORDER BY id", [user.pk])
        cards = [card for (card,) in cursor.fetchall()]
    learner = load.Learner(Browser(user), cards, seed.browsed())
    learner.start()
    return learner


def _act(size, kind):
    """Return what a learner does over and over, done once."""
    learner = _learner(size)
    if kind in report.ON_THE_PAGE:
        learner.page()
    if kind in report.WITH_CARDS:
        learner.hold()
    act = getattr(learner, kind)
    act()
    return act


def _times(kind):
    return 5 if kind in ("batch_100", "pack") else TIMES


def _statements(size, kind, plans):
    act = _act(size, kind)
    runs, walls = [], []
    for _ in range(_times(kind)):
        statements = Statements()
        began = time.perf_counter()
        with connection.execute_wrapper(statements):
            act()
        walls.append((time.perf_counter() - began) * 1000)
        runs.append(statements.said)
        if sum(walls) > 20_000:
            break
    said = runs[-1]
    alike = [run for run in runs if len(run) == len(said)]
    print(
        f"\n## {kind}, {size:,} rows: {median(walls):.2f} ms, {len(said)} statements, of which "
        f"{median(sum(ms for *_, ms in run) for run in runs):.2f} ms waiting for Postgres\n"
    )
    shown = said if kind != "batch_100" else said[:25]
    for place, (sql, *_) in enumerate(shown):
        ms = median(run[place][2] for run in alike)
        print(f"{ms:8.2f} ms  {_short(sql)}")
    if plans:
        for place, (sql, params, _) in enumerate(shown):
            if (
                median(run[place][2] for run in alike) > SLOW
                and re.match(r"\s*(SELECT|WITH)", sql)
                and "INSERT" not in sql
            ):
                _plan(sql, params)


def _plan(sql, params):
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (ANALYZE, BUFFERS) " + sql, params)
        lines = [line for (line,) in cursor.fetchall()]
    print(f"\n--- {_short(sql)}")
    print("\n".join(line[:170] for line in lines))


def _functions(size, kind):
    act = _act(size, kind)
    profile = cProfile.Profile()
    times = _times(kind)
    for _ in range(times):
        profile.enable()
        act()
        profile.disable()
    stats = pstats.Stats(profile).stats
    total = sum(own for _, _, own, _, _ in stats.values())
    packages = defaultdict(float)
    for (file, _, name), (_, _, own, _, _) in stats.items():
        packages[_package(file, name)] += own
    print(
        f"\n### functions of {kind}: {1000 * total / times:.2f} ms a request under the profiler; own time by package:"
    )
    for package, own in sorted(packages.items(), key=lambda item: -item[1])[:14]:
        print(f"  {1000 * own / times:7.3f} ms  {100 * own / total:4.1f} %  {package}")
    print("  cumulative | own | calls a request | function")
    ranked = sorted(stats.items(), key=lambda item: -item[1][3])
    shown = [item for item in ranked if "tests/bench" not in item[0][0] and "django/test" not in item[0][0]]
    for (file, line, name), (_, calls, own, cumulative, _) in shown[:FUNCTIONS]:
        place = re.sub(r".*/(site-packages|python3\.\d+|main)/", "", file)
        each = f"{1000 * cumulative / times:7.3f} | {1000 * own / times:6.3f} | {calls / times:6.1f}"
        print(f"  {each} | {place}:{line} {name}")


def _package(file, name):
    if "psycopg" in file or "psycopg" in name:
        return "psycopg (and waiting for Postgres)"
    if match := re.search(r"site-packages/django/(\w+)(?:/(\w+))?", file):
        return "django." + ".".join(filter(None, match.groups()))
    if match := re.search(r"site-packages/(\w+)", file):
        return match[1]
    if match := re.search(r"/(accounts|decks|study|flashcards)/(.*)\.py", file):
        return f"ours: {match[1]}/{match[2]}"
    return "tests" if "tests/bench" in file else "Python's own"


def _short(sql):
    text = " ".join(sql.split())
    text = re.sub(r'SELECT ("\w+"\."\w+",? ?)+', "SELECT … ", text)
    text = re.sub(r'"(\w+)"', r"\1", text)
    return text[:230]
