"""A week before the exam: where I stand, mixed practice, reviews, mock exams, the account."""

import re

import pytest
from playwright.sync_api import expect
from steps import PASSWORD, PHONE, inspect, practise, sign_up

pytestmark = pytest.mark.browser
SCHEMES = pytest.mark.parametrize("scheme", ["light", "dark"])
FIELD = ".answer input:not([type=radio]), .answer textarea"


def start_exam(page, questions=3, minutes=10, topic="Metrics"):
    page.goto("/exams")
    page.get_by_label(topic).check()
    page.get_by_label("Questions").fill(str(questions))
    page.get_by_label("Minutes").fill(str(minutes))
    page.get_by_role("button", name="Start the exam").click()
    expect(page.get_by_role("heading", name="Question 1 of")).to_be_visible()
    return page


def type_answer(page, text):
    page.locator(FIELD).first.fill(text)
    expect(page.locator("#saved")).to_have_text("Saved")


@SCHEMES
def test_from_sign_up_to_a_finished_mock_exam(new_page, scheme):
    page = new_page(**PHONE, color_scheme=scheme, reduced_motion="reduce")
    sign_up(page)
    inspect(page)
    expect(page.get_by_text("You have not tried a problem yet")).to_be_visible()
    page.goto("/exams")
    inspect(page)
    start_exam(page)
    inspect(page)
    type_answer(page, "0.5")
    expect(page.locator(".answer-read").first).to_contain_text("Read as")
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("heading", name="Question 2 of 3")).to_be_visible()
    page.get_by_role("button", name="Review and hand in").click()
    expect(page.get_by_text("After this nothing can be changed")).to_be_visible()
    inspect(page)
    page.get_by_role("button", name="Hand in").click()
    expect(page.get_by_role("heading", name="Your exam:")).to_be_visible()
    page.locator("details.solution summary").first.click()
    inspect(page)
    start_exam(page)
    page.get_by_role("button", name="Review and hand in").click()
    page.get_by_role("button", name="Hand in").click()
    expect(page.get_by_role("heading", name="Beside your earlier exams")).to_be_visible()
    inspect(page)
    for path in ("/", "/exams", "/mixed", "/review", "/history", "/account"):
        page.goto(path)
        inspect(page)


def test_an_exam_survives_a_reload_a_second_device_and_a_lost_connection(new_page):
    page = start_exam(sign_up(new_page()))
    type_answer(page, "0.25")
    page.reload()
    expect(page.locator(FIELD).first).to_have_value("0.25")
    second = new_page(storage_state=page.context.storage_state())
    second.goto(page.url)
    expect(second.locator(FIELD).first).to_have_value("0.25")
    left = [tab.locator("#clock").inner_text() for tab in (page, second)]
    minutes = [int(text.split(":")[0]) for text in left]
    assert set(minutes) <= {9, 10}


def test_what_cannot_be_sent_is_sent_when_the_connection_is_back(new_page, complaints):
    page = start_exam(sign_up(new_page()))
    page.context.set_offline(True)
    page.locator(FIELD).first.fill("0.75")
    expect(page.locator("#saved")).to_contain_text("Not saved yet")
    page.context.set_offline(False)
    expect(page.locator("#saved")).to_have_text("Saved", timeout=20_000)
    page.reload()
    expect(page.locator(FIELD).first).to_have_value("0.75")
    complaints.clear()  # the browser itself complains of the lost connection


def test_a_tab_that_is_closed_in_the_middle_of_a_word_loses_nothing(new_page):
    page = start_exam(sign_up(new_page()))
    address, context = page.url, page.context
    page.locator(FIELD).first.fill("0.125")
    page.close(run_before_unload=True)
    again = context.new_page()
    for _ in range(40):  # what a closing window sends, nobody waits for
        again.goto(address)
        if again.locator(FIELD).first.input_value() == "0.125":
            break
        again.wait_for_timeout(250)
    expect(again.locator(FIELD).first).to_have_value("0.125")


def test_the_clock_is_the_servers_and_hands_in_by_itself(new_page, complaints):
    page = sign_up(new_page())
    # A machine whose clock is years wrong, and runs on.
    page.clock.set_system_time("2031-01-01T00:00:00Z")
    start_exam(page, minutes=1)
    expect(page.locator("#warning")).to_have_text("Less than a minute is left.", timeout=10_000)
    type_answer(page, "0.5")
    expect(page.get_by_role("heading", name="Your exam:")).to_be_visible(timeout=90_000)
    expect(page.get_by_text("when its time was over")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Your exam:")).to_be_visible()
    # A report that comes after the end is refused: the page leaves, and the console tells of it.
    complaints[:] = [text for text in complaints if "409" not in text]


def test_an_exam_works_with_scripts_turned_off(new_page):
    page = start_exam(sign_up(new_page(java_script_enabled=False)))
    page.locator(FIELD).first.fill("0.5")
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Back").click()
    expect(page.locator(FIELD).first).to_have_value("0.5")
    page.locator(FIELD).first.fill("0.625")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Question 2 of 3")).to_be_visible()
    page.get_by_role("button", name="Review and hand in").click()
    page.get_by_role("button", name="Hand in").click()
    expect(page.get_by_text("0.625").first).to_be_visible()


@SCHEMES
def test_a_mix_is_gone_through_and_summed_up(new_page, scheme):
    page = sign_up(new_page(color_scheme=scheme, reduced_motion="reduce"))
    page.goto("/mixed")
    inspect(page)
    page.get_by_label("Metrics").check()
    page.get_by_label("Questions").fill("2")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_text("problem 1 of 2, 0 done")).to_be_visible()
    inspect(page)
    for field in page.locator(FIELD).all():
        field.fill("1")
    for group in page.get_by_role("radiogroup").all():
        group.get_by_role("radio").first.check()
    page.get_by_role("button", name="Check").click()
    expect(page.locator("[data-announce]")).to_be_visible()
    expect(page.get_by_role("button", name="New variant")).to_have_count(0)
    page.locator("h1").click()
    page.keyboard.press("j")
    expect(page.get_by_text("problem 2 of 2")).to_be_visible()
    page.get_by_role("button", name="Show the solution").click()
    expect(page.get_by_text("Worked solution")).to_be_visible()
    page.get_by_role("link", name="Summary").click()
    expect(page.get_by_role("heading", name="So far: 1 of 2")).to_be_visible()
    expect(page.get_by_role("heading", name="What to revise")).to_be_visible()
    inspect(page)


def test_a_solution_opens_step_by_step_and_whole_without_scripts(new_page):
    page = sign_up(new_page())
    practise(page, "mlp_params")
    page.get_by_role("button", name="Show the solution").click()
    step = page.get_by_role("button", name=re.compile(r"Next step \(1 of \d+\)"))
    expect(step).to_be_visible()
    total = int(re.search(r"of (\d+)", step.inner_text())[1])
    blocks = page.locator("details.solution > :is(p, div, ul):not(.toolbar)")
    assert blocks.locator("visible=true").count() < blocks.count()
    page.locator("h1").click()
    for _ in range(total - 1):
        page.keyboard.press("e")
    expect(page.get_by_role("button", name="Show all steps")).to_be_hidden()
    address = page.url
    plain = new_page(java_script_enabled=False, storage_state=page.context.storage_state())
    plain.goto(address)
    expect(plain.get_by_role("button", name="Next step")).to_have_count(0)


def test_what_was_typed_survives_a_session_that_ended(new_page, complaints):
    page = sign_up(new_page())
    name = page.locator("body").get_attribute("data-user")
    practise(page, "mlp_params")
    address = page.url
    page.context.clear_cookies()
    page.locator(FIELD).first.fill("1234")
    expect(page.get_by_text("Your session has ended")).to_be_visible()
    complaints.clear()  # the browser's own line about the answer 401
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(address)
    expect(page.locator(FIELD).first).to_have_value("1234")


def test_a_wrong_answer_comes_back_and_a_bar_rises(new_page):
    page = sign_up(new_page())
    practise(page, "mlp_params")
    page.get_by_label("total").fill("1")
    page.get_by_role("button", name="Check").click()
    expect(page.locator("[data-announce]")).to_have_text("Not right yet.")
    page.goto("/review")
    expect(page.get_by_role("heading", name="Later")).to_be_visible()
    page.goto("/")
    row = page.get_by_role("row", name="Multi-layer perceptrons")
    expect(row).to_contain_text("1 of")
    expect(row).to_contain_text("0 %")
    expect(page.get_by_text("1 day in a row")).to_be_visible()
    expect(page.get_by_role("heading", name="What to do next")).to_be_visible()


@SCHEMES
@pytest.mark.parametrize("slug", ["conv_value", "lstm_forget_gate", "random_model_ce"])
def test_a_solution_shows_its_picture_on_a_phone(new_page, slug, scheme):
    page = sign_up(new_page(**PHONE, color_scheme=scheme, reduced_motion="reduce"))
    practise(page, slug)
    page.get_by_role("button", name="Show the solution").click()
    page.get_by_role("button", name="Show all steps").click()
    picture = page.locator("figure.drawn svg")
    expect(picture).to_be_visible()
    assert picture.get_attribute("aria-label")
    inspect(page)


def test_the_account_page_changes_exports_and_deletes(new_page):
    page = sign_up(new_page())
    page.goto("/account")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export my data").click()
    assert download.value.suggested_filename == "quizapp-export.json"
    page.get_by_label("Present password").fill(PASSWORD)
    page.get_by_label("New password").fill("another password")
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_text("The password is changed")).to_be_visible()
    page.get_by_label("Password", exact=True).fill("another password")
    page.get_by_role("button", name="Delete my account").click()
    expect(page.get_by_role("link", name="Sign up").first).to_be_visible()
