"""The rules by which a question is marked anew, and what each makes of a mark."""

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from quizapp.db.models import Regrade, RegradeMark
from quizapp.services.scores import APPLIED

Rule = Literal["newest", "full"]
RULES: dict[Rule, str] = {
    "newest": "by the newest version",
    "full": "with full points to everybody who answered",
}
KEPT = "The mark is kept, for none is lowered."
FULL = "Everybody who answered gets full points."


def described(regrade: Regrade) -> str:
    """Return how a regrade marks, in words that follow "it marks"."""
    settings = regrade.settings
    words = RULES[settings["rule"]]
    if settings.get("version"):
        words = f"by version {settings['version']}"
    return f"{words}, never lowering a mark" if settings.get("never_lower") else words


def full(before: float) -> dict[str, Any]:
    """Return the fields of a RegradeMark that gives full points; the mark stays as it was."""
    return {"before": before, "score": 1.0, "reason": "" if before >= 1 else FULL}


def not_lowered(row: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a RegradeMark with the score before it, where it would be less."""
    if row["score"] >= row["before"]:
        return row
    kept = {"score": row["before"], "mark": None}  # the mark before it stands
    return row | kept | {"reason": f"{row['reason']} {KEPT}"}


def that_count(session: Session, items: Iterable[int]) -> Sequence[Regrade]:
    """Return the regrades of these questions that count, the newest last."""
    return session.scalars(
        select(Regrade)
        .where(Regrade.item_id.in_(items), APPLIED)
        .order_by(Regrade.applied_at, Regrade.id)
    ).all()


def stands(session: Session, regrade: Regrade) -> bool:
    """Whether this is the newest regrade of its question that counts, which stands above others."""
    return regrade.id in [newest.id for newest in that_count(session, [regrade.item_id])[-1:]]


def marked(
    session: Session,
    regrade: Regrade,
    column: InstrumentedAttribute[int | None],
    ids: Iterable[int],
) -> set[int | None]:
    """Return which of these answers, or submissions, a regrade has marked."""
    return set(
        session.scalars(select(column).where(RegradeMark.regrade_id == regrade.id, column.in_(ids)))
    )
