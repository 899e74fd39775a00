"""Which layer of one model is which of another, where only one of them may have a layer."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch

from pydjl.comparison.observation import Call
from pydjl.comparison.subsequence import best_pairs

# Words of DJL, PyTorch and others for one kind of layer.
_SYNONYMS = (
    r"conv.*transpose|deconv",
    r"conv",
    r"linear|dense|fullyconnected",
    r"batch.?norm",
    r"layer.?norm",
    r"norm",
    r"max.?pool",
    r"avg.?pool|average.?pool",
    r"pool",
    r"dropout",
    r"flatten",
    r"embedding",
    r"identity",
    r"softmax",
    r"relu|elu|selu|gelu|silu|swish|mish|tanh|sigmoid|softplus|softsign|hardswish|activation",
)


@dataclass(frozen=True)
class _Traits:
    """What a call is recognised by, computed once."""

    kind: str
    family: str
    parameters: frozenset[int]
    shapes: tuple[torch.Size, ...]
    is_divided: bool
    depth: int


def align(
    java: Sequence[Call], python: Sequence[Call], partners: Mapping[int, int]
) -> list[tuple[Call, Call]]:
    """Pair the layers of the Java model with the Python model's, in order.

    What has parameters belongs to what has just their partners: a layer to a layer, and a part of
    the Java model that runs as a whole to what consists of layers in Python. What has none belongs
    to the layers of its kind, the same activation before another, or of its output's shape. A layer
    that only one model has as a layer has no partner.

    Args:
        java: the calls of the Java model.
        python: the calls of the Python model.
        partners: of each of Java's parameters the Python model's, by `id`.

    Returns:
        The pairs, in order.
    """
    java = [call for call in java if not call.is_divided]
    ours = [_traits(call, partners) for call in java]
    theirs = [_traits(call, None) for call in python]
    score = [[_score(a, b) for b in theirs] for a in ours]
    return [(java[i], python[j]) for i, j in best_pairs(score)]


def family(kind: str) -> str:
    """The kind of a layer in words that DJL and PyTorch share.

    Example:
        >>> family("maxPool2d") == family("MaxPool2d"), family("ReLU") == family("LeakyReLU")
        (True, True)
    """
    word = kind.lower()
    for synonyms in _SYNONYMS:
        if re.search(synonyms, word):
            return synonyms
    return word


def _traits(call: Call, partners: Mapping[int, int] | None) -> _Traits:
    own = (id(parameter) for parameter in call.module.parameters())
    return _Traits(
        call.kind.lower(),
        family(call.kind),
        frozenset(own if partners is None else (partners.get(each, 0) for each in own)),
        call.shapes,
        call.is_divided,
        call.name.count(".") + 1 if call.name else 0,
    )


def _score(java: _Traits, python: _Traits) -> float:
    same_kind = java.family == python.family
    likeness = 1.0 * same_kind + 0.5 * (java.shapes == python.shapes)
    own, its = java.parameters, python.parameters
    if own and own == its:
        # Of those that stand in each other the outermost: what one adds at its end, such as a
        # shortcut, has no parameters.
        return 4.0 + likeness + 0.25 / (1 + python.depth)
    if python.is_divided or bool(own) != bool(its):
        return 0.0
    if own:  # one of them lacks a parameter, or has it in another shape
        return 2.0 * bool(own & its) + likeness if same_kind else 0.0
    return 2.0 * same_kind + likeness + 0.25 * (java.kind == python.kind)
