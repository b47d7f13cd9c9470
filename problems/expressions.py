"""Reads numbers as people write them: `3e-4`, `1/3`, `5*5*3*2+2`, `ln(10)`, `2^10`, `0,5`.

An expression is parsed to a syntax tree and walked by an evaluator that knows numbers, the four
operations, powers and a few functions. Caps on length, depth and size keep every evaluation in
microseconds; there is no name to look up and nothing to call beyond the table below.
"""

import ast
import difflib
import math
import operator
import re
import unicodedata
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from problems.core import Malformed

MAX_LENGTH = 200
MAX_DEPTH = 30
MAX_EXPONENT = 1024
MAX_BITS = 1000

Number = int | Fraction | float
Scope = Mapping[str, Number]

_INVISIBLE = re.compile("[\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
_SUPERSCRIPT = re.compile("[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_SUPERSCRIPT_DIGITS = str.maketrans("⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "+-0123456789")
_SIGNS = str.maketrans(dict.fromkeys("−‐‑‒–—", "-") | dict.fromkeys("·⋅∙×", "*") | {"÷": "/"})

# A fraction of one character binds tightest, and after a whole number it is added: 1½ is 1.5.
_VULGAR_FRACTION = re.compile("(?<![0-9])([0-9]*)([¼-¾⅐-⅞↉])")
_ARITHMETIC = re.compile(r"[\w\s.+*/()-]+")
_GLUED = re.compile(r"[\d.](?:[^\W\deE]|[eE](?![+-]?\d))")
_LEADING_ZEROS = re.compile(r"(?<![\w.])0+(?=\d)")

FUNCTIONS: dict[str, Callable[[float], float]] = {
    "ln": math.log,
    "log": math.log,
    "log2": math.log2,
    "log10": math.log10,
    "exp": math.exp,
    "sqrt": math.sqrt,
    "tanh": math.tanh,
    "sin": math.sin,
    "cos": math.cos,
    "sigmoid": lambda z: 1 / (1 + math.exp(-z)) if z > 0 else math.exp(z) / (1 + math.exp(z)),
}
_ROUNDINGS: dict[str, Callable[..., Any]] = {
    "floor": math.floor,
    "ceil": math.ceil,
    "round": round,
    "abs": abs,
    "min": min,
    "max": max,
}
"""What authors have besides; `min` and `max` take any number of numbers, the others one."""
RESERVED = frozenset((*FUNCTIONS, *_ROUNDINGS, "e", "pi", "π"))
"""Words that mean something in an author's expression, and so can name nothing else."""
CONSTANTS = {"e": math.e, "pi": math.pi, "π": math.pi}
_UNIT = re.compile(r"\s+(?:nats?|bits?|parameters|params|weights|biases)$")
_LIBRARY = re.compile(r"\b(?:np|numpy|math|torch)\.(?=[a-z])")
_FUNCTION_NAME = re.compile(rf"\b({'|'.join(FUNCTIONS)})(?![a-z])", re.IGNORECASE)
_HEXADECIMAL = re.compile(r"\b0[xX]")
_TIMES_X = re.compile(r"(?<=[\d)])\s*[xX]\s*(?=[\d(])")
_BARE_ARGUMENT = re.compile(r"\b(ln|log10|log2|log|exp|sqrt)\s*(\d+(?:\.\d+)?)(?![\d(.])")
_TIMES_FUNCTION = re.compile(r"(?<=[\d)])\s+(?=ln|log|exp|sqrt)")
_INFINITE = {f"{sign}{word}" for sign in ("", "+", "-") for word in ("inf", "∞")}
_OPERATIONS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
}
_UNREAD: dict[type[ast.operator], str] = {
    ast.FloorDiv: "“//” is not read: write floor(a / b).",
    ast.Mod: "“%” is not read: write a - b * floor(a / b) for the remainder.",
}


def tidy(text: str, limit: int = MAX_LENGTH) -> str:
    """Return the text in plain characters: one minus sign, `*` and `/`, no invisible marks.

    Raises Malformed where the text is longer than `limit` characters.
    """
    if len(text) > limit:
        raise Malformed(f"This is {len(text)} characters long; an answer has at most {limit}.")
    text = _INVISIBLE.sub("", text)
    text = _SUPERSCRIPT.sub(lambda m: f"^({m[0].translate(_SUPERSCRIPT_DIGITS)})", text)
    text = _VULGAR_FRACTION.sub(lambda m: f"({m[1] or 0}+{m[2]})", text)
    return unicodedata.normalize("NFKC", text.translate(_SIGNS)).replace("⁄", "/").strip()


def evaluate(text: str) -> Number:
    """Return the value of a tidied expression: exact for whole numbers and fractions.

    Raises Malformed, saying what was not understood.
    """
    if not text:
        raise Malformed("There is nothing to read here.")
    if len(text) > MAX_LENGTH:
        raise Malformed(f"An expression has at most {MAX_LENGTH} characters.")
    if text in _INFINITE:
        return math.copysign(math.inf, -1 if text.startswith("-") else 1)
    source, percent = (text[:-1], 100) if text.endswith("%") else (text, 1)
    source = _LEADING_ZEROS.sub("", _as_python(source))
    if not _ARITHMETIC.fullmatch(source) or _GLUED.search(source):
        raise Malformed(f"“{_printable(text)}” cannot be read as a number.")
    try:
        tree = ast.parse(source, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise Malformed(f"“{_printable(text)}” cannot be read as a number.") from error
    try:
        value = _value(tree, 0)
    except ZeroDivisionError as error:
        raise Malformed("This divides by zero.") from error
    except (OverflowError, ValueError) as error:
        raise Malformed(f"“{_printable(text)}” has no finite value.") from error
    return _simplest(value if percent == 1 else _divide(value, percent))


class Expression:
    """An author's expression over names, in Python's notation, with `^` for powers.

    Whole numbers and fractions are computed exactly. Raises Malformed for what is none, or uses
    a name that is not among `names`. `line` is where it stands in its file, if it does in one.
    """

    def __init__(self, text: str, names: frozenset[str], line: int | None = None) -> None:
        self.line = line
        if len(text) > MAX_LENGTH:
            raise Malformed(f"An expression has at most {MAX_LENGTH} characters.")
        self._shown = _printable(text)
        try:
            self._tree = ast.parse(text.strip().replace("^", "**"), mode="eval").body
        except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
            raise Malformed(f"“{self._shown}” is no expression.") from error
        called = {id(n.func) for n in ast.walk(self._tree) if isinstance(n, ast.Call)}
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Attribute):
                raise Malformed(f"“{ast.unparse(node)}”: names stand alone here: “{node.attr}”.")
            if isinstance(node, ast.Name):
                _check_name(node.id, names, called=id(node) in called)
            if isinstance(node, ast.BinOp) and type(node.op) in _UNREAD:
                raise Malformed(_UNREAD[type(node.op)])

    def value(self, scope: Scope) -> Number:
        """Return the value where the names have these values. Raises Malformed for none."""
        try:
            return _simplest(_value(self._tree, 0, scope))
        except ZeroDivisionError as error:
            raise Malformed(f"“{self._shown}” divides by zero.") from error
        except (OverflowError, ValueError) as error:
            raise Malformed(f"“{self._shown}” has no finite value.") from error


def _check_name(name: str, names: frozenset[str], *, called: bool) -> None:
    """Raise Malformed, with the nearest one, where an expression knows no such name."""
    functions = RESERVED - CONSTANTS.keys()
    known = functions if called else names
    if name in known or (not called and name in CONSTANTS):
        return
    close = difflib.get_close_matches(name, sorted(known), 1)
    meant = f" Did you mean “{close[0]}”?" if close else ""
    if called:
        raise Malformed(f"There is no function “{name}”.{meant}")
    raise Malformed(f"“{name}” is neither a parameter nor a step before this.{meant}")


def _as_python(text: str) -> str:
    """Return an expression in Python's notation: `= 12 x 5`, `ln 388`, `np.exp(2) nats`."""
    text = _UNIT.sub("", text.rpartition("=")[2].strip())
    text = _FUNCTION_NAME.sub(lambda m: m[1].lower(), _LIBRARY.sub("", text))
    text = text.replace("σ(", "sigmoid(").replace("√", "sqrt ").replace("^", "**")
    if not _HEXADECIMAL.search(text):
        text = _TIMES_X.sub("*", text)
    text = _BARE_ARGUMENT.sub(r"\1(\2)", re.sub(r"sqrt\s+\(", "sqrt(", text))
    return _TIMES_FUNCTION.sub("*", text).strip()


def _value(node: ast.expr, depth: int, scope: Scope | None = None) -> Number:
    if depth > MAX_DEPTH:
        raise Malformed("This expression is nested too deeply.")
    match node:
        case ast.Constant(value=bool() | str() | bytes() | complex() | None):
            raise Malformed("Only numbers are read here.")
        case ast.Constant(value=int() | float() as number):
            return _capped(number)
        case ast.Name(id=name):
            return _named(name, scope)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand, depth + 1, scope)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _value(operand, depth + 1, scope)
        case ast.BinOp(left=left, op=op, right=right):
            return _binary(op, _value(left, depth + 1, scope), _value(right, depth + 1, scope))
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if _is_function(
            name, len(arguments), scope
        ):
            values = [_value(argument, depth + 1, scope) for argument in arguments]
            return _capped(_call(name, values))
        case _:
            raise Malformed("Only numbers, + - * / ^, brackets and ln, log2, exp, sqrt are read.")


def _named(name: str, scope: Scope | None) -> Number:
    if scope is not None and name in scope:
        return scope[name]
    if name in CONSTANTS:
        return CONSTANTS[name]
    raise Malformed(f"“{name}” was not understood; give a number.")


def _is_function(name: str, arguments: int, scope: Scope | None) -> bool:
    if name in FUNCTIONS:
        return arguments == 1
    several = name in ("min", "max")
    return scope is not None and name in _ROUNDINGS and (arguments > 1) == several


def _call(name: str, values: list[Number]) -> Number:
    return FUNCTIONS[name](float(values[0])) if name in FUNCTIONS else _ROUNDINGS[name](*values)


def _binary(op: ast.operator, left: Number, right: Number) -> Number:
    if isinstance(op, ast.Div):
        return _divide(left, right)
    if isinstance(op, ast.Pow):
        return _power(left, right)
    if type(op) not in _OPERATIONS:
        raise Malformed("Only + - * / and ^ are read.")
    return _capped(_OPERATIONS[type(op)](left, right))


def _divide(left: Number, right: Number) -> Number:
    if isinstance(left, float) or isinstance(right, float):
        return _capped(left / right)
    return _capped(Fraction(left) / right)


def _power(base: Number, exponent: Number) -> Number:
    if isinstance(exponent, int) and not isinstance(base, float):
        size = max(abs(base.numerator), base.denominator).bit_length()
        if abs(exponent) > MAX_EXPONENT or size * abs(exponent) > MAX_BITS:
            raise Malformed("This power is too large.")
        return Fraction(base) ** exponent
    value = float(base) ** float(exponent)
    if isinstance(value, complex):
        raise Malformed("This power has no real value.")
    return value


def _capped(value: Number) -> Number:
    if isinstance(value, float):
        if not math.isfinite(value):
            raise OverflowError
        return value
    if max(abs(value.numerator), value.denominator).bit_length() > MAX_BITS:
        raise Malformed("This number is too large.")
    return value


def _simplest(value: Number) -> Number:
    if isinstance(value, Fraction) and value.denominator == 1:
        return value.numerator
    return value


def _printable(text: str) -> str:
    """Return the text as a message may quote it: no database takes a NUL or a lone surrogate."""
    return "".join(character if character.isprintable() else "�" for character in text)
