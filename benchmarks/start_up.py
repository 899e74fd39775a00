"""Fresh processes: how long until a first result, and how much memory they hold then."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial

from benchmarks.cases import Case
from benchmarks.first_result import WAYS
from benchmarks.measure import Effort
from benchmarks.rivals import Rivals
from benchmarks.rivals.process import command
from benchmarks.rows import Bound, Samples
from pydjl.runtime import jvm


@dataclass(frozen=True)
class Processes:
    """What the processes of each way said, by the round's number."""

    seconds: Samples  # from `import torch` to the first result
    imports: Samples  # `import pydjl`
    whole: Samples  # from the process's start to its end
    memory: Samples  # over that of PyTorch alone


def rows(rivals: Rivals) -> Iterator[Case]:
    """All from the same processes, which run in turn."""
    for name, attribute, bound, unit in (
        ("import pydjl, after import torch", "imports", None, "s"),
        ("first result from Java, after import torch", "seconds", 0.25, "s"),
        ("process with a first result", "whole", None, "s"),
        ("memory at rest, over torch alone", "memory", 50.0, "MB"),
    ):
        yield Case(
            name,
            partial(_part, rivals, attribute),
            unit="s" if unit == "s" else "MB",
            bound=Bound(bound, ratio_to=None) if bound else None,
            quick=False,
        )


def _part(rivals: Rivals, attribute: str, effort: Effort) -> Samples:
    samples: Samples = getattr(_run(rivals, effort.least_rounds), attribute)
    return samples


@cache
def _run(rivals: Rivals, rounds: int) -> Processes:
    """Run every way in every round, in a random order."""
    java = json.dumps(_java(rivals))
    found: dict[str, dict[str, dict[int, float]]] = defaultdict(lambda: defaultdict(dict))
    order = random.Random(0)
    ways = list(WAYS)
    for number in range(-1, rounds):  # the first round finds the files that the others find read
        order.shuffle(ways)
        for way in ways:
            begin = time.perf_counter()
            done = subprocess.run(
                [sys.executable, "-m", "benchmarks.first_result", way, java],
                check=True,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # DJL's log
                text=True,
            )
            finding = {**json.loads(done.stdout), "whole": time.perf_counter() - begin}
            for what, value in finding.items():
                if number >= 0:
                    found[what][way][number] = value
    alone = found["megabytes"]["torch"]
    with_java = [way for way in WAYS if way != "torch"]
    return Processes(
        seconds={way: found["seconds"][way] for way in with_java},
        imports={"pydjl": found["import"]["pydjl"]},
        whole={way: found["whole"][way] for way in WAYS},
        memory={
            way: {n: value - alone[n] for n, value in found["megabytes"][way].items()}
            for way in with_java
        },
    )


def _java(rivals: Rivals) -> dict[str, object]:
    facts = jvm.facts()
    return {
        "libjvm": str(facts.java.libjvm),
        "jars": [str(jar) for jar in facts.jars],
        "properties": [option for option in facts.options if option.startswith("-D")],
        "command": command(rivals.folder()),
        "folder": str(rivals.folder()),
    }
