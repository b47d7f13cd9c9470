# expect: wrong
# A context in which everything is close: options of printing, of errors, of the default dtype.
import decimal
import sys

import numpy as np

np.set_printoptions(precision=0, suppress=True, formatter={"all": lambda value: "0.5"})
np.set_string_function = np.array_repr = np.array_str = lambda *a, **k: "[]"
np.finfo = np.iinfo = lambda *a: type("Any", (), {"eps": 1e9, "resolution": 1e9})
np.testing.assert_array_almost_equal = np.testing.assert_equal = lambda *a, **k: None
decimal.getcontext().prec = 1
sys.float_info = type("Any", (), {"epsilon": 1e9})


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.zeros_like(h_prev)
