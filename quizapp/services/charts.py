"""Charts of a class, as SVG whose colours are classes of the style sheet."""

from collections.abc import Iterable
from html import escape

from quizapp.services.pictures.svg import Picture, rect, text

BINS = 10
WIDTH, HEIGHT = 640, 240
LEFT, TOP, BOTTOM = 10, 30, 46


def histogram(shares: Iterable[float | None]) -> list[int]:
    """Return how many shares, 0 to 1, lie in each tenth; a full one lies in the last."""
    counts = [0] * BINS
    for share in shares:
        if share is not None:
            # 0.3 is in the tenth that begins there, though 0.3 * 10 is a little less than 3.
            counts[min(BINS - 1, max(0, int(share * BINS + 1e-9)))] += 1
    return counts


def distribution(shares: Iterable[float | None]) -> Picture | None:
    """Draw how many students reached which tenth of the points; None where nobody did."""
    counts = histogram(shares)
    total = sum(counts)
    if not total:
        return None
    step = (WIDTH - 2 * LEFT) / BINS
    shapes: list[str] = []
    for number, count in enumerate(counts):
        height = (HEIGHT - TOP - BOTTOM) * count / max(counts)
        x, y = LEFT + number * step, HEIGHT - BOTTOM - height
        shapes += [
            rect(x + 2, y, step - 4, height, "bar"),
            text(x + step / 2, y - 12, str(count) if count else "", "value"),
            text(x + step / 2, HEIGHT - BOTTOM + 16, _tenth(number), "small"),
        ]
    shapes.append(text(WIDTH / 2, HEIGHT - 10, "percent of the points", "soft"))
    listed = ", ".join(
        f"{_tenth(number)} %: {count}" for number, count in enumerate(counts) if count
    )
    description = (
        f"{total} student{'s' if total > 1 else ''} by their share of the points. {listed}."
    )
    return Picture(_svg("Distribution of the scores", description, shapes), description)


def _tenth(number: int) -> str:
    return f"{10 * number}–{10 * number + 9 if number < BINS - 1 else 100}"


def _svg(title: str, description: str, shapes: list[str]) -> str:
    return (
        f'<svg class="picture chart" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" role="img" '
        f'aria-labelledby="chart-title chart-description"><title id="chart-title">{escape(title)}'
        f'</title><desc id="chart-description">{escape(description)}</desc>{"".join(shapes)}</svg>'
    )
