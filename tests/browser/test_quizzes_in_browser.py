"""A quiz in a real browser, from its making to its marks, with variants and code of the box."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select
from steps import PHONE, inspect, join, sign_up, write

from grader.authoring.inside import answer
from quizapp.db import Database
from quizapp.db.models import (
    Course,
    PoolVariant,
    Problem,
    ProblemVersion,
    Quiz,
    Sitting,
    SittingItem,
    utc_now,
)
from quizapp.services.authoring import starting_files

pytestmark = pytest.mark.browser

SOON = 60_000
MLP = "Parameters of a multi-layer perceptron"
GATE = "The forget gate of an LSTM"
OWN = "Parameters of one layer"
SOLVED = """import numpy as np


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return 1 / (1 + np.exp(-(x @ W_f.T + h_prev @ U_f.T + b_f)))
"""


@pytest.fixture
def database(site, data):
    """The site's own database."""
    found = Database(f"sqlite:///{data / 'quizapp.sqlite3'}")
    yield found
    found.dispose()


@pytest.fixture
def course(new_page, operate, database):
    """An instructor's page, and their course with a published family of its own."""
    page = sign_up(new_page())
    slug = join(page, operate, "instructor")
    kind, files = starting_files("starter/python")
    head = answer({"do": "describe", "kind": kind, "slug": "layer", "version": 1, "files": files})
    with database.write() as session:
        row = session.scalars(select(Course).where(Course.slug == slug)).one()
        version = ProblemVersion(number=1, files=files, head=head, saved_by="test")
        version.published_at = utc_now()
        session.add(Problem(course=row, slug="layer", kind=kind, versions=[version]))
    return page, slug


def begin(page, course):
    page.goto(f"/courses/{course}/quizzes")
    inspect(page)
    page.get_by_label("Title").fill("Week 3")
    page.get_by_role("button", name="Begin the quiz").click()
    expect(page.get_by_role("heading", name="Week 3")).to_be_visible()


def add(page, title, section=None, kind="problem"):
    """Search a problem, or code, and add it to a section."""
    page.get_by_label("Search problems").fill(title)
    page.get_by_role("button", name="Search", exact=True).click()
    if section:
        page.get_by_label("Into").select_option(label=section)
    found = page.locator("#add li", has_text=title).filter(has=page.get_by_text(kind, exact=True))
    found.get_by_role("button").first.click()
    expect(page.locator(".questions summary", has_text=title)).to_be_visible()


def set_up(page, **fields):
    """Change settings by their labels; feedback is the name of its choice."""
    form = page.locator("#settings")
    if feedback := fields.pop("Feedback", None):
        form.get_by_role("radio", name=feedback).check()
    for label, text in fields.items():
        form.get_by_label(label).fill(text)
    form.get_by_role("button", name="Save the settings").click()
    expect(page.get_by_role("alert")).to_have_count(0)


def publish(page):
    button = page.get_by_role("button", name="Publish")
    expect(button).to_be_enabled(timeout=SOON)
    button.click()
    expect(page.get_by_role("heading", name="Published")).to_be_visible()
    return page.url.split("/edit")[0]


def enrol(new_page, operate, course, **options):
    student = sign_up(new_page(**options))
    join(student, operate, "student", course)
    return student


def begin_quiz(student, course, code=None):
    student.goto(f"/courses/{course}")
    student.get_by_role("link", name="Week 3").click()
    if code:
        student.get_by_label("Access code").fill(code)
    student.get_by_role("button", name="Start").click()
    expect(student.get_by_role("heading", name="Question 1 of")).to_be_visible()


def keys(database, page):
    """Return the key of the question on the page, by part, as it is written."""
    sitting, position = page.url.rsplit("/", 2)[1:]
    with database.read() as session:
        document = session.scalars(
            select(PoolVariant.document)
            .join(SittingItem, SittingItem.variant_id == PoolVariant.id)
            .join(SittingItem.sitting)
            .where(Sitting.public_id == sitting, SittingItem.position == int(position))
        ).one()
    return {part: spec["shown"] for part, spec in document["parts"].items()}


def fill(page, parts):
    for part, text in parts.items():
        page.locator(f"[name='{part}']").fill(text)


def hand_in(page):
    page.get_by_role("button", name="Review and hand in").click()
    inspect(page)
    page.get_by_role("button", name="Hand in").click()


def test_a_quiz_of_all_kinds_of_questions_is_made_previewed_and_published(
    course, new_page, operate, database
):
    page, slug = course
    begin(page, slug)
    add(page, MLP)
    add(page, OWN)
    page.get_by_role("button", name="Add a section").click()
    add(page, GATE, "Section 2", "code")
    for title in ("Output shape of a convolution", "Parameters of a convolution"):
        add(page, title, "Section 2")
    page.locator(".questions summary", has_text=MLP).click()
    page.get_by_label("layers").fill("[784, 128, 10]")
    inspect(page)
    page.locator("details[open]").get_by_role("button", name="Save").click()
    expect(page.get_by_text("1 pinned")).to_be_visible()
    second = page.locator("section.card", has=page.get_by_role("heading", name="Section 2"))
    second.get_by_label("Title").fill("Choice")
    second.get_by_label("Pick by lot").fill("2")
    second.get_by_role("button", name="Save the section").click()
    expect(page.get_by_text("2 of 3 by lot")).to_be_visible()
    closes = (datetime.now(UTC) + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M")
    set_up(page, Minutes="20", Closes=closes, **{"Access code": "tulip"})
    expect(page.get_by_role("button", name="Publish")).to_be_enabled(timeout=SOON)
    inspect(page)
    page.get_by_role("button", name="Preview as a student").click()
    expect(page.get_by_text("This is a preview")).to_be_visible()
    expect(page.locator(".problem")).to_contain_text("784")
    inspect(page)
    page.get_by_role("link", name="Back to the quiz").click()
    publish(page)
    inspect(page)
    student = enrol(new_page, operate, slug)
    begin_quiz(student, slug, "tulip")
    expect(student.locator(".question-number")).to_have_count(4)
    expect(student.locator("#clock")).to_contain_text("left")


def test_what_is_typed_is_saved_through_reloads_tabs_and_a_closed_window(
    course, new_page, operate, database
):
    page, slug = course
    begin(page, slug)
    add(page, MLP)
    add(page, OWN)
    closes = (datetime.now(UTC) + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M")
    set_up(page, Minutes="20", Closes=closes)
    address = publish(page)
    student = enrol(new_page, operate, slug, color_scheme="dark")
    begin_quiz(student, slug)
    key = keys(database, student)
    fill(student, key)
    expect(student.locator("#saved")).to_contain_text("Saved")
    expect(student.locator(".answer-read").first).not_to_have_text("")
    inspect(student)
    student.reload()
    expect(student.locator(".answer input").first).to_have_value(next(iter(key.values())))
    student.get_by_role("button", name="Next").click()
    expect(student.get_by_role("heading", name="Question 2 of 2")).to_be_visible()
    other = student.context.new_page()
    other.goto(student.url)
    fill(other, dict.fromkeys(keys(database, other), "7"))
    other.close(run_before_unload=True)  # in the middle of a word
    for _ in range(40):  # what a closing window sends, nobody waits for
        student.reload()
        if student.locator(".answer input").first.input_value() == "7":
            break
        student.wait_for_timeout(250)
    expect(student.locator(".answer input").first).to_have_value("7")
    name = student.locator("body").get_attribute("data-user")
    page.goto(f"{address}/edit")
    form = page.locator("#extra-time")
    form.get_by_label("Username").fill(name)
    form.get_by_label("Minutes").fill("30")
    form.get_by_role("button", name="Give extra time").click()
    expect(form).to_contain_text(f"{name}: 30 minutes")
    student.reload()
    expect(student.locator("#clock")).to_contain_text("49:")
    hand_in(student)
    expect(student.get_by_text("are shown after the last student is done")).to_be_visible()
    expect(student.locator(".mark-right, .mark-wrong, .solution")).to_have_count(0)
    inspect(student)
    with database.write() as session:
        quiz = session.scalars(select(Quiz).join(Quiz.course).where(Course.slug == slug)).one()
        quiz.closes_at = datetime.now(UTC) - timedelta(minutes=31)
    student.reload()
    expect(student.get_by_role("heading", name="1 of 2 points")).to_be_visible()
    student.get_by_text("Worked solution").first.click()
    inspect(student)
    student.goto(f"/courses/{slug}")
    expect(student.locator("main")).to_contain_text("1 of 2 points")
    inspect(student)


def test_feedback_at_once_takes_off_for_a_wrong_try_and_code_is_graded_for_real(
    course, new_page, operate, database
):
    page, slug = course
    begin(page, slug)
    add(page, MLP)
    add(page, GATE, kind="code")
    set_up(page, Feedback="at once", Tries="3", **{"Penalty for a wrong try, %": "25"})
    publish(page)
    student = enrol(new_page, operate, slug, **PHONE, color_scheme="dark")
    student.goto(f"/courses/{slug}")
    student.get_by_role("link", name="Week 3").click()
    inspect(student)
    student.get_by_role("button", name="Start").click()
    key = keys(database, student)
    fill(student, dict.fromkeys(key, "1"))
    student.get_by_role("button", name="Check").click()
    expect(student.get_by_text("Not right.")).to_be_visible()
    expect(student.get_by_text("2 tries left")).to_be_visible()
    inspect(student)
    fill(student, key)
    student.get_by_role("button", name="Check").click()
    expect(student.get_by_role("status").filter(has_text="That is right.")).to_be_visible()
    student.get_by_role("button", name="Next").click()
    write(student, "Your code", SOLVED)
    inspect(student)
    student.get_by_role("button", name="Submit").click()
    expect(student.locator(".verdict")).to_contain_text("Accepted", timeout=SOON)
    inspect(student)
    hand_in(student)
    expect(student.get_by_role("heading", name="1.75 of 2 points")).to_be_visible()
    inspect(student)


def test_a_quiz_is_taken_without_scripts(course, new_page, operate, database):
    page, slug = course
    begin(page, slug)
    add(page, MLP)
    add(page, GATE, kind="code")
    set_up(page, Feedback="at once", Tries="2")
    address = publish(page)
    student = enrol(new_page, operate, slug)
    state = student.context.storage_state()
    bare = new_page(java_script_enabled=False, storage_state=state)
    begin_quiz(bare, slug)
    fill(bare, keys(database, bare))
    bare.get_by_role("button", name="Next").click()
    bare.get_by_label("Your code").fill(SOLVED)
    bare.get_by_role("button", name="Review and hand in").click()
    bare.get_by_role("button", name="Hand in").click()
    for _ in range(60):
        if bare.get_by_text("still waits to be graded").is_hidden():
            break
        bare.wait_for_timeout(500)  # the code that was not submitted is being graded
        bare.reload()
    expect(bare.get_by_role("heading", name="2 of 2 points")).to_be_visible()
    page.goto(f"{address}/regrades")
    inspect(page)
    page.get_by_label("Question").select_option(label=f"2. {GATE}")
    page.get_by_role("button", name="See what would change").click()
    expect(page.get_by_text("This is a dry run")).to_be_visible(timeout=SOON)
    expect(page.locator("main")).to_contain_text("1 unchanged")
    inspect(page)


def test_a_quiz_is_made_on_a_phone_in_the_dark(course, new_page):
    page, slug = course
    begin(page, slug)
    add(page, MLP)
    phone = new_page(**PHONE, color_scheme="dark", storage_state=page.context.storage_state())
    phone.goto(page.url)
    phone.locator(".questions summary").click()
    expect(phone.get_by_text("proven by both engines")).to_be_visible(timeout=SOON)
    inspect(phone)
    phone.goto(f"/courses/{slug}/quizzes")
    inspect(phone)
