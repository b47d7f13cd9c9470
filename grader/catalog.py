"""Finds the code tasks: each is a folder grader/tasks/<slug>/ with task.py and task.md."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

from grader.core import (
    Framework,
    InputKind,
    Module,
    Mutant,
    Plan,
    Task,
    TaskError,
    UnknownTask,
)
from problems.core import DIFFICULTIES, TOPICS
from problems.front_matter import read_front_matter

FOLDER = Path(__file__).parent / "tasks"
_OPTIONAL = ("RTOL", "ATOL", "FRAMEWORKS", "MODULE")

_STARTER = re.compile(r"^## Starter\s+```python\n(?P<code>.*?)^```\s*\Z", re.DOTALL | re.MULTILINE)


@cache
def tasks() -> dict[str, Task]:
    """Return every task by its slug, sorted. Raise TaskError where a folder is not a task."""
    slugs = sorted(path.parent.name for path in FOLDER.glob("*/task.py"))
    return {slug: _load(slug) for slug in slugs}


def task(slug: str) -> Task:
    """Return the task with this slug. Raise UnknownTask, saying which there are."""
    known = tasks()
    if slug not in known:
        raise UnknownTask(f"There is no code task {slug!r}. There are: {', '.join(known)}.")
    return known[slug]


def _load(slug: str) -> Task:
    module = import_module(f"grader.tasks.{slug}.task")
    text = (FOLDER / slug / "task.md").read_text(encoding="utf-8")
    return task_of(slug, module, text)


def task_of(slug: str, module: ModuleType, text: str) -> Task:
    """Make a Task of a loaded task.py and of its task.md; raise TaskError if they are none.

    Raises FamilyError, which knows the line, where the front matter cannot be read.
    """
    loaded = Task(slug=slug, **_read_markdown(slug, text), **_read_module(module))
    _check(loaded)
    return loaded


def _read_module(module: ModuleType) -> dict[str, Any]:
    """Collect what task.py declares; what is optional may be left to Task's own."""
    try:
        declared = {
            "version": module.VERSION,
            "function": module.FUNCTION,
            "arguments": module.ARGUMENTS,
            "returns": module.RETURNS,
            "plans": module.PLANS,
            "draw": module.draw,
            "reference": module.reference,
            "mutants": module.MUTANTS,
        }
    except AttributeError as error:
        raise TaskError(f"task.py: {error.name} is missing.") from error
    _check_declared(declared)
    optional = {name.lower(): getattr(module, name, None) for name in _OPTIONAL}
    return declared | {name: value for name, value in optional.items() if value is not None}


def _check_declared(declared: dict[str, Any]) -> None:
    for name in ("arguments", "returns"):
        found = declared[name]
        if not isinstance(found, Mapping) or not all(isinstance(s, str) for s in found.values()):
            raise TaskError(
                f"task.py: {name.upper()} gives each name its shape as a text, as in "
                '{"x": "(batch, in)"}.'
            )
    for name, of in (("plans", Plan), ("mutants", Mutant)):
        found = declared[name]
        if not isinstance(found, tuple | list) or not all(isinstance(item, of) for item in found):
            raise TaskError(
                f"task.py: {name.upper()} is a tuple of {of.__name__}(...), with a comma after "
                "each, also the last."
            )


def _read_markdown(slug: str, text: str) -> dict[str, Any]:
    """Split task.md into its front matter, the statement and the starter code."""
    front, _, end = read_front_matter(text, "task.md")
    starter = _STARTER.search(text, end)
    if starter is None:
        raise TaskError(f"{slug}/task.md: it must end with ## Starter and one python code block.")
    try:
        head = {key: front[key] for key in ("title", "topic", "difficulty")}
    except (KeyError, TypeError) as error:
        raise TaskError(f"{slug}/task.md: the front matter lacks {error}.") from error
    return head | {
        "statement": text[end : starter.start()].strip() + "\n",
        "starter": starter["code"],
    }


def _check(task: Task) -> None:
    # Types too: they come from files that anyone writes. True is an int, and 1 == True.
    if task.topic not in list(TOPICS):
        raise TaskError(f"{task.slug}: the topic is one of {', '.join(TOPICS)}.")
    if type(task.difficulty) is not int or task.difficulty not in DIFFICULTIES:
        raise TaskError(f"{task.slug}: the difficulty is 1, 2 or 3.")
    if type(task.version) is not int:
        raise TaskError(f"{task.slug}: VERSION is a whole number.")
    if not task.frameworks or not {*task.frameworks} <= {*get_args(Framework)}:
        raise TaskError(f"{task.slug}: FRAMEWORKS are one or more of numpy, torch.")
    if task.module is not None:
        _check_module(task, task.module)
    _check_cases(task)
    names = [mutant.name for mutant in task.mutants]
    if len(set(names)) < len(names):
        raise TaskError(f"{task.slug}: two mutants have one name.")


def _check_cases(task: Task) -> None:
    for plan in task.plans:
        if plan.kind not in get_args(InputKind):
            raise TaskError(f"{task.slug}: there is no kind of inputs {plan.kind!r}.")
    if not any(plan.visible for plan in task.plans):
        raise TaskError(f"{task.slug}: at least one case must be visible.")
    if [p.visible for p in task.plans] != sorted((p.visible for p in task.plans), reverse=True):
        raise TaskError(f"{task.slug}: visible cases come before hidden ones.")


def _check_module(task: Task, module: Module) -> None:
    if task.frameworks != ("torch",):
        raise TaskError(f"{task.slug}: a MODULE needs FRAMEWORKS of torch alone.")
    if module.arguments != tuple(task.arguments):
        raise TaskError(f"{task.slug}: MODULE must name the arguments in their order.")
