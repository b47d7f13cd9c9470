"""What a corrected problem means for the quizzes that asked an older version of it.

A question stays as it was asked. Its key and its worked solution are those that the mark rests on:
of the newest regrade that is applied and not undone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, func, select
from sqlalchemy.orm import Session, contains_eager

from problems.core import Variant as Frozen
from quizapp.db.models import (
    Answer,
    Problem,
    ProblemVersion,
    QuizItem,
    QuizSection,
    Regrade,
    RegradeMark,
    RegradeVariant,
    Sitting,
    SittingItem,
    Submission,
)
from quizapp.services import scores

Document = dict[str, Any]


@dataclass(frozen=True)
class Outdated:
    """A question that asks an older version of a problem than is published.

    `begun` says that students have begun its quiz, so that it can only be regraded; `regraded`
    that it was, by the newest version, which has marked all that counts.
    """

    item: QuizItem
    begun: bool
    regraded: bool


def outdated(session: Session, problem: Problem) -> list[Outdated]:
    """Return the questions that are drawn from an older version than is published, by quiz.

    One that was retired is among them where the quiz was begun: somebody may have had it.
    """
    newest = problem.published
    if newest is None:
        return []
    items = session.scalars(
        select(QuizItem)
        .join(QuizItem.version)
        .join(QuizItem.section)
        .where(ProblemVersion.problem_id == problem.id, ProblemVersion.number < newest.number)
        .order_by(QuizSection.quiz_id.desc(), QuizSection.position, QuizItem.position)
        .options(contains_eager(QuizItem.section).joinedload(QuizSection.quiz))
    ).all()
    begun = set(
        session.scalars(
            select(Sitting.quiz_id)
            .where(Sitting.quiz_id.in_([item.section.quiz_id for item in items]), ~Sitting.preview)
            .distinct()
        )
    )
    regraded = _regraded(session, [item.id for item in items], newest.number)
    return [
        Outdated(item, item.section.quiz_id in begun, item.id in regraded)
        for item in items
        if item.section.quiz_id in begun or not item.retired
    ]


def _regraded(session: Session, items: Sequence[int], version: int) -> set[int]:
    """Return the questions in which a version's regrade has marked what each student gave last.

    Or in which it was graded by that version in the first place. What they gave before it was
    marked too: a regrade is applied only where it knows all that counts.
    """
    by_version = Regrade.item_id.in_(items) & (Regrade.settings["version"].as_integer() == version)
    found = set(session.scalars(select(Regrade.item_id).where(by_version, scores.APPLIED)))
    for of, column in ((Answer, RegradeMark.answer_id), (Submission, RegradeMark.submission_id)):
        last = (
            select(SittingItem.item_id, func.max(of.id))
            .join(of, of.sitting_item_id == SittingItem.id)
            .join(SittingItem.sitting)
            .where(SittingItem.item_id.in_(found), ~Sitting.preview)
            .group_by(SittingItem.id, SittingItem.item_id)
        )
        query = scores.made_by_regrades(RegradeMark, column).where(by_version)
        marked = set(session.scalars(query))
        if of is Submission:
            last = last.join(Submission.grades)
            marked.update(session.scalars(_graded_by(found, version)))
        found -= {item for item, key in session.execute(last) if key not in marked}
    return found


def _graded_by(items: Iterable[int], version: int) -> Select[int]:
    """Select the submissions to questions that a version graded in the first place, or a newer."""
    return (
        select(Submission.id)
        .join(ProblemVersion, ProblemVersion.id == Submission.version_id)
        .join(SittingItem, SittingItem.id == Submission.sitting_item_id)
        .where(SittingItem.item_id.in_(items), ProblemVersion.number >= version)
    )


def of_variants(connection: Connection, documents: Mapping[int, Document]) -> dict[int, Document]:
    """Return, by id, what stands in place of these variants, which are as they were given.

    One whose keys and solution stayed as they were is left out.
    """
    made = scores.made_by_regrades(RegradeVariant, RegradeVariant.variant_id, RegradeVariant.id)
    newest = dict(connection.execute(made.where(RegradeVariant.variant_id.in_(documents))).all())
    # The documents of the newest alone: a question that is regraded often has many large ones.
    rows = connection.execute(
        select(RegradeVariant.variant_id, RegradeVariant.document).where(
            RegradeVariant.id.in_(newest.values())
        )
    )
    return {key: new for key, new in rows if _differs(new, documents[key])}


def of_sitting(connection: Connection, sitting: Sitting) -> dict[int, Frozen]:
    """Return what stands in place of a sitting's variants, by the variant's id."""
    return of_sittings(connection, [sitting])


def of_sittings(connection: Connection, sittings: Iterable[Sitting]) -> dict[int, Frozen]:
    """Return what stands in place of the variants of several sittings, by the variant's id."""
    given = {
        item.variant.id: item.variant.document
        for sitting in sittings
        for item in sitting.items
        if item.variant
    }
    return {
        key: Frozen.from_json(document) for key, document in of_variants(connection, given).items()
    }


def _differs(one: Document, other: Document) -> bool:
    return one["solution"] != other["solution"] or _keys(one) != _keys(other)


def _keys(document: Document) -> dict[str, Any]:
    return {part: spec["key"] for part, spec in document["parts"].items()}
