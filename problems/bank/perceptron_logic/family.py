"""What a perceptron (a linear threshold unit) computes, and what none can: the truth tables."""

from dataclasses import dataclass

import numpy as np

from problems.answers import Vector, YesNo
from problems.core import Array, Mistake, ParamError, param
from problems.drawing import Draw
from problems.engine.threshold import MAX_INPUTS, conflict, corners, perceptron

RULES = ("z > 0", "z >= 0")
LOWS = {"0 and 1": 0.0, "-1 and 1": -1.0}


@dataclass(frozen=True)
class Params:
    """The unit, how its inputs are written, and another function to be found."""

    inputs: int = param("number of inputs", 1, MAX_INPUTS)
    w: Array = param("weights, shape (inputs,)", -1000, 1000)
    b: float = param("bias", -1000, 1000)
    fires: str = param("when the unit gives 1; else it gives 0", options=RULES)
    coding: str = param("the two values that an input takes", options=tuple(LOWS))
    target: tuple[int, ...] = param(
        "the other function: 0 or 1 for each row of the truth table, in counting order", 0, 1
    )

    def __post_init__(self) -> None:
        """Refuse a table of another length."""
        if len(self.target) != 2**self.inputs:
            raise ParamError("target", f"give one number for each of {2**self.inputs} rows.")


VERSION = 1
PARTS = {"z": Vector(decimals=2), "outputs": Vector(decimals=0), "possible": YesNo()}

XOR, XNOR = (0, 1, 1, 0), (1, 0, 0, 1)
TWO_INPUTS = (
    *((XOR, XNOR) * 3),
    *((0, 0, 0, 1), (0, 1, 1, 1), (1, 1, 1, 0), (1, 0, 0, 0)),
    *((0, 0, 1, 0), (1, 1, 0, 1), (0, 1, 0, 0), (1, 0, 1, 1)),
)


def parts(p: Params) -> dict:
    """Ask for whole numbers where nothing else can come out."""
    return PARTS | {"z": Vector(decimals=2 if np.any(_sums(p) % 1) else 0)}


def draw(r: Draw) -> Params:
    """Draw units with sums at exactly 0, and functions of which about half are separable."""
    n = r.choice("inputs", (2, 2, 3))
    return Params(
        inputs=n,
        w=r.array("w", (n,), -3, 3, 0),
        b=float(r.choice("b", (-3, -2, -1, -1, 1, 1, 2, 3))),
        fires=r.choice("fires", RULES),
        coding=r.choice("coding", ("0 and 1", "0 and 1", "-1 and 1")),
        target=r.choice("target", TWO_INPUTS) if n == 2 else r.ints("target", 2**n, 0, 1),
    )


def answer(p: Params) -> dict:
    """Compute the sums with NumPy; a function without a conflict is separable."""
    z = _sums(p)
    return {"z": z, "outputs": _fired(p, z), "possible": conflict(p.target) is None}


def witness(p: Params) -> dict:
    """Run torch's linear layer; try all small weights for the other function.

    Up to four inputs, whole weights to ±3 and thresholds halfway between whole numbers suffice.
    """
    import torch

    low = LOWS[p.coding]
    values = torch.tensor([low, 1.0], dtype=torch.float64)
    table = torch.cartesian_prod(*[values] * p.inputs).reshape(-1, p.inputs)
    z = torch.nn.functional.linear(
        table, torch.tensor(p.w)[None], torch.tensor([p.b], dtype=torch.float64)
    )[:, 0]
    small = torch.arange(-3.0, 4.0, dtype=torch.float64)
    weights = torch.cartesian_prod(*[small] * p.inputs).reshape(-1, p.inputs)
    biases = torch.arange(-12.5, 13.0, dtype=torch.float64)
    # On inputs of 0 and 1; those of −1 and 1 are the same up to other weights.
    tried = (weights @ (table > 0).double().T)[:, None] + biases[None, :, None] > 0
    wanted = torch.tensor(p.target).bool()
    return {
        "z": z.numpy(),
        "outputs": (z > 0 if p.fires == "z > 0" else z >= 0).double().numpy(),
        "possible": bool((tried == wanted).all(dim=2).any()),
    }


def _table(p: Params) -> Array:
    return corners(p.inputs, LOWS[p.coding])


def _sums(p: Params) -> Array:
    return _table(p) @ p.w + p.b


def _fired(p: Params, z: Array) -> Array:
    return (z > 0 if p.fires == "z > 0" else z >= 0).astype(np.float64)


def _wrong(p: Params, z: Array) -> dict:
    """Return wrong sums, and the outputs where they change, too."""
    fired = _fired(p, z)
    return {"z": z} | ({} if (fired == _fired(p, _sums(p))).all() else {"outputs": fired})


def _other_rule(p: Params) -> dict:
    z = _sums(p)
    if (z != 0).all():
        return {}
    return {"outputs": (z >= 0 if p.fires == "z > 0" else z > 0).astype(np.float64)}


MISTAKES = (
    Mistake(
        "bias-subtracted",
        "The bias is added to the weighted sum; a threshold would be its negative.",
        lambda p: _wrong(p, _table(p) @ p.w - p.b) if p.b else {},
    ),
    Mistake(
        "bias-forgotten",
        "The bias belongs to the sum.",
        lambda p: _wrong(p, _table(p) @ p.w) if p.b else {},
    ),
    Mistake(
        "other-coding",
        "Look at the values that the inputs take: 0 and 1, or −1 and 1.",
        lambda p: _wrong(p, corners(p.inputs, -1.0 - LOWS[p.coding]) @ p.w + p.b),
    ),
    Mistake(
        "weights-reversed",
        "The first weight belongs to the first input.",
        lambda p: _wrong(p, _table(p) @ p.w[::-1] + p.b) if (p.w != p.w[::-1]).any() else {},
    ),
    Mistake(
        "other-rule-at-zero",
        "Look at what the unit gives when its sum is exactly 0.",
        _other_rule,
    ),
    Mistake(
        "outputs-inverted",
        "A positive sum makes the unit fire: it then gives 1.",
        lambda p: {"outputs": 1 - _fired(p, _sums(p))},
    ),
    Mistake(
        "everything-separable",
        "One unit cuts the inputs by one straight line or plane; for this function none fits.",
        lambda p: {"possible": True} if conflict(p.target) else {},
    ),
    Mistake(
        "separable-denied",
        "There are weights for this function: a line or plane can separate its ones and zeros.",
        lambda p: {} if conflict(p.target) else {"possible": False},
    ),
)


def steps(p: Params) -> dict:
    """Return the truth table, and weights for the other function or why there are none."""
    found, rows = conflict(p.target), _table(p)
    weights, bias = (np.zeros(p.inputs), 0.0) if found else perceptron(rows, p.target)
    return {
        "rows": rows,
        "sums": _sums(p),
        "conflict": [k + 1 for k in found] if found else [],
        "total": rows[found[0]] + rows[found[1]] if found else [],
        "weights": weights,
        "bias": bias,
        "learnt": [] if found else rows @ weights + bias,
        "rule": p.fires.replace(">=", r"\ge"),
    }
