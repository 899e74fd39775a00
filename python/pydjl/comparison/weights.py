"""Which parameter of one model is which of another, and how values get from one to the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from pydjl.comparison.subsequence import best_pairs
from pydjl.errors import ArgumentError


@dataclass(frozen=True)
class Pairing:
    """Which parameters and buffers belong together.

    Attributes:
        pairs: the names, Java's first.
        only_java: Java's that have no partner.
        only_python: Python's that have no partner.
    """

    pairs: tuple[tuple[str, str], ...]
    only_java: tuple[str, ...] = ()
    only_python: tuple[str, ...] = ()


def named_values(model: nn.Module) -> dict[str, Tensor]:
    """Parameters and the buffers that are saved with them, by name, in the model's order.

    What stands under several names has the first one.

    Example:
        >>> list(named_values(nn.BatchNorm1d(2)))
        ['weight', 'bias', 'running_mean', 'running_var']
    """
    named: dict[int, tuple[str, Tensor]] = {}
    for name, value in model.state_dict(keep_vars=True).items():
        # How many batches PyTorch has counted matters to no result of a layer with a momentum.
        if isinstance(value, Tensor) and not name.endswith("num_batches_tracked"):
            named.setdefault(id(value), (name, value))
    return dict(named.values())


def pair(
    java: Mapping[str, Tensor],
    python: Mapping[str, Tensor],
    mapping: Mapping[str, str] | None = None,
) -> Pairing:
    """Find for each of Java's tensors the one of Python's that it corresponds to.

    By the mapping, if there is one. Else by name, if both have the same names and shapes. Else by
    order: the longest sequence of equal shapes that both have, ``weight`` with ``weight`` and
    ``bias`` with ``bias`` where it can be; what is left over has no partner.

    Args:
        java: Java's tensors by name.
        python: Python's.
        mapping: Python's name for each of Java's names.

    Returns:
        The pairs, and what has no partner.

    Raises:
        ArgumentError: the mapping has a name that does not exist, or pairs unequal shapes.

    Example:
        >>> found = pair({"a": torch.ones(2, 3), "b": torch.ones(2)}, {"w": torch.ones(2, 3)})
        >>> found.pairs, found.only_java
        ((('a', 'w'),), ('b',))
    """
    if mapping is not None:
        _check_mapping(java, python, mapping)
        pairs = list(mapping.items())
    elif java.keys() == python.keys() and all(java[n].shape == python[n].shape for n in java):
        pairs = [(name, name) for name in java]
    else:
        names, others = list(java), list(python)
        score = [[_likeness(a, java[a], b, python[b]) for b in others] for a in names]
        pairs = [(names[i], others[j]) for i, j in best_pairs(score)]
    paired_java, paired_python = {a for a, _ in pairs}, {b for _, b in pairs}
    return Pairing(
        tuple(pairs),
        tuple(name for name in java if name not in paired_java),
        tuple(name for name in python if name not in paired_python),
    )


def parameter_mapping(
    java: nn.Module, python: nn.Module, mapping: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Python's name of each of Java's parameters that has a partner.

    Args:
        java: the Java model.
        python: the Python model.
        mapping: Python's name for each of Java's weights, where order and shape do not tell.

    Returns:
        The names, without those of buffers.

    Example:
        >>> parameter_mapping(nn.Sequential(nn.Linear(1, 2)), nn.Linear(1, 2))
        {'0.weight': 'weight', '0.bias': 'bias'}
    """
    found = pair(named_values(java), named_values(python), mapping)
    names = dict(java.named_parameters())
    return {a: b for a, b in found.pairs if a in names}


@torch.no_grad()
def copy_values(pairing: Pairing, java: Mapping[str, Tensor], python: Mapping[str, Tensor]) -> None:
    """Give Java's tensors the values of their partners, converted to Java's dtype and device."""
    for java_name, python_name in pairing.pairs:
        java[java_name].copy_(python[python_name])


def describe_unpaired(
    pairing: Pairing, java: Mapping[str, Tensor], python: Mapping[str, Tensor]
) -> Iterator[str]:
    """Say what has no partner, and what the other model has that would be it in another shape.

    Args:
        pairing: of the tensors.
        java: Java's tensors by name.
        python: Python's.

    Yields:
        A sentence for each, Java's first.

    Example:
        >>> java, python = {"weight": torch.ones(4, 3)}, {"weight": torch.ones(5, 3)}
        >>> next(describe_unpaired(pair(java, python), java, python))
        "Java's weight 'weight' of shape (4, 3) has no partner in the Python model, whose 'weight' \
is (5, 3)"
    """
    ours, theirs = pairing.only_java, pairing.only_python
    score = [
        [_likeness_of_names(a, b) if java[a].dim() == python[b].dim() else 0 for b in theirs]
        for a in ours
    ]
    like = {ours[i]: theirs[j] for i, j in best_pairs(score)}
    for names, whose, own, other, its, its_like in (
        (ours, "Java", java, "Python", python, like),
        (theirs, "Python", python, "Java", java, {b: a for a, b in like.items()}),
    ):
        for name in names:
            sentence = (
                f"{whose}'s weight {name!r} of shape {tuple(own[name].shape)} has no partner in "
                f"the {other} model"
            )
            near = its_like.get(name)
            yield sentence + (f", whose {near!r} is {tuple(its[near].shape)}" if near else "")


def _check_mapping(
    java: Mapping[str, Tensor], python: Mapping[str, Tensor], mapping: Mapping[str, str]
) -> None:
    for names, known, whose in (
        (mapping.keys(), java, "Java"),
        (mapping.values(), python, "Python"),
    ):
        unknown = [name for name in names if name not in known]
        if unknown:
            raise ArgumentError(
                f"the mapping of weights names {unknown[0]!r}, which the {whose} model does not "
                f"have: it has {', '.join(known)}."
            )
    for a, b in mapping.items():
        if java[a].shape != python[b].shape:
            raise ArgumentError(
                f"the mapping pairs Java's {a!r} of shape {tuple(java[a].shape)} with Python's "
                f"{b!r} of shape {tuple(python[b].shape)}: their shapes must be equal."
            )


def _likeness(name: str, tensor: Tensor, other_name: str, other: Tensor) -> int:
    if tensor.shape != other.shape:
        return 0
    return 1 + _likeness_of_names(name, other_name)


def _likeness_of_names(name: str, other: str) -> int:
    return int(name.rpartition(".")[2] == other.rpartition(".")[2])
