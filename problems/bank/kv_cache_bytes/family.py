"""Memory of the cached keys and values of a transformer decoder (Shazeer 2019; Ainslie 2023)."""

from dataclasses import dataclass

from problems.answers import Integer, Real
from problems.core import Mistake, ParamError, param
from problems.drawing import Draw

BYTES = {"float32": 4, "float16": 2, "bfloat16": 2, "int8": 1}


@dataclass(frozen=True)
class Params:
    """The sizes of the model and of what it has read."""

    layers: int = param("transformer blocks", 1, 1000)
    heads: int = param("heads of queries", 1, 1024)
    kv_heads: int = param("heads of keys and values", 1, 1024)
    head_width: int = param("length of a head's key, and of its value", 1, 16_384)
    length: int = param("tokens of each sequence in the cache", 1, 10_000_000)
    batch: int = param("sequences", 1, 1_000_000)
    dtype: str = param("type of a cached number", options=tuple(BYTES))

    def __post_init__(self) -> None:
        """Refuse heads that do not share evenly."""
        if self.heads % self.kv_heads:
            raise ParamError("kv_heads", f"it must divide the heads, {self.heads}.")


VERSION = 1
PARTS = {"bytes": Integer(), "mib": Real(digits=4)}


def draw(r: Draw) -> Params:
    """Draw a model with shared heads of keys and values mostly."""
    heads = r.choice("heads", (8, 12, 16, 32))
    return Params(
        layers=r.choice("layers", (4, 6, 8, 12, 16, 24, 32)),
        heads=heads,
        kv_heads=r.choice("kv_heads", (heads, max(1, heads // 2), max(1, heads // 4), 1)),
        head_width=r.choice("head_width", (32, 64, 80, 128)),
        length=r.choice("length", tuple(range(100, 4100, 50))),
        batch=r.choice("batch", (1, 2, 3, 4, 8)),
        dtype=r.choice("dtype", ("float32", "float16", "bfloat16", "int8")),
    )


def answer(p: Params) -> dict:
    """Multiply: a key and a value for each block, head, token and sequence."""
    return _size(p)


def _size(p: Params, **changes: int) -> dict:
    """Return the size with some of the factors changed."""
    factors = {
        "pair": 2,
        "layers": p.layers,
        "heads": p.kv_heads,
        "head_width": p.head_width,
        "length": p.length,
        "batch": p.batch,
        "bytes": BYTES[p.dtype],
    } | changes
    size = 1
    for factor in factors.values():
        size *= factor
    return {"bytes": size, "mib": size / 2**20}


def witness(p: Params) -> dict:
    """Make the cache's tensors in PyTorch (shapes alone, no memory), and ask for their sizes."""
    import torch

    shape = (p.batch, p.kv_heads, p.length, p.head_width)
    tensors = [
        torch.empty(shape, dtype=getattr(torch, p.dtype), device="meta")
        for _ in range(p.layers)
        for _ in ("keys", "values")
    ]
    size = sum(tensor.nbytes for tensor in tensors)
    return {"bytes": size, "mib": size / 1024 / 1024}


MISTAKES = (
    Mistake(
        "keys-alone",
        "This is half of it: both keys and values are kept.",
        lambda p: _size(p, pair=1),
    ),
    Mistake(
        "query-heads",
        "This counts the heads of the queries; keys and values have fewer.",
        lambda p: _size(p, heads=p.heads) if p.kv_heads < p.heads else {},
    ),
    Mistake("bits", "This is in bits: a byte has eight.", lambda p: _size(p, pair=16)),
    Mistake(
        "layers-forgotten",
        "Every block keeps keys and values of its own.",
        lambda p: _size(p, layers=1) if p.layers > 1 else {},
    ),
    Mistake(
        "batch-forgotten",
        "Every sequence has a cache of its own.",
        lambda p: _size(p, batch=1) if p.batch > 1 else {},
    ),
    Mistake(
        "numbers-counted",
        "This is the number of cached numbers; each takes several bytes.",
        lambda p: _size(p, bytes=1) if BYTES[p.dtype] > 1 else {},
    ),
    Mistake(
        "four-bytes-each",
        "This takes four bytes a number: look at the type of the cached numbers.",
        lambda p: _size(p, bytes=4) if BYTES[p.dtype] < 4 else {},
    ),
    Mistake(
        "one-head",
        "This is the cache of one head.",
        lambda p: _size(p, heads=1) if p.kv_heads > 1 else {},
    ),
    Mistake(
        "megabytes",
        "A MiB has $2^{20}$ bytes, not a million.",
        lambda p: {"mib": _size(p)["bytes"] / 1e6},
    ),
    Mistake(
        "scores-cached",
        "Attention scores are not cached, so the length counts once, not squared.",
        lambda p: _size(p, length=p.length**2) if p.length > 1 else {},
    ),
)


def steps(p: Params) -> dict:
    """Return the size for one token."""
    return {
        "bytes": BYTES[p.dtype],
        "token": _size(p, length=1, batch=1)["bytes"],
        "tokens": p.length * p.batch,
    }
