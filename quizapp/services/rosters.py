"""Rosters: who is to be in a course, as a CSV file; what one would change, and changing it.

A roster takes nobody out. What it would do is always worked out against the present state: once
for the preview and once more when it is applied.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from quizapp.db.models import Enrolment, Invitation, Role, User, username_key
from quizapp.errors import Invalid
from quizapp.services import course_log, membership, spreadsheets
from quizapp.services.accounts import USERNAME
from quizapp.services.courses import Member

MAX_BYTES = 512 * 2**10
MAX_ROWS = 5000
MAX_NAME = 100
COLUMNS = ("username", "name", "role")


@dataclass(frozen=True)
class Row:
    """One line of a roster. `role` is None where it says none: a student, or as before."""

    line: int
    username: str
    name: str | None
    role: Role | None


@dataclass(frozen=True)
class BadRow:
    """A line that cannot be taken, and why."""

    line: int
    reason: str


@dataclass(frozen=True)
class Sheet:
    """What a roster's text holds; `unread` are columns that mean nothing here."""

    rows: list[Row]
    bad: list[BadRow]
    unread: list[str]


@dataclass(frozen=True)
class Change:
    """What one line does: to whom, and in words."""

    line: int
    username: str
    name: str | None
    role: Role
    words: str


@dataclass
class Plan:
    """What a roster does: who is new, changed or invited, who stays as they are, and bad lines."""

    new: list[Change] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    invited: list[Change] = field(default_factory=list)
    unchanged: int = 0
    bad: list[BadRow] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    @property
    def changes(self) -> int:
        """How many lines change something."""
        return len(self.new) + len(self.changed) + len(self.invited)


def decode(data: bytes) -> str:
    """Return the text of an uploaded file. Raises Invalid unless it is UTF-8, and not too long."""
    if len(data) > MAX_BYTES:
        raise Invalid(f"A roster has at most {MAX_BYTES // 2**10} KiB. Send it in parts.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise Invalid(
            f"Line {line} is not UTF-8. In a spreadsheet, save the file as “CSV UTF-8”."
        ) from error


def parse(text: str) -> Sheet:
    """Read a roster: CSV with a header, by commas or semicolons.

    Lines that cannot be read are listed with why. Raises Invalid where the whole cannot be: no
    header, no username column, too many lines, or broken quotes.
    """
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise Invalid(f"A roster has at most {MAX_BYTES // 2**10} KiB. Send it in parts.")
    lines = _lines(text.removeprefix("\ufeff"))
    _, header = next(lines, (1, []))
    columns = [cell.strip().lower() for cell in header]
    _check_header(columns)
    rows: list[Row] = []
    bad: list[BadRow] = []
    seen: dict[str, int] = {}
    for count, (line, cells) in enumerate(lines, start=1):
        if count > MAX_ROWS:
            raise Invalid(f"A roster has at most {MAX_ROWS} people. Send it in parts.")
        try:
            row = _row(line, columns, cells)
            _require_once(row, seen)
            rows.append(row)
        except Invalid as error:
            bad.append(BadRow(line, error.message))
    unread = [name or "(without a name)" for name in columns if name not in COLUMNS]
    return Sheet(rows, bad, unread)


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not blank, with the lines where they begin."""
    header = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = ";" if header.count(";") > header.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield begins, cells
            begins = reader.line_num + 1
    except csv.Error as error:
        raise Invalid(
            f"Line {begins} cannot be read as CSV: a quote may be missing, or stand where none "
            "belongs. Nothing was changed."
        ) from error


def _check_header(columns: list[str]) -> None:
    if "username" not in columns:
        raise Invalid(
            "The first line must name the columns, and one of them must be “username”; “name” and "
            "“role” may stand beside it."
        )
    twice = next((name for name in COLUMNS if columns.count(name) > 1), None)
    if twice:
        raise Invalid(f"The column “{twice}” stands there twice. Keep one of them.")


def _row(line: int, columns: list[str], cells: list[str]) -> Row:
    if any(cell.strip() for cell in cells[len(columns) :]):
        raise Invalid(
            "It has more cells than the header. Put a name that has a comma in it into quotes."
        )
    said = dict(zip(columns, (spreadsheets.plain(cell) for cell in cells), strict=False))
    username, name, role = (said.get(column, "") for column in COLUMNS)
    if not username:
        raise Invalid("It has no username.")
    if not USERNAME.fullmatch(username):
        raise Invalid(
            f"{_shown(username)} is no username: those have 3 to 32 letters, digits, dots, hyphens "
            "and underscores, without accents."
        )
    if len(name) > MAX_NAME or not name.isprintable():
        raise Invalid(f"The name of {username} must have at most {MAX_NAME} printable characters.")
    try:
        known = membership.as_role(role.lower()) if role else None
    except Invalid as error:
        raise Invalid(f"{_shown(role)} is no role. {error.message}") from error
    return Row(line, username, name or None, known)


def _require_once(row: Row, seen: dict[str, int]) -> None:
    """Note the line of a username. Raises Invalid where it had one before."""
    first = seen.setdefault(username_key(row.username), row.line)
    if first != row.line:
        raise Invalid(f"{row.username} stands in line {first} already.")


def _shown(text: str) -> str:
    return f"“{text if len(text) <= 40 else text[:40] + '…'}”"  # noqa: PLR2004


def plan(session: Session, member: Member, sheet: Sheet) -> Plan:
    """Return what a roster would change in the course now."""
    return _Planning(session, member, sheet).plan


def apply(session: Session, member: Member, sheet: Sheet) -> Plan:
    """Change what a roster changes now, and say what that was; bad lines change nothing."""
    membership.lock(session, member.course_id)
    planning = _Planning(session, member, sheet)
    done = planning.plan
    for model, rows in ((Enrolment, planning.enrolled), (Invitation, planning.invited)):
        if rows:
            session.execute(insert(model), rows)
    for model, rows in ((Enrolment, planning.changed), (Invitation, planning.renamed)):
        if rows:
            session.execute(update(model), rows)
    if planning.invited_no_more:
        session.execute(delete(Invitation).where(Invitation.id.in_(planning.invited_no_more)))
    if done.changes:
        course_log.record(
            session,
            member,
            "people.roster",
            f"Applied a roster: {len(done.new)} new, {len(done.changed)} changed, "
            f"{len(done.invited)} invited.",
        )
        for sentence in planning.roles:
            course_log.record(session, member, "people.role", sentence)
    return done


class _Planning:
    """Works out a plan, and the rows that carry it out."""

    def __init__(self, session: Session, member: Member, sheet: Sheet) -> None:
        self.member = member
        keys = [username_key(row.username) for row in sheet.rows]
        self.users = {
            user.username_key: user
            for user in session.scalars(select(User).where(User.username_key.in_(keys)))
        }
        self.enrolments = {
            row.user_id: row
            for row in session.scalars(
                select(Enrolment).where(Enrolment.course_id == member.course_id)
            )
        }
        self.invitations = {
            row.username_key: row for row in membership.invitations(session, member.course_id)
        }
        self.owners = sum(row.role == "owner" for row in self.enrolments.values())
        self.enrolled: list[dict[str, object]] = []
        self.changed: list[dict[str, object]] = []
        self.invited: list[dict[str, object]] = []
        self.renamed: list[dict[str, object]] = []
        self.invited_no_more: list[int] = []
        self.roles: list[str] = []
        self.plan = Plan(bad=list(sheet.bad), unread=sheet.unread)
        # New owners first: the old one may then go.
        for row in sorted(sheet.rows, key=lambda row: row.role != "owner"):
            try:
                self._take(row)
            except Invalid as error:
                self.plan.bad.append(BadRow(row.line, error.message))
        for listed in (self.plan.new, self.plan.changed, self.plan.invited, self.plan.bad):
            listed.sort(key=lambda item: item.line)

    def _take(self, row: Row) -> None:
        user = self.users.get(username_key(row.username))
        enrolment = self.enrolments.get(user.id) if user else None
        if user is None:
            self._invite(row)
        elif enrolment is None:
            self._enrol(row, user)
        else:
            self._change(row, user, enrolment)

    def _invite(self, row: Row) -> None:
        if row.role not in (None, "student"):
            raise Invalid(
                f"There is no account {row.username}. Only students can be invited: let them sign "
                f"up first, and then make them {row.role}."
            )
        key = username_key(row.username)
        known = self.invitations.get(key)
        name = row.name or (known.name if known else None)
        if known is not None and name == known.name:
            self.plan.unchanged += 1
            return
        if known is not None:
            self.renamed.append({"id": known.id, "name": name})
        else:
            values = {"course_id": self.member.course_id, "username_key": key, "name": name}
            self.invited.append(values)
        words = "invited before, with another name" if known else "no account yet"
        self.plan.invited.append(Change(row.line, row.username, name, "student", words))

    def _enrol(self, row: Row, user: User) -> None:
        role = row.role or "student"
        invitation = self.invitations.get(user.username_key)
        name = row.name or (invitation.name if invitation else None)
        if role != "student":
            self._require_owner(row, f"make {user.username} {role}")
            self.roles.append(f"Made {user.username} {role}.")
        if role == "owner":
            self.owners += 1
        if invitation is not None:
            self.invited_no_more.append(invitation.id)
        values = {"course_id": self.member.course_id, "user_id": user.id}
        self.enrolled.append({**values, "role": role, "name": name})
        words = f"new, as {role}"
        self.plan.new.append(Change(row.line, user.username, name, role, words))

    def _change(self, row: Row, user: User, enrolment: Enrolment) -> None:
        role, name = row.role or enrolment.role, row.name or enrolment.name
        words: list[str] = []
        if role != enrolment.role:
            self._require_owner(row, f"change the role of {user.username}")
            if enrolment.role == "owner":
                if self.owners == 1:
                    raise Invalid(f"{user.username} {membership.LAST_OWNER}")
                self.owners -= 1
            self.owners += role == "owner"
            words.append(f"{role}, was {enrolment.role}")
            self.roles.append(f"Made {user.username}, who was {enrolment.role}, {role}.")
        if name != enrolment.name:
            words.append(f"name was {enrolment.name}" if enrolment.name else "had no name")
        if not words:
            self.plan.unchanged += 1
            return
        self.changed.append({"id": enrolment.id, "role": role, "name": name})
        self.plan.changed.append(Change(row.line, user.username, name, role, "; ".join(words)))

    def _require_owner(self, row: Row, what: str) -> None:
        if not self.member.may("owner"):
            raise Invalid(
                f"Only an owner may {what}. Leave the role of {row.username} out, or ask an owner."
            )


def to_csv(session: Session, course_id: int) -> str:
    """Return a course's roster, those who are invited included; applied, it changes nothing."""
    people = session.execute(
        select(User.username, Enrolment.name, Enrolment.role)
        .join_from(Enrolment, User, Enrolment.user_id == User.id)
        .where(Enrolment.course_id == course_id)
        .order_by(User.username_key)
    )
    invited = [
        (row.username_key, row.name, "student")
        for row in membership.invitations(session, course_id)
    ]
    return spreadsheets.csv_text([COLUMNS, *people, *invited])
