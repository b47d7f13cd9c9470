"""One head of self-attention as a module of PyTorch: output, and gradients of all that goes in."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from grader.core import AnyArray, Framework, InputKind, Module, Mutant
from grader.drawing import numbers, plans, sizes
from problems.core import Array
from problems.engine.attention import (
    Mask,
    masked_weights,
    self_attention,
    self_attention_backward,
)

VERSION = 1
FUNCTION = "SelfAttention"
FRAMEWORKS: tuple[Framework, ...] = ("torch",)
MODULE = Module(
    sizes=("width", "head"),
    parameters=("query.weight", "key.weight", "value.weight"),
    inputs=("x", "mask"),
    upstream=("dy",),
)
_LEAVES = {
    **dict.fromkeys(MODULE.parameters, "(head, width)"),
    "x": "(batch, steps, width)",
}
ARGUMENTS = {
    **dict.fromkeys(MODULE.sizes, "() int"),
    **_LEAVES,
    "mask": "(steps, steps) bool",
    "dy": "(batch, steps, head)",
}
RETURNS = {
    "y": "(batch, steps, head)",
    **{f"gradient of {name}": shape for name, shape in _LEAVES.items()},
}
PLANS = plans(large=False)
# Gradients are sums with much cancelling, which single precision is to be let off.
RTOL = 1e-4
ATOL = 1e-5


def draw(kind: InputKind, rng: np.random.Generator) -> dict[str, AnyArray | int]:
    """Draw a call. Every row and every column of the mask shows a key and hides one."""
    batch, steps, width, head = sizes(kind, rng, 4)
    seen = rng.integers(2, size=(steps, steps)) == 1
    order = rng.permutation(steps)
    seen[order, np.arange(steps)], seen[order, np.roll(np.arange(steps), 1)] = True, False
    return {
        "width": width,
        "head": head,
        **{name: numbers(kind, rng, head, width) for name in MODULE.parameters},
        "x": numbers(kind, rng, batch, steps, width),
        "mask": seen,
        "dy": numbers(kind, rng, batch, steps, head),
    }


@dataclass(frozen=True)
class Call:
    """A call forward and back: the arguments but for the sizes, which the arrays have."""

    W_q: Array
    W_k: Array
    W_v: Array
    x: Array
    mask: Mask
    dy: Array

    def right(self) -> Results:
        """Return what the module and its gradients should be."""
        weights = (self.W_q, self.W_k, self.W_v)
        gradients = self_attention_backward(self.dy, self.x, *weights, self.mask)
        return Results(self_attention(self.x, *weights, self.mask), *gradients)


@dataclass(frozen=True)
class Results:
    """The output and the gradients."""

    y: Array
    by_W_q: Array
    by_W_k: Array
    by_W_v: Array
    by_x: Array

    def without(self, *names: str) -> Results:
        """Return these results with no gradient flowing to the ones named."""
        return replace(self, **{name: np.zeros_like(getattr(self, name)) for name in names})

    def listed(self) -> tuple[Array, ...]:
        """Return the results in the task's order."""
        return (self.y, self.by_W_q, self.by_W_k, self.by_W_v, self.by_x)


def reference(_width: int, _head: int, *arrays: AnyArray) -> tuple[Array, ...]:
    """Return y and the gradients of the three weights and of x, given these, the mask and dy."""
    return Call(*arrays).right().listed()


def _mutant(name: str, message: str, wrong: Callable[[Call], Results]) -> Mutant:
    return Mutant(name, message, lambda _width, _head, *arrays: wrong(Call(*arrays)).listed())


def _scores_times(factor: Callable[[Call], float]) -> Callable[[Call], Results]:
    """Return the call of someone whose scores are so many times the right ones."""

    def wrong(call: Call) -> Results:
        by = factor(call)
        results = replace(call, W_q=by * call.W_q).right()
        return replace(results, by_W_q=by * results.by_W_q)

    return wrong


def _queries_and_keys_swapped(call: Call) -> Results:
    found = replace(call, W_q=call.W_k, W_k=call.W_q).right()
    return replace(found, by_W_q=found.by_W_k, by_W_k=found.by_W_q)


def _keys_for_values(call: Call) -> Results:
    found = replace(call, W_v=call.W_k).right()
    return replace(found, by_W_k=found.by_W_k + found.by_W_v).without("by_W_v")


def _queries_for_keys(call: Call) -> Results:
    found = replace(call, W_k=call.W_q).right()
    return replace(found, by_W_q=found.by_W_q + found.by_W_k).without("by_W_k")


def _weights_not_transposed(call: Call) -> Results:
    if call.W_q.shape[0] != call.W_q.shape[1]:
        raise ValueError
    found = replace(call, W_q=call.W_q.T, W_k=call.W_k.T, W_v=call.W_v.T).right()
    return replace(found, by_W_q=found.by_W_q.T, by_W_k=found.by_W_k.T, by_W_v=found.by_W_v.T)


def _softmax_over_queries(call: Call) -> Results:
    # The weights are those of an attention of the keys to the queries, transposed.
    Q, K, V = (call.x @ W.T for W in (call.W_q, call.W_k, call.W_v))
    B = masked_weights(K, Q, call.mask.T)
    dB = V @ np.swapaxes(call.dy, 1, 2)
    dS = B * (dB - (dB * B).sum(axis=2, keepdims=True)) / math.sqrt(Q.shape[2])
    dQ, dK, dV = np.swapaxes(dS, 1, 2) @ K, dS @ Q, B @ call.dy
    by_x = dQ @ call.W_q + dK @ call.W_k + dV @ call.W_v
    by_W_q, by_W_k, by_W_v = (np.einsum("bth,btw->hw", d, call.x) for d in (dQ, dK, dV))
    return Results(np.swapaxes(B, 1, 2) @ V, by_W_q, by_W_k, by_W_v, by_x)


MUTANTS = (
    _mutant(
        "not-scaled",
        "The scores are not scaled here. Divide them by the root of d.",
        _scores_times(lambda call: math.sqrt(len(call.W_q))),
    ),
    _mutant(
        "divided-by-d",
        "The scores are divided by d here. Divide them by its root.",
        _scores_times(lambda call: 1.0 / math.sqrt(len(call.W_q))),
    ),
    _mutant(
        "scaled-by-width",
        "The scores are divided by the root of the input's width here. Divide them by that of d, "
        "the head's.",
        _scores_times(lambda call: math.sqrt(len(call.W_q) / call.x.shape[2])),
    ),
    _mutant(
        "scaled-by-steps",
        "The scores are divided by the root of the number of steps here. Divide them by that of d.",
        _scores_times(lambda call: math.sqrt(len(call.W_q) / call.x.shape[1])),
    ),
    _mutant(
        "no-mask",
        "The mask does not come in: every query sees every key here.",
        lambda call: replace(call, mask=np.ones_like(call.mask)).right(),
    ),
    _mutant(
        "mask-inverted",
        "This hides the keys that the mask shows: True means that the query sees the key.",
        lambda call: replace(call, mask=~call.mask).right(),
    ),
    _mutant(
        "mask-transposed",
        "Queries and keys are swapped in the mask here: its rows are queries.",
        lambda call: replace(call, mask=call.mask.T).right(),
    ),
    _mutant(
        "causal",
        "This has a causal mask in place of the one that is given.",
        lambda call: replace(call, mask=np.tri(len(call.mask), dtype=bool)).right(),
    ),
    _mutant(
        "softmax-over-queries",
        "The softmax goes over the queries here. It goes over the keys of each query.",
        _softmax_over_queries,
    ),
    _mutant(
        "queries-and-keys-swapped",
        "Queries and keys are swapped.",
        _queries_and_keys_swapped,
    ),
    _mutant(
        "keys-for-values",
        "The weights average the keys here. They average the values.",
        _keys_for_values,
    ),
    _mutant(
        "queries-for-keys",
        "The queries meet themselves here. They meet the keys.",
        _queries_for_keys,
    ),
    _mutant(
        "weights-not-transposed",
        "This multiplies x by the weights where it should be their transposes, as nn.Linear does.",
        _weights_not_transposed,
    ),
    _mutant(
        "input-cut-off",
        "The output is right, but no gradient reaches x: do not detach it.",
        lambda call: call.right().without("by_x"),
    ),
    _mutant(
        "parameters-cut-off",
        "The output is right, but no gradient reaches the parameters: use them themselves, not "
        "their .data or a detached copy.",
        lambda call: call.right().without("by_W_q", "by_W_k", "by_W_v"),
    ),
)
