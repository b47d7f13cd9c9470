"""System call numbers, x86-64 and aarch64, and the list of those that student code may make.

Some sixty calls suffice for NumPy and PyTorch: forward, backward, LSTM, convolution, linear
algebra. What is not here is refused: no clone, exec, socket, kill, ptrace, memfd, io_uring, mount,
bpf, keyring, nor anything that a later kernel adds.
"""

from __future__ import annotations

import platform
from dataclasses import dataclass

AUDIT_ARCH_X86_64 = 0xC000003E
AUDIT_ARCH_AARCH64 = 0xC00000B7


@dataclass(frozen=True)
class Architecture:
    """One machine type: what seccomp calls it, and its column of the table."""

    audit: int
    column: int


ARCHITECTURES = {
    "x86_64": Architecture(AUDIT_ARCH_X86_64, 0),
    "aarch64": Architecture(AUDIT_ARCH_AARCH64, 1),
}

# The calls that end a process or answer about it, time, memory, files already opened.
# name: (x86-64, aarch64); None where an architecture has no such call.
ALLOWED: dict[str, tuple[int | None, int | None]] = {
    # reading what Landlock lets be opened (openat is filtered by its flags, below)
    "read": (0, 63),
    "readv": (19, 65),
    "pread64": (17, 67),
    "write": (1, 64),
    "writev": (20, 66),
    "close": (3, 57),
    "lseek": (8, 62),
    "dup": (32, 23),
    "stat": (4, None),
    "lstat": (6, None),
    "fstat": (5, 80),
    "newfstatat": (262, 79),
    "statx": (332, 291),
    "access": (21, None),
    "faccessat": (269, 48),
    "faccessat2": (439, 439),
    "readlink": (89, None),
    "readlinkat": (267, 78),
    "getdents64": (217, 61),
    "getcwd": (79, 17),
    # memory
    "brk": (12, 214),
    "mmap": (9, 222),
    "munmap": (11, 215),
    "mremap": (25, 216),
    "mprotect": (10, 226),
    "madvise": (28, 233),
    "mincore": (27, 232),
    # time
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "clock_nanosleep": (230, 115),
    "gettimeofday": (96, 169),
    "nanosleep": (35, 101),
    "times": (100, 153),
    # signals to oneself
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "sigaltstack": (131, 132),
    "restart_syscall": (219, 128),
    # waiting and scheduling
    "futex": (202, 98),
    "sched_yield": (24, 124),
    "sched_getaffinity": (204, 123),
    # who and where one is
    "getpid": (39, 172),
    "getppid": (110, 173),
    "gettid": (186, 178),
    "getuid": (102, 174),
    "geteuid": (107, 175),
    "getgid": (104, 176),
    "getegid": (108, 177),
    "getrlimit": (97, 163),
    "getrusage": (98, 165),
    "sysinfo": (99, 179),
    "uname": (63, 160),
    "getrandom": (318, 278),
    # the end
    "exit": (60, 93),
    "exit_group": (231, 94),
}

# Allowed for some arguments only: seccomp.py says which.
FILTERED: dict[str, tuple[int, int]] = {
    "openat": (257, 56),
    "fcntl": (72, 25),
    "ioctl": (16, 29),
    "prlimit64": (302, 261),
    "clone3": (435, 435),
}

# Made by the box itself before the filter is loaded; the same on both architectures.
LANDLOCK_CREATE_RULESET = 444
LANDLOCK_ADD_RULE = 445
LANDLOCK_RESTRICT_SELF = 446

# Calls that the box tries, to see that they are refused.
SOCKET = {"x86_64": 41, "aarch64": 198}


def this_architecture() -> Architecture | None:
    """Return this machine's architecture, or None where there is no table for it."""
    return ARCHITECTURES.get(platform.machine())


def allowed_numbers(architecture: Architecture) -> list[int]:
    """Return the numbers that may be called whatever their arguments."""
    numbers = (pair[architecture.column] for pair in ALLOWED.values())
    return sorted(number for number in numbers if number is not None)
