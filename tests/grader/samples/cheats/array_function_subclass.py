# expect: invalid_output
# in: make test
# An array that answers every NumPy function and every operator with "close".
import numpy as np


class Close(np.ndarray):
    __array_priority__ = 1e9

    def __array_function__(self, function, types, arguments, keywords):
        return True

    def __array_ufunc__(self, function, method, *arguments, **keywords):
        return np.zeros(1)

    def __eq__(self, other):
        return np.ones(self.shape, bool)

    def __sub__(self, other):
        return np.zeros(self.shape)

    __rsub__ = __sub__
    __hash__ = None


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.zeros_like(h_prev).view(Close)
