"""Django's deployment check under production settings: `python -m tests.check_deploy`, part of `make lint`."""

import os
import secrets
import subprocess
import sys
from pathlib import Path

from flashcards.local_postgres import DATABASE, LocalPostgres

ROOT = Path(__file__).resolve().parent.parent


def production(root=ROOT / ".data"):
    """Return the environment of a site in production whose database is the embedded server, which is started."""
    server = LocalPostgres(root)
    server.start()
    return {
        "ENVIRONMENT": "production",
        "DEBUG": "false",
        "SECRET_KEY": secrets.token_urlsafe(60),
        "ALLOWED_HOSTS": "flashcards.example",
        "EMAIL_URL": "smtp+tls://mail:secret@mail.example:587",
        # A socket's directory is the path of the address: the host of one can't hold slashes.
        "DATABASE_URL": f"postgres://postgres@/{server.socket_dir}/{DATABASE}",
    }


def check(variables):
    """Return Django's answer to whether a site with these variables, and no others of ours, may be deployed."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "PYTHONPATH") if name in os.environ}
    command = ["manage.py", "check", "--deploy", "--fail-level", "WARNING", "--database", "default"]
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=inherited | variables, capture_output=True, text=True, check=False
    )


if __name__ == "__main__":
    done = check(production())
    print(done.stdout + done.stderr, end="")
    sys.exit(done.returncode)
