"""The training examples of a language model with a fixed context: inputs and targets."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from grader.core import AnyArray, InputKind, Mutant
from grader.drawing import planned
from problems.engine.text import Tokens, training_windows

VERSION = 1
FUNCTION = "lm_windows"
ARGUMENTS = {"tokens": "(length,) int64", "context": "() int"}
RETURNS = {"inputs": "(windows, context) int64", "targets": "(windows,) int64"}
PLANS = planned(
    ("ordinary", "ordinary", "edge"),
    ("ordinary", "ordinary", "ordinary", "ordinary", "edge", "distinct", "distinct"),
)


def draw(kind: InputKind, rng: np.random.Generator) -> dict[str, AnyArray | int]:
    """Draw a text, no token twice; `edge` is a single window, `distinct` has a context of one."""
    context = 1 if kind == "distinct" else int(rng.integers(2, 5))
    windows = 1 if kind == "edge" else int(rng.integers(context + 2, context + 6))
    tokens = rng.permutation(np.arange(1, 40))[: context + windows]
    return {"tokens": tokens, "context": context}


reference = training_windows

Windows: TypeAlias = tuple[Tokens, Tokens]


def _some(tokens: Tokens, context: int) -> Windows:
    """Return the windows of a text that may be too short for any."""
    if len(tokens) > context:
        return training_windows(tokens, context)
    return np.zeros((0, context), tokens.dtype), np.zeros(0, tokens.dtype)


def _every(tokens: Tokens, context: int, step: int) -> Windows:
    """Return every so many of the windows."""
    inputs, targets = training_windows(tokens, context)
    return inputs[::step], targets[::step]


def _target_is_last_input(tokens: Tokens, context: int) -> Windows:
    inputs, _ = training_windows(tokens, context)
    return inputs, inputs[:, -1]


def _target_two_ahead(tokens: Tokens, context: int) -> Windows:
    inputs, targets = training_windows(tokens, context)
    return inputs[:-1], targets[1:]


def _padded_before(tokens: Tokens, context: int) -> Windows:
    return training_windows(np.concatenate([np.zeros(context, tokens.dtype), tokens]), context)


def _wrapped(tokens: Tokens, context: int) -> Windows:
    return training_windows(np.concatenate([tokens, tokens[:context]]), context)


def _shifted_targets(tokens: Tokens, context: int) -> Windows:
    """Return the targets of every input token, as sequence models are trained."""
    inputs, targets = training_windows(tokens, context)
    return inputs, np.concatenate([inputs[:, 1:], targets[:, None]], axis=1)


MUTANTS = (
    Mutant(
        "last-window-missing",
        "The last window is missing: there are T - n of them.",
        lambda tokens, n: _some(tokens[:-1], n),
    ),
    Mutant(
        "first-window-missing",
        "The first window is missing: it begins with the first token.",
        lambda tokens, n: _some(tokens[1:], n),
    ),
    Mutant(
        "target-is-last-input",
        "The target is the last input here. It is the token behind it.",
        _target_is_last_input,
    ),
    Mutant(
        "target-two-ahead",
        "One token is skipped between inputs and target. The target comes right behind.",
        _target_two_ahead,
    ),
    Mutant(
        "not-overlapping",
        "The windows do not overlap here. Each begins one token after the one before.",
        lambda tokens, n: _every(tokens, n, n + 1),
    ),
    Mutant(
        "moved-by-context",
        "Each window begins n tokens after the one before here. It begins one token after.",
        lambda tokens, n: _every(tokens, n, n),
    ),
    Mutant(
        "inputs-reversed",
        "The inputs are in reverse. They stand as in the text.",
        lambda tokens, n: (training_windows(tokens, n)[0][:, ::-1], training_windows(tokens, n)[1]),
    ),
    Mutant(
        "padded-before",
        "The text is padded with zeros at its beginning. Nothing is padded.",
        _padded_before,
    ),
    Mutant(
        "wrapped",
        "The text goes on with its beginning here. Only whole windows of the text count.",
        _wrapped,
    ),
    Mutant(
        "target-for-each-input",
        "This has a target for each input. A window has one, the token behind its last input.",
        _shifted_targets,
    ),
    Mutant(
        "target-among-the-inputs",
        "The target stands among the inputs too: each row is one token too long.",
        lambda tokens, n: (
            np.column_stack(training_windows(tokens, n)),
            training_windows(tokens, n)[1],
        ),
    ),
    Mutant(
        "one-token-less",
        "The context is one token short: the inputs are the n tokens before the target.",
        lambda tokens, n: (training_windows(tokens, n)[0][:, 1:], training_windows(tokens, n)[1]),
    ),
    Mutant(
        "inputs-transposed",
        "The inputs are transposed: each window is a row.",
        lambda tokens, n: (training_windows(tokens, n)[0].T, training_windows(tokens, n)[1]),
    ),
    Mutant(
        "swapped-outputs",
        "The two results are swapped: return (inputs, targets).",
        lambda tokens, n: training_windows(tokens, n)[::-1],
    ),
)
