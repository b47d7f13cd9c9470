# expect: accepted
# Recursion within Python's own limit, with a memory of what was computed.
from functools import lru_cache

import numpy as np


@lru_cache(maxsize=None)
def factorial(n):
    return 1 if n == 0 else n * factorial(n - 1)


def power(base, n):
    return 1.0 if n == 0 else power(base, n // 2) ** 2 * (base if n % 2 else 1.0)


def exponential(z):
    # Halved until the series is short, then squared as often.
    return sum((z / 1024) ** k / factorial(k) for k in range(12)) ** 1024


def forget_gate(x, h_prev, W_f, U_f, b_f):
    assert factorial(400) > 0 and power(2.0, 10) == 1024
    z = np.clip(x @ W_f.T + h_prev @ U_f.T + b_f, -60, 60)
    return 1 / (1 + exponential(-z))
