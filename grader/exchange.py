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
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field

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
    return _Grading(limits, calls).hold(zygote)


def trusted_report(run: Run) -> Report:
    """Return the supervisor's report. Raise BoxError where the run proves nothing."""
    report = run.report
    if report is None or report.reason == "failed":
        detail = report.detail if report else "no report"
        raise BoxError(f"The box could not be set up: {detail}.")
    if report.reason == "starved":
        raise BoxError("The machine was too busy to run the code at all.")
    return report


class Exchange(ABC):
    """The event loop over the three descriptors of one job: held once, with one zygote.

    What is done with the bytes that come is for each kind of job to say.
    """

    def __init__(self, limits: Limits, opening: bytes) -> None:
        self._limits = limits
        self._unsent = memoryview(opening)
        self._all_given = False
        self._received = self._output_bytes = 0
        self._run = Run()

    @abstractmethod
    def _take(self, chunk: bytes) -> None:
        """Take bytes from the channel. Raise WireError where they are none of our harness."""

    @abstractmethod
    def _keep(self, chunk: bytes) -> None:
        """Keep what should be kept of printed text."""

    def hold(self, zygote: Zygote | PlainProcesses, warned_s: float | None = None) -> Run:
        """Run the job to its end. Raise BoxError where the box, not the code in it, failed."""
        limits = self._limits
        with contextlib.ExitStack() as stack:
            self._data, its_data = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
            # One report comes on it. Other systems than Linux have no packets in order.
            kind = socket.SOCK_SEQPACKET if kernel.on_linux() else socket.SOCK_STREAM
            self._control, its_control = socket.socketpair(socket.AF_UNIX, kind)
            self._printed, its_output = os.pipe()
            stack.enter_context(self._data)
            stack.enter_context(self._control)
            stack.callback(os.close, self._printed)
            with its_data, its_control, os.fdopen(its_output, "wb"):
                zygote.submit(
                    Job(limits.cpu_s, limits.wall_s, limits.memory_bytes, warned_s),
                    Descriptors(its_data.fileno(), its_control.fileno(), its_output),
                )
            self._selector = stack.enter_context(selectors.DefaultSelector())
            return self._serve()

    def _serve(self) -> Run:
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
            self._take_chunk()

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
            if self._all_given:
                # A child whose inputs a student has taken finds the end; it waits for no more.
                with contextlib.suppress(OSError):
                    self._data.shutdown(socket.SHUT_WR)

    def _take_chunk(self) -> None:
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
            self._take(chunk)
        except WireError:
            self._stop("wire")

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
        self._keep(chunk)
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


class _Grading(Exchange):
    """Sends the visible cases, and the hidden ones when those have been answered."""

    def __init__(self, limits: Limits, calls: Calls) -> None:
        super().__init__(limits, calls.opening)
        self._calls = calls
        self._reader = AnswerReader()

    def _take(self, chunk: bytes) -> None:
        for answer in self._reader.feed(chunk):
            self._admit(answer)

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
        self._all_given = True
        # A child that answers unasked may not have taken all of the opening yet.
        self._unsent = memoryview(bytes(self._unsent) + self._calls.hidden)
        both = selectors.EVENT_READ | selectors.EVENT_WRITE
        self._selector.modify(self._data, both, self._on_data)

    def _keep(self, chunk: bytes) -> None:
        if not self._all_given:
            room = self._limits.kept_bytes - len(self._run.printed)
            self._run.printed += chunk[: max(0, room)]
