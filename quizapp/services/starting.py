"""Beginning a quiz, which draws nothing: each student gets variants of the pools by lot."""

import hmac
import random
import secrets
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import groupby
from typing import Literal, NamedTuple

from sqlalchemy import bindparam, func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from quizapp.db.engine import Database, now
from quizapp.db.models import (
    Base,
    ExtraTime,
    PoolVariant,
    ProblemKind,
    Quiz,
    QuizItem,
    QuizSection,
    Sitting,
    SittingItem,
)
from quizapp.errors import Conflict, Forbidden, NotFound
from quizapp.services import accounts, quizzes
from quizapp.services.courses import Member
from quizapp.services.keys import is_key

GUESSES = accounts.Limit(("username_key", "address"), 10, timedelta(minutes=5))
"""How often a student may give a wrong access code; a mistyped one must not cost the quiz."""


State = Literal["open", "coming", "closed"]


class _Question(NamedTuple):
    """What is needed of a question to give it."""

    id: int
    kind: ProblemKind


_TABLES = Base.metadata.tables
_SITTING_ITEMS = _TABLES[SittingItem.__tablename__]
_POOL = _TABLES[PoolVariant.__tablename__].c
_SECTIONS, _ITEMS = (_TABLES[model.__tablename__] for model in (QuizSection, QuizItem))
# A class asks these at the same moment, so that they are made once.
_QUIZ = (
    select(Quiz)
    .where(Quiz.public_id == bindparam("public_id"), Quiz.course_id == bindparam("course_id"))
    .with_for_update(read=True)
)
_OWN = select(Sitting).where(
    Sitting.quiz_id == bindparam("quiz_id"),
    Sitting.user_id == bindparam("user_id"),
    ~Sitting.preview,
)
_EXTRA = select(ExtraTime.minutes).where(
    ExtraTime.quiz_id == bindparam("quiz_id"), ExtraTime.user_id == bindparam("user_id")
)
_BEGUN = select(func.count()).where(Sitting.quiz_id == bindparam("quiz_id"), ~Sitting.preview)
_QUESTIONS = (
    select(_SECTIONS.c.id, _SECTIONS.c.pick, _ITEMS.c.id, _ITEMS.c.kind)
    .join_from(_SECTIONS, _ITEMS, _ITEMS.c.section_id == _SECTIONS.c.id)
    .where(_SECTIONS.c.quiz_id == bindparam("quiz_id"), ~_ITEMS.c.retired)
    .order_by(_SECTIONS.c.position, _SECTIONS.c.id, _ITEMS.c.position, _ITEMS.c.id)
)
_VARIANTS = (
    select(_POOL.item_id, _POOL.id)
    .where(_POOL.item_id.in_(bindparam("items", expanding=True)))
    .order_by(_POOL.id)
)
_GIVE = insert(_SITTING_ITEMS)


def own(session: Session, quiz: Quiz, user_id: int) -> Sitting | None:
    """Return a user's sitting of a quiz."""
    whose = {"quiz_id": quiz.id, "user_id": user_id}
    return session.scalars(_OWN, whose).one_or_none()


def extra_time(session: Session, quiz_id: int, user_id: int) -> timedelta:
    """Return the time that a user has beyond the quiz's limit and its closing."""
    whose = {"quiz_id": quiz_id, "user_id": user_id}
    minutes = session.connection().execute(_EXTRA, whose).scalar_one_or_none()
    return timedelta(minutes=minutes or 0)


def state(quiz: Quiz, extra: timedelta, moment: datetime) -> State:
    """Return whether a quiz can be begun at a moment, by who has so much extra time."""
    if quiz.opens_at is not None and moment < quiz.opens_at:
        return "coming"
    if quiz.closes_at is not None and moment >= quiz.closes_at + extra:
        return "closed"
    return "open"


def start(database: Database, member: Member, quiz_id: str, code: str = "") -> Sitting:
    """Begin a quiz; who has begun it already, however often they ask, goes on with that sitting.

    Raises NotFound for the quiz, Forbidden for the access code, TooMany after many wrong ones,
    and Conflict unless it is open.
    """
    try:
        return _start(database, member, quiz_id, code)
    except Forbidden:
        with database.write() as session:
            accounts.note_failure(session, *_guesser(member.user_id, quiz_id))
        raise
    except IntegrityError:
        # Twice at the same moment: the first to commit is the sitting.
        return _start(database, member, quiz_id, code)


def _start(database: Database, member: Member, quiz_id: str, code: str) -> Sitting:
    with database.write() as session:
        quiz = _startable(session, member, quiz_id)
        if not quiz.published:
            raise NotFound("The course has no such quiz.")
        if (found := own(session, quiz, member.user_id)) is not None:
            return found
        moment = now(session)
        extra = extra_time(session, quiz.id, member.user_id)
        if quiz.access_code:
            guesser = _guesser(member.user_id, quiz_id)
            accounts.throttle(session, *guesser, [GUESSES], "access codes")
        _require_open(quiz, extra, moment, code)
        before = session.connection().execute(_BEGUN, {"quiz_id": quiz.id}).scalar_one()
        sitting = Sitting(
            quiz_id=quiz.id,
            user_id=member.user_id,
            started_at=moment,
            item_open=1,
            seen_at=moment,
            ends_at=quizzes.ends_at(quiz, moment, extra),
        )
        _give(session, quiz, sitting, before)
    return sitting


def preview(database: Database, member: Member, quiz_id: str) -> Sitting:
    """Begin a quiz as a student would, at any time and anew; it counts nowhere.

    Raises Conflict while variants are missing.
    """
    with database.write() as session:
        quiz = _startable(session, member, quiz_id)
        quizzes.forget_previews(session, quiz, member.user_id)
        moment = now(session)
        ends_at = moment + timedelta(minutes=quiz.minutes) if quiz.minutes else None
        sitting = Sitting(
            quiz_id=quiz.id,
            user_id=member.user_id,
            preview=True,
            started_at=moment,
            item_open=1,
            seen_at=moment,
            ends_at=ends_at,
        )
        _give(session, quiz, sitting, secrets.randbelow(1000))
    return sitting


def _startable(session: Session, member: Member, quiz_id: str) -> Quiz:
    """Return a quiz, whose questions do not change meanwhile."""
    quiz = None
    if is_key(quiz_id):
        which = {"public_id": quiz_id, "course_id": member.course_id}
        quiz = session.scalars(_QUIZ, which).one_or_none()
    if quiz is None:
        raise NotFound("The course has no such quiz.")
    return quiz


def _require_open(quiz: Quiz, extra: timedelta, moment: datetime, code: str) -> None:
    found = state(quiz, extra, moment)
    if found == "coming":
        raise Conflict("This quiz is not open yet. Its page says when it opens.")
    if found == "closed":
        raise Conflict("This quiz is closed, and can no longer be begun.")
    wanted = quiz.access_code
    if wanted and not hmac.compare_digest(_heard(code), _heard(wanted)):
        raise Forbidden("This is not the quiz's access code. Ask whoever holds the quiz for it.")


def _guesser(user_id: int, quiz_id: str) -> tuple[str, str]:
    """Return under what wrong access codes are counted: neither is a username nor an address."""
    return f"code {user_id}", f"quiz {quiz_id}"


def _heard(code: str) -> bytes:
    """Return an access code as it is said aloud: capitals make no other code."""
    return unicodedata.normalize("NFKC", code).strip().casefold().encode("utf-8", "surrogatepass")


def _give(session: Session, quiz: Quiz, sitting: Sitting, number: int) -> None:
    """Store a sitting with its questions: of each section by lot, and variants from the pools."""
    items = _picked(session, quiz)
    pools: dict[int | None, list[int]] = defaultdict(list)
    ids = [item.id for item in items if item.kind == "family"]
    for item_id, variant_id in session.connection().execute(_VARIANTS, {"items": ids}):
        pools[item_id].append(variant_id)
    if not items or any(item_id not in pools for item_id in ids):
        raise Conflict("The quiz has no questions, or their variants are not drawn yet.")
    session.add(sitting)
    session.flush()
    session.connection().execute(
        _GIVE,
        [
            {
                "sitting_id": sitting.id,
                "position": position,
                "item_id": item.id,
                "variant_id": _by_turns(item.id, pools[item.id], number)
                if item.kind == "family"
                else None,
            }
            for position, item in enumerate(items, 1)
        ],
    )


def _picked(session: Session, quiz: Quiz) -> list[_Question]:
    """Return the questions that one student gets: of each section by lot, in the quiz's order."""
    rows = session.connection().execute(_QUESTIONS, {"quiz_id": quiz.id})
    lot = random.SystemRandom()
    chosen: list[_Question] = []
    for (_, pick), section in groupby(rows, key=lambda row: (row[0], row[1])):
        items = [_Question(item_id, kind) for _, _, item_id, kind in section]
        drawn = lot.sample(range(len(items)), min(pick or len(items), len(items)))
        chosen += [items[index] for index in sorted(drawn)]
    return chosen


def _by_turns(item_id: int, pool: Sequence[int], number: int) -> int:
    """Return a variant for the student of this number, so that all are given equally often.

    Each round through a pool is in an order of its own: who shares one variant shares no other
    more often than by chance.
    """
    turn, place = divmod(number, len(pool))
    return pool[_order(item_id, turn, len(pool))[place]]


@lru_cache(maxsize=1000)
def _order(item_id: int, turn: int, size: int) -> list[int]:
    return random.Random(f"{item_id}-{turn}").sample(range(size), size)  # noqa: S311
