"""Simple RNNs, the LSTM (Hochreiter & Schmidhuber 1997, Gers et al. 2000), and the GRU.

Shapes: x (batch, in); h, c (batch, hidden); W (hidden, in); U (hidden, hidden); b (hidden,).
LSTM, gate by gate: z = x W^T + h U^T + b; f, i, o are sigmoid(z), the candidate is tanh(z);
c = f * c_prev + i * candidate and h = o * tanh(c), with * element by element.
"""

from collections.abc import Callable

import numpy as np

from problems.core import Array
from problems.engine.activations import relu, sigmoid


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


def lstm_step_backward(
    dh: Array, dc: Array, x: Array, h_prev: Array, c_prev: Array, W: Array, U: Array, b: Array
) -> tuple[Array, Array, Array, Array, Array, Array]:
    """Return the gradients (dx, dh_prev, dc_prev, dW, dU, db) of `lstm_step`, each of its shape.

    dh and dc, of shape (batch, hidden), are the gradients by the new states; dc is what comes back
    from the next step alone, without what goes through h. The weights' gradients are sums over
    the batch.
    """
    i, f, g, o = np.split(preactivation(x, h_prev, W, U, b), 4, axis=-1)
    i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
    squashed = np.tanh(cell_update(f, c_prev, i, g))
    dc = dc + dh * o * (1 - squashed**2)
    dz = np.concatenate(
        [
            dc * g * i * (1 - i),
            dc * c_prev * f * (1 - f),
            dc * i * (1 - g**2),
            dh * squashed * o * (1 - o),
        ],
        axis=-1,
    )
    return dz @ W, dz @ U, dc * f, dz.T @ x, dz.T @ h_prev, dz.sum(axis=0)


ACTIVATIONS = {"tanh": np.tanh, "relu": relu, "sigmoid": sigmoid, "linear": lambda z: z}
"""The activations that a simple RNN is given, by name."""


def activation_slope(name: str, z: Array) -> Array:
    """Return the derivative of an activation at pre-activations z, of z's shape."""
    if name == "tanh":
        return 1 - np.tanh(z) ** 2
    if name == "sigmoid":
        return sigmoid(z) * (1 - sigmoid(z))
    if name == "relu":
        return np.where(np.asarray(z) > 0, 1.0, 0.0)
    return np.ones_like(z)


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
    xs: Array, h: Array, c: Array, W: Array, U: Array, b: Array
) -> tuple[Array, Array]:
    """Return all hidden states and all cell states, each of shape (steps, batch, hidden).

    xs has shape (steps, batch, in); the weights are packed as for `lstm_step`.
    """
    hs, cs = [], []
    for x in xs:
        h, c = lstm_step(x, h, c, W, U, b)
        hs.append(h)
        cs.append(c)
    return np.stack(hs), np.stack(cs)


def gru_candidate(
    x: Array, h_prev: Array, r: Array, W: Array, U: Array, b: Array, *, reset: str = "after"
) -> Array:
    """Return the candidate state of a GRU, shape (batch, hidden).

    With `reset` "before" the gate acts on the state: tanh(x W^T + (r * h_prev) U^T + b) (Cho et
    al. 2014); with "after" on the product: tanh(x W^T + r * (h_prev U^T) + b) (PyTorch, cuDNN).
    """
    recurrent = (r * h_prev) @ U.T if reset == "before" else r * (h_prev @ U.T)
    return np.tanh(x @ W.T + recurrent + b)


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
    *,
    reset: str = "after",
    update: str = "keep",
) -> Array:
    """Return the new state of a GRU, shape (batch, hidden).

    W (3*hidden, in), U (3*hidden, hidden) and b (3*hidden,) stack their rows in PyTorch's order:
    reset gate r, update gate z, candidate n. For `reset` and `update` see the functions above.
    """
    of_r, of_z, of_n = zip(*(np.split(weight, 3) for weight in (W, U, b)), strict=True)
    n = gru_candidate(x, h_prev, gate(x, h_prev, *of_r), *of_n, reset=reset)
    return gru_mix(gate(x, h_prev, *of_z), h_prev, n, update=update)
