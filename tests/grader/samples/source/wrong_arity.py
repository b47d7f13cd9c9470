# expect: error
def forget_gate(x):
    return x
