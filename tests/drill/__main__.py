"""Drill: browsers and programs answer the same cards at once while web workers are killed; nothing is lost or doubled.

`python -m tests.drill` runs one round without a kill and one with twenty, of 20 s each, against a real gunicorn and a
database of its own, prints what came of it, and exits with 1 on any fault.
"""

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

import django

PASSWORD = "drill the server"
PATIENCE = 120  # for the end of what the clients have begun


def main():
    """Run the rounds that were asked for; return 1 if any of them found a fault."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "flashcards.settings")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # so that what was begun is cleared away
    asked = arguments()
    django.setup()
    from tests.drill import server

    server.environment()
    with server.database():
        found = [line for kills in asked.kills for line in drill(kills, asked)]
    print(f"{len(found)} faults" if found else "No fault.")
    return int(bool(found))


def arguments():
    parser = argparse.ArgumentParser(prog="python -m tests.drill", description=__doc__)
    parser.add_argument("--seconds", type=float, default=20, help="of each round, at least")
    parser.add_argument("--kills", type=int, nargs="+", default=[0, 20], help="one number for each round")
    parser.add_argument("--browsers", type=int, default=2)
    parser.add_argument("--api", type=int, default=2, help="clients of the API")
    parser.add_argument("--chromium", action="store_true", help="one of the browsers is a real Chromium")
    return parser.parse_args()


def drill(kills, asked):
    """Run one round, print its figures and faults, and return the faults."""
    from tests.bench.server import gunicorn
    from tests.drill import server, verdict
    from tests.drill.clients import Ledger

    name = f"drill-{kills}"
    user, deck = server.learner(name, PASSWORD)
    ledger = Ledger()
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "gunicorn.log"
        with gunicorn(log) as (process, port):
            clients = crew(asked, port, ledger, (name, PASSWORD), deck)
            run(clients, ledger, process, kills, asked.seconds)
        server.wait_until_idle()
        said = log.read_text()
    found = verdict.faults(ledger, user)
    found += [f"{client.name} did nothing" for client in clients if not client.acts]
    if "Traceback" in said:
        found.append(f"the server's log has a traceback:\n{said[max(0, said.index('Traceback') - 300) :][:4000]}")
    print(figures(kills, ledger, clients))
    print("".join(f"  FAULT {line}\n" for line in found), end="", flush=True)
    return found


def crew(asked, port, ledger, learner, deck):
    """Return the clients, logged in one after the other."""
    from tests.drill.clients import Browser, Program

    kinds = [Browser] * asked.browsers
    if asked.chromium:
        from tests.drill.chromium import Chromium

        kinds[0] = Chromium
    kinds += [Program] * asked.api
    clients = [
        kind(f"{kind.__name__} {number}", port, ledger, learner, deck) for number, kind in enumerate(kinds, start=1)
    ]
    for client in clients:
        client.log_in()
    return clients


def run(clients, ledger, process, kills, seconds):
    """Let the clients answer for some seconds, and longer if there are workers to kill still; then let them end."""
    until = time.monotonic() + seconds
    for client in clients:
        client.start()
    try:
        for _ in range(kills):
            time.sleep(random.uniform(0, 2 * seconds / (kills + 1)))
            if not kill_at_work(process, ledger):
                break
        while time.monotonic() < until and not ledger.faults:
            time.sleep(0.1)
    finally:
        for client in clients:
            client.halt.set()
    until = time.monotonic() + PATIENCE
    for client in clients:
        client.join(max(0, until - time.monotonic()))
        if client.is_alive():
            ledger.fault(f"{client.name} still waits after {PATIENCE} s")


def kill_at_work(process, ledger):
    """Kill a worker once the server answers again, so that each kill hits somebody; return False if it doesn't."""
    from tests.drill.server import kill_a_worker

    before, until = len(ledger.recorded), time.monotonic() + PATIENCE
    while len(ledger.recorded) < before + 3 or not kill_a_worker(process.pid, random.choice):
        if time.monotonic() > until or ledger.faults:
            if not ledger.faults:
                ledger.fault(f"the server did not come back in {PATIENCE} s")
            return False
        time.sleep(0.01)
    return True


def figures(kills, ledger, clients):
    """Return what came of a round, in two lines."""
    counts = ledger.counts
    acts = ", ".join(f"{client.name}: {client.acts}" for client in clients)
    return (
        f"{kills} kills: {len(ledger.recorded)} answers recorded, {len(ledger.stale)} stale, "
        f"{len(ledger.taken_back)} taken back, {len(ledger.withdrawn)} before they were sent; "
        f"{counts['broken']} lines broken, {counts['cut']} cut, {counts['offline']} without a network; "
        f"{counts['late']} with a time of their own, {counts['lists']} lists, {counts['repeats']} repeats\n"
        f"  acts of {acts}"
    )


if __name__ == "__main__":
    sys.exit(main())
