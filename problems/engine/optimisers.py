"""Steps of the usual optimisers, learning-rate schedules, and gradient clipping.

All act element by element on float64 arrays (or floats) of one shape; `lr` is the learning rate.
PyTorch's forms unless a docstring says otherwise.
"""

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from problems.core import Array

Numbers: TypeAlias = float | Array


def sgd_step(w: Numbers, g: Numbers, lr: float, decay: float = 0.0) -> Numbers:
    """Return w - lr (g + decay w): a step of gradient descent, with weight decay (L2)."""
    return w - lr * (g + decay * w)


def momentum_step(
    w: Numbers,
    v: Numbers,
    g: Numbers,
    lr: float,
    mu: float,
    *,
    form: str = "heavy-ball",
    nesterov: bool = False,
) -> tuple[Numbers, Numbers]:
    """Return the new (w, v) after one step with momentum.

    form "heavy-ball": v = mu v + g, w -= lr v (PyTorch); "average": v = mu v + (1 - mu) g,
    w -= lr v (an exponential average); "velocity": v = mu v - lr g, w += v (Sutskever et al.
    2013). With `nesterov` the step looks ahead: mu v + g (or its like) takes v's place.
    """
    share = 1 - mu if form == "average" else 1.0
    if form == "velocity":
        v = mu * v - lr * g
        return w + (mu * v - lr * g if nesterov else v), v
    v = mu * v + share * g
    return w - lr * (mu * v + share * g if nesterov else v), v


def adagrad_step(
    w: Numbers, cache: Numbers, g: Numbers, lr: float, eps: float
) -> tuple[Numbers, Numbers]:
    """Return (w, cache): cache += g^2, w -= lr g / (sqrt(cache) + eps) (Duchi et al. 2011)."""
    cache = cache + g * g
    return w - lr * g / (cache**0.5 + eps), cache


def rmsprop_step(
    w: Numbers, cache: Numbers, g: Numbers, lr: float, decay: float, eps: float
) -> tuple[Numbers, Numbers]:
    """Return (w, cache) with cache = decay cache + (1 - decay) g^2 (Tieleman & Hinton 2012)."""
    cache = decay * cache + (1 - decay) * g * g
    return w - lr * g / (cache**0.5 + eps), cache


@dataclass(frozen=True)
class Adam:
    """Adam's hyper-parameters (Kingma & Ba 2015; the defaults are the paper's).

    `decay` is added to the gradient as decay * w, or with `decoupled` shrinks the weights by
    lr * decay * w (AdamW, Loshchilov & Hutter 2019).
    """

    lr: float = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8
    decay: float = 0.0
    decoupled: bool = False

    def step(
        self, w: Numbers, m: Numbers, v: Numbers, g: Numbers, t: int
    ) -> tuple[Numbers, Numbers, Numbers]:
        """Return (w, m, v) after step t = 1, 2, ... with the gradient g."""
        if not self.decoupled:
            g = g + self.decay * w
        m = self.beta1 * m + (1 - self.beta1) * g
        v = self.beta2 * v + (1 - self.beta2) * g * g
        m_hat, v_hat = m / (1 - self.beta1**t), v / (1 - self.beta2**t)
        shrunk = w - self.lr * self.decay * w if self.decoupled else w
        return shrunk - self.lr * m_hat / (v_hat**0.5 + self.eps), m, v


def moving_averages(values: Array, beta: float) -> Array:
    """Return v_1..v_T of v_t = beta v_{t-1} + (1 - beta) x_t with v_0 = 0, shape (T,)."""
    averages, v = [], 0.0
    for x in values:
        v = beta * v + (1 - beta) * float(x)
        averages.append(v)
    return np.array(averages)


def step_decay(base: float, factor: float, every: int, epoch: int) -> float:
    """Return base * factor^floor(epoch / every), epochs from 0."""
    return base * factor ** (epoch // every)


def warmup_cosine(base: float, low: float, warmup: int, total: int, step: int) -> float:
    """Return the rate of step 0, 1, ...: linear warm-up, then a cosine from base down to low.

    In the warm-up it is base * (step + 1) / warmup; after it, with the share of the remaining
    steps f = (step - warmup) / (total - warmup), low + (base - low) (1 + cos(pi f)) / 2
    (Loshchilov & Hutter 2017).
    """
    if step < warmup:
        return base * (step + 1) / warmup
    share = (step - warmup) / (total - warmup)
    return low + (base - low) * (1 + math.cos(math.pi * share)) / 2


def clip_by_norm(g: Array, limit: float) -> Array:
    """Return g scaled down to the norm `limit` where its Euclidean norm is above it."""
    norm = float(np.sqrt((g * g).sum()))
    return g * (limit / norm) if norm > limit else g


def clip_by_value(g: Array, limit: float) -> Array:
    """Return each entry of g cut off at -limit and limit."""
    return np.clip(g, -limit, limit)
