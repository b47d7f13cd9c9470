"""A student writes code in a browser, and reads what the grader says of it."""

import pytest
from playwright.sync_api import expect
from steps import inspect, sign_up, write

pytestmark = pytest.mark.browser

RIGHT = """import numpy as np


def forget_gate(x, h_prev, W_f, U_f, b_f):
    z = x @ W_f.T + h_prev @ U_f.T + b_f
    print("rows", len(x))
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1 / (1 + e), e / (1 + e))
"""
TANH = """import numpy as np


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.tanh(x @ W_f.T + h_prev @ U_f.T + b_f)
"""
NO_PYTHON = "def forget_gate(:"


def test_a_submission_is_graded_while_the_page_is_looked_at(new_page):
    page = sign_up(new_page())
    page.goto("/tasks")
    page.get_by_role("link", name="The forget gate of an LSTM").click()
    write(page, "Your code", RIGHT)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".verdict")).to_contain_text("Accepted.", timeout=60_000)
    expect(page.locator(".prints")).to_contain_text("rows")
    expect(page.locator(".case")).to_have_count(3)
    expect(page.get_by_text("in a sandbox of")).to_contain_text("seccomp")


def test_the_mutant_that_the_code_equals_is_named(new_page):
    page = sign_up(new_page())
    page.goto("/tasks/lstm_forget_gate")
    write(page, "Your code", TANH)
    page.get_by_role("button", name="Submit").click()
    expect(page.locator(".verdict")).to_contain_text("tanh in place of the sigmoid", timeout=60_000)
    expect(page.locator(".case").first).to_contain_text("largest error")


def test_code_is_handed_in_with_scripts_turned_off(new_page):
    page = sign_up(new_page(java_script_enabled=False))
    page.goto("/tasks/lstm_forget_gate")
    page.get_by_label("Your code").fill(RIGHT)
    page.get_by_role("button", name="Submit").click()
    expect(page.locator(".verdict")).to_contain_text("Accepted.", timeout=60_000)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_code_pages_are_accessible(new_page, scheme):
    page = sign_up(new_page(color_scheme=scheme, reduced_motion="reduce"))
    page.goto("/tasks/lstm_forget_gate")
    write(page, "Your code", NO_PYTHON)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".verdict")).to_contain_text("This is not Python.", timeout=60_000)
    inspect(page)


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1280, "dark")])
def test_two_submissions_are_compared_on_a_phone_and_a_desktop(new_page, width, scheme):
    page = sign_up(new_page(viewport={"width": width, "height": 800}, color_scheme=scheme))
    for source in (RIGHT, TANH):
        page.goto("/tasks/lstm_forget_gate")
        write(page, "Your code", source)
        page.keyboard.press("Control+Enter")
        expect(page.locator(".verdict")).to_be_visible(timeout=60_000)
    page.goto("/tasks/lstm_forget_gate")
    page.get_by_role("button", name="Show the difference").click()
    expect(page.locator(".removed").first).to_contain_text("z = x @ W_f.T")
    expect(page.locator(".added").last).to_contain_text("np.tanh")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    beside = page.locator(".pair:not(.same) > div")
    old, new = (beside.nth(n).bounding_box() for n in (0, 1))
    assert (new["y"] > old["y"]) == (width < 500)
    inspect(page)
