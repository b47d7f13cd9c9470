# expect: wrong|invalid_output|error
# in: make test
# The harness looks torch up among the modules: this one's tensors say what they like.
import sys
import types

import numpy as np


class Tensor:
    layout = "torch.strided"
    device = types.SimpleNamespace(type="cpu")

    def __init__(self, like):
        self.like = like

    def __getattr__(self, name):
        return lambda *a, **k: self

    def numpy(self):
        return np.ones(self.like.shape)


sys.modules["torch"] = types.SimpleNamespace(
    Tensor=Tensor, nn=types.SimpleNamespace(Parameter=Tensor)
)


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return Tensor(h_prev)
