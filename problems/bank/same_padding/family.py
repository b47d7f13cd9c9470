"""How much padding keeps the size, and how PyTorch and TensorFlow share it out."""

from dataclasses import dataclass

from problems.answers import Integer, Shape
from problems.core import Mistake, ParamError, param
from problems.drawing import Draw
from problems.engine.shapes import same_padding


@dataclass(frozen=True)
class Params:
    """One axis of the input, and the layer with padding "same"."""

    length: int = param("positions of the input along the axis", 1, 65_536)
    kernel: int = param("positions of the kernel", 1, 1024)
    stride: int = param("stride", 1, 1024)
    dilation: int = param("dilation", 1, 64)
    framework: str = param("whose rule holds", options=("PyTorch", "TensorFlow"))

    def __post_init__(self) -> None:
        """Refuse what the frameworks refuse."""
        if self.framework == "PyTorch" and self.stride > 1:
            raise ParamError("stride", "PyTorch takes padding='same' with stride 1 only.")
        if self.dilation > 1 and self.stride > 1:
            raise ParamError("dilation", "TensorFlow takes a stride or a dilation, not both.")


VERSION = 2
PARTS = {"output": Integer(), "padding": Shape(axes=2)}


def draw(r: Draw) -> Params:
    """Draw strides for TensorFlow, dilations for both; kernels even and odd.

    Behind the last step of a stride a position is left, or the stride would not change the padding.
    """
    framework = r.choice("framework", ("PyTorch", "TensorFlow", "TensorFlow"))
    stride = r.choice("stride", (2, 2, 3) if framework == "TensorFlow" else (1,))
    return Params(
        length=r.choice("length", [n for n in range(20, 100) if stride == 1 or (n - 1) % stride]),
        kernel=r.int("kernel", 3, 9),
        stride=stride,
        dilation=r.choice("dilation", (1, 1, 2, 3) if stride == 1 else (1,)),
        framework=framework,
    )


def answer(p: Params) -> dict:
    """Compute the output first, then the padding that it needs."""
    return {
        "output": -(-p.length // p.stride),
        "padding": same_padding(p.length, p.kernel, p.stride, p.dilation),
    }


def witness(p: Params) -> dict:
    """Ask PyTorch's own padding="same"; for TensorFlow try paddings until the output is right.

    A kernel that is 1 at its last tap alone, on the input 0, 1, 2, ..., shows in its first output
    how far the first window reaches into the input.
    """
    import warnings

    import torch

    if p.framework == "PyTorch":
        signal = torch.arange(p.length, dtype=torch.float64)[None, None]
        kernel = torch.zeros(1, 1, p.kernel, dtype=torch.float64)
        kernel[0, 0, -1] = 1
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch warns that an uneven padding costs a copy
            output = torch.nn.functional.conv1d(signal, kernel, padding="same", dilation=p.dilation)
        end = p.dilation * (p.kernel - 1)
        left = end - int(output[0, 0, 0])
        return {"output": output.shape[2], "padding": (left, end - left)}
    wanted = len(range(0, p.length, p.stride))
    layer = torch.nn.Conv1d(1, 1, p.kernel, p.stride, dilation=p.dilation, device="meta")

    def outputs(total: int) -> int:
        return layer(torch.empty(1, 1, p.length + total, device="meta")).shape[2]

    shortest = max(0, _reach(p) - p.length)
    total = next(n for n in range(shortest, _reach(p) + 1) if outputs(n) >= wanted)
    return {"output": wanted, "padding": (total // 2, total - total // 2)}


def _reach(p: Params) -> int:
    return p.dilation * (p.kernel - 1) + 1


def _total(p: Params) -> int:
    return sum(same_padding(p.length, p.kernel, p.stride, p.dilation))


def _if_uneven(p: Params, padding: tuple[int, int]) -> dict:
    return {"padding": padding} if _total(p) % 2 else {}


MISTAKES = (
    Mistake(
        "more-on-the-left",
        "The odd position is added at the end, not at the beginning.",
        lambda p: _if_uneven(p, (_total(p) - _total(p) // 2, _total(p) // 2)),
    ),
    Mistake(
        "rounded-down-on-both-sides",
        "The total is odd: with the smaller half on both sides one position is missing.",
        lambda p: _if_uneven(p, (_total(p) // 2, _total(p) // 2)),
    ),
    Mistake(
        "rounded-up-on-both-sides",
        "The total is odd: the larger half on both sides is one position too many.",
        lambda p: _if_uneven(p, (_total(p) // 2 + 1, _total(p) // 2 + 1)),
    ),
    Mistake(
        "total-on-each-side",
        "This is the padding in all; it is shared between the two sides.",
        lambda p: {"padding": (_total(p), _total(p))} if _total(p) else {},
    ),
    Mistake(
        "stride-ignored-in-the-padding",
        "With this stride fewer positions are missing: compare with where the last window ends.",
        lambda p: (
            {"padding": same_padding(p.length, p.kernel, 1, p.dilation)} if p.stride > 1 else {}
        ),
    ),
    Mistake(
        "dilation-ignored",
        "A dilated kernel spans $d (k - 1) + 1$ positions, not $k$.",
        lambda p: (
            {"padding": same_padding(p.length, p.kernel, p.stride)}
            if p.dilation > 1 and p.kernel > 1
            else {}
        ),
    ),
    Mistake(
        "size-kept",
        "With a stride, “same” means the length divided by the stride, rounded up.",
        lambda p: {"output": p.length} if p.stride > 1 and p.length > 1 else {},
    ),
    Mistake(
        "rounded-down",
        "A started step counts: divide by the stride and round up.",
        lambda p: {"output": p.length // p.stride} if p.length % p.stride else {},
    ),
    Mistake(
        "no-padding",
        "This is the output without padding.",
        lambda p: (
            {"output": (p.length - _reach(p)) // p.stride + 1}
            if p.length >= _reach(p) and _total(p)
            else {}
        ),
    ),
)


def steps(p: Params) -> dict:
    """Return the span of the kernel, what the windows need, and the padding in all."""
    output = answer(p)["output"]
    left, right = answer(p)["padding"]
    return {
        "reach": _reach(p),
        "needed": (output - 1) * p.stride + _reach(p),
        "total": _total(p),
        "left": left,
        "right": right,
    }
