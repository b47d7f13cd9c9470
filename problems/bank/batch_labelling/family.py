"""Targets of a training batch: one-hot rows, class numbers, or one 0/1 for each class and image."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from problems.answers import Matrix, Vector
from problems.core import Array, Mistake, ParamError, param
from problems.drawing import Draw

CLASSES = (
    ("dog", "cat", "bird"),
    ("cat", "bird", "dog"),
    ("tram", "car", "bus", "bike"),
    ("plum", "apple", "pear", "fig"),
    ("sun", "rain", "snow"),
    ("zebra", "lion", "ape", "frog"),
)


def _labels(raw: Any) -> tuple[tuple[int, ...], ...]:
    """Read each image's classes: 1 to 32 images."""
    images = tuple(tuple(sorted(set(labels))) for labels in raw)
    if not 1 <= len(images) <= 32 or not all(
        type(k) is int and 0 <= k < 16 for labels in images for k in labels
    ):
        raise ValueError("There are 1 to 32 images, and places from 0.")
    return images


@dataclass(frozen=True)
class Params:
    """The classes in their order, each image's labels, and the form of the targets."""

    classes: tuple[str, ...] = param("names of the classes, in the model's order", max_length=16)
    labels: tuple[tuple[int, ...], ...] = param(
        "places (from 0) of each image's classes",
        read=_labels,
        form="a list with a list of class places (from 0) for each image",
    )
    target: str = param("form of the targets", options=("one-hot", "index", "multi-hot"))
    first: int = param("number of the first class", 0, 1)

    def __post_init__(self) -> None:
        """Refuse labels that the classes or the form of the targets do not allow."""
        if len(set(self.classes)) != len(self.classes) or len(self.classes) < 2:
            raise ParamError("classes", "give two different names or more.")
        if any(not name.strip() or set(name) & set("|`*$<>\n") for name in self.classes):
            raise ParamError("classes", "give names without signs of Markdown.")
        if any(k >= len(self.classes) for labels in self.labels for k in labels):
            raise ParamError("labels", f"each place must lie within 0..{len(self.classes) - 1}.")
        if self.target != "multi-hot" and any(len(labels) != 1 for labels in self.labels):
            raise ParamError("labels", f"with {self.target} targets an image has one class.")


VERSION = 1
PARTS = {"targets": Matrix(decimals=0)}


def parts(p: Params) -> dict:
    """Ask for a list of class numbers, or for a row for each image."""
    kinds = {"index": Vector(decimals=0), "one-hot": Matrix(decimals=0)}
    return {"targets": kinds.get(p.target, Matrix(decimals=2))}


def draw(r: Draw) -> Params:
    """Draw three to five images; several classes an image for 0/1 targets."""
    classes = r.choice("classes", CLASSES)
    target = r.choice("target", ("one-hot", "index", "multi-hot"))
    count = len(classes)
    single = [(k,) for k in range(count)]
    several = [(j, k) for j in range(count) for k in range(j + 1, count)]
    images = r.choice("images", (count, count, count + 1))
    return Params(
        classes=classes,
        labels=r.sample("labels", single + several if target == "multi-hot" else single, images),
        target=target,
        first=r.choice("first", (0, 0, 1)) if target == "index" else r.int("first", 0, 0),
    )


def answer(p: Params) -> dict:
    """Write a 1 at each class of an image; or its number."""
    return {"targets": _numbers(p) + p.first if p.target == "index" else _hot(p)}


def _numbers(p: Params) -> Array:
    return np.array([labels[0] for labels in p.labels], dtype=np.float64)


def _hot(p: Params, order: tuple[str, ...] = ()) -> Array:
    """Return a row of 0 and 1 for each image, shape (images, classes)."""
    order = order or p.classes
    rows = np.zeros((len(p.labels), len(p.classes)))
    for row, labels in zip(rows, p.labels, strict=True):
        row[[order.index(p.classes[k]) for k in labels]] = 1
    return rows


def witness(p: Params) -> dict:
    """Use torch's one_hot, summed over an image's labels; compare names for the numbers."""
    import torch

    if p.target == "index":
        names = [p.classes[labels[0]] for labels in p.labels]
        same = torch.tensor([[name == c for c in p.classes] for name in names])
        return {"targets": (same.int().argmax(1) + p.first).tolist()}
    hot = [
        torch.nn.functional.one_hot(torch.tensor(k, dtype=torch.long), len(p.classes)).sum(0)
        for k in p.labels
    ]
    return {"targets": torch.stack(hot).numpy()}


def _wrong(p: Params, targets: Array) -> dict:
    """Return wrong targets where they differ and can be told: of the key's shape."""
    key = answer(p)["targets"]
    same = targets.shape == key.shape and not np.array_equal(targets, key)
    return {"targets": targets} if same else {}


def _in_order(p: Params, order: tuple[str, ...]) -> dict:
    if p.target != "index":
        return _wrong(p, _hot(p, order))
    numbers = [order.index(p.classes[k]) + p.first for k in _numbers(p).astype(int)]
    return _wrong(p, np.array(numbers, dtype=np.float64))


def _appearance(p: Params) -> tuple[str, ...]:
    """Return the classes in the order in which the batch first shows them."""
    seen = dict.fromkeys(k for labels in p.labels for k in labels)
    return tuple(p.classes[k] for k in (*seen, *(set(range(len(p.classes))) - set(seen))))


MISTAKES = (
    Mistake(
        "transposed",
        "Each row is one image, and each column one class.",
        lambda p: {} if p.target == "index" else _wrong(p, _hot(p).T),
    ),
    Mistake(
        "other-first-number",
        "Look at the number that the first class has here.",
        lambda p: _wrong(p, _numbers(p) + 1 - p.first) if p.target == "index" else {},
    ),
    Mistake(
        "rows-sum-to-one",
        "Each class has its own yes or no here: a row with several classes has several ones.",
        lambda p: (
            _wrong(p, _hot(p) / np.maximum(_hot(p).sum(axis=1, keepdims=True), 1))
            if p.target == "multi-hot"
            else {}
        ),
    ),
    Mistake(
        "first-label-only",
        "An image may show several classes, and each of them gets a 1.",
        lambda p: (
            _wrong(p, _hot(Params(p.classes, tuple(k[:1] for k in p.labels), p.target, p.first)))
            if p.target == "multi-hot"
            else {}
        ),
    ),
    Mistake(
        "alphabetical",
        "The classes have the order that is given, not the alphabet's.",
        lambda p: _in_order(p, tuple(sorted(p.classes))),
    ),
    Mistake(
        "order-of-appearance",
        "The classes have the order that is given, not that in which the batch shows them.",
        lambda p: _in_order(p, _appearance(p)),
    ),
    Mistake(
        "minus-one-for-no",
        "A class that an image does not show gets 0, not −1.",
        lambda p: {} if p.target == "index" else _wrong(p, 2 * _hot(p) - 1),
    ),
)


def steps(p: Params) -> dict:
    """Return the names of each image's classes."""
    return {"names": [[p.classes[k] for k in labels] for labels in p.labels]}
