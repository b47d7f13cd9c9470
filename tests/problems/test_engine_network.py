"""The engine's small perceptron against PyTorch: values and gradients."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from problems.engine import network

FUNCTIONS = {"relu": torch.relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid}


@pytest.mark.parametrize("name", FUNCTIONS)
@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 6), st.integers(1, 6))
def test_forward_and_gradients_are_torchs(name, seed, inputs, hidden):
    generator = np.random.default_rng(seed)
    x, W1, b1, w2 = (
        generator.standard_normal(size) for size in (inputs, (hidden, inputs), hidden, hidden)
    )
    tensors = [torch.tensor(value, requires_grad=True) for value in (W1, b1, w2)]
    output = tensors[2] @ FUNCTIONS[name](tensors[0] @ torch.tensor(x) + tensors[1]) + 0.3
    ours = network.forward(x, W1, b1, w2[None], np.array([0.3]), name)
    np.testing.assert_allclose(ours, [output.item()], rtol=1e-12, atol=1e-12)
    found = network.gradients(x, W1, b1, w2, 1.7, name)
    for our, their in zip(found, torch.autograd.grad(1.7 * output, tensors), strict=True):
        np.testing.assert_allclose(our, their, rtol=1e-10, atol=1e-12)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 6), st.integers(1, 6), st.integers(1, 6))
def test_the_gradients_of_a_linear_layer_are_torchs(seed, batch, inputs, outputs):
    generator = np.random.default_rng(seed)
    shapes = ((batch, outputs), (batch, inputs), (outputs, inputs), (outputs,))
    dy, x, W, b = (generator.standard_normal(shape) for shape in shapes)
    leaves = [torch.tensor(value, requires_grad=True) for value in (x, W, b)]
    torch.nn.functional.linear(*leaves).backward(torch.tensor(dy))
    for our, leaf in zip(network.linear_backward(dy, x, W), leaves, strict=True):
        np.testing.assert_allclose(our, leaf.grad.numpy(), rtol=1e-12, atol=1e-12)
