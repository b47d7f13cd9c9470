"""Numbers of trainable parameters."""

from collections.abc import Sequence
from itertools import pairwise


def mlp_params(widths: Sequence[int], *, bias: bool = True) -> int:
    """Return the parameters of fully connected layers between these widths, input first."""
    return sum(n * m + (m if bias else 0) for n, m in pairwise(widths))


def conv_weights(
    in_channels: int, out_channels: int, kernel_height: int, kernel_width: int, groups: int = 1
) -> int:
    """Return the weights of a 2-D convolution: each filter sees in_channels / groups channels."""
    return kernel_height * kernel_width * (in_channels // groups) * out_channels


def lstm_params(
    inputs: int,
    hidden: int,
    *,
    layers: int = 1,
    bidirectional: bool = False,
    projection: int = 0,
    biases: int = 2,
) -> int:
    """Return the parameters of an LSTM as torch.nn.LSTM builds it.

    `biases` is the number of bias vectors a gate: PyTorch keeps two, the textbook one. With
    `projection` > 0 the output h has that length (Sak et al. 2014).
    """
    directions = 2 if bidirectional else 1
    outputs = projection or hidden
    total = 0
    for layer in range(layers):
        seen = inputs if layer == 0 else outputs * directions
        gates = 4 * hidden * (seen + outputs + biases)
        total += directions * (gates + hidden * projection)
    return total


def rnn_params(
    inputs: int,
    hidden: int,
    *,
    blocks: int = 1,
    layers: int = 1,
    bidirectional: bool = False,
    biases: int = 2,
) -> int:
    """Return the parameters of a recurrent stack whose cell has this many blocks of weights.

    One block is a simple RNN, three a GRU, four an LSTM; `biases` is the number of bias vectors
    a block (two in PyTorch).
    """
    directions = 2 if bidirectional else 1
    seen = [inputs] + [hidden * directions] * (layers - 1)
    return directions * sum(blocks * hidden * (n + hidden + biases) for n in seen)


def attention_params(
    width: int, heads: int, key_width: int, value_width: int, *, bias: bool, kv_heads: int = 0
) -> int:
    """Return the parameters of multi-head attention: W_Q, W_K, W_V and W_O with their biases.

    `key_width` and `value_width` are a head's; `kv_heads` heads of keys and values are shared by
    the `heads` of queries (0: as many as queries).
    """
    kv_heads = kv_heads or heads
    columns = heads * key_width + kv_heads * (key_width + value_width)
    weights = width * columns + heads * value_width * width
    return weights + (columns + width if bias else 0)


def norm_weights(kind: str, channels: int, height: int = 1, width: int = 1) -> int:
    """Return the trained numbers of a normalisation layer: a scale and a shift for each entry.

    `kind` is batch, group, instance or layer (one pair a channel) or layer-image (layer
    normalisation over channels, rows and columns together: one pair for each of them).
    """
    return 2 * channels * (height * width if kind == "layer-image" else 1)


def norm_statistics(kind: str, channels: int) -> int:
    """Return the numbers that a layer keeps without training: batch normalisation's statistics."""
    return 2 * channels if kind == "batch" else 0
