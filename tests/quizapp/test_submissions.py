"""Handing in code, and seeing one's own alone."""

import threading

import pytest
from sqlalchemy import func, select

from quizapp.db.models import Job, Submission, User
from quizapp.errors import Invalid, NotFound
from quizapp.services import jobs, leases, submissions

SOURCE = b"def forget_gate():\r\n    return '\xff'\n"
TARGET = submissions.Target("lstm_forget_gate", 1)


@pytest.fixture
def users(database):
    """The ids of two students."""
    with database.write() as session:
        pair = [User(username=name, password_hash="-") for name in ("ada", "grace")]
        session.add_all(pair)
    return [user.id for user in pair]


def submit(database, user_id, key="k1", **changes):
    values = {"target": TARGET, "source": SOURCE}
    with database.write() as session:
        return submissions.submit(session, user_id, form_key=key, **(values | changes))


def status(database, user_id, submission):
    with database.read() as session:
        return submissions.status(session, user_id, submission.public_id)


def count(database, model):
    with database.read() as session:
        return session.scalars(select(func.count()).select_from(model)).one()


def test_a_submission_waits_with_its_bytes_its_version_and_a_secret_seed(database, users):
    submission = submit(database, users[0], target=submissions.Target("lstm_forget_gate", 7))
    found = status(database, users[0], submission)
    assert (found.state, found.position, found.grade) == ("queued", 1, None)
    assert found.submission.source == SOURCE
    job = found.submission.job
    assert (job.task_version, job.attempts, 0 <= job.seed < 2**63) == (7, 0, True)
    other = status(database, users[0], submit(database, users[0], key="k2")).submission.job
    assert other.seed != job.seed
    assert str(job.seed) not in repr((found, job))


def test_the_same_form_again_returns_the_first(database, users):
    first = submit(database, users[0])
    assert submit(database, users[0]).id == first.id
    assert submit(database, users[0], source=b"other").id != first.id  # a corrected file
    assert submit(database, users[1]).id != first.id  # a key is its user's own
    assert (count(database, Submission), count(database, Job)) == (3, 3)


def test_one_key_sent_many_times_at_once_is_one_submission(database, users):
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(submit(database, users[0]).id))
        for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 5
    assert len(set(found)) == 1
    assert count(database, Job) == 1


def test_a_submission_and_its_job_are_stored_together_or_not_at_all(database, users, monkeypatch):
    class QueueError(Exception):
        pass

    def broken(*_):
        raise QueueError

    monkeypatch.setattr(jobs, "enqueue", broken)
    with pytest.raises(QueueError):
        submit(database, users[0])
    assert count(database, Submission) == 0


@pytest.mark.parametrize("key", ["", "x" * 65, "a b", "\x00", "k\n", "é"])
def test_a_malformed_key_is_refused(database, users, key):
    with pytest.raises(Invalid, match="Reload"):
        submit(database, users[0], key=key)


def test_a_file_of_64_kib_is_taken_and_no_larger_one(database, users):
    submit(database, users[0], source=b"#" * 64 * 1024)
    with pytest.raises(Invalid, match="64 KiB"):
        submit(database, users[0], key="k2", source=b"#" * (64 * 1024 + 1))


def test_a_submission_needs_a_user(database, users):
    with pytest.raises(NotFound):
        submit(database, max(users) + 1)


def test_the_status_follows_the_job_to_its_grade(database, users):
    submission = submit(database, users[0])
    with database.write() as session:
        lease = jobs.claim(session)
    found = status(database, users[0], submission)
    assert (found.state, found.position, found.grade) == ("running", None, None)
    document = {"verdict": "accepted", "score": 1.0, "stdout": "\x00"}
    with database.write() as session:
        assert jobs.finish(session, lease, document, "w1")
    found = status(database, users[0], submission)
    assert (found.state, found.grade.verdict, found.grade.score) == ("done", "accepted", 1.0)
    assert (found.grade.document, found.grade.worker) == (document, "w1")


def test_the_status_of_a_dead_job_has_no_grade(database, users, monkeypatch):
    monkeypatch.setattr(leases, "MAX_CLAIMS", 1)
    submission = submit(database, users[0])
    with database.write() as session:
        assert jobs.fail(session, jobs.claim(session), "no box\x00")
    found = status(database, users[0], submission)
    assert (found.state, found.grade) == ("dead", None)


def test_positions_are_the_order_of_claims(database, users):
    sent = [submit(database, users[0], key=f"a{i}") for i in range(3)]
    sent += [submit(database, users[1], key="b")]
    exam = submit(database, users[1], key="exam", priority=jobs.EXAM)
    places = {item.id: status(database, item.user_id, item).position for item in [*sent, exam]}
    claimed = []
    for _ in places:
        with database.write() as session:
            claimed.append(jobs.claim(session).submission_id)
    assert claimed == sorted(places, key=places.get)
    assert sorted(places.values()) == [1, 2, 3, 4, 5]
    assert claimed[0] == exam.id


def test_another_users_submission_is_not_found(database, users):
    submission = submit(database, users[0])
    with pytest.raises(NotFound) as theirs:
        status(database, users[1], submission)
    with database.read() as session:
        for public_id in ("x" * 22, "", "\x00", "\ud800", "../x"):
            with pytest.raises(NotFound) as none:
                submissions.status(session, users[0], public_id)
            assert none.value.message == theirs.value.message


def test_ones_own_submissions_are_listed_newest_first(database, users):
    first = submit(database, users[0], key="k1")
    other = submit(database, users[0], key="k2", target=submissions.Target("conv", 1))
    last = submit(database, users[0], key="k3")
    submit(database, users[1])
    with database.read() as session:
        everything = submissions.own(session, users[0])
        of_task = submissions.own(session, users[0], "lstm_forget_gate")
        newest = submissions.own(session, users[0], limit=1)
    assert [item.id for item in everything] == [last.id, other.id, first.id]
    assert [item.id for item in of_task] == [last.id, first.id]
    assert [item.id for item in newest] == [last.id]
    assert (everything[0].job.state, everything[0].grade) == ("queued", None)
