"""Conditional probabilities from a table of counts, or from shares by Bayes' rule."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from problems.answers import Real
from problems.core import Array, Mistake, ParamError, param
from problems.drawing import Draw


@dataclass(frozen=True)
class Params:
    """How often each pair of values came up, what of it is told, and what is asked."""

    rows: int = param("values of X", 2, 12)
    columns: int = param("values of Y", 2, 12)
    counts: Array = param(
        "times that X took the row's and Y the column's value, shape (rows, columns)", 0, 1_000_000
    )
    told: str = param(
        "the counts themselves, or the shares P(X) and P(Y | X)", options=("counts", "shares")
    )
    row: int = param("value of X that is asked about, from 1", 1, 12)
    column: int = param("value of Y that is asked about, from 1", 1, 12)
    given: str = param("what is known", options=("X", "Y"))

    def __post_init__(self) -> None:
        """Refuse values that there are not, and what never comes up."""
        if (self.counts % 1 != 0).any():
            raise ParamError("counts", "give whole numbers.")
        for name, length in zip(("row", "column"), self.counts.shape, strict=True):
            if getattr(self, name) > length:
                raise ParamError(name, f"there are {length} of them.")
        if min(self.counts.sum(axis=1)) == 0 or min(self.counts.sum(axis=0)) == 0:
            raise ParamError("counts", "each value of X and of Y must come up at least once.")
        if self.told == "shares" and self.given == "X":
            raise ParamError("given", "from the shares ask for what is given Y; the rest is told.")


VERSION = 1
PARTS = {
    "joint": Real(digits=3),
    "marginal": Real(digits=3),
    "conditional": Real(digits=3, weight=2),
}


def draw(r: Draw) -> Params:
    """Draw tables of 2×2 up to 3×3; half of the questions need Bayes' rule."""
    rows, columns = r.choice("rows", (2, 2, 3)), r.choice("columns", (2, 3, 3))
    told = r.choice("told", ("counts", "shares"))
    return Params(
        rows=rows,
        columns=columns,
        counts=r.array("counts", (rows, columns), 1, 12, 0),
        told=told,
        row=r.int("row", 1, rows),
        column=r.int("column", 1, columns),
        given=r.choice("given", ("X", "Y") if told == "counts" else ("Y",)),
    )


def _joint(p: Params) -> float:
    return float(p.counts[p.row - 1, p.column - 1] / p.counts.sum())


def _row_share(p: Params) -> float:
    """Return P(X) of the row that is asked about."""
    return float(p.counts[p.row - 1].sum() / p.counts.sum())


def _column_share(p: Params) -> float:
    """Return P(Y) of the column that is asked about."""
    return float(p.counts[:, p.column - 1].sum() / p.counts.sum())


def _known(p: Params) -> float:
    """Return the probability of what is given."""
    return _column_share(p) if p.given == "Y" else _row_share(p)


def _likelihoods(p: Params) -> Array:
    """Return P(Y | X) of the column that is asked about, for each value of X."""
    return p.counts[:, p.column - 1] / p.counts.sum(axis=1)


def answer(p: Params) -> dict:
    """Divide the joint probability by that of what is given."""
    return {"joint": _joint(p), "marginal": _known(p), "conditional": _joint(p) / _known(p)}


def witness(p: Params) -> dict:
    """Go through the observations one by one with torch, and count."""
    import torch

    counts = torch.tensor(p.counts).long()
    if counts.sum() > 10_000_000:
        counts = counts.double() / counts.sum()
        joint, column = counts[p.row - 1, p.column - 1], counts[:, p.column - 1].sum()
        known = column if p.given == "Y" else counts[p.row - 1].sum()
        return {
            "joint": joint.item(),
            "marginal": known.item(),
            "conditional": (joint / known).item(),
        }
    pairs = torch.cartesian_prod(torch.arange(p.rows), torch.arange(p.columns))
    seen = pairs.repeat_interleave(counts.flatten(), dim=0)
    x, y = seen[:, 0] == p.row - 1, seen[:, 1] == p.column - 1
    known, other = (y, x) if p.given == "Y" else (x, y)
    return {
        "joint": (x & y).double().mean().item(),
        "marginal": known.double().mean().item(),
        "conditional": other[known].double().mean().item(),
    }


def _by_shares(p: Params, values: dict) -> dict:
    return values if p.told == "shares" else {}


def _by_counts(p: Params, values: dict) -> dict:
    return values if p.told == "counts" else {}


def _reversed(p: Params) -> float:
    return _joint(p) / (_row_share(p) if p.given == "Y" else _column_share(p))


MISTAKES = (
    Mistake(
        "joint-for-conditional",
        "This is how often both come up among all; what is given leaves a part of them only.",
        lambda p: {"conditional": _joint(p)},
    ),
    Mistake(
        "reversed",
        "What is given and what is asked are exchanged here, and the base rate is lost.",
        lambda p: {"conditional": _reversed(p)},
    ),
    Mistake(
        "unconditional",
        "This is the probability without knowing anything; what is given changes it.",
        lambda p: {"conditional": _row_share(p) if p.given == "Y" else _column_share(p)},
    ),
    Mistake(
        "given-for-conditional",
        "This is the probability of what is given; divide by it.",
        lambda p: {"conditional": _known(p)},
    ),
    Mistake(
        "values-equally-likely",
        "The values of X are not equally likely: weigh each by its own probability.",
        lambda p: _by_shares(
            p,
            {
                "marginal": float(_likelihoods(p).mean()),
                "conditional": float(_likelihoods(p)[p.row - 1] / _likelihoods(p).sum()),
            },
        ),
    ),
    Mistake(
        "conditional-for-joint",
        "This holds among those with this value of X; the joint probability is among all.",
        lambda p: _by_shares(p, {"joint": float(_likelihoods(p)[p.row - 1])}),
    ),
    Mistake(
        "independence-assumed",
        "Both probabilities may be multiplied only where X and Y are independent.",
        lambda p: {"joint": _row_share(p) * _column_share(p)},
    ),
    Mistake(
        "likelihoods-added",
        "Each share of Y is to be weighed by how likely its value of X is.",
        lambda p: _by_shares(p, {"marginal": float(_likelihoods(p).sum())}),
    ),
    Mistake(
        "other-margin",
        "This is the probability of what is asked about; the other one is given.",
        lambda p: {"marginal": _row_share(p) if p.given == "Y" else _column_share(p)},
    ),
    Mistake(
        "count-divided-by-cells",
        "Divide by how many observations there are, not by the number of cells.",
        lambda p: _by_counts(p, {"joint": 1 / p.counts.size}),
    ),
)


def _fraction(part: float, whole: float) -> str:
    """Return a share as a fraction in lowest terms."""
    return str(Fraction(int(part), int(whole)))


def _shares(p: Params) -> Sequence[dict]:
    total, sums = p.counts.sum(), p.counts.sum(axis=1)
    return [
        {"x": _fraction(own, total), "y": [_fraction(count, own) for count in counts]}
        for own, counts in zip(sums, p.counts, strict=True)
    ]


def steps(p: Params) -> dict:
    """Return the sums of the table, the shares, and the terms of the law of total probability."""
    total, sums = p.counts.sum(), p.counts.sum(axis=1)
    column = p.counts[:, p.column - 1]
    known = column if p.given == "Y" else p.counts[p.row - 1]
    return {
        "total": int(total),
        "shares": _shares(p),
        "terms": [
            rf"\frac{{{int(own)}}}{{{int(total)}}} \cdot \frac{{{int(count)}}}{{{int(own)}}}"
            for own, count in zip(sums, column, strict=True)
        ],
        "cell": int(p.counts[p.row - 1, p.column - 1]),
        "known": int(known.sum()),
        "summands": [int(count) for count in known],
        "x": f"X = {p.row}",
        "y": f"Y = {p.column}",
        "asked": rf"X = {p.row} \mid Y = {p.column}"
        if p.given == "Y"
        else rf"Y = {p.column} \mid X = {p.row}",
    }
