"""People, and the failures to sign in that throttle guessing."""

from sqlalchemy import Index, String
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column

from quizapp.db.models.base import Base, Moment, PrimaryKey, random_name


def username_key(username: str) -> str:
    """Return the form under which a username is unique."""
    return username.lower()


def _key_of_username(context: DefaultExecutionContext) -> str:
    return username_key(context.get_current_parameters()["username"])


class User(Base):
    """A person. `session_token` is what the login cookie holds; a new password changes it."""

    __tablename__ = "user_account"  # "user" is a reserved word of PostgreSQL

    id: Mapped[PrimaryKey]
    username: Mapped[str] = mapped_column(String(32))
    username_key: Mapped[str] = mapped_column(String(32), unique=True, default=_key_of_username)
    password_hash: Mapped[str] = mapped_column(String(255))
    display_name: Mapped[str | None] = mapped_column(String(100))
    created_at: Mapped[Moment]
    session_token: Mapped[str] = mapped_column(String(32), unique=True, default=random_name)
    shows_streak: Mapped[bool] = mapped_column(default=True)


class SignInFailure(Base):
    """A wrong password for a username that need not exist, or a wrong access code. Append-only."""

    __tablename__ = "sign_in_failure"
    __table_args__ = (
        Index(None, "username_key", "created_at"),
        Index(None, "address", "created_at"),
    )

    id: Mapped[PrimaryKey]
    username_key: Mapped[str] = mapped_column(String(32))
    address: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[Moment]
