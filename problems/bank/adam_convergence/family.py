"""Is an adaptive optimiser guaranteed to be faster? A race on a parabola shows that it is not."""

from collections.abc import Callable
from dataclasses import dataclass

from problems.answers import Choice, Integer, YesNo
from problems.core import Mistake, ParamError, param
from problems.drawing import Draw
from problems.engine.optimisers import Adam

RULES = {"sgd": "gradient descent", "adam": "Adam"}
RESULTS = {"sgd": "gradient descent", "adam": "Adam", "tie": "both in the same number of steps"}
LIMIT = 400
CLAIMS = {
    "always-faster": (
        "Adam is guaranteed to converge in fewer steps than gradient descent.",
        False,
    ),
    "always-slower": (
        "Gradient descent is guaranteed to converge in fewer steps than Adam.",
        False,
    ),
    "adapts-always-win": (
        "A step size for each parameter is proven to speed up every training.",
        False,
    ),
    "never-converges": ("Adam converges on no problem at all.", False),
    "may-diverge": (
        "There are convex problems on which Adam with constant settings does not converge.",
        True,
    ),
    "depends": ("Which of the two is faster depends on the problem and on the step sizes.", True),
    "first-step": (
        "Adam's first step has nearly the size of the learning rate, however steep the loss is.",
        True,
    ),
    "optimum": ("On every loss Adam finds the global minimum.", False),
}

ADAPTIVE = ("always-faster", "adapts-always-win", "depends")
WHY = {
    "always-faster": "a guarantee would have to hold for every problem and all step sizes, and "
    "already on parabolas each of the two wins some races",
    "always-slower": "a guarantee would have to hold for every problem and all step sizes, and "
    "already on parabolas each of the two wins some races",
    "adapts-always-win": "no such proof exists: with a well-chosen rate plain gradient descent "
    "wins some races even on a parabola",
    "never-converges": "in the run above Adam gets there",
    "may-diverge": "Reddi et al. (2018) built a convex problem on which Adam ends at the wrong "
    "end of its interval",
    "depends": "other curvatures and rates turn the result around",
    "first-step": "the bias correction makes the first step the rate times $g / |g|$",
    "optimum": "Adam follows gradients, and these are zero in a local minimum as well",
}


@dataclass(frozen=True)
class Params:
    """The parabola, the start, what counts as arrived, and the claim."""

    curvature: float = param("a in the loss a w^2 / 2", 0.05, 10)
    start: float = param("w before the first step", -20, 20)
    lr_sgd: float = param("learning rate of gradient descent", 0.001, 1)
    lr_adam: float = param("learning rate of Adam", 0.001, 1)
    arrived: float = param("|w| from which on it counts as converged", 0.01, 1)
    claim: str = param("the claim to judge", options=tuple(CLAIMS))

    def __post_init__(self) -> None:
        """Refuse races that nobody finishes, and those that are over before they begin."""
        if abs(self.start) <= self.arrived:
            raise ParamError("start", "it must lie further out than what counts as converged.")
        if self.curvature * self.lr_sgd >= 2:
            raise ParamError("lr_sgd", "gradient descent diverges: a times its rate reaches 2.")
        if max(len(_path(self, rule)) for rule in RULES) > LIMIT:
            raise ParamError("lr_sgd", f"one of the two needs more than {LIMIT} steps.")


VERSION = 2
PARTS = {
    "sgd_steps": Integer(),
    "faster": Choice(options=RESULTS),
    "claim": YesNo(),
}


def draw(r: Draw) -> Params:
    """Draw races that each of the two wins in about half of the cases."""
    return Params(
        curvature=r.choice("curvature", (0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.2, 1.5, 2.0)),
        start=r.choice("start", (0.8, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)),
        lr_sgd=r.choice("lr_sgd", (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)),
        lr_adam=r.choice("lr_adam", (0.1, 0.2, 0.3, 0.5, 0.6)),
        arrived=r.choice("arrived", (0.01, 0.02, 0.05, 0.1, 0.2, 0.25)),
        claim=r.choice("claim", tuple(CLAIMS)),
    )


def _path(p: Params, rule: str) -> list[float]:
    """Return w after each step, up to the first at which it has arrived."""
    w, m, v, path = p.start, 0.0, 0.0, []
    adam = Adam(p.lr_adam)
    while abs(path[-1] if path else w) > p.arrived and len(path) <= LIMIT:
        g = p.curvature * w
        if rule == "sgd":
            w = w - p.lr_sgd * g
        else:
            w, m, v = adam.step(w, m, v, g, len(path) + 1)
        path.append(float(w))
    return path


def _winner(sgd: int, adam: int) -> str:
    return "tie" if sgd == adam else "sgd" if sgd < adam else "adam"


def answer(p: Params) -> dict:
    """Run both, and look the claim up."""
    sgd, adam = len(_path(p, "sgd")), len(_path(p, "adam"))
    return {"sgd_steps": sgd, "faster": _winner(sgd, adam), "claim": CLAIMS[p.claim][1]}


def witness(p: Params) -> dict:
    """Run torch's optimisers with autograd; the claim by what is known of Adam."""
    import torch

    def steps_of(optimiser: type, lr: float) -> int:
        w = torch.tensor(p.start, dtype=torch.float64, requires_grad=True)
        stepper, count = optimiser([w], lr=lr), 0
        while abs(w.item()) > p.arrived:
            stepper.zero_grad()
            (p.curvature * w**2 / 2).backward()
            stepper.step()
            count += 1
        return count

    sgd = steps_of(torch.optim.SGD, p.lr_sgd)
    adam = steps_of(torch.optim.Adam, p.lr_adam)
    # Reddi et al. 2018 give the convex counterexample; Kingma & Ba 2015 the bound on a step.
    true = {"may-diverge", "depends", "first-step"}
    return {"sgd_steps": sgd, "faster": _winner(sgd, adam), "claim": p.claim in true}


def _claims(names: tuple[str, ...], *, given: bool) -> Callable[[Params], dict]:
    return lambda p: {"claim": given} if p.claim in names else {}


def _won(p: Params) -> str:
    return _winner(len(_path(p, "sgd")), len(_path(p, "adam")))


def _doubled(p: Params) -> dict:
    """Return the steps with 2 a w for the gradient, where that converges and makes a difference."""
    factor = abs(1 - 2 * p.lr_sgd * p.curvature)
    count, w = 0, abs(p.start)
    while w > p.arrived and count < LIMIT:
        w, count = w * factor, count + 1
    right = len(_path(p, "sgd"))
    return {"sgd_steps": count} if count not in (LIMIT, right) else {}


MISTAKES = (
    Mistake(
        "adaptive-always-faster",
        "Compare the two runs, and think of other step sizes: nothing makes an adaptive "
        "optimiser faster on every problem.",
        lambda p: (
            {
                **({"faster": "adam"} if _won(p) != "adam" else {}),
                **({"claim": p.claim != "depends"} if p.claim in ADAPTIVE else {}),
            }
        ),
    ),
    Mistake(
        "sgd-always-faster",
        "A problem on which gradient descent wins proves nothing about all the others; run both.",
        lambda p: (
            {
                **({"faster": "sgd"} if _won(p) != "sgd" else {}),
                **({"claim": True} if p.claim == "always-slower" else {}),
            }
        ),
    ),
    Mistake(
        "never-converges",
        "The known counterexamples are special problems; on a parabola like this one Adam arrives.",
        _claims(("never-converges",), given=True),
    ),
    Mistake(
        "always-converges",
        "Convexity is not enough for Adam: with constant settings there are counterexamples, and "
        "on a loss with several minima it may end in any of them.",
        lambda p: {"claim": p.claim == "optimum"} if p.claim in ("may-diverge", "optimum") else {},
    ),
    Mistake(
        "step-follows-the-slope",
        "Adam divides the gradient by its own size: what is left is the learning rate.",
        _claims(("first-step",), given=False),
    ),
    Mistake(
        "tie-assumed",
        "Count the steps of each: they are not equally many.",
        lambda p: {"faster": "tie"} if _won(p) != "tie" else {},
    ),
    Mistake(
        "start-counted",
        "Count the steps, not the points: the start is none.",
        lambda p: {"sgd_steps": len(_path(p, "sgd")) + 1},
    ),
    Mistake(
        "one-step-short",
        "After this step $|w|$ is not yet small enough; one more is needed.",
        lambda p: {"sgd_steps": len(_path(p, "sgd")) - 1},
    ),
    Mistake(
        "derivative-doubled",
        "The derivative of $a w^2 / 2$ is $a w$.",
        _doubled,
    ),
    Mistake(
        "adams-steps",
        "This is the number of steps that Adam takes.",
        lambda p: {"sgd_steps": len(_path(p, "adam"))} if _won(p) != "tie" else {},
    ),
)


def steps(p: Params) -> dict:
    """Return the two runs and the claim's text."""
    sgd, adam = _path(p, "sgd"), _path(p, "adam")
    return {
        "claim": CLAIMS[p.claim][0],
        "factor": 1 - p.lr_sgd * p.curvature,
        "sgd": sgd,
        "adam": adam,
        "before": sgd[-2] if len(sgd) > 1 else p.start,
        "why": WHY[p.claim],
    }
