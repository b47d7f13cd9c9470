"""Max and average pooling of a small image by hand.

Two known mistakes are not here. The stride taken to be the window's size is only drawn where it is
right, or where it gives too few numbers for the matrix of the answer. A maximum that is overlooked
has no value of its own: it may be any other number of the window.
"""

from dataclasses import dataclass

import numpy as np

from problems.answers import Matrix
from problems.core import Array, Mistake, ParamError, param
from problems.drawing import Draw
from problems.engine.convolution import average_pool, max_pool, windows


@dataclass(frozen=True)
class Params:
    """The image, the window, and for average pooling what its divisor counts."""

    height: int = param("rows of the image", 1, 16)
    width: int = param("columns of the image", 1, 16)
    image: Array = param("the image, shape (height, width)", -1000, 1000)
    pooling: str = param("kind of pooling", options=("max", "average"))
    kernel: int = param("rows and columns of the window", 1, 16)
    stride: int = param("stride along both axes", 1, 16)
    padding: int = param("zeros around the image, for average pooling", 0, 8)
    count_padding: bool = param("whether padding counts in the divisor of an average")

    def __post_init__(self) -> None:
        """Refuse a padding that does not belong, and a window that does not fit."""
        if 2 * self.padding > self.kernel or (self.padding and self.pooling == "max"):
            raise ParamError("padding", "only averages are padded, by half the window at most.")
        if self.kernel > min(self.height, self.width) + 2 * self.padding:
            raise ParamError("kernel", "the window must fit into the padded image.")


VERSION = 1
PARTS = {"output": Matrix(decimals=2)}


def draw(r: Draw) -> Params:
    """Draw windows that overlap, that do not, and that leave something over."""
    pooling = r.choice("pooling", ("max", "average"))
    padding = r.choice("padding", (0, 1) if pooling == "average" else (0,))
    height, width = (
        r.choice(name, (3, 4, 5) if padding else (4, 5)) for name in ("height", "width")
    )
    return Params(
        height=height,
        width=width,
        image=r.array("image", (height, width), -6, 9, 0),
        pooling=pooling,
        kernel=r.choice("kernel", (2,) if pooling == "average" else (2, 2, 3)),
        stride=r.choice("stride", (2,) if padding else (1, 2, 2)),
        padding=padding,
        count_padding=r.bool("count_padding"),
    )


def answer(p: Params) -> dict:
    """Compute with the reference engine."""
    return {"output": _output(p)}


def witness(p: Params) -> dict:
    """Run torch's pooling."""
    import torch

    image = torch.tensor(p.image)[None, None]
    if p.pooling == "max":
        output = torch.nn.functional.max_pool2d(image, p.kernel, p.stride)
    else:
        output = torch.nn.functional.avg_pool2d(
            image, p.kernel, p.stride, p.padding, count_include_pad=p.count_padding
        )
    return {"output": output[0, 0].numpy()}


def _output(p: Params, stride: int | None = None) -> Array:
    stride = stride or p.stride
    return max_pool(p.image, p.kernel, stride) if p.pooling == "max" else _average(p, stride)


def _average(p: Params, stride: int | None = None, *, other_divisor: bool = False) -> Array:
    return average_pool(
        p.image,
        p.kernel,
        stride or p.stride,
        p.padding,
        count_padding=p.count_padding != other_divisor,
    )


def _windows(p: Params) -> Array:
    """Return the windows, shape (rows, columns, kernel, kernel)."""
    return windows(p.image[None], (p.kernel, p.kernel), p.stride, p.padding)[:, :, 0]


def _like_key(p: Params, output: Array) -> dict:
    """Return a wrong output, cut to the size of the key."""
    rows, columns = _output(p).shape
    return {"output": output[:rows, :columns]}


MISTAKES = (
    Mistake(
        "smallest",
        "The largest number of each window is wanted, not the smallest.",
        lambda p: (
            _like_key(p, _windows(p).min(axis=(2, 3)))
            if p.pooling == "max" and p.kernel > 1
            else {}
        ),
    ),
    Mistake(
        "stride-one",
        "The window moves by the stride, not by one position.",
        lambda p: _like_key(p, _output(p, 1)) if p.stride > 1 and _output(p).size > 1 else {},
    ),
    Mistake(
        "average-for-max",
        "Max pooling keeps the largest number of each window.",
        lambda p: _like_key(p, _average(p)) if p.pooling == "max" and p.kernel > 1 else {},
    ),
    Mistake(
        "max-for-average",
        "Average pooling takes the mean of each window.",
        lambda p: (
            _like_key(p, _windows(p).max(axis=(2, 3)))
            if p.pooling == "average" and p.kernel > 1
            else {}
        ),
    ),
    Mistake(
        "sum-for-average",
        "Divide the sum of each window by how many numbers it is the sum of.",
        lambda p: (
            _like_key(p, _windows(p).sum(axis=(2, 3)))
            if p.pooling == "average" and p.kernel > 1
            else {}
        ),
    ),
    Mistake(
        "padding-counted",
        "Zeros of the padding do not count in the divisor here.",
        lambda p: (
            _like_key(p, _average(p, other_divisor=True))
            if p.padding and not p.count_padding
            else {}
        ),
    ),
    Mistake(
        "padding-not-counted",
        "Zeros of the padding count in the divisor here: it is the same for every window.",
        lambda p: (
            _like_key(p, _average(p, other_divisor=True)) if p.padding and p.count_padding else {}
        ),
    ),
    Mistake(
        "largest-magnitude",
        "The largest number is wanted, and any positive number is larger than a negative one.",
        lambda p: (
            _like_key(p, np.abs(_windows(p)).max(axis=(2, 3)))
            if p.pooling == "max" and (p.image < 0).any()
            else {}
        ),
    ),
    Mistake(
        "relu-applied",
        "Pooling lets negative numbers through.",
        lambda p: _like_key(p, np.maximum(0, _output(p))) if (_output(p) < 0).any() else {},
    ),
)


def steps(p: Params) -> dict:
    """Return the first window, its sum and what the sum is divided by."""
    window = _windows(p)[0, 0]
    total = float(window.sum())
    ones = windows(np.ones_like(p.image)[None], (p.kernel, p.kernel), p.stride, p.padding)
    inside = int(ones[0, 0].sum())
    return {
        "window": window,
        "sum": total,
        "divisor": p.kernel**2 if p.count_padding else inside,
    }
