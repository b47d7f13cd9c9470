"""Convolutional networks as lists of layers: shapes, trainable parameters and MACs.

A shape is (channels, height, width) or, behind a flattening, (values,). Convolutions and poolings
have PyTorch's conventions; kernels are square, and settings hold for both axes.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from problems.engine.counting import conv_weights
from problems.engine.shapes import conv_length

FORM = (
    'a list of layers such as [{"type": "conv", "channels": 6, "kernel": 5, "padding": 2}, '
    '{"type": "pool", "kernel": 2}, {"type": "flatten"}, {"type": "linear", "units": 10}]'
)
TYPES = ("conv", "pool", "global_pool", "norm", "relu", "flatten", "linear", "residual")
MAX_LAYERS = 256
MAX_DEPTH = 4
_LIMITS = {
    "channels": (1, 65_536),
    "units": (1, 1_000_000),
    "kernel": (1, 1024),
    "stride": (1, 1024),
    "padding": (0, 1024),
    "dilation": (1, 1024),
    "groups": (1, 65_536),
}
_NEEDS = {"conv": ("channels", "kernel"), "pool": ("kernel",), "linear": ("units",)}

ImageOrVector = tuple[int, ...]


@dataclass(frozen=True)
class Layer:
    """One layer; what its type does not use keeps the default.

    A residual block adds what `layers` and `shortcut` give; an empty shortcut is the identity.
    A pooling's stride is its kernel where none is given.
    """

    type: str
    channels: int = 1
    units: int = 1
    kernel: int = 1
    stride: int = 1
    padding: int = 0
    dilation: int = 1
    groups: int = 1
    bias: bool = True
    pooling: str = "max"
    layers: tuple["Layer", ...] = ()
    shortcut: tuple["Layer", ...] = ()


@dataclass(frozen=True)
class Row:
    """A layer within a network: its place, the shapes around it, and what it trains."""

    place: str
    layer: Layer
    before: ImageOrVector
    after: ImageOrVector
    weights: int
    biases: int

    @property
    def macs(self) -> int:
        """Multiply-accumulate operations of convolutions and linear layers, without biases."""
        if self.layer.type == "conv":
            return self.weights * math.prod(self.after[1:])
        return self.weights if self.layer.type == "linear" else 0


def conv(channels: int, kernel: int, **settings: Any) -> Layer:
    """Return a convolution."""
    return Layer("conv", channels=channels, kernel=kernel, **settings)


def pool(kernel: int, stride: int = 0, **settings: Any) -> Layer:
    """Return a pooling, by default without overlap."""
    return Layer("pool", kernel=kernel, stride=stride or kernel, **settings)


def linear(units: int, *, bias: bool = True) -> Layer:
    """Return a fully connected layer."""
    return Layer("linear", units=units, bias=bias)


def read_layers(given: Any, depth: int = 0) -> tuple[Layer, ...]:
    """Read layers from JSON; "repeat": n stands for n equal layers in a row.

    Raises ValueError with a sentence that says what is wrong.
    """
    if not isinstance(given, list) or depth > MAX_DEPTH:
        raise ValueError("Layers stand in a list, and blocks within blocks at most 4 deep.")
    found: list[Layer] = []
    room = MAX_LAYERS
    for item in given:
        read = _read_repeated(item, depth) if room else ()
        room -= sum(1 for _ in _all(read))
        if room < 0 or not read:
            raise ValueError(f"There may be at most {MAX_LAYERS} layers.")
        found += read
    return tuple(found)


def rows(layers: Sequence[Layer], shape: ImageOrVector) -> list[Row]:
    """Return each layer with its shapes and counts, the two paths of a block before their sum.

    Raises ValueError where a layer does not fit behind the one before it.
    """
    return _path(layers, shape, "")[0]


def parameters(layers: Sequence[Layer], shape: ImageOrVector) -> int:
    """Return the trainable parameters of a network."""
    return sum(row.weights + row.biases for row in rows(layers, shape))


def macs(layers: Sequence[Layer], shape: ImageOrVector) -> int:
    """Return the multiply-accumulate operations for one image: convolutions and linear layers."""
    return sum(row.macs for row in rows(layers, shape))


def describe(layer: Layer) -> str:
    """Return a layer in words, for a table."""
    if layer.type == "conv":
        words = [
            f"{layer.channels} filter{'s' * (layer.channels > 1)} of {layer.kernel}×{layer.kernel}"
        ]
        words += [f"stride {layer.stride}"] * (layer.stride > 1)
        words += [f"padding {layer.padding}"] * (layer.padding > 0)
        words += [f"dilation {layer.dilation}"] * (layer.dilation > 1)
        words += [f"{layer.groups} groups"] * (layer.groups > 1)
        words += ["no biases"] * (not layer.bias)
        return f"convolution: {', '.join(words)}"
    if layer.type == "pool":
        padded = f", padding {layer.padding}" if layer.padding else ""
        return (
            f"{layer.pooling} pooling: {layer.kernel}×{layer.kernel}, stride {layer.stride}{padded}"
        )
    if layer.type == "linear":
        return f"fully connected: {layer.units} unit{'s' * (layer.units > 1)}" + (
            "" if layer.bias else ", no biases"
        )
    return {
        "global_pool": "global average pooling",
        "norm": "batch normalisation",
        "relu": "ReLU",
        "flatten": "flatten",
        "residual": "sum of the block's two paths",
    }[layer.type]


def _all(layers: Sequence[Layer]) -> Iterator[Layer]:
    for layer in layers:
        yield layer
        yield from _all(layer.layers)
        yield from _all(layer.shortcut)


def _read_repeated(item: Any, depth: int) -> tuple[Layer, ...]:
    if not isinstance(item, Mapping):
        raise ValueError("Each layer is an object with a type.")  # noqa: TRY004 (shown as a sentence)
    settings = dict(item)
    times = settings.pop("repeat", 1)
    if not _whole(times) or not 1 <= times <= MAX_LAYERS:
        raise ValueError(f"repeat is a whole number from 1 to {MAX_LAYERS}.")
    return (_read_one(settings, depth),) * times


def _read_one(settings: dict[str, Any], depth: int) -> Layer:
    names = {field.name for field in fields(Layer)}
    kind = settings.get("type")
    if kind not in TYPES:
        raise ValueError(f"The type of a layer is one of {', '.join(TYPES)}.")
    missing = [name for name in _NEEDS.get(kind, ()) if name not in settings]
    if missing or not settings.keys() <= names:
        unknown = sorted(map(str, settings.keys() - names))
        raise ValueError(
            f"A {kind} layer needs {missing[0]}." if missing else f"No layer has {unknown[0]}."
        )
    for name, (low, high) in _LIMITS.items():
        value = settings.get(name, low)
        if not _whole(value) or not low <= value <= high:
            raise ValueError(f"{name} is a whole number from {low} to {high}.")
    if not isinstance(settings.get("bias", True), bool):
        raise ValueError("bias is true or false.")  # noqa: TRY004 (shown as a sentence)
    if settings.get("pooling", "max") not in ("max", "average"):
        raise ValueError("pooling is max or average.")
    if kind == "pool":
        settings.setdefault("stride", settings["kernel"])
    for name in ("layers", "shortcut"):
        settings[name] = read_layers(settings.get(name, []), depth + 1)
    return Layer(**settings)


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _path(
    layers: Sequence[Layer], shape: ImageOrVector, place: str
) -> tuple[list[Row], ImageOrVector]:
    """Return the rows of layers in a line, and the shape behind them."""
    found = []
    for number, layer in enumerate(layers, start=1):
        here = f"{place}{number}"
        if layer.type == "residual":
            main, after = _path(layer.layers, shape, f"{here}.")
            side, around = _path(layer.shortcut, shape, f"{here}.s")
            if after != around:
                raise ValueError(f"Layer {here} adds {after} and {around}: the shapes differ.")
            found += [*main, *side, Row(here, layer, shape, after, 0, 0)]
        else:
            after = _after(layer, shape, here)
            found.append(Row(here, layer, shape, after, *_counts(layer, shape)))
        shape = after
    return found, shape


def _after(layer: Layer, shape: ImageOrVector, place: str) -> ImageOrVector:
    if layer.type in ("norm", "relu"):
        return shape
    if layer.type == "flatten":
        return (math.prod(shape),)
    if layer.type == "linear":
        if len(shape) > 1:
            raise ValueError(f"Layer {place} is fully connected: flatten the image before it.")
        return (layer.units,)
    if len(shape) == 1:
        raise ValueError(f"Layer {place} needs an image, and before it there is a vector.")
    if layer.type == "global_pool":
        return (shape[0], 1, 1)
    return _behind_window(layer, shape, place)


def _behind_window(layer: Layer, shape: ImageOrVector, place: str) -> ImageOrVector:
    pooled = layer.type == "pool"
    dilation = 1 if pooled else layer.dilation
    if pooled and 2 * layer.padding > layer.kernel:
        raise ValueError(f"Layer {place} pads a pooling by more than half its kernel.")
    height, width = (
        conv_length(length, layer.kernel, layer.stride, layer.padding, dilation)
        for length in shape[1:]
    )
    if min(height, width) < 1:
        raise ValueError(f"The kernel of layer {place} does not fit into its padded input.")
    if not pooled and (shape[0] % layer.groups or layer.channels % layer.groups):
        raise ValueError(f"The groups of layer {place} must divide both numbers of channels.")
    return (shape[0] if pooled else layer.channels), height, width


def _counts(layer: Layer, shape: ImageOrVector) -> tuple[int, int]:
    """Return weights and biases; batch normalisation's are its scales and shifts."""
    if layer.type == "norm":
        return shape[0], shape[0]
    if layer.type == "linear":
        return shape[0] * layer.units, layer.units if layer.bias else 0
    if layer.type == "conv":
        weights = conv_weights(shape[0], layer.channels, layer.kernel, layer.kernel, layer.groups)
        return weights, layer.channels if layer.bias else 0
    return 0, 0
