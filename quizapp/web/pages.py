"""What all screens share: the database, error pages, and the filters of the templates."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from flask import Flask, current_app, g, render_template, request, url_for
from markupsafe import Markup
from werkzeug.exceptions import HTTPException

from problems.core import DIFFICULTIES, TOPICS, Mark, PartMark
from quizapp.db import Database
from quizapp.errors import Conflict, Forbidden, Invalid, NotFound, QuizappError, TooMany
from quizapp.services.rendering import to_html

STATUS: dict[type[QuizappError], int] = {
    NotFound: 404,
    Forbidden: 403,
    Invalid: 422,
    Conflict: 409,
    TooMany: 429,
}
TITLES = {
    400: "This request could not be read",
    403: "This is not yours to see",
    404: "There is no such page",
    405: "This page does not take that",
    409: "Something stands in the way",
    413: "That is too much at once",
    422: "This could not be taken",
    429: "Too many attempts",
    500: "Something went wrong on our side",
}
ADVICE = {
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
        "array_text": _array_text,
        "tuple_text": lambda shape: f"({', '.join(map(str, shape))}{',' * (len(shape) == 1)})",
        "significant": _significant,
    }
    app.jinja_env.globals |= {
        "asset": _asset,
        "new_key": secrets.token_urlsafe,
        "topic_titles": TOPICS,
        "difficulties": DIFFICULTIES,
        "marked_word": marked_word,
    }
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


def error_page(status: int, title: str, message: str) -> tuple[str, int]:
    """Return a page that says what was wrong and what to do."""
    return render_template("error.html", status=status, title=title, message=message), status


def marked_word(part: PartMark) -> str:
    """Return the word that goes with a part's mark."""
    return {
        "right": "Right",
        "wrong": "Not right",
        "mistake": "A known mistake",
        "malformed": "Not understood",
        "blank": "Blank",
    }[part.verdict]


def summary(mark: Mark, *, kept: bool) -> tuple[str, str]:
    """Return the tone and the sentence that sum up a mark."""
    verdicts = [part.verdict for part in mark.parts.values()]
    if not mark.counts:
        if "malformed" in verdicts:
            return "malformed", "Nothing was counted: a field could not be read. Mend it and check."
        return "blank", "Nothing was counted: enter an answer first."
    right, total = verdicts.count("right"), len(verdicts)
    if right == total:
        tone, sentence = "right", "All parts are right." if total > 1 else "That is right."
    elif right:
        verb = "is" if right == 1 else "are"
        tone, sentence = "mistake", f"{right} of {total} parts {verb} right."
    else:
        tone, sentence = "wrong", "None of the parts is right." if total > 1 else "Not right yet."
    if not kept:
        sentence += " The solution is open, so this does not count."
    return tone, sentence


def _on_our_error(error: QuizappError) -> tuple[str, int]:
    status = STATUS.get(type(error), 500)
    return error_page(status, TITLES[status], error.message)


def _on_http_error(error: HTTPException) -> tuple[str, int] | HTTPException:
    code = error.code or 500
    if code < HTTPStatus.BAD_REQUEST:
        return error
    title = TITLES.get(code, error.name)
    return error_page(code, title, ADVICE.get(code, "Go back and try again."))


def _on_fault(error: Exception) -> tuple[str, int]:
    current_app.logger.error("unhandled fault at %s", request.path, exc_info=error)
    return error_page(500, TITLES[500], ADVICE[500])


def _markdown(text: str) -> Markup:
    return Markup(to_html(text))  # noqa: S704 (to_html gives safe HTML whatever the text)


def _markdown_inline(text: str) -> Markup:
    """Return one paragraph's text without the paragraph, for use inside a sentence."""
    return Markup(to_html(text).strip().removeprefix("<p>").removesuffix("</p>"))  # noqa: S704


def _when(moment: datetime) -> Markup:
    shown = moment.strftime("%d %b %Y, %H:%M UTC")
    return Markup('<time datetime="{}">{}</time>').format(moment.isoformat(), shown)


def _array_text(array: dict[str, Any]) -> str:
    """Return an array of a grade's document as rows of numbers, one row a line."""
    values, shape = array["values"], array["shape"]
    columns = shape[-1] if len(shape) > 1 and shape[-1] else len(values) or 1
    texts = [_significant(value) for value in values]
    width = max(map(len, texts), default=0)
    rows = [texts[start : start + columns] for start in range(0, len(texts), columns)]
    lines = ["  ".join(text.rjust(width) for text in row) for row in rows]
    return "\n".join([*lines, "…"] if array["truncated"] else lines)


def _significant(value: Any) -> str:
    """Return a number to five significant digits; "nan" and "inf" come as text already."""
    return f"{value:.5g}" if isinstance(value, float) else str(value)


@cache
def _hash_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def _asset(name: str) -> str:
    """Return a static file's address with its hash, so that browsers may keep it for good."""
    folder = Path(current_app.static_folder or "")
    return url_for("static", filename=name, v=_hash_of(folder / name))
