"""A grader worker: claims jobs, has them graded in the sandbox, stores the grades.

    python -m quizapp.worker

As many as wanted may run, on as many machines as see the database. No database lock is held
while code is graded, and no worker's death loses a job.
"""

import logging
import os
import random
import socket
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Protocol

from sqlalchemy.exc import DBAPIError

from grader.core import BoxError, SandboxUnsafe
from quizapp.config import Settings
from quizapp.db import Database, require_current
from quizapp.errors import ConfigError, QuizappError
from quizapp.services import box_jobs, box_work, exams, jobs, leases, sittings
from quizapp.services.box import Box, BoxFailed
from quizapp.services.heartbeat import Heartbeat
from quizapp.services.jobs import Lease
from quizapp.signals import EXIT_UNSAFE, Stop

log = logging.getLogger("quizapp.worker")

# slug, version, source, seed -> the verdict's document, with "verdict" and "score"
GradeFunction = Callable[[str, int, bytes, int], dict[str, Any]]

# slug, version, source, seed, the task's files
OwnGradeFunction = Callable[[str, int, bytes, int, dict[str, str]], dict[str, Any]]

POLL_S = 0.1
DATABASE_RETRY_S = 2.0


class Unsafe(QuizappError):
    """Code cannot be graded safely on this machine."""


class NotReady(QuizappError):
    """The grader does not start. It may at another try, which the supervisor makes."""


class CannotGrade(QuizappError):
    """This worker does not have the task, or not in the version that the job pins."""


class Worker:
    """Grades one job at a time until it is asked to stop; between them, does the box's work."""

    def __init__(
        self,
        database: Database,
        grade: GradeFunction,
        stop: Stop,
        box: Box | None = None,
        grade_own: OwnGradeFunction | None = None,
    ) -> None:
        self.database = database
        self.grade = grade
        self.box = box
        self.grade_own = grade_own
        self.stop = stop
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self.reap_at = 0.0

    def work(self, *, once: bool) -> None:
        """Grade what is queued; then wait for more, or return if this is to be done `once`."""
        while not self.stop.requested:
            try:
                found = self._work_on_next()
            except DBAPIError:
                # Whatever was in hand is taken back when its lease expires.
                log.exception("The database did not answer; trying again.")
                self._pause(DATABASE_RETRY_S)
                continue
            if found:
                continue
            if once:
                return
            self._pause(POLL_S)

    def _work_on_next(self) -> bool:
        self._reap_now_and_then()
        with self.database.read() as session:
            waiting = jobs.waiting(session)
        if not waiting:
            # Those who wait for a grade go before those who wait for a preview.
            return self.box is not None and box_work.work(self.database, self.box)
        with self.database.write() as session:
            lease = jobs.claim(session)
        if lease is None:
            return False
        with Heartbeat(lambda: self._beat(lease), _beat()):
            self._grade_and_store(lease)
        return True

    def _beat(self, lease: Lease) -> None:
        """Extend the lease. After a request to stop, give the job back and end the process.

        Whoever stops the service waits for a short job, not for a long one.
        """
        try:
            with self.database.write() as session:
                if self.stop.requested:
                    jobs.release(session, lease)
                else:
                    jobs.heartbeat(session, lease)
        finally:
            if self.stop.requested:
                os._exit(0)

    def _grade_and_store(self, lease: Lease) -> None:
        try:
            document = self._grade(lease)
        except (CannotGrade, BoxFailed) as error:
            self._fail(lease, error.message)
            return
        except Unsafe:
            with self.database.write() as session:
                jobs.release(session, lease)
            raise
        except Exception as error:
            # The grader itself broke: the job is tried again, and so is a fresh process.
            self._fail(lease, f"{type(error).__name__}: {error}")
            raise
        if document["verdict"] == "internal":
            self._fail(lease, str(document.get("message") or "The grader failed."))
            return
        with self.database.write() as session:
            kept = jobs.finish(session, lease, document, self.name)
        if not kept:
            log.warning("Job %d was taken over meanwhile; its grade is dropped.", lease.job_id)

    def _grade(self, lease: Lease) -> dict[str, Any]:
        if lease.files is None:
            return self.grade(lease.task, lease.task_version, lease.source, lease.seed)
        if self.grade_own is None:
            raise CannotGrade("This grader has no box for a course's own tasks.")
        slug = lease.task.rpartition("/")[2]
        return self.grade_own(slug, lease.task_version, lease.source, lease.seed, lease.files)

    def _fail(self, lease: Lease, reason: str) -> None:
        log.error("Job %d could not be graded: %s", lease.job_id, reason)
        with self.database.write() as session:
            jobs.fail(session, lease, reason)

    def _reap_now_and_then(self) -> None:
        if time.monotonic() < self.reap_at:
            return
        with self.database.write() as session:
            reaped = jobs.reap(session) + box_jobs.reap(session)
        if reaped:
            log.warning("%d jobs were taken back from graders that stopped.", reaped)
        exams.hand_in_overdue(self.database)
        sittings.hand_in_overdue(self.database)
        # Jitter: workers that started together should not reap together.
        self.reap_at = time.monotonic() + _beat().total_seconds() * random.uniform(0.5, 1.5)  # noqa: S311

    def _pause(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while not self.stop.requested and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, POLL_S))


def run(
    settings: Settings,
    *,
    once: bool = False,
    grade: GradeFunction | None = None,
    insecure_dev: bool = False,
) -> int:
    """Grade jobs until SIGTERM or SIGINT, or `once` until none is queued; return an exit code.

    `grade` takes the sandbox's place in tests. Where the sandbox is not safe this says so in
    one line, grades nothing, and returns 3; where it does not start or the database is not
    ready, 1. What the grader itself raises is raised, after its job has been put back.
    `insecure_dev` grades without the sandbox, and raises ConfigError in a production configuration.
    """
    if insecure_dev:
        settings.require_development()
    database = Database(settings.database_url)
    try:
        require_current(settings.database_url)
        with Stop() as stop:
            if grade is not None:
                Worker(database, grade, stop).work(once=once)
                return 0
            with _sandbox(insecure_dev=insecure_dev) as grading:
                bank, own, box = grading
                Worker(database, bank, stop, box, own).work(once=once)
    except Unsafe as error:
        log.critical("%s", _in_one_line(error))
        return EXIT_UNSAFE
    except (NotReady, ConfigError) as error:
        log.critical("The grader does not start: %s", _in_one_line(error))
        return 1
    finally:
        database.dispose()
    return 0


@contextmanager
def _sandbox(*, insecure_dev: bool) -> Iterator[tuple[GradeFunction, OwnGradeFunction, Box]]:
    """Yield the real grader, of the bank's tasks and a course's own, and the authors' box.

    That is once the hostile samples have found the box tight, if there is one.
    """
    from grader import catalog
    from grader.authoring.client import AuthorsBox
    from grader.authoring.grading import trial
    from grader.core import GraderError, UnknownTask
    from grader.marker import Grader
    from grader.pool import Pool
    from grader.sandbox.check import require_safe

    pool = Pool(insecure_dev=insecure_dev)
    with Grader(pool=pool) as grader:
        try:
            with ThreadPoolExecutor(1) as other:
                starting = other.submit(grader.start)
                catalog.tasks()  # they are imported here while the sandbox imports NumPy
                starting.result()
            if not insecure_dev:
                require_safe(grader)
            grader.start()  # warm before the first job, not in it
        except SandboxUnsafe as error:
            raise Unsafe(str(error)) from error
        except BoxError as error:
            raise NotReady(str(error)) from error

        def grade(slug: str, version: int, source: bytes, seed: int) -> dict[str, Any]:
            try:
                task = catalog.task(slug)
            except UnknownTask as error:
                raise CannotGrade(str(error)) from error
            if task.version != version:
                raise CannotGrade(
                    f"The submission is for version {version} of {slug}; "
                    f"this grader has version {task.version}."
                )
            try:
                return grader.grade(task, source, seed=seed).to_json()
            except SandboxUnsafe as error:
                raise Unsafe(str(error)) from error

        authors = AuthorsBox(pool)

        def grade_own(
            slug: str, version: int, source: bytes, seed: int, files: dict[str, str]
        ) -> dict[str, Any]:
            task = {"kind": "task", "slug": slug, "version": version, "files": files}
            try:
                found = trial(_cases(authors, task, seed))
            except GraderError as error:
                raise CannotGrade(str(error)) from error
            return grader.mark(
                found.task, lambda: found.cases, source, seed=seed, outcomes=found.outcomes
            ).to_json()

        yield grade, grade_own, _SandboxedBox(authors, grade, grade_own)


class _Asked(Protocol):
    """The authors' box itself, as grader.authoring.client has it."""

    def ask(self, request: dict[str, Any]) -> dict[str, Any]: ...


def _cases(box: _Asked, task: dict[str, Any], seed: int) -> dict[str, Any]:
    """Have the cases of a course's own task drawn where its code may run."""
    answer = _ask(box, {"do": "cases", "seed": seed, **task})
    if "error" in answer:
        raise CannotGrade(f"The task's own files failed: {answer['error']['message']}")
    return answer


def _ask(box: _Asked, request: dict[str, Any]) -> dict[str, Any]:
    """Have the authors' box answer a request. Raises BoxFailed."""
    try:
        return box.ask(request)
    except (BoxError, SandboxUnsafe) as error:
        raise BoxFailed(str(error)) from error


class _SandboxedBox:
    """The authors' box and the grader, whose failures are ours to the services."""

    def __init__(self, box: _Asked, grade_bank: GradeFunction, grade_own: OwnGradeFunction) -> None:
        self.box = box
        self.grade_bank = grade_bank
        self.grade_own = grade_own

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """Answer a request. Raises BoxFailed."""
        return _ask(self.box, request)

    def grade(
        self, slug: str, version: int, source: bytes, seed: int, files: dict[str, str] | None
    ) -> dict[str, Any]:
        """Return the verdict's document. Raises CannotGrade and BoxFailed."""
        try:
            if files is None:
                document = self.grade_bank(slug, version, source, seed)
            else:
                document = self.grade_own(slug, version, source, seed, files)
        except Unsafe as error:
            raise BoxFailed(error.message) from error
        if document["verdict"] == "internal":
            raise BoxFailed(str(document.get("message") or "The grader failed."))
        return document


def _in_one_line(error: Exception) -> str:
    return " ".join(str(error).split())


def _beat() -> timedelta:
    return leases.LEASE / 3


def main() -> int:
    """Run a worker with the settings of the environment."""
    logging.basicConfig(format="%(asctime)s %(name)s: %(message)s", level=logging.INFO)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        return run(Settings.from_environment(), insecure_dev="--insecure-dev" in sys.argv[1:])
    except QuizappError as error:
        log.critical("%s", error.message)
        return 1


if __name__ == "__main__":
    sys.exit(main())
