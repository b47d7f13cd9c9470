"""Shapes that NumPy and PyTorch give for operations on arrays of different shapes."""

from collections.abc import Sequence
from itertools import zip_longest

Lengths = tuple[int, ...]


def broadcast(a: Sequence[int], b: Sequence[int]) -> Lengths | None:
    """Return the shape of an element-wise operation, or None where it is an error.

    The axes are aligned at their ends; a missing axis counts as 1, and an axis of 1 is stretched.
    """
    found = []
    for m, n in zip_longest(reversed(a), reversed(b), fillvalue=1):
        if m != n and 1 not in (m, n):
            return None
        found.append(n if m == 1 else m)
    return tuple(reversed(found))


def matmul(a: Sequence[int], b: Sequence[int]) -> Lengths | None:
    """Return the shape of `a @ b` as torch.matmul and numpy.matmul give it, or None for an error.

    The last axis of a meets the last but one of b (or b's only one); the axes before them are
    broadcast. An operand with one axis is a row on the left and a column on the right, and that
    axis is not in the result.
    """
    if not a or not b:
        return None
    left = (1, *a) if len(a) == 1 else tuple(a)
    right = (*b, 1) if len(b) == 1 else tuple(b)
    batch = broadcast(left[:-2], right[:-2])
    if batch is None or left[-1] != right[-2]:
        return None
    rows = left[-2:-1] if len(a) > 1 else ()
    columns = right[-1:] if len(b) > 1 else ()
    return (*batch, *rows, *columns)
