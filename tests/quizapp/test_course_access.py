"""Every address below a course, with every role."""

import secrets
from tempfile import TemporaryDirectory

import pytest
from classroom import ROLES, Classroom
from quiz_rows import add_quiz, add_sitting
from sqlalchemy import select
from visitor import database

from quizapp.app import create_app
from quizapp.config import Settings
from quizapp.db.models import (
    Course,
    Problem,
    ProblemVersion,
    Quiz,
    QuizItem,
    QuizSection,
    Sitting,
    User,
)
from quizapp.services import authoring
from quizapp.services.courses import RANKS

BELOW = "/courses/<course>"
MADE_UP = {"string": "nobody-has-this", "int": 7, "path": "nobody/has/this"}

EXAMPLES = {}
"""By the name of an address's variable, what makes a real one in a course, from a session and the
course's id. A variable without one is tried with a made-up value."""

FIELDS = {"number": "1", "revision": "1"}
"""What forms must hold before a view looks at anything."""


def example(name):
    """Register what makes an example of this variable in a course."""

    def register(make):
        EXAMPLES[name] = make
        return make

    return register


@example("slug")
def problem(session, course_id):
    kind, files = authoring.starting_files("starter/python")
    version = ProblemVersion(number=1, files=files, saved_by="somebody")
    slug = f"layer_{secrets.token_hex(4)}"
    session.add(Problem(course_id=course_id, slug=slug, kind=kind, versions=[version]))
    return slug


@example("quiz")
def a_quiz(session, course_id):
    quiz = session.scalars(select(Quiz).where(Quiz.course_id == course_id)).first()
    if quiz is None:
        quiz = add_quiz(session, session.get(Course, course_id), "mlp_params", size=1)
    return quiz.public_id


@example("sitting")
def a_sitting(session, course_id):
    public_id = a_quiz(session, course_id)
    quiz = session.scalars(select(Quiz).where(Quiz.public_id == public_id)).one()
    sitting = session.scalars(select(Sitting).where(Sitting.quiz_id == quiz.id)).first()
    if sitting is None:
        user = session.scalars(select(User).order_by(User.id)).first()
        sitting = add_sitting(session, quiz, user)
    return sitting.public_id


@example("item")
def an_item(session, course_id):
    a_sitting(session, course_id)
    return session.scalars(
        select(QuizItem.id)
        .join(QuizItem.section)
        .join(QuizSection.quiz)
        .where(Quiz.course_id == course_id)
    ).first()


@example("position")
def a_position(session, course_id):
    del session, course_id
    return 1


def rules():
    with TemporaryDirectory() as folder:
        app = create_app(Settings.from_environment({"QUIZAPP_DATA": folder}))
    found = [
        (rule, method)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(BELOW)
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"})
    ]
    return found, app.view_functions


RULES, VIEWS = rules()


def name_of(case):
    rule, method = case
    return f"{method} {rule.rule}"


@pytest.fixture
def classroom(app):
    return Classroom(app)


def address(app, classroom, rule, *, course, ids_of):
    """Return an address of the rule in one course, with the ids of that or of another one."""
    values = {}
    for name in rule.arguments - {"course"}:
        if name in EXAMPLES:
            member = classroom.member("owner" if ids_of == classroom.slug else "rival", ids_of)
            with database(app).write() as session:
                values[name] = EXAMPLES[name](session, member.course_id)
        else:
            converter = type(rule._converters[name]).__name__
            kind = {"IntegerConverter": "int", "PathConverter": "path"}.get(converter, "string")
            values[name] = MADE_UP[kind]
    with app.test_request_context():
        return app.url_for(rule.endpoint, course=course, **values)


def send(visitor, method, path):
    if method == "POST":
        fields = {"key": secrets.token_urlsafe(9), **FIELDS}
        return visitor.post(path, fields, page="/account")
    return visitor.client.open(path, method=method)


def test_every_view_below_a_course_says_which_role_it_needs():
    unguarded = [rule.rule for rule, _ in RULES if not required(rule)]
    assert unguarded == []


def required(rule):
    return getattr(VIEWS[rule.endpoint], "required_role", None)


@pytest.mark.parametrize("case", RULES, ids=name_of)
def test_each_role_may_do_what_its_rank_allows_and_nobody_else_anything(app, classroom, case):
    rule, method = case
    needed = RANKS.index(required(rule))
    for role in sorted(ROLES, key=RANKS.index):
        path = address(app, classroom, rule, course=classroom.slug, ids_of=classroom.slug)
        status = send(classroom.people[role], method, path).status_code
        if RANKS.index(role) < needed:
            assert status == 403, role
        else:
            assert status not in (401, 403, 500), role
    path = address(app, classroom, rule, course=classroom.slug, ids_of=classroom.slug)
    for outsider in ("rival", "stranger"):
        assert send(classroom.people[outsider], method, path).status_code == 404, outsider
    answer = send(classroom.visitor, method, path)
    assert (answer.status_code, answer.location.split("?")[0]) == (302, "/signin")


@pytest.mark.parametrize(
    "case", [case for case in RULES if case[0].arguments != {"course"}], ids=name_of
)
def test_what_is_another_courses_is_not_found_in_ones_own(app, classroom, case):
    rule, method = case
    path = address(app, classroom, rule, course=classroom.slug, ids_of=classroom.other)
    assert send(classroom.owner, method, path).status_code == 404


def test_the_walk_has_something_to_walk():
    assert {required(rule) for rule, _ in RULES} >= {"student", "owner"}
