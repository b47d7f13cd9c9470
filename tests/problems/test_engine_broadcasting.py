"""The engine's shapes of element-wise operations and matrix products against PyTorch."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from problems.engine import broadcasting

SHAPES = st.lists(st.sampled_from((1, 2, 3)), min_size=1, max_size=4).map(tuple)


def theirs(operation, a, b):
    try:
        return tuple(operation(torch.empty(a), torch.empty(b)).shape)
    except RuntimeError:
        return None


@settings(max_examples=300, deadline=None)
@given(SHAPES, SHAPES)
def test_shapes_are_torchs(a, b):
    assert broadcasting.broadcast(a, b) == theirs(torch.add, a, b)
    assert broadcasting.matmul(a, b) == theirs(torch.matmul, a, b)


@pytest.mark.parametrize("shapes", [((), (3,)), ((3,), ())])
def test_a_number_has_no_matrix_product(shapes):
    assert broadcasting.matmul(*shapes) is None
