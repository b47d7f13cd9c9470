"""Marks responses against a frozen variant: a pure function of the two."""

from __future__ import annotations

from collections.abc import Mapping

from problems.answers import Kind
from problems.core import Malformed, Mark, PartMark, ProblemsError, Value, Variant


class UnknownPart(ProblemsError):
    """A response names a part that the variant does not have."""


def mark(variant: Variant, responses: Mapping[str, str]) -> Mark:
    """Mark what was typed in each part; parts without a response are blank.

    Raises UnknownPart for a part that the variant does not have.
    """
    for part in responses:
        if part not in variant.parts:
            known = ", ".join(variant.parts)
            raise UnknownPart(f"There is no part “{part[:60]}”. There are: {known}.")
    marks = {part: _mark_part(variant, part, responses.get(part, "")) for part in variant.parts}
    total = sum(kind.weight for kind in variant.parts.values())
    earned = sum(
        kind.weight for part, kind in variant.parts.items() if marks[part].verdict == "right"
    )
    return Mark(score=earned / total, parts=marks)


def read(kind: Kind, text: str) -> PartMark:
    """Return how a response is read, before it is marked: `read`, malformed or blank."""
    if not text.strip():
        return PartMark("blank", message="Nothing was entered.")
    try:
        return PartMark("read", read_as=kind.echo(kind.parse(text)))
    except Malformed as error:
        return PartMark("malformed", message=str(error))


def _mark_part(variant: Variant, part: str, text: str) -> PartMark:
    kind, key = variant.parts[part], variant.keys[part]
    reading = read(kind, text)
    if reading.verdict != "read":
        return reading
    given = kind.parse(text)
    if kind.same(given, key):
        return PartMark("right", message="Right.", read_as=reading.read_as)
    fitting = [
        mistake
        for mistake in variant.mistakes
        if part in mistake.values and kind.same(given, mistake.values[part])
    ]
    if fitting:
        return PartMark(
            "mistake",
            ", ".join(mistake.name for mistake in fitting),
            " Or: ".join(mistake.message for mistake in fitting),
            reading.read_as,
        )
    return PartMark("wrong", None, _why_wrong(kind, given, key), reading.read_as)


def _why_wrong(kind: Kind, given: Value, key: Value) -> str:
    if kind.too_coarse(given, key):
        return f"This is rounded too far: give {kind.asks}."
    return "This is not the answer, and it fits none of the usual mistakes."
