# expect: wrong
# What is left for the end: an exit handler, and an object's last words.
import atexit
import os

import numpy as np

atexit.register(lambda: os.write(3, b"accepted"))


class Late:
    def __del__(self):
        print("late")


late = Late()


def forget_gate(x, h_prev, W_f, U_f, b_f):
    return np.zeros_like(h_prev)
