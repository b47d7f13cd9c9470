"""Who is signed in, forms that only our pages can send, and the headers of every answer."""

from __future__ import annotations

import secrets
from dataclasses import asdict
from http import HTTPStatus

from flask import Flask, Response, g, redirect, request, session, url_for
from flask_login import LoginManager, UserMixin, current_user
from flask_wtf import CSRFProtect
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as BaseResponse

from quizapp.services import accounts
from quizapp.web.pages import database, error_page, wants_fragment

# A pasted book is a malformed answer, not a fault: it must reach the marking to be told so.
LONGEST_ANSWER_BYTES = 16 * 2**20
ANSWER_VIEWS = ("practice.check", "practice.read", "practice.hint", "practice.solution")
LONG_TEXT_VIEWS = ("people.preview", "people.apply")
VISITORS_FORMS = ("accounts.sign_in", "accounts.sign_up")
LONGEST_FORM_BYTES = 512 * 2**10
LONGEST_TEXT_FORM_BYTES = 2**20
"""A form with a file of the longest that is taken, so that its view can say what is too long."""
LONGEST_VISITORS_FORM_BYTES = 16 * 2**10
MOST_FIELDS = 200
MOST_ESCAPES = 300_000
"""Decoding a form takes time and memory by its fields and its %-escapes, not by its length."""


class _SessionsOnly(LoginManager):
    """Signs people in by the session alone; a remember cookie is never set, so never read."""

    def _load_user_from_remember_cookie(self, cookie: str) -> None:
        del cookie


csrf = CSRFProtect()
login_manager = _SessionsOnly()


class SignedIn(accounts.Identity, UserMixin):
    """The person behind a request. The cookie holds the session token, never the id."""

    def get_id(self) -> str:
        """Return what the login cookie holds."""
        return self.session_token


def install(app: Flask) -> None:
    """Add sign-in, protection against forged forms, and the security headers."""
    app.before_request(_make_nonce)
    app.before_request(_limit_request)  # before the form is read, which the CSRF check does
    csrf.init_app(app)
    login_manager.init_app(app)
    app.after_request(_add_headers)
    app.register_error_handler(CSRFError, _forged)


def user_id() -> int:
    """Return the id of the person who is signed in; for views that require one."""
    return current_user.id


@login_manager.user_loader
def _load(token: str) -> SignedIn | None:
    with database().rows() as connection:
        found = accounts.identity(connection, token)
    return SignedIn(**asdict(found)) if found else None


@login_manager.unauthorized_handler
def _ask_to_sign_in() -> BaseResponse:
    """Send the person to sign in, and afterwards back to the page they were on."""
    if wants_fragment():
        page = request.headers.get("HX-Current-URL", "/")
        answer = Response(status=401)
        answer.headers["HX-Redirect"] = url_for("accounts.sign_in", next=local_path(page), ended=1)
        return answer
    wanted = request.full_path.rstrip("?") if request.method == "GET" else "/"
    return redirect(url_for("accounts.sign_in", next=wanted))


def local_path(address: str) -> str:
    """Return the path and query of an address, so that nobody is sent to another host."""
    path = address
    if not address.startswith("/") and "://" in address:
        path = "/" + address.split("://", 1)[1].partition("/")[2]
    # Browsers read a backslash as a slash, and //host as another host.
    if not path.startswith("/") or path.startswith("//") or "\\" in path or not path.isprintable():
        return "/"
    return path


def _make_nonce() -> None:
    g.nonce = secrets.token_urlsafe(16)


def _limit_request() -> None:
    """Refuse a form that nobody fills in, before the time is spent to decode it."""
    if request.method != "POST":
        return
    if "_user_id" not in session:
        request.max_content_length = LONGEST_VISITORS_FORM_BYTES
    elif request.endpoint in LONG_TEXT_VIEWS:
        request.max_content_length = LONGEST_TEXT_FORM_BYTES
    elif request.endpoint not in ANSWER_VIEWS:
        request.max_content_length = LONGEST_FORM_BYTES
    body = request.get_data(cache=True)
    if request.mimetype == "multipart/form-data":
        return  # it is split at its boundaries, and nothing in it is escaped
    if body.count(b"&") > MOST_FIELDS or body.count(b"%") > MOST_ESCAPES:
        raise RequestEntityTooLarge


def _add_headers(response: Response) -> Response:
    nonce = g.get("nonce", "")
    response.headers["Content-Security-Policy"] = (
        f"default-src 'self'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; "
        "img-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    static = request.endpoint == "static" and response.status_code < HTTPStatus.BAD_REQUEST
    if not static and "Cache-Control" not in response.headers:
        # What one student sees must not come back for the next on the same machine.
        response.headers["Cache-Control"] = "private, no-store"
    return response


def _forged(_error: CSRFError) -> BaseResponse:
    if not current_user.is_authenticated and request.endpoint not in VISITORS_FORMS:
        # The session has ended, and its token with it: signing in leads back to the page.
        return _ask_to_sign_in()
    return error_page(
        400,
        "This form could not be taken",
        "It does not belong to your session: you may have signed in or out in another tab, or "
        "cookies are turned off. Go back, reload the page, and send it again.",
    )
