"""Sessions, times and keys on both databases."""

import os
import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import event, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from quizapp.db import Database
from quizapp.db.engine import now
from quizapp.db.models import Attempt, Course, Enrolment, User, Variant


def add_user(database, username="ada"):
    with database.write() as session:
        user = User(username=username, password_hash="-")
        session.add(user)
    return user


def add_variant(database, user, **changes):
    values = {"family": "f", "family_version": 1, "seed": 2**63 - 1, "document": {"b": 1, "a": 0.1}}
    with database.write() as session:
        variant = Variant(user_id=user.id, **(values | changes))
        session.add(variant)
    return variant


def test_what_was_written_can_be_read_after_the_session_ended(database):
    user = add_user(database)
    with database.read() as session:
        found = session.get(User, user.id)
    assert (found.username, found.session_token) == ("ada", user.session_token)
    assert len(user.session_token) >= 22


def test_a_write_that_raises_leaves_nothing(database):
    class HalfWayError(Exception):
        pass

    def write_half():
        with database.write() as session:
            session.add(User(username="ada", password_hash="-"))
            session.flush()
            raise HalfWayError

    with pytest.raises(HalfWayError):
        write_half()
    with database.read() as session:
        assert session.scalars(select(User)).all() == []


def test_a_read_cannot_write(database):
    statement = insert(User).values(username="ada", username_key="ada", password_hash="-")
    with database.read() as session, pytest.raises(DBAPIError, match=r"(?i)read-?only"):
        session.execute(statement)
    add_user(database)  # and the same connection can, when it is asked to


def test_usernames_differ_by_more_than_case(database):
    add_user(database, "Ada")
    with pytest.raises(IntegrityError):
        add_user(database, "aDA")


def test_a_moment_comes_back_in_utc_and_a_naive_one_is_refused(database):
    moment = datetime(2026, 3, 1, 23, 30, 0, 123456, tzinfo=timezone(timedelta(hours=-5)))
    variant = add_variant(database, add_user(database), solution_shown_at=moment)
    with database.read() as session:
        found = session.get(Variant, variant.id).solution_shown_at
    assert (found, found.tzinfo) == (moment, UTC)
    with pytest.raises(StatementError, match="timezone"):
        add_variant(database, add_user(database, "bo"), solution_shown_at=datetime(2026, 3, 1))  # noqa: DTZ001


def test_the_clock_is_close_to_ours_and_in_utc(database):
    with database.read() as session:
        moment = now(session)
    assert moment.tzinfo is UTC
    assert abs(moment - datetime.now(UTC)) < timedelta(seconds=5)


def test_a_document_keeps_its_order_its_digits_and_its_seed(database):
    document = {"z": 0.1 + 0.2, "a": [-0.0, 1e300], "é": "−\x00"}
    variant = add_variant(database, add_user(database), document=document)
    with database.read() as session:
        found = session.get(Variant, variant.id)
    assert repr(found.document) == repr(document)
    assert found.seed == 2**63 - 1


def test_a_document_holds_no_nan(database):
    user = add_user(database)
    with pytest.raises((StatementError, ValueError), match="JSON"):
        add_variant(database, user, document={"key": float("nan")})


def test_an_attempt_is_kept_once_for_each_key(database):
    variant = add_variant(database, add_user(database))
    row = {"variant_id": variant.id, "responses": {}, "mark": {}, "score": 0.5}
    with database.write() as session:
        session.add(Attempt(**row, idempotency_key="k"))
    with pytest.raises(IntegrityError), database.write() as session:
        session.add(Attempt(**row, idempotency_key="k"))


def test_an_error_tells_no_secret(database):
    add_user(database)
    with pytest.raises(IntegrityError) as caught, database.write() as session:
        session.add(User(username="ada", password_hash="secret"))
    assert "INSERT" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_row_needs_the_row_it_refers_to(database):
    with pytest.raises(IntegrityError), database.write() as session:
        session.add(Enrolment(course_id=1, user_id=1, role="student"))


def test_a_role_is_one_of_four_for_the_database_too(database):
    user = add_user(database)
    with database.write() as session:
        course = Course(slug="nlp", title="NLP")
        session.add(course)
        session.flush()
        session.add(Enrolment(course_id=course.id, user_id=user.id, role="owner"))
    with pytest.raises(IntegrityError), database.write() as session:
        session.execute(text("UPDATE enrolment SET role = 'dean'"))


def test_no_update_is_lost_between_writers_that_read_first(sqlite_database):
    """Read, then write what was read plus one: the pattern that loses updates."""
    variant = add_variant(sqlite_database, add_user(sqlite_database))

    def show_ten_hints():
        for _ in range(10):
            with sqlite_database.write() as session:
                found = session.get(Variant, variant.id)
                found.hints_shown += 1

    threads = [threading.Thread(target=show_ten_hints) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with sqlite_database.read() as session:
        assert session.get(Variant, variant.id).hints_shown == 40


def test_sqlite_is_opened_as_measured(sqlite_database):
    with sqlite_database.read() as session:
        pragmas = {
            name: session.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("busy_timeout", "journal_mode", "synchronous", "foreign_keys")
        }
    assert pragmas == {
        "busy_timeout": 30000,
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
    }


def test_no_connection_crosses_a_fork(database):
    opened = []
    for engine in database.engines:
        event.listen(engine, "connect", lambda *_: opened.append(os.getpid()))
    with database.read() as held:
        held.execute(text("SELECT 1"))
        add_user(database)  # one connection is in use, and now another one idle
        child = os.fork()
        if child == 0:
            try:
                add_user(database, "child")
                os._exit(0 if opened[-1:] == [os.getpid()] else 1)
            finally:
                os._exit(2)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert held.execute(text("SELECT 1")).scalar_one() == 1
    with database.read() as session:
        assert len(session.scalars(select(User)).all()) == 2


def test_postgresql_is_taken_under_its_usual_names():
    urls = ("postgres://h/d", "postgresql://h/d", "postgresql+psycopg://h/d")
    assert {Database(url).url for url in urls} == {"postgresql+psycopg://h/d"}
