"""Scaled dot-product attention and positions (Vaswani et al. 2017)."""

import math
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from problems.core import Array
from problems.engine.losses import log_softmax

Mask: TypeAlias = NDArray[np.bool_]


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


def masked_attention(Q: Array, K: Array, V: Array, mask: Mask) -> Array:
    """Return the attention of each sequence of a batch, shape (batch, queries, value width).

    Q (batch, queries, width), K (batch, keys, width), V (batch, keys, value width); mask
    (queries, keys) or (batch, queries, keys) is True where the query sees the key, which every
    query does for one key at least. The scores are scaled by 1/sqrt(width).
    """
    return masked_weights(Q, K, mask) @ V


def masked_weights(Q: Array, K: Array, mask: Mask) -> Array:
    """Return the weights of `masked_attention`, shape (batch, queries, keys)."""
    scores = Q @ np.swapaxes(K, 1, 2) / math.sqrt(Q.shape[2])
    return np.exp(log_softmax(np.where(mask, scores, -np.inf)))


def self_attention(x: Array, W_q: Array, W_k: Array, W_v: Array, mask: Mask) -> Array:
    """Return `masked_attention` of x W^T with each of the weights, shape (batch, steps, head).

    x (batch, steps, width); W_q, W_k and W_v (head, width); mask (steps, steps).
    """
    return masked_attention(x @ W_q.T, x @ W_k.T, x @ W_v.T, mask)


def self_attention_backward(
    dy: Array, x: Array, W_q: Array, W_k: Array, W_v: Array, mask: Mask
) -> tuple[Array, Array, Array, Array]:
    """Return the gradients (dW_q, dW_k, dW_v, dx) of `self_attention`, each of its shape.

    dy (batch, steps, head) is the gradient by the output. The weights' gradients are sums over the
    batch and the steps.
    """
    Q, K, V = x @ W_q.T, x @ W_k.T, x @ W_v.T
    A = masked_weights(Q, K, mask)
    dA = dy @ np.swapaxes(V, 1, 2)
    dS = A * (dA - (dA * A).sum(axis=2, keepdims=True)) / math.sqrt(Q.shape[2])
    dQ, dK, dV = dS @ K, np.swapaxes(dS, 1, 2) @ Q, np.swapaxes(A, 1, 2) @ dy
    dW_q, dW_k, dW_v = (np.einsum("bth,btw->hw", d, x) for d in (dQ, dK, dV))
    return dW_q, dW_k, dW_v, dQ @ W_q + dK @ W_k + dV @ W_v


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
