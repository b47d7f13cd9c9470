# expect: invalid_output
# task: lstm_step
# One output where two are asked for.


def lstm_step(x, h_prev, c_prev, W, U, b):
    return h_prev
