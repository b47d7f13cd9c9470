"""What `quizapp sandbox check` says where a layer is missing: the kernel made to refuse it.

A filter on the whole process tree answers the layer's calls as a kernel without them does; nothing
of ours is patched. As root and, where this Python can be read by others, as a user without rights.
"""

import errno
import functools
import json
import os
import platform
import struct
import subprocess
import sys

import pytest

from grader.sandbox import kernel, seccomp

RUN = "import sys; from quizapp.cli import main; sys.exit(main())"
NOBODY = 65534
ALL = ["bubblewrap", "namespaces", "rlimits", "landlock", "seccomp"]
COLUMN = {"x86_64": 0, "aarch64": 1}.get(platform.machine(), 0)
CLONE, UNSHARE = ((56, 220)[COLUMN], (272, 97)[COLUMN])
PRCTL, SECCOMP = ((157, 167)[COLUMN], (317, 277)[COLUMN])
CLONE3, LANDLOCK = 435, (444, 445, 446)


def when(number, *instructions):
    """Instructions for one call alone; the number is loaded before and after them."""
    block = [*instructions, seccomp._load(0)]
    return [(0x15, 0, len(block), number), *block]


def refused(number, error, argument=0, bits=0):
    """Have a call fail with this error: always, or where an argument has one of these bits."""
    answer = seccomp._return(seccomp._RET_ERRNO | error)
    if not bits:
        return when(number, answer)
    return when(number, seccomp._argument(argument), (0x45, 0, 1, bits), answer)


MISSING = {
    "nothing": [],
    "landlock": [line for call in LANDLOCK for line in refused(call, errno.ENOSYS)],
    "namespaces": [
        *refused(CLONE, errno.EPERM, bits=kernel.CLONE_NEWUSER | kernel.CLONE_NEWNS),
        *refused(UNSHARE, errno.EPERM),
        *refused(CLONE3, errno.ENOSYS),
    ],
    "seccomp": [
        *refused(SECCOMP, errno.ENOSYS),
        *when(PRCTL, seccomp._argument(0), (0x15, 0, 1, 22), seccomp._return(0x50000 | 22)),
    ],
}
MISSING["landlock and namespaces"] = MISSING["landlock"] + MISSING["namespaces"]


def enter(user, program):
    """Give up rights, and load the filter, in a child that is about to become Python."""
    if user is not None:
        os.setgroups([])
        os.setgid(user)
        os.setuid(user)
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    if program:
        seccomp.load(program)


def check(missing, user):
    lines = MISSING[missing]
    lines = [seccomp._load(0), *lines, seccomp._return(seccomp._RET_ALLOW)] if lines else []
    program = b"".join(struct.pack("=HBBI", *line) for line in lines)
    done = subprocess.run(
        [sys.executable, "-c", RUN, "sandbox", "check", "--json"],
        preexec_fn=functools.partial(enter, user, program),
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )
    assert done.stdout, done.stderr
    report = json.loads(done.stdout)
    assert (done.returncode == 0) is report["ok"]
    return report


@pytest.fixture(params=["as root", "without rights"])
def user(request):
    """Give the uid to change to, if any."""
    if request.param == "as root":
        if os.geteuid() != 0:
            pytest.skip("not root here")
        return None
    if os.geteuid() != 0:
        return None
    found = subprocess.run(
        [sys.executable, "-c", "import quizapp, numpy"],
        user=NOBODY,
        group=NOBODY,
        extra_groups=[],
        cwd="/",
        capture_output=True,
        check=False,
    )
    if found.returncode != 0:
        pytest.skip("others cannot read this Python")
    return NOBODY


def is_root(user):
    return user is None and os.geteuid() == 0


@pytest.mark.parametrize("missing", ["nothing", "landlock"])
def test_namespaces_make_a_box_with_landlock_or_without(user, missing):
    report = check(missing, user)
    assert report["ok"], report
    assert report["layers"] == [name for name in ALL if name != missing]


def test_without_namespaces_root_is_refused_and_others_have_the_rest(user):
    report = check("namespaces", user)
    if is_root(user):
        assert (report["ok"], report["layers"]) == (False, [])
        assert "must not run as root" in report["reason"]
    else:
        assert report["ok"], report
        assert report["layers"] == ["rlimits", "landlock", "seccomp"]


@pytest.mark.parametrize("missing", ["seccomp", "landlock and namespaces"])
def test_without_seccomp_or_any_closed_file_system_nothing_is_graded(user, missing):
    report = check(missing, user)
    assert (report["ok"], report["layers"], report["samples"]) == (False, [], [])
    said = "the kernel refuses seccomp filters"
    if missing != "seccomp":
        said = "must not run as root" if is_root(user) else "neither Landlock nor namespaces"
    assert said in report["reason"]
