"""Makes families and code tasks of the texts of their files, which are on no disk."""

from __future__ import annotations

import sys
from types import ModuleType

from grader.catalog import task_of
from grader.core import Task
from problems.core import FamilyError
from problems.declared import declared_family
from problems.families import Family, family_from_module
from problems.markdown import QUESTION, parse_question
from problems.places import TASK_TEXT

FAMILY, TASK = "family.py", "task.py"
_MODULE = "authored"


def family(slug: str, version: int, files: dict[str, str]) -> Family:
    """Return the family of these files, in this version whatever they say.

    Raises FamilyError where the files are none, and whatever the author's code raises.
    """
    question = parse_question(files[QUESTION])
    if not files.get(FAMILY, "").strip():
        if not question.declared:
            raise FamilyError(
                "family.py is empty, and the front matter of question.md declares no parameters "
                "and answers: write the one or the other."
            )
        return declared_family(slug, version, question)
    if question.declared:
        raise FamilyError(
            f"The front matter has {', '.join(sorted(question.declared))}, and there is a "
            "family.py too: the one or the other says how to draw.",
            QUESTION,
            1,
        )
    module = execute(FAMILY, files[FAMILY])
    module.VERSION = version  # type: ignore[attr-defined]
    return family_from_module(slug, module, question)


def task(slug: str, version: int, files: dict[str, str]) -> Task:
    """Return the code task of these files, in this version whatever they say.

    Raises TaskError where the files are none, and whatever the author's code raises.
    """
    module = execute(TASK, files[TASK])
    module.VERSION = version  # type: ignore[attr-defined]
    return task_of(slug, module, files[TASK_TEXT])


def execute(name: str, source: str) -> ModuleType:
    """Run an author's file as a fresh module. Frames of its code carry the file's name."""
    module = ModuleType(_MODULE)
    module.__file__ = name
    # Dataclasses look their module up by name while they are made.
    sys.modules[_MODULE] = module
    exec(compile(source, name, "exec", dont_inherit=True), module.__dict__)  # noqa: S102
    return module
