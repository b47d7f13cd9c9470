"""One step of gradient descent with weight decay, in its three usual forms."""

from dataclasses import dataclass

from problems.answers import Real, YesNo
from problems.core import Mistake, param
from problems.drawing import Draw

FORMS = ("l2-half", "l2", "decoupled")


@dataclass(frozen=True)
class Params:
    """A weight and a bias with their gradients, and the decay."""

    w: float = param("weight before the step", -1000, 1000)
    b: float = param("bias before the step", -1000, 1000)
    grad_w: float = param("gradient of the data loss by the weight", -1000, 1000)
    grad_b: float = param("gradient of the data loss by the bias", -1000, 1000)
    lr: float = param("learning rate", 0.0001, 1)
    decay: float = param("weight decay lambda", 0.0001, 1)
    form: str = param(
        "penalty lambda/2 w^2, penalty lambda w^2, or decoupled: w shrinks by lr lambda w",
        options=FORMS,
    )
    batch: int = param("examples in the batch over which the data loss is the mean", 2, 4096)


VERSION = 1
PARTS = {"w": Real(decimals=4), "b": Real(decimals=4), "same": YesNo()}


def draw(r: Draw) -> Params:
    """Draw decays that are large enough to be seen."""
    return Params(
        w=r.choice("w", (-4.0, -3.0, -2.5, 1.5, 2.0, 2.5, 3.0, 4.0)),
        b=r.choice("b", (-2.0, -1.0, 0.5, 1.0, 2.0)),
        grad_w=r.choice("grad_w", (-1.5, -0.8, -0.5, 0.4, 0.6, 1.2, 2.0)),
        grad_b=r.choice("grad_b", (-1.0, -0.4, 0.3, 0.8, 1.5)),
        lr=r.choice("lr", (0.1, 0.2, 0.5)),
        decay=r.choice("decay", (0.01, 0.02, 0.05, 0.1)),
        form=r.choice("form", FORMS),
        batch=r.choice("batch", (8, 16, 32)),
    )


def _pull(p: Params, form: str | None = None) -> float:
    """Return the factor of w that the decay adds to the gradient."""
    return 2 * p.decay if (form or p.form) == "l2" else p.decay


def _weight(p: Params, pull: float) -> float:
    return p.w - p.lr * (p.grad_w + pull * p.w)


def answer(p: Params) -> dict:
    """Take the step; with plain gradient descent lambda/2 w^2 and the decoupled form agree."""
    return {
        "w": _weight(p, _pull(p)),
        "b": p.b - p.lr * p.grad_b,
        "same": p.form != "l2",
    }


def witness(p: Params) -> dict:
    """Let autograd derive the penalty, or AdamW's decoupled rule; SGD takes the step."""
    import torch

    w = torch.tensor(p.w, dtype=torch.float64, requires_grad=True)
    b = torch.tensor(p.b, dtype=torch.float64, requires_grad=True)
    penalty = {"l2-half": p.decay / 2, "l2": p.decay, "decoupled": 0.0}[p.form]
    (p.grad_w * w + p.grad_b * b + penalty * w**2).backward()
    sgd = torch.optim.SGD([w, b], lr=p.lr)
    if p.form == "decoupled":
        with torch.no_grad():
            w.mul_(1 - p.lr * p.decay)
    sgd.step()
    other = torch.tensor(p.w, dtype=torch.float64, requires_grad=True)
    other.grad = torch.tensor(p.grad_w, dtype=torch.float64)
    torch.optim.SGD([other], lr=p.lr, weight_decay=p.decay).step()
    return {"w": w.item(), "b": b.item(), "same": abs(w.item() - other.item()) < 1e-9}


MISTAKES = (
    Mistake(
        "doubled",
        "The derivative of this term by $w$ has no factor 2.",
        lambda p: {"w": _weight(p, 2 * p.decay)} if p.form != "l2" and p.w else {},
    ),
    Mistake(
        "factor-two-forgotten",
        "The derivative of $w^2$ is $2w$.",
        lambda p: {"w": _weight(p, p.decay)} if p.form == "l2" and p.w else {},
    ),
    Mistake(
        "biases-decayed",
        "The decay acts on the weights alone, as stated; the bias only follows its gradient.",
        lambda p: {"b": p.b - p.lr * (p.grad_b + _pull(p) * p.b)} if p.b else {},
    ),
    Mistake(
        "decay-forgotten",
        "This is the step without decay.",
        lambda p: {"w": _weight(p, 0.0)} if p.w else {},
    ),
    Mistake(
        "once-per-example",
        "The decay acts once in a step, not once for each example of the batch.",
        lambda p: {"w": _weight(p, p.batch * _pull(p))} if p.w else {},
    ),
    Mistake(
        "rate-forgotten",
        "The learning rate multiplies the decay too.",
        lambda p: {"w": p.w - p.lr * p.grad_w - _pull(p) * p.w} if p.w and p.lr != 1 else {},
    ),
    Mistake(
        "grows",
        "Decay pulls the weight towards 0: look at its sign.",
        lambda p: {"w": _weight(p, -_pull(p))} if p.w else {},
    ),
    Mistake(
        "penalty-itself",
        "The step uses the derivative of the penalty, not its value.",
        lambda p: (
            {"w": p.w - p.lr * (p.grad_w + (p.decay * p.w**2 / (2 if p.form == "l2-half" else 1)))}
            if p.form != "decoupled" and p.w not in (0, 1, 2)
            else {}
        ),
    ),
    Mistake(
        "always-the-same",
        "PyTorch adds $\\lambda w$ to the gradient. Is that the derivative of this penalty?",
        lambda p: {"same": True} if p.form == "l2" else {},
    ),
    Mistake(
        "never-the-same",
        "PyTorch adds $\\lambda w$ to the gradient; with plain gradient descent work out what that "
        "does to $w$, and compare.",
        lambda p: {"same": False} if p.form != "l2" else {},
    ),
)


def steps(p: Params) -> dict:
    """Return the pull of the decay, and PyTorch's weight."""
    return {"pull": _pull(p), "term": _pull(p) * p.w, "torch": _weight(p, p.decay)}
