"""Language models and sequences of tokens: windows, n-grams, perplexity, BLEU, CTC, beams."""

import math
from collections import Counter
from collections.abc import Sequence
from itertools import groupby, pairwise
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from problems.core import Array

T = TypeVar("T")
Tokens: TypeAlias = NDArray[np.int64]
Beam: TypeAlias = tuple[tuple[int, ...], float]
"""A prefix of token numbers, and the logarithm of its probability."""

START, END, PAD = "<s>", "</s>", "<pad>"


def windows(tokens: Sequence[T], length: int, stride: int = 1) -> list[tuple[T, ...]]:
    """Return all windows of this many neighbouring tokens, from the first token on."""
    starts = range(0, len(tokens) - length + 1, stride)
    return [tuple(tokens[start : start + length]) for start in starts]


def training_windows(tokens: Tokens, context: int) -> tuple[Tokens, Tokens]:
    """Return the inputs (windows, context) and targets (windows,) of a language model.

    tokens (length,); each target is the token behind its inputs, and windows move by one token.
    """
    both = sliding_window_view(tokens, context + 1)
    return both[:, :-1].copy(), both[:, -1].copy()


def masked_perplexity(log_probabilities: Array, mask: NDArray[np.bool_]) -> float:
    """Return exp of the mean of -ln p over the tokens where the mask is True.

    log_probabilities and mask have one shape.
    """
    return float(np.exp(-log_probabilities[mask].mean()))


def padded(sentence: Sequence[str], n: int, *, end: bool = True) -> list[str]:
    """Return the sentence with n - 1 start tokens before it and, with `end`, an end token."""
    return [START] * (n - 1) + list(sentence) + [END] * end


def ngram_counts(
    sentences: Sequence[Sequence[str]], n: int, *, end: bool = True
) -> Counter[tuple[str, ...]]:
    """Return how often each n-gram occurs in the padded sentences."""
    return Counter(gram for s in sentences for gram in windows(padded(s, n, end=end), n))


def ngram_probability(
    sentences: Sequence[Sequence[str]], context: Sequence[str], word: str, *, k: float = 0.0
) -> float:
    """Return (c(context, word) + k) / (c(context) + k V) with the end token among the V types.

    k = 0 is the maximum likelihood estimate (Jurafsky & Martin, ch. 3); nan for 0 / 0.
    """
    counts = ngram_counts(sentences, len(context) + 1)
    seen = sum(count for gram, count in counts.items() if gram[:-1] == tuple(context))
    types = len({w for s in sentences for w in s}) + 1
    below = seen + k * types
    return (counts[(*context, word)] + k) / below if below else math.nan


def token_losses(probabilities: Array, base: float = math.e) -> Array:
    """Return -log of each probability, in nats for base e, of the same shape."""
    return -np.log(probabilities) / math.log(base)


def perplexity(probabilities: Array) -> float:
    """Return exp of the mean -ln p: the inverse of the geometric mean of the probabilities."""
    return float(np.exp(token_losses(probabilities).mean()))


def bleu_precision(
    candidate: Sequence[str], references: Sequence[Sequence[str]], n: int, *, clip: bool = True
) -> tuple[int, int]:
    """Return the matched and all n-grams of the candidate (Papineni et al. 2002).

    With `clip`, an n-gram matches at most as often as the reference that has it most often.
    """
    grams = Counter(windows(candidate, n))
    found = [Counter(windows(reference, n)) for reference in references]
    most = {gram: max(counts[gram] for counts in found) for gram in grams}
    matched = sum(min(c, most[g]) if clip else c * (most[g] > 0) for g, c in grams.items())
    return matched, sum(grams.values())


def brevity_penalty(candidate: int, references: Sequence[int]) -> float:
    """Return min(1, e^(1 - r/c)) with r the nearest reference length, the shorter of two."""
    nearest = min(references, key=lambda length: (abs(length - candidate), length))
    return min(1.0, math.exp(1 - nearest / candidate))


def bleu(candidate: Sequence[str], references: Sequence[Sequence[str]], order: int) -> float:
    """Return BLEU with n-grams up to `order`, equal weights and no smoothing."""
    precisions = [bleu_precision(candidate, references, n) for n in range(1, order + 1)]
    if any(matched == 0 for matched, _ in precisions):
        return 0.0
    mean = sum(math.log(matched / count) for matched, count in precisions) / order
    return brevity_penalty(len(candidate), [len(r) for r in references]) * math.exp(mean)


def edit_distance(a: Sequence[T], b: Sequence[T]) -> int:
    """Return the fewest insertions, deletions and substitutions from a to b (Levenshtein 1966)."""
    above = list(range(len(b) + 1))
    for i, x in enumerate(a, start=1):
        row = [i]
        for j, y in enumerate(b, start=1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (x != y)))
        above = row
    return above[-1]


def ctc_collapse(path: Sequence[str], blank: str) -> tuple[str, ...]:
    """Return the labels of a CTC path: repeats merged first, then blanks left out."""
    return tuple(label for label, _ in groupby(path) if label != blank)


def ctc_paths(labels: Sequence[T], steps: int) -> int:
    """Return how many paths of this many steps collapse to the labels (Graves et al. 2006).

    The forward recursion over the labels with blanks between them, with every step's
    probability set to 1.
    """
    extended: list[T | None] = [None]
    for label in labels:
        extended += [label, None]
    ways = [1, 1, *[0] * len(extended)][: len(extended)]
    for _ in range(steps - 1):
        ways = [
            ways[s]
            + (ways[s - 1] if s > 0 else 0)
            + (ways[s - 2] if s > 1 and symbol is not None and symbol != extended[s - 2] else 0)
            for s, symbol in enumerate(extended)
        ]
    return sum(ways[-2:])


def sequence_log_probability(start: Array, transition: Array, tokens: Sequence[int]) -> float:
    """Return ln P of tokens under a bigram model: start (types,), transition (types, types)."""
    pairs = pairwise(tokens)
    return math.log(start[tokens[0]]) + sum(math.log(transition[a, b]) for a, b in pairs)


def beam_search(start: Array, transition: Array, steps: int, beam: int) -> list[list[Beam]]:
    """Return after each step the `beam` most probable prefixes, best first, with their ln P.

    The model is a bigram model as in `sequence_log_probability`.
    """
    kept = _best([((k,), math.log(p)) for k, p in enumerate(start)], beam)
    history = [kept]
    for _ in range(steps - 1):
        longer = [
            ((*tokens, k), score + math.log(p))
            for tokens, score in kept
            for k, p in enumerate(transition[tokens[-1]])
        ]
        kept = _best(longer, beam)
        history.append(kept)
    return history


def _best(beams: list[Beam], count: int) -> list[Beam]:
    return sorted(beams, key=lambda beam: (-beam[1], beam[0]))[:count]
