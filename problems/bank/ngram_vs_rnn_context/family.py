"""Which tokens an n-gram model and an RNN see when they predict token t."""

from dataclasses import dataclass

from problems.answers import Vector, YesNo
from problems.core import Mistake, ParamError, param
from problems.drawing import Draw

MODELS = {"ngram": "n-gram model", "rnn": "RNN"}


@dataclass(frozen=True)
class Params:
    """The order of the n-gram model, the token that is predicted, and a token before it."""

    n: int = param("order of the n-gram model: tokens of an n-gram", 2, 64)
    t: int = param("position of the token that is predicted, counted from 1", 2, 2000)
    model: str = param("model that is asked about", options=tuple(MODELS))
    k: int = param("position of the token whose change is asked about", 1, 2000)

    def __post_init__(self) -> None:
        """Refuse a token that has no whole context in the text."""
        if self.t < self.n:
            raise ParamError("t", f"token t needs n - 1 tokens before it: give {self.n} or more.")


VERSION = 1
PARTS = {"ngram": Vector(decimals=0), "rnn": Vector(decimals=0), "changes": YesNo()}


def draw(r: Draw) -> Params:
    """Draw the changed token near the ends of the n-gram's context, or far before it."""
    n, t = r.int("n", 2, 6), r.int("t", 12, 60)
    return Params(
        n=n,
        t=t,
        model=r.choice("model", ("ngram", "ngram", "rnn")),
        k=r.choice("k", (t, t - 1, t - n + 1, t - n, t - n - 1, t - 2 * n, 1, t + 1)),
    )


def answer(p: Params) -> dict:
    """Read the contexts off: n - 1 tokens before t, or all of them."""
    first = p.t - p.n + 1 if p.model == "ngram" else 1
    return {
        "ngram": (p.t - p.n + 1, p.t - 1),
        "rnn": (1, p.t - 1),
        "changes": first <= p.k <= p.t - 1,
    }


def witness(p: Params) -> dict:
    """Change each token in turn, and see which predictions notice: real models in PyTorch."""
    import torch

    length = max(p.t, p.k) + 1
    x = torch.arange(1, length + 1, dtype=torch.float64).requires_grad_()
    # A causal convolution is an n-gram model; a sum without forgetting is an RNN. Output i is
    # the prediction of token i + 2, counted from 1.
    weights = torch.ones(1, 1, p.n - 1, dtype=torch.float64)
    padded = torch.nn.functional.pad(x[None], (p.n - 2, 0))
    predictions = {
        "ngram": torch.nn.functional.conv1d(padded, weights)[0],
        "rnn": torch.cumsum(x, 0),
    }
    seen = {
        name: {
            place + 1 for place in torch.autograd.grad(y[p.t - 2], x)[0].nonzero()[:, 0].tolist()
        }
        for name, y in predictions.items()
    }
    return {
        **{name: (min(places), max(places)) for name, places in seen.items()},
        "changes": p.k in seen[p.model],
    }


def _changes(p: Params, model: str, first: int, last: int) -> dict:
    """Return the answer to the last question for a wrong context, where that differs."""
    wrong = first <= p.k <= last
    return {"changes": wrong} if model == p.model and wrong != answer(p)["changes"] else {}


MISTAKES = (
    Mistake(
        "n-tokens-of-context",
        "An n-gram has n tokens together with the predicted one, so n − 1 before it.",
        lambda p: {"ngram": (p.t - p.n, p.t - 1), **_changes(p, "ngram", p.t - p.n, p.t - 1)},
    ),
    Mistake(
        "predicted-token-seen",
        "This includes the token that is predicted; a model sees what comes before it.",
        lambda p: {
            "ngram": (p.t - p.n + 1, p.t),
            "rnn": (1, p.t),
            **_changes(p, p.model, p.t - p.n + 1 if p.model == "ngram" else 1, p.t),
        },
    ),
    Mistake(
        "window-shifted",
        "This window lies one token too early: the last token seen is the one just before.",
        lambda p: {"ngram": (p.t - p.n, p.t - 2)} if p.t > p.n else {},
    ),
    Mistake(
        "rnn-has-a-window",
        "An RNN's state carries what came long before: no window limits it.",
        lambda p: (
            {"rnn": (p.t - p.n + 1, p.t - 1), **_changes(p, "rnn", p.t - p.n + 1, p.t - 1)}
            if p.t > p.n
            else {}
        ),
    ),
    Mistake(
        "rnn-sees-one-token",
        "An RNN reads one token at each step, but its state remembers those before.",
        lambda p: (
            {"rnn": (p.t - 1, p.t - 1), **_changes(p, "rnn", p.t - 1, p.t - 1)} if p.t > 2 else {}
        ),
    ),
    Mistake(
        "ngram-sees-all",
        "An n-gram model forgets everything before its n − 1 tokens.",
        lambda p: {"ngram": (1, p.t - 1), **_changes(p, "ngram", 1, p.t - 1)} if p.t > p.n else {},
    ),
    Mistake(
        "counted-from-zero",
        "Tokens are counted from 1 here.",
        lambda p: {"rnn": (0, p.t - 2)} if p.t > 2 else {},
    ),
)


def steps(p: Params) -> dict:
    """Return the range of the model that the last question is about."""
    first = p.t - p.n + 1 if p.model == "ngram" else 1
    return {"first": first, "last": p.t - 1, "model": MODELS[p.model]}
