"""The first layers of ResNet-18, in Java and in PyTorch, and the input that they were made for."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn

from pydjl.errors import ShapeError
from pydjl.lab.feature_maps import RANDOM, FeatureMaps, feature_maps
from pydjl.nn import BlockModule, from_block
from pydjl.runtime import java_class

# The layers of the Java stem, which are numbered, by their names in PyTorch's ResNet.
NAMES = {"0": "conv1", "1": "bn1", "2": "relu", "3": "maxpool"}

_SIDE = 224
# Of ImageNet's red, green and blue.
_MEAN = (0.485, 0.456, 0.406)
_DEVIATION = (0.229, 0.224, 0.225)


def torch_stem() -> nn.Sequential:
    """ResNet-18 up to its first pooling, in PyTorch, with random weights.

    A cross-correlation with 64 kernels of 7×7, stride 2 and padding 3 without bias, batch
    normalisation, ReLU, max pooling of 3×3 with stride 2 and padding 1. The names are those of
    PyTorch's ResNet, so weights in its files fit.

    Returns:
        A module from ``(N, 3, H, W)`` to ``(N, 64, H / 4, W / 4)``, rounded up.

    Source: He, Zhang, Ren, Sun, "Deep Residual Learning for Image Recognition", table 1.

    Example:
        >>> stem = torch_stem()
        >>> stem.conv1.weight.numel()
        9408
    """
    # DJL keeps the small number of a normalisation in float32; PyTorch's own is 2e-13 larger.
    epsilon = float(np.float32(1e-5))
    return nn.Sequential(
        OrderedDict(
            conv1=nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False),
            bn1=nn.BatchNorm2d(64, eps=epsilon),
            relu=nn.ReLU(),
            maxpool=nn.MaxPool2d(3, stride=2, padding=1),
        )
    )


def java_stem(twin: nn.Module | None = None) -> BlockModule:
    """The same layers as a DJL block; `NAMES` tells how its layers are called in PyTorch.

    Args:
        twin: a module of `torch_stem`'s names whose weights are copied; without it, they are
            random, by DJL's initializers.

    Returns:
        The block as a module, initialized.

    Example:
        >>> java_stem()(torch.ones(1, 3, 20, 30)).shape
        torch.Size([1, 64, 5, 8])
    """
    stem = cast("BlockModule", from_block(_make_block))
    stem.initialize(torch.empty(1, 3, _SIDE, _SIDE))
    if twin is not None:
        theirs = twin.state_dict()
        ours = {}
        for key in stem.state_dict():
            owner, _, last = key.rpartition(".")
            ours[key] = theirs[f"{NAMES[owner]}.{last}"]
        stem.load_state_dict(ours)
    return stem


def first_layer_maps(stem: BlockModule, picture: Tensor, weights: str = RANDOM) -> FeatureMaps:
    """What the first layer of a Java stem answers to a picture, under the layer's name in PyTorch.

    Args:
        stem: made by `java_stem`.
        picture: made by `network_input`.
        weights: where the weights are from, for the figure.

    Returns:
        The maps, ``(64, 112, 112)``.

    Example:
        >>> maps = first_layer_maps(java_stem(), torch.ones(3, 224, 224))
        >>> tuple(maps.maps.shape), maps.layer
        ((64, 112, 112), 'conv1 of ResNet-18, by DJL')
    """
    first = next(iter(NAMES))
    found = feature_maps(stem, picture, first, weights=weights)
    return replace(found, layer=f"{NAMES[first]} of ResNet-18, by DJL")


def network_input(picture: Tensor) -> Tensor:
    """Make a picture what networks for ImageNet take: 224×224, three channels, normalised.

    Args:
        picture: ``(H, W)`` or ``(3, H, W)``, from 0 to 1.

    Returns:
        ``(3, 224, 224)``: resized with antialiasing, less ImageNet's mean, divided by its standard
        deviation, for each channel.

    Raises:
        ShapeError: the picture has other dimensions.

    Example:
        >>> network_input(torch.full((3, 300, 200), 0.485))[0].abs().max() < 1e-6
        tensor(True)
    """
    if picture.dim() == 2:
        picture = picture.expand(3, *picture.shape)
    if picture.dim() != 3 or picture.shape[0] != 3 or 0 in picture.shape:
        raise ShapeError(
            f"network_input: the picture has shape {tuple(picture.shape)}, but (3, H, W) or (H, W) "
            "is needed.",
            tuple(picture.shape),
        )
    resized: Tensor = nn.functional.interpolate(
        picture[None], (_SIDE, _SIDE), mode="bilinear", antialias=True
    )[0]
    mean, deviation = (
        torch.tensor(each)[:, None, None].to(resized) for each in (_MEAN, _DEVIATION)
    )
    normalised: Tensor = (resized - mean) / deviation
    return normalised


def _make_block() -> Any:
    return java_class("org.pydjl.bridge.Stems").resNet()
