"""Beam search in a bigram model, and whether the search or the model is to blame for an error."""

import math
from dataclasses import dataclass
from itertools import permutations

import numpy as np

from problems.answers import Choice, Real, Vector
from problems.core import Array, Mistake, ParamError, param
from problems.drawing import Draw
from problems.engine import text

BLAME = {
    "search": "the beam search, which missed the better-rated sequence",
    "model": "the model, which rates the worse sequence higher",
}
FLAT = tuple(permutations((0.4, 0.35, 0.25))) + tuple(permutations((0.45, 0.3, 0.25)))
PEAKED = tuple(permutations((0.8, 0.15, 0.05))) + tuple(permutations((0.7, 0.2, 0.1)))


@dataclass(frozen=True)
class Params:
    """The model's probabilities, the search, and the sequence that a person expected."""

    types: int = param("tokens of the vocabulary, numbered from 1", 2, 10)
    start: Array = param("probability of each first token, shape (types,)", 1e-6, 1)
    transition: Array = param(
        "probability of each next token (column) after a token (row), shape (types, types)", 1e-6, 1
    )
    steps: int = param("tokens of a sequence", 2, 6)
    beam: int = param("beam width", 1, 10)
    alpha: float = param("length normalisation: the score is ln P / length^alpha", 0, 1)
    expected: tuple[int, ...] = param("the sequence that a person expected", 1, 10)

    def __post_init__(self) -> None:
        """Refuse tables of other sizes, and probabilities that do not sum to 1."""
        if self.types**self.steps > 4096:
            raise ParamError("steps", "there may be at most 4096 sequences, types^steps.")
        if self.start.shape != (self.types,) or self.transition.shape != (self.types, self.types):
            raise ParamError("transition", "give a start for each type, and a row and a column.")
        if not np.allclose([self.start.sum(), *self.transition.sum(axis=1)], 1, atol=1e-6):
            raise ParamError("transition", "each row, and start, must sum to 1.")
        if len(self.expected) != self.steps or max(self.expected) > self.types:
            raise ParamError("expected", f"give {self.steps} tokens from 1 to {self.types}.")
        if _ties(self):
            raise ParamError("transition", "two beginnings tie where the search must choose.")
        if self.expected == _found(self):
            raise ParamError("expected", "it is what the search finds: then nobody is to blame.")


def _probability(p: Params, tokens: tuple[int, ...]) -> float:
    """Return ln P of tokens numbered from 1."""
    return text.sequence_log_probability(p.start, p.transition, [k - 1 for k in tokens])


def _found(p: Params, beam: int = 0) -> tuple[int, ...]:
    """Return the best sequence of a beam search, numbered from 1."""
    beams = text.beam_search(p.start, p.transition, p.steps, beam or p.beam)[-1]
    return tuple(k + 1 for k in beams[0][0])


def _ties(p: Params) -> bool:
    """Return whether the search must choose between beginnings of equal probability."""
    kept: list[tuple[int, ...]] = [()]
    for step in range(p.steps):
        rated = sorted(
            (
                (_probability(p, tokens), tokens)
                for begin in kept
                for tokens in ((*begin, k + 1) for k in range(p.types))
            ),
            reverse=True,
        )
        places = {p.beam} | ({1} if step == p.steps - 1 else set())
        if any(n < len(rated) and rated[n - 1][0] - rated[n][0] < 1e-9 for n in places):
            return True
        kept = [tokens for _, tokens in rated[: p.beam]]
    return False


VERSION = 1
PARTS = {"found": Vector(decimals=0), "score": Real(decimals=3), "blame": Choice(options=BLAME)}


def draw(r: Draw) -> Params:
    """Draw a model in which the likeliest first token leads to flat probabilities."""
    start = r.choice("start", [np.array(row) for row in permutations((0.5, 0.3, 0.2))])
    best = int(start.argmax())
    rows = r.sample("peaked", PEAKED, 3)
    flat = r.choice("flat", FLAT)
    transition = np.array([flat if k == best else row for k, row in enumerate(rows)])
    steps, beam = r.choice("steps", (2, 3, 3)), r.choice("beam", (2, 2, 2, 1))
    return Params(
        types=r.int("types", 3, 3),
        start=start,
        transition=r.choice("transition", (transition,)),
        steps=steps,
        beam=beam,
        alpha=r.choice("alpha", (0.0, 1.0, 0.5, 1.0)),
        expected=r.choice("expected", _likely(start, transition, steps, beam)),
    )


def _likely(start: Array, transition: Array, steps: int, beam: int) -> list[tuple[int, ...]]:
    """Return the likeliest sequences but for what the search finds, numbered from 1."""
    if start.ndim != 1 or transition.shape != (len(start), len(start)):
        return [(1,) * steps]  # pins that Params refuses
    found = text.beam_search(start, transition, steps, beam)[-1][0][0]
    best = text.beam_search(start, transition, steps, 64)[-1]
    return [tuple(k + 1 for k in tokens) for tokens, _ in best[:4] if tokens != found]


def answer(p: Params) -> dict:
    """Search, rate what was found, and compare it with what was expected."""
    found = _found(p)
    score = _probability(p, found)
    better = _probability(p, p.expected) > score
    return {
        "found": found,
        "score": score / p.steps**p.alpha,
        "blame": "search" if better else "model",
    }


def witness(p: Params) -> dict:
    """Rate all sequences of each length in PyTorch, and keep those whose beginning was kept."""
    import torch

    start, transition = torch.tensor(p.start).log(), torch.tensor(p.transition).log()
    scores = start  # one axis for each token: scores[a, b, c] = ln P(a, b, c)
    kept = torch.zeros_like(scores, dtype=torch.bool)
    for step in range(p.steps):
        if step:
            scores = scores[..., None] + transition
            scores = scores.masked_fill(~kept[..., None], -math.inf)
            kept = torch.zeros_like(scores, dtype=torch.bool)
        best = scores.flatten().topk(min(p.beam, scores.numel())).indices
        kept.view(-1)[best] = True
    place = torch.unravel_index(scores.argmax(), scores.shape)
    chain = [start[p.expected[0] - 1]]
    chain += [transition[a - 1, b - 1] for a, b in zip(p.expected, p.expected[1:], strict=False)]
    better = torch.stack(chain).sum() > scores.max()
    return {
        "found": [int(k) + 1 for k in place],
        "score": scores.max().item() / p.steps**p.alpha,
        "blame": "search" if better else "model",
    }


def _instead(p: Params, found: tuple[int, ...]) -> dict:
    """Return the parts that follow from finding another sequence."""
    right = _found(p)
    if found == right:
        return {}
    score = _probability(p, found)
    same = math.isclose(score, _probability(p, right), abs_tol=2e-3)
    return {"found": found} | ({} if same else {"score": score / p.steps**p.alpha})


def _by_sum(p: Params) -> tuple[int, ...]:
    """Return what a search finds that adds probabilities instead of multiplying them."""
    kept = sorted(((float(-q), (k,)) for k, q in enumerate(p.start)))[: p.beam]
    for _ in range(p.steps - 1):
        longer = [
            (score - float(q), (*tokens, k))
            for score, tokens in kept
            for k, q in enumerate(p.transition[tokens[-1]])
        ]
        kept = sorted(longer)[: p.beam]
    return tuple(k + 1 for k in kept[0][1])


def _all_sequences(p: Params) -> tuple[int, ...]:
    """Return the most likely sequence of all."""
    return _found(p, p.types**p.steps)


def _score(p: Params, score: float) -> dict:
    return {} if math.isclose(score, answer(p)["score"], abs_tol=2e-3) else {"score": score}


MISTAKES = (
    Mistake(
        "greedy",
        "This keeps the best token at each step; a beam keeps several beginnings.",
        lambda p: _instead(p, _found(p, 1)) if p.beam > 1 else {},
    ),
    Mistake(
        "all-sequences",
        "This is the most likely of all sequences; the search has dropped its beginning.",
        lambda p: _instead(p, _all_sequences(p)),
    ),
    Mistake(
        "probabilities-added",
        "Probabilities along a sequence are multiplied, or their logarithms added.",
        lambda p: _instead(p, _by_sum(p)),
    ),
    Mistake(
        "first-token-forgotten",
        "The first token has a probability too.",
        lambda p: _score(
            p,
            (_probability(p, _found(p)) - math.log(p.start[_found(p)[0] - 1])) / p.steps**p.alpha,
        ),
    ),
    Mistake(
        "not-normalised",
        "The score is divided by a power of the length.",
        lambda p: _score(p, _probability(p, _found(p))) if p.alpha else {},
    ),
    Mistake(
        "divided-by-length",
        "The score is not divided by the length itself here: look at its power.",
        lambda p: _score(p, _probability(p, _found(p)) / p.steps) if p.alpha != 1 else {},
    ),
    Mistake(
        "probability-for-logarithm",
        "This is the probability; the score goes by its logarithm.",
        lambda p: _score(p, math.exp(_probability(p, _found(p))) / p.steps**p.alpha),
    ),
    Mistake(
        "sign",
        "The logarithm of a probability is negative.",
        lambda p: _score(p, -answer(p)["score"]),
    ),
    Mistake(
        "blame-reversed",
        "If the model rates the expected sequence higher, it did its part.",
        lambda p: {"blame": "model" if answer(p)["blame"] == "search" else "search"},
    ),
)


def steps(p: Params) -> dict:
    """Return what the search keeps after each step, and the two sequences' probabilities."""
    history = text.beam_search(p.start, p.transition, p.steps, p.beam)
    found = _found(p)
    return {
        "history": [
            [{"tokens": [k + 1 for k in tokens], "p": math.exp(score)} for tokens, score in beams]
            for beams in history
        ],
        "log": _probability(p, found),
        "p": math.exp(_probability(p, found)),
        "expected": math.exp(_probability(p, p.expected)),
        "normaliser": p.steps**p.alpha,
    }
