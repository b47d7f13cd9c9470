"""What an RNN shares over time and what it does not assume: parameters, chain rule, dependence."""

import math
from dataclasses import dataclass

import numpy as np

from problems.answers import Integer, Real, YesNo
from problems.core import Array, Mistake, ParamError, param
from problems.drawing import Draw
from problems.engine import counting


@dataclass(frozen=True)
class Params:
    """The sizes of an RNN with an output layer, a sequence's probabilities, and two times."""

    inputs: int = param("length I of the input", 1, 100_000)
    hidden: int = param("length H of the hidden state", 1, 100_000)
    outputs: int = param("length O of the output", 1, 100_000)
    length: int = param("time steps T of a training sequence", 2, 100_000)
    biases: int = param("bias vectors of the hidden layer: 2 in PyTorch, 1 in most textbooks", 1, 2)
    tokens: int = param("tokens of the short text", 1, 64)
    conditional: Array = param("p(x_t | x_1, ..., x_{t-1}) of each token", 0.001, 1)
    unigram: Array = param("share of each token in the training text", 0.001, 1)
    seen: int = param("step k whose input changes", 1, 100_000)
    asked: int = param("step t whose output is looked at", 1, 100_000)

    def __post_init__(self) -> None:
        """Refuse times after the end, and probabilities of two lengths."""
        if max(self.seen, self.asked) > self.length:
            raise ParamError("length", "the sequence must reach the steps seen and asked.")
        if self.conditional.shape != self.unigram.shape or self.conditional.ndim != 1:
            raise ParamError("unigram", "give one probability for each of conditional.")


VERSION = 1
PARTS = {"total": Integer(), "joint": Real(digits=3), "depends": YesNo()}


def draw(r: Draw) -> Params:
    """Draw sizes that multiply by hand, and two times in either order."""
    length = r.int("length", 10, 60)
    seen = r.int("seen", 1, length)
    tokens = r.int("tokens", 3, 4)
    return Params(
        tokens=tokens,
        inputs=r.int("inputs", 2, 12),
        hidden=r.int("hidden", 3, 12),
        outputs=r.int("outputs", 2, 9),
        length=length,
        biases=r.choice("biases", (1, 2)),
        conditional=r.array("conditional", (tokens,), 0.2, 0.9, 1),
        unigram=r.array("unigram", (tokens,), 0.01, 0.19, 2),
        seen=seen,
        asked=r.int("asked", 1, length),
    )


def answer(p: Params) -> dict:
    """Count once for all steps; multiply the conditionals; an output sees all inputs up to it."""
    return {
        "total": _hidden_layer(p) + _output_layer(p),
        "joint": math.prod(p.conditional),
        "depends": p.seen <= p.asked,
    }


def _hidden_layer(p: Params) -> int:
    return counting.rnn_params(p.inputs, p.hidden, biases=p.biases)


def _output_layer(p: Params) -> int:
    return counting.mlp_params((p.hidden, p.outputs))


def witness(p: Params) -> dict:
    """Count real layers; add logarithms; look for a gradient in an RNN that forgets nothing."""
    import torch

    rnn = torch.nn.RNN(p.inputs, p.hidden, device="meta")
    counted = [w for name, w in rnn.named_parameters() if p.biases == 2 or "bias_hh" not in name]
    counted += torch.nn.Linear(p.hidden, p.outputs, device="meta").parameters()
    x = torch.ones(p.length, dtype=torch.float64, requires_grad=True)
    torch.cumsum(x, 0)[p.asked - 1].backward()  # h_t = h_{t-1} + x_t
    assert x.grad is not None  # noqa: S101 (backward has filled it)
    return {
        "total": sum(w.numel() for w in counted),
        "joint": torch.tensor(p.conditional).log().sum().exp().item(),
        "depends": bool(x.grad[p.seen - 1] != 0),
    }


MISTAKES = (
    Mistake(
        "times-steps",
        "The steps share their weights: a longer sequence needs no more of them.",
        lambda p: {"total": p.length * _hidden_layer(p) + _output_layer(p)},
    ),
    Mistake(
        "all-times-steps",
        "Both layers are the same at every step: they are counted once.",
        lambda p: {"total": p.length * (_hidden_layer(p) + _output_layer(p))},
    ),
    Mistake(
        "output-layer-forgotten",
        "The output layer has weights and biases too.",
        lambda p: {"total": _hidden_layer(p)},
    ),
    Mistake(
        "recurrent-forgotten",
        "The weights on the previous hidden state are missing.",
        lambda p: {"total": _hidden_layer(p) + _output_layer(p) - p.hidden**2},
    ),
    Mistake(
        "other-bias-convention",
        "This counts the hidden layer's biases by the other convention.",
        lambda p: {"total": _hidden_layer(p) + _output_layer(p) + p.hidden * (3 - 2 * p.biases)},
    ),
    Mistake(
        "biases-forgotten",
        "The biases are missing.",
        lambda p: {
            "total": counting.rnn_params(p.inputs, p.hidden, biases=0) + p.hidden * p.outputs
        },
    ),
    Mistake(
        "independence-assumed",
        "This multiplies the tokens' shares in the text, as if they were independent.",
        lambda p: {"joint": math.prod(p.unigram)},
    ),
    Mistake(
        "probabilities-averaged",
        "A sequence's probability is the product of the conditional ones, not their mean.",
        lambda p: {"joint": float(np.mean(p.conditional))} if len(p.conditional) > 1 else {},
    ),
    Mistake(
        "markov-assumed",
        "The state carries what came long before: nothing limits an output to the last inputs.",
        lambda p: {"depends": False} if p.seen < p.asked else {},
    ),
    Mistake(
        "future-seen",
        "An RNN in one direction has not read the later inputs yet.",
        lambda p: {"depends": True} if p.seen > p.asked else {},
    ),
)


def steps(p: Params) -> dict:
    """Return the two counts, and what is left of the first input after a few shared steps."""
    return {
        "hidden": _hidden_layer(p),
        "output": _output_layer(p),
        "unigrams": math.prod(p.unigram),
        "share": 0.9 ** max(p.asked - p.seen, 0),
    }
