"""DJL's optimizers as torch optimizers: schedulers, `zero_grad`, `state_dict` and hooks just work.

DJL's PyTorch engine implements `Sgd`, `Adam` and `AdamW`; of DJL's other optimizers (RmsProp,
Adagrad, Adadelta, Nag) it says itself that it does not.
"""

from __future__ import annotations

from typing import Any

from torch.optim.optimizer import ParamsT

from pydjl.training.djl_optimizer import DjlOptimizer

__all__ = ["Adam", "AdamW", "DjlOptimizer", "Sgd"]


class Sgd(DjlOptimizer):
    """Stochastic gradient descent with momentum, by DJL.

    With the gradient g of `DjlOptimizer`, the weights w and the velocity v::

        v = momentum * v + lr * (g + weight_decay * w)
        w = w - v

    `torch.optim.SGD` has the rate outside of the velocity (``v = momentum * v + g + ...``,
    ``w = w - lr * v``): the same as long as the rate does not change. After a change, DJL's old
    velocity goes on at the old rate. DJL has neither dampening nor Nesterov's variant.

    Args:
        params: parameters, or groups of them as in torch.
        lr: the learning rate.
        momentum: the part of the velocity that is kept.
        weight_decay: the factor of the weights that is added to the gradient.
        rescale_grad: the factor of the gradient.
        clip_grad: the greatest value of a gradient's element; None for none.

    Raises:
        ArgumentError: a number is not one that can be used.
        ArgumentTypeError: it is no number.

    Example:
        >>> import torch
        >>> w = torch.tensor([1.0, 2.0], requires_grad=True)
        >>> optimizer = Sgd([w], lr=0.5)
        >>> (w * w).sum().backward()
        >>> optimizer.step()
        >>> w.detach()
        tensor([0., 0.])
    """

    _factory = "sgd"
    _options = ("momentum", "weight_decay", "rescale_grad", "clip_grad")

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-3,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
        rescale_grad: float = 1.0,
        clip_grad: float | None = None,
    ) -> None:
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "weight_decay": weight_decay,
            "rescale_grad": rescale_grad,
            "clip_grad": clip_grad,
        }
        super().__init__(params, defaults)

    def _state_names(self, group: dict[str, Any]) -> tuple[str, ...]:
        # Not torch's name: torch's momentum_buffer is without the rate.
        return ("velocity",) if group["momentum"] else ()


class Adam(DjlOptimizer):
    """Adam, by DJL.

    With the gradient g of `DjlOptimizer`, the weights w, the averages m and v, and the number t
    of updates::

        g = g + weight_decay * w
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g * g
        w = w - lr * sqrt(1 - beta2**t) / (1 - beta1**t) * m / (sqrt(v) + eps)

    `torch.optim.Adam` corrects v before it adds eps, ``m / (sqrt(v / (1 - beta2**t)) + eps)``: in
    DJL's first step eps weighs 32 times as much (for beta2 = 0.999), after some thousand as much
    as in torch. DJL computes ``1 - beta2`` in float32, 0.00099998713. It counts t for a group, not
    for each parameter: one that gets its first gradient late is corrected as little as the others.

    Args:
        params: parameters, or groups of them as in torch.
        lr: the learning rate.
        betas: the parts of the averages that are kept.
        eps: what is added to the root.
        weight_decay: the factor of the weights that is added to the gradient.
        rescale_grad: the factor of the gradient.
        clip_grad: the greatest value of a gradient's element; None for none.

    Raises:
        ArgumentError: a number is not one that can be used.
        ArgumentTypeError: it is no number.

    Example:
        >>> import torch
        >>> w = torch.tensor([1.0, -2.0], requires_grad=True)
        >>> optimizer = Adam([w], lr=0.25)
        >>> (w * w).sum().backward()
        >>> optimizer.step()
        >>> w.detach()
        tensor([ 0.7500, -1.7500])
    """

    _factory = "adam"
    _options = ("betas", "eps", "weight_decay", "rescale_grad", "clip_grad")

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        rescale_grad: float = 1.0,
        clip_grad: float | None = None,
    ) -> None:
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "rescale_grad": rescale_grad,
            "clip_grad": clip_grad,
        }
        super().__init__(params, defaults)

    def _state_names(self, group: dict[str, Any]) -> tuple[str, ...]:
        return ("exp_avg", "exp_avg_sq")


class AdamW(Adam):
    """Adam with decoupled weight decay, by DJL.

    As `Adam`, but for the decay, which does not go through the averages::

        w = w - lr * weight_decay * w
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g * g
        w = w - lr * sqrt(1 - beta2**t) / (1 - beta1**t) * m / (sqrt(v) + eps)

    `torch.optim.AdamW` differs from it as `torch.optim.Adam` does from `Adam`.

    Args:
        params: parameters, or groups of them as in torch.
        lr: the learning rate.
        betas: the parts of the averages that are kept.
        eps: what is added to the root.
        weight_decay: the part of the weights, times the rate, that is taken off in each step.
        rescale_grad: the factor of the gradient.
        clip_grad: the greatest value of a gradient's element; None for none.

    Raises:
        ArgumentError: a number is not one that can be used.
        ArgumentTypeError: it is no number.

    Example:
        >>> import torch
        >>> w = torch.tensor([1.0, -2.0], requires_grad=True)
        >>> optimizer = AdamW([w], lr=0.25, weight_decay=0.5)
        >>> (w * w).sum().backward()
        >>> optimizer.step()
        >>> w.detach()
        tensor([ 0.6250, -1.5000])
    """

    _factory = "adamW"
    _always = ("decoupled_weight_decay",)

    def __init__(
        self,
        params: ParamsT,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.01,
        rescale_grad: float = 1.0,
        clip_grad: float | None = None,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay, rescale_grad, clip_grad)
