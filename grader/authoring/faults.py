"""An author's mistake in words for the author, with the place in their files and the seed."""

from __future__ import annotations

import traceback
from dataclasses import asdict, dataclass
from typing import Any

from problems.core import FamilyError, ProblemsError

MAX_MESSAGE = 1000


@dataclass(frozen=True)
class Fault:
    """What is wrong with an author's files; `line` counts from 1. What is not known is None."""

    message: str
    file: str | None = None
    line: int | None = None
    seed: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the answer {"error": {message, file, line, seed}} that tells the fault."""
        return {"error": asdict(self)}


def fault(error: BaseException, files: dict[str, str], seed: int | None = None) -> Fault:
    """Say what an exception means to the author of these files."""
    file, line = _place(error, files)
    return Fault(_words(error)[:MAX_MESSAGE], file, line, seed)


def _place(error: BaseException, files: dict[str, str]) -> tuple[str | None, int | None]:
    if isinstance(error, FamilyError) and error.file in files:
        return error.file, error.line
    if isinstance(error, SyntaxError) and error.filename in files:
        return error.filename, error.lineno
    # Not by `traceback`, which would read the lines of files that are nowhere on a disk.
    places = [
        (frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(error.__traceback__)
    ]
    return next((place for place in reversed(places) if place[0] in files), (None, None))


def _words(error: BaseException) -> str:
    if isinstance(error, ProblemsError):
        return str(error)
    if isinstance(error, SyntaxError):
        return f"SyntaxError: {error.msg}"
    try:
        said = str(error)
    except Exception:  # noqa: BLE001 (an author's __str__ raises whatever it likes)
        said = ""
    return f"{type(error).__name__}: {said}" if said else type(error).__name__
