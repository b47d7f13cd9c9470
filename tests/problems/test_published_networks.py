"""Whole networks and the last families by pins against published or hand-made numbers.

A row is (slug, pins, part, key, source).
"""

import networks
import numpy as np
import pytest

from problems.catalog import family

LENET5 = networks.MNIST | {"layers": networks.LENET5_WHOLE}
ALEXNET = networks.IMAGENET | {"layers": networks.ALEXNET_WHOLE}
VGG16 = networks.IMAGENET | {"layers": networks.VGG16_WHOLE}
RESNET18 = networks.IMAGENET | {"layers": networks.RESNET18}
RESNET50 = networks.IMAGENET | {"layers": networks.RESNET50}
CHAIN = {"layout": "CHW"}
LENET5_MAPS = networks.MNIST | CHAIN | {"layers": [*networks.LENET5, networks.FLATTEN]}
ALEXNET_MAPS = networks.IMAGENET | CHAIN | {"layers": networks.ALEXNET}
VGG16_MAPS = networks.IMAGENET | CHAIN | {"layers": networks.VGG16}
VGG16_MEMORY = VGG16 | {"batch": 1, "dtype": "float32", "backward": False, "unit": "MB"}
# Two maps of 64 and of 128, then three of 256, of 512 and of 512, each group pooled.
VGG16_ACTIVATIONS = (
    3 * 224**2
    + (2 * 64 * 224**2 + 64 * 112**2)
    + (2 * 128 * 112**2 + 128 * 56**2)
    + (3 * 256 * 56**2 + 256 * 28**2)
    + (3 * 512 * 28**2 + 512 * 14**2)
    + (3 * 512 * 14**2 + 512 * 7**2)
    + (4096 + 4096 + 1000)
)
INCEPTION = {
    "height": 28,
    "width": 28,
    "in_channels": 192,
    "reduced": 16,
    "kernel": 5,
    "out_channels": 32,
    "expand": 0,
    "unit": "MACs",
}
BOTTLENECK = INCEPTION | {
    "height": 56,
    "width": 56,
    "in_channels": 256,
    "reduced": 64,
    "kernel": 3,
    "out_channels": 64,
    "expand": 256,
}
SIGMOID = {
    "expression": "1 / (1 + exp(-(w0 * x0 + w1 * x1 + w2)))",
    "at": [2, -1, -3, -2, -3],
}
GATES = {"expression": "(x + y) * z", "at": [-2, 5, -4]}
AND = {"inputs": 2, "w": [1, 1], "b": -1.5, "fires": "z > 0", "coding": "0 and 1"}
TRANSPOSED = {
    "height": 2,
    "width": 2,
    "kernel_height": 2,
    "kernel_width": 2,
    "image": [[0, 1], [2, 3]],
    "kernel": [[0, 1], [2, 3]],
    "bias": 0,
    "padding": 0,
}
# One in 100 has the disease; the test finds 80 % of them, and 9.6 % of the others.
MAMMOGRAPHY = {
    "rows": 2,
    "columns": 2,
    "counts": [[800, 200], [9504, 89_496]],
    "told": "shares",
    "row": 1,
    "column": 1,
    "given": "Y",
}
TOEPLITZ = {
    "rows": 1,
    "columns": 5,
    "kernel_rows": 1,
    "kernel_columns": 3,
    "kernel": [[-1, 4, -2]],
    "outputs": "same",
    "flipped": True,
}
PUBLISHED = [
    (
        "conv_transpose_value",
        TRANSPOSED | {"stride": 1},
        "output",
        [[0, 0, 1], [0, 4, 6], [4, 12, 9]],
        "Dive into Deep Learning",
    ),
    (
        "conv_transpose_value",
        TRANSPOSED | {"stride": 2},
        "output",
        [[0, 0, 0, 1], [0, 0, 2, 3], [0, 2, 0, 3], [4, 6, 6, 9]],
        "Dive into Deep Learning",
    ),
    (
        "conv_transpose_value",
        TRANSPOSED | {"stride": 1, "padding": 1},
        "output",
        [[4]],
        "Dive into Deep Learning",
    ),
    ("conditional_probability", MAMMOGRAPHY, "conditional", 800 / 10_304, "Eddy 1982: 7.8 %"),
    ("conditional_probability", MAMMOGRAPHY, "joint", 0.008, "1 % of 80 %"),
    ("conv_as_matrix", TOEPLITZ, "shape", (5, 5), "SciPy's manual, convolution_matrix"),
    ("conv_as_matrix", TOEPLITZ, "first", [4, -1, 0, 0, 0], "SciPy's manual"),
    ("conv_as_matrix", TOEPLITZ, "last", [0, 0, 0, -2, 4], "SciPy's manual"),
    ("backprop_scalar_graph", GATES, "gradient", [-4, -4, 3], "CS231n, the first graph"),
    # sigma(1) (1 - sigma(1)) = 0.19661193, times (x0, w0, x1, w1, 1) in the order of the inputs
    (
        "backprop_scalar_graph",
        SIGMOID,
        "gradient",
        0.19661193324148185 * np.array([-1, 2, -2, -3, 1]),
        "CS231n, the sigmoid neuron",
    ),
    (
        "broadcast_matmul_shape",
        {"operation": "add", "a": [8, 1, 6, 1], "b": [7, 1, 5]},
        "shape",
        (8, 7, 6, 5),
        "NumPy's user guide",
    ),
    (
        "broadcast_matmul_shape",
        {"operation": "multiply", "a": [2, 1], "b": [8, 4, 3]},
        "works",
        False,
        "NumPy's user guide",
    ),
    (
        "broadcast_matmul_shape",
        {"operation": "matmul", "a": [10, 3, 4], "b": [4, 5]},
        "shape",
        (10, 3, 5),
        "torch.matmul's manual",
    ),
    ("perceptron_logic", AND | {"target": [0, 1, 1, 0]}, "outputs", [0, 0, 0, 1], "AND"),
    ("perceptron_logic", AND | {"target": [0, 1, 1, 0]}, "possible", False, "XOR (Minsky, Papert)"),
    ("perceptron_logic", AND | {"target": [1, 1, 1, 0]}, "possible", True, "NAND"),
    ("conv_chain_shape", LENET5_MAPS, "shape", (16, 5, 5), "LeCun et al. 1998"),
    ("conv_chain_shape", LENET5_MAPS, "flat", 400, "LeNet-5, inputs of the first dense layer"),
    ("conv_chain_shape", ALEXNET_MAPS, "shape", (256, 6, 6), "Krizhevsky 2014"),
    ("conv_chain_shape", ALEXNET_MAPS, "flat", 9216, "AlexNet, inputs of fc6"),
    ("conv_chain_shape", VGG16_MAPS, "shape", (512, 7, 7), "Simonyan & Zisserman 2015"),
    ("conv_chain_shape", VGG16_MAPS, "flat", 25_088, "VGG-16, inputs of fc6"),
    ("network_params", LENET5, "total", 61_706, "LeNet-5, all maps connected"),
    ("network_params", ALEXNET, "total", 61_100_840, "torchvision's AlexNet"),
    ("network_params", VGG16, "total", 138_357_544, "torchvision's VGG-16"),
    ("network_params", VGG16, "features", 14_714_688, "Keras's VGG-16 without its top"),
    ("network_params", RESNET18, "total", 11_689_512, "torchvision's ResNet-18"),
    ("network_params", RESNET50, "total", 25_557_032, "torchvision's ResNet-50"),
    ("activation_memory", VGG16_MEMORY, "numbers", VGG16_ACTIVATIONS, "layer by layer"),
    ("activation_memory", VGG16_MEMORY, "memory", 4e-6 * VGG16_ACTIVATIONS, "4 bytes each"),
    ("inception_bottleneck_macs", INCEPTION, "direct", 120_422_400, "Ng's course: 120 million"),
    ("inception_bottleneck_macs", INCEPTION, "bottleneck", 12_443_648, "Ng's course: 12.4 million"),
    ("inception_bottleneck_macs", BOTTLENECK, "bottleneck", 218_365_952, "ResNet-50: 3136 * 69632"),
]


@pytest.mark.parametrize(
    ("slug", "pins", "part", "key"),
    [row[:4] for row in PUBLISHED],
    ids=[f"{row[0]}-{row[2]}-{row[4]}" for row in PUBLISHED],
)
def test_a_pinned_draw_has_the_published_key(slug, pins, part, key):
    drawn = family(slug).variant(0, pins)
    if isinstance(key, str):
        assert drawn.keys[part] == key
    else:
        assert np.allclose(drawn.keys[part], key, rtol=1e-12, atol=1e-9)
