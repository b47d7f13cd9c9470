"""Standard deviation and uniform bound of He, Xavier and LeCun initialisation."""

import math
from dataclasses import dataclass

from problems.answers import Integer, Real
from problems.core import Mistake, param
from problems.drawing import Draw

SCHEMES = {
    "he": "He (Kaiming)",
    "xavier": "Xavier (Glorot)",
    "lecun": "LeCun",
}


@dataclass(frozen=True)
class Params:
    """The layer and the scheme."""

    inputs: int = param("inputs, or input channels", 1, 100_000)
    outputs: int = param("outputs, or filters", 1, 100_000)
    kernel: int = param("side of the square filters; 0 for a fully connected layer", 0, 31)
    scheme: str = param("the initialisation", options=tuple(SCHEMES))
    slope: float = param("slope of a leaky ReLU below 0, for He; 0 is ReLU", 0, 0.9)


VERSION = 1
PARTS = {"fan_in": Integer(), "std": Real(digits=4), "bound": Real(digits=4)}


def draw(r: Draw) -> Params:
    """Draw a fully connected or a convolutional layer whose fans differ."""
    return Params(
        inputs=r.choice("inputs", (3, 16, 24, 32, 50, 64, 100, 128, 200, 256, 400, 784)),
        outputs=r.choice("outputs", (8, 10, 20, 48, 60, 96, 120, 150, 300, 512)),
        kernel=r.choice("kernel", (0, 0, 3, 5)),
        scheme=r.choice("scheme", ("he", "he", "xavier", "xavier", "lecun")),
        slope=r.choice("slope", (0.0, 0.0, 0.1, 0.2, 0.3)),
    )


def _area(p: Params) -> int:
    return p.kernel**2 or 1


def _fans(p: Params) -> tuple[int, int]:
    return p.inputs * _area(p), p.outputs * _area(p)


def _variance(p: Params, scheme: str | None = None, fan: int = 0) -> float:
    """Return the variance by a scheme; `fan` takes the place of the fan-in."""
    fan_in, fan_out = _fans(p)
    scheme = scheme or p.scheme
    if scheme == "xavier":
        return 2 / (fan_in + fan_out)
    return (2 / (1 + p.slope**2) if scheme == "he" else 1) / (fan or fan_in)


def _both(variance: float) -> dict:
    return {"std": math.sqrt(variance), "bound": math.sqrt(3 * variance)}


def answer(p: Params) -> dict:
    """Compute from the fans."""
    return {"fan_in": _fans(p)[0], **_both(_variance(p))}


def witness(p: Params) -> dict:
    """Build the layer in PyTorch; its init functions give the fans and the gain."""
    import torch

    layer = (
        torch.nn.Conv2d(p.inputs, p.outputs, p.kernel, device="meta")
        if p.kernel
        else torch.nn.Linear(p.inputs, p.outputs, device="meta")
    )
    weight, init = layer.weight, torch.nn.init
    fan_in, fan_out = init._calculate_fan_in_and_fan_out(weight)  # noqa: SLF001 (no public name)
    gain = init.calculate_gain("leaky_relu", p.slope) if p.scheme == "he" else 1.0
    fan = (fan_in + fan_out) / 2 if p.scheme == "xavier" else fan_in
    end = torch.tensor(gain * (3 / fan) ** 0.5, dtype=torch.float64)
    return {
        "fan_in": weight[0].numel(),
        "std": torch.distributions.Uniform(-end, end).stddev.item(),
        "bound": end.item(),
    }


def _uses_fan(p: Params) -> bool:
    return p.scheme != "xavier" and p.inputs != p.outputs


MISTAKES = (
    Mistake(
        "variance-for-deviation",
        "This is the variance; the standard deviation is its root.",
        lambda p: {"std": _variance(p)} if _variance(p) != 1 else {},
    ),
    Mistake(
        "xavier-for-he",
        "This is Xavier's rule; He's makes up for the half that ReLU sets to 0.",
        lambda p: _both(_variance(p, "xavier")) if p.scheme == "he" else {},
    ),
    Mistake(
        "lecun-for-he",
        "The factor 2 is missing: ReLU lets only half of the variance through.",
        lambda p: _both(_variance(p, "lecun")) if p.scheme == "he" else {},
    ),
    Mistake(
        "he-for-others",
        "This is He's rule for ReLU; another one is asked for.",
        lambda p: {} if p.scheme == "he" else _both(2 / _fans(p)[0]),
    ),
    Mistake(
        "fan-out",
        "This scheme uses the number of inputs of each unit.",
        lambda p: _both(_variance(p, fan=_fans(p)[1])) if _uses_fan(p) else {},
    ),
    Mistake(
        "fan-in-alone",
        "Xavier's rule uses the mean of both fans.",
        lambda p: _both(1 / _fans(p)[0]) if p.scheme == "xavier" and p.inputs != p.outputs else {},
    ),
    Mistake(
        "kernel-forgotten",
        "A unit of a convolution reads a whole window of every input channel.",
        lambda p: {"fan_in": p.inputs, **_both(_variance(p) * _area(p))} if p.kernel > 1 else {},
    ),
    Mistake(
        "bound-for-deviation",
        "This is the bound of the uniform distribution; its deviation is smaller by the root of 3.",
        lambda p: {"std": math.sqrt(3 * _variance(p))},
    ),
    Mistake(
        "deviation-for-bound",
        "A uniform distribution up to this bound has a smaller standard deviation.",
        lambda p: {"bound": math.sqrt(_variance(p))},
    ),
    Mistake(
        "slope-forgotten",
        "The leaky ReLU lets part of the negative half through: the gain is smaller.",
        lambda p: _both(2 / _fans(p)[0]) if p.scheme == "he" and p.slope else {},
    ),
    Mistake(
        "biases-counted",
        "The fan-in counts the inputs that have weights; the bias is none of them.",
        lambda p: {"fan_in": _fans(p)[0] + 1},
    ),
)


def steps(p: Params) -> dict:
    """Return the fans and the variance."""
    fan_in, fan_out = _fans(p)
    return {
        "fan_in": fan_in,
        "fan_out": fan_out,
        "variance": _variance(p),
        "name": SCHEMES[p.scheme],
    }
