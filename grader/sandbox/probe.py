"""Which layers work here, found by trying each in a process of its own, never from a version."""

from __future__ import annotations

import errno
import os
import platform
import resource
import socket
from collections.abc import Callable, Sequence

from grader.sandbox import kernel, landlock, layers, seccomp
from grader.sandbox.syscalls import SOCKET, this_architecture


def available_layers(
    readable: Sequence[str], listable: Sequence[str], covered: tuple[str, ...]
) -> frozenset[str]:
    """Return the names of the layers that a child can be put under on this machine.

    `readable` and `listable` are Landlock's, `covered` the folders that the child's mounts hide.
    """
    trials: dict[str, Callable[[], bool]] = {
        layers.NAMESPACES: lambda: _namespaces_hide(covered),
        layers.RLIMITS: _rlimits_bind,
        layers.LANDLOCK: lambda: _landlock_closes(readable, listable),
        layers.SECCOMP: _seccomp_refuses,
    }
    return frozenset(name for name, trial in trials.items() if _works(trial))


def _works(trial: Callable[[], bool]) -> bool:
    """Run a trial in a fork: a layer cannot be taken off again."""
    child = os.fork()
    if child == 0:
        worked = False
        try:
            worked = trial()
        finally:
            os._exit(0 if worked else 1)
    return os.waitpid(child, 0)[1] == 0


def _namespaces_hide(covered: tuple[str, ...]) -> bool:
    layers.enter_namespaces(covered)
    child = os.fork()
    if child == 0:
        os._exit(0 if os.getpid() == 1 and not any(map(_readable, covered)) else 1)
    return os.waitpid(child, 0)[1] == 0


def _rlimits_bind() -> bool:
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
    return not _readable("/")


def _landlock_closes(readable: Sequence[str], listable: Sequence[str]) -> bool:
    ruleset = landlock.create(readable, listable)
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    landlock.restrict(ruleset)
    return all(map(_readable, readable)) and not _readable("/")


def _seccomp_refuses() -> bool:
    architecture = this_architecture()
    if architecture is None:
        return False
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    seccomp.load(seccomp.build(architecture))
    try:
        kernel.syscall(SOCKET[platform.machine()], socket.AF_UNIX, socket.SOCK_STREAM, 0)
    except OSError as error:
        return error.errno == errno.EPERM
    return False


def _readable(path: str) -> bool:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        if os.path.isdir(path):  # noqa: PTH112 (pathlib is not loaded in the box)
            os.listdir(path)  # noqa: PTH208
        os.close(descriptor)
    except OSError:
        return False
    return True
