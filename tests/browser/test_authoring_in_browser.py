"""An instructor writes a family in a browser, has it proven in the sandbox, and publishes it."""

from pathlib import Path

import pytest
from playwright.sync_api import expect
from steps import PHONE, PICTURES, inspect, join, sign_up, take, write

from quizapp.services.authoring import starting_files

pytestmark = pytest.mark.browser

SOON = 60_000
_, FILES = starting_files("starter/python")
_, DECLARED = starting_files("starter/declared")
_, TASK = starting_files("starter/task")
LOOPING = FILES["family.py"].replace(
    'return {"total": p.inputs * p.outputs + p.outputs}', "while p.inputs:\n        pass"
)


@pytest.fixture
def instructor(new_page, operate):
    """The page of an instructor, and their course."""
    page = sign_up(new_page())
    return page, join(page, operate, "instructor")


def begin(page, course, template, slug="layer"):
    page.goto(f"/courses/{course}/problems")
    page.get_by_label("Short name").fill(slug)
    page.get_by_label("Begin with").select_option(template)
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("button", name="Save and preview")).to_be_visible()


def prove(page):
    page.get_by_role("button", name="Prove", exact=True).click()
    expect(page.locator("#proof .flash").first).to_contain_text("Proven", timeout=SOON)


def test_a_family_is_written_previewed_proven_and_published(instructor, new_page, operate):
    page, course = instructor
    begin(page, course, "starter/python")
    inspect(page)
    write(page, "question.md", FILES["question.md"].replace("How many", "Tell how many"))
    preview = page.locator("#preview")
    expect(preview).to_contain_text("Tell how many", timeout=SOON)
    expect(preview.get_by_text("both engines agree")).to_have_count(3)
    expect(page.locator("#saved")).to_contain_text("saved")
    take(page, "editor", 1280, 1400)
    prove(page)
    if PICTURES:
        page.locator("#proof").screenshot(path=Path(PICTURES) / "proof.png")
    page.get_by_role("button", name="seed").first.click()
    expect(preview.locator(".card")).to_have_count(1, timeout=SOON)
    inspect(page)
    page.get_by_role("button", name="Publish version 1").click()
    expect(page.get_by_text("published: version 1")).to_be_visible()
    inspect(page)
    student = sign_up(new_page())
    join(student, operate, "student", course)
    student.goto(f"/courses/{course}")
    for _ in range(60):
        student.get_by_role("button", name="Parameters of one layer").click()
        if student.get_by_role("button", name="Check").is_visible():
            break
        student.wait_for_timeout(500)  # its variants are being drawn
        student.goto(f"/courses/{course}")
    expect(student.locator(".problem")).to_contain_text("Tell how many")


def test_a_mistake_in_the_code_points_at_its_line(instructor):
    page, course = instructor
    begin(page, course, "starter/python")
    write(page, "family.py", FILES["family.py"].replace("VERSION = 1", "VERSION = = 1"))
    expect(page.locator("#work")).to_contain_text("SyntaxError", timeout=SOON)
    page.get_by_role("button", name="family.py, line").click()
    expect(page.locator(".cm-activeLine").first).to_have_text("VERSION = = 1")


def test_a_family_that_never_ends_is_stopped_with_its_line_and_seed(instructor):
    page, course = instructor
    begin(page, course, "starter/python")
    write(page, "family.py", LOOPING)
    expect(page.locator("#work, #preview")).to_contain_text(["family.py", ""], timeout=SOON)
    inspect(page)
    write(page, "family.py", FILES["family.py"])
    expect(page.locator("#preview")).to_contain_text("both engines agree", timeout=SOON)


def test_what_is_typed_while_the_server_is_slow_is_saved_and_previewed(instructor):
    page, course = instructor
    held = []

    def hold(route):
        if "Tell" in (route.request.post_data or ""):
            held.append((route, route.fetch()))
        else:
            route.continue_()

    def text(word):
        return FILES["question.md"].replace("How many", f"{word} how many")

    page.route("**/problems/layer", hold)
    begin(page, course, "starter/python")
    write(page, "family.py", LOOPING)  # is drawn until its time is up
    expect(page.locator("#saved")).to_contain_text("Not saved")
    expect(page.locator("#saved")).to_contain_text("Version 1, saved")
    expect(page.locator("#work")).to_contain_text("Drawing")
    page.locator(".cm-content").first.press("Control+z")
    write(page, "question.md", text("Tell"))
    until(page, lambda: held)
    page.wait_for_timeout(1500)  # the page may ask for the old preview meanwhile
    write(page, "question.md", text("Say"))
    page.wait_for_timeout(3000)  # what is typed now is to be saved after that
    route, answer = held.pop()
    route.fulfill(response=answer)
    expect(page.locator("#preview")).to_contain_text("Say how many", timeout=SOON)
    expect(page.locator("#saved")).to_contain_text("Version 1, saved")


def test_what_was_just_typed_is_previewed_when_it_is_proven_and_saved_before_it_is_published(
    instructor,
):
    page, course = instructor
    begin(page, course, "starter/python")
    write(page, "question.md", FILES["question.md"].replace("How many", "Tell how many"))
    prove(page)
    expect(page.locator("#preview")).to_contain_text("Tell how many", timeout=SOON)
    publish = page.get_by_role("button", name="Publish version 1")
    expect(publish).to_be_enabled()
    write(page, "question.md", FILES["question.md"])
    expect(publish).to_be_disabled()
    expect(publish).to_have_count(0, timeout=SOON)  # what is saved now is not proven


@pytest.mark.parametrize("trouble", ["fault", "silence", "no such page"])
def test_a_save_that_fails_leaves_the_editor_and_is_made_up_for(instructor, complaints, trouble):
    page, course = instructor
    begin(page, course, "starter/python")
    expect(page.locator("#preview")).to_contain_text("both engines agree", timeout=SOON)
    page.evaluate("htmx.config.timeout = 1000")
    held = []

    def fail(route):
        if trouble == "silence":
            held.append(route)
        elif trouble == "fault":
            route.fulfill(status=500, body="<main><p>A fault of ours.</p></main>")
        else:
            headers = {"HX-Retarget": "#main", "HX-Reselect": "#main", "HX-Reswap": "outerHTML"}
            body = '<main id="main"><p>It was deleted.</p></main>'
            route.fulfill(status=404, headers=headers, body=body)

    page.route("**/problems/layer", fail)
    write(page, "question.md", FILES["question.md"].replace("How many", "Tell how many"))
    said = {"fault": "A fault of ours", "silence": "not answer", "no such page": "It was deleted"}
    expect(page.locator("#saved")).to_contain_text("Not saved. What you typed is still here.")
    expect(page.locator("#saved")).to_contain_text(said[trouble])
    page.unroute_all(behavior="ignoreErrors")
    write(page, "question.md", FILES["question.md"].replace("How many", "Say how many"))
    expect(page.locator("#preview")).to_contain_text("Say how many", timeout=SOON)
    expect(page.locator("#saved")).to_contain_text("Version 1, saved")
    complaints.clear()


def until(page, holds):
    """Wait for something that is not on the page."""
    for _ in range(SOON // 100):
        if holds():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it did not come")


def test_a_family_without_python_says_that_it_has_no_witness(instructor):
    page, course = instructor
    begin(page, course, "starter/declared")
    page.get_by_role("button", name="Save and preview").click()
    expect(page.locator("#preview")).to_contain_text("No witness", timeout=SOON)
    prove(page)
    write(page, "question.md", DECLARED["question.md"].replace("floor(room", "flor(room", 1))
    expect(page.locator("#work")).to_contain_text("question.md, line", timeout=SOON)
    inspect(page)


def test_a_code_task_shows_its_mutation_score_before_it_is_published(instructor):
    page, course = instructor
    begin(page, course, "starter/task", "squared_error")
    page.get_by_role("button", name="Save and preview").click()
    expect(page.locator("#preview")).to_contain_text("mean_squared_error", timeout=SOON)
    prove(page)
    expect(page.locator("#proof")).to_contain_text("100 %")
    inspect(page)
    page.get_by_role("button", name="Publish version 1").click()
    page.goto(f"/courses/{course}")
    page.get_by_role("button", name="Mean squared error").click()
    write(
        page,
        "Your code",
        "import numpy as np\n\n\ndef mean_squared_error(p, t):\n    return np.sum((p - t) ** 2)\n",
    )
    page.get_by_role("button", name="Submit").click()
    expect(page.locator(".verdict")).to_contain_text("sum of the squares", timeout=SOON)


def test_what_somebody_else_saved_is_not_written_over(instructor, new_page, operate, complaints):
    page, course = instructor
    begin(page, course, "starter/python")
    other = sign_up(new_page())
    join(other, operate, "assistant", course)
    other.goto(page.url)
    write(other, "question.md", FILES["question.md"].replace("fully", "completely"))
    expect(other.locator("#saved")).to_contain_text("saved", timeout=SOON)
    write(page, "question.md", FILES["question.md"].replace("fully", "densely"))
    expect(page.locator("#work")).to_contain_text("saved this problem meanwhile", timeout=SOON)
    expect(page.get_by_role("textbox", name="question.md")).to_contain_text("densely")
    assert all("409" in complaint for complaint in complaints)
    complaints.clear()


def test_the_editor_works_on_a_phone_in_the_dark_and_without_scripts(new_page, operate):
    page = sign_up(new_page(**PHONE, color_scheme="dark"))
    course = join(page, operate, "instructor")
    begin(page, course, "starter/python")
    page.get_by_role("button", name="Save and preview").click()
    expect(page.locator("#preview")).to_contain_text("both engines agree", timeout=SOON)
    inspect(page)
    bare = new_page(java_script_enabled=False, storage_state=page.context.storage_state())
    bare.goto(page.url)
    bare.get_by_label("question.md").fill(FILES["question.md"].replace("fully", "plainly"))
    bare.get_by_role("button", name="Save and preview").click()
    expect(bare.locator(".variants")).to_contain_text("plainly", timeout=SOON)
