"""Layers that apply an activation function: PyTorch's own, with the computation done by DJL.

Arguments and defaults are PyTorch's. What the function would refuse for any input, such as
``inplace=True``, which DJL cannot do, is refused when the layer is made.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from pydjl.ndarray.numbers import real_number
from pydjl.nn import activation
from pydjl.nn.activation_arguments import check_approximation, dimension, scale_and_limit
from pydjl.nn.arguments import refuse_in_place, whole
from pydjl.nn.layer_arguments import check_place, torch_makes


class _NotInPlace(nn.Module):
    """What the layers share that PyTorch could apply in place."""

    def __init__(self, inplace: bool = False) -> None:
        refuse_in_place(type(self).__name__, inplace)
        super().__init__(inplace)


class _Along(nn.Module):
    """What the layers share that work along a dimension."""

    def __init__(self, dim: int | None = None) -> None:
        dimension(type(self).__name__, dim)
        super().__init__(dim)


class ReLU(_NotInPlace, nn.ReLU):
    """Rectified linear unit, max(x, 0): `torch.nn.ReLU`, computed by DJL.

    Example:
        >>> import torch
        >>> ReLU()(torch.tensor([-1.0, 2.0]))
        tensor([0., 2.])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Apply `relu`."""
        return activation.relu(input, self.inplace)


class ReLU6(_NotInPlace, nn.ReLU6):
    """Rectified linear unit up to 6: `torch.nn.ReLU6`, computed by DJL.

    Example:
        >>> import torch
        >>> ReLU6()(torch.tensor([-1.0, 9.0]))
        tensor([0., 6.])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Apply `relu6`."""
        return activation.relu6(input, self.inplace)


class LeakyReLU(nn.LeakyReLU):
    """Let a share of negative numbers through: `torch.nn.LeakyReLU`, computed by DJL.

    Example:
        >>> import torch
        >>> LeakyReLU(0.5)(torch.tensor([-1.0, 2.0]))
        tensor([-0.5000,  2.0000])
    """

    def __init__(self, negative_slope: float = 1e-2, inplace: bool = False) -> None:
        refuse_in_place("LeakyReLU", inplace)
        real_number("LeakyReLU: negative_slope", negative_slope)
        super().__init__(negative_slope, inplace)

    def forward(self, input: Tensor) -> Tensor:
        """Apply `leaky_relu`."""
        return activation.leaky_relu(input, self.negative_slope, self.inplace)


class PReLU(nn.PReLU):
    """Let a learned share of negative numbers through: `torch.nn.PReLU`, computed by DJL.

    Example:
        >>> import torch
        >>> PReLU(init=0.5)(torch.tensor([-1.0, 2.0]))
        tensor([-0.5000,  2.0000], grad_fn=<WhereBackward0>)
    """

    def __init__(
        self,
        num_parameters: int = 1,
        init: float = 0.25,
        device: Any = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        whole("PReLU: num_parameters", num_parameters, least=0)
        real_number("PReLU: init", init)
        check_place("PReLU", device, dtype)
        with torch_makes("PReLU"):
            super().__init__(num_parameters, init, device, dtype)

    def forward(self, input: Tensor) -> Tensor:
        """Apply `prelu`."""
        return activation.prelu(input, self.weight)


class ELU(nn.ELU):
    """Exponential linear unit: `torch.nn.ELU`, computed by DJL.

    Example:
        >>> import torch
        >>> ELU()(torch.tensor([-1.0, 2.0]))
        tensor([-0.6321,  2.0000])
    """

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        refuse_in_place("ELU", inplace)
        real_number("ELU: alpha", alpha)
        super().__init__(alpha, inplace)

    def forward(self, input: Tensor) -> Tensor:
        """Apply `elu`."""
        return activation.elu(input, self.alpha, self.inplace)


class SELU(_NotInPlace, nn.SELU):
    """Scaled exponential linear unit: `torch.nn.SELU`, computed by DJL.

    Example:
        >>> import torch
        >>> SELU()(torch.tensor([-1.0, 2.0]))
        tensor([-1.1113,  2.1014])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Apply `selu`."""
        return activation.selu(input, self.inplace)


class GELU(nn.GELU):
    """Gaussian error linear unit: `torch.nn.GELU`, computed by DJL.

    Example:
        >>> import torch
        >>> GELU()(torch.tensor([-1.0, 2.0]))
        tensor([-0.1587,  1.9545])
    """

    def __init__(self, approximate: str = "none") -> None:
        check_approximation("GELU", approximate)
        super().__init__(approximate)

    def forward(self, input: Tensor) -> Tensor:
        """Apply `gelu`."""
        return activation.gelu(input, self.approximate)


class SiLU(_NotInPlace, nn.SiLU):
    """Sigmoid linear unit, which DJL calls Swish: `torch.nn.SiLU`, computed by DJL.

    Example:
        >>> import torch
        >>> SiLU()(torch.tensor([-1.0, 2.0]))
        tensor([-0.2689,  1.7616])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Apply `silu`."""
        return activation.silu(input, self.inplace)


class Mish(_NotInPlace, nn.Mish):
    """Mish, x tanh(ln(1 + exp x)): `torch.nn.Mish`, computed by DJL.

    Example:
        >>> import torch
        >>> Mish()(torch.tensor([-1.0, 2.0]))
        tensor([-0.3034,  1.9440])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Apply `mish`."""
        return activation.mish(input, self.inplace)


class Sigmoid(nn.Sigmoid):
    """Logistic function: `torch.nn.Sigmoid`, computed by DJL.

    Example:
        >>> import torch
        >>> Sigmoid()(torch.tensor([0.0, 2.0]))
        tensor([0.5000, 0.8808])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Apply `sigmoid`."""
        return activation.sigmoid(input)


class Tanh(nn.Tanh):
    """Hyperbolic tangent: `torch.nn.Tanh`, computed by DJL.

    Example:
        >>> import torch
        >>> Tanh()(torch.tensor([0.0, 2.0]))
        tensor([0.0000, 0.9640])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Apply `tanh`."""
        return activation.tanh(input)


class Softplus(nn.Softplus):
    """A smooth max(x, 0): `torch.nn.Softplus`, computed by DJL.

    Example:
        >>> import torch
        >>> Softplus()(torch.tensor([-1.0, 2.0]))
        tensor([0.3133, 2.1269])
    """

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        scale_and_limit("Softplus", beta, threshold)
        super().__init__(beta, threshold)

    def forward(self, input: Tensor) -> Tensor:
        """Apply `softplus`."""
        return activation.softplus(input, self.beta, self.threshold)


class Softsign(nn.Softsign):
    """Softsign, x / (1 + |x|): `torch.nn.Softsign`, computed by DJL.

    Example:
        >>> import torch
        >>> Softsign()(torch.tensor([-1.0, 3.0]))
        tensor([-0.5000,  0.7500])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Apply `softsign`."""
        return activation.softsign(input)


class Softmax(_Along, nn.Softmax):
    """Exponentials divided by their sum: `torch.nn.Softmax`, computed by DJL.

    Example:
        >>> import torch
        >>> Softmax(dim=0)(torch.tensor([1.0, 3.0]))
        tensor([0.1192, 0.8808])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Apply `softmax`."""
        return activation.softmax(input, self.dim)


class LogSoftmax(_Along, nn.LogSoftmax):
    """The logarithm of exponentials divided by their sum: `torch.nn.LogSoftmax`, computed by DJL.

    Example:
        >>> import torch
        >>> LogSoftmax(dim=0)(torch.tensor([0.0, 0.0]))
        tensor([-0.6931, -0.6931])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Apply `log_softmax`."""
        return activation.log_softmax(input, self.dim)
