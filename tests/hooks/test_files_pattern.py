"""Which changed files make pre-commit call the hook."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from tests.packaging.sources import ROOT

HOOKS: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
PATTERN = re.compile(HOOKS[0]["files"])

OF_A_JOB = """
meta.json
jobs/cifar/meta.json
jobs/cifar/meta.conf
jobs/cifar/meta.yml
jobs/cifar/meta.yaml
jobs/cifar/meta.json.default
jobs/cifar/app/config/config_fed_server.json
jobs/cifar/app/config/config_fed_client.conf
jobs/cifar/app/config/config_fed_client.yml
jobs/cifar/app/config/config_fed_client.yaml
jobs/cifar/app/config/config_fed_client.json.default
jobs/cifar/app/config/deeper/config_fed_client.json
config/config_fed_server.json
jobs/cifar/app/custom/train.py
jobs/cifar/app/custom/models/net.py
jobs/cifar/app/custom/pyproject.toml
jobs/Größe/app_ä/custom/train.py
a folder/app/custom/train.py
""".strip().splitlines()

OF_NO_JOB = """
README.md
setup.py
src/train.py
tests/test_train.py
package.json
jobs/cifar/README.md
jobs/cifar/app/custom/data.csv
jobs/cifar/app/custom/train.pyc
jobs/cifar/app/config/notes.txt
jobs/cifar/mymeta.json
jobs/cifar/meta.jsonl
jobs/cifar/meta.json.bak
my_config/settings.json
jobs/cifar/app/customs/train.py
docs/customization.py
""".strip().splitlines()


def test_all_hooks_are_called_for_the_same_files() -> None:
    assert [hook["id"] for hook in HOOKS] == ["fllint", "fllint-fix"]
    assert {hook["files"] for hook in HOOKS} == {PATTERN.pattern}


@pytest.mark.parametrize("name", OF_A_JOB)
def test_files_of_jobs_call_the_hook(name: str) -> None:
    assert PATTERN.search(name)


@pytest.mark.parametrize("name", OF_NO_JOB)
def test_other_files_do_not(name: str) -> None:
    assert not PATTERN.search(name)


def test_both_hooks_are_called_for_the_same_files() -> None:
    assert [hook["id"] for hook in HOOKS] == ["fllint", "fllint-fix"]
    assert HOOKS[0]["files"] == HOOKS[1]["files"]
