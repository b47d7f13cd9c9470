"""Scaled dot-product attention and positions (Vaswani et al. 2017)."""

import math

import numpy as np

from problems.core import Array
from problems.engine.losses import log_softmax


def attention_weights(
    Q: Array, K: Array, *, scale: float | None = None, causal: bool = False
) -> Array:
    """Return softmax(Q K^T * scale) over the keys, shape (queries, keys).

    Q has shape (queries, width), K (keys, width); `scale` is 1/sqrt(width) unless given. With
    `causal`, query i sees the keys up to and including i.
    """
    scores = Q @ K.T * (1 / math.sqrt(Q.shape[1]) if scale is None else scale)
    if causal:
        scores = np.where(np.tri(*scores.shape, dtype=bool), scores, -np.inf)
    return np.exp(log_softmax(scores))


def attention(
    Q: Array, K: Array, V: Array, *, scale: float | None = None, causal: bool = False
) -> Array:
    """Return the attention's output, shape (queries, value width), for V (keys, value width)."""
    return attention_weights(Q, K, scale=scale, causal=causal) @ V


def positional_encoding(
    position: int, width: int, *, base: float = 10_000.0, layout: str = "interleaved"
) -> Array:
    """Return the sinusoidal encoding of one position, shape (width,); width is even.

    Pair i has the angle position / base^(2i/width). Its sine and cosine stand side by side
    ("interleaved", as in the paper), or all sines before all cosines ("halves").
    """
    angles = position / base ** (2 * np.arange(width // 2) / width)
    pairs = np.stack([np.sin(angles), np.cos(angles)])
    return pairs.T.reshape(-1) if layout == "interleaved" else pairs.reshape(-1)
