"""Marking a question of a quiz anew: a dry run first, then applied, and undone if need be.

A regrade keeps what it would make of each answer beside what stands. Nothing of it counts until it
is applied, and what a person gave by hand stands above it. Applying refuses when a mark that was
looked at has changed since. What came in since, and what comes in later, is marked by it too.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from sqlalchemy import delete, select, true
from sqlalchemy.orm import Session, joinedload

from quizapp.db.engine import Database, now
from quizapp.db.models import (
    Answer,
    BoxJob,
    Enrolment,
    PoolVariant,
    ProblemKind,
    Quiz,
    QuizItem,
    QuizSection,
    Regrade,
    RegradeMark,
    RegradeVariant,
    Sitting,
    SittingItem,
    Submission,
    User,
)
from quizapp.errors import Conflict, Invalid, NotFound
from quizapp.services import (
    box_jobs,
    course_log,
    quiz_items,
    quiz_tasks,
    quizzes,
    regrading_answers,
    regrading_code,
    scores,
    time_zones,
)
from quizapp.services.box import Box, Slice
from quizapp.services.courses import Member
from quizapp.services.keys import is_key
from quizapp.services.regrade_rules import RULES, Rule, described, full, not_lowered

AT_ONCE: dict[ProblemKind, int] = {"family": 20, "task": 5}
"""Variants of a family, or submissions of code, in one slice."""
WAYS = {"family": regrading_answers, "task": regrading_code}
"""What knows the answers to a question, or the submissions to it, by its kind."""
MARKED: dict[ProblemKind, tuple[type[Answer] | type[Submission], str]] = {
    "family": (Answer, "answer_id"),
    "task": (Submission, "submission_id"),
}
"""What a mark is of, and the column that names it."""
STALE = (
    "The marks that this was computed from have changed since, or code that came in since waits "
    "for its grade. Compute it again."
)


@dataclass(frozen=True)
class Line:
    """One student in a dry run: points before and after, and why. `untouched` is overridden.

    `name` is how the roster writes the student, or empty.
    """

    username: str
    name: str
    sitting: str
    before: float
    after: float
    possible: float
    reasons: tuple[str, ...]
    untouched: bool


def of_quiz(session: Session, quiz: Quiz) -> Sequence[Regrade]:
    """Return the regrades of a quiz's questions, newest first."""
    return session.scalars(
        select(Regrade)
        .join(Regrade.item)
        .join(QuizItem.section)
        .where(QuizSection.quiz_id == quiz.id)
        .order_by(Regrade.id.desc())
        .options(joinedload(Regrade.item))
    ).all()


def find(session: Session, quiz: Quiz, public_id: str, *, locked: bool = False) -> Regrade:
    """Return a regrade of this quiz with its question. Raises NotFound."""
    found = None
    if is_key(public_id):
        query = (
            select(Regrade)
            .join(Regrade.item)
            .join(QuizItem.section)
            .where(Regrade.public_id == public_id, QuizSection.quiz_id == quiz.id)
            .options(joinedload(Regrade.item))
        )
        query = query.with_for_update(of=Regrade) if locked else query
        found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound(
            "The quiz has no such regrade. A newer dry run may have taken its place: look among "
            "the quiz's regrades."
        )
    return found


def prepare(
    session: Session, member: Member, quiz_id: str, item_id: int, rule: str, *, never_lower: bool
) -> Regrade:
    """Begin a dry run for one question, by a rule. Raises Invalid for the rule, and NotFound.

    It takes the place of those that were never applied, for each keeps whole variants.
    """
    quiz = quizzes.find(session, member.course_id, quiz_id)
    item = quiz_items.find(quiz, item_id)
    if rule not in get_args(Rule):
        raise Invalid(f"Choose how to regrade: {' or '.join(RULES.values())}.")
    session.execute(delete(Regrade).where(Regrade.item_id == item.id, Regrade.applied_at.is_(None)))
    settings = {"rule": rule, "never_lower": never_lower}
    regrade = Regrade(item=item, settings=settings, created_by=member.username)
    session.add(regrade)
    session.flush()
    if rule == "full":
        _give_everybody(session, regrade)
        return regrade
    newest = quiz_items.newer_version(item) or item.version
    number = newest.number if newest else _of_bank(item)
    request = {
        "regrade_id": regrade.id,
        "version_id": newest.id if newest else None,
        "version": number,
    }
    steps = len(WAYS[item.kind].steps(session, item))
    job = box_jobs.enqueue(session, member.course_id, "regrade", request, steps)
    regrade.settings = {**settings, "job": job.public_id, "version": number}
    return regrade


def _of_bank(item: QuizItem) -> int | None:
    """Return the version of the bank's code task; that of a family is said by its files."""
    return quiz_tasks.of_item(item).version if item.kind == "task" else None


def progress(session: Session, course_id: int, regrade: Regrade) -> BoxJob | None:
    """Return the work that computes a dry run; None where none was needed."""
    name = regrade.settings.get("job")
    return box_jobs.find(session, course_id, name) if name else None


def regrade_slice(database: Database, box: Box, job: BoxJob) -> Slice:
    """Mark some more of a question's answers, or of its submissions of code, by the newest files.

    Raises Invalid where the files fail or the engines disagree.
    """
    with database.read() as session:
        regrade = session.get(Regrade, job.request["regrade_id"])
        # SQLite may give the id of one that was replaced to the next: each has work of its own.
        if regrade is None or regrade.settings.get("job") != job.public_id:
            return Slice(job.done, job.result, finished=True)
        item, way = regrade.item, WAYS[regrade.item.kind]
        last, most = job.result.get("last", 0), AT_ONCE[item.kind]
        ids = [key for key in way.steps(session, item) if key > last][:most]
    rows, variants = way.remark(database, box, job, item, ids)
    if regrade.settings["never_lower"]:
        rows = [not_lowered(row) for row in rows]
    done, finished = job.done + len(ids), len(ids) < most
    result = {"last": ids[-1] if ids else last}
    return Slice(done, result, finished, store=_store(regrade, rows, variants, finished=finished))


def _store(
    regrade: Regrade,
    rows: list[dict[str, Any]],
    variants: dict[int, dict[str, Any]],
    *,
    finished: bool,
) -> Callable[[Session], None]:
    of, column = MARKED[regrade.item.kind]

    def store(session: Session) -> None:
        found = session.get(Regrade, regrade.id, with_for_update=True)
        if found is None or found.settings.get("job") != regrade.settings["job"]:
            return
        there = _there(session, of, [row[column] for row in rows])
        session.add_all(
            RegradeMark(regrade_id=found.id, **row) for row in rows if row[column] in there
        )
        session.add_all(
            RegradeVariant(regrade_id=found.id, variant_id=key, document=variants[key])
            for key in _there(session, PoolVariant, variants)
        )
        if finished:
            found.ready_at = now(session)

    return store


def _there(session: Session, of: Any, ids: Iterable[int]) -> set[int]:
    """Return which of these rows are there, and stay: whoever leaves takes theirs with them."""
    held = select(of.id).where(of.id.in_(ids)).order_by(of.id)
    return set(session.scalars(held.with_for_update(read=True, key_share=True)))


def _give_everybody(session: Session, regrade: Regrade) -> None:
    of, column = MARKED[regrade.item.kind]
    standing = WAYS[regrade.item.kind].standing(session, regrade.item)
    session.add_all(
        RegradeMark(regrade_id=regrade.id, **{column: key}, **full(standing[key]))
        for key in _there(session, of, standing)
    )
    regrade.ready_at = now(session)


def dry_run(session: Session, quiz: Quiz, regrade: Regrade) -> list[Line]:
    """Return what the regrade changes for each student who answered, the largest change first."""
    connection = session.connection()
    before = _rows(scores.by_sitting(connection, quiz.id, without=regrade.id), regrade.item_id)
    after = _rows(scores.by_sitting(connection, quiz.id, assuming=regrade.id), regrade.item_id)
    reasons: dict[int, dict[int, str]] = {}
    of, column = MARKED[regrade.item.kind]
    rows = session.execute(
        select(SittingItem.id, of.id, RegradeMark.reason)
        .join(of, of.sitting_item_id == SittingItem.id)
        .join(RegradeMark, getattr(RegradeMark, column) == of.id)
        .where(RegradeMark.regrade_id == regrade.id)
        # What came in later never had another mark.
        .where(of.created_at <= regrade.applied_at if regrade.applied_at else true())
    )
    for item_id, key, reason in rows:
        reasons.setdefault(item_id, {})[key] = reason
    names = {
        sitting_id: (username, name or "", public_id)
        for sitting_id, username, name, public_id in session.execute(
            select(Sitting.id, User.username, Enrolment.name, Sitting.public_id)
            .join(User, User.id == Sitting.user_id)
            .outerjoin(
                Enrolment,
                (Enrolment.user_id == User.id) & (Enrolment.course_id == quiz.course_id),
            )
            .where(Sitting.quiz_id == quiz.id)
        )
    }
    lines = [
        Line(
            *names[row.sitting_id],
            before=before[key].points,
            after=row.points,
            possible=row.possible,
            reasons=tuple(scores.by_try(reasons[key])),
            untouched=row.overridden,
        )
        for key, row in after.items()
        if key in reasons
    ]
    return sorted(lines, key=_by_change)


def _by_change(line: Line) -> tuple[float, str, str]:
    name = (line.name or line.username).casefold()
    return -abs(line.after - line.before), name, line.username


def apply(session: Session, member: Member, quiz_id: str, public_id: str) -> None:
    """Let a regrade count. Raises Conflict where it is not ready, or what it marks has changed."""
    quiz = quizzes.find(session, member.course_id, quiz_id, locked=True)
    regrade = find(session, quiz, public_id, locked=True)
    if regrade.applied_at is not None:
        return
    if regrade.ready_at is None:
        raise Conflict("This regrade is still being computed. Wait until it is ready.")
    _, column = MARKED[regrade.item.kind]
    standing = WAYS[regrade.item.kind].standing(session, regrade.item)
    prepared = {getattr(mark, column): mark.before for mark in regrade.marks}
    if any(standing.get(key) != before for key, before in prepared.items()):
        raise Conflict(STALE)
    lines = [line for line in dry_run(session, quiz, regrade) if not line.untouched]
    raised = sum(line.after > line.before for line in lines)
    lowered = sum(line.after < line.before for line in lines)
    regrade.applied_at, regrade.applied_by = now(session), member.username
    session.flush()
    if not _follow(session, regrade.item, standing.keys() - prepared.keys()):
        raise Conflict(STALE)
    text = (
        f"Regraded “{regrade.item.title}” of “{quiz.title}” {described(regrade)}: "
        f"{raised} raised, {lowered} lowered."
    )
    course_log.record(session, member, "regrade.apply", text)


def undo(session: Session, member: Member, quiz_id: str, public_id: str) -> None:
    """Take an applied regrade back, so that the marks before it stand. Raises Conflict."""
    quiz = quizzes.find(session, member.course_id, quiz_id, locked=True)
    regrade = find(session, quiz, public_id, locked=True)
    if regrade.applied_at is None:
        raise Conflict("This regrade was not applied, so that there is nothing to undo.")
    if regrade.undone_at is not None:
        return
    regrade.undone_at, regrade.undone_by = now(session), member.username
    session.flush()
    _follow(session, regrade.item, WAYS[regrade.item.kind].standing(session, regrade.item))
    text = (
        f"Undid the regrade of “{regrade.item.title}” of “{quiz.title}” {described(regrade)}, of "
        f"{time_zones.written(regrade.applied_at, member.time_zone)}."
    )
    course_log.record(session, member, "regrade.undo", text)


def _follow(session: Session, item: QuizItem, ids: Iterable[int]) -> bool:
    """Mark these, and what has no grade, by the regrades that count now, where it can be."""
    way, (of, _) = WAYS[item.kind], MARKED[item.kind]
    given = _there(session, of, {*ids, *way.ungraded(session, item)})
    return way.follow(session, [item.id], given)


def _rows(
    found: Mapping[int, Sequence[scores.ItemScore]], item_id: int
) -> dict[int, scores.ItemScore]:
    return {
        row.sitting_item_id: row
        for rows in found.values()
        for row in rows
        if row.item_id == item_id
    }
