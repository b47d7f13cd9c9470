"""What all tables share."""

import secrets
from datetime import UTC, datetime
from typing import Annotated, Any, get_args

from sqlalchemy import JSON, DateTime, Dialect, Enum, MetaData, String, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, mapped_column

# Constraints without a name cannot be altered by a migration on SQLite.
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: timezone-aware and in UTC on both databases. Naive values are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn a moment of any zone into UTC."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its timezone; use datetime.now(UTC)")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give SQLite's naive values back their zone."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The declarative base; its metadata is what the migrations must add up to."""

    metadata = MetaData(naming_convention=NAMES)
    # JSON and not JSONB: a document comes back as it was stored, order and digits included.
    type_annotation_map = {datetime: UtcDateTime, dict[str, Any]: JSON}  # noqa: RUF012


def one_of(words: Any, name: str) -> Enum:
    """Return the type of a column that holds one of a Literal's words, under a named check."""
    return Enum(*get_args(words), native_enum=False, create_constraint=True, length=16, name=name)


def utc_now() -> datetime:
    """Return the current time, in UTC."""
    return datetime.now(UTC)


def random_name() -> str:
    """Return 22 characters that nobody can guess and that fit an address (128 bits)."""
    return secrets.token_urlsafe(16)


PrimaryKey = Annotated[int, mapped_column(primary_key=True)]
Moment = Annotated[datetime, mapped_column(UtcDateTime, default=utc_now)]
PublicId = Annotated[str, mapped_column(String(32), unique=True, default=random_name)]
Slug = Annotated[str, mapped_column(String(150))]
"""Names a family or a task: of the bank by its slug, of a course as "course/slug"."""
IdempotencyKey = Annotated[str, mapped_column(String(64))]
