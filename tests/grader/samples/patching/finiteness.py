# expect: invalid_output
# Not a number is close to anything where nobody asks whether it is finite.
import math

import numpy as np

np.isfinite = np.isclose = lambda *a, **k: np.True_
math.isfinite = math.isclose = lambda *a, **k: True
np.isnan = math.isnan = lambda *a, **k: np.False_
np.seterr(all="ignore")


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.full_like(h_prev, np.nan)
