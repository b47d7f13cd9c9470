# expect: accepted
# Data classes, annotations, a match statement.
from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Gate:
    W: NDArray[np.float64]
    U: NDArray[np.float64]
    b: NDArray[np.float64]

    def __call__(self, x: NDArray[np.float64], h: NDArray[np.float64]) -> NDArray[np.float64]:
        match x.ndim:
            case 2:
                return 1 / (1 + np.exp(-(x @ self.W.T + h @ self.U.T + self.b)))
            case _:
                raise ValueError(x.ndim)

def forget_gate(x, h_prev, W_f, U_f, b_f):
    return Gate(W_f, U_f, b_f)(x, h_prev)
