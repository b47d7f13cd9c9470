"""Gunicorn's settings; the supervisor adds the socket and the number of workers.

The application is loaded once, before the fork. It needs no hook for its database: no
connection crosses a fork (see quizapp.db.engine).
"""

from typing import Any

from quizapp import signals

preload_app = True
worker_class = "sync"  # wrote faster than threads on SQLite
graceful_timeout = 10  # seconds
loglevel = "warning"
control_socket_disable = True


def post_fork(_server: object, worker: Any) -> None:
    """End with the arbiter, even where it is killed."""
    signals.die_with(worker.ppid)
