"""What a pass through a model shows, against PyTorch's own gradients; and what it leaves behind."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from pydjl.comparison.layers import parts
from pydjl.comparison.observation import observe, outline
from pydjl.comparison.streams import OutputsKept, record
from pydjl.errors import ArgumentError, ArgumentTypeError


def model():
    inner = nn.Sequential(nn.Conv2d(2, 3, (2, 3)), nn.BatchNorm2d(3), nn.ReLU(inplace=True))
    return nn.Sequential(inner, nn.Flatten(), nn.Dropout(0.5), nn.Linear(3 * 4 * 4, 5))


def recorded(net, x):
    """The calls of the layers themselves, with what they take and give."""
    calls = [call for call in outline(net, [x]) if not call.is_divided]
    return record(net, [x], calls)


def test_layers_come_in_order_with_what_they_gave():
    net, x = model(), torch.randn(2, 2, 5, 6)
    calls, found = outline(net, [x]), recorded(net, x)
    names = [(call.name, call.kind) for call in found]
    assert [call.name for call in calls if call.is_divided] == ["0", ""]
    assert [call.name for call in calls if call.is_overwritten] == ["0.1"]
    assert [call.input_count for call in calls] == [1] * 8
    assert names == [
        ("0.0", "Conv2d"), ("0.1", "BatchNorm2d"), ("0.2", "ReLU"),
        ("1", "Flatten"), ("2", "Dropout"), ("3", "Linear"),
    ]  # fmt: skip
    assert torch.equal(found[0].outputs[0], net[0][0](x))
    # The ReLU writes into its input, which is the batch norm's output.
    assert (found[1].outputs[0] < 0).any()
    assert torch.equal(found[1].outputs[0].relu(), found[2].outputs[0])
    assert torch.equal(observe(net, [x]).outputs[0], found[-1].outputs[0])


def test_gradients_are_torchs():
    net, x = model().eval(), torch.randn(2, 2, 5, 6)
    seen = observe(net, [x])
    weights = torch.randn(
        (2, 5), generator=torch.Generator().manual_seed(0), dtype=torch.float64
    ).float()
    x.requires_grad_()
    net(x).backward(weights)
    assert torch.equal(seen.input_gradients[0], x.grad)
    assert seen.parameter_gradients.keys() == dict(net.named_parameters()).keys()
    for name, parameter in net.named_parameters():
        assert torch.equal(seen.parameter_gradients[name], parameter.grad)


def test_nothing_is_left_behind():
    net, x = model(), torch.randn(2, 2, 5, 6)
    net[3].weight.grad = torch.ones_like(net[3].weight)
    before = {name: value.clone() for name, value in net.state_dict().items()}
    generator = torch.get_rng_state()
    observe(net, [x])
    assert torch.equal(torch.get_rng_state(), generator)
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())
    assert net[3].weight.grad.eq(1).all()
    assert net[0][0].weight.grad is None
    assert not x.requires_grad
    assert not any(each._forward_hooks or each._forward_pre_hooks for each in net.modules())


def test_what_is_drawn_is_the_same_in_every_model():
    x = torch.ones(3, 50)
    first, second = (observe(nn.Sequential(nn.Dropout(0.5)), [x]).outputs[0] for _ in range(2))
    assert torch.equal(first, second)
    assert (first == 0).any()


def test_what_is_drawn_does_not_depend_on_what_was_drawn_before():
    model = nn.Dropout(0.5)
    first = observe(model, [torch.ones(40)]).outputs[0]
    torch.rand(3)
    assert torch.equal(observe(model, [torch.ones(40)]).outputs[0], first)


def test_hooks_go_also_after_an_error():
    net = model()
    with pytest.raises(RuntimeError):
        observe(net, [torch.randn(2, 3, 5, 6)])
    assert not any(each._forward_hooks for each in net.modules())


def test_a_function_has_outputs_and_gradients_of_its_inputs():
    x, y = torch.randn(2, 3), torch.randn(2, 3)
    seen = observe(lambda a, b: (a * b, a.sum()), [x, y])
    assert len(seen.outputs) == 2
    assert not outline(lambda a, b: a * b, [x, y])
    assert [g.shape for g in seen.input_gradients] == [x.shape, y.shape]


def test_integers_and_frozen_parameters_have_no_gradient():
    net = nn.Sequential(nn.Embedding(5, 3), nn.Linear(3, 2)).requires_grad_(False)
    seen = observe(net, [torch.tensor([1, 4])])
    assert seen.input_gradients == (None,)
    assert set(seen.parameter_gradients.values()) == {None}
    assert not observe(net, [torch.tensor([1])], gradients=False).parameter_gradients


def test_a_model_that_gives_no_tensors_is_refused():
    with pytest.raises(ArgumentTypeError, match="str"):
        observe(lambda x: {"y": "x"}, [torch.ones(1)])
    with pytest.raises(ArgumentTypeError, match="no tensors"):
        observe(lambda x: (), [torch.ones(1)])
    assert len(observe(lambda x: {"y": x, "z": (x, [x])}, [torch.ones(1)]).outputs) == 3


def test_inputs_are_the_callers_and_may_be_written_by_the_model():
    x = torch.ones(2, 3)
    for gradients in (False, True):
        seen = observe(lambda x: x.mul_(2), [x], gradients=gradients)
        assert seen.outputs[0].eq(2).all()
        assert x.eq(1).all()


def test_what_is_written_later_is_noted_as_it_was():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = nn.Linear(3, 3), nn.Linear(3, 3)

        def forward(self, x):
            x = torch.nn.functional.relu(self.a(x), inplace=True)
            y = self.b(x)
            y += x
            return y

    net, x = Net(), torch.randn(4, 3)
    expected = net.a(x), net.b(net.a(x).relu())
    for call, y in zip(recorded(net, x), expected, strict=True):
        assert torch.equal(call.outputs[0], y)
    calls = [call for call in outline(net, [x]) if not call.is_divided]
    kept = OutputsKept(calls)
    observe(net, [x], kept)
    for call, y in zip(calls, expected, strict=True):
        assert torch.equal(kept.take(call)[0], y)


def test_what_nobody_writes_into_is_held_without_a_copy():
    addresses = []

    class Net(nn.Sequential):
        def forward(self, x):
            y = self[0](x)
            addresses.append(y.data_ptr())
            return self[1](y)

    net, x = Net(nn.Linear(3, 3), nn.Tanh()), torch.randn(4, 3)
    calls = outline(net, [x])
    kept = OutputsKept(calls)
    observe(net, [x], kept)
    assert kept.take(calls[0])[0].data_ptr() == addresses[-1]


def test_a_model_that_calls_other_layers_each_time_is_refused():
    class Fickle(nn.Sequential):
        turn = 0

        def forward(self, x):
            self.turn += 1
            return self[self.turn % 2](x)

    net, x = Fickle(nn.ReLU(), nn.Tanh()), torch.ones(2)
    with pytest.raises(ArgumentError, match="in one run and not in the next"):
        record(net, [x], outline(net, [x]))


def test_a_layer_that_fails_inside_of_a_model_that_goes_on_is_no_call():
    class Trying(nn.Module):
        def __init__(self):
            super().__init__()
            self.wrong, self.right = nn.Linear(5, 3), nn.Linear(2, 3)

        def forward(self, x):
            try:
                return self.wrong(x)
            except RuntimeError:
                return self.right(x)

    calls = outline(Trying(), [torch.ones(1, 2)])
    assert [(call.number, call.name) for call in calls] == [(2, "right"), (0, "")]


def test_a_graph_through_the_models_buffers_survives():
    net = nn.BatchNorm1d(3).eval()
    y = net(torch.randn(4, 3))
    observe(net, [torch.randn(4, 3)])
    y.sum().backward()


def test_a_buffer_that_is_replaced_comes_back():
    class Counting(nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("n", torch.zeros(()))

        def forward(self, x):
            self.n = self.n + 1
            return x * self.n

    net = Counting()
    before = net.n
    assert observe(net, [torch.ones(2)]).buffers["n"] == 1
    assert net.n is before


def test_a_buffer_that_had_no_values_has_none_afterwards():
    class Remembering(nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("last", None)

        def forward(self, x):
            self.last = x.detach().sum(0)
            return 2 * x

    model = Remembering()
    assert observe(model, [torch.ones(2, 3)]).buffers["last"].tolist() == [2, 2, 2]
    assert model.last is None


def test_sparse_gradients_are_read():
    sparse, dense = nn.Embedding(7, 3, sparse=True), nn.Embedding(7, 3)
    dense.load_state_dict(sparse.state_dict())
    found, expected = (
        observe(each, [torch.tensor([1, 4, 1])]).parameter_gradients["weight"]
        for each in (sparse, dense)
    )
    assert torch.equal(found, expected)


def test_results_that_no_gradient_can_flow_through_are_noted():
    class WithoutGradients(nn.Linear):
        def forward(self, x):
            with torch.inference_mode():
                return super().forward(x)

    model = nn.Sequential(WithoutGradients(3, 4))
    assert all(call.is_overwritten for call in outline(model, [torch.ones(2, 3)]))
    seen = observe(model, [torch.ones(2, 3)])
    assert seen.outputs[0].shape == (2, 4)
    assert seen.input_gradients == (None,)


def test_inside_of_inference_mode_there_are_gradients_as_well():
    net, x = nn.Linear(3, 2), torch.randn(4, 3)
    expected = observe(net, [x])
    with torch.inference_mode():
        seen = observe(net, [x.clone()])
    assert torch.equal(seen.input_gradients[0], expected.input_gradients[0])


def test_every_output_has_weights_of_its_own():
    x = torch.randn(3, 4)
    one = observe(lambda x: (x, x.detach()), [x]).input_gradients[0]
    other = observe(lambda x: (x.detach(), x), [x]).input_gradients[0]
    assert torch.equal(one, other)  # one differentiable output each
    both = observe(lambda x: (x, 1 * x), [x]).input_gradients[0]
    assert not torch.allclose(both, 2 * one)


def test_layers_that_give_more_than_a_tensor_are_noted():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm = nn.LSTM(3, 4)

        def forward(self, x):
            return self.lstm(x)[0]

    assert [len(call.shapes) for call in outline(Net(), [torch.randn(5, 2, 3)])] == [3, 1]


def test_a_module_in_two_places_is_called_as_often_as_it_is():
    shared = nn.Linear(3, 3)
    net = nn.ModuleList([nn.Sequential(shared), nn.Sequential(shared)])
    net.forward = lambda x: net[1](net[0](x))
    calls = outline(net, [torch.randn(2, 3)])
    assert [call.kind for call in calls if not call.is_divided] == ["Linear", "Linear"]


def test_a_module_may_say_that_it_runs_as_a_whole():
    inner = nn.Sequential(nn.ReLU(), nn.Tanh())
    net = nn.Sequential(inner, nn.ReLU())
    inner.runs_as_a_whole = True
    assert [(name, divided) for name, _, divided in parts(net)] == [
        ("", True), ("0", False), ("1", False),
    ]  # fmt: skip
    assert [(name, divided) for name, _, divided in parts(nn.ReLU())] == [("", False)]


def test_what_torchscript_runs_takes_no_hooks_and_keeps_its_buffers():
    inner = torch.jit.script(nn.Sequential(nn.BatchNorm1d(3), nn.ReLU()))
    net, x = nn.Sequential(inner, nn.Linear(3, 2)), torch.randn(4, 3)
    assert [name for name, _, _ in parts(net)] == ["", "1"]
    seen = observe(net, [x])
    assert torch.equal(seen.outputs[0], net[1](inner(x).detach()))
    inner[0].running_mean.zero_()
    assert observe(inner, [x]).buffers["0.running_mean"].any()
    assert not inner[0].running_mean.any()
