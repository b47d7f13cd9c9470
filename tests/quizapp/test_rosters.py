"""Rosters: what a CSV file would change, what it changes, and every line that cannot be taken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from quizapp.db.models import Enrolment, Invitation, LogEntry
from quizapp.errors import Invalid
from quizapp.services import accounts, courses, membership, rosters, spreadsheets

pytestmark = pytest.mark.usefixtures("cheap_hashing")


@pytest.fixture
def course(database):
    """A course of the owner `ada`, the instructor `ida` and the student `sam`; `bob` is in none."""
    for username in ("ada", "ida", "sam", "bob"):
        accounts.sign_up(database, username, "correct horse")
    with database.write() as session:
        found = courses.add(session, "nlp", "NLP")
        for username, role in (("ada", "owner"), ("ida", "instructor"), ("sam", "student")):
            courses.enrol(session, "nlp", username, role)
    return found


def member(session, username):
    user = accounts._user_named(session, username)
    return courses.member(session.connection(), user.id, "nlp")


def plan(database, text, by="ada"):
    with database.read() as session:
        return rosters.plan(session, member(session, by), rosters.parse(text))


def apply(database, text, by="ada"):
    with database.write() as session:
        return rosters.apply(session, member(session, by), rosters.parse(text))


def people(database, course):
    with database.read() as session:
        found = membership.people(session, course.id).enrolments
        return {row.user.username: (row.name, row.role) for row in found}


def reasons(plan):
    return {row.line: row.reason for row in plan.bad}


ROSTER = "username,name,role\nbob,Bob B.,student\nsam,Sam S.\neve,Eve E.\nida,,instructor\n"


def test_the_plan_says_who_is_new_changed_invited_and_unchanged_and_changes_nothing(
    database, course
):
    found = plan(database, ROSTER)
    assert [(c.line, c.username, c.name, c.role) for c in found.new] == [
        (2, "bob", "Bob B.", "student")
    ]
    assert [(c.username, c.words) for c in found.changed] == [("sam", "had no name")]
    assert [(c.username, c.name) for c in found.invited] == [("eve", "Eve E.")]
    assert (found.unchanged, found.bad, found.changes) == (1, [], 3)
    assert "bob" not in people(database, course)


def test_applied_it_does_what_the_plan_said_and_again_nothing(database, course):
    said = plan(database, ROSTER)
    assert apply(database, ROSTER) == said
    assert people(database, course) == {
        "ada": (None, "owner"),
        "ida": (None, "instructor"),
        "sam": ("Sam S.", "student"),
        "bob": ("Bob B.", "student"),
    }
    with database.read() as session:
        [invited] = session.scalars(select(Invitation))
        assert (invited.username_key, invited.name) == ("eve", "Eve E.")
        [entry] = session.scalars(select(LogEntry))
        assert entry.text == "Applied a roster: 1 new, 1 changed, 1 invited."
    again = apply(database, ROSTER)
    assert (again.changes, again.unchanged) == (0, 4)
    renamed = apply(database, "username,name\nEVE,Eva\nsam,\n")
    assert [c.words for c in renamed.invited] == ["invited before, with another name"]
    assert renamed.unchanged == 1


def test_it_takes_nobody_out(database, course):
    apply(database, "username\nbob\n")
    assert set(people(database, course)) == {"ada", "ida", "sam", "bob"}


def test_good_lines_are_taken_though_others_are_bad_and_each_says_why(database, course):
    text = (
        "username,name,role\n"
        "bob,Bob,dean\n"
        "x,Too Short\n"
        ",No Name\n"
        "\n"
        "sam,Sam\n"
        "SAM,Sam again\n"
        "eve,Eve,assistant\n"
        f"bob2,{'x' * 101}\n"
        "bob3,B,student,extra\n"
        'bob4,"bell\x07"\n'
    )
    found = apply(database, text)
    assert {
        line: reason.split(".")[0].split(":")[0] for line, reason in reasons(found).items()
    } == {
        2: "“dean” is no role",
        3: "“x” is no username",
        4: "It has no username",
        7: "SAM stands in line 6 already",
        8: "There is no account eve",
        9: "The name of bob2 must have at most 100 printable characters",
        10: "It has more cells than the header",
        11: "The name of bob4 must have at most 100 printable characters",
    }
    assert people(database, course)["sam"] == ("Sam", "student")
    assert "bob" not in people(database, course)


def test_only_owners_give_roles(database, course):
    text = "username,role\nbob,assistant\nsam,instructor\nida,instructor\n"
    found = plan(database, text, by="ida")
    assert set(reasons(found)) == {2, 3}
    assert all("Only an owner" in reason for reason in reasons(found).values())
    assert apply(database, text).bad == []
    assert people(database, course)["sam"] == (None, "instructor")
    with database.read() as session:
        texts = [e.text for e in session.scalars(select(LogEntry).order_by(LogEntry.id))]
    assert texts[1:] == ["Made bob assistant.", "Made sam, who was student, instructor."]


def test_the_last_owner_stays_unless_there_is_a_new_one(database, course):
    [bad] = plan(database, "username,role\nada,student\n").bad
    assert "last owner" in bad.reason
    swapped = apply(database, "username,role\nada,student\nbob,owner\n")
    assert swapped.bad == []
    assert people(database, course)["ada"] == (None, "student")


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffUsername;Name\r\nbob;Bob, the builder\r\n",
        'username,name\r\nbob,"Bob, the builder"\r\n',
        '\r\n"name","USERNAME"\r\n"Bob, the builder"," bob "\r\n\r\n',
        'name,username\n"Bob, the builder",bob',
    ],
)
def test_a_roster_comes_as_spreadsheets_write_it(database, course, text):
    [change] = plan(database, text).new
    assert (change.username, change.name) == ("bob", "Bob, the builder")


def test_a_line_is_counted_where_it_begins():
    sheet = rosters.parse('username,name\nbob,"B\n\nB"\nx,y\n')
    assert [row.line for row in sheet.bad] == [2, 5]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "must name the columns"),
        ("ada,Ada\n", "must name the columns"),
        ("username,name,Name\n", "twice"),
        ('username\n"bob\n', "Line 2 cannot be read as CSV"),
        ("username\n" + "bob\n" * 5001, "at most 5000 people"),
        ("username,name\nbob," + "é" * 300_000, "at most 512 KiB"),
    ],
)
def test_what_is_no_roster_is_refused_whole(text, sentence):
    with pytest.raises(Invalid, match=sentence):
        rosters.parse(text)


def test_a_file_that_is_not_utf_8_names_its_line():
    with pytest.raises(Invalid, match="Line 2 is not UTF-8"):
        rosters.decode("username,name\nbob,Zoë\n".encode("latin-1"))
    with pytest.raises(Invalid, match="at most 512 KiB"):
        rosters.decode(b"x" * (rosters.MAX_BYTES + 1))


def test_a_column_that_means_nothing_is_named(database, course):
    assert plan(database, "username,e-mail\nbob,b@example.org\n").unread == ["e-mail"]


NAMES = ("=1+1", "+49", "-x", "@sum", "'quoted'", "'=x", 'a "b"', "a,b;c", "Zoë", "''-", None)


def test_the_roster_that_is_downloaded_changes_nothing_and_holds_no_formula(database, course):
    with database.write() as session:
        for number, name in enumerate(NAMES):
            username_key = f"-invited{number}"
            row = Invitation(course_id=course.id, username_key=username_key, name=name)
            session.add(row)
        for row, name in zip(session.scalars(select(Enrolment)), NAMES, strict=False):
            row.name = name
    with database.read() as session:
        text = rosters.to_csv(session, course.id)
    for line in text.splitlines():
        assert not any(cell.strip('"').startswith(("=", "+", "-", "@")) for cell in line.split(","))
    found = plan(database, "\ufeff" + text, by="ida")
    assert (found.changes, found.bad, found.unchanged) == (0, [], 3 + len(NAMES))


@given(st.text(st.sampled_from("'=+-@ax"), max_size=6))
def test_no_cell_begins_a_formula_and_each_is_read_back(text):
    cell = spreadsheets.csv_text([[text]]).removesuffix("\r\n").strip('"')
    assert not cell.startswith(("=", "+", "-", "@"))
    assert spreadsheets.plain(cell) == text
