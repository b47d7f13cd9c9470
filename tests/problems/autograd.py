"""What tests of the engine share: drawn numbers, leaves of torch's graph, and their comparison."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from hypothesis import strategies as st

CLOSE = {"rtol": 1e-9, "atol": 1e-10}


def numbers(seed, *shapes):
    generator = np.random.default_rng(seed)
    return [generator.standard_normal(shape) for shape in shapes]


def leaves(arrays):
    return [torch.tensor(array, requires_grad=True) for array in arrays]


def agree(ours, theirs):
    for mine, other in zip(ours, theirs, strict=True):
        assert mine.shape == other.shape
        np.testing.assert_allclose(mine, other.detach(), **CLOSE)


def agree_in_gradients(found, given_leaves):
    agree(found, [leaf.grad for leaf in given_leaves])


def torch_layer(kind, sizes, weights, inputs, **options):
    """Run torch.nn.RNN, LSTM or GRU with these tensors in place of its parameters."""
    layer = kind(*sizes, dtype=torch.float64, **options)
    names = [name for name, _ in layer.named_parameters()]
    given_weights = dict(zip(names, weights, strict=True))
    return torch.func.functional_call(layer, given_weights, inputs)


@dataclass(frozen=True)
class Case:
    """One drawn call: shapes, and three functions of arrays of these shapes in their order."""

    shapes: tuple
    ours: Callable
    backward: Callable
    theirs: Callable
    distributions: bool = False


def run(case, seed):
    """Compare outputs, and the gradients by every array for a drawn gradient by the output."""
    generator = np.random.default_rng(seed)
    arrays = [
        generator.dirichlet(np.ones(shape[-1]), shape[:-1])
        if case.distributions
        else generator.standard_normal(shape)
        for shape in case.shapes
    ]
    inputs = leaves(arrays)
    ours, theirs = np.asarray(case.ours(*arrays)), case.theirs(*inputs)
    assert ours.dtype == np.float64
    agree([ours], [theirs])
    dy = generator.standard_normal(ours.shape)
    theirs.backward(torch.tensor(dy))
    found = case.backward(dy, *arrays)
    found = found if isinstance(found, tuple) else (found,)
    agree_in_gradients(found, inputs)


def shaped(make):
    """Build a case from two sizes."""
    return st.builds(make, st.integers(1, 5), st.integers(2, 5))
