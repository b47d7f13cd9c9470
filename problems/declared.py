"""Families without Python: parameters, answers, mistakes and steps in question.md's front matter.

Every value is an expression of problems/expressions.py over the parameters and the steps before
it, so that whoever may write the text alone can write such a family. A draw in which an expression
has no value, or no whole one where a whole number is asked for, is thrown away and drawn again.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, make_dataclass
from keyword import iskeyword
from types import SimpleNamespace
from typing import Any

from problems.answers import Integer, Kind, Real, Shape, Vector
from problems.core import FamilyError, Malformed, Mistake, ParamError, param
from problems.drawing import Draw
from problems.expressions import RESERVED, Expression, Number, Scope
from problems.families import Family, family_from_module
from problems.markdown import Question
from problems.places import QUESTION

MAX_NAMES = 50
MAX_DECIMALS = 6
_KINDS: dict[str, type[Kind]] = {kind.name: kind for kind in (Integer, Real, Vector, Shape)}
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}", re.ASCII)
_MISTAKE = re.compile(r"[a-z0-9][a-z0-9-]{0,59}", re.ASCII)

Computed = Expression | tuple[Expression, ...]
"""How a part is computed: one number, or several."""


@dataclass(frozen=True)
class _Range:
    """A parameter: whole numbers or decimals from `low` to `high`, or one of `choices`."""

    meaning: str
    low: float
    high: float
    decimals: int | None = None
    choices: tuple[int | float, ...] = ()

    @property
    def kind(self) -> type:
        whole = self.decimals is None and all(isinstance(choice, int) for choice in self.choices)
        return int if whole else float

    def draw(self, name: str, r: Draw) -> int | float:
        if self.choices:
            return self.kind(r.choice(name, self.choices))
        if self.decimals is None:
            return r.int(name, int(self.low), int(self.high))
        return r.real(name, self.low, self.high, self.decimals)


class _Front:
    """The front matter, with the lines on which its values stand; says where one is wrong."""

    def __init__(self, question: Question) -> None:
        self.values = question.declared
        self.lines = question.declared_lines

    def wrong(self, problem: str, *path: str) -> FamilyError:
        """Return the error about what stands at this path, with its line."""
        return FamilyError(f"{'.'.join(path)}: {problem}", QUESTION, self.line(*path))

    def line(self, *path: str) -> int:
        """Return the line of what stands at this path, or of the nearest thing around it."""
        return next(
            (self.lines[path[:n]] for n in range(len(path), 0, -1) if path[:n] in self.lines), 1
        )

    def mapping(self, *path: str, needed: bool = True) -> dict[str, Any]:
        """Return the mapping at this path."""
        found: Any = self.values
        for name in path:
            found = found[int(name)] if isinstance(found, list) else found.get(name)
        if found is None and not needed:
            return {}
        if not isinstance(found, dict) or not found or len(found) > MAX_NAMES:
            raise self.wrong(f"it names 1 to {MAX_NAMES} things, one a line", *path)
        return found

    def name(self, name: Any, *path: str) -> str:
        """Return a name that expressions can use."""
        if not isinstance(name, str) or not _NAME.fullmatch(name) or iskeyword(name):
            raise self.wrong(f"{str(name)[:40]!r} is no name: use letters, digits and _", *path)
        if name in RESERVED:
            raise self.wrong(f"{name} has a meaning in expressions already", *path, name)
        return name

    def expression(self, text: Any, names: frozenset[str], *path: str) -> Expression:
        """Return the expression at this path, which may use these names."""
        if isinstance(text, bool) or not isinstance(text, str | int | float):
            raise self.wrong("give an expression", *path)
        try:
            return Expression(str(text), names, self.line(*path))
        except Malformed as error:
            raise self.wrong(str(error), *path) from error


def declared_family(slug: str, version: int, question: Question) -> Family:
    """Return the family that a question.md declares. Raises FamilyError, with the line."""
    front = _Front(question)
    ranges = {
        front.name(name, "parameters"): _range(front, name) for name in front.mapping("parameters")
    }
    names = frozenset(ranges)
    steps: dict[str, Expression] = {}
    for name, text in front.mapping("steps", needed=False).items():
        if front.name(name, "steps") in names:
            raise front.wrong("there is a parameter or a step of this name already", "steps", name)
        steps[name] = front.expression(text, names, "steps", name)
        names |= {name}
    return _Declared(front, ranges, steps, names).family(slug, version, question)


class _Declared:
    """A declared family's functions: each evaluates its expressions over the drawn parameters."""

    def __init__(
        self,
        front: _Front,
        ranges: Mapping[str, _Range],
        steps: Mapping[str, Expression],
        names: frozenset[str],
    ) -> None:
        self._ranges, self._steps = ranges, steps
        self._kinds: dict[str, Kind] = {}
        self._keys: dict[str, Computed] = {}
        for part in front.mapping("answers"):
            self._kinds[front.name(part, "answers")] = _kind(front, part)
            value = front.mapping("answers", part).get("value")
            self._keys[part] = _computed(front, value, names, "answers", part, "value")
        self._witness = self._by_part(front, names, "witness") if _has(front, "witness") else None
        if self._witness is not None and self._witness.keys() != self._kinds.keys():
            raise front.wrong("it computes every part once more", "witness")
        self._mistakes = tuple(self._read_mistakes(front, names))
        self._params = make_dataclass(
            "Params",
            [
                (name, kind.kind, param(kind.meaning, kind.low, kind.high))
                for name, kind in ranges.items()
            ],
            frozen=True,
        )

    def family(self, slug: str, version: int, question: Question) -> Family:
        """Return what other families are made of modules."""
        witness = self._witness
        module = SimpleNamespace(
            VERSION=version,
            PARTS=self._kinds,
            MISTAKES=self._mistakes,
            Params=self._params,
            draw=self._draw,
            answer=lambda drawn: self._values(self._keys, drawn),
            steps=self._steps_of,
            witness=None if witness is None else lambda drawn: self._values(witness, drawn),
        )
        return family_from_module(slug, module, question)

    def _draw(self, r: Draw) -> Any:
        drawn = self._params(**{name: kind.draw(name, r) for name, kind in self._ranges.items()})
        self._values(self._keys, drawn)
        return drawn

    def _steps_of(self, drawn: Any) -> dict[str, Number]:
        scope = self._scope(drawn)
        return {name: _shown(scope[name]) for name in self._steps}

    def _scope(self, drawn: Any) -> Scope:
        scope: dict[str, Number] = {name: getattr(drawn, name) for name in self._ranges}
        for name, expression in self._steps.items():
            scope[name] = _value(expression, scope, f"steps.{name}")
        return scope

    def _values(self, computed: Mapping[str, Computed], drawn: Any) -> dict[str, Any]:
        """Return the values of parts; raise ParamError where there are none, as in no such draw."""
        scope = self._scope(drawn)
        return {part: self._part(part, how, scope) for part, how in computed.items()}

    def _part(self, part: str, how: Computed, scope: Scope) -> Any:
        kind = self._kinds[part]
        expressions = how if isinstance(how, tuple) else (how,)
        values = [_shown(_value(expression, scope, part)) for expression in expressions]
        if isinstance(kind, Integer | Shape) and any(value != int(value) for value in values):
            said = "this does not come to a whole number."
            raise ParamError(part, said, QUESTION, expressions[0].line)
        return kind.value(values if isinstance(how, tuple) else values[0])

    def _by_part(self, front: _Front, names: frozenset[str], *path: str) -> dict[str, Computed]:
        found = {}
        for part, text in front.mapping(*path).items():
            if part not in self._kinds:
                raise front.wrong("there is no such part among the answers", *path, str(part))
            found[part] = _computed(front, text, names, *path, part)
        return found

    def _read_mistakes(self, front: _Front, names: frozenset[str]) -> Iterator[Mistake]:
        listed = front.values.get("mistakes", [])
        if not isinstance(listed, list) or len(listed) > MAX_NAMES:
            raise front.wrong(f"give a list of at most {MAX_NAMES} mistakes", "mistakes")
        for index, mistake in enumerate(listed):
            path = ("mistakes", str(index))
            if not isinstance(mistake, dict) or mistake.keys() != {"name", "message", "values"}:
                raise front.wrong("a mistake has a name, a message and values", *path)
            name, message = mistake["name"], mistake["message"]
            if not isinstance(name, str) or not _MISTAKE.fullmatch(name):
                raise front.wrong("its name has lower-case letters, digits and hyphens", *path)
            if not isinstance(message, str) or not message.strip():
                raise front.wrong("its message is a sentence for the student", *path)
            values = self._by_part(front, names, *path, "values")
            yield Mistake(name, message, lambda drawn, v=values: self._offered(v, drawn))

    def _offered(self, computed: Mapping[str, Computed], drawn: Any) -> dict[str, Any]:
        """Return where a mistake leads; nothing where it leads to no number."""
        try:
            return self._values(computed, drawn)
        except ParamError:
            return {}


def _range(front: _Front, name: str) -> _Range:
    found = front.mapping("parameters", name)
    at = ("parameters", name)
    meaning = found.get("meaning")
    if not isinstance(meaning, str) or not meaning.strip():
        raise front.wrong("its meaning says in a few words what it is", *at)
    given = found.keys() - {"meaning"}
    if given == {"choices"}:
        choices = found["choices"]
        if not isinstance(choices, list) or not choices or not all(map(_is_number, choices)):
            raise front.wrong("its choices are a list of numbers", *at, "choices")
        return _Range(meaning, min(choices), max(choices), choices=tuple(choices))
    if given not in ({"from", "to"}, {"from", "to", "decimals"}):
        raise front.wrong("it has `from` and `to`, perhaps `decimals`; or `choices` in [ ]", *at)
    low, high, decimals = found["from"], found["to"], found.get("decimals")
    for bound, number in (("from", low), ("to", high)):
        if not _is_number(number):
            said = f"“{str(number)[:40]}” is no number; write all its digits, as in 5000 or 0.5"
            raise front.wrong(said, *at, bound)
    if low > high:
        raise front.wrong(f"it goes from {low} to {high}, which is smaller", *at)
    if decimals is None and not (isinstance(low, int) and isinstance(high, int)):
        raise front.wrong("give `decimals`, or whole numbers for `from` and `to`", *at)
    if decimals is not None and not (type(decimals) is int and 0 <= decimals <= MAX_DECIMALS):
        raise front.wrong(f"decimals are 0 to {MAX_DECIMALS}", *at, "decimals")
    return _Range(meaning, low, high, decimals)


def _kind(front: _Front, part: str) -> Kind:
    found = front.mapping("answers", part)
    kind = _KINDS.get(str(found.get("kind")))
    if kind is None:
        raise front.wrong(f"its kind is one of {', '.join(_KINDS)}", "answers", part)
    options = {name: value for name, value in found.items() if name not in ("kind", "value")}
    strange = options.keys() - {field.name for field in fields(kind)}
    if strange:
        raise front.wrong(f"{kind.name} has no {', '.join(map(str, strange))}", "answers", part)
    if not all(map(_is_number, options.values())):
        raise front.wrong("its digits, decimals, axes and weight are numbers", "answers", part)
    try:
        return kind(**options)
    except (TypeError, ValueError) as error:
        said = str(error).partition(", as in ")[0]  # the example is in Python
        raise front.wrong(said, "answers", part) from error


def _computed(front: _Front, text: Any, names: frozenset[str], *path: str) -> Computed:
    if isinstance(text, list) and 0 < len(text) <= MAX_NAMES:
        return tuple(front.expression(item, names, *path) for item in text)
    return front.expression(text, names, *path)


def _value(expression: Expression, scope: Scope, name: str) -> Number:
    try:
        return expression.value(scope)
    except Malformed as error:
        raise ParamError(name, str(error), QUESTION, expression.line) from error


def _shown(value: Number) -> int | float:
    """Return a number as templates and answers have it: a fraction as a float."""
    return value if isinstance(value, int) else float(value)


def _has(front: _Front, name: str) -> bool:
    return front.values.get(name) is not None


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value)
