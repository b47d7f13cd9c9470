"""An exponentially weighted moving average, and its bias correction."""

from dataclasses import dataclass

from problems.answers import Real
from problems.core import Array, Mistake, ParamError, param
from problems.drawing import Draw
from problems.engine.optimisers import moving_averages


@dataclass(frozen=True)
class Params:
    """The decay and the values so far."""

    beta: float = param("beta, the share of the old average", 0.01, 0.9999)
    values: Array = param("the values, from time 1 on", -10_000, 10_000, max_length=60)

    def __post_init__(self) -> None:
        """Refuse tables."""
        if self.values.ndim != 1:
            raise ParamError("values", "give a list of numbers.")


VERSION = 1
PARTS = {"average": Real(decimals=3), "corrected": Real(decimals=3)}


def draw(r: Draw) -> Params:
    """Draw two to four temperatures."""
    n = r.int("count", 2, 4)
    return Params(
        beta=r.choice("beta", (0.9, 0.9, 0.8, 0.95, 0.7)),
        values=r.choice("values", (r.array("drawn_values", (n,), 3, 30, 0),)),
    )


def _at(p: Params, beta: float | None = None) -> float:
    return float(moving_averages(p.values, p.beta if beta is None else beta)[-1])


def answer(p: Params) -> dict:
    """Average step by step, then divide by 1 - beta^t."""
    average = _at(p)
    return {"average": average, "corrected": average / (1 - p.beta ** len(p.values))}


def witness(p: Params) -> dict:
    """Weight all values at once: the corrected average is their weighted mean."""
    import torch

    values = torch.tensor(p.values)
    powers = p.beta ** torch.arange(len(values) - 1, -1, -1, dtype=torch.float64)
    return {
        "average": ((1 - p.beta) * powers * values).sum().item(),
        "corrected": ((powers * values).sum() / powers.sum()).item(),
    }


def _started_at_first(p: Params) -> float:
    average = float(p.values[0])
    for value in p.values[1:].tolist():
        average = p.beta * average + (1 - p.beta) * value
    return average


def _several(p: Params) -> bool:
    return len(p.values) > 1


MISTAKES = (
    Mistake(
        "not-corrected",
        "This is the average as it is; it starts at 0 and is too small at first.",
        lambda p: {"corrected": _at(p)} if p.beta ** len(p.values) > 1e-3 else {},
    ),
    Mistake(
        "divided-by-one-minus-beta",
        "Divide by $1 - \\beta^t$: the exponent is the time.",
        lambda p: {"corrected": _at(p) / (1 - p.beta)} if _several(p) else {},
    ),
    Mistake(
        "shares-swapped",
        "The old average has the share $\\beta$, the new value $1 - \\beta$.",
        lambda p: {"average": _at(p, 1 - p.beta)} if p.beta != 0.5 else {},
    ),
    Mistake(
        "one-step-early",
        "The exponent is one too small: the first value has $t = 1$.",
        lambda p: (
            {"corrected": _at(p) / (1 - p.beta ** (len(p.values) - 1))} if _several(p) else {}
        ),
    ),
    Mistake(
        "one-step-late",
        "The exponent is one too large: the first value has $t = 1$.",
        lambda p: {"corrected": _at(p) / (1 - p.beta ** (len(p.values) + 1))},
    ),
    Mistake(
        "started-at-first-value",
        "The average starts at 0, not at the first value.",
        lambda p: {"average": _started_at_first(p)},
    ),
    Mistake(
        "plain-mean",
        "This is the plain mean; here later values weigh more.",
        lambda p: (
            {"average": float(p.values.mean()), "corrected": float(p.values.mean())}
            if len(set(p.values.tolist())) > 1
            else {}
        ),
    ),
    Mistake(
        "multiplied",
        "The correction makes the average larger: divide.",
        lambda p: {"corrected": _at(p) * (1 - p.beta ** len(p.values))},
    ),
    Mistake(
        "corrected-each-step",
        "The correction is applied to the result alone; the next step goes on from the "
        "uncorrected average.",
        lambda p: {"corrected": _fed_back(p)} if _several(p) else {},
    ),
)


def _fed_back(p: Params) -> float:
    corrected = 0.0
    for t, value in enumerate(p.values.tolist(), 1):
        corrected = (p.beta * corrected + (1 - p.beta) * value) / (1 - p.beta**t)
    return corrected


def steps(p: Params) -> dict:
    """Return the average after each value, and the divisor."""
    return {
        "averages": moving_averages(p.values, p.beta),
        "t": len(p.values),
        "divisor": 1 - p.beta ** len(p.values),
    }
