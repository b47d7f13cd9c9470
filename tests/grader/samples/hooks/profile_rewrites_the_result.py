# expect: wrong
# A profiler sees the harness's frames, and changes what it returns by their locals.
import ctypes
import sys

import numpy as np

libpython = ctypes.pythonapi


def profile(frame, event, argument):
    name = frame.f_code.co_name
    if event == "call" and name in {"_encode_result", "_to_array", "_encode_array"}:
        for local in ("result", "value", "array"):
            if local in frame.f_locals:
                frame.f_locals[local] = np.ones_like(frame.f_locals[local])
        libpython.PyFrame_LocalsToFast(ctypes.py_object(frame), 0)


def forget_gate(x, h_prev, W_f, U_f, b_f):
    sys.setprofile(profile)
    return np.zeros_like(h_prev)
