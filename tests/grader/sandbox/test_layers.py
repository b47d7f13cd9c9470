"""Each layer by itself, in a fork under no other: what it refuses, and what it lets be."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sysconfig
import time
from pathlib import Path

import pytest

from grader.sandbox import kernel, landlock, layers, outer, seccomp
from grader.sandbox.syscalls import this_architecture

PASSWORDS = Path("/etc/passwd")
NOBODY = 65534


def in_a_fork(attempts, enter=lambda: None):
    """Enter a layer in a fork, and there make the attempts; return by name which succeeded.

    An attempt succeeds unless it raises OSError or MemoryError, or returns False.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            enter()
            found = {name: _succeeds(attempt) for name, attempt in attempts.items()}
            os.write(writer, json.dumps(found).encode())
        os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    with os.fdopen(reader) as answer:
        return json.load(answer)


def _succeeds(attempt):
    try:
        return attempt() is not False
    except (OSError, MemoryError):
        return False


def fork():
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def connect_to(address):
    with socket.create_connection(address, timeout=1):
        pass


@pytest.fixture
def server():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()


@pytest.fixture
def bound(tmp_path, server):
    """What every layer is tried on, and every one of which succeeds without any."""
    attempts = {
        "read": PASSWORDS.read_bytes,
        "write": lambda: (tmp_path / "appeared.txt").write_text("x"),
        "connect": lambda: connect_to(server),
        "see": lambda: Path(f"/proc/{os.getppid()}/status").exists(),
        "signal": lambda: os.kill(os.getppid(), 0),
        "fork": fork,
        "memory": lambda: bytearray(2**30),
        "open": lambda: [os.open("/", os.O_RDONLY) for _ in range(100)],
        "own": lambda: "CapEff:\t0000000000000000" not in Path("/proc/self/status").read_text(),
    }
    assert all(in_a_fork({name: a for name, a in attempts.items() if name != "own"}).values())
    return attempts


def test_rlimits_alone_bound_memory_files_processes_and_what_is_written(bound):
    pages = int(Path("/proc/self/statm").read_text().split()[0])

    def enter():
        if os.geteuid() == 0:
            # RLIMIT_NPROC does not bind root; in the box nobody is.
            os.setuid(NOBODY)
        layers._set_limits(1.0, pages * os.sysconf("SC_PAGE_SIZE") + 64 * 2**20)

    found = in_a_fork({name: bound[name] for name in ("read", "memory", "open", "fork")}, enter)
    assert found == {"read": True, "memory": False, "open": False, "fork": False}


def test_rlimits_alone_end_a_loop_that_ignores_every_signal():
    child = os.fork()
    if child == 0:
        layers._set_limits(0.0, 2**40)
        for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
            with contextlib.suppress(OSError):
                signal.signal(number, signal.SIG_IGN)
        while True:
            pass
    _, status, usage = os.wait4(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    assert 0.5 < usage.ru_utime + usage.ru_stime < 2.0


def test_rlimits_alone_let_no_file_grow(tmp_path):
    def write():
        with (tmp_path / "appeared.txt").open("wb", buffering=0) as file:
            file.write(b"x")

    assert in_a_fork({"write": write}, lambda: layers._set_limits(1.0, 2**40)) == {"write": False}
    assert (tmp_path / "appeared.txt").stat().st_size == 0


def test_landlock_alone_closes_files_network_and_signals(bound):
    def enter():
        ruleset = landlock.create([sysconfig.get_path("stdlib")], [])
        kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
        landlock.restrict(ruleset)

    bound["library"] = lambda: Path(json.__file__).read_bytes()
    closed = {"read", "write", "open", "own"}
    abi = kernel.syscall(444, None, 0, 1)
    closed |= {"connect"} if abi >= 4 else set()
    closed |= {"signal"} if abi >= 6 else set()
    assert in_a_fork(bound, enter) == {name: name not in closed for name in bound}


def test_seccomp_alone_refuses_calls_and_leaves_files_to_be_read(bound):
    def enter():
        kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
        seccomp.load(seccomp.build(this_architecture()))

    bound |= {
        "exec": lambda: os.execv("/bin/true", ["true"]),
        "pipe": os.pipe,
        "trace": lambda: kernel._call("ptrace", 0, 0, 0, 0),
        "unshare": lambda: kernel.unshare(kernel.CLONE_NEWUSER),
        "lift": lambda: kernel.prctl(kernel.PR_SET_DUMPABLE, 1),
    }
    left = {"read", "see", "memory", "open"} | ({"own"} if os.geteuid() == 0 else set())
    assert in_a_fork(bound, enter) == {name: name in left for name in bound}


def test_namespaces_alone_hide_processes_network_and_what_they_cover(bound):
    if not _unprivileged_namespaces():
        pytest.skip("no user namespaces here")

    def attempts_of_process_1():
        attempts = {name: bound[name] for name in ("read", "connect", "see")}
        attempts |= {
            "number": lambda: os.getpid() == 1,
            "listed": lambda: any(Path("/proc").iterdir()),
            "others": lambda: os.kill(2, 0),
            "name": lambda: socket.sethostname("other"),
        }
        return in_a_fork(attempts)

    reader, writer = os.pipe()
    name = socket.gethostname()
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            layers.enter_namespaces(("/proc",))
            os.write(writer, json.dumps(attempts_of_process_1()).encode())
        os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    with os.fdopen(reader) as answer:
        found = json.load(answer)
    own = {"read": True, "number": True, "name": True}
    assert found == own | dict.fromkeys(("connect", "see", "listed", "others"), False)
    assert socket.gethostname() == name


def _unprivileged_namespaces():
    return in_a_fork({"unshare": lambda: kernel.unshare(layers._NAMESPACES)})["unshare"]


def test_capabilities_once_dropped_are_gone(bound):
    if os.geteuid() != 0:
        pytest.skip("there are none to drop")
    attempts = {"own": bound["own"], "name": lambda: socket.sethostname(socket.gethostname())}
    assert in_a_fork(attempts, kernel.drop_capabilities) == {"own": False, "name": False}


def test_bubblewrap_alone_has_no_files_network_or_environment_of_the_machine(server, monkeypatch):
    if not outer.bubblewrap_works():
        pytest.skip("no bubblewrap here")
    monkeypatch.setenv("SECRET", "x")
    project = Path(outer.__file__)
    command = outer.boxed("numpy", 9).command
    code = f"""
import os, socket
def tried(attempt):
    try: return attempt() is not False
    except OSError: return False
print([name for name, attempt in {{
    'passwords': lambda: open('/etc/passwd'),
    'project': lambda: open({str(project)!r}),
    'write': lambda: open('/appeared.txt', 'w'),
    'temporary': lambda: os.mkdir('/tmp'),
    'connect': lambda: socket.create_connection({server!r}, timeout=1),
    'processes': lambda: os.kill({os.getpid()}, 0),
    'environment': lambda: 'SECRET' in os.environ,
    'user': lambda: os.getuid() == 1000,
    'library': lambda: open(os.__file__),
}}.items() if tried(attempt)])
"""
    found = subprocess.run(
        [*command[: command.index("-c") + 1], code], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "['user', 'library']"


def test_a_process_under_a_layer_dies_with_its_parent():
    """The parent-death signal, without which a killed worker leaves children behind."""
    reader, writer = os.pipe()
    parent = os.fork()
    if parent == 0:
        if os.fork() == 0:
            kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
            os.write(writer, b"%d" % os.getpid())
        time.sleep(60)
        os._exit(0)
    child = int(os.read(reader, 20))
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    deadline = time.monotonic() + 5
    while _runs(child) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not _runs(child)
    os.close(reader)
    os.close(writer)


def _runs(process):
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_refusal_of_the_kernel_is_never_taken_for_success():
    for refused in (
        lambda: kernel.prctl(9999),
        lambda: kernel.unshare(1),
        lambda: kernel.mount("none", "/nowhere", "tmpfs", 0, ""),
        lambda: kernel.syscall(9999),
    ):
        with pytest.raises(OSError, match=r"Invalid|No such|not implemented|not permitted"):
            refused()
