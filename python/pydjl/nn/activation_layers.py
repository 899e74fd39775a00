"""Layers that apply an activation function: PyTorch's own, with the computation done by DJL.

Arguments and defaults are PyTorch's. What DJL cannot do, such as ``inplace=True``, is refused by
the function, when the layer is applied.
"""

from __future__ import annotations

from torch import Tensor, nn

from pydjl.nn import activation


class ReLU(nn.ReLU):
    """Rectified linear unit, max(x, 0): `torch.nn.ReLU`, computed by DJL.

    Example:
        >>> import torch
        >>> ReLU()(torch.tensor([-1.0, 2.0]))
        tensor([0., 2.])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Apply `relu`."""
        return activation.relu(input, self.inplace)


class ReLU6(nn.ReLU6):
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

    def forward(self, input: Tensor) -> Tensor:
        """Apply `elu`."""
        return activation.elu(input, self.alpha, self.inplace)


class SELU(nn.SELU):
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

    def forward(self, input: Tensor) -> Tensor:
        """Apply `gelu`."""
        return activation.gelu(input, self.approximate)


class SiLU(nn.SiLU):
    """Sigmoid linear unit, which DJL calls Swish: `torch.nn.SiLU`, computed by DJL.

    Example:
        >>> import torch
        >>> SiLU()(torch.tensor([-1.0, 2.0]))
        tensor([-0.2689,  1.7616])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Apply `silu`."""
        return activation.silu(input, self.inplace)


class Mish(nn.Mish):
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


class Softmax(nn.Softmax):
    """Exponentials divided by their sum: `torch.nn.Softmax`, computed by DJL.

    Example:
        >>> import torch
        >>> Softmax(dim=0)(torch.tensor([1.0, 3.0]))
        tensor([0.1192, 0.8808])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Apply `softmax`."""
        return activation.softmax(input, self.dim)


class LogSoftmax(nn.LogSoftmax):
    """The logarithm of exponentials divided by their sum: `torch.nn.LogSoftmax`, computed by DJL.

    Example:
        >>> import torch
        >>> LogSoftmax(dim=0)(torch.tensor([0.0, 0.0]))
        tensor([-0.6931, -0.6931])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Apply `log_softmax`."""
        return activation.log_softmax(input, self.dim)
