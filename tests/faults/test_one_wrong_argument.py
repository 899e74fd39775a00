"""A valid call of every function of `pydjl.nn` and every layer, with one argument at a time wrong.

Either it computes, or it raises one of `pydjl.errors`, and the valid call works afterwards.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest
import torch

import pydjl
from pydjl.nn import functional
from pydjl.runtime import java_class

pytestmark = [
    pytest.mark.usefixtures("little_memory"),
    pytest.mark.filterwarnings("ignore"),  # of torch, about parameters without elements
]


def ramp(*shape: int) -> torch.Tensor:
    return torch.arange(float(torch.Size(shape).numel())).view(shape) / 7 - 1


SIZES = {1: (5,), 2: (5, 4), 3: (3, 5, 4)}
ROWS = torch.tensor([[1, 0], [2, 2]])


def window(dimensions: int, **others: Any) -> dict[str, Any]:
    return {"kernel_size": 2, "stride": (1,) * dimensions, "ceil_mode": True, **others}


def convolution(dimensions: int) -> dict[str, Any]:
    return {"stride": 1, "padding": (1,) * dimensions, "dilation": 1, "groups": 2}


def operands(dimensions: int) -> dict[str, Any]:
    weight = ramp(4, 2, *(2,) * dimensions)
    return {"input": ramp(2, 4, *SIZES[dimensions]), "weight": weight, "bias": ramp(4)}


def channels() -> dict[str, Any]:
    return {"in_channels": 4, "out_channels": 4, "kernel_size": 2, "bias": True}


def place(**others: Any) -> dict[str, Any]:
    return {"device": "cpu", "dtype": torch.float64, **others}


def statistics() -> dict[str, Any]:
    return {"running_mean": ramp(4).numpy(), "running_var": ramp(4).abs()}


# Each makes its arguments anew: some are written to.
Arguments = Callable[[], dict[str, Any]]
FUNCTIONS: dict[str, Arguments] = {
    "batch_norm": lambda: {
        **{"input": ramp(3, 4), **statistics(), "weight": ramp(4), "bias": ramp(4)},
        **{"training": True, "momentum": 0.1, "eps": 1e-5},
    },
    "corr2d": lambda: {"X": ramp(5, 4), "K": ramp(2, 3)},
    "dropout": lambda: {"input": ramp(9), "p": 0.5, "training": True, "inplace": False},
    "elu": lambda: {"input": ramp(9), "alpha": 0.5, "inplace": False},
    "embedding": lambda: {
        **{"input": ROWS, "weight": ramp(3, 2), "padding_idx": 1, "max_norm": None},
        **{"norm_type": 2.0, "scale_grad_by_freq": False, "sparse": False},
    },
    "gelu": lambda: {"input": ramp(9), "approximate": "none"},
    "layer_norm": lambda: {
        **{"input": ramp(3, 4), "normalized_shape": (4,), "weight": ramp(4), "bias": ramp(4)},
        "eps": 1e-5,
    },
    "leaky_relu": lambda: {"input": ramp(9), "negative_slope": 0.1, "inplace": False},
    "linear": lambda: {"input": ramp(3, 4), "weight": ramp(2, 4), "bias": ramp(2)},
    "log_softmax": lambda: {"input": ramp(3, 4), "dim": 1, "dtype": torch.float64},
    "lp_pool1d": lambda: {"input": ramp(2, 4, 5), "norm_type": 2, **window(1)},
    "lp_pool2d": lambda: {"input": ramp(2, 4, 5, 4), "norm_type": 2, **window(2)},
    "prelu": lambda: {"input": ramp(3, 4), "weight": ramp(4)},
    "softmax": lambda: {"input": ramp(3, 4), "dim": 1, "dtype": torch.float64},
    "softplus": lambda: {"input": ramp(9), "beta": 2.0, "threshold": 10.0},
    **{name: lambda: {"input": ramp(9)} for name in ("sigmoid", "softsign", "tanh")},
    **{
        name: lambda: {"input": ramp(9), "inplace": False}
        for name in ("mish", "relu", "relu6", "selu", "silu")
    },
}
# With what a layer is made, and what it is applied to.
LAYERS: dict[str, tuple[Arguments, torch.Tensor]] = {
    "BlockModule": (lambda: {"block": linear_block(), "recipe": None, "seen": None}, ramp(3, 4)),
    "ConvolutionalLayer": (lambda: {"kernel_shape": (2, 3)}, ramp(5, 4)),
    "Dropout": (lambda: {"p": 0.5, "inplace": False}, ramp(9)),
    "ELU": (lambda: {"alpha": 0.5, "inplace": False}, ramp(9)),
    "Embedding": (
        lambda: {
            **{"num_embeddings": 3, "embedding_dim": 2, "padding_idx": 1, "max_norm": None},
            **{"norm_type": 2.0, "scale_grad_by_freq": False, "sparse": False, "init": "torch"},
            **place(_weight=ramp(3, 2), _freeze=False),
        },
        ROWS,
    ),
    "GELU": (lambda: {"approximate": "tanh"}, ramp(9)),
    "LPPool1d": (lambda: window(1, norm_type=2), ramp(2, 4, 5)),
    "LPPool2d": (lambda: window(2, norm_type=2), ramp(2, 4, 5, 4)),
    "LayerNorm": (
        lambda: place(normalized_shape=4, eps=1e-5, elementwise_affine=True, bias=True),
        ramp(3, 4).double(),
    ),
    "LeakyReLU": (lambda: {"negative_slope": 0.1, "inplace": False}, ramp(9)),
    "Linear": (
        lambda: place(in_features=4, out_features=2, bias=True, init="torch"),
        ramp(3, 4).double(),
    ),
    "LogSoftmax": (lambda: {"dim": 1}, ramp(3, 4)),
    "PReLU": (lambda: place(num_parameters=4, init=0.1), ramp(3, 4).double()),
    "Softmax": (lambda: {"dim": 1}, ramp(3, 4)),
    "Softplus": (lambda: {"beta": 2.0, "threshold": 10.0}, ramp(9)),
    "from_block": (lambda: {"block": linear_block}, ramp(3, 4)),
    "to_block": (lambda: {"module": torch.nn.Linear(4, 2)}, ramp(3, 4)),
    **{name: (dict, ramp(9)) for name in ("Sigmoid", "Softsign", "Tanh")},
    **{
        name: (lambda: {"inplace": False}, ramp(9))
        for name in ("Mish", "ReLU", "ReLU6", "SELU", "SiLU")
    },
}


def linear_block() -> Any:
    return java_class("ai.djl.nn.core.Linear").builder().setUnits(2).build()


def add_those_of(d: int) -> None:
    """Add what there is for each number of dimensions."""
    x = ramp(2, 4, *SIZES[d])
    borders = {"padding": (1,) * d}
    maxima = {**borders, "dilation": 1, "return_indices": False}
    means = {**borders, "count_include_pad": False}
    if d > 1:
        means["divisor_override"] = None
    FUNCTIONS[f"conv{d}d"] = lambda: {**operands(d), **convolution(d)}
    FUNCTIONS[f"conv_transpose{d}d"] = lambda: {
        **{**operands(d), **convolution(d)},
        "output_padding": 0,
    }
    FUNCTIONS[f"max_pool{d}d"] = lambda: {"input": x, **window(d, **maxima)}
    FUNCTIONS[f"avg_pool{d}d"] = lambda: {"input": x, **window(d, **means)}
    FUNCTIONS[f"adaptive_avg_pool{d}d"] = lambda: {"input": x, "output_size": 2}
    FUNCTIONS[f"adaptive_max_pool{d}d"] = lambda: {
        **{"input": x, "output_size": 2},
        "return_indices": False,
    }
    moved = {"padding_mode": "zeros", "init": "torch"}
    LAYERS[f"Conv{d}d"] = (
        lambda: place(**channels(), **convolution(d), **moved),
        x.double(),
    )
    LAYERS[f"ConvTranspose{d}d"] = (
        lambda: place(**channels(), **convolution(d), **moved, output_padding=0),
        x.double(),
    )
    LAYERS[f"MaxPool{d}d"] = (lambda: window(d, **maxima), x)
    LAYERS[f"AvgPool{d}d"] = (lambda: window(d, **means), x)
    LAYERS[f"AdaptiveAvgPool{d}d"] = (lambda: {"output_size": 2}, x)
    LAYERS[f"AdaptiveMaxPool{d}d"] = (lambda: {"output_size": 2, "return_indices": False}, x)
    LAYERS[f"BatchNorm{d}d"] = (
        lambda: place(
            num_features=4, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True
        ),
        x.double(),
    )


for each in SIZES:
    add_those_of(each)


def names_of(function: Callable[..., Any]) -> set[str]:
    parameters = inspect.signature(function).parameters.values()
    return {p.name for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)}


def test_every_public_name_of_the_rooms_has_a_valid_call(public_names):
    assert set(FUNCTIONS) == public_names("pydjl.nn.functional.")
    assert set(LAYERS) == public_names("pydjl.nn.")


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_function_with_one_wrong_argument_computes_or_says_so(name, one_wrong):
    function = getattr(functional, name)
    assert set(FUNCTIONS[name]()) == names_of(function)
    one_wrong(function, FUNCTIONS[name])


@pytest.mark.parametrize("name", sorted(LAYERS))
def test_a_layer_made_with_one_wrong_argument_computes_or_says_so(name, one_wrong):
    make, (arguments, x) = getattr(pydjl.nn, name), LAYERS[name]
    assert set(arguments()) == names_of(make)

    def made_and_applied(**given: Any) -> Any:
        layer = make(**given)
        return layer(x) if isinstance(layer, torch.nn.Module) else None

    one_wrong(made_and_applied, arguments, left_out=("recipe", "seen"))
