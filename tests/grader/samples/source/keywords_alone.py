# expect: error
# Takes its arguments by keyword only.
def forget_gate(*, x, h_prev, W_f, U_f, b_f):
    return h_prev
