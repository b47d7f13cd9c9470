"""question.md: front matter, and templates for the statement, the hints and the solution.

The file is Markdown with `$...$` mathematics and Jinja2 expressions. It gives no right to run
code: the environment is Jinja2's immutable sandbox, and it sees the drawn numbers alone.
"""

from __future__ import annotations

import dataclasses
import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing

from problems.core import DIFFICULTIES, TOPICS, FamilyError
from problems.front_matter import Lines, read_front_matter
from problems.places import QUESTION, place, words

MAX_POWER_BITS = 4096
DECLARED = frozenset({"parameters", "answers", "mistakes", "steps", "witness"})
"""What the front matter has besides where it declares a family: see problems/declared.py."""

_WANTED = ("title", "topic", "difficulty")
_OWNERS = {"p": "The parameters have", "steps": "The steps have", "key": "The keys have"}
"""What the names of a template stand for, as sentences about them begin."""
_KNOWN = (
    "A template knows p (the parameters, as in p.size), steps, key, shown, equals, input, range "
    "and zip; a text stands in quotes."
)
_NOTATION = "Values stand in {{ … }}, conditions in {% if … %} … {% endif %}."

_ARRAYS = (np.ndarray, np.generic)
_ARRAY_ATTRIBUTES = {"shape", "size", "ndim", "T"}

_FORMULA_OR_CODE = re.compile(
    r"```.*?```|`[^`\n]*`|\$\$(?:\\.|[^\\$])+\$\$|\$(?:\\.|[^\\$])+\$", re.DOTALL
)
_MINUS = re.compile(r"(?<![\w)\].-])-(?=\.?\d|∞)")
_SECTION = re.compile(r"^## (Hint|Solution)\s*$", re.MULTILINE)


@dataclass(frozen=True)
class Question:
    """A parsed question.md; `render` fills its templates with a variant's numbers.

    `lines` are the lines of the file, from 1, on which the statement, the hints and the solution
    begin. `declared` is what the front matter says besides, and `declared_lines` where, by path.
    """

    title: str
    topic: str
    difficulty: int
    statement: str
    hints: tuple[str, ...]
    solution: str
    lines: tuple[int, ...]
    labels: Mapping[str, str] = field(default_factory=dict)
    declared: Mapping[str, Any] = field(default_factory=dict)
    declared_lines: Lines = field(default_factory=dict)

    def render(self, values: Mapping[str, Any]) -> tuple[str, tuple[str, ...], str]:
        """Return the statement, the hints and the solution as Markdown.

        Raises FamilyError where a template uses a name that is not there, or goes wrong.
        """
        templates = self._templates
        named = {
            name: _Named(name, value) if isinstance(value, Mapping) else value
            for name, value in values.items()
        }
        try:
            statement, *hints, solution = (_typeset(t.render(named).strip()) for t in templates)
        except Exception as error:  # a template's expressions raise whatever they like
            raise self._wrong(error) from error
        return statement, tuple(hints), solution

    @cached_property
    def _templates(self) -> list[Template]:
        # Pushed down to where they stand in the file, so that an error's line is the file's.
        sources = (
            "\n" * (line - 1) + source
            for line, source in zip(
                self.lines, (self.statement, *self.hints, self.solution), strict=True
            )
        )
        try:
            return [_ENVIRONMENT.from_string(source) for source in sources]
        except TemplateError as error:
            raise self._wrong(error) from error

    def _wrong(self, error: Exception) -> FamilyError:
        if isinstance(error, TemplateSyntaxError):
            line, said = error.lineno, f"{str(error).rstrip('.')}. {_NOTATION}"
        else:
            line, said = place(error)[1], str(error) or words(error)
        return FamilyError(said, QUESTION, line)


def parse_question(text: str) -> Question:
    """Parse the text of a question.md; raise FamilyError saying what is missing."""
    front, front_lines, end = read_front_matter(text, QUESTION)
    _check_front_matter(front, front_lines)
    starts = [end, *(section.end() for section in _SECTION.finditer(text, end))]
    statement, *rest = _SECTION.split(text[end:])
    sections = list(zip(rest[::2], rest[1::2], starts[1:], strict=True))
    hints = [(body, start) for name, body, start in sections if name == "Hint"]
    solutions = [(body, start) for name, body, start in sections if name == "Solution"]
    if len(solutions) != 1 or not hints:
        raise FamilyError(
            "question.md needs at least one “## Hint” and just one “## Solution”, each on a line "
            "of its own",
            QUESTION,
        )
    return Question(
        title=str(front["title"]),
        topic=front["topic"],
        difficulty=front["difficulty"],
        statement=statement,
        hints=tuple(body for body, _ in hints),
        solution=solutions[0][0],
        lines=tuple(
            1 + text.count("\n", 0, start)
            for start in (starts[0], *(start for _, start in (*hints, *solutions)))
        ),
        labels=front.get("labels", {}),
        declared={name: front[name] for name in DECLARED & front.keys()},
        declared_lines=front_lines,
    )


def _check_front_matter(front: Any, lines: Lines) -> None:
    found = {str(name) for name in front} if isinstance(front, dict) else set()
    lacking = [name for name in _WANTED if name not in found]
    strange = sorted(found - {*_WANTED, "labels"} - DECLARED)
    if not isinstance(front, dict) or lacking or strange:
        wrong = [f"lacks {', '.join(lacking)}"] if lacking else []
        wrong += [f"has {', '.join(strange)[:200]}, which means nothing"] if strange else []
        raise FamilyError(
            f"question.md's front matter {' and '.join(wrong)}; it needs {', '.join(_WANTED)}, "
            f"and may have labels, {', '.join(sorted(DECLARED))}",
            QUESTION,
            1,
        )
    if not isinstance(front["title"], str | int | float):
        raise FamilyError("question.md's title is a text", QUESTION, 2)
    labels = front.get("labels", {})
    if not isinstance(labels, dict) or not all(isinstance(words, str) for words in labels.values()):
        raise FamilyError("question.md's labels give words for parts", QUESTION, 1)
    topic, difficulty = front["topic"], front["difficulty"]
    if topic not in list(TOPICS):
        close = difflib.get_close_matches(str(topic), TOPICS, 1)
        meant = f" Did you mean {close[0]}?" if close else ""
        raise FamilyError(
            f"there is no topic “{str(topic)[:40]}”; it is one of {', '.join(TOPICS)}.{meant}",
            QUESTION,
            lines.get(("topic",), 1),
        )
    if difficulty not in list(DIFFICULTIES):
        raise FamilyError(
            f"there is no difficulty “{str(difficulty)[:40]}”; it is 1, 2 or 3",
            QUESTION,
            lines.get(("difficulty",), 1),
        )


def _typeset(text: str) -> str:
    """Write a true minus sign before the numbers of the text, and TeX's sign ≈ in formulas."""
    words, position = [], 0
    for found in _FORMULA_OR_CODE.finditer(text):
        words.append(_MINUS.sub("\N{MINUS SIGN}", text[position : found.start()]))
        formula = found[0].startswith("$")
        words.append(found[0].replace("≈", r"\approx") if formula else found[0])
        position = found.end()
    return "".join([*words, _MINUS.sub("\N{MINUS SIGN}", text[position:])])


def placeholder(part: str) -> str:
    """Return what stands in a rendered statement where the field of this part belongs."""
    return f"[[input:{part}]]"


def number(value: Any, decimals: int | None = None, digits: int | None = None) -> str:
    """Return a number for a statement: plain digits, or rounded to decimals or digits."""
    if decimals is not None:
        written = f"{value:.{decimals}f}"
        return written if float(written) else written.removeprefix("-")
    if isinstance(value, float | np.floating):
        # What a sum of decimals leaves in its last bits is no number to read.
        value = 0.0 if abs(value) < 1e-12 else value  # noqa: PLR2004
        if 1e-5 <= abs(value) < 1e10 or value == 0:  # noqa: PLR2004 (where plain digits stop being readable)
            rounded = float(f"{value:.{digits or 10}g}")
            return np.format_float_positional(rounded, trim="-")
        return f"{value:.{digits or 4}g}"
    return str(value)


def equals(value: Any, decimals: int | None = None, digits: int | None = None) -> str:
    """Return the sign before a number, or numbers, so rounded: `=` where nothing is lost."""
    if decimals is None and digits is None:
        return "="
    flat = np.asarray(value, dtype=np.float64).reshape(-1)
    shown = [float(number(x, decimals, digits)) for x in flat]
    return "=" if np.allclose(flat, shown, rtol=1e-9, atol=1e-12) else "≈"


def latex(array: Any, decimals: int | None = None) -> str:
    r"""Return an array as a LaTeX pmatrix; one with a single axis stands as a column."""
    rows = np.asarray(list(array))  # going through an undefined name says which one it is
    rows = rows.reshape(-1, 1) if rows.ndim == 1 else rows
    body = r" \\ ".join(" & ".join(number(x, decimals) for x in row) for row in rows)
    return rf"\begin{{pmatrix}} {body} \end{{pmatrix}}"


def listing(values: Any, decimals: int | None = None) -> str:
    """Return numbers as a list: `[0.1, 0.2]`."""
    return f"[{', '.join(number(value, decimals) for value in values)}]"


class _Named(dict[str, Any]):
    """The steps, the keys, or other values by name; knows its own for `_Missing`."""

    def __init__(self, name: str, values: Mapping[str, Any]) -> None:
        super().__init__(values)
        # No template can read a name that begins so.
        self._name = name


class _Missing(StrictUndefined):
    """A name that is not there: says in the words of a question.md which there are."""

    # Not when it is made: a template may have a `default` for it.
    @property
    def _undefined_message(self) -> str:
        return (
            self._undefined_hint
            or _not_there(self._undefined_obj, self._undefined_name)
            or super()._undefined_message
        )


def _not_there(obj: Any, name: Any) -> str | None:
    """Say that a value has nothing of this name, and what it has; None for what has no names."""
    if obj is missing:
        return f"There is no “{name}” here. {_KNOWN}"
    if isinstance(obj, _Named):
        owner, there = _OWNERS.get(obj._name, f"“{obj._name}” has"), list(map(str, obj))  # noqa: SLF001
    elif dataclasses.is_dataclass(obj):
        kind = type(obj).__name__
        owner = _OWNERS["p"] if kind == "Params" else f"{kind} has"
        there = [field.name for field in dataclasses.fields(obj)]
    else:
        return None
    close = difflib.get_close_matches(str(name).lower(), map(str.lower, there), 1)
    meant = [f" Did you mean “{known}”?" for known in there if [known.lower()] == close]
    listed = f"there are {', '.join(there)}" if there else "there are none"
    return f"{owner} no “{name}”; {listed}.{''.join(meant)}"


class _Environment(ImmutableSandboxedEnvironment):
    """The sandbox, which knows lists but not arrays: their methods write files and change keys.

    Nor does it know huge powers, which no signal interrupts.
    """

    intercepted_binops = frozenset(["**"])

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Compute a power whose digits fit on a page."""
        if isinstance(left, int) and isinstance(right, int):
            bits = left.bit_length() * abs(right)
            if bits > MAX_POWER_BITS:
                raise OverflowError("this power has too many digits")
        return super().call_binop(context, operator, left, right)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Return whether a template may read this attribute."""
        if isinstance(obj, _ARRAYS):
            return attr in _ARRAY_ATTRIBUTES
        return super().is_safe_attribute(obj, attr, value)


def _environment() -> ImmutableSandboxedEnvironment:
    environment = _Environment(
        undefined=_Missing, autoescape=False, trim_blocks=True, lstrip_blocks=True
    )
    helpers: dict[str, Callable[..., str]] = {"num": number, "latex": latex, "listing": listing}
    environment.filters.update(helpers | {"eq": equals})
    environment.globals = {"input": placeholder, "range": environment.globals["range"], "zip": zip}
    environment.finalize = _finalize
    return environment


def _finalize(value: Any) -> Any:
    """Show floats as `number` does, so that no page says 0.30000000000000004."""
    return number(value) if isinstance(value, float | np.floating) else value


_ENVIRONMENT = _environment()
