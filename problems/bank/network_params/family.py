"""Trainable parameters of a whole convolutional network, from its list of layers."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

from problems.answers import Integer
from problems.core import Mistake, ParamError, param
from problems.drawing import Draw
from problems.engine.layers import FORM, Layer, Row, conv, describe, linear, pool, read_layers, rows


@dataclass(frozen=True)
class Params:
    """The image and the layers."""

    height: int = param("rows of the image", 1, 16_384)
    width: int = param("columns of the image", 1, 16_384)
    in_channels: int = param("channels of the image", 1, 65_536)
    layers: tuple[Layer, ...] = param(
        "the layers, the one next to the image first", read=read_layers, form=FORM
    )

    def __post_init__(self) -> None:
        """Refuse networks without a weight, and layers that do not fit."""
        try:
            found = rows(self.layers, (self.in_channels, self.height, self.width))
        except ValueError as error:
            raise ParamError("layers", str(error)) from error
        if not any(row.weights for row in found):
            raise ParamError("layers", "give at least one layer that has weights.")


VERSION = 1
PARTS = {"features": Integer(), "total": Integer()}

NORM, RELU, FLATTEN = Layer("norm"), Layer("relu"), Layer("flatten")


def _plain(first: int, second: int, kernel: int, units: int, padding: int) -> tuple[Layer, ...]:
    body = conv(first, kernel, padding=padding), pool(2), conv(second, 3, padding=1), pool(2)
    return (*body, FLATTEN, linear(units))


def _normed(first: int, second: int, kernel: int, units: int, padding: int) -> tuple[Layer, ...]:
    body = (
        *(conv(first, kernel, padding=padding, bias=False), NORM, RELU, pool(2)),
        *(conv(second, 3, padding=1, bias=False), NORM, RELU, pool(2)),
    )
    return (*body, FLATTEN, linear(units))


def _residual(first: int, second: int, kernel: int, units: int, padding: int) -> tuple[Layer, ...]:
    path = conv(second, 3, stride=2, padding=1), RELU, conv(second, 3, padding=1)
    block = Layer("residual", layers=path, shortcut=(conv(second, 1, stride=2),))
    body = conv(first, kernel, padding=padding), RELU, pool(2), block
    return (*body, Layer("global_pool"), FLATTEN, linear(units))


NETWORKS = tuple(
    make(first, second, kernel, units, padding)
    for make, first, second, (kernel, padding), units in product(
        (_plain, _plain, _normed, _residual),
        (2, 4, 5, 6),
        (4, 8, 10, 12),
        ((3, 1), (5, 2), (5, 0)),
        (3, 5, 10),
    )
    if second != first
)


def draw(r: Draw) -> Params:
    """Draw a small network: plain, with batch normalisation, or with a residual block."""
    return Params(
        height=r.choice("height", (12, 16, 20, 24, 28)),
        width=r.choice("width", (12, 16, 20, 24, 28)),
        in_channels=r.choice("in_channels", (1, 3, 3)),
        layers=r.choice("layers", NETWORKS),
    )


def answer(p: Params) -> dict:
    """Count layer by layer with the reference engine."""
    return _sums(_rows(p))


def witness(p: Params) -> dict:
    """Build the network in PyTorch, run it and count (shapes alone, no memory)."""
    import torch

    from problems.engine.layers_torch import run

    image = torch.empty(1, p.in_channels, p.height, p.width, device="meta")
    modules = [module for module, _ in run(p.layers, image)]
    counts = [sum(w.numel() for w in module.parameters()) for module in modules]
    dense = [isinstance(module, torch.nn.Linear) for module in modules]
    features = sum(count for count, linear in zip(counts, dense, strict=True) if not linear)
    return {"features": features, "total": sum(counts)}


def _rows(p: Params) -> list[Row]:
    return rows(p.layers, (p.in_channels, p.height, p.width))


def _count(row: Row) -> int:
    return row.weights + row.biases


def _sums(found: Sequence[Row], count: Callable[[Row], int] = _count) -> dict:
    """Return both parts with this count of each layer."""
    features = sum(count(row) for row in found if row.layer.type != "linear")
    dense = sum(count(row) for row in found if row.layer.type == "linear")
    return {"features": features, "total": features + dense}


def _changed(p: Params, count: Callable[[Row], int]) -> dict:
    """Return the parts that this count of each layer changes; none where it changes no layer."""
    found = _rows(p)
    changed = [row.layer.type for row in found if count(row) != _count(row)]
    if not changed:
        return {}
    wrong = _sums(found, count)
    return {"total": wrong["total"]} if set(changed) == {"linear"} else wrong


def _has(row: Row, *kinds: str) -> bool:
    return row.layer.type in kinds


def _flattened_channels(p: Params) -> dict[str, int]:
    """Return, for each linear layer that reads a flattened image, the image's channels."""
    found, channels = {}, 0
    for row in _rows(p):
        if _has(row, "flatten"):
            channels = row.before[0] if math.prod(row.before[1:]) > 1 else 0
        elif _has(row, "linear"):
            if channels > 1:
                found[row.place] = channels
            channels = 0
    return found


def _without_channels(p: Params) -> dict:
    channels = _flattened_channels(p)
    return _changed(p, lambda row: row.weights // channels.get(row.place, 1) + row.biases)


def _one_channel(row: Row) -> int:
    if not _has(row, "conv"):
        return _count(row)
    return row.layer.kernel**2 * row.layer.channels + row.biases


def _everywhere(row: Row) -> int:
    positions = math.prod(row.after[1:]) if _has(row, "conv") else 1
    return positions * _count(row)


MISTAKES = (
    Mistake(
        "biases-forgotten",
        "Filters and units also have a bias each, where nothing else is said.",
        lambda p: _changed(p, lambda r: _count(r) if _has(r, "norm") else r.weights),
    ),
    Mistake(
        "flatten-without-channels",
        "Flattened are all channels of the last map, not the positions of one.",
        _without_channels,
    ),
    Mistake(
        "pooling-has-parameters",
        "A pooling has nothing to learn: it only takes the largest number or the mean.",
        lambda p: _changed(p, lambda r: r.layer.kernel**2 if _has(r, "pool") else _count(r)),
    ),
    Mistake(
        "norm-forgotten",
        "Batch normalisation trains a scale and a shift for each channel.",
        lambda p: _changed(p, lambda r: 0 if _has(r, "norm") else _count(r)),
    ),
    Mistake(
        "statistics-counted",
        "The running mean and variance are kept, but not trained.",
        lambda p: _changed(p, lambda r: _count(r) * (2 if _has(r, "norm") else 1)),
    ),
    Mistake(
        "projection-forgotten",
        "The shortcut of a block is no identity where it has a convolution of its own.",
        lambda p: _changed(p, lambda r: 0 if ".s" in r.place else _count(r)),
    ),
    Mistake(
        "input-channels-forgotten",
        "A filter is as deep as its input has channels, not one channel deep.",
        lambda p: _changed(p, _one_channel),
    ),
    Mistake(
        "times-positions",
        "A filter is the same at every position of the image, and counts once.",
        lambda p: _changed(p, _everywhere),
    ),
    Mistake(
        "without-the-last-layer",
        "This is all but the fully connected layers, which are part of the network, too.",
        lambda p: _changed(p, lambda r: 0 if _has(r, "linear") else _count(r)),
    ),
)


def steps(p: Params) -> dict:
    """Return each layer in words, and those that have parameters with the way to count them."""
    found = _rows(p)
    return {
        "rows": [
            {"place": row.place, "words": describe(row.layer), "after": row.after} for row in found
        ],
        "counts": [
            {"place": row.place, "weights": _product(row), "biases": row.biases, "sum": _count(row)}
            for row in found
            if _count(row)
        ],
        "blocks": any(_has(row, "residual") for row in found),
        "norm": any(_has(row, "norm") for row in found),
        "dense": sum(_count(row) for row in found if _has(row, "linear")),
    }


def _product(row: Row) -> str:
    if _has(row, "norm"):
        return str(row.weights)
    if _has(row, "linear"):
        return f"{row.before[0]} · {row.layer.units} = {row.weights}"
    side, seen = row.layer.kernel, row.before[0] // row.layer.groups
    return f"{side} · {side} · {seen} · {row.layer.channels} = {row.weights}"
