"""Entropy, cross-entropy and Kullback-Leibler divergence of two distributions."""

import math
from dataclasses import dataclass

import numpy as np

from problems.answers import Real
from problems.core import Array, Mistake, ParamError, param
from problems.drawing import Draw
from problems.engine.losses import (
    BASES,
    distribution_cross_entropy,
    entropy,
    kl_divergence,
)


@dataclass(frozen=True)
class Params:
    """The true distribution p, the model's q, and the base."""

    p: Array = param("true distribution, at least two probabilities", 0, 1, max_length=16)
    q: Array = param("the model's distribution, of the same length", 0, 1, max_length=16)
    base: str = param("base of the logarithm", options=tuple(BASES))

    def __post_init__(self) -> None:
        """Refuse what is no distribution."""
        for name, values in (("p", self.p), ("q", self.q)):
            if values.ndim != 1 or abs(values.sum() - 1) > 1e-6:
                raise ParamError(name, "give one list of probabilities that sum to 1.")
        if self.p.shape != self.q.shape:
            raise ParamError("q", f"give {len(self.p)} probabilities, as in p.")


VERSION = 1
PARTS = {"entropy": Real(decimals=3), "cross": Real(decimals=3), "kl": Real(decimals=3)}
FIRST = (10, 15, 20, 25, 30, 35, 45, 55, 60)
SECOND = (5, 10, 15, 20, 25, 30, 35)


def _distributions(r: Draw, name: str, *, zero: bool) -> Array:
    """Draw hundredths that sum to 100; with `zero` the last is 0."""
    a, b = r.choice(f"{name}_first", FIRST), r.choice(f"{name}_second", SECOND)
    parts = (a, 100 - a, 0) if zero else (a, b, 100 - a - b)
    return r.choice(name, (np.array(parts) / 100,))


def draw(r: Draw) -> Params:
    """Draw hundredths over three outcomes; sometimes p or q has a zero."""
    zero = r.choice("zero", ("none", "none", "none", "p", "p", "q"))
    return Params(
        p=_distributions(r, "p", zero=zero == "p"),
        q=_distributions(r, "q", zero=zero == "q"),
        base=r.choice("base", ("e", "2")),
    )


def answer(p: Params) -> dict:
    """Compute with the reference engine; infinite where q is 0 and p is not."""
    base = BASES[p.base]
    return {
        "entropy": entropy(p.p, base),
        "cross": distribution_cross_entropy(p.p, p.q, base),
        "kl": kl_divergence(p.p, p.q, base),
    }


def witness(p: Params) -> dict:
    """Use torch: xlogy, and kl_div, which takes ln q first and the target p second."""
    import torch

    a, b = torch.tensor(p.p), torch.tensor(p.q)
    unit = math.log(BASES[p.base])
    h = -torch.special.xlogy(a, a).sum().item() / unit
    kl = torch.nn.functional.kl_div(b.log(), a, reduction="sum").item() / unit
    return {"entropy": h, "cross": -torch.special.xlogy(a, b).sum().item() / unit, "kl": kl}


def _finite(values: dict) -> dict:
    return {part: value for part, value in values.items() if math.isfinite(value)}


def _all(a: Array, b: Array, base: str) -> dict:
    return {
        "entropy": entropy(a, BASES[base]),
        "cross": distribution_cross_entropy(a, b, BASES[base]),
        "kl": kl_divergence(a, b, BASES[base]),
    }


def _in_base(p: Params, base: str) -> dict:
    return {} if p.base == base or _flat(p) else _finite(_all(p.p, p.q, base))


def _flat(p: Params) -> bool:
    """Return whether p is certain or equals q: then some of the values are 0 in any base."""
    return bool((p.p == 1).any() or np.array_equal(p.p, p.q))


def _zeros_left_out(p: Params) -> dict:
    if not ((p.q == 0) & (p.p > 0)).any():
        return {}
    kept = p.q > 0
    cross = float(-(p.p[kept] * np.log(p.q[kept])).sum()) / math.log(BASES[p.base])
    return {"cross": cross, "kl": cross - entropy(p.p, BASES[p.base])}


MISTAKES = (
    Mistake(
        "reversed",
        "The two distributions are swapped: the weights in front of the logarithms are $p$.",
        lambda p: _finite({k: v for k, v in _all(p.q, p.p, p.base).items() if k != "entropy"}),
    ),
    Mistake(
        "entropy-of-q",
        "This is the entropy of $q$.",
        lambda p: {"entropy": entropy(p.q, BASES[p.base])},
    ),
    Mistake(
        "entropy-for-cross",
        "Inside the logarithm of the cross-entropy stands $q$, not $p$.",
        lambda p: {"cross": answer(p)["entropy"]},
    ),
    Mistake(
        "cross-for-kl",
        "The divergence is what the cross-entropy has beyond the entropy.",
        lambda p: _finite({"kl": answer(p)["cross"]}),
    ),
    Mistake(
        "kl-sign",
        "A divergence is never negative: look at the sign.",
        lambda p: _finite({"kl": -answer(p)["kl"]}),
    ),
    Mistake("natural-log", "This takes the natural logarithm.", lambda p: _in_base(p, "e")),
    Mistake("log-2", "This takes the logarithm to base 2.", lambda p: _in_base(p, "2")),
    Mistake("log-10", "This takes the logarithm to base 10.", lambda p: _in_base(p, "10")),
    Mistake(
        "zero-in-q-left-out",
        "Here the model gives probability 0 to what does happen: that costs infinitely much.",
        _zeros_left_out,
    ),
    Mistake(
        "zero-in-p-infinite",
        "What never happens costs nothing: $0 \\log 0$ counts as 0.",
        lambda p: (
            {"entropy": math.inf, "cross": math.inf, "kl": math.inf}
            if (p.p == 0).any() and np.isfinite(answer(p)["cross"])
            else {}
        ),
    ),
    Mistake(
        "unweighted",
        "Each logarithm is weighted with $p$.",
        lambda p: _finite({"kl": _unweighted(p)}),
    ),
)


def _unweighted(p: Params) -> float:
    both = (p.p > 0) & (p.q > 0)
    ratios = np.log(p.p[both] / p.q[both]).sum() / math.log(BASES[p.base])
    return float(ratios) if both.all() else math.inf


def steps(p: Params) -> dict:
    """Return the terms of the two sums."""
    unit = math.log(BASES[p.base])
    seen = p.p > 0
    own, cross = np.zeros(len(p.p)), np.zeros(len(p.p))
    with np.errstate(divide="ignore"):
        own[seen] = -p.p[seen] * np.log(p.p[seen]) / unit + 0.0
        cross[seen] = -p.p[seen] * np.log(p.q[seen]) / unit + 0.0
    signs = {"e": r"\ln", "2": r"\log_2", "10": r"\log_{10}"}
    return {"own": own, "cross": cross, "log": signs[p.base], "infinite": np.isinf(cross).any()}
