"""DJL's losses as torch modules: predictions first, as in torch; DJL's formulas and defaults.

What they return can be differentiated, through Java. `docs/training.md` sets each beside torch's.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from pydjl.errors import ArgumentError, ArgumentTypeError
from pydjl.ndarray import as_tensor, call_java_with_list
from pydjl.ndarray.exchange import adopt
from pydjl.ndarray.numbers import flag, java_int, real_number
from pydjl.runtime import java_class
from pydjl.training.weight_decay import ElasticNetWeightDecay, L1WeightDecay, L2WeightDecay

__all__ = [
    "ElasticNetWeightDecay",
    "HingeLoss",
    "L1Loss",
    "L1WeightDecay",
    "L2Loss",
    "L2WeightDecay",
    "Loss",
    "QuantileL1Loss",
    "SigmoidBinaryCrossEntropyLoss",
    "SoftmaxCrossEntropyLoss",
]

Arrays = Any  # an NDArray, a tensor or a NumPy array, or a sequence of them


class Loss(nn.Module):
    """Any DJL loss as a torch module.

    Args:
        java: a DJL ``Loss``, for instance one of a class of your own.

    Example:
        >>> import torch
        >>> java = java_class("ai.djl.training.loss.Loss").l2Loss("L2Loss", 1.0)
        >>> Loss(java)(torch.tensor([1.0, 2.0]), torch.tensor([0.0, 0.0]))
        tensor(2.5000)
    """

    def __init__(self, java: Any) -> None:
        super().__init__()
        if not isinstance(java, java_class("ai.djl.training.loss.Loss")):
            raise ArgumentTypeError(
                f"Loss takes a DJL Loss, not a {type(java).__name__}: of torch's losses, DJL has "
                "those in pydjl.training.losses."
            )
        self._java = java

    @property
    def java(self) -> Any:
        """The DJL ``Loss``."""
        return self._java

    def forward(self, input: Arrays, target: Arrays) -> Tensor:
        """Compute the loss.

        Args:
            input: the predictions; several arrays where the Java loss takes several.
            target: the labels.

        Returns:
            What the Java loss returns: of DJL's own a number, in a tensor without dimensions.
        """
        predictions, labels = tensors(input, "input"), tensors(target, "target")
        handle = call_java_with_list(
            type(self).__name__,
            "Judgement.loss",
            [],
            self.java,
            len(predictions),
            listed=(*predictions, *labels),
        )
        return adopt(handle)


class _OfDjl(Loss):
    """A loss that DJL has; its Java object is made when it is needed, and again in a copy."""

    def __init__(self, *arguments: Any) -> None:
        nn.Module.__init__(self)
        self._arguments = arguments
        self._java: Any = None

    @property
    def java(self) -> Any:
        if self._java is None:
            self._java = self._make()
        return self._java

    def _make(self) -> Any:
        name = type(self).__name__
        java = java_class(f"ai.djl.training.loss.{name}")(name, *self._arguments)
        return java_class("org.pydjl.bridge.ElementwiseLoss")(java)

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_java": None}

    def extra_repr(self) -> str:
        return ", ".join(map(str, self._arguments))


class L1Loss(_OfDjl):
    """Mean of the absolute differences; as `torch.nn.L1Loss`.

    Shapes: of input and target the same, but for axes of length 1, as in all losses here that
    compare element by element. torch's losses would broadcast ``(N, 1)`` and ``(N,)``.

    Example:
        >>> import torch
        >>> L1Loss()(torch.tensor([1.0, 4.0]), torch.tensor([0.0, 0.0]))
        tensor(2.5000)
    """

    def __init__(self) -> None:
        # With another weight DJL forgets the prediction: it takes the mean of weight * target.
        super().__init__()


class L2Loss(_OfDjl):
    """Mean of ``weight * (target - input)**2``; half of `torch.nn.MSELoss` by default.

    DJL's documentation says the sum; it is the mean.

    Args:
        weight: the factor.

    Example:
        >>> import torch
        >>> L2Loss()(torch.tensor([1.0, 3.0]), torch.tensor([0.0, 0.0]))
        tensor(2.5000)
    """

    def __init__(self, weight: float = 0.5) -> None:
        super().__init__(real_number("weight", weight))


class QuantileL1Loss(_OfDjl):
    """Mean of ``2 * |(input - target) * ([target <= input] - quantile)|``.

    The quantile 0.5 gives the mean absolute difference; a greater one makes predictions that are
    too low dearer.

    Args:
        quantile: between 0 and 1.

    Raises:
        ArgumentError: it is not.

    Example:
        >>> import torch
        >>> QuantileL1Loss(0.75)(torch.tensor([0.0]), torch.tensor([2.0]))
        tensor(3.)
    """

    def __init__(self, quantile: float) -> None:
        share = real_number("quantile", quantile)
        if not 0 <= share <= 1:
            raise ArgumentError(f"quantile is {share}, but it must be between 0 and 1.")
        super().__init__(share)


class HingeLoss(_OfDjl):
    """Mean of ``weight * max(0, margin - target * input)``, for targets -1 and 1.

    Args:
        margin: the least distance on the right side that costs nothing, a whole number in DJL.
            Another one is ``HingeLoss(weight=margin)`` of ``input / margin``.
        weight: the factor.

    Raises:
        ArgumentTypeError: the margin is no whole number.

    Example:
        >>> import torch
        >>> HingeLoss()(torch.tensor([0.5, -2.0]), torch.tensor([1.0, -1.0]))
        tensor(0.2500)
    """

    def __init__(self, margin: int = 1, weight: float = 1.0) -> None:
        super().__init__(java_int("margin", margin), real_number("weight", weight))


class SigmoidBinaryCrossEntropyLoss(_OfDjl):
    """Mean binary cross-entropy of logits; as `torch.nn.BCEWithLogitsLoss`.

    ``weight * (max(x, 0) - x * y + log(1 + exp(-|x|)))``, averaged.

    Args:
        weight: the factor.

    Example:
        >>> import torch
        >>> SigmoidBinaryCrossEntropyLoss()(torch.tensor([0.0]), torch.tensor([1.0]))
        tensor(0.6931)
    """

    def __init__(self, weight: float = 1.0) -> None:
        # Of probabilities (fromSigmoid) DJL gives the negative: it would be made greater.
        super().__init__(real_number("weight", weight), False)


class SoftmaxCrossEntropyLoss(_OfDjl):
    """Mean cross-entropy of logits; as `torch.nn.CrossEntropyLoss`.

    Args:
        weight: the factor of the loss.
        class_axis: the axis of the classes; torch's is always 1.
        sparse_label: whether targets are the numbers of classes, of the input's shape without the
            class axis, and whole, also where their type is a floating one; else they are
            probabilities, of the input's shape but for axes of length 1.
        from_logit: whether inputs are logits; else they are logarithms of probabilities.

    Example:
        >>> import torch
        >>> logits = torch.tensor([[0.0, 0.0], [3.0, 0.0]])
        >>> SoftmaxCrossEntropyLoss()(logits, torch.tensor([1, 0]))
        tensor(0.3709)
    """

    def __init__(
        self,
        weight: float = 1.0,
        class_axis: int = -1,
        sparse_label: bool = True,
        from_logit: bool = True,
    ) -> None:
        super().__init__(
            real_number("weight", weight),
            java_int("class_axis", class_axis),
            flag("sparse_label", sparse_label),
            flag("from_logit", from_logit),
        )

    def _make(self) -> Any:
        weight, class_axis, sparse_label, from_logit = self._arguments
        if not sparse_label:
            return super()._make()
        checked = java_class("org.pydjl.bridge.CheckedSoftmaxCrossEntropyLoss")
        return checked(type(self).__name__, weight, class_axis, from_logit)


def tensors(arrays: Arrays, name: str) -> list[Tensor]:
    """The tensors of one array, or of a tuple or list of arrays."""
    several = isinstance(arrays, (tuple, list))
    return [as_tensor(each, name) for each in (arrays if several else (arrays,))]
