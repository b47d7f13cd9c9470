"""One's own account: the password, the data given out, and its end."""

import itertools
import json
import math
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select
from visitor import VERDICT, Visitor, count, database, grade_next, right_answers, submit, variant_of

from quizapp.db.models import Attempt, Base, User, Variant
from quizapp.errors import NotFound
from quizapp.services import accounts, exams, personal, practice, runs

PASSWORD = "a long password"


def export(visitor):
    answer = visitor.get("/account/export.json")
    assert "attachment" in answer.headers["Content-Disposition"]
    return json.loads(answer.text)


def test_the_password_is_changed_and_other_browsers_are_signed_out(app, student):
    other = Visitor(app)
    form = {"username": student.username, "password": PASSWORD}
    assert other.post("/signin", form, page="/signin").status_code == 303
    page = student.post(
        "/account/password", {"old": PASSWORD, "new": "another password"}, page="/account"
    )
    assert "The password is changed" in page.text
    assert student.get("/account").status_code == 200
    assert other.get("/account").status_code == 302
    form["password"] = "another password"
    assert Visitor(app).post("/signin", form, page="/signin").status_code == 303


@pytest.mark.parametrize(("old", "new"), [("wrong", "another password"), (PASSWORD, "short")])
def test_a_password_that_cannot_be_changed_says_why_and_stays(app, student, old, new):
    answer = student.post("/account/password", {"old": old, "new": new}, page="/account")
    assert answer.status_code == 422
    assert "mark-wrong" in answer.text
    form = {"username": student.username, "password": PASSWORD}
    assert Visitor(app).post("/signin", form, page="/signin").status_code == 303


def test_the_streak_can_be_turned_off_and_on(app, student):
    address = student.draw("mlp_params")
    student.check(address, **right_answers(variant_of(app, address)))
    assert "1 day in a row" in student.get("/").text
    student.post("/account/streak", {}, page="/account")
    assert "in a row" not in student.get("/").text
    student.post("/account/streak", {"shown": "on"}, page="/account")
    assert "1 day in a row" in student.get("/").text


def test_the_export_has_everything_and_no_key_before_it_may_be_known(app, student):
    address = student.draw("mlp_params")
    student.check(address, total="1")
    opened = student.draw("conv_params")
    student.post(f"{opened}/solution", page=opened)
    submit(student, "def forget_gate(): pass")
    grade_next(app, **VERDICT)
    choice = runs.Choice((), (), 3)
    user = count(app, User)
    run = runs.start(database(app), user, "exam", choice, "k", 10)
    exams.save(database(app), user, run.public_id, 1, {})
    document = export(student)
    first, second = document["variants"]
    assert (first["solution"], first["keys"]) == (None, {})
    assert second["solution"]
    assert second["keys"]
    assert first["attempts"][0]["responses"] == {"total": "1"}
    assert document["submissions"][0]["grade"]["verdict"] == "wrong"
    assert len(document["runs"][0]["items"]) == 3
    text = json.dumps(document)
    for item in run.items:
        assert item.variant.document["statement"] not in text
    with database(app).read() as session:
        user = session.scalars(select(User)).one()
        seeds = session.scalars(select(Variant.seed)).all()
    assert user.password_hash not in text
    assert user.session_token not in text
    assert '"seed"' not in text
    assert seeds


def test_an_account_is_deleted_with_all_that_is_its_own_and_nothing_else(database, cheap_hashing):
    def use(name):
        user = accounts.sign_up(database, name, PASSWORD).id
        row = practice.start(database, user, "mlp_params")
        practice.check(database, user, row.public_id, {"total": "1"}, "k")
        run = runs.start(database, user, "exam", runs.Choice((), (), 2), "k", 10)
        exams.hand_in(database, user, run.public_id)
        return user

    def rows():
        with database.read() as session:
            return {
                table.name: session.scalars(select(func.count()).select_from(table)).one()
                for table in Base.metadata.sorted_tables
            }

    use("grace")
    before = rows()
    ada = use("ada")
    assert rows() != before
    personal.delete_account(database, ada, PASSWORD)
    assert rows() == before


@pytest.mark.usefixtures("cheap_hashing")
def test_an_account_is_deleted_though_another_tab_goes_on(database, monkeypatch):
    monkeypatch.setattr(practice, "MOST_ATTEMPTS", math.inf)
    ada = accounts.sign_up(database, "ada", PASSWORD).id
    row = practice.start(database, ada, "mlp_params")

    def answer():
        for number in itertools.count():
            practice.check(database, ada, row.public_id, {"total": "1"}, f"k{number}")

    with ThreadPoolExecutor() as tabs:
        others = [tabs.submit(answer) for _ in range(2)]
        while not _attempts(database):
            time.sleep(0.01)
        personal.delete_account(database, ada, PASSWORD)
        assert all(isinstance(other.exception(), NotFound) for other in others)
    assert _attempts(database) == 0


def _attempts(database):
    with database.read() as session:
        return session.scalars(select(func.count()).select_from(Attempt)).one()


def test_deleting_needs_the_password(app, student):
    answer = student.post("/account/delete", {"password": "wrong"}, page="/account")
    assert answer.status_code == 422
    assert count(app, User) == 1
    submit(student)
    gone = student.post("/account/delete", {"password": PASSWORD}, page="/account").location
    assert "Your account is deleted" in student.get(gone).text
    assert count(app, User) == 0
    assert student.get("/account").status_code == 302
