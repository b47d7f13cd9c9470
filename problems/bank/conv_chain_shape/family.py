"""Shape of the last feature map of a convolutional network, and its length when flattened."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product

from problems.answers import Integer, Shape
from problems.core import Mistake, ParamError, param
from problems.drawing import Draw
from problems.engine.layers import FORM, Layer, conv, describe, pool, read_layers, rows
from problems.engine.shapes import conv_length


@dataclass(frozen=True)
class Params:
    """The image and the layers up to the flattening."""

    height: int = param("rows of the image", 1, 16_384)
    width: int = param("columns of the image", 1, 16_384)
    in_channels: int = param("channels of the image", 1, 65_536)
    layers: tuple[Layer, ...] = param(
        "the layers, the one next to the image first; a flattening may end them",
        read=read_layers,
        form=FORM,
    )
    layout: str = param(
        "order of the axes: channels, height, width or height, width, channels",
        options=("CHW", "HWC"),
    )

    def __post_init__(self) -> None:
        """Refuse layers that keep no image, blocks, and layers that do not fit."""
        *body, last = self.layers or (None,)
        if last is None or last == Layer("flatten") == self.layers[0]:
            raise ParamError("layers", "give at least one layer before the flattening.")
        plain = ("conv", "pool", "global_pool", "norm", "relu")
        if any(layer.type not in plain for layer in body) or last.type not in (*plain, "flatten"):
            raise ParamError("layers", f"give {', '.join(plain)}, and a flatten at the end.")
        try:
            rows(self.layers, (self.in_channels, self.height, self.width))
        except ValueError as error:
            raise ParamError("layers", str(error)) from error


VERSION = 1
PARTS = {"shape": Shape(axes=3), "flat": Integer()}

FIRST = tuple(
    conv(channels, kernel, stride=stride, padding=padding)
    for channels in (4, 6, 8, 10)
    for kernel, stride, padding in ((3, 1, 0), (5, 1, 2), (5, 2, 2), (7, 2, 3), (4, 2, 1))
)
POOLS = (pool(2), pool(3), pool(3, 2), pool(3, 2, padding=1))
SECOND = tuple(
    conv(channels, kernel, padding=padding, dilation=dilation)
    for channels in (12, 16, 20)
    for kernel, padding, dilation in ((3, 0, 1), (5, 2, 1), (5, 0, 1), (3, 2, 2))
)
THIRD = ((), (conv(24, 3, padding=1),), (conv(30, 2),))
STACKS = tuple(
    (first, *before, second, *third, after, Layer("flatten"))
    for first, before, second, third, after in product(
        FIRST, ((), *((one,) for one in POOLS)), SECOND, THIRD, POOLS
    )
    if before or third
)


def draw(r: Draw) -> Params:
    """Draw two or three convolutions and one or two poolings."""
    return Params(
        height=r.int("height", 40, 76),
        width=r.int("width", 64, 112),
        in_channels=r.choice("in_channels", (1, 3, 3)),
        layers=r.choice("layers", STACKS),
        layout=r.choice("layout", ("CHW", "HWC")),
    )


def answer(p: Params) -> dict:
    """Go through the layers with the reference engine."""
    return _parts(p, _shapes(p)[-1])


def witness(p: Params) -> dict:
    """Build the layers in PyTorch and run them (shapes alone, no memory)."""
    import torch

    from problems.engine.layers_torch import run

    image = torch.empty(1, p.in_channels, p.height, p.width, device="meta")
    outputs = [output for _, output in run(p.layers, image)]
    last = [output for output in outputs if output.dim() == 4][-1]
    return _parts(p, tuple(last.shape[1:])) | {"flat": last.flatten(1).shape[1]}


def _shapes(p: Params) -> list[tuple[int, ...]]:
    """Return the shape of each feature map."""
    found = rows(p.layers, (p.in_channels, p.height, p.width))
    return [row.after for row in found if row.layer.type != "flatten"]


def _parts(p: Params, shape: tuple[int, ...]) -> dict:
    channels, height, width = shape
    ordered = shape if p.layout == "CHW" else (height, width, channels)
    return {"shape": ordered, "flat": math.prod(shape)}


Rule = Callable[[int, int, int, int, int], int]
"""(length, kernel, stride, padding, dilation) to the length of the output."""


def _wrong(p: Params, layers: Sequence[Layer] | None = None, rule: Rule = conv_length) -> dict:
    """Return both parts for other layers or another rule, where an image is left."""
    channels, height, width = p.in_channels, p.height, p.width
    for layer in p.layers if layers is None else layers:
        if layer.type in ("conv", "pool"):
            settings = layer.kernel, layer.stride, layer.padding, layer.dilation
            height, width = rule(height, *settings), rule(width, *settings)
        if layer.type == "global_pool":
            height = width = 1
        if min(height, width) < 1:
            return {}
        channels = layer.channels if layer.type == "conv" else channels
    return _parts(p, (channels, height, width))


def _reset(p: Params, kind: str, name: str, value: int) -> dict:
    """Return both parts with a setting of the layers of a kind reset, where one had another."""
    layers = [
        replace(layer, **{name: value}) if layer.type == kind else layer for layer in p.layers
    ]
    return _wrong(p, layers) if layers != list(p.layers) else {}


def _without(p: Params, kind: str, place: int) -> dict:
    """Return both parts without the first (0) or the last (-1) layer of a kind."""
    places = [k for k, layer in enumerate(p.layers) if layer.type == kind]
    if not places or len(p.layers) == 1:
        return {}
    left = places[place]
    return _wrong(p, [layer for k, layer in enumerate(p.layers) if k != left])


def _channels(p: Params) -> list[int]:
    return [layer.channels for layer in p.layers if layer.type == "conv"]


def _with_channels(p: Params, channels: int) -> dict:
    _, height, width = _shapes(p)[-1]
    return _parts(p, (channels, height, width))


def _swapped(p: Params) -> dict:
    channels, height, width = _shapes(p)[-1]
    return {"shape": _parts(p, (channels, width, height))["shape"]}


def _other_layout(p: Params) -> dict:
    other = replace(p, layout="HWC" if p.layout == "CHW" else "CHW")
    return {"shape": _parts(other, _shapes(p)[-1])["shape"]}


def _unpadded(i: int, k: int, s: int, q: int, d: int) -> int:
    return conv_length(i + q, k, s, 0, d)


MISTAKES = (
    Mistake(
        "first-pooling-skipped",
        "A pooling is missing here: it makes height and width smaller before the next layer.",
        lambda p: _without(p, "pool", 0),
    ),
    Mistake(
        "last-convolution-skipped",
        "A convolution is missing here: go through the table line by line.",
        lambda p: _without(p, "conv", -1) if len(_channels(p)) > 1 else {},
    ),
    Mistake(
        "pool-padding-ignored",
        "A pooling may be padded, too: its window then has more positions to stand at.",
        lambda p: _reset(p, "pool", "padding", 0),
    ),
    Mistake(
        "padding-ignored",
        "The padding makes the input longer before the filter moves over it.",
        lambda p: _reset(p, "conv", "padding", 0),
    ),
    Mistake(
        "padding-once",
        "Padding is added on both sides of an axis: $2p$, not $p$.",
        lambda p: _wrong(p, rule=_unpadded) if any(x.padding for x in p.layers) else {},
    ),
    Mistake(
        "stride-ignored",
        "A filter moves by its stride, not by one position.",
        lambda p: _reset(p, "conv", "stride", 1),
    ),
    Mistake(
        "dilation-ignored",
        "A dilated filter spans $d (k - 1) + 1$ positions, not $k$.",
        lambda p: _reset(p, "conv", "dilation", 1),
    ),
    Mistake(
        "plus-one-forgotten",
        "The filter stands at its first position before it moves at all: add 1.",
        lambda p: _wrong(p, rule=lambda i, k, s, q, d: conv_length(i, k, s, q, d) - 1),
    ),
    Mistake(
        "rounded-up",
        "A window that does not fit any more is left out: round down, not up.",
        lambda p: _wrong(p, rule=lambda i, k, s, q, d: conv_length(i + s - 1, k, s, q, d)),
    ),
    Mistake(
        "flatten-without-channels",
        "All channels are flattened: the positions of one are not everything.",
        lambda p: {"flat": math.prod(_shapes(p)[-1][1:])} if _shapes(p)[-1][0] > 1 else {},
    ),
    Mistake(
        "channels-kept",
        "After a convolution there are as many channels as it has filters.",
        lambda p: _with_channels(p, p.in_channels) if _shapes(p)[-1][0] != p.in_channels else {},
    ),
    Mistake(
        "channels-multiplied",
        "A filter adds up over all its input channels, and gives one channel.",
        lambda p: _with_channels(p, math.prod(_channels(p))) if len(_channels(p)) > 1 else {},
    ),
    Mistake(
        "axes-swapped",
        "Height and width are the wrong way round.",
        lambda p: _swapped(p) if p.height != p.width else {},
    ),
    Mistake(
        "other-layout",
        "These are the right numbers in another order: look at the order that is asked for.",
        lambda p: _other_layout(p) if len(set(_shapes(p)[-1])) > 1 else {},
    ),
)


def steps(p: Params) -> dict:
    """Return each layer in words, with the shapes around it."""
    found = rows(p.layers, (p.in_channels, p.height, p.width))
    return {
        "rows": [{"words": describe(row.layer), "layer": row.layer, "row": row} for row in found],
        "map": _shapes(p)[-1],
    }
