"""Splits what a student typed into numbers, rows and axes, before each number is read."""

import re

from problems.core import Malformed
from problems.expressions import tidy

MAX_TEXT = 4000
MAX_ITEMS = 400

MAX_BRACKETS = 4
"""No answer needs more brackets around the whole of it."""

_GROUPED_BY_COMMA = re.compile(r"(?<![\d.,])\d{1,3}(,\d{3})+(?![\d.,])")
_GROUPED_BY_SPACE = re.compile(r"[+-]?\d{1,3}([ '_]\d{3})+([.,]\d+)?")
_GROUPED_WITH_POINT = re.compile(r"[+-]?\d{1,3}(,\d{3})+\.\d+")
_GROUPED_WITH_COMMA = re.compile(r"[+-]?\d{1,3}(\.\d{3})+,\d+")
_DECIMAL_COMMA = re.compile(r"(?<!\d)(\d*),(\d+)(?!\d)")
_DECIMAL_COMMA_ITEM = re.compile(r"[+-]?\d*,\d+")
_BRACKETS = {"(": ")", "[": "]", "{": "}"}


def plain_number(text: str, *, whole: bool = False) -> str:
    """Return a scalar's text with decimal points and without grouping of thousands.

    A comma that can be read both ways, as in `1,234` where a real number is asked for, is
    Malformed: guessing would mark one half of the world wrong.
    """
    text = _GROUPED_BY_COMMA.sub(lambda m: _ungrouped(m[0], whole=whole), text)
    if _GROUPED_BY_SPACE.fullmatch(text):
        return re.sub("[ '_]", "", text).replace(",", ".")
    if _GROUPED_WITH_POINT.fullmatch(text):
        return text.replace(",", "")
    if _GROUPED_WITH_COMMA.fullmatch(text):
        return text.replace(".", "").replace(",", ".")
    return _DECIMAL_COMMA.sub(r"\1.\2", text)


def _ungrouped(number: str, *, whole: bool) -> str:
    if number.startswith("0"):
        return number
    point, none = number.replace(",", "."), number.replace(",", "")
    if whole or number.count(",") > 1:
        return none
    raise Malformed(f"The comma can be read in two ways: write {point} or {none}.")


def split_vector(text: str) -> list[str]:
    """Return the texts of a vector's entries."""
    return _row(_unbracketed(tidy(text, MAX_TEXT)))


def split_matrix(text: str) -> list[list[str]]:
    """Return the texts of a matrix's entries, row by row."""
    text = tidy(text.strip(), MAX_TEXT)
    if re.match(r"[\[({]\s*[\[({]", text) and text[-1:] == _BRACKETS[text[0]]:
        text = text[1:-1].strip()
    if re.match(r"[\[({]", text) and re.search(r"[\])}]\s*[,;]?\s*[\[({]", text):
        rows = re.split(r"(?<=[\])}])\s*[,;]?\s*(?=[\[({])", text)
    else:
        rows = re.split(r"[;\n]", _unbracketed(text))
    split = [_row(_unbracketed(row.strip().rstrip(","))) for row in rows if row.strip()]
    if not split or sum(map(len, split)) > MAX_ITEMS:
        raise Malformed("Give one row a line, its numbers separated by spaces or commas.")
    return split


def split_shape(text: str) -> list[str]:
    """Return the texts of a shape's axes."""
    text = _unbracketed(tidy(text).removeprefix("torch.Size"))
    text = re.sub(r"(?<=\d)\s*[xX]\s*(?=\d)", "*", text)
    if "," in text or ";" in text:
        items = re.split("[,;]", text.rstrip(",; "))
    else:
        items = re.split(r"\*|\s+", re.sub(r"\s*\*\s*", "*", text))
    return _filled(items)


def _unbracketed(text: str) -> str:
    text = text.strip()
    for _ in range(MAX_BRACKETS):
        if len(text) > 1 and _BRACKETS.get(text[0]) == text[-1] and _spans(text):
            text = text[1:-1].strip()
    return text


def _spans(text: str) -> bool:
    """Return whether the first bracket closes with the last character."""
    depth = 0
    for position, character in enumerate(text):
        depth += (character in _BRACKETS) - (character in _BRACKETS.values())
        if depth == 0:
            return position == len(text) - 1
    return False


def _row(text: str) -> list[str]:
    words = text.split()
    if ";" in text:
        items = [_DECIMAL_COMMA.sub(r"\1.\2", item) for item in text.split(";")]
    elif len(words) > 1 and all(_DECIMAL_COMMA_ITEM.fullmatch(word) for word in words):
        items = [word.replace(",", ".") for word in words]
    elif "," in text:
        items = text.rstrip(", ").split(",")
    else:
        items = words
    return _filled(items)


def _filled(items: list[str]) -> list[str]:
    items = [item.strip() for item in items]
    if not any(items):
        raise Malformed("There is nothing to read here.")
    if not all(items):
        raise Malformed("Between two separators a number is missing.")
    if len(items) > MAX_ITEMS:
        raise Malformed(f"These are {len(items)} numbers; at most {MAX_ITEMS} are read.")
    return items
