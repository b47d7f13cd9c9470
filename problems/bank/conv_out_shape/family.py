"""Output shape of one 2-D convolution (PyTorch: floor division, padding on both sides)."""

from collections.abc import Callable
from dataclasses import dataclass

from problems.answers import Shape
from problems.core import Mistake, ParamError, param
from problems.drawing import Draw
from problems.engine.shapes import conv_length


@dataclass(frozen=True)
class Params:
    """Input, filters, and for each axis the kernel, stride, padding and dilation."""

    height: int = param("rows of the input", 1, 65_536)
    width: int = param("columns of the input", 1, 65_536)
    in_channels: int = param("channels of the input", 1, 65_536)
    out_channels: int = param("filters, which is channels of the output", 1, 65_536)
    kernel_height: int = param("rows of each filter", 1, 1024)
    kernel_width: int = param("columns of each filter", 1, 1024)
    stride_height: int = param("stride along the rows", 1, 1024)
    stride_width: int = param("stride along the columns", 1, 1024)
    padding_height: int = param("zeros added above and below, each", 0, 1024)
    padding_width: int = param("zeros added left and right, each", 0, 1024)
    dilation_height: int = param("dilation along the rows", 1, 1024)
    dilation_width: int = param("dilation along the columns", 1, 1024)
    layout: str = param(
        "order of the axes: channels, height, width or height, width, channels",
        options=("CHW", "HWC"),
    )

    def __post_init__(self) -> None:
        """Refuse a kernel that does not fit into the padded input."""
        for axis, length in zip(("height", "width"), _lengths(self), strict=True):
            if length < 1:
                reach = (
                    getattr(self, f"dilation_{axis}") * (getattr(self, f"kernel_{axis}") - 1) + 1
                )
                padded = getattr(self, axis) + 2 * getattr(self, f"padding_{axis}")
                raise ParamError(
                    f"kernel_{axis}",
                    f"the kernel reaches over {reach} positions, the padded input has {padded}.",
                )


VERSION = 2
PARTS = {"shape": Shape(axes=3)}


def draw(r: Draw) -> Params:
    """Draw so that padding and stride change the answer: one axis at least leaves a remainder."""
    kernel, stride = r.int("kernel_width", 2, 7), r.int("stride_width", 2, 4)
    padding, dilation = r.int("padding_width", 0, 4), r.int("dilation_width", 1, 3)
    uneven = [n for n in range(17, 97) if (n + 2 * padding - _reach(kernel, dilation)) % stride]
    return Params(
        height=r.int("height", 17, 96),
        width=r.choice("width", uneven or range(17, 97)),  # a pinned stride of 1 leaves none
        in_channels=r.choice("in_channels", (1, 3, 4, 8, 16)),
        out_channels=r.int("out_channels", 2, 64),
        kernel_height=r.int("kernel_height", 2, 7),
        kernel_width=kernel,
        stride_height=r.int("stride_height", 1, 4),
        stride_width=stride,
        padding_height=r.int("padding_height", 1, 4),
        padding_width=padding,
        dilation_height=r.int("dilation_height", 1, 3),
        dilation_width=dilation,
        layout=r.choice("layout", ("CHW", "HWC")),
    )


def answer(p: Params) -> dict:
    """Compute each axis by the formula."""
    return {"shape": _shape(p)}


def witness(p: Params) -> dict:
    """Build the layer in PyTorch and read the shape of its output (shapes alone, no memory)."""
    import torch

    layer = torch.nn.Conv2d(
        p.in_channels,
        p.out_channels,
        (p.kernel_height, p.kernel_width),
        stride=(p.stride_height, p.stride_width),
        padding=(p.padding_height, p.padding_width),
        dilation=(p.dilation_height, p.dilation_width),
        device="meta",
    )
    image = torch.empty(1, p.in_channels, p.height, p.width, device="meta")
    channels, height, width = layer(image).shape[1:]
    return {"shape": (channels, height, width) if p.layout == "CHW" else (height, width, channels)}


AxisRule = Callable[[int, int, int, int, int], int]
"""(length, kernel, stride, padding, dilation) to the length of the output."""


def _lengths(p: Params, rule: AxisRule = conv_length) -> tuple[int, int]:
    return (
        rule(p.height, p.kernel_height, p.stride_height, p.padding_height, p.dilation_height),
        rule(p.width, p.kernel_width, p.stride_width, p.padding_width, p.dilation_width),
    )


def _shape(
    p: Params, rule: AxisRule = conv_length, channels: int | None = None, layout: str | None = None
) -> tuple[int, int, int]:
    height, width = _lengths(p, rule)
    channels = channels or p.out_channels
    if (layout or p.layout) == "CHW":
        return channels, height, width
    return height, width, channels


def _reach(kernel: int, dilation: int) -> int:
    """Return how many positions a dilated kernel spans."""
    return dilation * (kernel - 1) + 1


def _swapped(p: Params) -> tuple[int, int, int]:
    height, width = _lengths(p)
    return (p.out_channels, width, height) if p.layout == "CHW" else (width, height, p.out_channels)


MISTAKES = (
    Mistake(
        "padding-once",
        "Padding is added on both sides of an axis: $2p$, not $p$.",
        lambda p: {"shape": _shape(p, lambda i, k, s, q, d: (i + q - _reach(k, d)) // s + 1)},
    ),
    Mistake(
        "padding-ignored",
        "The padding makes the input longer before the filter moves over it.",
        lambda p: {"shape": _shape(p, lambda i, k, s, q, d: max(1, (i - _reach(k, d)) // s + 1))},
    ),
    Mistake(
        "plus-one-forgotten",
        "The filter stands at its first position before it moves at all: add 1.",
        lambda p: {"shape": _shape(p, lambda i, k, s, q, d: (i + 2 * q - _reach(k, d)) // s)},
    ),
    Mistake(
        "rounded-up",
        "A filter that does not fit any more is left out: round down, not up.",
        lambda p: {
            "shape": _shape(p, lambda i, k, s, q, d: -(-(i + 2 * q - _reach(k, d)) // s) + 1)
        },
    ),
    Mistake(
        "channels-kept",
        "The output has one channel for each filter, however many the input has.",
        lambda p: {"shape": _shape(p, channels=p.in_channels)},
    ),
    Mistake(
        "stride-ignored",
        "The filter moves by the stride, not by one position.",
        lambda p: {"shape": _shape(p, lambda i, k, s, q, d: conv_length(i, k, 1, q, d))},
    ),
    Mistake(
        "dilation-ignored",
        "A dilated filter spans $d (k - 1) + 1$ positions, not $k$.",
        lambda p: (
            {"shape": _shape(p, lambda i, k, s, q, d: conv_length(i, k, s, q, 1))}
            if max(p.dilation_height, p.dilation_width) > 1
            else {}
        ),
    ),
    Mistake(
        "same-assumed",
        "Height and width stay the same only for special paddings, and not here.",
        lambda p: {"shape": _shape(p, lambda i, k, s, q, d: i)},
    ),
    Mistake(
        "axes-swapped",
        "Height and width are the wrong way round.",
        lambda p: {"shape": _swapped(p)},
    ),
    Mistake(
        "other-layout",
        "These are the right numbers in another order: look at the order that is asked for.",
        lambda p: {"shape": _shape(p, layout="HWC" if p.layout == "CHW" else "CHW")},
    ),
)


def steps(p: Params) -> dict:
    """Return the lengths and the quotient before rounding, axis by axis."""
    axes = []
    for axis, length in zip(("height", "width"), _lengths(p), strict=True):
        i, k, s, q, d = (
            getattr(p, axis),
            *(getattr(p, f"{name}_{axis}") for name in ("kernel", "stride", "padding", "dilation")),
        )
        room = i + 2 * q - _reach(k, d)
        axes.append(
            {"name": axis, "i": i, "k": k, "s": s, "p": q, "d": d, "room": room, "length": length}
        )
    return {"axes": axes}
