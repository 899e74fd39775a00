"""DJL's Trainer against a loop written in torch, and what it leaves as it was."""

from __future__ import annotations

import copy
import sys
import threading
from contextlib import nullcontext
from itertools import pairwise

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from pydjl.errors import (
    ArgumentError,
    ArgumentTypeError,
    ClosedError,
    DeviceError,
    NotSupportedError,
    PydjlError,
)
from pydjl.nn import from_block
from pydjl.runtime import java_class
from pydjl.training import Trainer
from pydjl.training.evaluators import Accuracy
from pydjl.training.losses import L2Loss, Loss, SoftmaxCrossEntropyLoss
from pydjl.training.optimizers import Adam, AdamW, Sgd


def java_net():
    """Two layers of DJL."""
    net = java_class("ai.djl.nn.SequentialBlock")()
    linear = java_class("ai.djl.nn.core.Linear")
    net.add(linear.builder().setUnits(6).build())
    net.add(java_class("ai.djl.nn.Activation").tanhBlock())
    net.add(linear.builder().setUnits(3).build())
    return net


def torch_net():
    return nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 3))


def nested_net():
    """A torch module with a Java layer inside."""
    return nn.Sequential(nn.Linear(4, 4), from_block(java_net))


def batches(count=5, size=7):
    torch.manual_seed(11)
    return [(torch.randn(size, 4), torch.randint(0, 3, (size,))) for _ in range(count)]


def initialized(make):
    torch.manual_seed(5)
    module = from_block(make) if make is java_net else make()
    module(torch.zeros(1, 4))
    return module


NETS = [java_net, torch_net, nested_net]
OPTIMIZERS = [
    (Sgd, torch.optim.SGD, {"lr": 0.125}),
    (Sgd, torch.optim.SGD, {"lr": 0.125, "momentum": 0.5, "weight_decay": 0.25}),
    (Adam, torch.optim.Adam, {"lr": 0.01, "eps": 1e-12}),
    (AdamW, torch.optim.AdamW, {"lr": 0.01, "eps": 1e-12}),
]


@pytest.mark.parametrize("make", NETS)
@pytest.mark.parametrize(("ours", "theirs", "options"), OPTIMIZERS)
def test_learns_what_a_torch_loop_learns_on_the_modules_own_tensors(make, ours, theirs, options):
    module = initialized(make)
    twin = torch_net() if make is not nested_net else nn.Sequential(nn.Linear(4, 4), torch_net())
    with torch.no_grad():
        for mine, its in zip(module.parameters(), twin.parameters(), strict=True):
            its.copy_(mine)
    before = [(p, p.data_ptr()) for p in module.parameters()]
    reference = theirs(twin.parameters(), **options)
    losses, expected = [], []
    with Trainer(
        module, SoftmaxCrossEntropyLoss(), ours(module.parameters(), **options)
    ) as trainer:
        for x, y in batches():
            losses.append(trainer.step(x, y))
            reference.zero_grad()
            loss = F.cross_entropy(twin(x), y)
            loss.backward()
            reference.step()
            expected.append(loss.detach())
    torch.testing.assert_close(losses, expected, rtol=1e-4, atol=1e-5)
    for mine, its in zip(module.parameters(), twin.parameters(), strict=True):
        torch.testing.assert_close(mine, its, rtol=1e-3, atol=1e-4)
    assert [(p, p.data_ptr()) for p in module.parameters()] == before
    assert not losses[0].requires_grad


@pytest.mark.parametrize("make", NETS)
def test_is_bit_equal_to_its_parts_in_a_torch_loop(make):
    module = initialized(make)
    start = copy.deepcopy(module.state_dict())
    loss = SoftmaxCrossEntropyLoss()

    def by_hand():
        optimizer = Sgd(module.parameters(), lr=0.1, momentum=0.9)
        for x, y in batches():
            optimizer.zero_grad()
            value = loss(module(x), y)
            value.backward()
            optimizer.step()
            yield value.item()

    first = list(by_hand())
    learned = copy.deepcopy(module.state_dict())
    module.load_state_dict(start)
    with Trainer(module, loss, Sgd(module.parameters(), lr=0.1, momentum=0.9)) as trainer:
        second = [trainer.step(x, y).item() for x, y in batches()]
    assert first == second
    for name, tensor in module.state_dict().items():
        assert torch.equal(tensor, learned[name])


def test_gradients_do_not_add_up_and_old_ones_do_not_matter():
    module = initialized(torch_net)
    for parameter in module.parameters():
        parameter.grad = torch.full_like(parameter, float("nan"))
    with Trainer(module, SoftmaxCrossEntropyLoss(), Sgd(module.parameters(), lr=0.1)) as trainer:
        losses = [trainer.step(*batches(1)[0]).item() for _ in range(60)]
    assert all(b < a for a, b in pairwise(losses))


def test_a_block_is_initialized_at_the_first_batch():
    module = from_block(java_net)
    optimizer = Adam(module.parameters(), lr=0.05)
    with Trainer(module, SoftmaxCrossEntropyLoss(), optimizer) as trainer:
        x, y = batches(1)[0]
        losses = [trainer.step(x, y).item() for _ in range(20)]
    assert losses[-1] < losses[0] / 2
    assert module(x).shape == (7, 3)


def test_torchs_lazy_layers_get_their_shape_at_the_first_batch():
    module = nn.Sequential(nn.LazyLinear(5), nn.Tanh(), nn.LazyLinear(3))
    optimizer = Adam(module.parameters(), lr=0.05)
    with Trainer(module, SoftmaxCrossEntropyLoss(), optimizer) as trainer:
        x, y = batches(1)[0]
        losses = [trainer.step(x, y).item() for _ in range(30)]
    assert module[0].weight.shape == (5, 4)
    assert losses[-1] < losses[0] / 2


def test_fit_goes_through_a_data_loader_and_evaluators_count():
    torch.manual_seed(0)
    x = torch.randn(90, 4)
    y = (x[:, 0] > 0).long() + (x[:, 1] > 0).long()
    loader = DataLoader(TensorDataset(x, y), batch_size=16, shuffle=True)
    module = initialized(torch_net)
    optimizer = Adam(module.parameters(), lr=0.02)
    trainer = Trainer(module, SoftmaxCrossEntropyLoss(), optimizer, [Accuracy()])
    with trainer:
        epochs = list(trainer.fit(loader, epochs=25))
        result = trainer.evaluate(loader)
        more = next(trainer.fit(loader))
    assert [epoch.number for epoch in epochs] == list(range(1, 26))
    assert all(len(epoch.losses) == 6 for epoch in epochs)
    assert epochs[0].loss == pytest.approx(sum(epochs[0].losses) / 6)
    assert epochs[-1].loss < epochs[0].loss / 2
    assert epochs[0].metrics["Accuracy"] < epochs[-1].metrics["Accuracy"]
    assert (result.number, more.number) == (25, 26)


def test_evaluation_is_torchs_and_teaches_nothing():
    module = nn.Sequential(nn.Linear(4, 6), nn.Dropout(0.5), nn.BatchNorm1d(6), nn.Linear(6, 3))
    module[2].eval()
    optimizer = Sgd(module.parameters(), lr=1.0)
    x, y = batches(1, size=32)[0]
    with Trainer(module, SoftmaxCrossEntropyLoss(), optimizer, [Accuracy()]) as trainer:
        trainer.step(x, y)
        before = copy.deepcopy(module.state_dict())
        modes = [each.training for each in module.modules()]
        result = trainer.evaluate([(x, y), (x, y)])
    assert [each.training for each in module.modules()] == modes
    assert modes[3] is False
    for name, tensor in module.state_dict().items():
        assert torch.equal(tensor, before[name])
    output = module.eval()(x)
    assert result.losses == pytest.approx([F.cross_entropy(output, y).item()] * 2, rel=1e-5)
    assert result.metrics["Accuracy"] == pytest.approx((output.argmax(1) == y).double().mean())
    assert torch.isnan(torch.tensor(trainer.evaluators[0].java.getAccumulator("none")))


def test_running_statistics_of_java_and_of_torch_move_in_training():
    def norm():
        return java_class("ai.djl.nn.norm.BatchNorm").builder().build()

    ours, theirs = from_block(norm), nn.BatchNorm1d(4, momentum=0.1)
    x = 3 * torch.randn(50, 4) + 2
    ours(x)
    for module in (ours, theirs):
        with Trainer(module, L2Loss(), Sgd(module.parameters(), lr=0.1)) as trainer:
            before = module.running_mean.clone()
            trainer.step(x, torch.zeros(50, 4))
        torch.testing.assert_close(
            (module.running_mean - before).sign(), (x.mean(0) - before).sign()
        )


def test_what_is_frozen_stays_and_what_is_thawed_learns():
    module = initialized(torch_net)
    first, last = module[0], module[2]
    first.requires_grad_(False)
    start = first.weight.clone()
    optimizer = Sgd(module.parameters(), lr=0.5)
    with Trainer(module, SoftmaxCrossEntropyLoss(), optimizer) as trainer:
        trainer.step(*batches(1)[0])
        assert torch.equal(first.weight, start)
        assert not first.weight.requires_grad
        first.requires_grad_(True)
        last.requires_grad_(False)
        end = last.weight.clone()
        trainer.step(*batches(1)[0])
    assert not torch.equal(first.weight, start)
    assert torch.equal(last.weight, end)


def test_what_a_batch_does_not_reach_counts_as_having_no_slope():
    class Half(nn.Module):
        def __init__(self):
            super().__init__()
            self.used, self.unused = nn.Linear(4, 3), nn.Linear(4, 3).double()

        def forward(self, x):
            return self.used(x)

    module = Half()
    start = module.unused.weight.clone()
    optimizer = Sgd(module.parameters(), lr=0.5, weight_decay=0.5)
    with Trainer(module, SoftmaxCrossEntropyLoss(), optimizer) as trainer:
        trainer.step(*batches(1)[0])
    torch.testing.assert_close(module.unused.weight, 0.75 * start)


def test_only_the_optimizers_parameters_are_updated():
    module = initialized(torch_net)
    start = module[0].weight.clone()
    optimizer = Sgd(module[2].parameters(), lr=0.5)
    with Trainer(module, SoftmaxCrossEntropyLoss(), optimizer) as trainer:
        trainer.step(*batches(1)[0])
    assert torch.equal(module[0].weight, start)


def test_a_scheduler_and_groups_drive_it_and_the_state_is_the_optimizers():
    module = initialized(torch_net)
    twin = copy.deepcopy(module)
    results = []
    for net, in_trainer in ((module, True), (twin, False)):
        groups = [
            {"params": net[0].parameters(), "lr": 0.1},
            {"params": net[2].parameters(), "lr": 0.2},
        ]
        optimizer = Sgd(groups, momentum=0.9)
        scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.5)
        loss = SoftmaxCrossEntropyLoss()
        trainer = Trainer(net, loss, optimizer)
        with trainer:
            for x, y in batches():
                if in_trainer:
                    trainer.step(x, y)
                else:
                    net.zero_grad()
                    loss(net(x), y).backward()
                    optimizer.step()
                scheduler.step()
        # The optimizer goes on by itself once the trainer is closed.
        net.zero_grad()
        loss(net(batches(1)[0][0]), batches(1)[0][1]).backward()
        optimizer.step()
        results.append((optimizer.state_dict()["state"], list(net.parameters())))
    (state, parameters), (other_state, others) = results
    for mine, its in zip(parameters, others, strict=True):
        assert torch.equal(mine, its)
    for index, values in state.items():
        assert values["step"] == 6
        assert torch.equal(values["velocity"], other_state[index]["velocity"])


def test_several_inputs_and_float64():
    class Sum(nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = nn.Parameter(torch.ones((), dtype=torch.float64))

        def forward(self, a, b):
            return self.scale * (a + b)

    module = Sum()
    a, b = torch.randn(2, 9, dtype=torch.float64)
    with Trainer(module, L2Loss(), Sgd(module.parameters(), lr=0.5)) as trainer:
        for _ in range(100):
            trainer.step((a, b), 2 * (a + b))
    assert module.scale.item() == pytest.approx(2, abs=1e-9)


@pytest.mark.parametrize("mode", [torch.no_grad, torch.enable_grad, torch.inference_mode])
def test_learns_in_every_mode_and_leaves_it(mode):
    module = initialized(torch_net)
    start = module[0].weight.clone()
    generator = torch.random.get_rng_state()
    with mode():
        before = torch.is_grad_enabled(), torch.is_inference_mode_enabled()
        x, y = torch.ones(2, 4), torch.tensor([0, 1])
        with Trainer(
            module, SoftmaxCrossEntropyLoss(), Sgd(module.parameters(), lr=0.5)
        ) as trainer:
            trainer.step(x, y)
            trainer.evaluate([(x, y)])
        assert (torch.is_grad_enabled(), torch.is_inference_mode_enabled()) == before
    assert not torch.equal(module[0].weight, start)
    assert torch.equal(torch.random.get_rng_state(), generator)


def losses_of_steps(module, steps, around_all=nullcontext, around_each=nullcontext):
    losses = []
    trainer = Trainer(module, SoftmaxCrossEntropyLoss(), Sgd(module.parameters(), lr=0.5))
    x, y = batches(1)[0]
    with trainer, around_all():
        trainer.evaluate([(x, y)])  # leaves casts without a graph in autocast's cache
        for _ in range(steps):
            with around_each():
                losses.append(trainer.step(x, y).item())
            module(x)  # leaves casts of these weights there
    return losses


@pytest.mark.parametrize("make", NETS)
def test_learns_in_one_autocast_what_it_learns_in_one_for_each_step(make):
    def autocast():
        return torch.autocast("cpu", dtype=torch.float16)

    together = losses_of_steps(initialized(make), 6, around_all=autocast)
    single = losses_of_steps(initialized(make), 6, around_each=autocast)
    assert together == single
    assert all(b < a for a, b in pairwise(together))


def test_evaluates_in_autocast_with_the_weights_as_they_are():
    module = initialized(torch_net)
    trainer = Trainer(module, SoftmaxCrossEntropyLoss(), Sgd(module.parameters(), lr=0.5))
    x, y = batches(1)[0]
    with trainer, torch.autocast("cpu", dtype=torch.float16):
        module(x)
        with torch.no_grad():
            module[2].bias.add_(torch.tensor([5.0, 0.0, 0.0]))
        inside = trainer.evaluate([(x, y)]).loss
        assert module(x).requires_grad
        torch.clear_autocast_cache()
        assert inside == SoftmaxCrossEntropyLoss()(module(x), y).item()


def norm_net():
    return nn.Sequential(nn.Linear(4, 6), nn.BatchNorm1d(6), nn.Linear(6, 3))


@pytest.mark.parametrize("fails", [False, True])
@pytest.mark.parametrize("frozen", [(), (0, 1, 2, 3), (2,)])
def test_a_step_puts_the_modes_back(frozen, fails):
    module = norm_net()
    for index, each in enumerate(module.modules()):
        each.training = index not in frozen
    modes = [each.training for each in module.modules()]
    mean = module[1].running_mean.clone()
    x, y = batches(1)[0]
    with Trainer(module, SoftmaxCrossEntropyLoss(), Sgd(module.parameters(), lr=0.1)) as trainer:
        if fails:
            with pytest.raises(PydjlError, match="labels"):
                trainer.step(x, y[:5])
        else:
            list(trainer.fit([(x, y), (x, y)], progress=False))
        assert [each.training for each in module.modules()] == modes
    # As DJL trains: all of a module in evaluation mode; as torch does: not what alone is in it.
    assert torch.equal(module[1].running_mean, mean) is (frozen == (2,))


def test_a_child_of_a_djl_block_with_a_mode_of_its_own_is_not_trained_silently():
    def net():
        block = java_class("ai.djl.nn.SequentialBlock")()
        block.add(java_class("ai.djl.nn.norm.BatchNorm").builder().build())
        block.add(java_class("ai.djl.nn.core.Linear").builder().setUnits(3).build())
        return block

    module = initialized_block(net)
    norm = next(module.children())
    norm.eval()
    mean = norm.running_mean.clone()
    x, y = batches(1)[0]
    loss, optimizer = SoftmaxCrossEntropyLoss(), Sgd(module.parameters(), lr=0.1)
    with (
        Trainer(module, loss, optimizer) as trainer,
        pytest.raises(NotSupportedError, match=r"mode of its own.*torch\.nn\.Sequential"),
    ):
        trainer.step(x, y)
    with Trainer(nn.Sequential(module), loss, optimizer) as trainer:
        trainer.step(x, y)
        assert torch.equal(norm.running_mean, mean)
        norm.train()
        trainer.step(x, y)
        assert not torch.equal(norm.running_mean, mean)


def initialized_block(make):
    module = from_block(make)
    module(torch.randn(5, 4))
    return module


@pytest.mark.parametrize("mode", [True, False])
def test_what_the_module_raises_comes_through_and_the_trainer_goes_on(mode):
    class Refusing(nn.Linear):
        refuses = True

        def forward(self, x):
            if self.refuses:
                raise LookupError("not today")
            return super().forward(x)

    module = Refusing(4, 3)
    module.refuses = False
    trainer = Trainer(module, SoftmaxCrossEntropyLoss(), Sgd(module.parameters(), lr=0.5))
    x, y = batches(1)[0]
    with torch.set_grad_enabled(mode), trainer:
        trainer.step(x, y)
        module.refuses = True
        with pytest.raises(LookupError, match="not today"):
            trainer.step(x, y)
        with pytest.raises(LookupError, match="not today"):
            trainer.evaluate([(x, y)])
        assert torch.is_grad_enabled() is mode
        assert module.training
        module.refuses = False
        with pytest.raises(PydjlError, match=r"\(5\).*\(7, 3\)"):
            trainer.step(x, y[:5])
        trainer.step(x, y)
        assert torch.is_grad_enabled() is mode


def test_softmax_of_a_linear_layer_whose_gradients_add_up_to_nothing():
    # DJL's trainer takes such gradients for missing ones and stops.
    module = nn.Linear(1, 2, bias=False)
    nn.init.zeros_(module.weight)
    trainer = Trainer(module, SoftmaxCrossEntropyLoss(), Sgd(module.parameters(), lr=1.0))
    with trainer:
        trainer.step(torch.ones(1, 1), torch.tensor([0]))
    assert module.weight.flatten().tolist() == [0.5, -0.5]


def test_trainers_of_several_threads_take_turns():
    results = []

    def train(seed):
        torch.manual_seed(seed)
        module = torch_net()
        optimizer = Adam(module.parameters(), lr=0.05)
        x, y = batches(1)[0]
        with Trainer(module, SoftmaxCrossEntropyLoss(), optimizer) as trainer:
            losses = [trainer.step(x, y).item() for _ in range(40)]
        results.append(losses[-1] < losses[0])

    threads = [threading.Thread(target=train, args=(seed,), daemon=True) for seed in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert results == [True] * 3


@pytest.mark.parametrize("make", [java_net, torch_net])
def test_steps_leak_nothing(make, leaked_bytes):
    module = initialized(make)
    count = java_class("org.pydjl.bridge.EngineRuntime").managedArrays
    optimizer = Adam(module.parameters())
    x, y = batches(1)[0]
    with Trainer(module, SoftmaxCrossEntropyLoss(), optimizer, [Accuracy()]) as trainer:
        trainer.step(x, y)
        arrays = count()
        assert leaked_bytes(lambda: trainer.step(x, y), 150) < 40
        assert count() <= arrays  # other tests' modules may be collected meanwhile


def test_a_bar_is_shown_on_a_terminal_only(capfd, monkeypatch):
    module = initialized(torch_net)
    trainer = Trainer(module, SoftmaxCrossEntropyLoss(), Sgd(module.parameters(), lr=0.1))
    with trainer:
        list(trainer.fit(batches()))
        assert capfd.readouterr() == ("", "")
        monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
        list(trainer.fit(batches(), progress=False))
        assert capfd.readouterr() == ("", "")
        monkeypatch.setenv("TERM", "xterm")
        list(trainer.fit(iter(batches())))
        assert "epoch 3" in capfd.readouterr().err


def test_what_cannot_train_is_refused():
    module = initialized(torch_net)
    loss, optimizer = SoftmaxCrossEntropyLoss(), Sgd(module.parameters())
    with pytest.raises(ArgumentTypeError, match=r"from_block"):
        Trainer(java_net(), loss, optimizer)
    with pytest.raises(ArgumentTypeError, match=r"CrossEntropyLoss.*pydjl\.training\.losses"):
        Trainer(module, nn.CrossEntropyLoss(), optimizer)
    with pytest.raises(ArgumentTypeError, match=r"SGD.*pydjl\.training\.optimizers"):
        Trainer(module, loss, torch.optim.SGD(module.parameters()))
    with pytest.raises(ArgumentTypeError, match=r"str.*pydjl\.training\.evaluators"):
        Trainer(module, loss, optimizer, ["accuracy"])
    with pytest.raises(ArgumentError, match=r"not the module's"):
        Trainer(torch_net(), loss, optimizer)
    trainer = Trainer(module, loss, optimizer)
    for evaluators in (None, Accuracy()):
        with pytest.raises(ArgumentTypeError, match=r"evaluators is .*needs a list of those in"):
            Trainer(module, loss, optimizer, evaluators)
    with pytest.raises(ArgumentError, match="epochs is -1"):
        trainer.fit([], epochs=-1)
    for epochs in (2.5, "2", None, True):
        with pytest.raises(ArgumentTypeError, match=r"epochs is .*a whole number is needed"):
            trainer.fit([], epochs)
    x, y = batches(1)[0]
    for loader, words in (
        (5, "loader is a int"),
        ([x], "gave a Tensor, but a batch is a pair"),
        ([(x,)], "gave a tuple of 1"),
        ([(x, x, y)], "gave a tuple of 3"),
        ([None], "gave a NoneType"),
    ):
        with pytest.raises(ArgumentTypeError, match=words):
            list(trainer.fit(loader, progress=False))
        with pytest.raises(ArgumentTypeError, match=words):
            trainer.evaluate(loader)
    with trainer:
        pass
    trainer.close()
    for use in (lambda: trainer.step(x, y), lambda: trainer.evaluate([(x, y)]), trainer.__enter__):
        with pytest.raises(ClosedError, match="make a new one"):
            use()


@pytest.mark.gpu
def test_on_a_gpu():
    module = initialized(torch_net).cuda()
    optimizer = Adam(module.parameters(), lr=0.05)
    x, y = (each.cuda() for each in batches(1)[0])
    with Trainer(module, SoftmaxCrossEntropyLoss(), optimizer, [Accuracy()]) as trainer:
        losses = [trainer.step(x, y).item() for _ in range(20)]
        with pytest.raises(DeviceError, match="batch is on cpu"):
            trainer.step(x.cpu(), y)
    assert losses[-1] < losses[0] / 2
    assert optimizer.state[module[0].weight]["exp_avg"].is_cuda


def test_a_loss_of_the_users_own_in_java():
    module = nn.Linear(4, 1)
    loss = Loss(java_class("ai.djl.training.loss.Loss").l1Loss())
    x = batches(1)[0][0]
    with Trainer(module, loss, Sgd(module.parameters(), lr=0.05)) as trainer:
        losses = [trainer.step(x, x[:, :1]).item() for _ in range(60)]
    assert losses[-1] < losses[0] / 4


def test_a_fit_that_nobody_iterates_over_warns_that_nothing_was_trained():
    module = torch.nn.Linear(3, 2)
    batches = [(torch.ones(4, 3), torch.ones(4, 2))]
    with Trainer(module, L2Loss(), Sgd(module.parameters(), lr=0.1)) as trainer:
        with pytest.warns(RuntimeWarning, match=r"nothing was trained.*for epoch in"):
            trainer.fit(batches, epochs=5)
        assert trainer.epochs == 0
        assert [epoch.number for epoch in trainer.fit(batches, epochs=2)] == [1, 2]
