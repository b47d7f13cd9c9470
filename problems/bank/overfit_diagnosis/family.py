"""Bias, variance and overfitting to the development set, from the error rates."""

from dataclasses import dataclass

from problems.answers import Choice, Real
from problems.core import Mistake, ParamError, param
from problems.drawing import Draw

CAUSES = {
    "bias": "avoidable bias: it underfits the training set",
    "variance": "variance: it overfits the training set",
    "dev": "it is overfitted to the development set",
}
REMEDIES = {
    "bias": "a larger network, or longer training",
    "variance": "more training data, or stronger regularisation",
    "dev": "a larger development set",
}


@dataclass(frozen=True)
class Params:
    """The error rates in per cent."""

    bayes: float = param("best possible (Bayes) error, in per cent", 0, 100)
    train: float = param("error on the training set, in per cent", 0, 100)
    dev: float = param("error on the development set, in per cent", 0, 100)
    test: float = param("error on the test set, in per cent", 0, 100)

    def __post_init__(self) -> None:
        """Refuse errors whose largest gap is none, or not the only one."""
        first, second, _ = sorted(_gaps(self).values(), reverse=True)
        if first <= 0 or first - second < 0.05:
            raise ParamError("train", "one of the three gaps must be the largest, and above 0.")


VERSION = 1
PARTS = {
    "bias": Real(decimals=2),
    "variance": Real(decimals=2),
    "cause": Choice(options=CAUSES),
    "remedy": Choice(options=REMEDIES),
}


def _gaps(p: Params) -> dict[str, float]:
    return {"bias": p.train - p.bayes, "variance": p.dev - p.train, "dev": p.test - p.dev}


def draw(r: Draw) -> Params:
    """Draw one large gap and two small ones."""
    large = r.choice("large", tuple(CAUSES))
    error, errors = r.choice("bayes", (0.5, 1.0, 2.0, 3.0, 5.0, 8.0, 12.0)), []
    total = error
    for cause in CAUSES:
        low, high = (4, 12) if cause == large else (0.2, 2.5)
        total = round(total + r.real(f"{cause}_gap", low, high, 1), 1)
        errors.append(total)
    train, dev, test = errors
    return Params(
        bayes=error,
        train=r.choice("train", (train,)),
        dev=r.choice("dev", (dev,)),
        test=r.choice("test", (test,)),
    )


def answer(p: Params) -> dict:
    """Compare the gaps."""
    gaps = _gaps(p)
    cause = max(gaps, key=lambda name: gaps[name])
    return {"bias": gaps["bias"], "variance": gaps["variance"], "cause": cause, "remedy": cause}


def witness(p: Params) -> dict:
    """Difference the rates in torch, in the order in which they rise, and take the argmax."""
    import torch

    gaps = torch.tensor([p.bayes, p.train, p.dev, p.test], dtype=torch.float64).diff()
    cause = ("bias", "variance", "dev")[int(gaps.argmax())]
    return {"bias": gaps[0].item(), "variance": gaps[1].item(), "cause": cause, "remedy": cause}


def _cause(p: Params) -> str:
    return answer(p)["cause"]


def _named(p: Params, right: str, wrong: str) -> dict:
    return {"cause": wrong, "remedy": wrong} if _cause(p) == right else {}


MISTAKES = (
    Mistake(
        "bias-for-variance",
        "The training error is near the best possible one: bias is small here. Where does the "
        "error rise?",
        lambda p: _named(p, "variance", "bias"),
    ),
    Mistake(
        "variance-for-bias",
        "The network is already bad on the data that it was trained on: more such data or less "
        "freedom will not help.",
        lambda p: _named(p, "bias", "variance"),
    ),
    Mistake(
        "variance-for-dev",
        "Training and development error are close. Where does the error rise?",
        lambda p: _named(p, "dev", "variance"),
    ),
    Mistake(
        "bias-for-dev",
        "The training error is near the best possible one: bias is small here. Compare the other "
        "errors too.",
        lambda p: _named(p, "dev", "bias"),
    ),
    Mistake(
        "dev-for-variance",
        "Test and development error are close: the development set is not used up.",
        lambda p: _named(p, "variance", "dev"),
    ),
    Mistake(
        "dev-for-bias",
        "Test and development error are close; look at the first two rows.",
        lambda p: _named(p, "bias", "dev"),
    ),
    Mistake(
        "best-error-forgotten",
        "Part of the training error cannot be avoided by anyone: take the best possible error off.",
        lambda p: {"bias": p.train} if p.bayes else {},
    ),
    Mistake(
        "variance-from-the-best-error",
        "Variance is the rise from the training set to new data; this has the bias in it.",
        lambda p: {"variance": p.dev - p.bayes} if p.train != p.bayes else {},
    ),
    Mistake(
        "test-for-dev",
        "Variance is read off the development set; this is the test error's gap.",
        lambda p: {"variance": p.test - p.train} if p.test != p.dev else {},
    ),
    Mistake(
        "dev-error-alone",
        "This is the development error itself; variance is its distance from the training error.",
        lambda p: {"variance": p.dev} if p.train else {},
    ),
    Mistake(
        "bias-from-the-dev-error",
        "Bias shows on the training set; this has the variance in it.",
        lambda p: {"bias": p.dev - p.bayes} if p.train != p.dev else {},
    ),
)


def steps(p: Params) -> dict:
    """Return the three gaps."""
    return _gaps(p)
