"""What is measured of the calculator's server: a page is answered, alone and with others."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import numpy as np

from benchmarks.browser import served_calculator
from benchmarks.rows import Row, in_words

PAGES = 8
_REQUESTS = 60
_WARM_UP = 20


def answers() -> Iterator[Row]:
    """A 64×64 input with a 7×7 kernel, as the page sends it after each change."""
    random = np.random.default_rng(0)
    problem = {
        "input": random.random((1, 64, 64)).round(3).tolist(),
        "kernels": random.normal(size=(1, 1, 7, 7)).round(3).tolist(),
        "bias": [0],
        "mode": "same",
    }
    with served_calculator() as address:
        _ask(address, problem, _WARM_UP)
        alone = statistics.median(_ask(address, problem, _REQUESTS))
        with ThreadPoolExecutor(PAGES) as pages:
            asked = pages.map(lambda _: _ask(address, problem, _REQUESTS), range(PAGES))
            together = statistics.median([seconds for page in asked for seconds in page])
    yield Row(
        "calculator, 64×64 with 7×7 answered",
        in_words(alone),
        bound="< 100 ms",
        met=alone < 0.1,
    )
    # All pages ask without a pause, so each waits for all others: as long as if they were answered
    # in turn, and a quarter of that for taking turns.
    yield Row(
        f"the same, {PAGES} pages at once / one alone",
        in_words(together),
        in_words(alone),
        f"{together / alone:.2f}×",
        f"≤ {PAGES * 1.25:g}×",
        together <= PAGES * 1.25 * alone,
    )


def _ask(address: str, problem: dict[str, object], count: int) -> list[float]:
    """Ask some times on one connection; the seconds until each answer was read."""
    times = []
    with httpx.Client(base_url=address, timeout=60) as http:
        for _ in range(count):
            begin = time.perf_counter()
            http.post("api/compute", json={"problem": problem}).raise_for_status().json()
            times.append(time.perf_counter() - begin)
    return times
