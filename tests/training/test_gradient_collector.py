"""DJL's gradient collector: torch's gradients, and torch's modes as they were."""

from __future__ import annotations

import threading
from contextlib import suppress

import pytest
import torch

import pydjl
from pydjl.errors import ArgumentTypeError, ClosedError, JavaError, PydjlError
from pydjl.training import GradientCollector, Trainer, learn_kernel
from pydjl.training.losses import L2Loss
from pydjl.training.optimizers import Sgd


def test_gradients_are_torchs_and_add_up():
    w, x = torch.randn(3, 2, requires_grad=True), torch.randn(5, 3)
    (expected,) = torch.autograd.grad((x @ w).sin().sum(), w)
    with GradientCollector() as collector:
        collector.backward((x @ w).sin().sum())
        assert torch.equal(w.grad, expected)
        collector.backward(pydjl.from_torch((x @ w).sin()))  # not a number: from ones
    torch.testing.assert_close(w.grad, 2 * expected)


def test_java_sees_the_recording():
    w = pydjl.array([1.0, 4.0])
    w.torch().requires_grad_()
    with torch.no_grad(), GradientCollector() as collector:
        collector.backward(w.sqrt().sum())
    assert w.torch().grad.tolist() == [0.5, 0.25]


@pytest.mark.parametrize("mode", [True, False])
@pytest.mark.parametrize("fails", [True, False])
def test_grad_mode_is_on_inside_and_afterwards_as_it_was(mode, fails):
    collector = GradientCollector()
    with torch.set_grad_enabled(mode):
        for _ in range(2):  # it may be used again
            with suppress(KeyError), collector:
                assert torch.is_grad_enabled()
                torch.set_grad_enabled(False)
                if fails:
                    {}.pop("missing")
            assert torch.is_grad_enabled() is mode


def test_in_inference_mode_it_records():
    w = torch.ones(2, requires_grad=True)
    with torch.inference_mode():
        with GradientCollector() as collector:
            collector.backward((w * w).sum())
        assert torch.is_inference_mode_enabled()
    assert w.grad.tolist() == [2.0, 2.0]


@pytest.mark.parametrize("mode", [True, False])
def test_a_second_one_is_refused_and_changes_nothing(mode):
    w = torch.ones(1, requires_grad=True)
    X = torch.ones(2, 3)
    module = torch.nn.Linear(1, 1)
    with GradientCollector() as collector, torch.set_grad_enabled(mode):
        with pytest.raises(JavaError, match=r"open already.*one at a time"), GradientCollector():
            pass
        with pytest.raises(PydjlError, match="collect"):
            learn_kernel(X, torch.ones(2, 2))
        trainer = Trainer(module, L2Loss(), Sgd(module.parameters()))
        with trainer, pytest.raises(JavaError, match="collect"):
            trainer.step(torch.ones(2, 1), torch.ones(2, 1))
        assert torch.is_grad_enabled() is mode
        with torch.enable_grad():
            collector.backward(w.sum())
    assert w.grad.item() == 1.0
    with GradientCollector():
        pass


def test_a_second_one_in_another_thread_is_refused_too():
    failures = []

    def enter():
        try:
            with GradientCollector():
                pass
        except JavaError as exc:
            failures.append((exc, torch.is_grad_enabled()))

    with GradientCollector():
        thread = threading.Thread(target=enter)
        thread.start()
        thread.join(timeout=30)
    assert len(failures) == 1
    assert failures[0][1]


def test_what_cannot_be_differentiated_is_refused_and_the_collector_goes_on():
    w = torch.ones(1, requires_grad=True)
    with GradientCollector() as collector:
        with pytest.raises(PydjlError, match="does not require grad"):
            collector.backward(torch.ones(1))
        with pytest.raises(ArgumentTypeError, match="target"):
            collector.backward("loss")
        collector.backward(w.sum())
    assert w.grad.item() == 1.0
    with pytest.raises(ClosedError, match="with block"):
        collector.backward(w.sum())
