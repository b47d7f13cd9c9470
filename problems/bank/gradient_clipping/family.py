"""Gradient clipping by the norm over all parameters, or by value (Pascanu et al. 2013)."""

from dataclasses import dataclass

import numpy as np

from problems.answers import Real, Vector
from problems.core import Array, Mistake, ParamError, param
from problems.drawing import Draw
from problems.engine.optimisers import clip_by_norm, clip_by_value


@dataclass(frozen=True)
class Params:
    """The gradients of two parameters, and the limit."""

    weights: Array = param("gradient of the weights, a list", -1e6, 1e6, max_length=12)
    biases: Array = param("gradient of the biases, a list", -1e6, 1e6, max_length=12)
    method: str = param("what is limited", options=("norm", "value"))
    limit: float = param("the threshold", 0.001, 1e6)

    def __post_init__(self) -> None:
        """Refuse tables, and a gradient of 0."""
        for name in ("weights", "biases"):
            if getattr(self, name).ndim != 1:
                raise ParamError(name, "give a list of numbers.")
        if not self.weights.any() and not self.biases.any():
            raise ParamError("weights", "give a gradient that is not 0 everywhere.")


VERSION = 1
PARTS = {"norm": Real(decimals=3), "clipped": Vector(decimals=3)}


def draw(r: Draw) -> Params:
    """Draw gradients of which most are above the limit, and some are not."""
    return Params(
        weights=r.choice("weights", (r.array("drawn_weights", (2,), -6, 6, 0),)),
        biases=r.choice(
            "biases", (r.array("drawn_biases", (r.choice("biases_count", (1, 2)),), -4, 4, 0),)
        ),
        method=r.choice("method", ("norm", "norm", "norm", "value")),
        limit=r.choice("limit", (1.0, 1.5, 2.0, 2.5, 5.0, 7.0)),
    )


def _all(p: Params) -> Array:
    return np.concatenate([p.weights, p.biases])


def _norm(p: Params) -> float:
    return float(np.linalg.norm(_all(p)))


def answer(p: Params) -> dict:
    """Clip with the reference engine."""
    clip = clip_by_norm if p.method == "norm" else clip_by_value
    return {"norm": _norm(p), "clipped": clip(_all(p), p.limit)}


def witness(p: Params) -> dict:
    """Run torch's clip_grad_norm_ (its 1e-6 below the bar taken out) or clip_grad_value_."""
    import torch

    tensors = [torch.zeros(len(g), dtype=torch.float64) for g in (p.weights, p.biases)]
    for tensor, g in zip(tensors, (p.weights, p.biases), strict=True):
        tensor.grad = torch.tensor(g)
    norm = torch.nn.utils.get_total_norm([t.grad for t in tensors if t.grad is not None])
    if p.method == "value":
        torch.nn.utils.clip_grad_value_(tensors, p.limit)
    elif norm > p.limit:
        # torch divides by norm + 1e-6: a limit larger by as much gives the exact quotient.
        torch.nn.utils.clip_grad_norm_(tensors, p.limit * (1 + 1e-6 / norm.item()))
    grads = [t.grad for t in tensors if t.grad is not None]
    return {"norm": norm.item(), "clipped": torch.cat(grads).numpy()}


def _over(p: Params) -> bool:
    return _norm(p) > p.limit


def _by_norm(p: Params) -> bool:
    return p.method == "norm"


def _each(p: Params) -> Array:
    return np.concatenate([clip_by_norm(p.weights, p.limit), clip_by_norm(p.biases, p.limit)])


def _if_other(p: Params, clipped: Array) -> dict:
    """Return the value where it differs from the key at all."""
    return {} if np.allclose(clipped, answer(p)["clipped"], atol=1e-9) else {"clipped": clipped}


MISTAKES = (
    Mistake(
        "value-for-norm",
        "This cuts each entry off by itself; clipping by the norm scales all of them together and "
        "keeps the direction.",
        lambda p: _if_other(p, clip_by_value(_all(p), p.limit)) if _by_norm(p) else {},
    ),
    Mistake(
        "norm-for-value",
        "This scales all entries together; clipping by value cuts each off by itself.",
        lambda p: {} if _by_norm(p) else _if_other(p, clip_by_norm(_all(p), p.limit)),
    ),
    Mistake(
        "always-rescaled",
        "A gradient whose norm is below the limit stays as it is.",
        lambda p: (
            _if_other(p, _all(p) * p.limit / _norm(p)) if _by_norm(p) and not _over(p) else {}
        ),
    ),
    Mistake(
        "squared-norm",
        "Divide by the norm, not by its square: the root is missing.",
        lambda p: {
            "norm": _norm(p) ** 2,
            **(_if_other(p, _all(p) * p.limit / _norm(p) ** 2) if _by_norm(p) and _over(p) else {}),
        },
    ),
    Mistake(
        "each-parameter-alone",
        "The norm goes over all parameters together.",
        lambda p: _if_other(p, _each(p)) if _by_norm(p) else {},
    ),
    Mistake(
        "limit-forgotten",
        "This has the norm 1; the clipped gradient has the limit as its norm.",
        lambda p: _if_other(p, _all(p) / _norm(p)) if _by_norm(p) and _over(p) else {},
    ),
    Mistake(
        "sum-of-absolutes",
        "This is the sum of the absolute values; the norm here is the Euclidean one.",
        lambda p: {"norm": float(np.abs(_all(p)).sum())} if (_all(p) != 0).sum() > 1 else {},
    ),
    Mistake(
        "norm-of-the-weights",
        "The biases' gradient belongs to the norm too.",
        lambda p: {"norm": float(np.linalg.norm(p.weights))} if p.biases.any() else {},
    ),
    Mistake(
        "not-clipped",
        "The gradient is above the limit: it has to be clipped.",
        lambda p: _if_other(p, _all(p)),
    ),
    Mistake(
        "sign-lost",
        "A negative entry is cut off at minus the limit.",
        lambda p: {} if _by_norm(p) else _if_other(p, np.minimum(_all(p), p.limit)),
    ),
)


def steps(p: Params) -> dict:
    """Return the sum of squares and the factor."""
    return {
        "all": _all(p),
        "squares": float((_all(p) ** 2).sum()),
        "over": _over(p),
        "factor": p.limit / _norm(p),
        "cut": bool((np.abs(_all(p)) > p.limit).any()),
    }
