"""Boxes against a count of the cells that they cover."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from problems.engine import boxes

PLACES = st.integers(0, 8)
BOX = st.tuples(PLACES, PLACES, st.integers(1, 6), st.integers(1, 6)).map(
    lambda b: np.array([b[0], b[1], b[0] + b[2], b[1] + b[3]], dtype=np.float64)
)


def _cells(box):
    x1, y1, x2, y2 = box.astype(int)
    return {(x, y) for x in range(x1, x2) for y in range(y1, y2)}


@settings(max_examples=100, deadline=None)
@given(BOX, BOX)
def test_iou_counts_cells(a, b):
    shared, union = _cells(a) & _cells(b), _cells(a) | _cells(b)
    assert boxes.iou(a, b) == len(shared) / len(union)


@settings(max_examples=25, deadline=None)
@given(st.lists(BOX, min_size=1, max_size=6))
def test_suppression_keeps_a_box_unless_a_better_kept_one_covers_it(found):
    scores = [1 / (place + 2) for place in range(len(found))]
    kept = boxes.suppress(np.array(found), scores, 0.4)
    for place, box in enumerate(found):
        better = [other for other in kept if other < place]
        assert (place in kept) == all(boxes.iou(box, found[other]) <= 0.4 for other in better)
