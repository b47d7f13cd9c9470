"""The database: sessions, models and migrations."""

from quizapp.db.engine import Database
from quizapp.db.migrations import upgrade

__all__ = ["Database", "upgrade"]
