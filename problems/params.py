"""Describes a family's parameters, and checks the values that a person pins them to."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Mapping
from typing import Any

import numpy as np

from problems.core import Array, ParamError, plain

MAX_ENTRIES = 4096
MAX_TEXT = 200


def describe(params: type) -> dict[str, dict[str, Any]]:
    """Return for each parameter its type, its range and its meaning."""
    hints = typing.get_type_hints(params)
    return {
        field.name: {
            "type": field.metadata["form"] or _type_name(hints[field.name]),
            "range": _range(field.metadata),
            "meaning": field.metadata["meaning"],
        }
        for field in dataclasses.fields(params)
    }


def check_pins(params: type, pins: Mapping[str, Any]) -> dict[str, Any]:
    """Return the pinned values in the parameters' own types; raise ParamError on the first bad one.

    Pins come as JSON has them: numbers, texts, true and false, lists.
    """
    if not pins:
        return {}
    hints = typing.get_type_hints(params)
    fields = {field.name: field for field in dataclasses.fields(params)}
    for name in pins:
        if name not in fields:
            raise ParamError(name, f"there is no such parameter; there are {', '.join(fields)}.")
    return {
        name: _check(name, hints[name], fields[name].metadata, value)
        for name, value in pins.items()
    }


def to_json(params: Any) -> dict[str, Any]:
    """Return drawn parameters as JSON has them."""
    return {f.name: plain(getattr(params, f.name)) for f in dataclasses.fields(params)}


def _type_name(hint: Any) -> str:
    if hint == Array:
        return "array"
    if typing.get_origin(hint) is tuple:
        return f"list of {typing.get_args(hint)[0].__name__}"
    return hint.__name__


def _range(limits: Mapping[str, Any]) -> str:
    if limits["options"]:
        return " | ".join(limits["options"])
    if limits["low"] is None:
        return ""
    return f"{limits['low']}..{limits['high']}"


def _check(name: str, hint: Any, limits: Mapping[str, Any], value: Any) -> Any:
    if limits["read"]:
        return _read(name, limits, value)
    if hint == Array:
        return _array(name, limits, value)
    if typing.get_origin(hint) is tuple:
        return _list(name, typing.get_args(hint)[0], limits, value)
    return _scalar(name, hint, limits, value)


def _scalar(name: str, hint: type, limits: Mapping[str, Any], value: Any) -> Any:
    if hint is bool:
        if not isinstance(value, bool):
            raise ParamError(name, f"give true or false, not {_short(value)}.")
        return value
    if hint is str:
        return _text(name, limits, value)
    wanted = "a whole number" if hint is int else "a number"
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or (hint is int and value != value // 1):
        raise ParamError(name, f"give {wanted} from {_range(limits)}, not {_short(value)}.")
    if not limits["low"] <= value <= limits["high"]:
        raise ParamError(name, f"{_short(value)} is outside its range, {_range(limits)}.")
    return hint(value)


def _text(name: str, limits: Mapping[str, Any], value: Any) -> str:
    if limits["options"]:
        if value not in limits["options"]:
            raise ParamError(name, f"give one of {_range(limits)}, not {_short(value)}.")
    elif not isinstance(value, str) or not value.isprintable() or len(value) > MAX_TEXT:
        raise ParamError(name, f"give a text of at most {MAX_TEXT} characters.")
    return value


def _read(name: str, limits: Mapping[str, Any], value: Any) -> Any:
    try:
        return limits["read"](value)
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        said = str(error) if type(error) is ValueError else f"{_short(value)} cannot be read."
        raise ParamError(name, f"{said} Give {limits['form']}.") from error


def _list(name: str, item: type, limits: Mapping[str, Any], value: Any) -> tuple[Any, ...]:
    if not isinstance(value, list) or not value:
        raise ParamError(name, f"give a JSON list such as [5, 5], not {_short(value)}.")
    if len(value) > limits["max_length"]:
        raise ParamError(name, f"give at most {limits['max_length']} entries, not {len(value)}.")
    return tuple(_scalar(name, item, limits, entry) for entry in value)


def _array(name: str, limits: Mapping[str, Any], value: Any) -> Array:
    try:
        _refuse_all_but_numbers(value)
        array = np.asarray(value, dtype=np.float64)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise ParamError(
            name, "give a JSON list of numbers, or of rows of equal length."
        ) from error
    if array.ndim == 0 or array.size == 0 or max(array.shape) > limits["max_length"]:
        raise ParamError(name, f"give 1 to {limits['max_length']} numbers along each axis.")
    if array.size > MAX_ENTRIES:
        raise ParamError(name, f"give at most {MAX_ENTRIES} numbers in all, not {array.size}.")
    if not ((array >= limits["low"]) & (array <= limits["high"])).all():
        raise ParamError(name, f"each number must lie within {_range(limits)}.")
    return array


def _refuse_all_but_numbers(value: Any) -> None:
    """Raise TypeError for what NumPy would turn into numbers: true, "1", null."""
    if isinstance(value, list):
        for item in value:
            _refuse_all_but_numbers(item)
    elif isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError


def _short(value: Any) -> str:
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # Python writes no number of more than 4300 digits
        return "such a value"
    return text if len(text) <= 40 else f"{text[:37]}..."  # noqa: PLR2004 (a line's worth)
