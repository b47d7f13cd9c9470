"""The engine's convolutions and poolings against torch.nn.functional."""

import numpy as np
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from problems.engine import convolution

SEEDS = st.integers(0, 2**32 - 1)
SIZES = st.integers(1, 7)
quick = settings(max_examples=25, deadline=None)


@quick
@given(SEEDS, st.integers(1, 3), SIZES, SIZES, SIZES, SIZES, st.integers(1, 3), st.integers(0, 2))
def test_conv2d_is_torchs(seed, channels, height, width, rows, columns, stride, padding):
    assume(rows <= height + 2 * padding and columns <= width + 2 * padding)
    generator = np.random.default_rng(seed)
    image = generator.standard_normal((channels, height, width))
    kernel = generator.standard_normal((channels, rows, columns))
    theirs = torch.nn.functional.conv2d(
        torch.tensor(image)[None],
        torch.tensor(kernel)[None],
        torch.tensor([0.7], dtype=torch.float64),
        stride=stride,
        padding=padding,
    )[0, 0]
    ours = convolution.conv2d(image, kernel, 0.7, stride, padding)
    np.testing.assert_allclose(ours, theirs, rtol=1e-11, atol=1e-11)


@quick
@given(SEEDS, SIZES, SIZES, st.integers(1, 4), st.integers(1, 3), st.booleans())
def test_pooling_is_torchs(seed, height, width, kernel, stride, count_padding):
    padding = kernel // 2
    assume(kernel <= min(height, width))
    image = np.random.default_rng(seed).standard_normal((height, width))
    tensor = torch.tensor(image)[None, None]
    theirs = torch.nn.functional.avg_pool2d(
        tensor, kernel, stride, padding, count_include_pad=count_padding
    )[0, 0]
    ours = convolution.average_pool(image, kernel, stride, padding, count_padding=count_padding)
    np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12)
    theirs = torch.nn.functional.max_pool2d(tensor, kernel, stride)[0, 0]
    np.testing.assert_array_equal(convolution.max_pool(image, kernel, stride), theirs)


@quick
@given(SEEDS, SIZES, SIZES, st.integers(1, 3), st.integers(1, 3), st.integers(1, 3))
def test_a_layer_for_a_batch_is_torchs(seed, height, width, rows, columns, stride):
    padding = 1
    generator = np.random.default_rng(seed)
    shapes = (2, 3, height, width), (4, 3, rows, columns), (4,)
    x, weight, bias = (generator.standard_normal(shape) for shape in shapes)
    assume(rows <= height + 2 * padding and columns <= width + 2 * padding)
    theirs = torch.nn.functional.conv2d(
        *map(torch.tensor, (x, weight, bias)), stride=stride, padding=padding
    )
    ours = convolution.conv2d_layer(x, weight, bias, stride, padding)
    np.testing.assert_allclose(ours, theirs, rtol=1e-11, atol=1e-11)
    assume(rows <= min(height, width))
    theirs = torch.nn.functional.max_pool2d(torch.tensor(x), rows, stride)
    np.testing.assert_array_equal(convolution.max_pool2d_layer(x, rows, stride), theirs)
