"""Kernel learning in Java against PyTorch, the closed form and the book's numbers."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import pydjl
from pydjl import reference
from pydjl.errors import ArgumentError, ArgumentTypeError, DeviceError, DtypeError, ShapeError
from pydjl.training import chapter_schedule, learn_kernel

X = reference.edge_image()
Y = reference.corr2d(X, reference.edge_kernel())
BOOK_START = [0.002919, -0.007190]

losses = st.sampled_from(["mean_of_halves", "sum"])
biases = st.none() | st.floats(-2, 2)
starts = st.tuples(st.floats(-3, 3), st.floats(-3, 3))


def test_the_books_losses_and_kernel():
    learned = learn_kernel(X, Y, initial=BOOK_START)
    printed = [str(np.float32(loss)) for loss in learned.losses[1::2]]
    assert printed == ["0.12571818", "0.09935227", "0.07851635", "0.062050212", "0.04903732"]
    np.testing.assert_allclose(learned.weight.numpy(), [[0.4475203, -0.4476680]], atol=5e-8)


def test_the_jax_editions_losses_and_kernel():
    learned = learn_kernel(X, Y, lr=0.03, initial=[0.0079916, 0.0238817], loss="sum")
    printed = [f"{loss:.3f}" for loss in learned.losses[1::2]]
    assert printed == ["5.003", "0.842", "0.142", "0.024", "0.004"]
    np.testing.assert_allclose(learned.weight.numpy(), [[0.99009037, -0.986668]], atol=1e-5)


@given(starts, st.floats(0.003, 0.96), st.integers(0, 30), losses, biases)
def test_agrees_with_the_closed_form_in_float64(start, relative_rate, steps, loss, bias):
    rate = relative_rate * reference.learning_rate_limit(loss, bias=bias is not None)
    settings = {"lr": rate, "steps": steps, "loss": loss, "bias": bias}
    learned = learn_kernel(X.double(), Y.double(), initial=list(start), **settings)
    exact = reference.learning_closed_form(start, **settings)
    np.testing.assert_allclose(learned.losses, exact.losses, rtol=1e-9, atol=1e-10)
    np.testing.assert_allclose(learned.path.numpy(), exact.path, rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal(learned.weight.numpy(), learned.path.numpy()[-1])
    np.testing.assert_array_equal(learned.initial.numpy(), learned.path.numpy()[0])
    if bias is None:
        assert learned.biases is None
    else:
        np.testing.assert_allclose(learned.biases.numpy(), exact.biases, rtol=1e-9, atol=1e-12)


@given(starts, st.floats(0.003, 0.96), st.booleans(), losses, biases)
def test_bit_equal_to_torch(start, relative_rate, accumulate, loss, bias):
    rate = relative_rate * reference.learning_rate_limit(loss, bias=bias is not None)
    first = torch.tensor([start])
    settings = {"lr": rate, "accumulate": accumulate, "loss": loss, "bias": bias}
    ours = learn_kernel(X, Y, initial=first, **settings)
    theirs = reference.learn_kernel(X, Y, initial=first, **settings)
    assert ours.losses == theirs.losses
    assert torch.equal(ours.path.torch(), theirs.path)
    if bias is not None:
        assert torch.equal(ours.biases.torch(), theirs.biases)


def test_a_larger_random_kernel_is_bit_equal_to_torch():
    torch.manual_seed(1)
    image, kernel = torch.randn(9, 13), torch.randn(3, 4)
    target = reference.corr2d(image, kernel)
    start = torch.randn(3, 4)
    ours = learn_kernel(image, target, (3, 4), lr=0.1, steps=20, initial=start)
    theirs = reference.learn_kernel(image, target, (3, 4), lr=0.1, steps=20, initial=start)
    assert ours.losses == theirs.losses
    assert torch.equal(ours.weight.torch(), theirs.weight)
    assert ours.losses[-1] < ours.losses[0] / 10


def test_gradients_that_add_up_swing_instead_of_coming_to_rest():
    learned = learn_kernel(X, Y, initial=[0, 0], accumulate=True)
    expected = [
        0.142857, 0.126997, 0.098850, 0.064759, 0.032403,
        0.009073, 0.0000255, 0.007299, 0.029254, 0.060945,
    ]  # fmt: skip
    np.testing.assert_allclose(learned.losses, expected, atol=6e-7)
    np.testing.assert_allclose(learned.weight.numpy(), [[1.816466, -1.816466]], atol=6e-7)


def test_the_start_is_drawn_from_torchs_generator_which_is_put_back():
    torch.manual_seed(5)
    before = torch.random.get_rng_state()
    learned = learn_kernel(X, Y)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert torch.equal(learned.initial.torch(), torch.normal(0.0, 0.01, (1, 2)))
    torch.manual_seed(6)
    assert not torch.equal(learn_kernel(X, Y).initial.torch(), learned.initial.torch())


@pytest.mark.parametrize("mode", [True, False])
def test_grad_mode_and_the_callers_graph_stay_as_they_are(mode):
    image = X.clone().requires_grad_()
    with torch.set_grad_enabled(mode):
        learned = learn_kernel(image, Y, initial=BOOK_START)
        assert torch.is_grad_enabled() is mode
        with pytest.raises(ArgumentError):
            learn_kernel(image, X, initial=BOOK_START)
        assert torch.is_grad_enabled() is mode
    assert image.grad is None
    assert not learned.weight.requires_grad


def test_autocast_changes_nothing():
    plain = learn_kernel(X, Y, initial=BOOK_START)
    with torch.autocast("cpu", torch.bfloat16):
        assert learn_kernel(X, Y, initial=BOOK_START).losses == plain.losses


def test_threads_learn_in_turn():
    expected = learn_kernel(X, Y, initial=BOOK_START, steps=50).losses
    with ThreadPoolExecutor(4) as pool:
        runs = [pool.submit(learn_kernel, X, Y, steps=50, initial=BOOK_START) for _ in range(12)]
        assert all(run.result().losses == expected for run in runs)


def test_with_a_start_the_generator_of_other_threads_is_left_alone():
    drawn = []
    stop = threading.Event()

    def draw():
        while not stop.is_set():
            drawn.append(torch.rand((), dtype=torch.float64).item())

    thread = threading.Thread(target=draw)
    thread.start()
    for _ in range(20):
        learn_kernel(X, Y, initial=BOOK_START)
    stop.set()
    thread.join()
    assert len(set(drawn)) > 0.99 * len(drawn)


def test_under_inference_mode():
    with torch.inference_mode():
        assert learn_kernel(X, Y, initial=BOOK_START).losses[0] == pytest.approx(0.14141990)


@pytest.mark.parametrize("kind", [pydjl.array, torch.Tensor.clone, torch.Tensor.numpy])
def test_every_kind_of_array_is_taken(kind):
    assert learn_kernel(kind(X), kind(Y), initial=kind(torch.zeros(1, 2))).losses[0] == (
        pytest.approx(1 / 7)
    )


def test_no_steps_leave_the_start():
    learned = learn_kernel(X, Y, steps=0, initial=BOOK_START)
    assert learned.losses == ()
    assert torch.equal(learned.weight.torch(), torch.tensor([BOOK_START]))


def test_the_chapters_schedule_stands_in_java():
    rate, steps, _ = chapter_schedule()
    assert (rate, steps) == (0.4, 10)


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        ({"Y": X}, ShapeError, r"\(6, 8\).*\(6, 7\)"),
        ({"X": X[0]}, ShapeError, r"X has shape \(8,\)"),
        ({"lr": 0.0}, ArgumentError, "0.0"),
        ({"lr": float("nan")}, ArgumentError, "NaN"),
        ({"steps": -1}, ArgumentError, "-1"),
        ({"steps": 2.5}, ArgumentTypeError, "steps is 2.5"),
        ({"steps": 2**31}, ArgumentError, "steps is too large"),
        ({"lr": 10**400}, ArgumentError, "lr is too large"),
        ({"bias": 10**400}, ArgumentError, "bias is too large"),
        ({"lr": "a"}, ArgumentTypeError, "lr is 'a'"),
        ({"loss": "mean"}, ArgumentError, "loss is 'mean'.*'sum'"),
        ({"bias": "a"}, ArgumentTypeError, "bias is 'a'"),
        ({"kernel_shape": (7, 1)}, ShapeError, r"\(7, 1\)"),
        ({"kernel_shape": 3}, ArgumentError, "kernel_shape is 3"),
        ({"kernel_shape": (1.9, 2.9)}, ArgumentError, "kernel_shape is"),
        ({"initial": torch.ones(2, 1)}, ShapeError, r"\(2, 1\)"),
        ({"initial": [1j, 2]}, DtypeError, "complex"),
        ({"initial": [1.0, 2.0, 3.0]}, ShapeError, r"\(3,\).*\(1, 2\)"),
        ({"X": X.int(), "Y": Y.int()}, DtypeError, "int32"),
        ({"X": X.double()}, DtypeError, "float64 and Y torch.float32"),
        ({"device": "gpu(99)"}, DeviceError, r"gpu\(99\)"),
    ],
)
def test_impossible_arguments_are_refused_with_their_values(change, kind, words):
    with pytest.raises(kind, match=words):
        learn_kernel(**({"X": X, "Y": Y} | change))
    assert len(learn_kernel(X, Y).losses) == 10
