"""What a screen reader says of the pages: the tree that Chromium gives to it."""

import re

import pytest
from playwright.sync_api import expect
from steps import practise, sign_up

pytestmark = pytest.mark.browser

FIELD = ".answer :is(input:not([type=radio]), textarea, [role=radiogroup])"
ASKED = {
    "rare_disease_metric": [
        ("metric", r"^Which of these metrics should be watched\?$"),
        ("value of the metric", r"^Its value for this test, .* to 3 decimals: Give "),
        ("value when everybody is called healthy", r"^What accuracy would .* decimals: Give "),
    ],
    "conv_value": [("output", r"^Compute the output: Give ")],
}


def check_fields(page, asked):
    """Fail unless each field is named by its part, and described by what asks for it."""
    fields = page.locator(FIELD)
    expect(fields).to_have_count(len(asked))
    for field, (part, question) in zip(fields.all(), asked, strict=True):
        expect(field).to_have_accessible_name(part)
        expect(field).to_have_accessible_description(re.compile(question))


@pytest.mark.parametrize("slug", ASKED)
def test_an_answers_field_is_named_by_its_part_and_described_by_its_question(new_page, slug):
    page = sign_up(new_page())
    practise(page, slug)
    check_fields(page, ASKED[slug])


def test_the_fields_of_an_exam_are_described_too(new_page):
    page = sign_up(new_page())
    page.goto("/exams")
    page.get_by_label("Metrics").check()
    page.get_by_label("Questions").fill("1")
    page.get_by_role("button", name="Start the exam").click()
    expect(page.get_by_role("heading", name="Question 1 of 1")).to_be_visible()
    expect(page.locator(FIELD)).not_to_have_count(0)
    for field in page.locator(FIELD).all():
        expect(field).to_have_accessible_name(re.compile(r"\w"))
        asked = page.locator(f"[id='{field.get_attribute('aria-describedby').split()[0]}']")
        words = map(re.escape, asked.inner_text().split()[:2])
        expect(field).to_have_accessible_description(re.compile("^" + r"\s+".join(words)))


def test_a_marked_field_tells_its_mark_too(new_page):
    page = sign_up(new_page())
    practise(page, "mlp_params")
    page.get_by_label("total").fill("1")
    page.get_by_role("button", name="Check").click()
    told = re.compile(r"\? Read as 1 Not right\.")
    expect(page.get_by_label("total")).to_have_accessible_description(told)
