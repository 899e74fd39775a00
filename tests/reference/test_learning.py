from __future__ import annotations

import contextlib
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from pydjl.errors import ArgumentError, DtypeError, ShapeError
from pydjl.reference import corr2d, edge_image, edge_kernel, learn_kernel

BOOK_START = torch.tensor([[0.002919, -0.007190]])


def edges(dtype=torch.float32):
    X = edge_image().to(dtype)
    return X, corr2d(X, edge_kernel().to(dtype))


def least_squares_descent(X, Y, start, *, lr, steps, accumulate, loss, bias):
    """The same learning as linear least squares: windows as rows, the gradient by its formula."""
    windows = np.lib.stride_tricks.sliding_window_view(X, start.shape)
    A, y, w = windows.reshape(Y.size, start.size), Y.ravel(), start.ravel()
    if bias is not None:
        A, w = np.c_[A, np.ones(y.size)], np.append(w, bias)
    weight = 2 if loss == "sum" else 1 / y.size
    losses, path, total = [], [w], np.zeros_like(w)
    for _ in range(steps):
        residual = A @ w - y
        losses.append(residual @ residual * weight / 2)
        gradient = A.T @ residual * weight
        total = total + gradient if accumulate else gradient
        w = w - lr * total
        path.append(w)
    return losses, np.array(path)


# --- the numbers of the chapter -------------------------------------------------------------


def test_the_five_losses_and_the_kernel_that_the_chapter_prints():
    learned = learn_kernel(*edges(), initial=BOOK_START)
    printed = [0.12571818, 0.09935227, 0.07851635, 0.06205021, 0.04903732]
    assert learned.losses[1::2] == pytest.approx(printed, abs=1e-8)
    assert learned.weight.tolist()[0] == pytest.approx([0.4475203, -0.4476680], abs=1e-7)


def test_all_ten_losses_from_zero():
    learned = learn_kernel(*edges(), initial=torch.zeros(1, 2))
    expected = [0.142857143, 0.126997085, 0.112897816, 0.100363855, 0.089221419]
    expected += [0.079316020, 0.070510323, 0.062682238, 0.055723231, 0.049536815]
    assert learned.losses == pytest.approx(expected, rel=1e-6)
    assert learned.weight.tolist()[0] == pytest.approx([0.444787858, -0.444787858], rel=1e-6)


def test_the_five_losses_and_the_kernel_that_the_jax_edition_prints():
    start = torch.tensor([[0.0079916, 0.0238817]])
    learned = learn_kernel(*edges(), lr=0.03, initial=start, loss="sum")
    printed = [f"{loss:.3f}" for loss in learned.losses[1::2]]
    assert printed == ["5.003", "0.842", "0.142", "0.024", "0.004"]
    assert learned.weight.tolist()[0] == pytest.approx([0.99009037, -0.986668], abs=1e-5)


def test_gradients_that_add_up_oscillate_without_damping():
    learned = learn_kernel(*edges(), initial=torch.zeros(1, 2), accumulate=True)
    expected = [0.142857, 0.126997, 0.098850, 0.064759, 0.032403]
    expected += [0.009073, 0.0000255, 0.007299, 0.029254, 0.060945]
    assert learned.losses == pytest.approx(expected, abs=5e-7)
    assert learned.weight.tolist()[0] == pytest.approx([1.816466, -1.816466], abs=5e-7)


def test_enough_steps_find_the_kernel():
    learned = learn_kernel(*edges(), steps=400)
    torch.testing.assert_close(learned.weight, edge_kernel())


# --- against least squares ------------------------------------------------------------------


@given(
    size=st.tuples(st.integers(1, 3), st.integers(1, 4), st.integers(0, 3), st.integers(0, 4)),
    seed=st.integers(0, 2**31),
    lr=st.floats(0.01, 0.5),
    steps=st.integers(0, 12),
    accumulate=st.booleans(),
    loss=st.sampled_from(["mean_of_halves", "sum"]),
    bias=st.none() | st.floats(-2, 2),
)
def test_equals_gradient_descent_on_least_squares(size, seed, lr, steps, accumulate, loss, bias):
    h, w, more_rows, more_columns = size
    random = np.random.default_rng(seed)
    X = random.standard_normal((h + more_rows, w + more_columns))
    Y = random.standard_normal((more_rows + 1, more_columns + 1))
    start = random.standard_normal((h, w))
    settings = {"accumulate": accumulate, "loss": loss, "bias": bias}
    if loss == "sum":
        lr /= 2 * Y.size
    learned = learn_kernel(
        torch.from_numpy(X),
        torch.from_numpy(Y),
        (h, w),
        lr,
        steps,
        torch.from_numpy(start),
        **settings,
    )
    losses, path = least_squares_descent(X, Y, start, lr=lr, steps=steps, **settings)
    np.testing.assert_allclose(learned.losses, losses, rtol=1e-9, atol=1e-12)
    weights = path[:, : h * w].reshape(-1, h, w)
    np.testing.assert_allclose(learned.path, weights, rtol=1e-9, atol=1e-12)
    assert torch.equal(learned.weight, learned.path[-1])
    assert torch.equal(learned.initial, learned.path[0])
    if bias is None:
        assert learned.biases is None
    else:
        np.testing.assert_allclose(learned.biases, path[:, -1], rtol=1e-9, atol=1e-12)


# --- what it returns ------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_result_has_the_dtype_of_the_data(dtype):
    learned = learn_kernel(*edges(dtype), initial=BOOK_START, steps=3)
    assert len(learned.losses) == 3
    assert all(type(loss) is float for loss in learned.losses)
    assert learned.weight.dtype == learned.initial.dtype == dtype
    assert learned.weight.shape == learned.initial.shape == (1, 2)
    assert torch.equal(learned.initial, BOOK_START.to(dtype))
    assert learned.device == torch.device("cpu")
    assert not learned.weight.requires_grad
    assert not learned.initial.requires_grad


def test_no_steps_leave_the_start():
    learned = learn_kernel(*edges(), initial=BOOK_START, steps=0)
    assert learned.losses == ()
    assert torch.equal(learned.weight, BOOK_START)


def test_without_a_start_one_is_drawn_from_the_callers_generator():
    torch.manual_seed(3)
    learned = learn_kernel(*edges(), steps=1)
    after_learning = torch.get_rng_state()
    torch.manual_seed(3)
    assert torch.equal(learned.initial, torch.normal(0.0, 0.01, (1, 2)))
    assert torch.equal(after_learning, torch.get_rng_state())


# --- what it leaves alone -------------------------------------------------------------------


def test_with_a_start_the_generator_stays_as_it_is():
    before = torch.get_rng_state()
    learn_kernel(*edges(), initial=BOOK_START)
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize(
    "mode", [contextlib.nullcontext, torch.enable_grad, torch.no_grad, torch.inference_mode]
)
def test_works_in_every_grad_mode_and_leaves_it(mode):
    expected = learn_kernel(*edges(), initial=BOOK_START)
    with mode():
        before = torch.is_grad_enabled(), torch.is_inference_mode_enabled()
        learned = learn_kernel(*edges(), initial=BOOK_START.clone())
        assert (torch.is_grad_enabled(), torch.is_inference_mode_enabled()) == before
    assert learned.losses == expected.losses
    assert torch.equal(learned.weight, expected.weight)
    assert not learned.weight.is_inference()


@pytest.mark.parametrize("mode", [torch.enable_grad, torch.no_grad, torch.inference_mode])
def test_an_error_in_the_midst_of_learning_leaves_the_grad_mode(mode):
    with mode():
        before = torch.is_grad_enabled(), torch.is_inference_mode_enabled()
        # A meta tensor has no values, so that the first loss cannot be read.
        with pytest.raises(RuntimeError, match="meta"):
            learn_kernel(*edges(), device="meta")
        assert (torch.is_grad_enabled(), torch.is_inference_mode_enabled()) == before


def test_the_callers_tensors_stay_as_they_are():
    X, Y = (tensor.requires_grad_() for tensor in edges())
    start = BOOK_START.clone().requires_grad_()
    before = [tensor.detach().clone() for tensor in (X, Y, start)]
    learned = learn_kernel(X, Y, initial=start)
    for tensor, copy in zip((X, Y, start), before, strict=True):
        assert torch.equal(tensor, copy)
        assert tensor.grad is None
    assert learned.initial.data_ptr() != start.data_ptr()
    assert learned.weight.data_ptr() != learned.initial.data_ptr()


def test_the_thread_count_stays_as_it_is():
    before = torch.get_num_threads()
    learn_kernel(*edges(), steps=2)
    assert torch.get_num_threads() == before


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")
def test_learns_on_the_device_that_is_asked_for():
    learned = learn_kernel(*edges(), initial=BOOK_START, device="cuda:0")
    assert learned.device == learned.weight.device == torch.device("cuda:0")
    printed = [0.12571818, 0.09935227, 0.07851635, 0.06205021, 0.04903732]
    assert learned.losses[1::2] == pytest.approx(printed, rel=1e-5)


# --- wrong arguments ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"Y": torch.zeros(6, 8)}, r"Y has shape \(6, 8\).*shape \(6, 7\)"),
        ({"X": torch.zeros(1, 1, 6, 8)}, r"X has shape \(1, 1, 6, 8\)"),
        ({"kernel_shape": (2, 2)}, r"Y has shape \(6, 7\).*shape \(5, 7\)"),
        ({"kernel_shape": (7, 1)}, r"K of shape \(7, 1\) does not fit into X of shape \(6, 8\)"),
        ({"kernel_shape": (2,)}, r"kernel's shape is \(2,\)"),
        ({"initial": torch.zeros(2)}, r"initial has shape \(2,\).*shape \(1, 2\)"),
        ({"initial": torch.zeros(1, 1, 1, 2)}, r"initial has shape \(1, 1, 1, 2\)"),
    ],
)
def test_shapes_that_do_not_fit(change, message):
    X, Y = edges()
    with pytest.raises(ShapeError, match=message):
        learn_kernel(**({"X": X, "Y": Y} | change))


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (torch.float32, torch.float64),
        (torch.float16, torch.float16),
        (torch.int64, torch.int64),
        (torch.complex64, torch.complex64),
    ],
)
def test_dtypes_that_do_not_learn(x, y):
    X, Y = edges()
    with pytest.raises(DtypeError, match=f"X has dtype {x} and Y {y}"):
        learn_kernel(X.to(x), Y.to(y))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"lr": 0.0}, "lr is 0.0"),
        ({"lr": -0.4}, "lr is -0.4"),
        ({"lr": math.inf}, "lr is inf"),
        ({"lr": math.nan}, "lr is nan"),
        ({"steps": -1}, "steps is -1"),
        ({"loss": "mean"}, "loss is 'mean'"),
    ],
)
def test_impossible_schedules(change, message):
    with pytest.raises(ArgumentError, match=message):
        learn_kernel(*edges(), **change)
