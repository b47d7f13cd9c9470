# expect: missing
# A decorator that forgets to give the function back.
def timed(function):
    print(function.__name__)


@timed
def forget_gate(x, h_prev, W_f, U_f, b_f):
    return h_prev
