"""Checks what comes out of the authors' box, before anyone uses it.

An author's code could have written the answer itself. What it says is the author's word either
way; that it has the form of an answer is seen to here.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any, get_args

import numpy as np

from grader.authoring.inside import MAX_ANSWER, MAX_VARIANT
from grader.core import Framework, InputKind
from problems.core import DIFFICULTIES, TOPICS, Variant
from problems.places import AUTHORED, MAX_WORDS

_DTYPES = ("float32", "float64", "int32", "int64", "bool")
_MAX_COUNT = 2**53
_MAX_TEXT = 16 * 2**10
_MAX_PLACES = 15
_MAX_AXES = 32
"""Of an array, before anything is multiplied: numbers of a million digits keep the grader busy."""
_MAX_WEIGHT = 1000
_LARGEST = {"describe": 256 * 2**10, "prove": 2**20}
"""Bytes of answers that lists of problems read, or that are kept by the dozen."""
_OF_THE_FORMS = ("csrf_token", "key", "go")
"""Fields that every form with answers has: a part of such a name could not be answered."""

Answer = dict[str, Any]
Request = Mapping[str, Any]
Check = Callable[[Any], bool]


class Untrue(Exception):
    """An answer has not the form of one; the text says of what."""


def checked(request: Request, payload: bytes) -> Answer:
    """Return the answer to this request that a payload holds. Raises Untrue."""
    largest = _LARGEST.get(request["do"], MAX_ANSWER)
    if len(payload) > largest:
        raise Untrue(f"it has more than {largest // 2**10} KiB")
    answer = _decoded(payload)
    if not isinstance(answer, dict):
        raise Untrue("it is no object")
    if "error" in answer:
        return {"error": _error(answer["error"])}
    kind, do = request["kind"], request["do"]
    _require(answer, _FORMS[kind, do], do)
    if do == "draw":
        if len(answer["drawn"]) != len(request["draws"]):
            raise Untrue("there is not one variant for each seed")
        for drawn, draw in zip(answer["drawn"], request["draws"], strict=True):
            _check_drawn(request, drawn, draw["seed"])
    if do == "prove" and _span(answer) != _span({**request, "seeds": request["count"]}):
        raise Untrue("it is of other seeds")
    if do in ("describe", "cases"):
        _check_head(request, answer["task"] if do == "cases" else answer)
    return answer


def _span(found: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return of which seeds a proof's fragment is, and of what."""
    names = ("kind", "slug", "version", "first", "seeds")
    return *(found[name] for name in names), found.get("again", False)


def _check_head(request: Request, head: Answer) -> None:
    if (head["slug"], head["version"]) != (request["slug"], request["version"]):
        raise Untrue("it describes something else")
    for name in head.get("parts", ()):
        _check_name(name)


def _check_name(part: str) -> None:
    if not part.isidentifier() or part in _OF_THE_FORMS:
        raise Untrue(f"a part cannot be named “{part[:60]}”")


def _decoded(payload: bytes) -> Any:
    try:
        return clean(json.loads(payload, parse_constant=_refuse, parse_float=_finite))
    except (ValueError, RecursionError) as error:
        raise Untrue("it is no JSON") from error


def _refuse(number: str) -> None:
    raise ValueError(number)


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        _refuse(digits)
    return number


def clean(value: Any) -> Any:
    """Return JSON without what databases refuse in texts: NUL and halves of surrogate pairs."""
    if isinstance(value, str):
        whole = value if value.isascii() else value.encode("utf-8", "replace").decode()
        return whole.replace("\0", "␀")
    if isinstance(value, list):
        return [clean(item) for item in value]
    if isinstance(value, dict):
        return {clean(name): clean(item) for name, item in value.items()}
    return value


def _error(error: Any) -> Answer:
    form = {"message": _text, "file": _maybe(_text), "line": _maybe(_count), "seed": _maybe(_count)}
    _require(error, form, "error")
    if error["file"] not in (None, *AUTHORED):
        raise Untrue("an error is in no file of the author's")
    return {name: error[name] for name in form} | {"message": error["message"][:MAX_WORDS]}


def _check_drawn(request: Request, drawn: Answer, seed: int) -> None:
    if "error" in drawn:
        drawn["error"] = _error(drawn["error"])
        return
    _require(drawn, {"variant": _object, "agrees": _maybe(_bool), "detail": _text}, "variant")
    document = drawn["variant"]
    if len(json.dumps(document)) > MAX_VARIANT:
        raise Untrue(f"the variant of seed {seed} has more than {MAX_VARIANT // 2**10} KiB")
    # Before anything is written with its digits and decimals, which may be millions.
    _require(document, {"parts": _named(_object)}, f"the variant of seed {seed}")
    for name, part in document["parts"].items():
        _check_name(name)
        _require({**_UNSAID, **part}, _PART, f"the part {name} of seed {seed}")
    try:
        variant = Variant.from_json(document)
        same = variant.to_json() == document
    except Exception as error:  # whatever wrong types lead to
        raise Untrue(f"seed {seed} gives no variant") from error
    named = (variant.family, variant.version, variant.seed)
    if not same or named != (request["slug"], request["version"], seed):
        raise Untrue(f"seed {seed} gives another variant")
    _require(document, _VARIANT, f"the variant of seed {seed}")


def _require(value: Any, form: Mapping[str, Check], what: str) -> None:
    if not isinstance(value, dict):
        raise Untrue(f"{what} is no object")
    wrong = [name for name, fits in form.items() if name not in value or not fits(value[name])]
    if wrong:
        raise Untrue(f"{what}: {', '.join(wrong)}")


def _text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= _MAX_TEXT


def _bool(value: Any) -> bool:
    return isinstance(value, bool)


def _count(value: Any) -> bool:
    return type(value) is int and 0 <= value <= 2**63


def _number(value: Any) -> bool:
    return type(value) in (int, float) and 0 <= value < _MAX_COUNT


def _object(value: Any) -> bool:
    return isinstance(value, dict)


def _array(value: Any) -> bool:
    form = {"dtype": _text, "shape": _each(_count), "data": _text_of_any_length}
    if not _form(form)(value) or value["dtype"] not in _DTYPES or len(value["shape"]) > _MAX_AXES:
        return False
    size = math.prod(value["shape"]) * np.dtype(value["dtype"]).itemsize
    return len(value["data"]) == 4 * -(-size // 3)


def _text_of_any_length(value: Any) -> bool:
    return isinstance(value, str)


def _maybe(fits: Check) -> Check:
    return lambda value: value is None or fits(value)


def _each(fits: Check) -> Check:
    return lambda value: isinstance(value, list) and all(map(fits, value))


def _named(fits: Check) -> Check:
    return lambda value: isinstance(value, dict) and all(map(fits, value.values()))


def _pair(first: Check, second: Check) -> Check:
    return lambda v: isinstance(v, list) and len(v) == 2 and first(v[0]) and second(v[1])  # noqa: PLR2004


def _form(form: Mapping[str, Check]) -> Check:
    return lambda value: (
        isinstance(value, dict) and all(n in value and fits(value[n]) for n, fits in form.items())
    )


_PLACES = _maybe(lambda places: _count(places) and places <= _MAX_PLACES)
_PART: dict[str, Check] = {
    "weight": lambda weight: _number(weight) and 0 < weight <= _MAX_WEIGHT,
    "decimals": _PLACES,
    "digits": _PLACES,
    **dict.fromkeys(("length", "rows", "columns", "axes"), _maybe(_count)),
    "options": _named(_text),
    "shown": _text,
}
_UNSAID: Answer = dict.fromkeys(_PART) | {"weight": 1, "options": {}}
"""What a part is without what its kind has not."""
_MISTAKES = _each(_form({"name": _text, "message": _text}))
_HEAD: dict[str, Check] = {
    "slug": _text,
    "title": _text,
    "topic": lambda topic: _text(topic) and topic in TOPICS,
    "difficulty": lambda difficulty: _count(difficulty) and difficulty in DIFFICULTIES,
    "version": _count,
}
_VARIANT = {
    "title": _text,
    "topic": _HEAD["topic"],
    "difficulty": _HEAD["difficulty"],
    "statement": _text,
    "hints": _each(_text),
    "solution": _text,
    "ambiguous": _each(_text),
    "labels": _named(_text),
    "mistakes": _MISTAKES,
}
_FAILURE = _form(
    {
        "check": _text,
        "seed": _maybe(_count),
        "detail": _text,
        "file": _maybe(lambda file: file in AUTHORED),
        "line": _maybe(_count),
    }
)
_COUNTED = _named(_pair(_count, _count))
_FRAGMENT: dict[str, Check] = {
    "kind": _text,
    "slug": _text,
    "version": _count,
    "first": _count,
    "seeds": _count,
    "failed": _named(_count),
    "failures": _each(_FAILURE),
}
_TASK = _HEAD | {
    "function": _text,
    "signature": _text,
    "frameworks": lambda names: (
        isinstance(names, list) and len(names) > 0 and all(n in get_args(Framework) for n in names)
    ),
    "arguments": _named(_text),
    "returns": _named(_text),
    "cases": _form({"visible": _count, "hidden": _count}),
    "tolerance": _form({"rtol": _number, "atol": _number}),
    "statement": _text,
    "starter": _text,
    "mutants": _MISTAKES,
}
_MODULE = ("sizes", "parameters", "inputs", "upstream")

_FORMS: dict[tuple[str, str], dict[str, Check]] = {
    ("family", "describe"): _HEAD
    | {
        "parameters": _named(_text),
        "ranges": _named(_text),
        "meanings": _named(_text),
        "parts": _named(_text),
        "mistakes": _MISTAKES,
        "witness": _bool,
    },
    ("family", "draw"): {"drawn": _each(_object)},
    ("family", "prove"): _FRAGMENT
    | {
        "again": _bool,
        "witness": _bool,
        "draws": _count,
        "thrown": _count,
        "most_thrown": _pair(_count, _count),
        "slowest": _pair(_number, _count),
        "keys": _COUNTED,
        "rewarded": _COUNTED,
        "mistakes": _COUNTED,
        "kept": _named(_count),
        "lost": _named(_named(_count)),
        "digests": lambda digests: (
            _named(_text)(digests) and all(s.isascii() and s.isdigit() for s in digests)
        ),
    },
    ("task", "describe"): _TASK,
    ("task", "prove"): _FRAGMENT | {"cases": _count, "told": _named(_count)},
    ("task", "cases"): {
        "task": _form(
            _TASK
            | {
                "rtol": _number,
                "atol": _number,
                "module": _maybe(_form(dict.fromkeys(_MODULE, _each(_text)))),
            }
        ),
        "drawn": _each(
            _form(
                {
                    "kind": lambda kind: kind in get_args(InputKind),
                    "visible": _bool,
                    "inputs": _named(_array),
                    "expected": _each(_array),
                    "mutants": _named(_maybe(_each(_array))),
                }
            )
        ),
    },
}
