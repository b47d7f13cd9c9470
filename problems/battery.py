"""The battery of checks over some seeds of a family: a fragment of its proof, which is data.

For each seed the key is computed twice, by the NumPy engine and by the PyTorch witness; every
mistake is handed in as a response and must be named, never rewarded; the right answer as shown
must be marked right; blank and malformed responses must cost nothing.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from problems import params as parameters
from problems.core import ParamError, Values, Variant, plain
from problems.drawing import Draw
from problems.families import Family
from problems.markdown import placeholder
from problems.marking import mark
from problems.places import place, words

MALFORMED_TEXT = "?!"
DIGESTED_SEEDS = 50
"""The seeds from 0 whose variants are drawn a second time elsewhere."""
KEPT_FAILURES = 20
"""Failures of one check that are kept in full."""
MAX_DETAIL = 500
_MAX_CHOICE = 60
"""Characters of a choice as a proof names it."""

_AGAIN = "the same draw gave other parameters: take nothing at random but from r"
_BY_NAME = "; a parameter is drawn under its own name, so that it can be pinned"

Fragment = dict[str, Any]
"""What some seeds showed, as JSON: see `_Findings`."""


@dataclass(frozen=True)
class Failure:
    """One check that fell short, with the seed to look at, and the line where it is known."""

    check: str
    seed: int | None
    detail: str
    file: str | None = None
    line: int | None = None


@dataclass
class _Findings:
    """`keys` and `rewarded` give a count and a seed to look at; `mistakes` offered and recognised.

    `keys` are by digest; `rewarded` are the mistakes for which draws were thrown away, by name.
    `kept` counts the choices of variants, as in "causal = true"; `lost` those of draws thrown away
    for mistakes, each by the mistakes. `digests` are of whole variants, by seed.
    """

    first: int
    seeds: int
    again: bool
    version: int
    witness: bool
    draws: int = 0
    thrown: int = 0
    most_thrown: tuple[int, int] = (0, 0)
    slowest: tuple[float, int] = (0.0, 0)
    keys: dict[str, tuple[int, int]] = field(default_factory=dict)
    rewarded: dict[str, tuple[int, int]] = field(default_factory=dict)
    mistakes: dict[str, tuple[int, int]] = field(default_factory=dict)
    kept: Counter[str] = field(default_factory=Counter)
    lost: dict[str, Counter[str]] = field(default_factory=dict)
    failed: Counter[str] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)
    digests: dict[str, str] = field(default_factory=dict)

    def fail(
        self, check: str, seed: int | None, detail: str, at: BaseException | None = None
    ) -> None:
        self.failed[check] += 1
        if self.failed[check] <= KEPT_FAILURES:
            file, line = place(at) if at else (None, None)
            self.failures.append(Failure(check, seed, detail[:MAX_DETAIL], file, line))

    def fragment(self) -> Fragment:
        return vars(self) | {
            "kept": dict(self.kept),
            "lost": {choice: dict(mistakes) for choice, mistakes in self.lost.items()},
            "failed": dict(self.failed),
            "failures": [asdict(failure) for failure in self.failures],
        }


def fragment(
    family: Family, first: int, count: int, on_seed: Callable[[int], None] = lambda _: None
) -> Fragment:
    """Try `count` seeds from `first`; `on_seed` is told each one before it is tried."""
    found = _findings(family, first, count, again=False)
    found.mistakes = {mistake.name: (0, 0) for mistake in family.mistakes}
    for seed in range(first, first + count):
        on_seed(seed)
        _try_seed(family, seed, found)
    return found.fragment()


def again(
    family: Family, first: int, count: int, on_seed: Callable[[int], None] = lambda _: None
) -> Fragment:
    """Draw the variants that `fragment` has digested, for another process to compare.

    From the last to the first: what one draw leaves behind must not tell in the next.
    """
    found = _findings(family, first, count, again=True)
    for seed in reversed(range(first, min(first + count, DIGESTED_SEEDS))):
        on_seed(seed)
        try:
            found.digests[str(seed)] = _digest(family.variant(seed))
        except Exception:  # noqa: BLE001, S112 (the proof itself reports this seed)
            continue
    return found.fragment()


def unloadable(error: Exception, first: int, count: int) -> Fragment:
    """Return the fragment of a family whose files cannot be loaded."""
    found = _Findings(first, count, again=False, version=0, witness=False)
    found.fail("load", None, words(error), error)
    return found.fragment()


def disagreement(family: Family, keys: Values, drawn: Any) -> str:
    """Say where the witness comes to other keys; empty where it comes to the same, or is none."""
    if family.witness is None:
        return ""
    witnessed = family.witness(drawn)
    parts = family.parts_of(drawn)
    if not isinstance(witnessed, Mapping):
        return f"witness must return a dict of values by part, not {type(witnessed).__name__}"
    if {*family.parts} != {*parts} or {*parts} != {*witnessed} or {*parts} != {*keys}:
        given = ", ".join(map(str, witnessed)) or "nothing"
        return f"witness must give every part, which are {', '.join(parts)}; it gives {given}"
    differing = []
    for part, kind in parts.items():
        key, seen = keys[part], kind.value(witnessed[part])
        if not kind.agrees(key, seen):
            differing.append(f"{part}: answer {key}, witness {seen}")
    return "; ".join(differing)


def not_numbers(variant: Variant) -> str:
    """Name the keys, mistakes and parameters of a variant that are NaN; empty for none."""
    wrong = [f"the key of {part}" for part, key in variant.keys.items() if _has_nan(key)]
    wrong += [
        f"the mistake {mistake.name}"
        for mistake in variant.mistakes
        if any(map(_has_nan, mistake.values.values()))
    ]
    wrong += [f"the parameter {name}" for name, value in variant.params.items() if _has_nan(value)]
    return f"{', '.join(wrong)}: not a number (NaN)" if wrong else ""


def unasked(variant: Variant) -> list[str]:
    """Say for which parts the statement has no field, or several."""
    times = {part: variant.statement.count(placeholder(part)) for part in variant.parts}
    return [
        f'the statement must ask for {part} once, by {{{{ input("{part}") }}}}; '
        f"it does {count} times"
        for part, count in times.items()
        if count != 1
    ]


def _has_nan(value: Any) -> bool:
    try:
        return bool(np.isnan(np.asarray(value, dtype=np.float64)).any())
    except (TypeError, ValueError):
        return False  # texts, and lists of lists, hold what JSON can


def _findings(family: Family, first: int, count: int, *, again: bool) -> _Findings:
    return _Findings(first, count, again, family.version, witness=family.witness is not None)


def _try_seed(family: Family, seed: int, found: _Findings) -> None:
    start = time.perf_counter()
    try:
        variant, thrown = family.draw_counted(seed)
        elapsed_ms = 1000 * (time.perf_counter() - start)
        drawing = Draw(family.slug, family.version, seed, thrown)
        drawn = family.draw(drawing)
        _check_witness(family, variant.keys, drawn, seed, found)
        kept = _choices(drawing)
        for attempt in range(thrown):
            _look_at_thrown(family, seed, attempt, found)
    except Exception as error:  # noqa: BLE001 (whatever a family's code raises is its failure)
        found.fail("draw", seed, words(error), error)
        return
    found.slowest = max(found.slowest, (elapsed_ms, seed))
    found.most_thrown = max(found.most_thrown, (thrown, seed))
    found.draws += thrown + 1
    found.thrown += thrown
    found.kept.update(kept)
    _count(found.keys, _hash(json.dumps([plain(key) for key in variant.keys.values()])), seed)
    if seed < DIGESTED_SEEDS:
        found.digests[str(seed)] = _digest(variant)
    _check_parameters(variant, drawn, drawing, found)
    _check_mistakes(variant, found)
    _check_marking(variant, found)
    _check_text(variant, found)


def _count(counts: dict[str, tuple[int, int]], name: str, seed: int) -> None:
    times, first = counts.get(name, (0, seed))
    counts[name] = times + 1, first


def _check_parameters(variant: Variant, drawn: Any, drawing: Draw, found: _Findings) -> None:
    if parameters.to_json(drawn) != variant.params:
        found.fail("same-again", variant.seed, _AGAIN)
    hidden = variant.params.keys() - drawing.drawn
    if hidden:
        said = f"never drawn by name: {', '.join(sorted(hidden))}{_BY_NAME}"
        found.fail("pinnable", variant.seed, said)


def _check_witness(family: Family, keys: Values, drawn: Any, seed: int, found: _Findings) -> None:
    differs = disagreement(family, keys, drawn)
    if differs:
        found.fail("witness", seed, differs)


def _look_at_thrown(family: Family, seed: int, attempt: int, found: _Findings) -> None:
    """Say for which mistakes a draw was thrown away; its key may be wrong as they are."""
    drawing = Draw(family.slug, family.version, seed, attempt)
    try:
        drawn = family.draw(drawing)
    except ParamError:
        return
    keys = family.keys(drawn)
    _check_witness(family, keys, drawn, seed, found)
    rewarded = family.rewarded(drawn)
    for name in rewarded:
        _count(found.rewarded, name, seed)
    for choice in _choices(drawing):
        found.lost.setdefault(choice, Counter()).update([", ".join(rewarded)])


def _choices(drawing: Draw) -> list[str]:
    """Name what a draw has chosen among numbers, texts, true and false, as in "causal = true"."""
    chosen = {name: plain(value) for name, value in drawing.chosen.items()}
    return [
        f"{name} = {json.dumps(value, ensure_ascii=False)}"[:_MAX_CHOICE]
        for name, value in chosen.items()
        if isinstance(value, bool | int | float | str)
    ]


def _check_mistakes(variant: Variant, found: _Findings) -> None:
    for mistake in variant.mistakes:
        verdicts = set()
        for part, value in mistake.values.items():
            shown = variant.parts[part].show(value)
            given = mark(variant, {part: shown}).parts[part]
            named = mistake.name in (given.mistake or "").split(", ")
            verdicts.add(given.verdict)
            if given.verdict == "right":
                found.fail("accidental", variant.seed, f"{mistake.name} earns {part}: {shown}")
            elif not named:
                found.fail(
                    "unnamed", variant.seed, f"{mistake.name} in {part}: {shown} {given.verdict}"
                )
        offered, recognised = found.mistakes[mistake.name]
        found.mistakes[mistake.name] = offered + 1, recognised + (verdicts == {"mistake"})


def _check_marking(variant: Variant, found: _Findings) -> None:
    shown = {part: kind.show(variant.keys[part]) for part, kind in variant.parts.items()}
    again = Variant.from_json(json.loads(_document(variant)))
    for version in (variant, again):
        right = mark(version, shown)
        if right.score != 1 or not right.counts:
            found.fail("right-is-right", variant.seed, f"{shown} earns {right.score}")
    blank = mark(variant, dict.fromkeys(variant.parts, "  "))
    if blank.counts or any(part.verdict != "blank" for part in blank.parts.values()):
        found.fail("blank", variant.seed, "a blank response is not marked as blank")
    malformed = mark(variant, dict.fromkeys(variant.parts, MALFORMED_TEXT))
    if malformed.counts or any(part.verdict != "malformed" for part in malformed.parts.values()):
        found.fail("malformed", variant.seed, f"{MALFORMED_TEXT} is not marked as malformed")


def _check_text(variant: Variant, found: _Findings) -> None:
    for said in unasked(variant):
        found.fail("text", variant.seed, said)
    if not all((variant.statement, variant.solution, *variant.hints)):
        found.fail("text", variant.seed, "the statement, a hint or the solution is empty")
    wrong = not_numbers(variant)
    if wrong:
        found.fail("number", variant.seed, wrong)


def _document(variant: Variant) -> str:
    return json.dumps(variant.to_json(), sort_keys=True)


def _digest(variant: Variant) -> str:
    return _hash(_document(variant))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def digest(digests: Iterable[str]) -> str:
    """Return one digest of several, in their order."""
    return _hash("\n".join(digests))
