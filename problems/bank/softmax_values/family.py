"""The softmax of some logits, with a temperature."""

from dataclasses import dataclass

import numpy as np

from problems.answers import Vector
from problems.core import Array, Mistake, param
from problems.drawing import Draw
from problems.engine.activations import sigmoid
from problems.engine.losses import log_softmax, softmax


@dataclass(frozen=True)
class Params:
    """The logits, and what they are divided by."""

    classes: int = param("number of classes", 2, 20)
    logits: Array = param("logits z, shape (classes,)", -700, 700)
    temperature: float = param("temperature T", 0.01, 100)


VERSION = 1
PARTS = {"p": Vector(decimals=3)}


def draw(r: Draw) -> Params:
    """Draw logits of both signs."""
    n = r.int("classes", 3, 4)
    return Params(
        classes=n,
        logits=r.array("logits", (n,), -2, 3, 1),
        temperature=r.choice("temperature", (1.0, 1.0, 0.5, 2.0, 2.5, 4.0)),
    )


def answer(p: Params) -> dict:
    """Compute the softmax with the reference engine."""
    return {"p": softmax(p.logits, p.temperature)}


def witness(p: Params) -> dict:
    """Run torch's softmax on the scaled logits."""
    import torch

    return {"p": (torch.tensor(p.logits) / p.temperature).softmax(0).numpy()}


def _share(values: Array) -> Array | None:
    total = values.sum()
    return values / total if abs(total) > 1e-6 else None


def _given(values: Array | None) -> dict:
    return {} if values is None or not np.isfinite(values).all() else {"p": values}


def _exp(p: Params) -> Array:
    with np.errstate(over="ignore"):
        return np.exp(p.logits / p.temperature)


MISTAKES = (
    Mistake(
        "no-exponential",
        "The logits go through $e^z$ before they are divided by their sum.",
        lambda p: _given(_share(p.logits)),
    ),
    Mistake(
        "sigmoid-each",
        "The sigmoid of each logit alone: these do not sum to 1 over the classes.",
        lambda p: _given(sigmoid(p.logits / p.temperature)),
    ),
    Mistake(
        "sigmoid-normalised",
        "Softmax takes $e^z$ of each logit, not its sigmoid.",
        lambda p: _given(_share(sigmoid(p.logits / p.temperature))),
    ),
    Mistake(
        "temperature-multiplied",
        "The logits are divided by the temperature, not multiplied.",
        lambda p: _given(softmax(p.logits * p.temperature)) if p.temperature != 1 else {},
    ),
    Mistake(
        "temperature-ignored",
        "The temperature divides the logits first.",
        lambda p: _given(softmax(p.logits)) if p.temperature != 1 else {},
    ),
    Mistake(
        "temperature-after",
        "The temperature belongs in the exponent; after the softmax it changes the sum.",
        lambda p: _given(softmax(p.logits) / p.temperature) if p.temperature != 1 else {},
    ),
    Mistake(
        "log-softmax",
        "These are the logarithms of the probabilities.",
        lambda p: _given(log_softmax(p.logits / p.temperature)),
    ),
    Mistake(
        "not-normalised",
        "Divide the exponentials by their sum.",
        lambda p: _given(_exp(p)),
    ),
    Mistake(
        "absolute-values",
        "A negative logit keeps its sign: its exponential is below 1.",
        lambda p: _given(softmax(np.abs(p.logits), p.temperature)) if (p.logits < 0).any() else {},
    ),
    Mistake(
        "power-of-two",
        "The base is $e = 2.718\\ldots$",
        lambda p: _given(softmax(p.logits * np.log(2), p.temperature)),
    ),
)


def steps(p: Params) -> dict:
    """Return the scaled logits, less the largest where the exponentials are beyond reading."""
    scaled = p.logits / p.temperature
    shift = float(scaled.max()) if np.abs(scaled).max() > 20 else 0.0
    e = np.exp(scaled - shift)
    return {
        "scaled": scaled,
        "shifted": scaled - shift,
        "e": e,
        "sum": float(e.sum()),
        "shift": shift,
    }
