"""Output shape of a pooling layer, with either way of rounding (PyTorch's ceil_mode)."""

from collections.abc import Callable
from dataclasses import dataclass

from problems.answers import Shape
from problems.core import Mistake, ParamError, param
from problems.drawing import Draw
from problems.engine.shapes import pool_length


@dataclass(frozen=True)
class Params:
    """The input, the square window, and what happens at the edge."""

    height: int = param("rows of the input", 1, 65_536)
    width: int = param("columns of the input", 1, 65_536)
    channels: int = param("channels of the input", 1, 65_536)
    pooling: str = param("kind of pooling", options=("max", "average"))
    kernel: int = param("rows and columns of the window", 1, 1024)
    stride: int = param("stride along both axes", 1, 1024)
    padding: int = param("padding on each side", 0, 512)
    ceil_mode: bool = param("whether a window that reaches over the edge counts")
    layout: str = param(
        "order of the axes: channels, height, width or height, width, channels",
        options=("CHW", "HWC"),
    )

    def __post_init__(self) -> None:
        """Refuse what PyTorch refuses: much padding, and a window that does not fit."""
        if 2 * self.padding > self.kernel:
            raise ParamError("padding", f"give at most half the window, {self.kernel // 2}.")
        if min(self.height, self.width) + 2 * self.padding < self.kernel:
            raise ParamError("kernel", "the window must fit into the padded input.")


VERSION = 2
PARTS = {"shape": Shape(axes=3)}


def draw(r: Draw) -> Params:
    """Draw so that along one axis at least the last window does not fit."""
    kernel, stride = r.choice("kernel", (2, 3, 3, 4, 5, 6)), r.choice("stride", (2, 3, 3, 3))
    padding = r.int("padding", 0, kernel // 2)
    uneven = [n for n in range(15, 81) if (n + 2 * padding - kernel) % stride]
    return Params(
        height=r.int("height", 15, 80),
        width=r.choice("width", uneven or range(15, 81)),  # a pinned stride of 1 leaves none
        channels=r.choice("channels", (6, 12, 16, 24, 48, 64, 96)),
        pooling=r.choice("pooling", ("max", "average")),
        kernel=kernel,
        stride=stride,
        padding=padding,
        ceil_mode=r.choice("ceil_mode", (False, False, True)),
        layout=r.choice("layout", ("CHW", "HWC")),
    )


def answer(p: Params) -> dict:
    """Compute each axis by the formula; pooling treats every channel by itself."""
    return {"shape": _shape(p)}


def witness(p: Params) -> dict:
    """Build the layer in PyTorch and read the shape of its output."""
    import torch

    kind = torch.nn.MaxPool2d if p.pooling == "max" else torch.nn.AvgPool2d
    layer = kind(p.kernel, p.stride, p.padding, ceil_mode=p.ceil_mode)
    image = torch.empty(1, p.channels, p.height, p.width, device="meta")
    channels, height, width = layer(image).shape[1:]
    return {"shape": (channels, height, width) if p.layout == "CHW" else (height, width, channels)}


AxisRule = Callable[[int], int]
"""Length of an axis of the input to the length of that axis of the output."""


def _axis(p: Params, **other: int | bool) -> AxisRule:
    """Return the rule of this layer, with some settings replaced."""
    setting = {"stride": p.stride, "padding": p.padding, "ceil_mode": p.ceil_mode} | other
    return lambda i: pool_length(
        i,
        p.kernel,
        int(setting["stride"]),
        int(setting["padding"]),
        ceil_mode=bool(setting["ceil_mode"]),
    )


def _shape(p: Params, rule: AxisRule | None = None, channels: int | None = None) -> tuple:
    rule = rule or _axis(p)
    return _ordered(p.layout, channels or p.channels, rule(p.height), rule(p.width))


def _ordered(layout: str, channels: int, height: int, width: int) -> tuple[int, int, int]:
    return (channels, height, width) if layout == "CHW" else (height, width, channels)


def _rounded(p: Params, *, up: bool) -> dict:
    """Return the shape with the quotient rounded the other way."""
    return {"shape": _shape(p, _axis(p, ceil_mode=up))} if p.ceil_mode != up else {}


MISTAKES = (
    Mistake(
        "channels-divided",
        "Pooling treats every channel by itself: their number stays.",
        lambda p: (
            {"shape": _shape(p, channels=max(1, p.channels // p.kernel))} if p.kernel > 1 else {}
        ),
    ),
    Mistake(
        "one-channel",
        "Pooling does not mix the channels: there are as many as before.",
        lambda p: {"shape": _shape(p, channels=1)} if p.channels > 1 else {},
    ),
    Mistake(
        "stride-one",
        "The window moves by the stride, not by one position.",
        lambda p: {"shape": _shape(p, _axis(p, stride=1))} if p.stride > 1 else {},
    ),
    Mistake(
        "stride-is-the-window",
        "The windows lie as far apart as the stride says, which here is not their own length.",
        lambda p: {"shape": _shape(p, _axis(p, stride=p.kernel))} if p.stride != p.kernel else {},
    ),
    Mistake(
        "rounded-up",
        "A last window that does not fit completely is left out here: round down.",
        lambda p: _rounded(p, up=True),
    ),
    Mistake(
        "rounded-down",
        "A last window that reaches over the edge counts here: round up.",
        lambda p: _rounded(p, up=False),
    ),
    Mistake(
        "padding-ignored",
        "The padding makes the input longer before the window moves over it.",
        lambda p: {"shape": _shape(p, _axis(p, padding=0))} if p.padding else {},
    ),
    Mistake(
        "plus-one-forgotten",
        "The window stands at its first position before it moves at all: add 1.",
        lambda p: {"shape": _shape(p, lambda i: max(0, _axis(p)(i) - 1))},
    ),
    Mistake(
        "axes-swapped",
        "Height and width are the wrong way round.",
        lambda p: (
            {"shape": _ordered(p.layout, p.channels, _axis(p)(p.width), _axis(p)(p.height))}
            if p.height != p.width
            else {}
        ),
    ),
    Mistake(
        "other-layout",
        "These are the right numbers in another order: look at the order that is asked for.",
        lambda p: {
            "shape": _ordered(
                "HWC" if p.layout == "CHW" else "CHW",
                p.channels,
                _axis(p)(p.height),
                _axis(p)(p.width),
            )
        },
    ),
)


def steps(p: Params) -> dict:
    """Return the room that the window has to move in, axis by axis."""
    axes = [
        {
            "name": name,
            "i": i,
            "room": i + 2 * p.padding - p.kernel,
            "length": _axis(p)(i),
            "dropped": p.ceil_mode
            and _axis(p)(i) < -(-(i + 2 * p.padding - p.kernel) // p.stride) + 1,
        }
        for name, i in (("height", p.height), ("width", p.width))
    ]
    return {"axes": axes}
