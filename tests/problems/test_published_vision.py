"""Pinned draws of convolutional and other small networks against published or hand-made numbers.

A row is (slug, pins, part, key, source).
"""

import numpy as np
import pytest

from problems.catalog import family

ALEXNET_CONV1 = {
    "height": 227,
    "width": 227,
    "in_channels": 3,
    "out_channels": 96,
    "kernel": 11,
    "stride": 4,
    "padding": 0,
    "groups": 1,
    "unit": "MACs",
}
DCGAN = {
    "height": 4,
    "width": 4,
    "in_channels": 1024,
    "out_channels": 512,
    "kernel": 4,
    "stride": 2,
    "padding": 1,
    "output_padding": 0,
    "dilation": 1,
    "layout": "CHW",
}
VGG_KERNELS = [3, 3, 2, 3, 3, 2, 3, 3, 3, 2, 3, 3, 3, 2, 3, 3, 3, 2]
VGG_STRIDES = [1, 1, 2, 1, 1, 2, 1, 1, 1, 2, 1, 1, 1, 2, 1, 1, 1, 2]
VGG = {"kernels": VGG_KERNELS, "strides": VGG_STRIDES, "dilations": [1] * 18}
ALEXNET_POOL = {
    "height": 55,
    "width": 55,
    "channels": 96,
    "kernel": 3,
    "stride": 2,
    "padding": 0,
    "ceil_mode": False,
    "layout": "HWC",
}
MNIST = {
    "height": 28,
    "width": 28,
    "channels": 1,
    "filters": 32,
    "kernel": 3,
    "pool": 2,
    "units": 128,
    "change": "image",
}
SEPARABLE = {"kernel": 3, "in_channels": 16, "out_channels": 32, "bias": False}
CIFAR = {
    "examples": 50_000,
    "train_percent": 100,
    "batch": 128,
    "drop_last": False,
    "epochs": 10,
}
CONV = {
    "channels": 1,
    "height": 3,
    "width": 3,
    "kernel_height": 2,
    "kernel_width": 2,
    "image": [[[1, 2, 3], [4, 5, 6], [7, 8, 9]]],
    "kernel": [[[1, 0], [0, 2]]],
    "bias": 1,
    "stride": 1,
    "padding": 0,
    "flipped": False,
}
POOL = {
    "height": 4,
    "width": 4,
    "image": [[1, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]],
    "kernel": 2,
    "stride": 2,
    "padding": 0,
}
NETWORK = {
    "inputs": 2,
    "hidden": 2,
    "x": [1, 2],
    "W1": [[1, -1], [0.5, 1]],
    "b1": [0.5, -0.5],
    "activation": "relu",
}
FORWARD = NETWORK | {"outputs": 1, "W2": [[3, 2]], "b2": [1], "output": "none"}
GRADIENT = NETWORK | {"w2": [3, 2], "b2": 1, "target": 4, "half": True}
BOXES = {
    "boxes": 2,
    "left": [0, 1],
    "top": [0, 1],
    "width": [2, 2],
    "height": [2, 2],
    "scores": [0.9, 0.8],
    "threshold": 0.5,
}
RESNET_CONV1 = {
    "length": 224,
    "kernel": 7,
    "stride": 2,
    "dilation": 1,
    "framework": "TensorFlow",
}
PUBLISHED = [
    ("same_padding", RESNET_CONV1, "output", 112, "ResNet's first layer in TensorFlow"),
    ("same_padding", RESNET_CONV1, "padding", (2, 3), "TensorFlow pads 2 before and 3 after"),
    ("iou_nms", BOXES, "iou", 1 / 7, "two 2x2 squares that share one cell"),
    ("iou_nms", BOXES, "kept", 2, "1/7 is not above 0.5"),
    ("mlp_forward", FORWARD, "output", [5], "h = (0, 2), 2 * 2 + 1"),
    ("mlp_gradient", GRADIENT, "w2", [0, 2], "(5 - 4) h"),
    ("mlp_gradient", GRADIENT, "W1", [[0, 0], [2, 4]], "(5 - 4) * 2 * x for the live unit"),
    ("conv_value", CONV, "output", [[12, 15], [21, 24]], "1 + 2 * 5 + 1, ..."),
    ("conv_value", CONV | {"flipped": True}, "output", [[8, 11], [17, 20]], "2 * 1 + 5 + 1, ..."),
    ("pool_value", POOL | {"pooling": "max"}, "output", [[6, 8], [3, 4]], "CS231n's figure"),
    ("pool_value", POOL | {"pooling": "average"}, "output", [[3.25, 5.25], [2, 2]], "by hand"),
    ("pool_out_shape", ALEXNET_POOL, "shape", (27, 27, 96), "AlexNet, first pooling"),
    (
        "pool_out_shape",
        ALEXNET_POOL | {"stride": 3, "ceil_mode": True},
        "shape",
        (19, 19, 96),
        "ceil(52/3) + 1",
    ),
    ("conv_macs", ALEXNET_CONV1, "operations", 105_415_200, "AlexNet, first layer"),
    ("conv_macs", ALEXNET_CONV1, "size", (55, 55), "AlexNet, first layer"),
    ("cnn_vs_mlp", MNIST, "convolution", 320, "the first layer of Keras's MNIST example"),
    ("cnn_vs_mlp", MNIST, "dense", 100_480, "784 * 128 + 128"),
    ("cnn_vs_mlp", MNIST, "changed", "dense", "weights are shared over the image"),
    ("receptive_field", VGG, "field", 212, "VGG-16 up to its last pooling (Araujo et al. 2019)"),
    ("receptive_field", VGG, "jump", 32, "VGG-16, five poolings by 2"),
    ("conv_transpose_shape", DCGAN, "shape", (512, 8, 8), "DCGAN's generator"),
    ("norm_params", {"kind": "batch", "channels": 64}, "trained", 128, "ResNet, first norm"),
    ("norm_params", {"kind": "layer", "channels": 768}, "trained", 1536, "BERT-base"),
    ("depthwise_separable_params", SEPARABLE, "standard", 4608, "3 * 3 * 16 * 32"),
    ("depthwise_separable_params", SEPARABLE, "depthwise", 144, "3 * 3 * 16"),
    ("depthwise_separable_params", SEPARABLE, "pointwise", 512, "16 * 32"),
    ("dataset_split_epochs", CIFAR, "batches", 391, "CIFAR-10 in batches of 128"),
    ("dataset_split_epochs", CIFAR, "last", 80, "50000 - 390 * 128"),
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
        assert np.allclose(drawn.keys[part], key, rtol=0, atol=10**-6)
