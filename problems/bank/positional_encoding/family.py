"""Two neighbouring pairs of the sinusoidal positional encoding (Vaswani et al. 2017)."""

import math
from dataclasses import dataclass

from problems.answers import Vector
from problems.core import Array, Mistake, ParamError, param
from problems.drawing import Draw
from problems.engine.positions import positional_encoding


@dataclass(frozen=True)
class Params:
    """The position, the width, the pair of sine and cosine, and the conventions."""

    position: int = param("position, counted from 0", 0, 1_000_000)
    width: int = param("length d of the encoding, an even number", 2, 16_384)
    pair: int = param("number i of the pair, counted from 0", 0, 8191)
    base: float = param("base of the wavelengths, 10000 in the paper", 2, 10_000_000)
    layout: str = param(
        "sine and cosine side by side, or all sines before all cosines",
        options=("interleaved", "halves"),
    )

    def __post_init__(self) -> None:
        """Refuse odd widths, and pairs that the encoding does not have."""
        if self.width % 2:
            raise ParamError("width", "it must be even.")
        if self.pair >= self.width // 2:
            raise ParamError("pair", f"it must lie within 0..{self.width // 2 - 1}.")


VERSION = 1
PARTS = {"turned": Vector(decimals=4), "places": Vector(decimals=0)}


def draw(r: Draw) -> Params:
    """Draw a pair that still turns within the first positions."""
    width = r.choice("width", (4, 6, 8, 10, 12, 16))
    return Params(
        position=r.int("position", 2, 60),
        width=width,
        pair=r.int("pair", min(1, width // 2 - 1), max(1, width // 4) if width > 2 else 0),
        base=r.choice("base", (10_000.0, 10_000.0, 1000.0, 100.0)),
        layout=r.choice("layout", ("interleaved", "halves")),
    )


def answer(p: Params) -> dict:
    """Read the two entries off the whole encoding."""
    places = _places(p)
    encoding = positional_encoding(p.position, p.width, base=p.base, layout=p.layout)
    return {"turned": encoding[list(places)], "places": places}


def _places(p: Params) -> tuple[int, int]:
    """Return where the pair's sine and cosine stand, counted from 0."""
    if p.layout == "interleaved":
        return 2 * p.pair, 2 * p.pair + 1
    return p.pair, p.width // 2 + p.pair


def witness(p: Params) -> dict:
    """Turn a complex number by the pair's frequency, and see where it lands, in PyTorch."""
    import torch

    halves = torch.arange(0, p.width, 2, dtype=torch.float64)
    frequencies = torch.exp(halves * (-math.log(p.base) / p.width))
    turned = torch.polar(torch.ones_like(frequencies), p.position * frequencies)[p.pair]
    marks = torch.zeros(p.width)
    if p.layout == "interleaved":
        marks[0::2][p.pair], marks[1::2][p.pair] = 1, 2
    else:
        first, second = marks.chunk(2)
        first[p.pair], second[p.pair] = 1, 2
    return {
        "turned": (turned.imag.item(), turned.real.item()),
        "places": ((marks == 1).nonzero().item(), (marks == 2).nonzero().item()),
    }


def _angle(p: Params) -> float:
    return p.position / p.base ** (2 * p.pair / p.width)


def _at(p: Params, angle: float) -> dict:
    """Return the values of another angle, where it is another one."""
    same = math.isclose(angle, _angle(p))
    return {} if same else {"turned": (math.sin(angle), math.cos(angle))}


def _turned(p: Params) -> Array:
    return answer(p)["turned"]


MISTAKES = (
    Mistake(
        "exponent-halved",
        "The exponent is $2i/d$ for the pair $i$, not $i/d$.",
        lambda p: _at(p, p.position / p.base ** (p.pair / p.width)),
    ),
    Mistake(
        "exponent-doubled",
        "The exponent has $2i$, the place of the pair's sine; this doubles it once more.",
        lambda p: _at(p, p.position / p.base ** (4 * p.pair / p.width)),
    ),
    Mistake(
        "degrees",
        "The angle is in radians: set the calculator to them.",
        lambda p: _at(p, math.radians(_angle(p))),
    ),
    Mistake(
        "sine-and-cosine-swapped",
        "The sine comes first, the cosine second.",
        lambda p: {"turned": _turned(p)[::-1]},
    ),
    Mistake(
        "position-from-one",
        "Positions are counted from 0: take the number as it is given.",
        lambda p: _at(p, (p.position + 1) / p.base ** (2 * p.pair / p.width)),
    ),
    Mistake(
        "cosine-has-its-own-exponent",
        "Sine and cosine of a pair have the same angle.",
        lambda p: (
            {
                "turned": (
                    _turned(p)[0],
                    math.cos(p.position / p.base ** ((2 * p.pair + 1) / p.width)),
                )
            }
            if p.position
            else {}
        ),
    ),
    Mistake(
        "multiplied",
        "The position is divided by the power of the base: later pairs turn more slowly.",
        lambda p: _at(p, p.position * p.base ** (2 * p.pair / p.width)),
    ),
    Mistake(
        "other-base",
        "This uses the base 10000: look at the one that is given.",
        lambda p: _at(p, p.position / 10_000 ** (2 * p.pair / p.width)),
    ),
    Mistake(
        "other-layout",
        "This takes the entries in the other order: look at how sines and cosines are laid out.",
        lambda p: (
            {
                "places": (p.pair, p.width // 2 + p.pair)
                if p.layout == "interleaved"
                else (2 * p.pair, 2 * p.pair + 1)
            }
            if p.width > 2
            else {}
        ),
    ),
    Mistake(
        "places-from-one",
        "The entries are counted from 0.",
        lambda p: {"places": tuple(place + 1 for place in _places(p))},
    ),
)


def steps(p: Params) -> dict:
    """Return the wavelength's power and the angle."""
    return {"power": p.base ** (2 * p.pair / p.width), "angle": _angle(p)}
