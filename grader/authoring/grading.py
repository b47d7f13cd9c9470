"""Makes of a box's answer what a submission to an authored task is marked with."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.core import AnyArray, Case, GraderError, Module, Mutant, Outputs, Plan, Task


@dataclass(frozen=True)
class Trial:
    """The task, its cases with what is expected, and what each mutant gives for each of them.

    The task's own functions are in the box: here they raise.
    """

    task: Task
    cases: tuple[Case, ...]
    outcomes: Callable[[Mutant, Case], Outputs | None]


def trial(answer: dict[str, Any]) -> Trial:
    """Return what a checked answer to `cases` says. Raises GraderError where it does not fit."""
    head, drawn = answer["task"], answer["drawn"]
    task = _task(head, drawn)
    cases = tuple(_case(task, found) for found in drawn)
    found = {
        (mutant.name, id(case)): _outputs(document["mutants"].get(mutant.name))
        for case, document in zip(cases, drawn, strict=True)
        for mutant in task.mutants
    }
    return Trial(task, cases, lambda mutant, case: found[mutant.name, id(case)])


def _task(head: dict[str, Any], drawn: list[dict[str, Any]]) -> Task:
    module = head["module"]
    if not drawn or not drawn[0]["visible"]:
        raise GraderError("The task has no visible case first.")
    return Task(
        slug=head["slug"],
        title=head["title"],
        topic=head["topic"],
        difficulty=head["difficulty"],
        version=head["version"],
        function=head["function"],
        arguments=head["arguments"],
        returns=head["returns"],
        plans=tuple(Plan(found["kind"], found["visible"]) for found in drawn),
        draw=_in_the_box,
        reference=_in_the_box,
        mutants=tuple(Mutant(m["name"], m["message"], _in_the_box) for m in head["mutants"]),
        statement=head["statement"],
        starter=head["starter"],
        rtol=head["rtol"],
        atol=head["atol"],
        frameworks=tuple(head["frameworks"]),
        module=Module(**{name: tuple(module[name]) for name in module}) if module else None,
    )


def _in_the_box(*_: object) -> Any:
    raise GraderError("This function of an author's is in the box.")


def _case(task: Task, found: dict[str, Any]) -> Case:
    inputs = {name: _array(value) for name, value in found["inputs"].items()}
    expected = tuple(map(_array, found["expected"]))
    if list(inputs) != list(task.arguments) or len(expected) != len(task.returns):
        raise GraderError("The task's cases have not the arguments and results that it names.")
    return Case(found["kind"], found["visible"], inputs, expected)


def _outputs(found: list[dict[str, Any]] | None) -> Outputs | None:
    return None if found is None else tuple(map(_array, found))


def _array(found: dict[str, Any]) -> AnyArray:
    data = np.frombuffer(base64.b64decode(found["data"], validate=True), found["dtype"])
    return data.reshape(found["shape"])
