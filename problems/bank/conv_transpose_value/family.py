"""Values of a small transposed convolution by hand (PyTorch's convention for its padding)."""

from dataclasses import dataclass

import numpy as np

from problems.answers import Matrix
from problems.core import Array, Mistake, ParamError, param
from problems.drawing import Draw
from problems.engine.convolution_matrix import conv_transpose2d, cropped, stamps
from problems.engine.shapes import conv_transpose_length


@dataclass(frozen=True)
class Params:
    """The input and the kernel, their sizes, and the settings of the layer."""

    height: int = param("rows of the input", 1, 8)
    width: int = param("columns of the input", 1, 8)
    kernel_height: int = param("rows of the kernel", 1, 8)
    kernel_width: int = param("columns of the kernel", 1, 8)
    image: Array = param("the input, shape (height, width)", -1000, 1000)
    kernel: Array = param("the kernel, shape (kernel_height, kernel_width)", -1000, 1000)
    bias: float = param("bias, added to each number of the output", -1000, 1000)
    stride: int = param("stride along both axes", 1, 8)
    padding: int = param("padding: what is cut off on each side", 0, 7)

    def __post_init__(self) -> None:
        """Refuse a padding that leaves nothing."""
        if min(_size(self)) < 1:
            raise ParamError("padding", "nothing would be left of the output.")


VERSION = 1
PARTS = {"output": Matrix(decimals=2)}


def draw(r: Draw) -> Params:
    """Draw inputs of up to 2×3 and outputs of at most 5×5."""
    stride = r.choice("stride", (1, 1, 2, 2))
    height = r.choice("height", (1, 2, 2))
    width = r.choice("width", (2, 2, 3) if stride == 1 else (2,))
    rows, columns = r.choice("kernel_height", (2, 2, 3)), r.choice("kernel_width", (2, 3, 3))
    return Params(
        height=height,
        width=width,
        kernel_height=rows,
        kernel_width=columns,
        image=r.array("image", (height, width), -3, 4, 0),
        kernel=r.array("kernel", (rows, columns), -3, 3, 0),
        bias=float(r.choice("bias", (0, 0, -2, -1, 1, 2))),
        stride=stride,
        padding=r.choice("padding", (0, 0, 1) if height > 1 else (0,)),
    )


def answer(p: Params) -> dict:
    """Compute with the reference engine."""
    return {"output": _output(p)}


def witness(p: Params) -> dict:
    """Run torch's transposed convolution."""
    import torch

    output = torch.nn.functional.conv_transpose2d(
        torch.tensor(p.image)[None, None],
        torch.tensor(p.kernel)[None, None],
        torch.tensor([p.bias], dtype=torch.float64),
        stride=p.stride,
        padding=p.padding,
    )
    return {"output": output[0, 0].numpy()}


def _whole_size(p: Params) -> tuple[int, int]:
    return (
        conv_transpose_length(p.height, p.kernel_height, p.stride),
        conv_transpose_length(p.width, p.kernel_width, p.stride),
    )


def _size(p: Params) -> tuple[int, int]:
    height, width = _whole_size(p)
    return height - 2 * p.padding, width - 2 * p.padding


def _output(p: Params, kernel: Array | None = None, bias: float | None = None) -> Array:
    return conv_transpose2d(
        p.image,
        p.kernel if kernel is None else kernel,
        p.bias if bias is None else bias,
        p.stride,
        p.padding,
    )


def _overlaps(p: Params) -> bool:
    """Return whether two copies of the kernel share a place that is not cut off."""
    return bool((_copies(p) > 1).any())


def _copies(p: Params) -> Array:
    """Return for each number of the output how many copies of the kernel reach it."""
    ones = np.ones_like(p.image), np.ones_like(p.kernel)
    return conv_transpose2d(*ones, stride=p.stride, padding=p.padding)


def _last_write(p: Params) -> Array:
    whole = np.zeros(_whole_size(p))
    for place, copy in stamps(p.image, p.kernel, p.stride):
        whole[place] = copy
    return cropped(whole, p.padding) + p.bias


def _side_by_side(p: Params) -> Array:
    """Return the copies put down one position apart, with zeros up to the right size."""
    near = conv_transpose2d(p.image, p.kernel)
    height, width = _whole_size(p)
    filled = np.pad(near, ((0, height - near.shape[0]), (0, width - near.shape[1])))
    return cropped(filled, p.padding) + p.bias


def _cut_at_the_end(p: Params) -> Array:
    height, width = _size(p)
    whole = conv_transpose2d(p.image, p.kernel, p.bias, p.stride)
    return whole[:height, :width]


MISTAKES = (
    Mistake(
        "overlaps-not-summed",
        "Where copies of the kernel overlap, their numbers are added up; none replaces another.",
        lambda p: {"output": _last_write(p)} if _overlaps(p) else {},
    ),
    Mistake(
        "overlaps-averaged",
        "Where copies of the kernel overlap, their numbers are added up, not averaged.",
        lambda p: (
            {"output": _output(p, bias=0.0) / np.maximum(1, _copies(p)) + p.bias}
            if _overlaps(p)
            else {}
        ),
    ),
    Mistake(
        "stride-ignored",
        "Neighbouring numbers of the input put their copies down one stride apart.",
        lambda p: {"output": _side_by_side(p)} if p.stride > 1 and p.image.size > 1 else {},
    ),
    Mistake(
        "kernel-flipped",
        "Each number of the input puts down the kernel as it is written, not turned around.",
        lambda p: {"output": _output(p, kernel=p.kernel[::-1, ::-1])} if p.kernel.size > 1 else {},
    ),
    Mistake(
        "kernel-transposed",
        "Transposed is the operation, not the kernel: it is put down as it is written.",
        lambda p: (
            {"output": _output(p, kernel=p.kernel.T)}
            if p.kernel_height == p.kernel_width > 1
            else {}
        ),
    ),
    Mistake(
        "cut-at-the-end",
        "The padding is cut off on every side, not only below and on the right.",
        lambda p: {"output": _cut_at_the_end(p)} if p.padding else {},
    ),
    Mistake(
        "bias-forgotten",
        "The bias is added to each number of the output.",
        lambda p: {"output": _output(p, bias=0.0)} if p.bias else {},
    ),
    Mistake(
        "bias-with-each-copy",
        "The bias is added once to each number of the output, however many copies reach it.",
        lambda p: (
            {"output": _output(p, bias=0.0) + p.bias * _copies(p)}
            if p.bias and (_copies(p) != 1).any()
            else {}
        ),
    ),
)


def steps(p: Params) -> dict:
    """Return the copies one by one, and their sum before anything is cut off."""
    placed = []
    for place, copy in stamps(p.image, p.kernel, p.stride):
        whole = np.zeros(_whole_size(p))
        whole[place] = copy
        placed.append(whole)
    copies = [
        {"number": number, "places": whole}
        for number, whole in zip(p.image.ravel(), placed, strict=True)
    ]
    return {
        "copies": copies[:6],
        "more": len(copies) > 6,
        "size": _whole_size(p),
        "sum": np.sum(placed, axis=0),
        "overlaps": _overlaps(p),
    }
