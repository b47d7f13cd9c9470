"""Cosine similarity of word vectors, and analogies by vector offsets (Mikolov et al. 2013)."""

from dataclasses import dataclass

import numpy as np

from problems.answers import Choice, Real, Vector
from problems.core import Array, Mistake, ParamError, param
from problems.drawing import Draw

SETS = (
    ("man", "king", "woman", "queen", "prince", "child"),
    ("France", "Paris", "Italy", "Rome", "Milan", "Europe"),
    ("walk", "walked", "swim", "swam", "swimming", "water"),
    ("small", "smaller", "big", "bigger", "biggest", "large"),
    ("dog", "puppy", "cat", "kitten", "lion", "pet"),
)


@dataclass(frozen=True)
class Params:
    """Six words: a is to b as c is to one of the last three."""

    width: int = param("length of a word vector", 2, 16)
    words: tuple[str, ...] = param("the words a, b, c and three candidates")
    E: Array = param("their vectors, shape (6, width)", -100, 100)

    def __post_init__(self) -> None:
        """Refuse words that cannot be told apart, and vectors without a direction."""
        if len(self.words) != 6 or len({word.casefold().strip() for word in self.words}) != 6:
            raise ParamError("words", "give six different words.")
        if (np.abs(self.E).max(axis=1) < 1e-6).any() or np.abs(self._target()).max() < 1e-6:
            raise ParamError("E", "neither a vector nor b - a + c may be zero.")

    def _target(self) -> Array:
        a, b, c = self.E[:3]
        return b - a + c


VERSION = 1
PARTS = {
    "cosine": Real(decimals=3),
    "target": Vector(decimals=2),
    "word": Choice(options={word: word for word in SETS[0][3:]}),
}


def parts(p: Params) -> dict:
    """Offer the three candidates."""
    return PARTS | {"word": Choice(options={word: word for word in p.words[3:]})}


def draw(r: Draw) -> Params:
    """Draw short vectors; nothing makes the real fourth word come out."""
    width = r.int("width", 2, 3)
    return Params(width=width, words=r.choice("words", SETS), E=r.array("E", (6, width), -3, 3, 1))


def answer(p: Params) -> dict:
    """Compare by the cosine."""
    a, b, c = p.E[:3]
    target = b - a + c
    return {"cosine": _cosine(a, b), "target": target, "word": _nearest(p, target)}


def _cosine(u: Array, v: Array) -> float:
    return float(u @ v / (np.linalg.norm(u) * np.linalg.norm(v)))


def _nearest(p: Params, target: Array) -> str:
    return max(p.words[3:], key=lambda word: _cosine(p.E[p.words.index(word)], target))


def witness(p: Params) -> dict:
    """Use torch's cosine_similarity, on all candidates at once."""
    import torch

    E = torch.tensor(p.E)
    target = torch.stack([-E[0], E[1], E[2]]).sum(0)
    cosine = torch.nn.functional.cosine_similarity
    best = cosine(E[3:], target[None]).argmax().item()
    return {
        "cosine": cosine(E[0], E[1], dim=0).item(),
        "target": target.numpy(),
        "word": p.words[3 + int(best)],
    }


def _wrong_target(p: Params, target: Array) -> dict:
    """Return a wrong target, and the word that it leads to where that is another one."""
    if not target.any():
        return {"target": target}
    word = _nearest(p, target)
    found = {} if word == _nearest(p, p.E[1] - p.E[0] + p.E[2]) else {"word": word}
    return {"target": target} | found


def _by_distance(p: Params) -> dict:
    target = p.E[1] - p.E[0] + p.E[2]
    distances = np.linalg.norm(p.E[3:] - target, axis=1)
    word = p.words[3 + int(distances.argmin())]
    return {} if word == _nearest(p, target) else {"word": word}


def _by_dot(p: Params) -> dict:
    target = p.E[1] - p.E[0] + p.E[2]
    word = p.words[3 + int((p.E[3:] @ target).argmax())]
    return {} if word == _nearest(p, target) else {"word": word}


MISTAKES = (
    Mistake(
        "dot-for-cosine",
        "This is the dot product: divide by both lengths.",
        lambda p: {"cosine": p.E[0] @ p.E[1]} | _by_dot(p),
    ),
    Mistake(
        "distance-for-similarity",
        "This goes by the distance; the cosine looks at the angle between the vectors alone.",
        lambda p: {"cosine": np.linalg.norm(p.E[0] - p.E[1])} | _by_distance(p),
    ),
    Mistake(
        "one-minus-cosine",
        "This is the cosine distance, 1 minus the similarity.",
        lambda p: {"cosine": 1 - _cosine(p.E[0], p.E[1])},
    ),
    Mistake(
        "squared-lengths",
        "Divide by the lengths, not by their squares: the roots are missing.",
        lambda p: {"cosine": p.E[0] @ p.E[1] / ((p.E[0] @ p.E[0]) * (p.E[1] @ p.E[1]))},
    ),
    Mistake(
        "one-length",
        "Divide by the lengths of both vectors, not of one.",
        lambda p: {"cosine": p.E[0] @ p.E[1] / np.linalg.norm(p.E[0])},
    ),
    Mistake(
        "sign-not-kept",
        "The cosine keeps its sign: vectors that point apart have a negative one.",
        lambda p: {"cosine": abs(_cosine(p.E[0], p.E[1]))} if _cosine(p.E[0], p.E[1]) < 0 else {},
    ),
    Mistake(
        "analogy-reversed",
        "The step goes from the first word to the second: second minus first.",
        lambda p: _wrong_target(p, p.E[0] - p.E[1] + p.E[2]),
    ),
    Mistake(
        "all-added",
        "The first word is left behind: it is subtracted.",
        lambda p: _wrong_target(p, p.E[0] + p.E[1] + p.E[2]),
    ),
    Mistake(
        "step-alone",
        "This is the step from the first word to the second; make it from the third word.",
        lambda p: _wrong_target(p, p.E[1] - p.E[0]) if np.any(p.E[0] != p.E[1]) else {},
    ),
)


def steps(p: Params) -> dict:
    """Return the parts of the cosine, and each candidate's."""
    target = p.E[1] - p.E[0] + p.E[2]
    return {
        "dot": p.E[0] @ p.E[1],
        "lengths": np.linalg.norm(p.E[:2], axis=1),
        "candidates": [
            {"word": word, "cosine": _cosine(p.E[3 + k], target)}
            for k, word in enumerate(p.words[3:])
        ],
    }
