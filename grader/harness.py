"""Runs inside the box: reads a submission and its inputs, calls it, writes raw results.

The only file of ours that student code shares a process with, so nothing in it is secret and
nothing that it writes is believed: the marker checks every frame, and compares outside. It
imports nothing of ours. The frames are those of grader/wire.py.
"""

from __future__ import annotations

import json
import os
import random
import struct
import sys
import traceback
from collections.abc import Callable, Iterator
from typing import Any, TextIO

import numpy as np

FILE = "submission.py"
TEXT_BYTES = 8 * 2**10
ARRAY_BYTES = 4 * 2**20
MAX_OUTPUTS = 16
MAX_NDIM = 8
SHOWN_FRAMES = 20
DTYPES = ("<f4", "<f8", "<i4", "<i8", "|b1")
NUMBERS = (float, np.float64, np.float32, np.int64, np.int32)


class Unreturnable(Exception):
    """What the function gave is no array or number that we carry; the text says what it is."""


def run(channel: int) -> None:
    """Serve one job on this descriptor. Returns when every case has been answered."""
    streams = rebuild_output()
    job = json.loads(read_frame(channel, b"J"))
    source = read_frame(channel, b"S")
    reseed(job["seed"])
    function = _load(channel, source, job["function"])
    flush(streams)
    if function is None:
        return
    for index in range(job["cases"]):
        arguments = _read_case(read_frame(channel, b"C"), job["framework"])
        if job["module"] is None:
            answer = _call(index, source, lambda a=arguments: function(*a))
        else:
            answer = _call(index, source, lambda a=arguments: _use(function, job["module"], a))
        # Before the answer: what comes after that of the last visible case is dropped.
        flush(streams)
        write_frame(channel, *answer)


def rebuild_output() -> list[TextIO]:
    """Line by line, so that what was printed before a kill is kept; any text can be printed."""
    streams: list[TextIO] = []
    for name, descriptor in (("stdout", 1), ("stderr", 2)):
        stream = os.fdopen(
            descriptor,
            "w",
            buffering=1,
            encoding="utf-8",
            errors="backslashreplace",
            closefd=False,
        )
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
        streams.append(stream)
    return streams


def flush(streams: list[TextIO]) -> None:
    """Send what has been printed, so far as nobody has closed it."""
    for stream in streams:
        if not stream.closed:
            stream.flush()


def reseed(seed: int) -> None:
    """All children are forks of one process, whose random streams they would share."""
    random.seed(seed)
    np.random.seed(seed % 2**32)  # noqa: NPY002 (the stream that students use)
    if "torch" in sys.modules:
        # The CPU's own: torch.manual_seed notes a stack trace for each other device, 2 MB a child.
        sys.modules["torch"].default_generator.manual_seed(seed)


def _load(channel: int, source: bytes, name: str) -> Any:
    """Compile and run the source; return its function, or None once it is said what is amiss."""
    try:
        code = compile(source, FILE, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, MemoryError, RecursionError, OverflowError) as error:
        write_frame(channel, b"K", _text(_compile_message(error)))
        return None
    module = type(sys)("submission")
    module.__file__ = FILE
    sys.modules["submission"] = module
    try:
        exec(code, module.__dict__)  # noqa: S102 (this is what the box is for)
    except BaseException as error:  # noqa: BLE001 (SystemExit is the student's error too)
        if _out_of_memory(error):
            write_frame(channel, b"O", b"")
        else:
            write_frame(channel, b"L", _text(_explain(error, source)))
        return None
    function = module.__dict__.get(name)
    if not callable(function):
        write_frame(channel, b"N", b"")
        return None
    return function


def _call(index: int, source: bytes, call: Callable[[], Any]) -> tuple[bytes, bytes]:
    """Return the kind and payload of the frame that answers one case."""
    number = struct.pack("<I", index)
    try:
        return b"R", number + _encode_result(call())
    except Unreturnable as error:
        return b"I", number + _text(str(error))
    except BaseException as error:  # noqa: BLE001 (SystemExit is the student's error too)
        if _out_of_memory(error):
            return b"M", number
        return b"X", number + _text(_explain(error, source))


def _out_of_memory(error: BaseException) -> bool:
    """NumPy and Python raise MemoryError; PyTorch's allocator a RuntimeError."""
    if isinstance(error, MemoryError):
        return True
    return type(error) is RuntimeError and "DefaultCPUAllocator" in str(error)[:TEXT_BYTES]


# --- frames


def _read_exactly(channel: int, count: int) -> bytes:
    parts = bytearray()
    while len(parts) < count:
        part = os.read(channel, count - len(parts))
        if not part:
            os._exit(0)
        parts += part
    return bytes(parts)


def read_frame(channel: int, kind: bytes) -> bytes:
    """Read the next frame, of this kind, from the marker."""
    head = _read_exactly(channel, 5)
    assert head[:1] == kind  # noqa: S101 (the marker sends frames in this order)
    return _read_exactly(channel, struct.unpack("<I", head[1:])[0])


def write_frame(channel: int, kind: bytes, payload: bytes) -> None:
    """Write one frame to the marker."""
    rest = memoryview(kind + struct.pack("<I", len(payload)) + payload)
    while rest:
        rest = rest[os.write(channel, rest) :]


def _read_case(payload: bytes, framework: str) -> list[Any]:
    count, offset = payload[0], 1
    arguments: list[Any] = []
    for _ in range(count):
        dtype, ndim = DTYPES[payload[offset]], payload[offset + 1]
        shape = struct.unpack_from(f"<{ndim}I", payload, offset + 2)
        offset += 2 + 4 * ndim
        size = int(np.prod(shape)) * np.dtype(dtype).itemsize
        data = bytearray(payload[offset : offset + size])
        offset += size
        array = np.frombuffer(data, dtype).reshape(shape)
        if ndim == 0:
            arguments.append(array.item())
        elif framework == "torch":
            arguments.append(sys.modules["torch"].from_numpy(array))
        else:
            arguments.append(array)
    return arguments


def _encode_result(result: Any) -> bytes:
    """Encode one array, or a tuple of them. Raise Unreturnable, saying what came instead."""
    if type(result) is tuple:
        if len(result) > MAX_OUTPUTS:
            raise Unreturnable(f"a tuple of {len(result)}")
        arrays = [_to_array(item, f"a tuple whose item {i} is ") for i, item in enumerate(result)]
        head = bytes([1, len(arrays)])
    else:
        arrays = [_to_array(result, "")]
        head = bytes([0, 1])
    return head + b"".join(map(_encode_array, arrays))


def _to_array(value: Any, where: str) -> np.ndarray[Any, Any]:
    """Take true arrays, tensors and numbers; a subclass could lie about its values."""
    if type(value) is int:
        if not -(2**63) <= value < 2**63:
            raise Unreturnable(f"{where}an int of more than 64 bits")
        value = np.array(value, "<i8")
    elif any(type(value) is number for number in NUMBERS):
        value = np.array(value)
    torch = sys.modules.get("torch")
    if torch is not None and type(value) in {torch.Tensor, torch.nn.Parameter}:
        value = _tensor_to_array(value, where)
    if type(value) is not np.ndarray:
        raise Unreturnable(where + _name_of(value))
    if value.dtype.str not in DTYPES:
        raise Unreturnable(f"{where}an array of dtype {str(value.dtype)[:50]}")
    if value.ndim > MAX_NDIM:
        raise Unreturnable(f"{where}an array of {value.ndim} dimensions")
    if value.nbytes > ARRAY_BYTES:
        raise Unreturnable(f"{where}an array of {value.nbytes} bytes")
    return value


def _tensor_to_array(tensor: Any, where: str) -> Any:
    if str(tensor.layout) != "torch.strided" or tensor.device.type != "cpu":
        raise Unreturnable(f"{where}a tensor of layout {tensor.layout} on {tensor.device}")
    try:
        return tensor.detach().resolve_conj().resolve_neg().numpy()
    except (RuntimeError, TypeError):
        raise Unreturnable(f"{where}a tensor of dtype {tensor.dtype}") from None


def _name_of(value: Any) -> str:
    if value is None:
        return "None"
    name = type(value).__name__[:50]
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


def _encode_array(array: np.ndarray[Any, Any]) -> bytes:
    head = bytes([DTYPES.index(array.dtype.str), array.ndim])
    return head + struct.pack(f"<{array.ndim}I", *array.shape) + array.tobytes()


# --- modules of PyTorch


def _use(build: Any, names: dict[str, list[str]], arguments: list[Any]) -> tuple[Any, ...]:
    """Build a module, load it, call it and back-propagate, as grader.core.Module says.

    Return its outputs and then the gradients; zeros where nothing flows.
    """
    torch = sys.modules["torch"]
    given = iter(arguments)
    sizes, weights, inputs, upstream = (
        dict(zip(names[part], given, strict=False))
        for part in ("sizes", "parameters", "inputs", "upstream")
    )
    module = build(*sizes.values())
    if not isinstance(module, torch.nn.Module):
        raise Unreturnable("is no torch.nn.Module")
    parameters = _load_weights(module.double(), weights)
    leaves = [x.requires_grad_() for x in inputs.values() if x.is_floating_point()]
    outputs = module(*inputs.values())
    if type(outputs) is not tuple:
        outputs = (outputs,)
    _check_outputs(outputs, upstream)
    flowing = [(y, g) for y, g in zip(outputs, upstream.values(), strict=True) if y.requires_grad]
    if not flowing:
        raise Unreturnable("gave outputs that no gradient flows back from")
    leaves = parameters + leaves
    ends, starts = zip(*flowing, strict=True)
    gradients = torch.autograd.grad(ends, leaves, starts, allow_unused=True)
    found = zip(leaves, gradients, strict=True)
    return outputs + tuple(torch.zeros_like(leaf) if g is None else g for leaf, g in found)


def _load_weights(module: Any, weights: dict[str, Any]) -> list[Any]:
    """Copy the weights into the parameters of these names, which are all there may be."""
    parameters = dict(module.named_parameters())
    if set(parameters) != set(weights):
        has, should = (", ".join(sorted(found)) or "none" for found in (parameters, weights))
        raise Unreturnable(f"has the parameters {has[:1000]}; {should} were asked for")
    for name, weight in weights.items():
        if parameters[name].shape != weight.shape:
            shapes = f"{tuple(parameters[name].shape)}; expected {tuple(weight.shape)}"
            raise Unreturnable(f"has {name} of shape {shapes}")
        parameters[name].data.copy_(weight)
    return [parameters[name] for name in weights]


def _check_outputs(outputs: tuple[Any, ...], upstream: dict[str, Any]) -> None:
    """See that each output is a tensor of the shape that its gradient has."""
    if len(outputs) != len(upstream):
        raise Unreturnable(f"gave {len(outputs)} outputs; {len(upstream)} were asked for")
    tensor = type(next(iter(upstream.values())))
    for number, (output, gradient) in enumerate(zip(outputs, upstream.values(), strict=True)):
        if type(output) is not tensor:
            raise Unreturnable(f"gave {_name_of(output)} as output {number}, which is no tensor")
        if output.shape != gradient.shape:
            shapes = f"{tuple(output.shape)}; expected {tuple(gradient.shape)}"
            raise Unreturnable(f"gave output {number} the shape {shapes}")


# --- what went wrong, in the student's own lines


def _text(text: str) -> bytes:
    return text[:TEXT_BYTES].encode("utf-8", "backslashreplace")[:TEXT_BYTES]


def _compile_message(error: Exception) -> str:
    if isinstance(error, SyntaxError):
        lines = traceback.format_exception_only(error)
        return "".join(lines).strip()
    if isinstance(error, (MemoryError, RecursionError)):
        return "The source is nested too deeply to be compiled."
    return f"The source cannot be compiled: {error}."


def _explain(error: BaseException, source: bytes) -> str:
    """Return a traceback with the student's frames alone."""
    lines = source.decode("utf-8", "replace").splitlines()
    text: list[str] = []
    for name, number in list(_own_frames(error))[-SHOWN_FRAMES:]:
        shown = lines[number - 1].strip() if 0 < number <= len(lines) else ""
        text.append(f"line {number}, in {name[:100]}\n    {shown[:200]}\n")
    return "".join(text) + _summary(error)


def _own_frames(error: BaseException) -> Iterator[tuple[str, int]]:
    for frame, number in traceback.walk_tb(error.__traceback__):
        if frame.f_code.co_filename == FILE:
            yield frame.f_code.co_name, number


def _summary(error: BaseException) -> str:
    """Return the last line; an exception's text is student code, which may fail in its turn."""
    name = type(error).__name__[:100]
    try:
        text = str(error)[:TEXT_BYTES]
    except BaseException:  # noqa: BLE001 (as above)
        return f"{name} (its text could not be read)"
    return f"{name}: {text}" if text else name
