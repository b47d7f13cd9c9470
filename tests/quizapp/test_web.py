"""Who may see what: accounts, forged requests, and the headers of every page."""

import re
from datetime import timedelta

import pytest
from visitor import Visitor, count, variant_of

from quizapp.db.models import Attempt

PUBLIC = {"/", "/signin", "/signup", "/signout", "/health", "/join/<code>"}


def test_a_visitor_signs_up_out_and_in_again(app):
    visitor = Visitor(app).sign_up("ada.l")
    assert "Welcome, ada.l" in visitor.get("/").text
    assert visitor.post("/signout").status_code == 303
    assert visitor.get("/practice").status_code == 302
    wrong = visitor.post("/signin", {"username": "ada.l", "password": "nope"}, page="/signin")
    assert wrong.status_code == 422
    assert "do not match" in wrong.text
    again = {"username": "ADA.L", "password": "a long password", "next": "/history"}
    answer = visitor.post("/signin", again, page="/signin")
    assert (answer.status_code, answer.location) == (303, "/history")


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"username": "a", "password": "a long password"}, "3 to 32 characters"),
        ({"username": "<script>", "password": "a long password"}, "3 to 32 characters"),
        ({"username": "grace", "password": "short"}, "8 to 200 characters"),
        ({}, "3 to 32 characters"),
    ],
)
def test_what_cannot_be_an_account_is_said_plainly_and_the_name_is_kept(app, fields, sentence):
    answer = Visitor(app).post("/signup", fields, page="/signup")
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "<script>" not in answer.text.replace("<script src", "")


def test_a_taken_name_is_refused(app, student):
    taken = {"username": student.username.upper(), "password": "a long password"}
    answer = Visitor(app).post("/signup", taken, page="/signup")
    assert answer.status_code == 409
    assert "is taken" in answer.text


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "https://evil.example/x", "/\\evil.example", "javascript:alert(1)", "evil"],
)
def test_signing_in_never_leads_to_another_host(app, target):
    form = {"username": "mallory", "password": "a long password", "next": target}
    answer = Visitor(app).post("/signup", form, page="/signup")
    assert re.fullmatch(r"/[^/\\]*", answer.location), answer.location


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0:00"),
        (59.2, "1:00"),
        (3599, "59:59"),
        (3600, "1:00:00"),
        (86_399, "23:59:59"),
        (86_400, "1 day 0 h"),
        (7 * 86_400 - 1, "6 days 23 h"),
    ],
)
def test_a_clock_shows_days_where_there_are_some(app, seconds, shown):
    assert app.jinja_env.filters["clock"](timedelta(seconds=seconds)) == shown


@pytest.mark.parametrize(
    ("seconds", "words"), [(9, "9 s"), (60, "1 min"), (61, "1 min 1 s"), (36_000, "600 min")]
)
def test_a_duration_is_said_as_people_say_it(app, seconds, words):
    assert app.jinja_env.filters["duration"](seconds) == words


def test_words_inside_a_sentence_lose_no_capital_but_the_first(app):
    assert app.jinja_env.filters["uncapitalised"]("This is not Python") == "this is not Python"


def test_an_address_in_a_query_does_not_lead_astray(app, student):
    target = "/history?topic=http://evil.example//x"
    assert student.get("/signin", query_string={"next": target}).location == target


def test_every_other_page_asks_to_sign_in(app):
    visitor = Visitor(app)
    for rule in app.url_map.iter_rules():
        if rule.rule in PUBLIC or rule.endpoint == "static":
            continue
        address = re.sub("<[^>]+>", "x", re.sub("<int[^>]+>", "1", rule.rule))
        method = visitor.post if "POST" in rule.methods else visitor.get
        options = {"page": "/signin"} if "POST" in rule.methods else {}
        answer = method(address, **options)
        assert answer.status_code == 302, rule
        assert answer.location.startswith("/signin"), rule


def test_a_form_without_the_token_is_refused_and_changes_nothing(app, student):
    address = student.draw("mlp_params")
    answer = student.client.post(f"{address}/check", data={"total": "1", "key": "k"})
    assert answer.status_code == 400
    assert "reload the page" in answer.text
    assert count(app, Attempt) == 0


def test_a_forged_session_is_nobody(app, student):
    student.client.set_cookie("session", "eyJfdXNlcl9pZCI6IjEifQ.aaaa.bbbb")
    assert student.get("/practice").status_code == 302


@pytest.mark.parametrize("action", ["", "/check", "/hint", "/solution", "/read/total"])
def test_another_students_variant_does_not_exist(app, student, action):
    address = student.draw("mlp_params")
    other = Visitor(app).sign_up()
    if action:
        answer = other.post(f"{address}{action}", {"key": "k", "total": "1"}, page="/practice")
    else:
        answer = other.get(address)
    assert answer.status_code == 404
    assert count(app, Attempt) == 0
    row = variant_of(app, address)
    assert (row.hints_shown, row.solution_shown_at) == (0, None)


def test_another_students_submission_does_not_exist(app, student):
    form = {"source": "x = 1", "key": "k1"}
    address = student.post("/tasks/lstm_step", form, page="/tasks/lstm_step").location
    other = Visitor(app).sign_up()
    assert other.get(address).status_code == 404
    assert other.get(f"{address}/status").status_code == 404


def test_every_page_carries_the_policy(app, student):
    address = student.draw("mlp_params")
    for path in ("/", "/practice", address, "/tasks/lstm_step", "/nowhere", "/health"):
        headers = student.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "private, no-store"
