"""Where a student stands: mastery, repeated mistakes, reviews that are due, a streak.

All of it is a fold over the student's attempts, which are append-only: nothing of it is stored, so
it can never disagree with them. What counts is the first answer to each variant, for the later
ones have seen how it was marked.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from fsrs import Card, Rating, Scheduler
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from problems import catalog
from quizapp.db.models import Attempt, Base, Variant

STEP = 0.4
"""How far one first answer moves a family's mastery towards its score."""
LATEST = 3000
REPEATED = 2

_VARIANTS = Base.metadata.tables[Variant.__tablename__].c
_ATTEMPTS = Base.metadata.tables[Attempt.__tablename__].c
_ANSWERS = (
    select(_VARIANTS.id, _VARIANTS.family, _ATTEMPTS.created_at, _ATTEMPTS.score, _ATTEMPTS.mark)
    .join_from(_VARIANTS.id.table, _ATTEMPTS.id.table)
    .where(_VARIANTS.user_id == bindparam("user_id"))
    .order_by(_ATTEMPTS.id.desc())
    .limit(LATEST)
)

# Learning steps of a flash card, minutes apart, are for a deck: here a day is the least.
SCHEDULER = Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)


@dataclass(frozen=True)
class Answer:
    """The first answer to a variant, and the names of the mistakes that it showed."""

    family: str
    at: datetime
    score: float
    mistakes: frozenset[str]


@dataclass(frozen=True)
class Review:
    """What to go over again: a family, or one mistake in it, with when it is due."""

    family: str
    mistake: str | None
    due: datetime


@dataclass(frozen=True)
class Advice:
    """What to do next: a family, and why."""

    family: str
    reason: str


def answers(session: Session, user_id: int) -> list[Answer]:
    """Return the first answers to a student's variants, oldest first; of the latest 3000."""
    rows = session.connection().execute(_ANSWERS, {"user_id": user_id}).all()
    first: dict[int, Answer] = {}
    for variant, family, at, score, mark in reversed(rows):
        if variant not in first and family in catalog.families():
            first[variant] = Answer(family, at, score, frozenset(_mistakes(mark)))
    return list(first.values())


def _mistakes(mark: dict[str, Any]) -> Iterable[str]:
    for part in mark["parts"].values():
        if part["verdict"] == "mistake":
            yield from part["mistake"].split(", ")


def mastery(found: Sequence[Answer]) -> dict[str, float]:
    """Return by family how sure a student is, 0 to 1: a moving average that rises and drops."""
    levels: dict[str, float] = defaultdict(float)
    for answer in found:
        levels[answer.family] += STEP * (answer.score - levels[answer.family])
    return dict(levels)


def repeated_mistakes(found: Sequence[Answer]) -> list[tuple[str, str, int]]:
    """Return (family, mistake, times) for mistakes made more than once and not yet overcome.

    A mistake is overcome when the family's latest variant was right at the first try.
    """
    times = Counter((answer.family, name) for answer in found for name in answer.mistakes)
    latest = {answer.family: answer.score for answer in found}
    return [
        (family, name, count)
        for (family, name), count in times.most_common()
        if count >= REPEATED and latest[family] < 1
    ]


def reviews(found: Sequence[Answer]) -> list[Review]:
    """Return the schedule of what was got wrong, soonest first, by the FSRS algorithm.

    A family enters at its first wrong answer, a mistake when it is made; every later variant of
    the family then reviews both.
    """
    cards: dict[tuple[str, str | None], Card] = {}
    for answer in found:
        names = {name for family, name in cards if family == answer.family} | answer.mistakes
        if answer.score < 1:
            names.add(None)
        for name in names:
            failed = answer.score < 1 if name is None else name in answer.mistakes
            key = (answer.family, name)
            card = cards.get(key) or Card(card_id=1, due=answer.at)
            rating = Rating.Again if failed else Rating.Good
            cards[key], _ = SCHEDULER.review_card(card, rating, answer.at)
    listed = (Review(family, name, card.due) for (family, name), card in cards.items())
    return sorted(listed, key=lambda review: (review.due, review.family, review.mistake or ""))


def due(schedule: Sequence[Review], moment: datetime) -> dict[str, list[str]]:
    """Return the families that are due for a review, each with the mistakes that are."""
    listed: dict[str, list[str]] = {}
    for review in schedule:
        if review.due <= moment:
            names = listed.setdefault(review.family, [])
            if review.mistake:
                names.append(review.mistake)
    return listed


def streak(found: Sequence[Answer], today: date) -> int:
    """Return how many days in a row, up to today or yesterday, had an answer; days are in UTC."""
    days = {answer.at.astimezone(UTC).date() for answer in found}
    day = today if today in days else today - timedelta(days=1)
    count = 0
    while day in days:
        count += 1
        day -= timedelta(days=1)
    return count


def advice(
    found: Sequence[Answer], schedule: Sequence[Review], moment: datetime, limit: int = 3
) -> list[Advice]:
    """Return what to do next: mistakes that come back, reviews that are due, the weakest family."""
    families = catalog.families()
    listed = [
        Advice(family, f"You made the same mistake {count} times: {message(family, name)}")
        for family, name, count in repeated_mistakes(found)
    ]
    listed += [
        Advice(family, "You got it wrong before, and it is due for a review.")
        for family in due(schedule, moment)
    ]
    levels = mastery(found)
    listed += [
        Advice(family, _weakness(level))
        for family, level in sorted(levels.items(), key=lambda item: item[1])
        if level < STEP
    ]
    first: dict[str, Advice] = {}
    for item in listed:
        if item.family in families:
            first.setdefault(item.family, item)
    return list(first.values())[:limit]


def _weakness(level: float) -> str:
    if level == 0:
        return "Not yet right at the first try."
    return f"Not yet reliable: your mastery is {100 * level:.0f} %."


def message(family: str, name: str) -> str:
    """Return what a mistake's name stands for, as students are told."""
    mistakes = catalog.family(family).mistakes
    return next((mistake.message for mistake in mistakes if mistake.name == name), name)
