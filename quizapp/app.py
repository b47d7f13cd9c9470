"""Makes the Flask application. It imports no torch: grading is the workers' business."""

from __future__ import annotations

from flask import Flask, Response, request
from flask_compress import Compress
from werkzeug.middleware.proxy_fix import ProxyFix

from quizapp.config import Settings
from quizapp.db import Database
from quizapp.web import (
    accounts,
    authoring,
    code,
    course_practice,
    courses,
    exams,
    health,
    home,
    mixed,
    pages,
    people,
    practice,
    quizzes,
    regrades,
    results,
    security,
    sittings,
)


def create_app(settings: Settings) -> Flask:
    """Return the application for these settings; it connects to its database at first use."""
    app = Flask("quizapp.web", static_folder="static", template_folder="templates")
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=security.LONGEST_ANSWER_BYTES,
        MAX_FORM_MEMORY_SIZE=security.LONGEST_ANSWER_BYTES,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.proxies > 0,
        SEND_FILE_MAX_AGE_DEFAULT=31_536_000,  # addresses of static files carry their hash
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_MIMETYPES=["text/html", "text/css", "text/javascript", "image/svg+xml"],
        COMPRESS_MIN_SIZE=4096,  # below that the time is worth more than the bytes
        WTF_CSRF_TIME_LIMIT=None,  # a tab left open over night still works
    )
    app.url_map.merge_slashes = False  # its redirect would go to whatever host was asked for
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies)
    app.extensions["database"] = Database(settings.database_url)
    Compress(app)
    app.after_request(_read_whole)
    security.install(app)
    pages.install(app)
    for module in (
        home,
        accounts,
        practice,
        mixed,
        exams,
        code,
        courses,
        people,
        results,
        course_practice,
        authoring,
        quizzes,
        regrades,
        sittings,
        health,
    ):
        app.register_blueprint(module.blueprint)
    return app


def _read_whole(response: Response) -> Response:
    """Read a static file into its answer: as a stream its file would stay open once compressed."""
    if request.endpoint == "static":
        response.direct_passthrough = False
        response.get_data()
    return response
