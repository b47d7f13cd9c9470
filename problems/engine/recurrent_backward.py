"""Gradients of recurrent steps and of whole sequences, by backpropagation through time.

Shapes are those of `problems.engine.recurrent`; that of an LSTM's single step stands there. A
gradient has the shape of what it is by, and the weights' are sums over the batch and the steps.
"""

from collections.abc import Callable, Sequence

import numpy as np

from problems.core import Array
from problems.engine.recurrent import (
    activation_slope,
    gate,
    gru_candidate,
    gru_sequence,
    lstm_sequence,
    lstm_step_backward,
    preactivation,
    rnn_sequence,
)


def rnn_step_backward(
    dh: Array, x: Array, h_prev: Array, W: Array, U: Array, b: Array, activation: str = "tanh"
) -> tuple[Array, Array, Array, Array, Array]:
    """Return the gradients (dx, dh_prev, dW, dU, db) of `rnn_step`; dh (batch, hidden)."""
    dz = dh * activation_slope(activation, preactivation(x, h_prev, W, U, b))
    return dz @ W, dz @ U, dz.T @ x, dz.T @ h_prev, dz.sum(axis=0)


def rnn_sequence_backward(
    dhs: Array, xs: Array, h: Array, W: Array, U: Array, b: Array, activation: str = "tanh"
) -> tuple[Array, ...]:
    """Return the gradients (dxs, dh, dW, dU, db) of `rnn_sequence`; dhs (steps, batch, hidden)."""
    before = [h, *rnn_sequence(xs, h, W, U, b, activation)[:-1]]

    def step(t: int, later: Sequence[Array]) -> tuple[Array, ...]:
        return rnn_step_backward(dhs[t] + later[0], xs[t], before[t], W, U, b, activation)

    return _through_time(step, len(xs), (np.zeros_like(h),))


def lstm_sequence_backward(  # noqa: PLR0913 (the sequence's own arguments, and two gradients)
    dhs: Array,
    dcs: Array,
    xs: Array,
    h: Array,
    c: Array,
    W: Array,
    U: Array,
    b: Array,
    *,
    peephole: Array | None = None,
    projection: Array | None = None,
) -> tuple[Array, ...]:
    """Return the gradients (dxs, dh, dc, dW, dU, db) of `lstm_sequence`.

    dhs and dcs have the shapes of its two results. The gradients of the peephole and of the
    projection follow, where they are given.
    """
    options = {"peephole": peephole, "projection": projection}
    hs, cs = lstm_sequence(xs, h, c, W, U, b, **options)
    states = list(zip([h, *hs[:-1]], [c, *cs[:-1]], strict=True))

    def step(t: int, later: Sequence[Array]) -> tuple[Array, ...]:
        dh, dc = dhs[t] + later[0], dcs[t] + later[1]
        return lstm_step_backward(dh, dc, xs[t], *states[t], W, U, b, **options)

    return _through_time(step, len(xs), (np.zeros_like(h), np.zeros_like(c)))


def gru_step_backward(  # noqa: PLR0913 (the step's own arguments, and a gradient)
    dh: Array,
    x: Array,
    h_prev: Array,
    W: Array,
    U: Array,
    b: Array,
    recurrent_bias: Array | None = None,
    *,
    reset: str = "after",
    update: str = "keep",
) -> tuple[Array, ...]:
    """Return the gradients (dx, dh_prev, dW, dU, db) of `gru_step`; dh (batch, hidden).

    That of the recurrent bias follows, where it is given.
    """
    of_r, of_z, of_n = zip(*(np.split(weight, 3) for weight in (W, U, b)), strict=True)
    r, z = gate(x, h_prev, *of_r), gate(x, h_prev, *of_z)
    n = gru_candidate(x, h_prev, r, *of_n, recurrent_bias=recurrent_bias, reset=reset)
    kept = z if update == "keep" else 1 - z
    dz = dh * (h_prev - n) * (1 if update == "keep" else -1) * z * (1 - z)
    dn = dh * (1 - kept) * (1 - n**2)
    U_n = of_n[1]
    if reset == "before":
        dproduct, factor = dn, r * h_prev
        dr, dh_prev = dn @ U_n * h_prev, dn @ U_n * r
    else:
        dproduct, factor = dn * r, h_prev
        extra = 0.0 if recurrent_bias is None else recurrent_bias
        dr, dh_prev = dn * (h_prev @ U_n.T + extra), dproduct @ U_n
    dr = dr * r * (1 - r)
    gates = np.concatenate([dr, dz], axis=-1)
    both = np.concatenate([gates, dn], axis=-1)
    dh_prev = dh_prev + dh * kept + gates @ U[: gates.shape[-1]]
    dU = np.concatenate([gates.T @ h_prev, dproduct.T @ factor])
    bias = () if recurrent_bias is None else (dproduct.sum(axis=0),)
    return both @ W, dh_prev, both.T @ x, dU, both.sum(axis=0), *bias


def gru_sequence_backward(  # noqa: PLR0913 (the sequence's own arguments, and a gradient)
    dhs: Array,
    xs: Array,
    h: Array,
    W: Array,
    U: Array,
    b: Array,
    recurrent_bias: Array | None = None,
    *,
    reset: str = "after",
    update: str = "keep",
) -> tuple[Array, ...]:
    """Return the gradients (dxs, dh, dW, dU, db) of `gru_sequence`; dhs (steps, batch, hidden).

    That of the recurrent bias follows, where it is given.
    """
    forms = {"reset": reset, "update": update}
    before = [h, *gru_sequence(xs, h, W, U, b, recurrent_bias, **forms)[:-1]]

    def step(t: int, later: Sequence[Array]) -> tuple[Array, ...]:
        dh = dhs[t] + later[0]
        return gru_step_backward(dh, xs[t], before[t], W, U, b, recurrent_bias, **forms)

    return _through_time(step, len(xs), (np.zeros_like(h),))


def bidirectional_backward(
    run: Callable[[Array], tuple[Array, ...]],
    run_back: Callable[[Array], tuple[Array, ...]],
    dstates: Array,
) -> tuple[Array, tuple[Array, ...], tuple[Array, ...]]:
    """Return the gradients of `bidirectional`: by the inputs, and the rest of each direction.

    Each `run` maps the gradient by its direction's states, in the order in which that direction
    reads, to (dxs, ...), as the functions above do; dstates is (steps, batch, 2*hidden).
    """
    ahead, back = np.split(dstates, 2, axis=-1)
    dxs, *rest = run(ahead)
    dxs_back, *rest_back = run_back(back[::-1])
    return dxs + dxs_back[::-1], tuple(rest), tuple(rest_back)


def _through_time(
    step: Callable[[int, Sequence[Array]], tuple[Array, ...]],
    steps: int,
    states: tuple[Array, ...],
) -> tuple[Array, ...]:
    """Return the inputs' gradients, those of the first states, and the sums of the weights'.

    `step` maps a time and what comes back from the later steps, at first `states`, to the
    gradients by its input, by its states, and by the weights.
    """
    dxs: list[Array] = []
    sums: tuple[Array, ...] = ()
    later: Sequence[Array] = states
    for t in reversed(range(steps)):
        dx, *rest = step(t, later)
        later, weights = rest[: len(states)], rest[len(states) :]
        dxs.insert(0, dx)
        sums = tuple(a + b for a, b in zip(sums, weights, strict=True)) if sums else tuple(weights)
    return np.stack(dxs), *later, *sums
