"""fllint with the oldest and the newest dependencies that pyproject.toml allows, on several Pythons.

    python tests/packaging/bounds.py [--pythons 3.10,3.13] [--dependencies oldest,newest] [TESTS ...]

Makes an environment for each pair in a temporary folder, in a path with spaces and non-ASCII letters, installs fllint
there and runs TESTS (default: the rules, the commands and the readers of files). Needs PyPI. Pythons that this machine
does not have are said to be skipped. The exit status is 1 when an installation or a test failed.
"""

from __future__ import annotations

import argparse
import importlib
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.differential.judges import interpreters  # noqa: E402

TOML: Any = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
PYTHONS = ("3.10", "3.11", "3.12", "3.13")
TESTS = ("tests/rules", "tests/cli", "tests/documents", "tests/suppression", "tests/settings")
TOOLS = ("pytest", "pytest-xdist", "hypothesis", "jsonschema", "lxml", "omegaconf", "filelock", "pydot")


def oldest_dependencies() -> list[str]:
    """The dependencies of pyproject.toml, each at its lower bound: ``click==8.1`` for ``click>=8.1``."""
    project = TOML.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return [re.sub(r">=([\d.]+)[^;]*", r"==\1 ", requirement).strip() for requirement in project["dependencies"]]


def outcome(interpreter: str, dependencies: str, tests: list[str]) -> str:
    """The last line that pytest, or what failed before it, printed; it begins with "ok" when all is well."""
    with tempfile.TemporaryDirectory(prefix="fllint größer als sonst ") as folder:
        python = str(Path(folder, "bin", "python"))
        # One call for both, so that pip looks for tools that fit the old dependencies.
        pins = oldest_dependencies() if dependencies == "oldest" else []
        install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-e", str(ROOT)]
        steps = (
            [interpreter, "-m", "venv", folder],
            [*install, *TOOLS, *pins],
            [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests],
        )
        for step in steps:
            done = subprocess.run(
                step, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
            )
            last = (done.stdout.strip().splitlines() or ["no output"])[-1]
            if done.returncode:
                failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
                return "\n    ".join(["failed", *failed[:10], last])
    return f"ok: {last}"


def main() -> int:
    """Prints one line for each pair of a Python and a set of dependencies."""
    parser = argparse.ArgumentParser(description="Test fllint with the oldest and the newest dependencies.")
    parser.add_argument("--pythons", default=",".join(PYTHONS))
    parser.add_argument("--dependencies", default="oldest,newest")
    parser.add_argument("tests", nargs="*", default=list(TESTS))
    options = parser.parse_args()
    results = []
    for version in options.pythons.split(","):
        interpreter = next(interpreters(version), None)
        for dependencies in options.dependencies.split(","):
            result = outcome(interpreter, dependencies, options.tests) if interpreter else "SKIPPED, not here"
            print(f"Python {version}, {dependencies} dependencies: {result}", flush=True)
            results.append(result)
    return 1 if any(result.startswith("failed") for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
