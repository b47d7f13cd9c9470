"""Threshold units against the known numbers of threshold functions, and against themselves."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from problems.engine import threshold


@pytest.mark.parametrize(("inputs", "functions"), [(1, 4), (2, 14), (3, 104)])
def test_as_many_functions_are_separable_as_muroga_counts(inputs, functions):
    tables = product((0, 1), repeat=2**inputs)
    assert sum(threshold.conflict(table) is None for table in tables) == functions


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 4), st.integers(0, 2**16 - 1), st.sampled_from((0.0, -1.0)))
def test_weights_are_found_exactly_where_there_is_no_conflict(inputs, bits, low):
    targets = [bits >> k & 1 for k in range(2**inputs)]
    corners = threshold.corners(inputs, low)
    found = threshold.conflict(targets)
    if found is None:
        weights, bias = threshold.perceptron(corners, targets)
        assert ((corners @ weights + bias > 0) == np.array(targets, dtype=bool)).all()
        assert (corners @ weights + bias != 0).all()
    else:
        i, j, k, l = found
        assert (targets[i], targets[j], targets[k], targets[l]) == (1, 1, 0, 0)
        assert (corners[i] + corners[j] == corners[k] + corners[l]).all()
        with pytest.raises(ValueError, match="no weights"):
            threshold.perceptron(corners, targets, rounds=50)
