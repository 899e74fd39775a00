"""DJL's losses against NumPy's arithmetic of their formulas, torch's losses and gradcheck."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

import pydjl
from pydjl.errors import ArgumentError, ArgumentTypeError, ArrayIndexError, PydjlError
from pydjl.runtime import java_class
from pydjl.training.losses import (
    ElasticNetWeightDecay,
    HingeLoss,
    L1Loss,
    L1WeightDecay,
    L2Loss,
    L2WeightDecay,
    Loss,
    QuantileL1Loss,
    SigmoidBinaryCrossEntropyLoss,
    SoftmaxCrossEntropyLoss,
)

SHAPE = (5, 3, 2)


def pair(dtype=torch.float64):
    torch.manual_seed(7)
    return torch.randn(SHAPE, dtype=dtype, requires_grad=True), torch.randn(SHAPE, dtype=dtype)


def classes(*shape):
    return torch.randint(0, 4, shape)


def signs(target):
    return torch.where(target > 0, 1.0, -1.0).to(target.dtype)


def bits(target):
    return (target > 0).to(target.dtype)


def f32(value):
    return float(np.float32(value))


# The loss, what to make of a normal target, and its formula in NumPy's float64.
ELEMENTWISE = [
    (L1Loss(), torch.clone, lambda x, y: np.abs(x - y).mean()),
    (L2Loss(), torch.clone, lambda x, y: (0.5 * (x - y) ** 2).mean()),
    (L2Loss(0.3), torch.clone, lambda x, y: f32(0.3) * ((x - y) ** 2).mean()),
    (
        QuantileL1Loss(0.7),
        torch.clone,
        lambda x, y: 2 * np.where(y <= x, (x - y) * (1 - f32(0.7)), (y - x) * f32(0.7)).mean(),
    ),
    (HingeLoss(), signs, lambda x, y: np.maximum(0, 1 - x * y).mean()),
    (HingeLoss(2, 0.7), signs, lambda x, y: f32(0.7) * np.maximum(0, 2 - x * y).mean()),
    (
        SigmoidBinaryCrossEntropyLoss(0.25),
        bits,
        lambda x, y: 0.25 * np.where(y == 1, np.logaddexp(0, -x), np.logaddexp(0, x)).mean(),
    ),
]


def name(case):
    return repr(case) if isinstance(case, torch.nn.Module) else None


@pytest.mark.parametrize(("loss", "make", "formula"), ELEMENTWISE, ids=name)
def test_is_its_formula_with_right_gradients(loss, make, formula):
    x, target = pair()
    y = make(target)
    value = loss(x, y)
    assert value.shape == ()
    np.testing.assert_allclose(
        value.item(), formula(x.detach().numpy(), y.numpy()), rtol=1e-7, atol=1e-12
    )
    assert torch.autograd.gradcheck(loss, (x, y))
    assert torch.autograd.gradgradcheck(loss, (x, y))


@pytest.mark.parametrize(
    ("ours", "theirs", "make"),
    [
        (L1Loss(), F.l1_loss, torch.clone),
        (L2Loss(1.0), F.mse_loss, torch.clone),
        (SigmoidBinaryCrossEntropyLoss(), F.binary_cross_entropy_with_logits, bits),
    ],
)
@given(st.integers(1, 6), st.integers(1, 5), st.integers(0, 2**31))
def test_is_torchs_loss(ours, theirs, make, rows, columns, seed):
    torch.manual_seed(seed)
    x, y = torch.randn(rows, columns) * 5, make(torch.randn(rows, columns))
    torch.testing.assert_close(ours(x, y), theirs(x, y), rtol=2e-6, atol=2e-6)


@given(
    st.lists(st.integers(1, 4), min_size=0, max_size=2),
    st.integers(1, 5),
    st.integers(1, 4),
    st.integers(0, 2**31),
)
def test_softmax_cross_entropy_is_torchs_in_any_number_of_dimensions(rest, n, c, seed):
    torch.manual_seed(seed)
    x = (3 * torch.randn(n, c, *rest)).requires_grad_()
    y = torch.randint(0, c, (n, *rest))
    loss, expected = SoftmaxCrossEntropyLoss(class_axis=1)(x, y), F.cross_entropy(x, y)
    torch.testing.assert_close(loss, expected, rtol=2e-6, atol=1e-6)
    (ours,), (theirs,) = (torch.autograd.grad(each, x) for each in (loss, expected))
    torch.testing.assert_close(ours, theirs, rtol=2e-5, atol=1e-6)


def test_softmax_cross_entropy_with_other_targets_and_axes():
    torch.manual_seed(1)
    x = torch.randn(3, 5, 4, dtype=torch.float64, requires_grad=True)
    y = classes(3, 5)
    last = SoftmaxCrossEntropyLoss()
    expected = F.cross_entropy(x.reshape(15, 4), y.reshape(15))
    torch.testing.assert_close(last(x, y), expected)
    torch.testing.assert_close(last(x, y.to(torch.int32)), expected)
    torch.testing.assert_close(
        SoftmaxCrossEntropyLoss(0.5, from_logit=False)(x.log_softmax(-1), y), expected / 2
    )
    soft = torch.softmax(torch.randn(3, 5, 4, dtype=torch.float64), -1)
    dense = SoftmaxCrossEntropyLoss(sparse_label=False)
    torch.testing.assert_close(
        dense(x, soft), F.cross_entropy(x.reshape(15, 4), soft.reshape(15, 4))
    )
    assert torch.autograd.gradcheck(lambda x: last(x, y), x)
    assert torch.autograd.gradgradcheck(lambda x: last(x, y), x)
    assert torch.autograd.gradcheck(dense, (x, soft))


DENSE = [*(case[0] for case in ELEMENTWISE), SoftmaxCrossEntropyLoss(sparse_label=False)]


@pytest.mark.parametrize("loss", DENSE, ids=name)
def test_a_target_differs_from_the_input_in_axes_of_length_1_only(loss):
    x, y = pair()
    assert torch.equal(loss(x, y[:, None]), loss(x, y))
    assert torch.equal(loss(x[:, 0], y[:, :1]), loss(x[:, 0], y[:, 0]))
    for wrong in (y.transpose(0, 1), y.flatten(), y[:1]):
        with pytest.raises(ArgumentError, match=r"labels have the shape .*predictions \(5, 3, 2\)"):
            loss(x, wrong)


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64, torch.uint8])
def test_numbers_of_classes_may_be_of_any_type_but_are_whole(dtype):
    x, y = torch.randn(4, 3), torch.tensor([0, 2, 1, 1])
    loss = SoftmaxCrossEntropyLoss()
    assert torch.equal(loss(x, y.to(dtype)), loss(x, y))
    if not dtype.is_floating_point:
        return
    for wrong in (1.9, 0.5, float("nan"), float("inf")):
        labels = y.to(dtype)
        labels[2] = wrong
        with pytest.raises(ArgumentError, match=r"not whole.*sparse_label=False"):
            loss(x, labels)


@pytest.mark.parametrize("label", [-1, 3])
def test_a_class_that_is_not_there_is_refused(label):
    with pytest.raises(ArrayIndexError, match="out of bounds"):
        SoftmaxCrossEntropyLoss()(torch.ones(2, 3), torch.tensor([0, label]))


def test_another_margin_is_a_weight_of_scaled_predictions():
    x, target = pair()
    y = signs(target)
    expected = np.maximum(0, 0.5 - (x * y).detach().numpy()).mean()
    assert HingeLoss(weight=0.5)(x / 0.5, y).item() == pytest.approx(expected, rel=1e-12)


def test_every_kind_of_array_is_taken():
    x, y = np.array([[1.0, 2.0]]), np.array([[0.0, 0.0]])
    assert L2Loss()(x, y).item() == L2Loss()(pydjl.array(x), torch.from_numpy(y)).item() == 1.25


def test_what_djl_does_wrong_is_not_offered():
    losses = java_class("ai.djl.training.loss.Loss")
    x, y = torch.tensor([5.0]), torch.tensor([3.0])
    assert Loss(losses.l1Loss("L1Loss", 2.0))(x, y).item() == 6.0  # 2 * y, whatever x is
    wrong = Loss(losses.sigmoidBinaryCrossEntropyLoss("loss", 1.0, True))
    probability = torch.tensor([0.25])
    expected = F.binary_cross_entropy(probability, torch.ones(1))
    torch.testing.assert_close(wrong(probability, torch.ones(1)), -expected)


def test_any_djl_loss_is_a_module():
    losses = java_class("ai.djl.training.loss.Loss")
    both = java_class("ai.djl.training.loss.SimpleCompositeLoss")()
    both.addLoss(losses.l1Loss()).addLoss(losses.l2Loss())
    x, y = pair()
    torch.testing.assert_close(Loss(both)(x, y), L1Loss()(x, y) + L2Loss()(x, y))
    assert torch.autograd.gradcheck(Loss(both), (x, y))
    with pytest.raises(ArgumentTypeError, match=r"MSELoss.*pydjl\.training\.losses"):
        Loss(torch.nn.MSELoss())


@pytest.mark.parametrize("loss", [case[0] for case in ELEMENTWISE], ids=name)
def test_copies_and_pickles_compute_the_same(loss):
    x, y = pair()
    for twin in (copy.deepcopy(loss), pickle.loads(pickle.dumps(loss))):
        assert torch.equal(twin(x, y), loss(x, y))
        assert repr(twin) == repr(loss)


def parameters():
    torch.manual_seed(2)
    return [torch.randn(3, 2, requires_grad=True), torch.randn(4, requires_grad=True)]


@pytest.mark.parametrize(
    ("kind", "factors", "l1", "l2"),
    [
        (L1WeightDecay, (0.5,), 0.5, 0.0),
        (L2WeightDecay, (0.25,), 0.0, 0.25),
        (ElasticNetWeightDecay, (0.5, 0.25), 0.5, 0.25),
        (ElasticNetWeightDecay, (), 1.0, 1.0),
    ],
)
def test_weight_decays(kind, factors, l1, l2):
    weights = parameters()
    penalty = kind(iter(weights), *factors)
    value = penalty()
    expected = sum(l1 * w.detach().abs().sum() + l2 * (w.detach() ** 2).sum() for w in weights)
    torch.testing.assert_close(value.detach(), expected)
    collect_garbage()
    value.backward()
    for weight in weights:
        torch.testing.assert_close(
            weight.grad, l1 * weight.detach().sign() + 2 * l2 * weight.detach()
        )
    assert list(penalty.parameters()) == []
    torch.testing.assert_close(value.detach(), expected)


def test_weight_decays_of_every_kind_of_array():
    weights = torch.tensor([1.0, -2.0])
    for array in (weights, weights.numpy(), pydjl.from_torch(weights)):
        assert L2WeightDecay(array)().item() == L2WeightDecay([array])().item() == 5.0


def collect_garbage():
    """Let Java free its buffers, and write over where they were."""
    java_class("java.lang.System").gc()
    buffers = java_class("java.nio.ByteBuffer")
    for _ in range(20):
        buffers.allocateDirect(4).putFloat(0, 9e22)
    for _ in range(20):
        torch.full((1,), 9e22)


def test_gradients_are_right_whatever_javas_garbage_collector_does():
    losses = java_class("ai.djl.training.loss.Loss")
    for _ in range(15):
        x, y = torch.randn(3, 2, requires_grad=True), torch.randn(3, 2)
        values = [
            L2Loss(0.75)(x, y),
            QuantileL1Loss(0.5)(x, y),
            HingeLoss(1, 0.5)(x, signs(y)),
            Loss(losses.l2Loss("of the user", 3.0))(x, y),
        ]
        collect_garbage()
        gradients = [torch.autograd.grad(value, x)[0] for value in values]
        difference = (x - y).detach()
        expected = [
            1.5 * difference / 6,
            difference.sign() / 6,
            torch.where(1 - signs(y) * x > 0, -signs(y) * 0.5, 0.0).detach() / 6,
            6 * difference / 6,
        ]
        torch.testing.assert_close(gradients, expected, rtol=1e-5, atol=1e-7)


def test_writes_between_forward_and_backward_are_seen():
    x, y = torch.randn(3, requires_grad=True), torch.randn(3)
    scaled = x * 2
    loss = L2Loss()(scaled, y)
    # The difference is what the square has saved; the prediction itself is free.
    loss.backward(retain_graph=True)
    predicted = torch.sigmoid(x)
    loss = HingeLoss()(predicted, signs(y))
    with torch.no_grad():
        predicted.zero_()
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


def test_follows_grad_mode_and_leaves_it():
    x, y = pair()
    with torch.no_grad():
        assert not L2Loss()(x, y).requires_grad
    with torch.inference_mode():
        assert L2Loss()(x, y).is_inference()
    assert L2Loss()(x, y).requires_grad


@pytest.mark.parametrize(
    ("compute", "kind", "words"),
    [
        (lambda: L2Loss()(torch.ones(2, 3), torch.ones(5)), PydjlError, r"\(2, 3\).*\(5,\)"),
        (lambda: L2Loss()("text", torch.ones(1)), ArgumentTypeError, "input.*str"),
        (
            lambda: SoftmaxCrossEntropyLoss(class_axis=3)(torch.ones(2, 3), torch.ones(2)),
            ArgumentError,
            r"class_axis is 3.*\(2, 3\)",
        ),
        (
            lambda: SoftmaxCrossEntropyLoss()(torch.ones(2, 3), torch.tensor([0, 3])),
            PydjlError,
            "out of bounds",
        ),
        (
            lambda: SoftmaxCrossEntropyLoss()(torch.ones(6, 3), torch.ones(3)),
            ArgumentError,
            r"labels have the shape \(3\).*\(6, 3\).*need \(6\)",
        ),
        (lambda: L1WeightDecay([]), ArgumentError, "at least one"),
        (lambda: L1WeightDecay(None), ArgumentTypeError, "takes parameters, not a NoneType"),
        (lambda: L1WeightDecay([1.0]), ArgumentTypeError, "parameters must be .*not float"),
        (lambda: L2WeightDecay(torch.ones(1), "a"), ArgumentTypeError, "factor is 'a'"),
        (lambda: HingeLoss(0.5), ArgumentTypeError, r"margin is 0\.5, but a whole number"),
        (lambda: HingeLoss(float("nan")), ArgumentTypeError, "margin is nan"),
        (lambda: HingeLoss(10**12), ArgumentError, "margin is too large"),
        (lambda: HingeLoss(weight="a"), ArgumentTypeError, "weight is 'a'"),
        (lambda: L2Loss("a"), ArgumentTypeError, "weight is 'a', but a number"),
        (lambda: L2Loss(None), ArgumentTypeError, "weight is None"),
        (lambda: QuantileL1Loss(5), ArgumentError, r"quantile is 5\.0.*between 0 and 1"),
        (lambda: QuantileL1Loss(-1), ArgumentError, r"quantile is -1\.0"),
        (lambda: QuantileL1Loss(float("nan")), ArgumentError, "quantile is nan"),
        (lambda: SigmoidBinaryCrossEntropyLoss("a"), ArgumentTypeError, "weight is 'a'"),
        (lambda: SoftmaxCrossEntropyLoss(class_axis=1.7), ArgumentTypeError, r"class_axis is 1\.7"),
        (lambda: SoftmaxCrossEntropyLoss(class_axis=2**31), ArgumentError, "class_axis is too"),
        (
            lambda: SoftmaxCrossEntropyLoss(sparse_label=torch.ones(2)),
            ArgumentTypeError,
            "sparse_label is a Tensor, but True or False",
        ),
    ],
)
def test_what_does_not_fit_is_refused(compute, kind, words):
    with pytest.raises(kind, match=words):
        compute()
    assert torch.is_grad_enabled()
