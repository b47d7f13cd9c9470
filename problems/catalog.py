"""Finds the bank's folders and loads each as a Family."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import ModuleType

from problems.core import FamilyError, UnknownFamily
from problems.families import Family, family_from_module
from problems.markdown import parse_question

BANK = Path(__file__).parent / "bank"


@cache
def families() -> Mapping[str, Family]:
    """Return the families of the bank by slug, in alphabetical order."""
    folders = sorted(path.parent for path in BANK.glob("*/family.py"))
    return {folder.name: load(folder) for folder in folders}


def family(slug: str) -> Family:
    """Return the family of this slug; raise UnknownFamily where there is none."""
    try:
        return families()[slug]
    except KeyError:
        known = ", ".join(families())
        raise UnknownFamily(f"There is no family “{slug[:60]}”. There are: {known}.") from None


def load(folder: Path) -> Family:
    """Load the family that a folder holds; raise FamilyError where its files are not one."""
    try:
        text = (folder / "question.md").read_text(encoding="utf-8")
    except OSError as error:
        raise FamilyError(f"{folder.name}: question.md cannot be read") from error
    return family_from_module(folder.name, _module(folder), parse_question(text))


def _module(folder: Path) -> ModuleType:
    name = f"problems.bank.{folder.name}.family"
    spec = importlib.util.spec_from_file_location(name, folder / "family.py")
    if spec is None or spec.loader is None:
        raise FamilyError(f"{folder.name}: family.py cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    # Dataclasses look their module up by name while they are made.
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
