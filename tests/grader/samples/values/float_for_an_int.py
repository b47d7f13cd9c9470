# expect: invalid_output
# task: conv2d_output_shape
# Halves where whole numbers are asked for.
def conv2d_output_shape(channels, height, width, filters, *rest):
    return filters, height / 2, width / 2
