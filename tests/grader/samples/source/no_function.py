# expect: missing
def other():
    return 1
