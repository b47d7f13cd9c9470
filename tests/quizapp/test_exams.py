"""Mock exams by the service: the clock, what is kept, and an end that needs nobody."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import select
from visitor import right_answers

from quizapp.db.models import Attempt, Run, RunItem, Variant
from quizapp.errors import Conflict, Invalid, NotFound
from quizapp.services import accounts, courses, exams, personal, practice, runs, timekeeping

CHOICE = runs.Choice(topics=("metrics", "mlp"), difficulties=(), questions=4)
keys = count()


@pytest.fixture
def ada(database, cheap_hashing):
    return accounts.sign_up(database, "ada", "a long password").id


def begin(database, user_id, minutes=30, key=None):
    return runs.start(database, user_id, "exam", CHOICE, key or f"k{next(keys)}", minutes)


def shift(database, run, **by):
    """Let time pass: set the exam's moments back."""
    with database.write() as session:
        passed = timedelta(**by)
        for column in (Run.ends_at, Run.seen_at):
            row = session.get(Run, run.id)
            value = getattr(row, column.key)
            if value is not None:
                setattr(row, column.key, value - passed)


def items(database, run):
    with database.read() as session:
        return session.scalars(
            select(RunItem).where(RunItem.run_id == run.id).order_by(RunItem.position)
        ).all()


def variant(database, item):
    with database.read() as session:
        return session.get(Variant, item.variant_id)


def answer(database, user_id, run, position):
    row = variant(database, items(database, run)[position - 1])
    return exams.save(database, user_id, run.public_id, position, right_answers(row))


def test_the_problems_of_an_exam_are_nowhere_else_until_it_is_handed_in(database, ada):
    run = begin(database, ada)
    names = [variant(database, item).public_id for item in items(database, run)]
    with database.read() as session:
        assert practice.history(session, ada) == []
        assert practice.progress(session, ada) == {}
    for name in names:
        with database.rows() as connection, pytest.raises(NotFound):
            practice.find(connection, ada, name)
        with pytest.raises(NotFound):
            practice.check(database, ada, name, {"total": "1"}, "k")
        with database.write() as session, pytest.raises(NotFound):
            practice.show_solution(session, ada, name)
    exams.hand_in(database, ada, run.public_id)
    with database.rows() as connection:
        assert all(practice.find(connection, ada, name).solution_shown_at for name in names)


def test_what_was_saved_is_marked_once_and_blanks_score_nothing(database, ada):
    run = begin(database, ada)
    answer(database, ada, run, 1)
    answer(database, ada, run, 2)
    exams.save(database, ada, run.public_id, 3, {"no such part": "1"})
    for _ in range(2):
        exams.hand_in(database, ada, run.public_id)
    exams.mark(database, run.id)
    with database.read() as session:
        assert session.scalars(select(Attempt.score)).all() == [1.0, 1.0]
        assert [summary.score for summary in exams.finished(session, ada)] == [0.5]
    found = exams.results(exams.find(database, ada, run.public_id))
    assert [result.score for result in found] == [1, 1, 0, 0]
    assert exams.score(found) == 0.5


def test_a_crash_between_handing_in_and_marking_loses_nothing(database, ada, monkeypatch):
    run = begin(database, ada)
    answer(database, ada, run, 1)
    monkeypatch.setattr(exams, "mark", lambda *_: None)
    exams.hand_in(database, ada, run.public_id)
    monkeypatch.undo()
    assert exams.hand_in_overdue(database) == 1
    assert exams.hand_in_overdue(database) == 0
    assert exams.score(exams.results(exams.find(database, ada, run.public_id))) == 0.25


def test_parts_that_are_not_sent_stay_as_they_are(database, ada):
    run = begin(database, ada)
    exams.save(database, ada, run.public_id, 1, dict.fromkeys(_parts(database, run, 1), "1"))
    part = _parts(database, run, 1)[0]
    exams.save(database, ada, run.public_id, 1, {part: "2"})
    exams.save(database, ada, run.public_id, 1, {})
    kept = items(database, run)[0].responses
    assert kept == dict.fromkeys(_parts(database, run, 1), "1") | {part: "2"}


def _parts(database, run, position):
    return list(variant(database, items(database, run)[position - 1]).document["parts"])


def test_the_server_ends_the_exam(database, ada):
    run = begin(database, ada, minutes=30)
    answer(database, ada, run, 1)
    shift(database, run, minutes=30, seconds=-1)
    assert answer(database, ada, run, 2).left <= timedelta(seconds=1)
    shift(database, run, seconds=3)
    assert answer(database, ada, run, 3).left == timedelta()  # typed before, sent after
    shift(database, run, seconds=10)
    with pytest.raises(Conflict, match="over"):
        answer(database, ada, run, 4)
    found = exams.find(database, ada, run.public_id)
    assert found.handed_in_at == found.ends_at
    assert exams.score(exams.results(found)) == 0.75


def test_an_exam_that_nobody_comes_back_to_is_handed_in(database, ada):
    run = begin(database, ada)
    answer(database, ada, run, 1)
    assert exams.hand_in_overdue(database) == 0
    shift(database, run, hours=2)
    assert exams.hand_in_overdue(database) == 1
    with database.read() as session:
        assert len(exams.finished(session, ada)) == 1
        assert runs.exam_under_way(session, ada) is None


def test_an_exam_that_cannot_be_marked_keeps_no_other_waiting(database, ada, monkeypatch, caplog):
    overdue: list[Run] = []
    for _ in range(3):
        overdue.append(begin(database, ada))
        shift(database, overdue[-1], hours=2)
    mark = exams.mark

    def fail_for_some(database, run_id):
        if run_id == overdue[0].id:
            raise ValueError("a fault of ours")
        if run_id == overdue[1].id:
            raise NotFound("deleted meanwhile")
        mark(database, run_id)

    monkeypatch.setattr(exams, "mark", fail_for_some)
    exams.hand_in_overdue(database)
    with database.read() as session:
        assert [exam.run.id for exam in exams.finished(session, ada)] == [overdue[2].id]
    assert "a fault of ours" in caplog.text


def test_an_exam_that_was_deleted_meanwhile_is_not_there(database, ada):
    run = begin(database, ada)
    personal.delete_account(database, ada, "a long password")
    with pytest.raises(NotFound):
        exams.mark(database, run.id)


def test_nothing_is_saved_after_it_was_handed_in(database, ada):
    run = begin(database, ada)
    exams.hand_in(database, ada, run.public_id)
    with pytest.raises(Conflict):
        answer(database, ada, run, 1)


def test_time_is_counted_for_the_problem_that_is_open_and_not_for_a_pause(database, ada):
    run = begin(database, ada)
    exams.save(database, ada, run.public_id, 1, {})
    shift(database, run, seconds=20)
    exams.save(database, ada, run.public_id, 2, {})
    shift(database, run, minutes=10)
    exams.save(database, ada, run.public_id, 2, {})
    first, second, *_ = (item.seconds for item in items(database, run))
    assert 20 <= first < 25
    assert second == timekeeping.LONGEST_LOOK.total_seconds()


def test_a_form_sent_twice_starts_one_exam(database, ada):
    first = begin(database, ada, key="same")
    exams.hand_in(database, ada, first.public_id)
    assert begin(database, ada, key="same").id == first.id
    assert begin(database, ada, minutes=31, key="same").id != first.id


def test_an_exam_is_its_students_own(database, ada):
    run = begin(database, ada)
    eve = accounts.sign_up(database, "eve", "a long password").id
    for attack in (
        lambda: exams.find(database, eve, run.public_id),
        lambda: exams.save(database, eve, run.public_id, 1, {}),
        lambda: exams.hand_in(database, eve, run.public_id),
        lambda: exams.find(database, ada, "x" * 5000),
        lambda: exams.save(database, ada, run.public_id, 99, {}),
    ):
        with pytest.raises(NotFound):
            attack()


@pytest.mark.parametrize(
    "wanted",
    [
        {"topics": ("none",)},
        {"difficulties": (7,)},
        {"questions": 0},
        {"questions": 41},
    ],
)
def test_a_choice_that_cannot_be_is_refused_with_a_sentence(wanted):
    with pytest.raises(Invalid):
        runs.Choice(**({"topics": (), "difficulties": (), "questions": 3} | wanted))


@pytest.mark.parametrize("minutes", [None, 0, -1, 301])
def test_an_exam_needs_its_minutes(database, ada, minutes):
    with pytest.raises(Invalid, match="minutes"):
        begin(database, ada, minutes)


def test_topics_take_turns_and_no_problem_comes_twice_while_others_are_left():
    chosen = runs.interleaved(runs.Choice(("metrics", "mlp"), (), 8))
    topics = [family.question.topic for family in chosen]
    assert {topics.count("metrics"), topics.count("mlp")} == {4} or len(set(topics)) == 2
    assert all(a != b for a, b in zip(topics[:4:2], topics[1:4:2], strict=True))
    few = [family.slug for family in runs.Choice(("metrics",), (), 1).by_topic()[0]]
    many = [f.slug for f in runs.interleaved(runs.Choice(("metrics",), (), len(few) + 1))]
    assert sorted(many[: len(few)]) == sorted(few)


def test_the_midterm_of_the_demonstration_is_one_that_can_be_drawn():
    midterm = dict(courses.DEMONSTRATION_MIDTERM)
    runs.check_minutes(midterm.pop("minutes"))
    assert runs.Choice(**{**midterm, "topics": tuple(midterm["topics"])}).by_topic()


def test_a_course_says_what_its_midterm_is_like(database, ada):
    with database.write() as session:
        courses.add(session, "nlp", "NLP")
        courses.enrol(session, "nlp", "ada", "student")
        assert courses.midterms(session, ada) == []
        runs.set_midterm(session, "nlp", CHOICE, 50)
    with database.read() as session:
        [course] = courses.midterms(session, ada)
    assert course.midterm == CHOICE.to_json() | {"minutes": 50}
    with database.write() as session, pytest.raises(Invalid):
        runs.set_midterm(session, "nlp", CHOICE, 0)


def test_exams_begun_at_the_same_moment_are_one(database, ada):
    with ThreadPoolExecutor(3) as threads:
        begun = list(threads.map(lambda _: begin(database, ada).id, range(3)))
    assert len(set(begun)) == 1
    with database.read() as session:
        assert session.scalars(select(Run.id)).all() == begun[:1]


def test_a_run_is_not_begun_for_an_account_that_is_gone(database):
    with pytest.raises(NotFound):
        begin(database, 12345)
