r"""TeX formulas to MathML that may stand in any page.

latex2mathml itself lets `\text{<script>}` through unescaped, so its tree is taken and written out
here, through an allow-list.
"""

import html
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from xml.etree.ElementTree import Element

from latex2mathml.converter import Converter

MAX_FORMULA = 4000  # characters: far above any real formula, and a bound on the work of one

ELEMENTS = re.compile(
    "math|mrow|mi|mn|mo|mtext|mspace|mfrac|msqrt|mroot|mstyle|mpadded|mphantom|menclose|"
    "msub|msup|msubsup|munder|mover|munderover|mtable|mtr|mtd"
)
# No style, class or href: a formula sets the shape of mathematics and nothing else. No colour: it
# would not hold its contrast in both themes.
ATTRIBUTES = re.compile(
    "display|displaystyle|scriptlevel|mathvariant|stretchy|fence|form|accent|accentunder|lspace|"
    "rspace|minsize|maxsize|movablelimits|width|height|depth|linethickness|notation|columnalign|"
    "columnspacing|rowspacing|rowlines|columnlines"
)
CHILDREN = {"mfrac": 2, "mroot": 2, "msub": 2, "msup": 2, "munder": 2, "mover": 2}
CHILDREN |= {"msubsup": 3, "munderover": 3}
SCRIPTED = frozenset(CHILDREN) - {"mfrac", "mroot"}

# Macros can grow without bound (each of twenty doubling the last), and no problem needs one.
_MACRO = re.compile(r"\\(?:def|newcommand)(?![a-zA-Z])")
_OPENING = frozenset("([{|‖⌊⌈⟨")
_CLOSING = frozenset(")]}|‖⌋⌉⟩!%")
_ACCENTS = {"&#x0005E;": "ˆ", "&#x0007E;": "˜", "~": "˜"}  # as high and wide as an accent
_LARGE = frozenset("∑∏⋃⋂⨁⨂")
_LIMITS = frozenset({"max", "min", "arg max", "arg min", "argmax", "argmin", "sup", "inf", "lim"})
_UNDER = {"msub": "munder", "msup": "mover", "msubsup": "munderover"}
_THIN = "0.1667em"


class _NotMathematicsError(ValueError):
    """A formula that would come out wrong: an unknown command, a missing argument."""


@lru_cache(maxsize=4096)
def mathml(formula: str, display: str) -> str:
    """Return a formula as a `math` element, or as escaped code if it cannot be converted."""
    try:
        return "".join(_write(_tree(formula, display)))
    except Exception:  # noqa: BLE001 - latex2mathml raises many kinds, on any author's typing slip
        return f'<code class="math-source">{html.escape(formula)}</code>'


def _tree(formula: str, display: str) -> Element:
    if len(formula) > MAX_FORMULA or _MACRO.search(formula):
        raise _NotMathematicsError
    source = formula.replace("{aligned}", "{split}").replace("{,}", r"\text{,}")
    return Converter(display=display).convert_to_element(source)


def _write(element: Element) -> Iterator[str]:
    """Yield the HTML of a MathML element, once it is known to be sound."""
    tag = element.tag
    if not ELEMENTS.fullmatch(tag) or len(element) != CHILDREN.get(tag, len(element)):
        raise _NotMathematicsError
    # latex2mathml writes `&#x003C3;` for a symbol, and what the author typed as it was typed.
    source = element.text or ""
    if tag != "mtext" and (source == "&" or re.match(r"\\[a-zA-Z]", source)):
        raise _NotMathematicsError
    text = _styled(html.unescape(source), element)
    if tag == "mover" and element[1].text in _ACCENTS:
        element[1].text = _ACCENTS[element[1].text]
        element.set("accent", "true")
    if tag in {"mrow", "math", "mtd", "mstyle", "msqrt"}:
        _space_words(element)
        _keep_bars_small(element)
        _mark_signs(element)
    attributes = "".join(
        f' {name}="{html.escape(value)}"'
        for name, value in element.attrib.items()
        if ATTRIBUTES.fullmatch(name)
    )
    yield f"<{tag}{attributes}>{html.escape(text)}"
    for child in element:
        yield from _write(child)
    yield f"</{tag}>"


def _styled(text: str, element: Element) -> str:
    """Return bold and other alphabets as their own characters: browsers know no other way."""
    variant = element.get("mathvariant", "normal")
    if element.tag == "mtext" or variant == "normal" or len(text) != 1:
        return text
    del element.attrib["mathvariant"]
    name = unicodedata.name(text, "").replace(" LETTER", "")
    name = name.removeprefix("LATIN ").removeprefix("GREEK ")
    try:
        return unicodedata.lookup(f"MATHEMATICAL {variant.replace('-', ' ').upper()} {name}")
    except KeyError:
        return text


def _space_words(row: Element) -> None:
    """Set words such as log and softmax as TeX does: a thin space off, none before a bracket."""
    children = list(row)
    for before, child, after in zip(
        [None, *children], children, [*children[1:], None], strict=False
    ):
        word = _core(child)
        text = html.unescape(word.text or "").replace("\N{THIN SPACE}", " ")
        if text in _LARGE:  # latex2mathml sets the limits of a sum under it in outer ones alone
            child.tag = _UNDER.get(child.tag, child.tag)
        elif word.tag in {"mi", "mo"} and len(text) > 1 and text.replace(" ", "").isalpha():
            word.tag = "mo"
            opens = after is not None and _character(after) in _OPENING
            starts = before is None or before.tag == "mo"
            word.set("lspace", "0" if starts else _THIN)
            word.set("rspace", "0" if opens or after is None else _THIN)
            if text in _LIMITS:
                word.set("movablelimits", "true")
                child.tag = _UNDER.get(child.tag, child.tag)


def _keep_bars_small(row: Element) -> None:
    """Leave bars as tall as a letter unless they were asked to stretch or stand at a matrix."""
    matrix = any(child.tag == "mtable" for child in row)
    for child in row:
        bar = _core(child)
        is_bar = bar.tag == "mo" and _character(bar) in {"|", "‖"}
        if is_bar and not matrix and bar.get("stretchy") != "true":
            bar.attrib |= {"stretchy": "false", "lspace": "0", "rspace": "0"}


def _mark_signs(row: Element) -> None:
    """Tell the sign of a number, which follows a symbol such as = or a comma, from a sum's."""
    for before, sign in pairwise(row):
        follows = before.tag == "mo" and _character(before) not in _CLOSING
        if sign.tag == "mo" and _character(sign) in {"−", "+", "±"} and follows:
            sign.set("form", "prefix")


def _core(element: Element) -> Element:
    """Return what the scripts of an element stand on."""
    while len(element) and (
        element.tag in SCRIPTED or (element.tag == "mrow" and len(element) == 1)
    ):
        element = element[0]
    return element


def _character(element: Element) -> str:
    """Return the first symbol of an element."""
    while len(element):
        element = element[0]
    return html.unescape(element.text or "")
