# expect: output_limit
# in: make test
# Prints without end.
while True:
    print("x" * 1000)
