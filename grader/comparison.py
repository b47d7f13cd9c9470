"""Compares what came out of the box with what was expected, outside it.

In order: the kind of result, dtype, exact shape, finiteness, and only then closeness.
np.allclose alone would take an empty array, or a (1, hidden) one that broadcasts.
"""

from __future__ import annotations

import numpy as np

from grader.core import AnyArray, Case, CaseResult, Difference, Outputs, Returned, Task
from grader.wire import Answer

_FLOATS = ("float64", "float32")
_INTEGERS = ("int64", "int32")


def judge(task: Task, case: Case, answer: Answer) -> CaseResult:
    """Return how one case went, from the box's answer to it."""
    match answer.kind:
        case "R":
            return _judge_result(task, case, answer)
        case "I":
            if task.module is not None:
                message = f"{task.function} {answer.text}."
            else:
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


def as_outputs(returned: Returned) -> Outputs:
    """Give a reference's or a mutant's result as a tuple of arrays."""
    items = returned if isinstance(returned, tuple) else (returned,)
    return tuple(np.asarray(item) for item in items)


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
        came = f"a tuple of {len(answer.outputs)}" if answer.is_tuple else _one(answer.outputs[0])
        return f"{task.function} returned {came}; {_asked_for(task)}."
    for name, received, expected in zip(names, answer.outputs, case.expected, strict=True):
        fault = _dtype_fault(name, received, expected)
        if fault is not None:
            return fault
    for name, received, expected in zip(names, answer.outputs, case.expected, strict=True):
        if received.shape != expected.shape:
            return f"{name} {_shape(received)}; {_shape(expected, asked=True)}."
    for name, received in zip(names, answer.outputs, strict=True):
        if not np.isfinite(received).all():
            return f"{name} has entries that are not finite (NaN or infinity)."
    return None


def _one(array: AnyArray) -> str:
    return "one array" if array.ndim else "one number"


def _dtype_fault(name: str, received: AnyArray, expected: AnyArray) -> str | None:
    if expected.dtype.kind == "i":
        if received.dtype.name in _INTEGERS:
            return None
        asked = "int64 or int32" if expected.ndim else "an integer"
    else:
        # A whole number is a number, where one number was asked for: 0 may stand for 0.0.
        if received.dtype.name in _FLOATS or (
            received.ndim == expected.ndim == 0 and received.dtype.name in _INTEGERS
        ):
            return None
        asked = "float64 or float32"
    return f"{name} has dtype {received.dtype}; {asked} was asked for."


def _shape(array: AnyArray, *, asked: bool = False) -> str:
    if array.ndim == 0:
        return "one number was asked for" if asked else "is a single number"
    return f"expected {array.shape}" if asked else f"has shape {array.shape}"


@np.errstate(all="ignore")
def _measure(task: Task, case: Case, received: Outputs) -> CaseResult:
    errors = [
        np.asarray(np.abs(r.astype(np.float64) - e))
        for r, e in zip(received, case.expected, strict=True)
    ]
    close = [_close(task, r, e) for r, e in zip(received, case.expected, strict=True)]
    different = sum(int((~c).sum()) for c in close)
    difference = _first_difference(task, case, received, close)
    return CaseResult(
        case,
        "wrong" if different else "accepted",
        received,
        message=_describe(difference),
        max_error=max(float(error.max(initial=0.0)) for error in errors),
        max_relative_error=max(
            float(
                np.divide(error, np.abs(e), out=np.zeros_like(error), where=e != 0).max(initial=0)
            )
            for error, e in zip(errors, case.expected, strict=True)
        ),
        share_different=different / max(1, sum(e.size for e in case.expected)),
        first_difference=difference,
    )


@np.errstate(all="ignore")
def _close(task: Task, received: AnyArray, expected: AnyArray) -> AnyArray:
    if received.dtype.kind == expected.dtype.kind == "i":
        return np.asarray(received == expected)
    close = np.isclose(received, expected, rtol=task.rtol, atol=task.atol, equal_nan=True)
    return np.asarray(close)


def _first_difference(
    task: Task, case: Case, received: Outputs, close: list[AnyArray]
) -> Difference | None:
    for name, r, e, agrees in zip(task.returns, received, case.expected, close, strict=True):
        if not agrees.all():
            index = tuple(int(i) for i in np.argwhere(~agrees)[0])
            return Difference(name, index, e[index].item(), r[index].item())
    return None


def _describe(difference: Difference | None) -> str | None:
    if difference is None:
        return None
    index = f"[{', '.join(map(str, difference.index))}]" if difference.index else ""
    received, expected = _show(difference.received), _show(difference.expected)
    return f"{difference.output}{index} is {received}; expected {expected}."


def _show(number: float) -> str:
    return str(number) if isinstance(number, int) else f"{number:.6g}"


def _asked_for(task: Task) -> str:
    names = tuple(task.returns)
    of_numbers = all(shape.startswith("()") for shape in task.returns.values())
    if len(names) == 1:
        return f"one {'number' if of_numbers else 'array'} was asked for"
    items = "numbers" if of_numbers else "arrays"
    return f"the tuple ({', '.join(names)}) of {items} was asked for"
