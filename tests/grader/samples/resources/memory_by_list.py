# expect: memory
# Memory, a megabyte at a time.
kept = []
while True:
    kept.append(bytearray(10**6))
