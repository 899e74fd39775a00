"""Two trainings that differ in one thing part at the right step, for the right cause."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from pydjl.comparison import compare_steps, train
from pydjl.errors import ArgumentError

STEPS = 6


def setting(dtype=torch.float64, batch=12):
    torch.manual_seed(3)
    model = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 3)).to(dtype)
    batches = [
        (torch.randn(batch, 4, dtype=dtype), torch.randn(batch, 3, dtype=dtype))
        for _ in range(STEPS)
    ]
    return model, batches


def sgd(**options):
    return lambda parameters: torch.optim.SGD(parameters, **{"lr": 0.1, **options})


def adam(**options):
    return lambda parameters: torch.optim.Adam(parameters, **{"lr": 0.01, **options})


def decaying_weights(parameters):
    """Without the biases, as is usual."""
    parameters = list(parameters)
    groups = [
        {"params": [p for p in parameters if p.dim() > 1], "weight_decay": 0.01},
        {"params": [p for p in parameters if p.dim() == 1]},
    ]
    return torch.optim.SGD(groups, lr=0.1)


class Adding(torch.optim.SGD):
    """Gradients are never zeroed."""

    def zero_grad(self, set_to_none=True):
        pass


class Clipping(torch.optim.SGD):
    """Gradients are bounded from above only, as in DJL."""

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in group["params"]:
                p.sub_(group["lr"] * p.grad.clamp(max=0.02))


def half(x, y):
    return 0.5 * nn.functional.mse_loss(x, y)


def total(x, y):
    return nn.functional.mse_loss(x, y, reduction="sum")


mean = nn.MSELoss()

# Java's loss and optimizer, Python's optimizer, where it shows, the cause.
FAULTS = {
    "half of the loss": (half, sgd(), sgd(), 1, "loss", "another loss"),
    "a sum for a mean": (total, sgd(), sgd(), 1, "loss", "another loss"),
    "gradients add up": (mean, lambda p: Adding(p, lr=0.1), sgd(), 2, "gradient",
                         "accumulated gradients"),
    "another rate": (mean, sgd(lr=0.2), sgd(), 1, "weight", "another learning rate"),
    "no momentum": (mean, sgd(), sgd(momentum=0.9), 2, "weight", "another momentum"),
    "more momentum": (mean, sgd(momentum=0.9), sgd(momentum=0.5), 2, "weight",
                      "another momentum"),
    "decay": (mean, sgd(weight_decay=0.1), sgd(), 1, "weight", "another weight decay"),
    "no decay": (mean, sgd(), sgd(weight_decay=0.1), 1, "weight", "another weight decay"),
    "a little decay": (mean, sgd(weight_decay=1e-3), sgd(), 1, "weight", "another weight decay"),
    "decay of the weights only": (mean, decaying_weights, sgd(), 1, "weight",
                                  "another weight decay"),
    "a slightly larger rate": (mean, sgd(lr=0.1005), sgd(), 1, "weight", "another learning rate"),
    "clipping on one side": (mean, lambda p: Clipping(p, lr=0.1), sgd(), 1, "weight",
                             "clipped gradients"),
    "Adam's epsilon": (mean, adam(eps=1e-3), adam(eps=1e-8), 1, "weight", "another epsilon"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_a_fault_is_found_at_its_step_with_its_cause(fault, dtype):
    loss, java_optimizer, python_optimizer, step, kind, cause = FAULTS[fault]
    model, batches = setting(dtype)
    java, python = copy.deepcopy(model), copy.deepcopy(model)
    report = compare_steps(
        train(java, loss, java_optimizer(java.parameters()), batches),
        train(python, mean, python_optimizer(python.parameters()), batches),
    )
    first = report.first_difference
    assert (first.step, first.kind) == (step, kind), str(report)
    assert [each.name for each in report.causes] == [cause], str(report)
    assert report.causes[0].where == f"step {step}"


@pytest.mark.parametrize(
    ("loss", "optimizer", "other"),
    [
        # 1.003 times the loss, but not 1.003 times every gradient
        (lambda x, y: mean(x, y) + 1e-3 * x.square().mean(), sgd(), sgd()),
        (nn.L1Loss(), sgd(), sgd()),
        (mean, adam(betas=(0.9, 0.99)), adam()),
        (mean, sgd(momentum=0.9, dampening=0.1), sgd(momentum=0.9)),
    ],
    ids=["penalty", "absolute values", "another beta", "dampening"],
)
def test_no_cause_is_named_that_does_not_explain_the_numbers(loss, optimizer, other):
    model, batches = setting()
    java, python = copy.deepcopy(model), copy.deepcopy(model)
    report = compare_steps(
        train(java, loss, optimizer(java.parameters()), batches),
        train(python, mean, other(python.parameters()), batches),
    )
    assert not report.ok
    assert not report.causes


def test_an_error_of_a_training_is_told_as_it_is():
    model, batches = setting()

    def loss(x, y):
        raise ValueError("other sizes")

    java, python = (train(model, each, sgd()(model.parameters()), batches) for each in (loss, mean))
    with pytest.raises(ValueError, match="other sizes"):
        compare_steps(java, python)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize(
    "optimizer",
    [sgd(), sgd(momentum=0.9), sgd(weight_decay=0.1, momentum=0.5), adam(), adam(eps=1e-3)],
    ids=["sgd", "momentum", "decay", "adam", "epsilon"],
)
def test_right_pairs_are_not_blamed(optimizer, dtype):
    model, batches = setting(dtype, batch=7)
    java, python = copy.deepcopy(model), copy.deepcopy(model)
    report = compare_steps(
        train(java, mean, optimizer(java.parameters()), batches),
        train(python, mean, optimizer(python.parameters()), batches),
    )
    assert report.ok
    assert not report.causes
    assert len(report.rows) == STEPS * (1 + 4 + 4)


def test_trainings_of_other_lengths_or_parameters_are_refused():
    model, batches = setting()
    other = nn.Linear(4, 3, dtype=torch.float64)

    def steps(model, batches):
        return train(model, mean, torch.optim.SGD(model.parameters(), lr=0.1), batches)

    with pytest.raises(ArgumentError, match="fewer steps"):
        compare_steps(steps(model, batches), steps(copy.deepcopy(model), batches[:2]))
    with pytest.raises(ArgumentError, match="mapping"):
        compare_steps(steps(model, batches), steps(other, batches))


def test_a_mapping_pairs_other_names():
    batches = [(x[:, :2], y[:, :1]) for x, y in setting()[1]]
    java, python = (nn.Sequential(nn.Linear(2, 1, dtype=torch.float64)) for _ in range(2))
    inner = copy.deepcopy(java[0])
    python = nn.Sequential(nn.Identity(), inner)
    optimizers = [torch.optim.SGD(each.parameters(), lr=0.1) for each in (java, python)]
    report = compare_steps(
        train(java, mean, optimizers[0], batches),
        train(python, mean, optimizers[1], batches),
        mapping={"0.weight": "1.weight", "0.bias": "1.bias"},
    )
    assert report.ok
