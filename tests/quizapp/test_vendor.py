import hashlib
import json
from pathlib import Path

import pytest

import quizapp
from quizapp.web import vendor_update

VENDOR = Path(quizapp.__file__).parent / "web/static/vendor"
MANIFEST = json.loads((VENDOR / "manifest.json").read_text())
OURS = {"manifest.json"}


@pytest.mark.parametrize("entry", MANIFEST, ids=lambda entry: entry["file"])
def test_a_vendored_file_is_the_one_that_the_manifest_describes(entry):
    assert hashlib.sha256((VENDOR / entry["file"]).read_bytes()).hexdigest() == entry["sha256"]
    assert entry["name"]
    assert entry["version"]
    assert entry["licence"]


def test_every_file_is_in_the_manifest():
    files = {
        path.relative_to(VENDOR).as_posix()
        for path in VENDOR.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert files - OURS == {entry["file"] for entry in MANIFEST}


def test_every_package_comes_with_its_licence_text():
    code = {entry["name"] for entry in MANIFEST if not entry["file"].startswith("licences/")}
    assert code == {entry["name"] for entry in MANIFEST if entry["file"].startswith("licences/")}
    texts = "".join(path.read_text() for path in (VENDOR / "licences").iterdir())
    parts = {part for entry in MANIFEST for part in entry.get("bundles", ())}
    assert sorted(part for part in parts if part not in texts) == []


def test_the_versions_are_those_that_the_update_script_pins():
    pins = vendor_update.PINS
    shipped = {entry["name"]: entry["version"] for entry in MANIFEST}
    for entry in MANIFEST:
        shipped |= entry.get("bundles", {})
    assert shipped == pins


def test_no_file_points_to_a_source_map():
    for path in VENDOR.iterdir():
        if path.suffix in {".js", ".css"}:
            assert "sourceMappingURL=" not in path.read_text()
