"""Operands are lent for one operation: Java frees none of them, keeps none, and gives none back."""

from __future__ import annotations

import sys
import threading

import pytest
import torch

import pydjl
from pydjl.errors import ArgumentTypeError, PydjlError, StartError
from pydjl.ndarray import calls, exchange, lend_to_java
from pydjl.nn import functional
from pydjl.runtime import java_class

LOGICAL = {"LOGICAL_NOT", "LOGICAL_AND", "LOGICAL_OR", "LOGICAL_XOR"}


def names_of(enum):
    return [str(each.name()) for each in java_class(f"org.pydjl.bridge.{enum}").values()]


def operands(name):
    torch.manual_seed(3)
    a, b = torch.rand(4, 4) + 0.1, torch.rand(4, 4) + 0.1
    return (a > 0.5, b > 0.5) if name in LOGICAL else (a, b)


def test_an_operation_on_one_array_leaves_nothing_behind(managed_arrays):
    for name in names_of("Unary"):
        x, _ = operands(name)
        before, references = managed_arrays(), sys.getrefcount(x)
        first, second = (lend_to_java(name, f"Unary.{name}.apply", [x]) for _ in range(2))
        assert first is not x, name
        assert torch.equal(first, second), name
        assert (managed_arrays(), sys.getrefcount(x)) == (before, references), name


def test_an_operation_on_two_arrays_leaves_nothing_behind(managed_arrays):
    for name in names_of("Binary"):
        a, b = operands(name)
        before = managed_arrays()
        results = [lend_to_java(name, f"Binary.{name}.apply", [a, b]) for _ in range(2)]
        assert all(result is not a and result is not b for result in results), name
        assert torch.equal(*results), name
        assert managed_arrays() == before, name


def test_a_failure_gives_the_operands_back(managed_arrays):
    a, b = torch.rand(2, 3), torch.rand(4, 5)
    before = managed_arrays()
    for _ in range(3):
        with pytest.raises(ValueError, match="matmul"):
            lend_to_java("matmul", "Binary.MATMUL.apply", [a, b])
    assert managed_arrays() == before
    assert a.sum().isfinite()
    assert b.sum().isfinite()


def test_an_argument_without_a_counterpart_in_java_is_named():
    with pytest.raises(ArgumentTypeError, match="cannot be passed to Java"):
        lend_to_java("abs", "Unary.ABS.apply", [torch.ones(2)], object())


def test_one_tensor_may_be_several_operands():
    x = torch.rand(2, 2)
    assert torch.equal(lend_to_java("mul", "Binary.MUL.apply", [x, x]), x * x)


def test_the_same_tensors_are_lent_to_many_threads_at_once(managed_arrays):
    x, w, b = torch.rand(2, 3, 7, 9), torch.rand(4, 3, 2, 3), torch.rand(4)
    wanted = torch.nn.functional.conv2d(x, w, b)
    before, wrong = managed_arrays(), []

    def work():
        wrong.extend(
            number for number in range(200) if not torch.equal(functional.conv2d(x, w, b), wanted)
        )

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert managed_arrays() == before


@pytest.mark.parametrize(
    "make",
    [
        lambda: torch.rand(3),
        lambda: torch.nn.Parameter(torch.rand(3)),
        lambda: torch.rand(4, 5)[1:, ::2].T,
        lambda: torch.rand(3, requires_grad=True) * 2,
        lambda: torch.from_numpy(torch.rand(3).numpy()),
    ],
)
def test_the_handle_inside_of_a_tensor_is_that_tensor(make):
    tensor = make()
    assert exchange.look_at(*exchange.handles_inside([tensor])) is tensor


def test_a_torch_whose_tensors_hold_no_handle_is_refused(monkeypatch):
    other = torch.zeros(1)
    monkeypatch.setattr(exchange, "handles_inside", lambda tensors: [exchange.lend(other)])
    with pytest.raises(StartError, match="does not pass tensors by handle"):
        exchange.self_test()


def test_a_float_is_no_number_of_groups_after_a_whole_one_was():
    x, w = torch.rand(1, 1, 4, 5), torch.rand(1, 1, 2, 3)
    functional.conv2d(x, w, groups=1)
    with pytest.raises(TypeError, match=r"groups is 1\.0"):
        functional.conv2d(x, w, groups=1.0)


@pytest.mark.parametrize("stride", [(1.0, 2), (True, 2), (torch.tensor(1.0), 2), ([1], 2)])
def test_what_is_no_number_of_steps_is_refused_after_equal_numbers_were_taken(stride):
    x, w = torch.rand(1, 1, 4, 5), torch.rand(1, 1, 2, 3)
    functional.conv2d(x, w, None, (1, 2), (0, 1), (1, 1))
    with pytest.raises(TypeError, match="stride is"):
        functional.conv2d(x, w, None, stride, (0, 1), (1, 1))


def test_a_tensor_among_the_steps_counts_as_it_is_at_each_call():
    x, w, side = torch.rand(1, 1, 7, 8), torch.rand(1, 1, 2, 3), torch.tensor(1)
    for number in (1, 2):
        side.fill_(number)
        y = functional.conv2d(x, w, None, (side, 2), (0, 1), (1, 1))
        assert torch.equal(y, torch.nn.functional.conv2d(x, w, None, (number, 2), (0, 1)))


def test_tuples_of_another_length_mean_what_they_mean_after_the_same_numbers_in_others():
    x, w = torch.rand(1, 1, 7, 8), torch.rand(1, 1, 2, 3)
    expected = torch.nn.functional.conv2d(x, w, None, (2, 1), (1, 2), (1, 1))
    assert torch.equal(functional.conv2d(x, w, None, (2, 1), (1, 2), (1, 1)), expected)
    with pytest.raises(ValueError, match="stride is"):
        functional.conv2d(x, w, None, (2, 1, 1), (2, 1), (1,))


def test_a_tensor_as_the_number_of_groups_counts_as_it_is_at_each_call():
    x, groups = torch.rand(1, 2, 4, 5), torch.tensor(1)
    for number, stride in ((1, 1), (2, 1), (1, (1, 1)), (2, (1, 1))):
        groups.fill_(number)
        w = torch.rand(4, 2 // number, 2, 3)
        y = functional.conv2d(x, w, None, stride, (0, 0), (1, 1), groups)
        assert torch.equal(y, torch.nn.functional.conv2d(x, w, None, stride, groups=number))
        y = functional.conv2d(x, w, None, 1, 0, 1, groups)
        assert torch.equal(y, torch.nn.functional.conv2d(x, w, groups=number))


def test_a_failure_is_told_when_a_signal_handlers_own_took_its_reason(monkeypatch):
    a, b = pydjl.from_torch(torch.ones(2, 3)), pydjl.from_torch(torch.ones(4, 5))
    tell = calls._failure

    def tell_after_a_signal(*arguments):
        with pytest.raises(ValueError, match="size"):
            raise tell(*arguments)
        return tell(*arguments)

    monkeypatch.setattr(calls, "_failure", tell_after_a_signal)
    with pytest.raises(PydjlError, match=r"\(2, 3\) float32 and \(4, 5\) float32 failed, but"):
        a + b


def test_a_scope_of_djls_frees_nothing_that_is_pythons():
    x, w = torch.rand(1, 1, 4, 5), torch.rand(1, 1, 2, 3)
    array = pydjl.from_torch(x)
    expected = torch.nn.functional.conv2d(x, w)
    scope = java_class("ai.djl.ndarray.NDScope")()
    results = [array.exp(), array + array, *array.split([2], axis=2)]
    y = functional.conv2d(x, w)
    with pytest.raises(ValueError, match="channels"):
        functional.conv2d(x, torch.rand(1, 2, 2, 3))
    scope.close()
    assert torch.equal(y, expected)
    assert torch.equal(results[0].torch(), x.exp())
    assert torch.equal(results[1].torch(), x + x)
    assert torch.equal(results[2].torch(), x[:, :, :2])
    assert torch.equal(functional.conv2d(x, w), expected)


def test_gradients_flow_through_lent_operands():
    x = torch.rand(2, 3, dtype=torch.float64, requires_grad=True)
    y = torch.rand(2, 3, dtype=torch.float64, requires_grad=True)
    a, b = pydjl.from_torch(x), pydjl.from_torch(y)
    (a * b + a.exp()).sum().torch().backward()
    assert torch.allclose(x.grad, y + x.exp())
    assert torch.allclose(y.grad, x)
