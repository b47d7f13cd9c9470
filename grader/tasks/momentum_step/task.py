"""One step of gradient descent with momentum, in the heavy-ball form: (w, v) after the step."""

from __future__ import annotations

import numpy as np

from grader.core import AnyArray, InputKind, Mutant
from grader.drawing import numbers, planned, unequal
from problems.core import Array
from problems.engine import optimisers

VERSION = 1
FUNCTION = "momentum_step"
_SHAPE = "(rows, columns)"
ARGUMENTS = {"w": _SHAPE, "g": _SHAPE, "v": _SHAPE, "lr": "() float", "mu": "() float"}
RETURNS = {"w": _SHAPE, "v": _SHAPE}
PLANS = planned(
    ("ordinary", "edge", "ordinary"),
    ("ordinary", "ordinary", "ordinary", "ordinary", "edge", "distinct", "distinct"),
)


def draw(kind: InputKind, rng: np.random.Generator) -> dict[str, AnyArray | float]:
    """Draw a step; before that of `edge` the velocity is 0."""
    shape = unequal(rng, 2)
    return {
        "w": numbers(kind, rng, *shape),
        "g": numbers(kind, rng, *shape),
        "v": np.zeros(shape) if kind == "edge" else numbers(kind, rng, *shape),
        "lr": float(rng.choice([0.05, 0.1, 0.2])),
        "mu": float(rng.choice([0.7, 0.8, 0.9])),
    }


def reference(w: Array, g: Array, v: Array, lr: float, mu: float) -> tuple[Array, Array]:
    """Return (w, v) after v = mu v + g and w = w - lr v."""
    return optimisers.momentum_step(w, v, g, lr, mu)  # type: ignore[return-value]


def _form(form: str) -> Mutant:
    messages = {
        "average": "The gradient has the factor 1 - mu here. It comes in whole.",
        "velocity": "The learning rate and the sign are in the velocity here. The velocity is "
        "mu v + g, and the learning rate multiplies it when the weights move.",
    }
    return Mutant(
        f"{form}-form",
        messages[form],
        lambda w, g, v, lr, mu: optimisers.momentum_step(w, v, g, lr, mu, form=form),  # type: ignore[return-value]
    )


MUTANTS = (
    _form("average"),
    _form("velocity"),
    Mutant(
        "rate-inside",
        "The learning rate is in the velocity here. It multiplies the velocity when the weights "
        "move.",
        lambda w, g, v, lr, mu: (w - (mu * v + lr * g), mu * v + lr * g),
    ),
    Mutant(
        "plain-descent",
        "This is gradient descent without momentum: the old velocity does not come in.",
        lambda w, g, v, lr, mu: (w - lr * g, g),  # noqa: ARG005 (v and mu are what it forgets)
    ),
    Mutant(
        "nesterov",
        "This looks ahead, as Nesterov's form does. Here the weights move by the velocity itself.",
        lambda w, g, v, lr, mu: optimisers.momentum_step(w, v, g, lr, mu, nesterov=True),  # type: ignore[return-value]
    ),
    Mutant(
        "old-velocity",
        "The weights move by the velocity from before the step. Move by the new one.",
        lambda w, g, v, lr, mu: (w - lr * v, mu * v + g),
    ),
    Mutant(
        "moves-by-gradient",
        "The weights move by the gradient alone. Move by the new velocity.",
        lambda w, g, v, lr, mu: (w - lr * g, mu * v + g),
    ),
    Mutant(
        "uphill",
        "This adds the step to the weights. Subtract it.",
        lambda w, g, v, lr, mu: (w + lr * (mu * v + g), mu * v + g),
    ),
    Mutant(
        "momentum-on-gradient",
        "mu multiplies the gradient here. It multiplies the old velocity.",
        lambda w, g, v, lr, mu: (w - lr * (v + mu * g), v + mu * g),
    ),
    Mutant(
        "no-decay",
        "The velocity never dies away: mu is missing.",
        lambda w, g, v, lr, mu: (w - lr * (v + g), v + g),  # noqa: ARG005 (mu is what it forgets)
    ),
    Mutant(
        "swapped-outputs",
        "The two results are swapped: return (w, v), not (v, w).",
        lambda w, g, v, lr, mu: reference(w, g, v, lr, mu)[::-1],
    ),
    Mutant(
        "old-velocity-returned",
        "The weights are right, but the velocity returned is the one from before the step.",
        lambda w, g, v, lr, mu: (reference(w, g, v, lr, mu)[0], v),
    ),
)
