"""Kill -9 at any instant: nothing that was accepted is lost, nothing graded twice."""

import multiprocessing
import random
import time
from collections import Counter

import pytest
import victims
from sqlalchemy import func, select

from quizapp.db.models import Grade, Job, Submission, User

WORKERS = 2
KILLS_OF_WORKERS = 12
KILLS_OF_ENQUEUERS = 4
JOBS_OF_EACH = 25
DEADLINE_S = 60


@pytest.fixture(scope="session")
def processes():
    """Processes that start in milliseconds, forked from one that has imported everything."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["quizapp.worker"])
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


class Crowd:
    """Processes of one kind, each started again when it is killed."""

    def __init__(self, start, kinds):
        self.start = start
        self.kinds = kinds
        self.running = [start(*kind) for kind in kinds]

    def kill_one(self):
        index = random.randrange(len(self.running))
        self.running[index].kill()
        self.running[index].join()
        self.running[index] = self.start(*self.kinds[index])


def test_nothing_is_lost_and_nothing_graded_twice(database, start, tmp_path):
    with database.write() as session:
        users = [User(username=name, password_hash="-") for name in ("ada", "grace")]
        session.add_all(users)
    files = [tmp_path / user.username for user in users]
    keys = [[f"{user.username}-{i}" for i in range(JOBS_OF_EACH)] for user in users]
    for file in files:
        file.touch()
    enqueuers = Crowd(
        start,
        [
            (victims.hand_in, database.url, user.id, keys[i], str(files[i]))
            for i, user in enumerate(users)
        ],
    )
    workers = Crowd(start, [(victims.work, database.url, 0.2, 0.6)] * WORKERS)
    wait_until(lambda: states(database)["running"] == WORKERS)
    for kill in range(KILLS_OF_WORKERS):
        workers.kill_one()  # the first of them while all are grading
        time.sleep(random.uniform(0.05, 0.4))
        if kill < KILLS_OF_ENQUEUERS:
            time.sleep(random.uniform(0, 0.1))
            enqueuers.kill_one()
    for enqueuer in enqueuers.running:
        enqueuer.join(DEADLINE_S)
        assert enqueuer.exitcode == 0

    accepted = [key for file in files for key in file.read_text().split()]
    assert sorted(accepted) == sorted(key for mine in keys for key in mine)
    wait_until(lambda: states(database) == {"done": len(accepted)})
    with database.read() as session:
        rows = session.execute(
            select(Submission.source, Job, Grade).join(Submission.job).join(Submission.grade)
        ).all()
        assert session.scalars(select(func.count(Submission.id))).one() == len(accepted)
        assert session.scalars(select(func.count(Grade.id))).one() == len(accepted)
    assert Counter(source.decode() for source, _, _ in rows) == Counter(accepted)
    for source, job, grade in rows:
        assert (grade.document["seed"], grade.document["source"]) == (job.seed, source.decode())
    assert any(job.attempts > 1 for _, job, _ in rows), "no kill hit a job"


def states(database):
    with database.read() as session:
        return Counter(session.scalars(select(Job.state)))


def wait_until(condition):
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, f"not within {DEADLINE_S} s"
        time.sleep(0.05)


def test_a_long_job_is_given_back_when_its_worker_is_asked_to_stop(database, start):
    with database.write() as session:
        session.add(user := User(username="ada", password_hash="-"))
    with database.write() as session:
        victims.submissions.submit(session, user.id, "task", 1, b"", "k")
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
