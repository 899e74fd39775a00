from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from benchmarks import measure
from benchmarks.cases import Case
from benchmarks.measure import Effort, interleaved
from benchmarks.rows import Bound, Row, ratios, spreads
from benchmarks.spread import Spread, interval_rank

TIMES = st.lists(st.floats(1e-9, 1e3), min_size=1, max_size=80)


@given(TIMES)
def test_the_median_and_the_quartiles_are_numpys(times):
    spread = Spread.of(times)
    expected = np.percentile(times, [25, 50, 75])
    np.testing.assert_allclose([spread.low, spread.median, spread.high], expected, rtol=1e-12)
    assert spread.rounds == len(times)


@pytest.mark.parametrize("count", [*range(1, 40), 61, 200])
def test_the_interval_of_the_median_leaves_out_what_the_binomial_distribution_allows(count):
    rank = interval_rank(count)
    # Fewer than `rank` + 1 of `count` values below the median are that rare, and no more may be.
    assert rank == 0 or binom.cdf(rank, count, 0.5) <= 0.025
    assert binom.cdf(rank + 1, count, 0.5) > 0.025


def test_the_interval_of_the_median_holds_the_median_of_skewed_times_nearly_always():
    draws = np.random.default_rng(0).lognormal(size=(2000, 15))
    held = [it.least <= 1.0 <= it.most for it in map(Spread.of, draws)]
    assert np.mean(held) >= 0.95


@pytest.mark.parametrize(
    ("ratio", "verdict"),
    [
        ([1.0] * 9, "met"),
        ([1.3] * 9, "missed"),
        # The median is above, but one of nine rounds in four would also be if it were not.
        ([1.0, 1.0, 1.0, 1.0, 1.3, 1.3, 1.3, 1.3, 1.3], "unclear"),
        # Noise that only makes things slower is no miss.
        ([1.0] * 5 + [50.0] * 4, "met"),
        ([1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9, 0.9], "missed"),
    ],
)
def test_noise_is_not_taken_for_a_miss(ratio, verdict):
    assert Bound(1.1).verdict(Spread.of(ratio)) == verdict


class Machine:
    """A clock that only work moves, on a machine that becomes slower and slower."""

    def __init__(self):
        self.now = 0.0
        self.done = []

    def work(self, name, seconds):
        def run():
            self.done.append(name)
            self.now += seconds * (1 + self.now)

        return run


@pytest.fixture
def machine(monkeypatch):
    machine = Machine()
    monkeypatch.setattr(measure.time, "perf_counter", lambda: machine.now)
    return machine


EFFORT = Effort(warm_up=0.02, slice=0.005, seconds=1.0, most_rounds=60, least_rounds=7)


def test_a_machine_that_slows_down_does_not_change_a_ratio(machine):
    works = {"pydjl": machine.work("ours", 0.003), "torch": machine.work("torch", 0.002)}
    samples = interleaved(works, EFFORT)
    times = list(samples["torch"].values())
    assert max(times) > 1.5 * min(times)
    assert ratios(samples)["torch"].median == pytest.approx(1.5, rel=0.02)


def test_each_round_has_an_order_of_its_own(machine):
    names = ("pydjl", "torch", "files")
    samples = interleaved({name: machine.work(name, 0.006) for name in names}, EFFORT)
    rounds = len(samples["pydjl"])
    assert rounds >= EFFORT.least_rounds
    measured = machine.done[-sum(map(len, samples.values())) :]
    orders = {tuple(measured[i : i + 3]) for i in range(0, 3 * rounds, 3)}
    assert len(orders) > 3


def test_a_first_call_that_starts_something_is_not_taken_for_what_a_call_takes(machine):
    calls = iter([3.0])
    work = machine.work("torch", 0.001)

    def starting():
        machine.now += next(calls, 0.001)

    samples = interleaved({"pydjl": starting, "torch": work}, EFFORT)
    assert len(samples["pydjl"]) > EFFORT.least_rounds
    assert max(samples["pydjl"].values()) == pytest.approx(0.001)


def test_who_is_slow_takes_part_in_fewer_rounds_evenly_spread(machine):
    works = {"pydjl": machine.work("ours", 0.001), "torch": machine.work("torch", 0.001)}
    samples = interleaved({**works, "files": machine.work("files", 0.05)}, EFFORT)
    assert list(samples["pydjl"]) == list(samples["torch"]) == list(range(len(samples["torch"])))
    slow = list(samples["files"])
    assert EFFORT.least_rounds // 2 <= len(slow) < len(samples["pydjl"])
    gaps = [later - earlier for earlier, later in pairwise(slow)]
    assert max(gaps) - min(gaps) <= 1


@given(st.lists(st.floats(0.1, 10), min_size=6, max_size=30), st.data())
def test_a_ratio_is_of_times_of_one_round(times, data):
    theirs = data.draw(
        st.dictionaries(st.integers(0, len(times) - 1), st.floats(0.1, 10), min_size=1)
    )
    samples = {"pydjl": dict(enumerate(times)), "Py4J": theirs}
    expected = np.median([times[number] / value for number, value in theirs.items()])
    assert ratios(samples)["Py4J"].median == pytest.approx(expected)
    assert spreads(samples)["Py4J"].rounds == len(theirs)


def test_a_row_as_json_has_everything():
    samples = {"pydjl": {0: 2.0, 1: 4.0, 2: 3.0}, "torch": {0: 1.0, 1: 2.0, 2: 2.0}}
    case = Case("a", lambda effort: samples, Bound(1.8), series="s: elements", size=48)
    of_ours = {"median": 3.0, "low": 2.5, "high": 3.5, "least": 2.0, "most": 4.0, "rounds": 3}
    of_torch = {"median": 2.0, "low": 1.5, "high": 2.0, "least": 1.0, "most": 2.0, "rounds": 3}
    ratio = {"median": 2.0, "low": 1.75, "high": 2.0, "least": 1.5, "most": 2.0, "rounds": 3}
    assert json.loads(json.dumps(case.row(EFFORT).to_json())) == {
        "name": "a",
        "series": "s: elements",
        "size": 48,
        "unit": "s",
        "measured": {"pydjl": of_ours, "torch": of_torch},
        "ratios": {"torch": ratio},
        "bound": {"limit": 1.8, "ratio_to": "torch"},
        "verdict": "unclear",
    }


def test_a_bound_of_a_value_judges_the_first_contender():
    samples = {"pydjl": {0: 51.0}, "JPype": {0: 70.0}}
    row = Row("m", "", None, "MB", spreads(samples), ratios(samples), Bound(50.0, ratio_to=None))
    assert row.verdict == "missed"
    assert Row("m", "", None, "MB", spreads(samples), {}, None).verdict is None
