"""Drafts in the authors' box: a preview of several seeds, and the proof before publishing."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from grader import authoring
from quizapp.db.engine import Database
from quizapp.db.models import BoxJob, BoxJobKind, Problem, ProblemKind, ProblemVersion
from quizapp.errors import Conflict, Invalid, NotFound
from quizapp.services import box_jobs
from quizapp.services.box import Box, Slice
from quizapp.services.courses import Member

PREVIEW_SEEDS = (1, 2, 3)
MAX_PREVIEW_SEEDS = 6
MAX_SEED = 2**53 - 1
"""What a page's JSON can carry."""
PROOF_SEEDS: dict[ProblemKind, int] = {"family": 1000, "task": 30}
AT_ONCE: dict[ProblemKind, int] = {"family": 50, "task": 5}
"""Seeds in one request; a slice makes two requests at once, for two cores."""
REQUESTS = 2
CHANGED = "The text has changed meanwhile. Ask again for the newest."


def preview(
    session: Session, member: Member, version: ProblemVersion, seeds: list[int] | None = None
) -> BoxJob:
    """Ask for a version's first variants; an older request for the same version is dropped.

    Raises Invalid for seeds that nobody can draw.
    """
    wanted = seeds or list(PREVIEW_SEEDS)
    if len(wanted) > MAX_PREVIEW_SEEDS or not all(0 <= seed <= MAX_SEED for seed in wanted):
        raise Invalid(f"Give 1 to {MAX_PREVIEW_SEEDS} seeds, whole numbers from 0 to {MAX_SEED}.")
    for old in _unfinished(session, member.course_id, "preview", version.id):
        if old.state == "queued":
            session.delete(old)
    box_jobs.forget(session, member.course_id, "preview")
    request = {"version_id": version.id, "revision": version.revision, "seeds": wanted}
    return box_jobs.enqueue(session, member.course_id, "preview", request)


def prove(session: Session, member: Member, version: ProblemVersion) -> BoxJob:
    """Ask for a version's proof; one that is under way for the same text is returned."""
    for job in _unfinished(session, member.course_id, "prove", version.id):
        if job.request["revision"] == version.revision:
            return job
        if job.state == "queued":
            session.delete(job)
    box_jobs.forget(session, member.course_id, "prove")
    total = PROOF_SEEDS[version.problem.kind]
    request = {"version_id": version.id, "revision": version.revision}
    return box_jobs.enqueue(session, member.course_id, "prove", request, total)


def proof_under_way(session: Session, member: Member, version: ProblemVersion) -> BoxJob | None:
    """Return the proof of this text that is under way, if there is one."""
    jobs = _unfinished(session, member.course_id, "prove", version.id)
    return next((job for job in jobs if job.request["revision"] == version.revision), None)


def of_version(session: Session, member: Member, version: ProblemVersion, job_id: str) -> BoxJob:
    """Return a version's own box job. Raises NotFound."""
    job = box_jobs.find(session, member.course_id, job_id)
    if job.request.get("version_id") != version.id:
        raise NotFound("There is no such work on this problem.")
    return job


def preview_slice(database: Database, box: Box, job: BoxJob) -> Slice:
    """Describe a draft, and keep that; draw its first variants, or see that a task has cases."""
    kind, request = _files(database, job)
    head = box.ask(request | {"do": "describe"})
    if "error" in head:
        return Slice(1, head, finished=True)
    if kind == "family":
        draws = [{"seed": seed, "pins": {}} for seed in job.request["seeds"]]
        shown = box.ask(request | {"do": "draw", "draws": draws, "prove": True})
    else:
        cases = box.ask(request | {"do": "cases", "seed": job.request["seeds"][0]})
        shown = {"error": cases["error"]} if "error" in cases else {}
    return Slice(1, {"head": head, **shown}, finished=True, store=_keep(job, head))


def prove_slice(database: Database, box: Box, job: BoxJob) -> Slice:
    """Prove a draft over its next seeds; at the last, put the proof together and keep it."""
    kind, request = _files(database, job)
    head = box.ask(request | {"do": "describe"}) if job.done == 0 else job.result["head"]
    if "error" in head:
        return _faulty(job, head)
    fragments = list(job.result.get("fragments", ()))
    asked = [request | {"do": "prove", **span} for span in _spans(job, kind)]
    with ThreadPoolExecutor(REQUESTS) as threads:
        answers = list(threads.map(box.ask, asked))
    if error := next((answer for answer in answers if "error" in answer), None):
        return _faulty(job, error)
    fragments += answers
    done = min(job.total, job.done + REQUESTS * AT_ONCE[kind])
    if done < job.total:
        return Slice(done, {"head": head, "fragments": fragments}, finished=False)
    proof = authoring.merge(fragments)
    return Slice(done, {"proof": proof}, finished=True, store=_keep(job, head, proof))


def _spans(job: BoxJob, kind: ProblemKind) -> list[dict[str, Any]]:
    """Return the seeds of the next requests; the first of a family are drawn by two children."""
    size = AT_ONCE[kind]
    starts = range(job.done, min(job.total, job.done + REQUESTS * size), size)
    spans: list[dict[str, Any]] = [
        {"first": first, "count": min(size, job.total - first)} for first in starts
    ]
    if job.done == 0 and kind == "family":
        spans.append({"first": 0, "count": size, "again": True})
    return spans


def _faulty(job: BoxJob, answer: dict[str, Any]) -> Slice:
    """End a proof at a fault that leaves nothing to prove: no such file, or no end to a draw."""
    proof = {"ok": False, "error": answer["error"]}
    return Slice(job.done, {"proof": proof}, finished=True, store=_keep(job, None, proof))


def _files(database: Database, job: BoxJob) -> tuple[ProblemKind, dict[str, Any]]:
    """Return what every request about a version holds. Raises Conflict where it has changed."""
    with database.read() as session:
        row = session.execute(
            select(Problem.kind, Problem.slug, ProblemVersion)
            .join(ProblemVersion.problem)
            .where(ProblemVersion.id == job.request["version_id"])
        ).one_or_none()
    if row is None or row.ProblemVersion.revision != job.request["revision"]:
        raise Conflict(CHANGED)
    version = row.ProblemVersion
    names = {"kind": row.kind, "slug": row.slug, "version": version.number}
    return row.kind, names | {"files": version.files}


def _keep(
    job: BoxJob, head: dict[str, Any] | None, proof: dict[str, Any] | None = None
) -> Callable[[Session], None]:
    """Return what keeps a head, or a proof, with the text that it was found for."""
    revision = job.request["revision"]

    def keep(session: Session) -> None:
        version = session.get(ProblemVersion, job.request["version_id"], with_for_update=True)
        if version is None or version.revision != revision or version.published_at is not None:
            return
        if head is not None:
            version.head = head | {"revision": revision}
        if proof is not None:
            version.proof = proof | {"revision": revision}

    return keep


def _unfinished(
    session: Session, course_id: int, kind: BoxJobKind, version_id: int
) -> list[BoxJob]:
    jobs = session.scalars(
        select(BoxJob)
        .where(BoxJob.course_id == course_id, BoxJob.kind == kind)
        .where(BoxJob.state.in_(("queued", "running")))
        .order_by(BoxJob.id)
        .options(defer(BoxJob.result))
    )
    return [job for job in jobs if job.request.get("version_id") == version_id]
