"""Code tasks through the pages, and what strangers and faults do."""

import re

import pytest
from sqlalchemy import select
from visitor import VERDICT, Visitor, count, database, grade_next, submit

from grader.sandbox import insecure
from problems import catalog
from quizapp.app import create_app
from quizapp.config import Settings
from quizapp.db.models import Submission


def test_a_submission_is_stored_queued_followed_and_shown(app, student):
    fragment = submit(student, headers={"HX-Request": "true"})
    assert "Waiting to be graded" in fragment.text
    address = re.search(r'hx-get="(/submissions/[^"]+)/status"', fragment.text)[1]
    waiting = student.get(f"{address}/status")
    unchanged = student.get(f"{address}/status", headers={"If-None-Match": waiting.headers["ETag"]})
    assert unchanged.status_code == 304
    grade_next(app, **VERDICT)
    page = student.get(address).text
    for shown in (
        "Not right yet.",
        "1 of 2 cases are right",
        "with tanh in place of the sigmoid",
        "0.25",
        "nan",
        "The largest error is 0.25",
        "1 of 1 hidden cases are right",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
    ):
        assert shown in page
    changed = student.get(f"{address}/status", headers={"If-None-Match": waiting.headers["ETag"]})
    assert changed.status_code == 200


def test_a_corrected_file_from_the_same_open_page_is_another_submission(app, student):
    form = {"source": "x = 1", "key": "the-pages-own"}
    page = "/tasks/lstm_forget_gate"
    first = student.post(page, form, page=page).location
    assert student.post(page, form, page=page).location == first
    assert student.post(page, form | {"source": "x = 2"}, page=page).location != first
    other = "/tasks/lstm_step"
    assert student.post(other, form, page=other).location != first
    assert count(app, Submission) == 3


def test_the_graded_file_has_the_editors_line_ends(app, student):
    submit(student, "a = 1\r\nb = 2\r\n")
    with database(app).read() as session:
        assert session.scalars(select(Submission.source)).one() == b"a = 1\nb = 2\n"


def test_a_source_that_is_too_large_is_refused_before_it_is_stored(app, student):
    answer = submit(student, "#" * (64 * 1024 + 1))
    assert answer.status_code == 422
    assert "64 KiB" in answer.text
    assert count(app, Submission) == 0


def test_the_editor_comes_back_with_the_last_submission(app, student):
    submit(student, "my_own_work = 1")
    assert "my_own_work" in student.get("/tasks/lstm_forget_gate").text
    assert (
        "my_own_work"
        not in student.get("/tasks/lstm_forget_gate?starter=1").text.split("Your submissions")[0]
    )


def test_a_grade_without_a_sandbox_says_so_on_its_page_and_to_monitors(app, student):
    address = submit(student).location
    assert insecure.BANNER not in student.get(address).text
    grade_next(app, **VERDICT | {"layers": [insecure.LAYER]})
    page = student.get(address).text
    assert insecure.BANNER in page
    assert "in a sandbox of" not in page
    assert student.get("/health").json["warning"] == insecure.BANNER


def test_health_names_the_queue_and_the_layers(app, student):
    assert student.get("/health").json == {
        "database": "ok",
        "queued": 0,
        "running": 0,
        "authors": 0,
        "layers": None,
    }
    submit(student)
    assert student.get("/health").json["queued"] == 1
    grade_next(app, **VERDICT)
    assert student.get("/health").json["layers"] == ["seccomp"]


def test_signing_out_ends_a_copied_cookie_too(app, student):
    copied = student.client.get_cookie("session").value
    student.post("/signout")
    thief = app.test_client()
    thief.set_cookie("session", copied)
    assert thief.get("/practice").status_code == 302


@pytest.mark.parametrize("body", [b"a=&" * 300, b"a=%41" * 100_000, b"x" * 20_000])
def test_a_form_that_nobody_fills_in_is_refused_before_it_is_decoded(app, body):
    form = "application/x-www-form-urlencoded"
    answer = Visitor(app).client.post("/signin", data=body, content_type=form)
    assert answer.status_code == 413
    assert "too much at once" in answer.text


def test_a_remember_cookie_of_rubbish_is_ignored(app):
    client = app.test_client()
    headers = {"Cookie": "remember_token=\xff|\xff"}
    assert client.get("/practice", headers=headers).status_code == 302


def test_a_fault_shows_a_plain_page_with_the_policy_and_logs_the_reason(app, student, caplog):
    address = student.draw("mlp_params")
    with database(app).write() as session:
        session.connection().exec_driver_sql("ALTER TABLE user_account RENAME TO gone")
    answer = student.get(address)
    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.text
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "no such table" in caplog.text


def test_health_says_so_when_the_database_is_away(app):
    with database(app).write() as session:
        session.connection().exec_driver_sql("ALTER TABLE job RENAME TO gone")
    answer = Visitor(app).get("/health")
    assert (answer.status_code, answer.json) == (503, {"database": "unreachable"})


def test_an_error_inside_a_part_of_a_page_takes_the_place_of_its_content(app, student):
    other = Visitor(app).sign_up().draw("mlp_params")
    htmx = {"HX-Request": "true"}
    answer = student.post(f"{other}/check", {"key": "k"}, page="/practice", headers=htmx)
    assert answer.status_code == 404
    assert answer.headers["HX-Retarget"] == answer.headers["HX-Reselect"] == "#main"


def test_a_missing_file_is_not_kept_by_anybody(student):
    answer = student.get("/static/nope.css")
    assert answer.status_code == 404
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_a_double_slash_leads_nowhere(app):
    assert app.test_client().get("/static//app.css").status_code == 404


def test_what_is_stored_outlives_its_family_and_its_task(app, student, monkeypatch):
    address = student.draw("mlp_params")
    submission = submit(student).location
    monkeypatch.setattr(catalog, "families", dict)
    monkeypatch.setattr("grader.catalog.tasks", dict)
    page = student.get(address)
    assert page.status_code == 200
    assert 'id="new"' not in page.text
    assert student.check(address, total="1").status_code == 200
    assert student.get(submission).status_code == 200
    assert student.get(f"{submission}/status").status_code == 200


def test_visitors_behind_a_proxy_are_told_apart(sqlite_database, tmp_path, cheap_hashing):
    environ = {
        "QUIZAPP_DATA": str(tmp_path / "data"),
        "QUIZAPP_DATABASE_URL": sqlite_database.url,
        "QUIZAPP_PROXIES": "1",
    }
    app = create_app(Settings.from_environment(environ))
    wrong = {"username": "ada", "password": "not the password"}

    def sign_in(address):
        client = Visitor(app)
        headers = {"X-Forwarded-For": address, "X-Forwarded-Proto": "https"}
        page = {"base_url": "https://localhost"}
        token = re.search(
            r'csrf_token" value="([^"]+)"', client.get("/signin", headers=headers, **page).text
        )[1]
        form = wrong | {"csrf_token": token}
        origin = headers | {"Referer": "https://localhost/signin"}
        return client.client.post("/signin", data=form, headers=origin, **page).status_code

    assert [sign_in("192.0.2.1") for _ in range(6)] == [422] * 5 + [429]
    assert sign_in("192.0.2.2") == 422


def test_scores_count_every_submission_there_ever_was(app, student):
    submit(student)
    grade_next(app, **VERDICT | {"verdict": "accepted", "score": 1.0})
    for _ in range(3):
        submit(student)
        grade_next(app, **VERDICT)
    assert "solved" in student.get("/tasks").text


def test_nothing_is_not_handed_in(app, student):
    answer = submit(student, " \r\n")
    assert answer.status_code == 422
    assert "There is no code yet" in answer.text
    assert count(app, Submission) == 0
