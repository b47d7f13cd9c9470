"""The zygotes of one grader: started when first needed, renewed, replaced when dead."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import get_args

from grader.core import BoxError, Warmth
from grader.sandbox.client import Zygote
from grader.sandbox.insecure import PlainProcesses

RENEW_AFTER = 500
"""Jobs after which a zygote is replaced: what it may have gathered goes with it."""


@dataclass
class _Lease:
    """A zygote and who uses it. A retired one is lent no more, and ends with its last user."""

    zygote: Zygote | PlainProcesses
    jobs: int = 0
    users: int = 0
    retired: bool = False


class Pool:
    """Lends zygotes to threads, one job a core at a time; `insecure_dev` takes plain processes."""

    def __init__(self, *, insecure_dev: bool = False) -> None:
        self._insecure_dev = insecure_dev
        # Of the leases and their counts. Never held while a zygote starts or ends: seconds.
        self._lock = threading.Lock()
        self._leases: dict[Warmth, _Lease] = {}
        kinds: tuple[Warmth, ...] = get_args(Warmth)
        self._starting = {warmth: threading.Lock() for warmth in kinds}
        self._cores = threading.BoundedSemaphore(os.cpu_count() or 1)
        # The kernel ends a zygote with the thread that started it; these stay until the end.
        self._starters = ThreadPoolExecutor(len(kinds), "zygote-starter")

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers that every running zygote has; empty before the first start."""
        with self._lock:
            found = [lease.zygote.layers for lease in self._leases.values()]
        return tuple(name for name in found[0] if all(name in f for f in found)) if found else ()

    def start(self, warmth: Warmth) -> None:
        """Start a zygote unless one runs."""
        self._give_back(self._lend(warmth))

    @contextlib.contextmanager
    def zygote(self, warmth: Warmth) -> Iterator[Zygote | PlainProcesses]:
        """Lend a running zygote for one job. One whose job raises BoxError is not lent again."""
        lease = self._lend(warmth)
        try:
            with self._cores:
                yield lease.zygote
        except BoxError:
            with self._lock:
                self._retire(warmth, lease)
            raise
        finally:
            self._give_back(lease)

    def close(self) -> None:
        """End every zygote, and what still runs in them."""
        with contextlib.ExitStack() as none_starts:
            for lock in self._starting.values():
                none_starts.enter_context(lock)
            with self._lock:
                leases = list(self._leases.values())
                self._leases.clear()
            for lease in leases:
                lease.zygote.close()
            self._starters.shutdown()

    def _lend(self, warmth: Warmth) -> _Lease:
        """Return a lease with one user more; start a zygote where there is none to lend."""
        with self._starting[warmth]:
            lease = self._use_current(warmth)
            if lease is None:
                kind = PlainProcesses if self._insecure_dev else Zygote
                zygote = self._starters.submit(kind, warmth).result()
                lease = _Lease(zygote, jobs=1, users=1)
                with self._lock:
                    self._leases[warmth] = lease
            return lease

    def _use_current(self, warmth: Warmth) -> _Lease | None:
        with self._lock:
            lease = self._leases.get(warmth)
            if lease is None:
                return None
            lease.users += 1
            if lease.jobs < RENEW_AFTER and lease.zygote.alive:
                lease.jobs += 1
                return lease
            self._retire(warmth, lease)
        self._give_back(lease)
        return None

    def _retire(self, warmth: Warmth, lease: _Lease) -> None:
        lease.retired = True
        if self._leases.get(warmth) is lease:
            del self._leases[warmth]

    def _give_back(self, lease: _Lease) -> None:
        with self._lock:
            lease.users -= 1
            ends = lease.users == 0 and lease.retired
        if ends:
            lease.zygote.close()
