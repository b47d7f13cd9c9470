"""The gradebook: a row a student, a column a question, and what is asked of it.

It is made of plain rows and of the fold in `scores`; no variant, answer or mark is loaded.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import Connection, select

from quizapp.db.models import Course, Enrolment, Quiz, QuizItem, QuizSection, Sitting, User
from quizapp.errors import NotFound
from quizapp.services import scores, spreadsheets
from quizapp.services.courses import Member
from quizapp.services.keys import is_key
from quizapp.services.scores import ItemScore

FORMAT = 1
PAGE = 50
"""Students in one page."""

State = Literal["not begun", "under way", "handed in"]
STATES: tuple[State, ...] = get_args(State)


@dataclass(frozen=True)
class Question:
    """A question of a quiz, numbered from 1 in the quiz's own order."""

    item_id: int
    number: int
    title: str
    section: str
    kind: str
    points: float


@dataclass(frozen=True)
class Row:
    """A student in a quiz. Who left the course and has a sitting is not `enrolled` any more.

    `cells` has the score of each question that they had, by its item_id.
    """

    user_id: int
    username: str
    name: str
    enrolled: bool
    state: State = "not begun"
    sitting: str | None = None
    started_at: datetime | None = None
    handed_in_at: datetime | None = None
    cells: dict[int, ItemScore] = field(default_factory=dict)
    points: float = 0.0
    possible: float = 0.0

    @property
    def share(self) -> float | None:
        """The points as a share of those that were possible; None without a sitting."""
        return self.points / self.possible if self.possible else None


@dataclass(frozen=True)
class Gradebook:
    """All students of a course in one quiz."""

    quiz_id: int
    public_id: str
    title: str
    course: str
    questions: list[Question]
    rows: list[Row]


@dataclass(frozen=True)
class View:
    """Which rows are wanted, in which order.

    `text` is in the name or username; `low` and `high` bound the share, 0 to 1. `sort` is "name",
    "username", "state", "points", or a question's item_id.
    """

    text: str = ""
    state: str = ""
    low: float | None = None
    high: float | None = None
    sort: str = "name"
    descending: bool = False


def of_quiz(connection: Connection, course_id: int, public_id: str) -> Gradebook:
    """Return the gradebook of a course's quiz. Raises NotFound."""
    quiz = None
    if is_key(public_id):
        quiz = connection.execute(
            select(Quiz.id, Quiz.title, Course.slug)
            .join_from(Quiz, Course, Quiz.course_id == Course.id)
            .where(Quiz.public_id == public_id, Quiz.course_id == course_id)
        ).one_or_none()
    if quiz is None:
        raise NotFound("The course has no such quiz.")
    folded = scores.by_sitting(connection, quiz.id)
    asked = {item.item_id for items in folded.values() for item in items}
    rows = _rows(connection, course_id, quiz.id, folded)
    questions = _questions(connection, quiz.id, asked)
    return Gradebook(quiz.id, public_id, quiz.title, quiz.slug, questions, rows)


def _questions(connection: Connection, quiz_id: int, asked: set[int]) -> list[Question]:
    """Return the questions in their order; one that was taken out only where somebody had it."""
    found = connection.execute(
        select(
            QuizItem.id,
            QuizItem.title,
            QuizSection.title,
            QuizItem.kind,
            QuizItem.points,
            QuizItem.retired,
        )
        .join_from(QuizItem, QuizSection, QuizItem.section_id == QuizSection.id)
        .where(QuizSection.quiz_id == quiz_id)
        .order_by(QuizSection.position, QuizSection.id, QuizItem.position, QuizItem.id)
    )
    shown = [row for row in found if not row[5] or row[0] in asked]
    return [
        Question(item_id, number, title, section, kind, points)
        for number, (item_id, title, section, kind, points, _) in enumerate(shown, start=1)
    ]


def _rows(
    connection: Connection, course_id: int, quiz_id: int, folded: dict[int, list[ItemScore]]
) -> list[Row]:
    sittings = {
        row.user_id: row
        for row in connection.execute(
            select(
                Sitting.user_id,
                Sitting.id,
                Sitting.public_id,
                Sitting.started_at,
                Sitting.handed_in_at,
            ).where(Sitting.quiz_id == quiz_id, ~Sitting.preview)
        )
    }
    rows: list[Row] = []
    for user_id, username, name, enrolled in _people(connection, course_id, [quiz_id]):
        found = sittings.get(user_id)
        if found is None:
            rows.append(Row(user_id, username, name, enrolled))
            continue
        items = folded.get(found.id, [])
        rows.append(
            Row(
                user_id,
                username,
                name,
                enrolled,
                "handed in" if found.handed_in_at else "under way",
                found.public_id,
                found.started_at,
                found.handed_in_at,
                {item.item_id: item for item in items},
                *scores.total(items),
            )
        )
    return rows


def _people(
    connection: Connection, course_id: int, quiz_ids: list[int]
) -> list[tuple[int, str, str, bool]]:
    """Return the students, and who else sat one of the quizzes: id, username, name, enrolled."""
    sat = select(Sitting.user_id).where(Sitting.quiz_id.in_(quiz_ids), ~Sitting.preview)
    found = connection.execute(
        select(User.id, User.username, Enrolment.name, Enrolment.role)
        .join_from(
            User,
            Enrolment,
            (Enrolment.user_id == User.id) & (Enrolment.course_id == course_id),
            isouter=True,
        )
        .where((Enrolment.role == "student") | User.id.in_(sat))
    )
    people = [
        (user_id, username, name or "", role is not None) for user_id, username, name, role in found
    ]
    return sorted(people, key=lambda person: ((person[2] or person[1]).casefold(), person[1]))


def select_rows(book: Gradebook, view: View) -> list[Row]:
    """Return the rows that a view wants, in its order."""
    text = view.text.casefold()
    rows = [
        row
        for row in book.rows
        if (not text or text in row.username.casefold() or text in row.name.casefold())
        and (not view.state or row.state == view.state)
        and _is_between(row.share, view.low, view.high)
    ]
    if view.sort != "name" or view.descending:
        rows.sort(key=lambda row: _rank(row, view.sort), reverse=view.descending)
    return rows


def _is_between(share: float | None, low: float | None, high: float | None) -> bool:
    if low is None and high is None:
        return True
    # A total of 0.1 + 0.2 is within "up to 30 %".
    slack = 1e-9
    return (
        share is not None and (low or 0) - slack <= share <= (1 if high is None else high) + slack
    )


def _rank(row: Row, sort: str) -> Any:
    """Return what a row is sorted by; who has no number comes below all who have one."""
    if sort == "username":
        return row.username.casefold()
    if sort == "state":
        return STATES.index(row.state)
    if sort == "points":
        return -1.0 if row.sitting is None else row.points
    if sort.isdecimal():
        cell = row.cells.get(int(sort))
        return -1.0 if cell is None else cell.points
    return (row.name or row.username).casefold()


def to_csv(book: Gradebook, rows: Iterable[Row]) -> str:
    """Return rows of a gradebook as CSV: a line a student, a column of points a question."""
    head = ["username", "name", "state", "started", "handed in", "points", "possible"]
    columns = [f"{q.number}. {q.title} ({q.points:g})" for q in book.questions]
    lines = [
        [
            row.username,
            row.name,
            row.state,
            _iso(row.started_at),
            _iso(row.handed_in_at),
            *((round(row.points, 4), row.possible) if row.sitting else (None, None)),
            *(
                round(row.cells[question.item_id].points, 4)
                if question.item_id in row.cells
                else None
                for question in book.questions
            ),
        ]
        for row in rows
    ]
    return spreadsheets.csv_text([head + columns, *lines])


def to_json(book: Gradebook, rows: Iterable[Row]) -> dict[str, Any]:
    """Return rows of a gradebook as a JSON document; docs/gradebook.md describes it."""
    return {
        "format": FORMAT,
        "course": book.course,
        "quiz": {"id": book.public_id, "title": book.title},
        "questions": [
            {
                "id": question.item_id,
                "number": question.number,
                "section": question.section,
                "title": question.title,
                "kind": question.kind,
                "points": question.points,
            }
            for question in book.questions
        ],
        "students": [_student(row) for row in rows],
    }


def _student(row: Row) -> dict[str, Any]:
    return {
        "username": row.username,
        "name": row.name,
        "enrolled": row.enrolled,
        "state": row.state,
        "sitting": row.sitting,
        "started_at": _iso(row.started_at),
        "handed_in_at": _iso(row.handed_in_at),
        "points": row.points if row.sitting else None,
        "possible": row.possible if row.sitting else None,
        "questions": [
            {
                "id": cell.item_id,
                "position": cell.position,
                "score": cell.score,
                "points": cell.points,
                "tries": cell.tries,
                "waiting": cell.waiting,
                "overridden": cell.overridden,
            }
            for cell in row.cells.values()
        ],
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


@dataclass(frozen=True)
class CourseBook:
    """The students of a course and their totals in its quizzes, by the quiz's id.

    A total is (points, possible); who has no sitting of a quiz has none.
    """

    quizzes: list[tuple[int, str, str]]
    rows: list[tuple[str, str, dict[int, tuple[float, float]]]]


def of_course(connection: Connection, member: Member) -> CourseBook:
    """Return the gradebook of a whole course: its published quizzes as (id, public_id, title)."""
    quizzes = [
        (quiz_id, public_id, title)
        for quiz_id, public_id, title in connection.execute(
            select(Quiz.id, Quiz.public_id, Quiz.title)
            .where(Quiz.course_id == member.course_id, Quiz.published)
            .order_by(Quiz.opens_at.nulls_last(), Quiz.id)
        )
    ]
    ids = [quiz_id for quiz_id, _, _ in quizzes]
    owners = {
        sitting_id: (user_id, quiz_id)
        for sitting_id, user_id, quiz_id in connection.execute(
            select(Sitting.id, Sitting.user_id, Sitting.quiz_id).where(
                Sitting.quiz_id.in_(ids), ~Sitting.preview
            )
        )
    }
    totals: dict[int, dict[int, tuple[float, float]]] = {}
    for quiz_id in ids:
        for sitting_id, items in scores.by_sitting(connection, quiz_id).items():
            user_id, _ = owners[sitting_id]
            totals.setdefault(user_id, {})[quiz_id] = scores.total(items)
    people = _people(connection, member.course_id, ids)
    rows = [(username, name, totals.get(user_id, {})) for user_id, username, name, _ in people]
    return CourseBook(quizzes, rows)


def course_csv(book: CourseBook) -> str:
    """Return the gradebook of a course as CSV: a line a student, a column of points a quiz."""
    head = ["username", "name", *(title for _, _, title in book.quizzes)]
    lines = [
        [
            username,
            name,
            *(
                round(totals[quiz_id][0], 4) if quiz_id in totals else None
                for quiz_id, _, _ in book.quizzes
            ),
        ]
        for username, name, totals in book.rows
    ]
    return spreadsheets.csv_text([head, *lines])
