"""Parameters of a depthwise separable convolution beside those of a standard one.

The two layers are asked for one by one: who forgets the pointwise layer leaves its part blank.
"""

from dataclasses import dataclass

from problems.answers import Integer
from problems.core import Mistake, param
from problems.drawing import Draw
from problems.engine.counting import conv_weights


@dataclass(frozen=True)
class Params:
    """The layer: kernel and channels."""

    kernel: int = param("rows and columns of the kernel", 1, 512)
    in_channels: int = param("channels of the input", 1, 65_536)
    out_channels: int = param("channels of the output", 1, 65_536)
    bias: bool = param("whether every filter has a bias, in each of the layers")


VERSION = 2
PARTS = {"standard": Integer(), "depthwise": Integer(), "pointwise": Integer()}


def draw(r: Draw) -> Params:
    """Draw layers that multiply by hand."""
    return Params(
        kernel=r.choice("kernel", (2, 3, 3, 4, 5, 7)),
        in_channels=r.choice("in_channels", (4, 6, 8, 10, 12, 16, 18, 20, 25, 32)),
        out_channels=r.choice("out_channels", (5, 15, 22, 24, 30, 36, 40, 50, 60, 64)),
        bias=r.choice("bias", (True, True, False)),
    )


def answer(p: Params) -> dict:
    """Count by the formula: one layer, or a depthwise and a pointwise one."""
    return {
        "standard": _standard(p) + _biases(p, p.out_channels),
        "depthwise": _depthwise(p) + _biases(p, p.in_channels),
        "pointwise": _pointwise(p) + _biases(p, p.out_channels),
    }


def witness(p: Params) -> dict:
    """Build the three layers in PyTorch and count what they hold (shapes alone, no memory)."""
    import torch

    def count(*sizes: int, groups: int = 1) -> int:
        layer = torch.nn.Conv2d(*sizes, groups=groups, bias=p.bias, device="meta")
        return sum(w.numel() for w in layer.parameters())

    return {
        "standard": count(p.in_channels, p.out_channels, p.kernel),
        "depthwise": count(p.in_channels, p.in_channels, p.kernel, groups=p.in_channels),
        "pointwise": count(p.in_channels, p.out_channels, 1),
    }


def _standard(p: Params) -> int:
    return conv_weights(p.in_channels, p.out_channels, p.kernel, p.kernel)


def _depthwise(p: Params) -> int:
    return conv_weights(p.in_channels, p.in_channels, p.kernel, p.kernel, p.in_channels)


def _pointwise(p: Params) -> int:
    return conv_weights(p.in_channels, p.out_channels, 1, 1)


def _biases(p: Params, filters: int) -> int:
    return filters if p.bias else 0


MISTAKES = (
    Mistake(
        "depthwise-is-standard",
        "A depthwise filter is flat: it reads one channel, and there is one for each channel.",
        lambda p: (
            {
                "depthwise": conv_weights(p.in_channels, p.in_channels, p.kernel, p.kernel)
                + _biases(p, p.in_channels)
            }
            if p.in_channels > 1
            else {}
        ),
    ),
    Mistake(
        "one-depthwise-filter",
        "Every input channel has a depthwise filter of its own.",
        lambda p: {"depthwise": p.kernel**2 + _biases(p, 1)} if p.in_channels > 1 else {},
    ),
    Mistake(
        "depthwise-per-output-channel",
        "The depthwise layer does not change the number of channels: one filter for each input.",
        lambda p: (
            {"depthwise": p.kernel**2 * p.out_channels + _biases(p, p.out_channels)}
            if p.in_channels != p.out_channels
            else {}
        ),
    ),
    Mistake(
        "pointwise-multiplied",
        "The two layers come one after the other: the pointwise one has filters of 1×1 only.",
        lambda p: (
            {"pointwise": _depthwise(p) * p.out_channels + _biases(p, p.out_channels)}
            if p.kernel > 1
            else {}
        ),
    ),
    Mistake(
        "pointwise-one-channel",
        "A pointwise filter is 1×1, but as deep as there are channels: it mixes them.",
        lambda p: (
            {"pointwise": p.out_channels + _biases(p, p.out_channels)} if p.in_channels > 1 else {}
        ),
    ),
    Mistake(
        "standard-one-channel",
        "A filter of the standard convolution is as deep as the input has channels.",
        lambda p: (
            {"standard": p.kernel**2 * p.out_channels + _biases(p, p.out_channels)}
            if p.in_channels > 1
            else {}
        ),
    ),
    Mistake(
        "biases-forgotten",
        "Every filter also has a bias, in each of the layers.",
        lambda p: (
            {"standard": _standard(p), "depthwise": _depthwise(p), "pointwise": _pointwise(p)}
            if p.bias
            else {}
        ),
    ),
    Mistake(
        "biases-added",
        "These layers are built without biases.",
        lambda p: (
            {}
            if p.bias
            else {
                "standard": _standard(p) + p.out_channels,
                "depthwise": _depthwise(p) + p.in_channels,
                "pointwise": _pointwise(p) + p.out_channels,
            }
        ),
    ),
)


def steps(p: Params) -> dict:
    """Return the weights of each layer, the sum, and how many times fewer parameters that is."""
    key = answer(p)
    separable = key["depthwise"] + key["pointwise"]
    return {
        "standard": _standard(p),
        "depthwise": _depthwise(p),
        "pointwise": _pointwise(p),
        "separable": separable,
        "ratio": key["standard"] / separable,
    }
