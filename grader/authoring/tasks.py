"""What the box finds of a code task: its description, its cases, and a fragment of its proof."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import asdict
from itertools import combinations
from typing import Any

import numpy as np

from grader import starter
from grader.cases import draw_cases, run_mutant
from grader.comparison import same_outputs
from grader.core import AnyArray, Case, Outputs, Task, TaskError
from problems.core import FamilyError
from problems.places import TASK_TEXT, place, words

KEPT_FAILURES = 20
_DTYPES = ("float32", "float64", "int32", "int64", "bool")


def describe(task: Task) -> dict[str, Any]:
    """Return what students may know of a task, and its mutants."""
    mutants = [{"name": m.name, "message": m.message} for m in task.mutants]
    return task.to_json() | {"mutants": mutants}


def cases(task: Task, seed: int) -> dict[str, Any]:
    """Return a submission's cases, what each mutant gives for them, and how they are compared."""
    drawn = draw_cases(task, seed)
    return {
        "task": describe(task)
        | {
            "rtol": task.rtol,
            "atol": task.atol,
            "module": asdict(task.module) if task.module else None,
        },
        "drawn": [
            {
                "kind": case.kind,
                "visible": case.visible,
                "inputs": {name: _packed(value) for name, value in case.inputs.items()},
                "expected": [_packed(value) for value in case.expected],
                "mutants": {
                    mutant.name: _outcome(run_mutant(mutant, case)) for mutant in task.mutants
                },
            }
            for case in drawn
        ],
    }


def fragment(task: Task, first: int, count: int, on_seed: Callable[[int], None]) -> dict[str, Any]:
    """Try the mutants on the cases of `count` seeds from `first`.

    `told` counts for each mutant the seeds on which it is told from the reference.
    """
    told = dict.fromkeys((mutant.name for mutant in task.mutants), 0)
    failed: dict[str, int] = {}
    failures: list[dict[str, Any]] = []

    def fail(check: str, seed: int | None, detail: str, at: BaseException | None = None) -> None:
        failed[check] = failed.get(check, 0) + 1
        if failed[check] <= KEPT_FAILURES:
            file, line = place(at) if at else (None, None)
            found = {"check": check, "seed": seed, "detail": detail[:500]}
            failures.append(found | {"file": file, "line": line})

    wrong = starter.fault(task)
    if wrong and first == 0:  # a fault of the files, told once
        fail("starter", None, wrong, FamilyError(wrong, TASK_TEXT))
    for seed in range(first, first + count):
        on_seed(seed)
        try:
            drawn, again = draw_cases(task, seed), draw_cases(task, seed)
            found = {m.name: [run_mutant(m, case) for case in drawn] for m in task.mutants}
        except Exception as error:  # noqa: BLE001 (whatever a task's code raises is its failure)
            said = str(error) if isinstance(error, TaskError) else words(error)
            fail("cases", seed, said, error)
            continue
        if not all(map(_same_case, drawn, again)):
            fail("same-again", seed, "the same seed gave other inputs or results")
        expected: list[Outputs | None] = [case.expected for case in drawn]
        for name, outcomes in found.items():
            if _agree(task, outcomes, expected):
                fail("survivor", seed, f"{name} passes every case")
            else:
                told[name] += 1
        for one, other in _confused(task, found):
            fail("confused", seed, f"{one} and {other} give the same on every case")
    return {
        "first": first,
        "seeds": count,
        "version": task.version,
        "cases": len(task.plans),
        "told": told,
        "failed": failed,
        "failures": failures,
    }


def _same_case(one: Case, other: Case) -> bool:
    pairs = zip(
        (*one.inputs.values(), *one.expected),
        (*other.inputs.values(), *other.expected),
        strict=True,
    )
    return all(np.array_equal(a, b, equal_nan=a.dtype.kind == "f") for a, b in pairs)


def _agree(task: Task, one: list[Outputs | None], other: list[Outputs | None]) -> bool:
    return all(
        a is b if a is None or b is None else same_outputs(task, a, b)
        for a, b in zip(one, other, strict=True)
    )


def _confused(task: Task, found: Mapping[str, list[Outputs | None]]) -> list[tuple[str, str]]:
    pairs = combinations(found, 2)
    return [(one, other) for one, other in pairs if _agree(task, found[one], found[other])]


def _outcome(outputs: Outputs | None) -> list[dict[str, Any]] | None:
    return None if outputs is None else [_packed(value) for value in outputs]


def _packed(value: AnyArray) -> dict[str, Any]:
    """Return an array bit by bit: JSON has no NaN."""
    if value.dtype.name not in _DTYPES:
        raise TypeError(f"an array of dtype {value.dtype} is none that students are given")
    data = base64.b64encode(np.ascontiguousarray(value).tobytes()).decode()
    return {"dtype": value.dtype.name, "shape": list(value.shape), "data": data}
