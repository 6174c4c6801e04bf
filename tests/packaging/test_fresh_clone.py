"""README's two commands, as a newcomer runs them: in a fresh clone of what is committed. Needs PyPI, and minutes."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.docs.shown_commands import INSTALLATION, blocks, without_times
from tests.packaging.sources import ROOT, run

RUN = os.environ.get("FLLINT_FRESH_CLONE") == "1"


@pytest.mark.skipif(not RUN, reason="installs fllint twice in a fresh clone: FLLINT_FRESH_CLONE=1, which .ci/run sets")
def test_the_two_commands_of_the_readme_work_in_a_fresh_clone(tmp_path: Path) -> None:
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(tmp_path / "fllint")], check=True)
    shown = blocks((tmp_path / "fllint" / "README.md").read_text("utf-8"))
    check, output, test = (block.text for block in shown[:3])
    assert INSTALLATION.match(check)
    assert INSTALLATION.match(test)
    printed = run("bash", "-c", check, cwd=tmp_path / "fllint")  # pip may have printed warnings before
    assert without_times(printed).endswith(without_times(output))
    # All of them are what .ci/run runs already; here those that read the most files of the repository.
    tested = run(
        "bash", "-c", test, cwd=tmp_path / "fllint", PYTEST_ADDOPTS="tests/rules tests/cli", FLLINT_FRESH_CLONE="0"
    )
    assert " passed" in tested
