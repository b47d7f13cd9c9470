"""Lengths, receptive fields and counts of the engine against PyTorch's layers."""

import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from problems.engine import counting, shapes

LENGTHS = st.integers(1, 40)
SMALL = st.integers(1, 5)
quick = settings(max_examples=25, deadline=None)


@quick
@given(LENGTHS, SMALL, SMALL, st.integers(0, 2), st.booleans())
def test_pooling_gives_torchs_length(length, kernel, stride, padding, ceil_mode):
    assume(2 * padding <= kernel <= length + 2 * padding)
    pool = torch.nn.MaxPool1d(kernel, stride, padding, ceil_mode=ceil_mode)
    ours = shapes.pool_length(length, kernel, stride, padding, ceil_mode=ceil_mode)
    assume(ours > 0)
    assert ours == pool(torch.empty(1, 1, length, device="meta")).shape[2]


@quick
@given(LENGTHS, SMALL, SMALL, st.integers(0, 2), st.integers(0, 4), SMALL)
def test_a_transposed_convolution_gives_torchs_length(
    length, kernel, stride, padding, output_padding, dilation
):
    assume(output_padding < max(stride, dilation))
    ours = shapes.conv_transpose_length(length, kernel, stride, padding, output_padding, dilation)
    assume(ours > 0)
    layer = torch.nn.ConvTranspose1d(
        1, 1, kernel, stride, padding, output_padding, dilation=dilation, device="meta"
    )
    assert ours == layer(torch.empty(1, 1, length, device="meta")).shape[2]


@quick
@given(st.lists(st.tuples(SMALL, st.integers(1, 3), st.integers(1, 3)), min_size=1, max_size=4))
def test_a_receptive_field_is_the_shortest_input_that_gives_an_output(layers):
    kernels, strides, dilations = zip(*layers, strict=True)
    field, jump = shapes.receptive_fields(kernels, strides, dilations)[-1]

    def outputs(length):
        for kernel, stride, dilation in layers:
            length = max(0, shapes.conv_length(length, kernel, stride, 0, dilation))
        return length

    assert outputs(field) == 1
    assert outputs(field - 1) == 0
    assert outputs(field + jump) == 2
    assert outputs(field + jump - 1) == 1


def test_normalisation_layers_hold_what_torchs_hold():
    layer = torch.nn.BatchNorm2d(7)
    assert counting.norm_weights("batch", 7) == sum(w.numel() for w in layer.parameters())
    assert counting.norm_statistics("batch", 7) == sum(b.numel() for b in layer.buffers()) - 1
    image = torch.nn.LayerNorm([3, 4, 5])
    assert counting.norm_weights("layer-image", 3, 4, 5) == sum(
        w.numel() for w in image.parameters()
    )
    assert counting.norm_statistics("layer-image", 3) == len(list(image.buffers())) == 0
