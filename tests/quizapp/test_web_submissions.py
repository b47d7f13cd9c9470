"""A student's own submissions: taken back, compared, graded anew; and a long queue."""

import re
import secrets

import pytest
from sqlalchemy import event
from visitor import VERDICT, Visitor, count, database, grade_next, submit

from grader import catalog, comparison
from grader.cases import draw_cases
from grader.core import Verdict
from grader.wire import Answer
from quizapp.db.models import Submission, User
from quizapp.services import jobs, regrade_queue, submissions

SLUG = "lstm_forget_gate"
TARGET = submissions.Target(SLUG, 1)
LONG_QUEUE = 1000


def public_id(answer):
    return answer.location.rsplit("/", 1)[1]


def compare(student, old, new):
    return student.get("/submissions/compare", query_string={"old": old, "new": new})


def test_a_submission_that_waits_is_taken_back(app, student):
    address = submit(student).location
    assert "Take it back" in student.get(address).text
    assert student.post(f"{address}/cancel", page=address).location == address
    assert "was taken back, and is not graded" in student.get(address).text
    assert student.post(f"{address}/cancel", page=address).location == address  # a double click
    assert "taken back" in student.get("/tasks/" + SLUG).text
    with database(app).read() as session:
        assert not jobs.waiting(session)


def test_a_graded_submission_is_not_taken_back(app, student):
    address = submit(student).location
    grade_next(app, **VERDICT)
    assert "Take it back" not in student.get(address).text
    answer = student.post(f"{address}/cancel", page="/tasks/" + SLUG)
    assert answer.status_code == 409
    assert "can no longer be taken back" in answer.text
    assert "Not right yet" in student.get(address).text


def test_nobody_takes_back_or_compares_anothers_submission(app, student):
    mine, theirs = submit(student), submit(Visitor(app).sign_up())
    answer = student.post(f"{theirs.location}/cancel", page="/tasks/" + SLUG)
    assert answer.status_code == 404
    for pair in ((mine, theirs), (theirs, mine)):
        assert compare(student, *map(public_id, pair)).status_code == 404
    assert student.get("/submissions/compare").status_code == 404
    with database(app).read() as session:
        assert len(jobs.in_state(session, "queued")) == 2


def test_two_submissions_are_set_side_by_side(app, student):
    old = public_id(submit(student, "import numpy\nx = '<b>'\nsame = 1\n"))
    new = public_id(submit(student, "import numpy\nx = '<i>'\nsame = 1\nmore = 2\n"))
    page = compare(student, old, new).text
    assert "1 line removed (−), 2 added (+)" in page
    for text in ("&lt;b&gt;", "&lt;i&gt;", "removed: ", "added: ", "more = 2"):
        assert text in page
    assert "<b>" not in page
    assert "the lines are the same" in compare(student, new, new).text


@pytest.mark.parametrize("where", ["task", "submission"])
def test_the_last_two_are_offered_for_comparison(student, where):
    old = public_id(submit(student, "a = 1"))
    path = "/tasks/" + SLUG
    assert "Show the difference" not in student.get(path).text
    new = public_id(submit(student, "a = 2"))
    page = student.get(path if where == "task" else f"/submissions/{new}").text
    assert re.findall(r'<option value="([^"]+)" selected', page) == [old, new]


def test_submissions_to_different_tasks_are_not_compared(student):
    old, new = submit(student), submit(student, task="lstm_step")
    answer = compare(student, public_id(old), public_id(new))
    assert answer.status_code == 422
    assert "different tasks" in answer.text


def test_a_regrade_shows_the_new_grade_and_when_there_was_another(app, student):
    address = submit(student).location
    grade_next(app, **VERDICT)
    assert regrade_queue.enqueue(database(app), SLUG, 2) == 1
    waiting = student.get(address).text
    assert "will be graded anew" in waiting
    assert "Not right yet" in waiting
    assert "Take it back" not in waiting
    assert student.post(f"{address}/cancel", page=address).status_code == 409
    grade_next(app, **VERDICT | {"verdict": "accepted", "score": 1.0, "mistake": None})
    page = student.get(address).text
    assert "Accepted." in page
    assert "Earlier grades" in page
    assert "not right yet, 50 %" in page
    assert "solved" in student.get("/tasks").text


def test_the_verdict_page_says_what_was_measured_and_that_it_does_not_count(app, student):
    address = submit(student).location
    case = VERDICT["cases"][0] | {"max_relative_error": 0.5, "share_different": 0.5}
    grade_next(app, **VERDICT | {"memory_bytes": 3 * 2**20, "cases": [case]})
    page = re.sub(r"\s+", " ", student.get(address).text)
    assert "relative to what was expected 0.5; 50 % of the numbers differ" in page
    assert "2 ms of processor time and 3.0 MiB of memory, which does not count" in page
    assert "float64 (1, 2)" in page


def off_by_one(task):
    """Return the verdict's document on code whose every number is too large by one."""
    cases = [
        comparison.judge(
            task,
            case,
            Answer("R", index, "", tuple(e + 1 for e in case.expected), len(case.expected) > 1),
        )
        for index, case in enumerate(draw_cases(task, 7))
    ]
    message = cases[0].message
    return Verdict(task, "wrong", message, tuple(cases), cpu_s=0.01, memory_bytes=2**20).to_json()


@pytest.mark.parametrize("slug", ["perplexity", "lm_windows", "lstm_cell_module", "lstm_step"])
def test_the_verdict_page_serves_numbers_integers_and_modules(app, student, slug):
    document = off_by_one(catalog.task(slug))
    address = submit(student, task=slug).location
    grade_next(app, **document)
    page = re.sub(r"\s+", " ", student.get(address).text)
    visible = [case for case in document["cases"] if case["visible"]]
    assert visible
    for case in visible:
        place = case["first_difference"]
        index = f"[{', '.join(map(str, place['index']))}]" if place["index"] else ""
        assert f"{place['output']}{index} is " in page
    assert page.count("The largest error is 1") == len(visible)
    assert page.count("% of the numbers differ") == len(visible)
    hidden = len(document["cases"]) - len(visible)
    assert f"0 of {hidden} hidden cases are right" in page
    assert page.count("<h4>Expected</h4>") == page.count("<h4>Received</h4>") == len(visible)


class Work:
    """What the database does for a request: its statements, and SQLite's own steps in them."""

    STEPS_AT_ONCE = 10

    def __init__(self, engine):
        self.statements = self.steps = 0
        event.listen(engine, "before_cursor_execute", self._count_statement)
        event.listen(engine, "checkout", self._watch)

    def _count_statement(self, *_):
        self.statements += 1

    def _count_steps(self):
        self.steps += self.STEPS_AT_ONCE

    def _watch(self, connection, *_):
        connection.set_progress_handler(self._count_steps, self.STEPS_AT_ONCE)

    def of(self, student, path):
        student.get(path)  # what a first request loads is not asked again
        self.statements = self.steps = 0
        assert student.get(path).status_code == 200
        return self.statements, self.steps


def queue_up(app, submitted):
    """Queue submissions of many students, each with the largest source."""
    with database(app).write() as session:
        names = [secrets.token_hex(8) for _ in range(50)]
        users = [User(username=name, password_hash="-") for name in names]
        session.add_all(users)
        session.flush()
        for number in range(submitted):
            owner, key = users[number % len(users)].id, secrets.token_hex(8)
            submissions.submit(session, owner, TARGET, b"#" * 64 * 1024, key)


def test_a_thousand_queued_submissions_do_not_slow_the_pages(app, student):
    """Not by the clock: the database's statements and steps for each page stay what they were."""
    queue_up(app, jobs.FAR)
    for n in range(5):
        address = submit(student, f"x = {n}").location
    pages = ["/", "/history", "/tasks", "/tasks/" + SLUG, address, f"{address}/status", "/health"]
    work = Work(database(app).engines[0])
    before = {path: work.of(student, path) for path in pages}
    queue_up(app, LONG_QUEUE)
    assert count(app, Submission) > LONG_QUEUE
    waiting = student.get(f"{address}/status").text
    assert f"number {jobs.FAR} or later in the queue" in waiting
    for path, (statements, steps) in before.items():
        now = work.of(student, path)
        assert 0 < now[0] == statements <= 20, path
        assert steps > 0, path
        # Health counts the whole queue in its index: that is all a longer queue may cost.
        allowed = 20 * LONG_QUEUE if path == "/health" else 200
        assert now[1] <= steps + allowed, (path, steps, now[1])
