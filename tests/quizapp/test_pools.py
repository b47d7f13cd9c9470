"""Drawing ahead: distinct variants that both engines have proven, and none for a stale question."""

import pytest
from direct_box import DirectBox, work
from quiz_rows import add_course, member
from sqlalchemy import select

from grader.authoring.inside import answer
from quizapp.db.models import BoxJob, PoolVariant, Problem, ProblemVersion, Quiz
from quizapp.services import authoring, box_jobs, box_work, pools, quiz_items, quizzes


class Says:
    """A box that answers what a test wants it to, from what the real one said."""

    def __init__(self, change):
        self.change = change

    def ask(self, request):
        return self.change(answer(request))


@pytest.fixture
def ines(database):
    with database.write() as session:
        add_course(session)
    return member(database, "ines")


def add(database, ines, source, wanted=25, **pins):
    """Make a quiz of one question; return its id and the question's."""
    with database.write() as session:
        quiz = quizzes.create(session, ines, "Week 3")
        quiz.variants = wanted
        session.flush()
        item = quiz_items.add(session, ines, quiz.public_id, quiz.sections[0].id, source)
        if pins:
            quiz_items.set_pins(session, ines, quiz.public_id, item.id, pins)
        return quiz.public_id, item.id


def documents(database):
    with database.read() as session:
        return session.scalars(select(PoolVariant.document)).all()


def pool(database, ines, quiz):
    with database.read() as session:
        row = quizzes.find(session, ines.course_id, quiz)
        [found] = pools.of_items(session, quizzes.items_of(row)).values()
        return found


def test_a_question_gets_as_many_distinct_variants_as_the_quiz_wants(database, ines):
    quiz, _ = add(database, ines, "family/mlp_params", wanted=25)
    assert not pool(database, ines, quiz).complete
    work(database)
    found = documents(database)
    assert len({str(document["params"]) for document in found}) == len(found) == 25
    assert pool(database, ines, quiz) == pools.Pool(25, 25, drawing=False, error=None, proven=True)


def test_a_family_with_few_variants_gives_what_it_has(database, ines):
    quiz, _ = add(
        database,
        ines,
        "family/conv_params",
        wanted=40,
        in_channels="3",
        kernel_width="5",
        out_channels="8",
        kernel_height="3",
    )
    work(database)
    found = pool(database, ines, quiz)
    assert found.complete
    assert all(document["params"]["kernel_width"] == 5 for document in documents(database))


def test_a_changed_pin_draws_anew_and_what_was_under_way_is_dropped(database, ines):
    quiz, item = add(database, ines, "family/mlp_params", wanted=45)
    box_work.work(database, DirectBox())
    with database.read() as session:
        stale = session.scalars(select(BoxJob)).one()
    with database.write() as session:
        quiz_items.set_points(session, ines, quiz, item, 2.0)
        quiz_items.redraw(session, ines, quiz, item)
    assert documents(database) == []
    assert pools.draw_slice(database, DirectBox(), stale).finished
    work(database)
    assert pool(database, ines, quiz).ready == 45


def test_engines_that_disagree_end_the_work_with_the_seed(database, ines):
    quiz, _ = add(database, ines, "family/mlp_params")

    def disagree(said):
        said["drawn"][3] |= {"agrees": False, "detail": "numpy says 3, torch says 4"}
        return said

    work(database, Says(disagree))
    found = pool(database, ines, quiz)
    assert documents(database) == []
    assert "disagree at seed" in found.error
    assert "torch says 4" in found.error
    assert not found.complete


def test_a_fault_of_the_author_is_shown_with_its_place(database, ines):
    quiz, _ = add(database, ines, "family/mlp_params")
    fault = {"message": "division by zero", "file": "family.py", "line": 7, "seed": 12}
    work(database, Says(lambda said: said | {"drawn": [{"error": fault}]}))
    assert pool(database, ines, quiz).error == "family.py, line 7: division by zero (seed 12)"


def test_variants_that_reward_a_mistake_are_thrown_away(database, ines):
    quiz, _ = add(database, ines, "family/mlp_params")

    def spoil(said):
        for drawn in said["drawn"]:
            drawn["variant"]["ambiguous"] = ["forgot-bias"]
        return said

    work(database, Says(spoil))
    assert documents(database) == []
    assert "known mistake" in pool(database, ines, quiz).error


def test_a_family_without_a_witness_is_drawn_and_says_so(database, ines):
    quiz, _ = add(database, ines, "family/mlp_params")

    def without(said):
        for drawn in said["drawn"]:
            drawn["agrees"] = None
        return said

    work(database, Says(without))
    assert pool(database, ines, quiz).complete
    assert not pool(database, ines, quiz).proven


def test_a_published_version_has_a_pool_for_practice(database, ines):
    _, files = authoring.starting_files("family/mlp_params")
    with database.write() as session:
        problem = Problem(course_id=ines.course_id, slug="own", kind="family")
        version = ProblemVersion(problem=problem, number=3, files=files, saved_by="ines")
        session.add(version)
        session.flush()
        request = {"version_id": version.id, "wanted": 30}
        box_jobs.enqueue(session, ines.course_id, "draw", request, 30)
    work(database)
    found = documents(database)
    assert len(found) == 30
    assert {(document["family"], document["version"]) for document in found} == {("own", 3)}


def test_a_question_that_was_removed_meanwhile_is_no_fault(database, ines):
    quiz, item = add(database, ines, "family/mlp_params")
    with database.write() as session:
        quiz_items.remove(session, ines, quiz, item)
    work(database)
    with database.read() as session:
        assert session.scalars(select(BoxJob.state)).all() == ["done"]
        assert session.scalars(select(Quiz)).one().sections[0].items == []


def test_a_quiz_has_no_variant_whose_key_is_seen_in_practice(database, ines):
    source = authoring.starting_files("starter/declared")[1]["question.md"]
    few = source.replace("to: 90", "to: 22").replace("[3, 5, 7]", "[3]").replace("to: 4", "to: 3")
    with database.write() as session:
        problem = authoring.create(session, ines, "length", "family", {"question.md": few})
        version = problem.versions[0]
        version.published_at = version.saved_at
        session.flush()
        box_jobs.enqueue(
            session, ines.course_id, "draw", {"version_id": version.id, "wanted": 9}, 9
        )
    work(database)
    add(database, ines, f"version/{version.id}", wanted=40)
    work(database)
    practised, asked = [], []
    with database.read() as session:
        for row in session.scalars(select(PoolVariant)):
            (practised if row.version_id else asked).append(str(row.document["params"]))
    assert len(practised) == 9
    assert asked
    assert not {*practised} & {*asked}
