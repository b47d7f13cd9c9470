"""How our processes end: when asked to, and when the one that started them is gone."""

import ctypes
import os
import signal
import sys
from types import FrameType
from typing import Self

EXIT_UNSAFE = 3
"""A grader's exit code where code cannot be graded safely; a restart would only refuse again."""

PR_SET_PDEATHSIG = 1
# Loaded here, since a child between fork and exec should do as little as it can.
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class Stop:
    """Counts SIGTERM and SIGINT while it is entered, in place of what they would do.

    A plain number: an Event's lock may be held by the very thread that the signal interrupts.
    """

    def __init__(self) -> None:
        self.received = 0

    @property
    def requested(self) -> bool:
        """Whether either signal has come."""
        return self.received > 0

    def __enter__(self) -> Self:
        self._previous = {
            number: signal.signal(number, self._receive)
            for number in (signal.SIGTERM, signal.SIGINT)
        }
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    def _receive(self, _number: int, _frame: FrameType | None) -> None:
        self.received += 1


def die_with(parent: int) -> None:
    """Have the kernel kill this process when `parent`, which started it, is gone (Linux)."""
    if _LIBC is None:
        return
    if _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    # The parent may have died before the request was made.
    if os.getppid() != parent:
        os._exit(1)
