"""Parameters of a convolution beside those of a fully connected layer on the same image."""

from dataclasses import dataclass

from problems.answers import Choice, Integer
from problems.core import Mistake, ParamError, param
from problems.drawing import Draw
from problems.engine.counting import conv_weights, mlp_params

CHANGES = ("image", "channels", "kernel", "pool")


@dataclass(frozen=True)
class Params:
    """The image, the two layers on it, and a change that is asked about."""

    height: int = param("rows of the image", 1, 4096)
    width: int = param("columns of the image", 1, 4096)
    channels: int = param("channels of the image", 1, 4096)
    filters: int = param("filters of the convolution", 1, 65_536)
    kernel: int = param("rows and columns of each filter", 1, 512)
    pool: int = param("rows and columns of the pooling window", 1, 512)
    units: int = param("units of the fully connected layer", 1, 1_000_000)
    change: str = param("what is doubled in the last question", options=CHANGES)

    def __post_init__(self) -> None:
        """Refuse windows that are larger than the image."""
        for name in ("kernel", "pool"):
            if getattr(self, name) > min(self.height, self.width):
                raise ParamError(name, f"give at most {min(self.height, self.width)}, the image.")


VERSION = 1
PARTS = {
    "convolution": Integer(),
    "dense": Integer(),
    "changed": Choice(
        options={
            "both": "both numbers",
            "convolution": "only the convolution's number",
            "dense": "only the fully connected layer's number",
            "neither": "neither number",
        }
    ),
}


def draw(r: Draw) -> Params:
    """Draw images and layers that multiply by hand."""
    return Params(
        height=r.choice("height", (10, 12, 16, 20, 28, 32)),
        width=r.choice("width", (10, 12, 16, 20, 28, 32)),
        channels=r.choice("channels", (2, 3, 3, 3, 4)),
        filters=r.choice("filters", (4, 6, 8, 10, 16, 20)),
        kernel=r.choice("kernel", (3, 3, 5)),
        pool=r.choice("pool", (2, 3, 4)),
        units=r.choice("units", (10, 20, 50, 100)),
        change=r.choice("change", CHANGES),
    )


def answer(p: Params) -> dict:
    """Count both layers, before and after the change."""
    return {
        "convolution": _convolution(p),
        "dense": _dense(p),
        "changed": _option(convolution=_changes(p)[0], dense=_changes(p)[1]),
    }


def witness(p: Params) -> dict:
    """Build both networks in PyTorch, before and after the change, and count what they hold."""
    import torch

    def counts(height: int, width: int, channels: int, kernel: int, pool: int) -> tuple[int, int]:
        networks = (
            torch.nn.Sequential(
                torch.nn.Conv2d(channels, p.filters, kernel, padding="same", device="meta"),
                torch.nn.ReLU(),
                torch.nn.MaxPool2d(pool),
            ),
            torch.nn.Sequential(
                torch.nn.Flatten(),
                torch.nn.Linear(channels * height * width, p.units, device="meta"),
                torch.nn.ReLU(),
            ),
        )
        first, second = (sum(w.numel() for w in net.parameters()) for net in networks)
        return first, second

    setting = (p.height, p.width, p.channels, p.kernel, p.pool)
    doubled = {
        "image": (2 * p.height, 2 * p.width, p.channels, p.kernel, p.pool),
        "channels": (p.height, p.width, 2 * p.channels, p.kernel, p.pool),
        "kernel": (p.height, p.width, p.channels, 2 * p.kernel, p.pool),
        "pool": (p.height, p.width, p.channels, p.kernel, 2 * p.pool),
    }[p.change]
    before, after = counts(*setting), counts(*doubled)
    changed = (before[0] != after[0], before[1] != after[1])
    names = {(True, True): "both", (True, False): "convolution", (False, True): "dense"}
    return {
        "convolution": before[0],
        "dense": before[1],
        "changed": names.get(changed, "neither"),
    }


def _convolution(p: Params) -> int:
    return _weights(p) + p.filters


def _weights(p: Params) -> int:
    return conv_weights(p.channels, p.filters, p.kernel, p.kernel)


def _inputs(p: Params) -> int:
    return p.height * p.width * p.channels


def _dense(p: Params) -> int:
    return mlp_params((_inputs(p), p.units))


def _counts_after(p: Params) -> tuple[int, int]:
    """Return both counts when what the last question names is doubled."""
    names = ("height", "width") if p.change == "image" else (p.change,)
    sizes = {n: getattr(p, n) for n in ("height", "width", "channels", "kernel")}
    sizes |= {name: 2 * getattr(p, name) for name in names if name in sizes}
    return (
        conv_weights(sizes["channels"], p.filters, sizes["kernel"], sizes["kernel"]) + p.filters,
        mlp_params((sizes["height"] * sizes["width"] * sizes["channels"], p.units)),
    )


def _changes(p: Params) -> tuple[bool, bool]:
    convolution, dense = _counts_after(p)
    return convolution != _convolution(p), dense != _dense(p)


def _option(*, convolution: bool, dense: bool) -> str:
    if convolution:
        return "both" if dense else "convolution"
    return "dense" if dense else "neither"


MISTAKES = (
    Mistake(
        "not-shared",
        "A convolution uses the same filters at every position: its weights are shared.",
        lambda p: {"convolution": p.height * p.width * _convolution(p)},
    ),
    Mistake(
        "pooling-has-weights",
        "Pooling takes a maximum and has nothing to learn.",
        lambda p: {"convolution": _convolution(p) + p.pool**2},
    ),
    Mistake(
        "channels-forgotten-in-the-filter",
        "Each filter is as deep as the image has channels.",
        lambda p: {"convolution": p.kernel**2 * p.filters + p.filters} if p.channels > 1 else {},
    ),
    Mistake(
        "channels-forgotten-in-the-image",
        "Each pixel has a number for every channel, and all of them are inputs.",
        lambda p: {"dense": mlp_params((p.height * p.width, p.units))} if p.channels > 1 else {},
    ),
    Mistake(
        "biases-forgotten",
        "Each filter and each unit also has a bias.",
        lambda p: {"convolution": _weights(p), "dense": _inputs(p) * p.units},
    ),
    Mistake(
        "one-bias-in-all",
        "Each filter and each unit has its own bias, not each layer one.",
        lambda p: {
            **({"convolution": _weights(p) + 1} if p.filters > 1 else {}),
            **({"dense": _inputs(p) * p.units + 1} if p.units > 1 else {}),
        },
    ),
    Mistake(
        "convolution-thought-to-change",
        "A filter's numbers are its kernel times the channels it reads; nothing else counts.",
        lambda p: (
            {} if _changes(p)[0] else {"changed": _option(convolution=True, dense=_changes(p)[1])}
        ),
    ),
    Mistake(
        "convolution-thought-to-stay",
        "A filter has a weight for each position of its kernel and each channel it reads.",
        lambda p: (
            {"changed": _option(convolution=False, dense=_changes(p)[1])} if _changes(p)[0] else {}
        ),
    ),
    Mistake(
        "dense-thought-to-change",
        "The fully connected layer has no kernel and no window: look at what it reads.",
        lambda p: (
            {} if _changes(p)[1] else {"changed": _option(convolution=_changes(p)[0], dense=True)}
        ),
    ),
    Mistake(
        "dense-thought-to-stay",
        "The fully connected layer has a weight for every number of the image, and each unit.",
        lambda p: (
            {"changed": _option(convolution=_changes(p)[0], dense=False)} if _changes(p)[1] else {}
        ),
    ),
    Mistake(
        "both-the-other-way",
        "Take the layers one by one: does what is doubled stand in the formula of its count?",
        lambda p: {"changed": _option(convolution=not _changes(p)[0], dense=not _changes(p)[1])},
    ),
)


def steps(p: Params) -> dict:
    """Return the weights, and both counts after the change."""
    convolution, dense = _counts_after(p)
    return {
        "filter": p.kernel**2 * p.channels,
        "inputs": _inputs(p),
        "dense_weights": _inputs(p) * p.units,
        "convolution_after": convolution,
        "dense_after": dense,
    }
