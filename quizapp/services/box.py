"""The authors' box as the services see it: what is asked of it, and what a slice of work is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy.orm import Session

from quizapp.errors import QuizappError


class BoxFailed(QuizappError):
    """The box itself failed, through no fault of the author's; it is tried again."""


class Box(Protocol):
    """Where authors' files are run, and code is graded."""

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """Run one request in the sandbox and return its answer: data, and nothing else.

        An answer may be {"error": {"message", "file", "line", "seed"}}, which is the author's
        fault. Raises BoxFailed where the box is to blame.
        """
        ...

    def grade(
        self, slug: str, version: int, source: bytes, seed: int, files: dict[str, str] | None
    ) -> dict[str, Any]:
        """Grade code and return the verdict's document; nothing of it is stored.

        `files` are those of a course's own task, None is one of the bank. Raises QuizappError
        where this task cannot be graded, and BoxFailed where the box is to blame.
        """
        ...


@dataclass(frozen=True)
class Slice:
    """What a few seconds of work came to: `done` steps and the `result`, both of all so far.

    `store` runs in the transaction that keeps the slice, and only if it is kept.
    """

    done: int
    result: dict[str, Any]
    finished: bool
    store: Callable[[Session], None] | None = None
