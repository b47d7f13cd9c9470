"""Bring a database to the newest schema."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, func, select
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
    """Apply the migrations that the database at `url` lacks, each in its own transaction."""
    with _one_at_a_time(url):
        command.upgrade(alembic_config(url), "head")


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
