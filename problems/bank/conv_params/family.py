"""Weights, biases and total of one 2-D convolution (PyTorch's convention for groups)."""

from dataclasses import dataclass

from problems.answers import Integer
from problems.core import Mistake, ParamError, param
from problems.drawing import Draw
from problems.engine import counting
from problems.engine.shapes import conv_length


@dataclass(frozen=True)
class Params:
    """The layer, and the size of the image it is applied to (which does not matter)."""

    in_channels: int = param("channels of the input", 1, 65_536)
    out_channels: int = param("filters, which is channels of the output", 1, 65_536)
    kernel_height: int = param("rows of each filter", 1, 1024)
    kernel_width: int = param("columns of each filter", 1, 1024)
    groups: int = param("groups that the channels are split into", 1, 65_536)
    bias: bool = param("whether each filter has a bias")
    height: int = param("rows of the image", 1, 65_536)
    width: int = param("columns of the image", 1, 65_536)

    def __post_init__(self) -> None:
        """Refuse groups that do not divide the channels, and a kernel that does not fit."""
        if self.in_channels % self.groups or self.out_channels % self.groups:
            raise ParamError("groups", f"{self.groups} must divide both numbers of channels.")
        if self.kernel_height > self.height or self.kernel_width > self.width:
            raise ParamError(
                "kernel_height" if self.kernel_height > self.height else "kernel_width",
                f"the kernel must fit into the image of {self.height}x{self.width}.",
            )


VERSION = 1
PARTS = {"weights": Integer(), "biases": Integer(), "total": Integer()}


def draw(r: Draw) -> Params:
    """Draw a small layer; two in five have groups, one in five has no bias."""
    groups = r.choice("groups", (1, 1, 1, 2, 4))
    kernel = r.choice("kernel_height", (2, 3, 5, 7))
    return Params(
        in_channels=r.choice("in_channels", tuple(groups * n for n in (2, 3, 3, 4, 6, 8))),
        out_channels=r.choice("out_channels", tuple(groups * n for n in (2, 5, 6, 7, 10, 12))),
        kernel_height=kernel,
        kernel_width=r.choice("kernel_width", (kernel, kernel, 1, 3)),
        groups=groups,
        bias=r.choice("bias", (True, True, True, True, False)),
        height=r.choice("height", (16, 24, 28, 32, 48)),
        width=r.choice("width", (16, 24, 28, 32, 48)),
    )


def answer(p: Params) -> dict:
    """Count by the formula."""
    return {"weights": _weights(p), "biases": _biases(p), "total": _weights(p) + _biases(p)}


def witness(p: Params) -> dict:
    """Build the layer in PyTorch and count what it holds (shapes alone, no memory)."""
    import torch

    layer = torch.nn.Conv2d(
        p.in_channels,
        p.out_channels,
        (p.kernel_height, p.kernel_width),
        groups=p.groups,
        bias=p.bias,
        device="meta",
    )
    biases = layer.bias.numel() if layer.bias is not None else 0
    return {
        "weights": layer.weight.numel(),
        "biases": biases,
        "total": sum(w.numel() for w in layer.parameters()),
    }


def _weights(p: Params, groups: int | None = None) -> int:
    return counting.conv_weights(
        p.in_channels, p.out_channels, p.kernel_height, p.kernel_width, groups or p.groups
    )


def _biases(p: Params) -> int:
    return p.out_channels if p.bias else 0


def _with_weights(p: Params, weights: int) -> dict:
    return {"weights": weights, "total": weights + _biases(p)}


def _with_biases(p: Params, biases: int) -> dict:
    return {"biases": biases, "total": _weights(p) + biases} if p.bias else {}


def _positions(p: Params) -> int:
    return conv_length(p.height, p.kernel_height) * conv_length(p.width, p.kernel_width)


MISTAKES = (
    Mistake(
        "input-channels-forgotten",
        "Each filter has weights for every input channel that it sees, not for one only.",
        lambda p: _with_weights(p, p.kernel_height * p.kernel_width * p.out_channels),
    ),
    Mistake(
        "biases-forgotten",
        "Each filter also has one bias.",
        lambda p: _with_biases(p, 0),
    ),
    Mistake(
        "biases-added",
        "This layer is built without biases.",
        lambda p: (
            {} if p.bias else {"biases": p.out_channels, "total": _weights(p) + p.out_channels}
        ),
    ),
    Mistake(
        "one-bias-in-all",
        "Each filter has its own bias; one bias does not serve the whole layer.",
        lambda p: _with_biases(p, 1),
    ),
    Mistake(
        "bias-per-input-channel",
        "There is one bias for each filter (output channel), not for each input channel.",
        lambda p: _with_biases(p, p.in_channels),
    ),
    Mistake(
        "times-output-positions",
        "The same filter is used at every position: the size of the image does not count.",
        lambda p: {
            "weights": _positions(p) * _weights(p),
            "total": _positions(p) * (_weights(p) + _biases(p)),
        },
    ),
    Mistake(
        "groups-ignored",
        "With groups, a filter sees only the input channels of its own group.",
        lambda p: _with_weights(p, _weights(p, groups=1)) if p.groups > 1 else {},
    ),
    Mistake(
        "one-filter",
        "This is one filter; the layer has one for each output channel.",
        lambda p: _with_weights(p, _weights(p) // p.out_channels),
    ),
)


def steps(p: Params) -> dict:
    """Return the channels that a filter sees, and the numbers in one filter."""
    seen = p.in_channels // p.groups
    return {"seen": seen, "filter": p.kernel_height * p.kernel_width * seen}
