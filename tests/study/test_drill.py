"""The drill of `python -m tests.drill`, in short: web workers are killed while browsers and programs answer."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE = 240  # far more than it takes; a drill that hangs is stopped and clears its database and server away


def test_no_answer_is_lost_or_doubled_when_workers_are_killed():
    drill = [sys.executable, "-m", "tests.drill", "--chromium", "--seconds", "4", "--kills", "3"]
    process = subprocess.Popen(drill, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        said, _ = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        process.terminate()
        said, _ = process.communicate(timeout=60)
    assert said.splitlines()[-1:] == ["No fault."], said
    assert process.returncode == 0
