"""The frames that cross the boundary, with their caps: the trusted side.

A frame is a kind byte, a u32 length and so many bytes, little-endian throughout. No pickle, and no
.npy, whose header goes through a parser of Python literals. The other side is grader/harness.py,
but a student's code can write to the same descriptor: nothing that comes in is believed.

To the box    J job as JSON, S source, then for each case C: u8 count, arrays.
From the box  for each case, u32 index and then: R result: u8 tuple, u8 count, arrays;
              I what came that is no array or number, or what is wrong with a module;
              X traceback; M out of memory.
              Or once, in place of all: K compile error, L traceback of the source's own lines,
              N no such function, O out of memory before the first case.
An array      u8 dtype (place in DTYPES), u8 ndim <= 8, u32 for each axis, raw bytes. One without
              axes is a Python number to the function, in and out.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from grader.core import AnyArray, Outputs

DTYPES = ("<f4", "<f8", "<i4", "<i8", "|b1")
MAX_NDIM = 8
MAX_OUTPUTS = 16
MAX_FRAME = 16 * 2**20
MAX_TEXT = 8 * 2**10
"""Where the harness cuts its texts, in bytes."""
_HEAD = struct.Struct("<cI")
_INDEX = struct.Struct("<I")
_CASE_KINDS = frozenset(b"RIXM")
_WHOLE_KINDS = frozenset(b"KLNO")


class WireError(Exception):
    """Bytes came out of the box that our harness does not write."""


@dataclass(frozen=True)
class Answer:
    """One frame from the box: its kind, and what of the rest the kind has.

    `index` is None for the kinds that answer for the whole submission.
    """

    kind: str
    index: int | None = None
    text: str = ""
    outputs: Outputs = ()
    is_tuple: bool = False


def encode_job(job: dict[str, object], source: bytes) -> bytes:
    """Return the frames that open a job: what to call and how, and the source."""
    return _frame(b"J", json.dumps(job).encode()) + _frame(b"S", source)


def encode_case(arguments: Iterable[AnyArray]) -> bytes:
    """Return the frame of one case."""
    arrays = [_encode_array(array) for array in arguments]
    return _frame(b"C", bytes([len(arrays)]) + b"".join(arrays))


def _frame(kind: bytes, payload: bytes) -> bytes:
    return _HEAD.pack(kind, len(payload)) + payload


def _encode_array(array: AnyArray) -> bytes:
    head = bytes([DTYPES.index(array.dtype.str), array.ndim])
    return head + struct.pack(f"<{array.ndim}I", *array.shape) + array.tobytes()


class AnswerReader:
    """Takes bytes as they come and gives whole answers; raises WireError at the first oddity."""

    def __init__(self) -> None:
        self._pending = bytearray()

    def feed(self, data: bytes) -> Iterator[Answer]:
        """Add bytes; give the answers that they complete."""
        self._pending += data
        while len(self._pending) >= _HEAD.size:
            kind, length = _HEAD.unpack_from(self._pending)
            if length > MAX_FRAME:
                raise WireError("a frame is longer than any result")
            if len(self._pending) < _HEAD.size + length:
                return
            payload = bytes(self._pending[_HEAD.size : _HEAD.size + length])
            del self._pending[: _HEAD.size + length]
            yield _decode(kind, payload)


def _decode(kind: bytes, payload: bytes) -> Answer:
    name = kind.decode("latin-1")
    if kind[0] in _WHOLE_KINDS:
        return Answer(name, text=_decode_text(payload))
    if kind[0] not in _CASE_KINDS:
        raise WireError("a frame has no known kind")
    if len(payload) < _INDEX.size:
        raise WireError("a frame is cut short")
    (index,) = _INDEX.unpack_from(payload)
    rest = payload[_INDEX.size :]
    if name != "R":
        return Answer(name, index, text=_decode_text(rest))
    is_tuple, outputs = _decode_outputs(rest)
    return Answer(name, index, outputs=outputs, is_tuple=is_tuple)


def _decode_text(payload: bytes) -> str:
    if len(payload) > MAX_TEXT:
        raise WireError("a text is longer than any text of the harness")
    return clean_text(payload)


def _decode_outputs(payload: bytes) -> tuple[bool, Outputs]:
    cursor = _Cursor(payload)
    is_tuple, count = cursor.bytes(2)
    if is_tuple > 1 or count > MAX_OUTPUTS or (not is_tuple and count != 1):
        raise WireError("a result has an impossible count")
    outputs = tuple(_decode_array(cursor) for _ in range(count))
    if not cursor.at_end:
        raise WireError("a result is longer than its arrays")
    return bool(is_tuple), outputs


def _decode_array(cursor: _Cursor) -> AnyArray:
    code, ndim = cursor.bytes(2)
    if code >= len(DTYPES) or ndim > MAX_NDIM:
        raise WireError("an array has an impossible head")
    shape = struct.unpack(f"<{ndim}I", cursor.bytes(4 * ndim))
    dtype = np.dtype(DTYPES[code])
    # Python's integers: a product of eight u32 cannot wrap round.
    data = cursor.bytes(math.prod(shape) * dtype.itemsize)
    # A byte that is neither 0 nor 1 is no bool that NumPy would have made.
    flat = np.frombuffer(data, np.uint8) != 0 if dtype.kind == "b" else np.frombuffer(data, dtype)
    try:
        return flat.reshape(shape)
    except ValueError as error:
        # Empty by one axis, and by its others longer than any array can be.
        raise WireError("an array has an impossible shape") from error


def clean_text(data: bytes) -> str:
    """Decode text that a student wrote; NUL, which databases refuse, is made visible."""
    return data.decode("utf-8", "replace").replace("\0", "␀")


class _Cursor:
    """Reads bytes off the front of a payload, never past its end."""

    def __init__(self, payload: bytes) -> None:
        self._payload = payload
        self._offset = 0

    @property
    def at_end(self) -> bool:
        return self._offset == len(self._payload)

    def bytes(self, count: int) -> bytes:
        end = self._offset + count
        if end > len(self._payload):
            raise WireError("an array is cut short")
        taken = self._payload[self._offset : end]
        self._offset = end
        return taken
