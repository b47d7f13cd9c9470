"""Workers at the job table: ready when, how many a second, and how much memory a child takes.

Run `python -m benchmarks.queue`. Real workers, one a core, on an SQLite file; a submission counts
when its grade is stored. These are times by the clock: a machine with other work does less.
"""

from __future__ import annotations

import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import func, select

from benchmarks import peers
from benchmarks.problems import machine
from grader import catalog
from grader.core import Framework
from grader.marker import Grader
from quizapp.config import Settings
from quizapp.db import Database, upgrade
from quizapp.db.models import Grade, User
from quizapp.services import submissions

CORES = 2
ROUNDS = 3
BATCH: dict[Framework, int] = {"numpy": 200, "torch": 60}
READY_S: dict[Framework, float] = {"numpy": 3, "torch": 10}
PER_SECOND: dict[Framework, float] = {"numpy": 40, "torch": 15}
CHILD_MB = 4.0
# The last call is still under way while its memory is read.
LINGER = """
import time
_call, _calls = forget_gate, 0

def forget_gate(*arguments):
    global _calls
    _calls += 1
    result = _call(*arguments)
    if _calls == 10:
        time.sleep(2)
    return result
"""


def main() -> None:
    print(f"{machine()}; load {os.getloadavg()[0]:.1f} before\n", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"QUIZAPP_DATA": folder, "QUIZAPP_DATABASE_URL": ""}
        settings = Settings.from_environment()
        upgrade(settings.database_url)
        database = Database(settings.database_url)
        for framework, bar in READY_S.items():
            ready = [time_to_first_grade(database, framework) for _ in range(ROUNDS)]
            report(f"a worker's first grade, {framework}", statistics.median(ready), "s", most=bar)
        with workers(CORES):
            # More than one each: so that every worker has both zygotes.
            for framework in BATCH:
                graded_in(database, framework, 10 * CORES)
            rates: dict[Framework, list[float]] = {framework: [] for framework in BATCH}
            for _ in range(ROUNDS):
                for framework, size in BATCH.items():
                    rates[framework].append(size / graded_in(database, framework, size))
        for framework, rate in rates.items():
            bar = PER_SECOND[framework]
            report(f"{CORES} workers, {framework}", statistics.median(rate), "a second", least=bar)
        database.dispose()
    with Grader() as grader:
        for framework in BATCH:
            megabytes = private_megabytes(grader, framework)
            report(f"private memory of a child, {framework}", megabytes, "MB", most=CHILD_MB)


@contextmanager
def workers(number: int) -> Iterator[None]:
    """Run this many workers as processes of their own."""
    command = [sys.executable, "-m", "quizapp.worker"]
    running = [
        subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True)
        for _ in range(number)
    ]
    try:
        yield
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait()


def time_to_first_grade(database: Database, framework: Framework) -> float:
    """Return seconds from a worker's start, the samples of its self-test included."""
    due = graded(database) + 1
    hand_in(database, framework, 1)
    started = time.perf_counter()
    with workers(1):
        wait_for(database, due)
        return time.perf_counter() - started


def graded_in(database: Database, framework: Framework, number: int) -> float:
    """Return seconds from the moment that submissions are queued until all are graded."""
    due = graded(database) + number
    hand_in(database, framework, number)
    started = time.perf_counter()
    wait_for(database, due)
    return time.perf_counter() - started


def hand_in(database: Database, framework: Framework, number: int) -> None:
    task = catalog.task(peers.TASK)
    source = peers.SOURCES[framework].encode()
    with database.write() as session:
        name = secrets.token_hex(8)
        session.add(user := User(username=name, password_hash="-"))
        session.flush()
        for i in range(number):
            target = submissions.Target(task.slug, task.version)
            submissions.submit(session, user.id, target, source, str(i))


def graded(database: Database) -> int:
    with database.read() as session:
        return session.scalars(
            select(func.count(Grade.id)).where(Grade.verdict == "accepted")
        ).one()


def wait_for(database: Database, number: int) -> None:
    deadline = time.monotonic() + 120
    while graded(database) < number:
        if time.monotonic() > deadline:
            raise SystemExit("The workers have not graded everything within two minutes.")
        time.sleep(0.02)


def private_megabytes(grader: Grader, framework: Framework) -> float:
    """Return what a child has for itself alone, while it runs its tenth case."""
    source = (peers.SOURCES[framework] + LINGER).encode()
    task = catalog.task(peers.TASK)
    grader.grade(task, peers.SOURCES[framework].encode(), seed=0)
    before = set(descendants(os.getpid()))
    grading = threading.Thread(target=grader.grade, args=(task, source), kwargs={"seed": 1})
    grading.start()
    time.sleep(1)
    found = [private_bytes(pid) for pid in descendants(os.getpid()) if pid not in before]
    grading.join()
    # A supervisor and its child; of the two the child, which has run the code, has more.
    return max(found) / 1e6


def descendants(pid: int) -> list[int]:
    """Return the processes below a process."""
    lists = [task / "children" for task in Path(f"/proc/{pid}/task").iterdir()]
    own = [int(child) for file in lists for child in file.read_text().split()]
    return own + [pid for child in own for pid in descendants(child)]


def private_bytes(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return 1024 * sum(int(line.split()[1]) for line in lines if line.startswith("Private_"))


def report(
    name: str, value: float, unit: str, *, most: float | None = None, least: float | None = None
) -> None:
    word, bar = ("at most", most) if most is not None else ("at least", least)
    assert bar is not None
    met = value <= bar if most is not None else value >= bar
    print(
        f"{name:36}{value:8.2f} {unit:9} {word} {bar:g}: {'met' if met else 'MISSED'}", flush=True
    )


if __name__ == "__main__":
    main()
