"""The learning rate at one point of a schedule: step decay, or warm-up and cosine."""

import math
from dataclasses import dataclass

from problems.answers import Real
from problems.core import Mistake, ParamError, param
from problems.drawing import Draw
from problems.engine.optimisers import step_decay, warmup_cosine


@dataclass(frozen=True)
class Params:
    """The schedule and the time."""

    schedule: str = param("the schedule", options=("step", "cosine"))
    base: float = param("highest learning rate", 1e-6, 10)
    time: int = param("epoch (step decay) or step (cosine), from 0", 0, 1_000_000)
    factor: float = param("factor of the step decay", 0.01, 0.99)
    every: int = param("epochs between two decays", 1, 10_000)
    low: float = param("lowest rate of the cosine", 0, 1)
    warmup: int = param("steps of linear warm-up before the cosine", 0, 100_000)
    total: int = param("steps in all, the warm-up included", 1, 1_000_000)

    def __post_init__(self) -> None:
        """Refuse a warm-up without an end, and times and rates outside the schedule."""
        if self.schedule == "step" and self.time // self.every > 50:
            raise ParamError("time", f"give at most {51 * self.every - 1}, after 50 decays.")
        if self.schedule == "cosine":
            if self.warmup >= self.total:
                raise ParamError("warmup", f"give fewer steps than there are in all, {self.total}.")
            if self.time > self.total:
                raise ParamError("time", f"give a step from 0 to {self.total}.")
            if self.low >= self.base:
                raise ParamError("low", f"the lowest rate is below the highest, {self.base:g}.")


VERSION = 1
PARTS = {"lr": Real(digits=4)}


def draw(r: Draw) -> Params:
    """Draw times in the warm-up and after it, or around a decay."""
    schedule = r.choice("schedule", ("step", "cosine", "cosine", "cosine"))
    every, warmup = r.choice("every", (5, 10, 20, 30)), r.choice("warmup", (0, 100, 200, 500))
    total = r.choice("total", (1000, 2000, 4000))
    if schedule == "step":
        time = r.choice("time", tuple(k * every + d for k in (1, 2, 3) for d in (0, 0, 0, 2)))
    else:
        early = tuple(range(warmup // 10, warmup, 10))
        time = r.choice("time", (early + tuple(range(warmup + 50, total, 20)) + early * 3))
    return Params(
        schedule=schedule,
        base=r.choice("base", (0.1, 0.05, 0.01, 0.003, 0.001)),
        time=time,
        factor=r.choice("factor", (0.1, 0.5, 0.2, 0.3)),
        every=every,
        low=r.choice("low", (0.0, 0.0, 0.0001, 0.0005)),
        warmup=warmup,
        total=total,
    )


def _at(p: Params, time: int) -> float:
    if p.schedule == "step":
        return step_decay(p.base, p.factor, p.every, time)
    return warmup_cosine(p.base, p.low, p.warmup, p.total, time)


def answer(p: Params) -> dict:
    """Evaluate the schedule by its formula."""
    return {"lr": _at(p, p.time)}


def witness(p: Params) -> dict:
    """Let torch's schedulers run their closed form up to the time."""
    import torch

    w = torch.nn.Parameter(torch.zeros(1))
    optimiser = torch.optim.SGD([w], lr=p.base)
    if p.schedule == "step":
        decay = torch.optim.lr_scheduler.StepLR(optimiser, p.every, p.factor)
        decay.last_epoch = p.time
        return {"lr": decay._get_closed_form_lr()[0]}  # noqa: SLF001 (steps would take too long)
    if p.time < p.warmup:
        ramp = torch.linspace(0, p.base, p.warmup + 1, dtype=torch.float64)
        return {"lr": ramp[p.time + 1].item()}
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, p.total - p.warmup, p.low)
    cosine.last_epoch = p.time - p.warmup
    return {"lr": cosine._get_closed_form_lr()[0]}  # noqa: SLF001 (as above)


def _rate(value: float) -> dict:
    return {"lr": value}


def _warming(p: Params) -> bool:
    return p.schedule == "cosine" and p.time < p.warmup


def _annealing(p: Params) -> bool:
    return p.schedule == "cosine" and p.warmup < p.time < p.total


def _share(p: Params) -> float:
    return (p.time - p.warmup) / (p.total - p.warmup)


def _cosine(p: Params, angle: float) -> dict:
    return _rate(p.low + (p.base - p.low) * (1 + math.cos(angle)) / 2)


MISTAKES = (
    Mistake(
        "one-epoch-early",
        "Epochs count from 0: at a multiple of the interval the rate has just fallen.",
        lambda p: (
            _rate(_at(p, p.time - 1))
            if p.schedule == "step" and p.time and p.time % p.every == 0
            else {}
        ),
    ),
    Mistake(
        "decayed-every-epoch",
        "The rate falls once in each interval, not in each epoch.",
        lambda p: (
            _rate(p.base * p.factor ** (p.time / p.every))
            if p.schedule == "step" and p.time % p.every
            else {}
        ),
    ),
    Mistake(
        "decayed-once",
        "The factor is applied once for each interval that has passed.",
        lambda p: (
            _rate(p.base * p.factor) if p.schedule == "step" and p.time >= 2 * p.every else {}
        ),
    ),
    Mistake(
        "one-decay-more",
        "Count the intervals that are over: this is one too many.",
        lambda p: _rate(_at(p, p.time) * p.factor) if p.schedule == "step" else {},
    ),
    Mistake(
        "warm-up-from-zero",
        "The first step of the warm-up already has a rate above 0: count $t + 1$.",
        lambda p: _rate(p.base * p.time / p.warmup) if _warming(p) and p.time else {},
    ),
    Mistake(
        "no-warm-up",
        "The rate still rises at this step.",
        lambda p: _cosine(p, math.pi * p.time / p.total) if _warming(p) else {},
    ),
    Mistake(
        "degrees",
        "The angle is in radians: $\\pi$ is half a turn.",
        lambda p: _cosine(p, math.radians(math.pi * _share(p))) if _annealing(p) else {},
    ),
    Mistake(
        "warm-up-in-the-cosine",
        "The cosine begins after the warm-up: take its steps off above and below.",
        lambda p: _cosine(p, math.pi * p.time / p.total) if _annealing(p) and p.warmup else {},
    ),
    Mistake(
        "linear-fall",
        "The rate falls along a cosine, not along a line.",
        lambda p: (
            _rate(p.base - (p.base - p.low) * _share(p))
            if _annealing(p) and _share(p) != 0.5
            else {}
        ),
    ),
    Mistake(
        "low-forgotten",
        "The cosine ends at the lowest rate, not at 0.",
        lambda p: (
            _rate(p.base * (1 + math.cos(math.pi * _share(p))) / 2)
            if _annealing(p) and p.low
            else {}
        ),
    ),
    Mistake(
        "rising",
        "The rate falls from the highest to the lowest: the cosine has a plus.",
        lambda p: (
            _cosine(p, math.pi * (1 - _share(p))) if _annealing(p) and _share(p) != 0.5 else {}
        ),
    ),
)


def steps(p: Params) -> dict:
    """Return the intervals that are over, or the share of the cosine."""
    share = _share(p) if p.schedule == "cosine" and p.time >= p.warmup else 0.0
    return {
        "over": p.time // p.every,
        "warming": _warming(p),
        "share": share,
        "cosine": math.cos(math.pi * share),
    }
