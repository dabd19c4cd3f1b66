"""What is drilled: a database of its own, and a gunicorn whose workers are killed."""

import contextlib
import os
import secrets
import signal
import time
from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg
from django.core.management import call_command
from django.db import connection, connections
from psycopg import sql

from accounts.models import User
from decks.models import Card, Deck
from study.enrolment import Enrolment
from study.models import UserStatistics
from tests.drill.clients import DIRECTIONS

CARDS = 300


@contextlib.contextmanager
def database():
    """Make an empty database beside the settings' own, let everything use it, and drop it at the end."""
    settings = connection.settings_dict
    name = sql.Identifier(own := f"drill_{os.getpid()}")
    where = {"host": settings["HOST"], "port": settings["PORT"], "user": settings["USER"]}
    where |= {"password": settings["PASSWORD"], "dbname": "postgres", "autocommit": True}
    where = {key: value for key, value in where.items() if value}
    with psycopg.connect(**where) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(name))
        try:
            connections.close_all()
            settings["NAME"] = own
            os.environ["DATABASE_URL"] = _address(settings)
            call_command("migrate", verbosity=0)
            yield
        finally:
            connections.close_all()
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def _address(settings):
    user = quote(settings["USER"]) + (f":{quote(settings['PASSWORD'])}" if settings["PASSWORD"] else "")
    where = {key.lower(): settings[key] for key in ("HOST", "PORT") if settings[key]}
    return f"postgres://{user}@/{settings['NAME']}?{urlencode(where)}"


def learner(name, password):
    """Make a learner with a deck of 300 cards, all of which may come today; return the learner and the deck.

    Of words without pinyin nobody can say that they sound alike, which would keep them apart.
    """
    user = User.objects.create_user(name, f"{name}@example.com", password, reviews_per_day=9999)
    deck = Deck.objects.create(name="Drill", user=user)
    Card.objects.bulk_create(
        Card(deck=deck, position=place, hanzi=chr(0x4E00 + place), english=f"word {place}") for place in range(CARDS)
    )
    Enrolment.objects.create(user=user, deck=deck, directions=DIRECTIONS, new_per_day=999)
    UserStatistics.objects.get_or_create(user=user)
    return user, deck


def environment():
    """Set what gunicorn is started with."""
    os.environ |= {
        "ENVIRONMENT": "development",
        "DEBUG": "false",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "LOG_LEVEL": "INFO",
    }


def kill_a_worker(master, choose):
    """End one of gunicorn's workers as the kernel does that is out of memory; return its pid, None if there is none."""
    children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    if not children:
        return None
    pid = int(choose(children))
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    return pid


def wait_until_idle(seconds=30):
    """Wait until no process of the database serves anybody else: those of killed workers end what they are at."""
    until = time.monotonic() + seconds
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
            )
            (busy,) = cursor.fetchone()
        if not busy:
            return
        if time.monotonic() > until:
            raise TimeoutError(f"{busy} connections to the database are open after {seconds} s")
        time.sleep(0.1)
