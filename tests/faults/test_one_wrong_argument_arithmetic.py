"""A valid call of every function of `pydjl.conv_arithmetic`, with one argument at a time wrong.

The room imports nothing of ours: it computes, or raises a ValueError or TypeError of its own that
names the argument.
"""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest

from pydjl import conv_arithmetic

FUNCTIONS: dict[str, dict[str, Any]] = {
    "ReceptiveField": {"size": 3, "jump": 1},
    "dense_parameter_count": {"input_shape": (3, 4), "output_shape": 2, "bias": True},
    "full_padding": {"kernel_size": 3, "dilation": 2},
    "kernel_extent": {"kernel_size": 3, "dilation": 2},
    "multiplication_count": {
        **{"in_channels": 4, "out_channels": 6, "kernel_size": (2, 3), "output_shape": (4, 5)},
        "groups": 2,
    },
    "output_shape": {
        **{"shape": (9, 8), "kernel_size": (2, 3), "stride": (2, 1), "padding": 1},
        "dilation": (1, 2),
    },
    "output_size": {"size": 9, "kernel_size": 2, "stride": 2, "padding": 1, "dilation": 2},
    "parameter_count": {
        **{"in_channels": 4, "out_channels": 6, "kernel_size": (2, 3), "groups": 2},
        "bias": True,
    },
    "receptive_field": {"layers": [3, (2, 2), (3, 1, 2)]},
    "same_padding": {"kernel_size": 3, "dilation": 2},
    "unused_size": {"size": 9, "kernel_size": 2, "stride": 2, "padding": 1, "dilation": 2},
}


def complaint_about(name: str, argument: str, wrong: Any) -> str | None:
    """What is wrong with an answer to a wrong argument: nothing if it is a result or our error."""
    try:
        getattr(conv_arithmetic, name)(**{**FUNCTIONS[name], argument: wrong})
    except (TypeError, ValueError) as exc:
        trace = exc.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        raised_in = trace.tb_frame.f_code.co_filename if trace else ""
        of_ours = Path(raised_in).name == "conv_arithmetic.py" and str(exc).endswith(".")
        return None if of_ours else f"{type(exc).__name__} is none of ours: {exc}"
    except Exception as exc:
        return f"{type(exc).__name__} is none of ours: {exc}"
    return None


def test_every_public_name_of_the_room_has_a_valid_call(public_names):
    assert set(FUNCTIONS) == public_names("pydjl.conv_arithmetic.")


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_function_with_one_wrong_argument_computes_or_says_so(name, wrong_values):
    function = getattr(conv_arithmetic, name)
    assert set(FUNCTIONS[name]) == set(inspect.signature(function).parameters)
    expected = function(**FUNCTIONS[name])
    for argument in FUNCTIONS[name]:
        for wrong in wrong_values:
            complaint = complaint_about(name, argument, wrong)
            assert not complaint, f"{argument}={wrong!r}: {complaint}"
    assert function(**FUNCTIONS[name]) == expected
