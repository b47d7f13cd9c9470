"""Making a quiz: what can change when, and two people at once."""

from datetime import UTC, datetime

import pytest
from quiz_rows import add_course, add_item, add_person, add_quiz, add_sitting, member
from sqlalchemy import select

from quizapp.db.models import BoxJob, LogEntry, Problem, ProblemVersion, Quiz, QuizItem, User
from quizapp.errors import Conflict, Invalid, NotFound
from quizapp.services import quiz_items, quiz_settings, quizzes, releases
from quizapp.services.quiz_settings import Settings

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
LATER = datetime(2090, 12, 1, 12, tzinfo=UTC)


DRAFT = {"published": False, "closes_at": LATER}


@pytest.fixture
def quiz(database):
    with database.write() as session:
        course = add_course(session)
        add_person(session, course, "ada")
        return add_quiz(session, course, "mlp_params", "conv_params", **DRAFT).public_id


@pytest.fixture
def ines(database, quiz):
    return member(database, "ines")


@pytest.fixture
def do(database, ines):
    """Do one thing as the instructor, in a transaction of its own."""

    def done(verb, *arguments, **options):
        with database.write() as session:
            return verb(session, ines, *arguments, **options)

    return done


@pytest.fixture
def look(database, ines, quiz):
    def looked():
        with database.read() as session:
            return quizzes.find(session, ines.course_id, quiz)

    return looked


def begin(database, quiz):
    with database.write() as session:
        row = session.scalars(select(Quiz).where(Quiz.public_id == quiz)).one()
        user = session.scalars(select(User).where(User.username == "ada")).one()
        add_sitting(session, row, user)


def titles(quiz):
    return [[item.slug for item in section.items] for section in quiz.sections]


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""},
        {"title": "x" * 201},
        {"title": "a\x00b"},
        {"introduction": "a\x00b"},
        {"introduction": "\ud800"},
        {"opens_at": NOON, "closes_at": NOON},
        {"minutes": 0},
        {"feedback": "at_once", "tries": 0},
        {"feedback": "at_once", "penalty": 1.5},
        {"feedback": "at_once", "penalty": float("nan")},
        {"tries": 2},
        {"access_code": "x" * 65},
        {"variants": 0},
        {"variants": 201},
    ],
)
def test_settings_that_cannot_be_are_refused(wrong):
    with pytest.raises(Invalid):
        Settings(**{"title": "Week 3", **wrong})


def test_settings_change_and_say_so_in_the_log(database, do, quiz, look):
    do(quizzes.change, quiz, Settings("Week 4", minutes=30, opens_at=NOON, closes_at=LATER))
    assert (look().title, look().minutes, look().opens_at) == ("Week 4", 30, NOON)
    with database.read() as session:
        assert session.scalars(select(LogEntry.text)).one() == (
            "Changed “Week 4”: title from “Week 3” to “Week 4”; opening from none to "
            "01 Dec 2026, 12:00 UTC; time limit from none to 30 minutes."
        )


def test_nobody_who_sits_the_quiz_is_cut_off_at_once(database, do, quiz, look):
    do(quizzes.publish, quiz)
    with database.write() as session:
        row = session.scalars(select(Quiz)).one()
        user = session.scalars(select(User).where(User.username == "ada")).one()
        add_sitting(session, row, user, handed_in_at=None, marked_at=None, ends_at=LATER)
    for settings in ({"closes_at": NOON.replace(year=2020)}, {"closes_at": LATER, "minutes": 5}):
        with pytest.raises(Conflict, match="1 student would be handed in at once"):
            do(quizzes.change, quiz, Settings("Week 3", **settings))
    assert (look().closes_at, look().minutes) == (LATER, None)
    do(quizzes.change, quiz, Settings("Week 3", closes_at=LATER, minutes=15))


def test_who_is_over_and_not_handed_in_yet_keeps_no_time_from_changing(database, do, quiz, look):
    do(quizzes.publish, quiz)
    with database.write() as session:
        row = session.scalars(select(Quiz)).one()
        user = session.scalars(select(User).where(User.username == "ada")).one()
        over = NOON.replace(year=2020)
        add_sitting(session, row, user, handed_in_at=None, marked_at=None, ends_at=over)
    do(quizzes.change, quiz, Settings("Week 3", closes_at=LATER, minutes=5))
    assert look().minutes == 5


def test_the_log_names_no_access_code(database, do, quiz):
    do(quizzes.change, quiz, Settings("Week 3", closes_at=LATER, access_code="swordfish"))
    with database.read() as session:
        assert session.scalars(select(LogEntry.text)).one() == "Changed “Week 3”: access code."


def test_the_log_says_from_what_to_what_a_question_and_a_section_changed(database, do, quiz, look):
    section = look().sections[0]
    do(quiz_items.set_pins, quiz, section.items[0].id, {"bias": "true"})
    do(quiz_items.change_section, quiz, section.id, "Warm-up", 1)
    do(quiz_items.change_section, quiz, section.id, "Warm-up", 1)
    do(quizzes.set_extra_time, quiz, "ada", 15)
    do(quizzes.set_extra_time, quiz, "ada", 0)
    with database.read() as session:
        assert session.scalars(select(LogEntry.text).order_by(LogEntry.id)).all() == [
            'Changed what is pinned in “mlp_params” from {} to {"bias": true} in “Week 3”.',
            "Changed section 1, title from none to Warm-up; picks from all to 1, of “Week 3”.",
            "Changed the extra time of ada from 0 to 15 minutes in “Week 3”.",
            "Changed the extra time of ada from 15 to 0 minutes in “Week 3”.",
        ]


def test_a_pin_that_no_database_could_log_as_it_is_breaks_nothing(database, do, ines, quiz, look):
    with database.write() as session:
        problem = Problem(course_id=ines.course_id, slug="own", kind="family")
        problem.versions.append(ProblemVersion(number=1, files={}, saved_by="ines"))
        session.add(problem)
        item = session.get_one(QuizItem, look().sections[0].items[0].id)
        item.slug, item.version = None, problem.versions[0]
    do(quiz_items.set_pins, quiz, item.id, {"word": '"\\ud800"'})
    with database.read() as session:
        assert "ud800" in session.scalars(select(LogEntry.text)).one()


def test_a_stamp_changes_with_the_settings_and_with_nothing_else(database, do, ines, quiz, look):
    def stamp():
        with database.read() as session:
            return quiz_settings.stamp(quizzes.find(session, ines.course_id, quiz))

    before = stamp()
    do(quiz_items.set_points, quiz, look().sections[0].items[0].id, 2.5)
    do(quizzes.set_extra_time, quiz, "ada", 5)
    assert stamp() == before
    do(quizzes.change, quiz, Settings("Week 3", closes_at=LATER, minutes=5))
    assert stamp() != before


def test_after_the_first_student_has_begun_only_times_and_texts_change(database, do, quiz):
    do(quizzes.publish, quiz)
    begin(database, quiz)
    do(quizzes.change, quiz, Settings("Week 3, again", minutes=20, closes_at=LATER))
    with pytest.raises(Conflict, match="begun"):
        do(quizzes.change, quiz, Settings("Week 3", feedback="at_once"))
    with pytest.raises(Conflict, match="begun"):
        do(quizzes.take_back, quiz)


def test_questions_stand_while_the_quiz_is_published(do, quiz, look):
    do(quizzes.publish, quiz)
    section = look().sections[0]
    for change in (
        lambda: do(quiz_items.add, quiz, section.id, "family/mlp_params"),
        lambda: do(quiz_items.move, quiz, section.items[0].id, up=False),
        lambda: do(quiz_items.set_pins, quiz, section.items[0].id, {"bias": "true"}),
        lambda: do(quiz_items.change_section, quiz, section.id, "A", 1),
        lambda: do(quizzes.change, quiz, Settings("Week 3", variants=5, closes_at=LATER)),
    ):
        with pytest.raises(Conflict):
            change()
    do(quizzes.take_back, quiz)
    do(quiz_items.remove, quiz, section.items[0].id)
    assert titles(look()) == [["conv_params"]]


def test_a_question_of_a_begun_quiz_is_retired_and_never_removed(database, do, quiz, look):
    do(quizzes.publish, quiz)
    begin(database, quiz)
    first, second = look().sections[0].items
    do(quiz_items.remove, quiz, first.id)
    assert [item.retired for item in look().sections[0].items] == [True, False]
    with pytest.raises(Conflict, match="Too few"):
        do(quiz_items.remove, quiz, second.id)
    do(quiz_items.set_points, quiz, second.id, 2.5)
    assert look().sections[0].items[1].points == 2.5


def test_a_quiz_is_published_when_it_can_be_given(do, quiz, look):
    section = look().sections[0]
    do(quiz_items.change_section, quiz, section.id, "Counting", 3)
    with pytest.raises(Conflict, match="Counting picks 3 of only 2"):
        do(quizzes.publish, quiz)
    do(quiz_items.change_section, quiz, section.id, "Counting", None)
    item = do(quiz_items.add, quiz, section.id, "family/lstm_params")
    with pytest.raises(Conflict, match="not all drawn"):
        do(quizzes.publish, quiz)
    do(quiz_items.remove, quiz, item.id)
    do(quizzes.publish, quiz)
    assert look().published


def test_a_quiz_whose_closing_is_past_is_not_published_and_a_published_one_may_be_closed_now(
    do, quiz
):
    past = LATER.replace(year=2020)
    do(quizzes.change, quiz, Settings("Week 3", closes_at=past))
    with pytest.raises(Conflict, match="closing time is over"):
        do(quizzes.publish, quiz)
    do(quizzes.change, quiz, Settings("Week 3", closes_at=LATER))
    do(quizzes.publish, quiz)
    do(quizzes.change, quiz, Settings("Week 3", closes_at=past))


def test_marks_that_come_after_closing_need_a_closing_time(do, quiz, look):
    do(quizzes.change, quiz, Settings("Week 3"))
    with pytest.raises(Conflict, match="no closing time"):
        do(quizzes.publish, quiz)
    do(quizzes.change, quiz, Settings("Week 3", closes_at=LATER))
    do(quizzes.publish, quiz)
    with pytest.raises(Conflict, match="has a closing time"):
        do(quizzes.change, quiz, Settings("Week 3"))
    do(quizzes.change, quiz, Settings("Week 3", feedback="at_once"))
    assert look().closes_at is None


def test_retired_questions_are_none_to_pick_from(database, do, quiz, look):
    section = look().sections[0]
    do(quiz_items.change_section, quiz, section.id, "Counting", 2)
    with database.write() as session:
        session.get_one(QuizItem, section.items[0].id).retired = True
    with pytest.raises(Conflict, match="Counting picks 2 of only 1"):
        do(quizzes.publish, quiz)


def test_a_quiz_without_questions_is_not_published(do):
    quiz = do(quizzes.create, " Empty ")
    assert quiz.title == "Empty"
    with pytest.raises(Conflict, match="no question"):
        do(quizzes.publish, quiz.public_id)


def test_questions_move_within_their_section_and_into_the_next(do, quiz, look):
    do(quiz_items.add_section, quiz)
    first, second = look().sections[0].items
    do(quiz_items.move, quiz, first.id, up=False)
    assert titles(look()) == [["conv_params", "mlp_params"], []]
    do(quiz_items.move, quiz, first.id, up=False)
    assert titles(look()) == [["conv_params"], ["mlp_params"]]
    do(quiz_items.move, quiz, first.id, up=False)
    do(quiz_items.move, quiz, second.id, up=True)
    assert titles(look()) == [["conv_params"], ["mlp_params"]]
    do(quiz_items.move, quiz, first.id, up=True)
    assert titles(look()) == [["conv_params", "mlp_params"], []]
    do(quiz_items.remove_section, quiz, look().sections[1].id)
    with pytest.raises(Conflict, match="questions"):
        do(quiz_items.remove_section, quiz, look().sections[0].id)


def test_two_people_who_add_at_once_lose_nothing(database, do, quiz, look):
    with database.write() as session:
        course = session.scalars(select(Quiz)).one().course
        add_person(session, course, "otto", "owner")
    section = look().sections[0].id
    do(quiz_items.add, quiz, section, "family/lstm_params")
    with database.write() as session:
        quiz_items.add(session, member(database, "otto"), quiz, section, "task/lstm_forget_gate")
    assert titles(look())[0][2:] == ["lstm_params", "lstm_forget_gate"]


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ({"layers": "three"}, "is not JSON"),
        ({"layers": "1e999"}, "is not JSON"),
        ({"layers": "[" * 100_000}, "is not JSON"),
        ({"no_such": "3"}, "no such parameter"),
    ],
)
def test_a_pin_that_cannot_be_is_refused_with_a_sentence(do, quiz, look, texts, said):
    item = look().sections[0].items[0]
    with pytest.raises(Invalid, match=said):
        do(quiz_items.set_pins, quiz, item.id, texts)
    assert look().sections[0].items[0].pins == {}


def test_what_can_be_pinned_is_listed_with_its_range(database, ines, quiz):
    with database.read() as session:
        row = quizzes.find(session, ines.course_id, quiz)
        found = quiz_items.parameters(row.sections[0].items[0])
    assert [(parameter.name, parameter.type) for parameter in found] == [
        ("layers", "list of int"),
        ("bias", "bool"),
    ]
    assert found[0].range == "1..1000000"


def test_problems_are_found_by_words(database, ines, quiz):
    with database.write() as session:
        problem = Problem(course_id=ines.course_id, slug="own", kind="family")
        published = {"published_at": NOON, "head": {"title": "Gates of ours", "topic": "rnn"}}
        version = ProblemVersion(problem=problem, number=1, files={}, saved_by="ines", **published)
        hidden = Problem(course_id=ines.course_id, slug="hidden", kind="family", hidden=True)
        old = ProblemVersion(problem=hidden, number=1, files={}, saved_by="ines", **published)
        session.add_all([version, old])
        session.flush()
        found = quiz_items.candidates(session, ines.course_id, "GATES ours")
        assert [candidate.source for candidate in found] == [f"version/{version.id}"]
        kinds = {candidate.kind for candidate in quiz_items.candidates(session, ines.course_id)}
    assert kinds == {"family", "task"}


def test_another_courses_problem_is_no_question(database, do, quiz, look):
    with database.write() as session:
        other = add_course(session, "vision", "iris")
        problem = Problem(course=other, slug="theirs", kind="family")
        version = ProblemVersion(
            problem=problem, number=1, files={}, saved_by="iris", published_at=NOON
        )
        session.add(version)
        session.flush()
        source = f"version/{version.id}"
    for name in (source, "family/none", "version/x", ""):
        with pytest.raises(NotFound):
            do(quiz_items.add, quiz, look().sections[0].id, name)


def test_a_copy_has_the_questions_but_no_times_and_draws_its_own_variants(database, do, quiz, look):
    do(quizzes.change, quiz, Settings("Week 3", minutes=30, opens_at=NOON))
    do(quiz_items.set_points, quiz, look().sections[0].items[1].id, 3.0)
    new = do(quizzes.copy, quiz)
    assert (new.title, new.minutes, new.opens_at) == ("Copy of Week 3", 30, None)
    assert titles(new) == titles(look())
    assert [item.points for item in quizzes.items_of(new)] == [1.0, 3.0]
    with database.read() as session:
        wanted = {job.request["item_id"] for job in session.scalars(select(BoxJob))}
    assert wanted == {item.id for item in quizzes.items_of(new)}


def test_extra_time_is_given_changed_and_taken_away(database, do, quiz, look):
    for minutes in (10, 20):
        do(quizzes.set_extra_time, quiz, "Ada", minutes)
        with database.read() as session:
            assert quizzes.extra_times(session, look()) == [("ada", minutes)]
    do(quizzes.set_extra_time, quiz, "ada", 0)
    assert look().extra_times == []
    with pytest.raises(NotFound):
        do(quizzes.set_extra_time, quiz, "nobody\x00", 5)
    with pytest.raises(Invalid):
        do(quizzes.set_extra_time, quiz, "ada", -1)


def test_keys_are_released_when_the_last_with_extra_time_is_done(database, do, quiz, look):
    do(quizzes.change, quiz, Settings("Week 3"))
    with database.read() as session:
        assert releases.released_at(session, look()) is None
    do(quizzes.change, quiz, Settings("Week 3", closes_at=NOON))
    do(quizzes.set_extra_time, quiz, "ada", 15)
    with database.read() as session:
        assert releases.released_at(session, look()) == NOON.replace(minute=15)


def test_a_quiz_of_another_course_is_not_there(database, quiz):
    with database.write() as session:
        other = add_course(session, "vision", "iris").id
    for name in (quiz, "x", "\x00", "\ud800"):
        with database.read() as session, pytest.raises(NotFound):
            quizzes.find(session, other, name)


def test_a_task_needs_no_variants(database, do, quiz):
    with database.write() as session:
        row = session.scalars(select(Quiz)).one()
        add_item(row.sections[0], "lstm_forget_gate", kind="task")
    do(quizzes.publish, quiz)
