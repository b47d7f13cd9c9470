"""Practising: drawing variants, marking what is typed, and giving hints and solutions.

A variant is stored whole when it is drawn, so that marking never asks the bank again. Drawing and
marking happen outside the writing transactions.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, bindparam, exists, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from problems import catalog, marking
from problems.core import TOPICS, Mark, PartMark, UnknownFamily
from problems.core import Variant as Frozen
from problems.families import Family
from quizapp.db.engine import Database, now
from quizapp.db.models import Attempt, Base, Variant, utc_now
from quizapp.errors import Conflict, NotFound, TooMany
from quizapp.services.keys import idempotency_key, is_key
from quizapp.services.timekeeping import wait_in_words

PAGE = 50
"""Variants in one page of the history."""
MOST_ATTEMPTS = 200
"""Attempts at one variant; every page that shows it reads them all."""
MOST_IN_AN_HOUR = 120
"""Variants that one student may draw in an hour: each is stored whole, and kept."""
HOUR = timedelta(hours=1)


_VARIANTS = Base.metadata.tables[Variant.__tablename__].c
_ATTEMPTS = Base.metadata.tables[Attempt.__tablename__]
_ATTEMPT = ("variant_id", "responses", "mark", "score", "created_at", "idempotency_key")
_OWN = select(
    _VARIANTS.id,
    _VARIANTS.public_id,
    _VARIANTS.family,
    _VARIANTS.document,
    _VARIANTS.hints_shown,
    _VARIANTS.solution_shown_at,
).where(
    _VARIANTS.public_id == bindparam("public_id"),
    _VARIANTS.user_id == bindparam("user_id"),
    ~_VARIANTS.sealed,
)
_ANSWERED = (
    select(*(_ATTEMPTS.c[name] for name in _ATTEMPT))
    .where(_ATTEMPTS.c.variant_id == bindparam("variant_id"))
    .order_by(_ATTEMPTS.c.id)
)
# One statement, which looks again: the solution may have been opened while this was being marked.
_KEEP = (
    insert(_ATTEMPTS)
    .from_select(
        _ATTEMPT,
        select(*(bindparam(name, type_=_ATTEMPTS.c[name].type) for name in _ATTEMPT)).where(
            exists().where(
                _VARIANTS.id == bindparam("variant_id"), _VARIANTS.solution_shown_at.is_(None)
            )
        ),
    )
    .returning(_ATTEMPTS.c.id)
)


@dataclass(frozen=True)
class Answered:
    """An attempt: a row of its table."""

    variant_id: int
    responses: dict[str, str]
    mark: dict[str, Any]
    score: float
    created_at: datetime
    idempotency_key: str


@dataclass(frozen=True)
class Opened:
    """A student's own variant as its page shows it, with its attempts, oldest first."""

    id: int
    public_id: str
    family: str
    document: dict[str, Any]
    hints_shown: int
    solution_shown_at: datetime | None
    attempts: tuple[Answered, ...] = ()


@dataclass(frozen=True)
class Checked:
    """A variant with its attempts, the mark of this one, and whether it was kept."""

    row: Opened
    mark: Mark
    kept: bool


@dataclass(frozen=True)
class Progress:
    """How far a student is with one family: variants drawn, and variants answered rightly."""

    drawn: int = 0
    solved: int = 0


@dataclass(frozen=True)
class Topic:
    """The families of one topic, easiest first."""

    slug: str
    title: str
    families: tuple[Family, ...]


@lru_cache(maxsize=1)
def topics() -> tuple[Topic, ...]:
    """Return the topics that have families, in the order of the course."""
    families = sorted(catalog.families().values(), key=lambda f: (f.question.difficulty, f.slug))
    found = (
        Topic(slug, title, tuple(f for f in families if f.question.topic == slug))
        for slug, title in TOPICS.items()
    )
    return tuple(topic for topic in found if topic.families)


def family(slug: str) -> Family:
    """Return a family of the bank. Raises NotFound."""
    try:
        return catalog.family(slug)
    except UnknownFamily as error:
        raise NotFound("There is no such problem. The list of problems has them all.") from error


def draw(user_id: int, slug: str, *, sealed: bool = False) -> Variant:
    """Draw a new variant for a student, not yet stored. Raises NotFound for the family.

    The seed is secret: whoever knows it can compute the key.
    """
    frozen = family(slug).variant(secrets.randbits(63))
    return Variant(
        user_id=user_id,
        family=slug,
        family_version=frozen.version,
        seed=frozen.seed,
        document=frozen.to_json(),
        sealed=sealed,
    )


def start(database: Database, user_id: int, slug: str) -> Variant:
    """Draw a new variant for a student and store it.

    Raises NotFound for the family, and TooMany as `check_pace` does.
    """
    row = draw(user_id, slug)
    with database.write() as session:
        check_pace(session, user_id)
        session.add(row)
    return row


def check_pace(session: Session, user_id: int) -> None:
    """Raise TooMany for a student who has drawn as many variants in an hour as one may.

    Those of mixes and exams count as well; the last of these is drawn whole.
    """
    moment = now(session)
    oldest = session.scalars(
        select(Variant.created_at)
        .where(Variant.user_id == user_id, Variant.created_at > moment - HOUR)
        .order_by(Variant.created_at.desc())
        .offset(MOST_IN_AN_HOUR - 1)
        .limit(1)
    ).one_or_none()
    if oldest is not None:
        raise TooMany(
            f"You have drawn {MOST_IN_AN_HOUR} problems within an hour. Your history has them all; "
            f"draw new ones in {wait_in_words(oldest + HOUR - moment)}."
        )


def proceed(database: Database, user_id: int, slug: str) -> Variant:
    """Return the student's open variant of a family, or else a new one; raises as `start`."""
    family(slug)
    with database.read() as session:
        latest = session.scalars(
            select(Variant)
            .where(Variant.user_id == user_id, Variant.family == slug, ~Variant.sealed)
            .order_by(Variant.created_at.desc(), Variant.id.desc())
            .limit(1)
            .options(selectinload(Variant.attempts))
        ).one_or_none()
    if latest is not None and is_open(latest):
        return latest
    return start(database, user_id, slug)


def find(connection: Connection, user_id: int, public_id: str) -> Opened:
    """Return a student's own variant with its attempts. Raises NotFound for any other."""
    row = None
    if is_key(public_id):
        own = {"public_id": public_id, "user_id": user_id}
        row = connection.execute(_OWN, own).one_or_none()
    if row is None:
        raise NotFound("There is no such variant among yours.")
    attempts = connection.execute(_ANSWERED, {"variant_id": row.id})
    return Opened(*row, attempts=tuple(Answered(*attempt) for attempt in attempts))


def frozen(row: Opened) -> Frozen:
    """Return the variant as it was drawn."""
    return Frozen.from_json(row.document)


def best_score(row: Variant | Opened) -> float:
    """Return the best score of a variant's attempts, 0 without any."""
    return max((attempt.score for attempt in row.attempts), default=0.0)


def is_open(row: Variant) -> bool:
    """Whether there is something left to do: not solved, and its solution not seen."""
    return row.solution_shown_at is None and best_score(row) < 1


def read(row: Opened, part: str, text: str) -> PartMark:
    """Return how a response would be read, before it is marked. Raises NotFound for the part."""
    parts = frozen(row).parts
    if part not in parts:
        raise NotFound("This variant has no such part.")
    return marking.read(parts[part], text)


def check(
    database: Database, user_id: int, public_id: str, responses: Mapping[str, str], key: str
) -> Checked:
    """Mark responses by part; keep them as an attempt unless that would be unfair.

    Nothing is kept where a part is malformed or all are blank, which costs nothing, or after the
    solution was shown. The same key and responses again return the first mark. Raises NotFound
    for the variant, Invalid for a malformed key, and Conflict after MOST_ATTEMPTS.
    """
    with database.rows() as connection:
        row = find(connection, user_id, public_id)
    variant = frozen(row)
    known = {part: responses.get(part, "") for part in variant.parts}
    once = idempotency_key(key, *(word for item in known.items() for word in item))
    first = next((a for a in row.attempts if a.idempotency_key == once), None)
    if first is not None:
        return Checked(row, Mark.from_json(first.mark), kept=True)
    mark = marking.mark(variant, known)
    if not mark.counts or row.solution_shown_at is not None:
        return Checked(row, mark, kept=False)
    if len(row.attempts) >= MOST_ATTEMPTS:
        raise Conflict(
            f"You have answered this variant {MOST_ATTEMPTS} times, and no more are kept. Open its "
            "solution, or draw a new variant."
        )
    attempt = Answered(row.id, known, mark.to_json(), mark.score, utc_now(), once)
    try:
        with database.write() as session:
            if session.execute(_KEEP, vars(attempt)).one_or_none() is None:
                return Checked(row, mark, kept=False)
    except IntegrityError:
        # The same form twice at once: the first to commit is the attempt.
        return check(database, user_id, public_id, responses, key)
    return Checked(replace(row, attempts=(*row.attempts, attempt)), mark, kept=True)


def show_hint(session: Session, user_id: int, public_id: str) -> Opened:
    """Open the next hint of a variant, as far as there is one. Raises NotFound."""
    row = find(session.connection(), user_id, public_id)
    opened = min(row.hints_shown + 1, len(row.document["hints"]))
    session.execute(update(Variant).where(Variant.id == row.id).values(hints_shown=opened))
    return replace(row, hints_shown=opened)


def show_solution(session: Session, user_id: int, public_id: str) -> Opened:
    """Show the solution of a variant, which ends it. Raises NotFound."""
    row = find(session.connection(), user_id, public_id)
    if row.solution_shown_at:
        return row
    moment = now(session)
    # Where two ask at once, the first moment stays.
    untouched = (Variant.id == row.id, Variant.solution_shown_at.is_(None))
    session.execute(update(Variant).where(*untouched).values(solution_shown_at=moment))
    return replace(row, solution_shown_at=moment)


@dataclass(frozen=True)
class Wanted:
    """Which of a student's variants to list; nothing means all.

    `state` is "solved", "wrong" (answered, and not solved) or "open" (not answered); `before`
    continues a list after the variant of that name.
    """

    family: str | None = None
    topic: str | None = None
    state: str | None = None
    before: str | None = None


def history(
    session: Session, user_id: int, wanted: Wanted | None = None, limit: int = PAGE
) -> list[Variant]:
    """Return a student's variants with their attempts, newest first."""
    wanted = wanted or Wanted()
    if wanted.before is not None and not is_key(wanted.before):
        return []
    query = select(Variant).where(Variant.user_id == user_id, ~Variant.sealed)
    if wanted.family is not None:
        query = query.where(Variant.family == wanted.family)
    if wanted.topic is not None:
        slugs = [f.slug for topic in topics() if topic.slug == wanted.topic for f in topic.families]
        query = query.where(Variant.family.in_(slugs))
    answered, solved = Variant.attempts.any(), Variant.attempts.any(Attempt.score >= 1)
    states = {"solved": solved, "wrong": answered & ~solved, "open": ~answered}
    if wanted.state in states:
        query = query.where(states[wanted.state])
    if wanted.before is not None:
        last = select(Variant.id).where(
            Variant.public_id == wanted.before, Variant.user_id == user_id
        )
        query = query.where(Variant.id < last.scalar_subquery())
    return list(
        session.scalars(
            query.order_by(Variant.id.desc()).limit(limit).options(selectinload(Variant.attempts))
        )
    )


def progress(session: Session, user_id: int) -> dict[str, Progress]:
    """Return a student's progress by family, for the families that they have begun."""
    best = (
        select(Attempt.variant_id, func.max(Attempt.score).label("score"))
        .join(Attempt.variant)
        .where(Variant.user_id == user_id)
        .group_by(Attempt.variant_id)
        .subquery()
    )
    rows = session.execute(
        select(Variant.family, func.count(), func.count(best.c.variant_id))
        .outerjoin(best, (best.c.variant_id == Variant.id) & (best.c.score >= 1))
        .where(Variant.user_id == user_id, ~Variant.sealed)
        .group_by(Variant.family)
    )
    return {slug: Progress(drawn, solved) for slug, drawn, solved in rows}
