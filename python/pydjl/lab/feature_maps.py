"""Feature maps: what a layer of a network answers to a picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from pydjl.errors import ArgumentError, ShapeError
from pydjl.ndarray import NDArray, as_tensor

if TYPE_CHECKING:
    from matplotlib.figure import Figure

RANDOM = "random weights"


@dataclass(frozen=True)
class FeatureMaps:
    """The output of a layer for one picture.

    Attributes:
        maps: ``(C, H, W)``.
        layer: the layer's name; empty for the whole module.
        parameters: how many parameters the layer has.
        weights: where its weights are from.
    """

    maps: Tensor
    layer: str
    parameters: int
    weights: str

    def figure(self, count: int = 16) -> Figure:
        """Draw the first maps on one scale, on which zero is grey; the title tells the weights.

        Raises:
            ArgumentError: the count is less than 1.
        """
        from pydjl.lab import panels  # noqa: PLC0415 - matplotlib is an extra

        if count < 1:
            raise ArgumentError(f"figure: count is {count}, but at least one map is needed.")
        shown = self.maps[:count].cpu().float().numpy()
        figure, axes = panels.panels(len(shown), 4, shown.shape[1:])
        most = panels.largest(shown)
        for channel, (panel, values) in enumerate(zip(axes, shown, strict=False)):
            image = panels.draw(panel, f"Channel {channel}", values, most)
        channels, height, width = self.maps.shape
        source = f"Layer {self.layer}" if self.layer else "Output"
        figure.suptitle(
            f"{source}: {len(shown)} of {channels} feature maps of {height}×{width}, {self.weights}"
        )
        figure.colorbar(image, ax=axes, shrink=0.6, extend="both", label="output of the layer")
        return figure


def feature_maps(
    module: nn.Module,
    picture: Tensor | NDArray,
    layer: str = "",
    *,
    weights: str = RANDOM,
) -> FeatureMaps:
    """Run a network on a picture up to one of its layers, and keep that layer's output.

    The network runs as in evaluation and without gradients, and stops at the layer, so the picture
    need not have the size that later layers need. Its modes stay as they were.

    Args:
        module: of PyTorch, of `pydjl.nn`, or of `pydjl.nn.from_block`; of a DJL block, the layers
            of a ``SequentialBlock`` can be looked at.
        picture: ``(C, H, W)`` or ``(H, W)``, of the module's number of channels, size and range;
            `pydjl.lab.resnet.network_input` makes it for networks for ImageNet.
        layer: the layer's name, as in ``module.named_modules()``; by default the whole module.
        weights: where the weights are from, for the figure, such as what
            `pydjl.lab.weights.load_weights` returns.

    Returns:
        The maps.

    Raises:
        ArgumentError: there is no such layer, or the network does not come by it.
        ShapeError: the picture or the layer's output has other dimensions.
        NotSupportedError: the layer is inside of a Java block that runs as a whole.

    Source: the lecture "Convolution", its feature maps of ResNet-18.

    Example:
        >>> network = nn.Sequential(nn.Conv2d(1, 5, 3), nn.Flatten(), nn.Linear(99, 1))
        >>> found = feature_maps(network, torch.rand(8, 9), "0")
        >>> found.maps.shape, found.parameters, found.weights
        (torch.Size([5, 6, 7]), 50, 'random weights')
    """
    x = as_tensor(picture, "picture")
    if x.dim() not in (2, 3):
        raise ShapeError(
            f"feature_maps: the picture has shape {tuple(x.shape)}, but (C, H, W) or (H, W) is "
            "needed.",
            tuple(x.shape),
        )
    target = _layer(module, layer)
    output = _output_of(module, target, x[None] if x.dim() == 3 else x[None, None])
    if output is None:
        raise ArgumentError(f"feature_maps: the network does not run its layer {layer!r}.")
    if not isinstance(output, Tensor) or output.dim() != 4:
        shape = tuple(output.shape) if isinstance(output, Tensor) else type(output).__name__
        raise ShapeError(
            f"feature_maps: layer {layer!r} gives {shape}, but maps have the shape (1, C, H, W): "
            "choose a convolution or what follows one."
        )
    count = sum(parameter.numel() for parameter in target.parameters())
    return FeatureMaps(output[0].detach(), layer, count, weights)


class _Reached(Exception):  # noqa: N818 - it is no error: nothing after the layer is needed
    """The layer has run."""


def _layer(module: nn.Module, name: str) -> nn.Module:
    try:
        return module.get_submodule(name)
    except AttributeError as exc:
        names = [known for known, _ in module.named_modules() if known]
        listed = ", ".join(names[:20]) + (", ..." if len(names) > 20 else "")
        raise ArgumentError(
            f"feature_maps: there is no layer {name!r}; there are: {listed or 'none'}."
        ) from exc


def _output_of(module: nn.Module, target: nn.Module, batch: Tensor) -> Any:
    """The first output of a layer, when the module runs on a batch; None if it does not run."""
    found: list[Any] = []

    def keep(_module: nn.Module, _inputs: Any, output: Any) -> None:
        found.append(output)
        raise _Reached

    modes = [(each, each.training) for each in module.modules()]
    hook = target.register_forward_hook(keep)
    try:
        module.eval()
        with torch.no_grad():
            module(batch)
    except _Reached:
        pass
    finally:
        hook.remove()
        for each, mode in modes:
            each.training = mode
    return found[0] if found else None
