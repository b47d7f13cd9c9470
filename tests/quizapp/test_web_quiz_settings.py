"""A quiz's settings through the pages: times on the course's clock, two people, what is said."""

import re
from datetime import UTC, datetime

import pytest
from classroom import Classroom
from hypothesis import given, settings
from hypothesis import strategies as st
from quiz_rows import add_quiz, add_sitting
from sqlalchemy import select
from visitor import database

from quizapp.db.models import Course, ExtraTime, Quiz, Sitting, User
from quizapp.errors import Invalid
from quizapp.web import forms

BERLIN = "Europe/Berlin"
CLOSES = datetime(2090, 1, 1, 13, tzinfo=UTC)
NAMES = "title introduction opens_at closes_at minutes tries penalty variants access_code seen zone"


@pytest.fixture
def classroom(app):
    return Classroom(app)


@pytest.fixture
def address(app, classroom):
    """The address of a quiz that closes, in a course in Berlin."""
    with database(app).write() as session:
        course = session.scalars(select(Course).where(Course.slug == "nlp")).one()
        course.time_zone = BERLIN
        quiz = add_quiz(session, course, "mlp_params", closes_at=CLOSES)
    return f"/courses/nlp/quizzes/{quiz.public_id}"


@pytest.fixture
def stored(app):
    """Look at the quiz as it is stored."""

    def look():
        with database(app).read() as session:
            return session.scalars(select(Quiz)).one()

    return look


def form_of(visitor, address):
    """Return the fields of the settings as a browser would send them back."""
    page = visitor.get(f"{address}/edit").text
    form = page[page.index('<section id="settings"') :]
    fields = dict(re.findall(r'name="(\w+)" (?:[a-z]+="[^"]*" )*?value="([^"]*)"', form))
    return {name: fields.get(name, "") for name in NAMES.split()} | {"feedback": "after_closing"}


def save(visitor, address, form, **typed):
    return visitor.post(f"{address}/settings", form | typed, page="/account")


def test_times_are_typed_and_shown_on_the_courses_clock(classroom, address, stored):
    ines = classroom.instructor
    page = ines.get(f"{address}/edit").text
    assert page.count("Europe/Berlin time; empty") == 2
    form = form_of(ines, address)
    assert form["closes_at"] == "2090-01-01T14:00"
    assert save(ines, address, form, closes_at="2090-07-01T14:00").status_code == 303
    assert stored().closes_at == datetime(2090, 7, 1, 12, tzinfo=UTC)
    page = ines.get(f"{address}/edit").text
    assert "data-stays>01 Jul 2090, 14:00 UTC+2</time>" in page
    assert "UTC+2</time>" in ines.get("/courses/nlp/quizzes").text


def test_a_student_reads_the_courses_clock_until_a_script_shows_their_own(classroom, address):
    for path in (address, "/courses/nlp"):
        page = classroom.student.get(path).text
        assert '<time datetime="2090-01-01T13:00:00+00:00">01 Jan 2090, 14:00 UTC+1</time>' in page


def test_a_student_reads_the_courses_clock_in_their_result_too(app, classroom, address):
    with database(app).write() as session:
        user = session.scalars(select(User).where(User.username == "student")).one()
        sitting = add_sitting(session, session.scalars(select(Quiz)).one(), user)
    page = classroom.student.get(f"/quizzes/{sitting.public_id}").text
    times = re.findall("<time .*?</time>", page)
    assert len(times) == 2
    assert all(re.search(r"UTC\+[12]</time>", time) for time in times)


def test_a_time_that_the_clocks_skip_is_refused_and_comes_back(classroom, address, stored):
    form = form_of(classroom.instructor, address)
    reply = save(classroom.instructor, address, form, opens_at="2026-03-29T02:30")
    assert reply.status_code == 422
    assert "There is no 29 Mar 2026, 02:30 in Europe/Berlin" in reply.text
    assert 'value="2026-03-29T02:30"' in reply.text
    assert stored().opens_at is None


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2090, 10, 29, 1, 30, tzinfo=UTC),  # the second 02:30 of that night
        datetime(2090, 1, 1, 13, 0, 59, tzinfo=UTC),
    ],
)
def test_a_form_that_is_saved_as_it_came_moves_no_quiz(app, classroom, address, stored, moment):
    with database(app).write() as session:
        session.scalars(select(Quiz)).one().closes_at = moment
    form = form_of(classroom.instructor, address)
    assert save(classroom.instructor, address, form, title="Week 4").status_code == 303
    assert (stored().title, stored().closes_at) == ("Week 4", moment)


def test_a_penalty_of_many_digits_survives_saving_after_students_have_begun(
    app, classroom, address, stored
):
    ines = classroom.instructor
    at_once = {"feedback": "at_once", "tries": "3"}
    save(ines, address, form_of(ines, address), **at_once, penalty="33,3333")
    assert stored().penalty == 0.333333
    with database(app).write() as session:
        user = session.scalars(select(User).where(User.username == "student")).one()
        add_sitting(session, session.scalars(select(Quiz)).one(), user)
    form = form_of(ines, address) | at_once
    assert save(ines, address, form, title="Week 4").status_code == 303
    assert stored().title == "Week 4"


@settings(deadline=None)
@given(st.integers(0, 10**9))
def test_a_number_is_read_as_its_field_shows_it(millionths):
    share = millionths / 10**6 / 100
    shown = forms.number_text(100 * share)
    assert forms.number(shown, "it") / 100 == share


@pytest.mark.parametrize(
    ("text", "value"), [("1.5", 1.5), (" ,5", 0.5), ("5.", 5.0), ("0.3333333333", 0.3333333333)]
)
def test_numbers_are_read_as_people_write_them(text, value):
    assert forms.number(text, "it") == value


@pytest.mark.parametrize("text", ["", ".", "1e3", "-1", "1.5.2", "1 000", "٣", "9" * 7, "nan"])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(Invalid, match="as a number from 0"):
        forms.number(text, "it")


def test_the_second_of_two_people_overwrites_nothing_unawares(classroom, address, stored):
    ines, owner = classroom.instructor, classroom.owner
    first, second = form_of(ines, address), form_of(owner, address)
    assert save(ines, address, first, title="Of the first").status_code == 303
    reply = save(owner, address, second, title="Of the second", minutes="20")
    assert reply.status_code == 409
    assert "changed since you opened them" in reply.text
    assert "it differs from them in title, time limit." in reply.text
    assert 'value="Of the second"' in reply.text
    assert (stored().title, stored().minutes) == ("Of the first", None)
    anew = re.search(r'name="seen" value="(\w+)"', reply.text)[1]
    again = save(owner, address, second | {"seen": anew}, title="Of the second")
    assert again.status_code == 303
    assert stored().title == "Of the second"


def test_a_field_that_cannot_be_read_does_not_make_up_for_what_was_not_seen(
    classroom, address, stored
):
    ines, owner = classroom.instructor, classroom.owner
    first, second = form_of(ines, address), form_of(owner, address)
    save(ines, address, first, title="Of the first")
    reply = save(owner, address, second, title="Of the second", minutes="soon")
    assert reply.status_code == 422
    seen = re.search(r'name="seen" value="(\w+)"', reply.text)[1]
    reply = save(owner, address, second | {"seen": seen}, title="Of the second")
    assert reply.status_code == 409
    assert stored().title == "Of the first"


def test_the_page_says_who_sits_the_quiz_and_when_the_keys_are_known(app, classroom, address):
    def said(*words):
        page = classroom.instructor.get(f"{address}/edit").text
        return [word in page for word in words]

    at_work = "1 student has begun, of whom 1 still sits it."
    words = ("has begun", at_work, "those who handed in can see the keys")
    assert said(*words) == [False, False, False]
    with database(app).write() as session:
        quiz = session.scalars(select(Quiz)).one()
        user = session.scalars(select(User).where(User.username == "student")).one()
        name = add_sitting(session, quiz, user, handed_in_at=None, marked_at=None).public_id
    assert said(*words) == [True, True, False]
    with database(app).write() as session:
        sitting = session.scalars(select(Sitting).where(Sitting.public_id == name)).one()
        sitting.handed_in_at = sitting.marked_at = sitting.started_at
        sitting.quiz.closes_at = sitting.started_at
    assert said(*words) == [True, False, True]


def test_who_presses_the_button_twice_is_in_nobodys_way(classroom, address, stored):
    form = form_of(classroom.instructor, address)
    for _ in range(2):
        assert save(classroom.instructor, address, form, title="Week 4").status_code == 303
    assert stored().title == "Week 4"


def test_a_form_means_the_zone_that_it_was_made_in(classroom, address, stored):
    ines = classroom.instructor
    form = form_of(ines, address)
    choose(classroom.owner, "Asia/Tokyo")
    refused = save(ines, address, form, closes_at="2090-01-02T14:00", minutes="soon")
    assert refused.status_code == 422
    assert refused.text.count("Europe/Berlin time; empty") == 2
    assert save(ines, address, form, closes_at="2090-01-02T14:00").status_code == 303
    assert stored().closes_at == datetime(2090, 1, 2, 13, tzinfo=UTC)
    assert form_of(ines, address)["closes_at"] == "2090-01-02T22:00"
    assert save(ines, address, form_of(ines, address), zone="Middle/Earth").status_code == 422


def test_settings_without_the_mark_of_what_they_were_made_from_are_refused(
    classroom, address, stored
):
    form = form_of(classroom.instructor, address)
    assert save(classroom.instructor, address, form, seen="", title="X").status_code == 409
    assert stored().title == "Week 3"


def choose(visitor, zone):
    fields = {"time_zone": zone}
    return visitor.post("/courses/nlp/time-zone", fields, page="/account")


def test_an_instructor_chooses_the_zone_and_no_quiz_moves(classroom, address, stored):
    ines = classroom.instructor
    reply = choose(ines, "Asia/Kolkata")
    assert reply.location.endswith("/courses/nlp/quizzes#time-zone")
    page = ines.get("/courses/nlp/quizzes").text
    assert "<option selected>Asia/Kolkata</option>" in page
    assert '<p class="flash mark-right" role="status">Saved.</p>' in page
    assert stored().closes_at == CLOSES
    assert form_of(ines, address)["closes_at"] == "2090-01-01T18:30"
    refused = choose(ines, "Middle/Earth")
    assert refused.status_code == 422
    assert "no such time zone" in refused.text
    assert choose(classroom.assistant, "UTC").status_code == 403
    assert "time_zone" not in classroom.assistant.get("/courses/nlp/quizzes").text


def test_a_course_is_made_in_a_zone(app, classroom):
    ines = classroom.instructor
    assert "<option selected>UTC</option>" in ines.get("/courses").text
    form = {"slug": "speech", "title": "Speech", "time_zone": "Middle/Earth"}
    assert ines.post("/courses", form, page="/courses").status_code == 422
    assert ines.post("/courses", form | {"time_zone": BERLIN}, page="/courses").status_code == 303
    with database(app).read() as session:
        zone = select(Course.time_zone).where(Course.slug == "speech")
        assert session.scalars(zone).one() == BERLIN


def test_each_change_is_confirmed_once_at_the_part_that_changed(app, classroom, address):
    ines = classroom.instructor
    with database(app).read() as session:
        [section] = session.scalars(select(Quiz)).one().sections
        section, item = section.id, section.items[0].id

    def said(path, anchor, **fields):
        reply = ines.post(f"{address}/{path}", fields, page="/account")
        assert reply.location.endswith(f"#{anchor}"), reply.text
        page = ines.get(reply.location).text
        part = page[page.index(f'id="{anchor}"') :]
        words = '<p class="flash mark-right" role="status">'
        assert page.count(words) == 1
        assert words not in ines.get(reply.location).text
        return part[part.index(words) + len(words) :].partition("<")[0]

    assert said("take-back", "variants") == "Students do not see it any more."
    assert said("settings", "settings", **form_of(ines, address)) == "Saved."
    assert said(f"sections/{section}", f"section-{section}", title="A") == "Saved."
    assert said(f"items/{item}", f"item-{item}", points="2") == "Saved."
    assert said(f"items/{item}", f"item-{item}", do="down") == "Moved."
    assert said(f"items/{item}", f"item-{item}", do="redraw") == "Its variants are drawn anew."
    assert said("extra-time", "extra-time", username="student", minutes="5") == "Saved."
    assert said("items", "add", section=section, source="family/mse") == "Added."
    assert said("sections", "questions") == "A section was added at the end."
    with database(app).read() as session:
        empty = session.scalars(select(Quiz)).one().sections[1].id
    gone = said(f"sections/{empty}", "questions", do="remove")
    assert gone == "The section was removed."
    assert said(f"items/{item}", "questions", do="remove") == "The question was taken out."
    with database(app).read() as session:
        assert session.scalars(select(ExtraTime.minutes)).all() == [5]
