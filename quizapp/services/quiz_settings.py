"""The settings of a quiz: which can be, who saw which, and what a change of them is called."""

import hashlib
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from quizapp.db.models import Feedback, Quiz
from quizapp.errors import Conflict, Invalid
from quizapp.services import time_zones

MAX_TITLE = 200
MAX_INTRODUCTION = 20_000
MAX_CODE = 64
MAX_MINUTES = 7 * 24 * 60
MAX_TRIES = 20
MAX_VARIANTS = 200

_NAMES = {
    "title": "title",
    "introduction": "introduction",
    "opens_at": "opening",
    "closes_at": "closing",
    "minutes": "time limit",
    "feedback": "feedback",
    "tries": "tries",
    "penalty": "penalty",
    "access_code": "access code",
    "variants": "variants of each question",
}


@dataclass(frozen=True)
class Settings:
    """What a quiz is like apart from its questions; db.models.Quiz says what each field means."""

    title: str
    introduction: str = ""
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    minutes: int | None = None
    feedback: Feedback = "after_closing"
    tries: int = 1
    penalty: float = 0.0
    access_code: str | None = None
    variants: int = 30

    def __post_init__(self) -> None:
        check_title(self.title, "quiz")
        if len(self.introduction) > MAX_INTRODUCTION or not _is_storable(self.introduction):
            raise Invalid(f"The introduction is a text of at most {MAX_INTRODUCTION} characters.")
        if self.opens_at and self.closes_at and self.closes_at <= self.opens_at:
            raise Invalid("The quiz closes before it opens. Give a later closing time.")
        if self.minutes is not None and not 1 <= self.minutes <= MAX_MINUTES:
            raise Invalid(f"The time limit is 1 to {MAX_MINUTES} minutes, or empty for none.")
        if not 1 <= self.tries <= MAX_TRIES:
            raise Invalid(f"Give 1 to {MAX_TRIES} tries.")
        if not 0 <= self.penalty <= 1:
            raise Invalid("The penalty for a wrong try is 0 to 100 % of the points.")
        if self.feedback == "after_closing" and (self.tries != 1 or self.penalty):
            raise Invalid("Tries and a penalty go with feedback at once alone.")
        code = self.access_code or ""
        if len(code) > MAX_CODE or not code.isprintable():
            raise Invalid(f"The access code has at most {MAX_CODE} characters, all printable.")
        if not 1 <= self.variants <= MAX_VARIANTS:
            raise Invalid(f"Draw 1 to {MAX_VARIANTS} variants of each question.")


def check_title(title: str, of: str) -> None:
    """Raise Invalid for a title that is empty, too long, or holds what cannot be printed."""
    if not title or len(title) > MAX_TITLE or not title.isprintable():
        raise Invalid(
            f"The title of a {of} has 1 to {MAX_TITLE} characters, all of them printable."
        )


def _is_storable(text: str) -> bool:
    """Whether both databases keep the text as it is."""
    return "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def stamp(quiz: Quiz) -> str:
    """Return what changes with a quiz's settings.

    A form carries it, to be refused when they have changed since it was made.
    """
    text = "\n".join(repr(getattr(quiz, field.name)) for field in fields(Settings))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def require_seen(quiz: Quiz, settings: Settings, seen: str) -> None:
    """Raise Conflict where these would replace other settings than those of the stamp."""
    names = ", ".join(_NAMES[name] for name in differing(quiz, settings))
    if names and stamp(quiz) != seen:
        raise Conflict(
            "These settings were changed since you opened them. What you typed stands below and is "
            f"not saved; it differs from them in {names}. Open the quiz in another tab "
            "to compare. Saving puts yours in their place."
        )


def differing(quiz: Quiz, settings: Settings) -> list[str]:
    """Return the names of the settings that are not the quiz's."""
    return [name for name, value in vars(settings).items() if getattr(quiz, name) != value]


def changes(quiz: Quiz, settings: Settings, zone: str) -> str:
    """Return in words what these would change, from what to what; a secret and a text unquoted."""
    return "; ".join(
        _NAMES[name]
        if name in ("introduction", "access_code")
        else f"{_NAMES[name]} from {_shown(name, getattr(quiz, name), zone)} to "
        f"{_shown(name, getattr(settings, name), zone)}"
        for name in differing(quiz, settings)
    )


def _shown(name: str, value: Any, zone: str) -> str:
    if value is None:
        return "none"
    if isinstance(value, datetime):
        return time_zones.written(value, zone)
    if name == "minutes":
        return f"{value} minute{'s' if value != 1 else ''}"
    if name == "penalty":
        return f"{100 * value:g} %"
    return f"“{value}”" if name == "title" else str(value).replace("_", " ")
