"""A convolution as a matrix (Toeplitz, or doubly so for an image): its size and its rows."""

from dataclasses import dataclass

import numpy as np

from problems.answers import Shape, Vector
from problems.core import Array, Mistake, ParamError, param
from problems.drawing import Draw
from problems.engine.convolution_matrix import convolution_matrix

OUTPUTS = ("valid", "full", "same")


@dataclass(frozen=True)
class Params:
    """A signal (one row) or an image, the kernel, and which outputs are wanted."""

    rows: int = param("rows of the image; 1 for a signal", 1, 8)
    columns: int = param("columns of the image, or length of the signal", 1, 16)
    kernel_rows: int = param("rows of the kernel; 1 for a signal", 1, 8)
    kernel_columns: int = param("columns of the kernel, or its length", 1, 16)
    kernel: Array = param("the kernel, shape (kernel_rows, kernel_columns)", -1000, 1000)
    outputs: str = param(
        "positions where the kernel fits, all where it overlaps, or as many as inputs",
        options=OUTPUTS,
    )
    flipped: bool = param("whether the kernel is flipped, as the convolution of mathematics is")

    def __post_init__(self) -> None:
        """Refuse a kernel that does not fit, and "same" with an even kernel."""
        for name, size in (("rows", self.rows), ("columns", self.columns)):
            length = getattr(self, f"kernel_{name}")
            if length > size:
                raise ParamError(f"kernel_{name}", f"give at most the {name}, {size}.")
            if self.outputs == "same" and length % 2 == 0:
                raise ParamError(f"kernel_{name}", 'with "same" it must be odd.')


VERSION = 1
PARTS = {"shape": Shape(axes=2), "first": Vector(decimals=2), "last": Vector(decimals=2)}


def parts(p: Params) -> dict:
    """Ask for whole numbers where nothing else can come out."""
    row = Vector(decimals=2 if np.any(p.kernel % 1) else 0)
    return PARTS | {"first": row, "last": row}


def draw(r: Draw) -> Params:
    """Draw signals of 4 to 6 numbers, and one image in three draws."""
    image = r.choice("image", (False, False, True))
    outputs = r.choice("outputs", ("valid",) if image else OUTPUTS)
    rows = r.int("rows", 2, 3) if image else r.int("rows", 1, 1)
    kernel_rows = r.int("kernel_rows", 2, 2) if image else r.int("kernel_rows", 1, 1)
    sizes = (3,) if outputs == "same" else ((2,) if image else (2, 3, 3))
    kernel_columns = r.choice("kernel_columns", sizes)
    return Params(
        rows=rows,
        columns=r.int("columns", 3, 4) if image else r.int("columns", 4, 6),
        kernel_rows=kernel_rows,
        kernel_columns=kernel_columns,
        kernel=r.array("kernel", (kernel_rows, kernel_columns), -4, 5, 0),
        outputs=outputs,
        flipped=r.bool("flipped"),
    )


def answer(p: Params) -> dict:
    """Build the matrix with the reference engine, column by column."""
    return _parts(_matrix(p))


def _parts(matrix: Array) -> dict:
    return {"shape": matrix.shape, "first": matrix[0], "last": matrix[-1]}


def witness(p: Params) -> dict:
    """Take the Jacobian of torch's convolution by autograd."""
    import torch

    kernel = torch.tensor(p.kernel)
    kernel = (kernel.flip(0, 1) if p.flipped else kernel)[None, None]
    k, l = p.kernel_rows, p.kernel_columns
    padding = {"valid": (0, 0), "full": (k - 1, l - 1), "same": ((k - 1) // 2, (l - 1) // 2)}

    def run(image: torch.Tensor) -> torch.Tensor:
        shaped = image.reshape(1, 1, p.rows, p.columns)
        return torch.nn.functional.conv2d(shaped, kernel, padding=padding[p.outputs]).flatten()

    start = torch.zeros(p.rows * p.columns, dtype=torch.float64)
    return _parts(torch.autograd.functional.jacobian(run, start).numpy())  # type: ignore[union-attr]


def _matrix(p: Params, *, flipped: bool | None = None, outputs: str | None = None) -> Array:
    turned = p.flipped if flipped is None else flipped
    kernel = p.kernel[::-1, ::-1] if turned else p.kernel
    padding = {
        "valid": (0, 0),
        "full": (p.kernel_rows - 1, p.kernel_columns - 1),
        "same": ((p.kernel_rows - 1) // 2, (p.kernel_columns - 1) // 2),
    }[outputs or p.outputs]
    return convolution_matrix((p.rows, p.columns), kernel, padding=padding)


def _wrong(p: Params, matrix: Array) -> dict:
    """Return the parts that this matrix gets wrong."""
    right = _parts(_matrix(p))
    return {
        part: value
        for part, value in _parts(matrix).items()
        if not np.array_equal(value, right[part])
    }


def _for_another(p: Params, outputs: str) -> dict:
    return _wrong(p, _matrix(p, outputs=outputs)) if p.outputs != outputs else {}


def _without_gaps(p: Params) -> dict:
    """Return the rows with the kernel's rows next to each other, as in a signal."""
    if p.kernel_rows == 1 or p.outputs != "valid" or p.kernel_columns == p.columns:
        return {}
    laid = (p.kernel[::-1, ::-1] if p.flipped else p.kernel).ravel()
    rest = np.zeros(p.rows * p.columns - len(laid))
    return {"first": np.concatenate([laid, rest]), "last": np.concatenate([rest, laid])}


def _positions(p: Params) -> int:
    return len(_matrix(p))


def _inputs(p: Params) -> int:
    return p.rows * p.columns


def _short(p: Params) -> dict:
    """Return the shape with one position too few along each axis that the kernel moves on."""
    sizes = zip((p.rows, p.columns), p.kernel.shape, strict=True)
    high, wide = (n - k + (k == 1) for n, k in sizes)
    return {"shape": (high * wide, _inputs(p))} if p.outputs == "valid" and high * wide else {}


MISTAKES = (
    Mistake(
        "not-flipped",
        "The convolution of mathematics turns the kernel around; this is a cross-correlation.",
        lambda p: _wrong(p, _matrix(p, flipped=False)) if p.flipped else {},
    ),
    Mistake(
        "flipped",
        "A cross-correlation takes the kernel as it is written; here it is turned around.",
        lambda p: {} if p.flipped else _wrong(p, _matrix(p, flipped=True)),
    ),
    Mistake(
        "valid-for-other",
        "Here the kernel may reach over the edge: there are more positions than where it fits.",
        lambda p: _for_another(p, "valid"),
    ),
    Mistake(
        "full-for-other",
        "Here the kernel does not stand at all the positions where it overlaps the input.",
        lambda p: _for_another(p, "full"),
    ),
    Mistake(
        "same-assumed",
        "There are not as many outputs as inputs here.",
        lambda p: {"shape": (_inputs(p), _inputs(p))} if _positions(p) != _inputs(p) else {},
    ),
    Mistake(
        "transposed",
        "The matrix stands on the left of the input: a row for each output.",
        lambda p: {"shape": (_inputs(p), _positions(p))} if _positions(p) != _inputs(p) else {},
    ),
    Mistake(
        "plus-one-forgotten",
        "The kernel stands at its first position before it moves at all.",
        _short,
    ),
    Mistake(
        "not-shifted",
        "Each row holds the kernel one position further on than the row before.",
        lambda p: {"last": _matrix(p)[0]} if _positions(p) > 1 else {},
    ),
    Mistake(
        "gaps-forgotten",
        "In the flattened image a row of the kernel ends before the next image row begins.",
        _without_gaps,
    ),
    Mistake(
        "rows-exchanged",
        "First and last row are exchanged: the first output is where the kernel begins.",
        lambda p: {"first": _matrix(p)[-1], "last": _matrix(p)[0]} if _positions(p) > 1 else {},
    ),
)


def steps(p: Params) -> dict:
    """Return the matrix, the kernel as it is laid on, and the number of positions an axis."""
    matrix = _matrix(p)
    more = {"valid": -1, "same": 0, "full": 1}[p.outputs]
    return {
        "matrix": matrix if matrix.size <= 150 else None,
        "laid": p.kernel[::-1, ::-1] if p.flipped else p.kernel,
        "kernel": p.kernel if p.kernel_rows > 1 else p.kernel[0],
        "is_image": p.rows > 1,
        "inputs": _inputs(p),
        "high": p.rows + more * (p.kernel_rows - 1),
        "wide": p.columns + more * (p.kernel_columns - 1),
        "positions": len(matrix),
    }
