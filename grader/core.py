"""The words of the grader: tasks, mutants, submissions, cases, verdicts, limits, and the errors."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

AnyArray: TypeAlias = NDArray[Any]
Inputs: TypeAlias = Mapping[str, AnyArray]
"""The arguments of one call by name, in the order of the function's parameters.

Arrays of float64, int64 or bool. One without axes is given to the function as a Python number.
"""
Drawn: TypeAlias = Mapping[str, AnyArray | float]
"""Inputs as a task draws them: an int or a float stands for an array without axes."""
Outputs: TypeAlias = tuple[AnyArray, ...]
"""What one call gives: one array, or the items of the returned tuple; numbers have no axes."""
Returned: TypeAlias = AnyArray | float | tuple[AnyArray | float, ...]
"""What a reference or a mutant returns."""
Framework: TypeAlias = Literal["numpy", "torch"]
Warmth: TypeAlias = Literal["numpy", "torch", "authors"]
"""What a zygote has imported: a framework for students' code, or all that authors' files need."""

InputKind: TypeAlias = Literal["ordinary", "batch of one", "square", "distinct", "large", "edge"]
"""What is special about a case's inputs.

`square` has all sizes equal, so that no transpose fails by its shape; `distinct` no two numbers
alike; `large` sums where e^z overflows; `edge` the least sizes, zeros and ties that the statement
speaks of.
"""

SHOWN_VALUES = 64

VerdictWord: TypeAlias = Literal[
    "accepted",
    "wrong",
    "invalid_output",
    "error",
    "compile_error",
    "missing",
    "crashed",
    "timeout",
    "memory",
    "output_limit",
    "too_large",
    "internal",
]


class GraderError(Exception):
    """Something that a person asked of the grader cannot be done; the text says what and why."""


class UnknownTask(GraderError):
    """No task has this slug."""


class TaskError(GraderError):
    """A task's own files are wrong: a fault of its author, not of a student."""


class SandboxUnsafe(GraderError):
    """The box cannot be trusted on this machine, so no code is graded; the text says why."""


class BoxError(GraderError):
    """The box's own machinery failed; a submission is tried again, and then is `internal`."""


@dataclass(frozen=True)
class Limits:
    """What one submission may use; past any of these it is stopped.

    `cpu_s` seconds of processor time; `wall_s` seconds by a clock that stands still while the code
    waits for a core, so that a busy machine convicts nobody; `memory_bytes` on top of the
    interpreter and its libraries; `source_bytes` of source; `kept_bytes` of printed text are kept
    and printing goes on to `flood_bytes`; `result_bytes` of returned arrays over all cases.
    """

    cpu_s: float = 4.0
    wall_s: float = 20.0
    memory_bytes: int = 256 * 2**20
    source_bytes: int = 64 * 2**10
    kept_bytes: int = 64 * 2**10
    flood_bytes: int = 4 * 2**20
    result_bytes: int = 16 * 2**20


@dataclass(frozen=True)
class Plan:
    """One case before its numbers are drawn: the kind of inputs, and whether students see it."""

    kind: InputKind
    visible: bool = False


@dataclass(frozen=True)
class Mutant:
    """A wrong implementation that students write, with the sentence that tells them so.

    `function` takes the task's arguments as its reference does and returns what that returns. It
    may raise ValueError or IndexError where the error cannot be made, as where a transposed matrix
    does not fit.
    """

    name: str
    message: str
    function: Callable[..., Returned]


@dataclass(frozen=True)
class Module:
    """How the box uses a class of PyTorch, in names of the task's arguments.

    It builds `sizes` into a module, loads the `parameters` by their names in its state dict,
    calls it with `inputs`, and back-propagates `upstream`, one gradient for each output. The
    results are the outputs, the gradients of the parameters, and those of the float inputs.
    """

    sizes: tuple[str, ...]
    parameters: tuple[str, ...]
    inputs: tuple[str, ...]
    upstream: tuple[str, ...]

    @property
    def arguments(self) -> tuple[str, ...]:
        """All names, in the order in which the task has its arguments."""
        return (*self.sizes, *self.parameters, *self.inputs, *self.upstream)


@dataclass(frozen=True)
class Task:
    """A code problem: a function that students write, and everything needed to mark it.

    `arguments` and `returns` map names to their shapes as text, "(batch, hidden)", with the dtype
    behind it unless it is float64: "(batch,) int64"; a task with one return takes an array, with
    more a tuple. `draw(kind, rng)` gives the inputs of one case. A float result r is close to the
    expected e where |r - e| <= atol + rtol * |e|; integers must be the same.

    `frameworks` are those that a source may be written in. With a `module` the source defines no
    function but a class of PyTorch.
    """

    slug: str
    title: str
    topic: str
    difficulty: int
    version: int
    function: str
    arguments: Mapping[str, str]
    returns: Mapping[str, str]
    plans: tuple[Plan, ...]
    draw: Callable[[InputKind, np.random.Generator], Drawn]
    reference: Callable[..., Returned]
    mutants: tuple[Mutant, ...]
    statement: str
    starter: str
    rtol: float = 1e-5
    atol: float = 1e-6
    frameworks: tuple[Framework, ...] = ("numpy", "torch")
    module: Module | None = None

    @property
    def signature(self) -> str:
        """What is called and with what; of a class, what builds it and what calls the module."""
        if self.module is None:
            return f"{self.function}({', '.join(self.arguments)})"
        sizes, inputs = ", ".join(self.module.sizes), ", ".join(self.module.inputs)
        return f"{self.function}({sizes})({inputs})"

    def to_json(self) -> dict[str, Any]:
        """Describe the task to whoever will write code for it; no reference, no mutant."""
        return {
            "slug": self.slug,
            "title": self.title,
            "topic": self.topic,
            "difficulty": self.difficulty,
            "version": self.version,
            "function": self.function,
            "signature": self.signature,
            "frameworks": list(self.frameworks),
            "arguments": dict(self.arguments),
            "returns": dict(self.returns),
            "cases": {
                "visible": sum(plan.visible for plan in self.plans),
                "hidden": sum(not plan.visible for plan in self.plans),
            },
            "tolerance": {"rtol": self.rtol, "atol": self.atol},
            "statement": self.statement,
            "starter": self.starter,
        }


@dataclass(frozen=True)
class Submission:
    """A student's source file: any bytes at all."""

    task: Task
    source: bytes
    seed: int


@dataclass(frozen=True)
class Case:
    """One call with drawn inputs, and the outputs of the reference."""

    kind: InputKind
    visible: bool
    inputs: Inputs
    expected: Outputs

    @property
    def arguments(self) -> tuple[AnyArray | float, ...]:
        """The inputs as the function is given them: arrays, and Python numbers."""
        return tuple(v if v.ndim else v.item() for v in self.inputs.values())


@dataclass(frozen=True)
class Difference:
    """The first place, in row-major order, where a result is not close to what was expected."""

    output: str
    index: tuple[int, ...]
    expected: int | float
    received: int | float

    def to_json(self) -> dict[str, Any]:
        """Give the place and both values."""
        return {
            "output": self.output,
            "index": list(self.index),
            "expected": _number(self.expected),
            "received": _number(self.received),
        }


@dataclass(frozen=True)
class CaseResult:
    """How one case went. `received` is None where the call gave nothing that could be compared.

    `max_error` is the largest |received - expected|, `max_relative_error` the largest of it over
    |expected|, `share_different` the share of entries beyond the tolerance.
    """

    case: Case
    verdict: VerdictWord
    received: Outputs | None = None
    message: str | None = None
    max_error: float | None = None
    max_relative_error: float | None = None
    share_different: float | None = None
    first_difference: Difference | None = None

    def to_json(self, names: Sequence[str]) -> dict[str, Any]:
        """Describe the case; of a hidden one, its verdict alone. `names` are of the outputs."""
        shown = self.case.visible
        difference = self.first_difference
        return {
            "visible": shown,
            "verdict": self.verdict,
            "expected": _outputs(self.case.expected, names) if shown else None,
            "received": _outputs(self.received, names) if shown else None,
            "max_error": _number(self.max_error) if shown else None,
            "max_relative_error": _number(self.max_relative_error) if shown else None,
            "share_different": self.share_different if shown else None,
            "first_difference": difference.to_json() if shown and difference else None,
            "message": self.message if shown else None,
            "kind": self.case.kind if shown else None,
            "inputs": (
                {name: array_to_json(value) for name, value in self.case.inputs.items()}
                if shown
                else None
            ),
        }


@dataclass(frozen=True)
class Verdict:
    """What the grader says of a submission.

    `score` is passed / total, between 0 and 1. `mistake` names the mutant whose outputs are the
    student's on every case. `traceback` has the student's own lines alone. `cpu_s` and `wall_s`
    are seconds, `memory_bytes` the peak beyond what the interpreter took before the source.
    """

    task: Task
    verdict: VerdictWord
    message: str
    cases: tuple[CaseResult, ...] = ()
    mistake: str | None = None
    traceback: str | None = None
    stdout: str = ""
    cpu_s: float = 0.0
    wall_s: float = 0.0
    memory_bytes: int = 0
    layers: tuple[str, ...] = field(default=())

    @property
    def passed(self) -> int:
        """How many cases were accepted."""
        return sum(case.verdict == "accepted" for case in self.cases)

    @property
    def total(self) -> int:
        """How many cases the task has."""
        return len(self.task.plans)

    @property
    def score(self) -> float:
        """The share of cases accepted."""
        return self.passed / self.total

    def to_json(self, file: str | None = None) -> dict[str, Any]:
        """Give the verdict's document: strict JSON, with hidden cases reduced to their verdicts."""
        return {
            "task": self.task.slug,
            "file": file,
            "verdict": self.verdict,
            "score": self.score,
            "passed": self.passed,
            "total": self.total,
            "mistake": self.mistake,
            "message": self.message,
            "cases": [case.to_json(tuple(self.task.returns)) for case in self.cases],
            "stdout": self.stdout,
            "traceback": self.traceback,
            "cpu_s": self.cpu_s,
            "wall_s": self.wall_s,
            "memory_bytes": self.memory_bytes,
            "layers": list(self.layers),
        }


def array_to_json(array: AnyArray) -> dict[str, Any]:
    """Give {dtype, shape, values, truncated}: at most the first 64 values, in row-major order."""
    return {
        "dtype": str(array.dtype),
        "shape": list(array.shape),
        "values": [_number(value) for value in array.reshape(-1)[:SHOWN_VALUES].tolist()],
        "truncated": array.size > SHOWN_VALUES,
    }


def _outputs(outputs: Outputs | None, names: Sequence[str]) -> Any:
    """One array as itself; several as a list, each with its name."""
    if outputs is None:
        return None
    if len(outputs) == 1:
        return array_to_json(outputs[0])
    return [
        {"name": name, **array_to_json(output)}
        for name, output in zip(names, outputs, strict=False)
    ]


def _number(value: float | None) -> float | str | None:
    """JSON has no NaN and no infinity: they are given as "nan", "inf" and "-inf"."""
    if value is None or math.isfinite(value):
        return value
    return str(value)
