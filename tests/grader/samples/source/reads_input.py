# expect: error
# Waits for somebody to type.
name = input()
