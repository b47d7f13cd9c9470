"""What a worker does with each kind of ending of a job."""

import logging
import os
import signal
import sys
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from types import ModuleType, SimpleNamespace

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from victims import settings_for

from grader.core import BoxError, SandboxUnsafe
from grader.sandbox import kernel
from quizapp import worker
from quizapp.db.models import Grade, Job, User
from quizapp.errors import ConfigError
from quizapp.services import jobs, leases, submissions

ACCEPTED = {"verdict": "accepted", "score": 1.0}


@pytest.fixture
def submit(database):
    """Queue a submission with the given source."""
    with database.write() as session:
        session.add(user := User(username="ada", password_hash="-"))

    def submit(source=b"pass", task="lstm_forget_gate", version=1):
        with database.write() as session:
            key = str(time.monotonic_ns())
            submissions.submit(session, user.id, submissions.Target(task, version), source, key)

    return submit


def run_once(database, grade=lambda *_: ACCEPTED):
    return worker.run(settings_for(database.url), once=True, grade=grade)


def said(caplog):
    return [r.getMessage() for r in caplog.records if r.name == "quizapp.worker"]


def stored(database, model):
    with database.read() as session:
        return session.scalars(select(model).order_by(model.id)).all()


def test_each_job_is_graded_with_what_it_pins(database, submit):
    calls = []

    def grade(*arguments):
        calls.append(arguments)
        return ACCEPTED | {"stdout": "\ud800"}

    submit(b"one", version=3)
    submit(b"two")
    assert run_once(database, grade) == 0
    seeds = [job.seed for job in stored(database, Job)]
    assert calls == [
        ("lstm_forget_gate", 3, b"one", seeds[0]),
        ("lstm_forget_gate", 1, b"two", seeds[1]),
    ]
    grades = stored(database, Grade)
    assert [grade.verdict for grade in grades] == ["accepted"] * 2
    assert str(os.getpid()) in grades[0].worker


@pytest.mark.parametrize("verdict", ["wrong", "error", "timeout", "crashed", "memory"])
def test_a_students_fault_is_a_grade_and_not_tried_again(database, submit, verdict):
    submit()
    run_once(database, lambda *_: {"verdict": verdict, "score": 0.25})
    [grade] = stored(database, Grade)
    assert (grade.verdict, grade.score) == (verdict, 0.25)
    assert [job.state for job in stored(database, Job)] == ["done"]


def test_an_internal_verdict_is_ours_and_tried_again(database, submit):
    submit()
    run_once(database, lambda *_: {"verdict": "internal", "score": 0, "message": "the box fell"})
    [job] = stored(database, Job)
    assert (job.state, job.attempts, job.error) == ("queued", 1, "the box fell")
    assert stored(database, Grade) == []


def test_a_grader_that_raises_puts_its_job_back_and_ends_the_worker(database, submit):
    def grade(*_):
        raise RuntimeError("zygote gone")

    submit()
    with pytest.raises(RuntimeError, match="zygote gone"):
        run_once(database, grade)
    [job] = stored(database, Job)
    assert (job.state, job.error) == ("queued", "RuntimeError: zygote gone")


def test_a_job_for_another_version_is_put_back_and_the_next_one_graded(database, submit):
    def grade(_slug, version, *_):
        if version == 2:
            raise worker.CannotGrade("not this version")
        return ACCEPTED

    submit(version=2)
    submit()
    run_once(database, grade)
    assert [(job.state, job.error) for job in stored(database, Job)] == [
        ("queued", "not this version"),
        ("done", None),
    ]


def test_the_heartbeat_keeps_a_long_job(database, submit, monkeypatch):
    monkeypatch.setattr(leases, "LEASE", timedelta(seconds=3))

    def grade(*_):
        for _ in range(9):
            time.sleep(0.5)
            with database.write() as session:
                assert jobs.reap(session) == 0
        return ACCEPTED

    submit()
    run_once(database, grade)
    assert [job.state for job in stored(database, Job)] == ["done"]


def test_a_grade_that_comes_after_the_lease_was_lost_is_dropped(database, submit, caplog):
    def grade(*_):
        with database.write() as session:
            [job] = session.scalars(select(Job))
            job.lease_token = "another's"
        return ACCEPTED

    submit()
    run_once(database, grade)
    assert stored(database, Grade) == []
    assert "dropped" in caplog.text


def test_a_worker_takes_back_what_dead_ones_held(database, submit):
    submit()
    with database.write() as session:
        jobs.claim(session)
        [job] = session.scalars(select(Job))
        job.lease_until -= timedelta(minutes=5)
        job.attempts = leases.MAX_CLAIMS
    run_once(database)
    assert [job.state for job in stored(database, Job)] == ["dead"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_request_to_stop_lets_the_job_in_hand_finish(database, submit, number):
    def grade(*_):
        os.kill(os.getpid(), number)
        time.sleep(0.05)
        return ACCEPTED

    submit()
    submit()
    before = signal.getsignal(number)
    assert worker.run(settings_for(database.url), grade=grade) == 0
    assert signal.getsignal(number) == before
    assert [job.state for job in stored(database, Job)] == ["done", "queued"]


def test_an_idle_worker_waits_and_stops_when_asked(database, submit):
    def grade(*_):
        os.kill(os.getpid(), signal.SIGTERM)
        return ACCEPTED

    times = []
    waiting = jobs.waiting

    def arrives_at_the_third_look(session):
        times.append(time.monotonic())
        if len(times) == 3:
            submit()
        return waiting(session)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jobs, "waiting", arrives_at_the_third_look)
        worker.run(settings_for(database.url), grade=grade)
    assert len(times) in {3, 4}
    assert times[2] - times[0] >= 2 * worker.POLL_S * 0.9


def test_a_database_that_does_not_answer_is_asked_again(database, submit, monkeypatch, caplog):
    monkeypatch.setattr(worker, "DATABASE_RETRY_S", 0.01)
    claim = jobs.claim
    failures = [OperationalError("SELECT", {}, Exception("server closed the connection"))] * 2

    def claim_at_the_third_time(session):
        if failures:
            raise failures.pop()
        return claim(session)

    monkeypatch.setattr(jobs, "claim", claim_at_the_third_time)
    submit()
    run_once(database)
    assert [job.state for job in stored(database, Job)] == ["done"]
    assert caplog.text.count("did not answer") == 2


class FakeGrader:
    """Stands where the real grader does."""

    def __init__(self, pool):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def start(self):
        self.started = True

    def grade(self, task, source, *, seed):
        assert self.started
        if source == b"box breaks":
            raise SandboxUnsafe("bubblewrap\nis gone")
        document = ACCEPTED | {"task": task.slug, "source": source.decode(), "seed": seed}
        return SimpleNamespace(to_json=lambda: document)


@contextmanager
def grader_modules(require_safe):
    with pytest.MonkeyPatch.context() as patch:
        for name, content in {
            "grader.marker": {"Grader": FakeGrader},
            "grader.sandbox.check": {"require_safe": require_safe},
        }.items():
            module = ModuleType(name)
            module.__dict__.update(content)
            patch.setitem(sys.modules, name, module)
        yield


def test_the_real_grader_is_asked_for_the_task_that_is_pinned(database, submit):
    submit(b"right", version=1)
    submit(version=99)
    submit(task="no_such_task")
    with grader_modules(require_safe=lambda _: None):
        assert worker.run(settings_for(database.url), once=True) == 0
    done, stale, unknown = stored(database, Job)
    [grade] = stored(database, Grade)
    assert grade.document["seed"] == done.seed
    assert (grade.document["task"], grade.document["source"]) == ("lstm_forget_gate", "right")
    assert "version 99" in stale.error
    assert "no_such_task" in unknown.error


def test_a_box_that_becomes_unsafe_costs_the_job_nothing(database, submit, caplog):
    submit(b"box breaks")
    with grader_modules(require_safe=lambda _: None):
        assert worker.run(settings_for(database.url), once=True) == worker.EXIT_UNSAFE
    assert "bubblewrap is gone" in caplog.text
    assert [(job.state, job.attempts) for job in stored(database, Job)] == [("queued", 0)]


def test_where_the_box_is_not_safe_nothing_is_graded_and_one_line_says_so(database, submit, caplog):
    def require_safe(_):
        raise SandboxUnsafe("No seccomp here.\nGrading is refused.")

    submit()
    with grader_modules(require_safe), caplog.at_level(logging.INFO):
        assert worker.run(settings_for(database.url)) == worker.EXIT_UNSAFE == 3
    assert said(caplog) == ["No seccomp here. Grading is refused."]
    assert [(job.state, job.attempts) for job in stored(database, Job)] == [("queued", 0)]


def test_a_check_that_fails_by_itself_is_worth_another_start(database, submit, caplog):
    def require_safe(_):
        raise BoxError("The sandbox did not start:\ntimed out.")

    submit()
    with grader_modules(require_safe), caplog.at_level(logging.INFO):
        assert worker.run(settings_for(database.url)) == 1
    assert said(caplog) == ["The grader does not start: The sandbox did not start: timed out."]
    assert [(job.state, job.attempts) for job in stored(database, Job)] == [("queued", 0)]


def test_a_sandbox_that_does_not_start_after_the_check_is_worth_another_start(
    database, monkeypatch, caplog
):
    def start(_):
        raise BoxError("No memory.")

    monkeypatch.setattr(FakeGrader, "start", start)
    with grader_modules(require_safe=lambda _: None):
        assert worker.run(settings_for(database.url)) == 1
    assert "The grader does not start: No memory." in caplog.text


def test_a_worker_without_a_sandbox_grades_elsewhere_and_refuses_here(
    sqlite_database, monkeypatch, caplog
):
    with sqlite_database.write() as session:
        session.add(user := User(username="ada", password_hash="-"))
        session.flush()
        target = submissions.Target("lstm_forget_gate", 1)
        submissions.submit(session, user.id, target, b"pass", "key")
    settings = settings_for(sqlite_database.url)
    assert worker.run(settings, once=True, insecure_dev=True) == worker.EXIT_UNSAFE
    assert "this machine has the sandbox" in caplog.text
    monkeypatch.setattr(kernel, "on_linux", lambda: False)
    assert worker.run(settings, once=True, insecure_dev=True) == 0
    [grade] = stored(sqlite_database, Grade)
    assert (grade.verdict, grade.document["layers"]) == ("missing", ["insecure-dev"])
    with pytest.raises(ConfigError, match="QUIZAPP_PROXIES"):
        worker.run(replace(settings, proxies=1), once=True, insecure_dev=True)


def test_a_database_that_was_never_upgraded_ends_the_worker_in_one_line(empty_url, caplog):
    with caplog.at_level(logging.INFO):
        assert worker.run(settings_for(empty_url), grade=lambda *_: ACCEPTED) == 1
    [message] = said(caplog)
    assert message.startswith("The grader does not start: ")
    assert message.endswith("Run: quizapp db upgrade")


def test_a_database_that_does_not_answer_at_the_start_ends_the_worker_in_one_line(caplog):
    url = "postgresql+psycopg://nobody@127.0.0.1:1/nothing"
    assert worker.run(settings_for(url), grade=lambda *_: ACCEPTED) == 1
    [message] = said(caplog)
    assert message.startswith("The grader does not start: The database")
    assert "\n" not in message
