"""Every planted fault is found at its layer with its cause; nothing right is blamed.

Both sides are PyTorch's here: what plays Java is a copy of the Python model with one thing wrong.
"""

from __future__ import annotations

import copy
import functools

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from pydjl.comparison import compare_models


def net() -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1),  # 0
        nn.BatchNorm2d(4),
        nn.LeakyReLU(0.1),
        nn.MaxPool2d(2),
        nn.Conv2d(4, 4, 3, padding=1),  # 4
        nn.GELU(),
        nn.AvgPool2d(2, padding=1),
        nn.Conv2d(4, 6, (2, 3)),  # 7
        nn.Tanh(),
        nn.Dropout(0.4),
        nn.Flatten(),  # 10
        nn.Linear(36, 8),
        nn.LayerNorm(8),
        nn.SELU(),
        nn.Linear(8, 8),  # 14
        nn.Softmax(1),
    )


INPUT = (5, 3, 13, 15)


class Turned(nn.Conv2d):
    """A true convolution."""

    def _conv_forward(self, input, weight, bias):
        return super()._conv_forward(input, weight.flip((2, 3)), bias)


class Computed(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


def replaced(layer, make):
    def change(java, python):
        old = java[layer]
        java[layer] = make(old)
        if list(old.parameters()):
            java[layer].load_state_dict(old.state_dict(), strict=False)

    return change


def altered(layer, **attributes):
    def change(java, python):
        for name, value in attributes.items():
            setattr(java[layer], name, value)

    return change


def rearranged(layer, how):
    def change(java, python):
        with torch.no_grad():
            java[layer].weight.copy_(how(python[layer].weight.clone()))

    return change


def in_other_modes(layer, java_trains, python_trains):
    def change(java, python):
        java[layer].train(java_trains)
        python[layer].train(python_trains)

    return change


def other_bias(java, python):
    with torch.no_grad():
        java[11].bias.add_(0.5)


def of_another_dtype(x):
    return F.softmax(x, 1).to(torch.float32 if x.dtype is torch.float64 else torch.float64)


# What is changed, the layer where it shows, its cause.
FAULTS = {
    "a convolution at the beginning": (
        replaced(0, lambda old: Turned(3, 4, 3, padding=1)), 0, "flipped kernel"),
    "a convolution in the middle": (replaced(7, lambda old: Turned(4, 6, (2, 3))), 7,
                                    "flipped kernel"),
    "no bias in a convolution": (
        replaced(4, lambda old: nn.Conv2d(4, 4, 3, padding=1, bias=False)), 4, "missing bias"),
    "no bias in a dense layer": (
        replaced(14, lambda old: nn.Linear(8, 8, bias=False)), 14, "missing bias"),
    "less padding at the beginning": (altered(0, padding=(0, 0)), 0, "another padding"),
    "more padding in the middle": (altered(4, padding=(2, 2)), 4, "another padding"),
    "a larger stride": (altered(4, stride=(2, 2)), 4, "another stride"),
    "a larger dilation": (altered(4, dilation=(2, 2)), 4, "another dilation"),
    "dilation without room": (altered(0, dilation=(2, 2)), 0, "another dilation"),
    "another slope": (altered(2, negative_slope=0.01), 2, "another activation"),
    "a slope that nobody has": (altered(2, negative_slope=0.37), 2, "another activation"),
    "ReLU for LeakyReLU": (replaced(2, lambda old: nn.ReLU()), 2, "another activation"),
    "ReLU for GELU": (replaced(5, lambda old: nn.ReLU()), 5, "another activation"),
    "GELU by tanh": (altered(5, approximate="tanh"), 5, "another activation"),
    "Sigmoid for Tanh": (replaced(8, lambda old: nn.Sigmoid()), 8, "another activation"),
    "ELU for SELU": (replaced(13, lambda old: nn.ELU()), 13, "another activation"),
    "no activation": (replaced(13, lambda old: nn.Identity()), 13, "another activation"),
    "epsilon of a batch norm": (altered(1, eps=1e-3), 1, "another epsilon"),
    "epsilon of a layer norm": (altered(12, eps=1e-2), 12, "another epsilon"),
    "a batch norm in evaluation": (in_other_modes(1, False, True), 1, "another mode"),
    "a batch norm in training": (in_other_modes(1, True, False), 1, "another mode"),
    "dropout in evaluation": (in_other_modes(9, False, True), 9, "another mode"),
    "dropout in training": (in_other_modes(9, True, False), 9, "another mode"),
    "means for maxima": (replaced(3, lambda old: nn.AvgPool2d(2)), 3, "another pooling"),
    "maxima for means": (replaced(6, lambda old: nn.MaxPool2d(2, padding=1)), 6,
                         "another pooling"),
    "windows rounded up": (altered(3, ceil_mode=True), 3, "another rounding"),
    "padding not counted": (altered(6, count_include_pad=False), 6, "padding counted"),
    "windows that overlap": (altered(3, stride=1), 3, "another stride"),
    "channels last before a dense layer": (
        replaced(10, lambda old: Computed(lambda x: x.movedim(1, -1).flatten(1))), 10,
        "channels last"),
    "another axis": (altered(15, dim=0), 15, "another axis"),
    "a logarithm": (replaced(15, lambda old: nn.LogSoftmax(1)), 15, "another activation"),
    "a factor": (replaced(8, lambda old: Computed(lambda x: 0.5 * torch.tanh(x))), 8,
                 "another scale"),
    "another dtype": (replaced(15, lambda old: Computed(of_another_dtype)), 15, "another dtype"),
}  # fmt: skip

# The same, with the weights that each side has.
FAULTS_OF_WEIGHTS = {
    "a dense layer's": (rearranged(14, torch.t), 14, "transposed weights"),
    "a convolution's, inputs for outputs": (
        rearranged(4, lambda w: w.transpose(0, 1)),
        4,
        "transposed weights",
    ),
    "a convolution's, height for width": (
        rearranged(0, lambda w: w.transpose(2, 3)),
        0,
        "transposed weights",
    ),
    "a convolution's, turned": (rearranged(7, lambda w: w.flip((2, 3))), 7, "flipped kernel"),
    "a bias": (other_bias, 11, "other weights"),
}


def models(seed=0, dtype=torch.float32):
    torch.manual_seed(seed)
    python = net()
    with torch.no_grad():
        python[1].running_mean.normal_()
        python[1].running_var.uniform_(0.5, 2)
    python = python.to(dtype)
    return copy.deepcopy(python), python


def check(java, python, x, layer, cause, **options):
    report = compare_models(java, python, [x], **options)
    assert not report.ok
    layers = [row for row in report.rows if row.kind == "layer"]
    first = next(row for row in layers if not row.ok)
    assert first.name.split()[0] == str(layer), str(report)
    assert {each.name for each in report.causes} == {cause}, str(report)
    assert all(each.where.split(".")[0] == str(layer) for each in report.causes)


@functools.cache
def longest_run(change):
    """The layers after a fault may not fit any more; the run is as long as it can be."""
    java, python = models()
    change(java, python)
    for length in range(len(python), 0, -1):
        try:
            java[:length](torch.randn(INPUT))
        except RuntimeError:
            continue
        return length
    raise AssertionError


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_a_fault_is_found_at_its_layer_with_its_cause(fault, dtype):
    change, layer, cause = FAULTS[fault]
    java, python = models(dtype=dtype)
    change(java, python)
    java.to(dtype)
    length = longest_run(change)
    x = torch.randn(INPUT, dtype=dtype)
    check(java[:length], python[:length], x, layer, cause)


@pytest.mark.parametrize("fault", FAULTS_OF_WEIGHTS)
def test_weights_in_the_wrong_order_are_found(fault):
    change, layer, cause = FAULTS_OF_WEIGHTS[fault]
    java, python = models()
    change(java, python)
    x = torch.randn(INPUT)
    check(java, python, x, layer, cause, copy_weights=False)
    assert compare_models(java, python, [x]).ok  # with the weights of one they agree


@pytest.mark.parametrize("seed", range(len(FAULTS) + len(FAULTS_OF_WEIGHTS)))
def test_a_right_pair_is_not_blamed(seed):
    """Random sizes, dtypes and modes; the weights are Python's."""
    dtype = (torch.float32, torch.float64)[seed % 2]
    java, python = models(seed, dtype)
    with torch.no_grad():
        for parameter in java.parameters():
            parameter.normal_()
    java.train(seed % 3 > 0)
    python.train(seed % 3 > 0)
    height, width = (int(n) for n in torch.randint(11, 16, (2,)))
    x = torch.randn(2 + seed % 4, 3, height, width, dtype=dtype)
    flat = python[:11](x).shape[1]
    for each in (java, python):
        each[11] = nn.Linear(flat, 8, dtype=dtype)
    report = compare_models(java, python, [x])
    assert report.ok, str(report)
    assert not report.causes
    assert all(row.difference.bit_equal for row in report.rows)
    statistics = 2
    assert len(report.rows) == 16 + 1 + statistics + 1 + len(list(python.parameters()))
