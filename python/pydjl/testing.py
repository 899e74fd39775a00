"""A check for tests: a Java model and its Python twin are the same model."""

from __future__ import annotations

from typing import Any

from pydjl.comparison import Report
from pydjl.twins import compare

__all__ = ["assert_same"]


def assert_same(java: Any, python: Any, inputs: Any, **options: Any) -> Report:
    """Fail if a Java model and its Python twin differ, with the report as the message.

    Args:
        java: the Java model, as for `pydjl.compare`.
        python: the Python model.
        inputs: what both are called with.
        options: those of `pydjl.compare`.

    Returns:
        The report.

    Raises:
        AssertionError: they differ.

    Example:
        >>> import torch, pydjl
        >>> report = assert_same(pydjl.nn.Linear(3, 2), torch.nn.Linear(3, 2), torch.randn(4, 3))
        >>> report.ok
        True
    """
    __tracebackhide__ = True  # pytest shows the line that called
    report = compare(java, python, inputs, **options)
    if not report.ok:
        raise AssertionError(f"the Java model and the Python model differ\n{report}")
    return report
