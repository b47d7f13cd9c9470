"""Signing up, in and out."""

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask_login import current_user, login_user, logout_user
from werkzeug.wrappers import Response

from quizapp.db.models import User
from quizapp.errors import Conflict, Invalid, TooMany
from quizapp.services import accounts
from quizapp.web.pages import STATUS, database
from quizapp.web.security import SignedIn, local_path

blueprint = Blueprint("accounts", __name__)


@blueprint.route("/signup", methods=["GET", "POST"])
def sign_up() -> str | Response | tuple[str, int]:
    """Show the form for a new account, or make the account and sign in."""
    if current_user.is_authenticated:
        return redirect(_next())
    if request.method == "GET":
        return _form("accounts/sign_up.html")
    username, password = request.form.get("username", ""), request.form.get("password", "")
    try:
        user = accounts.sign_up(database(), username.strip(), password)
    except (Invalid, Conflict) as error:
        return _form("accounts/sign_up.html", error.message), STATUS[type(error)]
    _sign_in(user)
    return redirect(_next(), 303)


@blueprint.route("/signin", methods=["GET", "POST"])
def sign_in() -> str | Response | tuple[str, int]:
    """Show the form to sign in, or sign in."""
    if current_user.is_authenticated:
        return redirect(_next())
    if request.method == "GET":
        return _form("accounts/sign_in.html")
    username, password = request.form.get("username", ""), request.form.get("password", "")
    address = request.remote_addr or "unknown"
    try:
        user = accounts.sign_in(database(), username.strip(), password, address)
    except (Invalid, TooMany) as error:
        return _form("accounts/sign_in.html", error.message), STATUS[type(error)]
    _sign_in(user)
    return redirect(_next(), 303)


@blueprint.post("/signout")
def sign_out() -> Response:
    """Sign out, here and in every other browser: a copied cookie must not outlive this."""
    if current_user.is_authenticated:
        with database().write() as writing:
            accounts.sign_out(writing, current_user.id)
    logout_user()
    session.clear()
    return redirect(url_for("home.home"), 303)


def _sign_in(user: User) -> None:
    # A session from before the sign-in must not become the signed-in one.
    session.clear()
    login_user(SignedIn(user.id, user.username, user.session_token))


def _form(template: str, error: str | None = None) -> str:
    username = request.form.get("username", "")[:32]
    return render_template(template, error=error, username=username, next=_next())


def _next() -> str:
    """Return where to go after signing in: a path on this host."""
    return local_path(request.values.get("next", "/"))
