import re
import sys
from html.parser import HTMLParser

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from quizapp.services import formulas, rendering
from quizapp.services.rendering import render_with_inputs, to_html

VOID = {"br", "hr", "img", "input"}
MARKDOWN_TAGS = (
    "p|div|span|h1|h2|h3|h4|h5|h6|ul|ol|li|blockquote|pre|code|em|strong|a|img|br|hr|"
    "table|thead|tbody|tr|th|td"
)
TAGS = f"{MARKDOWN_TAGS}|{formulas.ELEMENTS.pattern}".split("|")
ATTRIBUTES = (
    f"href|src|alt|title|start|class|role|tabindex|aria-label|{formulas.ATTRIBUTES.pattern}"
).split("|")


class Page(HTMLParser):
    """Reads HTML as a browser tells tags from text, and notes what must never be there."""

    def __init__(self, source):
        super().__init__()
        self.open, self.tags, self.faults, self.links = [], [], [], []
        self.feed(source)
        self.close()
        self.faults += [f"<{tag}> is left open" for tag in self.open]

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag not in TAGS:
            self.faults.append(f"<{tag}>")
        self.faults += [name for name, _ in attrs if name not in ATTRIBUTES]
        self.links += [value or "" for name, value in attrs if name in {"href", "src"}]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in VOID and (not self.open or self.open.pop() != tag):
            self.faults.append(f"</{tag}> closes nothing")

    def handle_comment(self, data):
        self.faults.append(f"comment {data}")

    def handle_decl(self, decl):
        self.faults.append(f"declaration {decl}")


FRAGMENTS = st.sampled_from(
    [
        *"$*_`[]()<>|\\&{}^#-\n\"'",
        *(
            "$$",
            "\n$$\n",
            "\n\n",
            "| a | b |\n|--:|---|\n",
            "> ",
            "- ",
            "```\n",
            "    ",
            "![",
            "](",
        ),
        *(
            "<script>alert(1)</script>",
            '" onclick="x',
            "javascript:alert(1)",
            "&#x3C;",
            "&lt;b&gt;",
        ),
        *(
            r"\text{",
            r"\frac",
            r"\href{javascript:x}",
            r"\class{",
            r"\style{",
            r"\color{",
            r"\sqrt[",
        ),
        *(r"\begin{pmatrix}", r"\end{pmatrix}", r"\left(", r"\right", r"\def\a{\a}", r"\unicode{"),
        *("[[input:shape]]", "[[input:", "<!--", "-->", "<![CDATA[", "x", "1", "é", "\0", "𝒙"),
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(FRAGMENTS | st.text(max_size=8), max_size=40).map("".join))
@example(r"$\text{<script>alert(1)</script>}$")
@example(r"$\text{&lt;img src=x onerror=alert(1)&gt;}$")
@example(r"$\href{javascript:alert(1)}{x} \style{color:red}{y} \class{z\" onclick=\"w}{v}$")
@example(
    "[a](javascript:alert(1)) [b](JaVaScRiPt&colon;alert(1)) <javascript:x> [c](data:text/html,x)"
)
@example('![x](data:image/png;base64,AAAA "t\\" onload=\\"x")')
def test_no_text_raises_or_brings_in_markup_of_its_own(text):
    page = Page(to_html(text))
    assert page.faults == []
    assert [link for link in page.links if not rendering._SAFE_LINK.match(link)] == []
    assert not any(
        re.match(r"\s*(javascript|data|vbscript):", link, re.IGNORECASE) for link in page.links
    )


@settings(max_examples=400, deadline=None)
@given(st.text(alphabet=r"\{}[]^_&$abx12 ()<>'\"|", max_size=60))
def test_no_formula_raises_or_leaves_the_allow_list(formula):
    assert Page(formulas.mathml(formula, "block")).faults == []


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("a_1 * b_2", "<msub><mi>a</mi><mn>1</mn></msub>"),
        ("a < b", "<mo>&lt;</mo>"),
        (r"\text{if } a & b", None),
        (r"\frac{1", None),
        (r"\nosuchcommand{x}", None),
        (r"\newcommand{\a}{\a\a}\a", None),
        ("{" * 1999 + "}" * 1999, None),
        ("x" * (formulas.MAX_FORMULA + 1), None),
        (r"\boldsymbol{\theta} \boldsymbol{x}", "<mi>𝜽</mi>"),
        (r"50{,}257", "<mn>50</mn><mtext>,</mtext><mn>257</mn>"),
        (r"2\log x", '<mn>2</mn><mo lspace="0.1667em" rspace="0.1667em">log</mo><mi>x</mi>'),
        (r"\operatorname{softmax}(z)", '<mo lspace="0" rspace="0">softmax</mo>'),
        (r"\max_j x_j", '<munder><mo lspace="0" rspace="0.1667em" movablelimits="true">max</mo>'),
        (r"\lVert x \rVert_2", '<mo stretchy="false" lspace="0" rspace="0">‖</mo><mi>x</mi>'),
        (r"\hat{y}", '<mover accent="true"><mrow><mi>y</mi></mrow><mo>ˆ</mo></mover>'),
        (r"\tilde{c}", '<mover accent="true"><mrow><mi>c</mi></mrow><mo stretchy="false">˜</mo>'),
        ("|x|", '<mo stretchy="false" lspace="0" rspace="0">|</mo><mi>x</mi>'),
        ("a = -b - c", '<mo form="prefix">−</mo><mi>b</mi><mo>−</mo>'),
        (r"\left( \sum_{i=1}^n x_i \right)", "<munderover><mo>∑</mo>"),
        (r"\begin{vmatrix} a & b \end{vmatrix}", "<mo>|</mo><mtable>"),
        (r"\left| x \right|", '<mo stretchy="true" fence="true" form="prefix">|</mo>'),
        (r"\begin{aligned} a &= b \\ c &= d \end{aligned}", '<mtd columnalign="right">'),
    ],
)
def test_formulas_become_mathml_or_are_shown_as_source(formula, expected):
    out = to_html(f"$$\n{formula}\n$$")
    if expected is None:
        assert '<code class="math-source">' in out
        assert "<math" not in out
    else:
        assert '<math display="block">' in out
        assert expected in out
    assert Page(out).faults == []


def test_every_symbol_of_the_matrix_and_the_greek_letters_is_decoded():
    out = to_html(r"$\begin{pmatrix} \alpha & \beta \\ \gamma & 1 \end{pmatrix}$")
    assert out.count("<mtr>") == 2
    assert "α" in out
    assert "&#" not in out


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"It costs \$5 and \$6.", "<p>It costs $5 and $6.</p>"),
        ("From $5 to $10.", "<p>From $5 to $10.</p>"),
        ("`$x$`", "<p><code>$x$</code></p>"),
        ("$ $", "<p>$ $</p>"),
        ("$$\n\nx", "<p>$$</p>\n<p>x</p>"),
    ],
)
def test_a_dollar_that_is_money_or_code_stays_a_dollar(text, expected):
    assert to_html(text).strip() == expected


def test_mathematics_is_taken_before_emphasis_and_its_neighbours_keep_theirs():
    out = to_html("*so* $a*b*c$ and $x_1$ _y_")
    assert out.count("<em>") == 2
    assert out.count("<mo>*</mo>") == 2


@pytest.mark.parametrize("text", ["a\n$$\nx\n$$\nb", "- $$ x $$", "> $$\n> x\n> $$", "a $$x$$ b"])
def test_display_mathematics_scrolls_in_its_own_box_wherever_it_stands(text):
    out = to_html(text)
    assert 'class="math-display scroll" role="group" tabindex="0"' in out
    assert '<math display="block">' in out
    assert not re.search(r"<p>[^/]*<div", out)


def test_a_table_scrolls_in_a_named_group_and_aligns_by_class():
    out = to_html("| a | b |\n|---|--:|\n| $x$ | 1 |")
    assert '<div class="scroll" role="group" tabindex="0" aria-label="Table">' in out
    assert '<td class="align-right">1</td>' in out
    assert "style=" not in out


@pytest.mark.parametrize(
    "link", ["javascript:x", "data:text/html,x", "vbscript:x", "mailto:a@b", "&#106;avascript:x"]
)
def test_a_link_to_another_scheme_stays_text(link):
    assert "<a" not in to_html(f"[x]({link}) <{link}>")


@pytest.mark.parametrize("link", ["https://a.b/c", "http://a.b", "/c", "c/d:e", "#f", "?g=h:i"])
def test_a_link_to_the_web_or_to_this_site_is_a_link(link):
    assert f'<a href="{link}">x</a>' in to_html(f"[x]({link})")


def test_a_placeholder_is_text_until_it_has_a_field():
    text = "Give [[input:a]] and [[input:b]].\n\n[[input:a]]"
    assert to_html(text) == "<p>Give [[input:a]] and [[input:b]].</p>\n[[input:a]]"
    out = render_with_inputs(text, {"a": '<input name="a">'})
    assert out == '<p>Give <input name="a"> and [[input:b]].</p>\n<input name="a">'


@pytest.mark.parametrize(
    ("text", "questions"),
    [
        ("How many? [[input:a]]", {"a": "How many? "}),
        ("The shape $ s $: [[input:a]] and rank: [[input:b]].", {"a": None, "b": " and rank: "}),
        ("How many?\n\n[[input:a]]\n[[input:b]]", {"a": "How many?", "b": "How many?"}),
        ("Count.\n\n- one\n- two\n\n[[input:a]] units", {"a": "Count."}),
        ("[[input:a]]", {}),
        ("**How many? [[input:a]]**", {}),
    ],
)
def test_the_words_that_ask_for_a_field_carry_its_name(text, questions):
    fields = {"a": "<em>1</em>", "b": "<em>2</em>"}
    out = render_with_inputs(text, fields, question_ids=True)
    page = Page(re.sub(' id="[ab]-question"', "", out))
    assert page.faults == []
    assert set(re.findall('<span id="(.)-question">', out)) == set(questions)
    for name, words in questions.items():
        found = out.split(f'<span id="{name}-question">')[1].split("</span>")[0]
        assert words is None or re.sub("<[^>]+>", "", found) == words
    assert "question" not in render_with_inputs(text, fields)


def test_a_cell_that_heads_nothing_is_no_heading():
    out = to_html("| | sick |\n|:--|--:|\n| yes | 1 |")
    assert '<td class="align-left"></td>\n<th class="align-right">sick</th>' in out


def test_a_heading_that_is_a_formula_has_its_symbols_for_a_name():
    out = to_html(r"| unit | $ W_f < \sqrt{\sigma(z)} $ |" + "\n|--|--:|\n| 1 | 2 |")
    assert "<th>unit</th>" in out
    assert '<th class="align-right" aria-label="W f &lt; √ σ ( z )"><math' in out


def test_a_field_never_lands_in_an_attribute_or_in_code():
    field = '"><input>'
    text = "![[[input:a]]](x.png) `[[input:a]]` $[[input:a]]$\n\n[x](/y '[[input:a]]')"
    assert field not in render_with_inputs(text, {"a": field})


@pytest.mark.parametrize(
    "piece",
    ["$1", "$ ", "[", "*a", "$$\n", "$$a\n", "> ", "`", "[[input:", ">>\na\n", "- >>\n$$a\n"],
)
def test_work_does_not_explode_with_length(piece):
    def lines_run(times):
        count = 0

        def trace(_frame, event, _argument):
            nonlocal count
            count += event == "line"
            return trace

        sys.settrace(trace)
        try:
            to_html(piece * times)
        finally:
            sys.settrace(None)
        return count

    assert lines_run(400) < 6 * lines_run(100)
