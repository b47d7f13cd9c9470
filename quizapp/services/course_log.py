"""Who changed what in a course."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from quizapp.db.models import LogEntry
from quizapp.services.courses import Member

MAX_TEXT = 500
PAGE = 100
"""Changes in one page of the log."""


@dataclass(frozen=True)
class Page:
    """One page of a course's log, newest first, and how many changes there are in all."""

    entries: list[LogEntry]
    total: int

    def pages(self) -> int:
        """Return how many pages they fill."""
        return max(1, -(-self.total // PAGE))


def record(session: Session, member: Member, action: str, text: str) -> None:
    """Note a change in the transaction that makes it: a short name, and a sentence for people."""
    session.add(
        LogEntry(
            course_id=member.course_id,
            actor=member.username,
            action=action,
            text=text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 1]}…",
        )
    )


def page(session: Session, course_id: int, group: str = "", number: int = 1) -> Page:
    """Return a page of a course's log; of one group, the part of the actions before the dot."""
    chosen = [LogEntry.course_id == course_id]
    if not group.isprintable():
        return Page([], 0)
    if group:
        chosen.append(LogEntry.action.startswith(f"{group}.", autoescape=True))
    entries = session.scalars(
        select(LogEntry)
        .where(*chosen)
        .order_by(LogEntry.id.desc())
        .limit(PAGE)
        .offset(PAGE * (number - 1))
    )
    total = session.scalars(select(func.count(LogEntry.id)).where(*chosen)).one()
    return Page(list(entries), total)


def groups(session: Session, course_id: int) -> list[str]:
    """Return the groups of actions that a course's log has, by name."""
    actions = session.scalars(
        select(LogEntry.action).where(LogEntry.course_id == course_id).distinct()
    )
    return sorted({action.partition(".")[0] for action in actions})
