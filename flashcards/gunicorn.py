"""gunicorn's settings: `gunicorn -c flashcards/gunicorn.py flashcards.wsgi`."""

import os

bind = os.environ.get("BIND", f"127.0.0.1:{os.environ.get('PORT', '8000')}")
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
timeout = 30
graceful_timeout = 25
keepalive = 5
# A worker's heartbeat file on a disk can block; in memory it can't.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None
errorlog = "-"
loglevel = "warning" if os.environ.get("LOG_LEVEL", "INFO").upper() == "WARNING" else "info"


def when_ready(server):
    """Print the address last, when a request would be answered."""
    address = server.cfg.address[0]
    print(f"\nChinese Flashcards is ready: http://{address[0]}:{address[1]}\n", flush=True)
