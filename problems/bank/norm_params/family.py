"""Parameters that a normalisation layer trains, and the statistics that it only keeps."""

from dataclasses import dataclass

from problems.answers import Integer
from problems.core import Mistake, ParamError, param
from problems.drawing import Draw
from problems.engine.counting import norm_statistics, norm_weights

KINDS = {
    "batch": "batch normalisation",
    "layer": "layer normalisation",
    "layer-image": "layer normalisation over the whole image",
    "group": "group normalisation",
    "instance": "instance normalisation",
}


@dataclass(frozen=True)
class Params:
    """The kind of layer and the size of what it normalises."""

    kind: str = param("kind of normalisation", options=tuple(KINDS))
    channels: int = param("channels (features)", 1, 65_536)
    height: int = param("rows of the image", 1, 1024)
    width: int = param("columns of the image", 1, 1024)
    groups: int = param("groups of channels, for group normalisation", 1, 65_536)

    def __post_init__(self) -> None:
        """Refuse groups that do not divide the channels."""
        if self.kind == "group" and self.channels % self.groups:
            raise ParamError("groups", f"{self.groups} must divide the {self.channels} channels.")


VERSION = 2
PARTS = {"trained": Integer(), "kept": Integer()}


def draw(r: Draw) -> Params:
    """Draw batch normalisation most often."""
    return Params(
        kind=r.choice("kind", ("batch", "batch", *KINDS)),
        channels=r.choice("channels", range(8, 481, 4)),
        height=r.int("height", 4, 16),
        width=r.int("width", 4, 16),
        groups=r.choice("groups", (2, 4)),
    )


def answer(p: Params) -> dict:
    """Count a scale and a shift for each channel or entry, and the running statistics."""
    return {
        "trained": norm_weights(p.kind, p.channels, p.height, p.width),
        "kept": norm_statistics(p.kind, p.channels),
    }


def witness(p: Params) -> dict:
    """Build the layer in PyTorch and count its parameters and its buffers of more than a scalar."""
    import torch

    build = {
        "batch": lambda: torch.nn.BatchNorm2d(p.channels, device="meta"),
        "layer": lambda: torch.nn.LayerNorm(p.channels, device="meta"),
        "layer-image": lambda: torch.nn.LayerNorm([p.channels, p.height, p.width], device="meta"),
        "group": lambda: torch.nn.GroupNorm(p.groups, p.channels, device="meta"),
        "instance": lambda: torch.nn.InstanceNorm2d(p.channels, affine=True, device="meta"),
    }
    layer = build[p.kind]()
    return {
        "trained": sum(w.numel() for w in layer.parameters()),
        "kept": sum(b.numel() for b in layer.buffers() if b.ndim),
    }


def _trained(p: Params) -> int:
    return answer(p)["trained"]


MISTAKES = (
    Mistake(
        "statistics-trained",
        "Running mean and variance are measured, not trained by gradients.",
        lambda p: {"trained": 4 * p.channels} if p.kind == "batch" else {},
    ),
    Mistake(
        "shift-forgotten",
        "There are two trained numbers for each: a scale and a shift.",
        lambda p: {"trained": _trained(p) // 2},
    ),
    Mistake(
        "two-scalars",
        "Scale and shift are not one pair for the whole layer.",
        lambda p: {"trained": 2} if _trained(p) > 2 else {},
    ),
    Mistake(
        "pair-for-each-pixel",
        "All positions of a channel share one scale and one shift.",
        lambda p: (
            {"trained": 2 * p.channels * p.height * p.width}
            if p.kind in ("batch", "group", "instance") and p.height * p.width > 1
            else {}
        ),
    ),
    Mistake(
        "pair-for-each-channel",
        "Here every entry that is normalised, each channel at each position, has its own pair.",
        lambda p: (
            {"trained": 2 * p.channels}
            if p.kind == "layer-image" and p.height * p.width > 1
            else {}
        ),
    ),
    Mistake(
        "pair-for-each-group",
        "The groups share mean and variance; scale and shift belong to each channel.",
        lambda p: {"trained": 2 * p.groups} if p.kind == "group" and p.groups < p.channels else {},
    ),
    Mistake(
        "statistics-kept",
        "This layer computes mean and variance anew from each example and keeps none.",
        lambda p: {} if p.kind == "batch" else {"kept": 2 * p.channels},
    ),
    Mistake(
        "no-statistics",
        "For use after training it keeps a running mean and a running variance of each channel.",
        lambda p: {"kept": 0} if p.kind == "batch" else {},
    ),
    Mistake(
        "one-statistic",
        "It keeps two statistics of each channel: a mean and a variance.",
        lambda p: {"kept": p.channels} if p.kind == "batch" else {},
    ),
)


def steps(p: Params) -> dict:
    """Return the name of the layer, and how many pairs of scale and shift it trains."""
    return {"name": KINDS[p.kind], "pairs": _trained(p) // 2}
