"""The words everything is written in: parameters, mistakes, variants, marks, and the errors."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, is_dataclass
from typing import TYPE_CHECKING, Any, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from problems.answers import Kind

Array: TypeAlias = NDArray[np.float64]
Value: TypeAlias = Any
"""The value of a part: int, float, bool, str, or an array of float64 or int64."""
Values: TypeAlias = Mapping[str, Value]


TOPICS = {
    "mlp": "Multi-layer perceptrons",
    "cnn": "Convolutional networks",
    "rnn": "Recurrent networks",
    "losses": "Losses and probability",
    "optimisation": "Optimisation",
    "metrics": "Metrics",
    "nlp": "Language models and text",
    "attention": "Attention and transformers",
    "generative": "Generative models",
}
DIFFICULTIES = {1: "by hand", 2: "with a calculator", 3: "takes several steps"}


class ProblemsError(Exception):
    """Something that a person asked for cannot be done; the text says what and why."""


class UnknownFamily(ProblemsError):
    """No family has this slug."""


class ParamError(ProblemsError):
    """A parameter has no such name, or a value that its family cannot take.

    `file` and `line`, counted from 1, are those of the formula that has no value for it.
    """

    def __init__(
        self, name: str, problem: str, file: str | None = None, line: int | None = None
    ) -> None:
        super().__init__(f"{name}: {problem}")
        self.name = name
        self.file = file
        self.line = line


class FamilyError(ProblemsError):
    """A family's own files are wrong: a fault of its author, not of whoever asked for a draw.

    `file` and `line`, counted from 1, say where, so far as that is known.
    """

    def __init__(self, problem: str, file: str | None = None, line: int | None = None) -> None:
        super().__init__(problem)
        self.file = file
        self.line = line


class Malformed(ProblemsError):
    """A response cannot be read as the kind of answer that is asked for."""


def param(
    meaning: str,
    low: float | None = None,
    high: float | None = None,
    *,
    options: tuple[str, ...] = (),
    max_length: int = 64,
    read: Callable[[Any], Any] | None = None,
    form: str = "",
) -> Any:
    """Declare a field of a family's Params: its one-line meaning and what a pin may be.

    `low` and `high` bound a number, and each entry of a list or an array; they are the limits of
    what can be asked for, usually far wider than what `draw` chooses from. `options` lists the
    texts of a choice; a text without options is free, up to 200 characters. `max_length` caps each
    axis of a list or an array.

    What none of this describes, such as a list of layers, is read by `read(json)`, which raises
    ValueError with a sentence; `form` then says in a few words what to give.
    """
    limits = {"low": low, "high": high, "options": options, "max_length": max_length}
    return field(metadata={"meaning": meaning, **limits, "read": read, "form": form})


@dataclass(frozen=True)
class Mistake:
    """A named error and where it leads.

    `values(params)` gives the wrong value of each part that the error touches. It leaves out the
    parts that stay right, and gives nothing at all where the question does not offer the error
    (no bias to forget in a layer without bias).
    """

    name: str
    message: str
    values: Callable[[Any], Values]


@dataclass(frozen=True)
class FrozenMistake:
    """A mistake as one variant has it: the values are computed."""

    name: str
    message: str
    values: Values


@dataclass(frozen=True)
class Variant:
    """One drawn instance of a family, with everything that marking and showing it needs."""

    family: str
    version: int
    seed: int
    title: str
    topic: str
    difficulty: int
    params: dict[str, Any]
    parts: dict[str, Kind]
    keys: Values
    mistakes: tuple[FrozenMistake, ...]
    statement: str
    hints: tuple[str, ...]
    solution: str
    ambiguous: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)

    def label(self, part: str) -> str:
        """Return what a student reads for the name of a part."""
        return self.labels.get(part, part.replace("_", " "))

    def to_json(self) -> dict[str, Any]:
        """Return the variant as a JSON document from which `from_json` makes it again."""
        return {
            "family": self.family,
            "version": self.version,
            "seed": self.seed,
            "title": self.title,
            "topic": self.topic,
            "difficulty": self.difficulty,
            "params": self.params,
            "parts": {
                name: {
                    **kind.to_json(),
                    "key": plain(self.keys[name]),
                    "shown": kind.show(self.keys[name]),
                }
                for name, kind in self.parts.items()
            },
            "mistakes": [
                {
                    "name": mistake.name,
                    "message": mistake.message,
                    "values": {part: plain(value) for part, value in mistake.values.items()},
                }
                for mistake in self.mistakes
            ],
            "statement": self.statement,
            "hints": list(self.hints),
            "solution": self.solution,
            "ambiguous": list(self.ambiguous),
            "labels": dict(self.labels),
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Make the variant again from what `to_json` gave."""
        from problems.answers import kind_from_json

        parts = {name: kind_from_json(part) for name, part in document["parts"].items()}
        keys = {name: parts[name].value(part["key"]) for name, part in document["parts"].items()}
        mistakes = tuple(
            FrozenMistake(
                mistake["name"],
                mistake["message"],
                {part: parts[part].value(value) for part, value in mistake["values"].items()},
            )
            for mistake in document["mistakes"]
        )
        return cls(
            family=document["family"],
            version=document["version"],
            seed=document["seed"],
            title=document["title"],
            topic=document["topic"],
            difficulty=document["difficulty"],
            params=document["params"],
            parts=parts,
            keys=keys,
            mistakes=mistakes,
            statement=document["statement"],
            hints=tuple(document["hints"]),
            solution=document["solution"],
            ambiguous=tuple(document["ambiguous"]),
            labels=document.get("labels", {}),
        )


@dataclass(frozen=True)
class PartMark:
    """What the marking says of one part.

    `verdict` is right, wrong, mistake, malformed or blank; `mistake` names the mistake that fits
    (several names, joined by a comma, where several lead to the same value); `read_as` shows how
    the response was read.
    """

    verdict: str
    mistake: str | None = None
    message: str = ""
    read_as: str | None = None


@dataclass(frozen=True)
class Mark:
    """A score between 0 and 1, the weighted share of the parts that are right, and each part."""

    score: float
    parts: dict[str, PartMark]

    @property
    def counts(self) -> bool:
        """Whether this is an attempt: something was answered, and nothing was malformed."""
        verdicts = {part.verdict for part in self.parts.values()}
        return "malformed" not in verdicts and verdicts != {"blank"}

    def to_json(self) -> dict[str, Any]:
        """Return the mark as a JSON document."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Make the mark again from what `to_json` gave."""
        parts = {name: PartMark(**part) for name, part in document["parts"].items()}
        return cls(score=document["score"], parts=parts)


def plain(value: Value) -> Any:
    """Return a value as JSON has it: numbers, texts, lists and objects; infinity as a text."""
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {name: plain(item) for name, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, float) and math.isinf(value):
        return str(value)
    return value
