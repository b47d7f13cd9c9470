"""The database: sessions, models and migrations."""

from quizapp.db.engine import Database
from quizapp.db.migrations import require_current, upgrade

__all__ = ["Database", "require_current", "upgrade"]
