"""A simple RNN over a batch of sequences: all its states, and the last one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from grader import gates
from grader.core import InputKind, Mutant
from grader.drawing import numbers, plans, saturating, sizes
from problems.core import Array
from problems.engine.recurrent import rnn_sequence, rnn_step

VERSION = 1
FUNCTION = "rnn_forward"
FRAMEWORKS = ("numpy",)
ARGUMENTS = {
    "xs": "(steps, batch, in)",
    "h0": "(batch, hidden)",
    "W": "(hidden, in)",
    "U": "(hidden, hidden)",
    "b": "(hidden,)",
}
RETURNS = {"hs": "(steps, batch, hidden)", "h": "(batch, hidden)"}
PLANS = plans()

States = tuple[Array, Array]


def draw(kind: InputKind, rng: np.random.Generator) -> dict[str, Array]:
    """Draw the sequences, a first state that is not zero, and the weights of `gates.draw_for`."""
    batch, steps, size, hidden = sizes(kind, rng, 4)
    return {
        "xs": numbers(kind, rng, steps, batch, size),
        "h0": numbers(kind, rng, batch, hidden),
        "W": numbers(kind, rng, hidden, size),
        "U": numbers(kind, rng, hidden, hidden),
        "b": saturating(rng, hidden) if kind == "large" else numbers(kind, rng, hidden),
    }


def reference(xs: Array, h0: Array, W: Array, U: Array, b: Array) -> States:
    """Return (hs, h), of shapes (steps, batch, hidden) and (batch, hidden)."""
    hs = rnn_sequence(xs, h0, W, U, b)
    return hs, hs[-1]


def _unrolled(step: Mutant) -> Mutant:
    """Return the forward pass of someone who makes this mistake in each step."""

    def forward(xs: Array, h: Array, *weights: Array) -> States:
        states = []
        for x in xs:
            h = np.asarray(step.function(x, h, *weights))
            states.append(h)
        return np.stack(states), h

    return replace(step, function=forward)


def _not_carried(xs: Array, h0: Array, W: Array, U: Array, b: Array) -> States:
    hs = np.stack([rnn_step(x, h0, W, U, b) for x in xs])
    return hs, hs[-1]


def _from_the_end(xs: Array, *others: Array) -> States:
    return reference(xs[::-1], *others)


def _first_input(xs: Array, *others: Array) -> States:
    return reference(np.broadcast_to(xs[0], xs.shape), *others)


def _starting_with_h0(xs: Array, h0: Array, *weights: Array) -> States:
    hs, h = reference(xs, h0, *weights)
    return np.concatenate([h0[None], hs[:-1]]), h


def _last_for_all(xs: Array, *others: Array) -> States:
    hs, h = reference(xs, *others)
    return np.broadcast_to(h, hs.shape), h


def _first_for_last(*inputs: Array) -> States:
    hs, _ = reference(*inputs)
    return hs, hs[0]


def _batch_first(xs: Array, *others: Array) -> States:
    hs, h = reference(xs.swapaxes(0, 1), *others)
    return hs.swapaxes(0, 1), h


def _batch_first_result(*inputs: Array) -> States:
    hs, h = reference(*inputs)
    return hs.swapaxes(0, 1), h


def _swapped(*inputs: Array) -> States:
    hs, h = reference(*inputs)
    return h, hs


MUTANTS = (
    *map(_unrolled, gates.tanh_mutants("step", "")),
    Mutant(
        "initial-state-ignored",
        "This starts from zero. It should start from h0.",
        lambda xs, h0, *weights: reference(xs, np.zeros_like(h0), *weights),
    ),
    Mutant(
        "state-not-carried",
        "Each step starts from h0 here. It should start from the state that the step before gave.",
        _not_carried,
    ),
    Mutant(
        "from-the-end",
        "This reads the sequence from its end. Time runs forwards along the first axis.",
        _from_the_end,
    ),
    Mutant(
        "first-input-for-all",
        "This reads the first input at every step. Each step has an input of its own.",
        _first_input,
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
        "h is the state after the first step. It should be that after the last one.",
        _first_for_last,
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
        "The two results are swapped: return (hs, h), not (h, hs).",
        _swapped,
    ),
)
