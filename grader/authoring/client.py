"""The trusted end of the authors' box: asks it, and believes nothing that it has not checked."""

from __future__ import annotations

import json
import re
import secrets
import signal
import struct
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from grader.authoring.answers import Untrue, checked
from grader.authoring.inside import MAX_ANSWER
from grader.core import BoxError, Limits
from grader.exchange import Exchange, Run, trusted_report
from grader.pool import Pool
from grader.sandbox.supervisor import Report
from grader.wire import WireError
from problems.places import AUTHORED

PROVE_CPU_S = 30.0
CPU_S = 10.0
"""Of processor time for a proof's fragment, and for anything else."""
LIMITS = Limits(cpu_s=CPU_S, wall_s=60.0, memory_bytes=512 * 2**20, result_bytes=9 * 2**20)
WARNED_BEFORE_S = 1.0
"""How long before the end of its processor time code is told, so that it can say where it is."""
_ATTEMPTS = 2
_HEAD = struct.Struct("<cI")
_LONGEST = {b"S": 20, b"A": MAX_ANSWER}
"""The frames of grader/authoring/harness.py, and how many bytes each may have."""
_TRACEBACK = b"(most recent call first):"
_PLACE = re.compile(rb'File "([a-z]{1,20}\.py)", line (\d{1,6}) ')

Request = Mapping[str, Any]
Answer = dict[str, Any]


class AuthorsBox:
    """Runs requests about authors' files in a pool's sandbox; safe to share between threads."""

    def __init__(self, pool: Pool, limits: Limits = LIMITS) -> None:
        self._pool = pool
        self._limits = limits

    def ask(self, request: Request) -> Answer:
        """Return the answer to a request of `grader.authoring.inside`, checked.

        Whatever the author's files do is an answer, {"error": ...} at worst. Raises BoxError
        where the box itself fails twice, SandboxUnsafe where this machine can hold none.
        """
        for _ in range(_ATTEMPTS - 1):
            try:
                return self._ask(request)
            except BoxError:
                continue
        return self._ask(request)

    def _ask(self, request: Request) -> Answer:
        limits = self._limits_of(request)
        warned_s = limits.cpu_s - WARNED_BEFORE_S
        asking = _Asking(limits, {**request, "entropy": secrets.randbits(31), "warned_s": warned_s})
        with self._pool.zygote("authors") as zygote:
            run = asking.hold(zygote, warned_s)
        report = trusted_report(run)
        if run.stopped_for is None and asking.answer is not None:
            return _read(request, asking.answer)
        return _ending(run, report, limits, asking.seed)

    def _limits_of(self, request: Request) -> Limits:
        if request["do"] == "prove" and self._limits is LIMITS:
            return replace(LIMITS, cpu_s=PROVE_CPU_S)
        return self._limits


class _Asking(Exchange):
    """Sends one request; keeps the last seed that was named, and the one answer."""

    def __init__(self, limits: Limits, request: Request) -> None:
        payload = json.dumps(request).encode()
        super().__init__(limits, _HEAD.pack(b"Q", len(payload)) + payload)
        self._pending = bytearray()
        self.seed: int | None = None
        self.answer: bytes | None = None

    def _take(self, chunk: bytes) -> None:
        self._pending += chunk
        while len(self._pending) >= _HEAD.size:
            kind, length = _HEAD.unpack_from(self._pending)
            if self.answer is not None or length > _LONGEST.get(kind, -1):
                raise WireError("a frame is none of the harness's")
            if len(self._pending) < _HEAD.size + length:
                return
            payload = bytes(self._pending[_HEAD.size : _HEAD.size + length])
            del self._pending[: _HEAD.size + length]
            if kind == b"A":
                self.answer = payload
            elif payload.isdigit():
                self.seed = int(payload)
            else:
                raise WireError("a seed is no number")

    def _keep(self, chunk: bytes) -> None:
        # The end, where a child that runs out of time prints the line it is at.
        self._run.printed = (self._run.printed + chunk)[-self._limits.kept_bytes :]


def _read(request: Request, payload: bytes) -> Answer:
    try:
        return checked(request, payload)
    except Untrue as error:
        return _fault(f"What the files give is not what was asked for: {error}.")


def _ending(run: Run, report: Report, limits: Limits, seed: int | None) -> Answer:
    """Say to the author how a child ended that has not answered."""
    file = line = None
    if run.stopped_for == "output":
        said = f"The code printed more than {limits.flood_bytes // 2**20} MiB."
    elif run.stopped_for == "wire":
        said = "The code wrote to the channel that carries its answer."
    elif report.reason == "cpu":
        said = f"This takes more than {limits.cpu_s:g} s of processor time."
        file, line = _last_place(bytes(run.printed))
    elif report.reason == "wall":
        said = f"This was not done after {limits.wall_s:g} s: the code waits for something."
    elif report.reason == "memory":
        said = f"This takes more than {limits.memory_bytes // 2**20} MiB of memory."
    elif report.signal is not None:
        said = f"The code crashed the interpreter ({signal.strsignal(report.signal)})."
    else:
        said = f"The code ended its process with exit code {report.exit_code}."
    return _fault(said, file, line, seed)


def _fault(
    said: str, file: str | None = None, line: int | None = None, seed: int | None = None
) -> Answer:
    return {"error": {"message": said, "file": file, "line": line, "seed": seed}}


def _last_place(printed: bytes) -> tuple[str | None, int | None]:
    """Return the author's file and line of the traceback that was printed at the warning."""
    # The newest call comes first.
    newest = printed.rpartition(_TRACEBACK)[2] if _TRACEBACK in printed else b""
    for file, line in _PLACE.findall(newest):
        if file.decode() in AUTHORED:
            return file.decode(), int(line)
    return None, None
