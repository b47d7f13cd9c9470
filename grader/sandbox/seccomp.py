"""The last layer: a seccomp filter that lets through a short list of system calls.

A filter is a classic BPF program over (call number, architecture, arguments). A call that is not
on the list fails with EPERM, so that Python raises an ordinary exception; another architecture's
call kills the process.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct

from grader.sandbox import kernel
from grader.sandbox.syscalls import FILTERED, Architecture, allowed_numbers

_SECCOMP_MODE_FILTER = 2
_RET_KILL_PROCESS = 0x80000000
_RET_ERRNO = 0x00050000
_RET_ALLOW = 0x7FFF0000

_LOAD_WORD = 0x20  # BPF_LD | BPF_W | BPF_ABS
_JUMP_EQUAL = 0x15  # BPF_JMP | BPF_JEQ | BPF_K
_JUMP_AT_LEAST = 0x35  # BPF_JMP | BPF_JGE | BPF_K
_JUMP_ANY_BIT = 0x45  # BPF_JMP | BPF_JSET | BPF_K
_RETURN = 0x06  # BPF_RET | BPF_K

_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
_X32_BIT = 0x40000000

# openat may read: nothing that writes, creates, truncates or makes a temporary file.
_O_TMPFILE = 0o20000000
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND | _O_TMPFILE
_FCNTL_ALLOWED = (1, 2, 3)  # F_GETFD, F_SETFD, F_GETFL
_IOCTL_ALLOWED = (0x5401, 0x5450, 0x5451)  # TCGETS (isatty), FIONCLEX, FIOCLEX

_Instruction = tuple[int, int, int, int]


def build(architecture: Architecture) -> bytes:
    """Return the filter for this architecture as the kernel reads it."""
    program: list[_Instruction] = [
        _load(_ARCHITECTURE),
        (_JUMP_EQUAL, 1, 0, architecture.audit),
        _return(_RET_KILL_PROCESS),
        _load(_NUMBER),
        (_JUMP_AT_LEAST, 0, 1, _X32_BIT),
        _return(_RET_KILL_PROCESS),
    ]
    for name, checks in _filtered().items():
        # The number is still loaded here; each block either returns or is jumped over.
        program += [(_JUMP_EQUAL, 0, len(checks), FILTERED[name][architecture.column]), *checks]
    for number in allowed_numbers(architecture):
        program += [(_JUMP_EQUAL, 0, 1, number), _return(_RET_ALLOW)]
    program.append(_return(_RET_ERRNO | errno.EPERM))
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in program)


def load(program: bytes) -> None:
    """Put this process under the filter; no_new_privs must be set. Nothing can lift it again."""
    instructions = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("@HP", len(program) // 8, ctypes.addressof(instructions))
    pointer = ctypes.create_string_buffer(header, len(header))
    kernel.prctl(kernel.PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(pointer))


def _filtered() -> dict[str, list[_Instruction]]:
    refused = _return(_RET_ERRNO | errno.EPERM)
    allowed = _return(_RET_ALLOW)
    return {
        "openat": [_argument(2), (_JUMP_ANY_BIT, 0, 1, _WRITING), refused, allowed],
        "fcntl": _one_of(1, _FCNTL_ALLOWED),
        "ioctl": _one_of(1, _IOCTL_ALLOWED),
        # To read limits only: the pointer to new ones must be null, in both its halves.
        "prlimit64": [
            _argument(2),
            (_JUMP_EQUAL, 0, 3, 0),
            _argument(2, high=True),
            (_JUMP_EQUAL, 0, 1, 0),
            allowed,
            refused,
        ],
        # ENOSYS sends libc on to clone, which is not on the list.
        "clone3": [_return(_RET_ERRNO | errno.ENOSYS)],
    }


def _one_of(argument: int, values: tuple[int, ...]) -> list[_Instruction]:
    checks: list[_Instruction] = [_argument(argument)]
    for value in values:
        checks += [(_JUMP_EQUAL, 0, 1, value), _return(_RET_ALLOW)]
    return [*checks, _return(_RET_ERRNO | errno.EPERM)]


def _load(offset: int) -> _Instruction:
    return (_LOAD_WORD, 0, 0, offset)


def _argument(index: int, *, high: bool = False) -> _Instruction:
    """Load one half of an argument; both architectures are little-endian."""
    return _load(_ARGUMENTS + 8 * index + 4 * high)


def _return(action: int) -> _Instruction:
    return (_RETURN, 0, 0, action)
