"""Positions for attention: sinusoidal encodings, and rotary embeddings with their gradient."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from problems.core import Array

Positions: TypeAlias = int | NDArray[np.int64]


def positional_encoding(
    position: Positions, width: int, *, base: float = 10_000.0, layout: str = "interleaved"
) -> Array:
    """Return the sinusoidal encoding of each position, shape (..., width) (Vaswani et al. 2017).

    position is an integer, shape (), or an array of them, shape (...); width is even. Pair i has
    the angle position / base^(2i/width). Its sine and cosine stand side by side ("interleaved", as
    in the paper), or all sines before all cosines ("halves").
    """
    angles = _angles(position, width, base)
    pairs = np.stack([np.sin(angles), np.cos(angles)], axis=-1 if layout == "interleaved" else -2)
    return pairs.reshape(*angles.shape[:-1], width)


def rotary(
    x: Array, positions: Positions, *, base: float = 10_000.0, layout: str = "interleaved"
) -> Array:
    """Return x with its pairs of numbers turned by their position's angles (Su et al. 2021).

    x (..., steps, width) with even width, positions (steps,); pair i is turned by position /
    base^(2i/width). A pair is two neighbours ("interleaved", as in the paper), or number i and
    number i + width/2 ("halves", as in GPT-NeoX and LLaMA).
    """
    return _turned(x, _angles(positions, x.shape[-1], base), layout)


def rotary_backward(
    dy: Array, positions: Positions, *, base: float = 10_000.0, layout: str = "interleaved"
) -> Array:
    """Return the gradient of `rotary` by x: dy (..., steps, width) turned back."""
    return _turned(dy, -_angles(positions, dy.shape[-1], base), layout)


def _angles(positions: Positions, width: int, base: float) -> Array:
    """Return the angles in radians, shape (..., width / 2) for positions (...)."""
    return np.asarray(positions)[..., None] / base ** (2 * np.arange(width // 2) / width)


def _turned(x: Array, angles: Array, layout: str) -> Array:
    pairs = x.reshape(*x.shape[:-1], *((-1, 2) if layout == "interleaved" else (2, -1)))
    axis = -1 if layout == "interleaved" else -2
    a, b = np.moveaxis(pairs, axis, 0)
    cos, sin = np.cos(angles), np.sin(angles)
    return np.stack([a * cos - b * sin, a * sin + b * cos], axis=axis).reshape(x.shape)
