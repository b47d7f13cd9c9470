"""Courses, roles, and the demonstration."""

import pytest
from sqlalchemy import func, select

from quizapp.db.models import Enrolment, User
from quizapp.errors import Conflict, Invalid, NotFound
from quizapp.services import accounts, courses

pytestmark = pytest.mark.usefixtures("cheap_hashing")


def test_courses_are_listed_by_title(database):
    with database.write() as session:
        courses.add(session, "nlp", " Natural language processing ")
        courses.add(session, "dl", "Deep learning")
    with database.read() as session:
        assert [course.title for course in courses.every(session)] == [
            "Deep learning",
            "Natural language processing",
        ]
        assert courses.by_slug(session, "nlp").title == "Natural language processing"


def test_a_taken_slug_is_refused_and_the_session_goes_on(database):
    with database.write() as session:
        courses.add(session, "nlp", "NLP")
        with pytest.raises(Conflict, match="nlp"):
            courses.add(session, "nlp", "Another")
        courses.add(session, "dl", "Deep learning")
    with database.read() as session:
        assert len(courses.every(session)) == 2


@pytest.mark.parametrize(
    ("slug", "title"),
    [
        ("", "T"),
        ("NLP", "T"),
        ("-nlp", "T"),
        ("nlp-", "T"),
        ("a b", "T"),
        ("x" * 81, "T"),
        ("nlp\n", "T"),
        ("nlp", " "),
        ("nlp", "x" * 201),
        ("nlp", "nul\x00"),
        ("nlp", "\ud800"),
    ],
)
def test_a_course_that_cannot_be_named_is_refused(database, slug, title):
    with database.write() as session, pytest.raises(Invalid):
        courses.add(session, slug, title)


@pytest.mark.parametrize("slug", ["nlp", "\x00", "\ud800", ""])
def test_a_course_that_is_not_there_is_not_found(database, slug):
    with database.read() as session, pytest.raises(NotFound):
        courses.by_slug(session, slug)


def test_a_user_has_one_role_in_a_course_and_a_new_one_replaces_it(database):
    user = accounts.sign_up(database, "ada", "correct horse")
    with database.write() as session:
        courses.add(session, "nlp", "NLP")
        courses.enrol(session, "nlp", "ADA", "student")
        courses.enrol(session, "nlp", "ada", "assistant")
    with database.read() as session:
        [enrolment] = courses.of_user(session, user.id)
    assert (enrolment.course.slug, enrolment.role) == ("nlp", "assistant")


@pytest.mark.parametrize(
    ("slug", "username", "role", "error"),
    [
        ("nlp", "ada", "dean", Invalid),
        ("nlp", "bob", "student", NotFound),
        ("nlp", "\x00", "student", NotFound),
        ("dl", "ada", "student", NotFound),
    ],
)
def test_an_enrolment_needs_a_course_a_user_and_a_role(database, slug, username, role, error):
    accounts.sign_up(database, "ada", "correct horse")
    with database.write() as session:
        courses.add(session, "nlp", "NLP")
    with database.write() as session, pytest.raises(error):
        courses.enrol(session, slug, username, role)


def test_the_demonstration_is_made_once_and_its_passwords_work(database):
    first = courses.ensure_demonstration(database)
    for username, password in first.passwords.items():
        accounts.sign_in(database, username, password, "::1")
        assert password not in repr(first)
    second = courses.ensure_demonstration(database)
    assert (second.course.id, second.passwords) == (first.course.id, {})
    with database.read() as session:
        pairs = select(User.username, Enrolment.role).join(Enrolment.user).order_by(User.username)
        assert [tuple(row) for row in session.execute(pairs)] == [
            ("demo-owner", "owner"),
            ("demo-student", "student"),
        ]


def test_nobody_becomes_an_owner_by_taking_the_name_first(database):
    accounts.sign_up(database, "Demo-Owner", "correct horse")
    with pytest.raises(Conflict, match="demo-owner"):
        courses.ensure_demonstration(database)
    with database.read() as session:
        assert courses.every(session) == []
        assert session.scalars(select(func.count(Enrolment.id))).one() == 0
