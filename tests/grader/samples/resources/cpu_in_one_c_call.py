# expect: timeout
# in: make test
# A loop in C, which looks at no signal.
sum(range(10**12))
