"""An LSTM over a batch of sequences: all hidden states, and the last states of both kinds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from grader import cells
from grader.core import InputKind, Mutant
from grader.drawing import numbers, plans, sizes
from problems.core import Array
from problems.engine.recurrent import lstm_sequence, lstm_step

VERSION = 1
FUNCTION = "lstm_forward"
FRAMEWORKS = ("numpy",)
ARGUMENTS = {
    "xs": "(steps, batch, in)",
    "h0": "(batch, hidden)",
    "c0": "(batch, hidden)",
    **cells.WEIGHTS,
}
RETURNS = {"hs": "(steps, batch, hidden)", "h": "(batch, hidden)", "c": "(batch, hidden)"}
PLANS = plans()

Results = tuple[Array, Array, Array]


def draw(kind: InputKind, rng: np.random.Generator) -> dict[str, Array]:
    """Draw the sequences, first states that are not zero, and the weights."""
    batch, steps, size, hidden = sizes(kind, rng, 4)
    return {
        "xs": numbers(kind, rng, steps, batch, size),
        "h0": numbers(kind, rng, batch, hidden),
        "c0": numbers(kind, rng, batch, hidden),
        **cells.draw_weights(kind, rng, size, hidden),
    }


def reference(xs: Array, h0: Array, c0: Array, W: Array, U: Array, b: Array) -> Results:
    """Return (hs, h, c), of shapes (steps, batch, hidden) and twice (batch, hidden)."""
    hs, cs = lstm_sequence(xs, h0, c0, W, U, b)
    return hs, hs[-1], cs[-1]


def _run(step: Callable[..., Any], xs: Array, h: Array, c: Array, *weights: Array) -> Results:
    """Return (hs, h, c) of an LSTM with this step."""
    hs = []
    for x in xs:
        h, c = step(x, h, c, *weights)
        hs.append(h)
    return np.stack(hs), h, c


def _unrolled(step: Mutant) -> Mutant:
    """Return the forward pass of someone who makes this mistake in each step."""
    return replace(step, function=lambda *inputs: _run(step.function, *inputs))


def _h_not_carried(xs: Array, h0: Array, c0: Array, *weights: Array) -> Results:
    return _run(lambda x, _, c, *w: lstm_step(x, h0, c, *w), xs, h0, c0, *weights)


def _c_not_carried(xs: Array, h0: Array, c0: Array, *weights: Array) -> Results:
    return _run(lambda x, h, _, *w: lstm_step(x, h, c0, *w), xs, h0, c0, *weights)


def _cell_state_reset(*inputs: Array) -> Results:
    return _run(lambda x, h, c, *w: lstm_step(x, h, np.zeros_like(c), *w), *inputs)


def _starting_with_h0(xs: Array, h0: Array, *others: Array) -> Results:
    hs, h, c = reference(xs, h0, *others)
    return np.concatenate([h0[None], hs[:-1]]), h, c


def _last_for_all(*inputs: Array) -> Results:
    hs, h, c = reference(*inputs)
    return np.broadcast_to(h, hs.shape), h, c


def _first_for_last(xs: Array, *others: Array) -> Results:
    hs, _, _ = reference(xs, *others)
    return hs, *reference(xs[:1], *others)[1:]


def _cell_states(xs: Array, *others: Array) -> Results:
    _, h, c = reference(xs, *others)
    return lstm_sequence(xs, *others)[1], h, c


def _batch_first(xs: Array, *others: Array) -> Results:
    hs, h, c = reference(xs.swapaxes(0, 1), *others)
    return hs.swapaxes(0, 1), h, c


def _batch_first_result(*inputs: Array) -> Results:
    hs, h, c = reference(*inputs)
    return hs.swapaxes(0, 1), h, c


def _swapped(*inputs: Array) -> Results:
    hs, h, c = reference(*inputs)
    return hs, c, h


MUTANTS = (
    *map(_unrolled, cells.WRONG_STEPS),
    Mutant(
        "naive-sigmoid",
        "The gates are e^z / (1 + e^z), which overflows for large z. "
        "1 / (1 + e^-z) stays finite there.",
        lambda *inputs: _run(cells.naive_step, *inputs),
    ),
    Mutant(
        "cell-state-reset",
        "The cell state is zero before each step here. It is carried from step to step.",
        _cell_state_reset,
    ),
    Mutant(
        "initial-states-ignored",
        "This starts from zero. It should start from h0 and c0.",
        lambda xs, h0, c0, *w: reference(xs, np.zeros_like(h0), np.zeros_like(c0), *w),
    ),
    Mutant(
        "initial-states-swapped",
        "The initial states are swapped: h0 is the hidden state and c0 the cell state.",
        lambda xs, h0, c0, *weights: reference(xs, c0, h0, *weights),
    ),
    Mutant(
        "h-not-carried",
        "Each step starts from h0 here. It should start from the hidden state of the step before.",
        _h_not_carried,
    ),
    Mutant(
        "c-not-carried",
        "Each step starts from c0 here. It should start from the cell state of the step before.",
        _c_not_carried,
    ),
    Mutant(
        "from-the-end",
        "This reads the sequence from its end. Time runs forwards along the first axis.",
        lambda xs, *others: reference(xs[::-1], *others),
    ),
    Mutant(
        "first-input-for-all",
        "This reads the first input at every step. Each step has an input of its own.",
        lambda xs, *others: reference(np.broadcast_to(xs[0], xs.shape), *others),
    ),
    Mutant(
        "starts-with-h0",
        "hs begins with h0 here and lacks the last state. It has the states after each step.",
        _starting_with_h0,
    ),
    Mutant(
        "last-for-all",
        "hs is the last state over and over. It has the state after each step.",
        _last_for_all,
    ),
    Mutant(
        "first-for-last",
        "h and c are the states after the first step. They should be those after the last one.",
        _first_for_last,
    ),
    Mutant(
        "cell-states",
        "hs has the cell states here. It should have the hidden states.",
        _cell_states,
    ),
    Mutant(
        "batch-first",
        "This takes the first axis of xs to be the batch. Time comes first.",
        _batch_first,
    ),
    Mutant(
        "batch-first-result",
        "hs has the batch as its first axis here. Time comes first.",
        _batch_first_result,
    ),
    Mutant(
        "swapped-outputs",
        "The last two results are swapped: return (hs, h, c), not (hs, c, h).",
        _swapped,
    ),
)
