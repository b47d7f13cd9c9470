"""Lengths of the axes that layers give (Dumoulin & Visin 2016; PyTorch's conventions)."""


def conv_length(
    length: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1
) -> int:
    """Return the output length of a convolution along one axis, in positions.

    floor((length + 2*padding - dilation*(kernel - 1) - 1) / stride) + 1, with the padding on both
    sides: the formula of torch.nn.Conv2d. It is 0 or less where the kernel does not fit.
    """
    return (length + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1
