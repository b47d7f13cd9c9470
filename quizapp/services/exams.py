"""Mock exams: the server keeps the time, every answer is saved, and the end needs nobody.

An exam is open, then handed in (nothing more is saved), then marked (its answers are attempts, and
its problems are open like any others). Each step is a short transaction of its own and may be
taken again after a crash; whoever looks at an exam that is over takes the steps that are missing,
and so do the workers, for students who do not come back.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import func, select, true, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, selectinload

from problems import marking
from problems.core import Mark
from problems.core import Variant as Frozen
from quizapp.db.engine import Database, now
from quizapp.db.models import Attempt, Run, RunItem, Variant
from quizapp.errors import Conflict, NotFound
from quizapp.services import runs, timekeeping
from quizapp.services.keys import is_key
from quizapp.services.timekeeping import GRACE, MAX_RESPONSE, is_answered

KEY = "exam-"
"""With the exam's name, the idempotency key of its attempts."""


@dataclass(frozen=True)
class Saved:
    """A problem with what has been typed so far, and how long the exam goes on."""

    item: RunItem
    left: timedelta


@dataclass(frozen=True)
class Result:
    """What became of one problem: its mark, None where it was left blank."""

    item: RunItem
    frozen: Frozen
    mark: Mark | None

    @property
    def score(self) -> float:
        """The score, 0 to 1."""
        return self.mark.score if self.mark else 0.0


@dataclass(frozen=True)
class Summary:
    """An exam that is over, as a list of them shows it."""

    run: Run
    score: float


def find(database: Database, user_id: int, public_id: str) -> Run:
    """Return a student's own exam, marked if its time is over. Raises NotFound."""
    with database.read() as session:
        run = runs.find(session, user_id, public_id, "exam")
        over = timekeeping.is_over(run, now(session))
    if not over or run.marked_at is not None:
        return run
    hand_in(database, user_id, public_id)
    with database.read() as session:
        return runs.find(session, user_id, public_id, "exam")


def left(session: Session, run: Run) -> timedelta:
    """Return how long an exam goes on."""
    return timekeeping.left(run, now(session)) or timedelta()


def save(
    database: Database,
    user_id: int,
    public_id: str,
    position: int,
    responses: Mapping[str, str],
) -> Saved:
    """Keep what was typed in the given parts of a problem; count the time that it was open.

    The other parts stay as they are, so that two tabs do not undo each other. Raises NotFound,
    and Conflict when the exam is over.
    """
    with database.write() as session:
        run = _locked(session, user_id, public_id)
        moment = now(session)
        if timekeeping.is_over(run, moment):
            raise Conflict("This exam is over. What was saved before its end has been handed in.")
        item = _item(session, run, position)
        _count_time(session, run, moment)
        run.item_open, run.seen_at = position, moment
        parts = item.variant.document["parts"]
        typed = {part: text[:MAX_RESPONSE] for part, text in responses.items() if part in parts}
        if typed and typed.items() - item.responses.items():
            item.responses = {**item.responses, **typed}
            item.saved_at = moment
        return Saved(item, left(session, run))


def hand_in(database: Database, user_id: int, public_id: str) -> None:
    """End an exam and mark it; once is enough, and again changes nothing. Raises NotFound."""
    with database.write() as session:
        run = _locked(session, user_id, public_id)
        if run.handed_in_at is None:
            moment = timekeeping.ended_at(run, now(session))
            _count_time(session, run, moment)
            run.handed_in_at, run.item_open = moment, None
    mark(database, run.id)


def hand_in_overdue(database: Database, user_id: int | None = None) -> int:
    """Hand in the exams whose time is over, and mark those that were not; return how many.

    Of all students, or of one.
    """
    with database.read() as session:
        waiting = session.execute(
            select(Run.user_id, Run.public_id)
            .where(Run.kind == "exam", Run.marked_at.is_(None))
            .where(Run.handed_in_at.is_not(None) | (Run.ends_at < now(session) - GRACE))
            .where(Run.user_id == user_id if user_id is not None else true())
            .limit(100)
        ).all()
    timekeeping.hand_in_each(waiting, partial(hand_in, database))
    return len(waiting)


def mark(database: Database, run_id: int) -> None:
    """Turn the answers of an exam that was handed in into attempts, each once.

    Raises NotFound where it was deleted meanwhile.
    """
    with database.read() as session:
        run = session.scalars(
            select(Run)
            .where(Run.id == run_id)
            .options(selectinload(Run.items).joinedload(RunItem.variant))
        ).one_or_none()
    if run is None:
        raise NotFound("There is no such exam any more.")
    if run.marked_at is not None:
        return
    attempts = [_attempt(run, item) for item in run.items if is_answered(item.responses)]
    with database.write() as session:
        insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
        if attempts:
            session.execute(insert(Attempt).on_conflict_do_nothing(), attempts)
        session.execute(
            update(Variant)
            .where(Variant.id.in_([item.variant_id for item in run.items]))
            .values(sealed=False, solution_shown_at=run.handed_in_at)
        )
        session.execute(
            update(Run)
            .where(Run.id == run_id, Run.marked_at.is_(None))
            .values(marked_at=now(session))
        )


def results(run: Run) -> list[Result]:
    """Return what became of each problem of a marked exam."""
    found: list[Result] = []
    for item in run.items:
        key = _key(run)
        attempt = next((a for a in item.variant.attempts if a.idempotency_key == key), None)
        mark = Mark.from_json(attempt.mark) if attempt else None
        found.append(Result(item, Frozen.from_json(item.variant.document), mark))
    return found


def score(found: list[Result]) -> float:
    """Return the score of an exam, 0 to 1: all problems weigh the same."""
    return sum(result.score for result in found) / len(found)


def finished(session: Session, user_id: int, limit: int = 20) -> list[Summary]:
    """Return a student's marked exams with their scores, newest first."""
    rows = session.execute(
        select(Run, func.coalesce(func.sum(Attempt.score), 0.0) / func.count(RunItem.id))
        .join(Run.items)
        .outerjoin(
            Attempt,
            (Attempt.variant_id == RunItem.variant_id)
            & (Attempt.idempotency_key == KEY + Run.public_id),
        )
        .where(Run.user_id == user_id, Run.kind == "exam", Run.marked_at.is_not(None))
        .group_by(Run.id)
        .order_by(Run.created_at.desc(), Run.id.desc())
        .limit(limit)
    )
    return [Summary(run, score) for run, score in rows]


def _key(run: Run) -> str:
    return KEY + run.public_id


def _attempt(run: Run, item: RunItem) -> dict[str, object]:
    variant = Frozen.from_json(item.variant.document)
    responses = {part: item.responses.get(part, "") for part in variant.parts}
    mark = marking.mark(variant, responses)
    return {
        "variant_id": item.variant_id,
        "responses": responses,
        "mark": mark.to_json(),
        "score": mark.score,
        "created_at": run.handed_in_at,
        "idempotency_key": _key(run),
    }


def _locked(session: Session, user_id: int, public_id: str) -> Run:
    """Return the exam, which no other transaction changes meanwhile."""
    run = None
    if is_key(public_id):
        run = session.scalars(
            select(Run)
            .where(Run.public_id == public_id, Run.user_id == user_id, Run.kind == "exam")
            .with_for_update()
        ).one_or_none()
    if run is None:
        raise NotFound("There is no such exam among yours.")
    return run


def _item(session: Session, run: Run, position: int) -> RunItem:
    item = session.scalars(
        select(RunItem)
        .where(RunItem.run_id == run.id, RunItem.position == position)
        .options(selectinload(RunItem.variant))
    ).one_or_none()
    if item is None:
        raise NotFound("This exam has no such question.")
    return item


def _count_time(session: Session, run: Run, moment: datetime) -> None:
    """Add the time since the exam was last heard of to the problem that was open then."""
    if run.item_open is None:
        return
    session.execute(
        update(RunItem)
        .where(RunItem.run_id == run.id, RunItem.position == run.item_open)
        .values(seconds=RunItem.seconds + timekeeping.looked(run, moment))
    )
