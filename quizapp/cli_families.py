"""`quizapp family`: list, draw, mark, prove and print the families of the bank."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from problems import catalog, marking
from problems.core import ParamError, ProblemsError, Variant
from problems.proof import Proof, prove
from quizapp.services import sheet


def add_commands(commands: Any) -> None:
    """Add the commands to the parser of `quizapp family`."""
    listing = commands.add_parser("list", help="list the families with their parameters")
    listing.set_defaults(run=_list)
    draw = commands.add_parser("draw", help="draw a variant, with its key and mistakes")
    draw.set_defaults(run=_draw)
    mark = commands.add_parser("mark", help="mark responses to a variant")
    mark.set_defaults(run=_mark)
    proving = commands.add_parser("prove", help="prove families over many seeds")
    proving.set_defaults(run=_prove)
    sheet = commands.add_parser("sheet", help="write a page with three variants of each family")
    sheet.set_defaults(run=_sheet)
    sheet.add_argument("slugs", nargs="*", metavar="SLUG", help="all of the bank by default")
    sheet.add_argument("--out", required=True, metavar="DIR")
    for command in (draw, mark):
        command.add_argument("slug", metavar="SLUG")
        command.add_argument("--seed", type=int, default=0)
        command.add_argument(
            "--set",
            dest="pins",
            action="append",
            default=[],
            metavar="NAME=JSON",
            help="pin a parameter",
        )
    mark.add_argument("responses", nargs="+", metavar="PART=TEXT")
    proving.add_argument("slugs", nargs="*", metavar="SLUG", help="all of the bank by default")
    proving.add_argument("--seeds", type=int, default=200)
    for command in (listing, draw, mark, proving):
        command.add_argument("--json", action="store_true")


def _list(options: argparse.Namespace) -> int:
    described = [family.describe() for family in catalog.families().values()]
    if options.json:
        print(json.dumps(described))
        return 0
    for family in described:
        print(f"{family['slug']:22} {family['title']}  [{family['topic']}]")
        for name, kind in family["parameters"].items():
            limits = f" {family['ranges'][name]}" if family["ranges"][name] else ""
            print(f"    {name}: {kind}{limits}: {family['meanings'][name]}")
    return 0


def _draw(options: argparse.Namespace) -> int:
    variant = _variant(options)
    if options.json:
        print(json.dumps(variant.to_json(), allow_nan=False, default=str))
        return 0
    print(f"{variant.title}  (seed {variant.seed})\n\n{variant.statement}\n")
    for part, kind in variant.parts.items():
        print(f"{part} = {kind.show(variant.keys[part])}   ({kind.name})")
    for mistake in variant.mistakes:
        shown = ", ".join(f"{p} = {variant.parts[p].show(v)}" for p, v in mistake.values.items())
        print(f"  {mistake.name}: {shown}\n    {mistake.message}")
    if variant.ambiguous:
        print(f"Ambiguous: {', '.join(variant.ambiguous)} would earn the mark.")
    return 0


def _mark(options: argparse.Namespace) -> int:
    mark = marking.mark(_variant(options), dict(_pairs(options.responses, "PART=TEXT")))
    if options.json:
        print(json.dumps(mark.to_json()))
        return 0
    for name, part in mark.parts.items():
        read = f" (read as {part.read_as})" if part.read_as else ""
        named = f" {part.mistake}:" if part.mistake else ""
        print(f"{name}: {part.verdict}{read}{named} {part.message}")
    print(f"score {mark.score:.2f}")
    return 0


def _prove(options: argparse.Namespace) -> int:
    if options.seeds < 1:
        raise ProblemsError(f"--seeds: give a whole number from 1, not {options.seeds}.")
    slugs = options.slugs or list(catalog.families())
    folders = [catalog.BANK / catalog.family(slug).slug for slug in slugs]
    proofs = prove(folders, options.seeds)
    if options.json:
        print(json.dumps([proof.to_json() for proof in proofs]))
    else:
        for proof in proofs:
            _print_proof(proof)
    return 0 if all(proof.ok for proof in proofs) else 1


def _sheet(options: argparse.Namespace) -> int:
    slugs = options.slugs or list(catalog.families())
    print(sheet.write([catalog.family(slug) for slug in slugs], Path(options.out)))
    return 0


def _print_proof(proof: Proof) -> None:
    word = "proven" if proof.ok else "FALLS SHORT"
    print(
        f"{proof.slug:22} {word} over {proof.seeds} seeds; {proof.distinct_keys} different keys, "
        f"{proof.thrown_away:.0%} of draws thrown away, slowest {proof.slowest_ms:.1f} ms"
    )
    for check, times in proof.failed.items():
        print(f"    {check}: {times} times")
    for failure in proof.failures:
        print(f"    {failure.check}, seed {failure.seed}: {failure.detail}")


def _variant(options: argparse.Namespace) -> Variant:
    pins = {name: _json(name, text) for name, text in _pairs(options.pins, "--set NAME=JSON")}
    return catalog.family(options.slug).variant(options.seed, pins)


def _pairs(texts: Sequence[str], form: str) -> list[tuple[str, str]]:
    for text in texts:
        if "=" not in text:
            raise ProblemsError(f"“{text[:60]}” is not of the form {form}.")
    pairs = [text.split("=", 1) for text in texts]
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise ProblemsError(f"{name[:60]} is given twice.")
    return [(name, value) for name, value in pairs]


def _json(name: str, text: str) -> Any:
    """Read a pinned value; a bare word, which is no JSON, is a text."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        if text.isidentifier():
            return text
        raise ParamError(name[:60], f"“{text[:40]}” is not JSON.") from error
