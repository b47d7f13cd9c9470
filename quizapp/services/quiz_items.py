"""The sections and questions of a quiz, while it is made.

Each change is a transaction of its own on the rows that it names, so that two instructors who
work on a quiz at once lose nothing of each other's.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from grader import catalog as tasks
from problems import catalog as families
from problems.core import ParamError
from problems.params import check_pins
from quizapp.db.models import ProblemKind, ProblemVersion, Quiz, QuizItem, QuizSection
from quizapp.errors import Conflict, Invalid, NotFound
from quizapp.services import authoring, course_log, pools, quiz_settings, quizzes
from quizapp.services.courses import Member

MAX_QUESTIONS = 100
MAX_SECTIONS = 20
MAX_POINTS = 1000.0
MAX_PIN = 20_000


@dataclass(frozen=True)
class Candidate:
    """A problem that can be a question: `source` names it in forms, `origin` says whose it is."""

    source: str
    kind: ProblemKind
    title: str
    topic: str
    origin: str


@dataclass(frozen=True)
class Parameter:
    """A parameter of a family, as its author declared it."""

    name: str
    type: str
    range: str
    meaning: str


def candidates(session: Session, course_id: int, words: str = "") -> list[Candidate]:
    """Return the problems that a quiz of this course can ask, which have all of the words.

    The course's own published ones come first, then the bank's families and code tasks.
    """
    own = [
        Candidate(
            f"version/{version.id}",
            problem.kind,
            (version.head or {}).get("title") or problem.slug,
            (version.head or {}).get("topic") or "",
            f"the course's {problem.slug}, version {version.number}",
        )
        for problem in authoring.of_course(session, course_id)
        if (version := problem.published) is not None and not problem.hidden
    ]
    bank = [
        Candidate(f"family/{f.slug}", "family", f.question.title, f.question.topic, "the bank")
        for f in families.families().values()
    ]
    code = [
        Candidate(f"task/{t.slug}", "task", t.title, t.topic, "the bank")
        for t in tasks.tasks().values()
    ]
    wanted = words.lower().split()
    return [
        candidate
        for candidate in own + bank + code
        if all(word in " ".join(vars(candidate).values()).lower() for word in wanted)
    ]


def add_section(session: Session, member: Member, quiz_id: str) -> None:
    """Add an empty section at the end."""
    quiz = _open(session, member, quiz_id)
    if len(quiz.sections) >= MAX_SECTIONS:
        raise Conflict(f"A quiz has at most {MAX_SECTIONS} sections.")
    last = max((section.position for section in quiz.sections), default=0)
    quiz.sections.append(QuizSection(position=last + 1))
    _log(session, member, quiz, "Added a section to")


def change_section(
    session: Session, member: Member, quiz_id: str, section_id: int, title: str, pick: int | None
) -> None:
    """Set a section's title, and how many of its questions a student gets; None is all."""
    quiz = quizzes.find(session, member.course_id, quiz_id, locked=True)
    section = _section(quiz, section_id)
    title = title.strip()
    if title:
        quiz_settings.check_title(title, "section")
    if pick != section.pick:
        _require_open(quiz)
    if pick is not None and not 1 <= pick <= MAX_QUESTIONS:
        raise Invalid("A section picks at least one question; leave the field empty for all.")
    if (title, pick) == (section.title, section.pick):
        return
    pairs = ("title", section.title, title), ("picks", section.pick or "all", pick or "all")
    said = "; ".join(
        f"{of} from {old or 'none'} to {new or 'none'}" for of, old, new in pairs if old != new
    )
    section.title, section.pick = title, pick
    _log(session, member, quiz, f"Changed section {section.position}, {said}, of")


def remove_section(session: Session, member: Member, quiz_id: str, section_id: int) -> None:
    """Remove a section that has no questions. Raises Conflict where it has some."""
    quiz = _open(session, member, quiz_id)
    section = _section(quiz, section_id)
    if section.items:
        raise Conflict("This section has questions. Move or remove them first.")
    quiz.sections.remove(section)
    _log(session, member, quiz, f"Removed section {section.position} of")


def add(session: Session, member: Member, quiz_id: str, section_id: int, source: str) -> QuizItem:
    """Add a problem at the end of a section, and have its variants drawn. Raises NotFound."""
    quiz = _open(session, member, quiz_id)
    section = _section(quiz, section_id)
    if len(quizzes.items_of(quiz)) >= MAX_QUESTIONS:
        raise Conflict(f"A quiz has at most {MAX_QUESTIONS} questions.")
    known = {candidate.source: candidate for candidate in candidates(session, member.course_id)}
    if source not in known:
        raise NotFound("There is no such problem any more. Search for another.")
    where, _, name = source.partition("/")
    last = max((item.position for item in section.items), default=0)
    item = QuizItem(
        position=last + 1,
        kind=known[source].kind,
        slug=None if where == "version" else name,
        version_id=int(name) if where == "version" else None,
        title=known[source].title[: quiz_settings.MAX_TITLE],
        pins={},
        points=1.0,
    )
    section.items.append(item)
    pools.draw(session, member.course_id, item, quiz.variants)
    _log(session, member, quiz, f"Added “{item.title}” to")
    return item


def set_points(session: Session, member: Member, quiz_id: str, item_id: int, points: float) -> None:
    """Say what a question is worth; also after students have begun. Raises Invalid."""
    quiz = quizzes.find(session, member.course_id, quiz_id, locked=True)
    item = find(quiz, item_id)
    if not 0 <= points <= MAX_POINTS:
        raise Invalid(f"A question is worth 0 to {MAX_POINTS:g} points.")
    if item.points != points:
        text = f"Changed “{item.title}” from {item.points:g} to {points:g} points in"
        item.points = points
        _log(session, member, quiz, text)


def set_pins(
    session: Session, member: Member, quiz_id: str, item_id: int, texts: Mapping[str, str]
) -> None:
    """Pin parameters of a family to values, given as JSON by name; a blank text pins nothing.

    Its variants are drawn anew. Raises Invalid for a value that the family cannot take; those of
    a course's own family are tried when they are drawn.
    """
    quiz = quizzes.find(session, member.course_id, quiz_id, locked=True)
    item = find(quiz, item_id)
    pins = {name: _read_pin(name, text) for name, text in texts.items() if text.strip()}
    if item.slug is not None and item.kind == "family":
        try:
            check_pins(families.family(item.slug).params, pins)
        except ParamError as error:
            raise Invalid(f"This cannot be pinned. {error}") from error
    if pins == item.pins:
        return
    _require_open(quiz)
    before, after = (json.dumps(each) for each in (item.pins, pins))
    item.pins = pins
    _draw_anew(session, member, quiz, item)
    text = f"Changed what is pinned in “{item.title}” from {before} to {after} in"
    _log(session, member, quiz, text)


def redraw(session: Session, member: Member, quiz_id: str, item_id: int) -> None:
    """Draw a question's variants anew, of the newest published version where it is the course's."""
    quiz = _open(session, member, quiz_id)
    item = find(quiz, item_id)
    if item.version is not None:
        newest = item.version.problem.published
        item.version = newest or item.version
    _draw_anew(session, member, quiz, item)
    _log(session, member, quiz, f"Drew “{item.title}” anew for")


def remove(session: Session, member: Member, quiz_id: str, item_id: int) -> None:
    """Remove a question; once the quiz is published it is retired, and given to nobody more."""
    quiz = quizzes.find(session, member.course_id, quiz_id, locked=True)
    item = find(quiz, item_id)
    if not quiz.published:
        quizzes.forget_previews(session, quiz)
        item.section.items.remove(item)
        _log(session, member, quiz, f"Removed “{item.title}” from")
        return
    left = [other for other in item.section.items if not other.retired and other is not item]
    if len(left) < (item.section.pick or 0) or not _others(quiz, item):
        raise Conflict("Too few questions would be left for those who have not begun.")
    item.retired = True
    _log(session, member, quiz, f"Retired “{item.title}” from")


def move(session: Session, member: Member, quiz_id: str, item_id: int, *, up: bool) -> None:
    """Move a question by one place; at the edge of its section, into the next section."""
    quiz = _open(session, member, quiz_id)
    item = find(quiz, item_id)
    places = [list(section.items) for section in quiz.sections]
    row = quiz.sections.index(item.section)
    column = places[row].index(item)
    step = -1 if up else 1
    places[row].remove(item)
    if 0 <= column + step <= len(places[row]):
        places[row].insert(column + step, item)
    elif 0 <= row + step < len(places):
        places[row + step].insert(len(places[row + step]) if up else 0, item)
    else:
        return
    for section, listed in zip(quiz.sections, places, strict=True):
        for position, moved in enumerate(listed, 1):
            moved.section, moved.position = section, position
    _log(session, member, quiz, f"Moved “{item.title}” in")


def find(quiz: Quiz, item_id: int) -> QuizItem:
    """Return a question of this quiz. Raises NotFound."""
    found = next((item for item in quizzes.items_of(quiz) if item.id == item_id), None)
    if found is None:
        raise NotFound("The quiz has no such question any more.")
    return found


def parameters(item: QuizItem) -> list[Parameter]:
    """Return what can be pinned in a family; a task has nothing."""
    if item.version is not None:
        head = item.version.head or {}
    else:
        family = families.families().get(item.slug or "")
        head = family.describe() if family and item.kind == "family" else {}
    return [
        Parameter(name, kind, head["ranges"].get(name, ""), head["meanings"].get(name, ""))
        for name, kind in head.get("parameters", {}).items()
        if item.kind == "family"
    ]


def newer_version(item: QuizItem) -> ProblemVersion | None:
    """Return the version that was published after the one this question is drawn from, if any."""
    if item.version is None:
        return None
    newest = item.version.problem.published
    return newest if newest is not None and newest.number > item.version.number else None


def _open(session: Session, member: Member, quiz_id: str) -> Quiz:
    quiz = quizzes.find(session, member.course_id, quiz_id, locked=True)
    _require_open(quiz)
    return quiz


def _require_open(quiz: Quiz) -> None:
    if quiz.published:
        raise Conflict(
            "The quiz is published, so that its questions stand. Take it back first; that can be "
            "done until the first student begins."
        )


def _others(quiz: Quiz, item: QuizItem) -> Sequence[QuizItem]:
    return [i for i in quizzes.items_of(quiz) if not i.retired and i is not item]


def _section(quiz: Quiz, section_id: int) -> QuizSection:
    found = next((section for section in quiz.sections if section.id == section_id), None)
    if found is None:
        raise NotFound("The quiz has no such section any more.")
    return found


def _draw_anew(session: Session, member: Member, quiz: Quiz, item: QuizItem) -> None:
    quizzes.forget_previews(session, quiz)
    pools.empty(session, item)
    pools.draw(session, member.course_id, item, quiz.variants)


def _read_pin(name: str, text: str) -> Any:
    try:
        value = json.loads(text[:MAX_PIN])
        json.dumps(value, allow_nan=False)  # neither database keeps an infinite number
    except (ValueError, RecursionError) as error:
        raise Invalid(
            f"{name} is not JSON. Give a number such as 3, a list such as [5, 5], true, or a text "
            'in quotes such as "same".'
        ) from error
    return value


def _log(session: Session, member: Member, quiz: Quiz, text: str) -> None:
    course_log.record(session, member, "quiz.questions", f"{text} “{quiz.title}”.")
