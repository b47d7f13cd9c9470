"""Curves: the loss of a model that guesses, and a gradient on its way back through time."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from problems.core import Variant
from problems.engine.recurrent import activation_slope
from quizapp.services.pictures.svg import Picture, circle, number, path, picture, text

WIDTH, HEIGHT = 640, 300
LEFT, RIGHT, TOP, BOTTOM = 80, 130, 20, 50
TICKS = 5
BASES = {"e": math.e, "2": 2.0, "10": 10.0}


@dataclass(frozen=True)
class Plane:
    """Axes from (x0, y0) to (x1, y1), in the units of what is shown."""

    x0: float
    x1: float
    y0: float
    y1: float

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return where a point lies in the picture."""
        across = (x - self.x0) / ((self.x1 - self.x0) or 1)
        up = (y - self.y0) / ((self.y1 - self.y0) or 1)
        return (
            LEFT + across * (WIDTH - LEFT - RIGHT),
            HEIGHT - BOTTOM - up * (HEIGHT - TOP - BOTTOM),
        )

    def axes(self, x_name: str, y_name: str, y_ticks: Sequence[tuple[float, str]]) -> list[str]:
        """Return the two axes with their names and ticks."""
        shapes = [
            path([self.at(self.x0, self.y1), self.at(self.x0, self.y0)], "axis"),
            path([self.at(self.x0, self.y0), self.at(self.x1, self.y0)], "axis"),
            text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, x_name, "soft"),
            text(LEFT, 8, y_name, "soft", "start"),
        ]
        for x in (self.x0, self.x1):
            across, down = self.at(x, self.y0)
            shapes.append(text(across, down + 16, f"{x:g}", "small"))
        for y, words in y_ticks:
            across, down = self.at(self.x0, y)
            shapes.append(text(across - 8, down, words, "small", "end"))
        return shapes


def guessing_loss(variant: Variant) -> Picture:
    """Draw the loss per example of a random model against the number of classes."""
    classes = variant.params["classes"]
    base = BASES[str(variant.params["base"])]
    most = max(10, math.ceil(1.6 * classes))
    plane = Plane(2, most, 0, math.log(most, base))
    points = [2 + (most - 2) * step / 100 for step in range(101)]
    loss = math.log(classes, base)
    across, down = plane.at(classes, loss)
    ticks = [
        (plane.y1 * step / TICKS, number(plane.y1 * step / TICKS)) for step in range(TICKS + 1)
    ]
    shapes = [
        *plane.axes("number of classes K", "loss per example", ticks),
        path([plane.at(x, math.log(x, base)) for x in points], "curve"),
        path([plane.at(classes, 0), (across, down), plane.at(2, loss)], "guide"),
        circle(across, down, 5, "point"),
        text(across + 10, down + 16, f"K = {classes}: {number(loss)}", "value", "start"),
    ]
    words = (
        f"The loss per example of a model that guesses grows with the logarithm of the number of "
        f"classes: {number(loss)} at {classes} classes."
    )
    return picture(WIDTH, HEIGHT, words, shapes)


def gradient_through_time(variant: Variant) -> Picture:
    """Draw the size of a gradient after each step back, for the RNN and the LSTM's path."""
    p = variant.params
    steps = p["steps"]
    slope = float(activation_slope(p["activation"], np.array(p["z"])))
    factors = {"RNN": abs(p["weight"] * slope), "LSTM": p["forget"]}
    ends = {name: steps * math.log10(factor) for name, factor in factors.items()}
    low, high = min(0.0, *ends.values()), max(0.0, *ends.values())
    plane = Plane(0, steps, low, high if high > low else low + 1)
    exponents = [plane.y0 + (plane.y1 - plane.y0) * step / 4 for step in range(5)]
    ticks = [(exponent, f"{10**exponent:.2g}") for exponent in exponents]
    shapes = plane.axes("steps back in time", "size of the gradient (logarithmic)", ticks)
    for name, end in ends.items():
        across, down = plane.at(steps, end)
        shapes.append(
            path([plane.at(0, 0), (across, down)], "curve" if name == "RNN" else "curve other")
        )
        shapes.append(circle(across, down, 4, "point"))
        shapes.append(text(across + 10, down, f"{name}: {10**end:.3g}", "value", "start"))
    left = {name: f"{10**end:.3g}" for name, end in ends.items()}
    words = (
        f"After {steps} steps back, {left['RNN']} of the gradient is left in the RNN, which "
        f"multiplies it by {factors['RNN']:.3g} a step, and {left['LSTM']} along the LSTM's cell "
        f"state, which multiplies it by {factors['LSTM']:.3g}."
    )
    return picture(WIDTH, HEIGHT, words, shapes)
