"""Trainable parameters of a transformer: BERT, GPT-2 and Llama are all within reach.

A block is attention, a feed-forward network and two norms. What differs between models is a
parameter: biases, learned positions, tied output embeddings, shared heads of keys and values
(Ainslie et al. 2023), a gated feed-forward network (Shazeer 2020), RMSNorm.
"""

from dataclasses import dataclass

from problems.answers import Integer
from problems.core import Mistake, ParamError, param
from problems.drawing import Draw
from problems.engine.counting import attention_params


@dataclass(frozen=True)
class Params:
    """The sizes of the model and the make of its parts."""

    layers: int = param("transformer blocks L", 1, 200)
    width: int = param("length d of a token's vector", 2, 65_536)
    heads: int = param("heads of queries", 1, 1024)
    kv_heads: int = param("heads of keys and values", 1, 1024)
    ffn: int = param("hidden units f of the feed-forward network", 1, 1_000_000)
    vocabulary: int = param("tokens V of the vocabulary", 2, 2_000_000)
    positions: int = param("learned position embeddings; 0 for none (rotary)", 0, 2_000_000)
    segments: int = param("segment embeddings, as in BERT; 0 for none", 0, 16)
    bias: bool = param("whether linear layers in the blocks have biases")
    gated: bool = param("whether the feed-forward network is gated: three matrices, not two")
    norm: str = param("kind of norm: LayerNorm has d scales and d shifts", options=("layer", "rms"))
    embedding_norm: bool = param("whether a norm follows the embeddings")
    final_norm: bool = param("whether a norm follows the last block")
    pooler: bool = param("whether a d by d layer with bias reads the first token, as in BERT")
    head: str = param(
        "output layer over the vocabulary (no bias)", options=("tied", "untied", "none")
    )

    def __post_init__(self) -> None:
        """Refuse heads that do not divide."""
        if self.width % self.heads:
            raise ParamError("heads", f"it must divide the width, {self.width}.")
        if self.heads % self.kv_heads:
            raise ParamError("kv_heads", f"it must divide the heads, {self.heads}.")


VERSION = 1
PARTS = {"total": Integer()}


def draw(r: Draw) -> Params:
    """Draw a small model in the style of GPT-2, of BERT or of Llama."""
    style = r.choice("style", ("gpt", "gpt", "bert", "llama", "llama"))
    heads = r.choice("heads", (4, 8))
    width = heads * r.choice("share", (16, 32, 64))
    llama, bert = style == "llama", style == "bert"
    return Params(
        layers=r.int("layers", 2, 12),
        width=r.int("width", width, width),
        heads=heads,
        kv_heads=r.choice(
            "kv_heads", (heads, max(1, heads // 2), max(1, heads // 4)) if llama else (heads,)
        ),
        ffn=r.choice("ffn", (2 * width, 3 * width) if llama else (4 * width, 4 * width, 2 * width)),
        vocabulary=r.choice("vocabulary", (1000, 5000, 8000, 10_000, 20_000, 32_000)),
        positions=r.choice("positions", (0,) if llama else (128, 256, 512, 1024)),
        segments=r.choice("segments", (2 if bert else 0,)),
        bias=r.choice("bias", (not llama,)),
        gated=r.choice("gated", (llama,)),
        norm=r.choice("norm", ("rms" if llama else "layer",)),
        embedding_norm=r.choice("embedding_norm", (bert,)),
        final_norm=r.choice("final_norm", (not bert,)),
        pooler=r.choice("pooler", (bert,)),
        head=r.choice("head", ("none",) if bert else (("tied", "untied") if llama else ("tied",))),
    )


def answer(p: Params) -> dict:
    """Add up the parts of the table."""
    return {"total": _total(p)}


def _norm(p: Params) -> int:
    return 2 * p.width if p.norm == "layer" else p.width


def _attention(p: Params, kv_heads: int | None = None, *, bias: bool | None = None) -> int:
    size = p.width // p.heads
    return attention_params(
        p.width,
        p.heads,
        size,
        size,
        bias=p.bias if bias is None else bias,
        kv_heads=kv_heads or p.kv_heads,
    )


def _feed_forward(p: Params, *, gated: bool | None = None) -> int:
    into = 2 if (p.gated if gated is None else gated) else 1
    biases = into * p.ffn + p.width if p.bias else 0
    return (into + 1) * p.width * p.ffn + biases


def _embeddings(p: Params) -> int:
    return (p.vocabulary + p.positions + p.segments) * p.width


def _ends(p: Params) -> int:
    """Return the parameters outside the blocks and the embeddings: norms, pooler, output."""
    norms = (p.embedding_norm + p.final_norm) * _norm(p)
    pooler = p.width * (p.width + 1) if p.pooler else 0
    return norms + pooler + (p.vocabulary * p.width if p.head == "untied" else 0)


def _total(p: Params) -> int:
    return _embeddings(p) + p.layers * _block(p) + _ends(p)


def _block(p: Params) -> int:
    return _attention(p) + _feed_forward(p) + 2 * _norm(p)


def witness(p: Params) -> dict:
    """Build the model's layers in PyTorch (shapes alone, no memory) and count."""
    import torch

    def linear(inputs: int, outputs: int, *, bias: bool) -> torch.nn.Module:
        return torch.nn.Linear(inputs, outputs, bias=bias, device="meta")

    def norm() -> torch.nn.Module:
        kind = torch.nn.LayerNorm if p.norm == "layer" else torch.nn.RMSNorm
        return kind(p.width, device="meta")

    narrow = p.width // p.heads * p.kv_heads
    block = [linear(p.width, size, bias=p.bias) for size in (p.width, narrow, narrow, p.width)]
    block += [linear(p.width, p.ffn, bias=p.bias) for _ in range(1 + p.gated)]
    block += [linear(p.ffn, p.width, bias=p.bias), norm(), norm()]
    model = [
        torch.nn.Embedding(size, p.width, device="meta")
        for size in (p.vocabulary, p.positions, p.segments)
        if size
    ]
    model += [norm() for _ in range(p.embedding_norm + p.final_norm)]
    if p.pooler:
        model.append(linear(p.width, p.width, bias=True))
    if p.head == "untied":
        model.append(linear(p.width, p.vocabulary, bias=False))

    def count(modules: list) -> int:
        return sum(w.numel() for module in modules for w in module.parameters())

    return {"total": count(model) + p.layers * count(block)}


MISTAKES = (
    Mistake(
        "head-counted-again",
        "The output layer shares the token embeddings: they are counted once.",
        lambda p: {"total": _total(p) + p.vocabulary * p.width} if p.head == "tied" else {},
    ),
    Mistake(
        "head-not-counted",
        "The output layer has a matrix of its own here.",
        lambda p: {"total": _total(p) - p.vocabulary * p.width} if p.head == "untied" else {},
    ),
    Mistake(
        "block-norms-forgotten",
        "The norms of the blocks have parameters too.",
        lambda p: {"total": _total(p) - 2 * p.layers * _norm(p)},
    ),
    Mistake(
        "other-norm",
        "LayerNorm has a scale and a shift for each entry, RMSNorm the scale alone.",
        lambda p: {
            "total": _total(p)
            + (2 * p.layers + p.embedding_norm + p.final_norm)
            * (p.width if p.norm == "rms" else -p.width)
        },
    ),
    Mistake(
        "outer-norm-forgotten",
        "There is also a norm outside the blocks.",
        lambda p: (
            {"total": _total(p) - (p.embedding_norm + p.final_norm) * _norm(p)}
            if p.embedding_norm or p.final_norm
            else {}
        ),
    ),
    Mistake(
        "rule-of-thumb",
        "This is the rule of thumb $12 L d^2$: it leaves out embeddings, biases and norms.",
        lambda p: {"total": 12 * p.layers * p.width**2},
    ),
    Mistake(
        "embeddings-forgotten",
        "The embeddings are parameters too.",
        lambda p: {"total": _total(p) - _embeddings(p)},
    ),
    Mistake(
        "positions-forgotten",
        "The learned position embeddings are parameters too.",
        lambda p: {"total": _total(p) - p.positions * p.width} if p.positions else {},
    ),
    Mistake(
        "biases-forgotten",
        "The linear layers of the blocks have biases.",
        lambda p: (
            {
                "total": _total(p)
                - p.layers
                * (_block(p) - _attention(p, bias=False) - 2 * p.width * p.ffn - 2 * _norm(p))
            }
            if p.bias and not p.gated
            else {}
        ),
    ),
    Mistake(
        "kv-heads-ignored",
        "There are fewer heads of keys and values than of queries: their matrices are narrower.",
        lambda p: (
            {"total": _total(p) + p.layers * (_attention(p, p.heads) - _attention(p))}
            if p.kv_heads < p.heads
            else {}
        ),
    ),
    Mistake(
        "gate-forgotten",
        "A gated feed-forward network has three matrices, not two.",
        lambda p: (
            {"total": _total(p) - p.layers * (_feed_forward(p) - _feed_forward(p, gated=False))}
            if p.gated
            else {}
        ),
    ),
    Mistake(
        "pooler-forgotten",
        "The pooler is a layer of its own, with weights and biases.",
        lambda p: {"total": _total(p) - p.width * (p.width + 1)} if p.pooler else {},
    ),
)


def steps(p: Params) -> dict:
    """Return the rows of the count."""
    narrow = p.width // p.heads * p.kv_heads
    rows = [("token embeddings", f"{p.vocabulary} · {p.width}", p.vocabulary * p.width)]
    if p.positions:
        rows.append(("position embeddings", f"{p.positions} · {p.width}", p.positions * p.width))
    if p.segments:
        rows.append(("segment embeddings", f"{p.segments} · {p.width}", p.segments * p.width))
    if p.embedding_norm:
        rows.append(("norm of the embeddings", "", _norm(p)))
    rows.append((f"{p.layers} blocks", f"{p.layers} · {_block(p)}", p.layers * _block(p)))
    if p.final_norm:
        rows.append(("final norm", "", _norm(p)))
    if p.pooler:
        rows.append(("pooler", f"{p.width} · ({p.width} + 1)", p.width * (p.width + 1)))
    if p.head == "untied":
        rows.append(("output layer", f"{p.width} · {p.vocabulary}", p.width * p.vocabulary))
    return {
        "rows": rows,
        "narrow": narrow,
        "attention": _attention(p),
        "ffn": _feed_forward(p),
        "norms": 2 * _norm(p),
        "block": _block(p),
        "matrices": 3 if p.gated else 2,
    }
