"""Who changed what in a course."""

from sqlalchemy.orm import Session

from quizapp.db.models import LogEntry
from quizapp.services.courses import Member

MAX_TEXT = 500


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
