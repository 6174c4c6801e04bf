"""Where the rules about attributes of objects are silent, and what they take for known (FL443, FL444)."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from fllint.engine import check_job
from fllint.job.discovery import JobLocation
from fllint.registry import all_rules

Said: TypeAlias = Callable[[str], list[str]]
GOOD = Path(__file__).parent / "FL443" / "good"
TRAINER = """
from nvflare.apis.dxo import DXO, DataKind
from nvflare.apis.executor import Executor
from nvflare.apis.fl_context import FLContext
{before}

class MyTrainer(Executor):
    def __init__(self, epochs: int):
        super().__init__()
        self.local_epochs = epochs

    def execute(self, task_name, shareable, fl_ctx, abort_signal):
        {line}
        return DXO(DataKind.WEIGHTS, data={{"w": 1}}).to_shareable()
{after}
"""


@pytest.fixture
def said(tmp_path: Path) -> Said:
    def of(text: str) -> list[str]:
        job = shutil.copytree(GOOD, tmp_path / "job", dirs_exist_ok=True)
        (job / "app" / "custom" / "my_trainer.py").write_text(text, "utf-8")
        rules = [rule for rule in all_rules() if rule.code in ("FL443", "FL444")]
        findings = check_job(JobLocation(job, "job"), "2.7", rules).findings
        return [f"{finding.code} {finding.problem.message}" for finding in findings]

    return of


def trainer(line: str, before: str = "", after: str = "") -> str:
    return TRAINER.format(line=line, before=before, after=after)


def test_an_attribute_that_nothing_gives_is_told_with_the_class(said: Said) -> None:
    assert said(trainer("print(self.local_epoch)")) == ["FL443 MyTrainer has no 'local_epoch'"]


@pytest.mark.parametrize(
    "text",
    [
        trainer("print(self.rounds_so_far)"),
        trainer("print(self.local_epoch if hasattr(self, 'local_epoch') else 1)"),
        trainer("print(self.local_epoch)", after="    def __getattr__(self, name):\n        return 1"),
        trainer("print(self.local_epoch)", after="    def late(self, name):\n        setattr(self, name, 1)"),
        trainer("print(self.local_epoch)", after="    def late(self):\n        self.__dict__.update(local_epoch=1)"),
        trainer("print(self.local_epoch)", after="    def late(self):\n        self.local_epoch = 1"),
        trainer("print(self.local_epoch)", after="\n\ndef prepare(trainer):\n    trainer.local_epoch = 1"),
        trainer("print(self.local_epoch)", after="    @property\n    def local_epoch(self):\n        return 1"),
        trainer("print(self.local_epoch)", after="    local_epoch: int = 3"),
        trainer("pass", after="    @staticmethod\n    def of(self):\n        return self.local_epoch"),
        trainer("print(self.local_epoch)").replace("(Executor)", "(Executor, metaclass=Registered)"),
        trainer("print(self.local_epoch)", before="from torch.nn import Module").replace("(Exec", "(Module, Exec"),
    ],
)
def test_what_may_have_the_attribute_is_left_alone(said: Said, text: str) -> None:
    assert said(text) == []


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("fl_ctx.get_job_idd()", "FL444 FLContext of NVFlare 2.7 has no 'get_job_idd'"),
        ("DXO(DataKind.WEIGHTS, data={}).to_sharable()", "FL444 DXO of NVFlare 2.7 has no 'to_sharable'"),
        (
            "update = DXO(DataKind.WEIGHTS, data={}); update.to_sharable()",
            "FL444 DXO of NVFlare 2.7 has no 'to_sharable'",
        ),
    ],
)
def test_an_object_of_a_plain_class_is_known(said: Said, line: str, message: str) -> None:
    assert said(trainer(line)) == [message]


@pytest.mark.parametrize(
    "line",
    [
        "fl_ctx = other(fl_ctx); fl_ctx.get_job_idd()",
        "update = DXO(DataKind.WEIGHTS, data={}); update = other(update); update.to_sharable()",
        "fl_ctx.get_jobs_of_everybody()",
        "fl_ctx.get_job_idd() if hasattr(fl_ctx, 'get_job_idd') else None",
        "fl_ctx.get_job_idd = print; fl_ctx.get_job_idd()",
    ],
)
def test_an_object_that_may_be_another_is_left_alone(said: Said, line: str) -> None:
    assert said(trainer(line)) == []


def test_a_parameter_is_of_the_class_that_its_annotation_names(said: Said) -> None:
    body = "        context.get_job_idd()\n        fl_ctx.get_job_idd()"
    after = f"    def note(self, context: FLContext, fl_ctx: dict):\n{body}"
    assert said(trainer("pass", after=after)) == ["FL444 FLContext of NVFlare 2.7 has no 'get_job_idd'"]


def test_a_name_at_the_top_level_is_not_the_name_in_a_function(said: Said) -> None:
    after = "\n\nupdate = DXO(DataKind.WEIGHTS, data={})\n\n\ndef send(update):\n    update.to_sharable()"
    assert said(trainer("pass", after=after)) == []
