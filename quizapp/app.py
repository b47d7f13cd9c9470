"""Makes the Flask application. It imports no torch: grading is the workers' business."""

from __future__ import annotations

from flask import Flask

from quizapp.config import Settings
from quizapp.db import Database
from quizapp.web import accounts, code, health, home, pages, practice, security

# A pasted book is a malformed answer, not a fault: it must reach the marking to be told so.
LONGEST_REQUEST_BYTES = 16 * 2**20


def create_app(settings: Settings) -> Flask:
    """Return the application for these settings; it connects to its database at first use."""
    app = Flask("quizapp.web", static_folder="static", template_folder="templates")
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=LONGEST_REQUEST_BYTES,
        MAX_FORM_MEMORY_SIZE=LONGEST_REQUEST_BYTES,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SEND_FILE_MAX_AGE_DEFAULT=31_536_000,  # addresses of static files carry their hash
        WTF_CSRF_TIME_LIMIT=None,  # a tab left open over night still works
    )
    app.extensions["database"] = Database(settings.database_url)
    security.install(app)
    pages.install(app)
    for module in (home, accounts, practice, code, health):
        app.register_blueprint(module.blueprint)
    return app
