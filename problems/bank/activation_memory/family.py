"""Memory that the activations of a convolutional network take, at training or without gradients.

Counted are the image and the output of every layer; ReLU and batch normalisation overwrite their
input, and a flattening moves nothing.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from problems.answers import Integer, Real
from problems.core import Mistake, ParamError, param
from problems.drawing import Draw
from problems.engine.layers import (
    FORM,
    Layer,
    Row,
    conv,
    describe,
    linear,
    parameters,
    pool,
    read_layers,
    rows,
)

BYTES = {"float64": 8, "float32": 4, "float16": 2, "bfloat16": 2, "int8": 1}
UNITS = {"kB": 10**3, "KiB": 2**10, "MB": 10**6, "MiB": 2**20, "GB": 10**9, "GiB": 2**30}
OTHER = {"kB": "KiB", "KiB": "kB", "MB": "MiB", "MiB": "MB", "GB": "GiB", "GiB": "GB"}


@dataclass(frozen=True)
class Params:
    """The images, the layers, and what is kept."""

    batch: int = param("images in a batch", 1, 1_000_000)
    height: int = param("rows of an image", 1, 16_384)
    width: int = param("columns of an image", 1, 16_384)
    in_channels: int = param("channels of an image", 1, 65_536)
    layers: tuple[Layer, ...] = param(
        "the layers, the one next to the image first", read=read_layers, form=FORM
    )
    dtype: str = param("type of each number", options=tuple(BYTES))
    backward: bool = param("whether a gradient of equal size is kept for each number")
    unit: str = param("unit of the answer", options=tuple(UNITS))

    def __post_init__(self) -> None:
        """Refuse layers that do not fit, and networks that have no layer with an output."""
        try:
            kept = _outputs(self)
        except ValueError as error:
            raise ParamError("layers", str(error)) from error
        if not kept:
            raise ParamError("layers", "give at least one convolution, pooling or linear layer.")


VERSION = 1
PARTS = {"numbers": Integer(), "memory": Real(digits=4)}

NETWORKS = tuple(
    (
        *(conv(first, 3, padding=1), Layer("relu"), pool(2)),
        *(conv(second, kernel, padding=padding), Layer("relu"), pool(2)),
        *(Layer("flatten"), linear(units)),
    )
    for first, second, (kernel, padding), units in product(
        (4, 8, 16), (8, 16, 32), ((3, 1), (3, 0), (5, 2)), (10, 64, 100)
    )
)


def draw(r: Draw) -> Params:
    """Draw a small network on a batch of images."""
    return Params(
        batch=r.choice("batch", (8, 16, 32, 50, 64, 100, 128)),
        height=r.choice("height", (16, 24, 28, 32, 48, 64)),
        width=r.choice("width", (16, 24, 28, 32, 48, 64)),
        in_channels=r.choice("in_channels", (1, 3)),
        layers=r.choice("layers", NETWORKS),
        dtype=r.choice("dtype", ("float32", "float32", "float16", "bfloat16")),
        backward=r.choice("backward", (True, True, False)),
        unit=r.choice("unit", ("MB", "MiB")),
    )


def answer(p: Params) -> dict:
    """Add up the shapes with the reference engine."""
    return {"numbers": _numbers(p), "memory": _memory(p, _numbers(p))}


def witness(p: Params) -> dict:
    """Run the network in PyTorch (shapes alone, no memory) and count what is not overwritten."""
    import torch

    from problems.engine.layers_torch import run

    nn, dtype = torch.nn, getattr(torch, p.dtype)
    image = torch.empty(1, p.in_channels, p.height, p.width, device="meta")
    fresh = (nn.Conv2d, nn.Linear, nn.MaxPool2d, nn.AvgPool2d, nn.AdaptiveAvgPool2d, nn.Identity)
    kept = [output for module, output in run(p.layers, image) if isinstance(module, fresh)]
    numbers = image.numel() + sum(output.numel() for output in kept)
    size = numbers * p.batch * torch.empty(0, dtype=dtype).element_size() / UNITS[p.unit]
    return {"numbers": numbers, "memory": size * 2 if p.backward else size}


def _image(p: Params) -> int:
    return p.in_channels * p.height * p.width


def _outputs(p: Params) -> list[Row]:
    """Return the layers whose output takes memory of its own."""
    found = rows(p.layers, (p.in_channels, p.height, p.width))
    return [row for row in found if row.layer.type not in ("relu", "norm", "flatten")]


def _numbers(p: Params, without: Sequence[str] = ()) -> int:
    kept = [row for row in _outputs(p) if row.layer.type not in without]
    return _image(p) + sum(math.prod(row.after) for row in kept)


def _memory(p: Params, numbers: int, unit: str | None = None) -> float:
    copies = 2 if p.backward else 1
    return numbers * p.batch * copies * BYTES[p.dtype] / UNITS[unit or p.unit]


def _with_numbers(p: Params, numbers: int) -> dict:
    if numbers == _numbers(p):
        return {}
    return {"numbers": numbers, "memory": _memory(p, numbers)}


def _parameters(p: Params) -> int:
    return parameters(p.layers, (p.in_channels, p.height, p.width))


MISTAKES = (
    Mistake(
        "parameters-counted",
        "These are the parameters. The activations are the numbers that flow through the layers.",
        lambda p: (
            {
                "numbers": _parameters(p),
                "memory": _parameters(p) * BYTES[p.dtype] / UNITS[p.unit],
            }
            if _parameters(p)
            else {}
        ),
    ),
    Mistake(
        "image-forgotten",
        "The image itself is one of the numbers that are kept.",
        lambda p: _with_numbers(p, _numbers(p) - _image(p)),
    ),
    Mistake(
        "poolings-forgotten",
        "What a pooling gives is kept, too, though it has no parameters.",
        lambda p: _with_numbers(p, _numbers(p, ("pool", "global_pool"))),
    ),
    Mistake(
        "last-layer-only",
        "Every layer's output is kept, not only the last one's.",
        lambda p: _with_numbers(p, math.prod(_outputs(p)[-1].after)),
    ),
    Mistake(
        "channels-forgotten",
        "A feature map has one number for each position and each channel.",
        lambda p: _with_numbers(
            p,
            p.height * p.width + sum(math.prod(r.after[1:] or r.after) for r in _outputs(p)),
        ),
    ),
    Mistake(
        "other-unit",
        "A kB, MB or GB counts in powers of 1000, a KiB, MiB or GiB in powers of 1024.",
        lambda p: {"memory": _memory(p, _numbers(p), OTHER[p.unit])},
    ),
    Mistake(
        "gradients-forgotten",
        "For each number a gradient of the same size is kept: twice as much.",
        lambda p: {"memory": _memory(p, _numbers(p)) / 2} if p.backward else {},
    ),
    Mistake(
        "gradients-added",
        "Without training there are no gradients to keep.",
        lambda p: {} if p.backward else {"memory": 2 * _memory(p, _numbers(p))},
    ),
    Mistake(
        "one-image",
        "This is one image's memory; the whole batch is in the network at once.",
        lambda p: {"memory": _memory(p, _numbers(p)) / p.batch} if p.batch > 1 else {},
    ),
    Mistake(
        "four-bytes-assumed",
        "A number of this type does not take 4 bytes.",
        lambda p: (
            {"memory": _memory(p, _numbers(p)) * 4 / BYTES[p.dtype]} if BYTES[p.dtype] != 4 else {}
        ),
    ),
    Mistake(
        "bits-for-bytes",
        "The name of the type says its bits; eight of them are a byte.",
        lambda p: {"memory": 8 * _memory(p, _numbers(p))},
    ),
)


def steps(p: Params) -> dict:
    """Return each layer with its numbers, and the factors of the memory."""
    found = rows(p.layers, (p.in_channels, p.height, p.width))
    kept = {row.place for row in _outputs(p)}
    total = _numbers(p) * p.batch * BYTES[p.dtype] * (2 if p.backward else 1)
    return {
        "rows": [{"place": row.place, "words": describe(row.layer)} for row in found],
        "kept": [
            {
                "place": row.place,
                "sizes": " · ".join(map(str, row.after)),
                "numbers": math.prod(row.after),
            }
            for row in found
            if row.place in kept
        ],
        "image": _image(p),
        "size": BYTES[p.dtype],
        "bytes": total,
        "unit": UNITS[p.unit],
        "blocks": any(row.layer.type == "residual" for row in found),
        "overwriting": any(row.layer.type in ("relu", "norm") for row in found),
    }
