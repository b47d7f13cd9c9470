# expect: invalid_output
# task: conv2d_output_shape
# An integer that no array holds.
def conv2d_output_shape(*sizes):
    return 1 << 10**7, 1, 1
