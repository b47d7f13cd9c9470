# expect: accepted
# A callable object under the function's name, with properties, inheritance and its own errors.
import numpy as np


class GateError(ValueError):
    pass


class Gate:
    def __init__(self, squash):
        self._squash = squash

    @property
    def squash(self):
        return self._squash

    def __call__(self, x, h_prev, W_f, U_f, b_f):
        if x.shape[0] != h_prev.shape[0]:
            raise GateError("one state for each row")
        return self.squash(np.hstack([x, h_prev]) @ np.hstack([W_f, U_f]).T + b_f)


class Sigmoid(Gate):
    def __init__(self):
        super().__init__(lambda z: np.exp(-np.logaddexp(0, -z)))


forget_gate = Sigmoid()
