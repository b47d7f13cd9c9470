"""The contact sheet: the whole bank on one page that an instructor reads through in one sitting."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from problems.core import DIFFICULTIES, TOPICS, Variant
from problems.families import Family
from quizapp.errors import Invalid
from quizapp.services.rendering import statement_with_keys, to_html

SEEDS = (1, 2, 3)
STATIC = Path(__file__).parents[1] / "web" / "static"
LOOK = (
    "tokens.css",
    "app.css",
    "reading.css",
    "vendor/pico.min.css",
    "vendor/stix-two-math.woff2",
    "vendor/stix-two-text.woff2",
    "vendor/stix-two-text-bold.woff2",
    "vendor/stix-two-text-italic.woff2",
)


def write(families: Sequence[Family], folder: Path) -> Path:
    """Write index.html with the style sheets and fonts that it needs; return its path.

    Raises Invalid where the folder cannot be written.
    """
    page = folder / "index.html"
    try:
        (folder / "vendor").mkdir(parents=True, exist_ok=True)
        for name in LOOK:
            shutil.copyfile(STATIC / name, folder / name)
        page.write_text(_page(families), encoding="utf-8")
    except OSError as error:
        raise Invalid(f"{folder} cannot be written: {error.strerror}.") from error
    return page


def _page(families: Sequence[Family]) -> str:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined
    )
    environment.filters |= {"md": _markdown, "statement": _statement}
    drawn = [(family, [family.variant(seed) for seed in SEEDS]) for family in families]
    return environment.get_template("sheet.html").render(
        families=drawn, topics=TOPICS, difficulties=DIFFICULTIES
    )


def _markdown(text: str) -> Markup:
    return Markup(to_html(text))  # noqa: S704 (to_html gives safe HTML whatever the text)


def _statement(variant: Variant) -> Markup:
    return Markup(statement_with_keys(variant))  # noqa: S704 (as above)
