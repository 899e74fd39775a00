"""DJL's evaluators against counting in NumPy."""

from __future__ import annotations

import copy
import math
import pickle

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from pydjl.errors import ArgumentError, ArgumentTypeError, PydjlError
from pydjl.runtime import java_class
from pydjl.training.evaluators import Accuracy, BinaryAccuracy, Evaluator, TopKAccuracy


@given(st.lists(st.integers(1, 9), min_size=1, max_size=4), st.integers(3, 6), st.integers(0, 99))
def test_counts_over_batches_of_any_size(sizes, classes, seed):
    torch.manual_seed(seed)
    batches = [(torch.randn(n, classes), torch.randint(0, classes, (n,))) for n in sizes]
    accuracy, top = Accuracy(), TopKAccuracy(2)
    for x, y in batches:
        accuracy.update(x, y)
        top.update(x, y)
    x, y = (np.concatenate([np.asarray(pair[i]) for pair in batches]) for i in (0, 1))
    ranks = np.argsort(-x, axis=1)
    assert accuracy.compute() == pytest.approx(np.mean(ranks[:, 0] == y))
    assert top.compute() == pytest.approx(np.mean((ranks[:, :2] == y[:, None]).any(axis=1)))
    accuracy.reset()
    assert math.isnan(accuracy.compute())


def test_accuracy_on_another_axis_and_of_pictures():
    x = torch.tensor([[0.0, 9.0], [1.0, 2.0], [5.0, 3.0]])
    columns = Accuracy(axis=0)
    with pytest.raises(PydjlError, match="size of labels"):
        columns.update(x, torch.tensor([2, 0]))
    pictures = Accuracy()
    scores = torch.randn(2, 4, 3, 5)
    labels = torch.randint(0, 4, (2, 3, 5))
    pictures.update(scores, labels)
    assert pictures.compute() == pytest.approx((scores.argmax(1) == labels).double().mean().item())


def test_binary_accuracy_counts_from_its_threshold_on():
    evaluator = BinaryAccuracy(0.5)
    evaluator.update(torch.tensor([0.5, 0.4, 0.9, 0.1]), torch.tensor([1, 1, 0, 0]))
    assert evaluator.compute() == 0.5
    assert BinaryAccuracy().name == "BinaryAccuracy"


def test_any_djl_evaluator_can_be_used():
    evaluator = Evaluator(java_class("ai.djl.training.loss.Loss").l2Loss("mine"))
    for x in (1.0, 3.0):
        evaluator.update(torch.tensor([x]), torch.zeros(1))
    assert evaluator.compute() == 2.5  # the mean over the batches
    assert repr(evaluator) == "Evaluator(name='mine')"


@pytest.mark.parametrize("evaluator", [Accuracy(0), BinaryAccuracy(0.5), TopKAccuracy(3)], ids=repr)
@pytest.mark.parametrize("make", [copy.deepcopy, lambda it: pickle.loads(pickle.dumps(it))])
def test_a_copy_counts_by_itself_and_alike(evaluator, make):
    x, y = torch.tensor([0.9, 0.1, 0.2, 0.8]), torch.tensor([1, 1, 0, 0])
    if not isinstance(evaluator, BinaryAccuracy):
        x = x[:, None].expand(4, 4)
    evaluator.reset()
    evaluator.update(x, y)
    twin = make(evaluator)
    assert repr(twin) == repr(evaluator)
    assert math.isnan(twin.compute())
    twin.update(x, y)
    assert twin.compute() == evaluator.compute()
    twin.reset()
    assert not math.isnan(evaluator.compute())


@pytest.mark.parametrize(
    ("make", "kind", "words"),
    [
        (lambda: TopKAccuracy(1), ArgumentError, "k is 1"),
        (lambda: TopKAccuracy(2.5), ArgumentTypeError, r"k is 2\.5, but a whole number"),
        (lambda: TopKAccuracy("3"), ArgumentTypeError, "k is '3'"),
        (lambda: TopKAccuracy(10**12), ArgumentError, "k is too large"),
        (lambda: Accuracy(1.9), ArgumentTypeError, r"axis is 1\.9"),
        (lambda: Accuracy(10**12), ArgumentError, "axis is too large"),
        (lambda: BinaryAccuracy("a"), ArgumentTypeError, "threshold is 'a', but a number"),
        (lambda: Evaluator("Accuracy"), ArgumentTypeError, "not a str"),
    ],
)
def test_wrong_arguments_are_refused(make, kind, words):
    with pytest.raises(kind, match=words):
        make()
