# expect: missing
forget_gate = 3
