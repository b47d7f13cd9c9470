"""The best discriminator for given densities, and the value of the game at it (Goodfellow 2014)."""

from dataclasses import dataclass

import numpy as np

from problems.answers import Real, Vector
from problems.core import Array, Mistake, ParamError, param
from problems.drawing import Draw
from problems.engine.losses import kl_divergence


@dataclass(frozen=True)
class Params:
    """The distribution of the data and that of the generator over some outcomes."""

    data: Array = param("probabilities of the data, summing to 1", 0.0001, 1, max_length=10)
    generated: Array = param("probabilities of the generator, as many", 0.0001, 1, max_length=10)

    def __post_init__(self) -> None:
        """Refuse what is no distribution."""
        for name, values in (("data", self.data), ("generated", self.generated)):
            if values.ndim != 1 or abs(values.sum() - 1) > 1e-6:
                raise ParamError(name, "give one list of probabilities that sum to 1.")
        if self.data.shape != self.generated.shape:
            raise ParamError("generated", f"give {len(self.data)} probabilities, as for the data.")


VERSION = 1
PARTS = {"best": Vector(decimals=3), "value": Real(decimals=3)}
HUNDREDTHS = tuple(
    (a, b, 100 - a - b) for a in range(10, 75, 5) for b in range(10, 75, 5) if 100 - a - b >= 10
)


def draw(r: Draw) -> Params:
    """Draw hundredths over three outcomes; sometimes the generator has learnt the data."""
    data = r.choice("data_hundredths", HUNDREDTHS)
    other = r.choice("generated_hundredths", HUNDREDTHS)
    learnt = r.choice("learnt", (False,) * 7 + (True,))
    return Params(
        data=r.choice("data", (np.array(data) / 100,)),
        generated=r.choice("generated", (np.array(data if learnt else other) / 100,)),
    )


def _best(p: Params) -> Array:
    return p.data / (p.data + p.generated)


def _value(p: Params, d: Array) -> float:
    """Return E_data[ln D] + E_generated[ln(1 - D)]."""
    return float((p.data * np.log(d)).sum() + (p.generated * np.log(1 - d)).sum())


def answer(p: Params) -> dict:
    """Use the closed form D* = p / (p + q), and the value 2 JSD - 2 ln 2."""
    middle = (p.data + p.generated) / 2
    divergence = kl_divergence(p.data, middle) + kl_divergence(p.generated, middle)
    return {"best": _best(p), "value": divergence - 2 * np.log(2)}


def witness(p: Params) -> dict:
    """Train D's logits by Newton's method in torch, and read the value of the game."""
    import torch

    data, generated = torch.tensor(p.data), torch.tensor(p.generated)
    z = torch.zeros_like(data)
    for _ in range(60):
        d = z.sigmoid()
        slope = data * (1 - d) - generated * d
        z = z + (slope / ((data + generated) * d * (1 - d))).clamp(-1, 1)
    log_d, log_not = torch.nn.functional.logsigmoid(z), torch.nn.functional.logsigmoid(-z)
    value = (data * log_d + generated * log_not).sum()
    return {"best": z.sigmoid().numpy(), "value": value.item()}


def _learnt(p: Params) -> bool:
    return bool(np.allclose(p.data, p.generated, rtol=0, atol=1e-9))


def _differs(p: Params, d: Array) -> dict:
    return {} if _learnt(p) else {"best": d}


MISTAKES = (
    Mistake(
        "all-real",
        "The best discriminator cannot call everything real: the generator makes this outcome too.",
        lambda p: {"best": np.ones(len(p.data))},
    ),
    Mistake(
        "all-generated",
        "0 would mean that the data never has this outcome.",
        lambda p: {"best": np.zeros(len(p.data))},
    ),
    Mistake(
        "inverted",
        "$D$ is the probability that an input is **real**: the data stands above the fraction bar.",
        lambda p: _differs(p, 1 - _best(p)),
    ),
    Mistake(
        "one-half",
        "One half everywhere is the best only once the generator has the data's distribution.",
        lambda p: _differs(p, np.full(len(p.data), 0.5)),
    ),
    Mistake(
        "ratio",
        "Divide by both densities together, so that it is a probability.",
        lambda p: {"best": p.data / p.generated},
    ),
    Mistake(
        "data-itself",
        "This is how likely the outcome is in the data; the question is how likely it is real.",
        lambda p: {"best": p.data},
    ),
    Mistake(
        "value-one-half",
        "This is the value with $D = \\frac{1}{2}$ everywhere, the game's end. Here $D$ does "
        "better.",
        lambda p: {} if _learnt(p) else {"value": -2 * float(np.log(2))},
    ),
    Mistake(
        "value-sign",
        "Logarithms of probabilities are negative, and nothing turns the sign here.",
        lambda p: {"value": -_value(p, _best(p))},
    ),
    Mistake(
        "value-of-data-only",
        "The generator's outcomes bring a second sum, with $\\ln(1 - D)$.",
        lambda p: {"value": float((p.data * np.log(_best(p))).sum())},
    ),
    Mistake(
        "value-of-one-density",
        "The second sum is weighted with the generator's probabilities.",
        lambda p: (
            {}
            if _learnt(p)
            else {"value": float((p.data * np.log(_best(p) * (1 - _best(p)))).sum())}
        ),
    ),
)


def steps(p: Params) -> dict:
    """Return the terms of the value."""
    d = _best(p)
    return {
        "d": d,
        "real": p.data * np.log(d),
        "fake": p.generated * np.log(1 - d),
        "learnt": _learnt(p),
    }
