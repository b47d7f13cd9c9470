"""A student practises in a browser: with the keyboard, on a phone, and with scripts turned off."""

import re
from itertools import pairwise

import pytest
from playwright.sync_api import expect
from steps import PHONE, inspect, sign_up

from problems import catalog
from quizapp.services import sheet

pytestmark = pytest.mark.browser

KINDS = {
    "mlp_params": "integer",
    "conv_out_shape": "shape",
    "random_model_ce": "real",
    "lstm_forget_gate": "vector",
    "rare_disease_metric": "choice",
    "sigmoid_of_relu": "yes/no",
}


def open_problem(page, title="Parameters of a multi-layer perceptron"):
    page.goto("/practice")
    page.get_by_role("button", name=title).click()
    expect(page.get_by_role("heading", name=title)).to_be_visible()
    return page


def widths(page):
    """Read the widths of the layers from the statement, as a student does."""
    return [int(n) for n in re.findall(r"\d+", page.locator(".problem > p").first.inner_text())]


def right_total(page):
    bias = page.get_by_text("no biases").count() == 0
    return sum(n * m + m * bias for n, m in pairwise(widths(page)))


def test_a_problem_is_solved_with_the_keyboard_alone_and_without_a_reload(new_page):
    page = open_problem(sign_up(new_page()))
    page.evaluate("window.stillHere = true")
    page.keyboard.press("h")
    expect(page.locator("summary", has_text="Hint 1")).to_be_focused()
    page.get_by_label("total").focus()
    page.keyboard.type("what")
    expect(page.locator("#total-read")).to_contain_text("was not understood")
    page.keyboard.press("Enter")
    expect(page.locator("[data-announce]")).to_contain_text("Nothing was counted")
    expect(page.get_by_label("total")).to_be_focused()
    expect(page.get_by_label("total")).to_have_value("what")
    page.keyboard.press("Control+a")
    page.keyboard.type(str(right_total(page)))
    page.keyboard.press("Enter")
    expect(page.locator("[data-announce]")).to_have_text("That is right.")
    expect(page.locator("#live")).to_have_text("That is right.")
    assert page.evaluate("window.stillHere")
    address = page.url
    page.locator("h1").click()
    page.keyboard.press("s")
    expect(page.get_by_role("button", name="Show the solution")).to_be_focused()
    expect(page.get_by_text("Worked solution")).to_be_hidden()
    page.keyboard.press("n")
    expect(page).not_to_have_url(address)
    page.get_by_role("link", name="History").click()
    expect(page.locator(".family-list li")).to_have_count(2)
    expect(page.locator(".badge.mark-right")).to_have_text("solved")


def test_a_mistake_is_named_where_it_was_made(new_page):
    page = open_problem(sign_up(new_page()))
    page.get_by_label("total").fill("+".join(map(str, widths(page))))
    page.get_by_role("button", name="Check").click()
    expect(page.locator("#total-mark")).to_contain_text("A known mistake. This is the number of")


def test_letters_typed_into_a_field_are_no_commands_and_can_be_turned_off(new_page):
    page = open_problem(sign_up(new_page()))
    page.get_by_label("total").fill("")
    page.get_by_label("total").press_sequentially("hs?")
    expect(page.locator("dialog#keys")).to_be_hidden()
    expect(page.get_by_text("Hint 1")).to_be_hidden()
    page.locator("h1").click()
    page.keyboard.press("?")
    expect(page.locator("dialog#keys")).to_be_visible()
    page.get_by_label("Turn the single letters off").check()
    page.keyboard.press("Escape")
    page.keyboard.press("h")
    expect(page.get_by_text("Hint 1")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_accessible_and_fit_a_phone(new_page, scheme):
    # Without motion no colour is caught half-way to another.
    page = new_page(**PHONE, color_scheme=scheme, reduced_motion="reduce")

    for path in ("/", "/signin", "/signup"):
        page.goto(path)
        inspect(page)
    sign_up(page)
    inspect(page)
    for slug in KINDS:
        page.goto("/practice")
        page.locator(f"form[action='/practice/{slug}'] button").click()
        expect(page.get_by_role("button", name="Check")).to_be_visible()
        for field in page.locator(".answer input:not([type=radio])").all():
            field.fill("1")
        page.get_by_role("button", name="Check").click()
        expect(page.locator(".flash")).to_be_visible()
        page.get_by_role("button", name="Show a hint").click()
        expect(page.get_by_text("Hint 1")).to_be_visible()
        page.get_by_role("button", name="Show the solution").click()
        expect(page.get_by_text("Worked solution")).to_be_visible()
        inspect(page)
    for path in ("/", "/practice", "/practice/mlp_params", "/history", "/tasks"):
        page.goto(path)
        inspect(page)


def test_every_statement_and_solution_fits_a_phone(new_page, tmp_path):
    """On the contact sheet, which is the whole bank on one page."""
    sheet.write(list(catalog.families().values()), tmp_path)
    page = new_page(**PHONE)
    page.goto((tmp_path / "index.html").as_uri())
    wide = page.evaluate(
        """() => [...document.querySelectorAll("section")]
            .filter((s) => s.scrollWidth > document.documentElement.clientWidth)
            .map((s) => s.id)"""
    )
    assert wide == []
    assert page.locator(".math-source").all_text_contents() == []


@pytest.mark.parametrize("slug", KINDS)
def test_everything_works_with_scripts_turned_off(new_page, slug):
    page = sign_up(new_page(java_script_enabled=False))
    page.goto("/practice")
    page.locator(f"form[action='/practice/{slug}'] button").click()
    for field in page.locator(".answer input:not([type=radio])").all():
        field.fill("1")
    for radio in page.locator(".options label:first-child input").all():
        radio.check()
    page.get_by_role("button", name="Check").click()
    expect(page.locator(".flash")).to_be_visible()
    page.get_by_role("button", name="Show a hint").click()
    expect(page.get_by_text("Hint 1")).to_be_visible()
    page.get_by_role("button", name="Show the solution").click()
    expect(page.get_by_text("Worked solution")).to_be_visible()
    page.get_by_role("button", name="New variant").click()
    expect(page.get_by_text("Worked solution")).to_be_hidden()
