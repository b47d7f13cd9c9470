"""Training pairs of a language model with a fixed context: windows of n inputs and one target."""

from dataclasses import dataclass

from problems.answers import Integer, Vector
from problems.core import Mistake, ParamError, param
from problems.drawing import Draw
from problems.engine.text import windows


@dataclass(frozen=True)
class Params:
    """A text as token numbers, and how windows are cut from it."""

    tokens: tuple[int, ...] = param("the text, as token numbers", 1, 1_000_000, max_length=512)
    context: int = param("inputs n of each window", 1, 64)
    stride: int = param("tokens from one window to the next", 1, 64)
    padding: bool = param("whether n start tokens (number 0) stand before the text")

    def __post_init__(self) -> None:
        """Refuse a text that is too short for one window."""
        if not self.padding and len(self.tokens) <= self.context:
            raise ParamError("context", f"it must be smaller than the text, {len(self.tokens)}.")


VERSION = 1
PARTS = {"count": Integer(), "first": Vector(decimals=0), "last": Vector(decimals=0)}


def draw(r: Draw) -> Params:
    """Draw a text of eight to fourteen tokens."""
    length = r.int("length", 8, 14)
    return Params(
        tokens=r.ints("tokens", length, 1, 60),
        context=r.int("context", 2, 4),
        stride=r.choice("stride", (1, 1, 2, 3)),
        padding=r.choice("padding", (False, False, True)),
    )


def answer(p: Params) -> dict:
    """Cut the windows."""
    return _pairs(p)


def _text(p: Params, *, padding: bool | None = None) -> list[int]:
    padding = p.padding if padding is None else padding
    return [0] * (p.context if padding else 0) + list(p.tokens)


def _pairs(p: Params, *, length: int = 0, stride: int = 0, padding: bool | None = None) -> dict:
    """Return the number of windows and the first and the last of them, {} where there is none."""
    cut = windows(_text(p, padding=padding), length or p.context + 1, stride or p.stride)
    return {"count": len(cut), "first": cut[0], "last": cut[-1]} if cut else {}


def witness(p: Params) -> dict:
    """Unfold the padded text in PyTorch, and read the rows."""
    import torch

    text = torch.nn.functional.pad(torch.tensor(p.tokens), (p.context if p.padding else 0, 0))
    rows = text.unfold(0, p.context + 1, p.stride)
    return {"count": len(rows), "first": rows[0].tolist(), "last": rows[-1].tolist()}


def _count(count: int) -> dict:
    """Return a wrong number of windows, where it is one."""
    return {"count": count} if count > 0 else {}


def _target_is_last_input(p: Params) -> dict:
    pairs = _pairs(p)
    return {part: (*pairs[part][:-1], pairs[part][-2]) for part in ("first", "last")}


def _changed(p: Params, wrong: dict) -> dict:
    """Return the parts of a wrong cut that differ from the right one."""
    right = _pairs(p)
    return {part: value for part, value in wrong.items() if value != right[part]}


MISTAKES = (
    Mistake(
        "one-for-each-token",
        "Not every token has a whole context before it.",
        lambda p: _count(len(p.tokens)) if p.stride == 1 and not p.padding else {},
    ),
    Mistake(
        "target-forgotten",
        "This counts windows of the inputs alone; each also needs a target after them.",
        lambda p: _count(len(windows(_text(p), p.context, p.stride))) if p.stride == 1 else {},
    ),
    Mistake(
        "one-too-few",
        "The first window counts before any step is made: add 1.",
        lambda p: _count(_pairs(p)["count"] - 1),
    ),
    Mistake(
        "stride-ignored",
        "The windows lie further apart than one token.",
        lambda p: _changed(p, _pairs(p, stride=1)) if p.stride > 1 else {},
    ),
    Mistake(
        "no-overlap",
        "The windows overlap: the next one begins after the stated number of tokens.",
        lambda p: (
            {"count": len(windows(_text(p), p.context + 1, p.context + 1))}
            if p.stride <= p.context
            else {}
        ),
    ),
    Mistake(
        "target-is-last-input",
        "The target is the token that follows the inputs, not the last of them.",
        _target_is_last_input,
    ),
    Mistake(
        "padding-forgotten",
        "The start tokens are missing: with them, the first token of the text is a target too.",
        lambda p: _changed(p, _pairs(p, padding=False)) if p.padding else {},
    ),
    Mistake(
        "padding-added",
        "Nothing stands before this text: its first tokens are inputs only.",
        lambda p: {} if p.padding else _changed(p, _pairs(p, padding=True)),
    ),
    Mistake(
        "target-first",
        "Give the inputs in the text's order, and the target after them.",
        lambda p: {
            part: (_pairs(p)[part][-1], *_pairs(p)[part][:-1]) for part in ("first", "last")
        },
    ),
)


def steps(p: Params) -> dict:
    """Return the text with its padding, and the windows, the middle ones left out of many."""
    cut = windows(_text(p), p.context + 1, p.stride)
    return {
        "length": len(_text(p)),
        "free": len(_text(p)) - p.context - 1,
        "windows": [{"number": k + 1, "inputs": w[:-1], "target": w[-1]} for k, w in enumerate(cut)]
        if len(cut) <= 20
        else [],
    }
