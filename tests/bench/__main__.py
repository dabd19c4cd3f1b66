"""`python -m tests.bench`: CPU per request and requests a second, against the least that an answer can cost.

`--quick` makes one short round; `--only KIND,…` and `--sizes N,…` narrow it; `--json FILE` keeps every pass.
`python -m tests.bench profile` says where the time goes (see profiling.py).
"""

import argparse
import fcntl
import json
import os
import signal
import sys
import time
from importlib import import_module

from tests.bench import server

SECONDS = 2.0
FLOORS_SHARE = 3  # before and after each pass the floor is measured for a third of its time
ROUNDS = 3
MOST = 2_000  # requests of one client in one pass
MOST_IN_BATCHES = 5  # as many as a learner has cards due, twice over
SLOW = 200  # ms; what takes longer is measured once, the warm-up being enough
LONGEST = 300  # seconds, for all passes


def main():
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    server.ROOT.mkdir(parents=True, exist_ok=True)
    with (server.ROOT / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit("Another bench runs in this checkout.")
        postgres = server.prepare()
        try:
            _with_django(options, postgres)
        finally:
            postgres.stop()


def _options():
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("what", nargs="?", choices=["measure", "profile", "seed"], default="measure")
    parser.add_argument("--quick", action="store_true", help="one round of one second each")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--only", type=lambda text: text.split(","), help="kinds of request, the floor comes anyway")
    parser.add_argument("--sizes", type=lambda text: [int(size) for size in text.split(",")])
    parser.add_argument("--json", help="a file for every pass")
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.seconds = 1, 1.0
    return options


def _with_django(options, postgres):
    import django

    django.setup()
    from django.db import connection

    # What needs Django set up can only be imported now.
    seed = import_module("tests.bench.seed")
    with connection.cursor() as cursor:
        cursor.execute(server.TUNING)
        cursor.execute("SELECT pg_reload_conf()")
    took = seed.ensure()
    print(f"Rows: made in {took:.0f} s" if took else "Rows: kept from an earlier run", file=sys.stderr)
    if options.what == "measure":
        _measure(options, postgres, seed)
    elif options.what == "profile":
        import_module("tests.bench.profiling").main(options)
        seed.reset()


def _measure(options, postgres, seed):
    report = import_module("tests.bench.report")
    began, load_before = time.monotonic(), os.getloadavg()
    with server.gunicorn() as (process, port):
        measured = _passes(options, seed, port, [process.pid, server.postgres_pid(postgres)], began + LONGEST)
    seed.reset()
    print(report.machine(load_before))
    print(report.table(measured))
    if options.json:
        with open(options.json, "w") as file:
            json.dump(report.plain(measured), file)


def _passes(options, seed, port, pids, end):
    """Return for each size and kind what each round gave; None for an address that is not there yet."""
    load, report = import_module("tests.bench.load"), import_module("tests.bench.report")
    kinds = [kind for kind in report.KINDS if not options.only or kind in (*options.only, "floor")]
    sizes = options.sizes or seed.SIZES
    learners = {size: _learners(load, seed, size, port) for size in sizes}
    measured = {(size, kind): [] for size in sizes for kind in kinds}
    for number in range(options.rounds + 1):  # the first, a short one, warms caches up
        for (size, kind), passes in measured.items():
            if passes is None or (passes and passes[-1].cpu > SLOW and kind != "batch_100"):
                continue
            if time.monotonic() > end:
                print("Time is up: what was not measured is left out.", file=sys.stderr)
                return measured
            try:
                found = _one_pass(load, seed, learners[size], kind, options.seconds if number else 0.4, pids)
            except load.NotThere as error:
                print(f"{kind}: not there yet ({error})", file=sys.stderr)
                measured[size, kind] = None
                continue
            print(f"{number} {size:>7} {kind:14} {found}", file=sys.stderr)
            if number or found.cpu > SLOW:
                passes.append(found)
    return measured


def _one_pass(load, seed, learners, kind, seconds, pids):
    """Return a pass of one kind, with what the floor cost just before and after: the machine's speed varies."""
    report = import_module("tests.bench.report")
    seed.reset()
    before = load.run(learners, "floor", seconds / FLOORS_SHARE, MOST, pids)
    if kind in report.IN_A_SESSION:
        load.at_once(learners, load.Learner.start)
    if kind in report.ON_THE_PAGE:
        load.at_once(learners, load.Learner.page)
    if kind in report.WITH_CARDS:
        load.at_once(learners, load.Learner.hold)
    found = load.run(learners, kind, seconds, MOST_IN_BATCHES if kind == "batch_100" else MOST, pids)
    after = load.run(learners, "floor", seconds / FLOORS_SHARE, MOST, pids)
    found.floor = (before.cpu * before.requests + after.cpu * after.requests) / (before.requests + after.requests)
    return found


def _learners(load, seed, size, port):
    """Return the learners of a size, signed in, each with the cards that they have due."""
    from django.test import Client

    from accounts.models import User
    from study.progress import CardProgress

    learners = []
    for user in User.objects.filter(username__in=seed.usernames(size)):
        browser = Client()
        browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        due = CardProgress.objects.filter(user=user, pk__in=_due_ids(user)).order_by("pk")
        cards = [str(card) for card in due.values_list("card_id", flat=True)]
        learners.append(load.Learner(load.Client(port, browser.cookies["sessionid"].value), cards, seed.browsed()))
    return learners


def _due_ids(user):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM bench_due WHERE user_id = %s", [user.pk])
        return [row[0] for row in cursor.fetchall()]


if __name__ == "__main__":
    main()
