"""The README's smoke run, with NVFlare where a judge's environment has it."""

from __future__ import annotations

import re
import subprocess
import sys

from tests.differential.judges import judge_python
from tests.docs.shown_commands import ROOT
from tests.simulate.running import for_each_release

SHOWN = re.compile(r"fllint simulate examples/hello-numpy\n```\n\n```text\n(.*?)```", re.DOTALL)
CHANGING = re.compile(r"\d+\.\d\d\d(?= +3 )|[0-9a-f]{12}|(?<=completed in ).*")
"""Seconds of a task, digests (a numpy of another build may differ in the last bit), and the last line's figures."""


@for_each_release("2.9")
def test_the_readme_shows_what_the_example_job_does(release: str) -> None:
    (shown,) = SHOWN.findall((ROOT / "README.md").read_text("utf-8"))
    command = [
        sys.executable,
        "-m",
        "fllint",
        "simulate",
        "examples/hello-numpy",
        "--python",
        str(judge_python(release)),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert CHANGING.sub("…", done.stdout) == CHANGING.sub("…", shown)
