"""pydjl.compare: models of DJL's beside their Python twins, however they are given."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import jpype
import pytest
import torch
from torch import nn

import pydjl
from pydjl.comparison import compare_steps, train
from pydjl.errors import ArgumentError, ArgumentTypeError, DtypeError, ShapeError
from pydjl.runtime import java_class
from pydjl.training import losses, optimizers


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


@pytest.mark.parametrize(
    ("layers", "cause"),
    [
        ((nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2)), "missing layer"),
        ((nn.Linear(3, 4), nn.Linear(4, 2), nn.Softmax(1), nn.Tanh()), "missing layer"),
        ((nn.Linear(3, 4), nn.Linear(4, 2)), "extra layer"),
        ((nn.Tanh(), nn.Linear(3, 4), nn.Linear(4, 2)), "another order"),
    ],
    ids=str,
)
def test_a_layer_that_only_one_side_has_is_named(layers, cause):
    def java():
        net = java_class("ai.djl.nn.SequentialBlock")()
        for units in (4, 2):
            net.add(java_class("ai.djl.nn.core.Linear").builder().setUnits(units).build())
        if cause != "missing layer":
            net.add(java_class("ai.djl.nn.Activation").tanhBlock())
        return net

    report = pydjl.compare(java, nn.Sequential(*layers), torch.randn(5, 3))
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


@pytest.mark.parametrize("training", [True, False])
def test_torchscript_with_running_statistics_is_compared_in_pythons_mode(tmp_path, training):
    python = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.Linear(3, 2))
    with torch.no_grad():
        python[1].running_mean.normal_()
        python[1].running_var.uniform_(0.5, 2)
    python.train(training)
    torch.jit.script(python).save(tmp_path / "model.pt")
    for _ in range(2):  # the second finds what the first has left
        report = pydjl.compare(tmp_path / "model.pt", python, torch.randn(5, 4))
        assert report.ok, str(report)
    assert python.training is training
    with torch.no_grad():
        python[1].running_mean.add_(1)
    report = pydjl.compare(tmp_path / "model.pt", python, torch.randn(5, 4))
    assert report.ok is training  # in training mode a normalisation does not read them


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


def linear(units=2, bias=True):
    builder = java_class("ai.djl.nn.core.Linear").builder().setUnits(units)
    return builder.optBias(bias).build()


def saved(block, folder, name="net"):
    """Weights as DJL's own Model.save writes them."""
    model = java_class("ai.djl.Model").newInstance(name, "PyTorch")
    model.setBlock(block)
    model.save(java_class("java.nio.file.Paths").get(str(folder)), name)
    return folder / f"{name}-0000.params"


def test_a_saved_djl_model_keeps_its_weights(tmp_path):
    x = torch.randn(3, 4)
    module = pydjl.nn.from_block(linear)
    module(x)
    file = saved(module.block, tmp_path)
    python = nn.Linear(4, 2)
    python.load_state_dict(module.state_dict())
    for path in (file, str(tmp_path)):
        report = pydjl.compare(linear, python, x, saved=path)
        assert report.ok, str(report)
        assert [row.kind for row in report.rows].count("weight") == 2
    other = pydjl.compare(linear, nn.Linear(4, 2), x, saved=file)
    assert other.first_difference.kind == "weight"
    assert pydjl.compare(linear, nn.Linear(4, 2), x, saved=file, copy_weights=True).ok


def test_saved_weights_that_do_not_fit_are_refused(tmp_path):
    x = torch.randn(3, 4)
    module = pydjl.nn.from_block(linear)
    module(x)
    file = saved(module.block, tmp_path)

    def refuses(java, path, words):
        with pytest.raises((ArgumentError, ArgumentTypeError), match=words):
            pydjl.compare(java, nn.Linear(4, 2), x, saved=path)

    def two():
        return java_class("ai.djl.nn.SequentialBlock")().add(linear()).add(linear())

    refuses(two, file, "cannot load")
    refuses(lambda: linear(bias=False), file, "more weights")
    (tmp_path / "other.params").write_bytes(b"no weights at all")
    refuses(linear, tmp_path / "other.params", "Model.save")
    refuses(linear, tmp_path, "several models")
    refuses(linear, tmp_path / "missing.params", "no file")
    (tmp_path / "empty").mkdir()
    refuses(linear, tmp_path / "empty", "no file")
    refuses(nn.Linear(4, 2), file, "torch module")
    refuses("java.util.ArrayList", file, "none")
    with pytest.raises(ArgumentError, match="no layers"):
        pydjl.compare(file, nn.Linear(4, 2), x)
    with pytest.raises(ArgumentError, match=r"0 files \*\.pt"):
        pydjl.compare(tmp_path, nn.Linear(4, 2), x)


@pytest.mark.parametrize("classes", [False, True])
def test_training_steps_are_compared_and_leave_no_trace(classes):
    x = torch.randn(6, 3, 10, 12)
    targets = torch.randint(5, (6,)) if classes else None
    java, python = pydjl.nn.from_block(java_net), twin()
    python.insert(7, nn.Dropout(0.3))
    java = nn.Sequential(*java.children())
    java.insert(5, nn.Dropout(0.3))
    pydjl.compare(java, python, x)
    before = [m.state_dict() for m in (java, python)]
    before = [{name: value.clone() for name, value in state.items()} for state in before]
    report = pydjl.compare(java, python, x, steps=3, lr=0.1, targets=targets)
    assert report.ok, str(report)
    assert len(report.losses) == 3
    assert report.losses[0] != report.losses[2]
    assert {row.step for row in report.rows} == {None, 1, 2, 3}
    for model, state in zip((java, python), before, strict=True):
        for name, value in model.state_dict().items():
            assert torch.equal(value, state[name]), name
    assert all(p.grad is None for m in (java, python) for p in m.parameters())


def test_a_difference_that_only_training_shows_names_the_step():
    class Sticky(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner, self.weight = nn.Linear(3, 3), None

        def forward(self, x):
            first = self.inner.weight.detach()[0, 0].item()
            self.weight = first if self.weight is None else self.weight
            # Once the weights have moved, the result is another one.
            return self.inner(x) * (1 if first == self.weight else 2)

    report = pydjl.compare(nn.Sequential(nn.Linear(3, 3)), Sticky(), torch.randn(4, 3), steps=3)
    assert report.first_difference.step == 2
    assert report.first_difference.kind == "loss"


def test_trainings_that_cannot_be_are_refused():
    x = torch.randn(4, 3)
    with pytest.raises(ArgumentError, match="at least 0"):
        pydjl.compare(nn.Linear(3, 2), nn.Linear(3, 2), x, steps=-1)
    with pytest.raises(ArgumentError, match="function"):
        pydjl.compare(nn.ReLU(), torch.relu, x, steps=1)
    with pytest.raises(ArgumentError, match="nothing to train"):
        pydjl.compare(nn.ReLU(), nn.ReLU(), x, steps=1)


OPTIMIZERS = {
    "sgd": (optimizers.Sgd, torch.optim.SGD, {}),
    "momentum": (optimizers.Sgd, torch.optim.SGD, {"momentum": 0.9, "weight_decay": 0.01}),
    "adam": (optimizers.Adam, torch.optim.Adam, {}),
    "adamw": (optimizers.AdamW, torch.optim.AdamW, {}),
}


@pytest.mark.parametrize("rate", [1e-2, 1e-4, 1e-6])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_steps_of_djls_optimizers_are_torchs_and_another_rate_is_found(name, rate):
    ours, theirs, options = OPTIMIZERS[name]
    torch.manual_seed(0)  # of a gradient near 0, DJL's Adam makes another update: its ε is larger
    batches = [(torch.randn(8, 3), torch.randn(8, 2)) for _ in range(30)]

    def report(java_rate):
        java, python = pydjl.nn.Linear(3, 2), nn.Linear(3, 2)
        java.load_state_dict(python.state_dict())
        its = theirs(python.parameters(), lr=rate, **options)
        mine = ours(java.parameters(), lr=java_rate, **options)
        return compare_steps(
            train(java, losses.L2Loss(1.0), mine, batches),
            train(python, nn.MSELoss(), its, batches),
        )

    right = report(rate)
    assert right.ok, str(right.first_difference)
    for java_rate in (3 * rate, 0.0):
        wrong = report(java_rate)
        assert wrong.first_difference.title == "step 1 update"
        assert [cause.name for cause in wrong.causes] == ["another learning rate"], str(wrong)


@pytest.mark.parametrize("dtype", [torch.float16, torch.float64], ids=str)
@pytest.mark.parametrize("seed", range(4))
def test_right_pairs_of_other_dtypes_and_random_sizes_are_not_blamed(dtype, seed):
    torch.manual_seed(seed)
    height, width, batch = (int(n) for n in torch.randint(6, 15, (3,)))
    python = twin()
    python[7] = nn.Linear(6 * (height // 2 - 1) * (width // 2 - 2), 5)
    python = python.to(dtype).train(seed % 2 == 0)
    java = pydjl.nn.from_block(java_net).to(dtype).train(seed % 2 == 0)
    report = pydjl.compare(java, python, torch.randn(batch, 3, height, width, dtype=dtype))
    assert report.ok, str(report)
    assert not report.causes
    if dtype is torch.float16:  # in float64 it shows that DJL keeps a slope as a float
        assert all(row.difference.bit_equal for row in report.rows if row.kind != "buffer")


def test_resnet_18_of_djls_blocks_is_pytorchs():
    path = Path(__file__).resolve().parents[1] / "examples" / "resnet18.py"
    spec = importlib.util.spec_from_file_location("resnet18", path)
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    python = example.torch_resnet18(classes=7)
    assert sum(p.numel() for p in python.parameters()) == 11_176_512 + 512 * 7 + 7
    report = pydjl.compare(example.java_resnet18(7), python, torch.randn(2, 3, 40, 64))
    assert report.ok, str(report)
    names = [row.name for row in report.rows if row.kind == "layer"]
    assert [name for name in names if "Residual" in name] == [f"{i} Residual" for i in range(4, 12)]
    assert all(row.difference.bit_equal for row in report.rows if row.kind != "buffer")


def test_a_python_block_that_ends_later_than_javas_is_not_blamed():
    class Later(Residual):
        def forward(self, x):
            return torch.relu(super().forward(x))

    python = nn.Sequential(Later(0.2), nn.Conv2d(3, 2, (1, 2)))
    x = torch.randn(2, 3, 6, 5)
    report = pydjl.compare(java_residual, python, x)
    assert report.ok, str(report)
    assert not pydjl.compare(lambda: java_residual(0.3), python, x).ok


@pytest.mark.parametrize("used_before", [False, True])
def test_equal_models_are_equal_under_autocast(used_before):
    x, java = torch.randn(5, 3), pydjl.nn.from_block(linear)
    with torch.autocast("cpu", dtype=torch.float16):
        if used_before:  # autocast then has a copy of the weights that Java's are replaced by
            java(x)
        python = nn.Linear(3, 2)
        report = pydjl.compare(java, python, x, steps=3, lr=0.1)
        assert report.ok, str(report)
        assert report.rows[0].difference.java_dtype == "float16"
        assert pydjl.compare(java, python, x, steps=2, targets=torch.tensor([0, 1, 1, 0, 1])).ok
        # Neither is left with copies of weights that it no longer has.
        assert torch.equal(java(x), nn.functional.linear(x, python.weight, python.bias))
        python(x).sum().backward()
        assert python.weight.grad is not None


def test_a_search_for_causes_leaves_autocast_no_weights_without_gradients():
    java, python = pydjl.nn.Conv2d(2, 3, 3), nn.Conv2d(2, 3, 3, padding=1)
    x = torch.randn(1, 2, 5, 6)
    with torch.autocast("cpu", dtype=torch.float16):
        assert pydjl.compare(java, python, x).causes[0].name == "another padding"
        python(x).sum().backward()
    assert python.weight.grad is not None


def test_models_are_trained_under_inference_mode():
    java, python = pydjl.nn.Linear(3, 2), nn.Linear(3, 2)
    with torch.inference_mode():
        x, y = torch.randn(5, 3), torch.randn(5, 2)
        assert pydjl.compare(java, python, x, steps=2).ok
        assert pydjl.compare(java, python, x, steps=2, targets=y, gradients=False).ok
        frozen = nn.Linear(3, 2)
        assert pydjl.compare(java, frozen, x, gradients=False).ok
        for options in ({}, {"gradients": False, "steps": 1}):
            with pytest.raises(ArgumentError, match="inference_mode"):
                pydjl.compare(java, frozen, x, **options)


@pytest.mark.parametrize(
    ("targets", "error", "words"),
    [
        (torch.ones(2, 5), ShapeError, r"\(2, 5\).*\(5, 2\).*\(5, 2\) is needed"),
        (torch.ones(5, 1), ShapeError, r"\(5, 2\) is needed"),
        (torch.ones(5, 2, dtype=torch.int64), ShapeError, r"\(5,\) is needed"),
        (torch.ones(5, 2, dtype=torch.float64), DtypeError, r"targets.to\(torch.float32\)"),
        (torch.ones(5, dtype=torch.bool), DtypeError, "torch.bool"),
        (torch.ones(5, 2, dtype=torch.complex64), DtypeError, "torch.complex64"),
    ],
)
def test_targets_that_do_not_fit_the_outputs_are_refused(targets, error, words):
    java, python = pydjl.nn.Linear(3, 2), nn.Linear(3, 2)
    with pytest.raises(error, match=words):
        pydjl.compare(java, python, torch.randn(5, 3), steps=1, targets=targets)


def test_classes_may_be_of_any_integers_and_in_any_number_of_dimensions():
    java, python = pydjl.nn.Conv1d(3, 4, 2), nn.Conv1d(3, 4, 2)
    for dtype in (torch.uint8, torch.int32, torch.int64):
        targets = torch.randint(4, (2, 6), dtype=dtype)
        x = torch.randn(2, 3, 7)
        assert pydjl.compare(java, python, x, steps=2, lr=0.5, targets=targets).ok
    java, python = pydjl.nn.Linear(3, 2), nn.Linear(3, 2)
    assert pydjl.compare(java, python, torch.randn(3), steps=2, targets=torch.tensor(1)).ok


@pytest.mark.parametrize("steps", ["2", 1.0, True, None])
def test_steps_are_a_whole_number(steps):
    with pytest.raises(ArgumentTypeError, match="whole number"):
        pydjl.compare(pydjl.nn.Linear(3, 2), nn.Linear(3, 2), torch.randn(4, 3), steps=steps)
