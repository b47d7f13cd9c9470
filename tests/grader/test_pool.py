"""The pool with sandboxes that start and end when the test says so."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from grader import pool
from grader.core import BoxError
from grader.pool import Pool

SOON_S = 5.0


class FakeZygote:
    """Starts and closes once it is let."""

    def __init__(self, framework, gates):
        self.framework, self.gates = framework, gates
        self.layers = ("seccomp",)
        self.alive = True
        self.thread = threading.current_thread()
        gates.made.append(self)
        gates.starting[framework].set()
        assert gates.may_start[framework].wait(SOON_S)

    def close(self):
        self.gates.closing.set()
        assert self.gates.may_close.wait(SOON_S)
        self.alive = False


class Gates:
    """What holds fake sandboxes up; all stand open to begin with."""

    def __init__(self):
        self.made = []
        self.starting = {name: threading.Event() for name in ("numpy", "torch")}
        self.may_start = {name: threading.Event() for name in ("numpy", "torch")}
        self.closing, self.may_close = threading.Event(), threading.Event()
        for event in (*self.may_start.values(), self.may_close):
            event.set()


@pytest.fixture
def gates(monkeypatch):
    gates = Gates()
    monkeypatch.setattr(pool, "Zygote", lambda framework: FakeZygote(framework, gates))
    return gates


@pytest.fixture
def one_core(monkeypatch):
    monkeypatch.setattr(pool.os, "cpu_count", lambda: 1)


@pytest.fixture
def threads():
    with ThreadPoolExecutor(4) as threads:
        yield threads


def lend(shared, framework):
    with shared.zygote(framework) as zygote:
        return zygote


def test_a_slow_start_keeps_no_other_framework_waiting(gates, one_core, threads):
    shared = Pool()
    gates.may_start["torch"].clear()
    torch = threads.submit(lend, shared, "torch")
    assert gates.starting["torch"].wait(SOON_S)
    try:
        assert threads.submit(lend, shared, "numpy").result(SOON_S).framework == "numpy"
        assert threads.submit(lambda: shared.layers).result(SOON_S) == ("seccomp",)
        assert not torch.done()
    finally:
        gates.may_start["torch"].set()
    assert torch.result(SOON_S).framework == "torch"
    shared.close()


def test_those_who_want_one_framework_at_once_start_it_once(gates, threads):
    shared = Pool()
    gates.may_start["numpy"].clear()
    wanting = [threads.submit(lend, shared, "numpy") for _ in range(4)]
    assert gates.starting["numpy"].wait(SOON_S)
    gates.may_start["numpy"].set()
    assert {id(one.result(SOON_S)) for one in wanting} == {id(gates.made[0])}
    shared.close()


def test_an_end_that_hangs_keeps_no_job_waiting(gates, one_core, threads):
    shared = Pool()
    shared.start("numpy")
    shared.start("torch")
    gates.may_close.clear()

    def fail():
        with pytest.raises(BoxError), shared.zygote("torch"):
            raise BoxError("planted")

    failing = threads.submit(fail)
    assert gates.closing.wait(SOON_S)
    try:
        assert threads.submit(lend, shared, "numpy").result(SOON_S).framework == "numpy"
        assert threads.submit(lend, shared, "torch").result(SOON_S) is gates.made[2]
    finally:
        gates.may_close.set()
    failing.result(SOON_S)
    shared.close()
    assert not any(zygote.alive for zygote in gates.made)


def test_closing_waits_for_a_start_and_ends_what_it_gave(gates, threads):
    shared = Pool()
    gates.may_start["torch"].clear()
    starting = threads.submit(shared.start, "torch")
    assert gates.starting["torch"].wait(SOON_S)
    closing = threads.submit(shared.close)
    gates.may_start["torch"].set()
    starting.result(SOON_S)
    closing.result(SOON_S)
    assert not gates.made[0].alive


def test_a_sandbox_with_a_user_ends_after_the_last_of_them(gates, monkeypatch):
    monkeypatch.setattr(pool.os, "cpu_count", lambda: 2)
    shared = Pool()
    with shared.zygote("numpy") as kept:
        with pytest.raises(BoxError), shared.zygote("numpy"):
            raise BoxError("planted")
        assert kept.alive
    assert not kept.alive
    assert lend(shared, "numpy").alive
    shared.close()


def test_the_thread_that_started_a_sandbox_stays(gates, threads):
    shared = Pool()
    lend(shared, "numpy")
    lend(shared, "torch")
    assert all(zygote.thread.is_alive() for zygote in gates.made)
    shared.close()
