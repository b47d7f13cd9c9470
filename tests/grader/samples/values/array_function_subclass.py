# expect: invalid_output
# A subclass that answers for every function.
import numpy as np


class Always(np.ndarray):
    def __array_function__(self, function, types, arguments, keywords):
        return True

    def __eq__(self, other):
        return True

    def __array__(self, *arguments, **keywords):
        return np.zeros(1)

def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.zeros_like(h_prev).view(Always)
