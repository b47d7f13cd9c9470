"""The time of whoever works against a clock: mock exams and quizzes keep it alike."""

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from math import ceil
from typing import Any, Protocol

from sqlalchemy.exc import DBAPIError, IntegrityError

from quizapp.errors import NotFound

log = logging.getLogger(__name__)

GRACE = timedelta(seconds=5)
"""What is typed in the last second is saved a moment later."""
REPORTED = timedelta(seconds=15)
"""How often a page says that its question is open."""
LONGEST_LOOK = 3 * REPORTED
"""A longer silence was no look at the question."""
MAX_RESPONSE = 4000


class Timed(Protocol):
    """An exam or a sitting: when it ends, and which question was open when."""

    ends_at: Any
    handed_in_at: Any
    seen_at: Any


def wait_in_words(left: timedelta) -> str:
    """Return a wait in whole minutes, in words."""
    count = max(1, ceil(left / timedelta(minutes=1)))
    return "1 minute" if count == 1 else f"{count} minutes"


def is_over(timed: Timed, moment: datetime) -> bool:
    """Whether nothing more is saved: it was handed in, or its end and the grace are past."""
    return timed.handed_in_at is not None or (
        timed.ends_at is not None and moment > timed.ends_at + GRACE
    )


def left(timed: Timed, moment: datetime) -> timedelta | None:
    """Return how long it goes on; None where it has no end."""
    return None if timed.ends_at is None else max(timed.ends_at - moment, timedelta())


def ended_at(timed: Timed, moment: datetime) -> datetime:
    """Return the moment at which it is handed in now: its end, where that is past."""
    return moment if timed.ends_at is None else min(moment, timed.ends_at)


def looked(timed: Timed, moment: datetime) -> float:
    """Return the seconds since it was last heard of, as far as somebody looked at it."""
    if timed.seen_at is None:
        return 0.0
    return min(max(moment - timed.seen_at, timedelta()), LONGEST_LOOK).total_seconds()


def is_recent(timed: Timed, moment: datetime) -> bool:
    """Whether it was heard of so lately that the next report still counts all of the time."""
    return timed.seen_at is not None and moment - timed.seen_at < REPORTED


def is_answered(responses: Mapping[str, str]) -> bool:
    """Whether anything was typed."""
    return any(text.strip() for text in responses.values())


def hand_in_each(waiting: Iterable[tuple[int, str]], hand_in: Callable[[int, str], None]) -> None:
    """Hand in for each user what they did not; one that cannot be keeps no other waiting."""
    for owner, public_id in waiting:
        try:
            hand_in(owner, public_id)
        except (NotFound, IntegrityError):
            continue  # deleted meanwhile, with the account
        except DBAPIError:
            raise
        except Exception:
            log.exception("%s could not be handed in.", public_id)
