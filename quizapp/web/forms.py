"""What people type into fields: whole numbers, numbers, and times on a course's clock."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Concatenate, ParamSpec, TypeVar

from flask import request

from quizapp.errors import Invalid
from quizapp.services import time_zones

P = ParamSpec("P")
R = TypeVar("R")

YEARS = (2000, 2100)


def given(
    name: str, read: Callable[Concatenate[str, P], R], *args: P.args, **kwargs: P.kwargs
) -> R | None:
    """Return what a field of the form holds, read by this; None where it is blank."""
    text = request.form.get(name, "").strip()
    return read(text, *args, **kwargs) if text else None


def whole_number(text: str, of: str) -> int:
    """Return a whole number from 0. Raises Invalid, which says `of` what it is."""
    if not re.fullmatch(r"\s*[0-9]{1,9}\s*", text, re.ASCII):
        raise Invalid(f"Give {of} as a whole number from 0, in digits.")
    return int(text)


def number(text: str, of: str) -> float:
    """Return a number from 0, as people write it: with a point or a comma. Raises Invalid."""
    if not re.fullmatch(r"\s*([0-9]{1,6}[.,]?|[0-9]{0,6}[.,][0-9]{1,20})\s*", text, re.ASCII):
        raise Invalid(f"Give {of} as a number from 0, such as 1.5.")
    return float(text.replace(",", "."))


def number_text(value: float) -> str:
    """Return a number as a field shows it, so that `number` reads the same again."""
    return f"{value:.6f}".rstrip("0").rstrip(".")


def moment(text: str, of: str, zone: str, before: datetime | None = None) -> datetime:
    """Return the moment that a field means in a time zone. Raises Invalid.

    Where the field shows the moment `before` it means that one: of an hour that comes twice, or
    of a minute, it shows only a part.
    """
    if before is not None and text == moment_text(before, zone):
        return before
    try:
        clock = datetime.fromisoformat(text)
    except ValueError:
        clock = None
    if clock is None or clock.tzinfo is not None or not YEARS[0] <= clock.year < YEARS[1]:
        raise Invalid(f"Give {of} as a date and a time, such as 2026-12-01T14:00.")
    return time_zones.from_clock(clock, zone)


def moment_text(value: datetime, zone: str) -> str:
    """Return a moment as a field shows it: to the minute, on the clock of a time zone."""
    return time_zones.to_clock(value, zone).isoformat(timespec="minutes")


def page_number() -> int:
    """Return the page of a list that the address asks for, from 1. Raises Invalid."""
    return max(1, whole_number(request.args.get("page") or "1", "the page"))
