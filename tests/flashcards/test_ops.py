import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.handlers.exception import response_for_exception
from django.db import OperationalError, connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

import flashcards
from flashcards.local_postgres import DATABASE, LocalPostgres
from tests.check_deploy import ROOT

pytestmark = pytest.mark.xdist_group("ops")


class TestHealth:
    def test_says_that_all_is_well(self, client, db):
        before = datetime.now(UTC)
        response = client.get("/health")
        answer = response.json()
        assert response.status_code == 200
        assert before <= datetime.fromisoformat(answer.pop("timestamp")) <= datetime.now(UTC)
        assert answer == {"status": "healthy", "version": flashcards.__version__, "database": "connected"}

    def test_is_never_kept_by_a_cache(self, client, db):
        assert "no-store" in client.get("/health")["Cache-Control"]

    def test_asks_the_database_nothing_else_even_of_a_signed_in_learner(self, client, user):
        client.force_login(user)
        with CaptureQueriesContext(connection) as queries:
            response = client.get("/health")
        assert [query["sql"] for query in queries] == ["SELECT 1"]
        assert not response.cookies

    def test_answers_whatever_host_a_probe_names(self, client, db):
        assert client.get("/health", headers={"host": "10.0.0.7:8000"}).status_code == 200
        assert client.get("/credits/", headers={"host": "10.0.0.7:8000"}).status_code == 400

    def test_is_only_read(self, client, db):
        assert client.head("/health").status_code == 200
        assert client.post("/health").status_code == 405


@pytest.mark.parametrize(("error", "status"), [(OperationalError("gone"), 503), (ValueError("gone"), 500)])
def test_an_error_of_the_program_is_told_from_a_database_that_is_away(error, status):
    try:
        raise error
    except (OperationalError, ValueError):
        response = response_for_exception(RequestFactory().get("/"), error)
    assert response.status_code == status
    assert response.get("Retry-After") == {503: "30", 500: None}[status]
    assert "gone" not in response.text


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Site:
    """A gunicorn of our own."""

    def __init__(self, process, port, log):
        self.process, self.port, self.log = process, port, log

    def get(self, path, **headers):
        """Return the status, the headers and the body, undecoded."""
        asking = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        with contextlib.closing(asking):
            asking.request("GET", path, headers=headers)
            response = asking.getresponse()
            return response.status, response.headers, response.read()

    def wait(self, path="/health", status=200, seconds=15):
        """Wait until a page answers with a status."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with contextlib.suppress(ConnectionError):
                if self.get(path)[0] == status:
                    return
            time.sleep(0.05)
        raise AssertionError(f"{path} did not answer {status}:\n{self.log.read_text()}")


@contextlib.contextmanager
def serve(**variables):
    """Run the site with these variables."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with (
            log.open("w") as out,
            subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "-c", "flashcards/gunicorn.py", "flashcards.wsgi"],
                cwd=ROOT,
                env={**os.environ, "PORT": str(port), "WEB_CONCURRENCY": "2", **variables},
                stdout=out,
                stderr=subprocess.STDOUT,
            ) as process,
        ):
            site = Site(process, port, log)
            try:
                site.wait()
                yield site
            finally:
                process.kill()


def start(server):
    """Start a PostgreSQL by a program that uses it until its input ends, and return the program."""
    code = "import sys; from flashcards.local_postgres import *; LocalPostgres(sys.argv[1]).start(); print(flush=True)"
    program = subprocess.Popen(
        [sys.executable, "-c", f"{code}; sys.stdin.read()", server.root],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    program.stdout.readline()
    return program


@pytest.fixture
def own_server():
    """A PostgreSQL of our own, that we may stop."""
    root = Path(tempfile.mkdtemp(prefix="flashcards-test-"))
    server = LocalPostgres(root)
    with start(server):
        yield server
    server.stop()
    shutil.rmtree(root)


def test_the_site_says_503_while_its_database_is_away_and_comes_back_by_itself(own_server):
    url = f"postgres://postgres@/{own_server.socket_dir}/{DATABASE}"
    migrate = [sys.executable, "manage.py", "migrate", "-v0"]
    subprocess.run(migrate, cwd=ROOT, env={**os.environ, "DATABASE_URL": url}, check=True)
    with serve(DATABASE_URL=url) as site:
        # Each thread of each worker gets a connection that is kept.
        assert [site.get(path)[0] for path in ["/", "/health"] * 8] == [200] * 16
        own_server.stop()
        status, headers, body = site.get("/health")
        answer = json.loads(body)
        assert status == 503
        assert datetime.fromisoformat(answer.pop("timestamp")).utcoffset() is not None
        assert answer == {
            "status": "unhealthy",
            "version": flashcards.__version__,
            "database": "disconnected",
            "error": "database unavailable",
        }
        assert "no-store" in headers["Cache-Control"]
        for cookie in ({}, {"Cookie": "sessionid=abcdefghijklmnopqrstuvwxyz012345"}):
            assert site.get("/health", **cookie)[0] == 503
            status, headers, body = site.get("/", **cookie)
            assert (status, headers["Retry-After"]) == (503, "30")
            assert not re.search(rb"Traceback|psycopg|SELECT|postgres|/tmp/|connection", body)
        with start(own_server):
            # Every thread has to find out for itself.
            assert [site.get(path)[0] for path in ["/", "/health"] * 8] == [200] * 16


@pytest.fixture(scope="module")
def site():
    with serve() as site:
        yield site


def test_a_static_file_is_kept_for_ever_under_a_name_with_its_hash(site):
    url = staticfiles_storage.url("css/site.css")
    assert re.fullmatch(r"/static/css/site\.[0-9a-f]{12}\.css", url)
    status, headers, body = site.get(url)
    assert status == 200
    assert headers["Cache-Control"] == "max-age=315360000, public, immutable"
    assert headers["Content-Type"] == 'text/css; charset="utf-8"'
    assert "immutable" not in site.get("/static/css/site.css")[1]["Cache-Control"]
    for encoding, beginning in (("br", b""), ("gzip", b"\x1f\x8b")):
        status, headers, packed = site.get(url, **{"Accept-Encoding": encoding})
        assert (status, headers["Content-Encoding"], headers["Vary"]) == (200, encoding, "Accept-Encoding")
        assert packed.startswith(beginning)
        assert len(packed) < len(body) / 2


def test_what_is_not_published_is_not_served(site):
    for path in ("/static/../manage.py", "/static/vendor/pico/package.json", "/manage.py", "/.env", "/static/"):
        assert site.get(path)[0] == 404


def test_the_address_is_the_last_line_of_the_start():
    with serve() as site:
        time.sleep(1.5)
        assert site.log.read_text().strip().splitlines()[-1] == (
            f"Chinese Flashcards is ready: http://127.0.0.1:{site.port}"
        )


def test_the_site_stops_soon_though_browsers_hold_connections():
    with serve() as site, contextlib.closing(http.client.HTTPConnection("127.0.0.1", site.port)) as browser:
        browser.request("GET", "/health")
        browser.getresponse().read()
        site.process.send_signal(signal.SIGTERM)
        # Long before the 25 seconds after which the workers would be killed.
        assert site.process.wait(timeout=15) == 0
