"""The calculator: how soon its page draws an answer, alone and beside others."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import numpy as np

from benchmarks.browser import find_chromium, served_calculator
from benchmarks.calculator import strokes_drawn
from benchmarks.cases import Case
from benchmarks.measure import Effort
from benchmarks.rivals import Rivals
from benchmarks.rows import Bound, Samples

PAGES = 8
_REQUESTS = 60
_WARM_UP = 20


def rows(_: Rivals) -> Iterator[Case]:
    """A 64×64 input with a 7×7 kernel, as the page sends it after each change."""
    # All pages ask without a pause, so each waits for all others: as long as if they were answered
    # in turn, and a quarter of that for taking turns.
    yield Case(
        f"calculator, 64×64 with 7×7 answered, {PAGES} pages at once",
        _answers,
        bound=Bound(PAGES * 1.25, ratio_to="one page"),
        quick=False,
    )
    if find_chromium() is not None:
        yield Case(
            "calculator, 64×64 with 7×7 drawn in Chromium",
            _drawings,
            bound=Bound(0.1, ratio_to=None),
            quick=False,
        )


def _answers(_: Effort) -> Samples:
    random = np.random.default_rng(0)
    problem = {
        "input": random.random((1, 64, 64)).round(3).tolist(),
        "kernels": random.normal(size=(1, 1, 7, 7)).round(3).tolist(),
        "bias": [0],
        "mode": "same",
    }
    with served_calculator() as address:
        _ask(address, problem, _WARM_UP)
        alone = _ask(address, problem, _REQUESTS)
        with ThreadPoolExecutor(PAGES) as pages:
            asked = pages.map(lambda _: _ask(address, problem, _REQUESTS), range(PAGES))
            together = [sum(times) / PAGES for times in zip(*asked, strict=True)]
    return {"pydjl": dict(enumerate(together)), "one page": dict(enumerate(alone))}


def _ask(address: str, problem: dict[str, object], count: int) -> list[float]:
    """Ask some times on one connection; the seconds until each answer was read."""
    times = []
    with httpx.Client(base_url=address, timeout=60) as http:
        for _ in range(count):
            begin = time.perf_counter()
            http.post("api/compute", json={"problem": problem}).raise_for_status().json()
            times.append(time.perf_counter() - begin)
    return times


def _drawings(_: Effort) -> Samples:
    return {"pydjl": dict(enumerate(strokes_drawn()))}
