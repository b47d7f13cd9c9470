# expect: memory|crashed|error
# Recursion to the end of the stack.
import sys

sys.setrecursionlimit(10**9)


def down():
    down()


down()
