"""Published networks as lists of layers, as an instructor pins them."""


def conv(channels, kernel, **settings):
    return {"type": "conv", "channels": channels, "kernel": kernel} | settings


def pool(kernel, stride=None, **settings):
    return {"type": "pool", "kernel": kernel, "stride": stride or kernel} | settings


def linear(units):
    return {"type": "linear", "units": units}


FLATTEN, NORM, RELU = {"type": "flatten"}, {"type": "norm"}, {"type": "relu"}
GLOBAL_POOL = {"type": "global_pool"}


def head(*widths):
    return [FLATTEN, *(linear(width) for width in widths)]


# LeCun et al. 1998, with every map of the third layer connected to every one of the second.
LENET5 = [conv(6, 5), pool(2, pooling="average"), conv(16, 5), pool(2, pooling="average")]
LENET5_WHOLE = [*LENET5, *head(120, 84, 10)]

# "One weird trick" (Krizhevsky 2014), the AlexNet of torchvision.
ALEXNET = [
    *(conv(64, 11, stride=4, padding=2), pool(3, 2)),
    *(conv(192, 5, padding=2), pool(3, 2)),
    *(conv(width, 3, padding=1) for width in (384, 256, 256)),
    pool(3, 2),
]
ALEXNET_WHOLE = [*ALEXNET, *head(4096, 4096, 1000)]

VGG16 = [
    layer
    for width, depth in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))
    for layer in (conv(width, 3, padding=1, repeat=depth), pool(2))
]
VGG16_WHOLE = [*VGG16, *head(4096, 4096, 1000)]


def _normed(channels, kernel, **settings):
    return [conv(channels, kernel, bias=False, **settings), NORM]


def _residual(main, shortcut=()):
    return {"type": "residual", "layers": main, "shortcut": list(shortcut)}


def _basic(width, stride):
    main = [*_normed(width, 3, stride=stride, padding=1), RELU, *_normed(width, 3, padding=1)]
    return _residual(main, _normed(width, 1, stride=stride) if stride > 1 else ())


def _bottleneck(width, stride, *, projected):
    main = [
        *(*_normed(width, 1), RELU, *_normed(width, 3, stride=stride, padding=1), RELU),
        *_normed(4 * width, 1),
    ]
    return _residual(main, _normed(4 * width, 1, stride=stride) if projected else ())


_STEM = [*_normed(64, 7, stride=2, padding=3), RELU, pool(3, 2, padding=1)]
RESNET18 = [
    *_STEM,
    *(_basic(64, 1) | {"repeat": 2}, _basic(128, 2), _basic(128, 1)),
    *(_basic(256, 2), _basic(256, 1), _basic(512, 2), _basic(512, 1)),
    *(GLOBAL_POOL, *head(1000)),
]
RESNET50 = [
    *_STEM,
    *(
        block
        for width, stride, depth in ((64, 1, 3), (128, 2, 4), (256, 2, 6), (512, 2, 3))
        for block in (
            _bottleneck(width, stride, projected=True),
            _bottleneck(width, 1, projected=False) | {"repeat": depth - 1},
        )
    ),
    *(GLOBAL_POOL, *head(1000)),
]
IMAGENET = {"in_channels": 3, "height": 224, "width": 224}
MNIST = {"in_channels": 1, "height": 32, "width": 32}
