"""Batches of an epoch and updates of a training run, with or without the last small batch."""

from dataclasses import dataclass

from problems.answers import Integer
from problems.core import Mistake, ParamError, param
from problems.drawing import Draw


@dataclass(frozen=True)
class Params:
    """The data set, its split, and how the training goes through it."""

    examples: int = param("examples in the whole data set", 1, 10_000_000)
    train_percent: int = param("percent of the examples that are trained on", 1, 100)
    batch: int = param("examples in a batch", 1, 1_000_000)
    drop_last: bool = param("whether a last batch that is not full is left out")
    epochs: int = param("passes through the training set", 1, 100_000)

    def __post_init__(self) -> None:
        """Refuse splits that cut an example, and training sets without a batch."""
        if self.examples * self.train_percent % 100:
            raise ParamError("train_percent", f"{self.train_percent} % must be whole examples.")
        if self.examples * self.train_percent // 100 < self.batch:
            raise ParamError("batch", "the training set must fill at least one batch.")


VERSION = 1
PARTS = {"batches": Integer(), "updates": Integer(), "last": Integer()}


def draw(r: Draw) -> Params:
    """Draw training sets that batches seldom divide."""
    return Params(
        examples=r.choice("examples", range(400, 6001, 100)),
        train_percent=r.choice("train_percent", (60, 70, 75, 80, 90)),
        batch=r.choice("batch", (8, 16, 32, 64, 50, 30, 128)),
        drop_last=r.bool("drop_last"),
        epochs=r.choice("epochs", (2, 3, 4, 5, 10, 20, 30)),
    )


def answer(p: Params) -> dict:
    """Divide, and round up or down."""
    return _values(p, _batches(p, _train(p), drop_last=p.drop_last))


def witness(p: Params) -> dict:
    """Go through one epoch with PyTorch's own batch sampler."""
    from torch.utils.data import BatchSampler

    indices = range(round(p.examples * p.train_percent / 100))
    epoch = list(BatchSampler(indices, p.batch, p.drop_last))
    return {
        "batches": len(epoch),
        "updates": sum(len(epoch) for _ in range(p.epochs)),
        "last": len(epoch[-1]),
    }


def _train(p: Params) -> int:
    return p.examples * p.train_percent // 100


def _batches(p: Params, examples: int, *, drop_last: bool) -> int:
    return examples // p.batch if drop_last else -(-examples // p.batch)


def _last(p: Params) -> int:
    """Return the size of the last batch of an epoch."""
    rest = _train(p) % p.batch
    return rest if rest and not p.drop_last else p.batch


def _values(p: Params, batches: int, last: int | None = None) -> dict:
    return {
        "batches": batches,
        "updates": batches * p.epochs,
        "last": _last(p) if last is None else last,
    }


def _changed(p: Params, values: dict) -> dict:
    """Return the parts that a mistake gets wrong."""
    return {part: value for part, value in values.items() if value != answer(p)[part]}


def _rest(p: Params) -> int:
    return _train(p) % p.batch


MISTAKES = (
    Mistake(
        "last-batch-dropped",
        "The examples that are left over make one more, smaller batch.",
        lambda p: _values(p, _train(p) // p.batch, p.batch) if _rest(p) and not p.drop_last else {},
    ),
    Mistake(
        "last-batch-kept",
        "A last batch that is not full is left out here.",
        lambda p: (
            _values(p, _train(p) // p.batch + 1, _rest(p)) if _rest(p) and p.drop_last else {}
        ),
    ),
    Mistake(
        "epochs-forgotten",
        "This is one epoch; the training goes through the data several times.",
        lambda p: (
            {"updates": _batches(p, _train(p), drop_last=p.drop_last)} if p.epochs > 1 else {}
        ),
    ),
    Mistake(
        "examples-counted",
        "The weights are updated once for each batch, not for each example.",
        lambda p: {"batches": _train(p), "updates": _train(p) * p.epochs} if p.batch > 1 else {},
    ),
    Mistake(
        "whole-data-set",
        "Only the training examples are trained on; the others are held back.",
        lambda p: _changed(
            p,
            _values(p, _batches(p, p.examples, drop_last=p.drop_last)),
        ),
    ),
    Mistake(
        "epochs-run-together",
        "Each epoch ends with its own last batch: round first, then multiply by the epochs.",
        lambda p: _changed(
            p,
            {"updates": _batches(p, _train(p) * p.epochs, drop_last=p.drop_last)},
        ),
    ),
    Mistake(
        "missing-examples",
        "This is what the last batch lacks to be full, not what it holds.",
        lambda p: (
            {"last": p.batch - _rest(p)}
            if _rest(p) and not p.drop_last and p.batch != 2 * _rest(p)
            else {}
        ),
    ),
)


def steps(p: Params) -> dict:
    """Return the training examples, and the full batches with what they leave over."""
    return {"train": _train(p), "full": _train(p) // p.batch, "rest": _rest(p)}
