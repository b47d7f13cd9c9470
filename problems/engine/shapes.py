"""Lengths of the axes that layers give (Dumoulin & Visin 2016; PyTorch's conventions)."""

from collections.abc import Sequence


def conv_length(
    length: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1
) -> int:
    """Return the output length of a convolution along one axis, in positions.

    floor((length + 2*padding - dilation*(kernel - 1) - 1) / stride) + 1, with the padding on both
    sides: the formula of torch.nn.Conv2d. It is 0 or less where the kernel does not fit.
    """
    return (length + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1


def pool_length(
    length: int, kernel: int, stride: int, padding: int = 0, *, ceil_mode: bool = False
) -> int:
    """Return the output length of a pooling along one axis, as torch.nn.MaxPool2d gives it.

    With `ceil_mode` a last window that reaches over the end counts too, unless it would start
    behind the input and its left padding.
    """
    if not ceil_mode:
        return conv_length(length, kernel, stride, padding)
    windows = -(-(length + 2 * padding - kernel) // stride) + 1
    return windows - ((windows - 1) * stride >= length + padding)


def conv_transpose_length(
    length: int,
    kernel: int,
    stride: int = 1,
    padding: int = 0,
    output_padding: int = 0,
    dilation: int = 1,
) -> int:
    """Return the output length of a transposed convolution: torch.nn.ConvTranspose2d's formula."""
    return (length - 1) * stride - 2 * padding + dilation * (kernel - 1) + output_padding + 1


def receptive_fields(
    kernels: Sequence[int], strides: Sequence[int], dilations: Sequence[int]
) -> list[tuple[int, int]]:
    """Return (receptive field, jump) behind each layer, in positions of the input.

    The jump is the distance, in the input, between two neighbouring outputs of the layer
    (Araujo, Norris & Sim 2019).
    """
    field, jump, found = 1, 1, []
    for kernel, stride, dilation in zip(kernels, strides, dilations, strict=True):
        field += dilation * (kernel - 1) * jump
        jump *= stride
        found.append((field, jump))
    return found


def same_padding(length: int, kernel: int, stride: int = 1, dilation: int = 1) -> tuple[int, int]:
    """Return the zeros (before, after) of padding "same": ceil(length / stride) outputs.

    An odd one goes to the end, as in TensorFlow for any stride and in PyTorch for stride 1.
    """
    outputs = -(-length // stride)
    total = max(0, (outputs - 1) * stride + dilation * (kernel - 1) + 1 - length)
    return total // 2, total - total // 2
