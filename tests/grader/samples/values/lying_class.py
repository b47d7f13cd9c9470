# expect: invalid_output
# An object that calls itself an array.
import numpy as np


class Liar:
    dtype = np.dtype("f8")
    __class__ = np.ndarray

    def __eq__(self, other):
        return True

    def tobytes(self):
        return b""

def forget_gate(x, h_prev, W_f, U_f, b_f):
    return Liar()
