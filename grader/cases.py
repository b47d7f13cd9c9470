"""Draws the cases of a task, and runs its mutants on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from grader.comparison import as_outputs
from grader.core import Case, Mutant, Outputs, Task, TaskError
from grader.drawing import stream

_NUMBERS = "biuf"
"""The kinds of dtype that are numbers, or true and false."""


def draw_cases(task: Task, seed: int) -> tuple[Case, ...]:
    """Draw the task's cases from a secret seed, each from its own stream, with the reference.

    Raises TaskError where the draw or the reference gives none that could be marked.
    """
    return tuple(_draw(task, seed, number) for number in range(len(task.plans)))


def _draw(task: Task, seed: int, number: int) -> Case:
    plan = task.plans[number]
    drawn = task.draw(plan.kind, stream(task.slug, task.version, seed, number))
    if not isinstance(drawn, Mapping) or list(drawn) != list(task.arguments):
        named = ", ".join(task.arguments)
        raise TaskError(f"draw must return a dict of the ARGUMENTS, in their order: {named}.")
    inputs = {name: np.asarray(value) for name, value in drawn.items()}
    case = Case(plan.kind, plan.visible, inputs, expected=())
    expected = as_outputs(task.reference(*case.arguments))
    if len(expected) != len(task.returns) or any(v.dtype.kind not in _NUMBERS for v in expected):
        named = ", ".join(task.returns)
        raise TaskError(f"reference must return the numbers or arrays of RETURNS: {named}.")
    for name, value in zip(task.returns, expected, strict=True):
        if not np.isfinite(value).all():
            wrong = value[~np.isfinite(value)].flat[0]
            raise TaskError(
                f"reference gives {wrong} in {name} for a case of the kind “{plan.kind}”: no "
                "submission could earn it. Let draw keep clear of such inputs."
            )
    return replace(case, expected=expected)


def run_mutant(mutant: Mutant, case: Case) -> Outputs | None:
    """Return what a mutant gives for a case; None where its error cannot be made."""
    with np.errstate(all="ignore"):
        try:
            return as_outputs(mutant.function(*case.arguments))
        except (ValueError, IndexError):
            return None
