def conv2d_output_shape(channels, height, width, filters, kernel, stride, padding, dilation):
    def length(n):
        return (n + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1

    return filters, length(height), length(width)
