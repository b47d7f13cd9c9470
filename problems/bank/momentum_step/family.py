"""Steps of gradient descent with momentum: heavy ball, average or velocity form, and Nesterov."""

from dataclasses import dataclass

import numpy as np

from problems.answers import Real
from problems.core import Array, Mistake, ParamError, param
from problems.drawing import Draw
from problems.engine.optimisers import momentum_step

FORMS = {
    "heavy-ball": (r"v \leftarrow \mu v + g", r"w \leftarrow w - \eta v"),
    "average": (r"v \leftarrow \mu v + (1 - \mu) g", r"w \leftarrow w - \eta v"),
    "velocity": (r"v \leftarrow \mu v - \eta g", r"w \leftarrow w + v"),
}
NESTEROV = {
    "heavy-ball": r"w \leftarrow w - \eta (\mu v + g)",
    "average": r"w \leftarrow w - \eta (\mu v + (1 - \mu) g)",
    "velocity": r"w \leftarrow w + \mu v - \eta g",
}


@dataclass(frozen=True)
class Params:
    """The weight, the gradients of some steps, and the form of momentum."""

    w: float = param("weight before the first step", -1000, 1000)
    gradients: Array = param("gradient at each step", -1000, 1000, max_length=20)
    rates: Array = param("learning rate of each step, as many", 0.00001, 10, max_length=20)
    mu: float = param("momentum", 0, 0.999)
    form: str = param("how the velocity is kept", options=tuple(FORMS))
    nesterov: bool = param("whether the step looks ahead (Nesterov)")

    def __post_init__(self) -> None:
        """Refuse rates for another number of steps."""
        if self.gradients.ndim != 1 or self.rates.shape != self.gradients.shape:
            raise ParamError("rates", "give one learning rate for each gradient.")


VERSION = 1
PARTS = {"velocity": Real(decimals=4), "w": Real(decimals=4)}


def draw(r: Draw) -> Params:
    """Draw two or three steps; sometimes the rate falls after the first."""
    n = r.choice("count", (2, 2, 3))
    rate, fall = r.choice("rate", (0.1, 0.2, 0.05)), r.choice("fall", (1.0, 0.5, 0.1))
    rates = [rate] + [round(rate * fall, 4)] * (n - 1)
    return Params(
        w=r.real("w", -2, 3, 1),
        gradients=r.choice("gradients", (r.array("drawn_gradients", (n,), -4, 4, 0),)),
        rates=r.choice("rates", (np.array(rates),)),
        mu=r.choice("mu", (0.9, 0.9, 0.8, 0.5)),
        form=r.choice("form", ("heavy-ball", "heavy-ball", "average", "velocity")),
        nesterov=r.choice("nesterov", (False, False, False, True)),
    )


def _run(
    p: Params,
    form: str | None = None,
    *,
    nesterov: bool | None = None,
    mu: float | None = None,
    reset: bool = False,
) -> list[tuple[float, float]]:
    """Return (v, w) after each step; with `reset` the velocity is forgotten each time."""
    w, v, states = p.w, 0.0, []
    for g, lr in zip(p.gradients.tolist(), p.rates.tolist(), strict=True):
        new = momentum_step(
            w,
            0.0 if reset else v,
            g,
            lr,
            p.mu if mu is None else mu,
            form=form or p.form,
            nesterov=p.nesterov if nesterov is None else nesterov,
        )
        w, v = float(new[0]), float(new[1])
        states.append((v, w))
    return states


def _last(states: list[tuple[float, float]]) -> dict:
    return {"velocity": states[-1][0], "w": states[-1][1]}


def answer(p: Params) -> dict:
    """Take the steps with the reference engine."""
    return _last(_run(p))


def witness(p: Params) -> dict:
    """Run torch.optim.SGD on scaled gradients; the velocity form is summed up in full."""
    import torch

    if p.form == "velocity":
        # v_T is the sum of -lr_t g_t mu^(T - t): each step's share in the velocity.
        count = len(p.gradients)
        powers = p.mu ** torch.arange(count - 1, -1, -1, dtype=torch.float64)
        moves = -torch.tensor(p.rates) * torch.tensor(p.gradients)
        vs = [(moves[: t + 1] * powers[count - 1 - t :]).sum() for t in range(count)]
        shifts = [p.mu * v + m if p.nesterov else v for v, m in zip(vs, moves, strict=True)]
        return {"velocity": vs[-1].item(), "w": p.w + sum(s.item() for s in shifts)}
    w = torch.tensor(p.w, dtype=torch.float64, requires_grad=True)
    nesterov = p.nesterov and p.mu > 0
    optimiser = torch.optim.SGD([w], lr=1.0, momentum=p.mu, nesterov=nesterov)
    share = 1 - p.mu if p.form == "average" else 1.0
    for g, lr in zip(p.gradients, p.rates, strict=True):
        optimiser.param_groups[0]["lr"] = float(lr)
        w.grad = torch.tensor(g * share, dtype=torch.float64)
        optimiser.step()
    buffer = optimiser.state[w].get("momentum_buffer")
    velocity = share * p.gradients[-1] if buffer is None else buffer.item()
    return {"velocity": velocity, "w": w.item()}


def _plain(p: Params) -> dict:
    w = p.w - float((p.rates * p.gradients).sum())
    return {"w": w}


def _many(p: Params) -> bool:
    return len(p.gradients) > 1


MISTAKES = (
    Mistake(
        "averaged",
        "Here the gradient comes in whole, without the factor $1 - \\mu$.",
        lambda p: _last(_run(p, "average")) if p.form == "heavy-ball" and p.mu else {},
    ),
    Mistake(
        "not-averaged",
        "In this form the gradient has the factor $1 - \\mu$.",
        lambda p: _last(_run(p, "heavy-ball")) if p.form == "average" and p.mu else {},
    ),
    Mistake(
        "rate-inside",
        "Here the learning rate multiplies the velocity when the weight moves; it is not stored "
        "in the velocity.",
        lambda p: {"velocity": _run(p, "velocity")[-1][0]} if p.form == "heavy-ball" else {},
    ),
    Mistake(
        "rate-outside",
        "In this form the velocity has the learning rate in it, and its sign: it is added to the "
        "weight.",
        lambda p: {"velocity": _run(p, "heavy-ball")[-1][0]} if p.form == "velocity" else {},
    ),
    Mistake(
        "velocity-reset",
        "The velocity of the step before is kept, with the factor $\\mu$.",
        lambda p: _last(_run(p, reset=True)) if _many(p) and p.mu else {},
    ),
    Mistake(
        "plain-descent",
        "This is gradient descent without momentum.",
        lambda p: _plain(p) if p.mu and (_many(p) or p.nesterov or p.form == "average") else {},
    ),
    Mistake(
        "nesterov-added",
        "This looks ahead, as Nesterov's form does; here the step is the velocity itself.",
        lambda p: {} if p.nesterov or not p.mu else {"w": _run(p, nesterov=True)[-1][1]},
    ),
    Mistake(
        "nesterov-forgotten",
        "Nesterov's step is not the velocity itself: look at the second formula.",
        lambda p: {"w": _run(p, nesterov=False)[-1][1]} if p.nesterov and p.mu else {},
    ),
    Mistake(
        "uphill",
        "The weight moves against the gradients: look at the signs.",
        lambda p: {"w": 2 * p.w - answer(p)["w"]},
    ),
    Mistake(
        "last-step-only",
        "All the steps move the weight, not only the last one.",
        lambda p: {"w": p.w + answer(p)["w"] - _run(p)[-2][1]} if _many(p) else {},
    ),
)


def steps(p: Params) -> dict:
    """Return each step's gradient, rate, velocity and weight."""
    rows = [
        {"g": g, "lr": lr, "v": v, "w": w}
        for g, lr, (v, w) in zip(p.gradients, p.rates, _run(p), strict=True)
    ]
    first, second = FORMS[p.form]
    return {
        "rows": rows,
        "first": first,
        "second": NESTEROV[p.form] if p.nesterov else second,
        "changing": len(set(p.rates.tolist())) > 1,
    }
