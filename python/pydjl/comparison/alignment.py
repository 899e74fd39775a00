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
    """Pair calls of layers in order.

    Layers whose parameters are paired belong together; then those of one kind, and those of equal
    output shapes. A layer of one model that the other computes in another way (a function, a part
    of a larger block) has no partner.

    Args:
        java: the calls of the Java model.
        python: the calls of the Python model.
        weights: which parameters belong together.

    Returns:
        The pairs, in order.
    """
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
    own = [f"{java.name}.{name}".lstrip(".") for name, _ in java.module.named_parameters()]
    its = {f"{python.name}.{name}".lstrip(".") for name, _ in python.module.named_parameters()}
    if bool(own) != bool(its):
        return 0.0
    same_kind = family(java.kind) == family(python.kind)
    same_shapes = [y.shape for y in java.outputs] == [y.shape for y in python.outputs]
    if own:
        shared = sum(partner.get(name) in its for name in own)
        return (
            4.0 * bool(shared) + 1.0 * same_kind + 0.5 * same_shapes if shared or same_kind else 0
        )
    return 2.0 * same_kind + 0.5 * same_shapes
