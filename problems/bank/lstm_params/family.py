"""Trainable parameters of an LSTM layer or stack (torch.nn.LSTM; one or two biases a gate).

With a projection (Sak et al. 2014) the hidden state, which is what the recurrent weights and the
next layer read, has the projection's length instead of the cell's.
"""

from dataclasses import dataclass

from problems.answers import Integer
from problems.core import Mistake, ParamError, param
from problems.drawing import Draw
from problems.engine import counting


@dataclass(frozen=True)
class Params:
    """The sizes of the LSTM, and its convention for biases."""

    inputs: int = param("length I of the input", 1, 100_000)
    hidden: int = param("length H of the cell state", 1, 100_000)
    layers: int = param("stacked layers", 1, 64)
    bidirectional: bool = param("whether each layer runs in both directions")
    projection: int = param("length of the projected hidden state; 0 for none", 0, 100_000)
    biases: int = param("bias vectors a gate: 2 in PyTorch, 1 in most textbooks", 1, 2)

    def __post_init__(self) -> None:
        """Refuse a projection that does not make the hidden state shorter."""
        if self.projection >= self.hidden:
            raise ParamError("projection", f"it must be smaller than hidden, {self.hidden}.")


VERSION = 1
PARTS = {"total": Integer()}


def draw(r: Draw) -> Params:
    """Draw a single layer mostly; sometimes a stack, both directions or a projection."""
    hidden = r.choice("hidden", (4, 5, 8, 10, 16, 20, 32, 50, 64, 100, 128))
    projected = r.choice("projected", (False, False, False, False, True))
    return Params(
        inputs=r.choice("inputs", (3, 6, 7, 12, 15, 24, 25, 30, 40, 60, 75, 90, 150, 200)),
        hidden=hidden,
        layers=r.choice("layers", (1, 1, 1, 2, 2, 3)),
        bidirectional=r.choice("bidirectional", (False, False, False, True)),
        projection=r.choice("projection", (hidden // 2, hidden // 4))
        if projected
        else r.int("projection", 0, 0),
        biases=r.choice("biases", (1, 2)),
    )


def answer(p: Params) -> dict:
    """Count by the formula."""
    return {"total": _count(p)}


def witness(p: Params) -> dict:
    """Build torch.nn.LSTM (shapes alone) and count; its second biases only where asked for."""
    import torch

    lstm = torch.nn.LSTM(
        p.inputs,
        p.hidden,
        p.layers,
        bidirectional=p.bidirectional,
        proj_size=p.projection,
        device="meta",
    )
    second = "bias_hh"
    return {
        "total": sum(
            weights.numel()
            for name, weights in lstm.named_parameters()
            if p.biases == 2 or not name.startswith(second)
        )
    }


def _count(p: Params, biases: int | None = None) -> int:
    return counting.lstm_params(
        p.inputs,
        p.hidden,
        layers=p.layers,
        bidirectional=p.bidirectional,
        projection=p.projection,
        biases=p.biases if biases is None else biases,
    )


def _outputs(p: Params) -> int:
    return p.projection or p.hidden


def _directions(p: Params) -> int:
    return 2 if p.bidirectional else 1


def _seen(p: Params) -> list[int]:
    """Return the length of each layer's input."""
    return [p.inputs] + [_outputs(p) * _directions(p)] * (p.layers - 1)


def _projections(p: Params) -> int:
    return p.layers * _directions(p) * p.hidden * p.projection


def _blocks(p: Params, blocks: int) -> int:
    """Return the count with another number of blocks than four."""
    return (_count(p) - _projections(p)) * blocks // 4 + _projections(p)


MISTAKES = (
    Mistake(
        "three-blocks",
        "This counts three blocks. An LSTM has four: three gates and the candidate.",
        lambda p: {"total": _blocks(p, 3)},
    ),
    Mistake(
        "one-block",
        "This counts one block, as in a simple RNN. An LSTM has four, each with its own weights.",
        lambda p: {"total": _blocks(p, 1)},
    ),
    Mistake(
        "biases-forgotten",
        "The biases are missing.",
        lambda p: {"total": _count(p, biases=0)},
    ),
    Mistake(
        "other-bias-convention",
        "This counts the biases by the other convention: look at how many each gate has here.",
        lambda p: {"total": _count(p, biases=3 - p.biases)},
    ),
    Mistake(
        "recurrent-forgotten",
        "The weights on the previous hidden state are missing.",
        lambda p: {"total": _count(p) - p.layers * _directions(p) * 4 * p.hidden * _outputs(p)},
    ),
    Mistake(
        "first-input-everywhere",
        "From the second layer on, the input is the hidden state of the layer below.",
        lambda p: (
            {
                "total": _count(p)
                + _directions(p) * 4 * p.hidden * sum(p.inputs - seen for seen in _seen(p))
            }
            if p.layers > 1
            else {}
        ),
    ),
    Mistake(
        "shared-gate-weights",
        "This lets the four blocks share their matrices; each has its own.",
        lambda p: {
            "total": _directions(p)
            * sum(p.hidden * (seen + _outputs(p) + 4 * p.biases) for seen in _seen(p))
            + _projections(p)
        },
    ),
    Mistake(
        "one-direction",
        "Both directions have weights of their own.",
        lambda p: (
            {
                "total": counting.lstm_params(
                    p.inputs, p.hidden, layers=p.layers, projection=p.projection, biases=p.biases
                )
            }
            if p.bidirectional
            else {}
        ),
    ),
    Mistake(
        "projection-ignored",
        "The projection shortens what the recurrent weights read, and has a matrix of its own.",
        lambda p: (
            {
                "total": counting.lstm_params(
                    p.inputs,
                    p.hidden,
                    layers=p.layers,
                    bidirectional=p.bidirectional,
                    biases=p.biases,
                )
            }
            if p.projection
            else {}
        ),
    ),
)


def steps(p: Params) -> dict:
    """Return the count of each layer, in one direction."""
    rows = [
        {
            "layer": number,
            "seen": seen,
            "gate": p.hidden * (seen + _outputs(p) + p.biases),
            "one": 4 * p.hidden * (seen + _outputs(p) + p.biases) + p.hidden * p.projection,
        }
        for number, seen in enumerate(_seen(p), start=1)
    ]
    return {"rows": rows, "outputs": _outputs(p), "directions": _directions(p)}
