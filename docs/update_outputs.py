"""Runs the commands that README and docs show, and puts their real outputs in.

    python docs/update_outputs.py [DOCUMENT ...]

Run it after a change of what fllint prints, and read the difference before committing it. A command that fails (exit
status 2) is said and keeps the output that it has; the exit status is 1 then.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.docs.shown_commands import DOCUMENTS, play, prepare  # noqa: E402


def main() -> int:
    """Rewrites the documents that are named, or all of them; 1 when a command failed."""
    failures = 0
    for name in sys.argv[1:] or DOCUMENTS:
        document = (ROOT / name).read_text("utf-8")
        with tempfile.TemporaryDirectory() as temporary:
            prepare(Path(temporary))
            shown, rewritten = play(document, Path(temporary))
        for each in shown:
            if each.status not in (0, 1):
                failures += 1
                print(f"{name}: exit status {each.status}: {each.command}\n{each.real}", file=sys.stderr)
        if rewritten != document:
            (ROOT / name).write_text(rewritten, "utf-8")
            print(f"{name}: rewritten")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
