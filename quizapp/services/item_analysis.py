"""Item analysis: how hard each question of a quiz was, and which mistakes the class shares.

It counts the sittings that were handed in. What a student believed is their first answer where
each is marked at once, for the later ones have seen that mark; and else the one that counts.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import fmean, median
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from quizapp.db.models import (
    Answer,
    Grade,
    PoolVariant,
    Quiz,
    Sitting,
    SittingItem,
    Submission,
)
from quizapp.errors import NotFound
from quizapp.services import corrections, gradebook, scores
from quizapp.services.gradebook import Question, Row

RIGHT, WRONG, UNREADABLE = "right", "wrong", "unreadable"
BLANK, WAITING = "blank", "waiting"
MISTAKE, VERDICT = "mistake:", "verdict:"
"""What the name of an outcome begins with that is a known mistake, or a verdict on code."""


@dataclass(frozen=True)
class Outcome:
    """What some of the students made of a question, as a share of those who had it.

    `name` is right, wrong (and no known mistake), unreadable, blank, waiting, "mistake:…" or
    "verdict:…".
    """

    name: str
    message: str
    count: int
    share: float


@dataclass(frozen=True)
class Item:
    """A question over the `had` students who had it, of whom so many `answered`.

    `difficulty` is their mean score, 0 to 1. `discrimination` is the correlation of the score
    with that of the rest of the quiz (point-biserial where the score is 0 or 1), -1 to 1.
    `seconds` is the median time of those who answered. Each is None where it is not defined.
    """

    question: Question
    had: int
    answered: int
    difficulty: float | None
    discrimination: float | None
    seconds: float | None
    outcomes: list[Outcome]


@dataclass(frozen=True)
class Analysis:
    """The questions of a quiz, over the sittings that were handed in."""

    public_id: str
    title: str
    students: int
    items: list[Item]


@dataclass(frozen=True)
class Given:
    """What one student gave to a question: responses of a family, or the source of a task."""

    username: str
    name: str
    sitting: str
    position: int
    responses: dict[str, str]
    source: str | None


@dataclass(frozen=True)
class Behind:
    """The students behind one outcome of a question, by the variant that they had.

    A variant is its document, with the keys that count now; a code task has none, and all its
    students stand under None.
    """

    public_id: str
    title: str
    question: Question
    outcome: Outcome
    variants: list[tuple[dict[str, Any] | None, list[Given]]]


@dataclass
class _Belief:
    """What a student believed of a question, and what the marking made of it."""

    outcomes: dict[str, str] = field(default_factory=lambda: {BLANK: ""})
    responses: dict[str, str] = field(default_factory=dict)
    source: bytes | None = None


def of_quiz(connection: Connection, course_id: int, public_id: str) -> Analysis:
    """Return the analysis of a course's quiz. Raises NotFound."""
    book = gradebook.of_quiz(connection, course_id, public_id)
    rows = [row for row in book.rows if row.handed_in_at]
    wanted = (Sitting.quiz_id == book.quiz_id) & ~Sitting.preview
    beliefs = _beliefs(connection, book.quiz_id, wanted)
    times = _seconds(connection, wanted)
    items = [_item(question, rows, beliefs, times) for question in book.questions]
    return Analysis(public_id, book.title, len(rows), items)


def behind(
    connection: Connection, course_id: int, public_id: str, item_id: int, outcome: str
) -> Behind:
    """Return who is behind an outcome of a question. Raises NotFound where nobody is."""
    book = gradebook.of_quiz(connection, course_id, public_id)
    question = next((q for q in book.questions if q.item_id == item_id), None)
    if question is None:
        raise NotFound("The quiz has no such question.")
    rows = [row for row in book.rows if row.handed_in_at]
    wanted = (Sitting.quiz_id == book.quiz_id) & ~Sitting.preview & (SittingItem.item_id == item_id)
    beliefs = _beliefs(connection, book.quiz_id, wanted)
    listed = _outcomes(question, rows, beliefs)
    found = next((other for other in listed if other.name == outcome), None)
    if found is None:
        raise NotFound("Nobody's answer is behind this any more: the marks may have changed.")
    variants = dict(
        connection.execute(
            select(SittingItem.id, SittingItem.variant_id)
            .join(Sitting, Sitting.id == SittingItem.sitting_id)
            .where(wanted)
        ).all()
    )
    given: dict[int | None, list[Given]] = defaultdict(list)
    for row in rows:
        cell = row.cells.get(item_id)
        belief = beliefs.get(cell.sitting_item_id, _Belief()) if cell else None
        if cell and belief and outcome in belief.outcomes:
            given[variants[cell.sitting_item_id]].append(_given(row, cell.position, belief))
    documents = dict(
        connection.execute(
            select(PoolVariant.id, PoolVariant.document).where(PoolVariant.id.in_(list(given)))
        ).all()
    )
    for key, new in corrections.of_variants(connection, documents).items():
        asked = documents[key]["statement"] if _same_parts(new, documents[key]) else None
        documents[key] = new | ({"statement": asked} if asked else {})
    most_first = sorted(given.items(), key=lambda pair: -len(pair[1]))
    pairs = [(documents.get(variant or 0), students) for variant, students in most_first]
    return Behind(public_id, book.title, question, found, pairs)


def _same_parts(new: dict[str, Any], old: dict[str, Any]) -> bool:
    """Whether the statement of the one has a place for each key of the other."""
    return new["parts"].keys() == old["parts"].keys()


def _given(row: Row, position: int, belief: _Belief) -> Given:
    source = None if belief.source is None else belief.source.decode("utf-8", "replace")
    return Given(row.username, row.name, row.sitting or "", position, belief.responses, source)


def _item(
    question: Question, rows: Sequence[Row], beliefs: dict[int, _Belief], times: dict[int, float]
) -> Item:
    having = [(row, row.cells[question.item_id]) for row in rows if question.item_id in row.cells]
    answered = [cell for _, cell in having if cell.tries]
    points = [cell.score or 0.0 for _, cell in having]
    spent = [times[cell.sitting_item_id] for cell in answered if times[cell.sitting_item_id] > 0]
    with_rest = [
        (cell.score or 0.0, (row.points - cell.points) / (row.possible - cell.possible))
        for row, cell in having
        if row.possible > cell.possible
    ]
    return Item(
        question,
        len(having),
        len(answered),
        fmean(points) if points else None,
        correlation(with_rest),
        median(spent) if spent else None,
        _outcomes(question, rows, beliefs),
    )


def correlation(pairs: Sequence[tuple[float, float]]) -> float | None:
    """Return Pearson's correlation; None for fewer than two pairs, or where one side is constant.

    Where the first of each pair is 0 or 1 this is the point-biserial correlation.
    """
    if len(pairs) < 2:  # noqa: PLR2004
        return None
    xs, ys = [x for x, _ in pairs], [y for _, y in pairs]
    x_mean, y_mean = fmean(xs), fmean(ys)
    x_spread = sum((x - x_mean) ** 2 for x in xs)
    y_spread = sum((y - y_mean) ** 2 for y in ys)
    # What differs by rounding alone is constant.
    if min(x_spread, y_spread) < 1e-12 * len(pairs):
        return None
    together = sum((x - x_mean) * (y - y_mean) for x, y in pairs)
    return max(-1.0, min(1.0, together / (x_spread**0.5 * y_spread**0.5)))


def _outcomes(
    question: Question, rows: Iterable[Row], beliefs: dict[int, _Belief]
) -> list[Outcome]:
    """Return what those who had a question made of it: right first, then by how many."""
    counts: Counter[str] = Counter()
    messages: dict[str, str] = {}
    had = 0
    for row in rows:
        cell = row.cells.get(question.item_id)
        if cell is None:
            continue
        had += 1
        found = beliefs.get(cell.sitting_item_id, _Belief()).outcomes
        counts.update(found.keys())
        messages |= {name: text for name, text in found.items() if text}
    listed = [
        Outcome(name, messages.get(name, ""), count, count / had) for name, count in counts.items()
    ]
    last = (WRONG, UNREADABLE, WAITING, BLANK)
    return sorted(
        listed,
        key=lambda o: (o.name != RIGHT, o.name in last, -o.count, o.name),
    )


def _beliefs(
    connection: Connection, quiz_id: int, wanted: ColumnElement[bool]
) -> dict[int, _Belief]:
    """Return what was believed of each question of each sitting that has an answer."""
    feedback = connection.execute(select(Quiz.feedback).where(Quiz.id == quiz_id)).scalar_one()
    one = func.min if feedback == "at_once" else func.max
    return _of_answers(connection, wanted, one) | _of_submissions(connection, wanted, one)


def _of_answers(
    connection: Connection, wanted: ColumnElement[bool], one: Any
) -> dict[int, _Belief]:
    chosen = (
        select(one(Answer.id))
        .join(SittingItem, SittingItem.id == Answer.sitting_item_id)
        .join(Sitting, Sitting.id == SittingItem.sitting_id)
        .where(wanted)
        .group_by(Answer.sitting_item_id)
    )
    rows = connection.execute(
        select(Answer.id, Answer.sitting_item_id, Answer.responses, Answer.mark).where(
            Answer.id.in_(chosen)
        )
    )
    anew = scores.marks_anew(connection, Answer, Answer.id.in_(chosen))
    return {
        item_id: _Belief(outcomes_of_mark(anew.get(answer_id) or mark), responses)
        for answer_id, item_id, responses, mark in rows
    }


def outcomes_of_mark(mark: dict[str, Any]) -> dict[str, str]:
    """Return the outcomes that a mark shows, each with its message: its mistakes, or else one."""
    parts = list(mark["parts"].values())
    mistakes: dict[str, str] = {}
    for part in parts:
        if part["verdict"] == "mistake":
            names = part["mistake"].split(", ")
            texts = part["message"].split(" Or: ")
            texts = texts if len(texts) == len(names) else [part["message"]] * len(names)
            mistakes |= {MISTAKE + name: text for name, text in zip(names, texts, strict=True)}
    if mistakes:
        return mistakes
    verdicts = {part["verdict"] for part in parts}
    if verdicts == {"blank"}:
        return {BLANK: ""}
    if "malformed" in verdicts and "wrong" not in verdicts:
        return {UNREADABLE: ""}
    return {RIGHT if mark["score"] >= 1 else WRONG: ""}


def _of_submissions(
    connection: Connection, wanted: ColumnElement[bool], one: Any
) -> dict[int, _Belief]:
    chosen = (
        select(one(Submission.id))
        .join(SittingItem, SittingItem.id == Submission.sitting_item_id)
        .join(Sitting, Sitting.id == SittingItem.sitting_id)
        .where(wanted)
        .group_by(Submission.sitting_item_id)
    )
    rows = connection.execute(
        select(Submission.id, Submission.sitting_item_id, Submission.source, Grade.document)
        .outerjoin(Grade, Grade.submission_id == Submission.id)
        .where(Submission.id.in_(chosen))
        .order_by(Grade.id)
    )
    anew = scores.marks_anew(connection, Submission, Submission.id.in_(chosen))
    return {
        item_id: _Belief(_outcome_of_grade(anew.get(submission_id) or document), source=source)
        for submission_id, item_id, source, document in rows
        if item_id is not None
    }


def _outcome_of_grade(document: dict[str, Any] | None) -> dict[str, str]:
    if document is None:
        return {WAITING: ""}
    verdict = document["verdict"]
    if verdict == "accepted":
        return {RIGHT: ""}
    if document.get("mistake"):
        return {MISTAKE + document["mistake"]: document.get("message") or ""}
    return {VERDICT + verdict: ""}


def _seconds(connection: Connection, wanted: ColumnElement[bool]) -> dict[int, float]:
    rows = connection.execute(
        select(SittingItem.id, SittingItem.seconds)
        .join(Sitting, Sitting.id == SittingItem.sitting_id)
        .where(wanted)
    )
    return dict(rows.all())
