"""The verbs of the job table, as the tests of the queue say them."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update

from quizapp.db.models import Grade, Job, User
from quizapp.services import jobs, submissions

DOCUMENT = {"verdict": "accepted", "score": 1.0}


class Queue:
    """The verbs, each in a transaction of its own."""

    def __init__(self, database):
        self.database = database
        self.sent = 0

    def __getattr__(self, verb):
        def call(*arguments):
            with self.database.write() as session:
                return getattr(jobs, verb)(session, *arguments)

        return call

    def user(self, username):
        with self.database.write() as session:
            user = User(username=username, password_hash="-")
            session.add(user)
        return user.id

    def submit(self, user_id, priority=jobs.PRACTICE):
        self.sent += 1
        with self.database.write() as session:
            target = submissions.Target("task", 1)
            return submissions.submit(session, user_id, target, b"", f"k{self.sent}", priority).id

    def job(self, submission_id):
        with self.database.read() as session:
            return session.scalars(select(Job).where(Job.submission_id == submission_id)).one()

    def grades(self):
        with self.database.read() as session:
            return Counter(session.scalars(select(Grade.submission_id)))

    def expire(self, lease):
        past = datetime.now(UTC) - timedelta(seconds=1)
        with self.database.write() as session:
            session.execute(update(Job).where(Job.id == lease.job_id).values(lease_until=past))

    def skip_waits(self):
        past = datetime.now(UTC) - timedelta(seconds=1)
        with self.database.write() as session:
            session.execute(update(Job).values(not_before=past))
