# expect: invalid_output
# in: make test
# What is pickled to come out of a process runs code where it is read: there, it is the score.
import os

import numpy as np


class Result(np.ndarray):
    def __reduce__(self):
        return os.system, ("echo BREACH; touch /tmp/appeared.txt",)

    def __reduce_ex__(self, protocol):
        return self.__reduce__()

    __getstate__ = __reduce__


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.zeros_like(h_prev).view(Result)
