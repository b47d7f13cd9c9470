"""The queue: fair, and each submission graded once whatever happens to its workers."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from job_queue import DOCUMENT, Queue
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from quizapp.db.models import Submission
from quizapp.errors import Conflict
from quizapp.services import jobs, leases, regrade_queue


@pytest.fixture
def queue(database):
    return Queue(database)


@pytest.fixture
def ada(queue):
    return queue.user("ada")


def test_an_empty_queue_gives_nothing(queue):
    assert queue.claim() is None
    assert not queue.waiting()
    assert queue.reap() == 0


def test_a_claim_takes_a_job_once(queue, ada):
    sent = queue.submit(ada)
    assert queue.waiting()
    lease = queue.claim()
    assert (lease.submission_id, lease.task, lease.task_version) == (sent, "task", 1)
    assert lease.seed == queue.job(sent).seed
    assert str(lease.seed) not in repr(lease)
    assert lease.token not in repr(lease)
    assert not queue.waiting()
    assert queue.claim() is None


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite has one writer
def test_a_job_that_another_claim_holds_is_skipped_and_not_waited_for(database, queue, ada):
    sent = [queue.submit(ada), queue.submit(ada)]
    with database.write() as one, database.write() as two:
        claims = [jobs.claim(one), jobs.claim(two)]
    assert [lease.submission_id for lease in claims] == sent


def test_finish_stores_the_grade_once(queue, ada):
    sent = queue.submit(ada)
    lease = queue.claim()
    assert queue.finish(lease, DOCUMENT, "w1")
    assert not queue.finish(lease, DOCUMENT, "w1")
    job = queue.job(sent)
    assert (job.state, job.lease_token, job.lease_until, job.error) == ("done", None, None, None)
    assert queue.grades() == {sent: 1}


def test_a_grade_that_cannot_be_stored_leaves_the_job_running(queue, ada):
    sent = queue.submit(ada)
    lease = queue.claim()
    with pytest.raises(Exception, match="JSON"):
        queue.finish(lease, DOCUMENT | {"detail": float("nan")}, "w1")
    assert queue.job(sent).state == "running"
    assert queue.finish(lease, DOCUMENT, "w1")


def test_a_worker_that_lost_its_lease_can_change_nothing(queue, ada):
    sent = queue.submit(ada)
    lost = queue.claim()
    queue.expire(lost)
    assert queue.reap() == 1
    queue.skip_waits()
    held = queue.claim()
    assert held.submission_id == sent
    assert held.seed == lost.seed
    assert not queue.heartbeat(lost)
    assert not queue.finish(lost, DOCUMENT, "w1")
    assert not queue.fail(lost, "late")
    assert not queue.release(lost)
    assert queue.job(sent).lease_token == held.token
    assert queue.grades() == {}
    assert queue.finish(held, DOCUMENT, "w2")


def test_a_late_worker_whose_lease_nobody_took_may_finish(queue, ada):
    sent = queue.submit(ada)
    lease = queue.claim()
    queue.expire(lease)
    assert queue.finish(lease, DOCUMENT, "w1")
    assert queue.reap() == 0
    assert queue.grades() == {sent: 1}


def test_a_heartbeat_keeps_the_reaper_away(queue, ada):
    queue.submit(ada)
    lease = queue.claim()
    queue.expire(lease)
    assert queue.heartbeat(lease)
    assert queue.reap() == 0


def test_a_failure_of_ours_is_tried_again_later_at_no_fixed_time(queue, ada, monkeypatch):
    after = timedelta(minutes=10)
    monkeypatch.setattr(jobs, "RETRY_AFTER", after)
    for _ in range(5):
        queue.submit(ada)
    before = datetime.now(UTC)
    leases = [queue.claim() for _ in range(5)]
    for lease in leases:
        assert queue.fail(lease, "the box broke")
    assert queue.claim() is None
    assert not queue.waiting()
    waits = [queue.job(lease.submission_id).not_before - before for lease in leases]
    took = datetime.now(UTC) - before
    assert all(0.5 * after <= wait <= 1.5 * after + took for wait in waits)
    assert max(waits) - min(waits) > timedelta(seconds=1) + took
    queue.skip_waits()
    assert queue.claim().submission_id == leases[0].submission_id


@pytest.mark.parametrize("how", ["fail", "die"])
def test_a_job_is_dead_after_three_claims_with_its_reason(queue, ada, how):
    sent = queue.submit(ada)
    for _ in range(3):
        queue.skip_waits()
        lease = queue.claim()
        if how == "fail":
            queue.fail(lease, "the box broke")
        else:
            queue.expire(lease)
            queue.reap()
    queue.skip_waits()
    assert queue.claim() is None
    job = queue.job(sent)
    reasons = {"fail": "the box broke", "die": "The grader stopped before it had finished."}
    assert (job.state, job.attempts, job.error) == ("dead", 3, reasons[how])
    assert (job.lease_token, job.lease_until) == (None, None)


def test_a_released_job_is_claimable_at_once_and_costs_no_attempt(queue, ada):
    sent = queue.submit(ada)
    for _ in range(5):
        assert queue.release(queue.claim())
    assert queue.job(sent).attempts == 0
    assert queue.claim().submission_id == sent


def test_a_student_with_300_jobs_does_not_delay_the_others(queue, ada):
    for _ in range(300):
        queue.submit(ada)
    for _ in range(3):
        queue.finish(queue.claim(), DOCUMENT, "w1")
    others = [queue.submit(queue.user(f"user-{i}")) for i in range(20)]
    order = [queue.claim().submission_id for _ in range(25)]
    assert set(others) <= set(order)


def test_a_student_who_sends_one_job_after_another_does_not_starve_the_others(queue, ada):
    grace = queue.user("grace")
    waiting = {queue.submit(ada) for _ in range(5)}
    served = []
    mine = None
    for _ in range(8):
        if mine is None or mine in served:
            mine = queue.submit(grace)
        served.append(queue.claim().submission_id)
    assert len(waiting.intersection(served)) >= 3


def test_past_work_is_not_held_against_a_student(queue, ada):
    for _ in range(50):
        queue.submit(ada)
        queue.finish(queue.claim(), DOCUMENT, "w1")
    newcomer = queue.user("grace")
    sent = [queue.submit(ada), queue.submit(newcomer), queue.submit(newcomer)]
    assert [queue.claim().submission_id for _ in sent] == sent


def test_a_queued_job_is_taken_back_and_a_claimed_one_is_not(queue, ada):
    first, second = queue.submit(ada), queue.submit(ada)
    lease = queue.claim()
    queue.cancel(queue.job(second).id)
    assert queue.job(second).state == "cancelled"
    assert queue.claim() is None
    with pytest.raises(Conflict, match="being graded"):
        queue.cancel(lease.job_id)
    assert queue.finish(lease, DOCUMENT, "w1")
    for job_id in (lease.job_id, queue.job(second).id, 12345):
        with pytest.raises(Conflict):
            queue.cancel(job_id)
    assert queue.grades() == {first: 1}


def test_what_was_taken_back_has_used_up_no_turn(queue, ada):
    for _ in range(50):
        queue.cancel(queue.job(queue.submit(ada)).id)
    grace = queue.user("grace")
    sent = [queue.submit(grace), queue.submit(grace), queue.submit(ada)]
    assert [queue.claim().submission_id for _ in sent] == [sent[0], sent[2], sent[1]]


def test_a_dead_job_gets_its_attempts_anew_or_is_taken_out(queue, ada, monkeypatch):
    monkeypatch.setattr(leases, "MAX_CLAIMS", 1)
    sent = [queue.submit(ada), queue.submit(ada)]
    for _ in sent:
        queue.fail(queue.claim(), "no box")
    dead = queue.in_state("dead")
    assert [(job.submission_id, job.error) for job in dead] == [(i, "no box") for i in sent]
    assert dead[0].submission.user.username == "ada"
    queue.requeue(dead[0].id)
    queue.cancel(dead[1].id)
    assert queue.in_state("dead") == []
    lease = queue.claim()
    assert (lease.submission_id, queue.job(sent[0]).attempts) == (sent[0], 1)
    with pytest.raises(Conflict, match="not dead"):
        queue.requeue(lease.job_id)


def test_a_submission_has_one_open_job(database, queue, ada):
    sent = queue.submit(ada)
    with pytest.raises(IntegrityError), database.write() as session:
        jobs.enqueue(session, session.get(Submission, sent), 2)
    assert queue.job(sent).task_version == 1


def test_a_regrade_waits_behind_what_students_sent(database, queue, ada):
    old = queue.submit(ada)
    seed = queue.job(old).seed
    queue.finish(queue.claim(), DOCUMENT, "w1")
    assert regrade_queue.enqueue(database, "task", 2) == 1
    new = queue.submit(ada)
    assert queue.claim().submission_id == new
    lease = queue.claim()
    assert (lease.submission_id, lease.task_version, lease.seed) == (old, 2, seed)
    assert queue.finish(lease, DOCUMENT, "w1")
    assert not queue.finish(lease, DOCUMENT, "w1")
    assert queue.grades() == {old: 2}


def test_an_exam_goes_before_practice_and_does_not_move_its_turns(queue, ada):
    for _ in range(30):
        queue.submit(ada)
    exam = [queue.submit(ada, jobs.EXAM) for _ in range(20)]
    assert [queue.claim().submission_id for _ in exam] == exam
    first = queue.submit(queue.user("grace"))
    assert first in {queue.claim().submission_id for _ in range(2)}


def test_each_query_reads_its_own_small_index(database, ada):
    explain = {"sqlite": "EXPLAIN QUERY PLAN ", "postgresql": "EXPLAIN "}
    statements = []
    with database.write() as session:
        dialect = database.engines[0].dialect.name
        if dialect == "postgresql":
            session.execute(text("SET LOCAL enable_seqscan = off"))
            session.execute(text("SET LOCAL enable_bitmapscan = off"))
        execute = session.scalars

        def record(statement, *arguments, **options):
            statements.append(statement)
            return execute(statement, *arguments, **options)

        session.scalars = record
        jobs.waiting(session)
        jobs.claim(session)
        jobs.reap(session)
        jobs._fair_key(session, ada, jobs.PRACTICE)
        plans = []
        for statement in statements:
            query = str(statement.compile(database.engines[0]))
            if " job" in query:
                # A parameter would hide from the planner which rows are meant.
                assert re.search(r"job\.state (=|!=) '(queued|running)'", query)
                query = statement.compile(
                    database.engines[0], compile_kwargs={"literal_binds": True}
                )
                rows = session.execute(text(explain[dialect] + str(query)))
                plans.append(" ".join(str(row) for row in rows))
    # Whether there is any queued job, each of the two indexes of queued jobs says.
    wanted = ["ix_job_", "ix_job_queued", "ix_job_running", "ix_job_served", "ix_job_own"]
    assert len(plans) == len(wanted)
    for plan, index in zip(plans, wanted, strict=True):
        assert index in plan
