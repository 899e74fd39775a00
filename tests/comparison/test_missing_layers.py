"""A layer that only one of two models has is named where the two part, and only if it is why.

Both sides are PyTorch's here, so each model plays Java once.
"""

from __future__ import annotations

import pytest
import torch
from torch import nn

from pydjl.comparison import compare_models


def linear(*between):
    return nn.Sequential(nn.Linear(3, 4), *between, nn.Linear(4, 2))


def convolutions(*between):
    return nn.Sequential(nn.Conv2d(2, 4, 3), *between, nn.Conv2d(4, 3, 2))


def flat(*activation):
    return nn.Sequential(nn.Conv2d(2, 4, 3), *activation, nn.Flatten(), nn.Linear(4 * 5 * 6, 2))


class FlatByFunction(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.relu, self.fc = nn.Conv2d(2, 4, 3), nn.ReLU(inplace=True), nn.Linear(120, 2)

    def forward(self, x):
        return self.fc(self.relu(self.conv(x)).flatten(1))


VECTORS, PICTURES = (5, 3), (2, 2, 7, 8)

# A model that has more, one that has less, the shape of the inputs, and what is named.
FEWER = {
    "an activation": (linear(nn.ReLU()), linear(), VECTORS, "a layer '1 ReLU'"),
    "the last layer": (nn.Sequential(nn.Linear(3, 4), nn.Softmax(1)), nn.Linear(3, 4), VECTORS,
                       "a layer '1 Softmax'"),
    "the first layer": (nn.Sequential(nn.Tanh(), nn.Linear(3, 4)), nn.Linear(3, 4), VECTORS,
                        "a layer '0 Tanh'"),
    "an activation before another": (linear(nn.ReLU(), nn.Sigmoid()), linear(nn.Sigmoid()), VECTORS,
                                     "a layer '1 ReLU'"),
    "dropout in training": (linear(nn.Dropout(0.5)), linear(), VECTORS, "a layer '1 Dropout'"),
    "what changes nothing beside it": (
        linear(nn.Identity(), nn.ReLU(), nn.Dropout(0.0)), linear(), VECTORS, "a layer '2 ReLU'"),
    "a layer with weights": (linear(nn.Linear(4, 4), nn.GELU()), linear(), VECTORS,
                             "layers '1 Linear', '2 GELU'"),
    "windows": (convolutions(nn.ReLU(), nn.MaxPool2d(2)), convolutions(nn.ReLU()), PICTURES,
                "a layer '2 MaxPool2d'"),
    "two at once": (convolutions(nn.ReLU(), nn.AvgPool2d(2)), convolutions(), PICTURES,
                    "layers '1 ReLU', '2 AvgPool2d'"),
    "an activation before a view": (FlatByFunction(), flat(), PICTURES, "a layer 'relu ReLU'"),
}  # fmt: skip


@pytest.mark.parametrize("case", FEWER)
def test_a_layer_that_one_lacks_is_named(case):
    more, less, shape, words = FEWER[case]
    x = torch.randn(shape)
    [cause] = compare_models(less, more, [x], gradients=False).causes
    assert cause.name == "missing layer"
    assert cause.evidence.startswith(f"Python has {words} there that Java has not: before ")
    [cause] = compare_models(more, less, [x], gradients=False).causes
    assert cause.name == "extra layer"
    assert cause.evidence.startswith(f"Java has {words} there that Python has not: before ")


def test_layers_in_another_order_are_named():
    norm_first = convolutions(nn.BatchNorm2d(4), nn.ReLU(inplace=True))
    norm_last = convolutions(nn.ReLU(inplace=True), nn.BatchNorm2d(4))
    x = torch.randn(PICTURES)
    [cause] = compare_models(norm_last, norm_first, [x]).causes
    assert (cause.name, cause.evidence) == (
        "another order",
        "Java has '1 ReLU' before '1 BatchNorm2d', and Python has '2 ReLU', which does the same, "
        "after it",
    )
    [cause] = compare_models(norm_first, norm_last, [x]).causes
    assert (cause.name, cause.evidence) == (
        "another order",
        "Python has '1 ReLU' before '2 BatchNorm2d', and Java has '2 ReLU', which does the same, "
        "after it",
    )
    other = convolutions(nn.BatchNorm2d(4), nn.Tanh())
    assert [c.name for c in compare_models(norm_last, other, [x]).causes] == ["extra layer"]


@pytest.mark.parametrize("where", ["", "0."])
def test_a_layer_at_the_end_that_a_java_block_as_a_whole_lacks_is_named(where):
    python = linear(nn.ReLU()).append(nn.Softmax(1)).append(nn.Dropout(0.0))
    java = linear(nn.ReLU())
    java.runs_as_a_whole = True
    if where:
        java, python = (nn.Sequential(each, nn.Linear(2, 2)) for each in (java, python))
    report = compare_models(java, python, [torch.randn(VECTORS)])
    [cause] = report.causes
    assert (cause.name, cause.where) == ("missing layer", f"{where}3")
    assert f"a layer '{where}3 Softmax' there" in cause.evidence
    python = linear(nn.Tanh()) if not where else nn.Sequential(linear(nn.Tanh()), nn.Linear(2, 2))
    assert not compare_models(java, python, [torch.randn(VECTORS)]).causes


class Scaled(nn.Module):
    """Does more than its layers: multiplies after the first ones."""

    def __init__(self, *first):
        super().__init__()
        self.first, self.last = nn.Sequential(nn.Linear(3, 4), *first), nn.Linear(4, 2)

    def forward(self, x):
        return self.last(2 * self.first(x))


def test_a_layer_that_does_not_explain_the_difference_is_not_named():
    x = torch.randn(VECTORS)
    for other in (Scaled(nn.ReLU()), Scaled(nn.Identity()), Scaled()):
        for java, python in ((linear(), other), (other, linear())):
            report = compare_models(java, python, [x])
            assert report.first_difference.kind == "layer input"
            assert not report.causes


def test_a_layer_that_only_one_has_and_that_changes_nothing_is_not_named():
    python = linear(nn.Identity(), nn.Dropout(0.5), nn.ReLU()).eval()
    report = compare_models(linear(nn.ReLU()).eval(), python, [torch.randn(VECTORS)])
    assert report.ok
    assert not report.causes


def test_a_dtype_that_cannot_be_compared_is_no_error():
    class Rounded(nn.Module):
        def forward(self, x):
            return x.bfloat16()

    java, python = nn.Sequential(nn.Linear(3, 4)), nn.Sequential(nn.Linear(3, 4), Rounded())
    for each in ((java, python), (python, java)):
        report = compare_models(*each, [torch.randn(VECTORS)])
        assert "bfloat16" in report.first_difference.difference.note
        assert not report.causes
