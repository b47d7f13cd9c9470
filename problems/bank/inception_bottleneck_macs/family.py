"""MACs of a k×k convolution with and without a 1×1 bottleneck (Szegedy et al. 2015).

With `expand` another 1×1 convolution follows, as in ResNet-50's blocks (He et al. 2016).
"""

from dataclasses import dataclass, replace

from problems.answers import Integer, Real
from problems.core import Mistake, ParamError, param
from problems.drawing import Draw
from problems.engine.layers import Layer, conv, macs, parameters


@dataclass(frozen=True)
class Params:
    """The input, the layers of the bottleneck, and what is counted."""

    height: int = param("rows of the input and of the output", 1, 4096)
    width: int = param("columns of the input and of the output", 1, 4096)
    in_channels: int = param("channels of the input", 1, 65_536)
    reduced: int = param("channels behind the first 1×1 convolution", 1, 65_536)
    kernel: int = param("rows and columns of the large filters, an odd number", 3, 31)
    out_channels: int = param("filters of the large convolution", 1, 65_536)
    expand: int = param("channels behind a last 1×1 convolution; 0 for none", 0, 65_536)
    unit: str = param("what is counted; a MAC is two FLOPs", options=("MACs", "FLOPs"))

    def __post_init__(self) -> None:
        """Refuse even kernels, which no padding on both sides keeps the size with."""
        if self.kernel % 2 == 0:
            raise ParamError("kernel", "give an odd number from 3 to 31.")


VERSION = 1
PARTS = {"direct": Integer(), "bottleneck": Integer(), "ratio": Real(decimals=2)}


def draw(r: Draw) -> Params:
    """Draw sizes that multiply by hand; one in three has the last 1×1 convolution."""
    return Params(
        height=r.choice("height", (5, 6, 7, 8, 10, 14, 20)),
        width=r.choice("width", (5, 6, 7, 8, 10, 14, 20)),
        in_channels=r.choice("in_channels", (20, 32, 40, 48, 64, 80, 100)),
        reduced=r.choice("reduced", (4, 5, 8, 10)),
        kernel=r.choice("kernel", (3, 3, 5)),
        out_channels=r.choice("out_channels", (6, 12, 16, 24, 30)),
        expand=r.choice("expand", (0, 0, 40, 60)),
        unit=r.choice("unit", ("MACs", "MACs", "FLOPs")),
    )


def _direct(p: Params) -> list[Layer]:
    return [conv(p.expand or p.out_channels, p.kernel, padding=p.kernel // 2, bias=False)]


def _bottleneck(p: Params) -> list[Layer]:
    large = conv(p.out_channels, p.kernel, padding=p.kernel // 2, bias=False)
    last = [conv(p.expand, 1, bias=False)] if p.expand else []
    return [conv(p.reduced, 1, bias=False), large, *last]


def _count(p: Params, layers: list[Layer]) -> int:
    return _factor(p) * macs(layers, (p.in_channels, p.height, p.width))


def _factor(p: Params) -> int:
    return 2 if p.unit == "FLOPs" else 1


def answer(p: Params) -> dict:
    """Count with the reference engine."""
    return _with(_count(p, _direct(p)), _count(p, _bottleneck(p)))


def _with(direct: int, bottleneck: int) -> dict:
    return {"direct": direct, "bottleneck": bottleneck, "ratio": direct / bottleneck}


def witness(p: Params) -> dict:
    """Run both in PyTorch and let its counter of FLOPs look on (shapes alone, no memory)."""
    import torch
    from torch.nn import functional
    from torch.utils.flop_counter import FlopCounterMode

    def counted(*filters: tuple[int, int]) -> int:
        x = torch.empty(1, p.in_channels, p.height, p.width, device="meta")
        with FlopCounterMode(display=False) as counter:
            for channels, side in filters:
                weights = torch.empty(channels, x.shape[1], side, side, device="meta")
                x = functional.conv2d(x, weights, padding="same")
        return counter.get_total_flops() * _factor(p) // 2

    last = [(p.expand, 1)] if p.expand else []
    return _with(
        counted((p.expand or p.out_channels, p.kernel)),
        counted((p.reduced, 1), (p.out_channels, p.kernel), *last),
    )


def _unpadded(p: Params) -> dict:
    """Return what a large convolution without padding would take, where it fits."""
    if min(p.height, p.width) < p.kernel:
        return {}

    def without(layers: list[Layer]) -> list[Layer]:
        return [replace(layer, padding=0) for layer in layers]

    return _with(_count(p, without(_direct(p))), _count(p, without(_bottleneck(p))))


def _weights(p: Params) -> dict:
    shape = p.in_channels, p.height, p.width
    return {
        "direct": parameters(_direct(p), shape),
        "bottleneck": parameters(_bottleneck(p), shape),
    }


def _large(p: Params, channels: int) -> int:
    """Return the work of the large convolution behind the bottleneck on so many channels."""
    return _factor(p) * p.height * p.width * p.kernel**2 * channels * p.out_channels


MISTAKES = (
    Mistake(
        "parameters-counted",
        "These are the weights; each of them works at every position of the output.",
        lambda p: _weights(p) if p.height * p.width > 1 else {},
    ),
    Mistake(
        "flops-for-macs",
        "One MAC is a multiplication and an addition together: count the pair once.",
        lambda p: (
            {name: 2 * answer(p)[name] for name in ("direct", "bottleneck")}
            if p.unit == "MACs"
            else {}
        ),
    ),
    Mistake(
        "macs-for-flops",
        "A multiplication and an addition are two FLOPs.",
        lambda p: (
            {name: answer(p)[name] // 2 for name in ("direct", "bottleneck")}
            if p.unit == "FLOPs"
            else {}
        ),
    ),
    Mistake(
        "bottleneck-forgotten",
        "This is the direct convolution; the large filters read the reduced channels only.",
        lambda p: {"bottleneck": answer(p)["direct"], "ratio": 1.0},
    ),
    Mistake(
        "reduction-not-counted",
        "The first 1×1 convolution takes work, too: it reads all input channels.",
        lambda p: {
            "bottleneck": answer(p)["bottleneck"] - _count(p, _bottleneck(p)[:1]),
        },
    ),
    Mistake(
        "expansion-not-counted",
        "The last 1×1 convolution takes work, too.",
        lambda p: {"bottleneck": _count(p, _bottleneck(p)[:2])} if p.expand else {},
    ),
    Mistake(
        "only-the-reduction",
        "This is the first 1×1 convolution alone; the large one comes on top of it.",
        lambda p: {"bottleneck": _count(p, _bottleneck(p)[:1])},
    ),
    Mistake(
        "all-channels-read",
        "After the first 1×1 convolution there are fewer channels to read.",
        lambda p: (
            {"bottleneck": answer(p)["bottleneck"] + _large(p, p.in_channels - p.reduced)}
            if p.reduced < p.in_channels
            else {}
        ),
    ),
    Mistake(
        "kernel-not-squared",
        "The large filters have $k$ rows and $k$ columns: $k^2$ products for each channel.",
        lambda p: {"direct": answer(p)["direct"] // p.kernel},
    ),
    Mistake(
        "padding-ignored",
        "The padding keeps the size: the output has as many positions as the input.",
        _unpadded,
    ),
    Mistake(
        "ratio-inverted",
        "This is the other way round: divide the work of the direct way by that of the bottleneck.",
        lambda p: {"ratio": answer(p)["bottleneck"] / answer(p)["direct"]},
    ),
    Mistake(
        "ratio-of-channels",
        "The channels shrink by this much; the work does not, for the 1×1 filters work as well.",
        lambda p: {"ratio": p.in_channels / p.reduced},
    ),
)


def steps(p: Params) -> dict:
    """Return the work of each convolution."""
    reads, rows = p.in_channels, []
    for layer in _bottleneck(p):
        rows.append(
            {
                "k": layer.kernel,
                "reads": reads,
                "gives": layer.channels,
                "each": layer.kernel**2 * reads * layer.channels,
                "macs": p.height * p.width * layer.kernel**2 * reads * layer.channels,
            }
        )
        reads = layer.channels
    gives = p.expand or p.out_channels
    return {
        "rows": rows,
        "gives": gives,
        "positions": p.height * p.width,
        "direct": p.height * p.width * p.kernel**2 * p.in_channels * gives,
        "bottleneck": sum(row["macs"] for row in rows),
    }
