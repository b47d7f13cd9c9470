"""Multi-head attention (Vaswani et al. 2017): its parameters, and the shapes inside it."""

from dataclasses import dataclass

from problems.answers import Integer, Shape
from problems.core import Mistake, param
from problems.drawing import Draw
from problems.engine.counting import attention_params


@dataclass(frozen=True)
class Params:
    """The sizes of the layer, and of a batch that it reads."""

    width: int = param("length d of a token's vector", 1, 65_536)
    heads: int = param("heads h", 1, 1024)
    key_width: int = param("length of a query and a key of one head", 1, 16_384)
    value_width: int = param("length of a value of one head", 1, 16_384)
    bias: bool = param("whether the four projections have biases")
    batch: int = param("sequences in a batch", 1, 65_536)
    length: int = param("tokens of a sequence", 1, 1_000_000)


VERSION = 1
PARTS = {"total": Integer(), "queries": Shape(axes=4), "scores": Shape(axes=4)}


def draw(r: Draw) -> Params:
    """Draw heads that share the width mostly; now and then heads of a length of their own."""
    heads = r.choice("heads", (2, 3, 4, 5, 8, 10, 12))
    share = r.choice("share", (4, 8, 10, 16, 20, 32, 64))
    own = r.choice("own", (False, False, False, True))
    return Params(
        width=r.int("width", heads * share, heads * share),
        heads=heads,
        key_width=r.choice("key_width", (share // 2, 2 * share))
        if own
        else _same(r, "key_width", share),
        value_width=r.choice("value_width", (share, 2 * share))
        if own
        else _same(r, "value_width", share),
        bias=r.choice("bias", (True, False)),
        batch=r.choice("batch", (2, 3, 6, 7, 9, 16)),
        length=r.choice("length", (11, 15, 25, 30, 50, 100, 128)),
    )


def _same(r: Draw, name: str, size: int) -> int:
    return r.int(name, size, size)


def answer(p: Params) -> dict:
    """Count the four projections, and read the shapes off the sizes."""
    return {
        "total": attention_params(p.width, p.heads, p.key_width, p.value_width, bias=p.bias),
        "queries": (p.batch, p.heads, p.length, p.key_width),
        "scores": (p.batch, p.heads, p.length, p.length),
    }


def witness(p: Params) -> dict:
    """Build the projections in PyTorch (shapes alone), and follow a batch through them.

    Where heads share the width, torch.nn.MultiheadAttention is what is counted.
    """
    import torch

    def linear(inputs: int, outputs: int) -> torch.nn.Linear:
        return torch.nn.Linear(inputs, outputs, bias=p.bias, device="meta")

    to_q, to_k = (linear(p.width, p.heads * p.key_width) for _ in range(2))
    layers: list[torch.nn.Module] = [to_q, to_k, linear(p.width, p.heads * p.value_width)]
    layers.append(linear(p.heads * p.value_width, p.width))
    if p.key_width == p.value_width and p.heads * p.key_width == p.width:
        layers = [torch.nn.MultiheadAttention(p.width, p.heads, bias=p.bias, device="meta")]
    x = torch.empty(p.batch, p.length, p.width, device="meta")
    queries, keys = (
        layer(x).unflatten(-1, (p.heads, p.key_width)).transpose(1, 2) for layer in (to_q, to_k)
    )
    return {
        "total": sum(w.numel() for layer in layers for w in layer.parameters()),
        "queries": queries.shape,
        "scores": (queries @ keys.mT).shape,
    }


def _total(p: Params) -> int:
    return answer(p)["total"]


def _biases(p: Params) -> int:
    return _total(p) - attention_params(p.width, p.heads, p.key_width, p.value_width, bias=False)


def _output(p: Params) -> int:
    """Return the parameters of the output projection."""
    return p.heads * p.value_width * p.width + (p.width if p.bias else 0)


MISTAKES = (
    Mistake(
        "whole-width-for-each-head",
        "Each head has projections of its own short length, not of the whole width.",
        lambda p: (
            {
                "total": p.heads * (4 * p.width**2 + (4 * p.width if p.bias else 0)),
                "queries": (p.batch, p.heads, p.length, p.width),
            }
            if p.heads > 1
            else {}
        ),
    ),
    Mistake(
        "output-projection-forgotten",
        "After the heads are joined comes a fourth projection, $W_O$.",
        lambda p: {"total": _total(p) - _output(p)},
    ),
    Mistake(
        "one-head-counted",
        "This counts the projections of one head.",
        lambda p: (
            {"total": attention_params(p.width, 1, p.key_width, p.value_width, bias=p.bias)}
            if p.heads > 1
            else {}
        ),
    ),
    Mistake(
        "biases-forgotten",
        "The biases of the projections are missing.",
        lambda p: {"total": _total(p) - _biases(p)} if p.bias else {},
    ),
    Mistake(
        "biases-added",
        "These projections have no biases.",
        lambda p: (
            {}
            if p.bias
            else {
                "total": attention_params(p.width, p.heads, p.key_width, p.value_width, bias=True)
            }
        ),
    ),
    Mistake(
        "width-shared-out",
        "The heads have lengths of their own here: they do not share the width out.",
        lambda p: (
            {"total": 4 * p.width**2 + (4 * p.width if p.bias else 0)}
            if p.heads * p.key_width != p.width or p.heads * p.value_width != p.width
            else {}
        ),
    ),
    Mistake(
        "one-score-for-each-token",
        "Every query has a score with every key.",
        lambda p: {"scores": (p.batch, p.heads, p.length, p.key_width)},
    ),
    Mistake(
        "heads-after-tokens",
        "These are the right numbers in another order: look at the order that is asked for.",
        lambda p: {
            "queries": (p.batch, p.length, p.heads, p.key_width),
            "scores": (p.batch, p.length, p.heads, p.length),
        },
    ),
    Mistake(
        "heads-not-split",
        "This is before the heads are split: each sees its own part of the projected vectors.",
        lambda p: (
            {"queries": (p.batch, p.heads, p.length, p.heads * p.key_width)} if p.heads > 1 else {}
        ),
    ),
)


def steps(p: Params) -> dict:
    """Return the count of each projection."""
    rows = [
        {"name": name, "inputs": n, "outputs": m, "biases": m if p.bias else 0}
        for name, n, m in (
            ("W_Q", p.width, p.heads * p.key_width),
            ("W_K", p.width, p.heads * p.key_width),
            ("W_V", p.width, p.heads * p.value_width),
            ("W_O", p.heads * p.value_width, p.width),
        )
    ]
    return {"rows": rows}
