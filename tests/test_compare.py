"""pydjl.compare: models of DJL's beside their Python twins, however they are given."""

from __future__ import annotations

import jpype
import pytest
import torch
from torch import nn

import pydjl
from pydjl.errors import ArgumentError, ArgumentTypeError
from pydjl.runtime import java_class


def shape(*sizes):
    return java_class("ai.djl.ndarray.types.Shape")(list(sizes))


def convolution(filters, height, width, padding=0):
    builder = java_class("ai.djl.nn.convolutional.Conv2d").builder()
    builder = builder.setFilters(filters).setKernelShape(shape(height, width))
    return builder.optPadding(shape(padding, padding)).build()


def java_net(slope=0.2, padding=1, eps=1e-5, bias=True):
    activation = java_class("ai.djl.nn.Activation")
    inner = java_class("ai.djl.nn.SequentialBlock")()
    inner.add(convolution(4, 3, 3, padding))
    inner.add(java_class("ai.djl.nn.norm.BatchNorm").builder().optEpsilon(eps).build())
    inner.add(activation.reluBlock())
    net = java_class("ai.djl.nn.SequentialBlock")()
    net.add(inner)
    net.add(java_class("ai.djl.nn.pooling.Pool").maxPool2dBlock(shape(2, 2), shape(2, 2)))
    net.add(convolution(6, 2, 3))
    net.add(activation.leakyReluBlock(slope))
    net.add(java_class("ai.djl.nn.Blocks").batchFlattenBlock())
    net.add(java_class("ai.djl.nn.core.Linear").builder().setUnits(5).optBias(bias).build())
    return net


def twin():
    return nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(4, 6, (2, 3)), nn.LeakyReLU(0.2), nn.Flatten(), nn.Linear(6 * 4 * 4, 5),
    )  # fmt: skip


X = (2, 3, 10, 12)


def test_a_right_pair_is_equal_to_the_last_bit_gradients_included():
    report = pydjl.compare(java_net, twin(), torch.randn(X))
    assert report.ok, str(report)
    # DJL's momentum of the running statistics is 1 - 0.9f.
    rows = [row for row in report.rows if row.kind != "buffer"]
    assert all(row.difference.bit_equal for row in rows), str(report)
    assert [row.kind for row in report.rows].count("layer") == 8
    assert [row.kind for row in report.rows].count("gradient") == 8


@pytest.mark.parametrize(
    ("change", "layer", "cause"),
    [
        ({"slope": 0.01}, "5 LeakyReLU", "another activation"),
        ({"eps": 1e-3}, "1 BatchNorm2d", "another epsilon"),
        ({"padding": 0}, "0 Conv2d", "another padding"),
        ({"bias": False}, "7 Linear", "missing bias"),
    ],
    ids=str,
)
def test_a_fault_in_java_is_found_at_its_layer(change, layer, cause):
    report = pydjl.compare(lambda: java_net(**change), twin(), torch.randn(X))
    assert not report.ok
    assert report.first_difference.name == layer
    assert [each.name for each in report.causes] == [cause], str(report)


def test_modes_differ():
    java = pydjl.nn.from_block(java_net).eval()
    report = pydjl.compare(java, twin(), torch.randn(X))
    assert report.causes[0].name == "another mode"
    assert pydjl.compare(java, twin().eval(), torch.randn(X)).ok


def test_a_block_that_runs_as_a_whole_is_compared_as_a_whole():
    class Both(nn.Module):
        def __init__(self):
            super().__init__()
            self.one, self.other = nn.Linear(3, 2), nn.Linear(3, 2)

        def forward(self, x):
            return self.one(x) + self.other(x)

    java = pydjl.nn.from_block(pydjl.nn.to_block(Both()))
    assert pydjl.compare(java, Both(), torch.randn(4, 3)).ok


class Residual(nn.Module):
    def __init__(self, slope):
        super().__init__()
        self.first, self.second = nn.Conv2d(3, 3, 3, padding=1), nn.Conv2d(3, 3, 3, padding=1)
        self.activation = nn.LeakyReLU(slope)

    def forward(self, x):
        return x + self.second(self.activation(self.first(x)))


def java_residual(slope=0.2):
    branch = java_class("ai.djl.nn.SequentialBlock")()
    branch.add(convolution(3, 3, 3, 1))
    branch.add(java_class("ai.djl.nn.Activation").leakyReluBlock(slope))
    branch.add(convolution(3, 3, 3, 1))
    both = java_class("ai.djl.nn.ParallelBlock")(
        jpype.JProxy(
            "java.util.function.Function",
            dict={
                "apply": lambda lists: java_class("ai.djl.ndarray.NDList")(
                    jpype.JArray(java_class("ai.djl.ndarray.NDArray"))(
                        [lists[0].head().add(lists[1].head())]
                    )
                )
            },
        )
    )
    both.add(branch)
    both.add(java_class("ai.djl.nn.Blocks").identityBlock())
    net = java_class("ai.djl.nn.SequentialBlock")()
    net.add(both)
    net.add(java_class("ai.djl.nn.Activation").reluBlock())
    net.add(convolution(2, 1, 2))
    return net


def test_branches_that_java_runs_as_a_whole_are_compared_with_the_module_of_the_same_weights():
    python = nn.Sequential(Residual(0.2), nn.ReLU(), nn.Conv2d(3, 2, (1, 2)))
    report = pydjl.compare(java_residual, python, torch.randn(2, 3, 6, 5))
    assert report.ok, str(report)
    assert [row.name for row in report.rows if row.kind == "layer"] == [
        "0 Residual", "1 ReLU", "2 Conv2d",
    ]  # fmt: skip
    wrong = pydjl.compare(lambda: java_residual(0.3), python, torch.randn(2, 3, 6, 5))
    assert wrong.first_difference.name == "0 Residual"


def test_models_and_inputs_may_be_given_in_several_ways(tmp_path):
    x = torch.randn(3, 4)
    python = nn.Linear(4, 2)

    def linear():
        return java_class("ai.djl.nn.core.Linear").builder().setUnits(2).build()

    inputs = (x, x.numpy(), pydjl.from_torch(x), [x], (x,))
    for java in (linear, linear(), pydjl.nn.from_block(linear), pydjl.nn.Linear(4, 2)):
        for each in inputs:
            assert pydjl.compare(java, python, each).ok
    path = tmp_path / "model.pt"
    torch.jit.trace(python, x).save(path)
    report = pydjl.compare(path, python, x, copy_weights=False)
    assert report.ok, str(report)
    assert pydjl.compare(str(path), python, x, copy_weights=False).ok
    java_class("java.lang.System").gc()
    other = nn.Linear(4, 2)
    assert not pydjl.compare(path, other, x, copy_weights=False).ok


def test_what_is_no_model_is_refused(tmp_path):
    text = tmp_path / "model.pt"
    text.write_text("no model")
    x = torch.ones(1, 2)
    with pytest.raises(ArgumentError, match="TorchScript"):
        pydjl.compare(text, nn.Linear(2, 1), x)
    with pytest.raises(ArgumentError, match="no file"):
        pydjl.compare(tmp_path / "missing.pt", nn.Linear(2, 1), x)
    with pytest.raises(ArgumentTypeError, match=r"no\.such\.Block"):
        pydjl.compare("no.such.Block", nn.Linear(2, 1), x)
    with pytest.raises(ArgumentTypeError, match="ArrayList"):
        pydjl.compare("java.util.ArrayList", nn.Linear(2, 1), x)
    with pytest.raises(ArgumentTypeError, match="input 0"):
        pydjl.compare(nn.Linear(2, 1), nn.Linear(2, 1), ["a"])
