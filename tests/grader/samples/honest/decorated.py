# expect: accepted
# A decorator, logging, keyword arguments, and a main guard as scripts have one.
import functools
import logging

import numpy as np

logging.basicConfig(level=logging.INFO)


def logged(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        logging.info("shapes %s", [a.shape for a in args])
        return function(*args, **kwargs)

    return wrapper


@logged
def forget_gate(x, h_prev, W_f, U_f, b_f, *, eps=0.0):
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-(x @ W_f.T + h_prev @ U_f.T + b_f + eps)))


if __name__ == "__main__":
    print(forget_gate(*[np.ones((2, 2))] * 4, np.ones(2)))
