"""Training by DJL: losses, optimizers, evaluators, gradient collector, Trainer, kernel learning.

The room may import `pydjl.nn`, `pydjl.ndarray`, `pydjl.runtime` and `pydjl.errors`. Start reading
at `trainer.py`; the chapter's learning is in `kernel_learning.py`.
"""

from __future__ import annotations

from pydjl.training import evaluators as evaluators
from pydjl.training import losses as losses
from pydjl.training import optimizers as optimizers
from pydjl.training.epochs import Epoch as Epoch
from pydjl.training.gradient_collector import GradientCollector as GradientCollector
from pydjl.training.kernel_learning import LearnedKernel as LearnedKernel
from pydjl.training.kernel_learning import chapter_schedule as chapter_schedule
from pydjl.training.kernel_learning import learn_kernel as learn_kernel
from pydjl.training.trainer import Trainer as Trainer
