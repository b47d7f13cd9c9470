"""One job from the trusted side: its frames go in, and answers, prints and a report come out.

Nothing here waits on the box without a deadline, and nothing that it sends is kept without a cap.
What hidden cases print would give their inputs away. So their frames go in when every visible case
has been answered, and what is printed from then on is counted but not kept.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

from grader.core import BoxError, Limits
from grader.sandbox import kernel
from grader.sandbox.client import Zygote
from grader.sandbox.insecure import PlainProcesses
from grader.sandbox.supervisor import PATIENCE, Descriptors, Job, Report
from grader.wire import Answer, AnswerReader, WireError

_GRACE_S = 10.0
"""How long after its patience the supervisor may take to say so."""
_CHUNK = 2**16


@dataclass(frozen=True)
class Calls:
    """What is sent to the box: `opening`, with the visible cases, and then the `hidden` ones.

    `visible` of the `cases` are in the opening: at least one.
    """

    opening: bytes
    hidden: bytes
    visible: int
    cases: int


@dataclass
class Run:
    """What one job gave. `stopped_for` says why we ended it, if we did: "wire" or "output"."""

    answers: list[Answer] = field(default_factory=list)
    printed: bytearray = field(default_factory=bytearray)
    report: Report | None = None
    stopped_for: str | None = None


def run_job(zygote: Zygote | PlainProcesses, limits: Limits, calls: Calls) -> Run:
    """Run one job to its end. Raise BoxError where the box, not the student, failed."""
    with contextlib.ExitStack() as stack:
        data, its_data = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        # One report comes on it. Other systems than Linux have no packets in order.
        kind = socket.SOCK_SEQPACKET if kernel.on_linux() else socket.SOCK_STREAM
        control, its_control = socket.socketpair(socket.AF_UNIX, kind)
        printed, its_output = os.pipe()
        stack.enter_context(data)
        stack.enter_context(control)
        stack.callback(os.close, printed)
        with its_data, its_control, os.fdopen(its_output, "wb"):
            zygote.submit(
                Job(limits.cpu_s, limits.wall_s, limits.memory_bytes),
                Descriptors(its_data.fileno(), its_control.fileno(), its_output),
            )
        with _Exchange(data, control, printed, limits, calls) as exchange:
            return exchange.run()


class _Exchange:
    """The event loop over the three descriptors of one job."""

    def __init__(
        self,
        data: socket.socket,
        control: socket.socket,
        printed: int,
        limits: Limits,
        calls: Calls,
    ) -> None:
        self._data, self._control, self._printed = data, control, printed
        self._limits = limits
        self._calls = calls
        self._unsent = memoryview(calls.opening)
        self._hidden_due = False
        self._reader = AnswerReader()
        self._received = self._output_bytes = 0
        self._run = Run()
        self._selector = selectors.DefaultSelector()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._selector.close()

    def run(self) -> Run:
        """Serve the descriptors until the report is in and the child's own ends are closed."""
        for descriptor in (self._data.fileno(), self._control.fileno(), self._printed):
            os.set_blocking(descriptor, False)
        both = selectors.EVENT_READ | selectors.EVENT_WRITE
        self._selector.register(self._data, both, self._on_data)
        self._selector.register(self._control, selectors.EVENT_READ, self._on_control)
        self._selector.register(self._printed, selectors.EVENT_READ, self._on_printed)
        deadline = time.monotonic() + PATIENCE * self._limits.wall_s + _GRACE_S
        while self._selector.get_map():
            left = deadline - time.monotonic()
            if left <= 0:
                raise BoxError("The sandbox did not report in time.")
            for key, events in self._selector.select(left):
                handle: Callable[[int], None] = key.data
                handle(events)
        return self._run

    def _on_data(self, events: int) -> None:
        if events & selectors.EVENT_WRITE:
            self._send()
        if events & selectors.EVENT_READ:
            self._take_answers()

    def _send(self) -> None:
        try:
            self._unsent = self._unsent[self._data.send(self._unsent[:_CHUNK]) :]
        except BlockingIOError:
            return
        except OSError:
            # The child is gone; what it said before is still to be read.
            self._unsent = self._unsent[:0]
        if not self._unsent:
            self._selector.modify(self._data, selectors.EVENT_READ, self._on_data)
            if self._hidden_due:
                # A child whose inputs a student has taken finds the end; it waits for no more.
                with contextlib.suppress(OSError):
                    self._data.shutdown(socket.SHUT_WR)

    def _take_answers(self) -> None:
        chunk = self._receive(self._data)
        if chunk is None:
            return
        if not chunk:
            self._selector.unregister(self._data)
            return
        self._received += len(chunk)
        if self._run.stopped_for is not None:
            return
        if self._received > self._limits.result_bytes:
            self._stop("output")
            return
        try:
            for answer in self._reader.feed(chunk):
                self._admit(answer)
        except WireError:
            self._stop("wire")

    def _admit(self, answer: Answer) -> None:
        """Take answers in the order of their cases, none after the last, one if for the whole."""
        done = len(self._run.answers)
        if answer.index is None:
            in_place = done == 0
        else:
            in_place = answer.index == done < self._calls.cases
            in_place &= done == 0 or self._run.answers[0].index is not None
        if not in_place:
            raise WireError("an answer is out of place")
        self._run.answers.append(answer)
        if answer.index == self._calls.visible - 1:
            self._turn_to_hidden()

    def _turn_to_hidden(self) -> None:
        """Take what was printed before the last visible answer; send the hidden cases."""
        while self._run.stopped_for is None and self._take_printed():
            pass
        self._hidden_due = True
        # A child that answers unasked may not have taken all of the opening yet.
        self._unsent = memoryview(bytes(self._unsent) + self._calls.hidden)
        both = selectors.EVENT_READ | selectors.EVENT_WRITE
        self._selector.modify(self._data, both, self._on_data)

    def _on_control(self, _: int) -> None:
        message = self._receive(self._control)
        if message is None:
            return
        if not message:
            raise BoxError("The sandbox lost its supervisor.")
        self._run.report = Report(**json.loads(message))
        self._selector.unregister(self._control)

    def _on_printed(self, _: int) -> None:
        if self._take_printed() == b"":
            self._selector.unregister(self._printed)

    def _take_printed(self) -> bytes | None:
        """Count a chunk and keep what may be kept. None for nothing yet, empty for the end."""
        try:
            chunk = os.read(self._printed, _CHUNK)
        except BlockingIOError:
            return None
        self._output_bytes += len(chunk)
        if not self._hidden_due:
            room = self._limits.kept_bytes - len(self._run.printed)
            self._run.printed += chunk[: max(0, room)]
        if self._output_bytes > self._limits.flood_bytes:
            self._stop("output")
        return chunk

    def _stop(self, reason: str) -> None:
        """Have the supervisor kill the child; go on draining until it has."""
        if self._run.stopped_for is None:
            self._run.stopped_for = reason
            with contextlib.suppress(OSError):
                # Not a message: one left unread would reset the socket, and lose the report.
                self._control.shutdown(socket.SHUT_WR)

    @staticmethod
    def _receive(source: socket.socket) -> bytes | None:
        """Return what there is: None for nothing yet, empty for the end."""
        try:
            return source.recv(_CHUNK)
        except BlockingIOError:
            return None
        except ConnectionError:
            return b""
