"""The people of a course in the browser: roles, the code, and the roster."""

import io

import pytest
from classroom import Classroom
from sqlalchemy import select
from visitor import database

from quizapp.db.models import Course, Enrolment, User

PEOPLE = "/courses/nlp/people"


@pytest.fixture
def classroom(app):
    return Classroom(app)


def roles(classroom):
    with database(classroom.app).read() as session:
        rows = session.execute(
            select(User.username, Enrolment.role)
            .join_from(Enrolment, User)
            .join(Enrolment.course)
            .where(Course.slug == "nlp")
        )
        return dict(list(rows))


def send(visitor, path, **fields):
    form = {"content_type": "multipart/form-data"}
    answer = visitor.post(f"{PEOPLE}{path}", fields, page="/courses", **form)
    answer.request.environ["wsgi.input"].close()  # the client keeps a long form in a file
    return answer


def test_an_owner_changes_a_role_and_keeps_the_last_owner(classroom):
    answer = send(classroom.owner, "/role", username="student", role="assistant")
    assert answer.location == PEOPLE
    assert roles(classroom)["student"] == "assistant"
    assert "The role of student is assistant now." in classroom.owner.get(PEOPLE).text
    assert "is assistant now" not in classroom.owner.get(PEOPLE).text
    refused = send(classroom.owner, "/role", username="owner", role="student")
    assert refused.status_code == 409
    assert "last owner" in refused.text
    assert send(classroom.owner, "/role", username="student", role="dean").status_code == 422
    assert send(classroom.owner, "/role", username="nobody", role="owner").status_code == 404


def test_an_instructor_removes_a_student_and_no_assistant(classroom):
    assert send(classroom.instructor, "/remove", username="student").status_code == 303
    assert "student is not in the course any more." in classroom.instructor.get(PEOPLE).text
    assert send(classroom.instructor, "/remove", username="assistant").status_code == 403
    assert set(roles(classroom)) == {"owner", "instructor", "assistant"}
    assert classroom.student.get("/courses/nlp").status_code == 404


def test_the_link_is_made_anew_and_turned_off(classroom):
    def link():
        page = classroom.instructor.get(PEOPLE).text
        return page.partition('join-link"><a href="')[2].partition('"')[0]

    first = link()
    assert classroom.stranger.get(first).status_code == 200
    send(classroom.instructor, "/code")
    assert "Only the new code joins." in classroom.instructor.get(PEOPLE).text
    assert classroom.stranger.get(first).status_code == 404
    second = link()
    assert classroom.stranger.get(second).status_code == 200
    send(classroom.instructor, "/code", off="1")
    assert classroom.stranger.get(second).status_code == 404
    assert "turned off" in classroom.instructor.get(PEOPLE).text


def test_people_are_searched(classroom):
    page = classroom.instructor.get(f"{PEOPLE}?search=STUD").text
    assert "1 person found" in page
    assert "assistant</th>" not in page
    assert classroom.instructor.get(f"{PEOPLE}?search=%00<b>").status_code == 200
    assert "<b>" not in classroom.instructor.get(f"{PEOPLE}?search=<b>").text


def test_a_roster_is_uploaded_looked_at_and_applied(classroom):
    file = (io.BytesIO("username;name\nstranger;Zoë\nx;short\n".encode()), "roster.csv")
    page = send(classroom.instructor, "/roster", file=file).text
    assert "Nothing is changed yet" in page
    assert "Line 3." in page
    assert "stranger" not in roles(classroom)
    text = "username;name\r\nstranger;Zoë\r\nx;short\r\n"
    done = send(classroom.instructor, "/roster/apply", text=text).text
    assert "1 change was made" in done
    assert roles(classroom)["stranger"] == "student"
    assert "Zoë" in classroom.instructor.get(PEOPLE).text


def test_what_the_preview_sends_back_is_what_it_was_given(classroom):
    text = 'username,name\nstranger,"<b>&amp; ""Q"""\n'
    page = send(classroom.instructor, "/roster", text=text).text
    assert "<b>" not in page
    assert page.count("&lt;b&gt;&amp;amp; &#34;&#34;Q&#34;&#34;") == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": "no header here"},
        {"text": ""},
        {},
        {"file": (io.BytesIO(b"\xff\xfe\x00"), "x.csv")},
        {"file": (io.BytesIO(b"username\n" + b"x" * 600_000), "x.csv")},
    ],
    ids=["header", "empty", "nothing", "bytes", "long"],
)
def test_what_is_no_roster_is_said_beside_the_form(classroom, wrong):
    answer = send(classroom.instructor, "/roster", **wrong)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert wrong.get("text", "") in answer.text


def test_a_roster_with_many_ampersands_is_read(classroom):
    rows = "".join(f"person{number},A & B & C\n" for number in range(500))
    answer = send(classroom.instructor, "/roster", text=f"username,name\n{rows}")
    assert "Invited: 500" in answer.text
    assert "And 300 more." in answer.text


def test_a_roster_of_five_thousand_lines_is_taken(classroom):
    text = "username,name,role\n" + "".join(
        f"student-{number:04},Name of number {number},student\n" for number in range(5000)
    )
    assert "5000 changes were made" in send(classroom.owner, "/roster/apply", text=text).text
    assert "5000 stay as they are" in send(classroom.owner, "/roster", text=text).text


def test_the_roster_is_downloaded_as_a_file(classroom):
    answer = classroom.instructor.get(f"{PEOPLE}/roster.csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="nlp-roster.csv"'
    assert answer.text.startswith("\ufeffusername,name,role\r\n")
    assert "student,,student\r\n" in answer.text
