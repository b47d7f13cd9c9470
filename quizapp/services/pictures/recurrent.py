"""The LSTM's cell, with a variant's numbers on its gates.

After Hochreiter & Schmidhuber 1997 and Gers et al. 2000: the cell state runs along the top, the
gates stand below it, and what they read comes from below.
"""

from collections.abc import Callable, Mapping, Sequence

from problems.core import Variant
from quizapp.services.pictures.svg import Picture, arrow, circle, numbers, path, picture, rect, text

WIDTH, HEIGHT, END = 850, 340, 830
GATES = {"f": 150, "i": 270, "c_tilde": 370, "o": 490}
NAMES = {"f": "f", "i": "i", "c_tilde": "c\N{COMBINING TILDE}", "o": "o"}
WORDS = {
    "f": "the forget gate",
    "i": "the input gate",
    "c_tilde": "the candidate",
    "o": "the output gate",
}
STATE_Y, MERGE_Y, GATE_Y, INPUT_Y = 60, 130, 200, 285


def gate(name: str) -> Callable[[Variant], Picture]:
    """Return what draws the cell with the numbers of one gate."""

    def draw(variant: Variant) -> Picture:
        value = variant.keys[next(iter(variant.parts))]
        labels = {name: value, "x": variant.params["x"], "h_prev": variant.params["h_prev"]}
        words = (
            f"The LSTM's cell. {WORDS[name].capitalize()} reads x = {numbers(labels['x'])} and "
            f"h before = {numbers(labels['h_prev'])}, and gives {numbers(value)}."
        )
        return _cell(labels, {name}, words)

    return draw


def cell_update(variant: Variant) -> Picture:
    """Draw the cell with the numbers of the update of its state."""
    p = variant.params
    labels = {name: p[name] for name in ("f", "i", "c_tilde", "c_prev")} | {"c": variant.keys["c"]}
    words = (
        f"The LSTM's cell. The old state {numbers(p['c_prev'])} times f = {numbers(p['f'])}, plus "
        f"i = {numbers(p['i'])} times the candidate {numbers(p['c_tilde'])}, element by element, "
        f"is the new state {numbers(labels['c'])}."
    )
    return _cell(labels, {"f", "i", "c_tilde"}, words)


def hidden_state(variant: Variant) -> Picture:
    """Draw the cell with the numbers of its output."""
    p = variant.params
    labels = {"o": p["o"], "c": p["c"], "h": variant.keys["h"]}
    words = (
        f"The LSTM's cell. The state c = {numbers(p['c'])} goes through tanh, and times "
        f"o = {numbers(p['o'])}, element by element, gives h = {numbers(labels['h'])}."
    )
    return _cell(labels, {"o"}, words)


def _cell(labels: Mapping[str, Sequence[float]], lit: set[str], words: str) -> Picture:
    f, i, c, o = GATES.values()
    shapes = [
        arrow([(40, STATE_Y), (f - 14, STATE_Y)]),
        arrow([(f + 14, STATE_Y), (316, STATE_Y)]),
        arrow([(344, STATE_Y), (END, STATE_Y)]),
        arrow([(f, GATE_Y - 18), (f, STATE_Y + 14)]),
        arrow([(i, GATE_Y - 18), (i, MERGE_Y), (316, MERGE_Y)]),
        arrow([(c, GATE_Y - 18), (c, MERGE_Y), (344, MERGE_Y)]),
        arrow([(330, MERGE_Y - 14), (330, STATE_Y + 14)]),
        arrow([(o, GATE_Y - 18), (o, MERGE_Y + 14)]),
        arrow([(o, STATE_Y), (o, MERGE_Y - 14)]),
        arrow([(o + 14, MERGE_Y), (END, MERGE_Y)]),
        rect(o - 24, 82, 48, 22, "box", 4),
        text(o, 93, "tanh", "small"),
        *_operator(f, STATE_Y, "×"),
        *_operator(330, STATE_Y, "+"),
        *_operator(330, MERGE_Y, "×"),
        *_operator(o, MERGE_Y, "×"),
        path([(40, INPUT_Y), (o, INPUT_Y)], "flow"),
    ]
    for name, x in GATES.items():
        shapes += [
            arrow([(x, INPUT_Y), (x, GATE_Y + 18)]),
            rect(x - 30, GATE_Y - 18, 60, 36, "box lit" if name in lit else "box", 6),
            text(x, GATE_Y - 5, NAMES[name]),
            text(x, GATE_Y + 10, "tanh" if name == "c_tilde" else "sigmoid", "small"),
        ]
        if name in labels:
            # The vectors of neighbours would run into each other on one line.
            lower = 20 if name == "i" else 0
            shapes.append(text(x, GATE_Y + 36 + lower, numbers(labels[name]), "value"))
    shapes += [
        *_label(40, STATE_Y - 32, "c before", labels.get("c_prev"), "start"),
        *_label(END, STATE_Y - 32, "c", labels.get("c"), "end"),
        *_label(END, MERGE_Y + 20, "h", labels.get("h"), "end"),
        *_label(40, INPUT_Y + 20, "x", labels.get("x"), "start"),
        *_label(300, INPUT_Y + 20, "h before", labels.get("h_prev"), "start"),
    ]
    return picture(WIDTH, HEIGHT, words, shapes)


def _operator(x: float, y: float, sign: str) -> list[str]:
    return [circle(x, y, 14, "box"), text(x, y, sign)]


def _label(x: float, y: float, name: str, value: Sequence[float] | None, anchor: str) -> list[str]:
    if value is None:
        return [text(x, y, name, "soft", anchor)]
    return [text(x, y, f"{name} = {numbers(value)}", "value", anchor)]
