"""What a worker does with the authors' box: its own work, and the cases of a course's tasks."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from victims import settings_for

from quizapp import worker
from quizapp.db.engine import now
from quizapp.db.models import BoxJob, Course, Grade, Job, Problem, ProblemVersion, User
from quizapp.services import authoring, box_jobs, box_work, submissions
from quizapp.services.box import Slice
from quizapp.signals import Stop
from quizapp.worker import Worker


def test_between_two_jobs_the_authors_box_works_and_grading_goes_first(database):
    graded = []
    with database.write() as session:
        course = Course(slug="course", title="Course")
        session.add(course)
        session.flush()
        job = box_jobs.enqueue(session, course.id, "preview", {})
        session.add(user := User(username="ada", password_hash="-"))
        session.flush()
        target = submissions.Target("lstm_forget_gate", 1)
        submissions.submit(session, user.id, target, b"pass", "key")

    def work(database, box, job):
        graded.append("box")
        return Slice(1, box.ask({"do": "say"}), finished=True)

    class Box:
        def ask(self, request):
            return {"asked": request}

    def grade(*_):
        graded.append("grade")
        return {"verdict": "accepted", "score": 1.0}

    with pytest.MonkeyPatch.context() as patch, Stop() as stop:
        patch.setitem(box_work.WORK, "preview", work)
        Worker(database, grade, stop, Box()).work(once=True)
    assert graded == ["grade", "box"]
    with database.read() as session:
        assert session.get_one(BoxJob, job.id).result == {"asked": {"do": "say"}}


def test_a_job_of_the_box_whose_worker_died_is_taken_back(database):
    with database.write() as session:
        course = Course(slug="course", title="Course")
        session.add(course)
        session.flush()
        job = box_jobs.enqueue(session, course.id, "preview", {})
        lease = box_jobs.claim(session)
        lease.job.lease_until = now(session) - timedelta(seconds=1)
    worker.run(settings_for(database.url), once=True, grade=lambda *_: {})
    with database.read() as session:
        assert session.get_one(BoxJob, job.id).state == "queued"


def test_the_workers_own_box_previews_a_draft(sqlite_database):
    with sqlite_database.write() as session:
        course = Course(slug="course", title="Course")
        session.add(course)
        session.flush()
        kind, files = authoring.starting_files("family/lstm_params")
        problem = Problem(course_id=course.id, slug="mine", kind=kind)
        version = ProblemVersion(number=1, files=files, saved_by="ada")
        problem.versions.append(version)
        session.add(problem)
        session.flush()
        request = {"version_id": version.id, "revision": 1, "seeds": [1, 2]}
        job = box_jobs.enqueue(session, course.id, "preview", request)
    assert worker.run(settings_for(sqlite_database.url), once=True) == 0
    with sqlite_database.read() as session:
        found = session.get_one(BoxJob, job.id)
        assert (found.state, found.error) == ("done", None)
        assert [drawn["agrees"] for drawn in found.result["drawn"]] == [True, True]
        assert session.get_one(ProblemVersion, version.id).head["slug"] == "mine"


@pytest.mark.parametrize("broken", [False, True])
def test_a_courses_own_task_is_graded_over_cases_that_the_box_drew(sqlite_database, broken):
    with sqlite_database.write() as session:
        course = Course(slug="course", title="Course")
        user = User(username="ada", password_hash="-")
        session.add_all([course, user])
        session.flush()
        kind, files = authoring.starting_files("starter/task")
        if broken:
            files["task.py"] += "\nraise RuntimeError('planted')\n"
        version = ProblemVersion(number=4, files=files, saved_by="ada")
        problem = Problem(course_id=course.id, slug="mine", kind=kind, versions=[version])
        session.add(problem)
        session.flush()
        target = submissions.Target("course/mine", 4, version.id)
        source = (
            b"def mean_squared_error(prediction, target):\n    return ((prediction - target) ** 2)"
        )
        submissions.submit(session, user.id, target, source + b".mean()", "right")
        submissions.submit(session, user.id, target, source + b".sum()", "sum")
    assert worker.run(settings_for(sqlite_database.url), once=True) == 0
    with sqlite_database.read() as session:
        grades = session.scalars(select(Grade).order_by(Grade.id)).all()
        errors = session.scalars(select(Job.error)).all()
    if broken:
        assert grades == []
        assert "planted" in errors[0]
        return
    assert [(g.verdict, g.document["mistake"]) for g in grades] == [
        ("accepted", None),
        ("wrong", "sum"),
    ]
