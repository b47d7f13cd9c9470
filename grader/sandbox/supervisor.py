"""Watches one child: its clock, its processor time, its memory, and how it ends.

The zygote's first fork. It leaves for new namespaces, forks the child, and reports on a control
socket that the child does not hold. It never sees the submission.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

from grader.sandbox import kernel, layers
from grader.sandbox.layers import Box

PATIENCE = 6
"""How many wall limits may pass, waiting for a core included, before we give up on a child."""
_TICK_MS = 20
_PAGE = os.sysconf("SC_PAGE_SIZE")
_NANOSECONDS = 1e9


@dataclass(frozen=True)
class Job:
    """What one child may use: seconds of processor and of wall clock, and bytes.

    The wall clock stands still while the child is ready to run and has no core: a busy machine
    convicts nobody. With `warned_s` the child gets SIGXCPU after so many seconds of processor time,
    and SIGUSR1 just before it is killed for using them all up.
    """

    cpu_s: float
    wall_s: float
    memory_bytes: int
    warned_s: float | None = None


@dataclass(frozen=True)
class Descriptors:
    """What comes with a job: the child's channel, our control socket, the child's output."""

    data: int
    control: int
    output: int


@dataclass(frozen=True)
class Report:
    """How a child ended, as it goes over the control socket.

    `reason` says who ended it: itself ("exited", with `exit_code` or `signal`), or we, for "cpu",
    "wall", "memory", or because the marker asked ("stopped"); "starved" means that it got no core
    for too long, "failed" that the box could not be set up. `memory_bytes` is its peak beyond the
    zygote's own.
    """

    reason: str
    exit_code: int | None = None
    signal: int | None = None
    cpu_s: float = 0.0
    wall_s: float = 0.0
    memory_bytes: int = 0
    detail: str = ""


@dataclass(frozen=True)
class _Child:
    """A running child, its folder of /proc, and when and how large (in bytes) it was forked."""

    pid: int
    handle: int
    status: int
    proc: int
    started: float
    resident: int


def supervise(box: Box, job: Job, descriptors: Descriptors, serve: Callable[[int], None]) -> None:
    """Run `serve(channel)` in a boxed child, and send a report of how it ended."""
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    # The zygote ignores its dead; we wait for ours.
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    try:
        child = _start(box, job, descriptors, serve)
        report = _report(job, child, _watch(job, child, descriptors.control))
    except OSError as error:
        report = Report("failed", detail=str(error))
    with socket.socket(fileno=descriptors.control) as control:
        control.send(json.dumps(asdict(report)).encode())


def _start(box: Box, job: Job, descriptors: Descriptors, serve: Callable[[int], None]) -> _Child:
    # Opened before the child's mounts hide it, from us too.
    proc = os.open("/proc", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    if layers.NAMESPACES in box.available:
        layers.enter_namespaces(box.covered)
    status, its_status = os.pipe()
    started, resident = time.monotonic(), _resident(proc, "self/statm")
    pid = os.fork()
    if pid == 0:
        _be_child(box, job, descriptors, its_status, serve)
    handle = os.pidfd_open(pid)
    for descriptor in (its_status, descriptors.data, descriptors.output):
        os.close(descriptor)
    folder = os.open(str(pid), os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=proc)
    return _Child(pid, handle, status, folder, started, resident)


def _be_child(
    box: Box, job: Job, descriptors: Descriptors, status: int, serve: Callable[[int], None]
) -> None:
    """Never returns: no caller's `finally` may run here, nor any exit handler of a student."""
    code = 1
    try:
        output = descriptors.output
        wanted = {1: output, 2: output, layers.CHANNEL: descriptors.data, layers.STATUS: status}
        layers.enter_box(box, wanted, job.cpu_s, job.memory_bytes)
        serve(layers.CHANNEL)
        code = 0
    finally:
        os._exit(code)


def _watch(job: Job, child: _Child, control: int) -> str:
    """Wait for the end, and kill the child at a limit. Return the reason."""
    events = select.poll()
    events.register(child.handle, select.POLLIN)
    events.register(control, select.POLLIN)
    warned = job.warned_s is None
    while True:
        ready = {descriptor for descriptor, _ in events.poll(_TICK_MS)}
        if child.handle in ready:
            return "exited"
        used, waited = _processor(child)
        # Closed at its other end: the marker has had enough, or is gone.
        reason = "stopped" if control in ready else _limit_reached(job, child, used, waited)
        if reason is not None:
            if reason == "cpu" and job.warned_s is not None:
                signal.pidfd_send_signal(child.handle, signal.SIGUSR1)
                time.sleep(_TICK_MS / 1000)
            signal.pidfd_send_signal(child.handle, signal.SIGKILL)
            return reason
        if not warned and used > (job.warned_s or 0.0):
            signal.pidfd_send_signal(child.handle, signal.SIGXCPU)
            warned = True


def _limit_reached(job: Job, child: _Child, used: float, waited: float) -> str | None:
    """Name the limit that a child is past, if any, from its seconds on a core and without one."""
    elapsed = time.monotonic() - child.started
    if used > job.cpu_s:
        return "cpu"
    if _resident(child.proc, "statm") > child.resident + job.memory_bytes:
        return "memory"
    if elapsed - waited > job.wall_s:
        return "wall"
    if elapsed > PATIENCE * job.wall_s:
        return "starved"
    return None


def _report(job: Job, child: _Child, reason: str) -> Report:
    """Collect the child's end. It has ended, or has been sent SIGKILL."""
    _, status, usage = os.wait4(child.pid, 0)
    cpu_s = usage.ru_utime + usage.ru_stime
    killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    if reason == "exited" and killed and cpu_s > job.cpu_s:
        # RLIMIT_CPU was faster than our poll.
        reason = "cpu"
    report = Report(
        reason,
        exit_code=os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
        signal=os.WTERMSIG(status) if os.WIFSIGNALED(status) else None,
        cpu_s=cpu_s,
        wall_s=time.monotonic() - child.started,
        memory_bytes=max(0, usage.ru_maxrss * 1024 - child.resident),
    )
    said = os.read(child.status, 1000)
    if said != layers.READY:
        return replace(report, reason="failed", detail=said.decode("utf-8", "replace"))
    return report


def _processor(child: _Child) -> tuple[float, float]:
    """Return seconds on a core and seconds waiting for one; a child has one thread."""
    fields = _read(child.proc, "schedstat").split()
    if not fields:
        return 0.0, 0.0
    return int(fields[0]) / _NANOSECONDS, int(fields[1]) / _NANOSECONDS


def _resident(folder: int, name: str) -> int:
    fields = _read(folder, name).split()
    return int(fields[1]) * _PAGE if fields else 0


def _read(folder: int, name: str) -> bytes:
    """Read a file of /proc; empty when its process has just ended."""
    try:
        descriptor = os.open(name, os.O_RDONLY | os.O_CLOEXEC, dir_fd=folder)
        try:
            return os.read(descriptor, 1000)
        finally:
            os.close(descriptor)
    except OSError:
        return b""
