"""The perplexity per token of a padded batch: exp of the mean of -ln p over the true tokens."""

from __future__ import annotations

import numpy as np

from grader.core import AnyArray, InputKind, Mutant
from grader.drawing import DECIMALS, plans, sizes
from problems.core import Array
from problems.engine.text import masked_perplexity

VERSION = 1
FUNCTION = "perplexity"
ARGUMENTS = {"log_probs": "(batch, length)", "mask": "(batch, length) bool"}
RETURNS = {"perplexity": "() float"}
PLANS = plans()


def draw(kind: InputKind, rng: np.random.Generator) -> dict[str, AnyArray]:
    """Draw log-probabilities and lengths; padding has numbers of its own, which must not count.

    A batch has texts of two lengths at least, and padding.
    """
    batch, length = sizes(kind, rng, 2)
    length = 60 if kind == "large" else length
    logs = -rng.uniform(0.1, 4.0, (batch, length)) - (8.0 if kind == "large" else 0.0)
    lengths = rng.integers(1, length, size=batch)
    if batch > 1:
        lengths[:2] = length, length - 1
    if kind == "large":
        lengths[:] = length - np.arange(batch)
    mask = np.arange(length) < lengths[:, None]
    return {"log_probs": np.round(logs, DECIMALS), "mask": mask}


reference = masked_perplexity


def _mean_of_texts(logs: Array, mask: AnyArray) -> float:
    means = (logs * mask).sum(axis=1) / mask.sum(axis=1)
    return float(np.exp(-means).mean())


def _texts_weigh_alike(logs: Array, mask: AnyArray) -> float:
    means = (logs * mask).sum(axis=1) / mask.sum(axis=1)
    return float(np.exp(-means.mean()))


@np.errstate(all="ignore")
def _by_product(logs: Array, mask: AnyArray) -> float:
    return float(np.prod(np.exp(logs[mask])) ** (-1.0 / mask.sum()))


MUTANTS = (
    Mutant(
        "cross-entropy",
        "This is the mean loss. The perplexity is e to this power.",
        lambda logs, mask: -logs[mask].mean(),
    ),
    Mutant(
        "base-2",
        "This is 2 to the mean loss, but the logarithms are natural: take e.",
        lambda logs, mask: 2.0 ** -logs[mask].mean(),
    ),
    Mutant(
        "exp-of-sum",
        "This is e to the summed loss. Take the mean over the true tokens.",
        lambda logs, mask: np.exp(-logs[mask].sum()),
    ),
    Mutant(
        "inverted",
        "This is the geometric mean of the probabilities. The perplexity is its inverse.",
        lambda logs, mask: np.exp(logs[mask].mean()),
    ),
    Mutant(
        "mean-of-inverses",
        "This is the arithmetic mean of 1/p. The perplexity is the geometric one.",
        lambda logs, mask: np.exp(-logs[mask]).mean(),
    ),
    Mutant(
        "inverse-of-mean",
        "This is 1 over the arithmetic mean of p. Average the logarithms, not the probabilities.",
        lambda logs, mask: 1.0 / np.exp(logs[mask]).mean(),
    ),
    Mutant(
        "padding-counted",
        "The padding counts here. Leave out what the mask leaves out.",
        lambda logs, _: np.exp(-logs.mean()),
    ),
    Mutant(
        "padding-in-the-divisor",
        "The padding is left out of the sum, but not out of the number of tokens.",
        lambda logs, mask: np.exp(-(logs * mask).mean()),
    ),
    Mutant(
        "mask-inverted",
        "The mask is True at the true tokens; this leaves those out.",
        lambda logs, mask: np.exp(-logs[~mask].mean()) if not mask.all() else np.nan,
    ),
    Mutant(
        "mean-of-texts",
        "This is the mean of the texts' perplexities. Take all tokens together.",
        _mean_of_texts,
    ),
    Mutant(
        "texts-weigh-alike",
        "This averages each text, then the texts, so that tokens of short texts weigh more. "
        "Every true token weighs the same.",
        _texts_weigh_alike,
    ),
    Mutant(
        "by-product",
        "This multiplies the probabilities, and for long texts their product is 0. "
        "Add the logarithms.",
        _by_product,
    ),
)
