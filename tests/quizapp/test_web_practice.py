"""Practising through the pages: what is kept, what counts, what never leaks."""

import re

import pytest
from sqlalchemy import select
from visitor import change_secrets, count, database, right_answers, variant_of

from problems import catalog
from quizapp.db.models import Attempt
from quizapp.services import practice

HOSTILE = [
    "NaN",
    "__import__('os').system('id')",
    "9**9**9",
    "\x00",
    "<script>alert(1)</script>",
    "{{ 7*7 }}",
    "1" * 5000,
    "(" * 300,
    "🙂",
    "x" * 10_000_000,
]


@pytest.mark.parametrize("slug", catalog.families())
def test_the_page_does_not_depend_on_the_key_before_it_is_shown(app, student, slug):
    address = student.draw(slug)

    def page():
        answer = student.get(address)
        text = re.sub(r'(nonce|name="key" value|csrf_token" value)[="-]+[^"]+', "", answer.text)
        headers = re.sub(r"nonce-[^']+", "", str(answer.headers))
        return text, re.sub(r"(Set-Cookie|Date): .*", "", headers)

    before = page()
    change_secrets(app, variant_of(app, address).id)
    assert page() == before


@pytest.mark.parametrize("slug", catalog.families())
def test_the_right_answer_is_marked_right_and_kept(app, student, slug):
    address = student.draw(slug)
    answers = right_answers(variant_of(app, address))
    for part, spec in variant_of(app, address).document["parts"].items():
        if spec["kind"] == "choice":
            answers[part] = spec["key"]
    page = student.check(address, **answers).text
    assert ("That is right." in page) or ("All parts are right." in page)
    with database(app).read() as session:
        assert session.scalars(select(Attempt.score)).all() == [1.0]
    assert "solved" in student.get("/history").text


def test_a_known_mistake_is_explained_beside_its_field(app, student):
    address = student.draw("mlp_params")
    mistake = variant_of(app, address).document["mistakes"][0]
    page = student.check(address, total=str(mistake["values"]["total"])).text
    assert "A known mistake." in page
    assert mistake["message"] in page


def test_parts_are_named_and_answered_in_words(app, student):
    address = student.draw("vanishing_gradient")
    options = variant_of(app, address).document["parts"]["fate"]["options"]
    page = student.check(address, rnn="1", lstm="1", fate="vanishes").text
    assert 'aria-label="gradient in the RNN"' in page
    assert ">what happens as T grows</th>" in page
    table = page.partition("Your answers to this variant")[2]
    assert options["vanishes"] in table
    assert ">vanishes<" not in table


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:12].encode("unicode_escape"))
@pytest.mark.parametrize("slug", ["mlp_params", "conv_out_shape", "lstm_hidden"])
def test_any_text_is_marked_and_never_an_error_page(app, student, slug, text):
    address = student.draw(slug)
    part = next(iter(variant_of(app, address).document["parts"]))
    answer = student.check(address, **{part: text})
    assert answer.status_code == 200
    assert "Nothing was counted" in answer.text
    assert "<script>alert" not in answer.text
    assert len(answer.text) < 100_000
    assert count(app, Attempt) == 0


def test_direction_marks_from_a_pasted_text_are_read_through(app, student):
    address = student.draw("mlp_params")
    assert "Read as 12" in student.check(address, total="\u202e12\u202c").text
    assert count(app, Attempt) == 1


def test_blank_and_malformed_answers_cost_no_attempt(app, student):
    address = student.draw("conv_params")
    assert "enter an answer first" in student.check(address).text
    mixed = student.check(address, weights="150", biases="zwei")
    assert "could not be read" in mixed.text
    assert "zwei" in mixed.text
    assert "Read as 150" in mixed.text
    assert "Right" not in mixed.text
    assert "Not right" not in mixed.text
    assert count(app, Attempt) == 0


def test_a_double_click_is_one_attempt(app, student):
    address = student.draw("mlp_params")
    first = student.check(address, key="same", total="1")
    second = student.check(address, key="same", total="1")
    assert first.status_code == second.status_code == 200
    assert count(app, Attempt) == 1


def test_another_answer_under_the_same_key_is_another_attempt(app, student):
    address = student.draw("mlp_params")
    assert "Not right." in student.check(address, key="same", total="1").text
    right = right_answers(variant_of(app, address))
    assert "That is right." in student.check(address, key="same", **right).text
    assert count(app, Attempt) == 2


def test_an_attempt_does_not_count_when_the_solution_is_opened_while_it_is_marked(
    app, student, monkeypatch
):
    address = student.draw("mlp_params")
    mark = practice.marking.mark

    def mark_while_the_other_tab_opens_it(*arguments):
        student.post(f"{address}/solution", page=address)
        return mark(*arguments)

    monkeypatch.setattr(practice.marking, "mark", mark_while_the_other_tab_opens_it)
    assert "this does not count" in student.check(address, total="7").text
    assert count(app, Attempt) == 0


def test_what_was_typed_comes_back_as_text_and_not_as_markdown(app, student):
    address = student.draw("mlp_params")
    page = student.check(address, total="![x](http://evil.example/x.png) _a_").text
    assert "<img" not in page
    assert "_a_" in page


def test_two_forms_at_once_with_one_key_are_one_attempt(app, student, monkeypatch):
    address = student.draw("mlp_params")
    mark, raced = practice.marking.mark, []

    def mark_while_the_other_tab_commits(*arguments):
        if not raced:
            raced.append(True)
            student.check(address, key="same", total="7")
        return mark(*arguments)

    monkeypatch.setattr(practice.marking, "mark", mark_while_the_other_tab_commits)
    assert student.check(address, key="same", total="7").status_code == 200
    assert count(app, Attempt) == 1


def test_hints_open_one_by_one_and_the_solution_ends_the_variant(app, student):
    address = student.draw("conv_params")
    document = variant_of(app, address).document
    assert "Hint 1" not in student.get(address).text
    for number in range(1, len(document["hints"]) + 1):
        student.post(f"{address}/hint", page=address)
        assert f"Hint {number}" in student.get(address).text
    assert "Show another hint" not in student.get(address).text
    student.post(f"{address}/solution", page=address)
    page = student.get(address).text
    assert "Worked solution" in page
    assert str(document["parts"]["total"]["key"]) in page
    late = student.check(address, **right_answers(variant_of(app, address)))
    assert "this does not count" in late.text
    assert count(app, Attempt) == 0


def test_a_new_variant_keeps_the_old_one_within_reach(app, student):
    old = student.draw("mlp_params")
    student.check(old, total="1")
    new = student.draw("mlp_params")
    assert old != new
    listing = student.get("/practice/mlp_params").text
    assert old in listing
    assert new in listing
    assert "Your answers to this variant" in student.get(old).text


def test_an_open_variant_is_gone_on_with(student):
    first = student.post("/practice/mlp_params", page="/practice").location
    assert student.post("/practice/mlp_params", page="/practice").location == first


def test_how_an_answer_is_read_is_said_before_it_is_marked(app, student):
    address = student.draw("conv_params")

    def read(text):
        return student.post(f"{address}/read/weights", {"weights": text}, page=address).text

    assert read("5*5*3*2") == "Read as 150"
    assert "whole number" in read("1/3")
    assert read(" ").startswith("Give a whole number")
    assert count(app, Attempt) == 0


@pytest.mark.parametrize(
    "path", ["/practice/nope", "/variants/nope", "/tasks/nope", "/submissions/nope", "/nope"]
)
def test_unknown_addresses_say_so(student, path):
    answer = student.get(path)
    assert answer.status_code == 404
    assert "Traceback" not in answer.text
    assert "There is no such" in answer.text
