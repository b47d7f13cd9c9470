# expect: compile_error
def forget_gate(x:
    return x
