# expect: error|crashed|wrong
# An audit hook can be taken off by nobody; it stops whatever the harness does.
import sys

import numpy as np


def hook(event, arguments):
    if event not in {"object.__getattr__", "sys._getframe"}:
        raise RuntimeError(event)


def forget_gate(x, h_prev, W_f, U_f, b_f):
    sys.addaudithook(hook)
    return np.zeros_like(h_prev)
