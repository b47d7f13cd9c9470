# expect: timeout|memory
# One C call without an end, in which no signal is looked at.
print(len(str(9 ** (9**9))))
