"""A course from its beginning to a regraded quiz, as a new instructor has it, with 30 students.

The key of the first version is wrong, as keys are: its author added the padding once.
"""

import csv
import io
import os
import re
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
from http_student import Student
from playwright.sync_api import expect
from steps import inspect, join, sign_up, take, write

from quizapp.services.authoring import starting_files

pytestmark = pytest.mark.browser

SOON = 60_000
TITLE = "Output length of a 1-D convolution"
RIGHT = starting_files("starter/declared")[1]["question.md"]
ONCE = re.compile(r"  - name: padding-once\n.*\n.*\n")
WRONG = ONCE.sub("", RIGHT).replace("length + 2*padding", "length + padding")


class Pupil:
    """A student who counts as they were taught, rightly or not."""

    def __init__(self, number, paddings, last):
        self.username = f"pupil-{os.getpid()}-{number}"
        self.paddings, self.last = paddings, last
        self.typed = None
        self.numbers = None

    def sign_up(self, port):
        self.browser = Student(port).sign_up(self.username)

    def sit(self, quiz):
        _, _, question = self.browser.post(f"{quiz}/start", {}, page=quiz)
        text = re.search(r'class="problem">(.*?)</div>', self.browser.get(question), re.DOTALL)[1]
        kernel, length, stride, padding = map(int, re.findall(r"\d+", text)[:4])
        self.numbers = length, kernel, stride, padding
        self.typed = positions(*self.numbers, self.paddings) - (not self.last)
        form = {"positions": self.typed, "go": "check", "key": "first"}
        self.browser.post(question, form, page=question)
        sitting = question.rpartition("/")[0]
        self.browser.post(f"{sitting}/hand-in", {}, page=sitting)

    def points(self, paddings):
        """Return what the answer is worth where the key adds so many paddings."""
        return 2.0 * (self.typed == positions(*self.numbers, paddings))


def positions(length, kernel, stride, padding, paddings):
    return (length + paddings * padding - kernel) // stride + 1


@pytest.fixture
def pupils(site):
    """Thirty students: 16 count rightly, 9 add the padding once, 5 forget to add one."""
    kinds = [(2, True)] * 16 + [(1, True)] * 9 + [(2, False)] * 5
    found = [Pupil(number, *kind) for number, kind in enumerate(kinds)]
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda pupil: pupil.sign_up(urlsplit(site).port), found))
    return found


def bring_in(page, course, pupils):
    """Take in a roster with a line that cannot be taken."""
    page.goto(f"/courses/{course}/people/roster")
    lines = [f"{pupil.username},Pupil {number}" for number, pupil in enumerate(pupils)]
    page.get_by_label("Or its text").fill("\n".join(["username,name", *lines, "a b,Nobody"]))
    page.get_by_role("button", name="Show what would change").click()
    expect(page.locator("main")).to_contain_text("a b")
    inspect(page)
    page.get_by_role("button", name="Apply 30 changes").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def publish(page, course, text, version):
    """Write a version of the problem, have it proven, and publish it."""
    page.goto(f"/courses/{course}/problems/positions")
    write(page, "question.md", text)
    expect(page.locator("#preview .card")).to_have_count(3, timeout=SOON)
    page.get_by_role("button", name="Prove", exact=True).click()
    expect(page.locator("#proof .flash").first).to_contain_text("Proven", timeout=SOON)
    page.get_by_role("button", name=f"Publish version {version}").click()
    expect(page.get_by_text(f"published: version {version}")).to_be_visible()


def make_quiz(page, course):
    """Make a quiz of the problem and of one of the bank; return its address."""
    page.goto(f"/courses/{course}/quizzes")
    page.get_by_label("Title").fill("Convolutions")
    page.get_by_role("button", name="Begin").click()
    address = page.url.split("/edit")[0]
    for title in (TITLE, "Output shape of a convolution"):
        page.get_by_label("Search problems").fill(title)
        page.get_by_role("button", name="Search", exact=True).click()
        page.get_by_role("button", name=f"Add {title}").click()
    page.locator("summary", has_text=TITLE).click()
    page.get_by_label("Points").first.fill("2")
    page.get_by_role("button", name="Save", exact=True).first.click()
    expect(page.get_by_text("2 points")).to_be_visible()
    page.get_by_role("radio", name="at once").check()
    page.get_by_role("button", name="Save the settings").click()
    publish_button = page.get_by_role("button", name="Publish")
    expect(publish_button).to_be_enabled(timeout=SOON)
    take(page, "quiz")
    inspect(page)
    publish_button.click()
    expect(page.get_by_role("button", name="Take it back")).to_be_visible()
    return address


def gradebook(page, quiz):
    """Return the points of the first question by username, as the CSV has them."""
    text = page.request.get(f"{quiz}/results.csv").text()
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    name, first = (
        rows[0].index("username"),
        next(place for place, head in enumerate(rows[0]) if TITLE in head),
    )
    return {row[name]: float(row[first]) for row in rows[1:] if row[first]}


def test_from_an_empty_course_to_a_regraded_quiz(new_page, operate, pupils):
    page = sign_up(new_page())
    course = join(page, operate, "owner")
    bring_in(page, course, pupils)
    page.goto(f"/courses/{course}/problems")
    page.get_by_label("Short name").fill("positions")
    page.get_by_label("Begin with").select_option("starter/declared")
    page.get_by_role("button", name="Begin").click()
    publish(page, course, WRONG, 1)
    quiz = make_quiz(page, course)
    path = urlsplit(quiz).path
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda pupil: pupil.sit(path), pupils))
    first = {pupil.username: pupil.points(1) for pupil in pupils}
    second = {pupil.username: pupil.points(2) for pupil in pupils}
    assert gradebook(page, quiz) == first

    page.goto(f"{quiz}/results/questions")
    expect(page.locator("main")).not_to_contain_text("Padding is added on both sides")
    inspect(page)
    publish(page, course, RIGHT, 2)
    inspect(page)
    page.get_by_role("link", name=f"Regrade “{TITLE}” of “Convolutions”").click()
    expect(page.get_by_label("Question").locator("option:checked")).to_contain_text(TITLE)
    page.get_by_label("Never lower a mark").uncheck()
    page.get_by_role("button", name="See what would change").click()
    raised = sum(second[name] > first[name] for name in first)
    lowered = sum(second[name] < first[name] for name in first)
    told = f"{raised} raised, {lowered} lowered"
    expect(page.get_by_text("This is a dry run")).to_be_visible(timeout=SOON)
    expect(page.locator("main")).to_contain_text(told)
    assert gradebook(page, quiz) == first, "nothing counts yet"
    take(page, "regrade")
    inspect(page)
    page.get_by_role("button", name="Apply it").click()
    expect(page.get_by_text("Applied by")).to_be_visible()
    assert gradebook(page, quiz) == second
    applied = page.url
    page.get_by_role("link", name="Pupil").first.click()
    page.get_by_text("Worked solution, by version 2").click()
    expect(page.get_by_text("where version 1 said").first).to_be_visible()
    inspect(page)
    page.goto(f"{quiz}/results/questions")
    expect(page.locator("main")).to_contain_text("Padding is added on both sides")
    take(page, "questions")
    page.goto(applied)
    page.get_by_role("button", name="Undo it").click()
    expect(page.get_by_text("Undone by")).to_be_visible()
    assert gradebook(page, quiz) == first
    page.goto(f"/courses/{course}/log")
    expect(page.locator("main")).to_contain_text("Published version 2 of positions.")
    inspect(page)
