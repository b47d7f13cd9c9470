"""Transposed convolutions and convolution matrices against torch.nn.functional."""

import numpy as np
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from problems.engine import convolution_matrix as engine

SEEDS, SIZES = st.integers(0, 2**32 - 1), st.integers(1, 4)
quick = settings(max_examples=25, deadline=None)


@quick
@given(SEEDS, SIZES, SIZES, SIZES, SIZES, st.integers(1, 3), st.integers(0, 2))
def test_the_transposed_convolution_is_torchs(seed, height, width, rows, columns, stride, padding):
    lengths = [(height - 1) * stride + rows, (width - 1) * stride + columns]
    assume(min(lengths) > 2 * padding)
    generator = np.random.default_rng(seed)
    image = generator.standard_normal((height, width))
    kernel = generator.standard_normal((rows, columns))
    theirs = torch.nn.functional.conv_transpose2d(
        torch.tensor(image)[None, None],
        torch.tensor(kernel)[None, None],
        torch.tensor([0.3], dtype=torch.float64),
        stride=stride,
        padding=padding,
    )[0, 0]
    ours = engine.conv_transpose2d(image, kernel, 0.3, stride, padding)
    np.testing.assert_allclose(ours, theirs, rtol=1e-11, atol=1e-11)


@quick
@given(SEEDS, SIZES, SIZES, SIZES, SIZES, st.integers(1, 3), st.integers(0, 2), st.integers(0, 2))
def test_the_matrix_does_what_torchs_convolution_does(
    seed, height, width, rows, columns, stride, above, left
):
    assume(rows <= height + 2 * above and columns <= width + 2 * left)
    generator = np.random.default_rng(seed)
    image = generator.standard_normal((height, width))
    kernel = generator.standard_normal((rows, columns))
    theirs = torch.nn.functional.conv2d(
        torch.tensor(image)[None, None],
        torch.tensor(kernel)[None, None],
        stride=stride,
        padding=(above, left),
    )
    matrix = engine.convolution_matrix((height, width), kernel, stride, (above, left))
    np.testing.assert_allclose(matrix @ image.ravel(), theirs.ravel(), rtol=1e-11, atol=1e-11)
