"""Fetch and build the files of this folder again. A maintainer's tool: see docs/vendoring.md.

Needs npm, and pip's fonttools and brotli in the versions of FONT_TOOLS. Change a version in PINS,
run `python -m quizapp.web.vendor_update`, read the diff, run the tests. The same pins give the
same bytes.
"""

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).parent / "static" / "vendor"

# Every package whose code we ship, also those that another brings along, so that nothing moves
# unless a line here does. codemirror: its tag `latest` is version 5's code, hence never a tag.
PINS = {
    "htmx.org": "2.0.11",
    "@picocss/pico": "2.1.1",
    "@fontsource/stix-two-math": "5.3.0",
    "@fontsource/stix-two-text": "5.3.0",
    "codemirror": "6.0.2",
    "@codemirror/autocomplete": "6.20.4",
    "@codemirror/commands": "6.11.1",
    "@codemirror/lang-python": "6.2.1",
    "@codemirror/language": "6.13.1",
    "@codemirror/lint": "6.9.8",
    "@codemirror/search": "6.7.2",
    "@codemirror/state": "6.7.6",
    "@codemirror/streamparser": "6.0.0",
    "@codemirror/view": "6.43.15",
    "@lezer/common": "1.5.5",
    "@lezer/highlight": "1.2.5",
    "@lezer/lr": "1.4.12",
    "@lezer/python": "1.1.19",
    "@marijn/find-cluster-break": "1.0.4",
    "crelt": "1.0.7",
    "style-mod": "4.1.4",
    "w3c-keyname": "2.2.8",
}
BUILD_TOOL = {"esbuild": "0.28.2"}

# The mathematics that problems are written in, with accents, arrows and upright, bold, script and
# double-struck letters: a quarter of the font's size. `ssty` draws small letters for scripts.
FONT_TOOLS = {"fonttools": "4.68.0", "brotli": "1.2.1"}
SUBSET = "stix-two-math.woff2"
CHARACTERS = (
    "U+20-7E,U+A0-BF,U+D7,U+F7,U+131,U+237,U+300-304,U+307-308,U+30C,U+391-3F6,U+2010-2044,"
    "U+2061-2064,U+20D7,U+2102,U+210E,U+2113,U+2115,U+211D,U+2124,U+2190-2194,U+21A6,U+21D0-21D4,"
    "U+2200-222B,U+2234-2237,U+223C-224D,U+2260-2265,U+226A-226B,U+2282-2287,U+2295-2299,"
    "U+22A4-22A5,U+22C0-22C5,U+22EE-22F1,U+2308-230B,U+23DC-23DF,U+27E8-27E9,U+1D400-1D467,"
    "U+1D49C-1D4B5,U+1D538-1D56B,U+1D6A8-1D7CB"
)

COPIES = {
    "htmx.min.js": ("htmx.org", "dist/htmx.min.js"),
    "pico.min.css": ("@picocss/pico", "css/pico.min.css"),
    "stix-two-math.woff2": (
        "@fontsource/stix-two-math",
        "files/stix-two-math-latin-400-normal.woff2",
    ),
    "stix-two-text.woff2": (
        "@fontsource/stix-two-text",
        "files/stix-two-text-latin-400-normal.woff2",
    ),
    "stix-two-text-italic.woff2": (
        "@fontsource/stix-two-text",
        "files/stix-two-text-latin-400-italic.woff2",
    ),
    "stix-two-text-bold.woff2": (
        "@fontsource/stix-two-text",
        "files/stix-two-text-latin-600-normal.woff2",
    ),
}

# What editor.js uses, as the global `CodeMirror`: a plain script needs no import of a file whose
# name a cache-busting server has changed.
BUNDLE = "codemirror.min.js"
ENTRY = """
export { basicSetup, EditorView } from "codemirror";
export { Compartment, EditorState, Prec } from "@codemirror/state";
export { keymap } from "@codemirror/view";
export { indentWithTab } from "@codemirror/commands";
export { HighlightStyle, indentUnit, syntaxHighlighting } from "@codemirror/language";
export { python } from "@codemirror/lang-python";
export { tags } from "@lezer/highlight";
"""


def install(folder: Path) -> None:
    wanted = [f"{name}@{version}" for name, version in (PINS | BUILD_TOOL).items()]
    (folder / "package.json").write_text("{}")
    subprocess.run(
        ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--save-exact", *wanted],
        cwd=folder,
        check=True,
    )


def subset(path: Path) -> None:
    """Leave the characters in a font that we use, in place."""
    for name, wanted in FONT_TOOLS.items():
        if version(name) != wanted:
            raise SystemExit(f"{name} {wanted} is needed, and {version(name)} is installed.")
    options = [f"--unicodes={CHARACTERS}", "--layout-features=ssty,dtls,flac", "--flavor=woff2"]
    command = [sys.executable, "-m", "fontTools.subset", path, *options, f"--output-file={path}"]
    subprocess.run(command, check=True)


def bundle(folder: Path) -> list[str]:
    """Build the editor into one file; return the names of the packages that are in it."""
    (folder / "entry.js").write_text(ENTRY)
    subprocess.run(
        [
            "node_modules/.bin/esbuild",
            "entry.js",
            "--bundle",
            "--minify",
            "--format=iife",
            "--global-name=CodeMirror",
            "--target=es2020",
            "--legal-comments=none",
            "--metafile=meta.json",
            f"--outfile={HERE / BUNDLE}",
        ],
        cwd=folder,
        check=True,
    )
    names = set()
    for source in json.loads((folder / "meta.json").read_text())["inputs"]:
        if source.startswith("node_modules/"):
            parts = source.split("/")[1:]
            names.add("/".join(parts[:2]) if parts[0].startswith("@") else parts[0])
    return sorted(names)


def package(folder: Path, name: str) -> tuple[Path, dict]:
    """Return a package's folder and description, if it is the version that we pinned."""
    root = folder / "node_modules" / name
    about = json.loads((root / "package.json").read_text())
    if PINS.get(name) != about["version"]:
        raise SystemExit(f"{name} {about['version']} is shipped: write that version into PINS.")
    return root, about


def licence_text(root: Path) -> str:
    return next(root.glob("LICEN[SC]E*")).read_text().strip() + "\n"


def entry(path: Path, name: str, version: str, licence: str) -> dict:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    file = path.relative_to(HERE).as_posix()
    return {"file": file, "name": name, "version": version, "licence": licence, "sha256": digest}


def main() -> None:
    shutil.rmtree(HERE / "licences", ignore_errors=True)
    (HERE / "licences").mkdir()
    entries, shipped = [], set()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        install(folder)
        for target, (package_name, source) in COPIES.items():
            root, about = package(folder, package_name)
            shutil.copyfile(root / source, HERE / target)
            if target == SUBSET:
                subset(HERE / target)
            entries.append(entry(HERE / target, package_name, about["version"], about["license"]))
            shipped.add(package_name)

        bundled = bundle(folder)
        parts = {part: package(folder, part)[1] for part in bundled}
        licences = " AND ".join(sorted({about["license"] for about in parts.values()}))
        made = entry(HERE / BUNDLE, "codemirror", PINS["codemirror"], licences)
        entries.append(made | {"bundles": {part: parts[part]["version"] for part in bundled}})

        # One licence text a package; the bundle's are alike but for years and names.
        texts = {HERE / "licences" / "codemirror.txt": ("codemirror", bundled)}
        for package_name in shipped:
            short = package_name.split("/")[-1]
            texts[HERE / "licences" / f"{short}.txt"] = (package_name, [package_name])
        for path, (package_name, packages) in texts.items():
            of_text: dict[str, list[str]] = {}
            for part in packages:
                of_text.setdefault(licence_text(package(folder, part)[0]), []).append(part)
            path.write_text(
                "\n".join(f"{', '.join(names)}\n\n{text}" for text, names in of_text.items())
            )
            _, about = package(folder, package_name)
            entries.append(entry(path, package_name, about["version"], about["license"]))

    entries.sort(key=lambda each: each["file"])
    (HERE / "manifest.json").write_text(json.dumps(entries, indent=2) + "\n")


if __name__ == "__main__":
    main()
