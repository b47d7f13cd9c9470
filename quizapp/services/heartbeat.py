"""Keeps a lease alive while its holder works."""

import logging
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Self

from sqlalchemy.exc import DBAPIError

log = logging.getLogger("quizapp.heartbeat")


class Heartbeat:
    """Calls `beat` every so often, from a thread of its own, until the block ends."""

    def __init__(self, beat: Callable[[], None], every: timedelta) -> None:
        self._beat = beat
        self._every_s = every.total_seconds()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._done.wait(self._every_s):
            try:
                self._beat()
            except DBAPIError:
                log.exception("A heartbeat did not get through.")
