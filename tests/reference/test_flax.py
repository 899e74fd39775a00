"""The chapter in Flax against PyTorch, NumPy, the closed form and the JAX edition's numbers."""

from __future__ import annotations

import contextlib
import doctest
import importlib.util
import subprocess
import sys

import numpy as np
import pytest
import torch

from pydjl import reference
from pydjl.errors import ArgumentError, DtypeError, NotSupportedError, ShapeError
from pydjl.reference import (
    corr2d_flax,
    edge_image,
    edge_kernel,
    flax_layer,
    learn_kernel_flax,
    learning_closed_form,
    learning_rate_limit,
)

needs_flax = pytest.mark.skipif(
    importlib.util.find_spec("flax") is None, reason="Flax is not installed"
)


def edges(dtype=torch.float32):
    X = edge_image().to(dtype)
    return X, reference.corr2d(X, edge_kernel().to(dtype))


@needs_flax
def test_the_operator_on_random_matrices_equals_numpys():
    random = np.random.default_rng(4)
    for shape, kernel in (((5, 7), (2, 3)), ((6, 4), (4, 1)), ((3, 3), (3, 3))):
        X, K = random.standard_normal(shape), random.standard_normal(kernel)
        ours = np.asarray(corr2d_flax(X.astype("f"), K.astype("f")))
        np.testing.assert_allclose(ours, reference.corr2d_numpy(X, K), rtol=1e-5, atol=1e-5)


@needs_flax
def test_the_figure_and_the_edge_map():
    assert corr2d_flax(np.arange(9.0).reshape(3, 3), np.arange(4.0).reshape(2, 2)).tolist() == [
        [19, 25],
        [37, 43],
    ]
    X, Y = edges()
    assert corr2d_flax(X.numpy(), edge_kernel().numpy()).tolist() == Y.tolist()
    assert not np.asarray(corr2d_flax(X.T.numpy(), edge_kernel().numpy())).any()


@needs_flax
def test_a_3_by_3_layer_has_9_weights_and_1_bias_and_adds_it():
    import jax

    layer = flax_layer((3, 3))
    X = np.random.default_rng(1).standard_normal((6, 8)).astype("f")
    parameters = layer.init(jax.random.key(0), X)["params"]
    weight, bias = np.asarray(parameters["w"]), np.asarray(parameters["b"])
    assert (weight.size, bias.size) == (9, 1)
    assert bias.tolist() == [0]
    assert ((weight >= 0) & (weight < 0.01)).all()
    changed = {"params": {"w": parameters["w"], "b": parameters["b"] + 2.5}}
    expected = reference.corr2d_numpy(X, weight) + 2.5
    np.testing.assert_allclose(layer.apply(changed, X), expected, rtol=1e-5, atol=1e-6)


@needs_flax
def test_the_gradient_of_the_operator_is_the_window_and_the_kernel():
    import jax

    random = np.random.default_rng(2)
    X, K, G = (random.standard_normal(s).astype("f") for s in ((4, 5), (2, 3), (3, 3)))
    by_x, by_k = jax.grad(lambda x, k: (corr2d_flax(x, k) * G).sum(), (0, 1))(X, K)
    np.testing.assert_allclose(by_k, reference.corr2d_numpy(X, G), rtol=1e-4, atol=1e-5)
    padded = np.pad(G, ((1, 1), (2, 2)))
    turned = np.ascontiguousarray(K[::-1, ::-1])
    np.testing.assert_allclose(by_x, reference.corr2d_numpy(padded, turned), rtol=1e-4, atol=1e-5)


@needs_flax
def test_the_losses_and_the_kernel_that_the_source_prints():
    learned = learn_kernel_flax(*edges(), initial=torch.tensor([[0.0079916, 0.0238817]]))
    assert [f"{loss:.3f}" for loss in learned.losses[1::2]] == [
        "5.003",
        "0.842",
        "0.142",
        "0.024",
        "0.004",
    ]
    np.testing.assert_allclose(learned.weight, [[0.99009037, -0.986668]], atol=1e-5)


@needs_flax
@pytest.mark.parametrize("loss", ["sum", "mean_of_halves"])
@pytest.mark.parametrize("bias", [None, 0.25])
@pytest.mark.parametrize("accumulate", [False, True])
def test_learning_follows_the_closed_form(loss, bias, accumulate):
    start = (0.4, -1.3)
    settings = {"loss": loss, "bias": bias, "accumulate": accumulate}
    lr = 0.8 * learning_rate_limit(loss, bias=bias is not None)
    X, Y = edges(torch.float64)
    initial = torch.tensor([start], dtype=torch.float64)
    learned = learn_kernel_flax(X, Y, lr=lr, steps=12, initial=initial, **settings)
    exact = learning_closed_form(start, lr, 12, **settings)
    np.testing.assert_allclose(learned.losses, exact.losses, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(learned.path, exact.path, rtol=1e-10, atol=1e-12)
    assert torch.equal(learned.weight, learned.path[-1])
    assert torch.equal(learned.initial, initial)
    if bias is None:
        assert learned.biases is None
    else:
        np.testing.assert_allclose(learned.biases, exact.biases, rtol=1e-10, atol=1e-12)


@needs_flax
def test_a_larger_random_kernel_is_learned_as_by_torch():
    torch.manual_seed(3)
    X, K, start = (torch.randn(s, dtype=torch.float64) for s in ((9, 13), (3, 4), (3, 4)))
    settings = ((3, 4), 0.002, 20, start)
    Y = reference.corr2d(X, K)
    ours = learn_kernel_flax(X, Y, *settings)
    theirs = reference.learn_kernel(X, Y, *settings, loss="sum")
    torch.testing.assert_close(ours.path, theirs.path, rtol=1e-10, atol=1e-12)
    assert ours.losses == pytest.approx(theirs.losses, rel=1e-10)


@needs_flax
def test_jaxs_settings_and_torchs_modes_stay_as_they_are():
    import jax

    before = jax.config.jax_enable_x64, jax.config.jax_default_device
    for mode in (contextlib.nullcontext, torch.no_grad, torch.inference_mode):
        with mode():
            learned = learn_kernel_flax(*edges(torch.float64), steps=1)
            assert learned.weight.dtype is torch.float64
    assert (jax.config.jax_enable_x64, jax.config.jax_default_device) == before


@needs_flax
def test_without_a_start_one_is_drawn_from_torchs_generator():
    torch.manual_seed(3)
    learned = learn_kernel_flax(*edges(), steps=0)
    assert learned.losses == ()
    torch.manual_seed(3)
    assert torch.equal(learned.initial, torch.normal(0.0, 0.01, (1, 2)))


@needs_flax
@pytest.mark.parametrize(
    ("change", "kind", "message"),
    [
        ({"Y": torch.zeros(6, 8)}, ShapeError, r"Y has shape \(6, 8\)"),
        ({"kernel_shape": (7, 1)}, ShapeError, "does not fit"),
        ({"initial": torch.zeros(2)}, ShapeError, r"initial has shape \(2,\)"),
        ({"X": edge_image().int(), "Y": torch.zeros(6, 7).int()}, DtypeError, "int32"),
        ({"lr": 0.0}, ArgumentError, "lr is 0.0"),
        ({"steps": -1}, ArgumentError, "steps is -1"),
        ({"loss": "mean"}, ArgumentError, "loss is 'mean'"),
    ],
)
def test_impossible_arguments(change, kind, message):
    X, Y = edges()
    with pytest.raises(kind, match=message):
        learn_kernel_flax(**({"X": X, "Y": Y} | change))


@needs_flax
def test_the_examples_in_the_docstrings_run():
    """They are skipped where Flax may be missing; here it is not."""
    from pydjl.reference import _flax

    texts = [function.__doc__ for function in (corr2d_flax, flax_layer, learn_kernel_flax)]
    source = "\n".join(texts).replace("# doctest: +SKIP", "")
    namespace = vars(_flax) | {"jax": __import__("jax")}
    test = doctest.DocTestParser().get_doctest(source, namespace, "_flax", None, 0)
    results = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(test)
    assert results.attempted >= 8
    assert results.failed == 0


@pytest.mark.parametrize(
    "call",
    [
        lambda: corr2d_flax([[1.0]], [[1.0]]),
        lambda: flax_layer((1, 2)),
        lambda: learn_kernel_flax(*edges()),
    ],
)
def test_where_a_library_is_missing_one_sentence_says_how_to_install_it(call, monkeypatch):
    monkeypatch.setitem(sys.modules, "jax", None)
    monkeypatch.setitem(sys.modules, "jax.numpy", None)
    monkeypatch.setitem(sys.modules, "flax.linen", None)
    with pytest.raises(NotSupportedError, match=r"cannot be imported.*pip install flax`\.$"):
        call()


def test_importing_the_reference_imports_neither_jax_nor_flax():
    program = "import sys, pydjl.reference; assert not {'jax', 'flax'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)
