"""The difference between two sources, line by line, side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

CONTEXT = 3
MOST_ROWS = 2000
MOST_PAIRS = 20_000
MOST_WORK = 5_000_000
"""Pairs of equal lines, and pairs times lines, beyond which two texts are not aligned: each pair
may cost a walk over all lines, so that it could take minutes."""


@dataclass(frozen=True)
class Line:
    """One line of a source, and its number from 1."""

    number: int
    text: str


@dataclass(frozen=True)
class Row:
    """A line of either source beside that of the other; None where it has none there."""

    kind: Literal["same", "different"]
    old: Line | None
    new: Line | None


@dataclass(frozen=True)
class Gap:
    """Lines in a row that are the same and are left out."""

    lines: int


@dataclass(frozen=True)
class Comparison:
    """The rows to show; how many lines were removed and added; whether rows were cut off."""

    rows: list[Row | Gap]
    removed: int
    added: int
    cut: bool


def compare(old: str, new: str) -> Comparison:
    """Compare two sources; of what is the same, only the lines next to a difference are kept."""
    before, after = old.splitlines(), new.splitlines()
    rows: list[Row | Gap] = []
    removed = added = 0
    for tag, i, i_end, j, j_end in _blocks(before, after):
        olds = [Line(n + 1, before[n]) for n in range(i, i_end)]
        news = [Line(n + 1, after[n]) for n in range(j, j_end)]
        if tag == "equal":
            same = [Row("same", *pair) for pair in zip(olds, news, strict=True)]
            head = CONTEXT if i > 0 or j > 0 else 0
            tail = CONTEXT if i_end < len(before) or j_end < len(after) else 0
            rows += _shortened(same, head, tail)
            continue
        removed += len(olds)
        added += len(news)
        for n in range(max(len(olds), len(news))):
            left = olds[n] if n < len(olds) else None
            right = news[n] if n < len(news) else None
            rows.append(Row("different", left, right))
    return Comparison(rows[:MOST_ROWS], removed, added, cut=len(rows) > MOST_ROWS)


def _blocks(before: list[str], after: list[str]) -> Sequence[tuple[str, int, int, int, int]]:
    matcher: Any = SequenceMatcher(None, before, after)  # b2j is documented, and in no stub
    pairs = sum(len(matcher.b2j.get(line, ())) for line in before)
    if pairs <= MOST_PAIRS and pairs * len(before) <= MOST_WORK:
        return matcher.get_opcodes()
    if before == after:
        return [("equal", 0, len(before), 0, len(after))]
    return [("replace", 0, len(before), 0, len(after))]


def _shortened(same: list[Row], head: int, tail: int) -> list[Row | Gap]:
    left_out = len(same) - head - tail
    if left_out <= 1:  # a gap would take as much room as the line
        return list(same)
    return [*same[:head], Gap(left_out), *same[len(same) - tail :]]
