"""Practising, on both databases: what is kept, what counts, how far a student is."""

from datetime import timedelta

import pytest
from quiz_rows import add_course, add_person, member

from quizapp.db.engine import now
from quizapp.db.models import PoolVariant, Problem, ProblemVersion, User, Variant
from quizapp.errors import Conflict, Invalid, NotFound, TooMany
from quizapp.services import course_practice, practice, runs


@pytest.fixture
def ada(database):
    with database.write() as session:
        session.add(user := User(username="ada", password_hash="-"))
    return user.id


def right(row):
    return {part: spec["shown"] for part, spec in row.document["parts"].items()}


def test_an_answer_is_kept_with_its_mark_and_read_again(database, ada):
    row = practice.start(database, ada, "mlp_params")
    checked = practice.check(database, ada, row.public_id, {"total": "1", "junk": "x"}, "k1")
    assert checked.kept
    with database.rows() as connection:
        (attempt,) = practice.find(connection, ada, row.public_id).attempts
    assert attempt.responses == {"total": "1"}
    assert attempt.mark == checked.mark.to_json()
    assert attempt.created_at == checked.row.attempts[-1].created_at
    again = practice.check(database, ada, row.public_id, {"total": "1"}, "k1")
    assert len(again.row.attempts) == 1
    assert again.mark == checked.mark


def test_a_form_without_a_key_is_refused(database, ada):
    row = practice.start(database, ada, "mlp_params")
    with pytest.raises(Invalid, match="Reload the page"):
        practice.check(database, ada, row.public_id, {"total": "1"}, "")


def test_attempts_at_one_variant_come_to_an_end(database, ada, monkeypatch):
    monkeypatch.setattr(practice, "MOST_ATTEMPTS", 2)
    row = practice.start(database, ada, "mlp_params")
    for key in ("k1", "k2", "k1"):
        assert practice.check(database, ada, row.public_id, {"total": "1"}, key).kept
    with pytest.raises(Conflict, match="draw a new variant"):
        practice.check(database, ada, row.public_id, {"total": "1"}, "k3")
    assert not practice.check(database, ada, row.public_id, {"total": ""}, "k4").kept


def test_nothing_is_kept_once_the_solution_was_shown_even_in_between(database, ada, monkeypatch):
    row = practice.start(database, ada, "mlp_params")
    mark = practice.marking.mark

    def mark_while_the_solution_is_opened(*arguments):
        with database.write() as session:
            practice.show_solution(session, ada, row.public_id)
        return mark(*arguments)

    monkeypatch.setattr(practice.marking, "mark", mark_while_the_solution_is_opened)
    assert not practice.check(database, ada, row.public_id, right(row), "k1").kept
    monkeypatch.undo()
    assert not practice.check(database, ada, row.public_id, right(row), "k2").kept
    with database.rows() as connection:
        assert practice.find(connection, ada, row.public_id).attempts == ()


def test_progress_counts_variants_and_the_solved_ones_among_them(database, ada):
    first, second, _ = (practice.start(database, ada, "mlp_params") for _ in range(3))
    practice.start(database, ada, "lstm_hidden")
    practice.check(database, ada, first.public_id, {"total": "1"}, "k1")
    practice.check(database, ada, first.public_id, right(first), "k2")
    practice.check(database, ada, second.public_id, {"total": "1"}, "k3")
    with database.read() as session:
        assert practice.progress(session, ada) == {
            "mlp_params": practice.Progress(3, 1),
            "lstm_hidden": practice.Progress(1, 0),
        }
        assert len(practice.history(session, ada)) == 4
        assert len(practice.history(session, ada, practice.Wanted(family="lstm_hidden"))) == 1


def test_an_open_variant_is_gone_on_with_and_a_finished_one_is_not(database, ada):
    row = practice.start(database, ada, "mlp_params")
    assert practice.proceed(database, ada, "mlp_params").id == row.id
    practice.check(database, ada, row.public_id, right(row), "k1")
    assert practice.proceed(database, ada, "mlp_params").id != row.id


def test_hints_open_as_far_as_there_are_any(database, ada):
    row = practice.start(database, ada, "conv_params")
    for _ in range(5):
        with database.write() as session:
            shown = practice.show_hint(session, ada, row.public_id).hints_shown
    assert shown == len(row.document["hints"])


@pytest.mark.parametrize("public_id", ["nope", "", "\x00", "a" * 100, "../x"])
def test_there_is_no_other_variant(database, ada, public_id):
    with database.rows() as connection, pytest.raises(NotFound):
        practice.find(connection, ada, public_id)


@pytest.mark.parametrize("slug", ["nope", "\x00"])
@pytest.mark.parametrize("begin", [practice.start, practice.proceed])
def test_there_is_no_other_family(database, ada, begin, slug):
    with pytest.raises(NotFound):
        begin(database, ada, slug)


@pytest.fixture
def two_an_hour(monkeypatch):
    monkeypatch.setattr(practice, "MOST_IN_AN_HOUR", 2)


def test_new_variants_come_to_an_end_until_the_hour_is_over(database, ada, two_an_hour):
    drawn = [practice.start(database, ada, "mlp_params") for _ in range(2)]
    with pytest.raises(TooMany, match=r"in (59|60) minutes"):
        practice.start(database, ada, "conv_params")
    assert practice.proceed(database, ada, "mlp_params").id == drawn[-1].id
    with database.write() as session:
        session.get_one(Variant, drawn[0].id).created_at -= timedelta(minutes=45)
    with pytest.raises(TooMany, match=r"in 1[45] minutes"):
        practice.start(database, ada, "conv_params")
    with database.write() as session:
        session.get_one(Variant, drawn[0].id).created_at -= timedelta(minutes=15)
    practice.start(database, ada, "conv_params")


def test_who_draws_much_keeps_nobody_else_from_it(database, ada, two_an_hour):
    with database.write() as session:
        session.add(grace := User(username="grace", password_hash="-"))
    for _ in range(2):
        practice.start(database, ada, "mlp_params")
    practice.start(database, grace.id, "mlp_params")


def test_a_mix_counts_with_all_its_problems_and_is_whole(database, ada, two_an_hour):
    three = runs.Choice((), (), 3)
    mix = runs.start(database, ada, "mixed", three, "k1")
    assert len(mix.items) == 3
    assert runs.start(database, ada, "mixed", three, "k1").id == mix.id
    with pytest.raises(TooMany):
        runs.start(database, ada, "exam", three, "k2", 10)
    with pytest.raises(TooMany):
        practice.start(database, ada, "mlp_params")


def test_the_variants_of_a_courses_own_problem_count_too(database, two_an_hour):
    drawn = practice.draw(0, "mlp_params")
    with database.write() as session:
        add_person(session, course := add_course(session), "ada")
        problem = Problem(course_id=course.id, slug="layer", kind="family")
        problem.versions.append(
            ProblemVersion(number=1, files={}, saved_by="ines", published_at=now(session))
        )
        session.add(problem)
        session.flush()
        version = problem.versions[0].id
        session.add(PoolVariant(version_id=version, seed=drawn.seed, document=drawn.document))
    ada = member(database, "ada")
    practice.start(database, ada.user_id, "mlp_params")
    with database.write() as session:
        course_practice.start(session, ada, "layer")
    with database.write() as session, pytest.raises(TooMany, match="draw new ones"):
        course_practice.start(session, ada, "layer")
    with database.write() as session:
        assert course_practice.proceed(session, ada, "layer").version_id == version


def test_the_history_is_filtered_and_goes_on_page_by_page(database, ada):
    solved, wrong, untried = (
        practice.start(database, ada, slug) for slug in ("mlp_params", "conv_params", "mlp_params")
    )
    practice.check(database, ada, solved.public_id, right(solved), "k1")
    practice.check(database, ada, wrong.public_id, dict.fromkeys(right(wrong), "1"), "k2")

    def listed(limit=50, **wanted):
        with database.read() as session:
            rows = practice.history(session, ada, practice.Wanted(**wanted), limit)
        return [row.public_id for row in rows]

    everything = [untried.public_id, wrong.public_id, solved.public_id]
    assert listed() == everything
    assert listed(state="solved") == [solved.public_id]
    assert listed(state="wrong") == [wrong.public_id]
    assert listed(state="open") == [untried.public_id]
    assert listed(topic="cnn") == [wrong.public_id]
    assert listed(topic="nonsense") == []
    assert listed(state="nonsense") == everything
    assert listed(limit=2) == everything[:2]
    assert listed(before=everything[1]) == everything[2:]
    for nothing in ("nobody's", "nobodys", "", "\x00"):
        assert listed(before=nothing) == []
