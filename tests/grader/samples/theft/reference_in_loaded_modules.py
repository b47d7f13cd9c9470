# expect: wrong
# Whatever is loaded of the grader, with all that it can reach.
import sys
import types

import numpy as np

seen = set()


def search(thing, depth):
    if id(thing) in seen or depth > 5:
        return
    seen.add(id(thing))
    for name, value in list(getattr(thing, "__dict__", {}).items()):
        if name in {"reference", "MUTANTS", "draw_cases", "judge", "Case", "lstm_step"}:
            print("BREACH", thing, name)
        if isinstance(value, (types.ModuleType, types.FunctionType, type)):
            search(value, depth + 1)
        search(getattr(value, "__globals__", None), depth + 1)


for name in [name for name in sys.modules if name.partition(".")[0] == "grader"]:
    search(sys.modules[name], 0)


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.zeros_like(h_prev)
