"""A copy of this checkout's files, elsewhere, so that builds leave nothing in it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NO_NETWORK = ("No matching distribution found", "Could not find a version", "ConnectionError", "Network is unreachable")


def copy_checkout(folder: Path) -> Path:
    """Copies the files that git would commit into a new folder. Skips the test where this is no git checkout."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("SKIPPED: this is no git checkout")
    for name in listed.stdout.decode().split("\0"):
        source, target = ROOT / name, folder / name
        if name and (source.is_file() or source.is_symlink()):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target, follow_symlinks=False)
    return folder


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    """Runs a command that may need PyPI and gives its output. Skips the test when PyPI cannot be reached."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "VIRTUAL_ENV"))}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=inherited | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode and any(sign in done.stdout for sign in NO_NETWORK):
        pytest.skip(f"SKIPPED, PyPI cannot be reached: {done.stdout[-500:]}")
    assert done.returncode == 0, f"{command}\n{done.stdout[-4000:]}"
    return done.stdout
