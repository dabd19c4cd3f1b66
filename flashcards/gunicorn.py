"""gunicorn's settings: `gunicorn -c flashcards/gunicorn.py flashcards.wsgi`."""

import os
from pathlib import Path

import environ

environ.Env.read_env(Path(__file__).resolve().parent.parent / ".env")

bind = os.environ.get("BIND", f"127.0.0.1:{os.environ.get('PORT', '8000')}")
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
preload_app = True  # before the workers are forked: they share its memory, and a new one is there at once
timeout = 30
graceful_timeout = 25
keepalive = 5
# A worker's heartbeat file on a disk can block; in memory it can't.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None
errorlog = "-"
loglevel = os.environ.get("LOG_LEVEL", "INFO").lower()
# Nobody uses it, two servers of one user would share it, and its line would come after the address.
control_socket_disable = True


def post_worker_init(worker):
    """Print the address last, when the last worker of the start would answer."""
    if worker.age == worker.cfg.workers:
        print(f"\nChinese Flashcards is ready: {worker.sockets[0]}\n", flush=True)
