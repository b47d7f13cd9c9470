"""Two steps of RMSProp or Adagrad."""

import math
from dataclasses import dataclass

from problems.answers import Real
from problems.core import Array, Mistake, ParamError, param
from problems.drawing import Draw
from problems.engine.optimisers import adagrad_step, rmsprop_step


@dataclass(frozen=True)
class Params:
    """The rule, the gradients of some steps, and the hyper-parameters."""

    rule: str = param("the optimiser", options=("rmsprop", "adagrad"))
    w: float = param("weight before the first step", -1000, 1000)
    cache: float = param("cache before the first step", 0, 1_000_000)
    gradients: Array = param("gradient at each step", -1000, 1000, max_length=20)
    lr: float = param("learning rate", 0.00001, 10)
    decay: float = param("share of the old cache in RMSProp", 0, 0.9999)
    eps: float = param("epsilon, added after the root", 1e-12, 0.1)

    def __post_init__(self) -> None:
        """Refuse tables, and gradients of 0, which leave nothing to compute."""
        if self.gradients.ndim != 1 or not self.gradients.all():
            raise ParamError("gradients", "give a list of numbers other than 0.")


VERSION = 1
PARTS = {"cache": Real(digits=4), "w": Real(decimals=4)}


def draw(r: Draw) -> Params:
    """Draw two steps from a cache that is not empty."""
    return Params(
        rule=r.choice("rule", ("rmsprop", "adagrad")),
        w=r.real("w", -2, 3, 1),
        cache=r.choice("cache", (0.25, 0.5, 1.0, 2.0, 4.0)),
        gradients=r.choice("gradients", (r.array("drawn_gradients", (2,), -4, 4, 0),)),
        lr=r.choice("lr", (0.1, 0.2, 0.5)),
        decay=r.choice("decay", (0.9, 0.8, 0.99)),
        eps=r.choice("eps", (1e-8,)),
    )


def _run(p: Params, rule: str | None = None, decay: float | None = None) -> list[dict]:
    """Return cache and weight after each step."""
    w, cache, states = p.w, p.cache, []
    for g in p.gradients.tolist():
        if (rule or p.rule) == "adagrad":
            w, cache = adagrad_step(w, cache, g, p.lr, p.eps)
        else:
            shared = p.decay if decay is None else decay
            w, cache = rmsprop_step(w, cache, g, p.lr, shared, p.eps)
        states.append({"cache": float(cache), "w": float(w)})
    return states


def answer(p: Params) -> dict:
    """Take the steps with the reference engine."""
    return _run(p)[-1]


def witness(p: Params) -> dict:
    """Give torch's RMSprop or Adagrad the cache, and let it take the steps."""
    import torch

    w = torch.tensor(p.w, dtype=torch.float64, requires_grad=True)
    optimiser = (
        torch.optim.Adagrad([w], lr=p.lr, initial_accumulator_value=p.cache, eps=p.eps)
        if p.rule == "adagrad"
        else torch.optim.RMSprop([w], lr=p.lr, alpha=p.decay, eps=p.eps)
    )
    name = "sum" if p.rule == "adagrad" else "square_avg"
    if p.rule == "rmsprop":
        start = torch.tensor(p.cache, dtype=torch.float64)
        optimiser.state[w] = {"step": torch.tensor(0.0), "square_avg": start}
    for g in p.gradients:
        w.grad = torch.tensor(g, dtype=torch.float64)
        optimiser.step()
    return {"cache": optimiser.state[w][name].item(), "w": w.item()}


def _stepped(p: Params, divisor: str) -> dict:
    """Return the weight when each step divides by something else than the root of the cache."""
    w = p.w
    for g, state in zip(p.gradients.tolist(), _run(p), strict=True):
        below = {"cache": state["cache"], "one": 1.0}[divisor] + p.eps
        w -= p.lr * g / below
    return {"w": w}


def _old_cache(p: Params) -> dict:
    """Return the weight when each step divides by the cache from before it."""
    w, before = p.w, p.cache
    for g, state in zip(p.gradients.tolist(), _run(p), strict=True):
        w -= p.lr * g / (math.sqrt(before) + p.eps)
        before = state["cache"]
    return {"w": w} if p.cache else {}


def _unsquared(p: Params) -> dict:
    cache = p.cache
    for g in p.gradients.tolist():
        cache = cache + g if p.rule == "adagrad" else p.decay * cache + (1 - p.decay) * g
    return {"cache": cache}


MISTAKES = (
    Mistake(
        "shares-swapped",
        "The old cache has the share $\\rho$, the new square the share $1 - \\rho$.",
        lambda p: _run(p, decay=1 - p.decay)[-1] if p.rule == "rmsprop" else {},
    ),
    Mistake(
        "adagrad-decayed",
        "Adagrad forgets nothing: it adds up the squares, without decay.",
        lambda p: _run(p, "rmsprop")[-1] if p.rule == "adagrad" else {},
    ),
    Mistake(
        "rmsprop-summed",
        "RMSProp averages the squares with decay; adding them up is Adagrad.",
        lambda p: _run(p, "adagrad")[-1] if p.rule == "rmsprop" else {},
    ),
    Mistake(
        "no-root",
        "The step divides by the root of the cache.",
        lambda p: _stepped(p, "cache"),
    ),
    Mistake(
        "not-squared",
        "The cache takes the square of the gradient.",
        _unsquared,
    ),
    Mistake(
        "plain-descent",
        "This is plain gradient descent: the step divides by the root of the cache.",
        lambda p: _stepped(p, "one"),
    ),
    Mistake(
        "old-cache",
        "The cache is updated first; the step divides by the root of the new one.",
        _old_cache,
    ),
    Mistake(
        "uphill",
        "The step goes against the gradient: subtract.",
        lambda p: {"w": 2 * p.w - answer(p)["w"]},
    ),
    Mistake(
        "one-step-only",
        "This is after the first step.",
        lambda p: _run(p)[0] if len(p.gradients) > 1 else {},
    ),
)


def steps(p: Params) -> dict:
    """Return each step's cache, its root, the step and the weight."""
    rows = [
        {"g": g, **state, "root": math.sqrt(state["cache"])}
        for g, state in zip(p.gradients.tolist(), _run(p), strict=True)
    ]
    return {"rows": rows}
