# expect: wrong
# Sees every return, the marker's too were it here.
import sys

import numpy as np


def trace(frame, event, argument):
    if event == "return" and frame.f_code.co_name == "judge":
        print("BREACH")
    return trace


sys.settrace(trace)


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.zeros_like(h_prev)
