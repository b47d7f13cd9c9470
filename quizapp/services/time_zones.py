"""The time zones of courses: choosing one, and what its clocks show at which moment."""

from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from sqlalchemy.orm import Session

from quizapp.db.models import Course
from quizapp.errors import Invalid
from quizapp.services import course_log
from quizapp.services.courses import Member

REGIONS = (
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
)
"""What the names of places begin with; the other names are abbreviations and old spellings."""


@cache
def names() -> tuple[str, ...]:
    """Return the zones to choose from, by their IANA names: UTC, and those of places."""
    places = (name for name in available_timezones() if name.partition("/")[0] in REGIONS)
    return ("UTC", *sorted(places))


def checked(name: str) -> str:
    """Return the name of a zone. Raises Invalid for any other text."""
    if name not in names():
        raise Invalid("There is no such time zone. Choose one of the list.")
    return name


def choose(session: Session, member: Member, name: str) -> None:
    """Give a course another zone; its quizzes stay at their moments. Raises Invalid."""
    course = session.get_one(Course, member.course_id, with_for_update=True)
    if checked(name) == course.time_zone:
        return
    text = f"Changed the time zone from {course.time_zone} to {name}."
    course.time_zone = name
    course_log.record(session, member, "course.time_zone", text)


def to_clock(moment: datetime, zone: str) -> datetime:
    """Return what the clocks of a zone show at a moment; it says no zone itself."""
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


def from_clock(clock: datetime, zone: str) -> datetime:
    """Return the moment, in UTC, at which the clocks of a zone show this: the first, of two.

    Raises Invalid for a time that they skip.
    """
    moment = clock.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)
    shown = to_clock(moment, zone)
    if shown != clock:
        raise Invalid(
            f"There is no {clock:%d %b %Y, %H:%M} in {zone}: its clocks go forward and skip it. "
            f"Give another time, such as {shown:%d %b %Y, %H:%M}."
        )
    return moment


def written(moment: datetime, zone: str) -> str:
    """Return a moment as the clocks of a zone show it, with their distance from UTC."""
    local = moment.astimezone(ZoneInfo(zone))
    sign, distance = "", ""
    if offset := local.utcoffset():
        sign = "+" if offset.days >= 0 else "−"
        minutes = abs(offset.total_seconds()) // 60
        hours, rest = divmod(int(minutes), 60)
        distance = f"{hours}:{rest:02}" if rest else f"{hours}"
    return f"{local:%d %b %Y, %H:%M} UTC{sign}{distance}"
