"""Mock exams and mixed practice through the pages."""

import json
import re

import pytest
from sqlalchemy import select
from visitor import Visitor, change_secrets, count, database, right_answers

from quizapp.db.models import Attempt, Run, RunItem, Variant
from quizapp.services import practice

EXAM = {"topic": "metrics", "questions": "2", "minutes": "10"}


def start(student, path="/exams", key="k", **wanted):
    form = {"key": key, **EXAM, **wanted}
    return student.post(path, form, page=path)


def first_item(app):
    with database(app).read() as session:
        item = session.scalars(select(RunItem).where(RunItem.position == 1)).one()
        return item, session.get(Variant, item.variant_id)


def save(student, address, page="/exams", **fields):
    return student.post(address, fields, page=page)


def test_the_question_does_not_depend_on_its_key(app, student):
    address = start(student).location
    pages = []
    for _ in range(2):
        text = re.sub(
            r'(nonce|csrf_token" value|data-left)[="-]+[^"]+', "", student.get(address).text
        )
        pages.append(re.sub(r"\d+:\d\d left", "", text))
        change_secrets(app, first_item(app)[1].id)
    assert pages[0] == pages[1]


def test_what_is_saved_says_how_it_was_read_and_not_whether_it_is_right(app, student):
    address = start(student).location
    _, row = first_item(app)
    answer = save(student, address, **right_answers(row))
    document = json.loads(answer.text)
    assert set(document) == {"left_s", "readings"}
    assert 0 < document["left_s"] <= 600
    words = " ".join(document["readings"].values())
    assert not re.search(r"right|wrong|mistake", words, re.IGNORECASE)
    assert first_item(app)[0].responses == right_answers(row)
    assert count(app, Attempt) == 0


def test_an_exam_is_handed_in_and_shows_its_marks(app, student):
    address = start(student).location
    _, row = first_item(app)
    save(student, address, go="end", **right_answers(row))
    exam = address.rsplit("/", 1)[0]
    assert "Review and hand in" in student.get(exam).text
    assert student.post(f"{exam}/hand-in", page=exam).location == exam
    page = student.get(exam).text
    assert "Your exam: 50 %" in page
    assert row.document["title"] in page
    assert "Worked solution" in page
    assert student.get(address).location == exam
    assert save(student, address, go="2").location == exam
    assert save(student, address, total="1").status_code == 409
    assert student.get(f"/variants/{row.public_id}").status_code == 200
    for path in ("/exams", "/history"):
        assert "2 questions, 10 minutes" in student.get(path).text


def test_a_mix_is_begun_continued_and_listed(app, student):
    forward = start(student, "/mixed").location
    variant = student.get(forward).location
    assert "problem 1 of 2, 0 done" in student.get(variant).text
    student.post(variant.replace("?", "/solution?"), page=variant)
    assert student.get(forward).location != variant
    summary = forward.rsplit("/", 1)[0]
    assert "So far: 1 of 2" in student.get(summary).text
    assert "Next problem" in student.get(variant).text
    for path in ("/", "/mixed"):
        assert "Go on with your mix" in student.get(path).text
    last = student.get(forward).location
    student.post(last.replace("?", "/solution?"), page=last)
    assert "Done: 2 of 2" in student.get(summary).text
    assert "Go on with your mix" not in student.get("/").text
    assert "2 problems on Metrics" in student.get("/history").text


def test_the_same_form_twice_is_one_run(app, student):
    assert start(student).location == start(student).location
    assert count(app, Run) == 1


@pytest.mark.parametrize("path", ["/exams", "/mixed"])
@pytest.mark.parametrize(
    "wrong",
    [
        {"questions": "0"},
        {"questions": "many"},
        {"questions": "9" * 400},
        {"questions": ""},
        {"topic": "<script>"},
        {"difficulty": "9"},
        {"difficulty": "-1"},
        {"key": ""},
    ],
)
def test_a_choice_that_cannot_be_gets_a_sentence(app, student, path, wrong):
    answer = start(student, path, **wrong)
    assert answer.status_code == 422
    assert "<script>" not in answer.text.split("<main")[1]
    assert count(app, Run) == 0


def test_what_was_chosen_is_still_there_beside_what_was_wrong(student):
    page = start(student, questions="41").text
    assert "Choose 1 to 40 questions." in page
    assert 'value="41"' in page
    assert re.search(r'value="metrics" checked', page)


@pytest.mark.parametrize("path", ["/exams", "/mixed"])
def test_who_has_drawn_too_many_problems_reads_when_to_go_on(app, student, path, monkeypatch):
    monkeypatch.setattr(practice, "MOST_IN_AN_HOUR", 1)
    student.post("/practice/mlp_params/new", page="/practice")
    again = student.post("/practice/mlp_params/new", page="/practice")
    refused = start(student, path, questions="7")
    for answer in (again, refused):
        assert answer.status_code == 429
        assert "draw new ones in" in answer.text
    assert 'value="7"' in refused.text
    assert count(app, Variant) == 1


def test_another_exam_does_not_begin_while_one_goes_on(app, student):
    address = start(student).location
    assert start(student, key="other").location == address
    assert count(app, Run) == 1
    assert "Start the exam" not in student.get("/exams").text
    exam = address.rsplit("/", 1)[0]
    student.post(f"{exam}/hand-in", page=exam)
    assert start(student, key="other").location != address


def test_an_answer_that_cannot_be_read_is_said_before_handing_in(app, student):
    address = start(student).location
    part = next(
        part
        for part, kind in first_item(app)[1].document["parts"].items()
        if kind["kind"] == "real"
    )
    save(student, address, **{part: "garbage$$"})
    assert "cannot be read" in student.get(address.rsplit("/", 1)[0]).text


@pytest.mark.parametrize("minutes", ["0", "301", "soon", ""])
def test_an_exam_of_impossible_length_is_not_begun(app, student, minutes):
    assert start(student, minutes=minutes).status_code == 422
    assert count(app, Run) == 0


def test_nobody_elses_run_exists(app, student):
    exam = start(student).location
    mix = start(student, "/mixed").location
    eve = Visitor(app).sign_up()
    for address in (exam, exam.rsplit("/", 1)[0], mix, mix.rsplit("/", 1)[0]):
        assert eve.get(address).status_code == 404
    for address in (exam, exam.rsplit("/", 1)[0] + "/hand-in"):
        assert eve.post(address, {"total": "1"}, page="/exams").status_code == 404


def test_a_question_that_is_not_there_does_not_exist(app, student):
    exam = start(student).location.rsplit("/", 1)[0]
    for position in ("0", "3", "99999999999999999999"):
        assert student.get(f"{exam}/{position}").status_code == 404
        assert save(student, f"{exam}/{position}", total="1").status_code in (404, 405)


def test_nothing_to_review_is_said(student):
    answer = student.post("/review", {"key": "k"}, page="/review")
    assert answer.status_code == 409
    assert "Nothing is due" in answer.text


def test_a_session_that_ended_leads_back_to_the_page(app, student):
    address = student.draw("mlp_params")
    student.client.delete_cookie("session")
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://localhost{address}"}
    answer = student.client.post(f"{address}/check", data={"total": "1"}, headers=headers)
    assert answer.status_code == 401
    assert f"next={address}&" in answer.headers["HX-Redirect"]
    elsewhere = {"HX-Request": "true", "HX-Current-URL": "https://evil.example//evil"}
    answer = student.client.post(f"{address}/check", data={"total": "1"}, headers=elsewhere)
    assert "evil.example" not in answer.headers["HX-Redirect"]
