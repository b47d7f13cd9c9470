"""What the discriminator of a GAN separates, and its loss (Goodfellow et al. 2014)."""

from dataclasses import dataclass

import numpy as np

from problems.answers import Choice, Real
from problems.core import Array, Mistake, param
from problems.drawing import Draw
from problems.engine.losses import binary_cross_entropy

SUBJECTS = {
    "dogs": ("pictures of dogs", "cats", "breeds"),
    "faces": ("pictures of faces", "landscapes", "people"),
    "digits": ("handwritten digits", "letters", "digits"),
    "cars": ("pictures of cars", "bicycles", "makes"),
    "birds": ("recordings of birds", "frogs", "species"),
    "songs": ("short songs", "speech", "composers"),
    "galaxies": ("pictures of galaxies", "single stars", "types of galaxy"),
    "shoes": ("pictures of shoes", "hats", "brands"),
}


@dataclass(frozen=True)
class Params:
    """What the GAN makes, and what its discriminator says of some examples."""

    subject: str = param("what the GAN is trained on", options=tuple(SUBJECTS))
    examples: int = param("real examples, and as many generated ones", 1, 8)
    real: Array = param("D's output for each real example, shape (examples,)", 0.001, 0.999)
    fake: Array = param("D's output for each generated example, shape (examples,)", 0.001, 0.999)
    generator: str = param(
        "the generator's loss: the minimax or the non-saturating one",
        options=("minimax", "non-saturating"),
    )


VERSION = 1


def _options(subject: str) -> dict[str, str]:
    things, others, kinds = SUBJECTS[subject]
    return {
        "real-generated": f"{things} of the training set from those that the generator makes",
        "classes": f"different {kinds} from each other",
        "other-things": f"{things} from {others}",
        "noise-data": f"the noise that goes into the generator from {things}",
        "good-bad": f"good from bad {things} of the training set",
    }


PARTS = {
    "separates": Choice(options=_options("dogs")),
    "d_loss": Real(decimals=3),
    "g_loss": Real(decimals=3),
}


def parts(p: Params) -> dict:
    """Return the kinds of answer, with the options in the subject's words."""
    return {**PARTS, "separates": Choice(options=_options(p.subject))}


def draw(r: Draw) -> Params:
    """Draw a discriminator that is mostly right."""
    n = r.int("examples", 1, 3)
    return Params(
        subject=r.choice("subject", tuple(SUBJECTS)),
        examples=n,
        real=r.array("real", (n,), 0.55, 0.95, 2),
        fake=r.array("fake", (n,), 0.1, 0.48, 2),
        generator=r.choice("generator", ("minimax", "non-saturating")),
    )


def _d_loss(p: Params, real: float = 1.0, fake: float = 0.0) -> float:
    """Return the discriminator's loss with these targets for its two halves."""
    return float(
        binary_cross_entropy(p.real, np.full(p.examples, real)).mean()
        + binary_cross_entropy(p.fake, np.full(p.examples, fake)).mean()
    )


def _g_loss(p: Params, generator: str) -> float:
    if generator == "minimax":
        return float(np.log(1 - p.fake).mean())
    return float(-np.log(p.fake).mean())


def answer(p: Params) -> dict:
    """Take the cross-entropy of both halves."""
    return {
        "separates": "real-generated",
        "d_loss": _d_loss(p),
        "g_loss": _g_loss(p, p.generator),
    }


def witness(p: Params) -> dict:
    """Use torch's BCEWithLogitsLoss on the logits of D, with labels 1 for real, 0 for generated."""
    import torch

    loss = torch.nn.BCEWithLogitsLoss()
    real, fake = torch.tensor(p.real).logit(), torch.tensor(p.fake).logit()
    ones, zeros = torch.ones_like(real), torch.zeros_like(fake)
    fooled = -loss(fake, zeros) if p.generator == "minimax" else loss(fake, ones)
    # What a step towards a smaller loss pulls apart: D's output on the two kinds of input.
    real.requires_grad_()
    fake.requires_grad_()
    (loss(real, ones) + loss(fake, zeros)).backward()
    assert real.grad is not None and fake.grad is not None  # noqa: S101, PT018
    apart = bool((real.grad < 0).all() and (fake.grad > 0).all())
    return {
        "separates": "real-generated" if apart else "classes",
        "d_loss": (loss(real, ones) + loss(fake, zeros)).item(),
        "g_loss": fooled.item(),
    }


def _other(p: Params) -> str:
    return "minimax" if p.generator == "non-saturating" else "non-saturating"


MISTAKES = (
    Mistake(
        "class-labels",
        "A GAN has no class labels: its training set is one kind of thing, and D gets the other "
        "half of its inputs from the generator.",
        lambda p: {"separates": "classes"},
    ),
    Mistake(
        "other-things",
        "Nothing else is in the training set. What are the examples on which D should say 0?",
        lambda p: {"separates": "other-things"},
    ),
    Mistake(
        "noise-against-data",
        "D never sees the noise, only what the generator makes of it.",
        lambda p: {"separates": "noise-data"},
    ),
    Mistake(
        "good-against-bad",
        "All of the training set counts as real, good or bad. Where do D's other inputs come from?",
        lambda p: {"separates": "good-bad"},
    ),
    Mistake(
        "labels-swapped",
        "D's output is the probability of being real: the target is 1 for real examples.",
        lambda p: {"d_loss": _d_loss(p, real=0.0, fake=1.0)},
    ),
    Mistake(
        "all-called-real",
        "For generated examples D's target is 0: their term is $-\\ln(1 - D)$.",
        lambda p: {"d_loss": _d_loss(p, fake=1.0)},
    ),
    Mistake(
        "real-half-only",
        "This is the loss on the real examples; D is trained on the generated ones too.",
        lambda p: {"d_loss": float(-np.log(p.real).mean())},
    ),
    Mistake(
        "fake-half-only",
        "This is the loss on the generated examples; D is trained on the real ones too.",
        lambda p: {"d_loss": float(-np.log(1 - p.fake).mean())},
    ),
    Mistake(
        "halved",
        "The two means are added here, not averaged.",
        lambda p: {"d_loss": _d_loss(p) / 2},
    ),
    Mistake(
        "sum-for-mean",
        "Take the mean over the examples of each half.",
        lambda p: {"d_loss": _d_loss(p) * p.examples} if p.examples > 1 else {},
    ),
    Mistake(
        "other-generator-loss",
        "There are two losses for the generator; look at the formula that is given.",
        lambda p: {"g_loss": _g_loss(p, _other(p))},
    ),
    Mistake(
        "generator-on-real",
        "The generator's loss looks at its own examples, not at the real ones.",
        lambda p: {
            "g_loss": float(
                np.log(1 - p.real).mean() if p.generator == "minimax" else -np.log(p.real).mean()
            )
        },
    ),
    Mistake(
        "generator-sign",
        "Look at the sign in the formula.",
        lambda p: {"g_loss": -_g_loss(p, p.generator)},
    ),
)


def steps(p: Params) -> dict:
    """Return the single terms."""
    return {
        "things": SUBJECTS[p.subject][0],
        "real": -np.log(p.real),
        "real_mean": float(-np.log(p.real).mean()),
        "fake_mean": float(-np.log(1 - p.fake).mean()),
        "fake": -np.log(1 - p.fake),
        "fooled": np.log(1 - p.fake) if p.generator == "minimax" else -np.log(p.fake),
    }
