"""Simple RNNs, the LSTM (Hochreiter & Schmidhuber 1997, Gers et al. 2000), and the GRU.

Shapes: x (batch, in); h, c (batch, hidden); W (hidden, in); U (hidden, hidden); b (hidden,).
LSTM, gate by gate: z = x W^T + h U^T + b; f, i, o are sigmoid(z), the candidate is tanh(z);
c = f * c_prev + i * candidate and h = o * tanh(c), with * element by element.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from problems.core import Array
from problems.engine.activations import activation_gradient, relu, sigmoid


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


class LstmGates(NamedTuple):
    """What one step of an LSTM computes before its output, each of shape (batch, hidden)."""

    i: Array
    f: Array
    g: Array
    o: Array
    c: Array


def lstm_gates(
    x: Array,
    h_prev: Array,
    c_prev: Array,
    W: Array,
    U: Array,
    b: Array,
    peephole: Array | None = None,
) -> LstmGates:
    """Return the gates, the candidate and the new cell state of `lstm_step`."""
    i, f, g, o = np.split(preactivation(x, h_prev, W, U, b), 4, axis=-1)
    of_i, of_f, of_o = (0.0, 0.0, 0.0) if peephole is None else peephole
    i, f, g = sigmoid(i + of_i * c_prev), sigmoid(f + of_f * c_prev), np.tanh(g)
    c = cell_update(f, c_prev, i, g)
    return LstmGates(i, f, g, sigmoid(o + of_o * c), c)


def lstm_step(
    x: Array,
    h_prev: Array,
    c_prev: Array,
    W: Array,
    U: Array,
    b: Array,
    peephole: Array | None = None,
    projection: Array | None = None,
) -> tuple[Array, Array]:
    """Return (h, c) after one step of the whole cell, each of shape (batch, hidden).

    W (4*hidden, in), U (4*hidden, hidden) and b (4*hidden,) stack their rows in PyTorch's
    order: input gate i, forget gate f, candidate g, output gate o.

    A `peephole` (3, hidden) adds its rows times the cell state to what i, f and o squash: i and f
    see the old state, o the new one (Gers & Schmidhuber 2000). With a `projection` (outputs,
    hidden), h is projection (o * tanh(c)), of shape (batch, outputs), and U (4*hidden, outputs)
    (Sak et al. 2014).
    """
    gates = lstm_gates(x, h_prev, c_prev, W, U, b, peephole)
    h = hidden_state(gates.o, gates.c)
    return h if projection is None else h @ projection.T, gates.c


def lstm_step_backward(  # noqa: PLR0913 (the step's own arguments, and two gradients)
    dh: Array,
    dc: Array,
    x: Array,
    h_prev: Array,
    c_prev: Array,
    W: Array,
    U: Array,
    b: Array,
    *,
    peephole: Array | None = None,
    projection: Array | None = None,
) -> tuple[Array, ...]:
    """Return the gradients (dx, dh_prev, dc_prev, dW, dU, db) of `lstm_step`, each of its shape.

    dh and dc, of the shapes of h and c, are the gradients by the new states; dc is what comes back
    from the next step alone, without what goes through h. The weights' gradients are sums over
    the batch. Those of the peephole and of the projection follow, where they are given.
    """
    i, f, g, o, c = lstm_gates(x, h_prev, c_prev, W, U, b, peephole)
    squashed = np.tanh(c)
    options = () if projection is None else (dh.T @ (o * squashed),)
    dh = dh if projection is None else dh @ projection
    of_i, of_f, of_o = (0.0, 0.0, 0.0) if peephole is None else peephole
    dz_o = dh * squashed * o * (1 - o)
    dc = dc + dh * o * (1 - squashed**2) + dz_o * of_o
    dz_i, dz_f = dc * g * i * (1 - i), dc * c_prev * f * (1 - f)
    if peephole is not None:
        seen = (dz_i * c_prev, dz_f * c_prev, dz_o * c)
        options = (np.stack([row.sum(axis=0) for row in seen]), *options)
    dz = np.concatenate([dz_i, dz_f, dc * i * (1 - g**2), dz_o], axis=-1)
    dc_prev = dc * f + dz_i * of_i + dz_f * of_f
    return dz @ W, dz @ U, dc_prev, dz.T @ x, dz.T @ h_prev, dz.sum(axis=0), *options


ACTIVATIONS = {"tanh": np.tanh, "relu": relu, "sigmoid": sigmoid, "linear": lambda z: z}
"""The activations that a simple RNN is given, by name."""


def activation_slope(name: str, z: Array) -> Array:
    """Return the derivative of an activation at pre-activations z, of z's shape."""
    return np.ones_like(z) if name == "linear" else activation_gradient(name, z)


def rnn_step(
    x: Array, h_prev: Array, W: Array, U: Array, b: Array, activation: str = "tanh"
) -> Array:
    """Return h = activation(x W^T + h_prev U^T + b), shape (batch, hidden) (Elman 1990)."""
    return ACTIVATIONS[activation](preactivation(x, h_prev, W, U, b))


def rnn_sequence(
    xs: Array, h: Array, W: Array, U: Array, b: Array, activation: str = "tanh"
) -> Array:
    """Return the hidden state after each step, shape (steps, batch, hidden), of one set of weights.

    xs has shape (steps, batch, in), the first state h (batch, hidden).
    """
    states = []
    for x in xs:
        h = rnn_step(x, h, W, U, b, activation)
        states.append(h)
    return np.stack(states)


def bidirectional(
    run: Callable[[Array], Array], run_back: Callable[[Array], Array], xs: Array
) -> Array:
    """Return both directions' states joined on the last axis, shape (steps, batch, 2*hidden).

    Each `run` maps inputs (steps, batch, in) to states (steps, batch, hidden); the second reads
    the inputs from the end, and its states are put back into the inputs' order.
    """
    return np.concatenate([run(xs), run_back(xs[::-1])[::-1]], axis=-1)


def lstm_sequence(
    xs: Array,
    h: Array,
    c: Array,
    W: Array,
    U: Array,
    b: Array,
    peephole: Array | None = None,
    projection: Array | None = None,
) -> tuple[Array, Array]:
    """Return all hidden states and all cell states, each of shape (steps, batch, hidden).

    xs has shape (steps, batch, in); the weights and options are those of `lstm_step`. With a
    projection the hidden states have shape (steps, batch, outputs).
    """
    hs, cs = [], []
    for x in xs:
        h, c = lstm_step(x, h, c, W, U, b, peephole, projection)
        hs.append(h)
        cs.append(c)
    return np.stack(hs), np.stack(cs)


def gru_candidate(
    x: Array,
    h_prev: Array,
    r: Array,
    W: Array,
    U: Array,
    b: Array,
    recurrent_bias: Array | None = None,
    *,
    reset: str = "after",
) -> Array:
    """Return the candidate state of a GRU, shape (batch, hidden).

    With `reset` "before" the gate acts on the state: tanh(x W^T + (r * h_prev) U^T + b) (Cho et
    al. 2014); with "after" on the product: tanh(x W^T + r * (h_prev U^T) + b) (PyTorch, cuDNN).
    The recurrent bias (hidden,), PyTorch's b_hn, is added to the product with U: "after" multiplies
    it by r too.
    """
    extra = 0.0 if recurrent_bias is None else recurrent_bias
    before = (r * h_prev) @ U.T + extra if reset == "before" else r * (h_prev @ U.T + extra)
    return np.tanh(x @ W.T + before + b)


def gru_mix(z: Array, h_prev: Array, n: Array, *, update: str = "keep") -> Array:
    """Return the new state of a GRU, shape (batch, hidden).

    With `update` "keep" the gate z is the share of the old state, z * h_prev + (1 - z) * n
    (Cho et al. 2014, PyTorch); with "new" that of the candidate (Chung et al. 2014).
    """
    kept = z if update == "keep" else 1 - z
    return kept * h_prev + (1 - kept) * n


def gru_step(
    x: Array,
    h_prev: Array,
    W: Array,
    U: Array,
    b: Array,
    recurrent_bias: Array | None = None,
    *,
    reset: str = "after",
    update: str = "keep",
) -> Array:
    """Return the new state of a GRU, shape (batch, hidden).

    W (3*hidden, in), U (3*hidden, hidden) and b (3*hidden,) stack their rows in PyTorch's order:
    reset gate r, update gate z, candidate n. For `recurrent_bias` (hidden,), `reset` and `update`
    see the functions above.
    """
    of_r, of_z, of_n = zip(*(np.split(weight, 3) for weight in (W, U, b)), strict=True)
    n = gru_candidate(
        x, h_prev, gate(x, h_prev, *of_r), *of_n, recurrent_bias=recurrent_bias, reset=reset
    )
    return gru_mix(gate(x, h_prev, *of_z), h_prev, n, update=update)


def gru_sequence(
    xs: Array,
    h: Array,
    W: Array,
    U: Array,
    b: Array,
    recurrent_bias: Array | None = None,
    *,
    reset: str = "after",
    update: str = "keep",
) -> Array:
    """Return the hidden state of a GRU after each step, shape (steps, batch, hidden).

    xs (steps, batch, in), the first state h (batch, hidden); the rest is as for `gru_step`.
    """
    states = []
    for x in xs:
        h = gru_step(x, h, W, U, b, recurrent_bias, reset=reset, update=update)
        states.append(h)
    return np.stack(states)
