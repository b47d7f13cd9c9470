"""Landlock: the child reads the interpreter and its libraries, and nothing else.

No write anywhere, no network, no signal or abstract socket that leaves the domain. What the
running kernel does not know yet (network before ABI 4, scopes before 6) it is not asked for.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Sequence

from grader.sandbox import kernel
from grader.sandbox.syscalls import (
    LANDLOCK_ADD_RULE,
    LANDLOCK_CREATE_RULESET,
    LANDLOCK_RESTRICT_SELF,
)

_CREATE_RULESET_VERSION = 1
_RULE_PATH_BENEATH = 1

_READ_FILE = 1 << 2
_READ_DIR = 1 << 3
_FS_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}  # ABI: how many rights on files it knows
_NET_ABI, _NET_RIGHTS = 4, 0b11  # bind and connect
_SCOPE_ABI, _SCOPES = 6, 0b11  # abstract sockets and signals


def create(readable: Sequence[str], listable: Sequence[str]) -> int:
    """Return the descriptor of a ruleset: what can be read, and what can only be listed.

    Both hold for what lies beneath a folder. Raise OSError where the kernel has no Landlock.
    """
    abi = kernel.syscall(LANDLOCK_CREATE_RULESET, None, 0, _CREATE_RULESET_VERSION)
    rights = (1 << _FS_RIGHTS[min(abi, max(_FS_RIGHTS))]) - 1
    network = _NET_RIGHTS if abi >= _NET_ABI else 0
    scopes = _SCOPES if abi >= _SCOPE_ABI else 0
    attributes = struct.pack("=QQQ", rights, network, scopes)
    # Older kernels take a shorter structure, and longer ones whose tail is zero.
    ruleset = kernel.syscall(LANDLOCK_CREATE_RULESET, attributes, len(attributes), 0)
    for path in readable:
        is_folder = os.path.isdir(path)  # noqa: PTH112 (pathlib is not needed in the box)
        _allow(ruleset, path, _READ_FILE | _READ_DIR if is_folder else _READ_FILE)
    for path in listable:
        _allow(ruleset, path, _READ_DIR)
    return ruleset


def _allow(ruleset: int, path: str, rights: int) -> None:
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = ctypes.create_string_buffer(struct.pack("=Qi", rights, descriptor), 12)
        kernel.syscall(LANDLOCK_ADD_RULE, ruleset, _RULE_PATH_BENEATH, rule, 0)
    finally:
        os.close(descriptor)


def restrict(ruleset: int) -> None:
    """Put this process under the ruleset; no_new_privs must be set."""
    kernel.syscall(LANDLOCK_RESTRICT_SELF, ruleset, 0)
