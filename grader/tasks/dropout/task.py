"""Inverted dropout with its mask given: y = x * mask / (1 - p) in training, x in evaluation."""

from __future__ import annotations

import numpy as np

from grader.core import AnyArray, InputKind, Mutant
from grader.drawing import numbers, planned, sizes
from problems.core import Array

VERSION = 1
FUNCTION = "dropout"
ARGUMENTS = {
    "x": "(batch, features)",
    "mask": "(batch, features) bool",
    "p": "() float",
    "training": "() bool",
}
RETURNS = {"y": "(batch, features)"}
PLANS = planned(
    ("ordinary", "batch of one", "edge"),
    ("ordinary", "ordinary", "batch of one", "square", "distinct", "distinct", "edge"),
)


def draw(kind: InputKind, rng: np.random.Generator) -> dict[str, AnyArray | float]:
    """Draw activations and a mask that keeps and drops some; `edge` is evaluation.

    p is never 0.5, where keeping and dropping are alike, nor the share that the mask drops.
    """
    shape = sizes(kind, rng, 2)
    mask = rng.permutation(np.arange(np.prod(shape)) % 2 == 0).reshape(shape)
    p = float(rng.choice([0.1, 0.2, 0.3, 0.7, 0.8]))
    return {"x": numbers(kind, rng, *shape), "mask": mask, "p": p, "training": kind != "edge"}


def reference(x: Array, mask: AnyArray, p: float, training: bool) -> Array:  # noqa: FBT001 (stated)
    """Return the activations after dropout, shape (batch, features) (Srivastava et al. 2014)."""
    return x * mask / (1.0 - p) if training else x


MUTANTS = (
    Mutant(
        "keep-and-drop-swapped",
        "This divides by p, as if it were the probability to be kept. It is that of being dropped.",
        lambda x, mask, p, training: reference(x, mask, 1.0 - p, training),
    ),
    Mutant(
        "not-scaled",
        "What is kept is not scaled in training. Divide it by 1 - p.",
        lambda x, mask, p, training: reference(x, mask, 0.0, training),  # noqa: ARG005 (p is ignored)
    ),
    Mutant(
        "original-form",
        "This is dropout's original form, which scales in evaluation. The inverted form divides "
        "by 1 - p in training and leaves evaluation alone.",
        lambda x, mask, p, training: x * mask if training else x * (1.0 - p),
    ),
    Mutant(
        "scaled-in-evaluation",
        "Training is right, but evaluation scales too. There nothing is changed.",
        lambda x, mask, p, training: reference(x, mask, p, training) * (1.0 - p * (not training)),
    ),
    Mutant(
        "dropped-in-evaluation",
        "The mask is applied in evaluation too. There nothing is changed.",
        lambda x, mask, p, training: reference(x, mask, p, True),  # noqa: ARG005, FBT003
    ),
    Mutant(
        "masked-in-evaluation",
        "The mask is applied in evaluation too, without scaling. There nothing is changed.",
        lambda x, mask, p, training: reference(x, mask, p * training, True),  # noqa: FBT003
    ),
    Mutant(
        "multiplied",
        "What is kept is multiplied by 1 - p. The others are missing, so divide.",
        lambda x, mask, p, training: x * mask * (1.0 - p) if training else x,
    ),
    Mutant(
        "no-mask",
        "Nothing is dropped in training: the mask does not come in.",
        lambda x, mask, p, training: reference(x, np.ones_like(mask), p, training),
    ),
    Mutant(
        "mask-inverted",
        "This drops what the mask keeps: True means kept.",
        lambda x, mask, p, training: reference(x, ~mask, p, training),
    ),
    Mutant(
        "share-of-the-mask",
        "This divides by the share that the mask keeps. Divide by 1 - p, its expected value.",
        lambda x, mask, p, training: reference(x, mask, 1.0 - mask.mean(), training),  # noqa: ARG005
    ),
    Mutant(
        "always-evaluation",
        "This returns x in training too.",
        lambda x, mask, p, training: x.copy(),  # noqa: ARG005 (it looks at nothing else)
    ),
)
