"""Scaled dot-product attention, with one head and with several (Vaswani et al. 2017)."""

import math
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from problems.core import Array
from problems.engine.losses import log_softmax

Mask: TypeAlias = NDArray[np.bool_]


class Projections(NamedTuple):
    """The weights of multi-head attention, applied as x W^T + b; the heads are blocks of rows.

    W_q and W_k (heads * key width, width), W_v (heads * value width, width), W_o (width, heads *
    value width); each bias has as many numbers as its matrix has rows.
    """

    W_q: Array
    b_q: Array
    W_k: Array
    b_k: Array
    W_v: Array
    b_v: Array
    W_o: Array
    b_o: Array


def attention_weights(
    Q: Array,
    K: Array,
    *,
    scale: float | None = None,
    causal: bool = False,
    mask: Mask | None = None,
) -> Array:
    """Return softmax(Q K^T * scale) over the keys, shape (..., queries, keys).

    Q has shape (..., queries, width), K (..., keys, width); `scale` is 1/sqrt(width) unless given.
    A query sees the keys where the mask, which broadcasts to the result's shape, is True, one at
    least; with `causal`, query i sees the keys up to and including i.
    """
    scores = Q @ np.swapaxes(K, -1, -2) * _scale(Q, scale)
    if causal:
        scores = np.where(np.tri(*scores.shape[-2:], dtype=bool), scores, -np.inf)
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    return np.exp(log_softmax(scores))


def attention(
    Q: Array,
    K: Array,
    V: Array,
    *,
    scale: float | None = None,
    causal: bool = False,
    mask: Mask | None = None,
) -> Array:
    """Return attention_weights(Q, K) V, shape (..., queries, value width).

    V is (..., keys, value width); for the rest see `attention_weights`.
    """
    return attention_weights(Q, K, scale=scale, causal=causal, mask=mask) @ V


def attention_backward(
    dy: Array,
    Q: Array,
    K: Array,
    V: Array,
    *,
    scale: float | None = None,
    causal: bool = False,
    mask: Mask | None = None,
) -> tuple[Array, Array, Array]:
    """Return the gradients (dQ, dK, dV) of `attention`, for the same leading axes in Q, K and V.

    dy (..., queries, value width) is the gradient by the output.
    """
    A = attention_weights(Q, K, scale=scale, causal=causal, mask=mask)
    dA = dy @ np.swapaxes(V, -1, -2)
    dS = A * (dA - (dA * A).sum(axis=-1, keepdims=True)) * _scale(Q, scale)
    return dS @ K, np.swapaxes(dS, -1, -2) @ Q, np.swapaxes(A, -1, -2) @ dy


def masked_attention(Q: Array, K: Array, V: Array, mask: Mask) -> Array:
    """Return the attention of each sequence of a batch, shape (batch, queries, value width).

    Q (batch, queries, width), K (batch, keys, width), V (batch, keys, value width); mask
    (queries, keys) or (batch, queries, keys) is True where the query sees the key, which every
    query does for one key at least. The scores are scaled by 1/sqrt(width).
    """
    return attention(Q, K, V, mask=mask)


def masked_weights(Q: Array, K: Array, mask: Mask) -> Array:
    """Return the weights of `masked_attention`, shape (batch, queries, keys)."""
    return attention_weights(Q, K, mask=mask)


def multi_head_attention(
    query: Array,
    key: Array,
    value: Array,
    weights: Projections,
    heads: int,
    *,
    scale: float | None = None,
    mask: Mask | None = None,
) -> Array:
    """Return the heads' attentions side by side through W_o, shape (batch, queries, width).

    query (batch, queries, width), key and value (batch, keys, width): one array where attention
    is to itself. The mask is as for `masked_attention`, for every head; `scale` is 1/sqrt(key
    width of a head) unless given.
    """
    Q, K, V = _heads(query, key, value, weights, heads)
    joined = _joined(attention(Q, K, V, scale=scale, mask=_for_heads(mask)))
    return joined @ weights.W_o.T + weights.b_o


def multi_head_attention_backward(
    dy: Array,
    query: Array,
    key: Array,
    value: Array,
    weights: Projections,
    heads: int,
    *,
    scale: float | None = None,
    mask: Mask | None = None,
) -> tuple[Array, Array, Array, Projections]:
    """Return the gradients (dquery, dkey, dvalue, dweights) of `multi_head_attention`.

    dy (batch, queries, width) is the gradient by the output. Where one array is given twice, its
    gradient is the sum of both.
    """
    Q, K, V = _heads(query, key, value, weights, heads)
    seen = _for_heads(mask)
    joined = _joined(attention(Q, K, V, scale=scale, mask=seen))
    dheads = _split(dy @ weights.W_o, heads)
    dQ, dK, dV = map(_joined, attention_backward(dheads, Q, K, V, scale=scale, mask=seen))
    passed = ((dQ, query), (dK, key), (dV, value), (dy, joined))
    dweights = [
        gradient
        for d, x in passed
        for gradient in (np.einsum("btr,btc->rc", d, x), d.sum(axis=(0, 1)))
    ]
    dinputs = dQ @ weights.W_q, dK @ weights.W_k, dV @ weights.W_v
    return *dinputs, Projections(*dweights)


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
    dQ, dK, dV = attention_backward(dy, Q, K, V, mask=mask)
    dW_q, dW_k, dW_v = (np.einsum("bth,btw->hw", d, x) for d in (dQ, dK, dV))
    return dW_q, dW_k, dW_v, dQ @ W_q + dK @ W_k + dV @ W_v


def _scale(Q: Array, scale: float | None) -> float:
    return 1 / math.sqrt(Q.shape[-1]) if scale is None else scale


def _split(x: Array, heads: int) -> Array:
    """Return (batch, steps, heads * width) as (batch, heads, steps, width)."""
    return np.swapaxes(x.reshape(*x.shape[:2], heads, -1), 1, 2)


def _joined(x: Array) -> Array:
    """Return (batch, heads, steps, width) as (batch, steps, heads * width)."""
    return np.swapaxes(x, 1, 2).reshape(x.shape[0], x.shape[2], -1)


def _heads(
    query: Array, key: Array, value: Array, weights: Projections, heads: int
) -> tuple[Array, Array, Array]:
    """Return Q, K and V of every head, each (batch, heads, steps, width)."""
    Q = query @ weights.W_q.T + weights.b_q
    K = key @ weights.W_k.T + weights.b_k
    V = value @ weights.W_v.T + weights.b_v
    return _split(Q, heads), _split(K, heads), _split(V, heads)


def _for_heads(mask: Mask | None) -> Mask | None:
    """Return a mask (queries, keys) or (batch, queries, keys) with an axis for the heads."""
    return None if mask is None else mask[..., None, :, :]
