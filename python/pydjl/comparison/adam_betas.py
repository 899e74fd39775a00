"""Which betas two steps of Adam were made with."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from pydjl.comparison.factor import Change, one_factor
from pydjl.comparison.steps import Step
from pydjl.comparison.updates import flattened, rounding

# Of these the second beta is one; rounding hides what lies between.
_SECOND_BETAS = (0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 0.9999)


def adam_betas(first: Step, second: Step, names: Sequence[str]) -> tuple[float, float] | None:
    """Find the betas with which Adam makes the updates of its first two steps.

    With the rate r and the gradients g and h, the first update is r times the sign of g, whatever
    the betas are; the second is r (sg + (1 - s)h) / √(tg² + (1 - t)h²), where s and t are
    beta / (1 + beta) of the first and the second beta.

    Args:
        first: the first step.
        second: the second step.
        names: of the parameters.

    Returns:
        The betas; None if the updates are not Adam's, or rounding hides which they are.
    """
    g, h = (flattened(each.gradients, names).double() for each in (first, second))
    u, v = (
        torch.cat([each.update(name).flatten() for name in names]).double()
        for each in (first, second)
    )
    noise, its = (
        torch.cat([rounding(each, n).flatten() for n in names]) for each in (first, second)
    )
    rate = one_factor([Change(u, g.sign(), noise)], but=0)
    if rate is None:
        return None
    found = []
    for beta in _SECOND_BETAS:
        t = beta / (1 + beta)
        size = (t * g.square() + (1 - t) * h.square()).sqrt() / rate.value
        part = one_factor([Change(v * size - h, g - h, its * size)], but=0)
        if part is not None and 0 < part.value < 0.5:
            found.append((part.misfit, round(part.value / (1 - part.value), 3), beta))
    found.sort()
    if not found or (len(found) > 1 and found[1][0] < 2 * found[0][0]):
        return None  # rounding hides which
    return found[0][1:]
