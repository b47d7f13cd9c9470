"""The times of a quiz in a real browser: its maker's, and those of readers in other zones."""

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import select
from steps import PHONE, inspect, join, sign_up

from quizapp.db import Database
from quizapp.db.models import Course, Quiz

pytestmark = pytest.mark.browser


@pytest.fixture
def database(site, data):
    """The site's own database."""
    found = Database(f"sqlite:///{data / 'quizapp.sqlite3'}")
    yield found
    found.dispose()


def test_a_course_is_offered_the_browsers_zone_and_stands_at_utc_without_scripts(
    new_page, operate, complaints
):
    page = sign_up(new_page(timezone_id="Asia/Tokyo"))
    join(page, operate, "owner")
    page.goto("/courses")
    zone = page.get_by_label("Time zone of its quizzes")
    expect(zone).to_have_value("Asia/Tokyo")
    inspect(page)
    zone.select_option("Europe/Berlin")
    page.get_by_label("Short name").fill("Not a name")
    page.get_by_label("Title").fill("Speech")
    page.get_by_role("button", name="Make the course").click()
    expect(page.get_by_role("alert")).to_contain_text("short name")
    expect(zone).to_have_value("Europe/Berlin")
    complaints.clear()  # of the status of the refusal
    state = page.context.storage_state()
    bare = new_page(java_script_enabled=False, timezone_id="Asia/Tokyo", storage_state=state)
    bare.goto("/courses")
    expect(bare.get_by_label("Time zone of its quizzes")).to_have_value("UTC")


def test_a_time_is_typed_on_the_courses_clock_and_read_on_the_students(
    new_page, operate, database, complaints
):
    page = sign_up(new_page(timezone_id="Asia/Tokyo"))
    slug = join(page, operate, "instructor")
    page.goto(f"/courses/{slug}/quizzes")
    page.get_by_label("Time zone of the course").select_option("Europe/Berlin")
    page.get_by_role("button", name="Save the time zone").click()
    expect(page.locator("#time-zone").get_by_role("status")).to_have_text("Saved.")
    inspect(page)
    page.get_by_label("Title").fill("Week 3")
    page.get_by_role("button", name="Begin the quiz").click()
    form = page.locator("#settings")
    form.get_by_label("Opens").fill("2026-03-29T02:30")
    form.get_by_label("Closes").fill("2090-01-01T14:00")
    form.get_by_role("button", name="Save the settings").click()
    expect(form.get_by_role("alert")).to_contain_text("no 29 Mar 2026, 02:30 in Europe/Berlin")
    expect(form.get_by_label("Closes")).to_have_value("2090-01-01T14:00")
    complaints.clear()  # of the status of the refusal
    form.get_by_label("Opens").fill("")
    form.get_by_role("button", name="Save the settings").click()
    expect(form.get_by_role("status")).to_have_text("Saved.")
    expect(form.get_by_role("status")).to_be_in_viewport()
    expect(form).to_contain_text("closes 01 Jan 2090, 14:00 UTC+1")
    inspect(page)
    phone = new_page(**PHONE, color_scheme="dark", storage_state=page.context.storage_state())
    phone.goto(page.url)
    inspect(phone)
    students_page = page.url.split("/edit")[0]
    page.goto(students_page)
    expect(page.locator("main time")).to_have_text("01 Jan 2090, 14:00 UTC+1")
    with database.write() as session:
        quiz = session.scalars(select(Quiz).join(Quiz.course).where(Course.slug == slug)).one()
        quiz.published = True
    student = sign_up(new_page(timezone_id="America/New_York", locale="en-US"))
    join(student, operate, "student", slug)
    student.goto(students_page)
    expect(student.locator("main time")).to_have_text(re.compile(r"^Jan 1, 2090, 8:00\sAM EST$"))
    state = student.context.storage_state()
    bare = new_page(java_script_enabled=False, storage_state=state)
    bare.goto(students_page)
    expect(bare.locator("main time")).to_have_text("01 Jan 2090, 14:00 UTC+1")
