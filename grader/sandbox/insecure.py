"""No sandbox at all: for development on machines that are not Linux, where ours cannot be had.

Each job gets an interpreter of its own, with limits of processor time and memory where the platform
binds them, a clock, and its process group killed at the end. It can read, write and connect
whatever the developer can. The marker outside is the same, and so is what it believes: nothing.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path

from grader.core import BoxError, SandboxUnsafe, Warmth
from grader.sandbox import insecure_child, kernel
from grader.sandbox.supervisor import Descriptors, Job, Report

LAYER = "insecure-dev"
BANNER = "Graded without a sandbox, for development on this machine alone."

_CHILD = Path(insecure_child.__file__)
_HARNESS = _CHILD.parents[1] / "harness.py"
_AUTHORS = _CHILD.parents[1] / "authoring" / "harness.py"
_TICK_S = 0.02
_ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}


def refuse_on_linux() -> None:
    """Raise SandboxUnsafe where there is the real one."""
    if kernel.on_linux():
        raise SandboxUnsafe(
            "--insecure-dev: this machine has the sandbox; the option is for others. Leave it out."
        )


class PlainProcesses:
    """Stands in a zygote's place: starts a fresh interpreter for each job."""

    layers = (LAYER,)
    alive = True

    def __init__(self, warmth: Warmth) -> None:
        refuse_on_linux()
        self.warmth: Warmth = warmth
        self._watchers: list[threading.Thread] = []

    def submit(self, job: Job, descriptors: Descriptors) -> None:
        """Start a process; a thread watches it, and reports as the sandbox's supervisor does."""
        limits = (str(job.cpu_s), str(job.memory_bytes))
        for_authors = self.warmth == "authors"
        harness = _AUTHORS if for_authors else _HARNESS
        framework = "torch" if for_authors else self.warmth
        try:
            process = subprocess.Popen(
                [
                    *(sys.executable, "-I", str(_CHILD), str(harness)),
                    *(str(descriptors.data), framework, *limits),
                ],
                # Neither the site's secrets nor its database's address.
                env=_ONE_THREAD | {"LANG": "C.UTF-8"},
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=descriptors.output,
                stderr=descriptors.output,
                pass_fds=(descriptors.data,),
                start_new_session=True,
            )
        except OSError as error:
            raise BoxError(f"Python does not start: {error}.") from error
        # A copy: the caller closes its own.
        control = socket.socket(fileno=os.dup(descriptors.control))
        watcher = threading.Thread(target=_watch, args=(process, job, control), daemon=True)
        watcher.start()
        self._watchers = [thread for thread in self._watchers if thread.is_alive()] + [watcher]

    def close(self) -> None:
        """Wait for the processes; each ends by its clock at the latest, or with its job."""
        for watcher in self._watchers:
            watcher.join()


def _watch(process: subprocess.Popen[bytes], job: Job, control: socket.socket) -> None:
    started = time.monotonic()
    reason = "exited"
    with control:
        while not (ended := os.wait4(process.pid, os.WNOHANG))[0]:
            # Readable is closed at its other end: the marker has had enough, or is gone.
            if select.select([control], [], [], _TICK_S)[0]:
                reason = "stopped"
            elif time.monotonic() - started > job.wall_s:
                reason = "wall"
            if reason != "exited":
                os.killpg(process.pid, signal.SIGKILL)
                ended = os.wait4(process.pid, 0)
                break
        process.returncode = os.waitstatus_to_exitcode(ended[1])
        # What the code may have started besides.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        usage = ended[2]
        cpu_s = usage.ru_utime + usage.ru_stime
        killed_by = max(0, -process.returncode)
        if reason == "exited" and killed_by in (signal.SIGXCPU, signal.SIGKILL):
            reason = "cpu" if cpu_s > job.cpu_s else reason
        if process.returncode == insecure_child.NOT_STARTED:
            reason = "failed"
        report = Report(
            reason,
            exit_code=None if killed_by else process.returncode,
            signal=killed_by or None,
            cpu_s=cpu_s,
            wall_s=time.monotonic() - started,
            detail="Python or its packages did not start" if reason == "failed" else "",
        )
        with contextlib.suppress(OSError):
            control.send(json.dumps(asdict(report)).encode())
