"""The layers that a child goes under between its fork and the first byte of student code."""

from __future__ import annotations

import fcntl
import math
import os
import resource
import signal
from dataclasses import dataclass

from grader.sandbox import kernel, landlock, seccomp

BUBBLEWRAP = "bubblewrap"
NAMESPACES = "namespaces"
RLIMITS = "rlimits"
LANDLOCK = "landlock"
SECCOMP = "seccomp"

CHANNEL = 3
"""The descriptor on which the child is given its work and gives its results."""

READY = b"ready"
"""What the child tells its supervisor when every layer is in force."""
STATUS = 4
"""The descriptor on which the child says so, closed before any student code."""

_RULESET = 5
_ABOVE_ALL = 64
_OPEN_FILES = 32
_NAMESPACES = (
    kernel.CLONE_NEWUSER
    | kernel.CLONE_NEWPID
    | kernel.CLONE_NEWNET
    | kernel.CLONE_NEWNS
    | kernel.CLONE_NEWIPC
    | kernel.CLONE_NEWUTS
)
_COVER_FLAGS = kernel.MS_RDONLY | kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC
_COVER_OPTIONS = "size=4k,nr_inodes=2,mode=0"


@dataclass(frozen=True)
class Box:
    """What a zygote prepares once for all its children.

    `available` names the layers that its probe saw work. `covered` are folders that the child's
    mount namespace hides. `ruleset` is Landlock's descriptor, `program` seccomp's filter.
    `address_space` is the zygote's own, in bytes.
    """

    available: frozenset[str]
    covered: tuple[str, ...]
    ruleset: int | None
    program: bytes
    address_space: int


def enter_namespaces(covered: tuple[str, ...]) -> None:
    """Leave the zygote's namespaces; the next fork is process 1 of its own.

    Covering /proc and the box's own code closes them even where there is no Landlock.
    """
    kernel.unshare(_NAMESPACES)
    for folder in covered:
        kernel.mount("none", folder, "tmpfs", _COVER_FLAGS, _COVER_OPTIONS)


def enter_box(box: Box, wanted: dict[int, int], cpu_s: float, memory_bytes: int) -> None:
    """Put this process, a fresh fork, under every layer. The order matters: seccomp is last.

    `wanted` says which descriptor is to be moved where: output to 1 and 2, CHANNEL and STATUS.
    What fails is written to STATUS; silence there means that the box is not closed.
    """
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    # A process group of its own: kill(0, ...) would reach the zygote through the namespace.
    os.setsid()
    _keep_only(wanted, box.ruleset)
    try:
        _default_signals()
        kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
        kernel.drop_capabilities()
        _set_limits(cpu_s, box.address_space + memory_bytes)
        if box.ruleset is not None:
            landlock.restrict(_RULESET)
            os.close(_RULESET)
        kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
        seccomp.load(box.program)
    except (OSError, ValueError) as error:
        os.write(STATUS, str(error).encode())
        raise
    os.write(STATUS, READY)
    os.close(STATUS)


def _keep_only(wanted: dict[int, int], ruleset: int | None) -> None:
    """Move descriptors to where they are wanted, and close all others but the input."""
    if ruleset is not None:
        wanted = wanted | {_RULESET: ruleset}
    # Copied out of the way first: a source may sit where another target goes.
    copies = {
        target: fcntl.fcntl(source, fcntl.F_DUPFD, _ABOVE_ALL) for target, source in wanted.items()
    }
    for target, copy in copies.items():
        os.dup2(copy, target)
    kernel.close_descriptors_from(max(wanted) + 1)


def _default_signals() -> None:
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_DFL)
    # A write to a closed pipe is an exception in Python, not a death.
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _set_limits(cpu_s: float, address_space: int) -> None:
    """Set what rlimits can bind; the supervisor watches the rest."""
    # A second later than the supervisor, for when that is starved. The hard limit is SIGKILL:
    # a student's handler can ignore the SIGXCPU of the soft one.
    processor = math.ceil(cpu_s) + 1
    limits = {
        resource.RLIMIT_AS: address_space,
        resource.RLIMIT_CPU: processor,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NPROC: 0,
        resource.RLIMIT_NOFILE: _OPEN_FILES,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_SIGPENDING: 0,
    }
    for limit, value in limits.items():
        resource.setrlimit(limit, (value, value))
