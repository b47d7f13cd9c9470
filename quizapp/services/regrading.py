"""Marking a question of a quiz anew: a dry run first, then applied, and undone if need be.

A regrade keeps what it would make of each answer beside what stands. Nothing of it counts until it
is applied, and what a person gave by hand stands above it. Applying refuses when an answer came in
since, or another regrade was applied or undone: what was looked at is what is applied.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from problems import marking
from problems.core import Mark, PartMark
from problems.core import Variant as Frozen
from quizapp.db.engine import Database, now
from quizapp.db.models import (
    Answer,
    BoxJob,
    PoolVariant,
    Quiz,
    QuizItem,
    QuizSection,
    Regrade,
    RegradeMark,
    Sitting,
    SittingItem,
    User,
)
from quizapp.errors import Conflict, Invalid, NotFound
from quizapp.services import box_jobs, course_log, pools, quiz_items, quizzes, scores
from quizapp.services.box import Box, Slice
from quizapp.services.courses import Member
from quizapp.services.keys import is_key

Rule = Literal["newest", "full"]
RULES: dict[Rule, str] = {
    "newest": "by the newest version",
    "full": "full points to everybody who answered",
}
AT_ONCE = 20
"""Variants in one slice."""
STALE = "An answer or another regrade came in since this was computed. Compute it again."


@dataclass(frozen=True)
class Line:
    """One student in a dry run: points before and after, and why. `untouched` is overridden."""

    username: str
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
        raise NotFound("The quiz has no such regrade.")
    return found


def prepare(
    session: Session, member: Member, quiz_id: str, item_id: int, rule: str, *, never_lower: bool
) -> Regrade:
    """Begin a dry run for one question, by a rule. Raises Invalid for the rule, and NotFound."""
    quiz = quizzes.find(session, member.course_id, quiz_id)
    item = quiz_items.find(quiz, item_id)
    if rule not in get_args(Rule):
        raise Invalid(f"Choose how to regrade: {' or '.join(RULES.values())}.")
    if item.kind == "task":
        raise Conflict(
            "Code is graded anew by the operator with quizapp task regrade, or overridden by hand."
        )
    settings = {"rule": rule, "never_lower": never_lower}
    regrade = Regrade(item=item, settings=settings, created_by=member.username)
    session.add(regrade)
    session.flush()
    if rule == "full":
        _give_everybody(session, regrade)
        return regrade
    newest = quiz_items.newer_version(item) or item.version
    request = {"regrade_id": regrade.id, "version_id": newest.id if newest else None}
    job = box_jobs.enqueue(
        session, member.course_id, "regrade", request, len(_given(session, item))
    )
    regrade.settings = {**settings, "job": job.public_id, "version": newest and newest.number}
    return regrade


def progress(session: Session, course_id: int, regrade: Regrade) -> BoxJob | None:
    """Return the work that computes a dry run; None where none was needed."""
    name = regrade.settings.get("job")
    return box_jobs.find(session, course_id, name) if name else None


def regrade_slice(database: Database, box: Box, job: BoxJob) -> Slice:
    """Compute the keys of some more variants by the newest files, and mark their answers by them.

    All parameters are pinned to what each variant has. Raises Invalid where the files fail or the
    engines disagree.
    """
    with database.read() as session:
        regrade = session.get(Regrade, job.request["regrade_id"])
        if regrade is None:
            return Slice(job.done, job.result, finished=True)
        item, last = regrade.item, job.result.get("last", 0)
        ids = [key for key in _given(session, item) if key > last][:AT_ONCE]
        variants = session.scalars(
            select(PoolVariant).where(PoolVariant.id.in_(ids)).order_by(PoolVariant.id)
        ).all()
        version = pools.version(session, job.request["version_id"])
        files = pools.files_of(version, item.slug)
        answers = _answers(session, item, ids)
    draws = [{"seed": v.seed, "pins": v.document["params"]} for v in variants]
    said = (
        box.ask(files | {"do": "draw", "draws": draws, "prove": True}) if draws else {"drawn": []}
    )
    fresh = {
        variant.id: Frozen.from_json(drawn["variant"])
        for variant, drawn in zip(variants, pools.checked(said), strict=True)
    }
    never_lower = regrade.settings["never_lower"]
    rows = [
        _remarked(answer, fresh[answer.variant_id], never_lower=never_lower) for answer in answers
    ]
    done, finished = job.done + len(ids), len(ids) < AT_ONCE
    result = {"last": ids[-1] if ids else last}
    return Slice(done, result, finished, store=_store(regrade.id, rows, finished=finished))


@dataclass(frozen=True)
class _Given:
    """An answer as it stands: its variant, what was typed, its mark and its score now."""

    id: int
    variant_id: int
    document: Mapping[str, Any]
    responses: Mapping[str, str]
    mark: Mark
    score: float


def _remarked(answer: _Given, variant: Frozen, *, never_lower: bool) -> dict[str, Any]:
    typed = {part: answer.responses.get(part, "") for part in variant.parts}
    mark = marking.mark(variant, typed)
    lowered = mark.score < answer.score
    kept = lowered and never_lower
    reason = _why(Frozen.from_json(answer.document), answer.mark, variant, mark)
    return {
        "answer_id": answer.id,
        "before": answer.score,
        "score": answer.score if kept else mark.score,
        "mark": (answer.mark if kept else mark).to_json(),
        "reason": f"{reason} The mark is kept, for none is lowered." if kept else reason,
    }


def _why(old: Frozen, before: Mark, new: Frozen, after: Mark) -> str:
    """Return in words what changed in each part; empty where nothing did."""
    found: list[str] = []
    for part, mark in after.parts.items():
        was = before.parts.get(part)
        if was is None or was.verdict == mark.verdict:
            continue
        key = new.parts[part].show(new.keys[part])
        former = old.parts[part].show(old.keys[part]) if part in old.parts else key
        moved = f"the key is {key}, it was {former}" if key != former else f"the key is {key}"
        found.append(f"{new.label(part)} was marked {_words(was)}; is now {_words(mark)}: {moved}.")
    return " ".join(found)


def _words(mark: PartMark) -> str:
    return f"as a mistake ({mark.mistake})" if mark.verdict == "mistake" else mark.verdict


def _give_everybody(session: Session, regrade: Regrade) -> None:
    for answer in _answers(session, regrade.item, _given(session, regrade.item)):
        session.add(
            RegradeMark(
                regrade_id=regrade.id,
                answer_id=answer.id,
                before=answer.score,
                score=1.0,
                reason="" if answer.score >= 1 else "Everybody who answered gets full points.",
            )
        )
    regrade.ready_at = now(session)


def _store(
    regrade_id: int, rows: list[dict[str, Any]], *, finished: bool
) -> Callable[[Session], None]:
    def store(session: Session) -> None:
        regrade = session.get(Regrade, regrade_id, with_for_update=True)
        if regrade is None:
            return
        known = select(Answer.id).where(Answer.id.in_([row["answer_id"] for row in rows]))
        there = set(session.scalars(known))
        session.add_all(
            RegradeMark(regrade_id=regrade_id, **row) for row in rows if row["answer_id"] in there
        )
        if finished:
            regrade.ready_at = now(session)

    return store


def dry_run(session: Session, quiz: Quiz, regrade: Regrade) -> list[Line]:
    """Return what the regrade changes for each student who answered, the largest change first."""
    connection = session.connection()
    before = _rows(scores.by_sitting(connection, quiz.id, without=regrade.id), regrade.item_id)
    after = _rows(scores.by_sitting(connection, quiz.id, assuming=regrade.id), regrade.item_id)
    reasons: dict[int, list[str]] = {}
    rows = session.execute(
        select(Answer.sitting_item_id, RegradeMark.reason)
        .join(RegradeMark, RegradeMark.answer_id == Answer.id)
        .where(RegradeMark.regrade_id == regrade.id)
        .order_by(Answer.id)
    )
    for item_id, reason in rows:
        reasons.setdefault(item_id, []).append(reason)
    names = {
        sitting_id: (username, public_id)
        for sitting_id, username, public_id in session.execute(
            select(Sitting.id, User.username, Sitting.public_id)
            .join(User, User.id == Sitting.user_id)
            .where(Sitting.quiz_id == quiz.id)
        )
    }
    lines = [
        Line(
            *names[row.sitting_id],
            before=before[key].points,
            after=row.points,
            possible=row.possible,
            reasons=tuple(filter(None, reasons[key])),
            untouched=row.overridden,
        )
        for key, row in after.items()
        if key in reasons
    ]
    return sorted(lines, key=lambda line: (-abs(line.after - line.before), line.username))


def apply(session: Session, member: Member, quiz_id: str, public_id: str) -> None:
    """Let a regrade count. Raises Conflict where it is not ready, or what it marks has changed."""
    quiz = quizzes.find(session, member.course_id, quiz_id, locked=True)
    regrade = find(session, quiz, public_id, locked=True)
    if regrade.applied_at is not None:
        return
    if regrade.ready_at is None:
        raise Conflict("This regrade is still being computed. Wait until it is ready.")
    standing = {answer.id: answer.score for answer in _answers(session, regrade.item, None)}
    prepared = {mark.answer_id: mark.before for mark in regrade.marks}
    if standing != prepared:
        raise Conflict(STALE)
    regrade.applied_at, regrade.applied_by = now(session), member.username
    words = RULES[regrade.settings["rule"]]
    text = f"Regraded “{regrade.item.title}” of “{quiz.title}” {words}."
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
    text = f"Undid the regrade of “{regrade.item.title}” of “{quiz.title}”."
    course_log.record(session, member, "regrade.undo", text)


def _rows(
    found: Mapping[int, Sequence[scores.ItemScore]], item_id: int
) -> dict[int, scores.ItemScore]:
    return {
        row.sitting_item_id: row
        for rows in found.values()
        for row in rows
        if row.item_id == item_id
    }


def _given(session: Session, item: QuizItem) -> list[int]:
    """Return the variants of a question that students have been given, by id."""
    return list(
        session.scalars(
            select(PoolVariant.id)
            .join(SittingItem, SittingItem.variant_id == PoolVariant.id)
            .join(SittingItem.sitting)
            .where(SittingItem.item_id == item.id, ~Sitting.preview)
            .distinct()
            .order_by(PoolVariant.id)
        )
    )


def _answers(session: Session, item: QuizItem, variants: Sequence[int] | None) -> list[_Given]:
    """Return the answers to a question as they stand, to some of its variants or all."""
    rows = session.execute(
        select(Answer, PoolVariant.id, PoolVariant.document)
        .join(Answer.sitting_item)
        .join(SittingItem.sitting)
        .join(PoolVariant, PoolVariant.id == SittingItem.variant_id)
        .where(SittingItem.item_id == item.id, ~Sitting.preview)
        .where(SittingItem.variant_id.in_(variants) if variants is not None else ~Sitting.preview)
        .order_by(Answer.id)
    ).all()
    standing = scores.standing_marks(session, item.id)
    found: list[_Given] = []
    for answer, variant_id, document in rows:
        score, mark = standing.get(answer.id, (answer.score, None))
        shown = Mark.from_json(mark or answer.mark)
        found.append(_Given(answer.id, variant_id, document, answer.responses, shown, score))
    return found
