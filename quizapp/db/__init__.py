"""The database: sessions, models and migrations."""

from quizapp.db.engine import Database
from quizapp.db.migrations import require_current, upgrade

__all__ = ["Database", "open_current", "require_current", "upgrade"]


def open_current(url: str) -> Database:
    """Return a database, once its tables are known to be there and up to date."""
    require_current(url)
    return Database(url)
