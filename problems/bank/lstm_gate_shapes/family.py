"""Shapes of the weights of an LSTM: one gate's, all gates' packed, and on joined vectors."""

from dataclasses import dataclass

from problems.answers import Shape, Vector
from problems.core import Mistake, param
from problems.drawing import Draw


@dataclass(frozen=True)
class Params:
    """The sizes of the cell, and the conventions of its matrices."""

    inputs: int = param("length I of the input", 1, 100_000)
    hidden: int = param("length H of the hidden state", 1, 100_000)
    batch: int = param("sequences in a batch", 1, 100_000)
    vocabulary: int = param("tokens of the vocabulary, before their embedding", 1, 1_000_000)
    layout: str = param(
        "whether weights stand left of a column or right of a row", options=("Wx", "xW")
    )
    joined: str = param("order of the joined vector", options=("hx", "xh"))


VERSION = 1
PARTS = {
    "input": Shape(axes=2),
    "recurrent": Shape(axes=2),
    "packed": Shape(axes=2),
    "state": Shape(axes=2),
    "reads": Vector(decimals=0),
}


def draw(r: Draw) -> Params:
    """Draw sizes of which no two are equal."""
    hidden = r.choice("hidden", (8, 16, 20, 32, 64, 128, 256, 512))
    return Params(
        inputs=r.choice("inputs", (5, 10, 12, 24, 50, 100, 200, 300)),
        hidden=hidden,
        batch=r.choice("batch", (2, 3, 4, 6, 7)),
        vocabulary=r.choice("vocabulary", (1000, 5000, 10_000, 30_000)),
        layout=r.choice("layout", ("Wx", "xW")),
        joined=r.choice("joined", ("hx", "xh")),
    )


def answer(p: Params) -> dict:
    """Read the shapes off the sizes."""
    first = p.hidden + 1 if p.joined == "hx" else 1
    return {
        "input": _turned(p, p.hidden, p.inputs),
        "recurrent": (p.hidden, p.hidden),
        "packed": _turned(p, 4 * p.hidden, p.inputs),
        "state": (p.batch, p.hidden),
        "reads": (first, first + p.inputs - 1),
    }


def _turned(p: Params, outputs: int, inputs: int) -> tuple[int, int]:
    """Return a matrix's shape in the layout of the question."""
    return (outputs, inputs) if p.layout == "Wx" else (inputs, outputs)


def witness(p: Params) -> dict:
    """Read the shapes off torch.nn.LSTM (shapes alone), and look where the input lands."""
    import torch

    cell = torch.nn.LSTMCell(p.inputs, p.hidden, device="meta")
    packed, recurrent = cell.weight_ih, cell.weight_hh.chunk(4)[0]
    state, _ = cell(torch.empty(p.batch, p.inputs, device="meta"))
    parts = {"h": torch.zeros(p.hidden), "x": torch.ones(p.inputs)}
    places = torch.cat([parts[name] for name in p.joined]).nonzero().flatten() + 1
    turn = (lambda w: w.shape) if p.layout == "Wx" else (lambda w: w.T.shape)
    return {
        "input": turn(packed.chunk(4)[0]),
        "recurrent": turn(recurrent),
        "packed": turn(packed),
        "state": state.shape,
        "reads": (places[0].item(), places[-1].item()),
    }


def _other_order(p: Params) -> tuple[int, int]:
    first = 1 if p.joined == "hx" else p.hidden + 1
    return (first, first + p.inputs - 1)


MISTAKES = (
    Mistake(
        "transposed",
        "The matrix is transposed: look at which side of the matrix the vector stands on.",
        lambda p: {"input": answer(p)["input"][::-1], "packed": answer(p)["packed"][::-1]},
    ),
    Mistake(
        "vocabulary-size",
        "The cell reads the embedding of a token, not a vector as long as the vocabulary.",
        lambda p: {
            "input": _turned(p, p.hidden, p.vocabulary),
            "packed": _turned(p, 4 * p.hidden, p.vocabulary),
        },
    ),
    Mistake(
        "input-for-hidden",
        "The recurrent weights map the hidden state to the hidden units: neither is the input.",
        lambda p: {"recurrent": _turned(p, p.hidden, p.inputs)},
    ),
    Mistake(
        "one-gate-packed",
        "This is one block; the four blocks are stacked.",
        lambda p: {"packed": _turned(p, p.hidden, p.inputs)},
    ),
    Mistake(
        "three-gates-packed",
        "There are three gates and the candidate: four blocks.",
        lambda p: {"packed": _turned(p, 3 * p.hidden, p.inputs)},
    ),
    Mistake(
        "packed-along-inputs",
        "The blocks are stacked along the units, not along the inputs.",
        lambda p: {"packed": _turned(p, p.hidden, 4 * p.inputs)},
    ),
    Mistake(
        "batch-last",
        "Each row of the batch is one sequence's state.",
        lambda p: {"state": (p.hidden, p.batch)} if p.batch != p.hidden else {},
    ),
    Mistake(
        "four-states",
        "The gates are mixed into one hidden state; it is no longer than H.",
        lambda p: {"state": (p.batch, 4 * p.hidden)},
    ),
    Mistake(
        "joined-in-other-order",
        "This reads the joined vector in the other order.",
        lambda p: {"reads": _other_order(p)},
    ),
    Mistake(
        "counted-from-zero",
        "The entries are counted from 1 here.",
        lambda p: {"reads": tuple(k - 1 for k in answer(p)["reads"])},
    ),
)


def steps(p: Params) -> dict:
    """Return the formula of a gate, and the joined vector, as they are written here."""
    return {
        "four": 4 * p.hidden,
        "joined": ", ".join({"h": "h_{t-1}", "x": "x_t"}[k] for k in p.joined),
    }
