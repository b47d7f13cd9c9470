# expect: timeout
# Catches whatever is to end it.
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
