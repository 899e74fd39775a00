"""Why a step changes the weights otherwise in Java than in Python, from the same gradients.

Every rule that is tried has one unknown number. It is named only if with one value it explains
every element of every update, but for what the rounding of the weights hides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor

from pydjl.comparison.adam_betas import adam_betas
from pydjl.comparison.causes import Cause
from pydjl.comparison.factor import Change, Factor, one_factor
from pydjl.comparison.steps import Step
from pydjl.comparison.updates import rounding


def find_update_causes(
    number: int, java: Step, python: Step, previous: Step | None, names: Sequence[str]
) -> Iterator[Cause]:
    """Find out why two updates differ.

    Args:
        number: of the step.
        java: Java's step.
        python: Python's step.
        previous: Python's step before; None in the first.
        names: of the parameters that both have gradients of.

    Yields:
        The plainest of the causes that explain the difference best, if there is any.
    """
    explained = [
        (factor.misfit, name, evidence.format(factor))
        for name, evidence, factor in _explanations(number, java, python, previous, names)
        if factor is not None
    ]
    best = min((misfit for misfit, _, _ in explained), default=0.0)
    for misfit, name, evidence in explained:
        if misfit <= 2 * best + 0.05:
            yield Cause(name, f"step {number}", evidence)
            return
    if previous is not None and number == 2:
        ours, theirs = (adam_betas(previous, each, names) for each in (java, python))
        if ours is not None and theirs is not None and ours != theirs:
            evidence = f"Java's first updates are Adam's with betas {ours}, Python's with {theirs}"
            yield Cause("other betas", "step 2", evidence)


def _explanations(
    number: int, java: Step, python: Step, previous: Step | None, names: Sequence[str]
) -> Iterator[tuple[str, str, Factor | None]]:
    """Causes with what speaks for them and the number of each, the plainest first."""
    updates = [_update(name, java, python) for name in names]
    yield (
        "clipped gradients",
        "Java's update stays below {}, which Python's goes beyond",
        _bound(updates),
    )
    yield "another learning rate", "Java's update is {} times Python's", one_factor(updates, but=1)
    # What Java's updates have, and Python's have not.
    rests = [Change(ours - theirs, theirs, noise) for ours, theirs, noise in updates]

    def multiple_of(cause: Callable[[str], Tensor], changes: dict[str, Change]) -> Factor | None:
        return one_factor([each._replace(theirs=cause(n)) for n, each in changes.items()], but=0)

    everywhere = dict(zip(names, rests, strict=True))
    decaying = {n: each for n, each in everywhere.items() if each.theirs.dim() > 1 or each.shows()}
    yield (
        "another weight decay",
        "Java's update has {} times the weight more in it",
        multiple_of(lambda name: python.before[name], decaying),
    )
    if previous is None:
        yield (
            "another epsilon",
            "Java's update differs where gradients are small, as of an ε added to their size",
            _epsilon(java, python, names),
        )
        return
    yield (
        "another momentum",
        "Java's update has {} times the last one more in it",
        multiple_of(previous.update, everywhere),
    )
    if number == 2:  # the first step is not dampened
        yield (
            "another dampening",
            "Java's update has {} times the gradient more in it, and the first step had not",
            multiple_of(lambda name: python.gradients[name], everywhere),
        )


def _bound(updates: Sequence[Change]) -> Factor | None:
    """What Java's updates stay below, if they are Python's up to a bound that some reach."""
    ours, theirs, noise = (
        torch.cat([each[i].flatten() for each in updates]) for i in range(len(Change._fields))
    )
    bound = ours.max()
    reached = theirs > bound + noise + 1e-4 * bound.abs()
    if bound <= 0 or reached.sum() < 2 or reached.all():
        return None  # one that differs shows no bound
    gap = (ours - torch.where(reached, bound, theirs)).abs()
    misfit = gap / (2 * noise + 1e-4 * bound)
    if not (misfit <= 1).all():
        return None
    uncertainty = noise[reached].mean().item()
    return Factor(bound.item(), uncertainty, misfit.square().mean().item() ** 0.5)


def _epsilon(java: Step, python: Step, names: Sequence[str]) -> Factor | None:
    """In Adam's first step ``|g| / |update| = (|g| + eps) / lr``: two differ by one number."""
    size = torch.cat([python.gradients[name].abs().double().flatten() for name in names])
    noise = torch.cat([rounding(python, name).flatten() for name in names])
    ours, theirs = (
        torch.cat([step.update(name).abs().double().flatten() for name in names])
        for step in (java, python)
    )
    used = (size > 0) & (ours > 4 * noise) & (theirs > 4 * noise)
    if used.sum() < max(2, used.numel() / 2):
        return None
    size, noise, ours, theirs = (each[used] for each in (size, noise, ours, theirs))
    gap = size / ours - size / theirs
    allowed = size * noise * (ours**-2 + theirs**-2) + 1e-5 * size / theirs
    weight = allowed**-2
    mean = ((gap * weight).sum() / weight.sum()).item()
    misfit = (gap - mean).abs() / (allowed + 0.01 * abs(mean))
    uncertainty = weight.sum().item() ** -0.5
    if not (misfit <= 1).all() or abs(mean) < 10 * uncertainty:
        return None
    return Factor(mean, uncertainty, misfit.square().mean().item() ** 0.5)


def find_nesterov(java: tuple[Step, Step], python: tuple[Step, Step]) -> Cause | None:
    """Find out whether one side's momentum is Nesterov's, and the other's is not.

    With the rate r, the momentum m and the gradients g and h, the first two updates are rg and
    rh + mrg; Nesterov's are (1 + m)rg and (1 + m)rh + mmrg.

    Args:
        java: Java's first two steps.
        python: Python's.

    Returns:
        The cause, if these are the updates.
    """
    names = [name for name in python[0].gradients if name in java[0].gradients]
    ratio = one_factor([_update(name, java[0], python[0]) for name in names], but=1)
    if ratio is None or not 0.5 < ratio.value < 2:
        return None
    whose, plain, other = ("Java", python, java) if ratio.value > 1 else ("Python", java, python)
    momentum = max(ratio.value, 1 / ratio.value) - 1
    rate = one_factor(
        [
            Change(plain[0].update(name), plain[0].gradients[name], rounding(plain[0], name))
            for name in names
        ],
        but=0,
    )
    if rate is None:
        return None
    for steps, now, last in ((plain, 1.0, momentum), (other, 1 + momentum, momentum**2)):
        for name in names:
            first = rate.value * plain[0].gradients[name].double()
            expected = now * rate.value * steps[1].gradients[name].double() + last * first
            allowed = rounding(steps[1], name) + 1e-3 * expected.abs().max()
            if not ((steps[1].update(name) - expected).abs() <= allowed).all():
                return None
    return Cause(
        "Nesterov momentum",
        "step 1",
        f"{whose}'s first two updates are Nesterov's for a momentum of {momentum:.2g}, and the "
        "other side's are without it",
    )


def _update(name: str, java: Step, python: Step) -> Change:
    return Change(java.update(name).double(), python.update(name).double(), rounding(python, name))
