"""fllint: a linter and static analyzer for NVIDIA FLARE jobs."""

from pathlib import Path

__version__ = "0.1.0"

# Installed, the rules are fllint/rules. In a checkout they are the top-level rules/ beside this package.
if not (Path(__file__).parent / "rules").is_dir():
    __path__.append(str(Path(__file__).parent.parent))
