"""Values of a small convolution by hand: the cross-correlation of deep learning, or flipped."""

from dataclasses import dataclass

import numpy as np

from problems.answers import Matrix
from problems.core import Array, Mistake, ParamError, param
from problems.drawing import Draw
from problems.engine.convolution import conv2d, windows


@dataclass(frozen=True)
class Params:
    """The image and the filter, their sizes, and the settings of the layer."""

    channels: int = param("channels of the image", 1, 4)
    height: int = param("rows of the image", 1, 12)
    width: int = param("columns of the image", 1, 12)
    kernel_height: int = param("rows of the filter", 1, 12)
    kernel_width: int = param("columns of the filter", 1, 12)
    image: Array = param("the image, shape (channels, height, width)", -1000, 1000)
    kernel: Array = param("the filter, shape (channels, kernel_height, kernel_width)", -1000, 1000)
    bias: float = param("bias of the filter", -1000, 1000)
    stride: int = param("stride along both axes", 1, 12)
    padding: int = param("zeros added on each side", 0, 4)
    flipped: bool = param("whether the filter is flipped, as the convolution of mathematics is")

    def __post_init__(self) -> None:
        """Refuse a filter that does not fit into the padded image."""
        for axis in ("height", "width"):
            if getattr(self, f"kernel_{axis}") > getattr(self, axis) + 2 * self.padding:
                raise ParamError(f"kernel_{axis}", "the filter must fit into the padded image.")


VERSION = 1
PARTS = {"output": Matrix(decimals=2)}


def parts(p: Params) -> dict:
    """Ask for whole numbers where nothing else can come out."""
    return {"output": Matrix(decimals=2 if np.any(_output(p) % 1) else 0)}


def draw(r: Draw) -> Params:
    """Draw images with one or two channels and outputs of at most 3×3."""
    channels, stride = r.choice("channels", (1, 1, 2)), r.choice("stride", (1, 1, 2))
    padding = r.choice("padding", (0, 0, 1))
    sizes = (2, 3) if padding and stride == 1 else (3, 4)
    height, width = r.choice("height", sizes), r.choice("width", sizes)
    kernel_height, kernel_width = r.choice("kernel_height", (2, 2, 3)), r.int("kernel_width", 2, 2)
    return Params(
        channels=channels,
        height=height,
        width=width,
        kernel_height=kernel_height,
        kernel_width=kernel_width,
        image=r.array("image", (channels, height, width), -3, 5, 0),
        kernel=r.array("kernel", (channels, kernel_height, kernel_width), -3, 3, 0),
        bias=float(r.choice("bias", (-3, -2, -1, 1, 2, 3))),
        stride=stride,
        padding=padding,
        flipped=r.choice("flipped", (False, False, False, False, True)),
    )


def answer(p: Params) -> dict:
    """Compute with the reference engine."""
    return {"output": _output(p)}


def witness(p: Params) -> dict:
    """Run torch's convolution, on a filter turned around by torch where it is to be flipped."""
    import torch

    kernel = torch.tensor(p.kernel)
    kernel = kernel.flip(1, 2) if p.flipped else kernel
    output = torch.nn.functional.conv2d(
        torch.tensor(p.image)[None],
        kernel[None],
        torch.tensor([p.bias], dtype=torch.float64),
        stride=p.stride,
        padding=p.padding,
    )
    return {"output": output[0, 0].numpy()}


def _filter(p: Params) -> Array:
    """Return the filter as it lies on the image."""
    return p.kernel[:, ::-1, ::-1] if p.flipped else p.kernel


def _output(p: Params, **other: object) -> Array:
    """Return the output, with some of the settings replaced."""
    setting = {
        "image": p.image,
        "kernel": _filter(p),
        "bias": p.bias,
        "stride": p.stride,
        "padding": p.padding,
    } | other
    return conv2d(**setting)  # type: ignore[arg-type]


def _like_key(p: Params, output: Array) -> dict:
    """Return a wrong output where it has the key's size; elsewhere nobody can give it."""
    return {"output": output} if output.shape == _output(p).shape else {}


MISTAKES = (
    Mistake(
        "filter-flipped",
        "The filter lies on the image as it is written; it is not turned around.",
        lambda p: {} if p.flipped else _like_key(p, _output(p, kernel=p.kernel[:, ::-1, ::-1])),
    ),
    Mistake(
        "filter-not-flipped",
        "Here the filter is first turned upside down and left to right.",
        lambda p: _like_key(p, _output(p, kernel=p.kernel)) if p.flipped else {},
    ),
    Mistake(
        "filter-transposed",
        "Rows and columns of the filter are exchanged here.",
        lambda p: (
            _like_key(p, _output(p, kernel=_filter(p).transpose(0, 2, 1)))
            if p.kernel_height == p.kernel_width > 1
            else {}
        ),
    ),
    Mistake(
        "bias-forgotten",
        "The bias is added to each number of the output.",
        lambda p: _like_key(p, _output(p, bias=0.0)) if p.bias else {},
    ),
    Mistake(
        "bias-for-each-channel",
        "The bias is added once for each number of the output, not once for each input channel.",
        lambda p: (
            _like_key(p, _output(p, bias=p.channels * p.bias)) if p.bias and p.channels > 1 else {}
        ),
    ),
    Mistake(
        "one-channel",
        "The products of all input channels are added up, not those of the first alone.",
        lambda p: (
            _like_key(p, _output(p, image=p.image[:1], kernel=_filter(p)[:1]))
            if p.channels > 1
            else {}
        ),
    ),
    Mistake(
        "stride-ignored",
        "The filter moves by the stride; here it moved by one.",
        lambda p: (
            _like_key(p, _output(p, stride=1)[: _output(p).shape[0], : _output(p).shape[1]])
            if p.stride > 1 and _output(p).size > 1
            else {}
        ),
    ),
    Mistake(
        "padding-with-ones",
        "The image is padded by zeros, which add nothing.",
        lambda p: (
            _like_key(
                p,
                conv2d(
                    np.pad(
                        p.image,
                        ((0, 0), (p.padding, p.padding), (p.padding, p.padding)),
                        constant_values=1,
                    ),
                    _filter(p),
                    p.bias,
                    p.stride,
                ),
            )
            if p.padding
            else {}
        ),
    ),
    Mistake(
        "relu-applied",
        "No activation follows here: negative numbers stay.",
        lambda p: _like_key(p, np.maximum(0, _output(p))) if (_output(p) < 0).any() else {},
    ),
)


def steps(p: Params) -> dict:
    """Return the filter as it lies on the image, and the first window with its products."""
    seen = windows(p.image, (p.kernel_height, p.kernel_width), p.stride, p.padding)[0, 0]
    sums = [float((seen[c] * _filter(p)[c]).sum()) for c in range(p.channels)]
    return {"filter": _filter(p), "window": seen, "sums": sums, "first": sum(sums) + p.bias}
