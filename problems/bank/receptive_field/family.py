"""Receptive field and jump of one output behind a stack of convolutions and poolings."""

import math
from dataclasses import dataclass

from problems.answers import Integer
from problems.core import Mistake, ParamError, param
from problems.drawing import Draw
from problems.engine.shapes import receptive_fields

LARGEST_FIELD = 1_000_000


@dataclass(frozen=True)
class Params:
    """Kernel, stride and dilation of each layer, the layer next to the input first."""

    kernels: tuple[int, ...] = param("window of each layer, along one axis", 1, 1024)
    strides: tuple[int, ...] = param("stride of each layer", 1, 1024)
    dilations: tuple[int, ...] = param("dilation of each layer", 1, 1024)

    def __post_init__(self) -> None:
        """Refuse lists of different lengths, and fields beyond any image."""
        layers = len(self.kernels)
        if not layers:
            raise ParamError("kernels", "give at least one layer.")
        for name in ("strides", "dilations"):
            if len(getattr(self, name)) != layers:
                raise ParamError(name, f"give one for each of the {layers} layers; pin all three.")
        if max(receptive_fields(self.kernels, self.strides, self.dilations)[-1]) > LARGEST_FIELD:
            raise ParamError("kernels", f"the field may span {LARGEST_FIELD} positions at most.")


VERSION = 1
PARTS = {"field": Integer(), "jump": Integer()}


def draw(r: Draw) -> Params:
    """Draw three or four layers, of which some have strides and some are dilated."""
    layers = r.choice("layers", (3, 3, 4))
    return Params(
        kernels=r.sample("kernels", (2, 3, 3, 4, 5), layers),
        strides=r.sample("strides", (1, 2, 2, 3), layers),
        dilations=r.sample("dilations", (1, 1, 2), layers),
    )


def answer(p: Params) -> dict:
    """Go through the layers from the input on."""
    field, jump = _fields(p)[-1]
    return {"field": field, "jump": jump}


def witness(p: Params) -> dict:
    """Run convolutions in PyTorch; the gradients of two neighbouring outputs say what each saw."""
    import torch

    field, jump = _fields(p)[-1]
    x = torch.ones(1, 1, 2 * (field + jump), dtype=torch.float64, requires_grad=True)
    y = x
    for kernel, stride, dilation in zip(p.kernels, p.strides, p.dilations, strict=True):
        weights = torch.full((1, 1, kernel), 1 / kernel, dtype=torch.float64)
        y = torch.nn.functional.conv1d(y, weights, stride=stride, dilation=dilation)
    seen = [
        torch.autograd.grad(y[0, 0, place], x, retain_graph=True)[0][0, 0].nonzero()[:, 0]
        for place in (0, 1)
    ]
    return {
        "field": int(seen[0].max() - seen[0].min()) + 1,
        "jump": int(seen[1].min() - seen[0].min()),
    }


def _fields(p: Params, dilations: tuple[int, ...] | None = None) -> list[tuple[int, int]]:
    return receptive_fields(p.kernels, p.strides, dilations or p.dilations)


def _reaches(p: Params) -> list[int]:
    """Return by how many positions of its own input each layer's window goes beyond the first."""
    return [d * (k - 1) for k, d in zip(p.kernels, p.dilations, strict=True)]


def _sum(reaches: list[int], jumps: list[int]) -> int:
    return 1 + sum(reach * jump for reach, jump in zip(reaches, jumps, strict=True))


def _jumps(p: Params) -> list[int]:
    """Return the jump behind each layer."""
    return [jump for _, jump in _fields(p)]


def _if_strided(p: Params, values: dict) -> dict:
    return values if max(p.strides) > 1 else {}


MISTAKES = (
    Mistake(
        "kernels-added",
        "Windows overlap, and strides spread them: the lengths of the windows do not just add up.",
        lambda p: {"field": sum(p.kernels)} if len(p.kernels) > 1 else {},
    ),
    Mistake(
        "strides-ignored",
        "After a layer with a stride, neighbouring positions lie further apart in the input.",
        lambda p: (
            {"field": _sum(_reaches(p), [1] * len(p.kernels))}
            if max(p.strides[:-1] or (1,)) > 1
            else {}
        ),
    ),
    Mistake(
        "own-stride-used",
        "A layer's window is spread by the strides of the layers before it, not by its own.",
        lambda p: _if_strided(p, {"field": _sum(_reaches(p), _jumps(p))}),
    ),
    Mistake(
        "only-the-stride-before",
        "All strides before a layer spread its window, not only that of its neighbour.",
        lambda p: (
            {"field": _sum(_reaches(p), [1, *p.strides[:-1]])}
            if [1, *p.strides[:-1]] != [1, *_jumps(p)[:-1]]
            else {}
        ),
    ),
    Mistake(
        "dilation-ignored",
        "A dilated window of $k$ spans $d(k-1)+1$ positions.",
        lambda p: (
            {"field": _fields(p, (1,) * len(p.kernels))[-1][0]} if max(p.dilations) > 1 else {}
        ),
    ),
    Mistake(
        "first-position-forgotten",
        "The field of a position of the input itself is 1, not 0: start there.",
        lambda p: {"field": _fields(p)[-1][0] - 1},
    ),
    Mistake(
        "last-layer-twice",
        "The last layer is counted twice here.",
        lambda p: {"field": _fields(p)[-1][0] + _reaches(p)[-1] * [1, *_jumps(p)][-2]},
    ),
    Mistake(
        "jump-for-field",
        "The product of the strides is how far apart two outputs look, not how much one sees.",
        lambda p: {"field": _jumps(p)[-1]},
    ),
    Mistake(
        "last-stride-forgotten",
        "The stride of the last layer, too, sets its outputs apart.",
        lambda p: {"jump": [1, *_jumps(p)][-2]} if p.strides[-1] > 1 else {},
    ),
    Mistake(
        "strides-added",
        "Each stride multiplies the distance that the layers before it have set.",
        lambda p: {"jump": sum(p.strides)} if sum(p.strides) != math.prod(p.strides) else {},
    ),
    Mistake(
        "only-the-last-stride",
        "The positions that the last layer steps over are themselves set apart by earlier strides.",
        lambda p: {"jump": p.strides[-1]} if max(p.strides[:-1] or (1,)) > 1 else {},
    ),
)


def steps(p: Params) -> dict:
    """Return field and jump before and behind each layer."""
    rows, field, jump = [], 1, 1
    layers = zip(p.kernels, p.strides, p.dilations, _fields(p), strict=True)
    for kernel, stride, dilation, (next_field, next_jump) in layers:
        rows.append(
            {
                "k": kernel,
                "s": stride,
                "d": dilation,
                "before": field,
                "jump_before": jump,
                "field": next_field,
                "jump": next_jump,
            }
        )
        field, jump = next_field, next_jump
    return {"rows": rows}
