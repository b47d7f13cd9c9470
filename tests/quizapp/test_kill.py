"""Kill -9 at any instant: nothing that was accepted is lost, nothing graded twice."""

import multiprocessing
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
import victims
from http_student import Student
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from quizapp.db.models import Attempt, Grade, Job, Run, RunItem, Submission, User
from quizapp.services import submissions

TASK = "lstm_forget_gate"
SOURCE = """# {}
import numpy as np
def forget_gate(x, h_prev, W_f, U_f, b_f):
    return 1 / (1 + np.exp(-(x @ W_f.T + h_prev @ U_f.T + b_f)))
"""
STUDENTS = 5
SUBMISSIONS_OF_EACH = 100
PAUSE_S = 0.4  # between a student's submissions, at most: they go on while processes are killed
WORKERS = 2
LEASE_S = 1.0
BLOWS = ["worker"] * 12 + ["zygote"] * 12 + ["web"] * 6 + ["stop"] * 6
DEADLINE_S = 120


@pytest.fixture(scope="session")
def processes():
    """Processes that start in milliseconds, forked from one that has imported everything."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["quizapp.worker", "grader.marker"])
    return context


@pytest.fixture
def start(processes):
    """Start a function in a process; whatever still runs at the end is killed."""
    started = []

    def start(function, *arguments):
        process = processes.Process(target=function, args=arguments)
        process.start()
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.join()


@pytest.fixture
def site(database, tmp_path):
    """A served site on two web processes: its gunicorn, and the port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        number, port = listener.fileno(), listener.getsockname()[1]
        command = [sys.executable, "-m", "gunicorn", "-c", "python:quizapp.gunicorn_config"]
        environment = {"QUIZAPP_DATA": str(tmp_path), "QUIZAPP_DATABASE_URL": database.url}
        process = subprocess.Popen(
            [*command, "--workers", "2", "--bind", f"fd://{number}", "quizapp.wsgi:app"],
            env=os.environ | environment,
            pass_fds=[number],
        )
        yield process, port
        process.terminate()
        process.wait()


class Workers:
    """Graders, each started again when it has ended."""

    def __init__(self, start, url):
        self.start = lambda: start(victims.work_in_the_sandbox, url, LEASE_S)
        self.running = [self.start() for _ in range(WORKERS)]

    def kill_one(self):
        victim = random.choice(self.running)
        victim.kill()
        victim.join()
        self.revive()

    def kill_a_zygote(self):
        """Kill bubblewrap, its own child, or the zygote inside, wherever there is one."""
        first = children(random.choice(self.running).pid)
        second = [pid for parent in first for pid in children(parent)]
        third = [pid for parent in second for pid in children(parent)]
        kill_any(random.choice([first, second, third]))
        self.revive()

    def stop_one(self):
        """Stop a worker for longer than its lease, and let it go on as if nothing had been."""
        victim = random.choice(self.running)
        os.kill(victim.pid, signal.SIGSTOP)
        time.sleep(1.5 * LEASE_S)
        os.kill(victim.pid, signal.SIGCONT)

    def revive(self):
        self.running = [one if one.is_alive() else self.start() for one in self.running]


def children(pid):
    """Return the processes that a process has started, or none if it is gone."""
    try:
        lists = [task / "children" for task in Path(f"/proc/{pid}/task").iterdir()]
        return [int(child) for file in lists for child in file.read_text().split()]
    except OSError:
        return []


def kill_any(pids):
    if pids:
        with suppress(ProcessLookupError):
            os.kill(random.choice(pids), signal.SIGKILL)


def test_nothing_is_lost_and_nothing_graded_twice(database, start, site):
    """Five hundred submissions over HTTP, graded in real sandboxes, under three dozen blows."""
    gunicorn, port = site
    keys = [[f"{n}-{i}" for i in range(SUBMISSIONS_OF_EACH)] for n in range(STUDENTS)]
    students = [Student(port).sign_up(f"student-{n}") for n in range(STUDENTS)]
    workers = Workers(start, database.url)
    blows = {
        "worker": workers.kill_one,
        "zygote": workers.kill_a_zygote,
        "web": lambda: kill_any(children(gunicorn.pid)),
        "stop": workers.stop_one,
    }
    with ThreadPoolExecutor(STUDENTS) as threads:
        handing_in = [threads.submit(hand_in, *pair) for pair in zip(students, keys, strict=True)]
        wait_until(lambda: states(database)["done"])
        for blow in random.sample(BLOWS, len(BLOWS)):
            blows[blow]()
            time.sleep(random.uniform(0.1, 0.8))
        for done in handing_in:
            done.result()

    accepted = [key for mine in keys for key in mine]
    wait_until(lambda: states(database) == {"done": len(accepted)}, workers.revive)
    with database.read() as session:
        rows = session.execute(
            select(Submission.source, Job, Grade)
            .join(Job, Job.submission_id == Submission.id)
            .join(Grade, Grade.job_id == Job.id)
        ).all()
        counts = [
            session.scalars(select(func.count()).select_from(table)).one()
            for table in (Submission, Job, Grade)
        ]
    assert counts == [len(accepted)] * 3
    sources = Counter(source.decode() for source, _, _ in rows)
    assert sources == Counter(SOURCE.format(key) for key in accepted)
    assert Counter(grade.verdict for _, _, grade in rows) == {"accepted": len(accepted)}
    assert any(job.attempts > 1 for _, job, _ in rows), "no blow hit a job"


def hand_in(student, keys):
    for key in keys:
        student.hand_in(TASK, SOURCE.format(key), key)
        time.sleep(random.uniform(0, PAUSE_S))


def states(database):
    with database.read() as session:
        return Counter(session.scalars(select(Job.state)))


def wait_until(condition, meanwhile=lambda: None):
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, f"not within {DEADLINE_S} s"
        meanwhile()
        time.sleep(0.1)


def test_what_an_exam_has_saved_stays_saved_and_is_marked_once(database, site):
    gunicorn, port = site
    student = Student(port).sign_up("ada")
    form = {"topic": "metrics", "questions": "1", "minutes": "30", "key": "k"}
    assert student.post("/exams", form, page="/exams")[0] == 303
    run, item = exam_of(database)
    ends_at, address = run.ends_at, f"/exams/{run.public_id}"
    part = next(iter(item.variant.document["parts"]))
    for number in range(30):
        if number % 2:
            kill_any(children(gunicorn.pid))
        # Half of these arrive while a new process starts, and are sent again until answered.
        assert student.post(f"{address}/1", {part: str(number)}, page="/exams")[0] == 200
        assert exam_of(database)[1].responses == {part: str(number)}
    for _ in range(3):
        kill_any(children(gunicorn.pid))
        assert student.post(f"{address}/hand-in", {}, page="/exams")[0] == 303
    run, item = exam_of(database)
    assert run.ends_at == ends_at
    assert run.marked_at is not None
    with database.read() as session:
        assert [a.responses[part] for a in session.scalars(select(Attempt))] == ["29"]


def exam_of(database):
    with database.read() as session:
        run = session.scalars(select(Run)).one()
        return run, session.scalars(select(RunItem).options(joinedload(RunItem.variant))).one()


def test_a_long_job_is_given_back_when_its_worker_is_asked_to_stop(database, start):
    with database.write() as session:
        session.add(user := User(username="ada", password_hash="-"))
    with database.write() as session:
        submissions.submit(session, user.id, submissions.Target("task", 1), b"", "k")
    process = start(victims.work, database.url, 600, 3)
    wait_until(lambda: job_of(database).state == "running")
    process.terminate()
    process.join(10)
    assert process.exitcode == 0
    job = job_of(database)
    assert (job.state, job.attempts, job.lease_token) == ("queued", 0, None)


def job_of(database):
    with database.read() as session:
        return session.scalars(select(Job)).one()
