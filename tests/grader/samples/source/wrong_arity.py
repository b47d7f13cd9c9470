# expect: error
# Takes too few arguments.
def forget_gate(x):
    return x
