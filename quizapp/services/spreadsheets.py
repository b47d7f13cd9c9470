"""CSV as spreadsheets read and write it, with no cell that one would run as a formula."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_ESCAPED = re.compile(r"'+[=+\-@\t\r]")


def csv_text(rows: Iterable[Sequence[Any]]) -> str:
    """Return rows as CSV with Windows line ends; None is an empty cell."""
    written = io.StringIO()
    csv.writer(written).writerows([_safe(cell) for cell in row] for row in rows)
    return written.getvalue()


def plain(cell: str) -> str:
    """Return a cell's text without the apostrophe that `csv_text` put before a formula."""
    text = cell.strip(" ")
    return (text[1:] if _ESCAPED.match(text) else text).strip()


def _safe(cell: Any) -> Any:
    # Numbers stay numbers, negative ones too.
    return f"'{cell}" if isinstance(cell, str) and _FORMULA.match(cell) else cell
