"""Families of the bank to break: a copy of a folder in which one line is changed."""

import shutil

import pytest

from problems.catalog import BANK


@pytest.fixture
def plant(tmp_path):
    """Copy a family's folder and replace one text in one of its files; return the copy."""

    def planted(slug, old, new, file="family.py", name=None):
        folder = tmp_path / (name or slug)
        if not folder.exists():
            shutil.copytree(BANK / slug, folder, ignore=shutil.ignore_patterns("__pycache__"))
        text = (folder / file).read_text(encoding="utf-8")
        assert old in text, f"{old!r} does not stand in {file}"
        (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
        return folder

    return planted
