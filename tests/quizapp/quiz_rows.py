"""A course with a quiz, and students' sittings of it, put straight into the tables."""

import secrets
from datetime import UTC, datetime, timedelta
from itertools import count

from sqlalchemy import select

from problems import catalog
from quizapp.db.models import (
    Answer,
    Course,
    Enrolment,
    Grade,
    Job,
    PoolVariant,
    Quiz,
    QuizItem,
    QuizSection,
    Sitting,
    SittingItem,
    Submission,
    User,
)
from quizapp.services import courses

keys = count()


def add_person(session, course, name, role="student"):
    user = User(username=name, password_hash="-")
    session.add(user)
    session.add(Enrolment(course=course, user=user, role=role))
    session.flush()
    return user


def add_course(session, slug="nlp", instructor="ines"):
    course = Course(slug=slug, title=slug.upper())
    session.add(course)
    add_person(session, course, instructor, "instructor")
    return course


def member(database, username, slug="nlp"):
    with database.rows() as connection:
        user = connection.execute(select(User.id).where(User.username == username)).scalar_one()
        return courses.member(connection, user, slug)


def add_item(section, slug="mlp_params", *, kind="family", points=1.0, pool=3, pins=None):
    """Add a question to a section, with variants drawn for it."""
    item = QuizItem(
        position=len(section.items) + 1,
        kind=kind,
        slug=slug,
        title=slug,
        points=points,
        pins=pins or {},
    )
    section.items.append(item)
    return item


def add_pool(session, item, size=3):
    session.flush()
    for seed in range(size):
        variant = catalog.family(item.slug).variant(seed, item.pins)
        session.add(PoolVariant(item_id=item.id, seed=seed, document=variant.to_json()))


def add_quiz(session, course, *slugs, size=3, **settings):
    """Add a published quiz of one section with these families, each with its pool."""
    quiz = Quiz(course=course, title="Week 3", **({"published": True} | settings))
    section = QuizSection(position=1, quiz=quiz)
    session.add(quiz)
    for slug in slugs:
        add_pool(session, add_item(section, slug), size)
    session.flush()
    return quiz


def add_sitting(session, quiz, user, *, ago=timedelta(minutes=10), **settings):
    """Add a sitting that was handed in, of all questions in their order."""
    moment = datetime.now(UTC) - ago
    settings = {"started_at": moment, "handed_in_at": moment, "marked_at": moment} | settings
    sitting = Sitting(quiz=quiz, user=user, **settings)
    for item in (item for section in quiz.sections for item in section.items):
        sitting.items.append(SittingItem(position=len(sitting.items) + 1, item=item))
    session.add(sitting)
    session.flush()
    return sitting


def add_answer(session, row, score, mark=None):
    answer = Answer(
        sitting_item_id=row.id,
        responses={},
        mark=mark or {"score": score, "parts": {}},
        score=score,
        idempotency_key=f"k{next(keys)}",
    )
    session.add(answer)
    session.flush()
    return answer


def add_submission(session, row, *grades):
    """Add a submission with these grades, of which the last is the newest."""
    submission = Submission(
        user_id=row.sitting.user_id,
        task="lstm_forget_gate",
        sitting_item_id=row.id,
        source=b"",
        idempotency_key=secrets.token_hex(8),
    )
    session.add(submission)
    session.flush()
    for score in grades:
        add_grade(session, submission, score)
    return submission


def add_grade(session, submission, score):
    job = Job(
        submission=submission,
        user_id=submission.user_id,
        state="done",
        task_version=1,
        seed=0,
        priority=0,
        fair_key=0,
        not_before=datetime.now(UTC),
    )
    session.add(job)
    session.flush()
    session.add(
        Grade(
            job_id=job.id,
            submission_id=submission.id,
            verdict="wrong",
            score=score,
            document={"verdict": "wrong", "score": score},
            worker="test",
        )
    )
    session.flush()
