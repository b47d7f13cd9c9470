"""Signing up, signing in, and changing a password.

These three take the Database and not a session, because a password is hashed between their
transactions and never inside one: a hash takes tens of milliseconds, and a writer keeps all
others waiting.
"""

import base64
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from quizapp.db.engine import Database, now
from quizapp.db.models import Base, SignInFailure, User, random_name, username_key
from quizapp.errors import Conflict, Invalid, NotFound, TooMany
from quizapp.services.timekeeping import wait_in_words

USERNAME = re.compile(r"[A-Za-z0-9._-]{3,32}", re.ASCII)
MIN_PASSWORD = 8
MAX_PASSWORD = 200
MAX_DISPLAY_NAME = 100

HASHER = PasswordHasher()
WRONG = "That username and password do not match."


@dataclass(frozen=True)
class Limit:
    """At most `failures` within `window` for those failures that share the named columns."""

    shared: tuple[str, ...]
    failures: int
    window: timedelta = timedelta(minutes=15)


# The tightest counts a username at one address, so that a stranger elsewhere cannot keep a
# student from signing in; a whole class may share an address.
LIMITS = (
    Limit(("username_key", "address"), 5),
    Limit(("address",), 300),
    Limit(("username_key",), 60),
)


def sign_up(
    database: Database, username: str, password: str, display_name: str | None = None
) -> User:
    """Add a user.

    Raises Invalid for a username or password that cannot be taken, and Conflict when the
    username, in whatever case, is another's.
    """
    _check_username(username)
    _check_password(password)
    name = _clean_display_name(display_name)
    password_hash = HASHER.hash(password)
    user = User(username=username, password_hash=password_hash, display_name=name)
    try:
        with database.write() as session:
            session.add(user)
    except IntegrityError as error:
        raise Conflict(f"The username {username} is taken. Choose another.") from error
    return user


def sign_in(database: Database, username: str, password: str, address: str) -> User:
    """Return the user whose password this is; `address` is where the request came from.

    Raises Invalid with one message, after one time, whether the user or the password is
    wrong, and TooMany after repeated failures, then even for the right password.
    """
    key = username_key(username)[:32]
    address = address[:64]
    with database.read() as session:
        throttle(session, key, address, LIMITS, "passwords")
        user = _user_named(session, username)
    if _matches(user.password_hash if user else _hash_of_nobody(), password) and user:
        return user
    with database.write() as session:
        note_failure(session, key, address)
    raise Invalid(WRONG)


def sign_out(session: Session, user_id: int) -> None:
    """Give a user a new session token, which signs out every browser."""
    session.execute(update(User).where(User.id == user_id).values(session_token=random_name()))


def reset_password(database: Database, username: str, new: str) -> User:
    """Set a password without the old one, for an operator, and sign out every browser.

    Raises NotFound for no such user, and Invalid when `new` cannot be taken.
    """
    _check_password(new)
    new_hash = HASHER.hash(new)
    with database.write() as session:
        user = _user_named(session, username)
        if user is None:
            raise NotFound(f"There is no user {username!a}.")
        user.password_hash = new_hash
        user.session_token = random_name()
    return user


def change_password(database: Database, user_id: int, old: str, new: str) -> User:
    """Set a new password and a new session token, which signs out every other browser.

    Raises NotFound for no such user, and Invalid when `old` is not the present password or
    `new` cannot be taken.
    """
    _check_password(new)
    user = confirm_password(database, user_id, old)
    new_hash = HASHER.hash(new)
    with database.write() as session:
        changed = session.scalars(
            select(User)
            .where(User.id == user_id, User.password_hash == user.password_hash)
            .with_for_update()
        ).one_or_none()
        if changed is None:
            raise Conflict("The password was changed elsewhere meanwhile. Try again.")
        changed.password_hash = new_hash
        changed.session_token = random_name()
    return changed


def lock(session: Session, user_id: int) -> None:
    """Let one transaction at a time add to what is a user's. Raises NotFound for no such user."""
    owner = select(User.id).where(User.id == user_id).with_for_update(key_share=True)
    if session.scalars(owner).one_or_none() is None:
        raise NotFound("There is no such user.")


def confirm_password(database: Database, user_id: int, password: str) -> User:
    """Return the user whose present password this is. Raises Invalid, or NotFound."""
    with database.read() as session:
        user = session.get(User, user_id)
    if user is None:
        raise NotFound("There is no such user.")
    if not _matches(user.password_hash, password):
        raise Invalid("That is not your present password.")
    return user


_USERS = Base.metadata.tables[User.__tablename__].c
_IDENTITY = select(_USERS.id, _USERS.username, _USERS.session_token).where(
    _USERS.session_token == bindparam("token")
)


@dataclass(frozen=True)
class Identity:
    """Who a login cookie belongs to."""

    id: int
    username: str
    session_token: str


def identity(connection: Connection, token: str) -> Identity | None:
    """Return whose login cookie holds `token`, or None. Every request asks this."""
    row = connection.execute(_IDENTITY, {"token": _printable(token)}).one_or_none()
    return Identity(*row) if row else None


def show_streak(session: Session, user_id: int, *, shown: bool) -> None:
    """Show or hide how many days in a row a user has practised."""
    session.execute(update(User).where(User.id == user_id).values(shows_streak=shown))


def shows_streak(session: Session, user_id: int) -> bool:
    """Whether a user wants to see how many days in a row they have practised."""
    return session.scalars(select(User.shows_streak).where(User.id == user_id)).one()


def _check_username(username: str) -> None:
    if not USERNAME.fullmatch(username):
        raise Invalid(
            "A username has 3 to 32 characters: letters a to z, digits, full stop, "
            "underscore and hyphen."
        )


def _check_password(password: str) -> None:
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise Invalid(f"A password has {MIN_PASSWORD} to {MAX_PASSWORD} characters.")
    if not _encodable(password):
        raise Invalid("The password holds a character that cannot be stored. Choose another.")


def _clean_display_name(name: str | None) -> str | None:
    if name is None or not name.strip():
        return None
    name = name.strip()
    if len(name) > MAX_DISPLAY_NAME or not name.isprintable():
        raise Invalid(f"A name has at most {MAX_DISPLAY_NAME} characters, all of them printable.")
    return name


def _user_named(session: Session, username: str) -> User | None:
    if not USERNAME.fullmatch(username):
        return None
    return session.scalars(
        select(User).where(User.username_key == username_key(username))
    ).one_or_none()


def _matches(password_hash: str, password: str) -> bool:
    # What sign_up would not have taken is no one's password, but takes the same time.
    candidate = password[:MAX_PASSWORD] if _encodable(password) else ""
    try:
        HASHER.verify(password_hash, candidate)
    except VerificationError:
        return False
    return candidate == password


def _hash_of_nobody() -> str:
    """Return a hash that no password has and that takes as long to check as a real one."""

    def random(length: int) -> str:
        return base64.b64encode(secrets.token_bytes(length)).rstrip(b"=").decode()

    return (
        f"$argon2id$v=19$m={HASHER.memory_cost},t={HASHER.time_cost},p={HASHER.parallelism}"
        f"${random(HASHER.salt_len)}${random(HASHER.hash_len)}"
    )


def note_failure(session: Session, key: str, address: str) -> None:
    """Keep that a secret was given wrongly, for `throttle`."""
    session.add(SignInFailure(username_key=_printable(key), address=_printable(address)))


def throttle(session: Session, key: str, address: str, limits: Sequence[Limit], what: str) -> None:
    """Raise TooMany after as many failures as a limit allows; `what` names what they were."""
    values = {"username_key": _printable(key), "address": _printable(address)}
    moment = now(session)
    for limit in limits:
        oldest = _oldest_of_the_last(session, limit, values, moment - limit.window)
        if oldest is not None:
            wait = wait_in_words(oldest + limit.window - moment)
            raise TooMany(f"Too many wrong {what}. Try again in {wait}.")


def _oldest_of_the_last(
    session: Session, limit: Limit, values: dict[str, str], since: datetime
) -> datetime | None:
    """Return when the failure was whose end of window opens the way, or None if it is open."""
    shared = [getattr(SignInFailure, name) == values[name] for name in limit.shared]
    return session.scalars(
        select(SignInFailure.created_at)
        .where(*shared, SignInFailure.created_at > since)
        .order_by(SignInFailure.created_at.desc())
        .offset(limit.failures - 1)
        .limit(1)
    ).one_or_none()


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _printable(text: str) -> str:
    """Return the text without what PostgreSQL cannot hold: NUL and lone surrogates."""
    return text.encode(errors="replace").decode().replace("\x00", "?")
