# expect: compile_error
# Does not compile.
def forget_gate(x:
    return x
