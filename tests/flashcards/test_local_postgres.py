import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from tests.check_deploy import ROOT

pytestmark = pytest.mark.xdist_group("local_postgres")
# Uses servers until its input ends.
PROGRAM = """
import sys
from flashcards.local_postgres import LocalPostgres
print(*[LocalPostgres(root).database()["HOST"] for root in sys.argv[1:]], flush=True)
sys.stdin.read()
"""
NOBODY = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]


@contextlib.contextmanager
def program(*roots, python=(sys.executable,)):
    """Run a program that uses the servers of these folders, and give it and the first one's host."""
    packages = Path(psycopg.__file__).parent.parent
    with subprocess.Popen(
        [*python, "-c", PROGRAM, *map(str, roots)],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(packages), "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as running:
        running.host = running.stdout.readline().split()[0]
        yield running


def ask(host, question="SELECT 1"):
    with psycopg.connect(host=host, user="postgres", dbname="flashcards") as connection:
        return connection.execute(question).fetchone()[0]


def stops(root):
    """Return whether the server of a folder stops, within ten seconds."""
    pid, end = Path(root) / "postgres" / "postmaster.pid", time.monotonic() + 10
    while pid.exists() and time.monotonic() < end:
        time.sleep(0.02)
    return not pid.exists()


@pytest.fixture(scope="module")
def make_root():
    """Return a function that makes folders for servers; pytest's own would be closed to the server's user again."""
    made = []

    def make():
        made.append(Path(tempfile.mkdtemp(prefix="flashcards-test-")))
        return made[-1]

    yield make
    for root in made:
        stops(next(root.glob("**/postgres"), root).parent)
        shutil.rmtree(root)


@pytest.fixture(scope="module")
def root(make_root):
    return make_root()


def test_the_server_lives_as_long_as_any_program_that_uses_it(root):
    with program(root) as second:
        with program(root) as first:
            assert first.host == second.host
        time.sleep(0.3)
        assert ask(second.host) == 1
    assert stops(root)


def test_the_server_stops_after_the_last_program_was_killed(root):
    with program(root) as killed:
        assert ask(killed.host) == 1
        killed.send_signal(signal.SIGKILL)
    assert killed.returncode == -signal.SIGKILL
    assert stops(root)


def test_the_server_starts_again_with_its_data(root):
    with program(root) as writer, psycopg.connect(host=writer.host, user="postgres", dbname="flashcards") as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    assert stops(root)
    with program(root) as reader:
        assert ask(reader.host, "SELECT answer FROM kept") == 42


def test_a_program_that_comes_while_the_server_stops_gets_it_started_again(root):
    for _ in range(5):
        with program(root) as comes:
            assert ask(comes.host) == 1
    assert stops(root)


def test_a_server_that_was_killed_is_started_again(root):
    with program(root):
        server = int((root / "postgres" / "postmaster.pid").read_text().split()[0])
        os.kill(server, signal.SIGKILL)
        while Path(f"/proc/{server}").exists():
            time.sleep(0.01)
        with program(root) as lucky:
            assert ask(lucky.host) == 1
    assert stops(root)


def test_four_programs_that_come_at_once_make_one_server(make_root):
    root = make_root()
    with contextlib.ExitStack() as stack, ThreadPoolExecutor() as pool:
        programs = list(pool.map(lambda _: stack.enter_context(program(root)), range(4)))
        assert {each.host for each in programs} == {str(root / "postgres")}
        assert ask(programs[0].host) == 1
    assert (root / "postgres" / "log").read_text().count("starting PostgreSQL") == 1
    assert stops(root)


def test_one_program_uses_two_servers(root, make_root):
    other = make_root()
    with program(root, other):
        time.sleep(0.5)
        assert [ask(str(each / "postgres")) for each in (root, other)] == [1, 1]
    assert stops(root)
    assert stops(other)


def test_a_path_may_be_longer_than_a_socket_s(make_root):
    root = make_root() / ("long" * 20) / ("longer" * 10)
    root.mkdir(parents=True)
    with program(root) as using:
        assert len(using.host) < 90
        assert ask(using.host) == 1
    assert stops(root)
    Path(using.host).rmdir()


def pythons_of_others():
    """Return the commands by which a Python runs as an ordinary user, on a machine where we may become one."""
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        return []
    commands = [[*NOBODY, python] for python in (sys.executable, "/usr/bin/python3")]
    return [command for command in commands if runs(command)][:1]


def runs(command):
    try:
        return subprocess.run([*command, "-c", ""], stderr=subprocess.DEVNULL, check=False).returncode == 0
    except OSError:
        return False


@pytest.mark.parametrize("python", [[sys.executable], *pythons_of_others()], ids=lambda command: command[0])
def test_the_server_never_runs_as_root(make_root, python):
    root = make_root()
    by_nobody = python[0] == "setpriv"
    if by_nobody:
        os.chown(root, pwd.getpwnam("nobody").pw_uid, -1)
    with program(root, python=python) as using:
        assert ask(using.host) == 1
        server = int((root / "postgres" / "postmaster.pid").read_text().split()[0])
        owner = Path(f"/proc/{server}").stat().st_uid
    assert owner != 0
    assert owner == (root / "postgres").stat().st_uid
    assert (owner == pwd.getpwnam("nobody").pw_uid) or not by_nobody
    assert stops(root)
