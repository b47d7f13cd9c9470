"""Bring a database to the newest schema."""

from pathlib import Path

from alembic import command
from alembic.config import Config

from quizapp.config import database_url
from quizapp.errors import ConfigError

# Beside the package in the checkout, which an editable install runs from.
FOLDER = Path(__file__).resolve().parents[2] / "migrations"


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
    command.upgrade(alembic_config(url), "head")
