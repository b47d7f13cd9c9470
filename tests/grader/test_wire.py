import contextlib
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader import harness, wire
from grader.wire import AnswerReader, WireError


def frame(kind, payload):
    return kind + struct.pack("<I", len(payload)) + payload


def result(index, body):
    return frame(b"R", struct.pack("<I", index) + body)


def read(data):
    return list(AnswerReader().feed(data))


ARRAYS = hnp.arrays(
    st.sampled_from([np.dtype(d) for d in wire.DTYPES]),
    hnp.array_shapes(min_dims=0, max_dims=4, min_side=0),
)


@given(st.lists(ARRAYS, max_size=4))
def test_what_the_harness_writes_is_what_the_marker_reads(arrays):
    payload = struct.pack("<I", 3) + harness._encode_result(tuple(arrays))
    (answer,) = read(frame(b"R", payload))
    assert (answer.index, answer.is_tuple) == (3, True)
    for sent, received in zip(arrays, answer.outputs, strict=True):
        assert sent.dtype == received.dtype
        assert sent.shape == received.shape
        assert sent.tobytes() == received.tobytes()


@given(st.lists(ARRAYS.filter(lambda a: a.size), max_size=4))
def test_what_the_marker_writes_is_what_the_harness_reads(arrays):
    encoded = wire.encode_case(arrays)
    received = harness._read_case(encoded[5:], "numpy")
    for sent, got in zip(arrays, received, strict=True):
        assert type(got) in ({np.ndarray} if sent.ndim else {int, float, bool})
        kept = np.asarray(got, sent.dtype)
        assert kept.shape == sent.shape
        assert kept.tobytes() == sent.tobytes()


@given(st.one_of(st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False)))
def test_a_number_crosses_as_it_is_both_ways(number):
    (given_number,) = harness._read_case(wire.encode_case([np.asarray(number)])[5:], "torch")
    payload = struct.pack("<I", 0) + harness._encode_result(given_number)
    (answer,) = read(frame(b"R", payload))
    assert not answer.is_tuple
    assert answer.outputs[0].shape == ()
    assert (type(given_number), given_number) == (type(number), number)
    assert answer.outputs[0].item() == number


class LyingInt(int):
    """A number that is equal to every other."""

    def __eq__(self, other):
        return True

    __hash__ = int.__hash__


class LyingType(type):
    """A type that a look-up in a set takes for float."""

    def __eq__(cls, other):
        return True

    def __hash__(cls):
        return hash(float)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (LyingInt(3), "a LyingInt"),
        (LyingType("Sly", (), {})(), "a Sly"),
        (type("Half", (float,), {})(0.5), "a Half"),
        (True, "a bool"),
        (np.True_, "a bool"),
        (np.float16(1), "a float16"),
        (np.uint8(1), "an uint8"),
        (1j, "a complex"),
        (2**63, "an int of more than 64 bits"),
        (-(10**1000), "an int of more than 64 bits"),
        ((1, True), "a tuple whose item 1 is a bool"),
        ((1,) * 17, "a tuple of 17"),
    ],
)
def test_only_numbers_of_an_exact_type_are_returned(value, said):
    with pytest.raises(harness.Unreturnable, match=f"^{said}$"):
        harness._encode_result(value)


@given(st.binary(max_size=200))
def test_noise_is_an_answer_or_a_wire_error_and_nothing_else(data):
    with contextlib.suppress(WireError):
        read(data)


@given(st.sampled_from(b"RIXMKLNO"), st.binary(max_size=60))
def test_noise_in_a_frame_is_an_answer_or_a_wire_error(kind, payload):
    with contextlib.suppress(WireError):
        read(frame(bytes([kind]), payload))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (frame(b"Z", b""), "no known kind"),
        (b"R" + b"\xff" * 4, "longer than any result"),
        (frame(b"X", b"\0"), "cut short"),
        (frame(b"X", bytes(4 + 2**13 + 1)), "longer than any text"),
        (frame(b"L", bytes(2**13 + 1)), "longer than any text"),
        (result(0, bytes([0, 2])), "impossible count"),
        (result(0, bytes([1, 17])), "impossible count"),
        (result(0, bytes([0, 1, 9, 0])), "impossible head"),
        (result(0, bytes([0, 1, 1, 9])), "impossible head"),
        (result(0, bytes([0, 1, 1, 1]) + struct.pack("<I", 2) + bytes(8)), "array is cut short"),
        (result(0, bytes([0, 1, 1, 1]) + struct.pack("<I", 1) + bytes(16)), "longer than its"),
        (result(0, bytes([0, 1, 1, 8]) + b"\xff" * 32), "array is cut short"),
        (result(0, bytes([0, 1, 1, 4]) + bytes(4) + b"\xff" * 12), "impossible shape"),
        (result(0, bytes([0, 1, 4, 8]) + b"\xff" * 28 + bytes(4)), "impossible shape"),
    ],
)
def test_an_impossible_frame_is_refused(data, said):
    with pytest.raises(WireError, match=said):
        read(data)


def test_a_text_as_long_as_the_harness_writes_is_taken():
    for text in ("x" * 2**20, "é" * 2**20):
        (answer,) = read(frame(b"L", harness._text(text)))
        assert len(answer.text.encode()) == wire.MAX_TEXT == harness.TEXT_BYTES


def test_frames_may_come_in_pieces():
    reader, data = AnswerReader(), frame(b"I", struct.pack("<I", 1) + b"a list") * 2
    found = [answer for i in range(len(data)) for answer in reader.feed(data[i : i + 1])]
    assert [answer.text for answer in found] == ["a list", "a list"]


def test_a_null_character_is_made_visible_for_the_database():
    assert wire.clean_text(b"a\0b\xff") == "a␀b�"
