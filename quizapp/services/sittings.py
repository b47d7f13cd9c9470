"""Sitting a quiz: saving, checking answers, handing in.

As in an exam, the server keeps the time, what is typed is saved, and the end needs nobody: whoever
looks at a sitting that is over hands it in, and so do the workers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, insert, select, true, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, joinedload, selectinload
from sqlalchemy.orm.attributes import set_committed_value

from problems import marking
from problems.answers import Kind, kind_from_json
from problems.core import Mark
from problems.core import Variant as Frozen
from quizapp.db.engine import Database, now
from quizapp.db.models import (
    Answer,
    Base,
    PoolVariant,
    Problem,
    ProblemVersion,
    Quiz,
    QuizItem,
    Sitting,
    SittingItem,
    Submission,
)
from quizapp.errors import Conflict, NotFound, NoTriesLeft
from quizapp.services import accounts, quiz_tasks, regrading_answers, submissions, timekeeping
from quizapp.services.keys import idempotency_key, is_key
from quizapp.services.timekeeping import GRACE, MAX_RESPONSE, is_answered

HAND_IN = "hand-in"
"""The idempotency key of what is marked when a sitting is handed in."""
SPENT = "You have used all tries for this question. The best of them counts."
OVER = "This quiz is over for you. What was saved before its end has been handed in."

_QUESTION = (
    joinedload(SittingItem.variant),
    joinedload(SittingItem.item)
    .selectinload(QuizItem.version)
    .joinedload(ProblemVersion.problem)
    .joinedload(Problem.course),
)
_SITTINGS, _ITEMS, _VARIANTS = (
    Base.metadata.tables[model.__tablename__] for model in (Sitting, SittingItem, PoolVariant)
)
# A class at work asks these all the time, so that they are made once.
_OWN = (
    select(Sitting)
    .where(Sitting.public_id == bindparam("public_id"), Sitting.user_id == bindparam("user_id"))
    .options(joinedload(Sitting.quiz).joinedload(Quiz.course))
)
_WHOLE = _OWN.options(
    selectinload(Sitting.items).options(
        *_QUESTION, selectinload(SittingItem.answers), selectinload(SittingItem.overrides)
    )
)
_LOCKED = _OWN.with_for_update(of=Sitting)
# Held while answers are added, before the sitting itself: a regrade is applied before or after.
_HELD = (
    select(Quiz.id)
    .join(Sitting, Sitting.quiz_id == Quiz.id)
    .where(Sitting.public_id == bindparam("public_id"))
    .with_for_update(of=Quiz, read=True)
)
_ITEM = (
    select(SittingItem)
    .where(
        SittingItem.sitting_id == bindparam("sitting_id"),
        SittingItem.position == bindparam("position"),
    )
    .options(*_QUESTION)
)
_PLACES = (
    select(_ITEMS.c.position, _ITEMS.c.variant_id, _ITEMS.c.responses)
    .where(_ITEMS.c.sitting_id == bindparam("sitting_id"))
    .order_by(_ITEMS.c.position)
)
_PARTS = select(_VARIANTS.c.id, _VARIANTS.c.document["parts"]).where(
    _VARIANTS.c.id.in_(bindparam("variants", expanding=True))
)
_ADD_SECONDS = (
    update(_ITEMS)
    .where(_ITEMS.c.sitting_id == bindparam("of"), _ITEMS.c.position == bindparam("open"))
    .values(seconds=_ITEMS.c.seconds + bindparam("looked"))
)
_KEEP = (
    update(_ITEMS)
    .where(_ITEMS.c.id == bindparam("of"))
    .values(responses=bindparam("typed"), saved_at=bindparam("moment"))
)
_NOTE_OPEN = (
    update(_SITTINGS)
    .where(_SITTINGS.c.id == bindparam("of"))
    .values(item_open=bindparam("open"), seen_at=bindparam("moment"))
)


@dataclass(frozen=True)
class Saved:
    """A question with what has been typed so far, and how long the sitting goes on."""

    sitting: Sitting
    item: SittingItem
    left: timedelta | None


class Place(NamedTuple):
    """One of the questions of a sitting: what was typed there, and how its parts are read.

    `kinds` is None for a code task, and holds nothing where nothing was typed.
    """

    position: int
    kinds: Mapping[str, Kind] | None
    responses: dict[str, str]


@dataclass(frozen=True)
class Opened(Saved):
    """A question as its page shows it: with its answers, oldest first, beside the others."""

    answers: list[Answer]
    places: list[Place]


@dataclass(frozen=True)
class Checked:
    """The mark of what was typed, and whether it was kept as an answer."""

    mark: Mark
    kept: bool


def find(database: Database, user_id: int, public_id: str) -> Sitting:
    """Return a user's own sitting with all of its questions, handed in if its time is over.

    Raises NotFound.
    """
    with database.read() as session:
        sitting = _whole(session, user_id, public_id)
        over = timekeeping.is_over(sitting, now(session))
    if not over or sitting.marked_at is not None:
        return sitting
    hand_in(database, user_id, public_id)
    with database.read() as session:
        return _whole(session, user_id, public_id)


def open_question(database: Database, user_id: int, public_id: str, position: int) -> Opened:
    """Return a question to work at; from now on it is the one whose time is counted.

    Raises NotFound, and Conflict when the sitting is over.
    """
    with database.read() as session:
        sitting, item, moment = _worked_at(session, _OWN, user_id, public_id, position)
        # Else they are marked when it is handed in, and there are none yet.
        answers = list(item.answers) if sitting.quiz.feedback == "at_once" else []
        places = _places(session, sitting.id)
    # A class that starts at once has just had this noted, and waits for each other's writing.
    if sitting.item_open != position or not timekeeping.is_recent(sitting, moment):
        with database.write() as session:
            _touched(session, user_id, public_id, position)
    return Opened(sitting, item, timekeeping.left(sitting, moment), answers, places)


def save(
    database: Database, user_id: int, public_id: str, position: int, responses: Mapping[str, str]
) -> Saved:
    """Keep what was typed in the given parts of a question; count the time that it was open.

    Raises NotFound, and Conflict when the sitting is over.
    """
    with database.write() as session:
        sitting, item, moment = _touched(session, user_id, public_id, position)
        _keep(session, item, responses, moment)
        return Saved(sitting, item, timekeeping.left(sitting, moment))


def check(
    database: Database,
    user_id: int,
    public_id: str,
    position: int,
    responses: Mapping[str, str],
    key: str,
) -> Checked:
    """Mark an answer at once, where the quiz does so, and keep it if it counts.

    What is malformed, blank, or the same as just before spends no try. The same form again returns
    the first mark. Raises NotFound, and Conflict when the sitting is over or no try is left.
    """
    saved = save(database, user_id, public_id, position, responses)
    item = saved.item
    if saved.sitting.quiz.feedback != "at_once" or item.variant is None:
        raise Conflict("This question is marked after the quiz.")
    variant = Frozen.from_json(item.variant.document)
    typed = {part: item.responses.get(part, "") for part in variant.parts}
    once = idempotency_key(key, *(word for pair in typed.items() for word in pair))
    mark = marking.mark(variant, typed)
    if not mark.counts:
        return Checked(mark, kept=False)
    with database.write() as session:
        _hold(session, public_id)
        sitting, item, moment = _touched(session, user_id, public_id, position)
        again = item.answers and item.answers[-1].responses == typed
        if again or any(answer.idempotency_key == once for answer in item.answers):
            return Checked(mark, kept=True)
        if not tries_left(sitting.quiz, len(item.answers)):
            raise NoTriesLeft(SPENT)
        row = _answer(item.id, typed, mark, moment, once)
        added = session.scalars(insert(Answer).values(row).returning(Answer.id)).all()
        regrading_answers.follow(session, [item.item_id], added)
    return Checked(mark, kept=True)


def submit(
    database: Database, user_id: int, public_id: str, position: int, source: str, key: str
) -> Submission:
    """Store code for a question with its job; the same form again returns the first.

    Raises NotFound, Invalid for a source that is too long, and Conflict when the sitting is over
    or no try is left.
    """
    with database.write() as session:
        accounts.lock(session, user_id)  # before the sitting, as whoever deletes the account does
        _hold(session, public_id)
        sitting, item, moment = _touched(session, user_id, public_id, position)
        before = quiz_tasks.sent(session, item)
        submission = quiz_tasks.submit(session, user_id, item, source, key)
        if submission not in before and not tries_left(sitting.quiz, len(before), code=True):
            raise NoTriesLeft(SPENT)
        _keep(session, item, {quiz_tasks.SOURCE: source}, moment)
        return submission


def tries_left(quiz: Quiz, used: int, *, code: bool = False) -> int:
    """Return how often an answer is still taken, when so many have been.

    With feedback after closing a family is answered once, at the end; of code the last submission
    counts.
    """
    most = quiz_tasks.MOST if code and quiz.feedback == "after_closing" else quiz.tries
    return max(0, most - used)


def hand_in(database: Database, user_id: int, public_id: str) -> None:
    """End a sitting and mark it; once is enough, and again changes nothing. Raises NotFound."""
    with database.write() as session:
        sitting = _locked(session, user_id, public_id)
        if sitting.handed_in_at is None:
            moment = timekeeping.ended_at(sitting, now(session))
            _count_time(session, sitting, moment)
            sitting.handed_in_at, sitting.item_open = moment, None
    mark(database, user_id, public_id)


def hand_in_overdue(database: Database, user_id: int | None = None) -> int:
    """Hand in the sittings whose time is over, and mark those that were not; return how many.

    Of all students, or of one.
    """
    with database.read() as session:
        waiting = session.execute(
            select(Sitting.user_id, Sitting.public_id)
            .where(Sitting.marked_at.is_(None))
            .where(Sitting.handed_in_at.is_not(None) | (Sitting.ends_at < now(session) - GRACE))
            .where(Sitting.user_id == user_id if user_id is not None else true())
            .limit(100)
        ).all()
    timekeeping.hand_in_each(waiting, partial(hand_in, database))
    return len(waiting)


def mark(database: Database, user_id: int, public_id: str) -> None:
    """Mark what was typed in a sitting that was handed in and is not marked yet, each once."""
    with database.read() as session:
        sitting = _whole(session, user_id, public_id)
    if sitting.marked_at is not None or sitting.handed_in_at is None:
        return
    answers = [row for item in sitting.items if (row := _last_answer(sitting, item)) is not None]
    with database.write() as session:
        accounts.lock(session, user_id)
        _hold(session, public_id)
        if _locked(session, user_id, public_id).marked_at is not None:
            return
        if answers:
            dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
            once = dialect.insert(Answer).on_conflict_do_nothing().returning(Answer.id)
            added = session.scalars(once, answers).all()
            regrading_answers.follow(session, {item.item_id for item in sitting.items}, added)
        for item in sitting.items:
            if item.variant_id is None:
                used = len(quiz_tasks.sent(session, item))
                if tries_left(sitting.quiz, used, code=True):
                    quiz_tasks.submit_last(session, user_id, item)
        session.execute(
            update(Sitting).where(Sitting.id == sitting.id).values(marked_at=now(session))
        )


def _last_answer(sitting: Sitting, item: SittingItem) -> dict[str, Any] | None:
    """Return what was typed and not marked yet as an answer, if a try is left for it."""
    left = tries_left(sitting.quiz, len(item.answers))
    if item.variant is None or not is_answered(item.responses) or not left:
        return None
    variant = Frozen.from_json(item.variant.document)
    typed = {part: item.responses.get(part, "") for part in variant.parts}
    if any(answer.responses == typed for answer in item.answers):
        return None
    return _answer(item.id, typed, marking.mark(variant, typed), sitting.handed_in_at, HAND_IN)


def _answer(
    item_id: int, typed: Mapping[str, str], mark: Mark, moment: datetime | None, once: str
) -> dict[str, Any]:
    return {
        "sitting_item_id": item_id,
        "responses": dict(typed),
        "mark": mark.to_json(),
        "score": mark.score,
        "created_at": moment,
        "idempotency_key": once,
    }


def _whole(session: Session, user_id: int, public_id: str) -> Sitting:
    return _own(session, _WHOLE, user_id, public_id)


def _hold(session: Session, public_id: str) -> None:
    if is_key(public_id):
        session.execute(_HELD, {"public_id": public_id})


def _locked(session: Session, user_id: int, public_id: str) -> Sitting:
    """Return a sitting, which no other transaction changes meanwhile."""
    return _own(session, _LOCKED, user_id, public_id)


def _own(session: Session, query: Select[Sitting], user_id: int, public_id: str) -> Sitting:
    sitting = None
    if is_key(public_id):
        own = {"public_id": public_id, "user_id": user_id}
        sitting = session.scalars(query, own).one_or_none()
    if sitting is None:
        raise NotFound("There is no such quiz among yours.")
    return sitting


def _touched(
    session: Session, user_id: int, public_id: str, position: int
) -> tuple[Sitting, SittingItem, datetime]:
    """Return a sitting and its question, and note that it is worked at now.

    Raises NotFound, and Conflict when the sitting is over.
    """
    sitting, item, moment = _worked_at(session, _LOCKED, user_id, public_id, position)
    _count_time(session, sitting, moment)
    noted = {"of": sitting.id, "open": position, "moment": moment}
    session.connection().execute(_NOTE_OPEN, noted)
    return sitting, item, moment


def _worked_at(
    session: Session, query: Select[Sitting], user_id: int, public_id: str, position: int
) -> tuple[Sitting, SittingItem, datetime]:
    """Return a sitting that goes on, one of its questions, and the moment.

    Raises NotFound, and Conflict when the sitting is over.
    """
    sitting = _own(session, query, user_id, public_id)
    moment = now(session)
    if timekeeping.is_over(sitting, moment):
        raise Conflict(OVER)
    item = session.scalars(_ITEM, {"sitting_id": sitting.id, "position": position}).one_or_none()
    if item is None:
        raise NotFound("This quiz has no such question.")
    return sitting, item, moment


def _places(session: Session, sitting_id: int) -> list[Place]:
    """Return the questions of a sitting, without the documents of those that nobody answered."""
    connection = session.connection()
    rows = connection.execute(_PLACES, {"sitting_id": sitting_id}).all()
    typed = [variant for _, variant, responses in rows if variant and is_answered(responses)]
    parts = dict(connection.execute(_PARTS, {"variants": typed}).all()) if typed else {}
    return [
        Place(position, None if variant is None else _kinds(parts.get(variant, {})), responses)
        for position, variant, responses in rows
    ]


def _kinds(parts: Mapping[str, Any]) -> dict[str, Kind]:
    return {name: kind_from_json(part) for name, part in parts.items()}


def _keep(
    session: Session, item: SittingItem, responses: Mapping[str, str], moment: datetime
) -> None:
    """Keep what was typed; the parts that are not given stay, so that two tabs lose nothing."""
    if item.variant is None:
        known, longest = (quiz_tasks.SOURCE,), submissions.MAX_SOURCE_BYTES
    else:
        known, longest = tuple(item.variant.document["parts"]), MAX_RESPONSE
    typed = {part: text[:longest] for part, text in responses.items() if part in known}
    if typed and typed.items() - item.responses.items():
        kept = {**item.responses, **typed}
        session.connection().execute(_KEEP, {"of": item.id, "typed": kept, "moment": moment})
        set_committed_value(item, "responses", kept)
        set_committed_value(item, "saved_at", moment)


def _count_time(session: Session, sitting: Sitting, moment: datetime) -> None:
    """Add the time since the sitting was last heard of to the question that was open then."""
    if sitting.item_open is None:
        return
    looked = timekeeping.looked(sitting, moment)
    added = {"of": sitting.id, "open": sitting.item_open, "looked": looked}
    session.connection().execute(_ADD_SECONDS, added)
