"""The LSTM of Hochreiter & Schmidhuber (1997) with the forget gate of Gers et al. (2000).

Shapes: x (batch, in); h, c (batch, hidden); W (hidden, in); U (hidden, hidden); b (hidden,).
Gate by gate: z = x W^T + h U^T + b; f, i, o are sigmoid(z), the candidate is tanh(z);
c = f * c_prev + i * candidate and h = o * tanh(c), with * element by element.
"""

import numpy as np

from problems.core import Array
from problems.engine.activations import sigmoid


def preactivation(x: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    """Return x W^T + h_prev U^T + b, shape (batch, hidden)."""
    return x @ W.T + h_prev @ U.T + b


def gate(x: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    """Return a forget, input or output gate, sigmoid(preactivation), shape (batch, hidden)."""
    return sigmoid(preactivation(x, h_prev, W, U, b))


def candidate(x: Array, h_prev: Array, W: Array, U: Array, b: Array) -> Array:
    """Return the candidate cell state, tanh(preactivation), shape (batch, hidden)."""
    return np.tanh(preactivation(x, h_prev, W, U, b))


def cell_update(f: Array, c_prev: Array, i: Array, c_tilde: Array) -> Array:
    """Return c = f * c_prev + i * c_tilde, element by element, shape (batch, hidden)."""
    return f * c_prev + i * c_tilde


def hidden_state(o: Array, c: Array) -> Array:
    """Return h = o * tanh(c), element by element, shape (batch, hidden)."""
    return o * np.tanh(c)


def lstm_step(
    x: Array, h_prev: Array, c_prev: Array, W: Array, U: Array, b: Array
) -> tuple[Array, Array]:
    """Return (h, c) after one step of the whole cell, each of shape (batch, hidden).

    W (4*hidden, in), U (4*hidden, hidden) and b (4*hidden,) stack their rows in PyTorch's
    order: input gate i, forget gate f, candidate g, output gate o.
    """
    i, f, g, o = np.split(preactivation(x, h_prev, W, U, b), 4, axis=-1)
    c = cell_update(sigmoid(f), c_prev, sigmoid(i), np.tanh(g))
    return hidden_state(sigmoid(o), c), c
