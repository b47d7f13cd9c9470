"""Shapes that torch.nn.RNN, GRU and LSTM give: all states, the last states, one step's."""

from dataclasses import dataclass

from problems.answers import Shape
from problems.core import Mistake, param
from problems.drawing import Draw


@dataclass(frozen=True)
class Params:
    """The layer, its sizes, and the batch that it reads."""

    cell: str = param("kind of layer", options=("RNN", "GRU", "LSTM"))
    inputs: int = param("length of each input", 1, 65_536)
    hidden: int = param("hidden units", 1, 65_536)
    layers: int = param("stacked layers", 1, 64)
    bidirectional: bool = param("whether each layer runs in both directions")
    batch: int = param("sequences in a batch", 1, 65_536)
    length: int = param("time steps", 1, 1024)
    batch_first: bool = param("whether the batch is the first axis of input and output")


VERSION = 1
PARTS = {"output": Shape(axes=3), "states": Shape(axes=3), "last": Shape(axes=2)}


def draw(r: Draw) -> Params:
    """Draw sizes that are easily told apart."""
    return Params(
        cell=r.choice("cell", ("RNN", "GRU", "LSTM")),
        inputs=r.choice("inputs", (5, 9, 14, 28, 50, 100)),
        hidden=r.choice("hidden", (8, 16, 20, 32, 64, 128)),
        layers=r.choice("layers", (1, 2, 3, 4)),
        bidirectional=r.choice("bidirectional", (False, True)),
        batch=r.choice("batch", (6, 7, 10, 12, 24)),
        length=r.choice("length", (11, 15, 25, 30, 40)),
        batch_first=r.choice("batch_first", (False, True)),
    )


def answer(p: Params) -> dict:
    """Read the shapes off the sizes."""
    return _shapes(p)


def _shapes(
    p: Params, *, width: int = 0, directions: int = 0, batch_first: bool | None = None
) -> dict:
    directions = directions or (2 if p.bidirectional else 1)
    width = width or directions * p.hidden
    first = p.batch_first if batch_first is None else batch_first
    return {
        "output": (p.batch, p.length, width) if first else (p.length, p.batch, width),
        "states": (directions * p.layers, p.batch, p.hidden),
        "last": (p.batch, width),
    }


def witness(p: Params) -> dict:
    """Build the layer in PyTorch and read the shapes of what it gives."""
    import torch

    # The largest fit nowhere but on the device without memory, which is slow: it steps in Python.
    numbers = (p.layers * p.hidden + p.batch * p.length) * (p.inputs + p.hidden)
    device = "cpu" if numbers < 10**6 else "meta"
    layer = getattr(torch.nn, p.cell)(
        p.inputs,
        p.hidden,
        p.layers,
        batch_first=p.batch_first,
        bidirectional=p.bidirectional,
        device=device,
    )
    axes = (p.batch, p.length) if p.batch_first else (p.length, p.batch)
    output, states = layer(torch.empty(*axes, p.inputs, device=device))
    h_n = states[0] if p.cell == "LSTM" else states
    last = output[:, -1] if p.batch_first else output[-1]
    return {"output": output.shape, "states": h_n.shape, "last": last.shape}


def _turned(p: Params) -> dict:
    return {"output": _shapes(p, batch_first=not p.batch_first)["output"]}


MISTAKES = (
    Mistake(
        "one-direction",
        "Both directions give states: their vectors are joined, and each has its last state.",
        lambda p: _shapes(p, directions=1) if p.bidirectional else {},
    ),
    Mistake(
        "axes-swapped",
        "The first two axes are the other way round: look at batch_first.",
        lambda p: _turned(p) if p.batch != p.length else {},
    ),
    Mistake(
        "states-batch-first",
        "batch_first concerns input and output alone; h_n has the layers first all the same.",
        lambda p: (
            {
                "states": (p.batch, (2 if p.bidirectional else 1) * p.layers, p.hidden),
            }
            if p.batch != (2 if p.bidirectional else 1) * p.layers
            else {}
        ),
    ),
    Mistake(
        "one-layer-of-states",
        "Every layer has a last state, not the top one alone.",
        lambda p: (
            {"states": (2 if p.bidirectional else 1, p.batch, p.hidden)} if p.layers > 1 else {}
        ),
    ),
    Mistake(
        "all-layers-in-output",
        "The output has the states of the top layer alone.",
        lambda p: (
            {
                "output": (*_shapes(p)["output"][:2], _shapes(p)["output"][2] * p.layers),
                "last": (p.batch, _shapes(p)["output"][2] * p.layers),
            }
            if p.layers > 1
            else {}
        ),
    ),
    Mistake(
        "input-length",
        "Each state has as many entries as there are hidden units, not as the input has.",
        lambda p: (
            {
                "output": (*_shapes(p)["output"][:2], p.inputs),
                "last": (p.batch, p.inputs),
            }
            if p.inputs != _shapes(p)["last"][1]
            else {}
        ),
    ),
    Mistake(
        "joined-in-states",
        "In h_n the two directions stand one after the other, not joined.",
        lambda p: {"states": (p.layers, p.batch, 2 * p.hidden)} if p.bidirectional else {},
    ),
    Mistake(
        "steps-kept",
        "One step is one vector for each sequence.",
        lambda p: {"last": (p.length, _shapes(p)["last"][1])} if p.length != p.batch else {},
    ),
)


def steps(p: Params) -> dict:
    """Return the number of directions and the length of the joined vector."""
    directions = 2 if p.bidirectional else 1
    return {"directions": directions, "width": directions * p.hidden}
