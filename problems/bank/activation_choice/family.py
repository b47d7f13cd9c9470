"""Which activation fits the output, what it gives, and what the hidden ones do to gradients."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from problems.answers import Choice, Real, Vector, YesNo
from problems.core import Array, Mistake, ParamError, param
from problems.drawing import Draw
from problems.engine.activations import relu, sigmoid
from problems.engine.losses import softmax

OPTIONS = {
    "softmax": "softmax over the outputs",
    "sigmoid": "sigmoid on each output",
    "tanh": "tanh on each output",
    "relu": "ReLU on each output",
    "linear": "none (linear output)",
}
TASKS = {
    "exclusive": ("which **one** of {n} species a picture shows, as probabilities", "softmax"),
    "tags": ("which of {n} tags fit a film, as probabilities; any number may fit", "sigmoid"),
    "steering": ("{n} positions of controls, each anywhere from -1 to 1", "tanh"),
    "rain": ("the rain at {n} places in millimetres: often exactly 0, never less", "relu"),
    "change": ("how {n} temperatures change, in degrees, up or down", "linear"),
}
PROBABILITIES = ("exclusive", "tags")
SLOPES = {"sigmoid": 0.25, "tanh": 1.0, "relu": 1.0}
FUNCTIONS: dict[str, Callable[[Array], Array]] = {
    "softmax": softmax,
    "sigmoid": sigmoid,
    "tanh": np.tanh,
    "relu": relu,
    "linear": np.asarray,
}


@dataclass(frozen=True)
class Params:
    """The task, the last pre-activations, and the hidden layers."""

    task: str = param("what the network predicts", options=tuple(TASKS))
    z: Array = param("pre-activations of the output layer, a list", -50, 50, max_length=10)
    hidden: str = param("activation of the hidden layers", options=tuple(SLOPES))
    layers: int = param("number of hidden layers", 1, 10)

    def __post_init__(self) -> None:
        """Refuse tables and single outputs, of which no choice can be made."""
        if self.z.ndim != 1 or len(self.z) < 2:
            raise ParamError("z", "give a list of at least two numbers.")


VERSION = 1
PARTS = {
    "output": Choice(options=OPTIONS),
    "values": Vector(decimals=3),
    "bound": Real(digits=4),
    "centred": YesNo(),
}


def draw(r: Draw) -> Params:
    """Draw three or four outputs and two to five hidden layers."""
    return Params(
        task=r.choice("task", tuple(TASKS)),
        z=r.choice("z", (r.array("drawn_z", (r.int("outputs", 3, 4),), -2.5, 2.5, 1),)),
        hidden=r.choice("hidden", tuple(SLOPES)),
        layers=r.int("layers", 2, 5),
    )


def _right(p: Params) -> str:
    return TASKS[p.task][1]


def answer(p: Params) -> dict:
    """Apply the activation that fits; the largest slope of sigmoid is 1/4, of the others 1."""
    return {
        "output": _right(p),
        "values": FUNCTIONS[_right(p)](p.z),
        "bound": SLOPES[p.hidden] ** p.layers,
        "centred": p.hidden == "tanh",
    }


def witness(p: Params) -> dict:
    """Find by range and by sum which torch activation fits; differentiate the hidden one."""
    import torch

    tried = {
        "softmax": torch.nn.Softmax(dim=-1),
        "sigmoid": torch.nn.Sigmoid(),
        "tanh": torch.nn.Tanh(),
        "relu": torch.nn.ReLU(),
        "linear": torch.nn.Identity(),
    }
    line = torch.linspace(-6, 6, 2001, dtype=torch.float64)
    grid = torch.stack([line, line.flip(0) * 2, line * 0], dim=1)
    low, high, one = {
        "exclusive": (0, 1, True),
        "tags": (0, 1, False),
        "steering": (-1, 1, False),
        "rain": (0, 12, False),
        "change": (-12, 12, False),
    }[p.task]

    def fits(activation: torch.nn.Module) -> bool:
        out = activation(grid)
        ends = abs(out.min() - low) < 0.01 and abs(out.max() - high) < 0.01
        return bool(ends) and bool(torch.allclose(out.sum(1), torch.ones(1).double())) == one

    (name,) = [name for name, activation in tried.items() if fits(activation)]
    hidden = tried[p.hidden]
    line.requires_grad_()
    (slopes,) = torch.autograd.grad(hidden(line).sum(), line)
    return {
        "output": name,
        "values": tried[name](torch.tensor(p.z)).numpy(),
        "bound": slopes.max().item() ** p.layers,
        "centred": abs(hidden(line).mean().item()) < 1e-6,
    }


def _instead(p: Params, option: str, *tasks: str) -> dict:
    """Return what another activation gives, without the values where they are the same."""
    if p.task not in tasks:
        return {}
    values = FUNCTIONS[option](p.z)
    apart = np.abs(values - answer(p)["values"]).max() > 0.003
    return {"output": option, **({"values": values} if apart else {})}


MISTAKES = (
    Mistake(
        "independent-sigmoids",
        "The classes exclude each other, so their probabilities sum to 1; sigmoids do not.",
        lambda p: _instead(p, "sigmoid", "exclusive"),
    ),
    Mistake(
        "softmax-for-tags",
        "Softmax makes the outputs share a sum of 1; here several may be likely at once, or none.",
        lambda p: _instead(p, "softmax", "tags"),
    ),
    Mistake(
        "relu-for-probabilities",
        "A probability is at most 1; ReLU has no upper end, and is 0 for half of all inputs.",
        lambda p: _instead(p, "relu", *PROBABILITIES),
    ),
    Mistake(
        "linear-for-probabilities",
        "A linear output can be negative and larger than 1: it is no probability.",
        lambda p: _instead(p, "linear", *PROBABILITIES),
    ),
    Mistake(
        "tanh-for-probabilities",
        "tanh can be negative: it is no probability.",
        lambda p: _instead(p, "tanh", *PROBABILITIES),
    ),
    Mistake(
        "probabilities-for-values",
        "This lies between 0 and 1, and so cannot reach all the values that are predicted.",
        lambda p: _instead(p, "sigmoid", "steering", "rain", "change"),
    ),
    Mistake(
        "shares-for-values",
        "Softmax gives shares of 1, and the predicted values are no shares.",
        lambda p: _instead(p, "softmax", "steering", "rain", "change"),
    ),
    Mistake(
        "relu-for-signed",
        "ReLU is never negative, and the values are, sometimes.",
        lambda p: _instead(p, "relu", "steering", "change"),
    ),
    Mistake(
        "tanh-for-unbounded",
        "tanh never gets beyond 1, and the values do.",
        lambda p: _instead(p, "tanh", "rain", "change"),
    ),
    Mistake(
        "linear-for-bounded",
        "A linear output has no bounds, and these values have.",
        lambda p: _instead(p, "linear", "steering", "rain"),
    ),
    Mistake(
        "sigmoid-slope-one",
        "The sigmoid rises most steeply at 0, and there its slope is well below 1.",
        lambda p: {"bound": 1.0} if p.hidden == "sigmoid" else {},
    ),
    Mistake(
        "sigmoid-slope-half",
        "At 0 the sigmoid's value is one half; its slope is $\\sigma (1 - \\sigma)$.",
        lambda p: {"bound": 0.5**p.layers} if p.hidden == "sigmoid" else {},
    ),
    Mistake(
        "slopes-added",
        "Backpropagation multiplies the slopes of the layers.",
        lambda p: {"bound": SLOPES[p.hidden] * p.layers} if p.layers > 1 else {},
    ),
    Mistake(
        "one-layer-only",
        "Each hidden layer brings a factor.",
        lambda p: {"bound": 0.25} if p.hidden == "sigmoid" and p.layers > 1 else {},
    ),
    Mistake(
        "slope-of-another",
        "This is the bound for sigmoid layers; look at the largest slope of the activation here.",
        lambda p: {} if p.hidden == "sigmoid" else {"bound": 0.25**p.layers},
    ),
    Mistake(
        "tanh-not-centred",
        "tanh takes values of both signs, and $\\tanh(-z) = -\\tanh(z)$.",
        lambda p: {"centred": False} if p.hidden == "tanh" else {},
    ),
    Mistake(
        "never-negative-centred",
        "An activation that is never negative cannot have a mean of 0 unless it is 0 everywhere.",
        lambda p: {"centred": True} if p.hidden != "tanh" else {},
    ),
)


def steps(p: Params) -> dict:
    """Return the task in words and the hidden activation's largest slope."""
    names = {"sigmoid": "sigmoid", "tanh": "tanh", "relu": "ReLU"}
    return {
        "task": TASKS[p.task][0].format(n=len(p.z)),
        "hidden": names[p.hidden],
        "slope": SLOPES[p.hidden],
    }
