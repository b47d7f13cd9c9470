"""The trusted end of a zygote: starts it, learns its layers, hands it jobs, ends it."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import tempfile
from dataclasses import asdict

from grader.core import BoxError, SandboxUnsafe, Warmth
from grader.sandbox import kernel, layers, outer
from grader.sandbox.supervisor import Descriptors, Job

_START_S = 120.0
"""A cold import of PyTorch on a busy machine."""
_END_S = 5.0
_MESSAGE = 4096
_ORDER = (
    layers.BUBBLEWRAP,
    layers.NAMESPACES,
    layers.RLIMITS,
    layers.LANDLOCK,
    layers.SECCOMP,
)


class Zygote:
    """A running fork server of one warmth. `layers` names what its children are under.

    Building one raises SandboxUnsafe where this machine cannot hold a box, and BoxError where it
    should have and did not. Build it in a thread that outlives it: the kernel ends the zygote
    with the thread that started it.
    """

    def __init__(self, warmth: Warmth) -> None:
        boxed = _can_box()
        self.warmth: Warmth = warmth
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the zygote)
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            start = (outer.boxed if boxed else outer.bare)(warmth, theirs.fileno())
            self._process = subprocess.Popen(
                start.command,
                env=start.environment,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=self._log,
                pass_fds=(theirs.fileno(),),
            )
        try:
            self.layers = self._await_start(start, boxed=boxed)
        except BaseException:
            self.close()
            raise

    def _await_start(self, start: outer.Start, *, boxed: bool) -> tuple[str, ...]:
        self._socket.settimeout(_START_S)
        self._socket.send(json.dumps(start.config).encode())
        available = set(json.loads(self._receive())["layers"])
        if boxed:
            available.add(layers.BUBBLEWRAP)
        require(available)
        self._receive()
        return tuple(name for name in _ORDER if name in available)

    def _receive(self) -> bytes:
        try:
            message = self._socket.recv(_MESSAGE)
        except OSError as error:
            raise BoxError(f"The sandbox did not start: {error}.") from error
        if not message:
            raise BoxError(f"The sandbox did not start: {self._last_words()}.")
        return message

    def _last_words(self) -> str:
        """Return the last line that the zygote wrote as it died."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_END_S)
        self._log.seek(0)
        lines = self._log.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing"

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def submit(self, job: Job, descriptors: Descriptors) -> None:
        """Hand over a job; the caller closes its own copies. Raise BoxError if the zygote died."""
        try:
            socket.send_fds(
                self._socket,
                [json.dumps(asdict(job)).encode()],
                [descriptors.data, descriptors.control, descriptors.output],
            )
        except OSError as error:
            raise BoxError(f"The sandbox does not take jobs: {error}.") from error

    def close(self) -> None:
        """End the zygote, and with it every child."""
        # It leaves on the end of its socket; what is hung is killed.
        self._socket.close()
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()


def require(available: set[str]) -> None:
    """Raise SandboxUnsafe unless these layers together close the box."""
    if layers.SECCOMP not in available:
        raise SandboxUnsafe("Code is not graded here: the kernel refuses seccomp filters.")
    if layers.RLIMITS not in available:
        raise SandboxUnsafe("Code is not graded here: resource limits do not bind.")
    mounts = {layers.BUBBLEWRAP, layers.NAMESPACES} <= available
    if layers.LANDLOCK not in available and not mounts:
        raise SandboxUnsafe(
            "Code is not graded here: neither Landlock nor namespaces close the file system."
        )


def _can_box() -> bool:
    """Say whether there is bubblewrap. Raise SandboxUnsafe where there is too little without."""
    if not kernel.on_linux():
        raise SandboxUnsafe(
            "Code is graded on Linux only: the sandbox is made of Linux's parts. "
            "--insecure-dev grades without it, for development on this machine alone."
        )
    if outer.bubblewrap_works():
        return True
    if os.geteuid() == 0:
        raise SandboxUnsafe(
            "Code is not graded here: without user namespaces it must not run as root. "
            "Run the worker as another user."
        )
    return False
