# expect: crashed|error
# An array whose memory is not there: whoever copies it reads address 8.
import numpy as np
from numpy.lib.stride_tricks import as_strided


class Nowhere:
    def __init__(self, shape):
        strides = (8 * shape[1], 8)
        self.__array_interface__ = {
            "shape": shape,
            "typestr": "<f8",
            "data": (8, True),
            "strides": strides,
            "version": 3,
        }


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.asarray(Nowhere(h_prev.shape))
