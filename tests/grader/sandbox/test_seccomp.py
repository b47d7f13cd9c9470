"""The filter, run by a small interpreter of BPF: every argument check, on both architectures."""

import errno
import os
import struct

import pytest

from grader.sandbox import seccomp
from grader.sandbox.syscalls import ALLOWED, ARCHITECTURES, FILTERED

ALLOW, KILL = 0x7FFF0000, 0x80000000
REFUSE = 0x00050000 | errno.EPERM
NO_SUCH_CALL = 0x00050000 | errno.ENOSYS


def run(architecture, number, *arguments, audit=None):
    """Return what the filter answers to one call."""
    program = list(struct.iter_unpack("=HBBI", seccomp.build(architecture)))
    padded = (list(arguments) + [0] * 6)[:6]
    data = struct.pack("=IIQ6Q", number, audit or architecture.audit, 0, *padded)
    at = loaded = 0
    while True:
        code, jump_true, jump_false, k = program[at]
        at += 1
        if code == 0x20:
            (loaded,) = struct.unpack_from("=I", data, k)
        elif code == 0x06:
            return k
        else:
            holds = {0x15: loaded == k, 0x35: loaded >= k, 0x45: bool(loaded & k)}[code]
            at += jump_true if holds else jump_false


@pytest.fixture(params=ARCHITECTURES)
def architecture(request):
    return ARCHITECTURES[request.param]


def test_only_the_calls_on_the_list_pass(architecture):
    allowed = {pair[architecture.column] for pair in ALLOWED.values()}
    filtered = {pair[architecture.column] for pair in FILTERED.values()}
    for number in set(range(512)) - filtered:
        assert run(architecture, number) == (ALLOW if number in allowed else REFUSE), number


def test_another_architecture_and_the_x32_calls_are_killed(architecture):
    assert run(architecture, 0, audit=0x40000003) == KILL
    assert run(architecture, 0x40000000) == KILL


@pytest.mark.parametrize(
    ("name", "arguments", "answer"),
    [
        ("openat", (0, 0, os.O_RDONLY | os.O_CLOEXEC), ALLOW),
        ("openat", (0, 0, os.O_WRONLY), REFUSE),
        ("openat", (0, 0, os.O_RDWR), REFUSE),
        ("openat", (0, 0, os.O_RDONLY | os.O_CREAT), REFUSE),
        ("openat", (0, 0, os.O_RDONLY | os.O_TRUNC), REFUSE),
        ("openat", (0, 0, os.O_TMPFILE), REFUSE),
        ("fcntl", (3, 3), ALLOW),
        ("fcntl", (3, 0), REFUSE),
        ("fcntl", (3, 8), REFUSE),
        ("fcntl", (3, 1031), REFUSE),
        ("ioctl", (0, 0x5401), ALLOW),
        ("ioctl", (0, 0x5412), REFUSE),
        ("prlimit64", (0, 7, 0), ALLOW),
        ("prlimit64", (0, 7, 1), REFUSE),
        ("prlimit64", (0, 7, 1 << 32), REFUSE),
        ("clone3", (), NO_SUCH_CALL),
    ],
)
def test_a_filtered_call_passes_for_harmless_arguments_alone(architecture, name, arguments, answer):
    assert run(architecture, FILTERED[name][architecture.column], *arguments) == answer
