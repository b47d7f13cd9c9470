"""The pages, through the application: who may see what, what is kept, what never leaks."""

import re
import secrets

import pytest
from sqlalchemy import func, select
from visitor import Visitor, make_app

from problems import catalog
from quizapp.app import create_app
from quizapp.config import Settings
from quizapp.db.models import Attempt, Submission, Variant
from quizapp.services import jobs, practice

PUBLIC = {"/", "/signin", "/signup", "/signout", "/health"}
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


@pytest.fixture
def app(sqlite_database, tmp_path, cheap_hashing):
    return make_app(sqlite_database.url, tmp_path)


@pytest.fixture
def student(app):
    return Visitor(app).sign_up()


def database(app):
    return app.extensions["database"]


def variant_of(app, address) -> Variant:
    with database(app).read() as session:
        public_id = address.rsplit("/", 1)[1]
        return session.scalars(select(Variant).where(Variant.public_id == public_id)).one()


def right_answers(row):
    return {part: spec["shown"] for part, spec in row.document["parts"].items()}


def count(app, model):
    with database(app).read() as session:
        return session.scalars(select(func.count()).select_from(model)).one()


# ---- Accounts


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


def test_every_other_page_asks_to_sign_in(app):
    visitor = Visitor(app)
    for rule in app.url_map.iter_rules():
        if rule.rule in PUBLIC or rule.endpoint == "static":
            continue
        address = re.sub("<[^>]+>", "x", rule.rule)
        method = visitor.post if "POST" in rule.methods else visitor.get
        options = {"page": "/signin"} if "POST" in rule.methods else {}
        answer = method(address, **options)
        assert answer.status_code == 302, rule
        assert answer.location.startswith("/signin"), rule


# ---- Forged requests


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


# ---- Practice


@pytest.mark.parametrize("slug", catalog.families())
def test_the_page_does_not_depend_on_the_key_before_it_is_shown(app, student, slug):
    address = student.draw(slug)

    def page():
        answer = student.get(address)
        text = re.sub(r'(nonce|name="key" value|csrf_token" value)[="-]+[^"]+', "", answer.text)
        headers = re.sub(r"nonce-[^']+", "", str(answer.headers))
        return text, re.sub(r"(Set-Cookie|Date): .*", "", headers)

    before = page()
    with database(app).write() as session:
        row = session.get(Variant, variant_of(app, address).id)
        document = dict(row.document)
        document["parts"] = {
            part: {**spec, "key": _another(spec), "shown": "secret"}
            for part, spec in document["parts"].items()
        }
        document["mistakes"] = []
        document["solution"] = "secret"
        document["hints"] = ["secret" for _ in document["hints"]]
        document["params"] = {}
        row.document = document
    assert page() == before


def _another(spec):
    """Return another key of the same kind and shape."""
    key = spec["key"]
    if isinstance(key, bool):
        return not key
    if isinstance(key, str):
        return next(option for option in spec["options"] if option != key)
    if isinstance(key, list):
        return [_another({**spec, "key": item}) for item in key]
    return key + 1


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


# ---- Code tasks


def grade_next(app, **document):
    with database(app).write() as session:
        lease = jobs.claim(session)
        assert lease is not None
        assert jobs.finish(session, lease, document, "test")


def submit(student, source="def forget_gate(): ...", task="lstm_forget_gate", **options):
    form = {"source": source, "key": secrets.token_urlsafe(8)}
    return student.post(f"/tasks/{task}", form, page=f"/tasks/{task}", **options)


def array(shape, values, *, truncated=False):
    return {"dtype": "float64", "shape": shape, "values": values, "truncated": truncated}


VERDICT = {
    "verdict": "wrong",
    "score": 0.5,
    "passed": 1,
    "total": 2,
    "mistake": "tanh",
    "message": "This is the gate with tanh in place of the sigmoid.",
    "stdout": "<script>alert(1)</script>",
    "traceback": None,
    "cpu_s": 0.002,
    "layers": ["seccomp"],
    "cases": [
        {
            "visible": True,
            "verdict": "wrong",
            "expected": array([1, 2], [0.25, 0.5]),
            "received": array([1, 2], ["nan", 0.75], truncated=True),
            "max_error": 0.25,
            "first_difference": {"output": "f", "index": [0, 1], "expected": 0.5, "received": 0.75},
            "message": None,
            "kind": "ordinary",
            "inputs": {"x": array([2], [1, 2])},
        },
        {"visible": False, "verdict": "accepted"},
    ],
}


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


def test_health_names_the_queue_and_the_layers(app, student):
    assert student.get("/health").json == {
        "database": "ok",
        "queued": 0,
        "running": 0,
        "layers": None,
    }
    submit(student)
    assert student.get("/health").json["queued"] == 1
    grade_next(app, **VERDICT)
    assert student.get("/health").json["layers"] == ["seccomp"]


# ---- What strangers and faults do


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
