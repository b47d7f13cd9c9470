"""The few calls into Linux that Python's standard library does not offer, by ctypes.

Each raises OSError where the kernel refuses. Numbers are from the kernel's UAPI headers.
"""

from __future__ import annotations

import ctypes
import os
import sys

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_RDONLY = 1
MS_NOSUID = 2
MS_NODEV = 4
MS_NOEXEC = 8

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_SECCOMP = 22
PR_CAPBSET_DROP = 24
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_CLEAR_ALL = 4

_CAPABILITY_VERSION_3 = 0x20080522
_CAPABILITIES = 64

# sys.platform is asked first, so that importing this elsewhere is an error only on use.
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def on_linux() -> bool:
    """Say whether this is Linux: the one place where the sandbox asks."""
    return sys.platform == "linux"


def _call(name: str, *arguments: int | bytes | ctypes.Array[ctypes.c_char] | None) -> int:
    """Call a function of libc; integers go as C longs, since variadic functions take no types."""
    assert _libc is not None, "the sandbox runs on Linux"  # noqa: S101 (checked at start)
    converted = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    function = getattr(_libc, name)
    # All others return a C int: read as a long, the -1 of a failure may be 4294967295.
    function.restype = ctypes.c_long if name == "syscall" else ctypes.c_int
    result = function(*converted)
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return result


def syscall(number: int, *arguments: int | bytes | ctypes.Array[ctypes.c_char] | None) -> int:
    """Make a system call that libc has no function for."""
    return _call("syscall", number, *arguments)


def prctl(option: int, *arguments: int) -> None:
    """Set an attribute of this process; missing arguments are zero."""
    _call("prctl", option, *arguments, *[0] * (4 - len(arguments)))


def unshare(flags: int) -> None:
    """Move this process into new namespaces."""
    _call("unshare", flags)


def mount(source: str, target: str, kind: str, flags: int, options: str) -> None:
    """Mount a file system."""
    _call("mount", source.encode(), target.encode(), kind.encode(), flags, options.encode())


def drop_capabilities() -> None:
    """Give up every capability, for this process and for anything it could execute."""
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    for capability in range(_CAPABILITIES):
        try:
            prctl(PR_CAPBSET_DROP, capability)
        except OSError:
            # EPERM: there was none to drop in the first place; EINVAL: past the kernel's last.
            break
    header = ctypes.create_string_buffer(
        _CAPABILITY_VERSION_3.to_bytes(4, sys.byteorder) + bytes(4), 8
    )
    none = ctypes.create_string_buffer(24)
    _call("capset", header, none)


def close_descriptors_from(first: int) -> None:
    """Close every descriptor from this one up."""
    os.closerange(first, 2**31 - 1)
