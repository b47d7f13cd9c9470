"""Marking a question anew: a dry run that says why, applied once nothing changed, and undone."""

import pytest
from direct_box import work
from quiz_rows import add_course, add_person, add_quiz, member
from sqlalchemy import delete, select

from grader.authoring.inside import answer
from problems import catalog
from quizapp.db.models import (
    Answer,
    BoxJob,
    Course,
    LogEntry,
    Override,
    PoolVariant,
    Problem,
    ProblemVersion,
    Quiz,
    QuizItem,
    Regrade,
    RegradeMark,
    RegradeVariant,
    SittingItem,
)
from quizapp.errors import Conflict, Invalid, NotFound
from quizapp.services import (
    authoring,
    corrections,
    quizzes,
    regrading,
    scores,
    sittings,
    starting,
)

WRONG_FILES = authoring.starting_files("family/mlp_params")[1]


class Box:
    """The box without its walls; its keys are one more where the test says so."""

    def __init__(self, more=0):
        self.more = more

    def ask(self, request):
        said = answer(request)
        for drawn in said["drawn"]:
            spec = drawn["variant"]["parts"]["total"]
            spec["key"] += self.more
            spec["shown"] = str(spec["key"])
        return said


@pytest.fixture
def quiz(database):
    """A quiz of one question that ada answers rightly, eve one too high, and bob not at all."""
    with database.write() as session:
        course = add_course(session)
        for name in ("ada", "eve", "bob"):
            add_person(session, course, name)
        name = add_quiz(session, course, "mlp_params", size=2).public_id
    for username, more in (("ada", 0), ("eve", 1), ("bob", None)):
        sitting = starting.start(database, member(database, username), name)
        if more is not None:
            answer_with(database, sitting, more)
        sittings.hand_in(database, sitting.user_id, sitting.public_id)
    return name


def answer_with(database, sitting, more):
    with database.read() as session:
        row = session.scalars(select(SittingItem).where(SittingItem.sitting_id == sitting.id)).one()
        key = row.variant.document["parts"]["total"]["key"]
    typed = {"total": str(key + more)}
    sittings.save(database, sitting.user_id, sitting.public_id, 1, typed)


@pytest.fixture
def ines(database, quiz):
    return member(database, "ines")


def prepare(database, ines, quiz, *, rule="newest", never_lower=False, more=1, box=None):
    with database.write() as session:
        item = session.scalars(select(QuizItem.id)).one()
        found = regrading.prepare(session, ines, quiz, item, rule, never_lower=never_lower)
        name = found.public_id
    work(database, box or Box(more))
    return name


def lines(database, ines, quiz, name):
    with database.read() as session:
        row = quizzes.find(session, ines.course_id, quiz)
        found = regrading.dry_run(session, row, regrading.find(session, row, name))
    return {line.username: line for line in found}


def points(database, ines, quiz):
    with database.read() as session:
        row = quizzes.find(session, ines.course_id, quiz)
        folded = scores.by_sitting(session.connection(), row.id)
    return [items[0].points for _, items in sorted(folded.items())]


def do(database, verb, *arguments):
    with database.write() as session:
        verb(session, *arguments)


def test_a_dry_run_says_whose_marks_change_from_what_to_what_and_why(database, ines, quiz):
    name = prepare(database, ines, quiz)
    found = lines(database, ines, quiz, name)
    assert set(found) == {"ada", "eve"}
    assert (found["ada"].before, found["ada"].after) == (1.0, 0.0)
    assert (found["eve"].before, found["eve"].after) == (0.0, 1.0)
    [reason] = found["eve"].reasons
    assert "is now right: the key is" in reason
    assert ", it was " in reason
    assert points(database, ines, quiz) == [1.0, 0.0, 0.0]


def test_it_is_applied_logged_and_undone(database, ines, quiz):
    name = prepare(database, ines, quiz)
    do(database, regrading.apply, ines, quiz, name)
    assert points(database, ines, quiz) == [0.0, 1.0, 0.0]
    do(database, regrading.apply, ines, quiz, name)
    do(database, regrading.undo, ines, quiz, name)
    do(database, regrading.undo, ines, quiz, name)
    assert points(database, ines, quiz) == [1.0, 0.0, 0.0]
    with database.read() as session:
        actions = session.scalars(select(LogEntry.action)).all()
        texts = session.scalars(select(LogEntry.text).order_by(LogEntry.id)).all()
        row = session.scalars(select(Regrade)).one()
    assert actions == ["regrade.apply", "regrade.undo"]
    what = "“mlp_params” of “Week 3” by the newest version"
    assert texts[0] == f"Regraded {what}: 1 raised, 1 lowered."
    assert texts[1].startswith(f"Undid the regrade of {what}, of ")
    assert (row.applied_by, row.undone_by) == ("ines", "ines")


def test_never_lower_keeps_what_somebody_has(database, ines, quiz):
    name = prepare(database, ines, quiz, never_lower=True)
    found = lines(database, ines, quiz, name)
    assert (found["ada"].after, found["eve"].after) == (1.0, 1.0)
    assert "none is lowered" in found["ada"].reasons[0]
    do(database, regrading.apply, ines, quiz, name)
    assert points(database, ines, quiz) == [1.0, 1.0, 0.0]


def test_everybody_who_answered_gets_full_points(database, ines, quiz):
    name = prepare(database, ines, quiz, rule="full")
    do(database, regrading.apply, ines, quiz, name)
    assert points(database, ines, quiz) == [1.0, 1.0, 0.0]


def test_a_newer_version_that_changes_nothing_changes_no_mark(database, ines, quiz):
    name = prepare(database, ines, quiz, more=0)
    found = lines(database, ines, quiz, name)
    assert all(line.before == line.after and not line.reasons for line in found.values())


def test_a_part_that_was_not_asked_is_named_as_the_reason(database, ines, quiz):
    class Renaming:
        def ask(self, request):
            said = answer(request)
            for drawn in said["drawn"]:
                variant = drawn["variant"] | {"mistakes": []}
                parts = {"sum": variant["parts"]["total"]}
                drawn["variant"] = variant | {"parts": parts}
            return said

    name = prepare(database, ines, quiz, box=Renaming())
    found = lines(database, ines, quiz, name)
    assert (found["ada"].before, found["ada"].after) == (1.0, 0.0)
    assert found["ada"].reasons == ("sum was not asked, and is blank.",)


def test_files_that_fail_at_a_variant_fail_only_where_somebody_has_it(database, ines, quiz):
    class Failing(Box):
        def ask(self, request):
            said = super().ask(request)
            error = {"message": "Too small.", "file": None, "line": None, "seed": None}
            said["drawn"][self.at] = {"error": error}
            return said

    with database.write() as session:
        given = set(session.scalars(select(SittingItem.variant_id)))
        item = session.scalars(select(QuizItem.id)).one()
        document = catalog.family("mlp_params").variant(7, {}).to_json()
        session.add(PoolVariant(item_id=item, seed=7, document=document))
        session.flush()
        pool = session.scalars(select(PoolVariant.id).order_by(PoolVariant.id)).all()
    box = Failing(1)
    box.at = len(pool) - 1
    do(database, regrading.apply, ines, quiz, prepare(database, ines, quiz, box=box))
    assert points(database, ines, quiz) == [0.0, 1.0, 0.0]
    box.at = next(place for place, key in enumerate(pool) if key in given)
    with pytest.raises(Conflict, match="still being computed"):
        do(database, regrading.apply, ines, quiz, prepare(database, ines, quiz, box=box))


def test_an_override_survives_and_is_listed_as_untouched(database, ines, quiz):
    with database.write() as session:
        answered = session.scalars(select(Answer).order_by(Answer.id)).first()
        row = {"points": 0.25, "comment": "late", "actor": "ines"}
        session.add(Override(sitting_item_id=answered.sitting_item_id, **row))
    name = prepare(database, ines, quiz)
    assert lines(database, ines, quiz, name)["ada"].untouched
    do(database, regrading.apply, ines, quiz, name)
    assert points(database, ines, quiz) == [0.25, 1.0, 0.0]


def test_an_answer_that_came_in_since_the_dry_run_is_marked_by_it_too(database, ines, quiz):
    name = prepare(database, ines, quiz)
    answer_late(database, quiz, "zoe", 1)
    assert points(database, ines, quiz) == [1.0, 0.0, 0.0, 0.0]
    do(database, regrading.apply, ines, quiz, name)
    assert points(database, ines, quiz) == [0.0, 1.0, 0.0, 1.0]
    do(database, regrading.undo, ines, quiz, name)
    assert points(database, ines, quiz) == [1.0, 0.0, 0.0, 0.0]


def test_it_is_not_applied_without_the_keys_of_what_came_in_since(database, ines, quiz):
    name = prepare(database, ines, quiz)
    answer_late(database, quiz, "zoe", 1)
    with database.write() as session:
        session.execute(delete(RegradeVariant))
    with pytest.raises(Conflict, match="Compute it again"):
        do(database, regrading.apply, ines, quiz, name)


def answer_late(database, quiz, username, more):
    """Let somebody begin the quiz, which is still open, and hand in one answer."""
    with database.write() as session:
        add_person(session, session.scalars(select(Course)).one(), username)
    sitting = starting.start(database, member(database, username), quiz)
    answer_with(database, sitting, more)
    sittings.hand_in(database, sitting.user_id, sitting.public_id)


@pytest.mark.parametrize(
    ("settings", "later"),
    [
        ({}, [0.0, 1.0]),
        ({"never_lower": True}, [0.0, 1.0]),  # there was no mark yet that could be lowered
        ({"rule": "full"}, [1.0, 1.0]),
    ],
    ids=["newest", "never lower", "full"],
)
def test_what_is_answered_later_is_marked_by_the_regrade_that_counts(
    database, ines, quiz, settings, later
):
    name = prepare(database, ines, quiz, **settings)
    do(database, regrading.apply, ines, quiz, name)
    for username, more in (("yan", 0), ("zoe", 1)):
        answer_late(database, quiz, username, more)
    assert points(database, ines, quiz)[3:] == later
    assert set(lines(database, ines, quiz, name)) == {"ada", "eve"}, "whose marks it changed"
    do(database, regrading.undo, ines, quiz, name)
    assert points(database, ines, quiz)[3:] == [1.0, 0.0]


def test_a_later_answer_follows_each_regrade_so_that_any_can_be_undone(database, ines, quiz):
    first = prepare(database, ines, quiz)
    do(database, regrading.apply, ines, quiz, first)
    second = prepare(database, ines, quiz, more=2)
    do(database, regrading.apply, ines, quiz, second)
    answer_late(database, quiz, "zoe", 1)
    assert points(database, ines, quiz)[3] == 0.0
    do(database, regrading.undo, ines, quiz, second)
    assert points(database, ines, quiz)[3] == 1.0
    do(database, regrading.undo, ines, quiz, first)
    assert points(database, ines, quiz)[3] == 0.0


def test_a_later_check_says_at_once_what_the_regrade_makes_of_it(database, ines, quiz):
    with database.write() as session:
        session.scalars(select(Quiz)).one().feedback = "at_once"
    do(database, regrading.apply, ines, quiz, prepare(database, ines, quiz))
    with database.write() as session:
        add_person(session, session.scalars(select(Course)).one(), "zoe")
    sitting = starting.start(database, member(database, "zoe"), quiz)
    answer_with(database, sitting, 1)
    whose = (database, sitting.user_id, sitting.public_id, 1)
    typed = sittings.open_question(*whose).item.responses
    sittings.check(*whose, typed, "k")
    opened = sittings.open_question(*whose)
    with database.read() as session:
        [mark] = scores.marks_of(session, opened.answers).values()
    assert mark.score == 1.0


def test_it_is_not_applied_once_a_regrade_that_it_starts_from_was_undone(database, ines, quiz):
    first = prepare(database, ines, quiz)
    do(database, regrading.apply, ines, quiz, first)
    second = prepare(database, ines, quiz, more=0)
    assert lines(database, ines, quiz, second)["ada"].before == 0.0
    do(database, regrading.undo, ines, quiz, first)
    with pytest.raises(Conflict, match="Compute it again"):
        do(database, regrading.apply, ines, quiz, second)
    do(database, regrading.apply, ines, quiz, prepare(database, ines, quiz, more=0))
    assert points(database, ines, quiz) == [1.0, 0.0, 0.0]


def test_a_dry_run_takes_the_place_of_those_that_were_never_applied(database, ines, quiz):
    undone = prepare(database, ines, quiz)
    do(database, regrading.apply, ines, quiz, undone)
    do(database, regrading.undo, ines, quiz, undone)
    left, newest = (prepare(database, ines, quiz) for _ in range(2))
    with database.read() as session:
        assert set(session.scalars(select(Regrade.public_id))) == {undone, newest}
        for kept in (RegradeMark, RegradeVariant):
            rows = session.scalars(select(kept.regrade_id).distinct()).all()
            assert len(rows) == 2
    with pytest.raises(NotFound, match="newer dry run"):
        do(database, regrading.apply, ines, quiz, left)


def test_the_work_of_a_dry_run_that_was_replaced_adds_nothing_to_the_next(database, ines, quiz):
    with database.write() as session:
        item = session.scalars(select(QuizItem.id)).one()
        for _ in range(2):
            found = regrading.prepare(session, ines, quiz, item, "newest", never_lower=False)
        name = found.public_id
        jobs = session.scalars(select(BoxJob).order_by(BoxJob.id)).all()
    old, new = jobs[-2:]
    assert regrading.regrade_slice(database, None, old).finished
    with database.read() as session:
        found = regrading.find(session, quizzes.find(session, ines.course_id, quiz), name)
        assert (found.ready_at, found.settings["job"]) == (None, new.public_id)


def test_it_waits_for_its_dry_run_and_there_is_nothing_to_undo_before(database, ines, quiz):
    with database.write() as session:
        item = session.scalars(select(QuizItem.id)).one()
        name = regrading.prepare(session, ines, quiz, item, "newest", never_lower=False).public_id
    with pytest.raises(Conflict, match="computed"):
        do(database, regrading.apply, ines, quiz, name)
    with pytest.raises(Conflict, match="nothing to undo"):
        do(database, regrading.undo, ines, quiz, name)


def test_what_is_not_there_or_cannot_be_is_refused(database, ines, quiz):
    with database.read() as session:
        item = session.scalars(select(QuizItem.id)).one()
    with pytest.raises(Invalid):
        do(database, _prepare(ines, quiz, item, "other"))
    with pytest.raises(NotFound):
        do(database, _prepare(ines, quiz, item + 1, "full"))
    with pytest.raises(NotFound):
        do(database, regrading.apply, ines, quiz, "nothing")


def _prepare(ines, quiz, item, rule):
    return lambda session: regrading.prepare(session, ines, quiz, item, rule, never_lower=True)


def test_a_courses_own_problem_is_regraded_by_its_newest_published_version(database, ines, quiz):
    with database.write() as session:
        item = session.scalars(select(QuizItem)).one()
        problem = Problem(course_id=ines.course_id, slug="own", kind="family")
        for number in (1, 2):
            version = ProblemVersion(
                problem=problem,
                number=number,
                files=WRONG_FILES,
                saved_by="ines",
                published_at=item.section.quiz.created_at,
            )
            session.add(version)
        session.flush()
        item.slug, item.version_id = None, problem.versions[0].id
    name = prepare(database, ines, quiz)
    with database.read() as session:
        assert session.scalars(select(Regrade)).one().settings["version"] == 2
    for verb, regraded in ((None, False), (regrading.apply, True), (regrading.undo, False)):
        if verb:
            do(database, verb, ines, quiz, name)
        with database.read() as session:
            [row] = corrections.outdated(session, session.scalars(select(Problem)).one())
            assert (row.begun, row.regraded) == (True, regraded)


def test_the_family_of_these_tests_has_one_part():
    assert list(catalog.family("mlp_params").parts) == ["total"]
