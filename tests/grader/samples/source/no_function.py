# expect: missing
# Defines something else.
def other():
    return 1
