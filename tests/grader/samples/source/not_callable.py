# expect: missing
# A number by the function's name.
forget_gate = 3
