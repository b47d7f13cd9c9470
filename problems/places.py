"""Where in an author's own files an exception came from."""

from __future__ import annotations

import difflib
import traceback
from pathlib import PurePath

from problems.core import FamilyError, ParamError, ProblemsError

QUESTION = "question.md"
TASK_TEXT = "task.md"
AUTHORED = ("family.py", QUESTION, "task.py", TASK_TEXT)
"""The files that authors write."""
TEMPLATE = "<template>"
"""What Jinja2 calls the file of a template in its tracebacks."""
MAX_WORDS = 1000
_FEW = 12


def place(error: BaseException) -> tuple[str | None, int | None]:
    """Return the file and the line, from 1, at which an author's code last was; None for neither.

    Wherever else the exception was raised, that line is the author's to look at.
    """
    if isinstance(error, FamilyError | ParamError) and error.file is not None:
        return error.file, error.line
    if isinstance(error, SyntaxError) and error.filename in AUTHORED:
        return error.filename, error.lineno
    # Not by `traceback`'s extracts, which read the lines of files that are on no disk.
    for frame, line in reversed(list(traceback.walk_tb(error.__traceback__))):
        file = PurePath(frame.f_code.co_filename).name
        if file == TEMPLATE:
            # Jinja2 maps lines back to the text for most exceptions, but not for the worst.
            template = frame.f_globals.get("__jinja_template__")
            return QUESTION, template.get_corresponding_lineno(line) if template else line
        if file in AUTHORED:
            return file, line
    return None, None


def words(error: BaseException) -> str:
    """Say what an exception says, in one short text."""
    if isinstance(error, ProblemsError):
        return str(error)[:MAX_WORDS]
    if isinstance(error, MemoryError):
        return "MemoryError: this takes more memory than there is."
    try:
        said = str(error.msg if isinstance(error, SyntaxError) else error)
        said += _hint(error, said)
    except Exception:  # noqa: BLE001 (an author's __str__ raises whatever it likes)
        said = ""
    name = type(error).__name__
    return f"{name}: {said}"[:MAX_WORDS] if said else name


def _hint(error: BaseException, said: str) -> str:
    """Say what to write instead, where an author's slip lets one know."""
    if isinstance(error, TypeError) and said.startswith("Draw."):
        return '. A parameter\'s name comes first, as in r.int("kernel", 1, 7)'
    if not isinstance(error, AttributeError) or not isinstance(error.name, str):
        return ""
    there = {*dir(type(error.obj)), *getattr(error.obj, "__dict__", ())}
    names = sorted(name for name in there if not name.startswith("_"))
    if 0 < len(names) <= _FEW:
        return f"; it has {', '.join(names)}"
    close = difflib.get_close_matches(error.name, names, 1)
    return f". Did you mean {close[0]}?" if close else ""
