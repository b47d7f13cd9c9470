# expect: wrong|error|invalid_output
# The harness asks for exact types; type() now says what it hopes for.
import builtins

import numpy as np

honest = type


class Type(honest):
    def __call__(cls, *arguments):
        return np.ndarray if len(arguments) == 1 else honest(*arguments)


class Result:
    dtype = np.dtype("f8")
    ndim, nbytes = 2, 0

    def __init__(self, shape):
        self.shape = shape

    def tobytes(self):
        return bytes(8 * self.shape[0] * self.shape[1])


builtins.type = Type("type", (), {})


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return Result(h_prev.shape)
