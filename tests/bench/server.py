"""The two servers that are measured: an embedded Postgres of the bench's own, and gunicorn with two workers."""

import contextlib
import os
import secrets
import socket
import subprocess
import sys
import time
from pathlib import Path

from flashcards.local_postgres import LocalPostgres

HERE = Path(__file__).resolve().parents[2]
ROOT = HERE / ".data" / "bench"
# Vacuum runs between passes, not in one of them.
TUNING = "ALTER SYSTEM SET autovacuum = off"


def prepare():
    """Start Postgres, point Django's settings to it, and return it."""
    ROOT.mkdir(parents=True, exist_ok=True)
    postgres = LocalPostgres(ROOT)
    database = postgres.database()
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "tests.bench.settings",
        "DATABASE_URL": f"postgres://postgres@/{database['NAME']}?host={database['HOST']}",
        "ENVIRONMENT": "development",
        "DEBUG": "false",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "LOG_LEVEL": "WARNING",
    }
    return postgres


def postgres_pid(postgres):
    """Return the process of which all of Postgres's are children."""
    return int((postgres.data / "postmaster.pid").read_text().split()[0])


@contextlib.contextmanager
def gunicorn(log=ROOT / "gunicorn.log"):
    """Run the site on a free port for as long as the context lasts; gives the process and the port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {"BIND": f"127.0.0.1:{port}", "WEB_CONCURRENCY": "2", "WEB_THREADS": "4"}
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-c", "flashcards/gunicorn.py", "flashcards.wsgi"],
            cwd=HERE,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # Ctrl-C is for us; we stop it
        )
        try:
            _wait_for(process, port, log)
            yield process, port
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_for(process, port, log):
    for _ in range(100):
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise RuntimeError(f"gunicorn did not start:\n{log.read_text()[-2000:]}")
