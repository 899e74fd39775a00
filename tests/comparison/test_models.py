"""Two models compared: rows, reports, and models that do not match layer by layer."""

from __future__ import annotations

import json
import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from pydjl.comparison import Tolerance, compare_models
from pydjl.comparison.causes import find_causes
from pydjl.comparison.streams import LayerCall
from pydjl.errors import ArgumentError


class Functional(nn.Module):
    """The same as `modules`, with activations that are no layers, and other names."""

    def __init__(self):
        super().__init__()
        self.convolution = nn.Conv2d(2, 4, 3)
        self.norm = nn.BatchNorm2d(4)
        self.dense = nn.Linear(4 * 3 * 4, 5)

    def forward(self, x):
        x = F.relu(self.norm(self.convolution(x)))
        return F.log_softmax(self.dense(x.flatten(1)), 1)


def modules():
    return nn.Sequential(
        nn.Conv2d(2, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(48, 5),
        nn.LogSoftmax(1),
    )  # fmt: skip


def test_layers_are_paired_by_their_weights_where_others_are_missing():
    report = compare_models(modules(), Functional(), [torch.randn(3, 2, 5, 6)])
    assert report.ok
    names = [row.name for row in report.rows if row.kind == "layer"]
    assert names == ["convolution Conv2d", "norm BatchNorm2d", "dense Linear"]
    gradients = [row.name for row in report.rows if row.kind == "gradient"]
    assert gradients == [name for name, _ in Functional().named_parameters()]


def test_a_difference_outside_of_the_layers_is_seen_in_the_output():
    class Wrong(Functional):
        def forward(self, x):
            return super().forward(x) * 2

    report = compare_models(modules(), Wrong(), [torch.randn(3, 2, 5, 6)])
    assert report.first_difference.kind == "output"
    assert not report.causes


def test_weights_without_a_partner_are_listed_and_no_agreement():
    python = Functional()
    python.convolution.bias = None
    report = compare_models(modules(), python, [torch.randn(3, 2, 5, 6)])
    assert not report.ok
    assert report.unpaired == (
        "Java's weight '0.bias' of shape (4,) has no partner in the Python model",
    )


def test_weights_of_other_sizes_are_listed_with_the_shapes_of_both():
    def net(units):
        return nn.Sequential(nn.Linear(3, units), nn.ReLU(), nn.Linear(units, 2))

    class Named(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.last = nn.Linear(3, 5), nn.Linear(5, 2)

        def forward(self, x):
            return self.last(F.relu(self.first(x)))

    report = compare_models(net(4), Named(), [torch.randn(6, 3)])
    lines = (
        "Java's weight '0.weight' of shape (4, 3) has no partner in the Python model, whose "
        "'first.weight' is (5, 3)",
        "Java's weight '0.bias' of shape (4,) has no partner in the Python model, whose "
        "'first.bias' is (5,)",
        "Java's weight '2.weight' of shape (2, 4) has no partner in the Python model, whose "
        "'last.weight' is (2, 5)",
    )
    turned = (
        "Python's weight 'first.weight' of shape (5, 3) has no partner in the Java model, whose "
        "'0.weight' is (4, 3)",
        "Python's weight 'first.bias' of shape (5,) has no partner in the Java model, whose "
        "'0.bias' is (4,)",
        "Python's weight 'last.weight' of shape (2, 5) has no partner in the Java model, whose "
        "'2.weight' is (2, 4)",
    )
    assert report.unpaired == lines + turned


def test_a_missing_gradient_is_a_difference():
    java = modules()
    java[4].weight.requires_grad_(False)
    report = compare_models(java, modules(), [torch.randn(3, 2, 5, 6)])
    assert report.first_difference.name == "4.weight"
    assert "no gradient" in report.first_difference.difference.note


def test_a_function_has_no_layers_to_compare():
    report = compare_models(nn.Sequential(nn.ReLU()), F.relu, [torch.randn(3, 4)])
    assert report.ok
    assert [row.kind for row in report.rows] == ["output", "input gradient"]
    assert not compare_models(nn.Sequential(nn.ReLU()), F.gelu, [torch.randn(3, 4)]).ok


@pytest.mark.parametrize(
    ("x", "note"),
    [
        (torch.full((4, 3), math.nan), "neither side has a finite value"),
        (torch.zeros(0, 3), "there are no values to compare"),
    ],
    ids=["nan", "empty"],
)
def test_where_there_is_nothing_to_compare_every_form_of_the_report_says_so(x, note):
    java = nn.Linear(3, 2)
    report = compare_models(java, nn.Linear(3, 2), [x])
    assert report.ok
    empty = [row.kind for row in report.rows if row.shows_nothing]
    assert {"layer", "output"} <= set(empty)
    assert report.count_of_nothing == len(empty)
    words = f"But {len(empty)} of {len(report.rows)} rows had no finite value to compare."
    assert words in str(report)
    assert words in report.to_html()
    assert str(report).count(note) == report.to_html().count(note) == len(empty)
    assert report.to_json().count(note) == len(empty)
    full = compare_models(java, nn.Linear(3, 2), [torch.randn(4, 3)])
    assert "no finite value" not in str(full) + full.to_html() + full.to_json()


def test_nan_and_infinity_are_facts():
    x = torch.tensor([[1.0, float("nan"), float("inf")]])
    assert compare_models(nn.ReLU(), nn.ReLU(), [x], gradients=False).ok
    clean = torch.nan_to_num
    assert not compare_models(nn.ReLU(), lambda x: clean(F.relu(x)), [x], gradients=False).ok


def test_a_change_that_python_would_not_notice_explains_nothing():
    layer = nn.Linear(3, 4)
    torch.nn.init.constant_(layer.bias, 0.08)
    x = torch.randn(5, 3)
    there = LayerCall("0", "Linear", layer, (x,), (layer(x).detach(),))
    # How much lower Java's result is, what is tolerated, and whether the bias of 0.08 tells why.
    for lower, atol, is_told in ((0.15, 0.1, False), (0.08, 0.07, True)):
        here = LayerCall("0", "Linear", layer, (x,), (there.outputs[0] - lower,))
        causes = find_causes(here, there, (), Tolerance(rtol=0.0, atol=atol))
        assert ("missing bias" in {cause.name for cause in causes}) is is_told


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_results_that_are_no_numbers_are_no_multiples(value):
    class Spoiled(nn.Module):
        def forward(self, x):
            return torch.full_like(x, value)

    java = nn.Sequential(nn.Linear(3, 4), Spoiled())
    python = nn.Sequential(nn.Linear(3, 4), nn.Softmax(1))
    report = compare_models(java, python, [torch.randn(5, 3)])
    assert not report.ok
    assert not report.causes


def test_a_tolerance_is_obeyed():
    def nearly(x):
        return F.relu(x) * 1.001

    x = torch.rand(3, 4) + 1
    assert not compare_models(nn.ReLU(), nearly, [x]).ok
    assert compare_models(nn.ReLU(), nearly, [x], tolerance=Tolerance(rtol=0.01, atol=0)).ok


def test_the_report_as_json_and_as_text():
    java = modules()
    python = modules()
    python[2] = nn.LeakyReLU(0.2)
    report = compare_models(java, python, [torch.randn(3, 2, 5, 6)])
    document = json.loads(report.to_json())
    assert document["first_difference"]["kind"] == "layer"
    assert document["first_difference"]["name"] == "2 LeakyReLU"
    assert document["causes"][0]["name"] == "another activation"
    assert len(document["rows"]) == len(report.rows)
    text = str(report)
    assert "They part at layer '2 LeakyReLU'" in text
    assert "Likely cause: another activation (2)" in text
    # What an assertion that fails or an interpreter shows is short and says the same.
    shown = f"<Report of {len(report.rows)} rows. They part at layer '2 LeakyReLU'"
    assert repr(report).startswith(shown)
    assert "Likely cause: another activation (2)" in repr(report)
    assert "Both agree." in str(compare_models(modules(), modules(), [torch.randn(3, 2, 5, 6)]))


def test_impossible_arguments_are_refused():
    with pytest.raises(ArgumentError, match="at least one input"):
        compare_models(modules(), modules(), [])
    with pytest.raises(ArgumentError, match="outputs"):
        compare_models(nn.ReLU(), lambda x: (x, x), [torch.ones(1)])


class Between(nn.Module):
    """Two layers with something between them that is none."""

    def __init__(self, between):
        super().__init__()
        self.first, self.second, self.between = nn.Linear(3, 4), nn.ReLU(), between

    def forward(self, x):
        return self.second(self.between(self.first(x)))


def test_what_differs_between_two_layers_is_not_blamed_on_either():
    report = compare_models(Between(torch.neg), Between(lambda x: 2 * x), [torch.randn(5, 3)])
    assert report.first_difference.kind == "layer input"
    assert report.first_difference.name == "input of second ReLU"
    assert not report.causes


def test_layers_that_only_one_model_has_are_not_compared_with_others():
    class Python(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv, self.drop, self.extra = nn.Conv2d(1, 2, 3), nn.Dropout(), nn.Identity()
            self.fc = nn.Linear(2 * 3 * 4, 5)

        def forward(self, x):
            return self.fc(self.extra(F.relu(self.drop(self.conv(x)), inplace=True)).flatten(1))

    java = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(24, 5)).eval()
    report = compare_models(java, Python().eval(), [torch.randn(2, 1, 5, 6)])
    assert report.ok, str(report)
    assert not report.causes


def test_tied_weights_are_one():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(3, 3)

        def forward(self, x):
            return self.layer(self.layer(x))

    layer = nn.Linear(3, 3)
    report = compare_models(nn.Sequential(layer, layer), Twice(), [torch.randn(2, 3)])
    assert report.ok, str(report)
    assert len([row for row in report.rows if row.kind == "layer"]) == 2


def test_one_example_is_not_taken_for_a_bias():
    for java, python in (
        (nn.SiLU(), nn.Hardshrink()),
        (nn.LayerNorm(4, eps=0.37), nn.LayerNorm(4)),
    ):
        report = compare_models(java, python, [torch.randn(1, 4)])
        assert not report.ok
        assert "another bias" not in {cause.name for cause in report.causes}


def test_another_momentum_shows_in_the_buffers():
    java, python = nn.BatchNorm1d(3, momentum=0.9), nn.BatchNorm1d(3, momentum=0.1)
    report = compare_models(java, python, [torch.randn(6, 3)])
    assert report.first_difference.kind == "buffer"
    assert report.first_difference.name == "running_mean"
    assert [cause.name for cause in report.causes] == ["another momentum"]
    assert "9 times" in report.causes[0].evidence
    assert not java.running_mean.any()  # both are afterwards as they were


def test_lazy_models_learn_their_shapes_and_nothing_else():
    def lazy():
        return nn.Sequential(nn.LazyLinear(4), nn.LazyBatchNorm1d(), nn.ReLU())

    java, python = lazy(), lazy()
    report = compare_models(java, python, [torch.randn(6, 3)])
    assert report.ok, str(report)
    for each in (java, python):
        assert each.training
        assert not each[1].running_mean.any()


@pytest.mark.parametrize(
    ("java", "python", "shape", "cause"),
    [
        (nn.AvgPool1d(2, 3), nn.AvgPool1d(2), (2, 3, 9), "another stride"),
        (nn.MaxPool2d((2, 2), (2, 2), (0, 0)), nn.MaxPool2d((2, 2), (2, 2), (1, 1)), (2, 3, 9, 8),
         "another padding"),
        (nn.MaxPool2d(3, 2, 1, ceil_mode=True), nn.MaxPool2d(3, 2, 1), (2, 3, 8, 8),
         "another rounding"),
        (nn.MaxPool3d(2), nn.AvgPool3d(2), (2, 3, 4, 6, 5), "another pooling"),
        (nn.Conv2d(2, 3, 3, padding=(1, 0)), nn.Conv2d(2, 3, 3, padding=(0, 1)), (2, 2, 7, 7),
         None),
        (nn.Conv2d(2, 3, 3, padding=(1, 0)), nn.Conv2d(2, 3, 3, padding=1), (2, 2, 7, 9),
         "another padding"),
        (nn.Conv2d(2, 3, 3, stride=4), nn.Conv2d(2, 3, 3), (2, 2, 13, 17), "another stride"),
        (nn.GroupNorm(2, 4, eps=1e-3), nn.GroupNorm(2, 4), (2, 4, 5), "another epsilon"),
        (nn.Hardswish(), nn.SiLU(), (3, 4), "another activation"),
        (nn.AvgPool2d((2, 3), divisor_override=None), nn.AvgPool2d((2, 3), divisor_override=4),
         (2, 3, 8, 9), "another divisor"),
        (nn.AvgPool2d(3, 2, 1, count_include_pad=False), nn.AvgPool2d(3, 2, 1), (2, 3, 8, 9),
         "padding counted"),
        (nn.AvgPool2d(2, 1), nn.AvgPool2d(3, 1), (2, 3, 8, 9), "another window"),
        (nn.AvgPool1d(3, 2, 1), nn.AvgPool1d(3, 2), (2, 3, 9), "another padding"),
        (nn.MaxPool1d(3, 2, ceil_mode=True), nn.AvgPool1d(3, 2, ceil_mode=True), (2, 3, 10),
         "another pooling"),
        (nn.ConvTranspose2d(2, 3, (2, 3), stride=2), nn.ConvTranspose2d(2, 3, (2, 3)),
         (2, 2, 5, 4), "another stride"),
        (nn.ConvTranspose2d(2, 3, 3, 2, 1, 1), nn.ConvTranspose2d(2, 3, 3, 2, 1), (2, 2, 5, 4),
         "another output padding"),
        (nn.ConvTranspose1d(2, 3, 4, padding=1), nn.ConvTranspose1d(2, 3, 4), (2, 2, 5),
         "another padding"),
        (nn.ConvTranspose1d(2, 3, 4, bias=False), nn.ConvTranspose1d(2, 3, 4), (2, 2, 5),
         "missing bias"),
        (nn.BatchNorm1d(4, eps=1e-2).eval(), nn.BatchNorm1d(4).eval(), (1, 4), "another epsilon"),
    ],
    ids=str,
)  # fmt: skip
def test_settings_of_single_layers(java, python, shape, cause):
    report = compare_models(java, python, [torch.randn(shape) * 3], gradients=False)
    assert not report.ok
    assert [each.name for each in report.causes] == ([cause] if cause else []), str(report)


def test_torchscript_and_dtypes_that_numpy_lacks_are_no_errors():
    scripted = torch.jit.script(nn.Sequential(nn.Linear(3, 2), nn.ReLU()))
    java = nn.Sequential(nn.Linear(3, 2), nn.ReLU())
    x = torch.randn(4, 3)
    report = compare_models(java, scripted, [x])
    assert report.ok, str(report)
    assert [row.kind for row in report.rows] == ["output", "input gradient"] + ["gradient"] * 2
    assert compare_models(scripted, java, [x]).ok
    report = compare_models(nn.ReLU(), lambda x: F.relu(x).bfloat16(), [x])
    assert "java float32, python bfloat16" in report.first_difference.difference.note

    class Rounded(nn.ReLU):
        def forward(self, x):
            return super().forward(x).bfloat16()

    report = compare_models(nn.ReLU(), Rounded(), [x])
    assert [cause.name for cause in report.causes] == ["another dtype"]


def test_a_layer_on_another_device_is_named():
    """Read off without numbers, so a device that has none shows it."""
    layer, x = nn.ReLU(), torch.ones(2)
    here = LayerCall("0", "ReLU", layer, (x,), (x,))
    there = LayerCall("0", "ReLU", layer, (x,), (x.to("meta"),))
    causes = find_causes(here, there)
    assert [(cause.name, cause.where) for cause in causes] == [("another device", "0")]
    assert "Java is on cpu, Python on meta" in causes[0].evidence


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_a_number_that_is_none_in_the_middle_is_found_where_it_comes_up(value):
    class Spoiled(nn.Tanh):
        def forward(self, x):
            y = super().forward(x).clone()
            y[0, 1] = value
            return y

    def net(middle):
        return nn.Sequential(nn.Linear(3, 4), middle, nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 2))

    x = torch.randn(2, 3)
    right = compare_models(net(Spoiled()), net(Spoiled()), [x])
    assert right.ok
    assert not right.causes
    report = compare_models(net(Spoiled()), net(nn.Tanh()), [x])
    assert report.first_difference.kind == "layer"
    assert report.first_difference.name == "1 Tanh"
    assert json.loads(report.to_json())["first_difference"]["max_abs_diff"] is None


class Part(nn.Module):
    """A linear layer, and after it an activation or none, which is no layer."""

    def __init__(self, activation):
        super().__init__()
        self.linear, self.activation = nn.Linear(3, 3), activation

    def forward(self, x):
        return self.activation(self.linear(x))


def test_parts_that_end_elsewhere_are_not_blamed_for_a_difference_that_comes_later():
    def ends(slope):
        return nn.Linear(3, 2), nn.LeakyReLU(slope)

    java = nn.Sequential(Part(lambda x: x), nn.ReLU(), *ends(0.1))
    java[0].runs_as_a_whole = True  # so it belongs to the Python part, which ends later
    python = nn.Sequential(Part(torch.relu), *ends(0.3))
    report = compare_models(java, python, [torch.randn(5, 3)])
    assert report.first_difference.name == "2 LeakyReLU"
