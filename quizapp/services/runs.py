"""Several problems drawn at once: mixed practice, and what a mock exam is made of."""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import zip_longest
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from problems.core import DIFFICULTIES
from problems.families import Family
from quizapp.db.engine import Database, now
from quizapp.db.models import Run, RunItem, RunKind, Variant
from quizapp.errors import Conflict, Invalid, NotFound
from quizapp.services import accounts, courses, practice
from quizapp.services.keys import idempotency_key, is_key

MAX_QUESTIONS = 40
MAX_MINUTES = 300


@dataclass(frozen=True)
class Choice:
    """What problems a student wants: of these topics and difficulties, so many.

    No topic means all, and no difficulty means all.
    """

    topics: tuple[str, ...]
    difficulties: tuple[int, ...]
    questions: int

    def __post_init__(self) -> None:
        known = {topic.slug for topic in practice.topics()}
        if not set(self.topics) <= known or not set(self.difficulties) <= set(DIFFICULTIES):
            raise Invalid("Choose among the topics and difficulties that the page offers.")
        if not 1 <= self.questions <= MAX_QUESTIONS:
            raise Invalid(f"Choose 1 to {MAX_QUESTIONS} questions.")
        if not self.by_topic():
            raise Invalid("No problem has both these topics and this difficulty. Choose more.")

    def by_topic(self) -> list[list[Family]]:
        """Return the families that fit, by topic."""
        fitting = (
            [
                family
                for family in topic.families
                if not self.difficulties or family.question.difficulty in self.difficulties
            ]
            for topic in practice.topics()
            if not self.topics or topic.slug in self.topics
        )
        return [families for families in fitting if families]

    def to_json(self) -> dict[str, Any]:
        """Return what is kept with the run."""
        return {
            "topics": list(self.topics),
            "difficulties": list(self.difficulties),
            "questions": self.questions,
        }


def start(
    database: Database,
    user_id: int,
    kind: RunKind,
    choice: Choice,
    form_key: str,
    minutes: int | None = None,
) -> Run:
    """Draw the problems and store them as a run; the same form again returns the first.

    An exam's problems are sealed until it is handed in, and its time begins now; while one goes
    on, that one is returned. Raises Invalid for a malformed key or a number of minutes that cannot
    be, and TooMany as `practice.check_pace` does.
    """
    if kind == "exam":
        check_minutes(minutes or 0)
    settings = choice.to_json() | ({"minutes": minutes} if minutes else {})
    families = [family.slug for family in interleaved(choice)]
    return _store(database, user_id, kind, families, settings, form_key)


def start_review(database: Database, user_id: int, families: Sequence[str], form_key: str) -> Run:
    """Draw one problem of each of the families as a mix; the same form again returns the first.

    Raises Invalid for a malformed key, Conflict where there is nothing to review, and TooMany as
    `practice.check_pace` does.
    """
    if not families:
        raise Conflict("Nothing is due for a review any more.")
    chosen = list(families[:MAX_QUESTIONS])
    settings = {"topics": [], "review": True, "questions": len(chosen)}
    return _store(database, user_id, "mixed", chosen, settings, form_key)


def _store(
    database: Database,
    user_id: int,
    kind: RunKind,
    families: Sequence[str],
    settings: dict[str, Any],
    form_key: str,
) -> Run:
    once = idempotency_key(form_key, kind, json.dumps(settings))
    drawn = [practice.draw(user_id, slug, sealed=kind == "exam") for slug in families]
    minutes = settings.get("minutes")
    with database.write() as session:
        accounts.lock(session, user_id)
        query = select(Run).where(Run.user_id == user_id, Run.idempotency_key == once)
        found = session.scalars(query).one_or_none()
        if found is None and kind == "exam":
            found = exam_under_way(session, user_id)
        if found is not None:
            return found
        practice.check_pace(session, user_id)
        moment = now(session)
        run = Run(
            user_id=user_id,
            kind=kind,
            settings=settings,
            created_at=moment,
            ends_at=moment + timedelta(minutes=minutes) if minutes else None,
            idempotency_key=once,
            items=[
                RunItem(position=position, variant=variant)
                for position, variant in enumerate(drawn, 1)
            ],
        )
        session.add(run)
    return run


def exam_under_way(session: Session, user_id: int) -> Run | None:
    """Return the student's exam that goes on, if there is one."""
    return session.scalars(
        select(Run)
        .where(Run.user_id == user_id, Run.kind == "exam", Run.handed_in_at.is_(None))
        .where(Run.ends_at > now(session))
        .limit(1)
    ).one_or_none()


def check_minutes(minutes: int) -> None:
    """Raise Invalid for a length that no exam has."""
    if not 1 <= minutes <= MAX_MINUTES:
        raise Invalid(f"Choose 1 to {MAX_MINUTES} minutes.")


def set_midterm(session: Session, course: str, choice: Choice, minutes: int) -> None:
    """Say what a course's midterm is like, for its students' mock exams.

    Raises NotFound for the course, and Invalid for a number of minutes that cannot be.
    """
    check_minutes(minutes)
    courses.by_slug(session, course).midterm = choice.to_json() | {"minutes": minutes}


def interleaved(choice: Choice) -> list[Family]:
    """Choose the families of a run: topics in turn, and none twice while others are left."""
    order = random.SystemRandom()
    chosen: list[Family] = []
    while len(chosen) < choice.questions:
        decks = [order.sample(families, len(families)) for families in choice.by_topic()]
        order.shuffle(decks)
        chosen += [family for turn in zip_longest(*decks) for family in turn if family]
    return chosen[: choice.questions]


def find(session: Session, user_id: int, public_id: str, kind: RunKind) -> Run:
    """Return a student's own run with its items, variants and attempts. Raises NotFound."""
    run = None
    if is_key(public_id):
        run = session.scalars(
            select(Run)
            .where(Run.public_id == public_id, Run.user_id == user_id, Run.kind == kind)
            .options(
                selectinload(Run.items).joinedload(RunItem.variant).selectinload(Variant.attempts)
            )
        ).one_or_none()
    if run is None:
        raise NotFound("There is no such set of problems among yours.")
    return run


def own(session: Session, user_id: int, kind: RunKind, limit: int = 20) -> Sequence[Run]:
    """Return a student's latest runs of one kind, newest first."""
    return session.scalars(
        select(Run)
        .where(Run.user_id == user_id, Run.kind == kind)
        .order_by(Run.created_at.desc(), Run.id.desc())
        .limit(limit)
    ).all()


def is_done(item: RunItem) -> bool:
    """Whether a problem of mixed practice is behind the student: solved, or its solution seen."""
    return not practice.is_open(item.variant)


def next_open(run: Run, after: str | None = None) -> RunItem | None:
    """Return the next problem that is not done, after a variant or from the start."""
    position = next((i.position for i in run.items if i.variant.public_id == after), 0)
    waiting = [item for item in run.items if not is_done(item)]
    later = [item for item in waiting if item.position > position]
    return next(iter(later + waiting), None)


def unfinished(session: Session, user_id: int) -> Run | None:
    """Return the student's latest mix, if there is something left to do in it."""
    latest = next(iter(own(session, user_id, "mixed", limit=1)), None)
    run = find(session, user_id, latest.public_id, "mixed") if latest else None
    return run if run and next_open(run) else None


@dataclass(frozen=True)
class Revision:
    """A family to revise: not right at the first try, with the mistakes that were made."""

    slug: str
    title: str
    mistakes: tuple[str, ...]


def to_revise(run: Run) -> list[Revision]:
    """Return what of a mix was not right at the first try; what was not tried is not in it."""
    found: dict[str, Revision] = {}
    for item in run.items:
        attempts = item.variant.attempts
        if attempts and attempts[0].score < 1:
            messages = (
                part["message"]
                for attempt in attempts
                for part in attempt.mark["parts"].values()
                if part["verdict"] == "mistake"
            )
            title = item.variant.document["title"]
            found[item.variant.family] = Revision(
                item.variant.family, title, tuple(dict.fromkeys(messages))
            )
    return list(found.values())
