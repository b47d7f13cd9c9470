"""The difference between two sources: whole, short, and soon there whatever the sources are."""

from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizapp.services.differences import CONTEXT, MOST_ROWS, Gap, compare

LINES = st.lists(st.sampled_from(["a", "b", "c", "", "  d"])).map("\n".join)


@given(LINES, LINES)
def test_each_side_has_its_own_lines_in_order_and_changes_are_counted(old, new):
    found = compare(old, new)
    rows = [row for row in found.rows if not isinstance(row, Gap)]
    hidden = sum(row.lines for row in found.rows if isinstance(row, Gap))
    for side, source in (("old", old.splitlines()), ("new", new.splitlines())):
        lines = [line for row in rows if (line := getattr(row, side))]
        assert all(source[line.number - 1] == line.text for line in lines)
        assert [line.number for line in lines] == sorted(line.number for line in lines)
        assert len(lines) + hidden == len(source)
    assert all(row.old.text == row.new.text for row in rows if row.kind == "same")
    changed = [row for row in rows if row.kind == "different"]
    assert found.removed == sum(row.old is not None for row in changed)
    assert found.added == sum(row.new is not None for row in changed)


def test_of_what_is_the_same_a_few_lines_round_a_change_are_shown():
    old = [f"line {n}" for n in range(100)]
    new = [*old[:50], "another", *old[51:]]
    found = compare("\n".join(old), "\n".join(new))
    assert [type(row).__name__ for row in found.rows] == (
        ["Gap", *["Row"] * (2 * CONTEXT + 1), "Gap"]
    )
    assert (found.removed, found.added, found.cut) == (1, 1, False)


@pytest.mark.parametrize(
    ("lines", "aligned"),
    [
        (["x"] * 30_000, True),
        ([str(n % 97) for n in range(20_000)], False),
        ([str(n) for n in range(13_000)], False),
    ],
    ids=["one line", "few lines", "no line twice"],
)
def test_large_sources_are_aligned_only_where_that_is_soon_done(lines, aligned):
    found = compare("\n".join(lines), "\n".join(chain(lines[1:], ["new"])))
    assert (found.added == 1) == aligned
    assert len(found.rows) <= MOST_ROWS


@pytest.mark.parametrize(("count", "aligned"), [(2000, True), (4000, False), (11_000, False)])
def test_every_other_line_another_is_aligned_only_where_that_is_soon_done(count, aligned):
    old = [str(n) for n in range(count)]
    new = [line if n % 2 else f"{line}x" for n, line in enumerate(old)]
    assert (compare("\n".join(old), "\n".join(new)).added < count) == aligned
