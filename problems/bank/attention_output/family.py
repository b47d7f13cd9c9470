"""Scaled dot-product attention by hand (Vaswani et al. 2017), with or without a causal mask."""

import math
from dataclasses import dataclass

import numpy as np

from problems.answers import Matrix
from problems.core import Array, Mistake, ParamError, param
from problems.drawing import Draw
from problems.engine.attention import attention_weights


@dataclass(frozen=True)
class Params:
    """Queries, keys and values, and how the scores are scaled and masked."""

    queries: int = param("number of queries", 1, 16)
    keys: int = param("number of keys and values", 1, 16)
    width: int = param("length of a query and of a key", 1, 64)
    value_width: int = param("length of a value", 1, 16)
    Q: Array = param("queries, shape (queries, width)", -100, 100)
    K: Array = param("keys, shape (keys, width)", -100, 100)
    V: Array = param("values, shape (keys, value_width)", -100, 100)
    scaled: bool = param("whether scores are divided by the root of the width")
    causal: bool = param("whether query i sees the keys 1 to i alone")

    def __post_init__(self) -> None:
        """Refuse a causal mask where queries and keys are not the same positions."""
        if self.causal and self.queries != self.keys:
            raise ParamError("causal", "it needs as many queries as keys.")


VERSION = 1
PARTS = {"weights": Matrix(decimals=3), "output": Matrix(decimals=3)}


def draw(r: Draw) -> Params:
    """Draw one to three queries, with a mask in a third of the draws."""
    causal = r.choice("causal", (False, False, True))
    keys = r.int("keys", 2, 3)
    queries = keys if causal else r.choice("queries_without_mask", (1, 2))
    width, value_width = r.choice("width", (2, 3, 4)), 2
    queries = r.int("queries", queries, queries)
    value_width = r.int("value_width", value_width, value_width)
    return Params(
        queries=queries,
        keys=keys,
        width=width,
        value_width=value_width,
        Q=r.array("Q", (queries, width), -2, 2, 0),
        K=r.array("K", (keys, width), -2, 2, 0),
        V=r.array("V", (keys, value_width), -3, 3, 0),
        scaled=r.choice("scaled", (True, True, True, False)),
        causal=causal,
    )


def answer(p: Params) -> dict:
    """Compute with the reference engine."""
    return _from_weights(p, _weights(p))


def _weights(p: Params, scale: float | None = None, *, causal: bool | None = None) -> Array:
    right = None if p.scaled else 1.0
    return attention_weights(
        p.Q,
        p.K,
        scale=right if scale is None else scale,
        causal=p.causal if causal is None else causal,
    )


def _from_weights(p: Params, weights: Array) -> dict:
    return {"weights": weights, "output": weights @ p.V}


def witness(p: Params) -> dict:
    """Run torch's scaled_dot_product_attention; identity values show the weights."""
    import torch

    Q, K, V = (torch.tensor(matrix)[None] for matrix in (p.Q, p.K, p.V))

    def run(values: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.scaled_dot_product_attention(
            Q, K, values, is_causal=p.causal, scale=None if p.scaled else 1.0
        )[0]

    identity = torch.eye(p.keys, dtype=torch.float64)[None]
    return {"weights": run(identity).numpy(), "output": run(V).numpy()}


def _differs(p: Params, weights: Array) -> dict:
    """Return wrong weights with their output, where they differ from the right ones."""
    if np.allclose(weights, _weights(p), atol=1e-9):
        return {}
    parts = _from_weights(p, weights)
    same = np.allclose(parts["output"], answer(p)["output"], atol=1e-9)
    return {"weights": weights} if same else parts


def _scores(p: Params) -> Array:
    return p.Q @ p.K.T / (math.sqrt(p.width) if p.scaled else 1.0)


def _zero_mask(p: Params) -> dict:
    """Return what comes of scores that are masked with 0 instead of minus infinity."""
    scores = np.where(np.tri(p.queries, p.keys, dtype=bool), _scores(p), 0.0)
    return _differs(p, np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True))


def _mask_after(p: Params) -> dict:
    return _differs(p, np.tril(_weights(p, causal=False)))


def _over_queries(p: Params) -> dict:
    scores = np.exp(_scores(p) - _scores(p).max())
    return _differs(p, scores / scores.sum(axis=0, keepdims=True))


MISTAKES = (
    Mistake(
        "not-scaled",
        "The scores are divided by the root of the keys' length before the softmax.",
        lambda p: _differs(p, _weights(p, 1.0)) if p.scaled else {},
    ),
    Mistake(
        "scaled-all-the-same",
        "The scores are not scaled here.",
        lambda p: {} if p.scaled else _differs(p, _weights(p, 1 / math.sqrt(p.width))),
    ),
    Mistake(
        "divided-by-width",
        "The scores are divided by the root of the keys' length, not by the length.",
        lambda p: _differs(p, _weights(p, 1 / p.width)) if p.scaled else {},
    ),
    Mistake(
        "softmax-over-queries",
        "Each query shares its attention out among the keys: the rows sum to 1, not the columns.",
        lambda p: _over_queries(p) if p.queries > 1 and not p.causal else {},
    ),
    Mistake(
        "no-softmax",
        "These are scores; the softmax turns each row into shares.",
        lambda p: {} if p.causal else _differs(p, _scores(p)),
    ),
    Mistake(
        "masked-with-zero",
        "A score of 0 still gets weight, $e^0 = 1$: a masked score must be minus infinity.",
        lambda p: _zero_mask(p) if p.causal else {},
    ),
    Mistake(
        "masked-after-softmax",
        "The mask comes before the softmax, so that each row still sums to 1.",
        lambda p: _mask_after(p) if p.causal else {},
    ),
    Mistake(
        "mask-forgotten",
        "A query does not see the keys after its own position.",
        lambda p: _differs(p, _weights(p, causal=False)) if p.causal else {},
    ),
    Mistake(
        "keys-for-values",
        "The weights mix the values; this mixes the keys.",
        lambda p: (
            {"output": _weights(p) @ p.K}
            if p.width == p.value_width
            and not np.allclose(_weights(p) @ p.K, answer(p)["output"], atol=1e-9)
            else {}
        ),
    ),
)


def steps(p: Params) -> dict:
    """Return the products, the scores, and how the mask writes them."""
    scores = _scores(p)
    shown = [
        [r"-\infty" if p.causal and k > q else f"{scores[q, k]:.4f}" for k in range(p.keys)]
        for q in range(p.queries)
    ]
    body = r" \\ ".join(" & ".join(row) for row in shown)
    return {
        "products": p.Q @ p.K.T,
        "scores": rf"\begin{{pmatrix}} {body} \end{{pmatrix}}",
    }
