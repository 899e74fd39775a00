from __future__ import annotations

import pytest
import torch
from torch.nn.functional import conv2d

from pydjl.errors import ShapeError
from pydjl.reference import ConvolutionalLayer, corr2d, edge_image, edge_kernel


def test_a_3_by_3_layer_has_nine_weights_and_one_bias():
    shapes = {name: tuple(p.shape) for name, p in ConvolutionalLayer((3, 3)).named_parameters()}
    assert shapes == {"weight": (3, 3), "bias": (1,)}


def test_both_parameters_are_trainable_and_initialised():
    torch.manual_seed(0)
    layer = ConvolutionalLayer((40, 50))
    assert all(p.requires_grad for p in layer.parameters())
    assert 0 < layer.bias.abs().item() < 0.05
    assert layer.weight.mean().abs() < 0.001
    assert layer.weight.std().item() == pytest.approx(0.01, rel=0.1)


def test_the_weight_and_then_the_bias_are_drawn_from_torchs_generator():
    torch.manual_seed(7)
    layer = ConvolutionalLayer((2, 3))
    torch.manual_seed(7)
    assert torch.equal(layer.weight, torch.normal(0.0, 0.01, (2, 3)))
    assert torch.equal(layer.bias, torch.normal(0.0, 0.01, (1,)))


def test_forward_is_the_cross_correlation_plus_the_bias():
    layer = ConvolutionalLayer((2, 3))
    torch.nn.init.normal_(layer.bias)
    X = torch.randn(5, 7)
    expected = conv2d(X[None, None], layer.weight[None, None], layer.bias)[0, 0]
    torch.testing.assert_close(layer(X), expected)


def test_gradients_by_input_weight_and_bias():
    layer = ConvolutionalLayer((2, 3)).double()
    X = torch.randn(4, 5, dtype=torch.float64, requires_grad=True)
    parameters = tuple(layer.parameters())

    def forward(X, weight, bias):
        state = {"weight": weight, "bias": bias}
        return torch.func.functional_call(layer, state, (X,))

    assert torch.autograd.gradcheck(forward, (X, *parameters))


def test_gradients_of_the_half_mean_squares_on_the_edge_image():
    layer = ConvolutionalLayer((1, 2))
    layer.load_state_dict({"weight": torch.tensor([[0.01, -0.02]]), "bias": torch.zeros(1)})
    X = edge_image()
    loss = (corr2d(X, edge_kernel()) - layer(X)).square().mul(0.5).mean()
    loss.backward()
    assert loss.item() == pytest.approx(0.1386214, abs=5e-8)
    assert layer.weight.grad.tolist()[0] == pytest.approx([-0.1442857, 0.1371428], abs=1e-7)
    assert layer.bias.grad.item() == pytest.approx(-0.0042857, abs=5e-8)


def test_repr_names_the_kernel_shape():
    assert repr(ConvolutionalLayer((2, 3))) == "ConvolutionalLayer(kernel_shape=(2, 3))"


@pytest.mark.parametrize("shape", [(0, 2), (2,), (1, 1, 2), (2, -1)])
def test_impossible_kernel_shapes(shape):
    with pytest.raises(ShapeError, match="at least 1") as caught:
        ConvolutionalLayer(shape)
    assert caught.value.shapes == (shape,)


def test_an_input_smaller_than_the_kernel():
    with pytest.raises(ShapeError, match=r"\(2, 3\) does not fit into X of shape \(2, 2\)"):
        ConvolutionalLayer((2, 3))(torch.zeros(2, 2))
