"""The chapter in JAX and Flax: the operator, the layer, and learning the kernel.

JAX and Flax are imported when a function here is called, because few who check DJL need them.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from pydjl.errors import NotSupportedError, ShapeError
from pydjl.reference._checks import (
    SquaredError,
    check_loss,
    check_schedule,
    checked_kernel_shape,
    corr2d_output_shape,
)
from pydjl.reference._learning import LearnedKernel, check_data


def corr2d_flax(X: Any, K: Any) -> Any:
    """Computes the two-dimensional cross-correlation of ``X`` with ``K`` in JAX, cell by cell.

    ``Y[i, j]`` is the sum of the products of the window of ``X`` at ``(i, j)`` with ``K``, which
    is not flipped. JAX can differentiate and compile it.

    Args:
        X: the input, shape ``(H, W)``; anything that JAX reads as an array.
        K: the kernel, shape ``(h, w)`` with ``h <= H`` and ``w <= W``.

    Returns:
        The output as a JAX array, shape ``(H - h + 1, W - w + 1)``.

    Raises:
        ShapeError: ``X`` or ``K`` is not a matrix, or ``K`` is empty or larger than ``X``.
        NotSupportedError: JAX is not installed.

    Source: "Dive into Deep Learning", JAX edition, 2-D cross-correlation.

    Example:
        >>> X, K = np.arange(9.0).reshape(3, 3), np.arange(4.0).reshape(2, 2)
        >>> corr2d_flax(X, K).tolist()                 # doctest: +SKIP
        [[19.0, 25.0], [37.0, 43.0]]
    """
    jnp = _imported("jax.numpy")
    X, K = jnp.asarray(X), jnp.asarray(K)
    rows, columns = corr2d_output_shape(X.shape, K.shape)
    h, w = K.shape
    return jnp.stack(
        [
            jnp.stack([(X[i : i + h, j : j + w] * K).sum() for j in range(columns)])
            for i in range(rows)
        ]
    )


def flax_layer(kernel_shape: tuple[int, int]) -> Any:
    """Makes the chapter's layer as a Flax module: `corr2d_flax` plus a scalar bias.

    The parameters are ``w`` of shape ``(h, w)``, which starts uniform in [0, 0.01), and ``b`` of
    shape ``(1,)``, which starts at 0: Flax's ``uniform()`` and ``zeros``.

    Args:
        kernel_shape: height and width of the kernel, ``(h, w)``.

    Returns:
        A ``flax.linen.Module`` whose input has shape ``(H, W)``.

    Raises:
        ShapeError: the kernel's shape is not a height and a width of at least 1.
        NotSupportedError: Flax is not installed.

    Source: "Dive into Deep Learning", JAX edition, "A conv layer is corr2d + bias".

    Example:
        >>> layer = flax_layer((3, 3))                           # doctest: +SKIP
        >>> parameters = layer.init(jax.random.key(0), np.ones((6, 8)))   # doctest: +SKIP
        >>> parameters["params"]["w"].size + parameters["params"]["b"].size   # doctest: +SKIP
        10
    """
    shape = checked_kernel_shape(kernel_shape)
    nn = _imported("flax.linen")

    class Conv2D(nn.Module):  # type: ignore[misc, name-defined]
        """A cross-correlation with one kernel, plus a bias."""

        kernel_size: tuple[int, int]

        @nn.compact  # type: ignore[untyped-decorator]
        def __call__(self, x: Any) -> Any:
            weight = self.param("w", nn.initializers.uniform(), self.kernel_size)
            bias = self.param("b", nn.initializers.zeros, (1,))
            return corr2d_flax(x, weight) + bias

    return Conv2D(shape)


def learn_kernel_flax(
    X: torch.Tensor,
    Y: torch.Tensor,
    kernel_shape: tuple[int, int] = (1, 2),
    lr: float = 0.03,
    steps: int = 10,
    initial: torch.Tensor | None = None,
    *,
    accumulate: bool = False,
    loss: SquaredError = "sum",
    bias: float | None = None,
) -> LearnedKernel:
    """Learns the kernel whose cross-correlation with ``X`` is ``Y``, with Flax's ``nn.Conv``.

    As `learn_kernel`, with another library's convolution, gradients and order of sums, and with
    the rate and the loss of the JAX edition: the sum of the squared differences. It runs on the
    CPU, and JAX's settings stay as they are.

    Args:
        X: the input, shape ``(H, W)``, float32 or float64.
        Y: the wanted output, shape ``(H - h + 1, W - w + 1)``, of the dtype of ``X``.
        kernel_shape: height and width of the kernel, ``(h, w)``.
        lr: the learning rate, positive.
        steps: the number of updates, at least 0.
        initial: the kernel to start from, shape ``(h, w)``; without it one is drawn from
            N(0, 0.01²) with torch's generator. It is not modified.
        accumulate: whether the gradients of all steps add up.
        loss: ``"sum"``, the sum of the squared differences, or ``"mean_of_halves"``, the mean of
            half of them.
        bias: the bias to start from, if one is to be learned too.

    Returns:
        The losses, the learned kernel and the way to it, as torch tensors.

    Raises:
        ShapeError: the shapes of ``X``, ``Y``, ``kernel_shape`` and ``initial`` do not fit
            together.
        DtypeError: ``X`` and ``Y`` are not both float32 or both float64.
        ArgumentError: ``lr`` is not positive and finite, ``steps`` is negative, or the loss is
            neither of the two.
        NotSupportedError: Flax is not installed.

    Source: "Dive into Deep Learning", JAX edition, "Learning the kernel".

    Example:
        >>> from pydjl.reference import corr2d, edge_image, edge_kernel
        >>> X, start = edge_image(), torch.tensor([[0.0079916, 0.0238817]])
        >>> learned = learn_kernel_flax(                         # doctest: +SKIP
        ...     X, corr2d(X, edge_kernel()), initial=start)
        >>> [round(loss, 3) for loss in learned.losses[1::2]]    # doctest: +SKIP
        [5.003, 0.842, 0.142, 0.024, 0.004]
    """
    shape = checked_kernel_shape(kernel_shape)
    check_data(X, Y, shape)
    check_schedule(lr, steps)
    check_loss(loss)
    if initial is None:
        initial = torch.normal(0.0, 0.01, shape, dtype=X.dtype)
    elif tuple(initial.shape) != shape:
        raise ShapeError(
            f"initial has shape {tuple(initial.shape)}, but the kernel to learn has shape "
            f"{shape}; reshape it or set kernel_shape.",
            tuple(initial.shape),
            shape,
        )
    jax, nn = _imported("jax"), _imported("flax.linen")
    plane, target, start = (_plane(each, X.dtype) for each in (X, Y, initial))
    parameters = {"kernel": start[:, :, None, None]}
    if bias is not None:
        parameters["bias"] = np.array([bias], start.dtype)
    with jax.enable_x64(X.dtype is torch.float64), jax.default_device(jax.devices("cpu")[0]):
        module = nn.Conv(
            1, shape, padding="VALID", use_bias=bias is not None, param_dtype=start.dtype
        )

        def error(parameters: Any) -> Any:
            # Flax has the channel last.
            prediction = module.apply({"params": parameters}, plane[None, :, :, None])
            squares = (prediction[0, :, :, 0] - target) ** 2
            return squares.sum() if loss == "sum" else (squares / 2).mean()

        losses, path = _descend(error, parameters, lr, steps, accumulate)
    kernels = torch.from_numpy(np.stack([each["kernel"][:, :, 0, 0] for each in path]))
    biases = np.stack([each["bias"][0] for each in path]) if bias is not None else None
    return LearnedKernel(
        losses=tuple(losses),
        weight=kernels[-1].clone(),
        initial=kernels[0].clone(),
        device=kernels.device,
        path=kernels,
        biases=None if biases is None else torch.from_numpy(biases),
    )


def _plane(tensor: torch.Tensor, dtype: torch.dtype) -> npt.NDArray[Any]:
    array: npt.NDArray[Any] = tensor.detach().cpu().to(dtype).numpy()
    return array


def _descend(
    error: Callable[[Any], Any], parameters: Any, lr: float, steps: int, accumulate: bool
) -> tuple[list[float], list[dict[str, npt.NDArray[Any]]]]:
    """Returns the loss of each step and, as NumPy arrays, the parameters before and after each."""
    jax = _imported("jax")
    change = jax.tree_util.tree_map
    step = jax.jit(jax.value_and_grad(error))
    total = change(np.zeros_like, parameters)
    losses, path = [], [parameters]
    for _ in range(steps):
        value, gradient = step(parameters)
        total = change(jax.numpy.add, total, gradient) if accumulate else gradient
        parameters = change(lambda p, g: p - lr * g, parameters, total)
        losses.append(float(value))
        path.append(parameters)
    return losses, [change(np.asarray, each) for each in path]


def _imported(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as exc:
        raise NotSupportedError(
            f"{name} cannot be imported ({exc}), and this part of pydjl.reference is written with "
            "JAX and Flax: install them with `pip install flax`."
        ) from exc
