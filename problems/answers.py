"""The kinds of answer: how each is read, compared with the key, and shown.

A kind is declared by a family (`PARTS = {"shape": Shape(axes=3)}`) and frozen with the variant.
Reading raises Malformed with a sentence for the student; comparing never raises.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from fractions import Fraction
from typing import Any, ClassVar, Self

import numpy as np

from problems.core import Array, Malformed, Value
from problems.expressions import MAX_LENGTH, evaluate, tidy
from problems.reading import plain_number, split_matrix, split_shape, split_vector


@dataclass(frozen=True, kw_only=True)
class Kind(ABC):
    """What all kinds of answer share. `weight` is the part's share of the score."""

    name: ClassVar[str]
    weight: float = 1

    @abstractmethod
    def parse(self, text: str) -> Value:
        """Return the value of a response; raise Malformed where it cannot be read."""

    @abstractmethod
    def value(self, raw: Any) -> Value:
        """Return a computed or stored value in the form that `same` compares."""

    @abstractmethod
    def same(self, given: Value, key: Value) -> bool:
        """Return whether a response of this value is right."""

    @abstractmethod
    def show(self, value: Value) -> str:
        """Return the value as a student would write it; `parse` reads it back."""

    def echo(self, value: Value) -> str:
        """Return how a response was read: in full, for rounding would hide a slip of the hand."""
        return self.show(value)

    @property
    @abstractmethod
    def asks(self) -> str:
        """One line for the student: what to give, and how exactly."""

    def fit(self, key: Value) -> Self:  # noqa: ARG002 (kinds with a length override it)
        """Return the kind as it is for this key: with its length or its rows and columns."""
        return self

    def clashes(self, wrong: Value, key: Value) -> bool:
        """Return whether a student who makes this mistake could be marked right all the same."""
        return self.same(wrong, key)

    def agrees(self, answer: Value, witness: Value) -> bool:
        """Return whether two computations of the key agree, to rounding of float64."""
        return self.same(witness, answer)

    def too_coarse(self, given: Value, key: Value) -> bool:  # noqa: ARG002
        """Return whether the response is the key, rounded further than was asked."""
        return False

    def to_json(self) -> dict[str, Any]:
        """Return the kind as a JSON document for `kind_from_json`."""
        return {"kind": self.name, **asdict(self)}


@dataclass(frozen=True, kw_only=True)
class Integer(Kind):
    """A whole number, compared exactly."""

    name: ClassVar[str] = "integer"

    def parse(self, text: str) -> int:
        """Read a whole number, or an expression that comes to one."""
        return _whole(evaluate(plain_number(tidy(text), whole=True)))

    def value(self, raw: Any) -> int:
        """Return the value as an int."""
        if raw != int(raw):
            raise ValueError(f"{raw} is not a whole number")
        return int(raw)

    def same(self, given: Value, key: Value) -> bool:
        """Return whether both are the same whole number."""
        return given == key

    def show(self, value: Value) -> str:
        """Return the digits."""
        return str(value)

    @property
    def asks(self) -> str:
        """One line for the student."""
        return "a whole number; 5*5*3 is read too"


@dataclass(frozen=True, kw_only=True)
class _Rounded(Kind):
    """Reals, alone or in an array, to `decimals` places or to `digits` significant digits.

    The tolerance is one unit of the last place asked for: absolute with `decimals`, relative to
    each entry's own size with `digits`. With `decimals=0` whole numbers are compared exactly.
    """

    decimals: int | None = None
    digits: int | None = None

    def __post_init__(self) -> None:
        if (self.decimals is None) == (self.digits is None):
            raise ValueError(f"give decimals or digits, as in {type(self).__name__}(decimals=2)")

    def tolerance(self, key: Value) -> Array:
        """Return how far from the key, entry by entry, a response may be."""
        key = np.asarray(key, dtype=np.float64)
        if self.decimals is not None:
            return np.full(key.shape, 10.0**-self.decimals if self.decimals else 0.0)
        assert self.digits is not None  # noqa: S101 (one of the two, by __post_init__)
        with np.errstate(divide="ignore"):
            size = np.floor(np.log10(np.abs(key)))
        return np.where(np.isfinite(size), 10.0 ** (size - self.digits + 1), 0.0)

    def same(self, given: Value, key: Value) -> bool:
        """Return whether each entry lies within tolerance, and the shapes are equal."""
        return self._within(given, key, 1.0)

    def clashes(self, wrong: Value, key: Value) -> bool:
        """Return whether the tolerances round both values meet."""
        return self._within(wrong, key, 2.0)

    def agrees(self, answer: Value, witness: Value) -> bool:
        """Return whether both are equal to about nine digits."""
        answer, witness = np.asarray(answer), np.asarray(witness)
        return answer.shape == witness.shape and bool(
            np.allclose(witness, answer, rtol=1e-9, atol=1e-12)
        )

    def too_coarse(self, given: Value, key: Value) -> bool:
        """Return whether the response is the key to fewer places than were asked."""
        given, key = np.asarray(given), np.asarray(key)
        if given.shape != key.shape or not np.isfinite(key).all():
            return False
        coarser = range(1, (self.decimals if self.decimals is not None else self.digits) or 1)
        return any(
            np.any(rounded) and np.allclose(given, rounded, rtol=1e-12, atol=1e-12)
            for rounded in (self._rounded(key, places) for places in coarser)
        )

    def _rounded(self, key: Array, places: int) -> Array:
        """Return the key to so many decimals or significant digits, as the kind counts them."""
        if self.decimals is not None:
            return np.round(key, places)
        return np.vectorize(lambda x: float(f"{x:.{places}g}"))(key)

    def _within(self, given: Value, key: Value, tolerances: float) -> bool:
        given, key = np.asarray(given, dtype=np.float64), np.asarray(key, dtype=np.float64)
        if given.shape != key.shape:
            return False
        # Decimal fractions are not exact in binary: 0.123 - 0.122 is a hair more than 0.001.
        reach = tolerances * self.tolerance(key) * (1 + 1e-9) + 1e-12 * np.abs(key)
        with np.errstate(invalid="ignore"):
            near = np.isfinite(key) & (np.abs(given - key) <= reach)
            return bool(np.all((given == key) | near))

    def show(self, value: Value) -> str:
        """Return the numbers, rounded as asked."""
        return _written(
            value, f".{self.digits}g" if self.decimals is None else f".{self.decimals}f"
        )

    def echo(self, value: Value) -> str:
        """Return the numbers as they were read."""
        return _written(value, ".10g")

    def _count(self, count: int | None) -> str:
        """Return how many numbers are asked for, in words."""
        noun = ("whole " if self.decimals == 0 else "") + ("number" if count == 1 else "numbers")
        return noun if count is None else f"{count} {noun}"

    @property
    def _precision(self) -> str:
        """Return how exactly, behind a comma; nothing for whole numbers."""
        if self.decimals == 0:
            return ""
        if self.decimals is not None:
            places = f"{self.decimals} decimal{'s' * (self.decimals > 1)}"
            return f", to {places} (give or take {10.0**-self.decimals:.{self.decimals}f})"
        return f", to {self.digits} significant digit{'s' * (self.digits != 1)}"


@dataclass(frozen=True, kw_only=True)
class Real(_Rounded):
    """One real number."""

    name: ClassVar[str] = "real"

    def parse(self, text: str) -> float:
        """Read a number or an expression."""
        return float(evaluate(plain_number(tidy(text))))

    def value(self, raw: Any) -> float:
        """Return the value as a float."""
        return float(raw)

    @property
    def asks(self) -> str:
        """One line for the student."""
        return f"a {self._count(1).removeprefix('1 ')}{self._precision}"


@dataclass(frozen=True, kw_only=True)
class Vector(_Rounded):
    """A list of reals; `length` is filled in from the key when a variant is drawn."""

    name: ClassVar[str] = "vector"
    length: int | None = None

    def parse(self, text: str) -> Array:
        """Read `[0.1, 0.2]`, `0.1 0.2` or `0,1; 0,2`."""
        given = _numbers(split_vector(text))
        if self.length is not None and len(given) != self.length:
            are = "number is" if self.length == 1 else "numbers are"
            raise Malformed(f"{self.length} {are} asked for; {len(given)} were read.")
        return given

    def value(self, raw: Any) -> Array:
        """Return the value as an array with one axis."""
        return np.asarray(raw, dtype=np.float64).reshape(-1)

    def fit(self, key: Value) -> Self:
        """Return the kind with the key's length."""
        return replace(self, length=len(key))

    @property
    def asks(self) -> str:
        """One line for the student."""
        separated = "" if self.length == 1 else " separated by commas or spaces"
        return f"{self._count(self.length)}{separated}{self._precision}"


@dataclass(frozen=True, kw_only=True)
class Matrix(_Rounded):
    """A table of reals; its rows and columns are filled in from the key."""

    name: ClassVar[str] = "matrix"
    rows: int | None = None
    columns: int | None = None

    def parse(self, text: str) -> Array:
        """Read `[[1, 2], [3, 4]]`, `1 2; 3 4`, or one row a line."""
        given = [_numbers(row) for row in split_matrix(text)]
        if len({len(row) for row in given}) > 1:
            raise Malformed("The rows have different lengths.")
        matrix = np.stack(given)
        if self.rows is not None and matrix.shape != (self.rows, self.columns):
            are = "is" if self.rows == 1 else "are"
            raise Malformed(
                f"{self._size} {are} asked for; {matrix.shape[0]} of {matrix.shape[1]} were read."
            )
        return matrix

    def value(self, raw: Any) -> Array:
        """Return the value as an array with two axes."""
        return np.atleast_2d(np.asarray(raw, dtype=np.float64))

    def fit(self, key: Value) -> Self:
        """Return the kind with the key's rows and columns."""
        return replace(self, rows=key.shape[0], columns=key.shape[1])

    @property
    def asks(self) -> str:
        """One line for the student."""
        lines = "" if self.rows == 1 else ", one row a line"
        return f"{self._size}{lines}{self._precision}"

    @property
    def _size(self) -> str:
        rows = f"{self.rows} row{'s' * (self.rows > 1)}" if self.rows else "rows"
        return f"{rows} of {self._count(self.columns)}"


@dataclass(frozen=True, kw_only=True)
class Shape(Kind):
    """The lengths of the axes of an array, in the order that the statement names."""

    name: ClassVar[str] = "shape"
    axes: int | None = None

    def parse(self, text: str) -> tuple[int, ...]:
        """Read `28x28x2`, `(2, 28, 28)` or `2 28 28`."""
        given = tuple(_whole(evaluate(item)) for item in split_shape(text))
        if self.axes is not None and len(given) != self.axes:
            raise Malformed(f"{self.axes} axes are asked for; {len(given)} were read.")
        return given

    def value(self, raw: Any) -> tuple[int, ...]:
        """Return the value as a tuple of ints."""
        return tuple(int(axis) for axis in raw)

    def same(self, given: Value, key: Value) -> bool:
        """Return whether every axis is equal."""
        return tuple(given) == tuple(key)

    def show(self, value: Value) -> str:
        """Return the axes in brackets, as PyTorch and NumPy show a shape."""
        return f"({', '.join(map(str, value))}{',' * (len(value) == 1)})"

    @property
    def asks(self) -> str:
        """One line for the student."""
        count = f"{self.axes} whole number{'s' * (self.axes > 1)}" if self.axes else "whole numbers"
        return f"a shape of {count}, in the order asked: 2x28x28 or (2, 28, 28)"


@dataclass(frozen=True, kw_only=True)
class Choice(Kind):
    """One of several options: a name for each, and the text that the student sees."""

    name: ClassVar[str] = "choice"
    options: Mapping[str, str]

    def parse(self, text: str) -> str:
        """Read an option's name or its text, in any case."""
        longest = max(map(len, self.options.values()))
        wanted = _words(text, max(longest, MAX_LENGTH))
        for option, label in self.options.items():
            if wanted in (_words(option, len(option)), _words(label, longest)):
                return option
        raise Malformed(f"Choose one of: {', '.join(self.options)}.")

    def value(self, raw: Any) -> str:
        """Return the option's name; raise ValueError where there is no such option."""
        if raw not in self.options:
            raise ValueError(f"{raw!r} is not one of {', '.join(self.options)}")
        return raw

    def same(self, given: Value, key: Value) -> bool:
        """Return whether both are the same option."""
        return given == key

    def show(self, value: Value) -> str:
        """Return the option's text."""
        return self.options[value]

    @property
    def asks(self) -> str:
        """One line for the student."""
        return "one of the options"


@dataclass(frozen=True, kw_only=True)
class YesNo(Kind):
    """Yes or no."""

    name: ClassVar[str] = "yes/no"

    def parse(self, text: str) -> bool:
        """Read yes or no, true or false, in any case."""
        word = tidy(text).casefold().rstrip(".!")
        if word in ("yes", "y", "true", "t"):
            return True
        if word in ("no", "n", "false", "f"):
            return False
        raise Malformed("Answer yes or no.")

    def value(self, raw: Any) -> bool:
        """Return the value as a bool."""
        return bool(raw)

    def same(self, given: Value, key: Value) -> bool:
        """Return whether both are the same."""
        return given is key

    def show(self, value: Value) -> str:
        """Return "yes" or "no"."""
        return "yes" if value else "no"

    @property
    def asks(self) -> str:
        """One line for the student."""
        return "yes or no"


_KINDS = {kind.name: kind for kind in (Integer, Real, Vector, Matrix, Shape, Choice, YesNo)}


def kind_from_json(document: Mapping[str, Any]) -> Kind:
    """Make a kind again from its `to_json`; keys that are not its own are passed over."""
    kind = _KINDS[document["kind"]]
    return kind(**{f.name: document[f.name] for f in fields(kind) if f.name in document})


def _whole(number: float | Fraction) -> int:
    if isinstance(number, int):
        return number
    if isinstance(number, float) and number.is_integer() and abs(number) < 2**53:
        return int(number)
    raise Malformed(f"A whole number is asked for; this comes to {float(number):g}.")


def _words(text: str, limit: int) -> str:
    """Return the text in one case and plain characters, with single spaces."""
    return " ".join(tidy(text, limit).casefold().split())


def _written(value: Value, form: str) -> str:
    """Return a number, or nested lists of numbers in square brackets."""
    if np.ndim(value) == 0:
        written = f"{float(value):{form}}"
        return written if float(written) else written.removeprefix("-")
    return f"[{', '.join(_written(item, form) for item in value)}]"


def _numbers(items: list[str]) -> Array:
    return np.array([float(evaluate(item)) for item in items], dtype=np.float64)
