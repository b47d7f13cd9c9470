r"""Markdown with TeX mathematics to HTML that may stand in any page.

Text may come from anyone: HTML in it is shown as text, links lead to http, https or a relative
address, and formulas become MathML through an allow-list (latex2mathml itself lets
`\text{<script>}` through unescaped, so its tree is taken and written out here).
"""

import html
import re
import unicodedata
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any
from xml.etree.ElementTree import Element

from latex2mathml.converter import Converter
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

from problems.core import Variant

Env = MutableMapping[str, Any]


def to_html(markdown: str) -> str:
    """Return Markdown (CommonMark, tables, `$ … $` and `$$ … $$`) as safe HTML."""
    return render_with_inputs(markdown, {})


def render_with_inputs(markdown: str, fields: Mapping[str, str]) -> str:
    """Return the HTML of `markdown` with the trusted HTML of each field at its `[[input:NAME]]`.

    A placeholder in a sentence stands inside the paragraph, so the field must then be phrasing
    content (span, label, input); alone on its lines it is not wrapped in a paragraph. One without
    a field stays as text.
    """
    text, *rest = _pieces(markdown)
    names, texts = rest[::2], rest[1::2]
    written = (fields.get(name, f"[[input:{name}]]") for name in names)
    return text + "".join(map("".join, zip(written, texts, strict=True)))


def statement_with_keys(variant: Variant) -> str:
    """Return a statement's HTML with the key, named by its part, in the place of each field."""
    fields = {
        part: '<span class="badge mark-right">'
        f"{html.escape(variant.label(part))}: {html.escape(kind.show(variant.keys[part]))}</span>"
        for part, kind in variant.parts.items()
    }
    return render_with_inputs(variant.statement, fields)


@lru_cache(maxsize=1024)
def _pieces(markdown: str) -> tuple[str, ...]:
    """Return the HTML cut at its placeholders: text, name, text, ... A page is shown many times."""
    return tuple(_PLACE.split(_PARSER.render(markdown)))


# ---------------------------------------------------------------------------------------------
# Formulas

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
def _mathml(formula: str, display: str) -> str:
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


# ---------------------------------------------------------------------------------------------
# Markdown: our rules, and how their tokens are written

_INLINE = re.compile(r"\$((?:\\.|[^\\$])++)\$(?![\d$])", re.DOTALL)
_DISPLAY = re.compile(r"\$\$((?:\\.|[^\\$])++)\$\$", re.DOTALL)
_PLACE = re.compile("\0(\\w+)\0")  # Markdown lets no NUL of a text through
_INPUT = re.compile(r"\[\[input:([^\W\d]\w*)\]\]")
_CLINGING = tuple(".,;:!?)")
_WORD_JOINER = "\N{WORD JOINER}"
_SAFE_LINK = re.compile(r"https?:|[^:]*$|[^:/?#]*[/?#]", re.IGNORECASE)


def _math_inline(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - the parser's signature
    r"""Take `$ … $` (not `\$5`, nor `$5 and $10`) and `$$ … $$` before Markdown sees inside."""
    for name, pattern in (("math_display", _DISPLAY), ("math_inline", _INLINE)):
        match = pattern.match(state.src, state.pos, state.posMax)
        if match and match[1].strip():
            if not silent:
                token = state.push(name, "span", 0)
                token.content = match[1].strip()
            state.pos = match.end()
            return True
    return False


def _math_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001
    """Take lines from one that starts with `$$` to one that ends with it, without a blank line."""
    first = state.bMarks[start] + state.tShift[start]
    if state.is_code_block(start) or not state.src.startswith("$$", first):
        return False
    line, begin = start, first + 2
    while not (read := state.src[begin : state.eMarks[line]].rstrip()).endswith("$$"):
        # No formula holds a $: one ends the search, which would else go on from every line.
        if "$" in read.replace(r"\$", ""):
            return False
        line += 1
        if line >= end or state.isEmpty(line) or state.sCount[line] < state.blkIndent:
            return False
        begin = state.bMarks[line]
    text = state.getLines(start, line + 1, state.blkIndent, keepLastLF=False).strip()
    match = _DISPLAY.fullmatch(text)
    if not match or not match[1].strip():
        return False
    if not silent:
        token = state.push("math_display", "div", 0)
        token.content = match[1].strip()
        token.map = [start, line + 1]
        state.line = line + 1
    return True


def _input_inline(state: StateInline, silent: bool) -> bool:  # noqa: FBT001
    """Take `[[input:NAME]]` whole: in code or in a picture's text it stays what it is, text."""
    match = _INPUT.match(state.src, state.pos, state.posMax)
    if not match:
        return False
    if not silent:
        token = state.push("input", "", 0)
        token.content = match[0]
        token.meta = {"name": match[1]}
    state.pos = match.end()
    return True


def _keep_together(before: Token, after: Token) -> None:
    """Let no line begin with the full stop or bracket that follows a formula."""
    if before.type == "math_inline" and after.type == "text" and after.content[:1] in _CLINGING:
        after.content = _WORD_JOINER + after.content


def _finish(state: StateCore) -> None:
    """Unwrap paragraphs of fields alone; replace style attributes, which the page's policy bars."""
    for index, token in enumerate(state.tokens):
        if token.type in {"th_open", "td_open"} and "style" in token.attrs:
            token.attrs = {"class": str(token.attrs["style"]).replace("text-align:", "align-")}
        elif token.type == "inline" and state.tokens[index - 1].type == "paragraph_open":
            for before, after in pairwise(token.children or ()):
                _keep_together(before, after)
            kinds = {child.type for child in token.children or ()}
            if "input" in kinds and kinds <= {"input", "softbreak"}:
                state.tokens[index - 1].hidden = state.tokens[index + 1].hidden = True


def _write_math_inline(
    _: RendererHTML, tokens: Sequence[Token], index: int, *_rest: OptionsDict | Env
) -> str:
    return _mathml(tokens[index].content, "inline")


def _write_math_display(
    _: RendererHTML, tokens: Sequence[Token], index: int, *_rest: OptionsDict | Env
) -> str:
    # A span inside a paragraph, a div outside one; it scrolls by itself, so a keyboard must
    # reach it. A group, not a region: a formula is no landmark of the page.
    tag = tokens[index].tag
    formula = _mathml(tokens[index].content, "block")
    return (
        f'<{tag} class="math-display scroll" role="group" tabindex="0" aria-label="Formula">'
        f"{formula}</{tag}>" + ("\n" if tag == "div" else "")
    )


def _write_input(
    _: RendererHTML, tokens: Sequence[Token], index: int, *_rest: OptionsDict | Env
) -> str:
    return f"\0{tokens[index].meta['name']}\0"


def _write_table_open(*_: object) -> str:
    return '<div class="scroll" role="region" tabindex="0" aria-label="Table">\n<table>\n'


def _write_table_close(*_: object) -> str:
    return "</table>\n</div>\n"


def _write_code(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Env
) -> str:
    # Long lines scroll inside the box, so a keyboard must be able to reach it.
    write = renderer.fence if tokens[index].type == "fence" else renderer.code_block
    return write(tokens, index, options, env).replace("<pre>", '<pre tabindex="0">', 1)


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    parser.validateLink = lambda url: bool(_SAFE_LINK.match(url))
    interrupts = ["paragraph", "reference", "blockquote", "list"]
    parser.block.ruler.before("fence", "math_block", _math_block, {"alt": interrupts})
    parser.inline.ruler.before("escape", "math_inline", _math_inline)
    parser.inline.ruler.before("link", "input", _input_inline)
    parser.core.ruler.push("finish", _finish)
    for name, write in {
        "math_inline": _write_math_inline,
        "math_display": _write_math_display,
        "input": _write_input,
        "table_open": _write_table_open,
        "table_close": _write_table_close,
        "fence": _write_code,
        "code_block": _write_code,
    }.items():
        parser.add_render_rule(name, write)
    return parser


_PARSER = _parser()  # built once: it holds no state between texts
