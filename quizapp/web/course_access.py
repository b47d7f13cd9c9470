"""The door to every page of a course: who is not in it sees nothing, and roles are checked here."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from flask import g
from flask_login import login_required

from quizapp.db.models import Role
from quizapp.errors import Forbidden
from quizapp.services import courses
from quizapp.services.courses import Member
from quizapp.web.pages import database
from quizapp.web.security import user_id

P = ParamSpec("P")
R = TypeVar("R")


def requires(role: Role) -> Callable[[Callable[Concatenate[Member, P], R]], Callable[..., R]]:
    """Let a view in for members of this role or a higher one.

    The view's address names the course as `course`; the view gets the Member in its place. Who is
    no member is told that there is no such course, and who may too little, that they may not.
    """
    words = {"student": "members", "assistant": "assistants", "instructor": "instructors"}

    def decorate(view: Callable[Concatenate[Member, P], R]) -> Callable[..., R]:
        @wraps(view)
        def guarded(course: str, *args: P.args, **kwargs: P.kwargs) -> R:
            with database().rows() as connection:
                member = courses.member(connection, user_id(), course)
            if not member.may(role):
                raise Forbidden(
                    f"This is for the {words.get(role, 'owners')} of the course, and you are not "
                    "one of them. An owner can give you another role."
                )
            g.member = member
            return view(member, *args, **kwargs)

        guarded.required_role = role  # pyright: ignore[reportAttributeAccessIssue]
        return login_required(guarded)

    return decorate
