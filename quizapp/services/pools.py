"""Variants that are drawn and proven ahead, so that the opening of a quiz draws nothing.

A pool is of a quiz's question, or of a course's own published version, for practice. What is in it
was drawn in the box, from the family's own files, and both engines gave its key.
"""

import json
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, select
from sqlalchemy.orm import Session, joinedload

from problems import catalog
from problems.core import UnknownFamily
from quizapp.db.engine import Database
from quizapp.db.models import BoxJob, PoolVariant, ProblemVersion, QuizItem
from quizapp.errors import Invalid, NotFound
from quizapp.services import authoring, box_jobs
from quizapp.services.box import Box, Slice

AT_ONCE = 20
"""Variants in one slice."""

_PARAMS = select(PoolVariant.document["params"])
_SCARCE = (
    "With these parameters there is nothing to draw: nearly every variant gives the mark to a "
    "known mistake, or is given to those who practise. Pin fewer of them, or widen their ranges."
)


@dataclass(frozen=True)
class Pool:
    """How far a question's pool is: variants that are `ready` of those `wanted`.

    While `drawing` there will be more. `error` says why there will not, and `proven` whether a
    second engine gave each key.
    """

    ready: int
    wanted: int
    drawing: bool
    error: str | None
    proven: bool

    @property
    def complete(self) -> bool:
        """Whether it can be given to students: all that could be drawn are there."""
        return self.ready > 0 and not self.drawing and self.error is None


def draw(session: Session, course_id: int, item: QuizItem, wanted: int) -> None:
    """Have variants of a question drawn until there are as many as wanted; tasks have none."""
    if item.kind == "task":
        return
    session.flush()
    request = {"item_id": item.id, "wanted": wanted}
    item.draw = box_jobs.enqueue(session, course_id, "draw", request, wanted)


def empty(session: Session, item: QuizItem) -> None:
    """Delete the variants of a question that nobody has been given."""
    session.execute(delete(PoolVariant).where(PoolVariant.item_id == item.id))


def of_items(session: Session, items: Iterable[QuizItem]) -> dict[int, Pool]:
    """Return how far the pools of families are, by the question's id."""
    families = {item.id: item for item in items if item.kind == "family"}
    counts: dict[int | None, int] = dict(
        session.execute(
            select(PoolVariant.item_id, func.count())
            .where(PoolVariant.item_id.in_(families))
            .group_by(PoolVariant.item_id)
        ).all()
    )
    return {key: _pool(item.draw, counts.get(key, 0)) for key, item in families.items()}


def _pool(job: BoxJob | None, ready: int) -> Pool:
    if job is None:
        return Pool(ready, ready, drawing=False, error=None, proven=True)
    return Pool(
        ready=ready,
        wanted=job.total,
        drawing=job.state in ("queued", "running"),
        error=job.error if job.state == "failed" else None,
        proven=job.result.get("proven", True),
    )


def files_of(version: ProblemVersion | None, slug: str | None) -> dict[str, Any]:
    """Return what every request to the box about a family holds, of a version or of the bank.

    Raises NotFound where the bank has no such family any more.
    """
    if version is not None:
        problem = version.problem
        names = {"kind": problem.kind, "slug": problem.slug, "version": version.number}
        return names | {"files": version.files}
    try:
        family = catalog.family(slug or "")
    except UnknownFamily as error:
        raise NotFound(f"The bank has no family {slug} any more.") from error
    _, files = authoring.starting_files(f"family/{family.slug}")
    return {"kind": "family", "slug": family.slug, "version": family.version, "files": files}


def version(session: Session, version_id: int | None) -> ProblemVersion | None:
    """Return a version with its problem; None for no id, or where it is gone."""
    if version_id is None:
        return None
    return session.get(ProblemVersion, version_id, options=[joinedload(ProblemVersion.problem)])


def draw_slice(database: Database, box: Box, job: BoxJob) -> Slice:
    """Draw some more variants of a pool, each proven, none twice, none of practice in a quiz.

    The work ends when there are as many as wanted, or a whole slice brought nothing new: some
    families have only a few variants. Raises Invalid where a draw fails or the engines disagree.
    """
    wanted = job.request["wanted"]
    with database.read() as session:
        owner = _owner(session, job)
        if owner is None:
            return Slice(job.done, job.result, finished=True)
        pool, files, pins = owner
        given = session.scalars(_PARAMS.where(pool)).all()
        known = {_written(params) for params in (*given, *_elsewhere(session, job))}
    if len(given) >= wanted:
        return Slice(wanted, job.result, finished=True)
    draws = [{"seed": secrets.randbits(63), "pins": pins} for _ in range(AT_ONCE)]
    answer = box.ask(files | {"do": "draw", "draws": draws, "prove": True})
    fresh: list[dict[str, Any]] = []
    proven = job.result.get("proven", True)
    for drawn in checked(answer):
        variant = drawn["variant"]
        proven = proven and drawn["agrees"] is not None
        params = _written(variant["params"])
        if not variant["ambiguous"] and params not in known:
            known.add(params)
            fresh.append(variant)
    fresh = fresh[: wanted - len(given)]
    done = len(given) + len(fresh)
    if not done:
        raise Invalid(_SCARCE)
    return Slice(
        done=done,
        result={"proven": proven},
        finished=done >= wanted or not fresh,
        store=_store(job, fresh),
    )


def checked(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what was drawn. Raises Invalid with the first fault, of the files or of a draw."""
    for part in (answer, *answer.get("drawn", ())):
        if error := part.get("error"):
            raise Invalid(in_words(error))
        if part.get("agrees") is False:
            seed = part["variant"]["seed"]
            raise Invalid(f"The two engines disagree at seed {seed}: {part['detail']}")
    return answer["drawn"]


def is_sound(drawn: dict[str, Any]) -> bool:
    """Whether a draw brought a variant on which the engines do not disagree."""
    return "error" not in drawn and drawn.get("agrees") is not False


def in_words(error: dict[str, Any]) -> str:
    """Return a fault that the box found as a sentence, with the place and the seed."""
    place = [error["file"] or "", f"line {error['line']}" if error["line"] else ""]
    where = ", ".join(filter(None, place))
    seed = f" (seed {error['seed']})" if error.get("seed") is not None else ""
    return f"{where}: {error['message']}{seed}" if where else f"{error['message']}{seed}"


def _owner(
    session: Session, job: BoxJob
) -> tuple[ColumnElement[bool], dict[str, Any], dict[str, Any]] | None:
    """Return which rows are the pool, the family's files, and the pins; None when it is gone."""
    if "version_id" in job.request:
        found = version(session, job.request["version_id"])
        if found is None:
            return None
        return PoolVariant.version_id == found.id, files_of(found, None), {}
    item = session.get(QuizItem, job.request["item_id"])
    if item is None or item.draw_id != job.id:
        return None
    return PoolVariant.item_id == item.id, files_of(item.version, item.slug), item.pins


def _elsewhere(session: Session, job: BoxJob) -> Sequence[dict[str, Any]]:
    """Return the parameters of the same problem's variants in pools of the other sort.

    What is practised shows its key, so that a quiz must have others; and the other way round.
    """
    if "version_id" in job.request:
        own = _siblings(job.request["version_id"])
        others = PoolVariant.item_id.in_(select(QuizItem.id).where(QuizItem.version_id.in_(own)))
    else:
        item = session.get_one(QuizItem, job.request["item_id"])
        others = PoolVariant.version_id.in_(_siblings(item.version_id))
    return session.scalars(_PARAMS.where(others)).all()


def _siblings(version_id: int | None) -> Select[Any]:
    """Return the ids of all versions of the problem that a version is of."""
    problem = select(ProblemVersion.problem_id).where(ProblemVersion.id == version_id)
    return select(ProblemVersion.id).where(ProblemVersion.problem_id == problem.scalar_subquery())


def _written(params: dict[str, Any]) -> str:
    return json.dumps(params, sort_keys=True)


def _store(job: BoxJob, variants: list[dict[str, Any]]) -> Callable[[Session], None]:
    """Return what adds variants to the pool, if it still is the one that they were drawn for."""
    owner = {name: job.request.get(name) for name in ("item_id", "version_id")}

    def store(session: Session) -> None:
        if owner["version_id"] is not None:
            row = session.get(ProblemVersion, owner["version_id"], with_for_update=True)
            stands = row is not None
        else:
            item = session.get(QuizItem, owner["item_id"], with_for_update=True)
            stands = item is not None and item.draw_id == job.id
        if stands:
            session.add_all(
                PoolVariant(**owner, seed=variant["seed"], document=variant) for variant in variants
            )

    return store
