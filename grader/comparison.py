"""Compares what came out of the box with what was expected, outside it.

In order: the kind of result, dtype, exact shape, finiteness, and only then closeness.
np.allclose alone would take an empty array, or a (1, hidden) one that broadcasts.
"""

from __future__ import annotations

import numpy as np

from grader.core import AnyArray, Case, CaseResult, Difference, Outputs, Task
from grader.wire import Answer

_FLOATS = ("float64", "float32")


def judge(task: Task, case: Case, answer: Answer) -> CaseResult:
    """Return how one case went, from the box's answer to it."""
    match answer.kind:
        case "R":
            return _judge_result(task, case, answer)
        case "I":
            message = f"{task.function} returned {answer.text}; {_asked_for(task)}."
            return CaseResult(case, "invalid_output", message=message)
        case "M":
            return CaseResult(case, "memory", message="The call ran out of memory.")
        case _:
            last = answer.text.strip().splitlines()[-1:] or ["an exception"]
            return CaseResult(case, "error", message=f"The call raised {last[0]}.")


def same_outputs(task: Task, received: Outputs, other: Outputs) -> bool:
    """Say whether two results are one within the task's tolerance; NaN is the same as NaN."""
    return len(received) == len(other) and all(
        a.shape == b.shape and bool(_close(task, a, b).all())
        for a, b in zip(received, other, strict=True)
    )


def as_outputs(returned: AnyArray | tuple[AnyArray, ...]) -> Outputs:
    """Give a reference's or a mutant's result as a tuple."""
    return returned if isinstance(returned, tuple) else (returned,)


def _judge_result(task: Task, case: Case, answer: Answer) -> CaseResult:
    received = answer.outputs
    fault = _fault(task, case, answer)
    if fault is not None:
        return CaseResult(case, "invalid_output", received, message=fault)
    return _measure(task, case, received)


def _fault(task: Task, case: Case, answer: Answer) -> str | None:
    """Say what makes a result one that cannot be compared; None if nothing does."""
    names = tuple(task.returns)
    if answer.is_tuple != (len(names) > 1) or len(answer.outputs) != len(names):
        came = f"a tuple of {len(answer.outputs)}" if answer.is_tuple else "one array"
        return f"{task.function} returned {came}; {_asked_for(task)}."
    for name, received in zip(names, answer.outputs, strict=True):
        if received.dtype.name not in _FLOATS:
            return f"{name} has dtype {received.dtype}; float64 or float32 was asked for."
    for name, received, expected in zip(names, answer.outputs, case.expected, strict=True):
        if received.shape != expected.shape:
            return f"{name} has shape {received.shape}; expected {expected.shape}."
    for name, received in zip(names, answer.outputs, strict=True):
        if not np.isfinite(received).all():
            return f"{name} has entries that are not finite (NaN or infinity)."
    return None


@np.errstate(all="ignore")
def _measure(task: Task, case: Case, received: Outputs) -> CaseResult:
    errors = [
        np.abs(r.astype(np.float64) - e) for r, e in zip(received, case.expected, strict=True)
    ]
    close = [_close(task, r, e) for r, e in zip(received, case.expected, strict=True)]
    different = sum(int((~c).sum()) for c in close)
    difference = _first_difference(task, case, received, close)
    return CaseResult(
        case,
        "wrong" if different else "accepted",
        received,
        message=_describe(difference),
        max_error=max(float(error.max()) for error in errors),
        max_relative_error=max(
            float(np.divide(error, np.abs(e), out=np.zeros_like(error), where=e != 0).max())
            for error, e in zip(errors, case.expected, strict=True)
        ),
        share_different=different / sum(e.size for e in case.expected),
        first_difference=difference,
    )


@np.errstate(all="ignore")
def _close(task: Task, received: AnyArray, expected: AnyArray) -> AnyArray:
    return np.isclose(received, expected, rtol=task.rtol, atol=task.atol, equal_nan=True)


def _first_difference(
    task: Task, case: Case, received: Outputs, close: list[AnyArray]
) -> Difference | None:
    for name, r, e, agrees in zip(task.returns, received, case.expected, close, strict=True):
        if not agrees.all():
            index = tuple(int(i) for i in np.argwhere(~agrees)[0])
            return Difference(name, index, float(e[index]), float(r[index]))
    return None


def _describe(difference: Difference | None) -> str | None:
    if difference is None:
        return None
    place = f"{difference.output}[{', '.join(map(str, difference.index))}]"
    return f"{place} is {difference.received:.6g}; expected {difference.expected:.6g}."


def _asked_for(task: Task) -> str:
    names = tuple(task.returns)
    if len(names) == 1:
        return "one array was asked for"
    return f"the tuple ({', '.join(names)}) of arrays was asked for"
