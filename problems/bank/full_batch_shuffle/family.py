"""Whether the order of the examples changes what one epoch of gradient descent gives."""

from dataclasses import dataclass
from itertools import permutations

import numpy as np

from problems.answers import Real, YesNo
from problems.core import Array, Mistake, ParamError, param
from problems.drawing import Draw


@dataclass(frozen=True)
class Params:
    """The examples, their two orders, and the training of a model y = w x."""

    examples: int = param("number of training examples", 2, 12)
    batch: int = param("examples in a mini-batch; all of them is full-batch training", 1, 12)
    x: Array = param("input of each example, shape (examples,)", -100, 100)
    y: Array = param("target of each example, shape (examples,)", -1000, 1000)
    order: tuple[int, ...] = param("the shuffled order: example numbers from 1", 1, 12)
    w: float = param("weight before the epoch", -100, 100)
    lr: float = param("learning rate", 0.0001, 1)

    def __post_init__(self) -> None:
        """Refuse an order that is none, and a batch beyond the data."""
        if sorted(self.order) != list(range(1, self.examples + 1)):
            raise ParamError("order", f"give each number from 1 to {self.examples} once.")
        if self.batch > self.examples:
            raise ParamError("batch", f"give at most the number of examples, {self.examples}.")


VERSION = 1
ORDERED = 4
ORDERS = tuple(o for o in permutations(range(1, ORDERED + 1)) if o != (1, 2, 3, 4))
PARTS = {"shuffled": Real(decimals=3), "changes": YesNo()}


def draw(r: Draw) -> Params:
    """Draw four examples, trained on at once, in pairs, or one by one."""
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
    )


def _epoch(p: Params, order: tuple[int, ...], *, factor: float = 2.0, total: bool = False) -> list:
    """Return the weight before each update and after the last; `total` sums a batch's terms."""
    w, weights = p.w, [p.w]
    for start in range(0, p.examples, p.batch):
        chosen = np.array(order[start : start + p.batch]) - 1
        x, y = p.x[chosen], p.y[chosen]
        terms = factor * (w * x - y) * x
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

    def trained(order: tuple[int, ...]) -> float:
        w = torch.tensor(p.w, dtype=torch.float64, requires_grad=True)
        optimiser = torch.optim.SGD([w], lr=p.lr)
        for chosen in (torch.tensor(order) - 1).split(p.batch):
            optimiser.zero_grad()
            x, y = torch.tensor(p.x)[chosen], torch.tensor(p.y)[chosen]
            torch.nn.functional.mse_loss(w * x, y).backward()
            optimiser.step()
        return w.item()

    shuffled = trained(p.order)
    return {"shuffled": shuffled, "changes": abs(shuffled - trained(_plain(p))) > 1e-9}


def _gradients_at_start(p: Params) -> float:
    """Return the weight when every mini-batch's gradient is taken at the first weight."""
    starts = range(0, p.examples, p.batch)
    chosen = [np.array(p.order[s : s + p.batch]) - 1 for s in starts]
    steps = [(2 * (p.w * p.x[c] - p.y[c]) * p.x[c]).mean() for c in chosen]
    return p.w - p.lr * float(np.sum(steps))


MISTAKES = (
    Mistake(
        "always-matters",
        "With the full batch the gradient is a mean over all examples, and a mean has no order.",
        lambda p: {"changes": True} if p.batch == p.examples else {},
    ),
    Mistake(
        "never-matters",
        "A mini-batch sees only its own examples, and each update changes the weight at which "
        "the next gradient is taken.",
        lambda p: {"changes": False} if p.batch < p.examples else {},
    ),
    Mistake(
        "unshuffled-order",
        "This is the epoch in the order of the table.",
        lambda p: {"shuffled": _epoch(p, _plain(p))[-1]} if p.batch < p.examples else {},
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
    weights, rows = _epoch(p, p.order), []
    for k, start in enumerate(range(0, p.examples, p.batch)):
        chosen = np.array(p.order[start : start + p.batch]) - 1
        terms = 2 * (weights[k] * p.x[chosen] - p.y[chosen]) * p.x[chosen]
        rows.append(
            {
                "numbers": p.order[start : start + p.batch],
                "gradient": terms.mean(),
                "after": weights[k + 1],
            }
        )
    return {"rows": rows, "plain": _epoch(p, _plain(p))[-1]}
