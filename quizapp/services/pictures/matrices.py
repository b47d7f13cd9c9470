"""Confusion matrices: counts in their cells, and which of them a metric looks at."""

from collections.abc import Sequence

from problems.core import Variant
from quizapp.services.pictures.svg import Picture, picture, rect, text

CELL_WIDTH, CELL_HEIGHT, LEFT, TOP = 110, 54, 120, 56


def confusion(variant: Variant) -> Picture:
    """Draw the confusion matrix with the cells of the class that is asked about."""
    counts = variant.params["counts"]
    positive = variant.params["positive"] - 1
    classes = [f"class {index + 1}" for index in range(len(counts))]
    roles = {
        (row, column): role
        for row in range(len(counts))
        for column in range(len(counts))
        if (role := _role(row == positive, column == positive))
    }
    words = (
        f"The confusion matrix. For {classes[positive]}, its own cell counts the true positives, "
        f"the rest of its row the false negatives, the rest of its column the false positives."
    )
    return _matrix(
        counts, classes, [f"says {index + 1}" for index in range(len(counts))], roles, words
    )


def rare_disease(variant: Variant) -> Picture:
    """Draw the confusion matrix of a test for a disease."""
    p = variant.params
    roles = {(0, 0): "TP", (0, 1): "FN", (1, 0): "FP", (1, 1): "TN"}
    words = (
        f"The confusion matrix: {p['tp']} sick people found, {p['fn']} missed, {p['fp']} false "
        f"alarms, and {p['tn']} healthy people left alone."
    )
    counts = [[p["tp"], p["fn"]], [p["fp"], p["tn"]]]
    return _matrix(counts, ["sick", "healthy"], ["says sick", "says healthy"], roles, words)


def _role(in_row: bool, in_column: bool) -> str | None:  # noqa: FBT001 - two sides of one cell
    if in_row:
        return "TP" if in_column else "FN"
    return "FP" if in_column else None


def _matrix(
    counts: Sequence[Sequence[float]],
    rows: Sequence[str],
    columns: Sequence[str],
    roles: dict[tuple[int, int], str],
    words: str,
) -> Picture:
    shapes = [
        text(LEFT + CELL_WIDTH * (x + 0.5), TOP - 16, name, "soft")
        for x, name in enumerate(columns)
    ]
    for y, name in enumerate(rows):
        middle = TOP + CELL_HEIGHT * (y + 0.5)
        shapes.append(text(LEFT - 12, middle, name, "soft", "end"))
        for x, count in enumerate(counts[y]):
            role = roles.get((y, x))
            left = LEFT + CELL_WIDTH * x
            kind = f"cell {role.lower()}" if role else "cell"
            shapes.append(rect(left, TOP + CELL_HEIGHT * y, CELL_WIDTH, CELL_HEIGHT, kind))
            label = f"{role} = {count:g}" if role else f"{count:g}"
            shapes.append(text(left + CELL_WIDTH / 2, middle, label, "value" if role else ""))
    width = LEFT + CELL_WIDTH * len(columns) + 10
    return picture(width, TOP + CELL_HEIGHT * len(rows) + 10, words, shapes)
