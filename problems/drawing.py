"""Draw: one random stream for each named parameter.

The stream of a parameter comes from a hash of (slug, version, seed, attempt, name) in counter
mode. Adding or reordering parameters therefore never shifts the others, neighbouring seeds are
unrelated, and the numbers depend on no library's generator.
"""

from __future__ import annotations

import builtins
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from problems.core import Array, FamilyError, ParamError

T = TypeVar("T")
_SPAN = 2**64


class Draw:
    """Draws named parameters, or gives back the values that they are pinned to."""

    def __init__(
        self,
        slug: str,
        version: builtins.int,
        seed: builtins.int,
        attempt: builtins.int = 0,
        pins: Mapping[str, Any] | None = None,
    ) -> None:
        self._prefix = f"{slug}|{version}|{seed}|{attempt}|"
        self._pins = pins or {}
        self._drawn: set[str] = set()
        self.chosen: dict[str, Any] = {}
        """What `choice` and `bool` have drawn so far, by name."""

    def int(self, name: str, low: builtins.int, high: builtins.int) -> builtins.int:
        """Draw a whole number from low to high, both included."""
        if low > high:
            raise FamilyError(f"{name}: nothing lies between {low} and {high}")
        words = self._words(name)
        return self._pins[name] if name in self._pins else _between(next(words), low, high)

    def bool(self, name: str) -> builtins.bool:
        """Draw true or false."""
        return self.choice(name, (False, True))

    def choice(self, name: str, options: Sequence[T]) -> T:
        """Draw one of the options."""
        words = self._words(name)
        if name in self._pins:
            return self._pins[name]
        self.chosen[name] = options[_between(next(words), 0, len(options) - 1)]
        return self.chosen[name]

    def real(self, name: str, low: float, high: float, decimals: builtins.int) -> float:
        """Draw a number from low to high with this many decimals."""
        words = self._words(name)
        return self._pins[name] if name in self._pins else _real(words, low, high, decimals)

    def ints(
        self, name: str, length: builtins.int, low: builtins.int, high: builtins.int
    ) -> tuple[builtins.int, ...]:
        """Draw a list of whole numbers; pinned, it may have any length."""
        words = self._words(name)
        if name in self._pins:
            return self._pins[name]
        return tuple(_between(next(words), low, high) for _ in range(length))

    def sample(self, name: str, options: Sequence[T], count: builtins.int) -> tuple[T, ...]:
        """Draw a list of options, each as often as it comes; pinned, it may have any length."""
        words = self._words(name)
        if name in self._pins:
            return self._pins[name]
        return tuple(options[_between(next(words), 0, len(options) - 1)] for _ in range(count))

    def array(
        self,
        name: str,
        shape: tuple[builtins.int, ...],
        low: float,
        high: float,
        decimals: builtins.int,
    ) -> Array:
        """Draw an array of numbers from low to high with this many decimals, none of them zero.

        A zero would hide a forgotten or a swapped term.
        """
        words = self._words(name)
        if name in self._pins:
            pinned = self._pins[name]
            if pinned.shape != shape:
                raise ParamError(
                    name, f"its shape must be {shape}, not {pinned.shape}; pin the sizes too."
                )
            return pinned
        if _end(low, decimals) == _end(high, decimals) == 0:
            raise FamilyError(f"{name}: with {decimals} decimals there is only 0 to draw")
        numbers = (_nonzero(words, low, high, decimals) for _ in range(int(np.prod(shape))))
        return np.array(list(numbers), dtype=np.float64).reshape(shape)

    @property
    def drawn(self) -> frozenset[str]:
        """The names drawn so far."""
        return frozenset(self._drawn)

    def _words(self, name: str) -> Iterator[int]:
        if name in self._drawn:
            raise FamilyError(f"{name} is drawn twice")
        self._drawn.add(name)
        return _stream(self._prefix + name)


def _stream(label: str) -> Iterator[int]:
    """Yield 64-bit words: BLAKE2b of the label and a counter."""
    counter = 0
    while True:
        digest = hashlib.blake2b(f"{label}|{counter}".encode(), digest_size=64).digest()
        for start in range(0, 64, 8):
            yield int.from_bytes(digest[start : start + 8], "big")
        counter += 1


def _between(word: int, low: int, high: int) -> int:
    return low + (word * (high - low + 1)) // _SPAN


def _real(words: Iterator[int], low: float, high: float, decimals: int) -> float:
    low_end, high_end = _end(low, decimals), _end(high, decimals)
    return _between(next(words), low_end, high_end) / 10**decimals


def _end(bound: float, decimals: int) -> int:
    """Return the bound in units of the last decimal."""
    return round(bound * 10**decimals)


def _nonzero(words: Iterator[int], low: float, high: float, decimals: int) -> float:
    while True:
        number = _real(words, low, high, decimals)
        if number:
            return number
