"""n-gram probabilities from a corpus, by counting, with or without add-k smoothing.

The conventions of Jurafsky & Martin, chapter 3: n - 1 start tokens before each sentence, one end
token after it, and the end token belongs to the vocabulary while the start token does not.
"""

import math
from dataclasses import dataclass

from problems.answers import Integer, Real
from problems.core import Mistake, ParamError, param
from problems.drawing import Draw
from problems.engine import text
from problems.engine.text import END, START

CORPORA = (
    "the cat sees the dog",
    "the dog sees the cat",
    "a cat sees a dog",
    "the dog sees a bird",
    "a bird sees the cat",
    "the cat likes the bird",
    "a dog likes the cat",
    "the bird likes a dog",
    "the dog runs",
    "a cat runs",
    "the cat sleeps",
    "a bird sleeps",
)


@dataclass(frozen=True)
class Params:
    """The corpus, the order of the model, and the probability that is asked for."""

    sentences: tuple[str, ...] = param("sentences, with spaces between words", max_length=32)
    n: int = param("order of the model: tokens of an n-gram", 1, 5)
    context: tuple[str, ...] = param("the n - 1 words before; <s> for a start token", max_length=5)
    word: str = param("the word whose probability is asked for; </s> for the end")
    k: float = param("smoothing: k is added to every count; 0 for none", 0, 10)

    def __post_init__(self) -> None:
        """Refuse a context of another length, or one that the counts do not know."""
        words = [w for s in self.sentences for w in s.split()]
        if not words or any(w in (START, END) or "`" in w or "|" in w for w in words):
            raise ParamError("sentences", "give sentences of words, without <s> and </s>.")
        if len(_context(self)) != self.n - 1:
            raise ParamError("context", f'give n - 1 = {self.n - 1} words; [""] for none.')
        if self.word not in (*words, END):
            raise ParamError("word", "it must occur in the sentences, or be </s>.")
        if any(w not in (*words, START) for w in _context(self)):
            raise ParamError("context", "its words must occur in the sentences, or be <s>.")
        if not _seen(self) + self.k:
            raise ParamError("context", "it never occurs, and there is no smoothing.")


def _context(p: Params) -> tuple[str, ...]:
    return tuple(w for w in p.context if w)


def _split(p: Params) -> list[list[str]]:
    return [sentence.split() for sentence in p.sentences]


def _counts(p: Params, n: int, *, end: bool = True) -> dict[tuple[str, ...], int]:
    return text.ngram_counts(_split(p), n, end=end)


def _seen(p: Params, *, end: bool = True) -> int:
    """Return how often the context is followed by a token."""
    context = _context(p)
    return sum(c for gram, c in _counts(p, p.n, end=end).items() if gram[:-1] == context)


VERSION = 2
PARTS = {"context": Integer(), "probability": Real(decimals=3)}


def draw(r: Draw) -> Params:
    """Draw three to six sentences, and an n-gram of which at least the context is in them."""
    sentences = r.sample("sentences", CORPORA, r.int("corpus", 3, 6))
    n = r.choice("n", (2, 2, 2, 3))
    k = r.choice("k", (0.0, 0.0, 0.05, 0.1, 0.2, 0.25, 0.4, 0.5, 1.0, 1.0, 1.5, 2.0, 3.0))
    grams = sorted(text.ngram_counts([s.split() for s in sentences], n))
    gram = r.choice("gram", grams)
    words = [*sorted({w for s in sentences for w in s.split()}), END]
    context = r.choice("context", (gram[:-1],))
    return Params(
        sentences=sentences,
        n=n,
        context=context,
        word=r.choice("word", words if k and r.choice("any_word", (False, True)) else gram[-1:]),
        k=k,
    )


def answer(p: Params) -> dict:
    """Count."""
    probability = text.ngram_probability(_split(p), _context(p), p.word, k=p.k)
    return {"context": _seen(p), "probability": probability}


def witness(p: Params) -> dict:
    """Unfold each sentence, as token numbers, in PyTorch, and compare with the n-gram."""
    import torch

    sentences = [f"{START} " * (p.n - 1) + f"{s} {END}" for s in p.sentences]
    numbers = {w: k for k, w in enumerate(sorted({w for s in sentences for w in s.split()}))}
    wanted = torch.tensor([numbers.get(w, -1) for w in (*_context(p), p.word)])
    rows = torch.cat(
        [torch.tensor([numbers[w] for w in s.split()]).unfold(0, p.n, 1) for s in sentences]
    )
    follows = (rows[:, :-1] == wanted[:-1]).all(1)
    both = (follows & (rows[:, -1] == wanted[-1])).sum().item()
    types = len(numbers) - (p.n > 1)
    seen = int(follows.sum())
    return {"context": seen, "probability": (both + p.k) / (seen + p.k * types)}


def _parts(p: Params) -> tuple[int, int, int]:
    """Return the counts of the n-gram and of its context, and the number of types."""
    types = len({w for s in _split(p) for w in s}) + 1
    return _counts(p, p.n).get((*_context(p), p.word), 0), _seen(p), types


def _wrong(p: Params, above: float, below: float) -> dict:
    """Return a wrong fraction, where it is one and another one."""
    if not below:
        return {}
    wrong = above / below
    right = answer(p)["probability"]
    return {} if math.isclose(wrong, right) else {"probability": wrong}


def _end_forgotten(p: Params) -> dict:
    """Return what counting without end tokens gives."""
    if p.word == END:
        return {}
    both, _, types = _parts(p)
    seen = _seen(p, end=False)
    wrong = _wrong(p, both + p.k, seen + p.k * (types - 1))
    return wrong | ({} if seen == _seen(p) else {"context": seen})


MISTAKES = (
    Mistake(
        "end-token-forgotten",
        "The end token counts as a token: it follows the last word, and belongs to the types.",
        _end_forgotten,
    ),
    Mistake(
        "divided-by-all-tokens",
        "Divide by how often the context occurs, not by the number of all tokens.",
        lambda p: _wrong(p, _parts(p)[0] + p.k, sum(_counts(p, 1).values())),
    ),
    Mistake(
        "word-for-context",
        "This is the word's own share; only its occurrences after the context count.",
        lambda p: (
            _wrong(p, _counts(p, 1).get((p.word,), 0), sum(_counts(p, 1).values()))
            if p.n > 1
            else {}
        ),
    ),
    Mistake(
        "divided-by-word",
        "Divide by the count of the context, not of the word.",
        lambda p: _wrong(p, _parts(p)[0] + p.k, _counts(p, 1).get((p.word,), 0)),
    ),
    Mistake(
        "k-added-once-below",
        "Below the line $k$ is added once for **each** type of the vocabulary.",
        lambda p: _wrong(p, _parts(p)[0] + p.k, _parts(p)[1] + p.k) if p.k else {},
    ),
    Mistake(
        "k-added-above-only",
        "What is added above must be added below too, for each type.",
        lambda p: _wrong(p, _parts(p)[0] + p.k, _parts(p)[1]) if p.k else {},
    ),
    Mistake(
        "not-smoothed",
        "This is without smoothing; an n-gram that never occurs has a share too.",
        lambda p: _wrong(p, _parts(p)[0], _parts(p)[1]) if p.k else {},
    ),
    Mistake(
        "smoothed",
        "There is no smoothing here.",
        lambda p: {} if p.k else _wrong(p, _parts(p)[0] + 1, _parts(p)[1] + _parts(p)[2]),
    ),
    Mistake(
        "tokens-for-types",
        "Smoothing adds $k$ for each **different** token, however often it occurs.",
        lambda p: (
            _wrong(p, _parts(p)[0] + p.k, _parts(p)[1] + p.k * sum(_counts(p, 1).values()))
            if p.k
            else {}
        ),
    ),
    Mistake(
        "start-token-a-type",
        "The start token is never predicted: it is no type of the vocabulary.",
        lambda p: (
            _wrong(p, _parts(p)[0] + p.k, _parts(p)[1] + p.k * (_parts(p)[2] + 1))
            if p.k and p.n > 1
            else {}
        ),
    ),
)


def steps(p: Params) -> dict:
    """Return the counts, the padded sentences, and the n-gram as it is written."""
    both, seen, types = _parts(p)
    context = _context(p)
    return {
        "both": both,
        "seen": seen,
        "types": types,
        "words": sorted({w for s in _split(p) for w in s}),
        "padded": [" ".join(text.padded(s, p.n)) for s in _split(p)],
        "context": " ".join(context),
        "gram": " ".join((*context, p.word)),
    }
