"""One step of Adam, with bias correction, and with weight decay as L2 or decoupled (AdamW)."""

import math
from dataclasses import dataclass, replace

from problems.answers import Real
from problems.core import Mistake, ParamError, param
from problems.drawing import Draw
from problems.engine.optimisers import Adam

FORMS = ("none", "l2", "decoupled")


@dataclass(frozen=True)
class Params:
    """The state before the step, the gradient and the hyper-parameters."""

    t: int = param("number of this step, from 1", 1, 100_000)
    w: float = param("weight before the step", -1000, 1000)
    g: float = param("gradient of the loss", -1000, 1000)
    m: float = param("first moment before the step", -1000, 1000)
    v: float = param("second moment before the step", 0, 1_000_000)
    lr: float = param("learning rate", 1e-6, 1)
    beta1: float = param("decay of the first moment", 0, 0.9999)
    beta2: float = param("decay of the second moment", 0, 0.99999)
    eps: float = param("epsilon, added after the root", 1e-10, 0.1)
    decay: float = param("weight decay lambda", 0, 1)
    form: str = param("no decay, added to the gradient, or decoupled (AdamW)", options=FORMS)

    def __post_init__(self) -> None:
        """Refuse a first step that has a past."""
        if self.t == 1 and (self.m or self.v):
            raise ParamError("t", "before step 1 both moments are 0.")


VERSION = 1
PARTS = {
    "m": Real(digits=4),
    "v": Real(digits=4),
    "w": Real(decimals=5),
}


def draw(r: Draw) -> Params:
    """Draw one of the first steps, with steps large enough to be seen."""
    t = r.choice("t", (1, 1, 2, 3, 4))
    m, v = (0.0,) if t == 1 else (-0.15, -0.1, 0.08, 0.12, 0.2), (0.0,)
    form = r.choice("form", ("none", "none", "l2", "decoupled"))
    return Params(
        t=t,
        w=r.real("w", 0.5, 3, 1),
        g=r.choice("g", (-1.5, -0.8, -0.5, 0.3, 0.4, 0.7, 1.2, 2.0)),
        m=r.choice("m", m),
        v=r.choice("v", v if t == 1 else (0.002, 0.003, 0.005, 0.008)),
        lr=r.choice("lr", (0.05, 0.1, 0.2)),
        beta1=r.choice("beta1", (0.9, 0.9, 0.8)),
        beta2=r.choice("beta2", (0.999, 0.99)),
        eps=r.choice("eps", (1e-8,)),
        decay=r.choice("decay", (0.0,) if form == "none" else (0.1, 0.05, 0.2)),
        form=form,
    )


def _adam(p: Params) -> Adam:
    decay = 0.0 if p.form == "none" else p.decay
    return Adam(p.lr, p.beta1, p.beta2, p.eps, decay, decoupled=p.form == "decoupled")


def _step(p: Params, t: int | None = None) -> dict:
    w, m, v = _adam(p).step(p.w, p.m, p.v, p.g, t or p.t)
    return {"m": float(m), "v": float(v), "w": float(w)}


def answer(p: Params) -> dict:
    """Take the step with the reference engine."""
    return _step(p)


def witness(p: Params) -> dict:
    """Give torch.optim.Adam or AdamW the state, and let it take the step."""
    import torch

    w = torch.tensor(p.w, dtype=torch.float64, requires_grad=True)
    w.grad = torch.tensor(p.g, dtype=torch.float64)
    kind = torch.optim.AdamW if p.form == "decoupled" else torch.optim.Adam
    decay = 0.0 if p.form == "none" else p.decay
    optimiser = kind([w], lr=p.lr, betas=(p.beta1, p.beta2), eps=p.eps, weight_decay=decay)
    optimiser.state[w] = {
        "step": torch.tensor(float(p.t - 1)),
        "exp_avg": torch.tensor(p.m, dtype=torch.float64),
        "exp_avg_sq": torch.tensor(p.v, dtype=torch.float64),
    }
    optimiser.step()
    state = optimiser.state[w]
    return {"m": state["exp_avg"].item(), "v": state["exp_avg_sq"].item(), "w": w.item()}


def _gradient(p: Params) -> float:
    return p.g + p.decay * p.w if p.form == "l2" else p.g


def _moved(p: Params, step: float) -> dict:
    """Return the weight after a step of this size down, shrunk before where it is decoupled."""
    shrunk = p.w * (1 - p.lr * p.decay) if p.form == "decoupled" else p.w
    return {"w": shrunk - p.lr * step} if math.isfinite(step) else {}


def _hats(p: Params, t: int) -> tuple[float, float]:
    now = _step(p)
    return now["m"] / (1 - p.beta1**t), now["v"] / (1 - p.beta2**t)


def _late(p: Params) -> bool:
    """Return whether the bias correction makes no difference any more."""
    return p.beta1**p.t < 1e-4 and p.beta2**p.t < 1e-4


MISTAKES = (
    Mistake(
        "no-bias-correction",
        "Both moments start at 0 and are too small at first: divide by $1 - \\beta^t$.",
        lambda p: {} if _late(p) else _moved(p, _step(p)["m"] / (math.sqrt(_step(p)["v"]) + p.eps)),
    ),
    Mistake(
        "steps-from-zero",
        "The steps count from 1: the exponent is one too small here.",
        lambda p: (
            _moved(p, _hats(p, p.t - 1)[0] / (math.sqrt(_hats(p, p.t - 1)[1]) + p.eps))
            if p.t > 1 and not _late(p)
            else {}
        ),
    ),
    Mistake(
        "gradient-not-squared",
        "The second moment averages the **squares** of the gradients.",
        lambda p: {"v": p.beta2 * p.v + (1 - p.beta2) * _gradient(p)},
    ),
    Mistake(
        "no-root",
        "The step divides by the root of the second moment.",
        lambda p: _moved(p, _hats(p, p.t)[0] / (_hats(p, p.t)[1] + p.eps)),
    ),
    Mistake(
        "betas-swapped",
        "Each moment has its own decay: $\\beta_1$ for the first, $\\beta_2$ for the second.",
        lambda p: {
            "m": p.beta2 * p.m + (1 - p.beta2) * _gradient(p),
            "v": p.beta1 * p.v + (1 - p.beta1) * _gradient(p) ** 2,
        },
    ),
    Mistake(
        "shares-swapped",
        "The old moment has the share $\\beta$, the new gradient the share $1 - \\beta$.",
        lambda p: {
            "m": (1 - p.beta1) * p.m + p.beta1 * _gradient(p),
            "v": (1 - p.beta2) * p.v + p.beta2 * _gradient(p) ** 2,
        },
    ),
    Mistake(
        "l2-for-decoupled",
        "This adds the decay to the gradient; AdamW leaves the gradient alone and shrinks the "
        "weight.",
        lambda p: _step(replace(p, form="l2")) if p.form == "decoupled" else {},
    ),
    Mistake(
        "decoupled-for-l2",
        "This is AdamW; here the decay is added to the gradient before the moments.",
        lambda p: _step(replace(p, form="decoupled")) if p.form == "l2" else {},
    ),
    Mistake(
        "decay-forgotten",
        "The weight decay is missing.",
        lambda p: {"w": _step(replace(p, form="none"))["w"]} if p.form == "decoupled" else {},
    ),
    Mistake(
        "uphill",
        "The step goes against the first moment: subtract.",
        lambda p: _moved(p, -_hats(p, p.t)[0] / (math.sqrt(_hats(p, p.t)[1]) + p.eps)),
    ),
    Mistake(
        "gradient-for-moment",
        "The step goes along the first moment, not along this step's gradient.",
        lambda p: (
            _moved(p, _gradient(p) / (math.sqrt(_hats(p, p.t)[1]) + p.eps)) if p.t > 1 else {}
        ),
    ),
)


def steps(p: Params) -> dict:
    """Return the corrected moments and the step."""
    m_hat, v_hat = _hats(p, p.t)
    return {
        "g": _gradient(p),
        "m_hat": m_hat,
        "v_hat": v_hat,
        "step": p.lr * m_hat / (math.sqrt(v_hat) + p.eps),
        "shrunk": p.w * (1 - p.lr * p.decay) if p.form == "decoupled" else p.w,
        "c1": 1 - p.beta1**p.t,
        "c2": 1 - p.beta2**p.t,
    }
