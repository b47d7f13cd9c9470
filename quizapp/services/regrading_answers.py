"""Answers to a family's question marked by newer files, with why each mark changes."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from problems import marking
from problems.core import Mark, PartMark
from problems.core import Variant as Frozen
from quizapp.db.engine import Database
from quizapp.db.models import (
    Answer,
    BoxJob,
    PoolVariant,
    QuizItem,
    Regrade,
    RegradeMark,
    RegradeVariant,
    Sitting,
    SittingItem,
)
from quizapp.services import pools, regrade_rules, scores
from quizapp.services.box import Box


def steps(session: Session, item: QuizItem) -> list[int]:
    """Return a question's variants by id, those too that have yet to be given to somebody."""
    return list(
        session.scalars(
            select(PoolVariant.id).where(PoolVariant.item_id == item.id).order_by(PoolVariant.id)
        )
    )


def standing(session: Session, item: QuizItem) -> dict[int, float]:
    """Return the score that each answer to a question has now, by the answer's id."""
    return {answer.id: answer.score for answer in _answers(session, _of_students(item))}


def ungraded(_session: Session, _item: QuizItem) -> set[int]:
    """Return the answers that have no mark yet: none, for they are marked as they come in."""
    return set()


def remark(
    database: Database, box: Box, job: BoxJob, item: QuizItem, ids: Sequence[int]
) -> tuple[list[dict[str, Any]], dict[int, dict[str, Any]]]:
    """Compute the keys of these variants by the newest files, and mark their answers by them.

    All parameters are pinned to what each variant has. Returns the fields of a RegradeMark for
    each answer, and by its id what the files give for each variant, but for those that they fail
    at and nobody was given. Raises Invalid where the files fail or the engines disagree.
    """
    if not ids:
        return [], {}
    with database.read() as session:
        variants = session.scalars(
            select(PoolVariant).where(PoolVariant.id.in_(ids)).order_by(PoolVariant.id)
        ).all()
        version = pools.version(session, job.request["version_id"])
        files = pools.files_of(version, item.slug)
        answers = _answers(session, _of_students(item) & SittingItem.variant_id.in_(ids))
        given = _variants_given(session, item)
    draws = [{"seed": v.seed, "pins": v.document["params"]} for v in variants]
    said = box.ask(files | {"do": "draw", "draws": draws, "prove": True})
    drawn = dict(zip([v.id for v in variants], said.get("drawn", ()), strict=False))
    pools.checked(said | {"drawn": [each for key, each in drawn.items() if key in given]})
    documents = {key: each["variant"] for key, each in drawn.items() if pools.is_sound(each)}
    fresh = {key: Frozen.from_json(document) for key, document in documents.items()}
    return [_remarked(answer, fresh[answer.variant_id]) for answer in answers], documents


def follow(session: Session, items: Iterable[int], ids: Collection[int]) -> bool:
    """Mark answers that came in later as the regrades of their questions that count would have.

    Returns False where one of these has no keys for the variant.
    """
    complete = True
    for regrade in regrade_rules.that_count(session, items) if ids else ():
        marked = regrade_rules.marked(session, regrade, RegradeMark.answer_id, ids)
        later = (SittingItem.item_id == regrade.item_id) & Answer.id.in_(set(ids) - marked)
        answers = _answers(session, later)
        fresh = _fresh(session, regrade, {answer.variant_id for answer in answers})
        rows = [_followed(regrade, answer, fresh.get(answer.variant_id)) for answer in answers]
        complete = complete and None not in rows
        session.add_all(RegradeMark(regrade_id=regrade.id, **row) for row in rows if row)
        session.flush()  # what the next one starts from
    return complete


@dataclass(frozen=True)
class _Given:
    """An answer as it stands: its variant, what was typed, its mark and its score now."""

    id: int
    created_at: datetime
    variant_id: int
    document: Mapping[str, Any]
    responses: Mapping[str, str]
    mark: Mark
    score: float


def _fresh(session: Session, regrade: Regrade, ids: Iterable[int]) -> dict[int, Frozen]:
    """Return what a regrade's files gave for these variants, by the variant's id."""
    rows = session.execute(
        select(RegradeVariant.variant_id, RegradeVariant.document).where(
            RegradeVariant.regrade_id == regrade.id, RegradeVariant.variant_id.in_(ids)
        )
    )
    return {key: Frozen.from_json(document) for key, document in rows}


def _followed(regrade: Regrade, answer: _Given, variant: Frozen | None) -> dict[str, Any] | None:
    """Return the fields of a RegradeMark for an answer; None without keys for its variant."""
    if regrade.settings["rule"] == "full":
        return {"answer_id": answer.id, **regrade_rules.full(answer.score)}
    if variant is None:
        return None
    row = _remarked(answer, variant)
    if regrade.applied_at and answer.created_at > regrade.applied_at:
        return row | {"reason": ""}  # nobody has seen another mark, nor can one be kept
    return regrade_rules.not_lowered(row) if regrade.settings["never_lower"] else row


def _remarked(answer: _Given, variant: Frozen) -> dict[str, Any]:
    typed = {part: answer.responses.get(part, "") for part in variant.parts}
    mark = marking.mark(variant, typed)
    return {
        "answer_id": answer.id,
        "before": answer.score,
        "score": mark.score,
        "mark": mark.to_json(),
        "reason": _why(Frozen.from_json(answer.document), answer.mark, variant, mark),
    }


def _why(old: Frozen, before: Mark, new: Frozen, after: Mark) -> str:
    """Return in words what changed in each part; empty where nothing did."""
    found: list[str] = []
    for part, mark in after.parts.items():
        was = before.parts.get(part)
        if was is None:
            found.append(f"{new.label(part)} was not asked, and is {_words(mark)}.")
            continue
        if was.verdict == mark.verdict:
            continue
        key = new.parts[part].show(new.keys[part])
        former = old.parts[part].show(old.keys[part]) if part in old.parts else key
        moved = f"the key is {key}, it was {former}" if key != former else f"the key is {key}"
        found.append(f"{new.label(part)} was {_words(was)}, is now {_words(mark)}: {moved}.")
    return " ".join(found)


def _words(mark: PartMark) -> str:
    return f"a mistake (“{mark.message}”)" if mark.verdict == "mistake" else mark.verdict


def _variants_given(session: Session, item: QuizItem) -> set[int | None]:
    """Return the variants of a question that students have been given, by id."""
    return set(
        session.scalars(
            select(SittingItem.variant_id).join(SittingItem.sitting).where(_of_students(item))
        )
    )


def _of_students(item: QuizItem) -> ColumnElement[bool]:
    return (SittingItem.item_id == item.id) & ~Sitting.preview


def _answers(session: Session, wanted: ColumnElement[bool]) -> list[_Given]:
    """Return answers as they stand, in their order."""
    rows = session.execute(
        select(Answer, PoolVariant.id, PoolVariant.document)
        .join(Answer.sitting_item)
        .join(SittingItem.sitting)
        .join(PoolVariant, PoolVariant.id == SittingItem.variant_id)
        .where(wanted)
        .order_by(Answer.id)
    ).all()
    standing = scores.standing_marks(session, wanted)
    found: list[_Given] = []
    for answer, variant_id, document in rows:
        score, mark = standing.get(answer.id, (answer.score, None))
        shown = Mark.from_json(mark or answer.mark)
        found.append(
            _Given(
                answer.id, answer.created_at, variant_id, document, answer.responses, shown, score
            )
        )
    return found
