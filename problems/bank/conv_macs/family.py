"""Multiply-accumulate operations (MACs) or FLOPs of one 2-D convolution."""

from dataclasses import dataclass

from problems.answers import Integer, Shape
from problems.core import Mistake, ParamError, param
from problems.drawing import Draw
from problems.engine.counting import conv_weights
from problems.engine.shapes import conv_length


@dataclass(frozen=True)
class Params:
    """The input, the layer, and what is counted."""

    height: int = param("rows of the input", 1, 65_536)
    width: int = param("columns of the input", 1, 65_536)
    in_channels: int = param("channels of the input", 1, 65_536)
    out_channels: int = param("filters, which is channels of the output", 1, 65_536)
    kernel: int = param("rows and columns of each filter", 1, 1024)
    stride: int = param("stride along both axes", 1, 1024)
    padding: int = param("zeros added on each side", 0, 1024)
    groups: int = param("groups that the channels are split into", 1, 65_536)
    unit: str = param("what is counted; a MAC is two FLOPs", options=("MACs", "FLOPs"))

    def __post_init__(self) -> None:
        """Refuse groups that do not divide the channels, and a kernel that does not fit."""
        if self.in_channels % self.groups or self.out_channels % self.groups:
            raise ParamError("groups", f"{self.groups} must divide both numbers of channels.")
        if min(self.height, self.width) + 2 * self.padding < self.kernel:
            raise ParamError("kernel", "the kernel must fit into the padded input.")


VERSION = 1
PARTS = {"size": Shape(axes=2), "operations": Integer()}


def draw(r: Draw) -> Params:
    """Draw so that the output is smaller than the input."""
    groups = r.choice("groups", (1, 1, 1, 2))
    return Params(
        height=r.choice("height", (9, 10, 12, 14, 16, 20, 22, 24)),
        width=r.choice("width", (9, 10, 12, 14, 16, 20, 22, 24)),
        in_channels=r.choice("in_channels", (4, 6, 8, 10)),
        out_channels=r.choice("out_channels", (2, 6, 8, 10, 12, 20)),
        kernel=r.choice("kernel", (2, 3, 3, 5)),
        stride=r.choice("stride", (1, 2, 2)),
        padding=r.choice("padding", (0, 0, 1)),
        groups=groups,
        unit=r.choice("unit", ("MACs", "MACs", "FLOPs")),
    )


def answer(p: Params) -> dict:
    """Count what one output takes, times the outputs."""
    return {"size": _size(p), "operations": _operations(p)}


def witness(p: Params) -> dict:
    """Run the layer in PyTorch and let its counter of FLOPs look on (shapes alone, no memory)."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    layer = torch.nn.Conv2d(
        p.in_channels,
        p.out_channels,
        p.kernel,
        stride=p.stride,
        padding=p.padding,
        groups=p.groups,
        bias=False,
        device="meta",
    )
    with FlopCounterMode(display=False) as counter:
        output = layer(torch.empty(1, p.in_channels, p.height, p.width, device="meta"))
    flops = counter.get_total_flops()
    return {"size": output.shape[2:], "operations": flops if p.unit == "FLOPs" else flops // 2}


def _size(p: Params) -> tuple[int, int]:
    return (
        conv_length(p.height, p.kernel, p.stride, p.padding),
        conv_length(p.width, p.kernel, p.stride, p.padding),
    )


def _weights(p: Params, groups: int | None = None) -> int:
    return conv_weights(p.in_channels, p.out_channels, p.kernel, p.kernel, groups or p.groups)


def _factor(p: Params) -> int:
    return 2 if p.unit == "FLOPs" else 1


def _operations(p: Params, weights: int | None = None, size: tuple[int, int] | None = None) -> int:
    height, width = size or _size(p)
    return _factor(p) * height * width * (_weights(p) if weights is None else weights)


def _at_input_size(p: Params) -> dict:
    size = p.height, p.width
    return {"size": size, "operations": _operations(p, size=size)} if size != _size(p) else {}


def _without_stride(p: Params) -> dict:
    size = (
        conv_length(p.height, p.kernel, 1, p.padding),
        conv_length(p.width, p.kernel, 1, p.padding),
    )
    return {"size": size, "operations": _operations(p, size=size)} if size != _size(p) else {}


def _without_padding(p: Params) -> dict:
    size = conv_length(p.height, p.kernel, p.stride), conv_length(p.width, p.kernel, p.stride)
    fits = min(size) > 0 and size != _size(p)
    return {"size": size, "operations": _operations(p, size=size)} if fits else {}


MISTAKES = (
    Mistake(
        "input-size",
        "A filter is computed once for each position of the output, which is smaller here.",
        _at_input_size,
    ),
    Mistake(
        "stride-ignored",
        "The filter moves by the stride: it stands at fewer positions than this.",
        _without_stride,
    ),
    Mistake(
        "padding-ignored",
        "The padding makes room for more positions.",
        _without_padding,
    ),
    Mistake(
        "parameters-counted",
        "This is the number of weights; each weight works at every position of the output.",
        lambda p: {"operations": _weights(p)} if _size(p) != (1, 1) else {},
    ),
    Mistake(
        "flops-for-macs",
        "One MAC is a multiplication and an addition together: count the pair once.",
        lambda p: {"operations": 2 * _operations(p)} if p.unit == "MACs" else {},
    ),
    Mistake(
        "macs-for-flops",
        "A multiplication and an addition are two FLOPs.",
        lambda p: {"operations": _operations(p) // 2} if p.unit == "FLOPs" else {},
    ),
    Mistake(
        "bias-counted",
        "Adding the bias is left out of this count.",
        lambda p: {"operations": _operations(p) + p.out_channels * _size(p)[0] * _size(p)[1]},
    ),
    Mistake(
        "input-channels-forgotten",
        "A filter reads every input channel of its group, not one only.",
        lambda p: (
            {"operations": _operations(p, p.kernel**2 * p.out_channels)}
            if p.in_channels > p.groups
            else {}
        ),
    ),
    Mistake(
        "one-filter",
        "This is the work of one filter; there is one for each output channel.",
        lambda p: (
            {"operations": _operations(p, _weights(p) // p.out_channels)}
            if p.out_channels > 1
            else {}
        ),
    ),
    Mistake(
        "groups-ignored",
        "With groups, a filter reads only the input channels of its own group.",
        lambda p: {"operations": _operations(p, _weights(p, 1))} if p.groups > 1 else {},
    ),
)


def steps(p: Params) -> dict:
    """Return the channels that a filter reads, and the work of one output."""
    seen = p.in_channels // p.groups
    height, width = _size(p)
    each = p.kernel**2 * seen
    return {
        "seen": seen,
        "each": each,
        "height": height,
        "width": width,
        "outputs": height * width * p.out_channels,
        "macs": height * width * p.out_channels * each,
    }
