# expect: compile_error
def forget_gate(x):
        y = x
    return y
