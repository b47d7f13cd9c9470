"""BLEU of one sentence by hand (Papineni et al. 2002): clipped precisions, brevity penalty."""

import math
from dataclasses import dataclass
from itertools import product

from problems.answers import Real, Vector
from problems.core import Mistake, ParamError, param
from problems.drawing import Draw
from problems.engine import text

REFERENCES = tuple(
    f"the {animal} {verb} on the {thing}{place}"
    for animal, verb, thing, place in product(
        ("cat", "old dog", "small grey bird"),
        ("sat", "slept", "stood still"),
        ("mat", "chair", "green roof"),
        ("", " in the sun", " in the rain", " of the house in the sun"),
    )
)


@dataclass(frozen=True)
class Params:
    """The translation, what it is compared with, and the longest n-gram."""

    references: tuple[str, ...] = param("right translations, words with spaces", max_length=8)
    candidate: str = param("the translation to rate, words with spaces")
    order: int = param("longest n-gram that counts", 1, 4)

    def __post_init__(self) -> None:
        """Refuse sentences that are too short, and a BLEU of 0."""
        for name, sentences in (("references", self.references), ("candidate", (self.candidate,))):
            if any("`" in s or "|" in s or not s.split() for s in sentences):
                raise ParamError(name, "give sentences of words, without ` and |.")
        if len(self.candidate.split()) < self.order:
            raise ParamError("candidate", f"it must have {self.order} words or more.")
        if any(matched == 0 for matched, _ in _fractions(self)):
            raise ParamError("candidate", "some precision is 0, and with it BLEU: lower the order.")


def _split(p: Params) -> tuple[list[str], list[list[str]]]:
    return p.candidate.split(), [reference.split() for reference in p.references]


def _fractions(p: Params, *, clip: bool = True) -> list[tuple[int, int]]:
    """Return the matched and all n-grams of the candidate, for n = 1 to the order."""
    candidate, references = _split(p)
    return [text.bleu_precision(candidate, references, n, clip=clip) for n in range(1, p.order + 1)]


def _precisions(p: Params, *, clip: bool = True) -> list[float]:
    return [matched / count for matched, count in _fractions(p, clip=clip)]


def _penalty(p: Params) -> float:
    candidate, references = _split(p)
    return text.brevity_penalty(len(candidate), [len(r) for r in references])


VERSION = 2
PARTS = {"precisions": Vector(decimals=3), "penalty": Real(decimals=3), "bleu": Real(decimals=3)}


def draw(r: Draw) -> Params:
    """Draw a reference or two, and a candidate with words dropped, repeated and replaced."""
    references = r.sample("references", REFERENCES, r.choice("number", (1, 1, 2)))
    words = references[0].split()
    for at, edit in zip(r.ints("places", 5, 0, 10), r.ints("edits", 5, 0, 6), strict=True):
        place = at % max(1, len(words))
        new = {0: words[place : place + 1] * 2, 1: ["a"], 2: ["the", "the"]}.get(
            edit, words[place : place + 1] if edit > 5 else []
        )
        words[place : place + 1] = new  # others drop the word or leave it
    return Params(
        references=references,
        candidate=r.choice("candidate", (" ".join(words),)),
        order=r.choice("order", (1, 2, 2, 3)),
    )


def answer(p: Params) -> dict:
    """Compute with the reference engine."""
    candidate, references = _split(p)
    return {
        "precisions": _precisions(p),
        "penalty": _penalty(p),
        "bleu": text.bleu(candidate, references, p.order),
    }


def witness(p: Params) -> dict:
    """Cross matched n-grams off the references one by one; average logarithms in PyTorch."""
    import torch

    candidate, references = _split(p)
    precisions = []
    for n in range(1, p.order + 1):
        grams = [" ".join(candidate[k : k + n]) for k in range(len(candidate) - n + 1)]
        matched = 0
        for gram in set(grams):
            left = max(
                sum(" ".join(ref[k : k + n]) == gram for k in range(len(ref) - n + 1))
                for ref in references
            )
            for _ in range(grams.count(gram)):
                matched, left = matched + (left > 0), left - 1
        precisions.append(matched / len(grams))
    lengths = sorted(len(reference) for reference in references)
    closest = min(lengths, key=lambda length: abs(length - len(candidate)))
    ratio = torch.tensor(closest / len(candidate), dtype=torch.float64)
    penalty = torch.exp(torch.clamp(1 - ratio, max=0)).item()
    mean = torch.tensor(precisions, dtype=torch.float64).log().mean().exp().item()
    return {"precisions": precisions, "penalty": penalty, "bleu": penalty * mean}


def _geometric(values: list[float]) -> float:
    return math.prod(values) ** (1 / len(values))


def _wrong_bleu(p: Params, value: float) -> dict:
    return {} if math.isclose(value, answer(p)["bleu"]) else {"bleu": value}


def _with_precisions(p: Params, precisions: list[float]) -> dict:
    """Return wrong precisions, and the BLEU that they give, where they differ."""
    if precisions == _precisions(p):
        return {}
    return {"precisions": precisions} | _wrong_bleu(p, _penalty(p) * _geometric(precisions))


def _with_penalty(p: Params, penalty: float) -> dict:
    if math.isclose(penalty, _penalty(p)):
        return {}
    return {"penalty": penalty} | _wrong_bleu(p, penalty * _geometric(_precisions(p)))


def _ratio(p: Params) -> float:
    """Return the length of the nearest reference over the candidate's."""
    candidate, references = _split(p)
    length = len(candidate)
    return min((abs(len(r) - length), len(r)) for r in references)[1] / length


def _over_reference(p: Params) -> list[float]:
    _, references = _split(p)
    return [
        matched / max(1, len(references[0]) - n) for n, (matched, _) in enumerate(_fractions(p))
    ]


MISTAKES = (
    Mistake(
        "not-clipped",
        "A word that is repeated counts at most as often as a reference has it.",
        lambda p: _with_precisions(p, _precisions(p, clip=False)),
    ),
    Mistake(
        "divided-by-reference",
        "Divide by the number of n-grams of the translation: it is a precision, not a recall.",
        lambda p: _with_precisions(p, _over_reference(p)),
    ),
    Mistake(
        "no-brevity-penalty",
        "The translation is shorter than the reference: there is a penalty.",
        lambda p: _with_penalty(p, 1.0),
    ),
    Mistake(
        "penalty-is-the-ratio",
        "The penalty is an exponential of the lengths' ratio, not the ratio.",
        lambda p: _with_penalty(p, min(1.0, 1 / _ratio(p))),
    ),
    Mistake(
        "penalty-reversed",
        "The reference's length is divided by the translation's, not the other way round.",
        lambda p: _with_penalty(p, math.exp(1 - 1 / _ratio(p))) if _ratio(p) != 1 else {},
    ),
    Mistake(
        "arithmetic-mean",
        "BLEU takes the geometric mean of the precisions.",
        lambda p: _wrong_bleu(p, _penalty(p) * sum(_precisions(p)) / p.order),
    ),
    Mistake(
        "product-without-root",
        "The product of the precisions still needs its root: BLEU is a mean.",
        lambda p: _wrong_bleu(p, _penalty(p) * math.prod(_precisions(p))),
    ),
    Mistake(
        "longest-n-gram-only",
        "All orders count, from single words to the longest n-gram.",
        lambda p: _wrong_bleu(p, _penalty(p) * _precisions(p)[-1]),
    ),
)


def steps(p: Params) -> dict:
    """Return the n-grams with their counts, and the lengths."""
    candidate, references = _split(p)
    rows = []
    for n, (matched, count) in enumerate(_fractions(p), start=1):
        grams = dict.fromkeys(text.windows(candidate, n))
        rows.append(
            {
                "n": n,
                "grams": [
                    {
                        "gram": " ".join(gram),
                        "count": text.windows(candidate, n).count(gram),
                        "most": max(text.windows(r, n).count(gram) for r in references),
                    }
                    for gram in grams
                ],
                "matched": matched,
                "count": count,
            }
        )
    nearest = round(_ratio(p) * len(candidate))
    return {
        "rows": rows,
        "length": len(candidate),
        "nearest": nearest,
        "mean": _geometric(_precisions(p)),
    }
