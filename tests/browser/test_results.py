"""A course's people and results as its instructor sees them, in light and dark and on a phone."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import select
from steps import PHONE, inspect, join, sign_up

from problems import catalog, marking
from quizapp.db import Database
from quizapp.db.models import (
    Answer,
    Course,
    Enrolment,
    PoolVariant,
    Quiz,
    QuizItem,
    QuizSection,
    Sitting,
    SittingItem,
    User,
    utc_now,
)


def fill(data, slug):
    """Add a quiz of one family that three students sat: one right, one mistaken, one wrong."""
    variant = catalog.family("mlp_params").variant(1)
    kind, key = variant.parts["total"], variant.keys["total"]
    mistaken = kind.show(variant.mistakes[0].values["total"])
    database = Database(f"sqlite:///{data / 'quizapp.sqlite3'}")
    with database.write() as session:
        course = session.scalars(select(Course).where(Course.slug == slug)).one()
        quiz = Quiz(course=course, title="Week 3", published=True)
        section = QuizSection(position=1, quiz=quiz)
        item = QuizItem(position=1, kind="family", slug="mlp_params", title=variant.title)
        section.items.append(item)
        session.add(quiz)
        session.flush()
        drawn = PoolVariant(item_id=item.id, seed=1, document=variant.to_json())
        session.add(drawn)
        for number, typed in enumerate((kind.show(key), mistaken, "7")):
            user = User(username=f"{slug}-{number}", password_hash="-")
            session.add(Enrolment(course=course, user=user, role="student"))
            sitting = Sitting(quiz=quiz, user=user, handed_in_at=utc_now(), marked_at=utc_now())
            sitting.items = [SittingItem(position=1, item=item, variant=drawn, seconds=60.0)]
            responses = {"total": typed}
            mark = marking.mark(variant, responses)
            given = {"responses": responses, "mark": mark.to_json(), "score": mark.score}
            sitting.items[0].answers = [Answer(**given, idempotency_key="hand-in")]
            session.add(sitting)
    database.dispose()


def look(page, path):
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.goto(path)
        inspect(page)


def test_an_instructor_brings_in_a_roster_and_a_student_joins_by_the_link(new_page, operate):
    teacher, student = sign_up(new_page()), sign_up(new_page())
    course = join(teacher, operate, "owner")
    name = student.locator("body").get_attribute("data-user")
    teacher.goto("/courses")
    inspect(teacher)
    teacher.get_by_role("link", name="Language models").first.click()
    teacher.get_by_role("link", name="People").click()
    link = teacher.locator(".join-link").inner_text()
    teacher.get_by_role("link", name="Bring in a roster").click()
    inspect(teacher)
    teacher.get_by_label("Or its text").fill(f"username,name\n{name},Ada L.\nnobody,N.\nx,X.\n")
    teacher.get_by_role("button", name="Show what would change").click()
    expect(teacher.get_by_role("heading", name="New: 1")).to_be_visible()
    expect(teacher.get_by_text("Line 4.")).to_be_visible()
    inspect(teacher)
    teacher.get_by_role("button", name="Apply 2 changes").click()
    expect(teacher.get_by_text("2 changes were made")).to_be_visible()
    look(teacher, f"/courses/{course}/people")
    look(teacher, f"/courses/{course}/log")
    other = sign_up(new_page())
    other.goto(link)
    inspect(other)
    other.get_by_role("button", name="Join as a student").click()
    expect(other.get_by_role("heading", name="Language models")).to_be_visible()
    inspect(other)


@pytest.mark.parametrize("options", [{}, PHONE], ids=["desktop", "phone"])
def test_the_results_show_the_mistakes_of_the_class_and_points_are_given_by_hand(
    new_page, operate, data, options
):
    page = sign_up(new_page(**options))
    course = join(page, operate, "assistant")
    fill(data, course)
    page.goto(f"/courses/{course}/gradebook")
    inspect(page)
    page.get_by_role("link", name="Week 3").click()
    results = page.url
    look(page, results)
    page.get_by_role("link", name="Questions").click()
    look(page, page.url)
    expect(page.get_by_text("33 % (1)")).to_have_count(3)
    page.locator("table.bars a").nth(1).click()
    expect(page.get_by_text("1 student had this variant")).to_be_visible()
    look(page, page.url)
    page.get_by_role("link", name=f"{course}-1").click()
    page.get_by_text("Change the points by hand").click()
    page.get_by_label("Points, of 1").fill("0.5")
    page.get_by_label("Why").fill("Right but for a slip.")
    page.get_by_role("button", name="Give these points").click()
    expect(page.get_by_role("heading", name="0.5 of 1 points")).to_be_visible()
    page.get_by_text("How the points came about").click()
    expect(page.get_by_text("Right but for a slip.")).to_be_visible()
    inspect(page)
