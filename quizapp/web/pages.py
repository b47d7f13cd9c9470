"""What all screens share: the database, error pages, and the filters of the templates."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from functools import cache
from http import HTTPStatus
from math import ceil, floor
from pathlib import Path

from flask import (
    Flask,
    Response,
    current_app,
    g,
    make_response,
    render_template,
    request,
)
from markupsafe import Markup
from werkzeug.exceptions import HTTPException

from problems.core import DIFFICULTIES, TOPICS
from quizapp.db import Database
from quizapp.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    NoTriesLeft,
    QuizappError,
    TooMany,
)
from quizapp.services import practice, runs, time_zones
from quizapp.services.courses import Member
from quizapp.services.rendering import to_html
from quizapp.web import forms

STATUS: dict[type[QuizappError], int] = {
    Forbidden: 403,
    NotFound: 404,
    Invalid: 422,
    Conflict: 409,
    NoTriesLeft: 409,
    TooMany: 429,
}
TITLES = {
    400: "This request could not be read",
    403: "This is not yours to do",
    404: "There is no such page",
    405: "This page does not take that",
    409: "Something stands in the way",
    413: "That is too much at once",
    422: "This could not be taken",
    429: "Too many in a short time",
    500: "Something went wrong on our side",
}
ADVICE = {
    403: "Ask an owner of the course for another role.",
    404: "The address may be mistyped, or the page belongs to another account.",
    405: "Go back, and use the page's own buttons.",
    413: "An answer or a source file is far smaller. Nothing was counted; go back and send less.",
    500: "It has been logged. Nothing that was saved is lost; try again in a minute.",
}


def install(app: Flask) -> None:
    """Add the filters, the globals and the error pages."""
    app.jinja_env.filters |= {
        "md": _markdown,
        "md_inline": _markdown_inline,
        "when": _when,
        "clock": _clock,
        "duration": _duration,
        "percent": _percent,
        "points": _points,
        "uncapitalised": _uncapitalised,
        "number_text": forms.number_text,
        "moment_text": forms.moment_text,
        "topic_title": TOPICS.get,
    }
    app.jinja_env.globals |= {
        "asset": _asset,
        "new_key": secrets.token_urlsafe,
        "topic_titles": TOPICS,
        "difficulties": DIFFICULTIES,
        "best_score": practice.best_score,
    }
    app.jinja_env.tests["run_item_done"] = runs.is_done
    app.context_processor(lambda: {"nonce": g.get("nonce", "")})
    app.register_error_handler(QuizappError, _on_our_error)
    app.register_error_handler(HTTPException, _on_http_error)
    app.register_error_handler(Exception, _on_fault)


def database() -> Database:
    """Return the application's database."""
    return current_app.extensions["database"]


def wants_fragment() -> bool:
    """Whether the page asks for the part that changes, not for a whole page."""
    return "HX-Request" in request.headers


def error_page(status: int, title: str, message: str) -> Response:
    """Return a page that says what was wrong and what to do.

    Where a part of a page was asked for, the whole page's content gives way to it.
    """
    answer = make_response(render_template("error.html", title=title, message=message), status)
    if wants_fragment():
        answer.headers.update(
            {"HX-Retarget": "#main", "HX-Reselect": "#main", "HX-Reswap": "outerHTML"}
        )
    return answer


def _on_our_error(error: QuizappError) -> Response:
    status = STATUS.get(type(error), 500)
    return error_page(status, TITLES[status], error.message)


def _on_http_error(error: HTTPException) -> Response | HTTPException:
    code = error.code or 500
    if code < HTTPStatus.BAD_REQUEST:
        return error
    title = TITLES.get(code, error.name)
    return error_page(code, title, ADVICE.get(code, "Go back and try again."))


def _on_fault(error: Exception) -> Response:
    current_app.logger.error("unhandled fault at %s", request.path, exc_info=error)
    # Without Flask's own context, which asks the database who is signed in: it may be at fault.
    template = current_app.jinja_env.get_template("fault.html")
    return make_response(template.render(title=TITLES[500], message=ADVICE[500]), 500)


def _markdown(text: str) -> Markup:
    return Markup(to_html(text))  # noqa: S704 (to_html gives safe HTML whatever the text)


def _markdown_inline(text: str) -> Markup:
    """Return one paragraph's text without the paragraph, for use inside a sentence."""
    return Markup(to_html(text).strip().removeprefix("<p>").removesuffix("</p>"))  # noqa: S704


def _clock(left: timedelta) -> str:
    """Return a time as a clock shows it; from a day on, as days and hours."""
    minutes, seconds = divmod(ceil(left.total_seconds()), 60)
    hours, rest = divmod(minutes, 60)
    days, of_day = divmod(hours, 24)
    if days:
        return f"{days} day{'s' if days != 1 else ''} {of_day} h"
    return f"{hours}:{rest:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def _duration(seconds: float) -> str:
    """Return how long something took, as people say it."""
    minutes, rest = divmod(round(seconds), 60)
    if minutes and not rest:
        return f"{minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _percent(share: float) -> str:
    # 99.6 % must not read as all, nor 0.4 % as none.
    rounded = floor(100 * share + 0.5 + 1e-9)
    return f"{min(max(rounded, 1 if share > 0 else 0), 99 if share < 1 else 100)} %"


def _points(value: float) -> str:
    """Return points with at most two places, and none where there is no need."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _uncapitalised(words: str) -> str:
    """Return words that begin a sentence as they stand inside one; Python keeps its capital."""
    return words[:1].lower() + words[1:]


def _when(moment: datetime, zone: str | None = None) -> Markup:
    """Return a moment on the clock of a time zone: the one of the page's course, or else UTC.

    A script shows students their browser's clock. On the pages of a course's staff the course's
    stays: on it they type the times of a quiz.
    """
    member: Member | None = g.get("member")
    zone = zone or (member.time_zone if member else "UTC")
    stays = " data-stays" if member and member.role != "student" else ""
    return Markup('<time datetime="{}"{}>{}</time>').format(
        moment.isoformat(), stays, time_zones.written(moment, zone)
    )


@cache
def _hash_of(folder: str, name: str) -> str:
    return hashlib.sha256((Path(folder) / name).read_bytes()).hexdigest()[:12]


def _asset(name: str) -> str:
    """Return a static file's address with its hash, so that browsers may keep it for good."""
    # A page has ten of them, and url_for would take a tenth of its time.
    version = _hash_of(current_app.static_folder or "", name)
    return f"{request.script_root}{current_app.static_url_path}/{name}?v={version}"
