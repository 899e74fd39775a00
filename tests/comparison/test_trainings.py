"""Two trainings that differ in one thing part at the right step, for the right cause."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from pydjl.comparison import Step, compare_steps, train
from pydjl.comparison.adam_betas import adam_betas
from pydjl.comparison.factor import Change, one_factor
from pydjl.errors import ArgumentError

STEPS = 6


def setting(dtype=torch.float64, batch=12, steps=STEPS, seed=3):
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 3)).to(dtype)
    batches = [
        (torch.randn(batch, 4, dtype=dtype), torch.randn(batch, 3, dtype=dtype))
        for _ in range(steps)
    ]
    return model, batches


def sgd(**options):
    return lambda parameters: torch.optim.SGD(parameters, **{"lr": 0.1, **options})


def adam(**options):
    return lambda parameters: torch.optim.Adam(parameters, **{"lr": 0.01, **options})


def adamw(**options):
    return lambda parameters: torch.optim.AdamW(parameters, **{"lr": 0.01, **options})


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
    "another rate": (mean, sgd(lr=0.2), sgd(), 1, "update", "another learning rate"),
    "no momentum": (mean, sgd(), sgd(momentum=0.9), 2, "update", "another momentum"),
    "more momentum": (mean, sgd(momentum=0.9), sgd(momentum=0.5), 2, "update",
                      "another momentum"),
    "decay": (mean, sgd(weight_decay=0.1), sgd(), 1, "update", "another weight decay"),
    "no decay": (mean, sgd(), sgd(weight_decay=0.1), 1, "update", "another weight decay"),
    "a little decay": (mean, sgd(weight_decay=1e-3), sgd(), 1, "update", "another weight decay"),
    "decay of the weights only": (mean, decaying_weights, sgd(), 1, "update",
                                  "another weight decay"),
    "a slightly larger rate": (mean, sgd(lr=0.1005), sgd(), 1, "update", "another learning rate"),
    "clipping on one side": (mean, lambda p: Clipping(p, lr=0.1), sgd(), 1, "update",
                             "clipped gradients"),
    "no dampening": (mean, sgd(momentum=0.9), sgd(momentum=0.9, dampening=0.1), 2, "update",
                     "another dampening"),
    "Adam's first beta": (mean, adam(betas=(0.8, 0.999)), adam(), 2, "update", "other betas"),
    "Adam's second beta": (mean, adam(betas=(0.9, 0.99)), adam(), 2, "update", "other betas"),
    "no Nesterov": (mean, sgd(momentum=0.9), sgd(momentum=0.9, nesterov=True), 1, "update",
                    "Nesterov momentum"),
    "Nesterov": (mean, sgd(momentum=0.6, nesterov=True), sgd(momentum=0.6), 1, "update",
                 "Nesterov momentum"),
    "another rate with momentum": (mean, sgd(lr=0.19, momentum=0.9), sgd(momentum=0.9), 1, "update",
                                   "another learning rate"),
    "Adam's epsilon": (mean, adam(eps=1e-3), adam(eps=1e-8), 1, "update", "another epsilon"),
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
        (mean, adam(), sgd()),
    ],
    ids=["penalty", "absolute values", "another optimizer"],
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
    assert len(report.rows) == STEPS * (1 + 4 + 4 + 4)


RATE = 1e-6  # an update of it is far below what weights may be apart

# Java's optimizer, Python's, the step at which it shows, the cause.
SMALL_FAULTS = {
    "never learns": (sgd(lr=0.0), sgd(lr=RATE), 1, "another learning rate"),
    "SGD": (sgd(lr=3 * RATE), sgd(lr=RATE), 1, "another learning rate"),
    "momentum": (sgd(lr=2 * RATE, momentum=0.9), sgd(lr=RATE, momentum=0.9), 1,
                 "another learning rate"),
    "no momentum": (sgd(lr=RATE), sgd(lr=RATE, momentum=0.9), 2, "another momentum"),
    "no dampening": (sgd(lr=RATE, momentum=0.9), sgd(lr=RATE, momentum=0.9, dampening=0.5), 2,
                     "another dampening"),
    "no Nesterov": (sgd(lr=RATE, momentum=0.9), sgd(lr=RATE, momentum=0.9, nesterov=True), 1,
                    "Nesterov momentum"),
    "Adam": (adam(lr=1.5 * RATE), adam(lr=RATE), 1, "another learning rate"),
    "AdamW": (adamw(lr=3 * RATE), adamw(lr=RATE), 1, "another learning rate"),
    "Adam never learns": (adam(lr=0.0), adam(lr=RATE), 1, "another learning rate"),
}  # fmt: skip


def compared_in_another_order(java_optimizer, python_optimizer, dtype, steps=STEPS, seed=3):
    """Java's rows come in reverse: its sums are rounded otherwise."""
    model, batches = setting(dtype, steps=steps, seed=seed)
    java, python = copy.deepcopy(model), copy.deepcopy(model)
    reverse = [(x.flip(0), y.flip(0)) for x, y in batches]
    return compare_steps(
        train(java, mean, java_optimizer(java.parameters()), reverse),
        train(python, mean, python_optimizer(python.parameters()), batches),
    )


@pytest.mark.parametrize("fault", SMALL_FAULTS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_a_fault_of_a_small_rate_is_found_at_its_step_with_its_cause(fault, dtype):
    java, python, step, cause = SMALL_FAULTS[fault]
    report = compared_in_another_order(java, python, dtype)
    first = report.first_difference
    assert (first.step, first.kind) == (step, "update"), str(report)
    assert [each.name for each in report.causes] == [cause], str(report)


@pytest.mark.parametrize("seed", range(4))
def test_where_rounding_hides_most_no_wrong_cause_is_named(seed):
    def names(java, python):
        report = compared_in_another_order(java, python, torch.float32, seed=seed)
        return {cause.name for cause in report.causes}

    assert not names(adam(lr=RATE), sgd(lr=RATE))
    assert names(sgd(lr=1.05 * RATE), sgd(lr=RATE)) <= {"another learning rate"}


def test_a_factor_is_one_that_explains_more_than_none_and_rounding():
    x, noise = torch.tensor([1e-6, -3e-6]), torch.full((2,), 1e-12)
    assert one_factor([Change(1.5 * x, x, noise)], but=1).value == pytest.approx(1.5)
    assert one_factor([Change(1.5 * x, x * torch.tensor([1, 2]), noise)], but=1) is None
    assert one_factor([Change(1.00001 * x, x, noise)], but=1) is None
    assert one_factor([Change(1.5 * x, x, x.abs())], but=0) is None  # any number would do
    assert one_factor([], but=0) is None
    assert str(one_factor([Change(x / 3, x, 1e-3 * x.abs())], but=1)) == "0.333"


@pytest.mark.parametrize("betas", [(0.9, 0.999), (0.8, 0.99), (0.5, 0.9999)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_the_betas_are_those_of_adam_and_of_nothing_else(betas, dtype):
    def found(optimizer):
        model, batches = setting(dtype, steps=2)
        return adam_betas(
            *train(model, mean, optimizer(model.parameters()), batches),
            list(dict(model.named_parameters())),
        )

    assert found(adam(betas=betas)) == betas
    assert found(adam(betas=betas, lr=1e-7)) in (None, betas)
    assert found(sgd(momentum=0.9)) is None
    assert found(adamw(betas=betas, weight_decay=0.5)) is None


@pytest.mark.parametrize(("rate", "other"), [(1.05e-4, 1e-4), (2e-5, 1e-5), (1e-4, 1.05e-4)])
@pytest.mark.parametrize("optimizer", [sgd, adam, adamw])
def test_another_rate_is_not_taken_for_another_loss(optimizer, rate, other):
    report = compared_in_another_order(optimizer(lr=rate), optimizer(lr=other), torch.float32)
    assert report.first_difference.title == "step 1 update"
    assert report.causes[0].name == "another learning rate"
    factor = float(report.causes[0].evidence.split()[3])
    assert factor == pytest.approx(rate / other, rel=2e-3)


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("rate", [0.01, 1e-4, 1e-6])
@pytest.mark.parametrize(
    "optimizer",
    [
        sgd,
        lambda lr: sgd(lr=lr, momentum=0.9),
        lambda lr: sgd(lr=lr, momentum=0.5, weight_decay=0.1),
        lambda lr: sgd(lr=lr, momentum=0.9, nesterov=True),
        lambda lr: adam(lr=lr, eps=1e-4),  # float16 has no 1e-8
        lambda lr: adamw(lr=lr, eps=1e-4),
    ],
    ids=["sgd", "momentum", "decay", "nesterov", "adam", "adamw"],
)
def test_long_right_pairs_that_round_otherwise_are_not_blamed(optimizer, rate, dtype):
    report = compared_in_another_order(optimizer(lr=rate), optimizer(lr=rate), dtype, steps=60)
    assert report.ok, str(report.first_difference)
    assert not report.causes


def one_step(loss, weight, gradient, update):
    tensors = [torch.tensor(each) for each in (loss, weight, gradient)]
    after = tensors[1] - torch.tensor(update)
    return Step(tensors[0], {"w": tensors[1]}, {"w": tensors[2]}, {"w": after})


def test_a_loss_is_blamed_only_where_weights_agree_and_gradients_say_the_same():
    def causes(java, python):
        return [each.name for each in compare_steps([java], [python]).causes]

    weight, update = [1.0, -2.0], [0.0, 0.0]
    python = one_step(2.0, weight, [0.5, 0.25], update)
    assert causes(one_step(1.0, weight, [0.25, 0.125], update), python) == ["another loss"]
    # What has other weights has another loss.
    moved = [1.0001, -2.0]
    assert not causes(one_step(1.0, moved, [0.25, 0.125], update), python)
    # Tiny gradients agree within the tolerance, whatever they are multiplied by.
    tiny = one_step(2.0, weight, [5e-7, 2.5e-7], update)
    assert not causes(one_step(1.99, weight, [5e-7, 2.5e-7], update), tiny)
    assert causes(one_step(1.0, weight, [2.5e-7, 1.25e-7], update), tiny) == ["another loss"]


def test_an_update_is_known_as_far_as_its_weight_is_rounded():
    def report(weight, ours, theirs):
        return compare_steps(
            [one_step(1.0, [weight], [1.0], [ours])], [one_step(1.0, [weight], [1.0], [theirs])]
        )

    assert report(1000.0, 1e-4, 2e-4).ok  # between two numbers of single precision
    assert report(0.0, 1e-6, 1.0005e-6).ok
    found = report(0.0, 1e-6, 2e-6)
    assert found.first_difference.kind == "update"
    assert "java 1e-06, python 2e-06" in found.first_difference.difference.note
    assert report(float("inf"), 1.0, 1.0).ok
    assert not report(1.0, float("nan"), 1.0).ok


def test_an_update_may_follow_a_gradient_that_is_as_good_as_zero():
    """Adam makes a whole step of it, in the direction of what is but rounding."""
    java = one_step(1.0, [0.5, 0.5], [0.1, 1e-9], [1e-6, 1e-6])
    python = one_step(1.0, [0.5, 0.5], [0.1, -1e-9], [1e-6, -1e-6])
    assert compare_steps([java], [python]).ok
    same = one_step(1.0, [0.5, 0.5], [0.1, 1e-9], [1e-6, -1e-6])
    assert not compare_steps([java], [same]).ok


def test_an_update_that_agrees_only_as_its_gradient_differs_says_so():
    follows = "follows from the gradient, which differs"
    python = one_step(1.0, [0.5, 0.5], [0.1, 0.2], [1e-2, 2e-2])
    java = one_step(1.0, [0.5, 0.5], [0.3, 0.6], [3e-2, 6e-2])
    report = compare_steps([java], [python])
    update = next(row for row in report.rows if row.kind == "update")
    assert update.ok
    assert update.difference.note == follows
    assert not update.shows_nothing
    assert report.first_difference.kind == "gradient"
    for text in (str(report), report.to_json(), report.to_html()):
        assert text.count(follows) == 1
    # The gradients are apart, and the updates are equal without it.
    same = one_step(1.0, [0.5, 0.5], [0.3, 0.6], [1e-2, 2.00001e-2])
    report = compare_steps([same], [python])
    assert not report.ok
    assert follows not in report.to_json()


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
