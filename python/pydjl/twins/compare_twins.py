"""A Java model and its Python twin, whatever they are given as."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from torch import Tensor, nn

from pydjl.comparison import Report, Tolerance, compare_models, parameter_mapping
from pydjl.errors import ArgumentError, ArgumentTypeError
from pydjl.ndarray import NDArray, as_tensor
from pydjl.ndarray.numbers import whole_number
from pydjl.runtime import start
from pydjl.twins.java_models import StrPath, java_module
from pydjl.twins.opened import opened
from pydjl.twins.train_twins import compare_trainings


def compare(
    java: Any,
    python: nn.Module | Callable[..., Any],
    inputs: Any,
    *,
    classpath: Sequence[StrPath] = (),
    saved: StrPath | None = None,
    copy_weights: bool | None = None,
    mapping: Mapping[str, str] | None = None,
    gradients: bool = True,
    steps: int = 0,
    targets: Any = None,
    lr: float = 0.01,
    tolerance: Tolerance | None = None,
) -> Report:
    """Say where a Java model and its Python twin part, and why.

    Both are run on the same inputs with the same weights: the outputs of every layer, the outputs,
    the gradients of every parameter and of the inputs are compared. The first layer that differs
    is looked at more closely, for the ways in which layers go wrong. Both models run several times
    and are afterwards as they were, but for the weights that the Java model is given.

    With ``steps``, both are also trained on the inputs from the same weights: the Java model by
    DJL's stochastic gradient descent and loss, the Python model by PyTorch's. Loss, gradients and
    weights of every step are compared; both models then get their weights back. For trainings of
    your own see `pydjl.comparison.compare_steps`.

    Args:
        java: the Java model: a DJL ``Block``, a module of `pydjl.nn`, a function that makes a
            block, a Java class's name, or the path of a TorchScript file, or of a folder with one,
            which DJL loads and runs in the Python model's mode.
        python: the Python model: a `torch.nn.Module`, or a function of tensors.
        inputs: what both are called with: an array or several.
        classpath: jars or folders that have the Java class.
        saved: the weights of the Java model: a ``.params`` file that DJL's ``Model.save`` wrote of
            the block, or a folder that has them.
        copy_weights: whether the Java model is given the Python model's weights first; otherwise
            the weights that both have are compared as well. By default it is, unless ``saved`` is
            given.
        mapping: Python's name of each of Java's weights, where order and shape do not tell.
        gradients: whether gradients are compared.
        steps: how many steps of training are compared.
        targets: of the training: numbers of the outputs' shape and type for the mean square, or
            the whole numbers of classes for the cross-entropy, whose axis is 1. Random numbers if
            not given.
        lr: the learning rate.
        tolerance: how far results may be apart; that of `torch.testing.assert_close` if not given.

    Returns:
        The report: ``ok``, ``rows``, ``first_difference``, ``causes``.

    Raises:
        ArgumentTypeError: a model or an input is none; ``steps`` is no whole number; targets are
            of another type than the outputs.
        ArgumentError: a file is none of DJL's, or does not fit the block; the mapping names what
            does not exist; the models cannot be trained; targets have another shape.
        StartError: Java runs already without the class path.

    Example:
        >>> import torch
        >>> from pydjl.runtime import java_class
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
    count = _count(steps)
    if classpath:
        start(classpath=classpath)
    tensors = _tensors(inputs)
    in_training = isinstance(python, nn.Module) and python.training
    module = java_module(java, saved, training=in_training)
    if tensors:
        module = opened(module, tensors, gradients=gradients)
    report = compare_models(
        module,
        python,
        tensors,
        copy_weights=saved is None if copy_weights is None else copy_weights,
        mapping=mapping,
        gradients=gradients,
        tolerance=tolerance,
    )
    if not count or report.unpaired:
        return report
    if not isinstance(python, nn.Module):
        raise ArgumentError("a function has nothing to train: give the Python model as a module.")
    training = compare_trainings(
        module,
        python,
        tensors,
        None if targets is None else as_tensor(targets, "targets"),
        steps=count,
        lr=lr,
        mapping=parameter_mapping(module, python, mapping),
        tolerance=tolerance,
    )
    return report.followed_by(training)


def _count(steps: Any) -> int:
    try:
        count = whole_number(steps)
    except TypeError as exc:
        raise ArgumentTypeError(f"steps is {steps!r}, but a whole number is needed.") from exc
    if count < 0:
        raise ArgumentError(f"steps is {count}: it is the number of training steps, at least 0.")
    return count


def _tensors(inputs: Any) -> list[Tensor]:
    several = inputs if isinstance(inputs, (list, tuple)) else [inputs]
    return [
        each.torch() if isinstance(each, NDArray) else as_tensor(each, f"input {i}")
        for i, each in enumerate(several)
    ]
