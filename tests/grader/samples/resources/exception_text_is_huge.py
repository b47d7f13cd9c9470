# expect: error
# An exception of ten megabytes.
raise ValueError("x" * 10**7)
