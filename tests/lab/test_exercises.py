"""Every exercise of the chapter, by DJL: the inventory's answers, and proofs that can fail."""

from __future__ import annotations

import io
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

import pydjl
from pydjl.errors import ArgumentError, DtypeError, ShapeError
from pydjl.lab.exercises import automatic_gradients as gradients
from pydjl.lab.exercises import diagonal_edges, exercises, kernels_by_hand, matrix_product, solve
from pydjl.lab.exercises.solution import proof
from pydjl.reference import corr2d, edge_image, edge_kernel

MESSAGES = [
    "element 0 of tensors does not require grad",
    "No gradient attached",
    "a leaf Variable that requires grad is being used in an in-place operation",
    "A PtGradientCollector is already collecting",
]


def diagonals(rows, columns, plus, minus):
    j_minus_i = np.arange(columns) - np.arange(rows)[:, None]
    return (j_minus_i == plus) * 1.0 - (j_minus_i == minus) * 1.0


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_every_proof_holds_and_the_terminal_shows_question_answer_and_proof(number):
    solution = solve(number)
    assert solution.ok
    assert solution.number == number
    assert solution.title == exercises()[number]
    file = io.StringIO()
    Console(file=file, width=200).print(solution)
    text = file.getvalue()
    assert "✗" not in text
    for part in solution.parts:
        assert part.question.endswith("?")
        assert part.proofs
        assert part.question in text
        assert " ".join(part.answer.split()[:5]) in text
        assert all(f"✓ {each.claim}" in text for each in part.proofs)


def test_there_are_four_exercises_and_no_fifth():
    assert list(exercises()) == [1, 2, 3, 4]
    with pytest.raises(ArgumentError, match="no exercise 5, only 1, 2, 3, 4"):
        solve(5)
    with pytest.raises(KeyError):
        solve(1).shown("corr2d(Y, K)")


def test_the_diagonal_image_with_the_kernel_and_both_transposed():
    solution = diagonal_edges.solve()
    np.testing.assert_array_equal(solution.shown("X"), np.eye(6))
    expected = diagonals(6, 5, 0, -1)
    np.testing.assert_array_equal(solution.shown("corr2d(X, K)"), expected)
    np.testing.assert_array_equal(solution.shown("corr2d(X transposed, K)"), expected)
    np.testing.assert_array_equal(solution.shown("corr2d(X, K transposed)"), diagonals(5, 6, 0, 1))


def test_the_printed_layers_gradients_on_the_edge_image():
    X = edge_image()
    w, b = torch.tensor([[0.01, -0.02]]), torch.zeros(1)
    found = gradients.printed_layer_gradients(X, corr2d(X, edge_kernel()), w, b)
    assert found.loss.item() == pytest.approx(0.1386214, abs=5e-8)
    assert found.w.tolist()[0] == pytest.approx([-0.1442857, 0.1371428], abs=6e-8)
    assert found.b.item() == pytest.approx(-0.0042857, abs=3e-8)


@given(
    st.tuples(st.integers(1, 3), st.integers(1, 4), st.integers(0, 3), st.integers(0, 4)),
    st.integers(0, 2**31),
)
def test_the_printed_layers_gradients_with_respect_to_all_three_are_autograds(sizes, seed):
    h, w, more_rows, more_columns = sizes
    random = torch.Generator().manual_seed(seed)
    shapes = ((h + more_rows, w + more_columns), (more_rows + 1, more_columns + 1), (h, w), (1,))
    X, Y, W, b = (torch.randn(s, generator=random, dtype=torch.float64) for s in shapes)
    found = gradients.printed_layer_gradients(X, Y, W, b)
    leaves = [each.clone().requires_grad_() for each in (X, W, b)]
    prediction = torch.conv2d(leaves[0][None, None], leaves[1][None, None], leaves[2])[0, 0]
    loss = ((prediction - Y) ** 2).mean() / 2
    loss.backward()
    torch.testing.assert_close(found.loss, loss.detach())
    for ours, leaf in zip((found.X, found.w, found.b), leaves, strict=True):
        torch.testing.assert_close(ours, leaf.grad)


def test_outside_of_a_collector_every_gradient_is_silently_zero():
    X = edge_image()
    Y = corr2d(X, edge_kernel())
    start = torch.tensor([[0.01, -0.02]])
    for mode in (torch.enable_grad, torch.no_grad):
        with mode():
            found = gradients.printed_layer_gradients(X, Y, start, torch.zeros(1), collecting=False)
            assert torch.is_grad_enabled() is (mode is torch.enable_grad)
        assert found.loss.item() == pytest.approx(0.1386214, abs=5e-8)
        assert not any(each.any() for each in (found.X, found.w, found.b))


def test_the_callers_arrays_get_no_gradient_and_keep_their_graph():
    w = torch.tensor([[2.0, 1.0]], requires_grad=True)
    gradients.printed_layer_gradients(torch.ones(1, 2), torch.ones(1, 1), w, torch.zeros(1))
    assert w.grad is None
    assert w.is_leaf


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        ({"w": torch.ones(2, 1)}, ShapeError, r"\(2, 1\)"),
        ({"Y": torch.ones(1, 2)}, ShapeError, r"Y has shape \(1, 2\).*need \(1, 1\) and \(1,\)"),
        ({"b": torch.ones(2)}, ShapeError, r"b \(2,\)"),
        ({"X": torch.ones(1, 2).double()}, DtypeError, "X is torch.float64"),
        ({"X": torch.ones(2)}, ShapeError, r"X has shape \(2,\)"),
    ],
)
def test_layers_that_do_not_fit_are_refused(change, kind, words):
    given = {"X": torch.ones(1, 2), "Y": torch.ones(1, 1), "w": torch.ones(1, 2)}
    with pytest.raises(kind, match=words):
        gradients.printed_layer_gradients(**(given | {"b": torch.zeros(1)} | change))


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("mode", [torch.enable_grad, torch.no_grad])
def test_the_engines_four_messages(number, mode):
    mistake = gradients.MISTAKES[number]
    with mode():
        said = gradients.engine_message(mistake)
        assert torch.is_grad_enabled() is (mode is torch.enable_grad)
    assert MESSAGES[number] in said
    assert MESSAGES[number] in mistake.message or mistake.message in said


def test_after_a_mistake_the_collector_is_free_again():
    for mistake in gradients.MISTAKES:
        gradients.engine_message(mistake)
    w = torch.tensor([3.0], requires_grad=True)
    with pydjl.training.GradientCollector() as collector:
        collector.backward((w * w).sum())
    assert w.grad.tolist() == [6]


def test_im2col_and_toeplitz_give_19_25_37_43():
    solution = matrix_product.solve()
    rows = [[0, 1, 3, 4], [1, 2, 4, 5], [3, 4, 6, 7], [4, 5, 7, 8]]
    np.testing.assert_array_equal(solution.shown("one row for each window"), rows)
    np.testing.assert_array_equal(solution.shown("rows times K"), [19, 25, 37, 43])
    toeplitz = [
        [1, 2, 0, 3, 4, 0, 0, 0, 0],
        [0, 1, 2, 0, 3, 4, 0, 0, 0],
        [0, 0, 0, 1, 2, 0, 3, 4, 0],
        [0, 0, 0, 0, 1, 2, 0, 3, 4],
    ]
    np.testing.assert_array_equal(solution.shown("A of K = [[1, 2], [3, 4]] on 3×3"), toeplitz)


def test_the_kernels_by_hand():
    solution = kernels_by_hand.solve()
    np.testing.assert_array_equal(solution.shown("K convolved with itself"), [[1, -2, 1]])
    np.testing.assert_array_equal(solution.shown("on x²"), np.full((1, 6), 2))
    np.testing.assert_array_equal(solution.shown("the kernel"), [[0, 1, 0], [1, -4, 1], [0, 1, 0]])
    np.testing.assert_array_equal(solution.shown("on i² + j²"), np.full((4, 5), 4))
    sums = solution.shown("the integral so far")
    np.testing.assert_array_equal(sums, [np.cumsum([3, 1, 4, 1, 5, 9, 2, 6])])
    for degree in (1, 2, 3, 4):
        kernel = solution.shown(f"the kernel of degree {degree}").numpy()
        weights = [(-1) ** (degree - i) * math.comb(degree, i) for i in range(degree + 1)]
        np.testing.assert_array_equal(kernel, [weights])


@pytest.mark.parametrize(
    ("module", "name"),
    [(diagonal_edges, "corr2d"), (kernels_by_hand, "corr2d"), (matrix_product, "toeplitz")],
)
def test_a_wrong_operator_breaks_the_proofs(monkeypatch, module, name):
    real = getattr(module, name)
    monkeypatch.setattr(module, name, lambda X, *rest: real(X * 1.001, *rest))
    solution = module.solve()
    assert not solution.ok
    file = io.StringIO()
    Console(file=file, width=200).print(solution)
    assert "✗" in file.getvalue()


def test_a_wrong_gradient_breaks_the_proof(monkeypatch):
    real = gradients.printed_layer_gradients

    def wrong(*arguments, **options):
        found = real(*arguments, **options)
        return gradients.LayerGradients(found.loss, found.X + 0.01, found.w, found.b)

    monkeypatch.setattr(gradients, "printed_layer_gradients", wrong)
    failed = [
        each.claim for part in gradients.solve().parts for each in part.proofs if not each.holds
    ]
    assert failed == [
        "the gradient with respect to the input is right for a random layer",
        "the gradient of the input is zero",
    ]


def test_a_proof_of_something_else_does_not_hold():
    assert not proof("shape", torch.zeros(2), torch.zeros(3)).holds
    assert not proof("value", torch.zeros(2), torch.tensor([0.0, 0.1])).holds
