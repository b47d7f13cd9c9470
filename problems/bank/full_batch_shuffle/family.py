"""Whether the order of the examples changes what one epoch of gradient descent gives.

Examples may be independent, or the steps of one sequence that a recurrent model reads with a state.
"""

from dataclasses import dataclass, replace
from itertools import permutations

import numpy as np

from problems.answers import Real, YesNo
from problems.core import Array, Mistake, ParamError, param
from problems.drawing import Draw


@dataclass(frozen=True)
class Params:
    """The examples, their two orders, and the training of a model y = w x, or y = w h."""

    examples: int = param("number of training examples", 2, 12)
    batch: int = param("examples in a mini-batch; all of them is full-batch training", 1, 12)
    x: Array = param("input of each example, shape (examples,)", -100, 100)
    y: Array = param("target of each example, shape (examples,)", -1000, 1000)
    order: tuple[int, ...] = param("the shuffled order: example numbers from 1", 1, 12)
    w: float = param("weight before the epoch", -100, 100)
    lr: float = param("learning rate", 0.0001, 1)
    memory: float = param(
        "share of the state that is kept from one example to the next; 0: no state", 0, 1
    )

    def __post_init__(self) -> None:
        """Refuse an order that is none, and a batch beyond the data."""
        if sorted(self.order) != list(range(1, self.examples + 1)):
            raise ParamError("order", f"give each number from 1 to {self.examples} once.")
        if self.batch > self.examples:
            raise ParamError("batch", f"give at most the number of examples, {self.examples}.")


VERSION = 2
ORDERED = 4
ORDERS = tuple(o for o in permutations(range(1, ORDERED + 1)) if o != (1, 2, 3, 4))
PARTS = {"shuffled": Real(decimals=3), "changes": YesNo()}


def draw(r: Draw) -> Params:
    """Draw four examples, trained on at once, in pairs, or one by one; a third has a state."""
    n = r.int("examples", 4, 4)
    mixed = r.choice("order", ORDERS) if n == ORDERED else r.ints("order", n, 1, n)
    return Params(
        examples=n,
        batch=r.choice("batch", (4, 4, 4, 2, 2, 1)),
        x=r.array("x", (n,), -2, 3, 0),
        y=r.array("y", (n,), -5, 9, 0),
        order=mixed,
        w=r.real("w", -2, 2, 1),
        lr=r.choice("lr", (0.05, 0.1)),
        memory=r.choice("memory", (0.0, 0.0, 0.5)),
    )


def _read(p: Params, order: tuple[int, ...], *, reset: int = 0) -> Array:
    """Return what the weight multiplies for each example of this order: x, or the state.

    The state is carried over; with `reset` it is emptied after so many examples (a mistake).
    """
    state, read = 0.0, []
    for place, number in enumerate(order):
        state = 0.0 if reset and place % reset == 0 else state
        state = float(p.x[number - 1]) + p.memory * state
        read.append(state)
    return np.array(read)


def _epoch(
    p: Params,
    order: tuple[int, ...],
    *,
    read: Array | None = None,
    factor: float = 2.0,
    total: bool = False,
) -> list[float]:
    """Return the weight before each update and after the last; `total` sums a batch's terms."""
    h, y = _read(p, order) if read is None else read, p.y[np.array(order) - 1]
    w, weights = p.w, [p.w]
    for start in range(0, p.examples, p.batch):
        chosen = slice(start, start + p.batch)
        terms = factor * (w * h[chosen] - y[chosen]) * h[chosen]
        w = float(w - p.lr * (terms.sum() if total else terms.mean()))
        weights.append(w)
    return weights


def _plain(p: Params) -> tuple[int, ...]:
    return tuple(range(1, p.examples + 1))


def _changes(p: Params) -> bool:
    return abs(_epoch(p, p.order)[-1] - _epoch(p, _plain(p))[-1]) > 1e-9


def answer(p: Params) -> dict:
    """Train one epoch in each order."""
    return {"shuffled": _epoch(p, p.order)[-1], "changes": _changes(p)}


def witness(p: Params) -> dict:
    """Train with torch.optim.SGD and autograd, in both orders."""
    import torch

    # The state is a weighted sum of all inputs so far: the last one, memory times that before, ...
    ages = torch.arange(p.examples)[:, None] - torch.arange(p.examples)
    kept = torch.where(ages >= 0, p.memory ** ages.clamp(min=0).double(), 0.0)

    def trained(order: tuple[int, ...]) -> float:
        places = torch.tensor(order) - 1
        states, targets = kept @ torch.tensor(p.x)[places], torch.tensor(p.y)[places]
        w = torch.tensor(p.w, dtype=torch.float64, requires_grad=True)
        optimiser = torch.optim.SGD([w], lr=p.lr)
        for h, y in zip(states.split(p.batch), targets.split(p.batch), strict=True):
            optimiser.zero_grad()
            torch.nn.functional.mse_loss(w * h, y).backward()
            optimiser.step()
        return w.item()

    shuffled = trained(p.order)
    return {"shuffled": shuffled, "changes": abs(shuffled - trained(_plain(p))) > 1e-9}


def _gradients_at_start(p: Params) -> float:
    """Return the weight when every mini-batch's gradient is taken at the first weight."""
    h, y = _read(p, p.order), p.y[np.array(p.order) - 1]
    terms = 2 * (p.w * h - y) * h
    starts = range(0, p.examples, p.batch)
    return p.w - p.lr * sum(float(terms[s : s + p.batch].mean()) for s in starts)


def _states_of_the_table(p: Params) -> Array:
    """Return each example's state as it is in the order of the table, shuffled."""
    return _read(p, _plain(p))[np.array(p.order) - 1]


MISTAKES = (
    Mistake(
        "always-matters",
        "With the full batch the gradient is a mean over all examples, and a mean has no order.",
        lambda p: {"changes": True} if p.batch == p.examples and not p.memory else {},
    ),
    Mistake(
        "never-matters",
        "A mini-batch sees only its own examples, and each update changes the weight at which "
        "the next gradient is taken.",
        lambda p: {"changes": False} if p.batch < p.examples and not p.memory else {},
    ),
    Mistake(
        "state-overlooked",
        "A state is carried from one example to the next: in another order there are other states.",
        lambda p: {"changes": False} if p.memory else {},
    ),
    Mistake(
        "state-forgotten",
        "The weight multiplies the state, which holds a part of the examples before as well.",
        lambda p: {"shuffled": _epoch(replace(p, memory=0.0), p.order)[-1]} if p.memory else {},
    ),
    Mistake(
        "states-of-the-table",
        "The states here are those of the sequence in its own order; shuffled, they are others.",
        lambda p: (
            {"shuffled": _epoch(p, p.order, read=_states_of_the_table(p))[-1]} if p.memory else {}
        ),
    ),
    Mistake(
        "state-reset",
        "The state goes on from one mini-batch to the next; it is 0 before the epoch alone.",
        lambda p: (
            {"shuffled": _epoch(p, p.order, read=_read(p, p.order, reset=p.batch))[-1]}
            if p.memory and p.batch < p.examples
            else {}
        ),
    ),
    Mistake(
        "unshuffled-order",
        "This is the epoch in the order of the table.",
        lambda p: (
            {"shuffled": _epoch(p, _plain(p))[-1]} if p.batch < p.examples or p.memory else {}
        ),
    ),
    Mistake(
        "gradients-at-the-start",
        "Each mini-batch's gradient is taken at the weight that the update before it gave.",
        lambda p: {"shuffled": _gradients_at_start(p)} if p.batch < p.examples else {},
    ),
    Mistake(
        "one-update-only",
        "This is after the first mini-batch; an epoch goes through all of them.",
        lambda p: {"shuffled": _epoch(p, p.order)[1]} if p.batch < p.examples else {},
    ),
    Mistake(
        "sum-for-mean",
        "The loss is the mean over the batch, so the gradient is divided by its size.",
        lambda p: {"shuffled": _epoch(p, p.order, total=True)[-1]} if p.batch > 1 else {},
    ),
    Mistake(
        "factor-two",
        "The derivative of the square brings a factor 2.",
        lambda p: {"shuffled": _epoch(p, p.order, factor=1.0)[-1]},
    ),
    Mistake(
        "uphill",
        "Gradient descent goes against the gradient: subtract.",
        lambda p: {"shuffled": _epoch(p, p.order, factor=-2.0)[-1]},
    ),
)


def steps(p: Params) -> dict:
    """Return each update of the shuffled epoch, and where the other order leads."""
    weights, h, rows = _epoch(p, p.order), _read(p, p.order), []
    y = p.y[np.array(p.order) - 1]
    for k, start in enumerate(range(0, p.examples, p.batch)):
        chosen = slice(start, start + p.batch)
        terms = 2 * (weights[k] * h[chosen] - y[chosen]) * h[chosen]
        rows.append({"numbers": p.order[chosen], "gradient": terms.mean(), "after": weights[k + 1]})
    return {"rows": rows, "states": h, "plain": _epoch(p, _plain(p))[-1]}
