"""Sitting a quiz by the services: beginning, the clock, checking, and an end that needs nobody."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from quiz_rows import add_course, add_item, add_person, add_quiz, member
from sqlalchemy import func, select, update

from problems.families import Family
from quizapp.db.models import (
    Answer,
    PoolVariant,
    Quiz,
    SignInFailure,
    Sitting,
    SittingItem,
    Submission,
)
from quizapp.errors import Conflict, Forbidden, Invalid, NotFound, TooMany
from quizapp.services import quizzes, scores, sittings, starting, timekeeping
from quizapp.services.quiz_settings import Settings

SLUGS = ("mlp_params", "conv_params")
keys = count()


def an_hour(sign=1):
    return datetime.now(UTC) + sign * timedelta(hours=1)


@pytest.fixture
def make(database):
    """Make a course with ada and eve, and a quiz with these settings; return the quiz's name."""

    def made(*slugs, size=3, task=False, **settings):
        with database.write() as session:
            course = add_course(session)
            for name in ("ada", "eve"):
                add_person(session, course, name)
            quiz = add_quiz(session, course, *(slugs or SLUGS), size=size, **settings)
            if task:
                add_item(quiz.sections[0], "lstm_forget_gate", kind="task")
        return quiz.public_id

    return made


def begin(database, quiz, name="ada", **options):
    return starting.start(database, member(database, name), quiz, **options)


def shift(database, sitting, **by):
    """Let time pass: set the sitting's moments back."""
    passed = timedelta(**by)
    with database.write() as session:
        row = session.get(Sitting, sitting.id)
        row.ends_at = row.ends_at and row.ends_at - passed
        row.seen_at = row.seen_at and row.seen_at - passed


def variant(database, sitting, position):
    with database.read() as session:
        row = session.scalars(
            select(SittingItem).where(
                SittingItem.sitting_id == sitting.id, SittingItem.position == position
            )
        ).one()
        return session.get(PoolVariant, row.variant_id).document


def right(database, sitting, position):
    parts = variant(database, sitting, position)["parts"]
    return {part: spec["shown"] for part, spec in parts.items()}


def wrong(database, sitting, position):
    return dict.fromkeys(variant(database, sitting, position)["parts"], "1")


def save(database, sitting, position, responses):
    return sittings.save(database, sitting.user_id, sitting.public_id, position, responses)


def check(database, sitting, position, responses, key=None):
    key = key or f"k{next(keys)}"
    return sittings.check(database, sitting.user_id, sitting.public_id, position, responses, key)


def hand_in(database, sitting):
    sittings.hand_in(database, sitting.user_id, sitting.public_id)


def points(database, sitting):
    with database.read() as session:
        return [row.points for row in scores.of_sitting(session, session.get(Sitting, sitting.id))]


def total(database, model):
    with database.read() as session:
        return session.scalars(select(func.count()).select_from(model)).one()


def test_beginning_twice_and_at_once_gives_one_sitting_and_draws_nothing(
    database, make, monkeypatch
):
    quiz = make()
    monkeypatch.setattr(Family, "draw_counted", lambda *_: pytest.fail("something was drawn"))
    with ThreadPoolExecutor(3) as threads:
        begun = {row.id for row in threads.map(lambda _: begin(database, quiz), range(3))}
    assert len(begun) == 1
    assert begin(database, quiz, code="anything").id in begun
    assert total(database, Sitting) == 1
    assert total(database, SittingItem) == 2


def test_variants_are_given_by_turns(database, make):
    quiz = make("mlp_params", size=3)
    with database.write() as session:
        course = session.scalars(select(Quiz)).one().course
        for number in range(6):
            add_person(session, course, f"student-{number}")
    for number in range(6):
        begin(database, quiz, f"student-{number}")
    with database.read() as session:
        given = session.execute(
            select(SittingItem.variant_id, func.count()).group_by(SittingItem.variant_id)
        ).all()
    assert [times for _, times in given] == [2, 2, 2]


def test_a_section_gives_so_many_of_its_questions_in_their_order(database, make):
    quiz = make("mlp_params", "conv_params", "conv_out_shape", "lstm_params")
    with database.write() as session:
        row = session.scalars(select(Quiz)).one()
        row.sections[0].pick = 2
        row.sections[0].items[0].retired = True
    sitting = begin(database, quiz)
    with database.read() as session:
        ids = session.scalars(
            select(SittingItem.item_id)
            .where(SittingItem.sitting_id == sitting.id)
            .order_by(SittingItem.position)
        ).all()
        items = [item.id for item in session.scalars(select(Quiz)).one().sections[0].items]
    assert len(ids) == 2
    assert list(ids) == sorted(ids)
    assert items[0] not in ids


@pytest.mark.parametrize(
    ("settings", "options", "error"),
    [
        ({"published": False}, {}, NotFound),
        ({"opens_at": an_hour()}, {}, Conflict),
        ({"closes_at": an_hour(-1)}, {}, Conflict),
        ({"access_code": "tulip"}, {}, Forbidden),
        ({"access_code": "tulip"}, {"code": "Tulips"}, Forbidden),
        ({"access_code": "tulip"}, {"code": "\ud800"}, Forbidden),
    ],
)
def test_a_quiz_that_may_not_be_begun_is_not(database, make, settings, options, error):
    quiz = make(**settings)
    with pytest.raises(error):
        begin(database, quiz, **options)
    assert total(database, Sitting) == 0


def test_the_access_code_lets_in_and_other_courses_do_not(database, make):
    quiz = make(access_code="Tulip 5ü")
    begin(database, quiz, code=" tulip 5Ü ")
    with database.write() as session:
        course = add_course(session, "vision", "iris")
        add_person(session, course, "bob")
    with pytest.raises(NotFound):
        starting.start(database, member(database, "bob", "vision"), quiz, "Tulip 5ü")


def test_an_access_code_is_not_found_by_guessing(database, make):
    quiz = make(access_code="1234")
    for guess in range(starting.GUESSES.failures):
        with pytest.raises(Forbidden):
            begin(database, quiz, code=str(guess))
    with pytest.raises(TooMany, match="wrong access codes"):
        begin(database, quiz, code="1234")
    begin(database, quiz, "eve", code="1234")
    with database.write() as session:
        session.execute(update(SignInFailure).values(created_at=an_hour(-1)))
    begin(database, quiz, code="1234")


def test_a_sitting_ends_with_its_minutes_or_the_closing_and_extra_time_moves_both(database, make):
    quiz = make(minutes=30, closes_at=an_hour())
    ines = member(database, "ines")
    sitting = begin(database, quiz)
    assert sitting.ends_at == sitting.started_at + timedelta(minutes=30)
    with database.write() as session:
        quizzes.set_extra_time(session, ines, quiz, "ADA", 45)
    found = sittings.find(database, sitting.user_id, sitting.public_id)
    assert found.ends_at == found.started_at + timedelta(minutes=75)
    with database.write() as session:
        row = quizzes.find(session, ines.course_id, quiz)
        early = datetime.now(UTC) + timedelta(minutes=5)
        settings = {name: getattr(row, name) for name in Settings.__annotations__}
        quizzes.change(session, ines, quiz, Settings(**settings | {"closes_at": early}))
    found = sittings.find(database, sitting.user_id, sitting.public_id)
    assert found.ends_at == early + timedelta(minutes=45)


def test_without_limits_a_sitting_goes_on_until_it_is_handed_in(database, make):
    sitting = begin(database, make())
    assert sitting.ends_at is None
    assert save(database, sitting, 1, {}).left is None
    assert sittings.hand_in_overdue(database) == 0


def test_what_was_saved_is_marked_once_at_the_end(database, make):
    sitting = begin(database, make())
    save(database, sitting, 1, right(database, sitting, 1))
    save(database, sitting, 2, {"no such part": "1"})
    for _ in range(2):
        hand_in(database, sitting)
        sittings.mark(database, sitting.user_id, sitting.public_id)
    assert points(database, sitting) == [1.0, 0.0]
    assert total(database, Answer) == 1
    with pytest.raises(Conflict, match="over"):
        save(database, sitting, 1, {})


def test_the_server_ends_the_sitting_with_five_seconds_of_grace(database, make):
    sitting = begin(database, make(minutes=30))
    shift(database, sitting, minutes=30, seconds=3)
    assert save(database, sitting, 1, right(database, sitting, 1)).left == timedelta()
    shift(database, sitting, seconds=10)
    with pytest.raises(Conflict):
        save(database, sitting, 2, right(database, sitting, 2))
    found = sittings.find(database, sitting.user_id, sitting.public_id)
    assert found.handed_in_at == found.ends_at
    assert points(database, sitting) == [1.0, 0.0]


def test_a_sitting_that_nobody_comes_back_to_is_handed_in(database, make, monkeypatch):
    sitting = begin(database, make(minutes=30))
    save(database, sitting, 1, right(database, sitting, 1))
    shift(database, sitting, hours=2)
    monkeypatch.setattr(sittings, "mark", lambda *_: None)  # a crash between the two steps
    sittings.hand_in_overdue(database)
    assert total(database, Answer) == 0
    monkeypatch.undo()
    assert sittings.hand_in_overdue(database) == 1
    assert sittings.hand_in_overdue(database) == 0
    assert points(database, sitting) == [1.0, 0.0]


def test_checking_marks_at_once_until_the_tries_are_used(database, make):
    sitting = begin(database, make(feedback="at_once", tries=2, penalty=0.25))
    bad = wrong(database, sitting, 1)
    first = check(database, sitting, 1, bad, key="same")
    assert first == check(database, sitting, 1, bad, key="same")
    assert (first.kept, first.mark.score) == (True, 0.0)
    assert check(database, sitting, 1, right(database, sitting, 1)).mark.score == 1
    assert points(database, sitting)[0] == 0.75
    with pytest.raises(Conflict, match="tries"):
        check(database, sitting, 1, bad)
    assert total(database, Answer) == 2


@pytest.mark.parametrize("text", ["", "  ", "three"])
def test_what_is_blank_or_malformed_spends_no_try(database, make, text):
    sitting = begin(database, make(feedback="at_once"))
    parts = dict.fromkeys(variant(database, sitting, 1)["parts"], text)
    assert not check(database, sitting, 1, parts).kept
    assert total(database, Answer) == 0


def test_the_same_answer_again_spends_no_try(database, make):
    sitting = begin(database, make(feedback="at_once", tries=2))
    answer = wrong(database, sitting, 1)
    for _ in range(3):
        assert check(database, sitting, 1, answer).kept
    assert total(database, Answer) == 1


@pytest.mark.parametrize("name", ["\x00", "nothing", "x" * 22])
def test_a_sitting_that_is_not_there_is_not_found_by_any_verb(database, make, name):
    user_id = begin(database, make()).user_id
    for verb in (
        lambda: sittings.check(database, user_id, name, 1, {}, "k"),
        lambda: sittings.submit(database, user_id, name, 1, "code", "k"),
        lambda: sittings.save(database, user_id, name, 1, {}),
        lambda: sittings.hand_in(database, user_id, name),
        lambda: sittings.mark(database, user_id, name),
    ):
        with pytest.raises(NotFound):
            verb()


def test_what_is_typed_and_unchecked_is_the_last_answer_if_a_try_is_left(database, make):
    sitting = begin(database, make(feedback="at_once", tries=2))
    check(database, sitting, 1, wrong(database, sitting, 1))
    save(database, sitting, 1, right(database, sitting, 1))
    check(database, sitting, 2, right(database, sitting, 2))
    hand_in(database, sitting)
    assert points(database, sitting) == [1.0, 1.0]
    assert total(database, Answer) == 3


def test_nothing_is_checked_where_feedback_comes_after_closing(database, make):
    sitting = begin(database, make())
    with pytest.raises(Conflict, match="after"):
        check(database, sitting, 1, right(database, sitting, 1))


def submit(database, sitting, source, key=None, position=3):
    key = key or f"k{next(keys)}"
    return sittings.submit(database, sitting.user_id, sitting.public_id, position, source, key)


def test_code_is_submitted_once_a_form_and_as_often_as_there_are_tries(database, make):
    sitting = begin(database, make(task=True, feedback="at_once", tries=2))
    first = submit(database, sitting, "x = 1", key="same")
    assert submit(database, sitting, "x = 1", key="same").id == first.id
    submit(database, sitting, "x = 2")
    with pytest.raises(Conflict, match="tries"):
        submit(database, sitting, "x = 3")
    with pytest.raises(Invalid, match="no code"):
        submit(database, sitting, " ")
    assert total(database, Submission) == 2


def test_code_that_was_written_and_not_submitted_is_handed_in_at_the_end(database, make):
    sitting = begin(database, make(task=True))
    submit(database, sitting, "x = 1")
    save(database, sitting, 3, {"source": "x = 2"})
    hand_in(database, sitting)
    hand_in(database, sitting)
    with database.read() as session:
        rows = session.scalars(select(Submission).order_by(Submission.id)).all()
    assert [row.source for row in rows] == [b"x = 1", b"x = 2"]
    assert all(row.sitting_item_id for row in rows)


def test_code_is_no_answer_to_a_family_and_no_number_one_to_a_task(database, make):
    sitting = begin(database, make(task=True, feedback="at_once"))
    with pytest.raises(NotFound):
        submit(database, sitting, "x = 1", position=1)
    with pytest.raises(Conflict):
        check(database, sitting, 3, {"source": "x"})


def test_time_is_counted_for_the_question_that_is_open(database, make):
    sitting = begin(database, make())
    save(database, sitting, 1, {})
    shift(database, sitting, seconds=20)
    save(database, sitting, 2, {})
    shift(database, sitting, minutes=10)
    save(database, sitting, 2, {})
    with database.read() as session:
        first, second = session.scalars(
            select(SittingItem.seconds).order_by(SittingItem.position)
        ).all()
    assert 20 <= first < 25
    assert second == timekeeping.LONGEST_LOOK.total_seconds()


def test_a_question_that_was_just_opened_is_shown_again_without_writing(database, make):
    sitting = begin(database, make())

    def noted(position):
        """Open a question; return which one is open by what is kept, and the first one's time."""
        sittings.open_question(database, sitting.user_id, sitting.public_id, position)
        with database.read() as session:
            row = session.get(Sitting, sitting.id)
            return row.item_open, row.items[0].seconds

    assert noted(1) == (1, 0)
    shift(database, sitting, seconds=10)
    assert noted(1) == (1, 0)
    shift(database, sitting, seconds=10)
    is_open, seconds = noted(1)
    assert is_open == 1
    assert 20 <= seconds < 25
    assert noted(2)[0] == 2


def test_an_open_question_stands_beside_the_others_with_what_was_typed_there(database, make):
    sitting = begin(database, make("mlp_params", "conv_params", "mse", task=True))
    save(database, sitting, 2, {"total": "12"})
    opened = sittings.open_question(database, sitting.user_id, sitting.public_id, 1)
    assert opened.item.position == 1
    first, second, third, task = opened.places
    assert [place.position for place in opened.places] == [1, 2, 3, 4]
    assert list(second.kinds) == list(variant(database, sitting, 2)["parts"])
    assert second.responses == {"total": "12"}
    assert (first.kinds, third.kinds, task.kinds) == ({}, {}, None)


def test_a_sitting_is_its_students_own(database, make):
    sitting = begin(database, make())
    eve = member(database, "eve").user_id
    for attack in (
        lambda: sittings.find(database, eve, sitting.public_id),
        lambda: sittings.save(database, eve, sitting.public_id, 1, {}),
        lambda: sittings.hand_in(database, eve, sitting.public_id),
        lambda: sittings.find(database, sitting.user_id, "x" * 5000),
        lambda: sittings.save(database, sitting.user_id, sitting.public_id, 99, {}),
    ):
        with pytest.raises(NotFound):
            attack()


def test_a_preview_is_begun_anew_before_the_opening_and_leaves_nothing(database, make):
    quiz = make(published=False, opens_at=an_hour(), access_code="tulip", task=True)
    ines = member(database, "ines")
    first = starting.preview(database, ines, quiz)
    sittings.submit(database, ines.user_id, first.public_id, 3, "x = 1", "k")
    second = starting.preview(database, ines, quiz)
    with pytest.raises(NotFound):
        sittings.find(database, ines.user_id, first.public_id)
    assert (total(database, Sitting), total(database, Submission)) == (1, 0)
    hand_in(database, second)
    with database.read() as session:
        row = session.scalars(select(Quiz)).one()
        assert not quizzes.has_begun(session, row)
        assert scores.by_sitting(session.connection(), row.id) == {}


def test_without_variants_there_is_nothing_to_begin(database, make):
    quiz = make()
    with database.write() as session:
        session.execute(update(PoolVariant).values(item_id=None))
    with pytest.raises(Conflict, match="drawn"):
        begin(database, quiz)
    assert total(database, Sitting) == 0


def test_a_pool_serves_more_students_than_it_has_variants(database, make):
    quiz = make("mlp_params", size=1)
    assert begin(database, quiz).id != begin(database, quiz, "eve").id
