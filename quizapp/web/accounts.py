"""Signing up, in and out, and the page of one's own account."""

from flask import Blueprint, jsonify, redirect, render_template, request, session, url_for
from flask_login import current_user, login_required, login_user, logout_user
from werkzeug.wrappers import Response

from quizapp.db.models import User
from quizapp.errors import Conflict, Invalid, TooMany
from quizapp.services import accounts, personal
from quizapp.web.pages import STATUS, database
from quizapp.web.security import SignedIn, local_path, user_id

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


@blueprint.get("/account")
@login_required
def account() -> str:
    """Show what a person may change about their account."""
    return _account_page()


@blueprint.post("/account/password")
@login_required
def change_password() -> str | tuple[str, int]:
    """Set a new password; every other browser is signed out."""
    old, new = request.form.get("old", ""), request.form.get("new", "")
    try:
        user = accounts.change_password(database(), user_id(), old, new)
    except (Invalid, Conflict) as error:
        return _account_page(error=("password", error.message)), STATUS[type(error)]
    _sign_in(user)
    return _account_page(done="The password is changed. Other browsers are signed out.")


@blueprint.post("/account/streak")
@login_required
def streak() -> str:
    """Show or hide the streak on the home page."""
    with database().write() as writing:
        accounts.show_streak(writing, user_id(), shown="shown" in request.form)
    return _account_page(done="Saved.")


@blueprint.get("/account/export.json")
@login_required
def export() -> Response:
    """Give a person all that is kept about them, as one JSON file."""
    with database().read() as reading:
        document = personal.export(reading, user_id())
    answer = jsonify(document)
    answer.headers["Content-Disposition"] = 'attachment; filename="quizapp-export.json"'
    return answer


@blueprint.post("/account/delete")
@login_required
def delete() -> str | Response | tuple[str, int]:
    """Delete the account with all that is the person's."""
    try:
        personal.delete_account(database(), user_id(), request.form.get("password", ""))
    except Invalid as error:
        return _account_page(error=("delete", error.message)), STATUS[Invalid]
    logout_user()
    session.clear()
    return redirect(url_for("home.home", deleted=1), 303)


def _account_page(*, error: tuple[str, str] | None = None, done: str | None = None) -> str:
    with database().read() as reading:
        shown = accounts.shows_streak(reading, user_id())
    return render_template("accounts/account.html", error=error, done=done, shows_streak=shown)


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
