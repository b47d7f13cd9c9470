"""The few shapes that the pictures are made of. Lengths are in the picture's own units.

Colours are classes, which the style sheet fills in for light and dark.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True)
class Picture:
    """An SVG element that may stand in any page, and what it shows in words."""

    svg: str
    description: str


def picture(width: float, height: float, description: str, shapes: Iterable[str]) -> Picture:
    """Return a picture of this size; it shrinks to the width of its place."""
    label = escape(description)
    body = "".join(shapes)
    return Picture(
        f'<svg class="picture" viewBox="0 0 {width:g} {height:g}" width="{width:g}" role="img" '
        f'aria-label="{label}">{body}</svg>',
        description,
    )


def rect(x: float, y: float, width: float, height: float, kind: str, corner: float = 0) -> str:
    """Return a rectangle by its upper left corner."""
    return (
        f'<rect class="{kind}" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" '
        f'rx="{corner:g}"/>'
    )


def text(x: float, y: float, words: str, kind: str = "", anchor: str = "middle") -> str:
    """Return a line of text whose middle, start or end is at x, and whose middle is at y."""
    return (
        f'<text class="{kind}" x="{x:g}" y="{y:g}" text-anchor="{anchor}" '
        f'dominant-baseline="central">{escape(words)}</text>'
    )


def path(points: Iterable[tuple[float, float]], kind: str) -> str:
    """Return straight lines from point to point."""
    return f'<polyline class="{kind}" points="{" ".join(f"{x:g},{y:g}" for x, y in points)}"/>'


def arrow(points: list[tuple[float, float]], kind: str = "flow") -> str:
    """Return lines with a head at their end; the last one is level or upright."""
    (x0, y0), (x1, y1) = points[-2:]
    dx, dy = (x1 > x0) - (x1 < x0), (y1 > y0) - (y1 < y0)
    head = [(x1 - 6 * dx - 4 * dy, y1 - 6 * dy - 4 * dx), (x1, y1)]
    head.append((x1 - 6 * dx + 4 * dy, y1 - 6 * dy + 4 * dx))
    return path(points, kind) + path(head, kind)


def circle(x: float, y: float, radius: float, kind: str) -> str:
    """Return a circle by its centre."""
    return f'<circle class="{kind}" cx="{x:g}" cy="{y:g}" r="{radius:g}"/>'


def number(value: float) -> str:
    """Return a number as the pictures write it, with a true minus sign."""
    return f"{value:.3g}".replace("-", "\N{MINUS SIGN}")


def numbers(values: Iterable[float]) -> str:
    """Return a vector as the pictures write it."""
    return f"[{', '.join(map(number, values))}]"
