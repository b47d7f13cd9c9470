# expect: timeout
# A loop.
while True:
    pass
