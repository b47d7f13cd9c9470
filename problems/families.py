"""Family: a problem with its numbers left open. Drawing freezes them into a Variant."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from problems import params as parameters
from problems.answers import Kind
from problems.core import (
    FamilyError,
    FrozenMistake,
    Mistake,
    ParamError,
    Values,
    Variant,
)
from problems.drawing import Draw
from problems.markdown import Question, equals

MAX_ATTEMPTS = 200
MAX_SEED = 2**63 - 1


Parts: TypeAlias = Mapping[str, Kind]


@dataclass(frozen=True)
class Family:
    """A folder of the bank: the functions of its family.py and the text of its question.md.

    `witness` is None where a family has none, so that its keys are computed once only.
    `parts` are the parts as they are listed; `parts_of(params)` those of one draw, for families
    whose options or digits follow from what was drawn.
    """

    slug: str
    version: int
    params: type
    parts: Parts
    parts_of: Callable[[Any], Parts]
    draw: Callable[[Draw], Any]
    answer: Callable[[Any], Values]
    witness: Callable[[Any], Values] | None
    mistakes: tuple[Mistake, ...]
    steps: Callable[[Any], Mapping[str, Any]]
    question: Question

    def variant(self, seed: int, pins: Mapping[str, Any] | None = None) -> Variant:
        """Draw the variant of this seed, with some parameters pinned to values.

        A draw that cannot be, or in which a mistake gives the key, is thrown away and drawn
        again. With pins an ambiguous draw is kept, and the variant names the mistakes.
        Raises ParamError for a pin that the family cannot take, FamilyError where no draw does.
        """
        return self.draw_counted(seed, pins)[0]

    def draw_counted(self, seed: int, pins: Mapping[str, Any] | None = None) -> tuple[Variant, int]:
        """Return the variant of this seed, and how many draws were thrown away before it."""
        if not 0 <= seed <= MAX_SEED:
            raise ParamError("seed", f"give a whole number from 0 to {MAX_SEED}, not {seed}.")
        checked = parameters.check_pins(self.params, pins or {})
        problem: ParamError | None = None
        rewarded: tuple[str, ...] = ()
        for attempt in range(MAX_ATTEMPTS):
            try:
                drawn = self._drawn(Draw(self.slug, self.version, seed, attempt, checked))
            except ParamError as error:
                problem = error
                continue
            parts = self.parts_of(drawn)
            keys = self._keys(parts, drawn)
            mistakes = self._frozen_mistakes(parts, drawn)
            rewarded = _ambiguous(parts, keys, mistakes)
            if not rewarded or checked:
                return self._freeze(seed, drawn, parts, keys, mistakes, rewarded), attempt
        raise problem or FamilyError(
            f"{self.slug}: {MAX_ATTEMPTS} draws in a row reward a mistake "
            f"({', '.join(rewarded)}); change what it gives, or widen the ranges."
        )

    def drawn(self, seed: int, attempt: int, pins: Mapping[str, Any] | None = None) -> Any:
        """Return the parameters of one attempt at a seed's variant.

        Raises ParamError where that draw cannot be.
        """
        checked = parameters.check_pins(self.params, pins or {})
        return self._drawn(Draw(self.slug, self.version, seed, attempt, checked))

    def keys(self, drawn: Any) -> Values:
        """Return the key of each part, in the form of its kind."""
        return self._keys(self.parts_of(drawn), drawn)

    def rewarded(self, drawn: Any) -> tuple[str, ...]:
        """Return the names of the mistakes that these parameters would reward."""
        parts = self.parts_of(drawn)
        return _ambiguous(parts, self.keys(drawn), self._frozen_mistakes(parts, drawn))

    def _drawn(self, r: Draw) -> Any:
        drawn = self.draw(r)
        if not isinstance(drawn, self.params):
            raise _wrong(self.draw, f"draw must return Params(...), not {type(drawn).__name__}")
        return drawn

    def _keys(self, parts: Parts, drawn: Any) -> Values:
        keys = _values(parts, self.answer, drawn, "answer")
        if keys.keys() != parts.keys():
            left = ", ".join(sorted(parts.keys() - keys.keys()))
            raise _wrong(self.answer, f"answer must give every part; it leaves out {left}")
        return keys

    def _frozen_mistakes(self, parts: Parts, drawn: Any) -> tuple[FrozenMistake, ...]:
        """Return the mistakes that this question offers, with their values."""
        offered = (
            (mistake, _values(parts, mistake.values, drawn, f"the mistake {mistake.name}"))
            for mistake in self.mistakes
        )
        return tuple(
            FrozenMistake(mistake.name, mistake.message, values)
            for mistake, values in offered
            if values
        )

    def _freeze(
        self,
        seed: int,
        drawn: Any,
        parts: Parts,
        keys: Values,
        mistakes: tuple[FrozenMistake, ...],
        ambiguous: tuple[str, ...],
    ) -> Variant:
        shown = {part: kind.show(keys[part]) for part, kind in parts.items()}
        signs = {
            part: equals(keys[part], getattr(kind, "decimals", None), getattr(kind, "digits", None))
            for part, kind in parts.items()
        }
        steps = self.steps(drawn)
        if not isinstance(steps, Mapping):
            raise _wrong(self.steps, f"steps must return a dict, not {type(steps).__name__}")
        statement, hints, solution = self.question.render(
            {"p": drawn, "steps": steps, "key": keys, "shown": shown, "equals": signs}
        )
        return Variant(
            family=self.slug,
            version=self.version,
            seed=seed,
            title=self.question.title,
            topic=self.question.topic,
            difficulty=self.question.difficulty,
            params=parameters.to_json(drawn),
            parts={part: kind.fit(keys[part]) for part, kind in parts.items()},
            keys=keys,
            mistakes=mistakes,
            statement=statement,
            hints=hints,
            solution=solution,
            ambiguous=ambiguous,
            labels=self.question.labels,
        )

    def describe(self) -> dict[str, Any]:
        """Return what `quizapp family list` says of the family."""
        described = parameters.describe(self.params)
        return {
            "slug": self.slug,
            "title": self.question.title,
            "topic": self.question.topic,
            "difficulty": self.question.difficulty,
            "version": self.version,
            "parameters": {name: field["type"] for name, field in described.items()},
            "ranges": {name: field["range"] for name, field in described.items()},
            "meanings": {name: field["meaning"] for name, field in described.items()},
            "parts": {part: kind.name for part, kind in self.parts.items()},
        }


def _values(parts: Parts, function: Callable[[Any], Values], drawn: Any, who: str) -> Values:
    """Return the values of some parts that a function gives, each in the form of its kind."""
    given = function(drawn)
    if not isinstance(given, Mapping):
        said = f"{who} must return a dict of values by part, not {type(given).__name__}"
        raise _wrong(function, said)
    strange = given.keys() - parts.keys()
    if strange:
        there = ", ".join(parts)
        raise _wrong(
            function, f"{who} gives {', '.join(sorted(map(str, strange)))}; the parts are {there}"
        )
    values = {}
    for part, value in given.items():
        try:
            values[part] = parts[part].value(value)
        except (TypeError, ValueError) as error:
            said = f"{who} gives no {parts[part].name} for {part}: {error}"
            raise _wrong(function, said) from error
    return values


def _wrong(function: Callable[..., Any], said: str) -> FamilyError:
    """Return the error about what a function of family.py gives, with the line it begins on."""
    code = getattr(function, "__code__", None)
    return FamilyError(said, "family.py", code.co_firstlineno if code else None)


def _ambiguous(parts: Parts, keys: Values, mistakes: tuple[FrozenMistake, ...]) -> tuple[str, ...]:
    """Return the names of the mistakes that would earn a part's mark."""
    return tuple(
        mistake.name
        for mistake in mistakes
        if any(parts[part].clashes(value, keys[part]) for part, value in mistake.values.items())
    )


def family_from_module(slug: str, module: Any, question: Question) -> Family:
    """Make a Family of a loaded family.py; raise FamilyError naming what it lacks.

    A module may define `parts(params)` where the kinds of answer follow from the draw.
    """
    wanted = ("VERSION", "PARTS", "Params", "draw", "answer", "witness", "MISTAKES", "steps")
    missing = [name for name in wanted if not hasattr(module, name)]
    if missing:
        raise FamilyError(f"{slug}: family.py lacks {', '.join(missing)}")
    _check_params(slug, module.Params)
    _check_lists(slug, module)
    names = [mistake.name for mistake in module.MISTAKES]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise FamilyError(f"{slug}: two mistakes are named {', '.join(twice)}")
    if not module.PARTS or not isinstance(module.VERSION, int):
        raise FamilyError(f"{slug}: it needs a part, and a whole VERSION")
    strange = sorted(map(str, question.labels.keys() - module.PARTS.keys()))
    if strange:
        raise FamilyError(
            f"{slug}: question.md has labels for what is no part: {', '.join(strange)}"
        )
    return Family(
        slug=slug,
        version=module.VERSION,
        params=module.Params,
        parts=module.PARTS,
        parts_of=getattr(module, "parts", lambda _drawn: module.PARTS),
        draw=module.draw,
        answer=module.answer,
        witness=module.witness,
        mistakes=module.MISTAKES,
        steps=module.steps,
        question=question,
    )


def _check_lists(slug: str, module: Any) -> None:
    parts, mistakes = module.PARTS, module.MISTAKES
    if not isinstance(parts, Mapping) or not all(isinstance(k, Kind) for k in parts.values()):
        raise FamilyError(
            f'{slug}: PARTS gives each part its kind, as in PARTS = {{"total": Integer()}}'
        )
    if not isinstance(mistakes, tuple | list) or not all(isinstance(m, Mistake) for m in mistakes):
        raise FamilyError(
            f"{slug}: MISTAKES is a tuple of Mistake(...), with a comma after each, also the last"
        )


def _check_params(slug: str, params: Any) -> None:
    options = getattr(params, "__dataclass_params__", None)
    if not isinstance(params, type) or options is None or not options.frozen:
        raise FamilyError(
            f"{slug}: Params must be a frozen dataclass: write @dataclass(frozen=True) above it"
        )
    bare = [f.name for f in dataclasses.fields(params) if not f.metadata.get("meaning")]
    if bare:
        raise FamilyError(
            f"{slug}: Params gives no meaning of {', '.join(bare)}: write for each what it is and "
            f'its limits, as in {bare[0]}: int = param("words for it", 1, 99)'
        )
