"""Joining a course, and the roles in it."""

import pytest
from sqlalchemy import select

from quizapp.db.models import Course, Enrolment, Invitation, LogEntry
from quizapp.errors import Conflict, Forbidden, Invalid, NotFound
from quizapp.services import accounts, course_log, courses, membership

pytestmark = pytest.mark.usefixtures("cheap_hashing")


@pytest.fixture
def course(database):
    """A course, `nlp`, of the owner `ada`."""
    enrol(database, "ada", "owner", new_course=True)
    with database.read() as session:
        return courses.by_slug(session, "nlp")


def enrol(database, username, role, *, new_course=False):
    user = accounts.sign_up(database, username, "correct horse")
    with database.write() as session:
        if new_course:
            courses.add(session, "nlp", "NLP")
        courses.enrol(session, "nlp", username, role)
    return user.id


def member(database, username):
    with database.read() as session:
        user = accounts._user_named(session, username)
        return courses.member(session.connection(), user.id, "nlp")


def roles(database):
    with database.read() as session:
        found = membership.people(session, courses.by_slug(session, "nlp").id)
        return {row.user.username: row.role for row in found.enrolments}


def log(database):
    with database.read() as session:
        return [(row.actor, row.action) for row in session.scalars(select(LogEntry))]


def test_whoever_knows_the_code_joins_as_a_student_and_only_once(database, course):
    bob = accounts.sign_up(database, "bob", "correct horse")
    for _ in range(2):
        with database.write() as session:
            assert membership.join(session, bob.id, course.join_code).slug == "nlp"
    with database.write() as session:
        membership.join(session, member(database, "ada").user_id, course.join_code)
    assert roles(database) == {"ada": "owner", "bob": "student"}


@pytest.mark.parametrize("code", ["", "none", "\x00", "x" * 300, "\ud800"])
def test_a_code_that_is_no_courses_joins_nobody(database, course, code):
    bob = accounts.sign_up(database, "bob", "correct horse")
    with database.write() as session, pytest.raises(NotFound, match="ask your instructor"):
        membership.join(session, bob.id, code)


def test_an_old_code_and_one_that_is_turned_off_join_nobody(database, course):
    bob = accounts.sign_up(database, "bob", "correct horse")
    owner = member(database, "ada")
    codes = [course.join_code]
    for change in (membership.reset_code, membership.close_code):
        with database.write() as session:
            change(session, owner)
        with database.write() as session, pytest.raises(NotFound):
            membership.join(session, bob.id, codes[-1])
        with database.read() as session:
            codes.append(session.scalars(select(Course.join_code)).one())
    assert codes[1] not in (None, codes[0])
    assert codes[2] is None
    assert log(database) == [("ada", "people.code")] * 2


def test_an_invitation_is_taken_up_by_its_username_and_gives_its_name(database, course):
    with database.write() as session:
        session.add(Invitation(course_id=course.id, username_key="bob", name="Bob B."))
    bob = accounts.sign_up(database, "Bob", "correct horse")
    with database.write() as session:
        membership.join(session, bob.id, course.join_code)
    with database.read() as session:
        assert membership.invitations(session, course.id) == []
        [row] = membership.people(session, course.id, "bob").enrolments
    assert (row.name, row.role) == ("Bob B.", "student")


def test_an_owner_changes_a_role_and_the_log_says_so(database, course):
    enrol(database, "bob", "student")
    with database.write() as session:
        membership.change_role(session, member(database, "ada"), "BOB", "assistant")
    assert roles(database)["bob"] == "assistant"
    with database.read() as session:
        [entry] = session.scalars(select(LogEntry))
    assert (entry.actor, entry.text) == ("ada", "Made bob, who was student, assistant.")


def test_the_last_owner_stays(database, course):
    owner = member(database, "ada")
    with database.write() as session, pytest.raises(Conflict, match="last owner"):
        membership.change_role(session, owner, "ada", "student")
    with database.write() as session, pytest.raises(Conflict, match="last owner"):
        membership.remove(session, owner, "ada")
    enrol(database, "bob", "owner")
    with database.write() as session:
        membership.change_role(session, owner, "ada", "student")
    assert roles(database) == {"bob": "owner", "ada": "student"}


def test_an_instructor_removes_students_and_nobody_else(database, course):
    for username, role in (("ida", "instructor"), ("tom", "assistant"), ("sam", "student")):
        enrol(database, username, role)
    instructor = member(database, "ida")
    for username in ("ada", "ida", "tom"):
        with database.write() as session, pytest.raises(Forbidden, match="Only an owner"):
            membership.remove(session, instructor, username)
    with database.write() as session:
        membership.remove(session, instructor, "sam")
    assert sorted(roles(database)) == ["ada", "ida", "tom"]
    assert log(database) == [("ida", "people.remove")]


@pytest.mark.parametrize(
    ("username", "role", "error"),
    [("bob", "dean", Invalid), ("eve", "student", NotFound), ("\x00", "student", NotFound)],
)
def test_a_role_needs_somebody_of_the_course(database, course, username, role, error):
    enrol(database, "bob", "student")
    accounts.sign_up(database, "eve", "correct horse")
    with database.write() as session, pytest.raises(error):
        membership.change_role(session, member(database, "ada"), username, role)


def test_teachers_make_courses_and_own_them(database, course):
    ida = enrol(database, "ida", "instructor")
    sam = enrol(database, "sam", "student")
    with database.write() as session:
        membership.create(session, ida, "vision", "Vision")
    with database.read() as session:
        made = courses.member(session.connection(), ida, "vision")
        assert made.role == "owner"
        [entry] = course_log.page(session, made.course_id).entries
        assert entry.action == "course.add"
    with database.write() as session, pytest.raises(Forbidden, match="operator"):
        membership.create(session, sam, "mine", "Mine")
    with database.write() as session, pytest.raises(Conflict):
        membership.create(session, ida, "nlp", "NLP")


def test_people_are_listed_by_role_and_name_and_found_by_either(database, course):
    for username, role in (("zoe", "student"), ("bob", "student"), ("ida", "instructor")):
        enrol(database, username, role)
    with database.write() as session:
        zoe = session.scalars(select(Enrolment).where(Enrolment.role == "student")).first()
        zoe.name = "Anna 100%"
    with database.read() as session:
        found = membership.people(session, course.id)
        assert [row.user.username for row in found.enrolments] == ["ada", "ida", "zoe", "bob"]
        for search, names in (
            ("ANNA", ["zoe"]),
            ("bo", ["bob"]),
            ("%", ["zoe"]),
            ("_", []),
            ("\x00", []),
        ):
            listed = membership.people(session, course.id, search)
            assert [row.user.username for row in listed.enrolments] == names
            assert listed.total == len(names)


def test_the_log_is_read_newest_first_by_pages_and_groups(database, course):
    owner = member(database, "ada")
    with database.write() as session:
        for number in range(course_log.PAGE + 1):
            course_log.record(session, owner, "quiz.publish", f"quiz {number}")
        course_log.record(session, owner, "people.role", "x" * 600)
    with database.read() as session:
        assert course_log.groups(session, course.id) == ["people", "quiz"]
        first = course_log.page(session, course.id)
        assert (len(first.entries), first.total, first.pages()) == (100, 102, 2)
        assert len(first.entries[0].text) == course_log.MAX_TEXT
        assert [row.text for row in course_log.page(session, course.id, number=2).entries] == [
            "quiz 1",
            "quiz 0",
        ]
        assert course_log.page(session, course.id, "people").total == 1
        for unknown in ("p%", "\x00"):
            assert course_log.page(session, course.id, unknown).total == 0


@pytest.mark.parametrize("username", ["", "nobody", "\x00", "\ud800", "x" * 300])
def test_who_is_not_in_the_course_is_not_taken_out_of_it(database, course, username):
    ada = member(database, "ada")
    with database.write() as session, pytest.raises(NotFound, match="nobody of that username"):
        membership.remove(session, ada, username)
