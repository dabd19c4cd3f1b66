"""The table that the bench prints."""

import os
import platform
import re
from pathlib import Path
from statistics import median

import django
from django.db import connection

KINDS = {
    "floor": "floor: bare view, SELECT FOR UPDATE, UPDATE, INSERT by the ORM",
    "answer_json": "answer, JSON, as the study page sends it",
    "answer_form": "answer, form, up to the redirect",
    "batch_100": "100 answers at once, JSON",
    "pack": "pack of 250 cards, compressed",
    "page": "page of a session",
    "home": "home, 5 decks, 1,000 due",
    "queue": "queue of 20, JSON",
    "cards": "cards of a deck of 20,000, 1st page",
    "cards_deep": "cards of a deck of 20,000, 400th page",
    "cards_search": "the same, search in pinyin",
    "cards_due": "the same, filter of what is due",
    "cards_due_deep": "the same, filter of what is due, deep",
    "floor_by_hand": "the floor in SQL by hand, for orientation",
    "nothing": "session and user only, for orientation",
}
WITH_CARDS = ["answer_json", "answer_form", "batch_100"]
ON_THE_PAGE = [*WITH_CARDS, "pack", "page"]  # which is open already
IN_A_SESSION = [*ON_THE_PAGE, "queue"]


def machine(load_before):
    """Return what the figures were measured on."""
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version'), current_setting('fsync')")
        version, fsync = cursor.fetchone()
        cursor.execute("SELECT count(*), pg_size_pretty(pg_database_size(current_database())) FROM card_interactions")
        interactions, size = cursor.fetchone()
    name = model[1] if model else platform.machine()
    return (
        f"{os.cpu_count()} cores, {name}; Python {platform.python_version()}, Django {django.__version__}, "
        f"PostgreSQL {version} (fsync {fsync}); 2 workers of 4 threads, 8 clients; "
        f"{interactions:,} interactions, {size}; load before {load_before[0]:.1f}, after {os.getloadavg()[0]:.1f}\n"
    )


def table(measured):
    """Return a Markdown table of medians over the rounds."""
    lines = [
        "| request | progress rows | CPU ms (server + Postgres) | times the floor (lowest-highest) | req/s | p95 ms |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for kind, label in KINDS.items():
        for (size, each), passes in measured.items():
            if each == kind:
                lines.append(f"| {label} | {size:,} | {_figures(passes)} |")
    return "\n".join([*lines, "", *_flatness(measured)])


def plain(measured):
    """Return every pass as JSON can hold it."""
    return [
        {"size": size, "kind": kind, "cpu": each.cpu, "server": each.server, "postgres": each.postgres}
        | {"floor": each.floor, "requests": each.requests, "rate": each.rate}
        for (size, kind), passes in measured.items()
        for each in passes or []
    ]


def _figures(passes):
    if passes is None:
        return "not there yet | | |"
    if not passes:
        return "not measured | | |"
    server, postgres = (median(getattr(each, name) for each in passes) for name in ("server", "postgres"))
    cpu, rate = median(each.cpu for each in passes), median(each.rate for each in passes)
    late = median(each.latencies[int(0.95 * len(each.latencies))] for each in passes) * 1000
    ratios = [each.ratio for each in passes]
    ratio = f"{median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})"
    return f"{cpu:.2f} ({server:.2f} + {postgres:.2f}) | {ratio} | {rate:.0f} | {late:.0f}"


def _flatness(measured):
    """Yield for each kind what the most rows cost against the fewest, both in floors."""
    sizes = sorted({size for size, _ in measured})
    for kind, label in KINDS.items():
        few, many = measured.get((sizes[0], kind)), measured.get((sizes[-1], kind))
        if few and many and len(sizes) > 1:
            growth = median(after.ratio / before.ratio for before, after in zip(few, many, strict=False))
            yield f"- {label}: {sizes[-1]:,} rows cost {growth:.2f} times what {sizes[0]:,} cost."
