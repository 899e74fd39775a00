"""Which layer of one model is which of another, where only one of them may have a layer."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pydjl.comparison.observation import LayerCall
from pydjl.comparison.subsequence import best_pairs
from pydjl.comparison.weights import Pairing

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
    r"relu|elu|selu|gelu|silu|swish|mish|tanh|sigmoid|softplus|softsign|activation|softmax",
)


def align(
    java: Sequence[LayerCall], python: Sequence[LayerCall], weights: Pairing
) -> list[tuple[LayerCall, LayerCall]]:
    """Pair the layers of the Java model with the Python model's, in order.

    What has parameters belongs to what has just their partners: a layer to a layer, and a part of
    the Java model that runs as a whole to what consists of layers in Python. What has none belongs
    to the layers of its kind, or of its output's shape. A layer that only one model has as a layer
    has no partner.

    Args:
        java: the calls of the Java model.
        python: the calls of the Python model.
        weights: which parameters belong together.

    Returns:
        The pairs, in order.
    """
    java = [call for call in java if not call.is_divided]
    partner = dict(weights.pairs)
    score = [[_score(a, b, partner) for b in python] for a in java]
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


def _score(java: LayerCall, python: LayerCall, partner: dict[str, str]) -> float:
    own = {partner.get(name) for name in _parameters(java)}
    its = set(_parameters(python))
    same_kind = family(java.kind) == family(python.kind)
    same_shapes = [y.shape for y in java.outputs] == [y.shape for y in python.outputs]
    likeness = 1.0 * same_kind + 0.5 * same_shapes
    if own and own == its:
        return 4.0 + likeness
    if python.is_divided or bool(own) != bool(its):
        return 0.0
    if own:  # one of them lacks a parameter, or has it in another shape
        return 2.0 * bool(own & its) + likeness if same_kind else 0.0
    return likeness


def _parameters(call: LayerCall) -> list[str]:
    prefix = f"{call.name}." if call.name else ""
    return [prefix + name for name, _ in call.module.named_parameters()]
