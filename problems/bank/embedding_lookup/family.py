"""Embeddings: rows looked up, the one-hot product that it stands for, and the table's size."""

from dataclasses import dataclass
from itertools import permutations

import numpy as np

from problems.answers import Integer, Matrix, Shape
from problems.core import Array, Mistake, ParamError, param
from problems.drawing import Draw


@dataclass(frozen=True)
class Params:
    """A small table with some token numbers, and the sizes of a real one."""

    tokens: int = param("tokens of the small vocabulary", 2, 64)
    width: int = param("length of a small embedding", 1, 16)
    E: Array = param("table, shape (tokens, width)", -1000, 1000)
    ids: tuple[int, ...] = param("token numbers to look up, counted from 0", 0, 63)
    vocabulary: int = param("tokens of the real vocabulary", 2, 1_000_000)
    real_width: int = param("length of a real embedding", 1, 100_000)

    def __post_init__(self) -> None:
        """Refuse numbers that the table does not have."""
        if max(self.ids) >= self.tokens:
            raise ParamError("ids", f"each must lie within 0..{self.tokens - 1}.")


VERSION = 1
PARTS = {"rows": Matrix(decimals=2), "onehot": Shape(axes=2), "total": Integer()}


def draw(r: Draw) -> Params:
    """Draw a table of four to six tokens, now and then a square one."""
    tokens, width = r.choice("tokens", (4, 4, 5, 6)), r.choice("width", (2, 3, 3, 4))
    return Params(
        tokens=tokens,
        width=width,
        E=r.array("E", (tokens, width), -0.99, 0.99, 2),
        ids=r.choice("ids", tuple(permutations(range(1, min(tokens, 8)), min(3, tokens - 1)))),
        vocabulary=r.choice("vocabulary", (1000, 2000, 5000, 8000, 10_000, 20_000, 30_000, 50_000)),
        real_width=r.choice("real_width", (20, 25, 32, 50, 64, 100, 128, 200, 256, 300, 512)),
    )


def answer(p: Params) -> dict:
    """Read the rows; multiply the sizes."""
    return {
        "rows": p.E[list(p.ids)],
        "onehot": (len(p.ids), p.tokens),
        "total": p.vocabulary * p.real_width,
    }


def witness(p: Params) -> dict:
    """Multiply one-hot rows by the table, and count the parameters of torch.nn.Embedding."""
    import torch

    onehot = torch.nn.functional.one_hot(torch.tensor(p.ids), p.tokens).double()
    table = torch.nn.Embedding(p.vocabulary, p.real_width, device="meta")
    return {
        "rows": (onehot @ torch.tensor(p.E)).numpy(),
        "onehot": onehot.shape,
        "total": sum(w.numel() for w in table.parameters()),
    }


def _differs(p: Params, rows: Array) -> dict:
    """Return wrong rows, where they are others than the right ones."""
    return {} if np.array_equal(rows, p.E[list(p.ids)]) else {"rows": rows}


MISTAKES = (
    Mistake(
        "counted-from-one",
        "Token numbers are counted from 0: number 0 is the table's first row.",
        lambda p: {} if min(p.ids) == 0 else _differs(p, p.E[[k - 1 for k in p.ids]]),
    ),
    Mistake(
        "columns-read",
        "Each token has a row of this table; these are columns.",
        lambda p: _differs(p, p.E.T[list(p.ids)]) if p.tokens == p.width else {},
    ),
    Mistake(
        "order-of-table",
        "Give the embeddings in the order of the token numbers, one row each.",
        lambda p: _differs(p, p.E[sorted(p.ids)]),
    ),
    Mistake(
        "one-hot-transposed",
        "Each token of the text is one row.",
        lambda p: {"onehot": (p.tokens, len(p.ids))} if p.tokens != len(p.ids) else {},
    ),
    Mistake(
        "one-hot-of-width",
        "A one-hot vector is as long as the vocabulary, not as the embedding.",
        lambda p: {"onehot": (len(p.ids), p.width)} if p.tokens != p.width else {},
    ),
    Mistake(
        "sizes-added",
        "Every token has a vector of its own: multiply.",
        lambda p: {"total": p.vocabulary + p.real_width},
    ),
    Mistake(
        "bias-added",
        "A lookup has no bias.",
        lambda p: {"total": (p.vocabulary + 1) * p.real_width},
    ),
    Mistake(
        "bias-for-each-token",
        "A lookup has no bias.",
        lambda p: {"total": p.vocabulary * (p.real_width + 1)},
    ),
    Mistake(
        "vocabulary-squared",
        "The table has a row for each token, and a column for each entry of its embedding.",
        lambda p: {"total": p.vocabulary**2},
    ),
    Mistake(
        "vocabulary-given",
        "This is the number of tokens; each has a whole vector.",
        lambda p: {"total": p.vocabulary} if p.real_width > 1 else {},
    ),
)


def steps(p: Params) -> dict:
    """Return the one-hot rows."""
    return {"onehot": np.eye(p.tokens, dtype=int)[list(p.ids)]}
