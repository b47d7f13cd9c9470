"""Shape of an element-wise or a matrix product of two arrays (NumPy's and PyTorch's rules)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from problems.answers import Shape, YesNo
from problems.core import Mistake, ParamError, param
from problems.drawing import Draw
from problems.engine.broadcasting import broadcast, matmul

SIGNS = {"add": "+", "multiply": "*", "matmul": "@"}
MAX_AXES = 8
LARGEST = 2**40
ERROR = (0,)
"""What is given for the shape where the operation is an error."""


@dataclass(frozen=True)
class Params:
    """Two shapes, and the operation."""

    operation: str = param("element-wise sum or product, or matrix product", options=tuple(SIGNS))
    a: tuple[int, ...] = param("shape of A", 1, 1_000_000, max_length=MAX_AXES)
    b: tuple[int, ...] = param("shape of B", 1, 1_000_000, max_length=MAX_AXES)

    def __post_init__(self) -> None:
        """Refuse arrays beyond any memory."""
        for name in ("a", "b"):
            if math.prod(getattr(self, name)) > LARGEST:
                raise ParamError(name, "the array may have at most 2^40 numbers.")
        if _result(self) == ():
            raise ParamError("b", "two vectors give a number, which has no axes to write down.")


VERSION = 1
PARTS = {"works": YesNo(), "shape": Shape()}

BATCHES = ((), (2,), (3,), (5,), (2, 1), (4, 3), (1, 6))
MATRICES = tuple((m, n) for m in range(2, 9) for n in range(2, 9) if m != n)
SHAPES = {
    "add": tuple((*batch, *matrix) for batch in BATCHES for matrix in (*MATRICES, (1, 4), (3, 1))),
    "matmul": tuple((*batch, *matrix) for batch in BATCHES for matrix in MATRICES),
}
SHAPES["multiply"] = SHAPES["add"]


def draw(r: Draw) -> Params:
    """Draw shapes of which about two in five do not fit."""
    operation = r.choice("operation", ("add", "multiply", "matmul", "matmul"))
    a = r.choice("a", SHAPES[operation])
    partners = _matrix_partners(a) if operation == "matmul" else _partners(a)
    return Params(operation=operation, a=a, b=r.choice("b", partners))


def _partners(a: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    """Return shapes that broadcast with a, and some that only seem to."""
    *batch, m, n = (1, *a) if len(a) == 1 else a
    fitting = [(n,), (m, 1), (1, n), (4, m, 1), (2, 1, n), (m, n) if m == 1 or n == 1 else (m, 1)]
    if batch:
        fitting += [(batch[-1], 1, n), (batch[-1], m, 1), (m, n)]
    misaligned = [(m,), (n, m), (m, n, 1), (m + 1, n), (n, 1), (*batch, m) if batch else (m, 2)]
    return (*fitting, *misaligned)


def _matrix_partners(a: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    """Return shapes that a can be multiplied by, and some that it only seems to."""
    *batch, m, n = (1, *a) if len(a) == 1 else a
    fitting = [
        (n,),
        (n, 3),
        (n, m),
        (2, 1, n, 4),
        (*(batch or (5,)), n, 6),
        (*(batch or (4,)), n, m),
    ]
    misaligned = [(m, n), (m,), (*(batch or (3,)), m, n), (n + 1, m)]
    misaligned += [(*(k + 2 for k in batch), n, 3)] if batch else [(n + 1,)]
    return (*fitting, *fitting, *misaligned)


def _result(p: Params) -> tuple[int, ...] | None:
    return matmul(p.a, p.b) if p.operation == "matmul" else broadcast(p.a, p.b)


def answer(p: Params) -> dict:
    """Apply the rules with the reference engine."""
    return _given(_result(p))


def _given(shape: Sequence[int] | None) -> dict:
    return {"works": shape is not None, "shape": ERROR if shape is None else shape}


def witness(p: Params) -> dict:
    """Let PyTorch do it (shapes alone, no memory), and see whether it refuses."""
    import torch

    operation = {"add": torch.add, "multiply": torch.mul, "matmul": torch.matmul}[p.operation]
    try:
        result = operation(torch.empty(p.a, device="meta"), torch.empty(p.b, device="meta"))
    except RuntimeError:
        return _given(None)
    return _given(tuple(result.shape))


def _wrong(p: Params, shape: Sequence[int] | None) -> dict:
    """Return both parts, or the shape alone where it is right that there is one."""
    if (shape is None) == (_result(p) is None):
        return {"shape": shape} if shape else {}
    return _given(shape)


def _elementwise(p: Params) -> bool:
    return p.operation != "matmul"


def _from_the_left(p: Params) -> tuple[int, ...] | None:
    """Return the shape when the axes are aligned at their beginnings."""
    found = broadcast(p.a[::-1], p.b[::-1])
    return found[::-1] if found else None


def _stretched(p: Params) -> tuple[int, ...]:
    """Return the longer of each two axes, as if every length could be stretched."""
    axes = max(len(p.a), len(p.b))
    a, b = ((1,) * (axes - len(shape)) + shape for shape in (p.a, p.b))
    return tuple(map(max, a, b))


def _kept_columns(p: Params) -> tuple[int, ...]:
    """Return the result with the axis that both operands share."""
    result = _result(p) or ()
    both = min(len(p.a), len(p.b)) > 1 and result
    return (*result[:-1], p.a[-1], *result[-1:]) if both else ()


def _without_batch(p: Params) -> tuple[int, ...]:
    return (_result(p) or ())[-2:]


def _joined(p: Params) -> tuple[int, ...]:
    """Return the axes of both but the two that meet, without broadcasting the others."""
    return (*p.a[:-1], *p.b[:-2], *p.b[-1:]) if len(p.b) > 1 else ()


MISTAKES = (
    Mistake(
        "elementwise-as-matmul",
        "`*` and `+` work element by element; the matrix product is `@`.",
        lambda p: _wrong(p, matmul(p.a, p.b)) if _elementwise(p) else {},
    ),
    Mistake(
        "matmul-as-elementwise",
        "`@` is the matrix product: rows meet columns, and elements do not meet one by one.",
        lambda p: {} if _elementwise(p) else _wrong(p, broadcast(p.a, p.b)),
    ),
    Mistake(
        "no-broadcasting",
        "The shapes need not be equal: missing axes are added, and axes of length 1 are stretched.",
        lambda p: _given(None) if _elementwise(p) and p.a != p.b and _result(p) else {},
    ),
    Mistake(
        "no-batches",
        "More than two axes are no error: the last two are matrices, the others are batches.",
        lambda p: (
            _given(None)
            if not _elementwise(p) and max(len(p.a), len(p.b)) > 2 and _result(p)
            else {}
        ),
    ),
    Mistake(
        "aligned-from-the-left",
        "Axes are aligned from the **last** one, and missing ones are added in front.",
        lambda p: _wrong(p, _from_the_left(p)) if _elementwise(p) and len(p.a) != len(p.b) else {},
    ),
    Mistake(
        "everything-stretched",
        "Only an axis of length 1 is stretched; two other lengths must be equal.",
        lambda p: _given(_stretched(p)) if _elementwise(p) and _result(p) is None else {},
    ),
    Mistake(
        "shape-of-a",
        "The result need not have the shape of A: B can stretch it, too.",
        lambda p: {"shape": p.a} if _elementwise(p) and _result(p) not in (None, p.a) else {},
    ),
    Mistake(
        "inner-axis-kept",
        "The axis over which a matrix product sums is not in the result.",
        lambda p: {"shape": _kept_columns(p)} if not _elementwise(p) and _kept_columns(p) else {},
    ),
    Mistake(
        "first-meets-first",
        "The columns of A must be as many as the rows of B; equal numbers of rows do not help.",
        lambda p: (
            _given((*p.a[:-1], p.b[-1]))
            if not _elementwise(p) and _result(p) is None and p.a[-2:-1] == p.b[-2:-1] != ()
            else {}
        ),
    ),
    Mistake(
        "batch-dropped",
        "The axes in front of the two matrix axes stay: there is one product for each of them.",
        lambda p: (
            {"shape": _without_batch(p)}
            if not _elementwise(p) and len(_result(p) or ()) > len(_without_batch(p)) > 0
            else {}
        ),
    ),
    Mistake(
        "batches-side-by-side",
        "The axes in front are broadcast with each other, not put side by side.",
        lambda p: (
            {"shape": _joined(p)}
            if not _elementwise(p) and _result(p) and min(len(p.a), len(p.b)) > 2
            else {}
        ),
    ),
    Mistake(
        "batches-stretched",
        "Axes in front that differ do not fit, unless one of them is 1 or missing.",
        lambda p: (
            _given((*_stretched(p)[:-2], p.a[-2], p.b[-1]))
            if not _elementwise(p)
            and min(len(p.a), len(p.b)) > 2
            and p.a[-1] == p.b[-2]
            and _result(p) is None
            else {}
        ),
    ),
)


def steps(p: Params) -> dict:
    """Return the axes of both arrays, aligned at their ends."""
    matrices = not _elementwise(p)
    left = (1, *p.a) if matrices and len(p.a) == 1 else p.a
    right = (*p.b, 1) if matrices and len(p.b) == 1 else p.b
    axes = max(len(left), len(right))
    rows = [("",) * (axes - len(shape)) + tuple(map(str, shape)) for shape in (left, right)]
    aligned = list(zip(*rows, strict=True))
    return {
        "sign": SIGNS[p.operation],
        "a": Shape().show(p.a),
        "b": Shape().show(p.b),
        "axes": [
            {
                "a": a or "–",
                "b": b or "–",
                "fits": 1 in (n := [int(a or 1), int(b or 1)]) or n[0] == n[1],
            }
            for a, b in (aligned[:-2] if matrices else aligned)
        ],
        "inner": (left[-1], right[-2]) if matrices else (),
        "promoted": matrices and 1 in (len(p.a), len(p.b)),
    }
