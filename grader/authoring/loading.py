"""Makes families and code tasks of the texts of their files, which are on no disk."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from grader.catalog import task_of
from grader.core import Task
from problems.core import FamilyError
from problems.declared import declared_family
from problems.families import Family, family_from_module
from problems.markdown import QUESTION, parse_question

FAMILY, TASK, TASK_TEXT = "family.py", "task.py", "task.md"
_MODULE = "authored"


def family(slug: str, version: int, files: dict[str, str], *, reordered: bool = False) -> Family:
    """Return the family of these files, in this version whatever they say.

    `reordered`, its sets of texts are in another order, as they may be in another process.
    Raises FamilyError where the files are none, and whatever the author's code raises.
    """
    question = parse_question(files[QUESTION])
    if FAMILY not in files:
        return declared_family(slug, version, question)
    if question.declared:
        raise FamilyError(
            f"The front matter has {', '.join(sorted(question.declared))}, and there is a "
            "family.py too: the one or the other says how to draw.",
            QUESTION,
            1,
        )
    module = execute(FAMILY, files[FAMILY], reordered=reordered)
    module.VERSION = version  # type: ignore[attr-defined]
    return family_from_module(slug, module, question)


def task(slug: str, version: int, files: dict[str, str]) -> Task:
    """Return the code task of these files, in this version whatever they say.

    Raises TaskError where the files are none, and whatever the author's code raises.
    """
    module = execute(TASK, files[TASK])
    module.VERSION = version  # type: ignore[attr-defined]
    return task_of(slug, module, files[TASK_TEXT])


def execute(name: str, source: str, *, reordered: bool = False) -> ModuleType:
    """Run an author's file as a fresh module. Frames of its code carry the file's name."""
    module = ModuleType(_MODULE)
    module.__file__ = name
    # Dataclasses look their module up by name while they are made.
    sys.modules[_MODULE] = module
    code: Any = source
    if reordered:
        tree = ast.parse(source, name)
        code = ast.fix_missing_locations(_SetDisplays().visit(tree))
        module.__dict__.update({"set": _Set, "frozenset": _FrozenSet})
    exec(compile(code, name, "exec", dont_inherit=True), module.__dict__)  # noqa: S102
    return module


# Python seeds the hashes of texts anew in each process, and with them the order of sets. All that
# is forked from one zygote shares a seed, so that a second process would show nothing.


def _backwards(items: Iterator[Any]) -> Iterator[Any]:
    listed = list(items)
    # The hashes of numbers are the same everywhere.
    fixed = all(isinstance(item, int | float | complex | None) for item in listed)
    return iter(listed if fixed else listed[::-1])


class _Set(set[Any]):
    def __iter__(self) -> Iterator[Any]:
        return _backwards(super().__iter__())


class _FrozenSet(frozenset[Any]):
    def __iter__(self) -> Iterator[Any]:
        return _backwards(super().__iter__())


class _SetDisplays(ast.NodeTransformer):
    """Writes set displays and comprehensions as calls of `set`."""

    def visit_Set(self, node: ast.Set) -> ast.AST:
        return self._call(node, ast.List(node.elts, ast.Load()))

    def visit_SetComp(self, node: ast.SetComp) -> ast.AST:
        return self._call(node, ast.ListComp(node.elt, node.generators))

    def _call(self, node: ast.expr, items: ast.expr) -> ast.AST:
        called = ast.Call(ast.Name("set", ast.Load()), [items], [])
        return ast.copy_location(self.generic_visit(called), node)
