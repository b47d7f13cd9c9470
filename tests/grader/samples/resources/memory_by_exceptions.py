# expect: memory
# Memory that exceptions hold.
kept = []
while True:
    try:
        raise ValueError(bytearray(10**6))
    except ValueError as error:
        kept.append(error)
