"""An LSTM cell as a module of PyTorch: outputs, and the gradients of parameters and inputs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from grader.core import AnyArray, Framework, InputKind, Module, Mutant
from grader.drawing import numbers, plans, sizes
from problems.core import Array
from problems.engine.activations import sigmoid
from problems.engine.recurrent import lstm_step, lstm_step_backward, preactivation

VERSION = 1
FUNCTION = "LSTMCell"
FRAMEWORKS: tuple[Framework, ...] = ("torch",)
MODULE = Module(
    sizes=("input_size", "hidden_size"),
    parameters=("W", "U", "b"),
    inputs=("x", "h_prev", "c_prev"),
    upstream=("dh", "dc"),
)
_STATE = "(batch, hidden_size)"
_SHAPES = {
    "W": "(4*hidden_size, input_size)",
    "U": "(4*hidden_size, hidden_size)",
    "b": "(4*hidden_size,)",
    "x": "(batch, input_size)",
    "h_prev": _STATE,
    "c_prev": _STATE,
}
ARGUMENTS = {
    **dict.fromkeys(MODULE.sizes, "() int"),
    **_SHAPES,
    **dict.fromkeys(MODULE.upstream, _STATE),
}
RETURNS = {
    "h": _STATE,
    "c": _STATE,
    **{f"gradient of {name}": shape for name, shape in _SHAPES.items()},
}
PLANS = plans(large=False)


def draw(kind: InputKind, rng: np.random.Generator) -> dict[str, AnyArray | int]:
    """Draw the sizes, weights, inputs and upstream gradients of one step."""
    batch, size, hidden = sizes(kind, rng, 3)
    states = {name: numbers(kind, rng, batch, hidden) for name in ("h_prev", "c_prev", "dh", "dc")}
    return {
        "input_size": size,
        "hidden_size": hidden,
        "W": numbers(kind, rng, 4 * hidden, size),
        "U": numbers(kind, rng, 4 * hidden, hidden),
        "b": numbers(kind, rng, 4 * hidden),
        "x": numbers(kind, rng, batch, size),
        **states,
    }


@dataclass(frozen=True)
class Step:
    """A step forward and back: the arguments but for the sizes, which the arrays have."""

    W: Array
    U: Array
    b: Array
    x: Array
    h_prev: Array
    c_prev: Array
    dh: Array
    dc: Array

    def right(self) -> Results:
        """Return what the module and its gradients should be."""
        backward = lstm_step_backward(
            self.dh, self.dc, self.x, self.h_prev, self.c_prev, self.W, self.U, self.b
        )
        return Results(*self.states(), *backward)

    def states(self) -> tuple[Array, Array]:
        """Return (h, c)."""
        return lstm_step(self.x, self.h_prev, self.c_prev, self.W, self.U, self.b)


@dataclass(frozen=True)
class Results:
    """Outputs and gradients, in the engine's order."""

    h: Array
    c: Array
    by_x: Array
    by_h_prev: Array
    by_c_prev: Array
    by_W: Array
    by_U: Array
    by_b: Array

    def without(self, *names: str) -> Results:
        """Return these results with no gradient flowing to the ones named."""
        return replace(self, **{name: np.zeros_like(getattr(self, name)) for name in names})

    def listed(self) -> tuple[Array, ...]:
        """Return the results in the task's order."""
        gradients = (self.by_W, self.by_U, self.by_b, self.by_x, self.by_h_prev, self.by_c_prev)
        return (self.h, self.c, *gradients)


def reference(_input_size: int, _hidden_size: int, *arrays: Array) -> tuple[Array, ...]:
    """Return h, c and the gradients of W, U, b, x, h_prev, c_prev, given these and dh, dc."""
    return Step(*arrays).right().listed()


def _mutant(name: str, message: str, wrong: Callable[[Step], Results]) -> Mutant:
    return Mutant(name, message, lambda _in, _hidden, *arrays: wrong(Step(*arrays)).listed())


def _wrong_order(order: str) -> Mutant:
    """Return the step of someone who takes the rows to be stacked in this order."""

    def wrong(step: Step) -> Results:
        blocks = np.arange(len(step.b)).reshape(4, -1)
        rows = blocks[[order.index(name) for name in "ifgo"]].reshape(-1)
        moved = replace(step, W=step.W[rows], U=step.U[rows], b=step.b[rows]).right()
        back = np.argsort(rows)
        return replace(moved, by_W=moved.by_W[back], by_U=moved.by_U[back], by_b=moved.by_b[back])

    message = f"The rows are taken in the order {', '.join(order)}. They are stacked i, f, g, o."
    return _mutant(f"order-{order}", message, wrong)


def _open_gate(gate: str) -> Callable[[Step], Results]:
    """Return the step in which a gate is always 1: a bias that saturates it lets nothing back."""

    def wrong(step: Step) -> Results:
        b = step.b.reshape(4, -1).copy()
        b["ifgo".index(gate)] = 1e4
        return replace(step, b=b.reshape(-1)).right()

    return wrong


def _squashed_by(
    squash: Callable[[Array], Array], slope: Callable[[Array], Array]
) -> Callable[[Step], Results]:
    """Return the step with h = o * squash(c).

    The right step's gradients serve, given upstream gradients under which they come out as those
    of this one: by the output gate dh squash(c), by the cell state dh o slope(c).
    """

    def wrong(step: Step) -> Results:
        _, c = step.states()
        z = preactivation(step.x, step.h_prev, step.W, step.U, step.b)
        o, right = sigmoid(np.split(z, 4, axis=1)[3]), np.tanh(c)
        dh = step.dh * squash(c) / right
        dc = step.dc + step.dh * o * slope(c) - dh * o * (1.0 - right**2)
        return replace(replace(step, dh=dh, dc=dc).right(), h=o * squash(c))

    return wrong


def _swapped(step: Step) -> Results:
    right = replace(step, dh=step.dc, dc=step.dh).right()
    return replace(right, h=right.c, c=right.h)


def _gates_from_cell(step: Step) -> Results:
    found = replace(step, h_prev=step.c_prev).right()
    return replace(found, by_c_prev=found.by_c_prev + found.by_h_prev).without("by_h_prev")


MUTANTS = (
    _wrong_order("ifog"),
    _wrong_order("figo"),
    _wrong_order("iofg"),
    _wrong_order("fiog"),
    _mutant(
        "swapped-outputs",
        "The two outputs are swapped: return (h, c), not (c, h).",
        _swapped,
    ),
    _mutant(
        "no-tanh-on-c",
        "This is h = o * c. The cell state goes through tanh first: h = o * tanh(c).",
        _squashed_by(lambda c: c, np.ones_like),
    ),
    _mutant(
        "sigmoid-on-c",
        "This is h = o * sigmoid(c). The cell state goes through tanh: h = o * tanh(c).",
        _squashed_by(sigmoid, lambda c: sigmoid(c) * (1.0 - sigmoid(c))),
    ),
    _mutant(
        "no-output-gate",
        "This is h = tanh(c): the output gate is missing.",
        _open_gate("o"),
    ),
    _mutant(
        "no-forget-gate",
        "This is c = c_prev + i * g: the forget gate is missing.",
        _open_gate("f"),
    ),
    _mutant(
        "no-input-gate",
        "This is c = f * c_prev + g: the input gate is missing.",
        _open_gate("i"),
    ),
    _mutant(
        "no-bias",
        "The bias b does not come in.",
        lambda step: replace(step, b=np.zeros_like(step.b)).right().without("by_b"),
    ),
    _mutant(
        "no-recurrent-term",
        "The recurrent term is missing: h_prev does not come in.",
        lambda step: replace(step, U=np.zeros_like(step.U)).right().without("by_U", "by_h_prev"),
    ),
    _mutant(
        "no-input-term",
        "The input term is missing: x does not come in.",
        lambda step: replace(step, W=np.zeros_like(step.W)).right().without("by_W", "by_x"),
    ),
    _mutant(
        "gates-from-c",
        "The gates are computed from c_prev here; they should be computed from h_prev.",
        _gates_from_cell,
    ),
    _mutant(
        "weights-cut-off",
        "The outputs are right, but no gradient reaches the parameters: use them themselves, not "
        "their .data or a detached copy.",
        lambda step: step.right().without("by_W", "by_U", "by_b"),
    ),
    _mutant(
        "states-cut-off",
        "The outputs are right, but no gradient reaches h_prev and c_prev: do not detach them in "
        "the cell. Back-propagation through time needs it.",
        lambda step: step.right().without("by_h_prev", "by_c_prev"),
    ),
)
