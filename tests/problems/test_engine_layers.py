"""The engine's lists of layers against PyTorch, which builds and runs them."""

import networks
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch.utils.flop_counter import FlopCounterMode

from problems.engine import layers
from problems.engine.layers_torch import run

SMALL = st.integers(1, 4)
CONV = st.fixed_dictionaries(
    {
        "type": st.just("conv"),
        "channels": st.sampled_from((2, 4, 6)),
        "kernel": SMALL,
        "stride": st.integers(1, 2),
        "padding": st.integers(0, 2),
        "dilation": st.integers(1, 2),
        "groups": st.integers(1, 2),
        "bias": st.booleans(),
    }
)
POOL = st.fixed_dictionaries(
    {"type": st.just("pool"), "kernel": SMALL, "pooling": st.sampled_from(("max", "average"))}
)
PLAIN = st.sampled_from((networks.NORM, networks.RELU, networks.GLOBAL_POOL))
SAME = st.lists(st.sampled_from((networks.NORM, networks.conv(6, 3, padding=1))), max_size=3)
BLOCK = st.fixed_dictionaries(
    {
        "type": st.just("residual"),
        "layers": SAME.map(lambda path: [*path, networks.conv(6, 1)]),
        "shortcut": st.just([networks.conv(6, 1, bias=False)]),
    }
)
HEAD = st.lists(st.integers(1, 9), max_size=2).map(lambda widths: networks.head(*widths))
LISTS = st.lists(st.one_of(CONV, POOL, PLAIN, BLOCK), max_size=5)


@settings(max_examples=100, deadline=None)
@given(LISTS, HEAD, st.sampled_from((2, 4)), st.integers(5, 30), st.integers(5, 30))
def test_shapes_parameters_and_macs_are_torchs(body, head, channels, height, width):
    network = layers.read_layers([*body, *head])
    try:
        rows = layers.rows(network, (channels, height, width))
    except ValueError:
        assume(False)
    image = torch.empty(1, channels, height, width, device="meta")
    with FlopCounterMode(display=False) as counter:
        built = list(run(network, image))
    assert [row.after for row in rows] == [tuple(output.shape[1:]) for _, output in built]
    counts = [sum(w.numel() for w in module.parameters()) for module, _ in built]
    assert [row.weights + row.biases for row in rows] == counts
    assert 2 * sum(row.macs for row in rows) == counter.get_total_flops()


@pytest.mark.parametrize(
    ("given", "size", "parameters"),
    [
        (networks.LENET5_WHOLE, networks.MNIST, 61_706),
        (networks.ALEXNET_WHOLE, networks.IMAGENET, 61_100_840),
        (networks.VGG16_WHOLE, networks.IMAGENET, 138_357_544),
        (networks.RESNET18, networks.IMAGENET, 11_689_512),
        (networks.RESNET50, networks.IMAGENET, 25_557_032),
    ],
)
def test_published_networks_have_their_number_of_parameters(given, size, parameters):
    shape = size["in_channels"], size["height"], size["width"]
    assert layers.parameters(layers.read_layers(given), shape) == parameters


@pytest.mark.parametrize(
    ("given", "gigamacs"),
    [
        (networks.ALEXNET_WHOLE, 0.714),
        (networks.VGG16_WHOLE, 15.470),
        (networks.RESNET18, 1.814),
        (networks.RESNET50, 4.089),
    ],
)
def test_published_networks_take_their_number_of_macs(given, gigamacs):
    found = layers.macs(layers.read_layers(given), (3, 224, 224))
    assert found / 1e9 == pytest.approx(gigamacs, abs=0.0006)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"type": "conv"}, "in a list"),
        ([3], "an object"),
        ([{"type": "attention"}], "one of conv"),
        ([{"type": "conv", "channels": 3}], "needs kernel"),
        ([{"type": "pool", "kernel": 2, "speed": 1}], "No layer has speed"),
        ([{"type": "pool", "kernel": 0}], "from 1 to 1024"),
        ([{"type": "pool", "kernel": True}], "from 1 to 1024"),
        ([{"type": "pool", "kernel": 2, "pooling": "median"}], "max or average"),
        ([{"type": "linear", "units": 2, "bias": 1}], "true or false"),
        ([{"type": "relu", "repeat": 1000}], "repeat is"),
        ([{"type": "relu", "repeat": 200}, {"type": "relu", "repeat": 200}], "at most 256"),
        ([{"type": "relu"}] * 257 + ["the rest is not read"], "at most 256"),
    ],
)
def test_what_is_no_list_of_layers_is_refused(given, said):
    with pytest.raises(ValueError, match=said):
        layers.read_layers(given)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([networks.linear(3)], "flatten the image"),
        ([networks.FLATTEN, networks.conv(3, 3)], "there is a vector"),
        ([networks.conv(3, 9)], "does not fit"),
        ([networks.pool(2, padding=2)], "more than half"),
        ([networks.conv(3, 3, groups=2)], "groups of layer 1"),
        ([{"type": "residual", "layers": [networks.conv(3, 3)]}], "the shapes differ"),
    ],
)
def test_layers_that_do_not_fit_are_refused(given, said):
    with pytest.raises(ValueError, match=said):
        layers.rows(layers.read_layers(given), (2, 8, 8))


def test_every_layer_has_words():
    network = layers.read_layers(networks.RESNET50)
    assert all(layers.describe(row.layer) for row in layers.rows(network, (3, 224, 224)))
