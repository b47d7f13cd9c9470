"""Any order of what happens to jobs, drawn by hypothesis."""

import tempfile
from collections import Counter

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule
from job_queue import DOCUMENT, Queue
from sqlalchemy import func, select

from quizapp.db import Database
from quizapp.db.models import Base, Grade, Job, Submission
from quizapp.services import jobs, leases, regrade_queue


class JobTable(RuleBasedStateMachine):
    """Any order of verbs: nothing is lost, nothing graded twice, no lease outlives its job."""

    leases = Bundle("leases")

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.database = Database(f"sqlite:///{self.folder.name}/jobs.sqlite3")
        with self.database.write() as session:
            Base.metadata.create_all(session.connection())
        self.queue = Queue(self.database)
        self.users = [self.queue.user("ada"), self.queue.user("grace")]
        self.version = 1
        self.accepted = []
        self.finished = []

    def teardown(self):
        self.database.dispose()
        self.folder.cleanup()

    @rule(who=st.integers(0, 1), priority=st.sampled_from([jobs.EXAM, jobs.PRACTICE]))
    def submit(self, who, priority):
        self.accepted.append(self.queue.submit(self.users[who], priority))

    @rule(target=leases)
    def claim(self):
        return self.queue.claim()

    @rule(lease=leases)
    def finish(self, lease):
        if lease and self.queue.finish(lease, DOCUMENT, "w"):
            self.finished.append(lease.job_id)

    @rule(lease=leases)
    def fail(self, lease):
        if lease:
            self.queue.fail(lease, "broke")

    @rule(lease=consumes(leases))
    def release(self, lease):
        if lease:
            self.queue.release(lease)

    @rule(lease=leases)
    def heartbeat(self, lease):
        if lease:
            self.queue.heartbeat(lease)

    @rule(lease=leases)
    def expire(self, lease):
        if lease and self.queue.heartbeat(lease):  # it is still held
            self.queue.expire(lease)
            assert self.queue.reap() == 1

    @rule(data=st.data())
    def cancel(self, data):
        waiting = [job.id for job in self.queue.in_state("queued")]
        if waiting:
            self.queue.cancel(data.draw(st.sampled_from(waiting)))

    @rule()
    def regrade(self):
        self.version += 1
        regrade_queue.enqueue(self.database, "task", self.version)

    @rule()
    def wait(self):
        self.queue.skip_waits()

    @invariant()
    def nothing_is_lost_or_graded_twice(self):
        with self.database.read() as session:
            rows = session.scalars(select(Job)).all()
            stored = session.scalars(select(func.count(Submission.id))).one()
            grades = Counter(session.scalars(select(Grade.job_id)))
        assert {job.submission_id for job in rows} == set(self.accepted)
        assert stored == len(self.accepted)
        assert grades == Counter(self.finished)
        assert set(grades.values()) <= {1}
        still_open = [job.submission_id for job in rows if job.state in ("queued", "running")]
        assert len(still_open) == len(set(still_open))
        for job in rows:
            assert (job.state == "done") == (job.id in grades)
            assert (job.state == "running") == (job.lease_token is not None)
            assert (job.lease_token is None) == (job.lease_until is None)
            assert 0 <= job.attempts <= leases.MAX_CLAIMS
            if job.state == "dead":
                assert job.attempts == leases.MAX_CLAIMS
                assert job.error


TestJobTable = JobTable.TestCase
TestJobTable.settings = settings(
    max_examples=40,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
