"""The zygotes of one grader: started when first needed, renewed, replaced when dead."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from grader.core import BoxError, Framework
from grader.sandbox.client import Zygote

RENEW_AFTER = 500
"""Jobs after which a zygote is replaced: what it may have gathered goes with it."""


@dataclass
class _Lease:
    """A zygote and who uses it."""

    zygote: Zygote
    jobs: int = 0
    users: int = 0
    retired: bool = False


class Pool:
    """Lends zygotes to threads, one job a core at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cores = threading.BoundedSemaphore(os.cpu_count() or 1)
        self._leases: dict[Framework, _Lease] = {}
        # The kernel ends a zygote with the thread that started it, so one thread starts them all.
        self._starter = ThreadPoolExecutor(1, "zygote-starter")

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers that every running zygote has; empty before the first start."""
        with self._lock:
            found = [lease.zygote.layers for lease in self._leases.values()]
        return tuple(name for name in found[0] if all(name in f for f in found)) if found else ()

    def start(self, framework: Framework) -> None:
        """Start a zygote unless one runs."""
        with self._lock:
            self._current(framework)

    @contextlib.contextmanager
    def zygote(self, framework: Framework) -> Iterator[Zygote]:
        """Lend a running zygote for one job. One whose job raises BoxError is not lent again."""
        with self._cores:
            with self._lock:
                lease = self._current(framework)
                lease.jobs += 1
                lease.users += 1
            try:
                yield lease.zygote
            except BoxError:
                with self._lock:
                    self._retire(framework, lease)
                raise
            finally:
                with self._lock:
                    lease.users -= 1
                    self._close_if_done(lease)

    def close(self) -> None:
        """End every zygote, and what still runs in them."""
        with self._lock:
            for lease in self._leases.values():
                lease.zygote.close()
            self._leases.clear()
        self._starter.shutdown()

    def _current(self, framework: Framework) -> _Lease:
        lease = self._leases.get(framework)
        if lease is not None and (lease.jobs >= RENEW_AFTER or not lease.zygote.alive):
            self._retire(framework, lease)
            lease = None
        if lease is None:
            lease = _Lease(self._starter.submit(Zygote, framework).result())
            self._leases[framework] = lease
        return lease

    def _retire(self, framework: Framework, lease: _Lease) -> None:
        """Lend it no more; it ends with its last user."""
        lease.retired = True
        if self._leases.get(framework) is lease:
            del self._leases[framework]
        self._close_if_done(lease)

    @staticmethod
    def _close_if_done(lease: _Lease) -> None:
        if lease.retired and lease.users == 0:
            lease.zygote.close()
