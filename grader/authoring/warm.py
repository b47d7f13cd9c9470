"""Imports what authors' files import, before any of theirs is read; and tries it once."""

from __future__ import annotations

import importlib
import pkgutil

import grader.cells
import grader.drawing
import grader.gates  # noqa: F401 (code tasks are made with these)
import problems
import problems.engine
from grader.authoring import inside

_QUESTION = """---
title: A sum
topic: mlp
difficulty: 1
---
{% for a in (p.a, p.a) %} {{ a|num }} {% endfor %} {{ input("sum") }}
## Hint
Add.
## Solution
{{ key.sum }}
"""
_FAMILY = """from dataclasses import dataclass
import torch
from problems.answers import Real
from problems.core import Mistake, param
@dataclass(frozen=True)
class Params:
    a: int = param("a number", 1, 99)
PARTS = {"sum": Real(digits=3)}
MISTAKES = (Mistake("twice", "Once.", lambda p: {"sum": 3.0 * p.a}),)
def draw(r):
    return Params(a=r.int("a", 1, 99))
def answer(p):
    return {"sum": p.a + 1.0}
def witness(p):
    return {"sum": float(torch.nn.functional.relu(torch.tensor([p.a, 1.0])).sum())}
def steps(p):
    return {}
"""


def warm_up() -> None:
    """Import every module of `problems`, and prove a family that is none of anyone's."""
    for package in (problems, problems.engine):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    files = {"family.py": _FAMILY, "question.md": _QUESTION}
    request = {"kind": "family", "slug": "warm", "version": 1, "files": files}
    answer = inside.answer(request | {"do": "prove", "first": 0, "count": 1})
    assert answer.get("draws") == 1, answer  # noqa: S101 (or the box is not as it must be)
