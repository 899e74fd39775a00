"""DJL's update rules against NumPy's arithmetic of their formulas, and against torch.optim."""

from __future__ import annotations

import copy
import math
import pickle

import jpype
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import pydjl
from pydjl.errors import ArgumentError, ArgumentTypeError
from pydjl.runtime import java_class
from pydjl.training.optimizers import Adam, AdamW, Sgd

KINDS = [Sgd, Adam, AdamW]


def f32(value):
    """The number that DJL makes of a hyperparameter."""
    return float(np.float32(value))


class Formula:
    """DJL's documented rules, in float64, one parameter."""

    def __init__(self, kind, weight, **options):
        self.kind = kind
        self.w = np.array(weight, dtype=np.float64)
        self.o = {"weight_decay": 0.01 if kind is AdamW else 0.0} | options
        self.v = np.zeros_like(self.w)
        self.m = np.zeros_like(self.w)
        self.t = 0

    def step(self, gradient, lr, t=None):
        self.t = self.t + 1 if t is None else t
        decay = f32(self.o["weight_decay"])
        g = np.array(gradient, dtype=np.float64) * f32(self.o.get("rescale_grad", 1.0))
        if self.o.get("clip_grad") is not None:
            g = np.minimum(g, f32(self.o["clip_grad"]))
        if self.kind is Sgd:
            self.v = f32(self.o.get("momentum", 0.0)) * self.v + f32(lr) * (g + decay * self.w)
            self.w = self.w - self.v
            return
        b1, b2 = (f32(beta) for beta in self.o.get("betas", (0.9, 0.999)))
        if self.kind is AdamW:
            self.w = self.w - f32(lr) * decay * self.w
        else:
            g = g + decay * self.w
        self.m = b1 * self.m + f32(1 - np.float32(b1)) * g
        self.v = b2 * self.v + f32(1 - np.float32(b2)) * g * g
        rate = f32(f32(lr) * math.sqrt(1 - b2**self.t) / (1 - b1**self.t))
        self.w = self.w - rate * self.m / (np.sqrt(self.v) + f32(self.o.get("eps", 1e-8)))


def options_of(kind):
    common = {
        "weight_decay": st.floats(0, 0.5),
        "rescale_grad": st.floats(-2, 2),
        "clip_grad": st.none() | st.floats(0, 2),
    }
    if kind is Sgd:
        own = {"momentum": st.just(0.0) | st.floats(0.1, 0.99)}
    else:
        beta = st.floats(0, 0.999)
        own = {"betas": st.tuples(beta, beta), "eps": st.floats(1e-8, 0.1)}
    return st.fixed_dictionaries(common | own)


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_follows_its_formula_in_float64(kind, data):
    options = data.draw(options_of(kind))
    random = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    start = random.normal(size=(3, 5, 2))
    weight = torch.from_numpy(start.copy()).requires_grad_()
    optimizer = kind([weight], lr=1.0, **options)
    formula = Formula(kind, start, **options)
    for lr in data.draw(st.lists(st.floats(0, 2), min_size=1, max_size=6)):
        gradient = random.normal(size=start.shape)
        weight.grad = torch.from_numpy(gradient)
        optimizer.param_groups[0]["lr"] = lr
        optimizer.step()
        formula.step(gradient, lr)
    np.testing.assert_allclose(weight.detach().numpy(), formula.w, rtol=1e-9, atol=1e-12)


def quadratic(parameters):
    """A loss whose gradients depend on the parameters."""
    return sum(
        ((p - 3) ** 2 * torch.arange(1.0, p.numel() + 1).reshape(p.shape)).sum() for p in parameters
    )


def train(kind, parameters, steps=10, before_step=lambda optimizer, t: None, **options):
    optimizer = kind(parameters, **options)
    for t in range(1, steps + 1):
        optimizer.zero_grad()
        quadratic(parameters).backward()
        before_step(optimizer, t)
        optimizer.step()
    return [p.detach() for p in parameters]


def twins():
    torch.manual_seed(3)
    first = [torch.randn(2, 3).double().requires_grad_(), torch.randn(4).double().requires_grad_()]
    return first, copy.deepcopy(first)


@pytest.mark.parametrize(
    "options", [{}, {"momentum": 0.75}, {"momentum": 0.5, "weight_decay": 0.25}]
)
def test_sgd_is_torchs_at_a_constant_rate(options):
    ours, theirs = twins()
    # Powers of two are the same number in float32.
    first = train(Sgd, ours, lr=2.0**-6, **options)
    second = train(torch.optim.SGD, theirs, lr=2.0**-6, **options)
    torch.testing.assert_close(first, second, rtol=1e-12, atol=1e-12)


def test_sgds_velocity_keeps_the_rate_it_was_made_at_and_torchs_does_not():
    def halve(optimizer, t):
        optimizer.param_groups[0]["lr"] = 2.0**-6 / t

    options = {"lr": 2.0**-6, "momentum": 0.75}
    ours, theirs = twins()
    first = train(Sgd, ours, before_step=halve, steps=3, **options)
    second = train(torch.optim.SGD, theirs, before_step=halve, steps=3, **options)
    assert not torch.allclose(first[0], second[0], rtol=1e-3)


@pytest.mark.parametrize(("kind", "torchs"), [(Adam, torch.optim.Adam), (AdamW, torch.optim.AdamW)])
def test_adam_is_torchs_once_eps_is_put_where_djl_has_it(kind, torchs):
    betas, eps = (0.5, 0.75), 0.125

    def scale(optimizer, t):
        optimizer.param_groups[0]["eps"] = eps / math.sqrt(1 - betas[1] ** t)

    options = {"lr": 0.25, "betas": betas, "eps": eps, "weight_decay": 0.25}
    start, moved = twins()
    same = train(torchs, moved, before_step=scale, **options)
    ours = train(kind, start, **options)
    # DJL rounds the corrected rate to float32.
    torch.testing.assert_close(ours, same, rtol=1e-6, atol=1e-6)
    plain = train(torchs, twins()[0], **options)
    assert not torch.allclose(ours[0], plain[0], rtol=1e-3)


def test_adams_first_step_has_eps_weigh_32_times_as_much_as_torchs():
    def first_step(kind):
        weight = torch.zeros(1, dtype=torch.float64, requires_grad=True)
        weight.grad = torch.full((1,), 1e-8, dtype=torch.float64)
        kind([weight], lr=1.0, eps=1e-8).step()
        return -weight.item()

    assert first_step(torch.optim.Adam) == pytest.approx(1 / 2, rel=1e-6)
    assert first_step(Adam) == pytest.approx(1 / (1 + 1000**0.5), rel=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_clips_from_above_only(kind):
    ours = torch.zeros(2, requires_grad=True)
    ours.grad = torch.tensor([5.0, -5.0])
    optimizer = kind([ours], lr=1.0, clip_grad=2.0, weight_decay=0.0)
    optimizer.step()
    if kind is Sgd:
        assert ours.tolist() == [-2.0, 5.0]
    else:
        assert optimizer.state[ours]["exp_avg"].tolist() == pytest.approx([0.2, -0.5])


def test_a_parameter_that_joins_late_is_corrected_by_its_groups_count():
    options = {"betas": (0.5, 0.75), "eps": 0.125}
    early, late = (torch.zeros(1, dtype=torch.float64, requires_grad=True) for _ in range(2))
    optimizer = Adam([early, late], lr=0.5, **options)
    formula = Formula(Adam, [0.0], **options)
    for t in range(1, 6):
        early.grad = torch.ones_like(early)
        late.grad = torch.ones_like(late) if t > 3 else None
        optimizer.step()
        if t > 3:
            formula.step([1.0], 0.5, t=t)
    assert optimizer.state[late]["step"] == 2
    # DJL counts up with the first parameter of a step, so the second is at the same count.
    np.testing.assert_allclose(late.detach().numpy(), formula.w, rtol=1e-9)


@pytest.mark.parametrize(
    ("kind", "builder"),
    [
        (lambda p: Sgd(p, lr=0.1, momentum=0.9, weight_decay=0.01, clip_grad=0.5), "sgd"),
        (lambda p: Adam(p, lr=0.1, weight_decay=0.01, clip_grad=0.5), "adam"),
        (lambda p: AdamW(p, lr=0.1, weight_decay=0.01, clip_grad=0.5), "adamW"),
    ],
    ids=["sgd", "adam", "adamW"],
)
def test_is_bit_equal_to_djls_optimizer_that_keeps_its_state_itself(kind, builder):
    built = getattr(java_class("ai.djl.training.optimizer.Optimizer"), builder)()
    rate = java_class("ai.djl.training.tracker.Tracker").fixed(0.1)
    if builder == "sgd":
        built.setLearningRateTracker(rate).optMomentum(0.9)
    else:
        built.optLearningRateTracker(rate)
    built.optWeightDecays(0.01)
    java = built.optClipGrad(0.5).build()
    torch.manual_seed(9)
    # The first parameter gets its first gradient late: DJL then corrects it by the count that the
    # others had before this step.
    ours = [torch.randn(3, 2, requires_grad=True) for _ in range(2)]
    theirs = [pydjl.from_torch(each.detach().clone()) for each in ours]
    optimizer = kind(ours)
    for step in range(7):
        for index, weight in enumerate(ours):
            weight.grad = torch.randn(3, 2) if step >= 3 or index == 1 else None
            if weight.grad is not None:
                gradient = pydjl.from_torch(weight.grad)
                java.update(str(index), theirs[index].java, gradient.java)
        optimizer.step()
    for mine, its in zip(ours, theirs, strict=True):
        assert torch.equal(mine, its.torch())


@pytest.mark.parametrize("kind", KINDS)
def test_groups_have_their_own_options(kind):
    torch.manual_seed(0)
    weights = [torch.randn(4, dtype=torch.float64, requires_grad=True) for _ in range(3)]
    formulas = [
        Formula(kind, weights[0].detach().numpy(), weight_decay=0.5),
        Formula(kind, weights[1].detach().numpy(), weight_decay=0.5),
        Formula(kind, weights[2].detach().numpy(), weight_decay=0.0),
    ]
    groups = [{"params": weights[:2], "weight_decay": 0.5}]
    optimizer = kind(groups, lr=0.1, weight_decay=0.0)
    for step in range(4):
        if step == 1:
            optimizer.add_param_group({"params": weights[2:], "lr": 0.3})
        for index, weight in enumerate(weights):
            weight.grad = torch.full_like(weight, index - 1.5)
            if index < 2 or step >= 1:
                formulas[index].step(weight.grad.numpy(), 0.3 if index == 2 else 0.1)
        optimizer.step()
    for weight, formula in zip(weights, formulas, strict=True):
        np.testing.assert_allclose(weight.detach().numpy(), formula.w, rtol=1e-9)


@pytest.mark.parametrize(("kind", "options"), [(Sgd, {"momentum": 0.9}), (Adam, {}), (AdamW, {})])
def test_torchs_schedulers_drive_rate_and_momentum(kind, options):
    weight = torch.ones(3, dtype=torch.float64, requires_grad=True)
    optimizer = kind([weight], lr=0.1, **options)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.5, total_steps=8)
    formula = Formula(kind, weight.detach().numpy().copy(), **options)
    rates = set()
    for step in range(8):
        weight.grad = torch.tensor([1.0, -2.0, step], dtype=torch.float64)
        group = optimizer.param_groups[0]
        rates.add(group["lr"])
        formula.o |= {name: group[name] for name in ("momentum", "betas") if name in group}
        formula.step(weight.grad.numpy(), group["lr"])
        optimizer.step()
        if step < 7:
            scheduler.step()
    assert len(rates) > 3
    np.testing.assert_allclose(weight.detach().numpy(), formula.w, rtol=1e-9)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", ["state_dict", "deepcopy", "pickle"])
def test_goes_on_from_its_state_as_if_nothing_had_been(kind, way):
    options = {"momentum": 0.9} if kind is Sgd else {}
    weight = torch.randn(2, 3, requires_grad=True)
    optimizer = kind([weight], lr=0.1, **options)

    def run(weight, optimizer):
        for _ in range(3):
            optimizer.zero_grad()
            quadratic([weight]).backward()
            optimizer.step()

    run(weight, optimizer)
    if way == "state_dict":
        other = weight.detach().clone().requires_grad_()
        resumed = kind([other], lr=0.7, **options)
        resumed.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    elif way == "deepcopy":
        resumed = copy.deepcopy(optimizer)
        other = resumed.param_groups[0]["params"][0]
    else:
        resumed = pickle.loads(pickle.dumps(optimizer))
        other = resumed.param_groups[0]["params"][0]
    run(weight, optimizer)
    run(other, resumed)
    assert other is not weight
    assert torch.equal(other, weight)


@pytest.mark.parametrize(("ours", "torchs"), [(Adam, torch.optim.Adam), (AdamW, torch.optim.AdamW)])
def test_adam_and_torchs_adam_read_each_others_states(ours, torchs):
    start = torch.randn(5, dtype=torch.float64)

    def run(optimizer, weight, steps):
        for _ in range(steps):
            optimizer.zero_grad()
            quadratic([weight]).backward()
            optimizer.step()

    results = []
    for first, second in ((ours, torchs), (torchs, ours)):
        weight = start.clone().requires_grad_()
        optimizer = first([weight], lr=0.01, eps=1e-12)
        run(optimizer, weight, 5)
        successor = second([weight], lr=0.01, eps=1e-12)
        successor.load_state_dict(optimizer.state_dict())
        run(successor, weight, 5)
        assert int(successor.state[weight]["step"]) == 10
        results.append(weight.detach())
    torch.testing.assert_close(*results, rtol=1e-4, atol=1e-4)
    assert not torch.allclose(results[0], start)


@pytest.mark.parametrize("kind", KINDS)
def test_works_in_place_and_leaves_gradients_alone(kind):
    storage = torch.randn(3, 4)
    weight = storage.t().requires_grad_()  # not contiguous
    loss = (weight * weight).sum()
    loss.backward(retain_graph=True)
    gradient = weight.grad.clone()
    before = weight.detach().clone()
    with torch.inference_mode():
        assert kind([weight], lr=0.1).step() is None
    with torch.no_grad():
        kind([weight], lr=0.1).step()
        assert not torch.is_grad_enabled()
    assert torch.equal(weight.grad, gradient)
    assert torch.equal(storage.t(), weight)
    assert not torch.equal(weight, before)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()  # torch saw the write


def test_a_closure_computes_the_gradients():
    weight = torch.tensor([2.0], requires_grad=True)
    optimizer = Sgd([weight], lr=0.25)

    def closure():
        optimizer.zero_grad()
        loss = (weight**2).sum()
        loss.backward()
        return loss

    with torch.no_grad():
        assert optimizer.step(closure).item() == 4.0
    assert weight.item() == 1.0


def test_only_parameters_with_a_gradient_are_touched_and_hooks_run():
    used, unused = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
    optimizer = Adam([unused, used], lr=0.1)
    seen = []
    optimizer.register_step_post_hook(lambda *arguments: seen.append(arguments))
    optimizer.step()  # nothing has a gradient
    used.sum().backward()
    optimizer.step()
    assert unused.tolist() == [1.0, 1.0]
    assert unused not in optimizer.state
    assert used.tolist() != [1.0, 1.0]
    assert len(seen) == 2


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64])
def test_floating_types(kind, dtype):
    weight = torch.ones(3, dtype=dtype, requires_grad=True)
    weight.grad = torch.ones_like(weight)
    kind([weight], lr=0.25, weight_decay=0.0).step()
    assert weight.dtype == dtype
    assert weight.tolist() == pytest.approx([0.75] * 3, rel=2e-3)


def test_a_million_updates_would_fit_java_holds_nothing_between_them():
    count = java_class("org.pydjl.bridge.EngineRuntime").managedArrays
    weight = torch.zeros(3, requires_grad=True)
    optimizer = Adam([weight])
    before = count()
    for _ in range(20):
        weight.grad = torch.ones(3)
        optimizer.step()
    assert count() == before


def test_what_cannot_be_updated_is_refused_and_leaves_state_usable():
    weight = torch.ones(3, requires_grad=True)
    optimizer = Sgd([weight], lr=0.5)
    weight.grad = torch.ones(3).to_sparse()
    with pytest.raises(ArgumentTypeError, match="dense"):
        optimizer.step()
    weight.grad = torch.ones(3)
    optimizer.step()
    assert weight.tolist() == [0.5] * 3


IMPOSSIBLE = [
    (Sgd, {"lr": -1.0}, "lr is -1.0"),
    (Sgd, {"lr": float("nan")}, "lr is nan"),
    (Sgd, {"lr": 1e300}, r"lr is 1e\+300.*finite in float32"),
    (Sgd, {"momentum": -0.5}, "momentum is -0.5"),
    (Sgd, {"weight_decay": -1e-3}, "weight_decay is -0.001"),
    (Sgd, {"clip_grad": -1.0}, "clip_grad is -1.0.*None, or at least 0"),
    (Sgd, {"rescale_grad": float("inf")}, "rescale_grad is inf.*finite"),
    (Adam, {"betas": (0.9, 1.0)}, r"betas is \(0.9, 1.0\)"),
    (Adam, {"betas": (0.9, 1 - 1e-12)}, "betas is .*two numbers from 0 to below 1"),  # 1 in float32
    (Adam, {"betas": (0.9,)}, r"betas is \(0.9,\)"),
    (Adam, {"betas": (0.9, 0.9, 0.9)}, "betas is"),
    (AdamW, {"eps": -1.0}, "eps is -1.0"),
]
NO_NUMBERS = [
    (Sgd, {"lr": "a"}, "lr is 'a', but a number is needed"),
    (Sgd, {"lr": None}, "lr is None"),
    (Sgd, {"momentum": "a"}, "momentum is 'a'"),
    (Sgd, {"rescale_grad": "a"}, "rescale_grad is 'a'"),
    (Sgd, {"clip_grad": [1]}, "clip_grad is a list"),
    (Sgd, {"clip_grad": "1"}, "clip_grad is '1'"),
    (Adam, {"betas": 0.9}, "betas is 0.9, but it must be two numbers"),
    (Adam, {"betas": ("a", 0.9)}, "betas is 'a'"),
    (AdamW, {"eps": "a"}, "eps is 'a'"),
]
OF_OTHER_RULES = [
    (Sgd, {"nesterov": True}, "nesterov is True, but DJL's Sgd does not have it"),
    (Sgd, {"dampening": 0.1}, "dampening is 0.1"),
    (Sgd, {"betas": (0.9, 0.9)}, "betas is"),
    (Adam, {"maximize": True, "nesterov": True}, "maximize is True"),
    (Adam, {"amsgrad": True}, "amsgrad is True"),
    (Adam, {"decoupled_weight_decay": True}, "decoupled_weight_decay is True, but DJL's Adam"),
    (AdamW, {"momentum": 0.9}, "momentum is 0.9"),
]


def with_gradient():
    weight = torch.ones(1, requires_grad=True)
    weight.grad = torch.ones(1)
    return weight


@pytest.mark.parametrize(("kind", "options", "words"), [*IMPOSSIBLE, *NO_NUMBERS])
def test_impossible_options_are_refused_with_their_values(kind, options, words):
    error = ArgumentError if (kind, options, words) in IMPOSSIBLE else ArgumentTypeError
    with pytest.raises(error, match=words):
        kind([with_gradient()], **options)
    weight = with_gradient()
    optimizer = kind([weight])
    with pytest.raises(error, match=words):
        optimizer.add_param_group({"params": [with_gradient()], **options})
    assert len(optimizer.param_groups) == 1
    optimizer.param_groups[0].update(options)
    if options == {"lr": -1.0}:  # as in torch: a schedule may end a rounding error below 0
        optimizer.step()
        return
    with pytest.raises(error, match=words):
        optimizer.step()
    assert weight.item() == 1


@pytest.mark.parametrize(("kind", "options", "words"), OF_OTHER_RULES)
def test_an_option_of_another_rule_is_refused(kind, options, words):
    with pytest.raises(ArgumentError, match=words):
        kind([{"params": [with_gradient()], **options}])


def test_a_group_may_have_options_that_are_off_and_names_of_the_users():
    off = {"nesterov": False, "maximize": False, "dampening": 0, "name": "head"}
    assert Sgd([{"params": [with_gradient()], **off}]).param_groups[0]["name"] == "head"


def test_numbers_may_be_of_any_kind():
    ours, theirs = with_gradient(), with_gradient()
    options = {"betas": [np.float64(0.5), torch.tensor(0.75)], "eps": np.float32(0.125)}
    Adam([ours], lr=torch.tensor(0.5), clip_grad=1, **options).step()
    Adam([theirs], lr=0.5, betas=(0.5, 0.75), eps=0.125, clip_grad=1.0).step()
    assert torch.equal(ours, theirs)


@pytest.mark.parametrize(
    ("saver", "loader", "words"),
    [
        (lambda p: torch.optim.Adam(p, maximize=True), Adam, "maximize is True"),
        (lambda p: torch.optim.AdamW(p, amsgrad=True), AdamW, "amsgrad is True"),
        (torch.optim.AdamW, Adam, "decoupled_weight_decay is True"),
        (lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True), Sgd, "nesterov"),
        (lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9), Sgd, "momentum_buffer.*no 'step'"),
        (torch.optim.Adagrad, Adam, "another optimizer than DJL's Adam: its groups have no betas"),
        (Sgd, Adam, "no betas"),
        (Adam, Sgd, "betas is"),
    ],
)
def test_the_state_of_another_rule_is_refused_and_changes_nothing(saver, loader, words):
    weight = with_gradient()
    saved = saver([weight])
    saved.step()
    optimizer = loader([weight])
    before = copy.deepcopy(optimizer.state_dict())
    with pytest.raises(ArgumentError, match=words):
        optimizer.load_state_dict(saved.state_dict())
    assert optimizer.state_dict() == before
    optimizer.step()


def test_the_state_of_torchs_sgd_without_momentum_has_nothing_that_differs():
    ours, theirs = with_gradient(), with_gradient()
    torchs = torch.optim.SGD([theirs], lr=0.25)
    assert torchs.state[theirs] == {}  # which puts an empty one there
    optimizer = Sgd([ours], lr=0.7)
    optimizer.load_state_dict(torchs.state_dict())
    optimizer.step()
    torchs.step()
    assert torch.equal(ours, theirs)


@pytest.mark.parametrize("name", ["rmsprop", "adagrad", "adadelta", "nag"])
def test_djls_other_optimizers_do_not_run_on_its_pytorch_engine(name):
    builder = getattr(java_class("ai.djl.training.optimizer.Optimizer"), name)()
    if name == "nag":
        tracker = java_class("ai.djl.training.tracker.Tracker").fixed(0.1)
        builder.setLearningRateTracker(tracker).setMomentum(0.9)
    manager = java_class("ai.djl.ndarray.NDManager").newBaseManager()
    try:
        shape = java_class("ai.djl.ndarray.types.Shape")(2)
        ones = manager.ones(shape)
        with pytest.raises(
            jpype.JClass("java.lang.UnsupportedOperationException"), match=r"[Nn]ot |Only COO"
        ):
            builder.build().update("id", ones, manager.ones(shape))
    finally:
        manager.close()
