"""Code of a quiz graded again: a dry run of what counts, applied, never lower, undone."""

import pytest
from direct_box import work
from quiz_rows import (
    add_course,
    add_grade,
    add_item,
    add_person,
    add_quiz,
    add_sitting,
    add_submission,
    member,
)
from sqlalchemy import func, select, update

from quizapp.db.models import (
    Course,
    Grade,
    Job,
    Problem,
    ProblemVersion,
    Quiz,
    QuizItem,
    RegradeMark,
    SittingItem,
    Submission,
)
from quizapp.errors import Conflict, Invalid
from quizapp.services import (
    authoring,
    corrections,
    item_analysis,
    quizzes,
    regrade_rules,
    regrading,
    scores,
    sittings,
    starting,
)
from quizapp.services.box import BoxFailed

NOW = {"ada": 1.0, "eve": 0.25}
"""What the newer task makes of each student's code."""
HEAD = {"title": "Own", "topic": "", "statement": "", "starter": ""}


class Box:
    """Grades as NOW says, by the student's name in the source."""

    def __init__(self):
        self.asked = []

    def grade(self, slug, version, source, seed, files):
        self.asked.append((slug, version, source, seed, files))
        score = NOW[source.decode().split()[0]]
        verdict = "accepted" if score == 1 else "wrong"
        return {"verdict": verdict, "score": score, "passed": int(8 * score), "total": 8}


def add_code(session, row, source, *graded):
    """Add a submission to a question, with a job and a grade for each score."""
    sent = add_submission(session, row, *graded)
    sent.source = source.encode()
    for number, job in enumerate(sent.jobs):
        job.seed = 70 + number
    for grade in session.scalars(select(Grade).where(Grade.submission_id == sent.id)):
        grade.document = grade.document | {"passed": int(8 * grade.score), "total": 8}
    session.flush()
    return sent


@pytest.fixture(params=["after_closing", "at_once"])
def quiz(database, request):
    """A code task of the bank that ada and eve half solved at their second try, and bob never."""
    with database.write() as session:
        course = add_course(session)
        tries = {"tries": 5, "penalty": 0.5} if request.param == "at_once" else {}
        made = add_quiz(session, course, feedback=request.param, **tries)
        add_item(made.sections[0], "lstm_forget_gate", kind="task", points=2.0)
        session.flush()
        for name in ("ada", "eve", "bob"):
            sitting = add_sitting(session, made, add_person(session, course, name))
            if name != "bob":
                add_code(session, sitting.items[0], f"{name} first", 0.0)
                add_code(session, sitting.items[0], f"{name} second", 0.25, 0.5)
    return made


@pytest.fixture
def ines(database, quiz):
    return member(database, "ines")


def prepare(database, ines, quiz, rule="newest", box=None, *, never_lower=False):
    with database.write() as session:
        item = session.scalars(select(QuizItem.id)).one()
        found = regrading.prepare(
            session, ines, quiz.public_id, item, rule, never_lower=never_lower
        ).public_id
    work(database, box or Box())
    return found


def lines(database, ines, quiz, name):
    with database.read() as session:
        row = quizzes.find(session, ines.course_id, quiz.public_id)
        found = regrading.dry_run(session, row, regrading.find(session, row, name))
    return {line.username: line for line in found}


def points(database, quiz):
    with database.rows() as connection:
        folded = scores.by_sitting(connection, quiz.id)
    return [rows[0].points for _, rows in sorted(folded.items())]


def do(database, verb, ines, quiz, name):
    with database.write() as session:
        verb(session, ines, quiz.public_id, name)


def test_each_submission_that_counts_is_graded_with_the_seed_that_it_had(database, ines, quiz):
    box = Box()
    prepare(database, ines, quiz, box=box)
    seconds = [(b"ada second", 71), (b"eve second", 71)]
    firsts = [(b"ada first", 70), (b"eve first", 70)] if quiz.feedback == "at_once" else []
    assert sorted((source, seed) for _, _, source, seed, _ in box.asked) == sorted(firsts + seconds)
    assert {(slug, version, files) for slug, version, _, _, files in box.asked} == {
        ("lstm_forget_gate", 1, None)
    }


def test_a_dry_run_says_from_what_to_what_and_why_and_stores_no_grade(database, ines, quiz):
    before = points(database, quiz)
    name = prepare(database, ines, quiz)
    found = lines(database, ines, quiz, name)
    assert set(found) == {"ada", "eve"}
    assert found["ada"].after == 2.0
    try_2 = "Try 2: " if quiz.feedback == "at_once" else ""
    for name, now in (("ada", "accepted"), ("eve", "wrong, 2 of 8 cases")):
        said = f"{try_2}The code was: wrong, 4 of 8 cases; is now: {now}."
        assert found[name].reasons[-1] == said
    assert points(database, quiz) == before
    with database.read() as session:
        assert session.scalars(select(func.count(Grade.id))).one() == 6


def outcomes(database, quiz):
    with database.rows() as connection:
        [item] = item_analysis.of_quiz(connection, quiz.course_id, quiz.public_id).items
    return {outcome.name: outcome.count for outcome in item.outcomes}


def test_the_class_is_seen_as_the_regrade_that_counts_has_it(database, ines, quiz):
    name = prepare(database, ines, quiz)
    assert "right" not in outcomes(database, quiz)
    do(database, regrading.apply, ines, quiz, name)
    applied = outcomes(database, quiz)
    do(database, regrading.undo, ines, quiz, name)
    assert applied != outcomes(database, quiz)


def test_it_is_applied_and_undone(database, ines, quiz):
    before = points(database, quiz)
    name = prepare(database, ines, quiz)
    do(database, regrading.apply, ines, quiz, name)
    assert points(database, quiz) == [2.0, 0.5, 0.0]
    do(database, regrading.undo, ines, quiz, name)
    assert points(database, quiz) == before


def test_never_lower_keeps_what_somebody_has(database, ines, quiz):
    before = points(database, quiz)
    name = prepare(database, ines, quiz, never_lower=True)
    assert regrade_rules.KEPT in " ".join(lines(database, ines, quiz, name)["eve"].reasons)
    do(database, regrading.apply, ines, quiz, name)
    after = points(database, quiz)
    assert after[0] == 2.0
    assert all(new >= old for new, old in zip(after, before, strict=True))
    with database.read() as session:
        kept = session.scalars(select(RegradeMark).where(RegradeMark.reason.endswith("lowered.")))
        assert all(mark.mark is None and mark.score == mark.before for mark in kept)


def test_everybody_who_submitted_gets_full_points(database, ines, quiz):
    name = prepare(database, ines, quiz, "full")
    do(database, regrading.apply, ines, quiz, name)
    assert points(database, quiz) == [2.0, 2.0, 0.0]


def test_it_is_not_applied_when_a_grade_came_in_since(database, ines, quiz):
    name = prepare(database, ines, quiz)
    with database.write() as session:
        row = session.scalars(select(SittingItem).order_by(SittingItem.id)).first()
        add_code(session, row, "ada third", 0.75)
        session.execute(update(Job).values(task_version=0))
    with pytest.raises(Conflict, match="Compute it again"):
        do(database, regrading.apply, ines, quiz, name)


def test_a_second_regrade_starts_from_the_first(database, ines, quiz):
    do(database, regrading.apply, ines, quiz, prepare(database, ines, quiz))
    second = prepare(database, ines, quiz)
    found = lines(database, ines, quiz, second)
    assert all(line.before == line.after and not line.reasons for line in found.values())


@pytest.mark.parametrize(
    ("error", "state"),
    [(Invalid("The grader has another version."), "failed"), (BoxFailed("no box"), "queued")],
)
def test_where_it_cannot_be_graded_the_dry_run_says_so_or_is_tried_again(
    database, ines, quiz, error, state
):
    class Broken:
        def grade(self, *_):
            raise error

    name = prepare(database, ines, quiz, box=Broken())
    with database.read() as session:
        row = session.merge(quiz, load=True)
        found = regrading.find(session, row, name)
        job = regrading.progress(session, ines.course_id, found)
        assert (job.state, found.ready_at) == (state, None)
        assert (job.error == error.message) == (state == "failed")


@pytest.fixture
def own(database, ines, quiz):
    """The question is drawn from version 1 of a course's own task, whose newest is 2."""
    kind, files = authoring.starting_files("starter/task")
    with database.write() as session:
        made = session.scalars(select(Quiz)).one()
        problem = Problem(course_id=ines.course_id, slug="own", kind=kind)
        for number in (1, 2):
            text = files | {"task.md": f"{number}"}
            version = ProblemVersion(number=number, files=text, saved_by="ines")
            version.published_at = made.created_at
            problem.versions.append(version)
        session.add(problem)
        session.flush()
        item = made.sections[0].items[0]
        item.slug, item.version = None, problem.versions[0]
    return problem


def test_a_courses_own_task_is_regraded_by_its_newest_published_files(database, ines, quiz, own):
    box = Box()
    prepare(database, ines, quiz, box=box)
    assert {(slug, version, files["task.md"]) for slug, version, _, _, files in box.asked} == {
        ("own", 2, "2")
    }


def submit_late(database, quiz, username):
    """Let somebody begin the quiz, which is still open, and submit code; return what is stored."""
    with database.write() as session:
        session.execute(update(ProblemVersion).values(head=HEAD))
        add_person(session, session.scalars(select(Course)).one(), username)
    sitting = starting.start(database, member(database, username), quiz.public_id)
    return sittings.submit(database, sitting.user_id, sitting.public_id, 1, "code", "k1")


def test_what_is_submitted_later_is_graded_by_the_version_of_the_regrade(database, ines, quiz, own):
    def graded_by(username):
        sent = submit_late(database, quiz, username)
        with database.read() as session:
            sent = session.get_one(Submission, sent.id)
            return session.get_one(ProblemVersion, sent.version_id).number, sent.job.task_version

    assert graded_by("wim") == (1, 1)
    grade_what_waits(database, 0.5)
    name = prepare(database, ines, quiz)
    do(database, regrading.apply, ines, quiz, name)
    assert graded_by("yan") == (2, 2)
    do(database, regrading.undo, ines, quiz, name)
    assert graded_by("zoe") == (1, 1)


def grade_what_waits(database, score):
    NOW["code"] = score
    with database.write() as session:
        for job in session.scalars(select(Job).where(Job.state == "queued")):
            job.state = "done"
            session.flush()
            add_grade(session, job.submission, score)


def test_the_newest_version_is_not_applied_while_older_code_waits(database, ines, quiz, own):
    name = prepare(database, ines, quiz)
    submit_late(database, quiz, "zoe")
    with pytest.raises(Conflict, match="Compute it again"):
        do(database, regrading.apply, ines, quiz, name)
    grade_what_waits(database, 0.5)
    do(database, regrading.apply, ines, quiz, prepare(database, ines, quiz))
    assert points(database, quiz)[3] == 1.0


def test_code_that_waits_for_its_grade_gets_full_points_too(database, ines, quiz, own):
    submit_late(database, quiz, "zoe")
    do(database, regrading.apply, ines, quiz, prepare(database, ines, quiz, "full"))
    grade_what_waits(database, 0.5)
    assert points(database, quiz)[3] == 2.0


def test_code_that_could_not_be_graded_gets_full_points_and_holds_up_nothing(
    database, ines, quiz, own
):
    submit_late(database, quiz, "zoe")
    with database.write() as session:
        session.execute(update(Job).where(Job.state == "queued").values(state="dead"))
    do(database, regrading.apply, ines, quiz, prepare(database, ines, quiz))
    assert points(database, quiz)[3] == 0.0
    do(database, regrading.apply, ines, quiz, prepare(database, ines, quiz, "full"))
    assert points(database, quiz)[3] == 2.0


def test_of_two_regrades_the_newest_counts_for_later_code_until_undone(database, ines, quiz, own):
    names = [prepare(database, ines, quiz, "full")]
    do(database, regrading.apply, ines, quiz, names[0])
    names.append(prepare(database, ines, quiz))
    do(database, regrading.apply, ines, quiz, names[1])
    submit_late(database, quiz, "zoe")
    grade_what_waits(database, 0.5)
    assert points(database, quiz)[3] == 1.0
    do(database, regrading.undo, ines, quiz, names[1])
    assert points(database, quiz)[3] == 2.0
    do(database, regrading.undo, ines, quiz, names[0])
    assert points(database, quiz)[3] == 1.0


def test_what_is_asked_may_be_newer_than_an_earlier_regrade(database, ines, quiz, own):
    do(database, regrading.apply, ines, quiz, prepare(database, ines, quiz))
    with database.write() as session:
        row = session.merge(own)
        third = ProblemVersion(number=3, files={}, saved_by="ines", published_at=quiz.created_at)
        row.versions.append(third)
        session.scalars(select(QuizItem)).one().version = third
    sent = submit_late(database, quiz, "zoe")
    with database.read() as session:
        assert session.get_one(Submission, sent.id).job.task_version == 3


def test_who_submits_after_full_points_were_given_gets_them_too(database, ines, quiz, own):
    name = prepare(database, ines, quiz, "full")
    do(database, regrading.apply, ines, quiz, name)
    submit_late(database, quiz, "zoe")
    assert points(database, quiz)[3] == 2.0
    do(database, regrading.undo, ines, quiz, name)
    assert points(database, quiz)[3] == 0.0


def test_it_is_regraded_by_a_version_that_has_graded_what_counts(database, ines, quiz, own):
    def regraded():
        with database.read() as session:
            [row] = corrections.outdated(session, session.merge(own))
            return row.regraded

    assert not regraded()
    for never_lower in (False, True):
        name = prepare(database, ines, quiz, never_lower=never_lower)
        do(database, regrading.apply, ines, quiz, name)
        assert regraded()
    with database.write() as session:
        row = session.scalars(select(SittingItem).order_by(SittingItem.id)).first()
        waiting = add_code(session, row, "ada third")
    assert regraded(), "what has no grade counts nothing"
    with database.write() as session:
        add_grade(session, session.merge(waiting), 0.75)
    assert not regraded()
    with database.write() as session:
        newest = session.scalars(select(func.max(ProblemVersion.id))).one()
        session.execute(
            update(Submission).where(Submission.id == waiting.id).values(version_id=newest)
        )
    assert regraded()


def test_a_version_that_an_undone_regrade_used_can_be_applied_again(database, ines, quiz, own):
    undone = prepare(database, ines, quiz)
    do(database, regrading.apply, ines, quiz, undone)
    with database.write() as session:
        row = session.scalars(select(SittingItem).order_by(SittingItem.id)).first()
        sent = add_code(session, row, "ada third", 0.75)
        sent.version_id = session.scalars(select(func.max(ProblemVersion.id))).one()
    do(database, regrading.undo, ines, quiz, undone)
    do(database, regrading.apply, ines, quiz, prepare(database, ines, quiz))
    with database.read() as session:
        [found] = corrections.outdated(session, session.merge(own))
        assert found.regraded
