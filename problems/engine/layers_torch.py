"""The lists of problems.engine.layers as PyTorch modules, for witnesses alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from problems.engine.layers import Layer

if TYPE_CHECKING:
    import torch


def run(
    layers: Sequence[Layer], image: torch.Tensor
) -> Iterator[tuple[torch.nn.Module, torch.Tensor]]:
    """Build each layer for what it is given, run it, and yield it with its output.

    image (1, channels, height, width), on the device "meta" for shapes without memory. A residual
    block yields the layers of both its paths, and then their sum.
    """
    import torch

    x = image
    for layer in layers:
        if layer.type == "residual":
            ends = []
            for path in (layer.layers, layer.shortcut):
                end = x
                for module, end in run(path, x):
                    yield module, end
                ends.append(end)
            x = ends[0] + ends[1]
            yield torch.nn.Identity(), x
        else:
            module = _module(layer, x)
            x = module(x)
            yield module, x


def _module(layer: Layer, x: torch.Tensor) -> torch.nn.Module:
    from torch import nn

    channels, device = x.shape[1], x.device
    if layer.type == "conv":
        return nn.Conv2d(
            channels,
            layer.channels,
            layer.kernel,
            layer.stride,
            layer.padding,
            layer.dilation,
            layer.groups,
            layer.bias,
            device=device,
        )
    if layer.type == "pool":
        pooling = nn.MaxPool2d if layer.pooling == "max" else nn.AvgPool2d
        return pooling(layer.kernel, layer.stride, layer.padding)
    if layer.type == "norm":
        norm = nn.BatchNorm2d if x.dim() > 2 else nn.BatchNorm1d  # noqa: PLR2004 (a batch of vectors)
        return norm(channels, device=device).eval()
    if layer.type == "linear":
        return nn.Linear(channels, layer.units, bias=layer.bias, device=device)
    if layer.type == "global_pool":
        return nn.AdaptiveAvgPool2d(1)
    return nn.Flatten() if layer.type == "flatten" else nn.ReLU()
