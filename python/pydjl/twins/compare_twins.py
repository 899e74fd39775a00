"""A Java model and its Python twin, whatever they are given as."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from pydjl.comparison import Report, Tolerance, compare_models
from pydjl.errors import ArgumentError
from pydjl.ndarray import NDArray, as_tensor
from pydjl.nn import from_block
from pydjl.runtime import java_class, start


def compare(
    java: Any,
    python: nn.Module | Callable[..., Any],
    inputs: Any,
    *,
    classpath: Sequence[str | os.PathLike[str]] = (),
    copy_weights: bool = True,
    mapping: Mapping[str, str] | None = None,
    gradients: bool = True,
    tolerance: Tolerance | None = None,
) -> Report:
    """Say where a Java model and its Python twin part, and why.

    Both are run on the same inputs with the same weights: the outputs of every layer, the outputs,
    the gradients of every parameter and of the inputs are compared. The first layer that differs
    is looked at more closely, for the ways in which layers go wrong.

    Args:
        java: the Java model: a DJL ``Block``, a module of `pydjl.nn`, a function that makes a
            block, a Java class's name, or the path of a TorchScript file, which DJL loads.
        python: the Python model: a `torch.nn.Module`, or a function of tensors.
        inputs: what both are called with: an array or several.
        classpath: jars or folders that have the Java class.
        copy_weights: whether the Java model is given the Python model's weights first; otherwise
            the weights that both have are compared as well.
        mapping: Python's name of each of Java's weights, where order and shape do not tell.
        gradients: whether gradients are compared.
        tolerance: how far results may be apart; that of `torch.testing.assert_close` if not given.

    Returns:
        The report: ``ok``, ``rows``, ``first_difference``, ``causes``.

    Raises:
        ArgumentTypeError: a model or an input is none.
        ArgumentError: a file is no TorchScript, or the mapping names what does not exist.
        StartError: Java runs already without the class path.

    Example:
        >>> import torch
        >>> def convolution():
        ...     shape = java_class("ai.djl.ndarray.types.Shape")
        ...     builder = java_class("ai.djl.nn.convolutional.Conv2d").builder()
        ...     return builder.setFilters(4).setKernelShape(shape(3, 2)).build()
        >>> x = torch.randn(1, 2, 6, 5)
        >>> compare(convolution, nn.Conv2d(2, 4, (3, 2)), x).ok
        True
        >>> report = compare(convolution, nn.Conv2d(2, 4, (3, 2), padding=1), x)
        >>> report.first_difference.name, report.causes[0].name
        ('Conv2d', 'another padding')
    """
    if classpath:
        start(classpath=classpath)
    module = _module_of(java)
    return compare_models(
        module,
        python,
        _tensors(inputs),
        copy_weights=copy_weights,
        mapping=mapping,
        gradients=gradients,
        tolerance=tolerance,
    )


def _module_of(java: Any) -> nn.Module:
    if isinstance(java, nn.Module):
        return java
    if isinstance(java, os.PathLike) or (isinstance(java, str) and _is_path(java)):
        return _torchscript(Path(java))
    return from_block(java)


def _is_path(name: str) -> bool:
    path = Path(name)
    return path.is_file() or path.suffix in (".pt", ".pth") or path.name != name


def _torchscript(path: Path) -> nn.Module:
    """A TorchScript file, loaded by DJL."""
    if not path.is_file():
        raise ArgumentError(f"{str(path)!r} is no file: a TorchScript model is needed.")
    model = java_class("ai.djl.Model").newInstance(path.stem, "PyTorch")
    folder = java_class("java.nio.file.Paths").get(str(path.parent.resolve()))
    try:
        # Without this option the parameters are made for inference, and have no gradients.
        model.load(folder, path.name, java_class("java.util.Map").of("trainParam", "true"))
    except java_class("java.lang.Exception") as exc:
        reason = str(exc.getMessage()).splitlines()[0]
        raise ArgumentError(
            f"DJL cannot load {str(path)!r} as TorchScript ({reason}): save the model by "
            "torch.jit.script or torch.jit.trace and its save()."
        ) from exc
    module: Any = from_block(model.getBlock())
    module.java_model = model  # which frees its block when Java collects it
    return module  # type: ignore[no-any-return]


def _tensors(inputs: Any) -> list[Tensor]:
    several = inputs if isinstance(inputs, (list, tuple)) else [inputs]
    return [
        each.torch() if isinstance(each, NDArray) else as_tensor(each, f"input {i}")
        for i, each in enumerate(several)
    ]
