"""Bring a database to the newest schema."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, func, select
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import NullPool

from quizapp.config import database_url
from quizapp.errors import ConfigError

# Beside the package in the checkout, which an editable install runs from.
FOLDER = Path(__file__).resolve().parents[2] / "migrations"
UPGRADE_LOCK = 0x7175697A  # "quiz"


def alembic_config(url: str, folder: Path = FOLDER) -> Config:
    """Return Alembic's configuration for the database at `url`; there is no alembic.ini."""
    if not (folder / "env.py").is_file():
        raise ConfigError(
            f"The migrations are not at {folder}. Install quizapp from its checkout with "
            "'pip install -e .'."
        )
    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.attributes["url"] = database_url(url)
    return config


def upgrade(url: str) -> None:
    """Apply the migrations that the database at `url` lacks, each in its own transaction.

    Raises ConfigError where the database cannot be reached or written.
    """
    try:
        with _one_at_a_time(url):
            command.upgrade(alembic_config(url), "head")
    except OperationalError as error:
        raise ConfigError(f"The database cannot be upgraded: {error.orig}") from error


def require_current(url: str) -> None:
    """Raise ConfigError unless the database answers and has every migration."""
    head = ScriptDirectory.from_config(alembic_config(url)).get_current_head()
    engine = create_engine(database_url(url), poolclass=NullPool)
    try:
        with engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
    except DBAPIError as error:
        raise ConfigError(f"The database does not answer: {error.orig}") from error
    if current != head:
        raise ConfigError("The database's tables are missing or old. Run: quizapp db upgrade")


@contextmanager
def _one_at_a_time(url: str) -> Iterator[None]:
    """Wait while another machine upgrades the same PostgreSQL database."""
    engine = create_engine(database_url(url), poolclass=NullPool)
    if engine.dialect.name != "postgresql":
        yield
        return
    with engine.connect() as connection:
        # Held by this connection, until it is closed.
        connection.execute(select(func.pg_advisory_lock(UPGRADE_LOCK)))
        yield
