"""Intersection over union of two boxes, and which boxes non-maximum suppression keeps."""

from dataclasses import dataclass

import numpy as np

from problems.answers import Integer, Real
from problems.core import Array, Mistake, ParamError, param
from problems.drawing import Draw
from problems.engine.boxes import area, intersection, iou, suppress


@dataclass(frozen=True)
class Params:
    """Boxes by their upper left corner and size, with scores and a threshold."""

    boxes: int = param("number of boxes", 2, 12)
    left: tuple[int, ...] = param("left edge of each box", 0, 10_000)
    top: tuple[int, ...] = param("upper edge of each box", 0, 10_000)
    width: tuple[int, ...] = param("width of each box", 1, 10_000)
    height: tuple[int, ...] = param("height of each box", 1, 10_000)
    scores: Array = param("score of each box, shape (boxes,)", 0, 1)
    threshold: float = param("largest IoU that a box may have with a kept one", 0, 1)

    def __post_init__(self) -> None:
        """Refuse lists of different lengths, and scores that are equal."""
        for name in ("left", "top", "width", "height", "scores"):
            if len(getattr(self, name)) != self.boxes:
                raise ParamError(name, f"give one for each of the {self.boxes} boxes.")
        if len(set(self.scores.tolist())) < self.boxes:
            raise ParamError("scores", "the scores must differ.")


VERSION = 1
PARTS = {"iou": Real(decimals=3), "kept": Integer()}


def draw(r: Draw) -> Params:
    """Draw four boxes that lie close together."""
    n = r.int("boxes", 4, 4)
    return Params(
        boxes=n,
        left=r.ints("left", n, 0, 4),
        top=r.ints("top", n, 0, 4),
        width=r.ints("width", n, 4, 9),
        height=r.ints("height", n, 4, 9),
        scores=r.array("scores", (n,), 0.3, 0.98, 2),
        threshold=r.choice("threshold", (0.3, 0.4, 0.5)),
    )


def answer(p: Params) -> dict:
    """Compute with the reference engine."""
    boxes = _boxes(p)
    return {"iou": float(iou(boxes[0], boxes[1])), "kept": len(_kept(p))}


def witness(p: Params) -> dict:
    """Compute all overlaps at once in PyTorch, and suppress by a mask."""
    import torch

    corners = torch.tensor(_boxes(p))
    low = torch.maximum(corners[:, None, :2], corners[None, :, :2])
    high = torch.minimum(corners[:, None, 2:], corners[None, :, 2:])
    shared = (high - low).clamp(min=0).prod(dim=2)
    areas = shared.diagonal()
    overlaps = shared / (areas[:, None] + areas[None] - shared)
    alive = torch.ones(p.boxes, dtype=torch.bool)
    for place in torch.tensor(p.scores).argsort(descending=True).tolist():
        if alive[place]:
            alive &= overlaps[place] <= p.threshold
            alive[place] = True
    return {"iou": overlaps[0, 1].item(), "kept": int(alive.sum())}


def _boxes(p: Params) -> Array:
    """Return the boxes as (x1, y1, x2, y2), shape (boxes, 4)."""
    left, top = np.array(p.left), np.array(p.top)
    return np.stack([left, top, left + np.array(p.width), top + np.array(p.height)], axis=1).astype(
        np.float64
    )


def _kept(p: Params) -> list[int]:
    return suppress(_boxes(p), p.scores.tolist(), p.threshold)


def _order(p: Params) -> list[int]:
    """Return the boxes from the highest score to the lowest."""
    return sorted(range(p.boxes), key=lambda i: -p.scores[i])


def _fallen_suppress(p: Params) -> int:
    """Return how many boxes are left if boxes that have fallen suppress others, too."""
    boxes, order = _boxes(p), _order(p)
    return sum(
        all(iou(boxes[index], boxes[other]) <= p.threshold for other in order[:place])
        for place, index in enumerate(order)
    )


def _only_the_best(p: Params) -> int:
    """Return how many boxes are left if only the one with the highest score suppresses."""
    boxes, order = _boxes(p), _order(p)
    return 1 + int((iou(boxes[order[1:]], boxes[order[0]]) <= p.threshold).sum())


def _if_other(p: Params, kept: int) -> dict:
    """Give a number of boxes that this draw can tell from the right one."""
    return {"kept": kept} if kept != len(_kept(p)) else {}


def _two(p: Params) -> tuple[float, float, float]:
    """Return the areas of the first two boxes, and what they share."""
    a, b = _boxes(p)[:2]
    return float(area(a)), float(area(b)), float(intersection(a, b))


def _wrong_iou(p: Params, value: float) -> dict:
    """Give the wrong overlap where the boxes overlap at all."""
    return {"iou": value} if _two(p)[2] else {}


MISTAKES = (
    Mistake(
        "overlap-counted-twice",
        "The two areas together count the overlap twice: take it off once for the union.",
        lambda p: _wrong_iou(p, _two(p)[2] / (_two(p)[0] + _two(p)[1])),
    ),
    Mistake(
        "smaller-area",
        "Divide by the union of both boxes, not by the smaller one.",
        lambda p: _wrong_iou(p, _two(p)[2] / min(_two(p)[:2])),
    ),
    Mistake(
        "larger-area",
        "Divide by the union of both boxes, not by the larger one.",
        lambda p: _wrong_iou(p, _two(p)[2] / max(_two(p)[:2])),
    ),
    Mistake(
        "dice",
        "This is the Dice coefficient, twice the overlap over the sum of the areas.",
        lambda p: _wrong_iou(p, 2 * _two(p)[2] / (_two(p)[0] + _two(p)[1])),
    ),
    Mistake(
        "fallen-boxes-suppress",
        "A box that has been removed does not remove others any more.",
        lambda p: _if_other(p, _fallen_suppress(p)),
    ),
    Mistake(
        "only-the-best-suppresses",
        "After the best box the next one that is left removes its neighbours, and so on.",
        lambda p: _if_other(p, _only_the_best(p)),
    ),
    Mistake(
        "nothing-suppressed",
        "Boxes that overlap too much with a better one are removed.",
        lambda p: _if_other(p, p.boxes),
    ),
    Mistake(
        "only-one-kept",
        "Boxes that overlap little with the kept ones stay as well.",
        lambda p: _if_other(p, 1),
    ),
)


def steps(p: Params) -> dict:
    """Return corners, areas and the decisions of the suppression, best score first."""
    boxes, kept, rows = _boxes(p), [], []
    final = _kept(p)
    for index in _order(p):
        overlaps = [(other + 1, iou(boxes[index], boxes[other])) for other in kept]
        rows.append(
            {
                "number": index + 1,
                "score": p.scores[index],
                "overlaps": overlaps,
                "kept": index in final,
            }
        )
        if index in final:
            kept.append(index)
    first, second, shared = _two(p)
    sides = [
        max(0.0, min(boxes[0][k + 2], boxes[1][k + 2]) - max(boxes[0][k], boxes[1][k]))
        for k in (0, 1)
    ]
    return {
        "corners": boxes.astype(int).tolist(),
        "first": first,
        "second": second,
        "shared": shared,
        "union": first + second - shared,
        "sides": sides,
        "rows": rows,
    }
