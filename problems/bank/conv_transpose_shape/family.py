"""Output shape of a transposed convolution (PyTorch's convention for its paddings)."""

from collections.abc import Callable
from dataclasses import dataclass

from problems.answers import Shape
from problems.core import Mistake, ParamError, param
from problems.drawing import Draw
from problems.engine.shapes import conv_length, conv_transpose_length


@dataclass(frozen=True)
class Params:
    """The input and the layer, whose settings are the same along both axes."""

    height: int = param("rows of the input", 1, 16_384)
    width: int = param("columns of the input", 1, 16_384)
    in_channels: int = param("channels of the input", 1, 65_536)
    out_channels: int = param("channels of the output", 1, 65_536)
    kernel: int = param("rows and columns of the kernel", 1, 1024)
    stride: int = param("stride along both axes", 1, 64)
    padding: int = param("padding: what is cut off on each side", 0, 1024)
    output_padding: int = param("what is added at the end of each axis", 0, 63)
    dilation: int = param("dilation along both axes", 1, 64)
    layout: str = param(
        "order of the axes: channels, height, width or height, width, channels",
        options=("CHW", "HWC"),
    )

    def __post_init__(self) -> None:
        """Refuse what PyTorch refuses: large output padding, and an output without positions."""
        if self.output_padding >= max(self.stride, self.dilation):
            raise ParamError(
                "output_padding", "it must be smaller than the stride or than the dilation."
            )
        if min(_length(self, self.height), _length(self, self.width)) < 1:
            raise ParamError("padding", "nothing would be left of the output.")


VERSION = 1
PARTS = {"shape": Shape(axes=3)}


def draw(r: Draw) -> Params:
    """Draw settings as decoders and generators have them."""
    stride = r.choice("stride", (2, 2, 3, 4))
    return Params(
        height=r.int("height", 4, 32),
        width=r.int("width", 4, 32),
        in_channels=r.choice("in_channels", (16, 32, 64, 128)),
        out_channels=r.choice("out_channels", (1, 3, 8, 12, 24)),
        kernel=r.int("kernel", 2, 6),
        stride=stride,
        padding=r.int("padding", 0, 2),
        output_padding=r.int("output_padding", 0, stride - 1),
        dilation=r.choice("dilation", (1, 1, 1, 2)),
        layout=r.choice("layout", ("CHW", "HWC")),
    )


def answer(p: Params) -> dict:
    """Compute each axis by the formula."""
    return {"shape": _shape(p)}


def witness(p: Params) -> dict:
    """Build the layer in PyTorch and read the shape of its output (shapes alone, no memory)."""
    import torch

    layer = torch.nn.ConvTranspose2d(
        p.in_channels,
        p.out_channels,
        p.kernel,
        p.stride,
        p.padding,
        p.output_padding,
        dilation=p.dilation,
        device="meta",
    )
    image = torch.empty(1, p.in_channels, p.height, p.width, device="meta")
    channels, height, width = layer(image).shape[1:]
    return {"shape": (channels, height, width) if p.layout == "CHW" else (height, width, channels)}


def _length(p: Params, length: int) -> int:
    return conv_transpose_length(
        length, p.kernel, p.stride, p.padding, p.output_padding, p.dilation
    )


def _shape(
    p: Params, rule: Callable[[int], int] | None = None, channels: int | None = None
) -> tuple[int, int, int]:
    height, width = (rule(length) if rule else _length(p, length) for length in (p.height, p.width))
    return _ordered(p.layout, channels or p.out_channels, height, width)


def _ordered(layout: str, channels: int, height: int, width: int) -> tuple[int, int, int]:
    return (channels, height, width) if layout == "CHW" else (height, width, channels)


def _shifted(p: Params, more: int) -> dict:
    """Return the shape with so many positions more along both axes."""
    return {"shape": _shape(p, lambda i: max(0, _length(p, i) + more))} if more else {}


MISTAKES = (
    Mistake(
        "convolution",
        "This is the formula of a convolution; a transposed one goes the other way and enlarges.",
        lambda p: {
            "shape": _shape(
                p, lambda i: max(0, conv_length(i, p.kernel, p.stride, p.padding, p.dilation))
            )
        },
    ),
    Mistake(
        "input-times-stride",
        "The stride spreads the input; kernel and paddings then change the length as well.",
        lambda p: {"shape": _shape(p, lambda i: i * p.stride)},
    ),
    Mistake(
        "gap-behind-the-last",
        "Between $i$ positions there are $i - 1$ steps of the stride, not $i$.",
        lambda p: _shifted(p, p.stride),
    ),
    Mistake(
        "padding-added",
        "The padding of a transposed convolution is cut off its output, not added.",
        lambda p: _shifted(p, 4 * p.padding),
    ),
    Mistake(
        "padding-once",
        "The padding is cut off on both sides of an axis: $2p$, not $p$.",
        lambda p: _shifted(p, p.padding),
    ),
    Mistake(
        "padding-ignored",
        "The padding makes the output shorter.",
        lambda p: _shifted(p, 2 * p.padding),
    ),
    Mistake(
        "output-padding-twice",
        "The output padding is added at one end of an axis only.",
        lambda p: _shifted(p, p.output_padding),
    ),
    Mistake(
        "output-padding-forgotten",
        "The output padding adds positions at the end of each axis.",
        lambda p: _shifted(p, -p.output_padding),
    ),
    Mistake(
        "dilation-ignored",
        "A dilated kernel spans $d (k - 1) + 1$ positions, not $k$.",
        lambda p: _shifted(p, -(p.dilation - 1) * (p.kernel - 1)),
    ),
    Mistake(
        "channels-kept",
        "The output has as many channels as the layer says, however many the input has.",
        lambda p: (
            {"shape": _shape(p, channels=p.in_channels)} if p.in_channels != p.out_channels else {}
        ),
    ),
    Mistake(
        "axes-swapped",
        "Height and width are the wrong way round.",
        lambda p: (
            {"shape": _ordered(p.layout, p.out_channels, _length(p, p.width), _length(p, p.height))}
            if p.height != p.width
            else {}
        ),
    ),
    Mistake(
        "other-layout",
        "These are the right numbers in another order: look at the order that is asked for.",
        lambda p: {
            "shape": _ordered(
                "HWC" if p.layout == "CHW" else "CHW",
                p.out_channels,
                _length(p, p.height),
                _length(p, p.width),
            )
        },
    ),
)


def steps(p: Params) -> dict:
    """Return both axes."""
    return {
        "axes": [
            {"name": name, "i": i, "length": _length(p, i)}
            for name, i in (("height", p.height), ("width", p.width))
        ]
    }
