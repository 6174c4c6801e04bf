"""Faults of the job's own executors: what NVFlare takes for an Executor (apis/executor.py), and what it does not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.differential.faults.own_code import code
from tests.differential.faults.registry import register
from tests.differential.jobs import Job


def running(name: str, source: str, args: Mapping[str, Any] | None = None) -> None:
    """Registers a fault: the executor is ``mine.Mine``, from a module of this source."""

    def change(job: Job) -> None:
        code(job, {"mine.py": source.removeprefix("\n")})
        job.client["executors"] = [{"tasks": ["train"], "executor": {"path": "mine.Mine", "args": dict(args or {})}}]

    register(name, change, "split_apps")


running(
    "own_executor",
    """
from nvflare.apis.executor import Executor


class Mine(Executor):
    def execute(self, task_name, shareable, fl_ctx, abort_signal):
        return shareable
""",
)
running(
    "own_executor_without_execute", "from nvflare.apis.executor import Executor\n\n\nclass Mine(Executor):\n    pass\n"
)
running(
    "own_executor_with_misspelt_execute",
    """
from nvflare.apis.executor import Executor


class Mine(Executor):
    def exec(self, task_name, shareable, fl_ctx, abort_signal):
        return shareable
""",
)
running(
    "own_executor_not_derived",
    """
class Mine:
    def execute(self, task_name, shareable, fl_ctx, abort_signal):
        return shareable
""",
)
running(
    "own_executor_derived_from_its_own_executor",
    """
class Executor:
    pass


class Mine(Executor):
    def execute(self, task_name, shareable, fl_ctx, abort_signal):
        return shareable
""",
)
running(
    "own_executor_derived_twice",
    """
from nvflare.apis.executor import Executor


class Base(Executor):
    def execute(self, task_name, shareable, fl_ctx, abort_signal):
        return shareable


class Mine(Base):
    pass
""",
)
running(
    "own_executor_abstract_again",
    """
import abc

from nvflare.apis.executor import Executor


class Mine(Executor):
    def execute(self, task_name, shareable, fl_ctx, abort_signal):
        return shareable

    @abc.abstractmethod
    def more(self):
        pass
""",
)
running(
    "own_executor_implements_by_assignment",
    """
from nvflare.apis.executor import Executor


def run(self, task_name, shareable, fl_ctx, abort_signal):
    return shareable


class Mine(Executor):
    execute = run
""",
)
running(
    "own_executor_implements_by_mixin",
    """
from nvflare.apis.executor import Executor


class Mixin:
    def execute(self, task_name, shareable, fl_ctx, abort_signal):
        return shareable


class Mine(Mixin, Executor):
    pass
""",
)
running(
    "own_executor_implements_by_mixin_too_late",
    """
from nvflare.apis.executor import Executor


class Mixin:
    def execute(self, task_name, shareable, fl_ctx, abort_signal):
        return shareable


class Mine(Executor, Mixin):
    pass
""",
)
running(
    "own_executor_implements_later",
    """
from nvflare.apis.executor import Executor


class Mine(Executor):
    pass


Mine.execute = lambda self, task_name, shareable, fl_ctx, abort_signal: shareable
""",
)
running(
    "own_executor_by_abstract_registration",
    """
from nvflare.apis.executor import Executor


class Mine:
    def execute(self, task_name, shareable, fl_ctx, abort_signal):
        return shareable


Executor.register(Mine)
""",
)
running(
    "own_executor_by_a_factory",
    """
from nvflare.apis.executor import Executor


class Real(Executor):
    def execute(self, task_name, shareable, fl_ctx, abort_signal):
        return shareable


def Mine():
    return Real()
""",
)
running("own_executor_by_a_factory_of_something_else", "def Mine():\n    return {}\n")
running(
    "own_executor_without_super_init",
    """
from nvflare.apis.executor import Executor


class Mine(Executor):
    def __init__(self, size=1):
        self.size = size

    def execute(self, task_name, shareable, fl_ctx, abort_signal):
        return shareable
""",
    {"size": 2},
)
running(
    "own_executor_with_unknown_argument",
    """
from nvflare.apis.executor import Executor


class Mine(Executor):
    def execute(self, task_name, shareable, fl_ctx, abort_signal):
        return shareable
""",
    {"size": 2},
)
running(
    "own_executor_derived_from_numpy_trainer",
    "from nvflare.app_common.np.np_trainer import NPTrainer\n\n\nclass Mine(NPTrainer):\n    pass\n",
    {"delta": 2},
)
running(
    "own_executor_derived_from_numpy_trainer_unknown_argument",
    "from nvflare.app_common.np.np_trainer import NPTrainer\n\n\nclass Mine(NPTrainer):\n    pass\n",
    {"deltas": 2},
)
running(
    "own_executor_derived_from_a_module_attribute",
    """
import nvflare.apis.executor as ex


class Mine(ex.Executor):
    def execute(self, task_name, shareable, fl_ctx, abort_signal):
        return shareable
""",
)
running(
    "own_executor_derived_from_a_full_name",
    """
import nvflare.apis.executor


class Mine(nvflare.apis.executor.Executor):
    def execute(self, task_name, shareable, fl_ctx, abort_signal):
        return shareable
""",
)
running(
    "own_executor_derived_from_a_chosen_base",
    """
from nvflare.apis.executor import Executor


Base = Executor if True else object


class Mine(Base):
    def execute(self, task_name, shareable, fl_ctx, abort_signal):
        return shareable
""",
)
running(
    "own_executor_of_a_generic",
    """
from typing import Generic, TypeVar

from nvflare.apis.executor import Executor

T = TypeVar('T')


class Mine(Executor, Generic[T]):
    def execute(self, task_name, shareable, fl_ctx, abort_signal):
        return shareable
""",
)
