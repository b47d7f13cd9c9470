"""Practising a course's own problems: their variants are drawn ahead, so none is drawn here."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from quizapp.db.engine import now
from quizapp.db.models import (
    PoolVariant,
    Problem,
    ProblemVersion,
    Quiz,
    QuizItem,
    QuizSection,
    Variant,
)
from quizapp.errors import Conflict, NotFound
from quizapp.services import accounts, authoring, practice, releases
from quizapp.services.courses import Member


def published(session: Session, member: Member, slug: str) -> ProblemVersion:
    """Return the version of a problem that students get. Raises NotFound."""
    problem = authoring.find(session, member.course_id, slug)
    if problem.hidden or problem.published is None:
        raise NotFound("The course has no such problem.")
    return problem.published


def task(session: Session, member: Member, slug: str) -> ProblemVersion:
    """Return the version of a code task that students practise.

    Raises NotFound, and Conflict while a quiz asks it: a task has no variants, so that whoever
    practised it would have their quiz's own code graded ahead.
    """
    version = published(session, member, slug)
    if not member.may("assistant") and _is_asked(session, version):
        raise Conflict(
            "A quiz asks this task. It can be practised again when nobody sits the quiz any more."
        )
    return version


def _is_asked(session: Session, version: ProblemVersion) -> bool:
    """Whether a published quiz that is not over asks a problem, in whatever version."""
    asking = session.scalars(
        select(Quiz)
        .join(QuizSection, QuizSection.quiz_id == Quiz.id)
        .join(QuizItem, QuizItem.section_id == QuizSection.id)
        .join(ProblemVersion, ProblemVersion.id == QuizItem.version_id)
        .where(Quiz.published, ProblemVersion.problem_id == version.problem_id)
        .distinct()
    ).all()
    return not releases.are_over(session, asking, now(session))


def name(member: Member, problem: Problem) -> str:
    """Return what a course's own problem is called where a family of the bank has its slug."""
    return f"{member.slug}/{problem.slug}"


def proceed(session: Session, member: Member, slug: str) -> Variant:
    """Return the student's open variant of the published version, or else one that `start` gives.

    Raises as `start` does.
    """
    version = published(session, member, slug)
    latest = session.scalars(
        select(Variant)
        .where(Variant.user_id == member.user_id, Variant.version_id == version.id)
        .order_by(Variant.id.desc())
        .limit(1)
        .options(selectinload(Variant.attempts))
    ).one_or_none()
    return (
        latest if latest is not None and practice.is_open(latest) else start(session, member, slug)
    )


def start(session: Session, member: Member, slug: str) -> Variant:
    """Give a student a variant of the pool, one that they have not had if there is one left.

    Raises NotFound for the problem, Conflict while its variants are being drawn, and TooMany as
    `practice.check_pace` does.
    """
    version = published(session, member, slug)
    accounts.lock(session, member.user_id)
    practice.check_pace(session, member.user_id)
    had = select(Variant.seed).where(
        Variant.user_id == member.user_id, Variant.version_id == version.id
    )
    pool = select(PoolVariant).where(PoolVariant.version_id == version.id)
    lot = pool.order_by(PoolVariant.seed.in_(had), func.random()).limit(1)
    drawn = session.scalars(lot).one_or_none()
    if drawn is None:
        raise Conflict("The variants of this problem are still being drawn. Try again in a minute.")
    variant = Variant(
        user_id=member.user_id,
        family=name(member, version.problem),
        family_version=version.number,
        version_id=version.id,
        seed=drawn.seed,
        document=drawn.document,
    )
    session.add(variant)
    session.flush()
    return variant
