# expect: timeout
sum(range(10**12))
