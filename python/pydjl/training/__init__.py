"""Training by DJL: so far the chapter's kernel learning.

The room may import `pydjl.nn`, `pydjl.ndarray`, `pydjl.runtime` and `pydjl.errors`. Start reading
at `kernel_learning.py`.
"""

from __future__ import annotations

from pydjl.training.kernel_learning import LearnedKernel as LearnedKernel
from pydjl.training.kernel_learning import chapter_schedule as chapter_schedule
from pydjl.training.kernel_learning import learn_kernel as learn_kernel
