"""A window that slides over its input: kernel, padding, stride and dilation."""

from dataclasses import dataclass

from problems.core import Variant
from quizapp.services.pictures.svg import Picture, number, picture, rect, text

CELL = 34
LEAST_CELLS, MOST_CELLS = 12, 26
"""Of a large input the upper left corner is shown, with two places of the window if that fits."""


@dataclass(frozen=True)
class Axis:
    """One axis of the slide; `size` is the input's length without its padding."""

    size: int
    kernel: int
    stride: int
    padding: int
    dilation: int = 1

    @property
    def extent(self) -> int:
        """How far the window reaches."""
        return self.dilation * (self.kernel - 1) + 1

    @property
    def padded(self) -> int:
        """The length with the padding of both ends."""
        return self.size + 2 * self.padding

    @property
    def shown(self) -> int:
        """How many cells are drawn."""
        return min(self.padded, MOST_CELLS, max(LEAST_CELLS, self.extent + self.stride))

    @property
    def positions(self) -> int:
        """How many places the window takes."""
        return (self.padded - self.extent) // self.stride + 1

    def taps(self, position: int) -> set[int]:
        """Return the cells that the window reads at a position from 0."""
        start = position * self.stride
        return {start + self.dilation * tap for tap in range(self.kernel)}


def convolution_shape(variant: Variant) -> Picture | None:
    """Draw the first two places of a convolution's window."""
    p = variant.params
    rows, columns = (
        Axis(
            p[side],
            p[f"kernel_{side}"],
            p[f"stride_{side}"],
            p[f"padding_{side}"],
            p[f"dilation_{side}"],
        )
        for side in ("height", "width")
    )
    return _slide(rows, columns, None, "convolution")


def convolution(variant: Variant) -> Picture | None:
    """Draw a small convolution with the numbers of its first channel."""
    p = variant.params
    rows = Axis(p["height"], p["kernel_height"], p["stride"], p["padding"])
    columns = Axis(p["width"], p["kernel_width"], p["stride"], p["padding"])
    note = " The numbers are those of channel 1." if p["channels"] > 1 else ""
    return _slide(rows, columns, p["image"][0], "convolution", note)


def pooling(variant: Variant) -> Picture | None:
    """Draw the first two windows of a pooling."""
    p = variant.params
    rows = Axis(p["height"], p["kernel"], p["stride"], p["padding"])
    columns = Axis(p["width"], p["kernel"], p["stride"], p["padding"])
    return _slide(rows, columns, p["image"], f"{p['pooling']} pooling")


def _slide(
    rows: Axis, columns: Axis, image: list[list[float]] | None, name: str, note: str = ""
) -> Picture | None:
    if rows.extent > MOST_CELLS or columns.extent > MOST_CELLS:
        return None
    top = 10
    first = (rows.taps(0), columns.taps(0))
    shapes: list[str] = []
    for y in range(rows.shown):
        for x in range(columns.shown):
            inside = _inside(rows, y) and _inside(columns, x)
            read = y in first[0] and x in first[1]
            kind = "cell" if inside else "cell padding"
            shapes.append(
                rect(10 + CELL * x, top + CELL * y, CELL, CELL, f"{kind} read" if read else kind)
            )
            if inside and image is not None:
                value = image[y - rows.padding][x - columns.padding]
                shapes.append(_in_cell(x, y, top, number(value)))
            elif not inside:
                shapes.append(_in_cell(x, y, top, "0" if name == "convolution" else "", "soft"))
    shapes.append(_frame(0, 0, columns.extent, rows.extent, top, "window"))
    if columns.positions > 1 and columns.stride + columns.extent <= columns.shown:
        shapes.append(_frame(columns.stride, 0, columns.extent, rows.extent, top, "window next"))
    width, height = CELL * columns.shown + 20, CELL * rows.shown + 20
    cut = rows.padded > rows.shown or columns.padded > columns.shown
    if cut:
        shapes.append(text(width / 2, height + 6, "… the input goes on", "soft"))
        height += 22
    return picture(width, height, _words(rows, columns, name) + note, shapes)


def _words(rows: Axis, columns: Axis, name: str) -> str:
    padding = (
        f", with a padding of {rows.padding} above and below and {columns.padding} left and right"
        if rows.padding or columns.padding
        else ""
    )
    dilation = (
        f" The dilation spreads the {rows.kernel}×{columns.kernel} kernel over "
        f"{rows.extent}×{columns.extent} cells."
        if (rows.extent, columns.extent) != (rows.kernel, columns.kernel)
        else ""
    )
    return (
        f"The window of the {name} at its first place, and dashed at the next, on an input of "
        f"{rows.size}×{columns.size}{padding}. It moves by {rows.stride} down and "
        f"{columns.stride} to the right, and fits {_times(rows.positions)} down and "
        f"{_times(columns.positions)} across.{dilation}"
    )


def _times(count: int) -> str:
    return f"{count} time{'s' * (count != 1)}"


def _inside(axis: Axis, cell: int) -> bool:
    return axis.padding <= cell < axis.padding + axis.size


def _in_cell(x: int, y: int, top: float, words: str, kind: str = "") -> str:
    return text(10 + CELL * (x + 0.5), top + CELL * (y + 0.5), words, kind)


def _frame(x: int, y: int, width: int, height: int, top: float, kind: str) -> str:
    inset = 2 if kind == "window" else 5
    return rect(
        10 + CELL * x + inset,
        top + CELL * y + inset,
        CELL * width - 2 * inset,
        CELL * height - 2 * inset,
        kind,
        4,
    )
