"""Markdown with TeX mathematics to HTML that may stand in any page.

Text may come from anyone: HTML in it is shown as text, links lead to http, https or a relative
address, and formulas become MathML.
"""

import html
import re
from collections.abc import Mapping, MutableMapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_block import StateBlock, blockquote
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

from problems.core import Variant
from quizapp.services.formulas import mathml

Env = MutableMapping[str, Any]


def to_html(markdown: str) -> str:
    """Return Markdown (CommonMark, tables, `$ … $` and `$$ … $$`) as safe HTML."""
    return render_with_inputs(markdown, {})


def render_with_inputs(
    markdown: str, fields: Mapping[str, str], *, question_ids: bool = False
) -> str:
    """Return the HTML of `markdown` with the trusted HTML of each field at its `[[input:NAME]]`.

    A placeholder in a sentence stands inside the paragraph, so the field must then be phrasing
    content (span, label, input); alone on its lines it is not wrapped in a paragraph. One without
    a field stays as text. With `question_ids` the words that ask for a field, which are those
    before it or the paragraph above it, have the id NAME-question.
    """

    def written(place: str) -> str:
        name = place.removeprefix("?")
        if name == place:
            return fields.get(name, f"[[input:{name}]]")
        if not question_ids:
            return ""
        return f'<span id="{name}-question">' if name else "</span>"

    text, *rest = _pieces(markdown)
    places, texts = map(written, rest[::2]), rest[1::2]
    return text + "".join(map("".join, zip(places, texts, strict=True)))


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
# Markdown: our rules, and how their tokens are written

_INLINE = re.compile(r"\$((?:\\.|[^\\$])++)\$(?![\d$])", re.DOTALL)
_DISPLAY = re.compile(r"\$\$((?:\\.|[^\\$])++)\$\$", re.DOTALL)
# A field, or where its question begins or ends. Markdown lets no NUL of a text through.
_PLACE = re.compile("\0(\\w+|\\?\\w*)\0")
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


def _outer_blockquote(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001
    """Take a block quote, but none inside another: their lines are read anew at each level."""
    if state.env.get("quoted"):
        return False
    state.env["quoted"] = not silent
    try:
        return blockquote(state, start, end, silent)
    finally:
        state.env["quoted"] = False


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
    above: Token | None = None
    for index, token in enumerate(state.tokens):
        if token.type == "th_open" and not state.tokens[index + 1].content:
            token.tag = state.tokens[index + 2].tag = "td"  # it heads nothing
        if token.type in {"th_open", "td_open"} and "style" in token.attrs:
            token.attrs = {"class": str(token.attrs["style"]).replace("text-align:", "align-")}
        if token.type == "th_open":
            _name_heading(token, state.tokens[index + 1].children or [])
        if token.type == "inline" and state.tokens[index - 1].type == "paragraph_open":
            for before, after in pairwise(token.children or ()):
                _keep_together(before, after)
            kinds = {child.type for child in token.children or ()}
            if "input" in kinds:
                _mark_questions(token, above)
            elif token.level == 1:  # not in a list
                above = token
            if "input" in kinds and kinds <= {"input", "softbreak"}:
                state.tokens[index - 1].hidden = state.tokens[index + 1].hidden = True


def _name_heading(heading: Token, words: Sequence[Token]) -> None:
    """Say the symbols of a heading that is a formula: browsers give MathML no name."""
    if words and all(word.type == "math_inline" for word in words):
        symbols = " ".join(mathml(word.content, "inline") for word in words)
        text = html.unescape(re.sub("<[^>]*>", " ", symbols.replace("<msqrt>", "√")))
        heading.attrs["aria-label"] = " ".join(text.split())


def _mark_questions(paragraph: Token, above: Token | None) -> None:
    """Mark what asks for each field: the words before it, or else the paragraph above."""
    written: list[Token] = []
    words: list[Token] = []
    bare: list[Token] = []
    for child in paragraph.children or ():
        words.append(child)
        # Inside bold or a link the marks would cross those of the words around the field.
        if child.type != "input" or child.level:
            continue
        if any(word.content.strip() for word in words[:-1]):
            words = [_mark(child), *words[:-1], _mark(None), child]
        else:
            bare.append(child)
        written += words
        words = []
    paragraph.children = written + words
    if above:
        ends = [_mark(None)] * len(bare)
        above.children = [*map(_mark, bare), *(above.children or ()), *ends]


def _mark(field: Token | None) -> Token:
    """Return where the question of a field begins, or without one where it ends."""
    return Token("question", "", 0, meta={"name": field.meta["name"] if field else ""})


def _write_math_inline(
    _: RendererHTML, tokens: Sequence[Token], index: int, *_rest: OptionsDict | Env
) -> str:
    return mathml(tokens[index].content, "inline")


def _write_math_display(
    _: RendererHTML, tokens: Sequence[Token], index: int, *_rest: OptionsDict | Env
) -> str:
    # A span inside a paragraph, a div outside one; it scrolls by itself, so a keyboard must
    # reach it. A group, not a region: a formula is no landmark of the page.
    tag = tokens[index].tag
    formula = mathml(tokens[index].content, "block")
    return (
        f'<{tag} class="math-display scroll" role="group" tabindex="0" aria-label="Formula">'
        f"{formula}</{tag}>" + ("\n" if tag == "div" else "")
    )


def _write_input(
    _: RendererHTML, tokens: Sequence[Token], index: int, *_rest: OptionsDict | Env
) -> str:
    return f"\0{tokens[index].meta['name']}\0"


def _write_question(
    _: RendererHTML, tokens: Sequence[Token], index: int, *_rest: OptionsDict | Env
) -> str:
    return f"\0?{tokens[index].meta['name']}\0"


def _write_table_open(*_: object) -> str:
    return '<div class="scroll" role="group" tabindex="0" aria-label="Table">\n<table>\n'


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
    parser.block.ruler.at("blockquote", _outer_blockquote, {"alt": interrupts})
    parser.block.ruler.before("fence", "math_block", _math_block, {"alt": interrupts})
    parser.inline.ruler.before("escape", "math_inline", _math_inline)
    parser.inline.ruler.before("link", "input", _input_inline)
    parser.core.ruler.push("finish", _finish)
    for name, write in {
        "math_inline": _write_math_inline,
        "math_display": _write_math_display,
        "input": _write_input,
        "question": _write_question,
        "table_open": _write_table_open,
        "table_close": _write_table_close,
        "fence": _write_code,
        "code_block": _write_code,
    }.items():
        parser.add_render_rule(name, write)
    return parser


_PARSER = _parser()  # built once: it holds no state between texts
