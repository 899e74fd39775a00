"""The calculator's kernel learning, against gradient descent that NumPy does in the test."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

EDGES = [[1, 1, 0, 0, 0, 0, 1, 1]] * 6
# "Dive into Deep Learning", DJL edition, 6.2.4, from zeros: (5/28)·s² + (1/28)·d² with s = 0 and
# d = -2·(1 - 0.4/7)ᵗ.
CHAPTER = [(1 - 0.4 / 7) ** (2 * t) / 7 for t in range(10)]


def whole_numbers(*shape):
    return arrays(np.float64, shape, elements=st.integers(-4, 4).map(float))


@st.composite
def questions(draw):
    h, w = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    height, width = draw(st.integers(h, h + 4)), draw(st.integers(w, w + 5))
    return {
        "input": draw(whole_numbers(height, width)).tolist(),
        "kernel": draw(whole_numbers(h, w)).tolist(),
        "learning_rate": draw(st.integers(1, 100)) / 1000,
        "steps": draw(st.integers(1, 12)),
        "accumulate": draw(st.booleans()),
    }


def descend(question):
    """The losses and the kernels of gradient descent from zeros, in float64, and the windows."""
    X, K = np.array(question["input"]), np.array(question["kernel"])
    A = np.lib.stride_tricks.sliding_window_view(X, K.shape).reshape(-1, K.size)
    wanted, k, total = A @ K.ravel(), np.zeros(K.size), np.zeros(K.size)
    losses, path = [], []
    for _ in range(question["steps"]):
        error = A @ k - wanted
        losses.append(np.mean(error**2) / 2)
        gradient = A.T @ error / len(A)
        total = total + gradient if question["accumulate"] else gradient
        k = k - question["learning_rate"] * total
        path.append(k.reshape(K.shape))
    return losses, np.array(path), A


@settings(max_examples=30)
@given(question=questions())
def test_losses_and_kernels_are_those_of_gradient_descent(client, question):
    found = client.ask("/api/learn", question)
    losses, path, A = descend(question)
    scale = max(1, *losses, np.abs(path).max())
    for name in ("losses", "torch_losses", "closed_form_losses"):
        np.testing.assert_allclose(found[name], losses, rtol=1e-4, atol=1e-5 * scale)
    np.testing.assert_allclose(found["kernels"], path, rtol=1e-4, atol=1e-5 * scale)
    assert found["kernel"] == found["kernels"][-1]
    assert found["bit_equal"]
    assert found["diverged"] is None
    # The least loss is 0, and of the kernels that have it this one is the smallest.
    best = np.array(found["closed_form"]).ravel()
    truth = np.ravel(question["kernel"])
    np.testing.assert_allclose(A @ best, A @ truth, atol=1e-9)
    assert np.linalg.norm(best) <= np.linalg.norm(truth) + 1e-9
    assert found["closed_form_loss"] == pytest.approx(0, abs=1e-20)
    largest = np.linalg.eigvalsh(A.T @ A / len(A)).max()
    if largest > 1e-9:
        assert found["stable_rate"] == pytest.approx(2 / largest)
    else:
        assert found["stable_rate"] is None


def test_the_chapters_losses_follow_from_its_eigenvalues(client):
    question = {"input": EDGES, "kernel": [[1, -1]], "learning_rate": 0.4, "steps": 10}
    found = client.ask("/api/learn", question)
    np.testing.assert_allclose(found["losses"], CHAPTER, rtol=1e-6)
    np.testing.assert_allclose(found["closed_form_losses"], CHAPTER, rtol=1e-12)
    np.testing.assert_allclose(found["closed_form"], [[1, -1]], atol=1e-12)
    assert found["stable_rate"] == pytest.approx(2.8)


@pytest.mark.parametrize("accumulate", [False, True])
def test_a_rate_below_the_stable_one_learns_and_one_above_diverges(client, accumulate):
    question = {"input": EDGES, "kernel": [[2, 1]], "steps": 500, "accumulate": accumulate}
    low = client.ask("/api/learn", {**question, "learning_rate": 2.7})
    if accumulate:  # it oscillates for ever
        assert max(low["losses"][-20:]) > 0.1
    else:
        assert low["losses"][-1] < 1e-6
        np.testing.assert_allclose(low["kernel"], [[2, 1]], atol=1e-3)
    high = client.ask("/api/learn", {**question, "learning_rate": 20})
    first = high["diverged"]
    assert high["losses"].index(None) == high["torch_losses"].index(None) == first
    assert high["kernel"] is None
    assert high["kernels"][0] is not None
    assert high["bit_equal"]


def test_of_an_input_of_zeros_nothing_is_learned(client):
    question = {"input": [[0, 0, 0]], "kernel": [[1, 2]], "learning_rate": 1, "steps": 2}
    found = client.ask("/api/learn", question)
    assert found["losses"] == found["closed_form_losses"] == [0, 0]
    assert found["kernel"] == found["closed_form"] == [[0, 0]]
    assert found["stable_rate"] is None


def test_the_largest_learning_is_done(client):
    rng = np.random.default_rng(5)
    question = {
        "input": rng.random((64, 64)).tolist(),
        "kernel": rng.random((15, 15)).tolist(),
        "learning_rate": 0.01,
        "steps": 60,
    }
    found = client.ask("/api/learn", question)
    assert found["losses"][-1] < found["losses"][0]
    np.testing.assert_allclose(found["losses"], found["closed_form_losses"], rtol=1e-3)
