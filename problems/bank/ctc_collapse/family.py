"""CTC (Graves et al. 2006): what a path collapses to, and how many paths give a word."""

from dataclasses import dataclass
from itertools import groupby, pairwise
from math import comb

from problems.answers import Choice, Integer
from problems.core import Mistake, ParamError, param
from problems.drawing import Draw
from problems.engine.text import ctc_collapse, ctc_paths

BLANK = "-"
EMPTY = "(nothing)"
SPOKEN = (
    *("hello", "book", "apple", "kitten", "cool", "bell", "letter", "mass", "pepper", "coffee"),
    *("green", "sleep", "summer", "rabbit", "yellow", "pillow", "happy", "dinner", "balloon"),
    *("street", "arrow", "bottle", "carrot", "cherry", "dollar", "ladder", "lesson", "little"),
    *("middle", "narrow", "puppy", "rubber", "silly", "spell", "tennis", "tunnel", "valley"),
    *("wheel", "winner", "zoo"),
)
COUNTED = (
    "ab",
    "aa",
    "aba",
    "abb",
    "aab",
    "aaa",
    "abc",
    "cat",
    "see",
    "no",
    "all",
    "noon",
    "eve",
    "deed",
    "book",
)


@dataclass(frozen=True)
class Params:
    """A path of labels and blanks, and a word with a number of steps."""

    path: str = param("one label a step, as small letters; - is the blank")
    word: str = param("the word whose paths are counted, in small letters")
    steps: int = param("steps of those paths", 1, 64)

    def __post_init__(self) -> None:
        """Refuse other signs, and a word that needs more steps."""
        if not 1 <= len(self.path) <= 64 or not set(self.path) <= {
            BLANK,
            *map(chr, range(97, 123)),
        }:
            raise ParamError("path", "give 1 to 64 small letters and blanks (-).")
        if not self.word.isascii() or not self.word.isalpha() or not self.word.islower():
            raise ParamError("word", "give one small letter or more.")
        if self.steps < _needed(self.word):
            raise ParamError("steps", f"“{self.word}” needs {_needed(self.word)} or more.")


def _doubles(word: str) -> int:
    return sum(a == b for a, b in pairwise(word))


def _needed(word: str) -> int:
    """Return the fewest steps: double letters need a blank between them."""
    return len(word) + _doubles(word)


def _wrong_texts(path: str) -> dict[str, str]:
    """Return what the known mistakes make of a path."""
    merged = "".join(label for label, _ in groupby(path))
    without = path.replace(BLANK, "")
    return {
        "blanks-first": "".join(label for label, _ in groupby(without)),
        "blanks-kept": merged,
        "not-merged": without,
        "each-letter-once": "".join(dict.fromkeys(without)),
    }


def _right_text(p: Params) -> str:
    return "".join(ctc_collapse(p.path, BLANK))


VERSION = 2
PARTS = {"text": Choice(options={"hello": "hello", "helo": "helo"}), "paths": Integer()}


def parts(p: Params) -> dict:
    """Offer what the path collapses to, and what the mistakes make of it, by the alphabet."""
    texts = {_right_text(p), *_wrong_texts(p.path).values(), _right_text(p) + p.word[-1]}
    names = sorted(text or EMPTY for text in texts)
    return PARTS | {"text": Choice(options={name: name for name in names})}


def draw(r: Draw) -> Params:
    """Draw a path of a word with double letters, and a short word for the count."""
    word = r.choice("spoken", SPOKEN)
    runs = r.ints("runs", 16, 0, 5)
    path = "".join(
        letter * (1 + runs[k] % 2)
        + BLANK * (int(word[k + 1 : k + 2] == letter) or int(runs[k] > 3))
        for k, letter in enumerate(word)
    )
    counted = r.choice("word", COUNTED)
    needed = _needed(counted)
    return Params(
        path=r.choice("path", (path,)),
        word=counted,
        steps=r.int("steps", needed + 1, needed + 4),
    )


def answer(p: Params) -> dict:
    """Collapse the path; count by the forward recursion."""
    return {"text": _right_text(p) or EMPTY, "paths": ctc_paths(p.word, p.steps)}


def witness(p: Params) -> dict:
    """Merge in PyTorch; count paths by counting, for each, its stops in the word's machine."""
    import torch

    labels = torch.unique_consecutive(torch.tensor([ord(label) for label in p.path])).tolist()
    ways: dict[tuple[int, bool], int] = {(0, True): 1}  # letters written, blank was last
    for _ in range(p.steps):
        after: dict[tuple[int, bool], int] = {}
        for (done, blank), count in ways.items():
            moves = [(done, True)] + [(done, False)] * (not blank)
            if done < len(p.word) and (blank or p.word[done] != p.word[done - 1]):
                moves.append((done + 1, False))
            for move in moves:
                after[move] = after.get(move, 0) + count
        ways = after
    text = "".join(chr(label) for label in labels if label != ord(BLANK))
    return {
        "text": text or EMPTY,
        "paths": sum(count for (done, _), count in ways.items() if done == len(p.word)),
    }


def _text(p: Params, name: str) -> dict:
    """Return what this mistake makes of the path, where that is another text."""
    text = _wrong_texts(p.path)[name]
    return {} if text == _right_text(p) else {"text": text or EMPTY}


def _paths(p: Params, count: int) -> dict:
    return {} if count == ctc_paths(p.word, p.steps) else {"paths": count}


MISTAKES = (
    Mistake(
        "blanks-first",
        "Repeats are merged first and blanks left out then: a blank keeps double letters apart.",
        lambda p: _text(p, "blanks-first"),
    ),
    Mistake(
        "blanks-kept",
        "Blanks are no letters: they are left out at the end.",
        lambda p: _text(p, "blanks-kept"),
    ),
    Mistake(
        "not-merged",
        "The same label on neighbouring steps is one letter.",
        lambda p: _text(p, "not-merged"),
    ),
    Mistake(
        "each-letter-once",
        "Only neighbours are merged: a letter may come back later.",
        lambda p: _text(p, "each-letter-once"),
    ),
    Mistake(
        "repeats-forgotten",
        "This places each letter once among blanks; a letter may also last several steps.",
        lambda p: _paths(p, comb(p.steps, len(p.word))),
    ),
    Mistake(
        "blanks-forgotten",
        "This stretches the letters alone; there may also be blanks between and around them.",
        lambda p: _paths(p, comb(p.steps - 1, len(p.word) - 1)),
    ),
    Mistake(
        "doubles-without-blank",
        "Without a blank between them, the same two letters would be merged.",
        lambda p: (
            _paths(p, comb(p.steps + len(p.word), 2 * len(p.word))) if _doubles(p.word) else {}
        ),
    ),
    Mistake(
        "all-sequences",
        "These are all sequences of the word's letters and blanks; few of them give the word.",
        lambda p: _paths(p, (len(set(p.word)) + 1) ** p.steps),
    ),
)


def steps(p: Params) -> dict:
    """Return the merged path, and the table of the recursion's steps for the word."""
    extended = [BLANK, *(sign for letter in p.word for sign in (letter, BLANK))]
    return {
        "merged": "".join(label for label, _ in groupby(p.path)),
        "extended": extended,
        "table": _table(p, extended),
    }


def _table(p: Params, extended: list[str]) -> list[list[int]]:
    """Return, for each step, how many beginnings of a path end at each sign."""
    ways = [1, 1] + [0] * (len(extended) - 2)
    table = [ways]
    for _ in range(p.steps - 1):
        ways = [
            ways[s]
            + (ways[s - 1] if s else 0)
            + (ways[s - 2] if s > 1 and sign not in (BLANK, extended[s - 2]) else 0)
            for s, sign in enumerate(extended)
        ]
        table.append(ways)
    return table
