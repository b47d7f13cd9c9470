"""Trainable parameters of a GRU layer or stack (torch.nn.GRU; one or two biases a block).

Two biases belong to the reset after the recurrent matrix (PyTorch, cuDNN, Keras with
reset_after=True); one to the textbook's GRU (Cho et al. 2014; Keras with reset_after=False).
"""

from dataclasses import dataclass

from problems.answers import Integer
from problems.core import Mistake, param
from problems.drawing import Draw
from problems.engine import counting


@dataclass(frozen=True)
class Params:
    """The sizes of the GRU, and its convention for biases."""

    inputs: int = param("length I of the input", 1, 100_000)
    hidden: int = param("length H of the hidden state", 1, 100_000)
    layers: int = param("stacked layers", 1, 64)
    bidirectional: bool = param("whether each layer runs in both directions")
    biases: int = param("bias vectors a block: 2 in PyTorch, 1 in most textbooks", 1, 2)


VERSION = 1
PARTS = {"total": Integer()}


def draw(r: Draw) -> Params:
    """Draw a single layer mostly; sometimes a stack or both directions."""
    return Params(
        inputs=r.choice("inputs", (3, 6, 7, 9, 12, 15, 24, 25, 30, 40, 60, 75, 90, 150, 200)),
        hidden=r.choice("hidden", (4, 5, 8, 10, 16, 20, 32, 50, 64, 100, 128, 256)),
        layers=r.choice("layers", (1, 1, 1, 2, 2, 3)),
        bidirectional=r.choice("bidirectional", (False, False, False, True)),
        biases=r.choice("biases", (1, 2)),
    )


def answer(p: Params) -> dict:
    """Count by the formula."""
    return {"total": _count(p)}


def witness(p: Params) -> dict:
    """Build torch.nn.GRU (shapes alone) and count; its second biases only where asked for."""
    import torch

    gru = torch.nn.GRU(p.inputs, p.hidden, p.layers, bidirectional=p.bidirectional, device="meta")
    return {
        "total": sum(
            weights.numel()
            for name, weights in gru.named_parameters()
            if p.biases == 2 or not name.startswith("bias_hh")
        )
    }


def _count(
    p: Params, blocks: int = 3, biases: int | None = None, *, bidirectional: bool | None = None
) -> int:
    return counting.rnn_params(
        p.inputs,
        p.hidden,
        blocks=blocks,
        layers=p.layers,
        bidirectional=p.bidirectional if bidirectional is None else bidirectional,
        biases=p.biases if biases is None else biases,
    )


def _directions(p: Params) -> int:
    return 2 if p.bidirectional else 1


def _seen(p: Params) -> list[int]:
    """Return the length of each layer's input."""
    return [p.inputs] + [p.hidden * _directions(p)] * (p.layers - 1)


def _with_seen(p: Params, seen: int) -> int:
    """Return the count where every layer after the first reads inputs of this length."""
    reads = [p.inputs] + [seen] * (p.layers - 1)
    return _directions(p) * sum(3 * p.hidden * (n + p.hidden + p.biases) for n in reads)


MISTAKES = (
    Mistake(
        "four-blocks",
        "This counts four blocks, as in an LSTM. A GRU has three: two gates and the candidate.",
        lambda p: {"total": _count(p, 4)},
    ),
    Mistake(
        "two-blocks",
        "This counts the two gates alone; the candidate has weights of its own too.",
        lambda p: {"total": _count(p, 2)},
    ),
    Mistake(
        "one-block",
        "This counts one block, as in a simple RNN. A GRU has three.",
        lambda p: {"total": _count(p, 1)},
    ),
    Mistake("biases-forgotten", "The biases are missing.", lambda p: {"total": _count(p, 3, 0)}),
    Mistake(
        "other-bias-convention",
        "This counts the biases by the other convention: look at how many each block has here.",
        lambda p: {"total": _count(p, 3, 3 - p.biases)},
    ),
    Mistake(
        "recurrent-forgotten",
        "The weights on the previous hidden state are missing.",
        lambda p: {"total": _count(p) - p.layers * _directions(p) * 3 * p.hidden**2},
    ),
    Mistake(
        "first-input-everywhere",
        "From the second layer on, the input is the hidden state of the layer below.",
        lambda p: {"total": _with_seen(p, p.inputs)} if p.layers > 1 else {},
    ),
    Mistake(
        "one-direction-read",
        "The next layer reads the states of both directions joined: 2H, not H.",
        lambda p: {"total": _with_seen(p, p.hidden)} if p.layers > 1 and p.bidirectional else {},
    ),
    Mistake(
        "one-direction",
        "Both directions have weights of their own.",
        lambda p: {"total": _count(p, bidirectional=False)} if p.bidirectional else {},
    ),
)


def steps(p: Params) -> dict:
    """Return the count of each layer, in one direction."""
    rows = [
        {
            "layer": number,
            "seen": seen,
            "block": p.hidden * (seen + p.hidden + p.biases),
            "one": 3 * p.hidden * (seen + p.hidden + p.biases),
        }
        for number, seen in enumerate(_seen(p), start=1)
    ]
    return {"rows": rows, "directions": _directions(p)}
