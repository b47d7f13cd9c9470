"""The queue of work for the authors' box, on both databases."""

import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule
from sqlalchemy import select

from quizapp.db import Database
from quizapp.db.engine import now
from quizapp.db.models import Base, BoxJob, Course
from quizapp.errors import NotFound, TooMany
from quizapp.services import box_jobs, box_work, leases
from quizapp.services.box_work import BoxFailed, Slice


def course_in(database, slug="deep-learning"):
    with database.write() as session:
        course = Course(slug=slug, title=slug)
        session.add(course)
        session.flush()
        return course.id


def enqueue(database, course, kind="preview", request=None, total=1):
    with database.write() as session:
        return box_jobs.enqueue(session, course, kind, request or {}, total)


def claim(database):
    with database.write() as session:
        return box_jobs.claim(session)


def row(database, job):
    with database.read() as session:
        return session.get_one(BoxJob, job.id)


def hurry(database):
    """Make every queued job due now, and every running one overdue."""
    with database.write() as session:
        for job in session.scalars(select(BoxJob)):
            job.not_before = now(session)
            if job.lease_until is not None:
                job.lease_until = now(session) - timedelta(seconds=1)


def work(database, monkeypatch, slices):
    """Work with a handler that gives these slices in turn; return what the queue said each time."""
    steps = iter(slices)

    def handler(_database, _box, _job):
        step = next(steps)
        if isinstance(step, Exception):
            raise step
        return step

    monkeypatch.setitem(box_work.WORK, "preview", handler)
    found = []
    for _ in slices:
        found.append(box_work.work(database, None))
        hurry(database)
    return found


def test_a_preview_goes_before_a_draw_before_a_proof_before_a_regrade(database):
    course = course_in(database)
    for kind in ("regrade", "prove", "draw", "preview"):
        enqueue(database, course, kind)
    order = [claim(database).job.kind for _ in range(4)]
    assert order == ["preview", "draw", "prove", "regrade"]
    assert claim(database) is None


def test_a_slice_is_kept_and_the_job_waits_for_its_next(database):
    job = enqueue(database, course_in(database), total=2)
    lease = claim(database)
    with database.write() as session:
        assert box_jobs.keep(session, lease, 1, {"seen": 1}, finished=False)
    kept = row(database, job)
    assert (kept.state, kept.done, kept.result, kept.attempts) == ("queued", 1, {"seen": 1}, 0)
    lease = claim(database)
    assert lease.job.result == {"seen": 1}
    with database.write() as session:
        assert box_jobs.keep(session, lease, 2, {"seen": 2}, finished=True)
    assert row(database, job).state == "done"
    assert claim(database) is None


def test_who_lost_the_lease_keeps_nothing(database):
    job = enqueue(database, course_in(database))
    lost = claim(database)
    hurry(database)
    with database.write() as session:
        assert box_jobs.reap(session) == 1
    hurry(database)
    held = claim(database)
    with database.write() as session:
        assert not box_jobs.keep(session, lost, 1, {"from": "lost"}, finished=True)
        assert not box_jobs.fail(session, lost, "lost")
        assert not box_jobs.retry(session, lost)
        assert not box_jobs.heartbeat(session, lost)
        assert box_jobs.heartbeat(session, held)
    assert row(database, job).state == "running"


def test_another_course_does_not_find_a_job(database):
    mine, theirs = course_in(database, "mine"), course_in(database, "theirs")
    job = enqueue(database, mine)
    with database.read() as session:
        assert box_jobs.find(session, mine, job.public_id).id == job.id
        with pytest.raises(NotFound):
            box_jobs.find(session, theirs, job.public_id)


def test_work_does_the_slices_of_a_job_until_it_is_finished(database, monkeypatch):
    job = enqueue(database, course_in(database), total=3)
    slices = [Slice(n, {"n": n}, finished=n == 3) for n in (1, 2, 3)]
    assert work(database, monkeypatch, slices) == [True, True, True]
    assert not box_work.work(database, None)
    assert (row(database, job).state, row(database, job).result) == ("done", {"n": 3})


def test_three_claims_without_a_slice_end_in_a_sentence(database, monkeypatch):
    job = enqueue(database, course_in(database))
    assert work(database, monkeypatch, [BoxFailed("gone")] * 2) == [True, True]
    assert row(database, job).state == "queued"
    assert work(database, monkeypatch, [RuntimeError("ours")]) == [True]
    assert (row(database, job).state, row(database, job).error) == ("failed", box_jobs.STOPPED)


def test_a_kept_slice_gives_a_job_its_claims_anew(database, monkeypatch):
    job = enqueue(database, course_in(database))
    broken = [BoxFailed("gone")] * 2
    work(database, monkeypatch, [*broken, Slice(1, {}, finished=False), *broken])
    assert row(database, job).state == "queued"


def test_what_a_jobs_own_rows_make_impossible_ends_it_with_the_sentence(database, monkeypatch):
    job = enqueue(database, course_in(database))
    work(database, monkeypatch, [NotFound("The draft is gone.")])
    assert (row(database, job).state, row(database, job).error) == ("failed", "The draft is gone.")


def test_what_a_slice_stores_is_committed_with_it_or_not_at_all(database, monkeypatch):
    course = course_in(database)
    job = enqueue(database, course)

    def store(session):
        session.get_one(Course, course).title = "stored"
        raise NotFound("The draft is gone.")

    work(database, monkeypatch, [Slice(1, {"n": 1}, finished=True, store=store)])
    with database.read() as session:
        assert session.get_one(Course, course).title == "deep-learning"
    assert (row(database, job).state, row(database, job).result) == ("failed", {})


class BoxJobTable(RuleBasedStateMachine):
    """Any order of verbs: no lease outlives its job, no job ends in two ways, none is lost."""

    leases = Bundle("leases")

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.database = Database(f"sqlite:///{self.folder.name}/jobs.sqlite3")
        with self.database.write() as session:
            Base.metadata.create_all(session.connection())
        self.courses = [course_in(self.database, slug) for slug in ("nlp", "deep-learning")]
        self.served = dict.fromkeys(self.courses, 0)
        self.ended = {}

    def teardown(self):
        self.database.dispose()
        self.folder.cleanup()

    @rule(who=st.integers(0, 1), kind=st.sampled_from(list(box_jobs.PRIORITY)))
    def enqueue(self, who, kind):
        enqueue(self.database, self.courses[who], kind, total=3)

    @rule(target=leases)
    def claim(self):
        with self.database.write() as session:
            due = BoxJob.state == "queued", BoxJob.not_before <= now(session)
            waiting = set(session.scalars(select(BoxJob.course_id).where(*due)))
            lease = box_jobs.claim(session)
        assert lease or not waiting
        if lease:
            course = lease.job.course_id
            assert all(self.served[course] <= self.served[each] for each in waiting)
            self.served[course] = max(self.served.values()) + 1
        return lease

    @rule(lease=leases, done=st.integers(1, 3))
    def keep(self, lease, done):
        if lease:
            with self.database.write() as session:
                box_jobs.keep(session, lease, done, {"n": done}, finished=done == 3)

    @rule(lease=leases)
    def retry(self, lease):
        if lease:
            with self.database.write() as session:
                box_jobs.retry(session, lease)

    @rule(lease=leases)
    def fail(self, lease):
        if lease:
            with self.database.write() as session:
                box_jobs.fail(session, lease, "It cannot be.")

    @rule()
    def time_passes(self):
        hurry(self.database)
        with self.database.write() as session:
            box_jobs.reap(session)
        hurry(self.database)

    @invariant()
    def a_lease_belongs_to_a_running_job(self):
        with self.database.read() as session:
            for job in session.scalars(select(BoxJob)):
                assert (job.state == "running") == (job.lease_token is not None)
                assert (job.state == "failed") <= (job.error is not None)
                assert job.attempts <= leases.MAX_CLAIMS

    @invariant()
    def what_has_ended_stays_as_it_is(self):
        with self.database.read() as session:
            for job in session.scalars(select(BoxJob)):
                if job.state in ("done", "failed"):
                    assert self.ended.setdefault(job.id, job.state) == job.state
                else:
                    assert job.id not in self.ended


TestBoxJobTable = BoxJobTable.TestCase
TestBoxJobTable.settings = settings(
    max_examples=15,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def test_jobs_of_a_kind_take_turns_slice_by_slice(database):
    course = course_in(database)
    first = enqueue(database, course, "prove", total=2)
    second = enqueue(database, course, "prove", total=2)
    lease = claim(database)
    assert lease.job.id == first.id
    with database.write() as session:
        box_jobs.keep(session, lease, 1, {}, finished=False)
    assert claim(database).job.id == second.id


def test_courses_take_turns_however_much_one_of_them_asks(database):
    busy, other = course_in(database), course_in(database, "nlp")
    for kind in ("preview", "preview", "preview", "prove"):
        enqueue(database, busy, kind)
    assert claim(database).job.course_id == busy
    for kind in ("regrade", "draw"):
        enqueue(database, other, kind)
    order = [(lease.job.course_id, lease.job.kind) for lease in (claim(database) for _ in range(5))]
    assert order == [
        (other, "draw"),
        (busy, "preview"),
        (other, "regrade"),
        (busy, "preview"),
        (busy, "prove"),
    ]


def test_a_course_whose_slices_go_on_does_not_come_before_another(database):
    busy, other = course_in(database), course_in(database, "nlp")
    enqueue(database, busy, "preview", total=9)
    enqueue(database, busy, "preview", total=9)
    late = enqueue(database, other, "regrade")
    for _ in range(2):
        lease = claim(database)
        with database.write() as session:
            box_jobs.keep(session, lease, 1, {}, finished=False)
    assert row(database, late).done == 1


def test_two_workers_at_once_take_different_jobs(database):
    for slug in ("deep-learning", "nlp"):
        course = course_in(database, slug)
        for _ in range(4):
            enqueue(database, course)
    with ThreadPoolExecutor(4) as workers:
        leases = list(workers.map(lambda _: claim(database), range(8)))
    assert len({lease.job.id for lease in leases}) == 8


def test_a_course_has_so_many_jobs_of_a_kind_waiting_and_no_more(database, monkeypatch):
    monkeypatch.setitem(box_jobs.MAX_WAITING, "preview", 2)
    course, other = course_in(database), course_in(database, "nlp")
    for _ in range(2):
        enqueue(database, course)
    with pytest.raises(TooMany, match="2 previews of this course wait"):
        enqueue(database, course)
    enqueue(database, course, "draw")
    enqueue(database, other)
