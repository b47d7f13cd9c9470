"""The time zones of courses: a moment, what the clocks show then, and the moment that they mean."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from quiz_rows import add_course, add_quiz, member
from sqlalchemy import select

from quizapp.db.models import Course, LogEntry, Quiz
from quizapp.errors import Invalid
from quizapp.services import time_zones

BERLIN = "Europe/Berlin"
MOMENTS = st.datetimes(datetime(2000, 1, 2), datetime(2099, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001
ZONES = st.sampled_from(time_zones.names())


@settings(deadline=None)
@given(MOMENTS, ZONES)
def test_a_moment_comes_back_from_its_clock_or_is_the_second_that_shows_the_same(moment, zone):
    clock = time_zones.to_clock(moment, zone)
    back = time_zones.from_clock(clock, zone)
    assert time_zones.to_clock(back, zone) == clock
    assert back <= moment
    if back != moment:  # the clocks were set back between the two
        assert time_zones.written(back, zone) != time_zones.written(moment, zone)


@pytest.mark.parametrize(
    ("clock", "zone", "moment"),
    [
        ("2026-12-01T15:00", BERLIN, "2026-12-01T14:00"),
        ("2026-07-01T15:00", BERLIN, "2026-07-01T13:00"),
        ("2026-10-25T02:30", BERLIN, "2026-10-25T00:30"),  # the first of two
        ("2026-12-01T15:00", "Asia/Kolkata", "2026-12-01T09:30"),
        ("2026-12-01T15:00", "UTC", "2026-12-01T15:00"),
        ("2060-07-01T15:00", BERLIN, "2060-07-01T13:00"),
    ],
)
def test_a_clock_means_this_moment(clock, zone, moment):
    found = time_zones.from_clock(datetime.fromisoformat(clock), zone)
    assert found == datetime.fromisoformat(moment).replace(tzinfo=UTC)


def test_a_time_that_the_clocks_skip_is_refused_by_name_with_one_that_there_is():
    skipped = datetime.fromisoformat("2026-03-29T02:30")
    with pytest.raises(
        Invalid, match=r"no 29 Mar 2026, 02:30 in Europe/Berlin.*29 Mar 2026, 03:30"
    ):
        time_zones.from_clock(skipped, BERLIN)


@pytest.mark.parametrize(
    ("zone", "text"),
    [
        ("UTC", "25 Oct 2026, 00:30 UTC"),
        (BERLIN, "25 Oct 2026, 02:30 UTC+2"),
        ("Asia/Kolkata", "25 Oct 2026, 06:00 UTC+5:30"),
        ("America/St_Johns", "24 Oct 2026, 22:00 UTC−2:30"),
        ("America/New_York", "24 Oct 2026, 20:30 UTC−4"),
    ],
)
def test_a_moment_is_written_with_its_distance_from_utc(zone, text):
    moment = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert time_zones.written(moment, zone) == text


def test_the_two_hours_that_a_clock_shows_twice_are_told_apart():
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    hours = [time_zones.written(first + timedelta(hours=n), BERLIN)[-11:] for n in (0, 1)]
    assert hours == ["02:30 UTC+2", "02:30 UTC+1"]


def test_places_are_offered_and_abbreviations_are_not():
    offered = time_zones.names()
    assert offered[0] == "UTC"
    assert {BERLIN, "Asia/Calcutta", "America/Argentina/Buenos_Aires"} <= set(offered)
    assert not {"EST5EDT", "Etc/GMT+5", "GB", "localtime"} & set(offered)


def test_a_machine_without_a_database_of_zones_has_them_all_the_same():
    code = "from quizapp.services import time_zones; print(*time_zones.names())"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONTZPATH": ""},
        check=True,
        capture_output=True,
        text=True,
    )
    assert BERLIN in done.stdout.split()


def test_another_zone_leaves_the_quizzes_at_their_moments_and_is_logged(database):
    moment = datetime(2026, 12, 1, 14, tzinfo=UTC)
    with database.write() as session:
        add_quiz(session, add_course(session), closes_at=moment)
    ines = member(database, "ines")
    assert ines.time_zone == "UTC"
    for _ in range(2):
        with database.write() as session:
            time_zones.choose(session, ines, BERLIN)
    assert member(database, "ines").time_zone == BERLIN
    with database.read() as session:
        assert session.scalars(select(Quiz.closes_at)).one() == moment
        [logged] = session.scalars(select(LogEntry.text))
    assert logged == "Changed the time zone from UTC to Europe/Berlin."


@pytest.mark.parametrize("name", ["", "Berlin", "Europe/berlin", "../etc/passwd", "\x00"])
def test_a_zone_that_there_is_not_is_refused(database, name):
    with database.write() as session:
        add_course(session)
    with database.write() as session, pytest.raises(Invalid, match="no such time zone"):
        time_zones.choose(session, member(database, "ines"), name)
    with database.read() as session:
        assert session.scalars(select(Course.time_zone)).one() == "UTC"
