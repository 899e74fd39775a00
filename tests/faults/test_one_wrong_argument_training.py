"""Losses, evaluators and optimizers of `pydjl.training`, made with one argument at a time wrong.

Either they are made and applied, or they raise one of `pydjl.errors`, and the valid ones work
afterwards.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest
import torch

from pydjl.runtime import java_class
from pydjl.training import evaluators, losses, optimizers

pytestmark = pytest.mark.usefixtures("little_memory")

Arguments = Callable[[], dict[str, Any]]
OUTPUT = torch.linspace(-1, 1, 12).view(4, 3)
NUMBERS = torch.linspace(0, 1, 12).view(4, 3)
CLASSES = torch.tensor([0, 2, 1, 1])


def parameters() -> list[torch.nn.Parameter]:
    return [torch.nn.Parameter(OUTPUT.clone())]


def options(**others: Any) -> dict[str, Any]:
    common = {"lr": 0.1, "weight_decay": 0.1, "rescale_grad": 1.0, "clip_grad": 1.0}
    return {"params": parameters(), **common, **others}


def java_loss() -> Any:
    return java_class("ai.djl.training.loss.Loss").l2Loss()


def java_evaluator() -> Any:
    return java_class("ai.djl.training.evaluator.Accuracy")()


# With what they are made, and the target that they are applied to.
LOSSES: dict[str, tuple[Arguments, torch.Tensor | None]] = {
    "ElasticNetWeightDecay": (
        lambda: {"parameters": parameters(), "l1_factor": 0.1, "l2_factor": 0.2},
        None,
    ),
    "HingeLoss": (lambda: {"margin": 1, "weight": 0.5}, NUMBERS),
    "L1Loss": (dict, NUMBERS),
    "L1WeightDecay": (lambda: {"parameters": parameters(), "factor": 0.1}, None),
    "L2Loss": (lambda: {"weight": 0.5}, NUMBERS),
    "L2WeightDecay": (lambda: {"parameters": parameters(), "factor": 0.1}, None),
    "Loss": (lambda: {"java": java_loss()}, NUMBERS),
    "QuantileL1Loss": (lambda: {"quantile": 0.3}, NUMBERS),
    "SigmoidBinaryCrossEntropyLoss": (lambda: {"weight": 0.5}, NUMBERS),
    "SoftmaxCrossEntropyLoss": (
        lambda: {"weight": 0.5, "class_axis": -1, "sparse_label": True, "from_logit": True},
        CLASSES,
    ),
}
EVALUATORS: dict[str, tuple[Arguments, torch.Tensor]] = {
    "Accuracy": (lambda: {"axis": 1}, CLASSES),
    "BinaryAccuracy": (lambda: {"threshold": 0.5}, NUMBERS),
    "Evaluator": (lambda: {"java": java_evaluator()}, CLASSES),
    "TopKAccuracy": (lambda: {"k": 2}, CLASSES),
}
OPTIMIZERS: dict[str, Arguments] = {
    "Adam": lambda: options(betas=(0.9, 0.999), eps=1e-8),
    "AdamW": lambda: options(betas=(0.9, 0.999), eps=1e-8),
    "Sgd": lambda: options(momentum=0.9),
}


def own_names(public_names: Callable[[str], set[str]], room: Any) -> set[str]:
    """The public classes of a room, without what it borrows from others."""
    found = {name: getattr(room, name) for name in public_names(f"{room.__name__}.")}
    return {
        name
        for name, each in found.items()
        if inspect.isclass(each) and each.__module__.startswith("pydjl.training.")
    }


def test_every_public_class_of_the_rooms_has_a_valid_call(public_names):
    assert set(LOSSES) == own_names(public_names, losses)
    assert set(EVALUATORS) == own_names(public_names, evaluators)
    abstract = {"DjlOptimizer"}
    assert set(OPTIMIZERS) == own_names(public_names, optimizers) - abstract


@pytest.mark.parametrize("name", sorted(LOSSES))
def test_a_loss_made_with_one_wrong_argument_computes_or_says_so(name, one_wrong):
    make, (arguments, target) = getattr(losses, name), LOSSES[name]
    assert set(arguments()) == set(inspect.signature(make).parameters)

    def made_and_applied(**given: Any) -> Any:
        loss = make(**given)
        return loss() if target is None else loss(OUTPUT, target)

    one_wrong(made_and_applied, arguments)


@pytest.mark.parametrize("name", sorted(EVALUATORS))
def test_an_evaluator_made_with_one_wrong_argument_computes_or_says_so(name, one_wrong):
    make, (arguments, target) = getattr(evaluators, name), EVALUATORS[name]
    assert set(arguments()) == set(inspect.signature(make).parameters)

    def made_and_applied(**given: Any) -> Any:
        evaluator = make(**given)
        evaluator.update(OUTPUT, target)
        return evaluator.compute()

    one_wrong(made_and_applied, arguments)


@pytest.mark.parametrize("name", sorted(OPTIMIZERS))
def test_an_optimizer_made_with_one_wrong_argument_steps_or_says_so(name, one_wrong):
    make, arguments = getattr(optimizers, name), OPTIMIZERS[name]
    assert set(arguments()) == set(inspect.signature(make).parameters)

    def made_and_stepped(**given: Any) -> Any:
        optimizer = make(**given)
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                parameter.grad = torch.ones_like(parameter)
        optimizer.step()
        return [parameter for group in optimizer.param_groups for parameter in group["params"]]

    # PyTorch's own optimizer checks what the parameters are, with errors of its own.
    one_wrong(made_and_stepped, arguments, left_out={"params"})
