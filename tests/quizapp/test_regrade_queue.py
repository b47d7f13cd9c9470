"""Regrades: new rows beside the old, the newest counts, and a rehearsal stores nothing."""

import json
from dataclasses import replace

import pytest
import quiz_rows
from sqlalchemy import func, select

from grader import catalog
from grader.core import Verdict
from grader.marker import Grader
from quizapp import cli
from quizapp.db.models import Grade, Job, User
from quizapp.services import jobs, regrade_queue, submissions

SLUG = "lstm_forget_gate"
TARGET = submissions.Target(SLUG, 1)
TASK = replace(catalog.task(SLUG), version=2)


@pytest.fixture
def ada(database):
    with database.write() as session:
        session.add(user := User(username="ada", password_hash="-"))
    return user.id


def hand_in(database, user_id, key, score=None, state="done"):
    """Store a submission for version 1, graded with a score, or dead, or taken back."""
    with database.write() as session:
        sent = submissions.submit(session, user_id, TARGET, key.encode(), key)
        job = session.get_one(Job, sent.job.id)
        if score is not None:
            grade_next(session, score)
        elif state != "queued":
            job.state = state
    return sent


def grade_next(session, score):
    verdict = "accepted" if score == 1 else "wrong"
    assert jobs.finish(session, jobs.claim(session), {"verdict": verdict, "score": score}, "w")


def status(database, sent):
    with database.read() as session:
        return submissions.status(session, sent.user_id, sent.public_id)


def best(database, user_id):
    with database.read() as session:
        return submissions.best_scores(session, user_id)


def test_what_answers_a_quiz_is_left_to_its_instructors(database):
    with database.write() as session:
        course = quiz_rows.add_course(session)
        grace = quiz_rows.add_person(session, course, "grace")
        quiz = quiz_rows.add_quiz(session, course)
        quiz_rows.add_item(quiz.sections[0], SLUG, kind="task")
        sitting = quiz_rows.add_sitting(session, quiz, grace)
        quiz_rows.add_submission(session, sitting.items[0], 0.5)
    with database.read() as session:
        assert regrade_queue.stale(session, SLUG, 2) == []
    assert regrade_queue.enqueue(database, SLUG, 2) == 0


def test_the_newest_grade_counts_and_the_old_one_stays(database, ada):
    sent = hand_in(database, ada, "a", score=1.0)
    assert regrade_queue.enqueue(database, SLUG, 2) == 1
    waiting = status(database, sent)
    assert (waiting.state, waiting.grade.score) == ("queued", 1.0)
    assert best(database, ada) == {SLUG: 1.0}  # until there is a newer
    with database.write() as session:
        grade_next(session, 0.5)
    found = status(database, sent)
    assert (found.state, found.grade.score) == ("done", 0.5)
    assert [grade.score for grade in found.earlier] == [1.0]
    assert best(database, ada) == {SLUG: 0.5}
    with database.read() as session:
        [listed] = submissions.own(session, ada)
        assert (listed.grade.score, listed.job.task_version) == (0.5, 2)


def test_of_several_submissions_the_best_counts_after_a_regrade_too(database, ada):
    for key, score in (("a", 1.0), ("b", 0.5)):
        hand_in(database, ada, key, score)
    regrade_queue.enqueue(database, SLUG, 2)
    with database.write() as session:
        grade_next(session, 0.25)
        grade_next(session, 0.75)
    assert best(database, ada) == {SLUG: 0.75}


def test_what_waits_was_taken_back_or_is_up_to_date_is_left_alone(database, ada):
    hand_in(database, ada, "graded", score=0.5)
    hand_in(database, ada, "dead", state="dead")
    hand_in(database, ada, "back", state="cancelled")
    hand_in(database, ada, "waits", state="queued")
    assert regrade_queue.enqueue(database, SLUG, 1) == 0
    assert regrade_queue.enqueue(database, "lstm_step", 2) == 0
    assert regrade_queue.enqueue(database, SLUG, 2) == 2
    assert regrade_queue.enqueue(database, SLUG, 2) == 0  # those are on their way


def test_many_are_queued_in_short_transactions(database, ada, monkeypatch):
    monkeypatch.setattr(regrade_queue, "AT_ONCE", 2)
    for number in range(5):
        hand_in(database, ada, f"k{number}", score=0.5)
    assert regrade_queue.enqueue(database, SLUG, 2) == 5


@pytest.fixture
def quizapp(sqlite_database, monkeypatch, capsys, tmp_path):
    """The command line on a database of its own, with a task of version 2, and no box."""
    monkeypatch.setenv("QUIZAPP_DATABASE_URL", sqlite_database.url)
    monkeypatch.setenv("QUIZAPP_DATA", str(tmp_path))
    monkeypatch.setattr(catalog, "task", lambda _: TASK)
    monkeypatch.setattr(Grader, "grade", lambda *_, **__: Verdict(TASK, "accepted", "Good."))

    def run(*words):
        assert cli.main(list(words)) == 0, capsys.readouterr().err
        return capsys.readouterr().out

    return run


@pytest.fixture
def filled(sqlite_database):
    with sqlite_database.write() as session:
        session.add(user := User(username="ada", password_hash="-"))
    return [
        hand_in(sqlite_database, user.id, "wrong", score=0.5),
        hand_in(sqlite_database, user.id, "dead", state="dead"),
    ]


def test_a_rehearsal_shows_each_before_and_after_and_stores_nothing(
    quizapp, filled, sqlite_database
):
    said = quizapp("task", "regrade", SLUG, "--dry-run")
    assert "wrong 50% -> accepted" in said
    assert "not graded -> accepted" in said
    assert "2 submissions would be graded anew; 2 grades would change." in said
    found = json.loads(quizapp("task", "regrade", SLUG, "--dry-run", "--json"))
    assert [row["before"]["verdict"] for row in found["submissions"]] == ["wrong", None]
    with sqlite_database.read() as session:
        assert session.scalars(select(func.count(Job.id))).one() == 2
        assert session.scalars(select(func.count(Grade.id))).one() == 1


def test_a_regrade_is_queued_from_the_command_line(quizapp, filled):
    found = json.loads(quizapp("task", "regrade", SLUG, "--json"))
    assert found == {"task": SLUG, "version": 2, "queued": 2}
    queued = json.loads(quizapp("job", "list", "--state", "queued", "--json"))
    assert [row["submission"] for row in queued] == [sent.public_id for sent in filled]
    assert {row["version"] for row in queued} == {2}


def test_an_operator_reads_why_jobs_are_dead_and_tries_them_again(
    quizapp, filled, sqlite_database, capsys
):
    with sqlite_database.write() as session:
        dead = jobs.in_state(session, "dead")[0]
        dead.error, dead.attempts = "The box fell.", 3
    said = quizapp("job", "list")
    assert f"{dead.id}" in said
    assert "3 attempts: The box fell." in said
    quizapp("job", "retry", str(dead.id))
    assert quizapp("job", "list") == ""
    quizapp("job", "cancel", str(dead.id))
    [row] = json.loads(quizapp("job", "list", "--state", "cancelled", "--json"))
    assert row["reason"] == "The box fell."
    assert cli.main(["job", "cancel", str(dead.id)]) == 2
    assert "can no longer be taken back" in capsys.readouterr().err
